"""Merged cells: a name that stands over several rows is meant for each of them; a number is not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from indicators.exchange.sheets.plans import Plan, Role
from indicators.exchange.sheets.readings import Problem, shown

_REPEATED: Final = frozenset(
    {
        Role.INDICATOR,
        Role.PLACE,
        Role.START,
        Role.END,
        Role.PERIOD,
        Role.DIMENSION,
        Role.SOURCE,
        Role.REVISION,
        Role.REASON,
    }
)


class Merges:
    """The merged ranges of a sheet, met row by row."""

    def __init__(self, merged: Sequence[tuple[int, int, int, int]], plan: Plan) -> None:
        self._ranges = sorted(merged, reverse=True)
        self._repeated = {column.index for column in plan.columns if column.role in _REPEATED}
        self._measured = {column.index: column for column in plan.measured()}
        self._open: list[tuple[int, int, int, str]] = []

    @property
    def any(self) -> bool:
        """Tell whether there is any left to meet."""
        return bool(self._ranges or self._open)

    def pass_by(self, number: int, cells: Sequence[str]) -> None:
        """Go past a row that is not read."""
        if self._ranges:
            self._begin(number, cells)

    def fill(self, number: int, cells: list[str]) -> list[Problem]:
        """Repeat the names that are merged over this row; give the numbers that could be for several."""
        wrong = self._begin(number, cells)
        self._open = [item for item in self._open if item[0] >= number]
        for _, left, right, cell in self._open:
            for index in range(left, min(right + 1, len(cells))):
                if index in self._repeated and not cells[index]:
                    cells[index] = cell
        return wrong

    def _begin(self, number: int, cells: Sequence[str]) -> list[Problem]:
        wrong = []
        while self._ranges and self._ranges[-1][0] <= number:
            top, left, bottom, right = self._ranges.pop()
            if top != number or left >= len(cells) or not cells[left]:
                continue
            column = self._measured.get(left)
            # A title over the whole width ends up here, too, but holds no number's column alone.
            if column is not None and (
                bottom > top or any(index in self._measured for index in range(left + 1, right + 1))
            ):
                sentence = (
                    f"“{shown(cells[left])}” stands in a cell merged with others; say for which one it is."
                )
                wrong.append(Problem(column.letters, "merged_value", sentence))
            elif column is None:
                self._open.append((bottom, left, left, cells[left]))
        return wrong
