"""What single cells mean under a plan: numbers, periods, names. A cell that means nothing says so in one sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from indicators.exchange.sheets import dates, numbers
from indicators.exchange.sheets.cells import Day, Fault, Number, Truth, exact
from indicators.exchange.sheets.headings import text_of
from indicators.exchange.sheets.plans import Plan, PlanColumn
from indicators.exchange.sheets.vocabulary import AMBIGUOUS, TOTALS, Known, plain
from indicators.models.cells import DECIMAL_PLACES, WHOLE_DIGITS

FAULTS: Final = frozenset(
    {"#REF!", "#DIV/0!", "#N/A", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
)
REMEMBERED: Final = 50_000
SHORT: Final = 13
"""A stored number of so few characters has neither too many digits nor too many places."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BARE_ORDINAL: Final = re.compile(r"\d{1,2}|[ivIV]{1,3}", re.ASCII)
_TWO_DIGIT_YEAR: Final = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2}", re.ASCII)


class Problem(Exception):
    """A cell that cannot be read."""

    def __init__(self, column: str, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.column = column
        self.code = code
        self.sentence = sentence


@dataclass(slots=True)
class Counts:
    """What was met while reading. ``empty``: nothing reported; ``rounded``: binary fractions cut to 12 places."""

    rows: int = 0
    values: int = 0
    empty: int = 0
    blank_rows: int = 0
    totals_rows: int = 0
    formulas: int = 0
    percents: int = 0
    rounded: int = 0
    problems: int = 0


def shown(text: str) -> str:
    """Give a text as a sentence can hold it."""
    clean = _CONTROL.sub("�", str(text))
    return clean if len(clean) <= 60 else f"{clean[:59]}…"


def text(cell: str, column: PlanColumn) -> str:
    """Give a cell as text.

    Raises:
        Problem: it holds an error or control characters.
    """
    if type(cell) is str and cell.isprintable() and not cell.startswith("#"):
        return cell
    if isinstance(cell, Fault) or cell in FAULTS:
        raise faulty(cell, column)
    if isinstance(cell, Number):
        return text_of(cell)
    if _CONTROL.search(cell):
        raise Problem(column.letters, "control_character", f"“{shown(cell)}” holds a control character.")
    return str(cell)


def faulty(cell: str, column: PlanColumn) -> Problem:
    """Say that a cell holds an error, or a formula without a result."""
    if isinstance(cell, Fault) and cell == "=":
        return Problem(
            column.letters,
            "formula_without_value",
            "The cell holds a formula that was never calculated; open the file in a spreadsheet program and save it.",
        )
    return Problem(column.letters, "error_cell", f"The cell holds the error {shown(cell)}.")


# --- numbers ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class NumberReader:
    """Reads the numbers of one column."""

    column: PlanColumn
    counts: Counts
    _known: dict[str, str] = field(default_factory=dict)

    def read(self, cell: str) -> str:
        """Give a number as digits with at most one point; empty for an empty cell.

        Raises:
            Problem: it is none, or does not say which one it is.
        """
        if type(cell) is str:
            known = self._known.get(cell)
            if known is not None:
                self.counts.percents += bool(self.column.percent) and "%" in cell
                return known
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            found = self._known[cell] = self._written(cell)
            return found
        if getattr(cell, "formula", False):
            self.counts.formulas += 1
        if (
            type(cell) is Number
            and len(cell) <= SHORT
            and not cell.percent
            and not self.column.percent
            and "e" not in cell
        ):
            return cell[:-2] if cell.endswith(".0") else cell[:]
        if isinstance(cell, Number):
            return self._stored(cell)
        if isinstance(cell, Fault):
            raise faulty(cell, self.column)
        if isinstance(cell, Day):
            raise Problem(self.column.letters, "date_for_number", f"“{cell}” is a date, not a number.")
        if isinstance(cell, Truth):
            raise Problem(self.column.letters, "not_a_number", f"“{cell}” is no number.")
        return self._written(cell)

    def _stored(self, cell: Number) -> str:
        value = exact(cell)
        if value is None:
            raise Problem(
                self.column.letters,
                "too_many_digits",
                f"“{shown(cell)}” has more digits than a spreadsheet keeps (15).",
            )
        if cell.percent:
            value = value.scaleb(2)
        cut = round(value, DECIMAL_PLACES)
        self.counts.rounded += cut != value
        return self._percent(numbers.plainly(cut), percent=cell.percent)

    def _written(self, cell: str) -> str:
        bare = cell.strip()
        if not bare:
            return ""
        before = numbers.without_percent(bare)
        number = self._number(bare if before is None else before, cell)
        whole, _, decimals = number.lstrip("-").partition(".")
        if len(whole) > WHOLE_DIGITS or len(decimals) > DECIMAL_PLACES:
            raise Problem(
                self.column.letters,
                "too_many_digits",
                f"“{shown(cell)}” has more than {WHOLE_DIGITS} digits before or {DECIMAL_PLACES} after the mark.",
            )
        return self._percent(number, percent=before is not None)

    def _number(self, said: str, cell: str) -> str:
        if self.column.decimal:
            found = numbers.read(said, self.column.decimal)
        else:
            by_point, by_comma = numbers.either(said)
            if by_point != by_comma:
                raise Problem(self.column.letters, "unclear_number", self._unclear(cell, by_point, by_comma))
            found = by_point
        if found is not None:
            return found
        if cell.strip() in FAULTS:
            raise faulty(cell.strip(), self.column)
        if numbers.shortened(said):
            raise Problem(
                self.column.letters,
                "shortened_number",
                f"“{shown(cell)}” was written short by a program; its digits are lost.",
            )
        raise Problem(self.column.letters, "not_a_number", self._none(cell))

    def _unclear(self, cell: str, by_point: str | None, by_comma: str | None) -> str:
        if by_point and by_comma:
            return f"“{shown(cell)}” may be {by_point} or {by_comma}: say which is the decimal mark."
        return f"“{shown(cell)}” has a decimal mark, and the column was read as having none: say which it is."

    def _none(self, cell: str) -> str:
        mark = {".": " with the point as decimal mark", ",": " with the comma as decimal mark"}
        return f"“{shown(cell)}” is no number{mark.get(self.column.decimal, '')}."

    def _percent(self, number: str, *, percent: bool) -> str:
        mode = self.column.percent
        if percent:
            self.counts.percents += 1
            if not mode:
                raise Problem(
                    self.column.letters,
                    "unexpected_percent",
                    f"“{number} %” is in per cent, the column was read as plain numbers.",
                )
            return number
        if mode == "all" and Decimal(number) != 0:
            raise Problem(
                self.column.letters,
                "missing_percent",
                f"“{number}” is no per cent, and the others of the column are.",
            )
        return numbers.hundredfold(number) if mode == "fraction" else number


# --- periods ------------------------------------------------------------------------------------------------------


def period_text(cell: str, column: PlanColumn) -> str:
    """Give the words of a cell of a period, with the unit that a bare ordinal lacks."""
    said = text(cell, column).strip()
    return f"{column.unit} {said}" if column.unit and _BARE_ORDINAL.fullmatch(said) else said


def span(said: str, column: PlanColumn, plan: Plan) -> dates.Span:
    """Read a period.

    Raises:
        Problem: it is none, or a single date whose period nobody told.
    """
    found = dates.read_period(said, column.order)
    if found is not None:
        return found
    day = dates.read_day(said, column.order)
    if day is None:
        raise wrong_date(said, column, "period")
    if not plan.period_of_date:
        raise Problem(
            column.letters,
            "single_date",
            f"“{shown(said)}” is a single date: say which period it stands for.",
        )
    return dates.around(day, plan.period_of_date)


def day(cell: str, column: PlanColumn) -> str:
    """Read a date.

    Raises:
        Problem: it is none, or does not say which number is the month.
    """
    said = text(cell, column)
    found = dates.read_day(said, column.order)
    if found is None:
        raise wrong_date(said, column, "date")
    return found


def wrong_date(said: str, column: PlanColumn, what: str) -> Problem:
    """Say why a text is no date or period."""
    if not said.strip():
        return Problem(column.letters, "missing_period", f"The {what} is missing.")
    if said.isdigit() and 20_000 <= int(said) <= 80_000:
        sentence = f"“{said}” looks like a date that lost its format; format the column as dates."
        return Problem(column.letters, "serial_date", sentence)
    if _TWO_DIGIT_YEAR.fullmatch(said.strip()):
        return Problem(
            column.letters, "short_year", f"“{shown(said)}” has a year of two digits; write all four."
        )
    if dates.order_of(said) is None and not column.order:
        sentence = f"“{shown(said)}” does not say whether the day or the month comes first."
        return Problem(column.letters, "unclear_date", sentence)
    return Problem(column.letters, "wrong_date", f"“{shown(said)}” is no {what}.")


# --- names --------------------------------------------------------------------------------------------------------


def indicator(cell: str, column: PlanColumn, known: Known) -> str:
    """Find an indicator.

    Raises:
        Problem: the cell names none, or several.
    """
    said = text(cell, column)
    if not said.strip():
        raise Problem(column.letters, "missing_indicator", "The indicator is missing.")
    return _named(said, known.indicators.get(plain(said)), column, "indicator")


def place(cell: str, column: PlanColumn, known: Known) -> str:
    """Find a place; empty for an empty cell.

    Raises:
        Problem: the cell names none, or several.
    """
    said = text(cell, column)
    if not said.strip():
        return ""
    if plain(said) in TOTALS and plain(said) not in known.places:
        raise Problem(
            column.letters,
            "total_of_places",
            f"“{shown(said)}” is no place: leave the row out, or the cell empty.",
        )
    return _named(said, known.places.get(plain(said)), column, "place")


def _named(said: str, found: str | None, column: PlanColumn, what: str) -> str:
    if found == AMBIGUOUS:
        raise Problem(column.letters, f"ambiguous_{what}", f"“{shown(said)}” names more than one {what}.")
    if found is None:
        raise Problem(column.letters, f"unknown_{what}", f"There is no {what} “{shown(said)}”.")
    return found


def category(cell: str, column: PlanColumn, known: Known) -> str:
    """Find a category of the column's axis; empty for all together.

    Raises:
        Problem: the cell names none.
    """
    said = text(cell, column)
    name = plain(said)
    found = known.axes.get(column.dimension, {}).get(name)
    if found is not None and found != AMBIGUOUS:
        return found
    if not said.strip() or name in TOTALS:
        return ""
    if isinstance(cell, Day):
        sentence = f"“{shown(said)}” is a date: a spreadsheet program turned the category into one; write it as text."
        raise Problem(column.letters, "unknown_category", sentence)
    raise Problem(
        column.letters, "unknown_category", f"“{shown(said)}” is no category of {column.dimension}."
    )
