"""Sustainability checks: planned at a handover, moved or dropped with a reason, looked at by each, held once."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from handover import access, clock, ledger
from handover.access import Actor
from handover.actions import action, lines
from handover.canonical import canonical, text_digest
from handover.errors import Invalid, NotFound, Refused
from handover.models import CheckWord, SustainabilityCheck, Transfer
from handover.models.checks import CheckState, Found, LookedAt
from handover.models.transfers import TransferState
from handover.permissions import Permission, StandingKind
from handover.queries import checks as reads

MAY: Final = Permission.EDIT_PROGRAMME
LOOKS: Final = Permission.ADD_EVIDENCE
LATEST: Final = 600
"""Months after a handover after which nobody plans a check."""


@action
def plan(
    *, by: Actor, transfer_uuid: UUID, months: Sequence[int] = reads.MONTHS
) -> list[SustainabilityCheck]:
    """Plan checks after an executed handover; one that is there already stays as it is.

    Args:
        months: after how many months, each from 1 to ``LATEST``.

    Raises:
        NotFound, NotAllowed: there is no such transfer, or the actor may not edit its programme.
        Invalid: a number of months that cannot be, or that there are already.
        Refused: the transfer was not executed, or was given back.
    """
    transfer = _transfer(by, transfer_uuid)
    if transfer.state != TransferState.EXECUTED or transfer.reverses_id is not None:
        raise Refused(
            "wrong_state", "Checks follow a handover: this transfer was not executed, or was given back."
        )
    wrong = [number for number in months if not 1 <= number <= LATEST]
    if wrong or not months:
        raise Invalid("months_out_of_range", f"A check follows after 1 to {LATEST} months.", field="months")
    lines.one_at_a_time(transfer.programme, "checks")
    made = planned(transfer, months)
    if not made:
        raise Invalid("checks_planned", "These checks are planned already.", field="months")
    _record(by, transfer, made)
    return made


def plan_after(by: Actor, transfer: Transfer) -> None:
    """Plan the usual checks after the lead of a programme was handed over. For its execution alone."""
    _record(by, transfer, planned(transfer, reads.MONTHS))


def planned(transfer: Transfer, months: Iterable[int]) -> list[SustainabilityCheck]:
    """Write the checks of a transfer that are not there yet."""
    there = set(SustainabilityCheck.objects.filter(transfer=transfer).values_list("months", flat=True))
    since = reads.first_day(transfer)
    made = [
        SustainabilityCheck(
            programme=transfer.programme, transfer=transfer, months=number, due_on=_after(since, number)
        )
        for number in sorted(set(months) - there)
    ]
    SustainabilityCheck.objects.bulk_create(made)
    return made


@action
def move(*, by: Actor, check_uuid: UUID, version: int, due_on: dt.date) -> SustainabilityCheck:
    """Move a planned check to another day.

    Raises:
        NotFound, NotAllowed: there is no such check, or the actor may not edit its programme.
        Stale: somebody else was quicker.
        Invalid: a day before the handover, or the same one.
        Refused: it is held or dropped.
    """
    row = _planned(by, check_uuid, may=MAY)
    if due_on <= reads.first_day(row.transfer) or due_on.year not in lines.YEARS:
        raise Invalid("before_handover", "A check follows the handover: choose a later day.", field="due_on")
    if due_on == row.due_on:
        raise Invalid("nothing_changed", "It is planned for this day already.", field="due_on")
    before = row.due_on
    row.change(version=version, due_on=due_on)
    _say(by, row, "check.moved", {"before": before, "after": due_on})
    return row


@action
def drop(*, by: Actor, check_uuid: UUID, version: int, reason: str) -> SustainabilityCheck:
    """Drop a planned check, with a reason that stays to be read.

    Raises:
        NotFound, NotAllowed: there is no such check, or the actor may not edit its programme.
        Stale: somebody else was quicker.
        Invalid: there is no reason.
        Refused: it is held or dropped.
    """
    row = _planned(by, check_uuid, may=MAY)
    if not reason.strip():
        raise Invalid("reason_needed", "Say why this check is dropped.", field="reason")
    row.change(version=version, state=CheckState.DROPPED, remark=reason.strip())
    _say(by, row, "check.dropped", {"due_on": row.due_on, "reason": row.remark})
    return row


@action
def look(
    *,
    by: Actor,
    check_uuid: UUID,
    part: str,
    found: str,
    counted: int | None = None,
    expected: int | None = None,
    remark: str = "",
) -> CheckWord:
    """Say for one's organisation what one found by looking; saying it again changes one's own words.

    Args:
        part: a ``LookedAt``. Of the community's voice only the community itself speaks.
        counted: so many were there, of ``expected``.

    Raises:
        NotFound, NotAllowed: there is no such check, or the actor may not add evidence to its programme.
        Invalid: no such part, no reason where it does not hold, counts that do not fit, or a voice that is not the
            community's.
        Refused: the check is not open yet, or it is over.
    """
    row = _planned(by, check_uuid, may=LOOKS)
    _is_open(row)
    if part == LookedAt.VOICE and StandingKind.COMMUNITY not in access.reach(by, row.programme).standings:
        raise Invalid(
            "not_the_community", "Of the community’s voice the community itself speaks.", field="part"
        )
    said = lines.filled(
        CheckWord,
        row.programme,
        {"part": part, "found": found, "counted": counted, "expected": expected, "remark": remark.strip()},
    )
    lines.one_at_a_time(row.programme, "checks")
    there = CheckWord.objects.filter(check_of=row, part=part, organisation=by.organisation).first()
    made = there or CheckWord(programme=row.programme, check_of=row, organisation=by.organisation)
    before = lines.facts(there, ("found", "counted", "expected", "remark")) if there else None
    for name, value in {**said, "said_at": clock.now()}.items():
        setattr(made, name, value)
    lines.cleaned(made)
    _fits(made)
    if there:
        there.change(version=there.version, **{name: getattr(made, name) for name in (*said, "said_at")})
    else:
        made.save()
    after = lines.facts(made, ("found", "counted", "expected", "remark"))
    _say(by, row, "check.looked", {"part": part, "before": before, "after": after})
    return made


@action
def hold(*, by: Actor, check_uuid: UUID, version: int, remark: str = "") -> SustainabilityCheck:
    """Hold a check: what every part says today is worked out, kept for good with its digest, and recorded.

    Raises:
        NotFound, NotAllowed: there is no such check, or the actor may not edit its programme.
        Stale: somebody else was quicker.
        Refused: it is not open yet, or it is over.
    """
    row = _planned(by, check_uuid, may=MAY)
    _is_open(row)
    result = reads.today_says(row).as_json()
    digest = text_digest(canonical(result))
    row.change(
        version=version,
        state=CheckState.HELD,
        held_at=clock.now(),
        organisation=by.organisation,
        remark=remark.strip(),
        score=result["score"],
        result=result,
        digest=digest,
    )
    _say(
        by,
        row,
        "check.held",
        {
            "due_on": row.due_on,
            "score": result["score"],
            "parts": {part["part"]: part["score"] for part in result["parts"]},
            "digest": digest,
        },
    )
    return row


def _fits(made: CheckWord) -> None:
    """Check what the columns of a word say together."""
    if made.found != Found.HOLDS and not made.remark.strip():
        raise Invalid("reason_needed", "Say what you found, and how you know.", field="remark")
    if (made.counted is None) != (made.expected is None) or made.expected == 0:
        raise Invalid("counts_incomplete", "Give both counts, or none: so many of so many.", field="expected")


def _is_open(row: SustainabilityCheck) -> None:
    if clock.today() < reads.opens_on(row):
        raise Refused(
            "check_not_open",
            f"This check is due on {row.due_on:%d %B %Y}: it opens on {reads.opens_on(row):%d %B %Y}.",
        )


def _after(day: dt.date, months: int) -> dt.date:
    """Give the same day of the month so many months later; a day that it does not have is its last one."""
    years, month = divmod(day.month - 1 + months, 12)
    last = calendar.monthrange(day.year + years, month + 1)[1]
    return dt.date(day.year + years, month + 1, min(day.day, last))


def _record(by: Actor, transfer: Transfer, made: Sequence[SustainabilityCheck]) -> None:
    ledger.record(
        verb="check.planned",
        by=by,
        programme=transfer.programme,
        subject=transfer.uuid,
        data={"checks": {str(row.uuid): row.due_on for row in made}},
    )


def _say(by: Actor, row: SustainabilityCheck, verb: str, data: dict[str, Any]) -> None:
    ledger.record(
        verb=verb, by=by, programme=row.programme, subject=row.uuid, data={"months": row.months, **data}
    )


def _transfer(by: Actor, key: UUID) -> Transfer:
    found = Transfer.objects.select_related("programme").filter(uuid=key).order_by("id").first()
    if found is None:
        raise NotFound("transfer")
    access.authorise(by, found.programme_id, None, may=MAY)
    return found


def _planned(by: Actor, key: UUID, *, may: Permission) -> SustainabilityCheck:
    found = (
        SustainabilityCheck.objects.select_related("programme", "transfer__programme")
        .prefetch_related("words__organisation")
        .filter(reads.counts(), uuid=key)
        .order_by("id")
        .first()
    )
    if found is None:
        raise NotFound("check")
    access.authorise(by, found.programme_id, None, may=may)
    if found.state != CheckState.PLANNED:
        raise Refused("check_over", f"This check is {found.get_state_display()} already.")
    return found
