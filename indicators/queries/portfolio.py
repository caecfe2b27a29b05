"""A portfolio: what all programmes that an actor reaches report under the same code, year by year.

Indicators meet by a shared code alone (vocabulary, its address, code), and only with the same measure, unit, currency
and counting rule; a title proves nothing. What has no code is counted, so that nobody takes the sum for everything.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

from django.db.models import Count, Q

from handover import access, clock
from handover.access import Actor
from handover.models import Standing
from handover.permissions import Permission, StandingKind
from indicators.models import Indicator
from indicators.queries import rollups
from indicators.queries.calculated import parts_of
from indicators.queries.expressions import evaluate
from indicators.queries.rollups import Level, Rolled, Views, Why

Leaves: TypeAlias = Mapping[str, int]
"""Reported indicators under a calculated one: their keys, by the way to them through the names of the parts."""


@dataclass(frozen=True)
class Key:
    """What indicators must share to stand in one line."""

    vocabulary: str
    uri: str
    code: str
    measure: str
    unit: str
    currency: str
    counting_rule: str


@dataclass(frozen=True)
class Line:
    """One code in one year (and one area): how much of it there is, and its total or why there is none."""

    key: Key
    year: int | None
    area: str | None
    programmes: int
    indicators: int
    values: int
    total: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    why: Why | None
    calculated: bool = False


@dataclass(frozen=True)
class Portfolio:
    """Lines by code and year, and what does not stand in them."""

    lines: Sequence[Line]
    programmes: int
    uncoded: int
    """Indicators without a code: they stand in no line."""
    ended: int
    """Programmes that are seen only as they stood on some day."""


def views_of(actor: Actor, *, by_area: bool = False) -> Views:
    """Give the programmes that an actor may read, with the instant that ends the view, in two queries.

    Args:
        by_area: leave out those that it reads as a donor alone: small counts of a place do not leave their circle.
    """
    ends: dict[int, list[dt.datetime | None]] = defaultdict(list)
    rows = Standing.objects.filter(organisation=actor.organisation, valid__contains=clock.now())
    if by_area:
        rows = rows.exclude(kind=StandingKind.DONOR.value)
    for key, cutoff in rows.values_list("programme_id", "cutoff"):
        ends[key].append(cutoff)
    allowed = access.programme_ids(actor, may=Permission.VIEW)
    return {key: _end(found) for key, found in sorted(ends.items()) if key in allowed}


def _end(cutoffs: Sequence[dt.datetime | None]) -> dt.datetime | None:
    """Give what ends a view: nothing, where one standing has no end."""
    known = [cutoff for cutoff in cutoffs if cutoff is not None]
    return max(known) if len(known) == len(cutoffs) else None


def portfolio(actor: Actor, *, level: Level | None = None, code: Sequence[str] | None = None) -> Portfolio:
    """Roll up what an actor reaches, in a number of queries that depends on nothing in it. Inside ``access.asking``.

    Args:
        level: by areas too.
        code: vocabulary, its address and code, to which it is then limited.
    """
    views = views_of(actor, by_area=level is not None)
    lines = [_line(rolled) for rolled in rollups.coded(views, level=level, code=code)]
    counts = Indicator.objects.filter(programme__in=list(views)).aggregate(
        uncoded=Count("pk", filter=Q(references=[])), calculated=Count("pk", filter=~Q(expression=""))
    )
    if counts["calculated"]:
        lines += _calculated(views, level, code)
    return Portfolio(
        lines=sorted(lines, key=_place_in_order),
        programmes=len(views),
        uncoded=counts["uncoded"],
        ended=sum(cutoff is not None for cutoff in views.values()),
    )


def _line(rolled: Rolled) -> Line:
    return Line(
        key=Key(*json.loads(rolled.key)),
        year=rolled.year,
        area=rolled.area,
        programmes=rolled.programmes,
        indicators=rolled.indicators,
        values=rolled.values,
        total=rolled.total,
        numerator=rolled.numerator,
        denominator=rolled.denominator,
        why=rolled.why,
    )


def _place_in_order(line: Line) -> tuple[str, ...]:
    key = line.key
    words = (key.vocabulary, key.uri, key.code, key.measure, key.unit, key.currency, key.counting_rule)
    return (*words, f"{line.year or 0:06}", line.area or "")


# --- calculated ones: from their parts, each rolled up first -------------------------------------------


@dataclass(frozen=True)
class _Shape:
    """How something is calculated, down to what is reported: an expression, and below each name another or a leaf."""

    expression: str
    parts: Mapping[str, _Shape | None]


def _calculated(views: Views, level: Level | None, code: Sequence[str] | None) -> list[Line]:
    """Roll up calculated indicators: the parts first, each by its own rule, then the expression once."""
    rows = list(Indicator.objects.filter(programme__in=list(views)).exclude(expression=""))
    by_key: dict[Key, list[Indicator]] = defaultdict(list)
    for row in rows:
        for key in _keys(row):
            if code is None or (key.vocabulary, key.uri, key.code) == tuple(code):
                by_key[key].append(row)
    if not by_key:
        return []
    known = {row.uuid: row for row in rows}
    known |= {row.uuid: row for row in _parts(rows, known)}
    keys = list(by_key)
    shapes = {row.pk: _shape(row, known) for found in by_key.values() for row in found}
    members = [
        (pk, json.dumps([at, path]))
        for at, key in enumerate(keys)
        for row in by_key[key]
        for path, pk in _leaves(row, known)
    ]
    rolled: dict[tuple[int, int | None, str | None], dict[str, Rolled]] = defaultdict(dict)
    for found in rollups.members(views, members, level=level):
        at, path = json.loads(found.key)
        rolled[at, found.year, found.area][path] = found
    return [
        _evaluated(keys[at], year, area, by_key[keys[at]], shapes, parts)
        for (at, year, area), parts in rolled.items()
    ]


def _keys(row: Indicator) -> set[Key]:
    same = (row.measure, row.unit, row.currency, row.counting_rule)
    return {
        Key(ref.get("vocabulary", ""), ref.get("indicator_uri", ""), ref.get("code", ""), *same)
        for ref in row.references
    }


def _parts(rows: Sequence[Indicator], known: Mapping[UUID, Indicator]) -> Iterator[Indicator]:
    wanted = {uuid for row in rows for uuid in parts_of(row).values()} - known.keys()
    programmes = {row.programme_id for row in rows}
    yield from Indicator.objects.filter(programme__in=programmes, uuid__in=wanted)


def _shape(row: Indicator, known: Mapping[UUID, Indicator]) -> _Shape | None:
    if not row.expression:
        return None
    parts = {name: known.get(uuid) for name, uuid in parts_of(row).items()}
    return _Shape(
        row.expression, {name: _shape(part, known) if part else None for name, part in parts.items()}
    )


def _leaves(row: Indicator, known: Mapping[UUID, Indicator], way: str = "") -> Iterator[tuple[str, int]]:
    for name, uuid in parts_of(row).items():
        part = known.get(uuid)
        if part is not None and part.expression:
            yield from _leaves(part, known, f"{way}{name}.")
        elif part is not None:
            yield f"{way}{name}", part.pk


def _evaluated(
    key: Key,
    year: int | None,
    area: str | None,
    rows: Sequence[Indicator],
    shapes: Mapping[int, _Shape | None],
    parts: Mapping[str, Rolled],
) -> Line:
    alike = all(shapes[row.pk] == shapes[rows[0].pk] for row in rows)
    counts = [part.indicators for part in parts.values()]
    # Parts of different programmes do not belong to each other.
    matched = len(set(counts)) == 1
    total, why = None, None if alike else Why.EXPRESSIONS
    shape = shapes[rows[0].pk]
    if alike and shape is not None:
        total, why = _value(shape, parts) if matched else (None, Why.PART)
    return Line(
        key=key,
        year=year,
        area=area,
        programmes=max(part.programmes for part in parts.values()),
        indicators=max(counts),
        values=sum(part.values for part in parts.values()),
        total=total,
        numerator=None,
        denominator=None,
        why=why,
        calculated=True,
    )


def _value(shape: _Shape, parts: Mapping[str, Rolled], way: str = "") -> tuple[Decimal | None, Why | None]:
    inputs: dict[str, Decimal | None] = {}
    stopped: Why | None = None
    for name, inner in shape.parts.items():
        if inner is not None:
            inputs[name], why = _value(inner, parts, f"{way}{name}.")
        else:
            part = parts.get(f"{way}{name}")
            inputs[name], why = (part.total, part.why) if part else (None, Why.PART)
        stopped = stopped or why
    outcome = evaluate(shape.expression, inputs)
    if outcome.value is None:
        return None, stopped or (Why.PART if outcome.parts else Why.ARITHMETIC)
    return outcome.value, None
