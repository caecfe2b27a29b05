"""Totals and their groups, held against each other: where both were reported, they should say the same.

Groups of axes that an indicator declares exclude each other: together they never exceed the total, and reach it where
*unknown* is among them. Of any other groups, which may overlap, a difference is only told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Protocol

from django.db import connection

from handover.canonical import decimal_text
from handover.models import Programme
from indicators.models import Indicator, Period
from indicators.models.axes import UNKNOWN
from indicators.models.cells import TOTAL, parse_cell
from indicators.models.codes import Aggregation
from indicators.queries.aggregates import Part, parts
from indicators.queries.rules import rules

COMPARED: Final = {Aggregation.SUM: ("value",), Aggregation.WEIGHTED: ("numerator", "denominator")}
"""What of a total its groups must add up to: the number, or what a share is made of. By any other rule nothing is."""


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """A total that is not what its groups add up to."""

    indicator_id: int
    period_id: int | None
    starts_on: dt.date | None
    ends_on: dt.date | None
    place_id: int | None
    split: str
    """Names of the axes by which the groups are told apart, sorted, joined by ``|``."""
    of: str
    """``value``, ``numerator`` or ``denominator``."""
    total: Decimal
    parts: Decimal
    complete: bool
    """*Unknown* is among the groups: they should reach the total."""
    declared: bool
    """The indicator declares these axes: its groups exclude each other."""

    @property
    def difference(self) -> Decimal:
        """Give by how much the total is larger than its groups together."""
        return self.total - self.parts

    @property
    def wrong(self) -> bool:
        """Tell whether it cannot be so; otherwise some are simply of no known group."""
        return self.declared and (self.parts > self.total or self.complete)

    @property
    def sentence(self) -> str:
        """Say it to a person."""
        by, of = self.split.replace("|", " and "), "" if self.of == "value" else f" ({self.of})"
        total, together = decimal_text(self.total), decimal_text(self.parts)
        if self.parts > self.total or self.wrong:
            return f"The groups by {by} add up to {together}, the total is {total}{of}."
        unknown = decimal_text(self.difference)
        return f"The groups by {by} add up to {together} of {total}{of}: {unknown} of unknown group."


class Reported(Protocol):
    """One value as it was or would be reported, such as a value or a draft."""

    @property
    def place_id(self) -> int | None:
        """Give the key of its place."""

    @property
    def cell(self) -> str:
        """Give its cell."""

    @property
    def value(self) -> Decimal | None:
        """Give its number."""

    @property
    def numerator(self) -> Decimal | None:
        """Give its numerator."""

    @property
    def denominator(self) -> Decimal | None:
        """Give its denominator."""


def disagreements(
    programme: Programme,
    *,
    cutoff: dt.datetime | None = None,
    indicators: Sequence[Indicator] | None = None,
) -> list[Disagreement]:
    """Give every total of a programme that is not what its groups add up to, in four queries at most.

    Args:
        cutoff: ``Reach.cutoff``.
        indicators: those to look at; all by default.
    """
    rows = Indicator.objects.filter(programme=programme) if indicators is None else indicators
    asked = {row.pk: row for row in rows if rules(row).groups in COMPARED and not row.expression}
    periods = Period.objects.filter(programme=programme, indicator__in=asked)
    by_key = {period.pk: period for period in periods.order_by("starts_on", "ends_on", "position", "id")}
    found: list[Disagreement] = []
    said = parts(by_key.values(), cutoff=cutoff)
    for key, period in by_key.items():
        found += [
            replace(each, period_id=key, starts_on=period.starts_on, ends_on=period.ends_on)
            for each in _compared(asked[period.indicator_id], said.get(key, ()))
        ]
    return _completed(found, cutoff)


def of_rows(
    indicator: Indicator, rows: Iterable[Reported], *, starts_on: dt.date | None, ends_on: dt.date | None
) -> list[Disagreement]:
    """Give the totals among values of one period that are not what their groups add up to, without any query."""
    if indicator.expression or rules(indicator).groups not in COMPARED:
        return []
    gathered: dict[tuple[int | None, str], list[Reported]] = {}
    complete: set[tuple[int | None, str]] = set()
    for row in rows:
        axes = parse_cell(row.cell)
        way = (row.place_id, "|".join(sorted(axis["name"] for axis in axes)))
        gathered.setdefault(way, []).append(row)
        if any(axis["value"] == UNKNOWN for axis in axes):
            complete.add(way)
    ways = [_part(place, split, found) for (place, split), found in gathered.items()]
    return [
        replace(each, starts_on=starts_on, ends_on=ends_on, complete=(each.place_id, each.split) in complete)
        for each in _compared(indicator, ways)
    ]


def _part(place: int | None, split: str, rows: Sequence[Reported]) -> Part:
    def total(name: str) -> Decimal:
        return sum((getattr(row, name) or Decimal(0) for row in rows), Decimal(0))

    return Part(
        place=place,
        split=split,
        values=len(rows),
        numbers=sum(row.value is not None for row in rows),
        fractions=sum(row.denominator is not None for row in rows),
        total=total("value"),
        numerator=total("numerator"),
        denominator=total("denominator"),
    )


def _compared(indicator: Indicator, ways: Iterable[Part]) -> list[Disagreement]:
    """Hold the total of each place against each way of disaggregating it."""
    known = list(ways)
    wholes = {way.place: way for way in known if way.split == TOTAL and way.values == 1}
    compared = COMPARED[rules(indicator).groups]
    declared = set(indicator.axes)
    found = []
    for way in known:
        whole = wholes.get(way.place)
        if whole is None or way.split == TOTAL:
            continue
        for name in compared:
            total, together = _number(whole, name), _number(way, name)
            if total is None or together is None or total == together:
                continue
            found.append(
                Disagreement(
                    indicator_id=indicator.pk,
                    period_id=None,
                    starts_on=None,
                    ends_on=None,
                    place_id=way.place,
                    split=way.split,
                    of=name,
                    total=total,
                    parts=together,
                    complete=False,
                    declared=declared.issuperset(way.split.split("|")),
                )
            )
    return found


def _number(part: Part, name: str) -> Decimal | None:
    """Give what is compared, where every value has it; a count with a denominator is a rate, which never adds up."""
    if name == "value":
        return part.total if part.numbers == part.values and not part.fractions else None
    if part.fractions != part.values:
        return None
    return part.numerator if name == "numerator" else part.denominator


def _completed(found: Sequence[Disagreement], cutoff: dt.datetime | None) -> list[Disagreement]:
    """Say of which of them *unknown* is among the groups, in one query."""
    if not found:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT period_id, place_id, indicators_split(cell) FROM indicators_value
             WHERE period_id = ANY(%(periods)s) AND (cell || '|') LIKE %(unknown)s
               AND (%(cutoff)s::timestamptz IS NULL OR recorded_at <= %(cutoff)s)
            """,
            {
                "periods": [each.period_id for each in found],
                "unknown": f"%={UNKNOWN}|%",
                "cutoff": cutoff,
            },
        )
        complete = set(cursor.fetchall())
    return [replace(each, complete=(each.period_id, each.place_id, each.split) in complete) for each in found]
