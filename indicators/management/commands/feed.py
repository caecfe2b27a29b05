"""`handover feed`: indicators that are counted from records of the work."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from handover import access
from handover.access import asking
from handover.canonical import decimal_text
from handover.errors import Invalid
from handover.management.base import PROGRAMME, Call, Steps, StepsCommand, Told, argument
from handover.management.tables import table
from handover.models import Programme
from handover.narratives import best
from handover.permissions import Permission
from indicators.actions import feeds
from indicators.models import Feed, Indicator
from indicators.queries import feeds as told
from indicators.queries.feeds import Proposal
from interventions.management.records import reading
from interventions.queries.periods import label, named
from interventions.queries.record_kinds import KINDS, kind_named

INDICATOR = argument(
    "indicator", metavar="INDICATOR", help="UUID, its first 8 or more characters, or a part of its title"
)
PERIOD = argument("period", metavar="PERIOD", help="2026, 2026-H1, 2026-Q1, 2026-03 or DAY..DAY")

steps = Steps()


class Command(StepsCommand):
    """Count indicators from records."""

    help = "Count indicators from records of the work: a feed proposes a value with its source, people report it."
    steps = steps


@steps.add(
    "set",
    PROGRAMME,
    INDICATOR,
    argument("record", metavar="KIND", help=f"kind of record: {', '.join(KINDS)}"),
    argument("measure", metavar="MEASURE", help="`handover record fields KIND` lists them"),
    argument(
        "--only",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="only those records, may be repeated; several values with commas between",
    ),
)
def set_(call: Call) -> Told:
    """Say from which records an indicator is counted. A second feed replaces the first."""
    kind = kind_named(call["record"])
    with asking(call.by):
        programme = _programme(call)
        indicator = _indicator(programme, call["indicator"])
        filters = reading.filters(programme, kind, call["only"])
    row = feeds.define(
        by=call.by, indicator_uuid=indicator.uuid, record=kind.name, measure=call["measure"], filters=filters
    )
    with asking(call.by):
        return Told({"feed": _document(row)}, ["The feed is set.", f"  {_line(row)}"])


@steps.add("remove", PROGRAMME, INDICATOR)
def remove(call: Call) -> Told:
    """Count an indicator from records no longer; what was reported stays."""
    with asking(call.by):
        indicator = _indicator(_programme(call), call["indicator"])
    feeds.remove(by=call.by, indicator_uuid=indicator.uuid)
    title = best(indicator.title)
    return Told({"removed": indicator.uuid}, [f"“{title}” is no longer counted from records."])


@steps.add("show", PROGRAMME, reads=True)
def show(call: Call) -> Told:
    """Show the feeds of a programme, and values whose records say something else by now."""
    programme = _programme(call)
    found, wrong = (
        told.listing(programme),
        list(told.health(programme, cutoff=access.reach(call.by, programme).cutoff)),
    )
    cells = [(str(row.indicator.uuid)[:8], best(row.indicator.title), told.said_of(row)) for row in found]
    empty = "No indicator of this programme is counted from records."
    lines = [*table(("KEY", "INDICATOR", "COUNTED FROM"), cells, empty=empty)]
    lines += [f"  ! {item.sentence} [{item.code}]" for item in wrong]
    return Told(
        {"feeds": [_document(row) for row in found], "findings": [item.as_json() for item in wrong]}, lines
    )


@steps.add("propose", PROGRAMME, INDICATOR, PERIOD, reads=True)
def propose(call: Call) -> Told:
    """Tell what the records of a period come to, and what is reported. Nothing is written."""
    programme = _programme(call)
    indicator = _indicator(programme, call["indicator"])
    feed = told.feed_of(indicator)
    if feed is None:
        raise Invalid(
            "no_feed",
            f"“{best(indicator.title)}” is not counted from records: `handover feed set`.",
            field="indicator",
        )
    cutoff = access.reach(call.by, programme).cutoff
    found = told.proposal(feed, *named(call["period"]), cutoff=cutoff)
    return Told({"proposal": _proposal(found)}, _lines(found))


@steps.add(
    "report",
    PROGRAMME,
    INDICATOR,
    PERIOD,
    argument("--reason", default="", metavar="TEXT", help="needed where another value stands already"),
)
def report(call: Call) -> Told:
    """Report what the records of a period come to, in your name; a submission where somebody must approve it."""
    first, last = named(call["period"])
    with asking(call.by):
        indicator = _indicator(_programme(call), call["indicator"])
    done = feeds.report(
        by=call.by, indicator_uuid=indicator.uuid, starts_on=first, ends_on=last, reason=call["reason"]
    )
    if done.submission is not None:
        said = (
            f"It stands in your submission {done.submission.uuid}: hand it in, and somebody else approves it."
        )
    else:
        said = "It is reported."
    return Told(
        {
            "proposal": _proposal(done.proposal),
            "batch": done.batch.uuid if done.batch else None,
            "submission": done.submission.uuid if done.submission else None,
        },
        [said, *(f"  {line}" for line in _lines(done.proposal, reported=True))],
    )


def _programme(call: Call) -> Programme:
    return access.programme_for(call.by, call["programme"], may=Permission.VIEW)


class _Titled:
    """An indicator that goes by its title."""

    def __init__(self, row: Indicator) -> None:
        self.row, self.uuid, self.key = row, row.uuid, None

    def __str__(self) -> str:
        return best(self.row.title)


def _indicator(programme: Programme, text: str) -> Indicator:
    rows: list[Any] = [
        _Titled(row) for row in Indicator.objects.filter(programme=programme).order_by("position", "id")
    ]
    found: Indicator = reading.one(rows, text, "indicator").row
    return found


def _line(row: Feed) -> str:
    return f"{best(row.indicator.title)} ← {told.said_of(row)}"


def _document(row: Feed) -> dict[str, Any]:
    return {
        "uuid": row.uuid,
        "version": row.version,
        "indicator": row.indicator.uuid,
        "title": best(row.indicator.title),
        "record": row.record,
        "measure": row.measure,
        "filters": row.filters,
    }


def _lines(found: Proposal, *, reported: bool = False) -> list[str]:
    value = "nothing to count" if found.value is None else decimal_text(found.value)
    unit = f" {found.tally.unit}" if found.tally.unit else ""
    lines = [
        f"{best(found.feed.indicator.title)}, {label(found.first, found.last)}: {value}{unit}",
        f"  counted from {found.sentence}",
    ]
    keys: list[UUID] = [row.uuid for row in found.tally.counted]
    if keys:
        shown = ", ".join(str(key)[:8] for key in keys[: told.SHOWN])
        lines.append(f"  records {shown}{', …' if len(keys) > told.SHOWN else ''}")
    if reported:
        return lines
    if found.stands is None:
        lines.append(
            "  several values are reported, that make no one number" if found.grouped else "  not reported"
        )
    else:
        same = "the same" if found.agrees else "not the same"
        lines.append(f"  reported: {decimal_text(found.stands)}, {same}")
    return lines


def _proposal(found: Proposal) -> dict[str, Any]:
    return {
        "feed": _document(found.feed),
        "from": found.first,
        "to": found.last,
        "value": found.value,
        "unit": found.tally.unit,
        "source": found.sentence,
        "records": [row.uuid for row in found.tally.counted],
        "not_counted": [row.uuid for row in found.tally.across],
        "unknown": [row.uuid for row in found.tally.unknown],
        "reported": found.stands,
        "agrees": found.agrees,
    }
