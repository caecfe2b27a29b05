"""A portfolio: what all programmes that a caller reaches report under the same code, year by year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers

from handover.access import Actor
from handover.api.serializers import Amount, Body
from indicators.queries import geography
from indicators.queries.portfolio import Line, portfolio
from indicators.queries.rollups import Level


@dataclass(frozen=True)
class Told:
    """A portfolio as it is told: lines, each with the name of its area, and what stands in none."""

    lines: list[dict[str, Any]]
    programmes: int
    uncoded: int
    ended: int


class PortfolioBody(Body):
    """How far areas are gathered; none: over all places."""

    level = serializers.ChoiceField(
        choices=[Level.PLACE.value, Level.NUTS3.value, Level.COUNTRY.value], required=False
    )


class PortfolioLineShown(serializers.Serializer[Mapping[str, Any]]):
    """One code in one year, and one area where that is asked for."""

    vocabulary = serializers.CharField()
    uri = serializers.CharField()
    code = serializers.CharField()
    measure = serializers.CharField()
    unit = serializers.CharField()
    currency = serializers.CharField()
    counting_rule = serializers.CharField()
    year = serializers.IntegerField(allow_null=True)
    area = serializers.CharField(allow_null=True)
    area_name = serializers.CharField(allow_null=True)
    programmes = serializers.IntegerField()
    indicators = serializers.IntegerField()
    values = serializers.IntegerField()
    total = Amount(allow_null=True)
    numerator = Amount(allow_null=True)
    denominator = Amount(allow_null=True)
    why = serializers.CharField(allow_null=True, help_text="Why there is no total.")
    calculated = serializers.BooleanField()


class PortfolioShown(serializers.Serializer[Told]):
    """A portfolio."""

    lines = PortfolioLineShown(many=True)
    programmes = serializers.IntegerField()
    uncoded = serializers.IntegerField(help_text="Indicators without a code: they stand in no line.")
    ended = serializers.IntegerField(help_text="Programmes that are seen as they stood on some day.")


def told(actor: Actor, level: str | None) -> Told:
    """Roll up what an actor reaches; by area without what they read as a donor alone."""
    areas: Mapping[str, geography.Area] = {}
    if level is None:
        found = portfolio(actor)
    else:
        found, areas = geography.portfolio_by(actor, Level(level))
    return Told([_line(line, areas) for line in found.lines], found.programmes, found.uncoded, found.ended)


def _line(line: Line, areas: Mapping[str, geography.Area]) -> dict[str, Any]:
    area = areas.get(line.area) if line.area else None
    counted = (
        "year",
        "programmes",
        "indicators",
        "values",
        "total",
        "numerator",
        "denominator",
        "calculated",
    )
    return {
        **vars(line.key),
        **{name: getattr(line, name) for name in counted},
        "area": area.key if area else line.area,
        "area_name": area.name if area else None,
        "why": line.why.value if line.why else None,
    }
