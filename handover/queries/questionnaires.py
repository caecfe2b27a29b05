"""An instrument of readiness, read: domains of items, a scale, thresholds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from handover.canonical import digest
from handover.errors import Invalid
from handover.models.milestones import MilestoneKind, Side
from handover.narratives import Narrative, best


@dataclass(frozen=True)
class Item:
    """One statement that is scored."""

    key: str
    text: Sequence[Narrative]
    weight: Decimal


@dataclass(frozen=True)
class Suggestion:
    """The transfer milestone that would close a gap, and how many days it takes."""

    kind: MilestoneKind
    title: Sequence[Narrative]
    signs: tuple[Side, ...]
    days: int


@dataclass(frozen=True)
class Domain:
    """Items that belong together."""

    key: str
    title: Sequence[Narrative]
    weight: Decimal
    items: tuple[Item, ...]
    suggests: Suggestion | None = None


@dataclass(frozen=True)
class Questionnaire:
    """An instrument, read: its domains, scale and thresholds."""

    key: str
    edition: str
    title: Sequence[Narrative]
    source: str
    licence: str
    about: str
    lowest: int
    highest: int
    labels: Mapping[int, Sequence[Narrative]]
    ready: Decimal
    nearly: Decimal
    domains: tuple[Domain, ...]
    document: Mapping[str, Any]
    """What a programme keeps: the domains, the scale, the thresholds, texts as narratives."""

    @property
    def items(self) -> Iterator[Item]:
        """Give the items of all domains, in their order."""
        return (item for domain in self.domains for item in domain.items)

    def domain(self, key: str) -> Domain:
        """Give a domain by its key.

        Raises:
            Invalid: there is none; it names those that there are.
        """
        for domain in self.domains:
            if domain.key == key:
                return domain
        there = ", ".join(domain.key for domain in self.domains)
        raise Invalid(
            "unknown_domain",
            f"Instrument “{self.key}” has no domain “{key}”; it has: {there}.",
            field="domain",
        )

    def digest(self) -> str:
        """Give the SHA-256 of all that it says."""
        return digest(
            {
                "key": self.key,
                "edition": self.edition,
                "title": self.title,
                "source": self.source,
                "licence": self.licence,
                "document": self.document,
            }
        )

    def called(self, domain: str = "", lang: str = "en") -> str:
        """Give a domain's title, or the instrument's where no domain is named."""
        return best(self.domain(domain).title if domain else self.title, lang)
