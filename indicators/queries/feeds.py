"""Feeds: what an indicator's value of a period comes to when its records of the work are counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db.models import QuerySet

from handover.canonical import decimal_text
from handover.errors import Invalid
from handover.holdings import Finding
from handover.models import Programme
from handover.narratives import best
from indicators.models import Feed, Indicator, Period, Value
from indicators.models.cells import TOTAL
from indicators.models.codes import NUMERIC_MEASURES, PERSONS, CountingRule
from indicators.models.codes import Measure as Measures
from indicators.queries import values
from indicators.queries.aggregates import aggregates
from interventions.queries import feeding
from interventions.queries.feeding import Row, Tally
from interventions.queries.periods import label
from interventions.queries.record_kinds import Kind, Measure, kind_named, measure_named

COUNTED: Final = "Counted from "
"""How the comment of a value begins that was counted from records."""

SHOWN: Final = 30
"""Records that a comment names; the ledger names all of them."""

EACH_ONCE: Final = frozenset({CountingRule.DISTINCT_PERSONS, CountingRule.NEW_ENTRANTS})
"""Rules by which a person counts once."""


@dataclass(frozen=True)
class Proposal:
    """What records of a period come to for an indicator, and what stands there now."""

    feed: Feed
    about: str
    """Which records the feed counts, in words."""
    first: dt.date
    last: dt.date
    tally: Tally
    reported: Value | None = None
    """The value for everybody that stands in the period, if there is one."""
    grouped: bool = False
    """Whether values by group or place stand there instead."""
    stands: Decimal | None = None
    """What is reported for the period, if it is one number."""

    @property
    def value(self) -> Decimal | None:
        """Give the number; ``None`` where there is nothing to count."""
        return self.tally.value

    @property
    def agrees(self) -> bool:
        """Tell whether the value that stands is the one that the records come to."""
        return self.stands is not None and self.stands == self.value

    @property
    def sentence(self) -> str:
        """Say what is counted, from which records, and what is left out."""
        said = f"{_records(len(self.tally.counted))} of {self.about}, {label(self.first, self.last)}"
        if self.tally.across:
            said += f"; {_reach(len(self.tally.across))} over the period's edge and not counted"
        if self.tally.unknown:
            count = len(self.tally.unknown)
            said += f"; {count} of them {'does' if count == 1 else 'do'} not say"
        return said

    @property
    def comment(self) -> str:
        """Give the comment of the value: from which records it was counted."""
        keys = [str(row.uuid)[:8] for row in self.tally.counted]
        more = f" and {len(keys) - SHOWN} more" if len(keys) > SHOWN else ""
        return f"{COUNTED}{self.sentence}. Records: {', '.join(keys[:SHOWN])}{more}."


def said_of(feed: Feed) -> str:
    """Say in words which records a feed counts, and by what."""
    told = feeding.filters_told(feed.programme, kind_named(feed.record), feed.filters)
    chosen = "; ".join(f"{name}: {text}" for name, text in told.items())
    return f"{feed.record}{f' ({chosen})' if chosen else ''}, measure {feed.measure}"


def feed_of(indicator: Indicator) -> Feed | None:
    """Give the feed of an indicator, if it has one."""
    found: Feed | None = (
        Feed.objects.filter(indicator=indicator).select_related("indicator", "programme").first()
    )
    return found


def listing(programme: Programme) -> list[Feed]:
    """Give the feeds of a programme in the order of their indicators."""
    rows = Feed.objects.filter(programme=programme).select_related("indicator__result", "programme")
    return list(rows.order_by("indicator__result__position", "indicator__position", "id"))


def fits(indicator: Indicator, kind: Kind, measure: Measure) -> None:
    """Refuse a measure that cannot be what an indicator counts.

    Raises:
        Invalid: why not.
    """
    title = best(indicator.title)
    why = ""
    if indicator.expression:
        why = "is calculated from other indicators"
    elif indicator.measure == Measures.PERCENTAGE:
        why = "is a share: records give counts, never a numerator and its whole"
    elif indicator.measure not in NUMERIC_MEASURES:
        why = "is told in words or steps, not in counts"
    elif indicator.currency:
        why = f"is an amount in {indicator.currency}"
    elif not measure.people and (indicator.counting_rule in EACH_ONCE or indicator.unit == PERSONS):
        why = f"counts people, and “{measure.title}” does not"
    elif measure.people and indicator.counting_rule == CountingRule.NONE:
        why = f"counts no people by its rule, and “{measure.title}” does"
    if why:
        raise Invalid(
            "feed_unfit", f"“{title}” {why}: {kind.title} cannot feed it by this measure.", field="measure"
        )


def proposal(feed: Feed, first: dt.date, last: dt.date, *, cutoff: dt.datetime | None = None) -> Proposal:
    """Count a feed's records of a period, in a few queries, however many records there are.

    Args:
        cutoff: ``Reach.cutoff``: nothing that was recorded after it counts.

    Raises:
        Invalid: the period ends before it begins, the records are in different units, or people would count twice.
    """
    if last < first:
        raise Invalid("dates_reversed", "The period ends before it begins.", field="ends_on")
    kind, found = _read(feed, cutoff)
    tally = _tally(feed, kind, found, first, last)
    reported = _totals(feed, cutoff).filter(period__starts_on=first, period__ends_on=last).first()
    if reported is not None:
        return Proposal(feed, said_of(feed), first, last, tally, reported, stands=reported.value)
    grouped, stands = _grouped(feed.indicator, first, last, cutoff)
    return Proposal(feed, said_of(feed), first, last, tally, None, grouped, stands)


def _read(feed: Feed, cutoff: dt.datetime | None) -> tuple[Kind, list[Row]]:
    kind = kind_named(feed.record)
    measure_named(kind, feed.measure)
    return kind, feeding.rows(feed.programme, kind, feed.filters, cutoff=cutoff)


def _tally(feed: Feed, kind: Kind, found: Sequence[Row], first: dt.date, last: dt.date) -> Tally:
    tally = feeding.tally(kind, feed.measure, found, first, last)
    once = feed.indicator.counting_rule == CountingRule.DISTINCT_PERSONS
    if once and kind.measures[feed.measure].people and len(tally.counted) > 1:
        raise Invalid(
            "persons_counted_twice",
            f"“{best(feed.indicator.title)}” counts each person once, and {len(tally.counted)} records of"
            f" {label(first, last)} may hold the same people: their sum would be no count of persons.",
            field="record",
        )
    return tally


def _grouped(
    indicator: Indicator, first: dt.date, last: dt.date, cutoff: dt.datetime | None
) -> tuple[bool, Decimal | None]:
    """Tell whether values by group or place stand in a period, and what they add up to where that can be said."""
    periods = Period.objects.filter(indicator=indicator, starts_on=first, ends_on=last)
    found = list(aggregates(list(periods), cutoff=cutoff).values())
    if len(found) != 1:
        return bool(found), None
    return True, found[0].total if found[0].splits == 1 and found[0].numbers == found[0].values else None


def _totals(feed: Feed, cutoff: dt.datetime | None) -> QuerySet[Value]:
    """Give the values of a feed's indicator for everybody and everywhere, as they stand."""
    rows = values.current(feed.programme, cutoff=cutoff, indicator=feed.indicator)
    return rows.filter(cell=TOTAL, place__isnull=True, position=0)


def health(programme: Programme, *, cutoff: dt.datetime | None = None) -> Iterator[Finding]:
    """Name each value that was counted from records which come to something else by now."""
    for feed in listing(programme):
        kind, found = _read(feed, cutoff)
        for row in _totals(feed, cutoff).select_related("period"):
            first, last = row.period.starts_on, row.period.ends_on
            if first is None or last is None or not best(row.comment).startswith(COUNTED):
                continue
            try:
                now = _tally(feed, kind, found, first, last).value
            except Invalid as error:
                yield Finding(error.code, f"{_path(feed, first, last)}: {error.sentence}", str(row.uuid))
                continue
            if now != row.value:
                said = "nothing" if now is None else decimal_text(now)
                yield Finding(
                    "feed_differs",
                    f"{_path(feed, first, last)}: {row.value_text} was reported, its records say {said} now.",
                    str(row.uuid),
                )


def _path(feed: Feed, first: dt.date, last: dt.date) -> str:
    return f"{best(feed.indicator.title)} → {label(first, last)}"


def lines(programme: Programme) -> Iterator[str]:
    """Tell which indicators are counted from records, and by what."""
    for feed in listing(programme):
        yield f"{best(feed.indicator.title)} ← {said_of(feed)}"


def _records(count: int) -> str:
    return "1 record" if count == 1 else f"{count or 'no'} records"


def _reach(count: int) -> str:
    return "1 record reaches" if count == 1 else f"{count} records reach"
