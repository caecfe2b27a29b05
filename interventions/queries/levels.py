"""Levels: the set that a programme may begin with, and the levels that it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from django.db.models import Count, Q

from handover.models import Programme
from interventions.models import NeedLevel
from interventions.queries.needs import CLOSED

DEFAULT: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "survival": {
            "en": "Survival and basic services",
            "ro": "Supraviețuire și servicii de bază",
            "lt": "Išgyvenimas ir būtiniausios paslaugos",
        },
        "health-safety": {
            "en": "Health and safety",
            "ro": "Sănătate și siguranță",
            "lt": "Sveikata ir saugumas",
        },
        "identity": {
            "en": "Legal identity and documents",
            "ro": "Identitate juridică și acte",
            "lt": "Teisinė tapatybė ir dokumentai",
        },
        "education": {"en": "Education", "ro": "Educație", "lt": "Švietimas"},
        "livelihood": {
            "en": "Employment and income",
            "ro": "Ocupare și venituri",
            "lt": "Užimtumas ir pajamos",
        },
        "participation": {
            "en": "Participation and recognition",
            "ro": "Participare și recunoaștere",
            "lt": "Dalyvavimas ir pripažinimas",
        },
    }
)
"""Levels to begin with, lowest first: ``{key: {language: title}}``. A programme changes them as it sees fit."""


@dataclass(frozen=True)
class Counted:
    """A level with the number of needs that stand on it."""

    level: NeedLevel
    needs: int


def levels(programme: Programme) -> list[Counted]:
    """Give a programme's levels, lowest first, with how many needs stand on each, in one query."""
    standing = Count("needs", filter=~Q(needs__state__in=CLOSED))
    rows = NeedLevel.objects.filter(programme=programme).annotate(standing=standing)
    return [Counted(level, level.standing) for level in rows.order_by("position", "id")]
