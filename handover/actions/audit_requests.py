"""Requests of auditors: asked with a day, answered by the audited with words and evidence, accepted or returned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from handover import clock, ledger
from handover.access import Actor
from handover.actions import action, audits, lines
from handover.errors import Invalid, NotFound
from handover.models import AuditRequest, Evidence
from handover.models.audits import RequestState


@action
def ask(*, by: Actor, engagement_uuid: UUID, title: str, asked: str, due_on: dt.date | str) -> AuditRequest:
    """Ask the audited for something, until a day.

    Raises:
        NotFound, NotAllowed: the actor does not keep this audit.
        Invalid: the audit is not open, or a field is wrong.
    """
    engagement = audits.found(engagement_uuid)
    audits.audits(by, engagement)
    given = lines.filled(
        AuditRequest, engagement.programme, {"title": title, "asked": asked, "due_on": due_on}
    )
    row = AuditRequest(programme=engagement.programme, engagement=engagement, **given)
    lines.cleaned(row)
    lines.checked(row)
    row.save()
    _record(by, row, "audit.asked", {"title": row.title, "due_on": row.due_on})
    return row


@action
def answer(
    *, by: Actor, request_uuid: UUID, version: int, answer: str, evidence: Sequence[UUID] = ()
) -> AuditRequest:
    """Answer a request, with evidence that the programme holds.

    Raises:
        NotFound, NotAllowed: the actor does not answer for the audited.
        Stale: somebody else was quicker.
        Invalid: it is answered already, no words, or no such evidence.
    """
    row = _request(request_uuid)
    audits.answers(by, row.engagement)
    _is(row, RequestState.OPEN, RequestState.RETURNED)
    if not answer.strip():
        raise Invalid("answer_missing", "Say what the answer is.", field="answer")
    keys = list(dict.fromkeys(evidence))
    there = set(
        Evidence.objects.filter(programme=row.programme, uuid__in=keys).values_list("uuid", flat=True)
    )
    missing = [key for key in keys if key not in there]
    if missing:
        raise Invalid("unknown_evidence", f"This programme holds no evidence {missing[0]}.", field="evidence")
    row.change(
        version=version,
        answer=answer,
        evidence_uuids=[str(key) for key in keys],
        answered_by_name=by.user.called,
        answered_at=clock.now(),
        state=RequestState.ANSWERED,
    )
    _record(by, row, "audit.answered", {"answer": answer, "evidence": keys})
    return row


@action
def accept(*, by: Actor, request_uuid: UUID, version: int) -> AuditRequest:
    """Take an answer as enough.

    Raises:
        NotFound, NotAllowed: the actor does not keep this audit.
        Stale: somebody else was quicker.
        Invalid: the audit is not open, or there is no answer.
    """
    row = _request(request_uuid)
    audits.audits(by, row.engagement)
    _is(row, RequestState.ANSWERED)
    row.change(version=version, state=RequestState.ACCEPTED)
    _record(by, row, "audit.answer_accepted", {})
    return row


@action
def send_back(
    *, by: Actor, request_uuid: UUID, version: int, reason: str, due_on: dt.date | str | None = None
) -> AuditRequest:
    """Ask for more, with a reason, and by a new day if one is said.

    Raises:
        NotFound, NotAllowed: the actor does not keep this audit.
        Stale: somebody else was quicker.
        Invalid: the audit is not open, there is no answer, or no reason.
    """
    row = _request(request_uuid)
    audits.audits(by, row.engagement)
    _is(row, RequestState.ANSWERED)
    if not reason.strip():
        raise Invalid("reason_missing", "Say what is missing.", field="reason")
    changes = {"remark": reason, "due_on": due_on} if due_on is not None else {"remark": reason}
    lines.rewritten(row, row.programme, changes)
    row.change(version=version, remark=reason, due_on=row.due_on, state=RequestState.RETURNED)
    _record(by, row, "audit.answer_returned", {"reason": reason, "due_on": row.due_on})
    return row


def _request(key: UUID) -> AuditRequest:
    row = (
        AuditRequest.objects.select_related("programme", "engagement__programme", "engagement__auditor")
        .filter(uuid=key)
        .order_by("id")
        .first()
    )
    if row is None:
        raise NotFound("request of an audit")
    return row


def _is(row: AuditRequest, *states: RequestState) -> None:
    if row.state not in states:
        raise Invalid("request_state", f"“{row}” is {row.get_state_display()}: this cannot be done now.")


def _record(by: Actor, row: AuditRequest, verb: str, data: dict[str, object]) -> None:
    ledger.record(
        verb=verb,
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={"engagement": row.engagement.uuid, **data},
    )
