"""Submissions: handed in, approved, returned with a note, withdrawn. Which step leads where stands in ``STEPS``.

A submission is its author's own: whoever drew it up fills it and hands it in, and is named as the reporter of its
values once somebody else has approved them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from handover import access, clock, ledger
from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid, NotAllowed, Refused, Stale
from handover.models import Programme, Responsibility, User
from handover.narratives import best
from handover.permissions import Permission
from indicators.actions import batches, entries, provenance, submission_checks
from indicators.actions.batches import Batch
from indicators.models import Draft, Indicator, Submission
from indicators.models.codes import SubmissionState
from indicators.queries.submissions import DraftRow, rows, sealed_drafts, submission_for, unfinished_of

S = SubmissionState
STEPS: Final[Mapping[str, tuple[frozenset[SubmissionState], SubmissionState]]] = MappingProxyType(
    {
        "submit": (frozenset({S.DRAFT, S.RETURNED}), S.SUBMITTED),
        "return": (frozenset({S.SUBMITTED}), S.RETURNED),
        "approve": (frozenset({S.SUBMITTED}), S.APPROVED),
        "withdraw": (frozenset({S.DRAFT, S.SUBMITTED, S.RETURNED}), S.WITHDRAWN),
    }
)
"""From which states a step may be taken, and where it leads."""

EDITABLE: Final = STEPS["submit"][0]
APPROVE: Final = Permission.APPROVE_VALUES


@action
def hand_on(*, by: Actor, user: User, to: User) -> None:
    """Give the submissions that are a person's alone (drafts, and those that were returned) to a colleague. What was
    handed in stays reported by whoever did.

    Raises:
        NotAllowed: the actor is no manager of the organisation, or it only reads such a programme by now.
        Invalid: whoever takes over holds no seat there.
        Stale: somebody else was quicker.
    """
    if not access.manages(by, by.organisation):
        raise NotAllowed("not_manager", f"Only a manager of {by.organisation.name} may let people leave.")
    if not access.sits(to, by.organisation):
        raise Invalid(
            "successor_unfit", f"Whoever takes over holds a seat at {by.organisation.name} now.", field="to"
        )
    found = list(unfinished_of(by, user))
    for programme in sorted({row.programme for row in found}, key=lambda each: each.pk):
        access.lock_programme(programme)
    for row in found:
        row.change(version=row.version, drafted_by=to, drafted_by_name=to.called)
        ledger.record(
            verb="submission.handed_on",
            by=by,
            programme=row.programme,
            subject=row.uuid,
            data={"title": row.title, "from": user.uuid, "author": to.called},
        )


def check_direct(indicators: Iterable[Indicator]) -> None:
    """Refuse to enter values directly where they count only once somebody approved them.

    Raises:
        NotAllowed: the first indicator that says so.
    """
    for indicator in indicators:
        if indicator.approval:
            raise NotAllowed(
                "needs_approval",
                f"Values of “{best(indicator.title)}” need somebody's approval: hand them in as a submission.",
                indicator=str(indicator.uuid),
            )


@action
def draft(*, by: Actor, programme_uuid: UUID, title: str = "") -> Submission:
    """Begin a submission. Nothing in it counts, and only the author's organisation reads it, until it is handed in.

    Raises:
        NotFound, NotAllowed: the actor reports nothing in this programme.
    """
    programme = reporter_in(by, programme_uuid)
    row = Submission(
        programme=programme,
        title=title.strip(),
        organisation=by.organisation,
        organisation_name=by.organisation.name,
        drafted_by=by.user,
        drafted_by_name=by.user.called,
        drafted_at=clock.now(),
    )
    entries.checked(row)
    row.save()
    return row


@action
def submit(*, by: Actor, submission_uuid: UUID, version: int) -> Submission:
    """Hand a submission in, again after it was returned. From now on nobody changes its rows.

    Raises:
        NotFound, NotAllowed: it is not the actor's own, or they may not report one of its indicators.
        Stale: it was changed since.
        Refused: it was handed in or closed already, a value was entered meanwhile where a row would go, or totals are
            not what their groups add up to; each is named.
        Invalid: it has no rows, or rows that may not be reported.
    """
    row = locked(by, submission_uuid, version, "submit", may=entries.REPORT)
    authored(by, row)
    found = rows(row)
    if not found:
        raise Invalid("nothing_to_submit", "The submission has no rows.", field="rows")
    entries.ask(by, row.programme, _indicators(found), may=entries.REPORT)
    submission_checks.refuse(row.programme, found, cutoff=access.reach(by, row.programme).cutoff)
    now = clock.now()
    _move(row, "submit", submitted_at=now, decided_by=None, decided_by_name="", decided_at=None)
    count, digest = sealed_drafts(row)
    _record("submission.submitted", by, row, {"count": count, "digest": digest, "submitted_at": now})
    return row


@action
def approve(*, by: Actor, submission_uuid: UUID, version: int) -> Batch:
    """Approve a submission: all its rows become values at once, reported by its author, or none does.

    Raises:
        NotFound, NotAllowed: the actor may not approve values of one of its indicators, or handed it in themselves.
        Stale: it was changed since the actor read it.
        Refused: it is not handed in, a value was entered meanwhile where a row would go, or totals are not what their
            groups add up to; each is named.
        Invalid: rows that may not be reported, as their definitions stand now.
    """
    row = locked(by, submission_uuid, version, "approve", may=APPROVE)
    _of_somebody_else(by, row)
    found = rows(row)
    indicators = _indicators(found)
    entries.ask(by, row.programme, indicators, may=APPROVE)
    # Values that are entered at the same time wait here, or are seen below.
    list(
        Indicator.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk__in=[indicator.pk for indicator in indicators])
        .order_by("pk")
    )
    found = rows(row)
    submission_checks.refuse(row.programme, found, cutoff=access.reach(by, row.programme).cutoff)
    batch = _entered(row, found, by=by)
    now = clock.now()
    _move(
        row,
        "approve",
        decided_by=by.user,
        decided_by_name=by.user.called,
        decided_at=now,
        batch=batch.uuid,
    )
    data = {
        "batch": batch.uuid,
        "count": batch.count,
        "digest": batch.digest,
        "submitted_at": row.submitted_at,
    }
    _record("submission.approved", by, row, data)
    return batch


@action
def return_(*, by: Actor, submission_uuid: UUID, version: int, note: str) -> Submission:
    """Return a submission to its author, with a note on what to change.

    Raises:
        NotFound, NotAllowed: the actor may approve none of its indicators, or handed it in themselves.
        Stale: it was changed since the actor read it.
        Refused: it is not handed in.
        Invalid: no note.
    """
    row = locked(by, submission_uuid, version, "return", may=APPROVE)
    _of_somebody_else(by, row)
    if not note.strip():
        raise Invalid("note_missing", "Say in a note what should change.", field="note")
    _ask_one(by, row)
    now = clock.now()
    _move(
        row,
        "return",
        note=note.strip(),
        decided_by=by.user,
        decided_by_name=by.user.called,
        decided_at=now,
    )
    _record("submission.returned", by, row, {"note": row.note})
    return row


@action
def withdraw(*, by: Actor, submission_uuid: UUID, version: int) -> Submission:
    """Withdraw a submission that is not approved. Its rows stay readable for the organisation that drew it up.

    Raises:
        NotFound, NotAllowed: it is another organisation's, or the actor may not report one of its indicators.
        Stale: it was changed since.
        Refused: it is approved or withdrawn already.
    """
    row = locked(by, submission_uuid, version, "withdraw", may=entries.REPORT)
    if row.organisation_id != by.organisation.pk:
        raise NotAllowed("not_yours", "Only the organisation that drew a submission up withdraws it.")
    entries.ask(by, row.programme, _indicators(rows(row)), may=entries.REPORT)
    before = row.state
    _move(row, "withdraw")
    _record("submission.withdrawn", by, row, {"was": before})
    return row


def locked(by: Actor, submission_uuid: UUID, version: int, verb: str, *, may: Permission) -> Submission:
    """Fetch a submission under its lock, for a step. The permission itself is asked of its indicators, by the caller.

    Raises:
        NotFound: it is not open to the actor.
        NotAllowed: the actor's organisation only reads.
        Stale: it has another version.
        Refused: the step cannot be taken from its state.
    """
    found = submission_for(by, submission_uuid)
    with suppress(NotAllowed):
        # For the lock on the programme, which comes first everywhere: an execution waits, or is waited for.
        access.authorise(by, found.programme_id, None, may=may)
    row = (
        Submission.objects.select_for_update(of=("self",))
        .select_related("programme", "organisation", "drafted_by")
        .filter(pk=found.pk)
        .first()
    )
    if row is None:
        raise NotAllowed("only_reads", "Your organisation only reads this programme.")
    if row.version != version:
        raise Stale("submission")
    if row.state not in STEPS[verb][0]:
        raise Refused("wrong_state", f"A submission that is {row.get_state_display()} cannot be: {verb}.")
    return row


def authored(by: Actor, row: Submission) -> None:
    """Refuse what only the author does.

    Raises:
        NotAllowed: somebody else drew it up, or the actor acts for another organisation.
    """
    if row.drafted_by_id != by.user.pk or row.organisation_id != by.organisation.pk:
        raise NotAllowed(
            "not_author", f"This submission is {row.drafted_by_name}'s: begin one in your own name."
        )


def reporter_in(by: Actor, programme_uuid: UUID) -> Programme:
    """Fetch a programme in which an actor may report something: its own, some responsibility's, or owed results.

    Raises:
        NotFound, NotAllowed: the actor may not.
    """
    programme = access.programme_for(by, programme_uuid, may=Permission.VIEW)
    try:
        return access.authorise(by, programme.pk, None, may=entries.REPORT)
    except NotAllowed:
        if Permission.REPORT_OWED in access.reach(by, programme).permissions:
            return programme
        for held in Responsibility.objects.filter(programme=programme).select_related("programme"):
            if entries.REPORT in access.permissions_on(by, held):
                return programme
        raise


def _of_somebody_else(by: Actor, row: Submission) -> None:
    if row.drafted_by_id == by.user.pk:
        raise NotAllowed("own_submission", "Nobody decides on their own submission.")


def _ask_one(by: Actor, row: Submission) -> None:
    """Ask for approving at least one of the rows: of what no single person may approve, the author is told so."""
    refusal: NotAllowed | None = None
    for indicator in _indicators(rows(row)):
        try:
            entries.ask(by, row.programme, [indicator], may=APPROVE)
        except NotAllowed as error:
            refusal = error
        else:
            return
    if refusal is not None:
        raise refusal


def _indicators(found: Iterable[DraftRow]) -> list[Indicator]:
    return list({item.draft.indicator_id: item.draft.indicator for item in found}.values())


def _move(row: Submission, verb: str, **changes: Any) -> None:
    row.change(version=row.version, state=STEPS[verb][1], **changes)


def _record(verb: str, by: Actor, row: Submission, data: Mapping[str, object]) -> None:
    said = {"title": row.title, "author": row.drafted_by_name, "organisation": row.organisation_name}
    ledger.record(verb=verb, by=by, programme=row.programme, subject=row.uuid, data={**said, **data})


def _entered(row: Submission, found: Iterable[DraftRow], *, by: Actor) -> Batch:
    """Enter the rows as one batch in the name of their author, and what they rest on."""
    batches.stage(
        [staged[name] for name in batches.STAGED]
        for staged in (_staged(line, item.draft) for line, item in enumerate(found, start=1))
    )
    provenance.note_staged()
    author = Actor(user=row.drafted_by, organisation=row.organisation, channel=by.channel)
    batch = batches.enter(row.programme, by=by, reporter=author, data={"submission": row.uuid})
    provenance.enter(row.programme, by=by)
    return batch


def _staged(line: int, row: Draft) -> dict[str, Any]:
    """Turn a draft into a row to stage: it joins the first period of its dates, as a report does."""
    return {
        **dict.fromkeys(batches.STAGED),
        "line": line,
        "indicator_id": row.indicator_id,
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "place_id": row.place_id,
        "cell": row.cell,
        "position": row.position,
        "value": row.value,
        "value_text": row.value_text,
        "numerator": row.numerator,
        "denominator": row.denominator,
        "revision": row.revision,
        "reason": row.reason,
        "source_id": row.source_id,
        **{
            name: entries.dumped(getattr(row, name))
            for name in ("dimensions", "comment", "locations", "documents", "extra")
        },
    }
