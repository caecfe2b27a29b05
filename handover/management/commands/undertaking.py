"""`handover undertaking`: what institutions promised to keep up after a handover, and what became of each year."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from handover import access
from handover.access import asking
from handover.actions import undertakings
from handover.management.base import PROGRAMME, Call, Steps, StepsCommand, Told, argument
from handover.management.finding import day, line_named, organisation_named
from handover.management.registers.reading import programme_of
from handover.management.tables import table
from handover.models import Programme, Responsibility, Undertaking
from handover.models.undertakings import Outcome, UndertakingKind
from handover.permissions import Permission
from handover.queries import undertakings as reads
from handover.queries.undertakings import Told as Promise

UNDERTAKING = argument("undertaking", metavar="UNDERTAKING", help="a part of its title, or its UUID")

steps = Steps()


class Command(StepsCommand):
    """Enter and read undertakings, and say what became of their years."""

    help = "What institutions promised to keep up after a handover, and what became of each year."
    steps = steps


@steps.add("list", PROGRAMME, reads=True)
def list_(call: Call) -> Told:
    """Tell what was promised, and where the last year of each promise is."""
    programme = access.programme_for(call.by, call["programme"], may=Permission.VIEW)
    cutoff = access.reach(call.by, programme).cutoff
    found = [reads.whole(row) for row in reads.rows(programme, cutoff=cutoff)]
    return Told(
        {"undertakings": [_document(item) for item in found]},
        [
            *table(
                ("STATE", "YEAR", "WHO", "UNDERTAKING"),
                [
                    (
                        item.state.value,
                        str(item.latest.year) if item.latest else "",
                        item.row.organisation.slug,
                        item.row.title,
                    )
                    for item in found
                ],
                empty="No undertakings are entered: `handover undertaking enter` enters one.",
            ),
        ],
    )


@steps.add(
    "enter",
    PROGRAMME,
    argument("organisation", metavar="ORGANISATION", help="who promised it: a slug"),
    argument("kind", metavar="KIND", choices=UndertakingKind.values, help=", ".join(UndertakingKind.values)),
    argument("title", metavar="TITLE"),
    argument("--from", dest="first", type=day, required=True, metavar="DATE"),
    argument("--until", dest="last", type=day, metavar="DATE", help="its last day; left out: for good"),
    argument("--quantity", metavar="NUMBER", help="how much in a year"),
    argument("--unit", default="", metavar="TEXT", help="of what: posts, places, hours a week"),
    argument("--amount", metavar="NUMBER", help="how much money in a year"),
    argument("--currency", default="", metavar="CODE"),
    argument("--promise", default="", metavar="TEXT", help="in the words of the decision"),
    argument(
        "--responsibility",
        action="append",
        default=[],
        metavar="TITLE",
        help="what depends on it; again for more",
    ),
)
def enter(call: Call) -> Told:
    """Enter what an institution promised, from a day on."""
    programme = programme_of(call)
    with asking(call.by):
        duties = list(Responsibility.objects.filter(programme=programme).order_by("title"))
    depending = [
        line_named(duties, name, field="responsibility", what="responsibility").uuid
        for name in call["responsibility"]
    ]
    row = undertakings.enter(
        by=call.by,
        programme_uuid=programme.uuid,
        responsibilities=depending,
        organisation=organisation_named(call["organisation"]),
        kind=call["kind"],
        title=call["title"],
        promise=call["promise"],
        quantity=call["quantity"],
        unit=call["unit"],
        amount=call["amount"],
        currency=call["currency"],
        starts_on=call["first"],
        ends_on=call["last"],
    )
    first = reads.due_on(row, row.starts_on.year)
    return Told(
        {"undertaking": str(row.uuid)}, [f"{row.title}: evidence of {row.starts_on.year} is due on {first}"]
    )


@steps.add(
    "say",
    PROGRAMME,
    UNDERTAKING,
    argument("year", type=int, metavar="YEAR"),
    argument("outcome", metavar="OUTCOME", choices=Outcome.values, help=", ".join(Outcome.values)),
    argument("--reason", default="", metavar="TEXT", help="needed where it was not kept"),
    argument("--quantity", metavar="NUMBER", help="how much there was"),
    argument("--amount", metavar="NUMBER", help="how much money there was"),
    argument("--file", type=Path, metavar="FILE", help="a file that shows it and names nobody"),
    argument("--link", default="", metavar="ADDRESS"),
)
def say(call: Call) -> Told:
    """Say for your organisation what became of a year."""
    row = _undertaking(call, programme_of(call))
    file: Path | None = call["file"]
    content = None if file is None else [file.read_bytes()]
    made = undertakings.say(
        by=call.by,
        undertaking_uuid=row.uuid,
        year=call["year"],
        content=content,
        filename=file.name if file else "",
        outcome=call["outcome"],
        reason=call["reason"],
        quantity=call["quantity"],
        amount=call["amount"],
        link=call["link"],
    )
    return Told({"said": str(made.uuid)}, [f"{row.title}, {made.year}: {made.get_outcome_display()}"])


def _undertaking(call: Call, programme: Programme) -> Undertaking:
    with asking(call.by):
        rows = list(reads.rows(programme))
    return line_named(rows, call["undertaking"], field="undertaking", what="undertaking")


def _document(told: Promise) -> dict[str, Any]:
    return {
        "id": str(told.row.uuid),
        "title": told.row.title,
        "kind": told.row.kind,
        "organisation": told.row.organisation.slug,
        "starts_on": str(told.row.starts_on),
        "ends_on": str(told.row.ends_on or ""),
        "state": told.state.value,
        "responsibilities": list(told.depending),
        "years": [
            {
                "year": year.year,
                "due_on": str(year.due_on),
                "state": year.state.value,
                "said": [
                    {"by": item.organisation.slug, "outcome": item.outcome, "reason": item.reason}
                    for item in ((year.own, *year.others) if year.own else year.others)
                ],
            }
            for year in told.years
        ],
    }
