"""Budgets: which stage of a line stands, and how the money moves from the grant to others, year by year."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from textwrap import wrap
from typing import Final

from django.db.models import Q

from handover import clock
from handover.canonical import decimal_text
from handover.errors import Invalid
from handover.holdings import Finding
from handover.models import BudgetLine, Organisation, Programme, Tenure, TransferResponsibility
from handover.models.budgets import BudgetStage
from handover.models.registers import Source
from handover.models.responsibilities import Capacity, Phase
from handover.models.transfers import OPEN_STATES
from handover.queries.currencies import Rates, known, rates

ORDER: Final[Mapping[str, int]] = {stage: place for place, stage in enumerate(BudgetStage)}
"""Stages from the least sure to the surest."""

WIDTH: Final = 100
"""Characters of a line on a terminal."""
BAR: Final = 20
"""Characters of a bar on a terminal."""
MARKS: Final[Mapping[Source, str]] = {
    Source.GRANT: "#",
    Source.MUNICIPALITY: "=",
    Source.STATE: "+",
    Source.OTHER: "-",
}


class Certainty(StrEnum):
    """How sure an amount is."""

    EXECUTED = "executed"
    DECIDED = "decided"
    REQUESTED = "requested"
    ESTIMATE = "estimate"


CERTAINTY: Final[Mapping[BudgetStage, Certainty]] = {
    BudgetStage.ESTIMATE: Certainty.ESTIMATE,
    BudgetStage.REQUESTED: Certainty.REQUESTED,
    BudgetStage.ADOPTED: Certainty.DECIDED,
    BudgetStage.REVISED: Certainty.DECIDED,
    BudgetStage.EXECUTED: Certainty.EXECUTED,
}


@dataclass(frozen=True)
class Standing:
    """A budget line as it stands: its latest stage, and the rows of the stages before."""

    line: BudgetLine
    before: Sequence[BudgetLine] = ()

    @property
    def stage(self) -> BudgetStage:
        """Give its stage."""
        return stage_of(self.line)

    @property
    def certainty(self) -> Certainty:
        """Tell how sure its amount is."""
        return CERTAINTY[self.stage]

    @property
    def decided(self) -> bool:
        """Tell whether who pays has decided to."""
        return self.certainty in (Certainty.DECIDED, Certainty.EXECUTED)


def stage_of(line: BudgetLine) -> BudgetStage:
    """Give the stage of a row; without one it counts as adopted."""
    return BudgetStage(line.stage or BudgetStage.ADOPTED)


def identity(line: BudgetLine) -> tuple[int, str, int, str, str]:
    """Give what makes rows the stages of one line."""
    return (
        line.responsibility_id,
        " ".join(line.title.split()).casefold(),
        line.year,
        line.source,
        line.classification.strip(),
    )


def _later(line: BudgetLine) -> tuple[int, dt.date, int]:
    return ORDER[stage_of(line)], line.decided_on or dt.date.min, line.pk


def standing(lines: Iterable[BudgetLine]) -> list[Standing]:
    """Give each line as it stands: of the same stage the one decided last, else entered last."""
    same: defaultdict[tuple[int, str, int, str, str], list[BudgetLine]] = defaultdict(list)
    for line in lines:
        same[identity(line)].append(line)
    found = [Standing(rows[-1], rows[:-1]) for rows in (sorted(rows, key=_later) for rows in same.values())]
    return sorted(
        found, key=lambda item: (item.line.year, item.line.responsibility_id, item.line.title, item.line.pk)
    )


def lines_standing(programme: Programme) -> list[Standing]:
    """Read a programme's budget lines as they stand, in one query."""
    return standing(
        BudgetLine.objects.filter(programme=programme)
        .select_related("responsibility", "legal_act")
        .order_by("id")
    )


@dataclass(frozen=True)
class CurveYear:
    """What one year costs: amounts by who pays and how sure it is."""

    year: int
    amounts: Mapping[tuple[Source, Certainty], Decimal]

    @property
    def total(self) -> Decimal:
        """Give the sum."""
        return sum(self.amounts.values(), Decimal(0))

    def by_source(self) -> dict[Source, Decimal]:
        """Give the sums by who pays, in the order of the sources."""
        return {
            source: sum((amount for (who, _), amount in self.amounts.items() if who == source), Decimal(0))
            for source in Source
            if any(who == source for who, _ in self.amounts)
        }

    def by_certainty(self) -> dict[Certainty, Decimal]:
        """Give the sums by how sure they are, the surest first."""
        return {
            level: sum((amount for (_, sure), amount in self.amounts.items() if sure == level), Decimal(0))
            for level in Certainty
            if any(sure == level for _, sure in self.amounts)
        }

    def share(self, source: Source) -> Decimal | None:
        """Give a source's share of the year, in per cent; ``None`` for a year of nothing."""
        if not self.total:
            return None
        part = self.by_source().get(source, Decimal(0))
        return (part * 100 / self.total).quantize(Decimal("0.1"))


@dataclass(frozen=True)
class Curve:
    """What a programme costs year by year, in one currency."""

    currency: str
    years: Sequence[CurveYear]


def concerned(programme: Programme, organisation: Organisation) -> frozenset[int]:
    """Give the responsibilities (their keys) that an organisation or a body of its own holds today, or takes over by a
    plan that is still open."""
    bodies = Organisation.objects.filter(Q(pk=organisation.pk) | Q(parent=organisation))
    held = Tenure.objects.filter(
        programme=programme,
        capacity=Capacity.HOLDER,
        organisation__in=bodies,
        valid__contains=clock.today(),
    ).values_list("responsibility_id", flat=True)
    planned = TransferResponsibility.objects.filter(
        programme=programme,
        transfer__state__in=OPEN_STATES,
        transfer__receiver__in=bodies,
        transfer__reverses__isnull=True,
    ).exclude(phase=Phase.OUT)
    return frozenset(held) | frozenset(planned.values_list("responsibility_id", flat=True))


def common_currency(lines: Iterable[BudgetLine]) -> str:
    """Give the currency in which most lines are kept; of two that are as frequent, the first in the alphabet."""
    counted = Counter(line.currency for line in lines)
    return min(counted, key=lambda code: (-counted[code], code), default="")


def converted(line: BudgetLine, into: str, kept: Rates) -> Decimal:
    """Give a line's amount in another currency, at the rate that holds at the end of its year.

    Raises:
        Invalid: there is no such rate.
    """
    return kept.convert(
        line.amount,
        line.currency,
        into,
        on=dt.date(line.year, 12, 31),
        named=f"{line.year}: {line.title}",
    )


def curve(programme: Programme, currency: str = "") -> Curve:
    """Add up the lines as they stand by year, source and certainty, in two queries.

    Args:
        currency: of the sums; the commonest of the lines if not said.

    Raises:
        Invalid: an unknown currency, or a line without a rate into it.
    """
    found = lines_standing(programme)
    into = currency or common_currency(item.line for item in found)
    if currency:
        known(currency, field="currency", named="the curve")
    kept = rates(programme)
    years: dict[int, defaultdict[tuple[Source, Certainty], Decimal]] = {}
    for item in found:
        amounts = years.setdefault(item.line.year, defaultdict(Decimal))
        amounts[Source(item.line.source), item.certainty] += converted(item.line, into, kept)
    return Curve(into, [CurveYear(year, dict(years[year])) for year in sorted(years)])


def lines(programme: Programme, currency: str = "") -> Iterator[str]:
    """Tell the curve from grant to municipality, one line a year; nothing where no line is kept.

    Raises:
        Invalid: as for ``curve``.
    """
    found = curve(programme, currency)
    width = max((len(_thousands(year.total)) for year in found.years), default=0)
    for year in found.years:
        said = ", ".join(
            f"{source.label} {_percent(year.share(source))} %"
            for source, amount in year.by_source().items()
            if amount
        )
        sure = ", ".join(
            f"{level} {_percent(amount * 100 / year.total)} %"
            for level, amount in year.by_certainty().items()
            if amount
        )
        line = f"{year.year} {bar(year)} {_thousands(year.total):>{width}} {found.currency}  {said} ({sure})"
        yield from wrap(line, WIDTH, subsequent_indent=" " * (BAR + 6))


def chapter(programme: Programme) -> Iterator[str]:
    """Tell the curve with what its marks mean; one sentence instead where amounts cannot be added up."""
    try:
        told = list(lines(programme))
    except Invalid as refused:
        told = [refused.sentence]
    if told:
        marks = ", ".join(f"{mark} {source.label}" for source, mark in MARKS.items())
        yield from (*told, f"({marks}; the latest stage of each line counts)")


def bar(year: CurveYear) -> str:
    """Draw who pays a year, with one mark for each source; a source that pays something is never left out."""
    if not year.total:
        return "·" * BAR
    sources = {source: amount for source, amount in year.by_source().items() if amount}
    marks = {source: max(1, int(amount * BAR / year.total)) for source, amount in sources.items()}
    largest = max(sources, key=lambda source: sources[source])
    marks[largest] += BAR - sum(marks.values())
    return "".join(MARKS[source] * count for source, count in marks.items())


def health(programme: Programme) -> Iterator[Finding]:
    """Name the lines that cannot be added up with the others for want of a rate."""
    found, kept = lines_standing(programme), rates(programme)
    into = common_currency(item.line for item in found)
    for item in found:
        try:
            converted(item.line, into, kept)
        except Invalid as refused:
            path = item.line.responsibility.title
            yield Finding("rate_missing", f"{path} › {refused.sentence}", str(item.line.uuid))


def _thousands(amount: Decimal) -> str:
    return f"{amount.quantize(Decimal(1)):,}"


def _percent(share: Decimal | None) -> str:
    return decimal_text((share or Decimal(0)).quantize(Decimal(1)))
