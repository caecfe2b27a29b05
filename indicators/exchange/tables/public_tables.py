"""One indicator's values as tables that may leave the house: what adds up is found, and small counts are withheld.

Counts of people are protected, and the parts of their shares: figures of one period, place and group, with every total
that a reader can work out from others (over groups, over places, and over time where that adds up).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from handover.disclosure import SUPPRESSED, Cell, Sum, Table, protect
from handover.errors import Invalid, Refused
from handover.narratives import best
from indicators.exchange.tables import public_sums
from indicators.exchange.tables.public_sums import Slot
from indicators.models import Indicator
from indicators.models.codes import Aggregation, Measure
from indicators.queries.rules import Rules, counts_people, rules

VALUE: Final = "value"
NUMERATOR: Final = "numerator"
DENOMINATOR: Final = "denominator"

ADDING: Final = frozenset({Aggregation.SUM, Aggregation.WEIGHTED})
"""Rules by which groups or places exclude each other: what they count adds up to their total."""


@dataclass(frozen=True)
class Figures:
    """The numbers of one slot as they may be published: a number, ``SUPPRESSED``, or empty. ``added``: made here."""

    value: str
    numerator: str = ""
    denominator: str = ""
    added: bool = False

    @property
    def withheld(self) -> bool:
        """Tell whether anything was withheld."""
        return SUPPRESSED in (self.value, self.numerator, self.denominator)


@dataclass(frozen=True)
class Given:
    """What was reported in one slot."""

    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None


@dataclass(frozen=True)
class Known:
    """What is known of periods and places: first and last days of a period, and the place around a place."""

    days: Mapping[str, tuple[dt.date, dt.date]]
    around: Mapping[str, str]


@dataclass
class _Counts:
    """Counts and what adds up among them, as they are found."""

    counts: dict[Cell, int] = field(default_factory=dict)
    sums: list[Sum] = field(default_factory=list)
    unshown: set[Cell] = field(default_factory=set)
    rests: list[tuple[Cell, Cell]] = field(default_factory=list)


def protected(
    indicator: Indicator, given: Mapping[Slot, Given], *, known: Known, threshold: int
) -> dict[Slot, Figures]:
    """Give the figures of one indicator as they may be published, with totals that can be added up.

    Raises:
        Refused: they cannot be protected; the indicator is named.
    """
    if not counts_people(indicator) or threshold < 1:
        return {slot: _plain(item) for slot, item in given.items()}
    try:
        found = _Counts()
        shares = {slot for slot, item in given.items() if _is_share(indicator, item)}
        rule = rules(indicator)
        numbers = _whole(indicator, given, shares)
        added: dict[str, dict[Slot, int]] = {}
        for what, counts in numbers.items():
            added[what] = _linked(found, what, counts, rule, known)
        found.rests = _rests(numbers) if indicator.measure == Measure.PERCENTAGE else []
        hidden = _hidden(found, threshold)
    except Invalid as error:
        raise _refused(indicator, error.sentence) from error
    figures = {
        slot: _figures(slot, item, hidden, share=slot in shares, counted=slot in numbers.get(NUMERATOR, {}))
        for slot, item in given.items()
    }
    for slot, count in added.get(VALUE, {}).items():
        withheld = (VALUE, *slot) in hidden
        figures[slot] = Figures(SUPPRESSED if withheld else str(count), added=True)
    return figures


def _refused(indicator: Indicator, sentence: str) -> Refused:
    return Refused(
        "public_table_refused",
        f"“{best(indicator.title)}” cannot be published: {sentence} Nothing was written.",
    )


def _is_share(indicator: Indicator, item: Given) -> bool:
    return indicator.measure == Measure.PERCENTAGE or item.denominator is not None


def _whole(
    indicator: Indicator, given: Mapping[Slot, Given], shares: set[Slot]
) -> dict[str, dict[Slot, int]]:
    """Give the counts of people: values, or the parts of shares. The numerator of an average counts no people.

    Raises:
        Invalid: a count of people that is not whole, or below nothing.
    """
    counts: dict[str, dict[Slot, int]] = defaultdict(dict)
    for slot, item in given.items():
        if slot not in shares:
            named = {VALUE: item.value}
        elif indicator.measure == Measure.PERCENTAGE:
            named = {NUMERATOR: item.numerator, DENOMINATOR: item.denominator}
        else:
            named = {DENOMINATOR: item.denominator}
        for what, number in named.items():
            if number is None:
                continue
            if number != int(number) or number < 0:
                raise Invalid("count_not_whole", f"{number} is no count of people.")
            counts[what][slot] = int(number)
    return counts


def _figures(slot: Slot, item: Given, hidden: set[Cell], *, share: bool, counted: bool) -> Figures:
    if not share:
        return Figures(SUPPRESSED if (VALUE, *slot) in hidden else _text(item.value))
    # A share without its parts cannot be checked; one with a withheld part would give it away.
    parts = {what: (what, *slot) in hidden for what in (NUMERATOR, DENOMINATOR)}
    withheld = any(parts.values()) or item.denominator is None
    lost = parts[DENOMINATOR] and not counted
    return Figures(
        value=SUPPRESSED if withheld and item.value is not None else _text(item.value),
        numerator=SUPPRESSED if parts[NUMERATOR] or lost else _text(item.numerator),
        denominator=SUPPRESSED if parts[DENOMINATOR] else _text(item.denominator),
    )


def _plain(item: Given) -> Figures:
    return Figures(_text(item.value), _text(item.numerator), _text(item.denominator))


def _text(number: Decimal | None) -> str:
    if number is None:
        return ""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


# --- what adds up ------------------------------------------------------------------------------------------------


def _linked(
    found: _Counts, what: str, counts: Mapping[Slot, int], rule: Rules, known: Known
) -> dict[Slot, int]:
    """Note one kind of counts with all that adds up among them; give the totals that were added here."""
    shown = dict(counts)
    added: dict[Slot, int] = {}
    if rule.groups in ADDING:
        added |= public_sums.group_totals(shown)
    shown |= added
    if rule.places in ADDING:
        added |= public_sums.place_totals(shown, known.around)
    shown |= added
    silent = public_sums.shared_margins(shown) if rule.groups in ADDING else {}
    for slot, count in (*shown.items(), *silent.items()):
        found.counts[(what, *slot)] = count
    found.unshown |= {(what, *slot) for slot in silent}
    every = {**shown, **silent}
    links = [
        *(public_sums.groups(every) if rule.groups in ADDING else ()),
        *(public_sums.places(every, known.around) if rule.places in ADDING else ()),
        *(public_sums.times(every, known.days) if rule.time == Aggregation.SUM else ()),
    ]
    for total, parts, exact in links:
        _link(found, what, every, total, parts, exact=exact)
    return added


def _link(
    found: _Counts, what: str, counts: Mapping[Slot, int], total: Slot, parts: Sequence[Slot], *, exact: bool
) -> None:
    """Note that a total has these parts; what is left of it is a part that nobody sees.

    Raises:
        Invalid: the parts are more than their total.
    """
    rest = counts[total] - sum(counts[part] for part in parts)
    if rest < 0:
        if not exact:
            return
        raise Invalid(
            "table_does_not_add_up",
            f"The parts of a total of {counts[total]} are {-rest} more than it; correct the values first.",
        )
    cells: list[Cell] = [(what, *part) for part in parts]
    if rest:
        left: Cell = ("rest", what, *total, *parts[0])
        found.counts[left] = rest
        found.unshown.add(left)
        cells.append(left)
    found.sums.append(Sum((what, *total), tuple(cells)))


def _rests(numbers: Mapping[str, Mapping[Slot, int]]) -> list[tuple[Cell, Cell]]:
    """Give numerators with their denominators: what is left of the whole must not be told either."""
    upper, lower = numbers.get(NUMERATOR, {}), numbers.get(DENOMINATOR, {})
    return [
        ((NUMERATOR, *slot), (DENOMINATOR, *slot))
        for slot, count in upper.items()
        if slot in lower and count <= lower[slot]
    ]


# --- protection, one separate part of the table after the other -------------------------------------------------


def _hidden(found: _Counts, threshold: int) -> set[Cell]:
    """Give the cells to withhold."""
    table = Table(
        counts=found.counts, sums=tuple(dict.fromkeys(found.sums)), unshown=frozenset(found.unshown)
    )
    table = table.with_rests(found.rests)
    hidden: set[Cell] = set()
    for part in _separate(table):
        if any(count is not None and 0 < count <= threshold for count in part.counts.values()):
            hidden |= protect(part, threshold=threshold).suppressed
    return hidden


def _separate(table: Table) -> Iterator[Table]:
    """Cut a table into parts that have no sum in common."""
    of: dict[Cell, Cell] = {name: name for name in table.counts}

    def root(name: Cell) -> Cell:
        while of[name] != name:
            of[name] = of[of[name]]
            name = of[name]
        return name

    for item in table.sums:
        for part in item.parts:
            of[root(part)] = root(item.total)
    counts: dict[Cell, dict[Cell, int | None]] = defaultdict(dict)
    sums: dict[Cell, list[Sum]] = defaultdict(list)
    for name, count in table.counts.items():
        counts[root(name)][name] = count
    for item in table.sums:
        sums[root(item.total)].append(item)
    for key, named in counts.items():
        yield Table(counts=named, sums=tuple(sums[key]), unshown=table.unshown & named.keys())
