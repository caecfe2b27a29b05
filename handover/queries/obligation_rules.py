"""The rules of grants that are shipped: data with source, article, mark and validity, never constants in code."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from handover.errors import Invalid
from handover.models import Grant
from handover.models.obligations import CountsFrom, Exposure, Mark, ObligationKind

FILE: Final = Path(__file__).parents[1] / "obligation_rules" / "rules.json"


@dataclass(frozen=True)
class Rule:
    """One rule: what it asks for, for how long from which day, where it stands, and when it binds at all."""

    key: str
    kind: ObligationKind
    titles: Mapping[str, str]
    sources: Mapping[str, str]
    article: str
    mark: Mark
    in_force_from: dt.date | None
    in_force_to: dt.date | None
    counts_from: CountsFrom
    years: int
    months: int
    is_deadline: bool
    exposure: Exposure
    conditions: Mapping[str, str]
    """To which grants it applies, in words, by language."""

    def title(self, language: str) -> str:
        """Give what it asks for in a language, else in English."""
        return self.titles.get(language, self.titles["en"])

    def source(self, language: str) -> str:
        """Name the law, agreement or decision in a language, else in English."""
        return self.sources.get(language, self.sources["en"])

    def condition(self, language: str) -> str:
        """Say to which grants it applies, in a language, else in English."""
        return self.conditions.get(language, self.conditions["en"])

    def in_force(self, grant: Grant) -> bool:
        """Tell whether the rule was in force on any day of a grant, from its first one to its final payment."""
        last = max(grant.ends_on, grant.final_payment_on or grant.ends_on)
        return (self.in_force_from or dt.date.min) <= last and (
            self.in_force_to or dt.date.max
        ) >= grant.starts_on


@cache
def shipped() -> Mapping[str, Rule]:
    """Read the shipped rules, by key, in the order of the file."""
    rows = json.loads(FILE.read_text("utf-8"))["rules"]
    return MappingProxyType({row["key"]: _read(row) for row in rows})


def _read(row: Mapping[str, Any]) -> Rule:
    return Rule(
        key=row["key"],
        kind=ObligationKind(row["kind"]),
        titles=row["title"],
        sources=row["source"],
        article=row["article"],
        mark=Mark(row["mark"]),
        in_force_from=_day(row["in_force_from"]),
        in_force_to=_day(row["in_force_to"]),
        counts_from=CountsFrom(row["counts_from"]),
        years=row["years"],
        months=row["months"],
        is_deadline=row["is_deadline"],
        exposure=Exposure(row["exposure"]),
        conditions=row["asks"],
    )


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def rule(key: str) -> Rule:
    """Give a shipped rule.

    Raises:
        Invalid: there is none with this key.
    """
    found = shipped().get(key)
    if found is None:
        raise Invalid(
            "unknown_rule", f"No rule “{key}” is shipped; there are: {', '.join(shipped())}.", field="rules"
        )
    return found


def title_of(rule: str, own: str, language: str) -> str:
    """Call an obligation by its shipped rule in a language; without one by its own title."""
    known = shipped().get(rule)
    return known.title(language) if known else own
