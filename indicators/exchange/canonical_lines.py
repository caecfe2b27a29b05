"""Rows of a sheet as the CSV that an import takes, and the way back: from a problem to the cell that is wrong."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, localcontext
from typing import Any, Final, overload

from handover.canonical import decimal_text
from handover.cell_texts import unprotected
from indicators.actions.batches import SHOWN, Problem, Problems
from indicators.exchange.sheets.layouts import CanonicalRow, CellProblem
from indicators.exchange.sheets.plans import TEXTS, Plan, Role
from indicators.models.cells import DECIMAL_PLACES, WHOLE_DIGITS

ADDRESS: Final = re.compile(r"([A-Z]{1,3})(\d+)")


class _Echo:
    """Where a CSV writer writes: gives back the line."""

    @staticmethod
    def write(line: str) -> str:
        return line


_writer: Final[Any] = csv.writer(_Echo(), lineterminator="\n")


def written(fields: Sequence[str]) -> str:
    """Write a record as a line of CSV."""
    line: str = _writer.writerow(fields)
    return line


class Gathered(Sequence[Problem]):
    """Problems that were found while lines were written: all are counted, the first are kept."""

    def __init__(self, shown: int = SHOWN) -> None:
        self.shown = shown
        self.kept: list[Problem] = []
        self.total = 0
        self.rows = 0
        self.empty = 0

    def add(self, problem: Problem) -> None:
        """Add a problem."""
        self.total += 1
        if len(self.kept) < self.shown:
            self.kept.append(problem)

    def __len__(self) -> int:
        """Count them all."""
        return self.total

    @overload
    def __getitem__(self, index: int) -> Problem: ...
    @overload
    def __getitem__(self, index: slice) -> list[Problem]: ...
    def __getitem__(self, index: int | slice) -> Problem | list[Problem]:
        """Give one or some of those that were kept."""
        return self.kept[index]


@dataclass
class Located:
    """Where the fields of a value stand: by the letters of the value's column, or in the same columns everywhere."""

    everywhere: Mapping[str, str] = field(default_factory=dict)
    by_value: dict[str, Mapping[str, str]] = field(default_factory=dict)
    named: Mapping[str, str] = field(default_factory=dict)
    """What a column is called in a problem, by its letters."""

    def cell(self, problem: Problem) -> Problem:
        """Say of a problem which cell is wrong, and in which row of the file."""
        address = ADDRESS.fullmatch(problem.at)
        if address is None:
            column = self.everywhere.get(problem.column, "")
            return replace(problem, at=f"{column}{problem.line}" if column else "")
        column, row = address[1], int(address[2])
        origin = self.by_value.get(column, self.everywhere)
        return replace(problem, line=row, at=f"{origin.get(problem.column, column)}{row}")

    def cells(self, problems: Problems) -> Problems:
        """Do so for all of them, and put them in the order of the file."""
        return Problems(sorted((self.cell(item) for item in problems.shown), key=_place), problems.total)


def _place(problem: Problem) -> tuple[int, int, str, str]:
    letters = problem.at.rstrip("0123456789")
    return problem.line, len(letters), letters, problem.code


def columns_of(plan: Plan) -> tuple[list[str], list[str]]:
    """Give the columns to write for a plan, and which of them are axes. What a sheet does not say is not written."""
    measured = {column.measured for column in plan.measured()} - {"value"}
    said = {str(column.role) for column in plan.of(*TEXTS)}
    axes = list(dict.fromkeys(column.dimension for column in plan.of(Role.DIMENSION)))
    axes += [name for column in plan.columns for name in column.categories if name not in axes]
    axes = list(dict.fromkeys(axes))
    parts = ["numerator", "denominator"] if measured else []
    texts = [str(role) for role in TEXTS if str(role) in said]
    return ["indicator", "start", "end", "place", *axes, "value", *parts, *texts, "at"], axes


def lines(
    plan: Plan,
    rows: Iterable[CanonicalRow | CellProblem],
    gathered: Gathered,
    located: Located,
    *,
    shares: frozenset[str],
) -> Iterator[str]:
    """Write what a sheet says as lines of CSV; what cannot be read is gathered.

    Args:
        shares: indicators in per cent: where a sheet gives only numerator and denominator, the share is computed.
    """
    names, axes = columns_of(plan)
    yield written(names)
    parts = "numerator" in names
    texts = [name for name in names if name in set(map(str, TEXTS))]
    called = _called(plan)
    for row in rows:
        if isinstance(row, CellProblem):
            gathered.add(
                Problem(row.row, row.code, row.sentence, called.get(row.column, ""), f"{row.column}{row.row}")
            )
            continue
        origin = row.origin
        column = origin.get("value") or origin.get("numerator") or origin.get("denominator", "")
        located.by_value.setdefault(column, origin)
        value = unprotected(row.value) if "'" in row.value else row.value
        if parts and not value and row.indicator in shares:
            value = share(row.numerator, row.denominator)
        dimensions = row.dimensions
        fields = [
            row.indicator,
            row.start,
            row.end,
            row.place,
            *[dimensions.get(axis, "") for axis in axes],
            value,
        ]
        if parts:
            fields += [row.numerator, row.denominator]
        if texts:
            fields += [unprotected(getattr(row, name)) for name in texts]
        fields.append(f"{column}{row.row}")
        yield written(fields)


def _called(plan: Plan) -> dict[str, str]:
    return {
        column.letters: column.dimension or column.measured or str(column.role).replace("period", "start")
        for column in plan.columns
    }


def share(numerator: str, denominator: str) -> str:
    """Compute a share in per cent; empty where there is none to compute."""
    if not numerator or not denominator or not Decimal(denominator):
        return ""
    with localcontext() as context:
        context.prec = 2 * (WHOLE_DIGITS + DECIMAL_PLACES)
        return decimal_text(round(100 * Decimal(numerator) / Decimal(denominator), DECIMAL_PLACES))
