"""Points in the making: everything was read before, but for what few definitions need besides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import TypeAlias
from uuid import UUID

from django.db import connection

from handover.queries.handovers import Handover
from indicators.models import Indicator
from indicators.models.cells import TOTAL
from indicators.models.codes import Aggregation
from indicators.queries import cuts
from indicators.queries.aggregates import Aggregate, by_place, parts
from indicators.queries.calculated import Part, breaks_of, calculate, in_order, parts_of
from indicators.queries.continuity import BreakMark, Continuity
from indicators.queries.periods import Row, keyed
from indicators.queries.points import How, Missing, Point, Total
from indicators.queries.rules import rules
from indicators.queries.spans import Span, pieces
from indicators.queries.totals import by_place_needed, factor, total

Cells: TypeAlias = Mapping[int, frozenset[str]]
"""The cells of a period's values, by the period's key."""


def reported(points: Iterable[Point]) -> list[Point]:
    """Give the points that have values."""
    return [point for point in points if point.values]


class Builder:
    """Makes the points of one reading; everything that it needs was read before."""

    def __init__(
        self,
        indicators: Sequence[Indicator],
        periods: Sequence[Row],
        sums: Mapping[int, Aggregate],
        between: Continuity,
        cutoff: dt.datetime | None,
        *,
        place: int | None = None,
    ) -> None:
        self.by_uuid = {row.uuid: row for row in indicators}
        self.by_key = {row.pk: row for row in indicators}
        self.rules = {row.pk: rules(row) for row in indicators}
        self.periods: dict[int, list[Row]] = {}
        for row in periods:
            self.periods.setdefault(row.indicator_id, []).append(row)
        self.sums, self.between, self.cutoff, self.place = sums, between, cutoff, place
        self.done: dict[UUID, list[Point]] = {}
        reported = [each for each in indicators if not each.expression]
        for indicator in (*reported, *in_order(indicators)):
            self.done[indicator.uuid] = self._made(indicator)

    def points(self, indicator: Indicator) -> list[Point]:
        """Give an indicator's points; those of a circle that nobody refused have none."""
        return self.done.get(indicator.uuid, [])

    def _made(self, indicator: Indicator) -> list[Point]:
        marks = breaks_of(indicator, self.between.breaks, self.by_uuid)
        days = self.between.days(indicator)
        rows = self.periods.get(indicator.pk, [])
        found = (
            self._calculated(indicator, rows)
            if indicator.expression
            else self._cut(indicator, rows, days, marks)
        )
        if marks or days:
            found = [_placed(point, marks, days) for point in found]
        return found

    def _calculated(self, indicator: Indicator, rows: Sequence[Row]) -> list[Point]:
        parts = {
            name: Part(self.by_uuid[uuid], self.done.get(uuid, ()))
            for name, uuid in parts_of(indicator).items()
            if uuid in self.by_uuid
        }
        own = [_empty(row) for row in rows]
        return sorted(calculate(indicator, own, parts), key=_first_last)

    # --- periods, and the parts of those that a handover cut ---

    def _cut(
        self, indicator: Indicator, rows: Sequence[Row], days: Sequence[Handover], marks: Sequence[BreakMark]
    ) -> list[Point]:
        cut_on = [each.day for each in days]
        by_span = {row.span: row for row in reversed(rows) if row.span is not None}
        wholes = cuts.wholes(by_span.keys(), cut_on, indicator.frequency) if cut_on else {}
        if not wholes:
            return [self._point(indicator, row) for row in rows]
        # Published files repeat periods: only the first of its dates is a part or a whole.
        parts = {by_span[part].pk for some in wholes.values() for part in some}
        firsts = {by_span[whole].pk for whole in wholes if whole in by_span}
        found = [
            self._whole(indicator, row, wholes[row.span], by_span, days, marks)
            if row.pk in firsts and row.span is not None
            else self._point(indicator, row)
            for row in rows
            if row.pk not in parts
        ]
        for whole, some in wholes.items():
            if whole not in by_span:
                row = Row(0, None, indicator.pk, *whole, None)
                found.append(self._whole(indicator, row, some, by_span, days, marks))
        return sorted(found, key=_first_last)

    def _whole(
        self,
        indicator: Indicator,
        row: Row,
        parts: Sequence[Span],
        by_span: Mapping[Span, Row],
        days: Sequence[Handover],
        marks: Sequence[BreakMark],
    ) -> Point:
        point = self._point(indicator, row)
        if row.span is None:
            return point
        made = (_placed(self._point(indicator, by_span[part]), marks, days) for part in sorted(parts))
        there = tuple(reported(made))
        if point.values or not there:
            return replace(point, pieces=there)
        if any(row.span[0] < mark.on <= row.span[1] for mark in marks):
            found = cuts.Combined(Total(value=None, missing=Missing.BREAK))
        else:
            spans = pieces(*row.span, (each.day for each in days))
            overlaps = self._overlaps(indicator, row.span, spans, by_span)
            found = cuts.combine(indicator, there, expected=len(spans), overlaps=overlaps)
        return replace(
            point,
            total=found.total.value,
            how=found.total.how,
            missing=found.total.missing,
            numerator=found.total.numerator,
            denominator=found.total.denominator,
            at_least=found.at_least,
            at_most=found.at_most,
            overlap=found.overlap,
            values=sum(part.values for part in there),
            pieces=there,
        )

    def _overlaps(
        self, indicator: Indicator, whole: Span, spans: Sequence[Span], by_span: Mapping[Span, Row]
    ) -> list[Decimal | None]:
        """Give for each part but the first how many of its people were counted before it, where that was stated."""
        found: list[Decimal | None] = []
        for number, (first, _) in enumerate(spans[1:], start=1):
            stated = self.between.overlaps.get((indicator.pk, *whole, first), {})
            here = {cell: count for (place, cell), count in stated.items() if place == self.place}
            sides = (spans[:number], spans[number : number + 1])
            found.append(
                cuts.overlap_of(
                    here,
                    [self._cells_of(side, by_span) for side in sides] if here and TOTAL not in here else (),
                )
            )
        return found

    def _cells_of(self, spans: Sequence[Span], by_span: Mapping[Span, Row]) -> frozenset[str]:
        keys = [by_span[span].pk for span in spans if span in by_span]
        return frozenset[str]().union(*(self._cells.get(key, frozenset()) for key in keys))

    # --- what one row says ---

    def _point(self, indicator: Indicator, row: Row) -> Point:
        sums = self.sums.get(row.pk)
        rule = self.rules[indicator.pk]
        places = self._places.get(row.pk, ()) if by_place_needed(rule, sums) else ()
        found = total(rule, factor(indicator), sums, places)
        if sums is not None and self._fraction_wanted(indicator, sums):
            numerator, denominator = self._fractions.get(row.pk, (None, None))
            found = replace(found, numerator=numerator, denominator=denominator)
        return Point(
            period=row.uuid,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            total=found.value,
            how=found.how,
            said=sums.said if sums else None,
            values=sums.values if sums else 0,
            target=row.target,
            missing=found.missing,
            numerator=found.numerator,
            denominator=found.denominator,
        )

    @cached_property
    def _places(self) -> dict[int, list[Aggregate]]:
        """Read what SQL says of each place, for all periods that need it, in one query."""
        wanted = [
            row
            for key, rows in self.periods.items()
            for row in rows
            if by_place_needed(self.rules[key], self.sums.get(row.pk))
        ]
        found: dict[int, list[Aggregate]] = {}
        for (period, _), sums in by_place(keyed(wanted), cutoff=self.cutoff).items():
            found.setdefault(period, []).append(sums)
        return found

    def _fraction_wanted(self, indicator: Indicator, sums: Aggregate) -> bool:
        """Tell whether a reported share needs its own numerator: only where periods are weighted."""
        if sums.said is None or sums.values <= 1 or not sums.fractions:
            return False
        return self.rules[indicator.pk].time == Aggregation.WEIGHTED or bool(self.between.days(indicator))

    @cached_property
    def _fractions(self) -> dict[int, tuple[Decimal | None, Decimal | None]]:
        """Read numerator and denominator of the totals that were reported beside their groups, in one query."""
        wanted = [
            row
            for key, rows in self.periods.items()
            for row in rows
            if row.pk in self.sums and self._fraction_wanted(self.by_key[key], self.sums[row.pk])
        ]
        return {
            key: (way.numerator, way.denominator)
            for key, ways in parts(keyed(wanted), cutoff=self.cutoff).items()
            for way in ways
            if way.split == TOTAL and way.place == self.place and way.values == way.fractions == 1
        }

    @cached_property
    def _cells(self) -> Cells:
        """Read the cells of all periods of the indicators with overlaps, in one query."""
        cut = {key for key, *_ in self.between.overlaps}
        keys = [row.pk for key in cut for row in self.periods.get(key, ())]
        found: dict[int, set[str]] = {}
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT DISTINCT period_id, cell FROM indicators_value
                 WHERE period_id = ANY(%(periods)s)
                   AND (%(place)s::bigint IS NULL OR place_id = %(place)s)
                   AND (%(cutoff)s::timestamptz IS NULL OR recorded_at <= %(cutoff)s)
                """,
                {"periods": keys, "place": self.place, "cutoff": self.cutoff},
            )
            for period, cell in cursor.fetchall():
                found.setdefault(int(period), set()).add(cell)
        return {key: frozenset(cells) for key, cells in found.items()}


def _empty(row: Row) -> Point:
    return Point(
        period=row.uuid,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        total=None,
        how=How.NONE,
        target=row.target,
    )


def _placed(point: Point, marks: Sequence[BreakMark], days: Sequence[Handover]) -> Point:
    """Say between which breaks a point lies, and which breaks and handovers lie inside it."""
    first, last = point.starts_on, point.ends_on
    if first is None or last is None:
        return point
    return replace(
        point,
        segment=sum(mark.on <= first for mark in marks),
        breaks=tuple(mark for mark in marks if first < mark.on <= last),
        handovers=tuple(each for each in days if first < each.day <= last),
    )


def _first_last(point: Point) -> tuple[dt.date, dt.date]:
    return point.starts_on or dt.date.max, point.ends_on or dt.date.max
