"""A programme's table: each indicator with where it stood, where it stands, and where it should, by result."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from handover.models import Programme
from handover.queries.handovers import Handover
from indicators.models import Baseline, Indicator, Result
from indicators.queries.continuity import BreakMark, Continuity, continuity, continuity_of
from indicators.queries.lateness import late
from indicators.queries.points import Point
from indicators.queries.progress import Judged, judge
from indicators.queries.series import all_series, whole_series


@dataclass(frozen=True)
class Line:
    """An indicator: its periods in the order of time, what is judged of them, and what lies between them."""

    indicator: Indicator
    baselines: Sequence[Baseline]
    points: Sequence[Point]
    judged: Judged
    breaks: Sequence[BreakMark] = ()
    handovers: Sequence[Handover] = ()
    late: Mapping[UUID, int] = field(default_factory=dict)
    """Days by which the last value of a period came late, by the period; only where one did."""

    @property
    def late_days(self) -> int:
        """Tell by how many days the last value came late; 0 in time."""
        last = self.judged.last
        return self.late.get(last.period, 0) if last is not None and last.period is not None else 0


@dataclass(frozen=True)
class Section:
    """A result with its indicators."""

    result: Result
    lines: Sequence[Line]


@dataclass(frozen=True)
class Table:
    """All indicators of a programme, as far as the reader's view goes."""

    programme: Programme
    sections: Sequence[Section]
    handovers: Sequence[Handover]
    cutoff: dt.datetime | None

    @property
    def lines(self) -> list[Line]:
        """Give all indicators, whatever their result."""
        return [line for section in self.sections for line in section.lines]


def table(programme: Programme, *, cutoff: dt.datetime | None) -> Table:
    """Read a programme's table, in a number of queries that depends on nothing in it.

    Args:
        cutoff: ``Reach.cutoff``: what was recorded after it is left out.
    """
    rows = list(Indicator.objects.filter(programme=programme).order_by("position", "id"))
    found = _lines(programme, rows, cutoff=cutoff)
    under: dict[Hashable, list[Line]] = defaultdict(list)
    for row in rows:
        under[row.result_id].append(found.lines[row.pk])
    results = Result.objects.filter(programme=programme).order_by("position", "id")
    sections = [Section(result, under[result.pk]) for result in results]
    return Table(programme, sections, found.handovers, cutoff)


def lines(programme: Programme, *, cutoff: dt.datetime | None) -> list[Line]:
    """Read a programme's lines as they stand in its table, without its results and without what came late."""
    rows = Indicator.objects.filter(programme=programme).order_by(
        "result__position", "result_id", "position", "id"
    )
    return lines_of(list(rows), cutoff=cutoff)


def lines_of(rows: Sequence[Indicator], *, cutoff: dt.datetime | None) -> list[Line]:
    """Give the lines of all indicators of one or several programmes, in four queries however many there are.

    What came late is not told. What is calculated from indicators that are not among them has no value.
    """
    programmes = sorted({row.programme_id for row in rows})
    if not programmes:
        return []
    between = continuity_of(programmes, cutoff=cutoff)
    series = whole_series(programmes, rows, between=between, cutoff=cutoff)
    return _drawn(rows, between, series, {})


def line(programme: Programme, indicator: Indicator, *, cutoff: dt.datetime | None) -> Line:
    """Read one indicator of it."""
    return _lines(programme, [indicator], cutoff=cutoff).lines[indicator.pk]


@dataclass(frozen=True)
class _Lines:
    lines: Mapping[int, Line]
    handovers: Sequence[Handover]


def _lines(programme: Programme, rows: Sequence[Indicator], *, cutoff: dt.datetime | None) -> _Lines:
    between = continuity(programme, cutoff=cutoff)
    series = all_series(programme, cutoff=cutoff, indicators=rows, between=between)
    drawn = _drawn(rows, between, series, _late(programme, rows, cutoff))
    return _Lines({line.indicator.pk: line for line in drawn}, between.handovers)


def _drawn(
    rows: Sequence[Indicator],
    between: Continuity,
    series: Mapping[Indicator, Sequence[Point]],
    came_late: Mapping[UUID, Mapping[UUID, int]],
) -> list[Line]:
    baselines: dict[int, list[Baseline]] = defaultdict(list)
    for baseline in Baseline.objects.filter(indicator__in=[row.pk for row in rows]).order_by(
        "position", "id"
    ):
        baselines[baseline.indicator_id].append(baseline)
    return [
        Line(
            indicator=row,
            baselines=baselines[row.pk],
            points=series[row],
            judged=judge(row, baselines[row.pk], series[row]),
            breaks=between.breaks.get(row.pk, ()),
            handovers=between.days(row),
            late=came_late.get(row.uuid, {}),
        )
        for row in rows
    ]


def _late(
    programme: Programme, rows: Sequence[Indicator], cutoff: dt.datetime | None
) -> Mapping[UUID, Mapping[UUID, int]]:
    found: dict[UUID, dict[UUID, int]] = defaultdict(dict)
    if any(row.due_days is not None for row in rows):
        for each in late(programme, cutoff=cutoff, indicator=rows[0] if len(rows) == 1 else None):
            days = found[each.indicator]
            days[each.period] = max(days.get(each.period, 0), each.days)
    return found
