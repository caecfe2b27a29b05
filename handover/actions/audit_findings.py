"""Findings: drafted, shared, replied to, followed up, and closed by two people."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from handover import clock, ledger
from handover.access import Actor
from handover.actions import action, audits, lines
from handover.canonical import canonical
from handover.errors import Invalid, NotAllowed, NotFound
from handover.models import AuditFinding
from handover.models.audits import FindingState

SAID: Final = (
    "title", "severity", "criterion", "condition", "cause", "effect", "affected_amount", "currency", "irregularity",
    "correction_rate", "correction_amount", "debtor", "recovery", "recommendation", "due_on",
)  # fmt: skip
"""What the auditors say of a finding."""
AFTERWARDS: Final = ("correction_rate", "correction_amount", "currency", "debtor", "recovery", "due_on")
"""What a follow-up may change of a finding."""


@action
def draft(*, by: Actor, engagement_uuid: UUID, **fields: Any) -> AuditFinding:
    """Draft a finding, which is its auditors' alone until they share it. ``fields`` are ``SAID``.

    Raises:
        NotFound, NotAllowed: the actor does not keep this audit.
        Invalid: the audit is not open, or a field is wrong.
    """
    engagement = audits.found(engagement_uuid)
    audits.audits(by, engagement)
    given = lines.filled(AuditFinding, engagement.programme, _known(fields, SAID))
    row = AuditFinding(programme=engagement.programme, engagement=engagement, **given)
    _checked(row)
    row.save()
    # The ledger is everybody's: of a draft it keeps the digest alone.
    _record(by, row, "audit.finding_drafted", {"digest": _digest(row)})
    return row


@action
def edit(*, by: Actor, finding_uuid: UUID, version: int, **changes: Any) -> AuditFinding:
    """Change a draft.

    Raises:
        NotFound, NotAllowed: there is no such finding for the actor.
        Stale: somebody else was quicker.
        Invalid: it was shared already, a field is wrong, or nothing would change.
    """
    row = _finding(by, finding_uuid)
    audits.audits(by, row.engagement)
    _is(row, FindingState.DRAFT)
    changed = lines.rewritten(row, row.programme, _known(changes, SAID))
    _checked(row)
    row.change(version=version, **{name: getattr(row, name) for name in changed.after})
    _record(by, row, "audit.draft_edited", {"digest": _digest(row)})
    return row


@action
def share(*, by: Actor, finding_uuid: UUID, version: int) -> AuditFinding:
    """Share a finding with the audited; from now on it stands as it is.

    Raises:
        NotFound, NotAllowed: there is no such finding for the actor.
        Stale: somebody else was quicker.
        Invalid: the audit is not open, or it was shared already.
    """
    row = _finding(by, finding_uuid)
    audits.audits(by, row.engagement)
    _is(row, FindingState.DRAFT)
    row.change(version=version, state=FindingState.SHARED)
    _record(by, row, "audit.finding_shared", {**lines.facts(row, SAID), "digest": _digest(row)})
    return row


@action
def reply(*, by: Actor, finding_uuid: UUID, version: int, reply: str) -> AuditFinding:
    """Reply for the audited side. A later reply takes the place of an earlier one, which the ledger keeps.

    Raises:
        NotFound, NotAllowed: the actor does not answer for the audited.
        Stale: somebody else was quicker.
        Invalid: it is closed, or no words.
    """
    row = _finding(by, finding_uuid)
    audits.answers(by, row.engagement)
    _is(row, FindingState.SHARED, FindingState.REPLIED, FindingState.FOLLOWED_UP)
    _said(reply, "reply")
    row.change(
        version=version,
        reply=reply,
        replied_by_name=by.user.called,
        replied_at=clock.now(),
        state=FindingState.REPLIED,
    )
    _record(by, row, "audit.finding_replied", {"reply": reply})
    return row


@action
def follow_up(*, by: Actor, finding_uuid: UUID, version: int, text: str, **changes: Any) -> AuditFinding:
    """Say what became of a finding, and where its money is. ``changes`` are ``AFTERWARDS``.

    Raises:
        NotFound, NotAllowed: the actor is not of the auditing side; after the end that is the authority that opened it.
        Stale: somebody else was quicker.
        Invalid: it was not shared, or is closed; no words, or a field is wrong.
    """
    row = _finding(by, finding_uuid)
    audits.audits(by, row.engagement, afterwards=True)
    _is(row, FindingState.SHARED, FindingState.REPLIED, FindingState.FOLLOWED_UP, FindingState.CLOSING)
    _said(text, "text")
    given = lines.filled(AuditFinding, row.programme, _known(changes, AFTERWARDS))
    for name, value in given.items():
        setattr(row, name, value)
    _checked(row)
    row.change(
        version=version,
        follow_up=text,
        state=FindingState.FOLLOWED_UP,
        closure_proposed_by=None,
        closure_reason="",
        **{name: getattr(row, name) for name in given},
    )
    _record(by, row, "audit.finding_followed_up", {"text": text, **lines.facts(row, given)})
    return row


@action
def propose_closure(*, by: Actor, finding_uuid: UUID, version: int, reason: str) -> AuditFinding:
    """Propose that a finding is closed: the first of two people.

    Raises:
        NotFound, NotAllowed: as for following up.
        Stale: somebody else was quicker.
        Invalid: it was not shared, is proposed or closed already, or no reason.
    """
    row = _finding(by, finding_uuid)
    audits.audits(by, row.engagement, afterwards=True)
    _is(row, FindingState.SHARED, FindingState.REPLIED, FindingState.FOLLOWED_UP)
    _said(reason, "reason")
    row.change(
        version=version, closure_reason=reason, closure_proposed_by=by.user, state=FindingState.CLOSING
    )
    _record(by, row, "audit.closure_proposed", {"reason": reason})
    return row


@action
def close(*, by: Actor, finding_uuid: UUID, version: int) -> AuditFinding:
    """Close a finding: the second of two people of the auditing side.

    Raises:
        NotFound, NotAllowed: as for following up; or the actor proposed it.
        Stale: somebody else was quicker.
        Invalid: nobody proposed it.
    """
    row = _finding(by, finding_uuid)
    audits.audits(by, row.engagement, afterwards=True)
    _is(row, FindingState.CLOSING)
    if row.closure_proposed_by_id == by.user.pk:
        raise NotAllowed("second_person", "Somebody else of the auditing side closes what you proposed.")
    row.change(version=version, state=FindingState.CLOSED, closed_by=by.user, closed_at=clock.now())
    _record(by, row, "audit.finding_closed", {"reason": row.closure_reason})
    return row


def _checked(row: AuditFinding) -> None:
    lines.cleaned(row)
    lines.checked(row)
    for name in ("affected_amount", "correction_amount"):
        amount = getattr(row, name)
        if amount is not None and amount < 0:
            raise Invalid("negative_amount", f"An amount of “{row}” is below zero.", field=name)
        if amount is not None and not row.currency:
            raise Invalid("currency_missing", f"“{row}” has an amount in no currency.", field="currency")
    if row.correction_rate is not None and not 0 <= row.correction_rate <= 100:
        raise Invalid("rate_out_of_range", "A correction is from 0 to 100 %.", field="correction_rate")


def _digest(row: AuditFinding) -> str:
    return hashlib.sha256(canonical(lines.facts(row, SAID)).encode()).hexdigest()


def _known(given: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    unknown = sorted(set(given) - set(names))
    if unknown:
        raise Invalid("unknown_field", f"There is no field “{unknown[0]}”.", field=unknown[0])
    return given


def _finding(by: Actor, key: UUID) -> AuditFinding:
    row = (
        AuditFinding.objects.select_related(
            "programme", "engagement__programme", "engagement__auditor", "engagement__opened_by", "debtor"
        )
        .filter(uuid=key)
        .order_by("id")
        .first()
    )
    # Somebody else's draft is not there.
    if row is None or (row.state == FindingState.DRAFT and row.engagement.auditor_id != by.organisation.pk):
        raise NotFound("finding")
    return row


def _is(row: AuditFinding, *states: FindingState) -> None:
    if row.state not in states:
        raise Invalid("finding_state", f"“{row}” is {row.get_state_display()}: this cannot be done now.")


def _said(text: str, field: str) -> None:
    if not text.strip():
        raise Invalid("words_missing", "Say it in words.", field=field)


def _record(by: Actor, row: AuditFinding, verb: str, data: dict[str, object]) -> None:
    ledger.record(
        verb=verb,
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={"engagement": row.engagement.uuid, **data},
    )
