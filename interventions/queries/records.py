"""Records of the work as they are read: lists, sums by period, what is overdue, and lines for an outline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models

from handover import clock
from handover.canonical import decimal_text
from handover.errors import Invalid
from handover.holdings import Finding
from handover.models import Programme
from interventions.models import Commitment, CommitmentState
from interventions.queries import feeding
from interventions.queries.feeding import Row
from interventions.queries.periods import spanning
from interventions.queries.record_kinds import KINDS, How, Kind, Measure, kind_named, unknown_field


@dataclass(frozen=True)
class Sum:
    """What the records of one period come to; those that reach over its edge stand in a period of their own."""

    label: str
    first: dt.date
    last: dt.date
    group: Mapping[str, str]
    """What the sum is split by, as text; what is referred to by its name."""
    rows: int
    values: Mapping[str, Decimal | None]
    """By measure; where a measure has units, ``quantity (meals)``."""


def listing(
    programme: Programme,
    record: str,
    *,
    filters: Mapping[str, object] | None = None,
    first: dt.date | None = None,
    last: dt.date | None = None,
    cutoff: dt.datetime | None = None,
) -> list[Any]:
    """Give a programme's records of a kind, those with a day in the period, in the order of time.

    Raises:
        Invalid: there is no such kind, field or word.
    """
    kind = kind_named(record)
    found = feeding.chosen(programme, kind, filters, cutoff=cutoff)
    begins, ends = kind.days
    if first is not None and ends:
        found = found.exclude(**{f"{ends}__lt": first})
    if last is not None and begins:
        found = found.exclude(**{f"{begins}__gt": last})
    related = [name for name, column in kind.fields.items() if isinstance(column, models.ForeignKey)]
    return list(found.select_related(*related) if related else found)


def sums(
    programme: Programme,
    record: str,
    *,
    by: str = "quarter",
    split: Sequence[str] = (),
    filters: Mapping[str, object] | None = None,
    cutoff: dt.datetime | None = None,
) -> list[Sum]:
    """Add up a programme's records of a kind by month, quarter, half-year or year, in one query.

    Together the sums hold every record once. What stands at the end of a period is never added up over time.

    Raises:
        Invalid: there is no such kind, field, word or period, or its records do not lie in time.
    """
    kind = kind_named(record)
    if not kind.dated:
        raise Invalid("no_sums", f"Records of “{record}” do not lie in periods: list them.", field="record")
    known = feeding.filterable(kind)
    for name in split:
        if name not in known:
            raise unknown_field(kind, name, known)
    grouped: dict[tuple[object, ...], list[Row]] = {}
    for row in feeding.rows(programme, kind, filters, cutoff=cutoff):
        if row.first is not None and row.last is not None:
            label, span = spanning(by, row.first, row.last)
            key = (*span, label, *(row.groups[name] for name in split))
            grouped.setdefault(key, []).append(row)
    names = _names(kind, split, grouped)
    return [
        _sum(kind, key, found, names)
        for key, found in sorted(grouped.items(), key=lambda item: tuple(map(str, item[0])))
    ]


def _names(
    kind: Kind, split: Sequence[str], keys: Iterable[tuple[object, ...]]
) -> dict[str, Mapping[str, str]]:
    """Give, for each field that a sum is split by, the names of the rows that it refers to, by their keys."""
    known = feeding.filterable(kind)
    named: dict[str, Mapping[str, str]] = {}
    for position, name in enumerate(split, start=3):
        model = known[name].related_model
        named[name] = {}
        if isinstance(model, type) and issubclass(model, models.Model):
            wanted = {key[position] for key in keys} - {""}
            found = model._default_manager.filter(pk__in=wanted)
            named[name] = {str(row.pk): str(row) for row in found}
    return named


def _sum(
    kind: Kind, key: tuple[Any, ...], found: Sequence[Row], names: Mapping[str, Mapping[str, str]]
) -> Sum:
    first, last, label, *group = key
    values: dict[str, Decimal | None] = {}
    for name, measure in kind.measures.items():
        values.update(_measured(name, measure, found))
    told = {name: names[name].get(text, text) for name, text in zip(names, group, strict=True)}
    return Sum(label, first, last, told, len(found), values)


def _measured(name: str, measure: Measure, found: Sequence[Row]) -> dict[str, Decimal | None]:
    if measure.how is How.STANDING:
        return {}
    if not measure.unit:
        return {name: feeding.total(measure, found)}
    said = [row for row in found if not feeding.unknown(measure, row)]
    return {
        f"{name} ({unit})" if unit else name: feeding.total(
            measure, [row for row in said if row.units[name] == unit]
        )
        for unit in sorted({row.units[name] for row in said})
    }


def overdue(programme: Programme, day: dt.date) -> list[Commitment]:
    """Give the open commitments whose due day is over, the oldest first."""
    found = Commitment.objects.filter(programme=programme, state=CommitmentState.OPEN, due_on__lt=day)
    return list(found.select_related("authority").order_by("due_on", "id"))


def health(programme: Programme) -> Iterator[Finding]:
    """Name each commitment that is overdue, with the authority that made it."""
    today = clock.today()
    for row in overdue(programme, today):
        days = (today - row.due_on).days if row.due_on else 0
        late = "1 day" if days == 1 else f"{days} days"
        yield Finding(
            "commitment_overdue",
            f"{row.authority.name} → “{row.text}”: promised on {row.made_on} for {row.due_on}, {late} overdue.",
            str(row.uuid),
        )


def lines(programme: Programme, *, cutoff: dt.datetime | None = None) -> Iterator[str]:
    """Tell how many records of each kind there are, what they come to, and what became of commitments."""
    for kind in KINDS.values():
        # What is entered elsewhere is told there.
        found = [] if kind.elsewhere else feeding.rows(programme, kind, cutoff=cutoff)
        if found:
            count = f"{len(found)} {'record' if len(found) == 1 else 'records'}"
            yield f"{kind.title}: {', '.join([count, *_totals(kind, found)])}"
    yield from _commitments(programme, cutoff)


def _totals(kind: Kind, found: Sequence[Row]) -> Iterator[str]:
    """Tell the first sum of a kind that adds up over time, and how many of the people are children."""
    summed = {
        name: value
        for name, measure in kind.measures.items()
        if measure.columns and measure.how is How.SUM and not measure.unit
        if (value := feeding.total(measure, found))
    }
    for name in list(summed)[:1]:
        yield f"{decimal_text(summed[name])} {kind.measures[name].title}"
    if "people" in summed and "children" in summed:
        yield f"{decimal_text(summed['children'])} of them children"


def _commitments(programme: Programme, cutoff: dt.datetime | None) -> Iterator[str]:
    shown = feeding.chosen(programme, KINDS["commitment"], cutoff=cutoff)
    states = dict(shown.values_list("state").annotate(models.Count("id")).order_by())
    if states:
        late = shown.filter(state=CommitmentState.OPEN, due_on__lt=clock.today()).count()
        told = [f"{states[state.value]} {state.label}" for state in CommitmentState if state.value in states]
        yield f"  what became of commitments: {', '.join(told)}{f'; {late} overdue' if late else ''}"
