"""Annex XVII of Regulation (EU) 2021/1060: which data of an operation are held here, and what is missing of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from handover import holdings
from handover.models import AuditGrant, Grant
from handover.models.obligations import Mark

FILE: Final = Path(__file__).parents[1] / "annex_xvii" / "fields.json"


class Held(Enum):
    """Whether a group of fields is held here."""

    HELD = "held"
    MISSING = "missing"
    ELSEWHERE = "not_kept_here"


@dataclass(frozen=True)
class Group:
    """Fields of the annex that belong together, by their numbers, in words of the toolkit's own."""

    numbers: str
    key: str
    titles: Mapping[str, str]
    mark: Mark

    def title(self, language: str) -> str:
        """Give what they tell in a language, else in English."""
        return self.titles.get(language, self.titles["en"])


@dataclass(frozen=True)
class Completeness:
    """How complete a group is for one grant; ``missing`` names what is not there, by stable words."""

    group: Group
    held: Held
    missing: Sequence[str]


@cache
def groups() -> Sequence[Group]:
    """Read the groups, in the order of the annex."""
    rows: list[dict[str, Any]] = json.loads(FILE.read_text("utf-8"))["groups"]
    return tuple(
        Group(row["numbers"], row["key"], MappingProxyType(row["title"]), Mark(row["mark"])) for row in rows
    )


def completeness(grant: Grant) -> list[Completeness]:
    """Say of each group whether it is held for the operation that a grant pays, and what is missing.

    Codes and grants that are passed on are the managing authority's own system's: they are not kept here.
    """
    return of_grants([grant])[grant.pk]


def of_grants(grants: Sequence[Grant]) -> dict[int, list[Completeness]]:
    """Say the same of several grants of one programme, by their keys; the programme is asked once."""
    if not grants:
        return {}
    programme = grants[0].programme
    shared: dict[str, Sequence[str]] = {
        "operation": [] if programme.description else ["programme.description"],
        "dates": [],
    }
    for holding in holdings.holdings():
        shared |= holding.annex_xvii(programme)
    audited = set(AuditGrant.objects.filter(grant__in=grants).values_list("grant_id", flat=True))
    return {grant.pk: _told(grant, shared, audited=grant.pk in audited) for grant in grants}


def _told(grant: Grant, shared: Mapping[str, Sequence[str]], *, audited: bool) -> list[Completeness]:
    told = {
        **shared,
        "payment": [] if grant.final_payment_on else ["grant.final_payment_on"],
        "checks": [] if audited else ["audit"],
    }
    return [
        Completeness(
            group,
            Held.ELSEWHERE if group.key not in told else Held.MISSING if told[group.key] else Held.HELD,
            told.get(group.key, ()),
        )
        for group in groups()
    ]
