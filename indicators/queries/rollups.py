"""Rolling up: from what SQL says of each period to a number for a year, over programmes and areas, or why not.

One statement does it, in three steps that each follow the definitions' rules (``queries.rules``): groups and places
within a period, periods within a year, then programmes. It reads the summaries; of a programme that the reader sees
only up to some instant, the values as they stood then.

Where one period contains all others of a year that have values (the year beside its quarters) it alone is taken. A
settlement does not count where the unit that contains it has a value of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from django.db import connection

from indicators.models import Indicator
from indicators.queries import rollup_steps as steps
from indicators.queries.rules import rules


class Why(StrEnum):
    """Why several values have no total."""

    WORDS = "words"
    SPLITS = "splits"
    GROUPS = "groups"
    PLACES = "places"
    PERIODS = "periods"
    OVERLAPPING = "overlapping"
    BREAK = "break"
    DENOMINATORS = "denominators"
    RATES = "rates"
    PERSONS = "persons"
    PROGRAMMES = "programmes"
    RULES = "rules"
    PART = "part"
    EXPRESSIONS = "expressions"
    ARITHMETIC = "arithmetic"

    @property
    def help(self) -> str:
        """Give the reason as a sentence."""
        return HELP[self]


HELP: Final[Mapping[Why, str]] = {
    Why.WORDS: "Not all values are numbers.",
    Why.SPLITS: "The values are broken down in several ways, and nobody reported everybody.",
    Why.GROUPS: "The groups do not add up by the indicator's rule.",
    Why.PLACES: "Places do not add up by the indicator's rule.",
    Why.PERIODS: "The periods of a year do not add up by the indicator's rule.",
    Why.OVERLAPPING: "The periods of a year overlap.",
    Why.BREAK: "There is a break in the series within the year.",
    Why.DENOMINATORS: "Shares never add up, and not all of them have a numerator and a denominator.",
    Why.RATES: "Rates and averages never add up.",
    Why.PERSONS: "Distinct persons never add up: the same person may be counted more than once.",
    Why.PROGRAMMES: "Several indicators do not become one number by their rule.",
    Why.RULES: "The indicators do not follow the same rule.",
    Why.PART: "A part of the calculation is missing.",
    Why.EXPRESSIONS: "The indicators are not calculated alike.",
    Why.ARITHMETIC: "The calculation has no result.",
}


class Level(StrEnum):
    """How coarse an area is."""

    PLACE = "place"
    UNIT = "unit"
    TODAY = "today"
    """Local units as they are today: what was merged counts under its successor."""
    NUTS3 = "nuts3"
    COUNTRY = "country"


@dataclass(frozen=True)
class Rolled:
    """What became of the values of one key in one year (and one area)."""

    key: str
    year: int | None
    area: str | None
    programmes: int
    indicators: int
    values: int
    total: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    why: Why | None


Views = Mapping[int, dt.datetime | None]
"""Programmes by key, with the instant that ends the view; ``None`` where nothing ends it."""


def coded(
    views: Views, *, level: Level | None = None, code: Sequence[str] | None = None, quick: bool = True
) -> list[Rolled]:
    """Roll up all reported indicators that carry a code, in two statements.

    The key is a JSON array: vocabulary, its address, code, measure, unit, currency, counting rule.

    Args:
        level: by areas too; ``Rolled.area`` is then a key of the area, ``None`` for values without a place.
        code: vocabulary, its address and code, to which it is then limited.
        quick: take the sums of a year where they say it all; else look at each period. Both say the same.
    """
    which = "AND (ref ->> 'vocabulary', coalesce(ref ->> 'indicator_uri', ''), ref ->> 'code') = (%(v)s, %(u)s, %(c)s)"
    names = dict(zip(("v", "u", "c"), code, strict=True)) if code else {}
    return _rolled(views, _CODED.format(which=which if code else ""), level, names, quick)


def members(views: Views, keys: Iterable[tuple[int, str]], *, level: Level | None = None) -> list[Rolled]:
    """Roll up indicators under keys of one's own, in two statements.

    Args:
        keys: (key of an indicator, text of what it belongs to).
    """
    found = list(keys)
    if not found:
        return []
    names = {"members": [key for key, _ in found], "texts": [text for _, text in found]}
    return _rolled(views, _MEMBERS, level, names, True)


def _rolled(
    views: Views, member: str, level: Level | None, names: Mapping[str, Any], quick: bool
) -> list[Rolled]:
    if not views:
        return []
    open_ = [key for key, cutoff in views.items() if cutoff is None]
    ended = {key: cutoff for key, cutoff in views.items() if cutoff is not None}
    said: dict[str, Any] = {
        **names,
        "programmes": list(views),
        "open": open_,
        "ended": list(ended),
        "cutoffs": list(ended.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(_SIGNATURES, said)
        said |= _rules(cursor.fetchall())
        cursor.execute(_statement(member, level, ended=bool(ended), quick=quick and level is None), said)
        return [_read(row) for row in cursor.fetchall()]


def _read(row: Sequence[Any]) -> Rolled:
    *told, why = row
    return Rolled(*told, *[Why(why) if why else None])


def _rules(signatures: Iterable[Sequence[str]]) -> dict[str, Any]:
    """Give the rules of each combination of what decides them, as parallel arrays."""
    rows = [
        (*signature, rules(Indicator(**dict(zip(SIGNATURE, signature, strict=True)))))
        for signature in signatures
    ]
    found: dict[str, Any] = {name: [row[at] for row in rows] for at, name in enumerate(SIGNATURE)}
    for name in ("time", "places", "groups"):
        found[name] = [str(getattr(row[-1], name)) for row in rows]
    return found


def _statement(member: str, level: Level | None, *, ended: bool, quick: bool) -> str:
    source = f"{steps.SUMMARIES} UNION ALL SELECT * FROM ended" if ended else steps.SUMMARIES
    area, rest = steps.AREAS[level.value] if level else "''", steps.REST if quick else ""
    parts = [steps.SPANS.format(ended=steps.ENDED if ended else "SELECT 1")]
    parts += [steps.PLAIN.format(source=source)] if quick else []
    parts += [steps.POINTS.format(source=source, area=area, rest=rest), steps.YEARS]
    settled = "SELECT * FROM exact" + (" UNION ALL SELECT * FROM plain" if quick else "")
    return f"WITH {', '.join(parts)}, settled AS ({settled}), {member}, {steps.LINES}"


SIGNATURE: Final = (
    "measure",
    "aggregation_status",
    "counting_rule",
    "over_time",
    "over_places",
    "over_groups",
)
"""What the rules of an indicator depend on."""

_SIGNATURES = f"""
SELECT DISTINCT {", ".join(SIGNATURE)} FROM indicators_indicator
 WHERE programme_id = ANY(%(programmes)s) AND expression = ''
"""

_CODED = """
named AS MATERIALIZED (
  -- Many programmes define an indicator alike: its key is made once for all of them.
  SELECT dense_rank() OVER (ORDER BY ref.key) AS meaning, ref.key, alike.ids, alike.programmes
    FROM (
      SELECT "references", measure, unit, currency, counting_rule, array_agg(id) AS ids,
             array_agg(programme_id) AS programmes
        FROM indicators_indicator
       WHERE programme_id = ANY(%(programmes)s) AND expression = ''
       GROUP BY "references", measure, unit, currency, counting_rule) alike
   CROSS JOIN LATERAL (
      SELECT DISTINCT jsonb_build_array(
               ref ->> 'vocabulary', coalesce(ref ->> 'indicator_uri', ''), ref ->> 'code', alike.measure, alike.unit,
               alike.currency, alike.counting_rule)::text AS key
        FROM jsonb_array_elements(alike."references") ref WHERE true {which}) ref
), member AS (SELECT meaning, unnest(ids) AS id, unnest(programmes) AS programme_id FROM named)
"""

_MEMBERS = """
named AS MATERIALIZED (
  SELECT dense_rank() OVER (ORDER BY m.key) AS meaning, m.key, i.id, i.programme_id
    FROM unnest(%(members)s::bigint[], %(texts)s::text[]) m (indicator_id, key)
    JOIN indicators_indicator i ON i.id = m.indicator_id
   WHERE i.programme_id = ANY(%(programmes)s) AND i.expression = ''
), member AS (SELECT meaning, id, programme_id FROM named)
"""
