"""A file of values: copied into a temporary table as text, resolved by its few distinct names, checked as a set.

Only what repeats is looked at in Python (names of indicators and places, spans of dates, combinations of dimensions);
the rows stay in the database. Where something is wrong, a second, slower look says which lines.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg
from django.db import DatabaseError, connection, transaction

from handover.errors import Invalid
from handover.models import Place, Programme
from indicators.actions import batches
from indicators.actions.batches import Problem, Problems
from indicators.actions.entries import dumped
from indicators.models import Indicator
from indicators.models.cells import DECIMAL_PLACES, WHOLE_DIGITS, Dimension, cell
from indicators.models.codes import NUMERIC_MEASURES, Measure

DIMENSIONS: Final = ("gender", "age")
REQUIRED: Final = ("indicator", "start", "end", "value")
OPTIONAL: Final = ("place", "numerator", "denominator")
END_OF_COPY: Final = "\\."
NUMBER: Final = rf"^[+-]?[0-9]{{1,{WHOLE_DIGITS}}}(\.[0-9]{{1,{DECIMAL_PLACES}}})?$"


@dataclass(frozen=True)
class File:
    """A file that stands in the temporary table ``indicators_csv``: its dimensions, and how many rows it has."""

    dimensions: Sequence[str]
    rows: int

    @property
    def axes(self) -> list[str]:
        """Give the columns of the dimensions in the temporary table."""
        return [f"axis_{index}" for index in range(len(self.dimensions))]


@dataclass(frozen=True)
class Known:
    """What the names in a file mean; a name that is missing here means nothing."""

    indicators: Mapping[str, Indicator]
    places: Mapping[str, int | None]
    spans: Mapping[tuple[str, str], tuple[dt.date, dt.date]]
    cells: Sequence[tuple[str, ...]]

    @property
    def asked(self) -> list[Indicator]:
        """Give the indicators of which the file speaks."""
        return list({indicator.pk: indicator for indicator in self.indicators.values()}.values())


def read(lines: Iterable[str], *, dimensions: Sequence[str] = DIMENSIONS) -> File:
    """Copy a file into the temporary table, as text.

    Raises:
        Invalid: no header, unknown or missing columns, or a line that is no CSV of these columns.
    """
    source = iter(lines)
    names, delimiter = _header(next(source, ""), dimensions)
    axes = [name for name in names if name in dimensions]
    columns = [f"axis_{axes.index(name)}" if name in axes else name for name in names]
    fields = [*REQUIRED, *OPTIONAL, *(f"axis_{index}" for index in range(len(axes)))]
    batches.drop("indicators_csv")
    table = ", ".join(f"\"{name}\" text NOT NULL DEFAULT ''" for name in fields)
    listed = ", ".join(f'"{name}"' for name in columns)
    options = f"FORMAT csv, DELIMITER '{delimiter}', FORCE_NOT_NULL ({listed})"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE indicators_csv (line bigint GENERATED ALWAYS AS IDENTITY, {table}) ON COMMIT DROP"
        )
        try:
            with (
                transaction.atomic(),
                cursor.copy(f"COPY indicators_csv ({listed}) FROM STDIN WITH ({options})") as copy,
            ):
                for part in _parts(source):
                    copy.write(part)
        except (DatabaseError, psycopg.DataError) as error:
            raise _unreadable(error) from error
        cursor.execute("SELECT count(*) FROM indicators_csv")
        (rows,) = cursor.fetchone() or (0,)
    if not rows:
        raise Invalid("empty_file", "The file has no values.", problems=[])
    return File(dimensions=axes, rows=int(rows))


def _header(line: str, dimensions: Sequence[str]) -> tuple[list[str], str]:
    text = line.removeprefix("\ufeff").rstrip("\r\n")
    delimiter = ";" if ";" in text and "," not in text else ","
    names = next(csv.reader([text], delimiter=delimiter), [])
    unknown = [name for name in names if name not in (*REQUIRED, *OPTIONAL, *dimensions)]
    missing = [name for name in REQUIRED if name not in names]
    repeated = sorted({name for name in names if names.count(name) > 1})
    for wrong, code, sentence in (
        (unknown, "unknown_column", "The file has a column that means nothing here"),
        (missing, "missing_column", "The file lacks a column"),
        (repeated, "repeated_column", "The file has a column twice"),
    ):
        if wrong:
            text = f"{sentence}: {', '.join(wrong)}."
            raise Invalid(code, f"Line 1: {text}", problems=[{"line": 1, "code": code, "sentence": text}])
    return names, delimiter


def _parts(lines: Iterator[str]) -> Iterator[str]:
    """Join lines to parts worth sending, with one kind of line ending; blank lines at the end are left out.

    Raises:
        Invalid: a line that ends the copy for PostgreSQL before version 18, which would drop the rest unsaid.
    """
    part: list[str] = []
    blank = 0
    for number, line in enumerate(lines, 2):
        text = line.rstrip("\r\n")
        if END_OF_COPY in text and END_OF_COPY in text.splitlines():
            raise _unreadable_line(number, f"the line is “{END_OF_COPY}”")
        if not text:
            blank += 1
            continue
        part.extend([""] * blank)
        blank = 0
        part.append(text)
        if len(part) >= 2000:
            yield "\n".join(part) + "\n"
            part = []
    if part:
        yield "\n".join(part) + "\n"


def _unreadable(error: Exception) -> Invalid:
    """Say of PostgreSQL's own complaint which line it is about; it counts from the line after the header."""
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    context = (cause.diag.context or "") if isinstance(cause, psycopg.Error) else ""
    said = (cause.diag.message_primary or "") if isinstance(cause, psycopg.Error) else str(error)
    found = re.search(r"line (\d+)", context)
    line = int(found[1]) + 1 if found else 0
    return _unreadable_line(line, said)


def _unreadable_line(line: int, said: str) -> Invalid:
    sentence = f"This is no CSV of these columns: {said}."
    return Invalid(
        "unreadable_file",
        f"Nothing was entered. Line {line}: {sentence}",
        problems=[{"line": line, "code": "unreadable_line", "sentence": sentence}],
    )


def resolve(
    programme: Programme, file: File, *, indicators: Mapping[str, UUID], places: Mapping[str, UUID]
) -> Known:
    """Find out what the distinct names mean: one pass over the rows, one query for indicators, one for places."""
    axes = "".join(f", {name}" for name in file.axes)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT grouping(indicator), grouping(place), grouping(start), indicator, place, start, "end"{axes}
              FROM indicators_csv
             GROUP BY GROUPING SETS ((indicator), (place), (start, "end"), ({axes.removeprefix(", ")}))
            """
        )
        names, sites, spans, cells = set(), set(), set(), []
        for no_indicator, no_place, no_span, name, site, start, end, *values in cursor.fetchall():
            if not no_indicator:
                names.add(name)
            elif not no_place:
                sites.add(site)
            elif not no_span:
                spans.add((start, end))
            else:
                cells.append(tuple(values))
    return Known(
        indicators=_indicators(programme, names, indicators),
        places=_places(sites, places),
        spans={pair: dates for pair in spans if (dates := _dates(*pair)) is not None},
        cells=cells,
    )


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


def stage(file: File, known: Known) -> None:
    """Stage the file's rows, all of them.

    Raises:
        Invalid: everything that is wrong, each with its line.
    """
    batches.drop("indicators_staged")
    values = _lookups(file, known)
    source = _source(file)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE indicators_staged ON COMMIT DROP AS {_STAGE} {source} {_RIGHT}", values
        )
        if cursor.rowcount < file.rows:
            cursor.execute(f"{_WRONG} {source} {_EACH}", values)
            rows = cursor.fetchall()
            wrong = Problems(
                [Problem(int(line), code, text) for line, code, text, _ in rows], int(rows[0][3])
            )
            batches.refuse(_by_line_of_the_file(file, wrong + batches.collisions()))
    batches.drop("indicators_csv")


def _by_line_of_the_file(file: File, problems: Problems) -> Problems:
    """Count lines as the file does, where quoted fields before them hold line breaks."""
    fields = ", ".join(f'"{name}"' for name in (*REQUIRED, *OPTIONAL, *file.axes))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT line + 1, length(said) - length(replace(said, E'\n', ''))
              FROM (SELECT line, concat({fields}) AS said FROM indicators_csv) row WHERE strpos(said, E'\n') > 0
            """
        )
        breaks = cursor.fetchall()
    moved = [
        Problem(line + sum(more for at, more in breaks if at < line), code, sentence)
        for line, code, sentence in problems.shown
    ]
    return Problems(moved, problems.total)


def _lookups(file: File, known: Known) -> dict[str, list[Any] | str]:
    names, sites, spans = (
        list(known.indicators.items()),
        list(known.places.items()),
        list(known.spans.items()),
    )
    axes = [
        [
            Dimension(name=name, value=value)
            for name, value in zip(file.dimensions, values, strict=True)
            if value
        ]
        for values in known.cells
    ]
    return {
        "names": [name for name, _ in names],
        "name_keys": [row.pk for _, row in names],
        "numeric": [row.measure in NUMERIC_MEASURES for _, row in names],
        "share": [row.measure == Measure.PERCENTAGE for _, row in names],
        "sites": [name for name, _ in sites],
        "site_keys": [key for _, key in sites],
        "starts": [start for (start, _), _ in spans],
        "ends": [end for (_, end), _ in spans],
        "starts_on": [first for _, (first, _) in spans],
        "ends_on": [last for _, (_, last) in spans],
        "cells": [cell(item) for item in axes],
        "dimensions": [dumped(item) for item in axes],
        "number": NUMBER,
        **{axis: [values[index] for values in known.cells] for index, axis in enumerate(file.axes)},
    }


def _source(file: File) -> str:
    """Give the rows with what their names mean, as ``row``.

    The inner OFFSET keeps each number from being read more than once, the outer one keeps the checks from being guessed
    to leave so few rows that names are looked up by going through all of them.
    """
    arrays = "".join(f"%({axis})s::text[], " for axis in file.axes)
    columns = "".join(f"{axis}, " for axis in file.axes)
    same = " AND ".join(["true", *(f"combined.{axis} = c.{axis}" for axis in file.axes)])
    return f"""
      FROM (
        SELECT c.line + 1 AS line, c.indicator, c.place, c.start, c."end", c.value, c.numerator, c.denominator,
               named.key AS indicator_id, named.numeric, named.share, site.name IS NULL AS nowhere,
               site.key AS place_id, span.starts_on, span.ends_on, combined.cell, combined.dimensions, exact.*
          FROM indicators_csv c
          LEFT JOIN unnest(%(names)s::text[], %(name_keys)s::bigint[], %(numeric)s::boolean[], %(share)s::boolean[])
                 AS named (name, key, numeric, share) ON named.name = c.indicator
          LEFT JOIN unnest(%(sites)s::text[], %(site_keys)s::bigint[]) AS site (name, key) ON site.name = c.place
          LEFT JOIN unnest(%(starts)s::text[], %(ends)s::text[], %(starts_on)s::date[], %(ends_on)s::date[])
                 AS span (first, last, starts_on, ends_on) ON span.first = c.start AND span.last = c."end"
          LEFT JOIN unnest({arrays}%(cells)s::text[], %(dimensions)s::text[]::jsonb[])
                 AS combined ({columns}cell, dimensions) ON {same}
         CROSS JOIN LATERAL (
           SELECT CASE WHEN c.value ~ %(number)s THEN c.value::numeric END AS exact,
                  CASE WHEN c.numerator <> '' AND c.numerator ~ %(number)s
                    THEN c.numerator::numeric END AS part,
                  CASE WHEN c.denominator <> '' AND c.denominator ~ %(number)s
                    THEN c.denominator::numeric END AS whole
           OFFSET 0) exact
        OFFSET 0) row
    """


CHECKS: Final = (
    (
        "indicator_id IS NULL",
        "unknown_indicator",
        "'There is no indicator “' || indicator || '” in this programme.'",
    ),
    ("nowhere", "unknown_place", "'There is no place “' || place || '”.'"),
    (
        "starts_on IS NULL",
        "wrong_dates",
        "'“' || start || '” to “' || \"end\" || '” are no dates (YYYY-MM-DD), or the wrong way round.'",
    ),
    (
        # A share of an empty group has no value: it says 0 of 0.
        (
            "exact IS NULL AND (\"numeric\" OR value = '')"
            " AND (value = '' AND share AND part = 0 AND whole = 0) IS NOT TRUE"
        ),
        "not_a_number",
        "'“' || value || '” is no number (digits and at most one point).'",
    ),
    (
        "(numerator <> '' AND part IS NULL) OR (denominator <> '' AND whole IS NULL)",
        "not_a_number",
        "'“' || numerator || '” of “' || denominator || '” are no numbers (digits and at most one point).'",
    ),
    (
        "(numerator = '') <> (denominator = '')",
        "half_a_share",
        "'A share has a numerator and a denominator.'",
    ),
    (
        "whole = 0 AND (part <> 0 OR value <> '')",
        "share_of_nothing",
        "'A share of 0 is 0 of 0, without a value.'",
    ),
    # As exact as the value was written: 33.3 stands for 1 of 3, 33 too, 34 does not.
    (
        (
            "CASE WHEN share AND whole <> 0 THEN"
            " abs(exact - 100 * part / whole) * 10::numeric ^ scale(exact) > 0.500001 END"
        ),
        "another_share",
        "value || '% is not ' || numerator || ' of ' || denominator || '.'",
    ),
)
"""What can be wrong with a row: when it is, its code, its sentence. In SQL."""

_STAGE: Final = """
SELECT line, indicators_value_uuid(clock_timestamp(), line) AS uuid, indicator_id, NULL::bigint AS period_id, starts_on,
       ends_on, place_id, cell, dimensions, 0 AS position, exact AS value, nullif(value, '') AS value_text,
       part AS numerator, whole AS denominator, '[]'::jsonb AS comment, '[]'::jsonb AS locations,
       '[]'::jsonb AS documents, '{}'::jsonb AS extra, 1 AS revision, ''::text AS reason
"""
_RIGHT: Final = "WHERE " + " AND ".join(f"({wrong}) IS NOT TRUE" for wrong, _, _ in CHECKS).replace("%", "%%")

_WRONG: Final = "SELECT line, problem.code, problem.sentence, count(*) OVER ()"
_EACH: Final = (
    "CROSS JOIN LATERAL (VALUES "
    + ", ".join(f"({wrong}, '{code}', {sentence})" for wrong, code, sentence in CHECKS).replace("%", "%%")
    + f") AS problem (there, code, sentence) WHERE problem.there ORDER BY line LIMIT {batches.SHOWN}"
)
