"""The rows of a file, checked as a set and staged; where something is wrong, a second, slower look says which lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from indicators.actions import batches
from indicators.actions.batches import Problem, Problems
from indicators.actions.entries import dumped
from indicators.actions.value_files import File, by_line_of_the_file
from indicators.actions.value_names import Known
from indicators.models.cells import DECIMAL_PLACES, WHOLE_DIGITS, Dimension, cell
from indicators.models.codes import NUMERIC_MEASURES, Measure

NUMBER: Final = rf"^[+-]?[0-9]{{1,{WHOLE_DIGITS}}}(\.[0-9]{{1,{DECIMAL_PLACES}}})?$"


@dataclass(frozen=True)
class Barred:
    """What may not be reported, whatever the number: of an indicator in a group, or of an indicator for a span.

    ``column`` names the field that is to blame, ``group`` the position of a combination of dimensions.
    """

    indicator: int
    code: str
    sentence: str
    column: str = "indicator"
    group: str | None = None
    start: str | None = None
    end: str | None = None


@dataclass(frozen=True)
class Staged:
    """What stands in ``indicators_staged``: how many rows were right, and what is wrong with the others."""

    rows: int
    problems: Problems
    lines: int
    """Lines with at least one problem."""


def stage(file: File, known: Known, *, barred: Sequence[Barred] = (), shown: int = batches.SHOWN) -> Staged:
    """Stage the file's right rows, and name everything that is wrong with the others.

    Args:
        barred: combinations that are refused; few, whatever the number of rows.
        shown: problems to list at most.
    """
    batches.drop("indicators_staged")
    values = _lookups(file, known, barred)
    source = _source(file, barred=bool(barred))
    checks = _checks(file, barred=bool(barred))
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE indicators_staged ON COMMIT DROP AS {_staged(file)} {source}"
            f" WHERE {_right(checks)}",
            values,
        )
        right = int(cursor.rowcount)
        if right == file.rows:
            return Staged(right, Problems([], 0), 0)
        cursor.execute(f"{_WRONG} {source} {_each(checks)} ORDER BY line LIMIT {int(shown)}", values)
        rows = cursor.fetchall()
    problems = [Problem(int(line), code, text, column, at or "") for line, code, text, column, at, _ in rows]
    wrong = by_line_of_the_file(file, Problems(problems, int(rows[0][5])))
    return Staged(right, wrong, file.rows - right)


def _lookups(file: File, known: Known, barred: Sequence[Barred]) -> dict[str, list[Any] | str]:
    names, sites, sources, spans = (
        list(known.indicators.items()),
        list(known.places.items()),
        list(known.sources.items()),
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
        "sources": [name for name, _ in sources],
        "source_keys": [key for _, key in sources],
        "starts": [start for (start, _), _ in spans],
        "ends": [end for (_, end), _ in spans],
        "starts_on": [first for _, (first, _) in spans],
        "ends_on": [last for _, (_, last) in spans],
        "cells": [cell(item) for item in axes],
        "dimensions": [dumped(item) for item in axes],
        "number": NUMBER,
        **{axis: [values[index] for values in known.cells] for index, axis in enumerate(file.axes)},
        **{f"barred_{name}": [getattr(item, name) for item in barred] for name in _BARRED},
    }


_BARRED: Final = ("indicator", "code", "sentence", "column", "group", "start", "end")


def _source(file: File, *, barred: bool) -> str:
    """Give the rows with what their names mean, as ``row``.

    The inner OFFSET keeps each number from being read more than once, the outer one keeps the checks from being guessed
    to leave so few rows that names are looked up by going through all of them.
    """
    arrays = "".join(f"%({axis})s::text[], " for axis in file.axes)
    columns = "".join(f"{axis}, " for axis in file.axes)
    same = " AND ".join(["true", *(f"combined.{axis} = c.{axis}" for axis in file.axes)])
    texts = ", ".join(f'{file.text(name)} AS "{name}"' for name in _TEXTS)
    return f"""
      FROM (
        SELECT c.line + 1 AS line, c.indicator, c.start, c."end", c.value, {texts},
               named.key AS indicator_id, named.numeric, named.share, site.name IS NULL AS nowhere,
               site.key AS place_id, {_from_source(file)}, span.starts_on, span.ends_on, combined.cell,
               combined.dimensions, {_BAR if barred else _NO_BAR}, exact.*
          FROM indicators_csv c
          LEFT JOIN unnest(%(names)s::text[], %(name_keys)s::bigint[], %(numeric)s::boolean[], %(share)s::boolean[])
                 AS named (name, key, numeric, share) ON named.name = c.indicator
          LEFT JOIN unnest(%(sites)s::text[], %(site_keys)s::bigint[]) AS site (name, key)
                 ON site.name = {file.text("place")}
          {_JOIN_SOURCE if "source" in file.columns else ""}
          LEFT JOIN unnest(%(starts)s::text[], %(ends)s::text[], %(starts_on)s::date[], %(ends_on)s::date[])
                 AS span (first, last, starts_on, ends_on) ON span.first = c.start AND span.last = c."end"
          LEFT JOIN unnest({arrays}%(cells)s::text[], %(dimensions)s::text[]::jsonb[])
                 AS combined ({columns}cell, dimensions) ON {same}
          {_JOIN_BAR if barred else ""}
         CROSS JOIN LATERAL (
           SELECT CASE WHEN c.value ~ %(number)s THEN c.value::numeric END AS exact,
                  {_number(file, "numerator", "part")}, {_number(file, "denominator", "whole")}
           OFFSET 0) exact
        OFFSET 0) row
    """


_TEXTS: Final = (
    "place",
    "numerator",
    "denominator",
    "comment",
    "revision",
    "source",
    "reason",
    "position",
    "at",
)


def _number(file: File, name: str, alias: str) -> str:
    if name not in file.columns:
        return f"NULL::numeric AS {alias}"
    return f"CASE WHEN c.{name} <> '' AND c.{name} ~ %(number)s THEN c.{name}::numeric END AS {alias}"


def _from_source(file: File) -> str:
    if "source" in file.columns:
        return "resting.name IS NULL AS no_source, resting.key AS source_id"
    return "false AS no_source, NULL::bigint AS source_id"


_JOIN_SOURCE: Final = """
          LEFT JOIN unnest(%(sources)s::text[], %(source_keys)s::bigint[]) AS resting (name, key)
                 ON resting.name = c.source
"""
_BAR: Final = "bar.code AS barred, bar.sentence AS barred_why, bar.field AS barred_field"
_NO_BAR: Final = "NULL::text AS barred, NULL::text AS barred_why, NULL::text AS barred_field"
_JOIN_BAR: Final = """
          LEFT JOIN LATERAL (
            SELECT * FROM unnest(%(barred_indicator)s::bigint[], %(barred_code)s::text[], %(barred_sentence)s::text[],
                                 %(barred_column)s::text[], %(barred_group)s::text[], %(barred_start)s::text[],
                                 %(barred_end)s::text[])
                     AS bar (key, code, sentence, field, cell, first, last)
             WHERE bar.key = named.key AND (bar.cell IS NULL OR bar.cell = combined.cell)
               AND (bar.first IS NULL OR (bar.first = c.start AND bar.last = c."end")) LIMIT 1) bar ON true
"""

CHECKS: Final[tuple[tuple[str, str, str, str], ...]] = (
    (
        "indicator_id IS NULL",
        "unknown_indicator",
        "'There is no indicator “' || indicator || '” in this programme.'",
        "indicator",
    ),
    ("nowhere", "unknown_place", "'There is no place “' || place || '”.'", "place"),
    (
        "no_source",
        "unknown_source",
        "'There is no source series “' || source || '” in this programme.'",
        "source",
    ),
    (
        "starts_on IS NULL",
        "wrong_dates",
        "'“' || start || '” to “' || \"end\" || '” are no dates (YYYY-MM-DD), or the wrong way round.'",
        "start",
    ),
    (
        # A share of an empty group has no value: it says 0 of 0.
        (
            "exact IS NULL AND (\"numeric\" OR value = '')"
            " AND (value = '' AND share AND part = 0 AND whole = 0) IS NOT TRUE"
        ),
        "not_a_number",
        "'“' || value || '” is no number (digits and at most one point).'",
        "value",
    ),
    (
        "(numerator <> '' AND part IS NULL) OR (denominator <> '' AND whole IS NULL)",
        "not_a_number",
        "'“' || numerator || '” of “' || denominator || '” are no numbers (digits and at most one point).'",
        "numerator",
    ),
    (
        "(numerator = '') <> (denominator = '')",
        "half_a_share",
        "'A share has a numerator and a denominator.'",
        "denominator",
    ),
    (
        "whole = 0 AND (part <> 0 OR value <> '')",
        "share_of_nothing",
        "'A share of 0 is 0 of 0, without a value.'",
        "denominator",
    ),
    # As exact as the value was written: 33.3 stands for 1 of 3, 33 too, 34 does not.
    (
        (
            "CASE WHEN share AND whole <> 0 THEN"
            " abs(exact - 100 * part / whole) * 10::numeric ^ scale(exact) > 0.500001 END"
        ),
        "another_share",
        "value || '% is not ' || numerator || ' of ' || denominator || '.'",
        "value",
    ),
    (
        "revision !~ '^[0-9]{0,9}$'",
        "not_a_revision",
        "'“' || revision || '” is no revision: leave that column as it was downloaded.'",
        "revision",
    ),
    (
        "\"position\" !~ '^[0-9]{0,6}$'",
        "not_a_position",
        "'“' || \"position\" || '” is no position: leave that column as it was downloaded.'",
        "position",
    ),
    ("barred IS NOT NULL", "barred", "barred_why", "indicator"),
)
"""What can be wrong with a row: when it is, its code, its sentence, the column to blame. In SQL."""

_WRONG: Final = "SELECT line, problem.code, problem.sentence, problem.field, at, count(*) OVER ()"

Check = tuple[str, str, str, str]


def _checks(file: File, *, barred: bool) -> list[Check]:
    """Give the checks that a file needs: those of columns that it lacks would only cost time."""
    lacking = {
        "unknown_place": "place",
        "unknown_source": "source",
        "not_a_revision": "revision",
        "not_a_position": "position",
        "half_a_share": "numerator",
        "share_of_nothing": "numerator",
        "another_share": "numerator",
    }
    present = file.columns | ({"numerator"} if "denominator" in file.columns else set())
    wanted = [
        check
        for check in CHECKS
        if lacking.get(check[1], "value") in present and (barred or check[1] != "barred")
    ]
    return [
        (wrong.replace("%", "%%"), code, text.replace("%", "%%"), column)
        for wrong, code, text, column in wanted
    ]


def _right(checks: Sequence[Check]) -> str:
    return " AND ".join(f"({wrong}) IS NOT TRUE" for wrong, *_ in checks)


def _each(checks: Sequence[Check]) -> str:
    rows = ", ".join(
        f"({wrong}, barred, {sentence}, barred_field)"
        if code == "barred"
        else f"({wrong}, '{code}', {sentence}, '{column}')"
        for wrong, code, sentence, column in checks
    )
    return f"CROSS JOIN LATERAL (VALUES {rows}) AS problem (there, code, sentence, field) WHERE problem.there"


def _staged(file: File) -> str:
    """Give the columns to stage. A comment becomes a narrative in the document's language."""
    comment = (
        "CASE WHEN comment = '' THEN '[]'::jsonb"
        " ELSE jsonb_build_array(jsonb_build_object('lang', NULL, 'text', comment)) END"
    )
    place_in_cell = "coalesce(nullif(\"position\", '')::integer, 0)" if "position" in file.columns else "0"
    return f"""
SELECT line, indicators_value_uuid(clock_timestamp(), line) AS uuid, indicator_id, NULL::bigint AS period_id, starts_on,
       ends_on, place_id, cell, dimensions, {place_in_cell} AS position, exact AS value,
       nullif(value, '') AS value_text,
       part AS numerator, whole AS denominator, {comment if "comment" in file.columns else "'[]'::jsonb"} AS comment,
       '[]'::jsonb AS locations, '[]'::jsonb AS documents, '{{}}'::jsonb AS extra, 1 AS revision,
       {"btrim(reason)" if "reason" in file.columns else "''::text"} AS reason, source_id,
       {"nullif(revision, '')::integer" if "revision" in file.columns else "NULL::integer"} AS given_revision
"""
