"""What may not be imported whatever its number: by indicator, by group, by span; and totals that their parts exceed.

Looked at by what is distinct in a file, which is little however many rows it has.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from handover.canonical import decimal_text
from handover.errors import DomainError, Invalid
from handover.models import Programme
from handover.narratives import best
from indicators.actions import batches, submissions
from indicators.actions.batches import Problem, Problems
from indicators.actions.value_checks import Barred
from indicators.actions.value_files import File
from indicators.actions.value_names import Known
from indicators.models import Indicator
from indicators.models.axes import UNKNOWN
from indicators.models.cells import Dimension, cell
from indicators.models.codes import Aggregation
from indicators.queries import axes, cuts
from indicators.queries.rules import rules

NOTES: Final = 100
"""Notes on totals at most; enough to see what is wrong."""


def barred(programme: Programme, file: File, known: Known, *, submitted: bool = False) -> list[Barred]:
    """Name what of a file may not be reported: calculated ones, those that need approval, groups, cut periods."""
    found = [
        Barred(indicator.pk, error.code, error.sentence)
        for indicator in known.asked
        if (error := whole(indicator, submitted=submitted)) is not None
    ]
    found += _groups(programme, file, known)
    found += _cut(programme, known)
    return found


def whole(indicator: Indicator, *, submitted: bool = False) -> DomainError | None:
    """Say why no value of an indicator may be reported at all, if so."""
    if indicator.expression:
        return Invalid(
            "calculated",
            f"“{best(indicator.title)}” is calculated from others: report its parts.",
            field="indicator",
        )
    if submitted:
        return None
    try:
        submissions.check_direct([indicator])
    except DomainError as error:
        return error
    return None


def _groups(programme: Programme, file: File, known: Known) -> Iterator[Barred]:
    asked = [indicator for indicator in known.asked if indicator.axes]
    if not asked:
        return
    allowed = axes.allowed(programme)
    combinations = [
        [
            Dimension(name=name, value=value)
            for name, value in zip(file.dimensions, values, strict=True)
            if value
        ]
        for values in known.cells
    ]
    for indicator in asked:
        for dimensions in combinations:
            try:
                axes.check(indicator, dimensions, allowed)
            except Invalid as error:
                column = str(error.details.get("field") or "")
                named = column if column in file.dimensions else _first(dimensions)
                yield Barred(indicator.pk, error.code, error.sentence, named, group=cell(dimensions))


def _first(dimensions: Sequence[Dimension]) -> str:
    return dimensions[0]["name"] if dimensions else "value"


def _cut(programme: Programme, known: Known) -> Iterator[Barred]:
    """Name the spans that a handover cut and that are reported in the other way already."""
    days = [handover.day for handover in cuts.handover_days(programme)]
    near = {
        names: (first, last)
        for names, (first, last) in known.spans.items()
        if any((first - day).days <= 0 and (last - day).days >= -1 for day in days)
    }
    if not near:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT c.indicator, c.start, c."end" FROM indicators_csv c
              JOIN unnest(%s::text[], %s::text[]) AS near (first, last) ON near.first = c.start AND near.last = c."end"
            """,
            [[first for first, _ in near], [last for _, last in near]],
        )
        rows = [
            (known.indicators[name].pk, (start, end))
            for name, start, end in cursor.fetchall()
            if name in known.indicators
        ]
    refused = cuts.refused(programme, [(key, *near[names]) for key, names in rows])
    for key, names in rows:
        sentence = refused.get((key, *near[names]))
        if sentence is not None:
            yield Barred(key, "cut_by_handover", sentence, "start", start=names[0], end=names[1])


@dataclass(frozen=True)
class Apart:
    """Totals that are not what their groups add up to: those that cannot be, and those that are worth knowing."""

    problems: Problems
    notes: Sequence[str]


def parts_and_totals(programme: Programme, known: Known, *, cutoff: dt.datetime | None = None) -> Apart:
    """Hold the totals against the sums of their groups, as they will be once what is staged stands beside the rest.

    Groups of declared axes exclude each other: they never exceed their total, and reach it where *unknown* is among
    them. Of any other groups a difference is only told.

    Args:
        cutoff: values recorded later are not the actor's to see.
    """
    adding = {
        indicator.pk: indicator for indicator in known.asked if rules(indicator).groups == Aggregation.SUM
    }
    if not adding:
        return Apart(Problems([], 0), [])
    totals = not all(any(values) for values in known.cells)
    given: dict[str, Any] = {
        "programme": programme.pk,
        "indicators": list(adding),
        "cutoff": cutoff,
        "totals": totals,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, given)
        touched = [int(key) for (key,) in cursor.fetchall()]
        if not touched and (not totals or len(known.cells) < 2):
            return Apart(Problems([], 0), [])
        rows_of = _BESIDE if touched else _STAGED
        cursor.execute(
            _APART.format(rows=rows_of),
            {**given, "touched": touched, "unknown": f"={UNKNOWN}", "notes": NOTES},
        )
        rows = cursor.fetchall()
    problems, notes = [], []
    for line, key, starts_on, ends_on, split, total, parts, complete in rows:
        indicator = adding[int(key)]
        by = split.replace("|", " and ")
        said = f"the total is {decimal_text(total)}, the groups by {by} add up to {decimal_text(parts)}"
        declared = set(indicator.axes).issuperset(split.split("|"))
        if declared and (parts > total or complete):
            problems.append(Problem(int(line), "parts_and_total", f"{said[0].upper()}{said[1:]}.", "value"))
        else:
            notes.append(f"“{best(indicator.title)}”, {starts_on} to {ends_on}: {said}.")
    return Apart(Problems(problems, len(problems)), notes)


_TOUCHED = f"""
WITH span AS MATERIALIZED ({batches.SPANS})
SELECT span.id FROM span
 WHERE span.indicator_id = ANY(%(indicators)s)
   AND EXISTS (SELECT FROM indicators_summary m
                WHERE m.programme_id = %(programme)s AND m.indicator_id = span.indicator_id AND m.period_id = span.id
                  AND (%(totals)s OR m.split = ''))
   AND EXISTS (SELECT FROM indicators_staged s
                WHERE s.indicator_id = span.indicator_id AND s.starts_on = span.starts_on AND s.ends_on = span.ends_on)
"""
"""Periods that are reported for and have values already; where no total is staged, those that have one."""

_STAGED = "SELECT line, indicator_id, starts_on, ends_on, place_id, cell, value FROM indicators_staged"

_BESIDE = f"""
{_STAGED}
 UNION ALL
SELECT NULL, p.indicator_id, p.starts_on, p.ends_on, v.place_id, v.cell, v.value
  FROM (SELECT DISTINCT ON (period_id, place_id, cell, position) period_id, place_id, cell, position, value
          FROM indicators_value
         WHERE period_id = ANY(%(touched)s)
           AND (%(cutoff)s::timestamptz IS NULL OR recorded_at <= %(cutoff)s)
         ORDER BY period_id, place_id, cell, position, revision DESC) v
  JOIN indicators_period p ON p.id = v.period_id
 WHERE NOT EXISTS (
       SELECT FROM indicators_staged s
        WHERE s.indicator_id = p.indicator_id AND s.starts_on = p.starts_on AND s.ends_on = p.ends_on
          AND s.cell = v.cell AND s.position = v.position AND s.place_id IS NOT DISTINCT FROM v.place_id)
"""
"""What is staged, and of what stands in the same periods whatever it does not replace."""

_APART = """
WITH reported AS NOT MATERIALIZED ({rows}), way AS MATERIALIZED (
  SELECT cell, indicators_split(cell) AS split, cell LIKE '%%' || %(unknown)s || '%%' AS unknown
    FROM (SELECT DISTINCT cell FROM reported) cells
), part AS (
  SELECT s.indicator_id, s.starts_on, s.ends_on, s.place_id, way.split, min(s.line) AS line, sum(s.value) AS value,
         bool_or(way.unknown) AS complete
    FROM reported s JOIN way ON way.cell = s.cell
   WHERE s.indicator_id = ANY(%(indicators)s) AND s.value IS NOT NULL
   GROUP BY s.indicator_id, s.starts_on, s.ends_on, s.place_id, way.split
)
SELECT coalesce(whole.line, part.line), whole.indicator_id, whole.starts_on, whole.ends_on, part.split,
       trim_scale(whole.value), trim_scale(part.value), part.complete
  FROM part whole JOIN part ON part.indicator_id = whole.indicator_id AND part.starts_on = whole.starts_on
   AND part.ends_on = whole.ends_on AND part.place_id IS NOT DISTINCT FROM whole.place_id AND part.split <> ''
 WHERE whole.split = '' AND part.value <> whole.value AND coalesce(whole.line, part.line) IS NOT NULL
 ORDER BY 1, part.split LIMIT %(notes)s
"""
