"""Figures of a period: what is counted once must not be counted again in a period that overlaps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeVar

from django.db import models

from handover import clock, ledger
from handover.access import Actor
from handover.errors import Invalid
from handover.models import Place
from interventions.actions import entries
from interventions.actions.changes import Why
from interventions.models import Delivery, Intervention, Service, Volunteering

D = TypeVar("D", Delivery, Volunteering)


def check(row: Delivery | Volunteering, *, at: str = "") -> None:
    """Check a period by itself.

    Raises:
        Invalid: it ends before it begins, or has not begun yet.
    """
    if row.ends_on < row.starts_on:
        sentence = f"The period ends on {row.ends_on}, before it begins on {row.starts_on}."
        raise Invalid("dates_reversed", sentence, field=f"{at}ends_on")
    if row.starts_on > clock.today():
        sentence = f"The period begins only on {row.starts_on}: nothing can be counted yet."
        raise Invalid("period_ahead", sentence, field=f"{at}starts_on")


def alone(row: D, others: models.QuerySet[D], *, of: object, at: str = "") -> None:
    """Refuse a period that overlaps another one at the same place; whoever calls holds the row that both hang on.

    Raises:
        Invalid: ``period_overlaps``, naming both.
    """
    same = others.filter(place=row.place).exclude(pk=row.pk)
    other = same.filter(starts_on__lte=row.ends_on, ends_on__gte=row.starts_on).first()
    if other is not None:
        raise overlap(of, row, other, at=at)


def each_alone(rows: Sequence[D], of: Callable[[D], Any], at: Sequence[str]) -> None:
    """Refuse overlaps among new rows by themselves: at most one of a place and of what they are of on each day.

    Raises:
        Invalid: ``period_overlaps``, naming both.
    """
    inside: dict[tuple[object, object], list[tuple[D, str]]] = {}
    for row, where in zip(rows, at, strict=True):
        inside.setdefault((of(row), row.place), []).append((row, where))
    for found in inside.values():
        found.sort(key=lambda item: item[0].starts_on)
        for (earlier, _), (later, where) in pairwise(found):
            if later.starts_on <= earlier.ends_on:
                raise overlap(of(later), later, earlier, at=where)


def corrected(
    row: D,
    version: int,
    values: Mapping[str, Any],
    before: Mapping[str, Any],
    why: Why,
    *,
    of: Service | Intervention,
    by: Actor,
    verb: str,
) -> D:
    """Write figures whose values are put on the row already, and tell the ledger what stood there.

    Raises:
        Stale: somebody else was quicker.
    """
    row.change(version=version, **values)
    ledger.record(
        verb=verb,
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={
            **entries.facts({str(of._meta.model_name): of}),
            "version": row.version,
            "before": entries.facts(before),
            "changes": entries.facts(values),
            **why.facts(),
        },
    )
    return row


def overlap(of: object, row: D, other: D, *, at: str = "") -> Invalid:
    """Make the refusal of a period that overlaps another."""
    sentence = (
        f"“{of}” has figures for {span(other.starts_on, other.ends_on)}{_where(other.place)} already: "
        f"{span(row.starts_on, row.ends_on)} overlaps."
    )
    details: dict[str, Any] = {"field": f"{at}starts_on", "other": str(other.uuid)}
    return Invalid("period_overlaps", sentence, **details)


def span(first: dt.date, last: dt.date) -> str:
    """Write a period."""
    return f"{first} to {last}"


def _where(place: Place | None) -> str:
    return f" in {place.name}" if place else ""
