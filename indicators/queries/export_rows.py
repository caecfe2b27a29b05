"""A programme's current values as plain rows, read piece by piece: a million of them never stand in memory at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.db import connection

from handover.models import Programme

PIECE: Final = 20_000
"""Rows that are read at once."""


@dataclass(frozen=True)
class Shape:
    """What the values are like, before they are read: how many, in which cells, and what columns cannot tell apart."""

    values: int
    cells: Sequence[str]
    words: bool
    """Some values are words."""
    positions: bool
    """Several values share one period, place and cell."""
    periods: bool
    """Some periods have no dates, or the dates of another one."""


class Raw(NamedTuple):
    """One current value: keys of what is looked up, texts of what is written."""

    uuid: str
    indicator_id: int
    period: str
    start: str
    end: str
    place: str
    cell: str
    said: str | None
    value: str | None
    numerator: str
    denominator: str
    comment: str | None
    """JSON; ``None`` where nothing is said."""
    revision: str
    position: str
    odd: bool
    """Its period's dates do not name it."""
    sources: list[str] | None
    """UUIDs of the source series that it rests on, if they were asked for."""


def shape(programme: Programme, *, cutoff: dt.datetime | None, indicators: Sequence[int]) -> Shape:
    """Look at the values of indicators in one query."""
    with _whole(), connection.cursor() as cursor:
        cursor.execute(_SHAPE, _asked(programme, cutoff, indicators))
        rows = cursor.fetchall()
    return Shape(
        values=sum(int(row[1]) for row in rows),
        cells=[str(row[0]) for row in rows],
        words=any(row[2] for row in rows),
        positions=any(row[3] for row in rows),
        periods=any(row[4] for row in rows),
    )


def stream(
    programme: Programme,
    *,
    cutoff: dt.datetime | None,
    indicators: Sequence[int],
    sources: bool = False,
    piece: int | None = None,
) -> Generator[list[Raw]]:
    """Read the current values of indicators in pieces, from a cursor that stays in the database.

    The order never changes: indicators as they are named, then time, place and group.
    Must be read inside one transaction.

    Args:
        indicators: keys, in the order that is wanted.
        sources: look up what each value rests on, too.
    """
    with connection.chunked_cursor() as cursor:
        with _whole():
            cursor.execute(_ROWS, {**_asked(programme, cutoff, indicators), "sources": sources})
        while rows := cursor.fetchmany(piece or PIECE):
            yield [Raw(*row) for row in rows]


@contextmanager
def _whole() -> Iterator[None]:
    """Plan statements for all of their rows, not for the first ones, and never row by row: each table is read once.

    Of values that came in a moment ago the database knows so little that it would guess otherwise.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL cursor_tuple_fraction = 1; SET LOCAL enable_nestloop = off")
        yield
        cursor.execute("SET LOCAL cursor_tuple_fraction TO DEFAULT; SET LOCAL enable_nestloop TO DEFAULT")


def _asked(programme: Programme, cutoff: dt.datetime | None, indicators: Sequence[int]) -> dict[str, Any]:
    return {"programme": programme.pk, "cutoff": cutoff, "indicators": list(indicators)}


_SPANS: Final = """
  SELECT p.*, i.rank, p.starts_on IS NULL OR p.ends_on IS NULL
           OR row_number() OVER (PARTITION BY p.indicator_id, p.starts_on, p.ends_on ORDER BY p.position, p.id) > 1
           AS odd
    FROM indicators_period p
    JOIN unnest(%(indicators)s::bigint[]) WITH ORDINALITY AS i (id, rank) ON i.id = p.indicator_id
   WHERE p.programme_id = %(programme)s
"""

_SEEN: Final = "(%(cutoff)s::timestamptz IS NULL OR v.recorded_at <= %(cutoff)s)"

_SHAPE: Final = f"""
WITH span AS MATERIALIZED ({_SPANS})
SELECT v.cell, count(*) FILTER (WHERE v.revision = 1), bool_or(v.value IS NULL AND v.value_text <> ''),
       bool_or(v.position > 0), bool_or(span.odd)
  FROM span JOIN indicators_value v ON v.period_id = span.id
 WHERE v.programme_id = %(programme)s AND {_SEEN}
 GROUP BY v.cell ORDER BY v.cell COLLATE "C"
"""

_LAST: Final = f"""
  SELECT DISTINCT ON (v.period_id, v.cell, v.place_id, v.position)
         v.uuid, v.period_id, v.cell, v.place_id, v.position, v.value, v.value_text, v.numerator, v.denominator,
         v.comment, v.revision
    FROM indicators_value v
   WHERE v.programme_id = %(programme)s AND {_SEEN} AND v.period_id IN (SELECT id FROM span)
   ORDER BY v.period_id, v.cell, v.place_id, v.position, v.revision DESC
"""

_SOURCES: Final = """
  SELECT array_agg(DISTINCT source.uuid::text ORDER BY source.uuid::text)
    FROM indicators_provenance link JOIN indicators_sourceseries source ON source.id = link.source_id
   WHERE link.programme_id = %(programme)s AND link.value_uuid = v.uuid
     AND (%(cutoff)s::timestamptz IS NULL OR link.added_at <= %(cutoff)s)
"""

_ROWS: Final = f"""
WITH span AS MATERIALIZED ({_SPANS})
SELECT v.uuid::text, span.indicator_id, span.uuid::text, coalesce(span.starts_on::text, ''),
       coalesce(span.ends_on::text, ''), coalesce(place.country || ':' || place.code, ''), v.cell, v.value_text,
       trim_scale(v.value)::text, coalesce(trim_scale(v.numerator)::text, ''),
       coalesce(trim_scale(v.denominator)::text, ''),
       CASE WHEN v.comment <> '[]' THEN v.comment::text END, v.revision::text, v.position::text, span.odd,
       CASE WHEN %(sources)s THEN ({_SOURCES}) END
  FROM ({_LAST}) v JOIN span ON span.id = v.period_id
  LEFT JOIN handover_place place ON place.id = v.place_id
 ORDER BY span.rank, span.starts_on, span.ends_on, span.position, span.id, place.country COLLATE "C" NULLS FIRST,
          place.code COLLATE "C" NULLS FIRST, v.cell COLLATE "C", v.position
"""
