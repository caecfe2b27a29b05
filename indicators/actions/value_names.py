"""What the names in a file mean, each looked up once however often it stands.

Only what repeats is looked at in Python; the rows stay in the database.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from handover.models import Place, Programme
from indicators.actions.value_files import File
from indicators.models import Indicator, SourceSeries


@dataclass(frozen=True)
class Known:
    """What the names in a file mean; a name that is missing here means nothing."""

    indicators: Mapping[str, Indicator]
    places: Mapping[str, int | None]
    sources: Mapping[str, int | None]
    spans: Mapping[tuple[str, str], tuple[dt.date, dt.date]]
    cells: Sequence[tuple[str, ...]]

    @property
    def asked(self) -> list[Indicator]:
        """Give the indicators of which the file speaks."""
        return list({indicator.pk: indicator for indicator in self.indicators.values()}.values())


def resolve(
    programme: Programme, file: File, *, indicators: Mapping[str, UUID], places: Mapping[str, UUID]
) -> Known:
    """Find out what the distinct names mean: one pass over the rows, then one query a kind."""
    axes = "".join(f", {name}" for name in file.axes)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT grouping(c.indicator), grouping({file.text("place")}), grouping(c.start),
                   grouping({file.text("source")}), c.indicator, {file.text("place")}, c.start, c."end",
                   {file.text("source")}{axes}
              FROM indicators_csv c
             GROUP BY GROUPING SETS (
               (c.indicator), ({file.text("place")}), (c.start, c."end"), ({file.text("source")}),
               ({axes.removeprefix(", ")}))
            """
        )
        names, sites, sources, spans, cells = set(), set(), set(), set(), []
        for (
            no_indicator,
            no_place,
            no_span,
            no_source,
            name,
            site,
            start,
            end,
            source,
            *values,
        ) in cursor.fetchall():
            if not no_indicator:
                names.add(name)
            elif not no_place:
                sites.add(site)
            elif not no_span:
                spans.add((start, end))
            elif not no_source:
                sources.add(source)
            else:
                cells.append(tuple(values))
    return Known(
        indicators=_indicators(programme, names, indicators),
        places=_places(sites, places),
        sources=_sources(programme, sources),
        spans={pair: dates for pair in spans if (dates := _dates(*pair)) is not None},
        cells=cells,
    )


def _sources(programme: Programme, names: Iterable[str]) -> dict[str, int | None]:
    """Read source series by UUID or by title; a title that two of them bear means nothing."""
    wanted = [name for name in names if name]
    if not wanted:
        return {"": None}
    rows = list(SourceSeries.objects.filter(programme=programme).values_list("pk", "uuid", "title"))
    by_name: dict[str, set[int]] = {}
    for pk, uuid, title in rows:
        by_name.setdefault(str(uuid), set()).add(pk)
        by_name.setdefault(title, set()).add(pk)
    found: dict[str, int | None] = {
        name: next(iter(keys)) for name in wanted if len(keys := by_name.get(name, set())) == 1
    }
    return {**found, "": None}


def _uuids(names: Iterable[str], given: Mapping[str, UUID]) -> dict[str, UUID]:
    found = {}
    for name in names:
        try:
            found[name] = given[name] if name in given else UUID(name)
        except ValueError:
            continue
    return found


def _indicators(
    programme: Programme, names: Iterable[str], given: Mapping[str, UUID]
) -> dict[str, Indicator]:
    wanted = _uuids(names, given)
    rows = Indicator.objects.filter(programme=programme, uuid__in=set(wanted.values())).select_related(
        "responsibility"
    )
    by_uuid = {row.uuid: row for row in rows}
    return {name: by_uuid[uuid] for name, uuid in wanted.items() if uuid in by_uuid}


def _places(names: Iterable[str], given: Mapping[str, UUID]) -> dict[str, int | None]:
    wanted = _uuids(names, given)
    by_uuid = dict(Place.objects.filter(uuid__in=set(wanted.values())).values_list("uuid", "pk"))
    found: dict[str, int | None] = {name: by_uuid[uuid] for name, uuid in wanted.items() if uuid in by_uuid}
    coded = {name: (name[:2], name[3:]) for name in names if name not in wanted and name[2:3] == ":"}
    if coded:
        codes = {code for _, code in coded.values()}
        by_code = {
            (country, code): pk
            for country, code, pk in Place.objects.filter(code__in=codes).values_list("country", "code", "pk")
        }
        found.update({name: by_code[pair] for name, pair in coded.items() if pair in by_code})
    return {**found, "": None}


def _dates(start: str, end: str) -> tuple[dt.date, dt.date] | None:
    if not all(re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) for text in (start, end)):
        return None
    try:
        dates = dt.date.fromisoformat(start), dt.date.fromisoformat(end)
    except ValueError:
        return None
    return dates if dates[0] <= dates[1] else None
