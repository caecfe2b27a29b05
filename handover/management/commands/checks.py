"""`handover checks`: whether what was handed over still stands: due when, says what today, held by whom."""

from __future__ import annotations

from typing import Any

from handover import access, clock
from handover.access import asking
from handover.actions import checks
from handover.errors import Invalid
from handover.management.base import PROGRAMME, Call, Steps, StepsCommand, Told, argument
from handover.management.finding import day, line_named
from handover.management.registers.reading import programme_of
from handover.management.tables import table
from handover.models import Programme, SustainabilityCheck, Transfer
from handover.models.checks import Found, LookedAt
from handover.models.transfers import TransferState
from handover.narratives import best
from handover.permissions import Permission
from handover.queries import checks as reads
from handover.queries.sustained import Figure, Stands, Verdict, Warned

MONTHS = argument("months", type=int, metavar="MONTHS", help="the check so many months after the handover")

steps = Steps()


class Command(StepsCommand):
    """Plan, read, move, drop and hold sustainability checks."""

    help = "Sustainability checks after a handover: what still stands, what warns, what was found."
    steps = steps


@steps.add("list", PROGRAMME, reads=True)
def list_(call: Call) -> Told:
    """Tell a programme's checks with their days, and what those that were held found."""
    programme = access.programme_for(call.by, call["programme"], may=Permission.VIEW)
    found = reads.watched(programme, cutoff=access.reach(call.by, programme).cutoff)
    return Told(
        {
            "checks": [
                {
                    "id": str(row.uuid),
                    "months": row.months,
                    "due_on": str(row.due_on),
                    "state": reads.state_of(row, found.today).value,
                    "result": row.result,
                    "remark": row.remark,
                }
                for row in found.checks
            ]
        },
        [
            *table(
                ("MONTHS", "DUE", "STATE", "SCORE", "KNOWN"),
                [
                    (
                        f"+{row.months}",
                        str(row.due_on),
                        reads.state_of(row, found.today).value,
                        str(row.score) if row.score is not None else "",
                        f"{row.result['known']} of {row.result['of']}" if row.result else "",
                    )
                    for row in found.checks
                ],
                empty="No checks are planned: they follow a handover.",
            ),
        ],
    )


@steps.add("today", PROGRAMME, MONTHS, reads=True)
def today(call: Call) -> Told:
    """Tell what a check would say today, part by part, and what warns."""
    programme = access.programme_for(call.by, call["programme"], may=Permission.VIEW)
    cutoff = access.reach(call.by, programme).cutoff
    row = _among(list(reads.rows(programme, cutoff=cutoff)), call["months"])
    told = reads.today_says(row, cutoff=cutoff)
    return Told(told.as_json(), [*_parts(told), *(_warning(item) for item in told.warnings)])


@steps.add(
    "plan",
    PROGRAMME,
    argument("transfer", metavar="TRANSFER", help="a handover: a part of its title, or its UUID"),
    argument("months", type=int, nargs="*", metavar="MONTHS", help="left out: 6, 12, 24, 36, 48 and 60"),
)
def plan(call: Call) -> Told:
    """Plan checks after a handover; one that is there already stays as it is."""
    programme = programme_of(call)
    with asking(call.by):
        rows = list(Transfer.objects.filter(programme=programme, state=TransferState.EXECUTED).order_by("id"))
    transfer = line_named(rows, call["transfer"], field="transfer", what="executed transfer")
    made = checks.plan(by=call.by, transfer_uuid=transfer.uuid, months=call["months"] or reads.MONTHS)
    return Told(
        {"planned": {str(row.uuid): str(row.due_on) for row in made}},
        [f"+{row.months}: due on {row.due_on}" for row in made],
    )


@steps.add(
    "look",
    PROGRAMME,
    MONTHS,
    argument("part", metavar="PART", choices=LookedAt.values, help=", ".join(LookedAt.values)),
    argument("found", metavar="FOUND", choices=Found.values, help=", ".join(Found.values)),
    argument("--counted", type=int, metavar="NUMBER", help="so many were there"),
    argument("--expected", type=int, metavar="NUMBER", help="of so many"),
    argument("--remark", default="", metavar="TEXT", help="how you know; needed where it does not hold"),
)
def look(call: Call) -> Told:
    """Say for your organisation what you found by looking."""
    row = _check(call, programme_of(call))
    made = checks.look(
        by=call.by,
        check_uuid=row.uuid,
        part=call["part"],
        found=call["found"],
        counted=call["counted"],
        expected=call["expected"],
        remark=call["remark"],
    )
    return Told({"word": str(made.uuid)}, [f"{made.get_part_display()}: {made.get_found_display()}"])


@steps.add("move", PROGRAMME, MONTHS, argument("due_on", type=day, metavar="DATE"))
def move(call: Call) -> Told:
    """Move a check to another day."""
    row = _check(call, programme_of(call))
    moved = checks.move(by=call.by, check_uuid=row.uuid, version=row.version, due_on=call["due_on"])
    return Told({"check": str(moved.uuid)}, [f"+{moved.months}: due on {moved.due_on}"])


@steps.add("drop", PROGRAMME, MONTHS, argument("--reason", required=True, metavar="TEXT"))
def drop(call: Call) -> Told:
    """Drop a check, with a reason that stays to be read."""
    row = _check(call, programme_of(call))
    dropped = checks.drop(by=call.by, check_uuid=row.uuid, version=row.version, reason=call["reason"])
    return Told({"check": str(dropped.uuid)}, [f"+{dropped.months}: dropped"])


@steps.add(
    "hold", PROGRAMME, MONTHS, argument("--remark", default="", metavar="TEXT", help="what follows from it")
)
def hold(call: Call) -> Told:
    """Hold a check: what every part says today is kept for good, with its digest."""
    row = _check(call, programme_of(call))
    held = checks.hold(by=call.by, check_uuid=row.uuid, version=row.version, remark=call["remark"])
    result: dict[str, Any] = held.result
    score = f"{result['score']} of 100" if result["score"] else "no score"
    return Told(
        {"check": str(held.uuid), "result": result, "digest": held.digest},
        [
            f"+{held.months}: {score}, {result['known']} of {result['of']} parts known",
            f"digest {held.digest}",
        ],
    )


def _check(call: Call, programme: Programme) -> SustainabilityCheck:
    with asking(call.by):
        rows = list(reads.rows(programme))
    return _among(rows, call["months"])


def _among(rows: list[SustainabilityCheck], months: int) -> SustainabilityCheck:
    found = [row for row in rows if row.months == months]
    if not found:
        there = ", ".join(f"+{row.months}" for row in rows) or "none"
        raise Invalid(
            "unknown_check",
            f"There is no check {months} months after the handover; there are: {there}.",
            field="months",
        )
    return found[0]


def _parts(told: Verdict) -> list[str]:
    score = f"{told.score} of 100" if told.score is not None else "no score"
    lines = [f"{score}, {told.known} of {len(told.parts)} parts known on {clock.today()}"]
    for part in told.parts:
        lines.append(f"{part.part.value}: {part.score if part.score is not None else 'not known'}")
        lines += [f"  {_figure(figure)}" for figure in part.figures]
    return lines


def _figure(figure: Figure) -> str:
    numbers = f"{_number(figure.before)} → {_number(figure.now)} {figure.unit}".strip()
    why = f" ({figure.why.replace('_', ' ')})" if figure.stands is Stands.UNKNOWN and figure.why else ""
    return f"{figure.stands.value:8}{figure.said or best(figure.title) or 'all of it'}: {numbers}{why}"


def _number(value: object) -> str:
    return "–" if value is None else f"{value:f}"


def _warning(item: Warned) -> str:
    where = f"{_number(item.now)} now, floor {_number(item.floor)} {item.unit}".strip()
    when = f", meets it about {item.crosses_on}" if item.crosses_on else ""
    return f"warning, {item.warns.value.replace('_', ' ')}: {best(item.title)}: {where}{when}"
