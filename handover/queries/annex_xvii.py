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
    told: dict[str, Sequence[str]] = {
        "operation": [] if grant.programme.description else ["programme.description"],
        "dates": [],
        "payment": [] if grant.final_payment_on else ["grant.final_payment_on"],
        "checks": [] if AuditGrant.objects.filter(grant=grant).exists() else ["audit"],
    }
    for holding in holdings.holdings():
        told |= holding.annex_xvii(grant.programme)
    return [
        Completeness(
            group,
            Held.ELSEWHERE if group.key not in told else Held.MISSING if told[group.key] else Held.HELD,
            told.get(group.key, ()),
        )
        for group in groups()
    ]
