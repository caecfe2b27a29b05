"""Periods that a handover cut: which are parts of which, what the parts make together, and what is refused.

Giver and receiver each report their part as a period of its own. The whole is read from its parts where it has no
value itself; people whom both sides counted count once, if somebody stated how many they are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from django.db import connection

from handover.errors import Invalid
from handover.models import Programme
from handover.queries.handovers import Handover, handovers
from indicators.models import Indicator
from indicators.models.cells import TOTAL
from indicators.models.codes import Aggregation, CountingRule, Measure
from indicators.queries.points import How, Missing, Point, Total
from indicators.queries.rules import rules
from indicators.queries.spans import ONE_DAY, Span, calendar, pieces, regular
from indicators.queries.totals import as_total, factor, none, over

Reported: TypeAlias = tuple[int, dt.date, dt.date]
"""An indicator's key, and the first and the last day of a period with values."""


def days_of(indicator: Indicator, found: Iterable[Handover]) -> list[Handover]:
    """Give the handovers that concern an indicator: of its responsibility, or else of the stewardship."""
    return [each for each in found if each.responsibility_id == indicator.responsibility_id]


def odd(frequency: str, span: Span) -> bool:
    """Tell whether a span is no period that an indicator of this frequency would have by itself.

    Where no frequency is stated, months, quarters, half-years and years are such periods.
    """
    if frequency:
        return regular(frequency, span[0]) != span
    return not calendar(*span)


def wholes(spans: Iterable[Span], days: Iterable[dt.date], frequency: str) -> dict[Span, list[Span]]:
    """Tell which of an indicator's periods are parts of which whole, by the whole.

    A whole is a period that a handover cut: one that is there, one that the frequency knows, or, where none is stated,
    the month, quarter, half-year or year that parts on both sides of the day make.
    """
    cuts = sorted(set(days))
    there = set(spans)
    if not cuts:
        return {}
    beside = [span for span in there if any(day == span[0] or day == span[1] + ONE_DAY for day in cuts)]
    found: dict[Span, list[Span]] = {}
    for whole in sorted(there | _known(beside, frequency), key=lambda span: span[1] - span[0]):
        parts = [part for part in pieces(*whole, cuts) if part in there and part != whole]
        stated = [part for part in parts if odd(frequency, part)]
        taken = {part for others in found.values() for part in others}
        chosen = stated if frequency else (parts if stated else [])
        found[whole] = [part for part in chosen if part not in taken]
    return {whole: parts for whole, parts in found.items() if parts}


def _known(beside: Sequence[Span], frequency: str) -> set[Span]:
    """Give the wholes that no row names: of the frequency, or of two parts that meet."""
    if frequency:
        named = {regular(frequency, first) for first, _ in beside}
        return {span for span in named if span is not None}
    return {
        (one[0], other[1])
        for one in beside
        for other in beside
        if one[1] + ONE_DAY == other[0] and calendar(one[0], other[1])
    }


# --- the whole of its parts ----------------------------------------------------------------------


@dataclass(frozen=True)
class Combined:
    """What the parts of a cut period make together."""

    total: Total
    overlap: Decimal | None = None
    at_least: Decimal | None = None
    at_most: Decimal | None = None


def combine(
    indicator: Indicator, parts: Sequence[Point], *, expected: int, overlaps: Sequence[Decimal | None]
) -> Combined:
    """Make the whole of a cut period of its parts, in the order of time.

    New entrants and contacts add up; shares are made anew; of distinct persons those count once whom both sides
    counted; everything else follows the indicator's rule over time.

    Args:
        expected: how many parts there should be.
        overlaps: for each part but the first, how many of its people were counted in the period before it.
    """
    if len(parts) < expected or any(not part.values for part in parts):
        return Combined(none(Missing.PIECE_MISSING))
    values = [part.total for part in parts if part.total is not None]
    if len(values) < len(parts):
        return Combined(none(next(part.missing for part in parts if part.total is None) or Missing.GROUPS))
    if indicator.counting_rule == CountingRule.DISTINCT_PERSONS and indicator.measure == Measure.UNIT:
        return _distinct(values, overlaps)
    total = over(_rule(indicator), factor(indicator), [as_total(part) for part in parts], Missing.TIME)
    if total.value is None:
        return Combined(total)
    return Combined(
        Total(
            value=total.value,
            how=How.COMBINED,
            numerator=total.numerator,
            denominator=total.denominator,
        )
    )


def _rule(indicator: Indicator) -> Aggregation:
    if indicator.measure == Measure.PERCENTAGE:
        return Aggregation.WEIGHTED
    if indicator.counting_rule in (CountingRule.NEW_ENTRANTS, CountingRule.CONTACTS):
        return Aggregation.SUM
    return rules(indicator).time


def _distinct(values: Sequence[Decimal], overlaps: Sequence[Decimal | None]) -> Combined:
    counted, twice = values[0], Decimal(0)
    at_least, at_most = max(values), sum(values, Decimal(0))
    for value, overlap in zip(values[1:], overlaps, strict=True):
        if overlap is None:
            return Combined(none(Missing.OVERLAP_UNKNOWN), at_least=at_least, at_most=at_most)
        if overlap > min(counted, value):
            return Combined(none(Missing.OVERLAP_TOO_LARGE), at_least=at_least, at_most=at_most)
        counted += value - overlap
        twice += overlap
    return Combined(Total(value=counted, how=How.COMBINED), overlap=twice)


# --- refusals ------------------------------------------------------------------------------------


def handover_days(programme: Programme, *, cutoff: dt.datetime | None = None) -> list[Handover]:
    """Give the handovers of a programme, in one query."""
    return handovers(programme, cutoff=cutoff)


def check(indicator: Indicator, starts_on: dt.date, ends_on: dt.date) -> None:
    """Refuse a whole period whose parts have values, and a part of a period that has.

    Raises:
        Invalid: ``cut_by_handover``.
    """
    span = (indicator.pk, starts_on, ends_on)
    sentence = refused(indicator.programme, [span]).get(span)
    if sentence:
        raise Invalid("cut_by_handover", sentence, field="starts_on")


def refused(programme: Programme, spans: Iterable[Reported]) -> dict[Reported, str]:
    """Name the periods that may not be reported, because the whole and its parts would have values.

    Periods that are reported together see each other. One query where nothing was ever handed over, else three.
    """
    found = handovers(programme)
    if not found:
        return {}
    asked = set(spans)
    rows = {row.pk: row for row in Indicator.objects.filter(pk__in={key for key, _, _ in asked})}
    days = {key: [each.day for each in days_of(row, found)] for key, row in rows.items()}
    near = {span for span in asked if _touches(span, days.get(span[0], ()))}
    if not near:
        return {}
    there = near | _with_values(near, {day for some in days.values() for day in some})
    sentences: dict[Reported, str] = {}
    for key, first, last in near:
        mine = {(start, end) for other, start, end in there if other == key}
        sentence = _why((first, last), mine, days[key], rows[key].frequency)
        if sentence:
            sentences[key, first, last] = sentence
    return sentences


def _why(span: Span, there: set[Span], days: Sequence[dt.date], frequency: str) -> str:
    parts = pieces(*span, days)
    if len(parts) > 1 and any(part in there and odd(frequency, part) for part in parts):
        return (
            f"A handover on {parts[1][0]} cut the period from {span[0]} to {span[1]}, and a part of it has values:"
            f" report the parts, {_said(parts)}."
        )
    if not odd(frequency, span):
        return ""
    for whole in sorted(there - {span}):
        if whole[0] <= span[0] and span[1] <= whole[1] and span in pieces(*whole, days):
            return (
                f"The whole period from {whole[0]} to {whole[1]}, of which this is a part since a handover, has values:"
                " correct those, or leave it whole."
            )
    return ""


def _said(spans: Sequence[Span]) -> str:
    return ", ".join(f"{first} to {last}" for first, last in spans)


def _touches(span: Reported, days: Iterable[dt.date]) -> bool:
    return any(span[1] <= day <= span[2] + ONE_DAY for day in days)


def _with_values(near: Iterable[Reported], days: Iterable[dt.date]) -> set[Reported]:
    """Give the periods beside or around these days that have values, of the same indicators."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT p.indicator_id, p.starts_on, p.ends_on
              FROM indicators_period p
             WHERE p.indicator_id = ANY(%(indicators)s)
               AND EXISTS (SELECT FROM unnest(%(days)s::date[]) AS day
                            WHERE p.starts_on <= day AND day <= p.ends_on + 1)
               AND EXISTS (SELECT FROM indicators_value v WHERE v.period_id = p.id)
            """,
            {"indicators": list({key for key, _, _ in near}), "days": list(days)},
        )
        return {(int(key), first, last) for key, first, last in cursor.fetchall()}


def overlap_of(stated: Mapping[str, Decimal], cells: Sequence[frozenset[str]]) -> Decimal | None:
    """Give how many people were counted on both sides of a cut: as stated for everybody, or for every group of
    both sides, where these groups exclude each other.

    Args:
        stated: what was stated, by cell.
        cells: the cells of the values of each of the two sides.
    """
    if not stated or TOTAL in stated:
        return stated.get(TOTAL)
    both = frozenset.intersection(*cells)
    if not both or not both <= stated.keys():
        return None
    return sum((stated[cell] for cell in both), Decimal(0))
