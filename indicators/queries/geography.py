"""By place: one indicator, or one code over a portfolio, by settlement or unit, NUTS 3 region and country.

Each area follows the indicator's rule over places. Places where a programme works and nothing was reported stand beside
the others, and so does what was reported for no place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from django.db import connection

from handover.access import Actor
from handover.apportionment import apportion
from handover.models import Place, Programme
from handover.models.programmes import ProgrammePlace
from handover.queries.place_lineage import events_of, shares_today
from indicators.models import Indicator
from indicators.models.codes import Aggregation
from indicators.queries import rollups
from indicators.queries.portfolio import Line, Portfolio, portfolio, views_of
from indicators.queries.rollups import Level, Rolled, Views, Why
from indicators.queries.rules import rules


@dataclass(frozen=True)
class Area:
    """A place, a region or a country, as it is told."""

    key: str
    name: str
    within: str
    """The region or country around it; empty for a country."""


@dataclass(frozen=True)
class Here:
    """What an area came to in a year."""

    area: Area | None
    """``None``: reported for no place."""
    year: int | None
    programmes: int
    values: int
    total: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    why: Why | None


@dataclass(frozen=True)
class Estimated:
    """What part of a divided unit's figure would be that of one of those that it became: an estimate by shares."""

    former: Area
    area: Area
    year: int
    share: Fraction
    total: Decimal


@dataclass(frozen=True)
class Geography:
    """An indicator by area and year: what is there, what was reported for no place, and where nothing was."""

    level: Level
    rows: Sequence[Here]
    unlocated: Sequence[Here]
    silent: Sequence[Area]
    """Areas where the programme works and for which nothing was reported."""
    estimated: Sequence[Estimated] = ()
    """By units of today: figures of divided ones among their successors; only of what adds up over places."""


def of_indicator(
    programme: Programme, indicator: Indicator, *, level: Level, cutoff: dt.datetime | None
) -> Geography:
    """Tell one indicator by area and year, in a constant number of queries. A calculated one has no values of its own.

    Args:
        cutoff: ``Reach.cutoff``.
    """
    found = rollups.members({programme.pk: cutoff}, [(indicator.pk, str(indicator.uuid))], level=level)
    told = _told([programme.pk], found, level)
    if level is not Level.TODAY or rules(indicator).places != Aggregation.SUM:
        return told
    return replace(told, estimated=_estimated(found))


def of_code(actor: Actor, code: Sequence[str], *, level: Level) -> Mapping[str, Geography]:
    """Tell one code (vocabulary, its address, code) over a portfolio by area and year; by what must be shared.

    Inside ``access.asking``. Codes with different measures, units or counting rules stand apart.
    """
    views = views_of(actor, by_area=True)
    found: dict[str, list[Rolled]] = {}
    for rolled in rollups.coded(views, level=level, code=code):
        found.setdefault(rolled.key, []).append(rolled)
    return {key: _told(list(views), rows, level) for key, rows in found.items()}


def areas_of(lines: Iterable[Line], level: Level) -> Mapping[str, Area]:
    """Give the areas that lines of a portfolio name, by their keys, in one query at most."""
    return _areas({line.area for line in lines if line.area}, level)


def portfolio_by(actor: Actor, level: Level) -> tuple[Portfolio, Mapping[str, Area]]:
    """Roll up a portfolio by area, with the names of the areas. Inside ``access.asking``."""
    found = portfolio(actor, level=level)
    return found, areas_of(found.lines, level)


def _estimated(rolled: Sequence[Rolled]) -> list[Estimated]:
    """Tell the figures of divided units among those that they became, by their shares, so that nothing is lost."""
    figures = [
        (int(row.area), row.year, row.total)
        for row in rolled
        if row.area and row.year is not None and row.total is not None and row.why is None
    ]
    events = events_of({place for place, _, _ in figures}) if figures else []
    shared = [
        (place, total, year, shares)
        for place, year, total in figures
        if set(shares := shares_today(place, year, events)) != {place}
    ]
    if not shared:
        return []
    areas = _areas({str(key) for place, _, _, shares in shared for key in (place, *shares)}, Level.UNIT)
    found = []
    for place, total, year, shares in shared:
        heirs = sorted(shares, key=lambda key: areas[str(key)].name)
        exponent = total.normalize().as_tuple().exponent
        unit = Decimal(1).scaleb(min(0, exponent if isinstance(exponent, int) else 0))
        parts = apportion(total, [shares[heir] for heir in heirs], unit=unit)
        found += [
            Estimated(areas[str(place)], areas[str(heir)], year, shares[heir], part)
            for heir, part in zip(heirs, parts, strict=True)
        ]
    return sorted(found, key=lambda row: (row.former.name, row.year, row.area.name))


def _told(programmes: Sequence[int], rolled: Sequence[Rolled], level: Level) -> Geography:
    worked = _worked(programmes, level)
    named = {row.area for row in rolled if row.area}
    if level is Level.TODAY:
        worked = _today(worked)
    areas = _areas(named | worked, level)
    rows = [_here(row, areas) for row in rolled]
    return Geography(
        level=level,
        rows=sorted((row for row in rows if row.area), key=lambda row: _order(row.area, row.year)),
        unlocated=[row for row in rows if row.area is None],
        silent=sorted(
            (areas[key] for key in worked - named if key in areas), key=lambda area: _order(area, 0)
        ),
    )


def _order(area: Area | None, year: int | None) -> tuple[str, str, str, int]:
    return (area.within, area.name, area.key, year or 0) if area else ("", "", "", year or 0)


def _here(row: Rolled, areas: Mapping[str, Area]) -> Here:
    area = areas.get(row.area) if row.area else None
    return Here(
        area, row.year, row.programmes, row.values, row.total, row.numerator, row.denominator, row.why
    )


def _worked(programmes: Sequence[int], level: Level) -> set[str]:
    """Give the areas where programmes work, in one query."""
    rows = ProgrammePlace.objects.filter(programme__in=programmes).select_related("place__parent")
    return {key for row in rows if (key := _key(row.place, level))}


def _today(units: set[str]) -> set[str]:
    """Give the units of today under which units count, in one query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT handover_place_today(unnest(%s::bigint[]))::text", [list(units)])
        return {key for (key,) in cursor.fetchall()}


def _key(place: Place, level: Level) -> str:
    match level:
        case Level.PLACE:
            return str(place.pk)
        case Level.UNIT | Level.TODAY:
            return str(place.parent_id or place.pk)
        case Level.NUTS3:
            return place.nuts3 or (place.parent.nuts3 if place.parent else "")
    return place.country


def _areas(keys: set[str], level: Level) -> dict[str, Area]:
    if level in {Level.PLACE, Level.UNIT, Level.TODAY}:
        places = Place.objects.filter(pk__in=[int(key) for key in keys]).select_related("parent")
        return {
            str(place.pk): Area(f"{place.country}:{place.code}", place.name, _around(place))
            for place in places
        }
    return {key: Area(key, key, key[:2] if level is Level.NUTS3 else "") for key in keys}


def _around(place: Place) -> str:
    return place.parent.name if place.parent else place.nuts3 or place.country


__all__ = [
    "Area",
    "Estimated",
    "Geography",
    "Here",
    "Level",
    "Views",
    "areas_of",
    "of_code",
    "of_indicator",
    "portfolio_by",
]
