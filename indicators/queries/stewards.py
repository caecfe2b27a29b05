"""People counted under shared codes, by the organisation that answers for the programmes: protected to be passed on.

An indicator with several codes counts under the first of them alone (by vocabulary, address and code), so that no two
lines tell of the same people and let what is withheld in one be read from the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from handover.disclosure import ALL, Cell, Sum, Table, protect
from handover.errors import Invalid, NotFound
from handover.holdings import Across
from handover.narratives import Narrative
from indicators.models import Indicator
from indicators.models.codes import Measure
from indicators.queries import codelists, rollups
from indicators.queries.portfolio import Key
from indicators.queries.rollups import Rolled
from indicators.queries.rules import counts_people

TOGETHER: Final = 0
"""What stands in the place of an organisation's key for all of them."""
SECONDS: Final = 0.4
"""For which the best answer of one code is looked for; the best safe one found by then is taken."""


def across(stewards: Mapping[int, int], years: Sequence[int], *, threshold: int) -> list[Across]:
    """Count people by code, organisation and year, in three queries; as ``holdings.Holding.across`` says."""
    rows = Indicator.objects.filter(programme__in=list(stewards), expression="").exclude(references=[])
    members: list[tuple[int, str]] = []
    for row in rows.order_by("id"):
        if row.measure == Measure.UNIT and counts_people(row):
            key = _key(row)
            members += [(row.pk, json.dumps([who, *key])) for who in (stewards[row.programme_id], TOGETHER)]
    rolled = rollups.members(dict.fromkeys(stewards), members)
    found: dict[tuple[str, ...], list[tuple[int, Rolled]]] = {}
    for item in rolled:
        who, *named = json.loads(item.key)
        if item.year in years:
            found.setdefault(tuple(named), []).append((who, item))
    told = [_across(Key(*key), lines, years, threshold) for key, lines in sorted(found.items())]
    return [item for item in told if item.figures]


def _key(row: Indicator) -> tuple[str, ...]:
    first = min(
        (ref.get("vocabulary", ""), ref.get("indicator_uri", ""), ref.get("code", ""))
        for ref in row.references
    )
    return (*first, row.measure, row.unit, row.currency, row.counting_rule)


def _across(key: Key, lines: Iterable[tuple[int, Rolled]], years: Sequence[int], threshold: int) -> Across:
    counts: dict[int, dict[int, int | None]] = {}
    for who, item in lines:
        counts.setdefault(who, {})[item.year or 0] = _whole(item.total)
    together = counts.pop(TOGETHER, {})
    figures = protected(counts, together, threshold=threshold)
    return Across(
        code=key.code,
        title=_title(key),
        unit=key.unit,
        years=list(years),
        figures={who: [figures.get((str(who), str(year))) for year in years] for who in counts},
        totals=[figures.get((ALL, str(year))) for year in years],
    )


def protected(
    counts: Mapping[int, Mapping[int, int | None]], totals: Mapping[int, int | None], *, threshold: int
) -> dict[Cell, int | str]:
    """Withhold small counts, and those by which they could be worked out.

    A total is told only where every count below it is known and adds up to it; else it would tell of those that are
    not.

    Args:
        counts: by organisation and year; ``None`` where there is no number.
        totals: by year.
    """
    told: dict[Cell, int | None] = {}
    sums: list[Sum] = []
    for year in sorted({year for by_year in counts.values() for year in by_year}):
        cells = {(str(who), str(year)): by_year[year] for who, by_year in counts.items() if year in by_year}
        known: dict[Cell, int] = {cell: count for cell, count in cells.items() if count is not None}
        told |= known
        total = totals.get(year)
        if total is not None and len(known) == len(cells) and total == sum(known.values()):
            whole: Cell = (ALL, str(year))
            told[whole] = total
            sums.append(Sum(whole, tuple(known)))
    if not any(count is not None and 1 <= count <= threshold for count in told.values()):
        return {cell: count for cell, count in told.items() if count is not None}
    table = Table(counts=told, sums=tuple(sums))
    return dict(protect(table, threshold=threshold, time_limit=SECONDS).figures)


def _whole(total: Decimal | None) -> int | None:
    """Give a count; nothing for what is none."""
    return int(total) if total is not None and total >= 0 and total == int(total) else None


def _title(key: Key) -> list[Narrative]:
    for name in (key.uri, key.vocabulary):
        try:
            titles = codelists.code(name, key.code).title
        except (NotFound, Invalid):
            continue
        return [{"lang": lang or None, "text": text} for lang, text in titles.items()]
    return []
