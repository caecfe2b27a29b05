"""`handover portfolio`: what all programmes that somebody reaches report under the same code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from itertools import groupby
from typing import Any

from django.core.management.base import CommandParser

from handover import access
from handover.management.base import ActorCommand, Call, Told
from handover.management.tables import table
from handover.terminal import heading
from indicators.models.codes import CountingRule
from indicators.queries import geography, wording
from indicators.queries.geography import Area
from indicators.queries.portfolio import Key, Line, Portfolio, portfolio
from indicators.queries.rollups import Level

BY = (Level.PLACE, Level.NUTS3, Level.COUNTRY)


class Command(ActorCommand):
    help = (
        "Show a portfolio: for each code that indicators carry, by year, how many programmes report it and what it "
        "comes to, or why it has no total. Shares and distinct persons never add up."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--by", choices=[level.value for level in BY], help="by area too")
        super().add_arguments(parser)

    def act(self, call: Call) -> Told:
        level = Level(call["by"]) if call["by"] else None
        areas: Mapping[str, Area] = {}
        with access.asking(call.by):
            if level is None:
                found = portfolio(call.by)
            else:
                found, areas = geography.portfolio_by(call.by, level)
        return Told(_document(found, areas), list(_lines(found, areas, level)))


def _lines(found: Portfolio, areas: Mapping[str, Area], level: Level | None) -> Iterator[str]:
    yield f"Programmes: {found.programmes}. Indicators without a code, which stand in no sum: {found.uncoded}."
    if found.ended:
        yield f"{found.ended} of the programmes are seen as they stood when they were handed over."
    if not found.lines:
        yield "No indicator with a code has values yet."
    for key, lines in groupby(found.lines, key=lambda line: line.key):
        yield from heading(f"{key.code} {wording.code_title(key.vocabulary, key.uri, key.code)}".strip())
        yield _rule(key)
        heads = ("Year", *(("Where",) if level else ()), "Programmes", "Indicators", "Total")
        yield from table(heads, [_row(line, areas, level) for line in lines], empty="")


def _rule(key: Key) -> str:
    known = key.counting_rule in CountingRule.values
    unit = key.currency or key.unit
    return (CountingRule(key.counting_rule).label if known else key.counting_rule) + (
        f", {unit}" if unit else ""
    )


def _row(line: Line, areas: Mapping[str, Area], level: Level | None) -> list[object]:
    where = [_name(line, areas)] if level else []
    total = wording.amount(line.key.measure, line.total, currency=line.key.currency)
    return [
        line.year or "no dates",
        *where,
        line.programmes,
        line.indicators,
        line.why.help if line.why else total,
    ]


def _name(line: Line, areas: Mapping[str, Area]) -> str:
    if line.area is None:
        return "(no place)"
    return areas[line.area].name if line.area in areas else line.area


def _document(found: Portfolio, areas: Mapping[str, Area]) -> dict[str, Any]:
    return {
        "programmes": found.programmes,
        "uncoded": found.uncoded,
        "ended": found.ended,
        "lines": [
            {
                **asdict(line.key),
                "year": line.year,
                "area": areas[line.area].key if line.area and line.area in areas else line.area or None,
                "programmes": line.programmes,
                "indicators": line.indicators,
                "values": line.values,
                "total": line.total,
                "numerator": line.numerator,
                "denominator": line.denominator,
                "calculated": line.calculated,
                "why": line.why,
            }
            for line in found.lines
        ],
    }
