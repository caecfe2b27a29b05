"""`handover budget`: budget lines in their stages, the curve from grant to municipality, calendar and request."""

from __future__ import annotations

from pathlib import Path

from handover import access, clock
from handover.access import asking
from handover.actions import budgets, registers
from handover.errors import Invalid
from handover.exchange.budget_request import csv_file, workbook
from handover.management.base import PROGRAMME, Call, Steps, StepsCommand, Told, argument
from handover.management.files import write_whole
from handover.management.finding import day, line_named, organisation_named, responsibility_named
from handover.management.registers.reading import programme_of, rows_of
from handover.management.registers.showing import (
    calendar_document,
    curve_document,
    document,
    request_document,
    request_lines,
    summary,
)
from handover.management.tables import table
from handover.models import BudgetLine, BudgetStep, LegalAct
from handover.models.budgets import BudgetStage
from handover.models.registers import Source
from handover.permissions import Permission
from handover.queries import budget_calendar, budget_request
from handover.queries import budgets as reads

ORGANISATION = argument("whose", metavar="ORGANISATION", help="whose council's calendar: a slug")
YEAR = argument("year", type=int, metavar="YEAR", help="the budget year")
CURRENCY = argument("--currency", default="", metavar="CODE", help="of the sums; the commonest of the lines")
LEGAL_ACT = argument("--legal-act", metavar="NUMBER", help="the act that it rests on")
DECIDED = argument("--decided-on", type=day, metavar="DATE")

steps = Steps()


class Command(StepsCommand):
    """Plan and follow budgets."""

    help = (
        "Budget lines in their stages; the curve from grant to municipality; calendar and request of a year."
    )
    steps = steps


@steps.add("curve", PROGRAMME, CURRENCY, reads=True)
def curve(call: Call) -> Told:
    """Show who pays, year by year, and how sure it is."""
    programme = access.programme_for(call.by, call["programme"], may=Permission.VIEW)
    found = reads.curve(programme, call["currency"])
    lines = [*reads.lines(programme, call["currency"])]
    marks = ", ".join(f"{mark} {source.label}" for source, mark in reads.MARKS.items())
    return Told(curve_document(found), [*lines, f"({marks})"] if lines else ["No budget line is entered."])


@steps.add("calendar", PROGRAMME, ORGANISATION, YEAR, reads=True)
def calendar(call: Call) -> Told:
    """Count a council's calendar back from a budget year: what is due when, and what is late."""
    programme = access.programme_for(call.by, call["programme"], may=Permission.VIEW)
    whose = organisation_named(call["whose"])
    found = budget_calendar.calendar(programme, whose, call["year"])
    empty = f"{whose.name} has no budget calendar here: `handover budget steps` takes one over or adds steps."
    lines = [*budget_calendar.lines(found, clock.today())] or [empty]
    return Told({"organisation": whose.slug, "year": call["year"], "steps": calendar_document(found)}, lines)


@steps.add(
    "request",
    PROGRAMME,
    YEAR,
    argument("--of", dest="whose", metavar="ORGANISATION", help="only what it holds or is to take over"),
    CURRENCY,
    argument("--csv", type=Path, metavar="FILE", help="write it there as CSV"),
    argument("--xlsx", type=Path, metavar="FILE", help="write it there as a workbook"),
    argument("--force", action="store_true", help="replace what is there"),
    reads=True,
)
def request(call: Call) -> Told:
    """Draw up a year's budget request: what each responsibility costs, who is asked, what the grant paid before."""
    programme = access.programme_for(call.by, call["programme"], may=Permission.VIEW)
    found = budget_request.request(
        programme,
        call["year"],
        organisation=organisation_named(call["whose"]) if call["whose"] else None,
        currency=call["currency"],
    )
    targets: list[Path] = [path for path in (call["csv"], call["xlsx"]) if path is not None]
    for path in targets:
        if path.exists() and not call["force"]:
            raise Invalid(
                "file_exists", f"{path} is there already: name another file, or give --force.", field="out"
            )
    if call["csv"] is not None:
        write_whole(call["csv"], csv_file(found))
    if call["xlsx"] is not None:
        write_whole(call["xlsx"], workbook(found, instant=clock.now()))
    lines = [f"{path}: {len(found.rows)} rows" for path in targets]
    return Told(
        {**request_document(found), "files": [str(path) for path in targets]},
        lines or [*request_lines(found)],
    )


@steps.add(
    "enter",
    PROGRAMME,
    argument("responsibility", metavar="RESPONSIBILITY", help="UUID, or a part of its title"),
    argument("title", metavar="TITLE"),
    argument("--year", required=True, type=int),
    argument("--source", required=True, choices=Source.values),
    argument("--amount", required=True, metavar="NUMBER"),
    argument("--currency", required=True, metavar="CODE"),
    argument("--stage", choices=BudgetStage.values, default=BudgetStage.ESTIMATE.value),
    argument("--classification", default="", metavar="CODE"),
    DECIDED,
    LEGAL_ACT,
)
def enter(call: Call) -> Told:
    """Enter a budget line of a responsibility that your organisation holds."""
    programme = programme_of(call)
    with asking(call.by):
        responsibility = responsibility_named(programme, call["responsibility"])
    made = registers.enter(
        by=call.by,
        register=BudgetLine,
        responsibility_uuid=responsibility.uuid,
        legal_act=_act(call),
        **{
            name: call[name]
            for name in (
                "title",
                "year",
                "source",
                "amount",
                "currency",
                "stage",
                "classification",
                "decided_on",
            )
        },
    )
    return _entered(made)


@steps.add(
    "stage",
    PROGRAMME,
    argument("line", metavar="LINE", help="UUID or its first characters"),
    argument("stage", metavar="STAGE", choices=BudgetStage.values, help=", ".join(BudgetStage.values)),
    argument("--amount", metavar="NUMBER", help="asked, decided or spent; what stands so far if left out"),
    argument("--currency", default="", metavar="CODE", help="what stands so far if left out"),
    DECIDED,
    LEGAL_ACT,
)
def stage(call: Call) -> Told:
    """Enter the next stage of a line: requested, adopted, revised, executed. The stages before stay."""
    programme = programme_of(call)
    with asking(call.by):
        line = line_named(rows_of(programme, BudgetLine), call["line"], field="line", what="budget line")
    made = budgets.stage(
        by=call.by,
        line_uuid=line.uuid,
        stage=call["stage"],
        amount=call["amount"],
        currency=call["currency"],
        decided_on=call["decided_on"],
        legal_act=_act(call),
    )
    return _entered(made)


def _entered(made: BudgetLine) -> Told:
    return Told({"line": document(made)}, [f"Entered: {made.title}, {summary(made)}.", f"  line {made.uuid}"])


def _act(call: Call) -> LegalAct | None:
    if not call["legal_act"]:
        return None
    programme = programme_of(call)
    with asking(call.by):
        rows = LegalAct.objects.filter(programme=programme).order_by("id")
        same = list(rows.filter(number=call["legal_act"]))
        return (
            same[0]
            if len(same) == 1
            else line_named(list(rows), call["legal_act"], field="legal_act", what="act")
        )


@steps.add(
    "rate",
    PROGRAMME,
    argument("currency", metavar="CODE"),
    argument("into", metavar="CODE"),
    argument("rate", metavar="RATE", help="how many units of the second one unit of the first is"),
    argument("--since", required=True, type=day, metavar="DATE"),
    argument("--source", required=True, metavar="TEXT", help="who says so"),
)
def rate(call: Call) -> Told:
    """Enter a rate between two currencies, from a day on. A rate is followed by a later one, never changed."""
    made = budgets.rate(
        by=call.by,
        programme_uuid=programme_of(call).uuid,
        currency=call["currency"],
        into=call["into"],
        rate=call["rate"],
        since=call["since"],
        source=call["source"],
    )
    return Told(
        {"rate": {"uuid": made.uuid, "currency": made.currency, "into": made.into, "rate": made.rate}},
        [f"{made} since {made.since}, says {made.source}."],
    )


@steps.add(
    "steps",
    PROGRAMME,
    ORGANISATION,
    argument("--adopt", nargs="?", const="", metavar="COUNTRY", help="take over what is shipped (RO, LT)"),
    argument("--language", default="en", metavar="LANG", help="of the titles that are taken over"),
    argument("--add", metavar="KEY", help="add a step of your own"),
    argument("--title", default="", metavar="TEXT"),
    argument("--on", metavar="MM-DD"),
    argument(
        "--years-before", type=int, default=1, metavar="N", help="1: in the year before the budget year"
    ),
    argument("--source", default="", metavar="TEXT", help="the rule or decision it comes from"),
)
def calendar_steps(call: Call) -> Told:
    """List the steps of a council's calendar; take over those that are shipped for a country, or add one."""
    programme, whose = programme_of(call), organisation_named(call["whose"])
    if call["adopt"] is not None:
        budgets.adopt_steps(
            by=call.by,
            programme_uuid=programme.uuid,
            organisation=whose,
            country=call["adopt"],
            language=call["language"],
        )
    if call["add"]:
        month, of_month = _month_and_day(call["on"])
        budgets.step(
            by=call.by,
            programme_uuid=programme.uuid,
            organisation=whose,
            key=call["add"],
            title=call["title"],
            month=month,
            day=of_month,
            years_before=call["years_before"],
            source=call["source"],
        )
    with asking(call.by):
        found = list(
            BudgetStep.objects.filter(programme=programme, organisation=whose).order_by(
                "-years_before", "month", "day", "id"
            )
        )
    rows = [
        (item.key, f"{item.month:02}-{item.day:02}", item.years_before, item.title, item.source)
        for item in found
    ]
    heads = ("STEP", "DAY", "YEARS BEFORE", "TITLE", "SOURCE")
    names = ("uuid", "key", "title", "month", "day", "years_before", "source", "version")
    return Told(
        {
            "organisation": whose.slug,
            "steps": [{name: getattr(item, name) for name in names} for item in found],
        },
        [*table(heads, rows, empty=f"{whose.name} has no budget calendar here.")],
    )


def _month_and_day(text: str | None) -> tuple[int, int]:
    month, _, of_month = (text or "").partition("-")
    if not (month.isdecimal() and of_month.isdecimal()):
        raise Invalid("no_such_day", f"Say the day as MM-DD, with --on: “{text or ''}” is none.", field="on")
    return int(month), int(of_month)
