"""Axes: what a programme disaggregates by, the axes that ship with the toolkit, and what a value may name of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

from handover.errors import Invalid, NotFound
from handover.models import Programme
from indicators.models import Axis, Indicator
from indicators.models.axes import UNKNOWN
from indicators.models.cells import Dimension
from indicators.queries.codelists import Mark

Titles = Mapping[str, str]
"""A title by language."""

FILE: Final = resources.files("indicators.codelists") / "axes" / "standard.json"


@dataclass(frozen=True)
class StandardAxis:
    """An axis that ships with the toolkit, with where it stands and how sure that is."""

    name: str
    title: Titles
    categories: Mapping[str, Titles]
    """In their order; ``unknown`` is of every axis and not among them."""
    estimated: bool
    source: str
    mark: Mark


@cache
def standard() -> Mapping[str, StandardAxis]:
    """Give the axes that ship with the toolkit, by name."""
    return MappingProxyType(
        {
            row["name"]: StandardAxis(
                name=row["name"],
                title=MappingProxyType(row["title"]),
                categories=MappingProxyType(
                    {item["code"]: MappingProxyType(item["title"]) for item in row["categories"]}
                ),
                estimated=row["estimated"],
                source=row["source"],
                mark=Mark(row["mark"]),
            )
            for row in _document()["axes"]
        }
    )


@cache
def unknown_title() -> Titles:
    """Give the title of the category that every axis has."""
    return MappingProxyType(_document()["unknown"])


def standard_named(name: str) -> StandardAxis:
    """Give a standard axis.

    Raises:
        NotFound: there is none of that name.
    """
    found = standard().get(name)
    if found is None:
        raise NotFound("standard axis")
    return found


def allowed(programme: Programme) -> dict[str, frozenset[str]]:
    """Give the categories of each of a programme's axes, ``unknown`` among them, in one query."""
    rows = Axis.objects.filter(programme=programme).values_list("name", "categories")
    return {name: frozenset({UNKNOWN, *(item["code"] for item in categories)}) for name, categories in rows}


def check(
    indicator: Indicator,
    dimensions: Iterable[Dimension],
    known: Mapping[str, frozenset[str]] | None = None,
) -> None:
    """Refuse a disaggregation that is not along an indicator's axes. One that names no axes takes any.

    Args:
        known: ``allowed`` of its programme; read if it is not given and needed.

    Raises:
        Invalid: ``unknown_axis`` or ``unknown_category``; the field is the axis.
    """
    given = list(dimensions)
    if not indicator.axes or not given:
        return
    categories = allowed(indicator.programme) if known is None else known
    seen: set[str] = set()
    for item in given:
        name, value = item["name"], item["value"]
        if name not in indicator.axes:
            axes = ", ".join(indicator.axes)
            raise Invalid(
                "unknown_axis", f"This indicator is broken down by {axes}, not by “{name}”.", field=name
            )
        if name in seen:
            raise Invalid("unknown_axis", f"A value names the axis “{name}” once.", field=name)
        seen.add(name)
        if value not in categories.get(name, frozenset({UNKNOWN})):
            raise Invalid("unknown_category", f"“{name}” has no category “{value}”.", field=name)


@cache
def _document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found
