"""Answers to what was asked of a sheet: from a wizard, from flags of a command line, or kept from the last time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from handover.errors import Invalid
from indicators.exchange.sheets import dates, numbers
from indicators.exchange.sheets.cells import column_index, letters
from indicators.exchange.sheets.headings import UNITS, Facets, wide
from indicators.exchange.sheets.plans import LONG, MEASURES, PERIODS_OF_DATE, WIDE, PlanColumn, Role
from indicators.exchange.sheets.vocabulary import AMBIGUOUS, Known, plain

ALLOWED: Final = {
    "layout": (LONG, WIDE),
    "decimal": numbers.MARKS,
    "dates": dates.ORDERS,
    "period_of_date": PERIODS_OF_DATE,
    "percent": ("percent", "fraction"),
}
KEYS: Final = frozenset({"sheet", "header", "indicator", "period", "place", *ALLOWED} - {"percent"})
OF_COLUMNS: Final = frozenset({"column", "decimal", "dates", "percent"})


def _wrong(sentence: str) -> Invalid:
    return Invalid("unknown_answer", sentence)


@dataclass
class Answers:
    """What was answered; every answer has to be of use."""

    given: dict[str, str]
    known: Known
    _columns: dict[tuple[str, int], str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    def take(self, key: str) -> str:
        """Give an answer about the whole sheet; empty if there is none.

        Raises:
            Invalid: it is none of the possible ones.
        """
        self._taken.add(key)
        value = self.given.get(key, "")
        if not value:
            return ""
        if key in ALLOWED and value not in ALLOWED[key]:
            raise _wrong(f"“{value}” does not answer “{key}”; possible are: {', '.join(ALLOWED[key])}.")
        if key == "indicator":
            return self._name(value, self.known.indicators, "indicator")
        if key == "place":
            return self._name(value, self.known.places, "place")
        if key == "period" and dates.read_period(value) is None:
            raise _wrong(f"“{value}” is no period such as 2026, T1 2026 or 2026-01-01/2026-03-31.")
        return value

    @staticmethod
    def _name(value: str, names: dict[str, str], what: str) -> str:
        found = names.get(plain(value), AMBIGUOUS)
        if found == AMBIGUOUS:
            raise _wrong(f"“{value}” names no {what}, or more than one.")
        return found

    def columns(self, headings: list[str]) -> None:
        """Find the columns that the answers name, by letters or by headings.

        Raises:
            Invalid: there is no such column, or several.
        """
        for key, value in self.given.items():
            kind, colon, name = key.partition(":")
            if not colon:
                continue
            if kind not in OF_COLUMNS:
                raise _wrong(f"Nothing asks for “{key}”.")
            if kind in ALLOWED and value not in ALLOWED[kind]:
                raise _wrong(f"“{value}” does not answer “{key}”; possible are: {', '.join(ALLOWED[kind])}.")
            self._columns[kind, _column(name, headings)] = value
            self._taken.add(key)

    def of(self, kind: str, column: PlanColumn) -> str:
        """Give an answer about a column; empty if there is none."""
        return self._columns.get((kind, column.index), "")

    def column(self, column: PlanColumn, said: str) -> PlanColumn:
        """Make a column what the answer says: ``value``, ``dimension=gender``, ``period=2026Q1;gender=women``.

        Raises:
            Invalid: the answer is none.
        """
        if said in set(Role) - {Role.DIMENSION, Role.WIDE}:
            unit = UNITS.get(plain(column.heading), "") if said == Role.PERIOD else ""
            return replace(column, role=Role(said), unit=unit)
        if said in self.known.axes:
            return replace(column, role=Role.DIMENSION, dimension=said)
        name, _, value = said.partition("=")
        if name == "dimension":
            if value not in self.known.axes:
                raise _wrong(f"There is no axis “{value}”.")
            return replace(column, role=Role.DIMENSION, dimension=value)
        return self._wide(column, said)

    def _wide(self, column: PlanColumn, said: str) -> PlanColumn:
        found = Facets()
        for part in said.split(";"):
            name, _, value = (side.strip() for side in part.partition("="))
            if name == "period" and (dates.read_period(value) or dates.is_part(value)):
                found.period = value
            elif name == "indicator":
                found.indicator = self._name(value, self.known.indicators, "indicator")
            elif name == "measure" and value in MEASURES:
                found.measure = value
            elif name in self.known.axes and plain(value) in self.known.axes[name]:
                found.categories[name] = self.known.axes[name][plain(value)]
            else:
                raise _wrong(f"“{said}” does not say what column {column.letters} is.")
        return wide(column, found)

    def nothing_left(self) -> None:
        """Refuse answers to nothing.

        Raises:
            Invalid: there is one.
        """
        for key in self.given:
            if key not in self._taken:
                raise _wrong(f"Nothing asks for “{key}”.")


def _column(name: str, headings: list[str]) -> int:
    index = column_index(name) if name.isupper() else None
    if index is not None and index < len(headings):
        return index
    found = [at for at, heading in enumerate(headings) if heading == name] or [
        at for at, heading in enumerate(headings) if plain(heading) == plain(name) and heading
    ]
    if len(found) == 1:
        return found[0]
    if found:
        named = ", ".join(letters(at) for at in found)
        raise _wrong(f"Several columns have the heading “{name}”: {named}; use the letter.")
    raise _wrong(f"There is no column “{name}”.")
