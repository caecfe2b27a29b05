"""Indicators: their definitions, what stands below them, and what they say over time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import django_filters
from django.http import FileResponse

from handover import access, clock
from handover.api.commands import command, reading
from handover.api.files import GivesFiles
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.models import Programme
from handover.permissions import Permission
from indicators.actions import baselines, breaks, floors, indicators, looks, overlaps, periods, targets
from indicators.api import exports, portfolio, sight
from indicators.api.breaks import BreakShown, OverlapShown
from indicators.api.definitions import (
    BaselineBody,
    BreakBody,
    IndicatorBody,
    IndicatorChanges,
    IndicatorShown,
    OverlapBody,
    SpanBody,
    TargetBody,
)
from indicators.api.exports import ExportBody
from indicators.api.floors import FloorBody
from indicators.api.periods import BaselineShown, PeriodShown, TargetShown
from indicators.api.portfolio import PortfolioBody, PortfolioShown
from indicators.api.series import (
    DueShown,
    GroupShown,
    LateShown,
    LevelBody,
    PlacesShown,
    ProgrammeAsked,
    SeriesShown,
)
from indicators.models import Baseline, Break, Indicator, Overlap, Period, Target
from indicators.queries import geography, lateness, tables
from indicators.queries.lateness import Overdue
from indicators.queries.rollups import Level
from indicators.queries.series import by_group


class IndicatorFilters(InProgrammeFilters):
    """Filters of indicators."""

    result = django_filters.UUIDFilter(field_name="result__uuid", help_text="Below this result.")
    responsibility = django_filters.UUIDFilter(
        field_name="responsibility__uuid", help_text="Of this responsibility."
    )
    measure = django_filters.CharFilter(help_text="Of this measure (IATI code list IndicatorMeasure).")
    frequency = django_filters.CharFilter(help_text="Measured this often.")


class Indicators(GivesFiles[Indicator], InProgrammeRead[Indicator]):
    """Indicators with their definitions."""

    what = "indicator"
    serializer_class = IndicatorShown
    filterset_class = IndicatorFilters
    ordering_fields = ("position",)

    @command(may=Permission.DEFINE_INDICATORS, body=IndicatorBody)
    def create(self, result: UUID, **entry: Any) -> Indicator:
        """Define an indicator below a result."""
        return indicators.define(by=self.actor, result_uuid=result, **entry)

    @command(may=Permission.DEFINE_INDICATORS, body=IndicatorChanges, versioned=True)
    def partial_update(self, key: UUID, version: int, **changes: Any) -> Indicator:
        """Change an indicator, stating the break that this makes in its series where it makes one."""
        return indicators.edit(by=self.actor, indicator_uuid=key, version=version, **changes)

    @command(may=Permission.DEFINE_INDICATORS, body=BaselineBody, answers=BaselineShown)
    def baseline(self, key: UUID, **given: Any) -> Baseline:
        """State where the indicator stood before: for everybody, for a group or at a place."""
        return baselines.put(by=self.actor, indicator_uuid=key, **given)

    @command(may=Permission.DEFINE_INDICATORS, body=TargetBody, answers=TargetShown)
    def target(self, key: UUID, **given: Any) -> Target:
        """State what the indicator should reach in a period, which is made if it is not there."""
        return targets.put(by=self.actor, indicator_uuid=key, **given)

    @command(may=Permission.DEFINE_INDICATORS, body=SpanBody, answers=PeriodShown)
    def period(self, key: UUID, **given: Any) -> Period:
        """Give the indicator a period, if it has none of these dates."""
        return periods.put(by=self.actor, indicator_uuid=key, **given)

    @command(may=Permission.DEFINE_INDICATORS, body=BreakBody, answers=BreakShown, status=201)
    def break_(self, key: UUID, **given: Any) -> Break:
        """State a break in the series. It is never taken back."""
        return breaks.state(by=self.actor, indicator_uuid=key, **given)

    @command(may=Permission.REPORT_VALUES, body=OverlapBody, answers=OverlapShown, status=201)
    def overlap(self, key: UUID, **given: Any) -> Overlap:
        """State how many people both sides of a handover counted in a period that it cut."""
        return overlaps.state(by=self.actor, indicator_uuid=key, **given)

    @command(may=Permission.DEFINE_INDICATORS, body=FloorBody, codes=("reason_needed",))
    def floor(self, key: UUID, **given: Any) -> Indicator:
        """Say below which value its result is called lost after a handover; `GET floors` tells it."""
        floors.set_floor(by=self.actor, indicator_uuid=key, **given)
        return self.find(key)

    @reading(may=Permission.VIEW, answers=SeriesShown)
    def series(self, key: UUID) -> tables.Line:
        """Tell an indicator over time: its periods, what lies between them, and how far it has come."""
        row = self.find(key)
        return tables.line(row.programme, row, cutoff=access.reach(self.actor, row.programme).cutoff)

    @reading(may=Permission.VIEW, answers=GroupShown, many=True)
    def groups(self, key: UUID) -> Sequence[Mapping[str, Any]]:
        """Tell an indicator's current values by period, place and group; not to whoever is its donor alone."""
        row = self.find(key)
        sight.refuse_donors(self.actor, row.programme)
        looks.note(self.actor, row.programme, [row], where="interface")
        return by_group(row.programme, row, cutoff=access.reach(self.actor, row.programme).cutoff)

    @reading(may=Permission.VIEW, answers=PlacesShown, parameters=LevelBody)
    def places(self, key: UUID, level: Level) -> geography.Geography:
        """Tell an indicator by area and year; not to whoever is its donor alone."""
        row = self.find(key)
        sight.refuse_donors(self.actor, row.programme)
        cutoff = access.reach(self.actor, row.programme).cutoff
        return geography.of_indicator(row.programme, row, level=level, cutoff=cutoff)

    @reading(may=Permission.VIEW, answers=PortfolioShown, parameters=PortfolioBody, detail=False)
    def portfolio(self, level: str | None = None) -> portfolio.Told:
        """Roll up all programmes that the caller reads by shared codes and years, and by area where asked for."""
        return portfolio.told(self.actor, level)

    @reading(may=Permission.VIEW, answers=DueShown, many=True, parameters=ProgrammeAsked, detail=False)
    def due(self, programme: UUID) -> Sequence[Overdue]:
        """Name the values of a programme that were due before today and are not there."""
        found, cutoff = self._programme(programme)
        return lateness.overdue(found, clock.today(), cutoff=cutoff)

    @reading(may=Permission.VIEW, answers=LateShown, many=True, parameters=ProgrammeAsked, detail=False)
    def late(self, programme: UUID) -> Sequence[Mapping[str, Any]]:
        """Name the periods of a programme of which values came late."""
        found, cutoff = self._programme(programme)
        by_period: dict[UUID, list[lateness.Late]] = defaultdict(list)
        for each in lateness.late(found, cutoff=cutoff):
            by_period[each.period].append(each)
        return [
            {
                "indicator": rows[0].indicator,
                "period": period,
                "due_on": rows[0].due_on,
                "came_on": max(row.came_on for row in rows),
                "days": max(row.days for row in rows),
                "values": len(rows),
            }
            for period, rows in by_period.items()
        ]

    @reading(may=Permission.EXPORT, parameters=ExportBody, detail=False)
    def export(self, **asked: Any) -> FileResponse:
        """Take a programme's current values out as a file: CSV, a workbook, a data package or IATI."""
        return exports.exported(self.actor, **asked)

    def _programme(self, key: UUID) -> tuple[Programme, Any]:
        found = access.programme_for(self.actor, key, may=Permission.VIEW)
        return found, access.reach(self.actor, found).cutoff
