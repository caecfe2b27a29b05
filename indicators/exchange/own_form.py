"""Files in the toolkit's own form: exports as CSV or workbook, with columns named as the import names them.

A plain CSV goes to the database as it is. Where an export tells its reader more than an import wants (titles, units),
or protects a text against being computed, its records are written again.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from handover.cell_texts import unprotected
from indicators.actions.batches import Problem
from indicators.actions.value_files import OPTIONAL, REQUIRED
from indicators.exchange.canonical_lines import Gathered, Located, written
from indicators.exchange.sheets.cells import Day, Fault, Number, letters
from indicators.exchange.sheets.headings import text_of
from indicators.exchange.sheets.opening import Opened
from indicators.exchange.sheets.readings import REMEMBERED
from indicators.exchange.tables.refusals import WHY
from indicators.exchange.tables.rows import CELL, KEYS, PERIOD, TOLD, WRITTEN

AT: Final = "at"
TOLD_ONLY: Final = frozenset({*(column.name for column in (*TOLD, *KEYS)), AT, *WHY.values()})
"""Columns that an export adds for its reader, and a refusal for its author."""
ODD: Final = (PERIOD.name, CELL.name)
"""Columns that name values which the others cannot; an import takes none of those."""
AMOUNTS: Final = ("value", "numerator", "denominator")


@dataclass(frozen=True)
class OwnForm:
    """The columns of a file in the toolkit's own form, as they stand."""

    names: Sequence[str]

    @property
    def taken(self) -> list[int]:
        """Give the places of the columns that are imported."""
        return [index for index, name in enumerate(self.names) if name and name not in (*TOLD_ONLY, *ODD)]

    @property
    def axes(self) -> list[str]:
        """Give the axes, in the order of their columns."""
        fixed = {*REQUIRED, *OPTIONAL}
        return [self.names[index] for index in self.taken if self.names[index] not in fixed]

    def located(self) -> Located:
        """Say where each field stands, whatever the row."""
        return Located(everywhere={name: letters(index) for index, name in enumerate(self.names) if name})


def found(opened: Opened) -> OwnForm | None:
    """Tell whether a file is in the toolkit's own form."""
    _, first = next(opened.rows(), (0, []))
    cells = [unprotected(text_of(cell)) for cell in first]
    while cells and not cells[-1]:
        cells.pop()
    bare = [_axis(name) for name in cells]
    if not all(name in cells for name in REQUIRED) or len(set(bare)) != len(bare):
        return None
    form = OwnForm(bare)
    if opened.canonical:
        return form
    written_out = any(name.startswith(WRITTEN) for name in cells)
    told = all(column.name in cells for column in TOLD)
    right = opened.kind != "csv" or (opened.delimiter == "," and (opened.encoding or "").startswith("utf-8"))
    return form if right and (written_out or told) and "" not in bare else None


def _axis(name: str) -> str:
    return name.removeprefix(WRITTEN)


def raw(opened: Opened, form: OwnForm) -> bool:
    """Tell whether a file can go to the database as it is: nothing to leave out, nothing protected."""
    if not opened.canonical or len(form.taken) != len(form.names) or AT in form.names:
        return False
    with opened.source.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(b"'") < 0


def lines(opened: Opened, form: OwnForm, gathered: Gathered) -> Iterator[str]:
    """Write the records again: what is imported, unprotected, each with where it stood.

    A row of a workbook without any amount says nothing and is left out, as are blank ones.
    """
    taken = form.taken
    yield written([*(form.names[index] for index in taken), AT])
    value = form.names.index("value")
    odd = [form.names.index(name) for name in ODD if name in form.names]
    amounts = [form.names.index(name) for name in AMOUNTS if name in form.names]
    width, mark, sheet = len(form.names), letters(value), opened.kind != "csv"
    known: dict[str, str] = {}
    for number, cells in islice(opened.rows(), 1, None):
        gathered.rows += 1
        if len(cells) < width:
            cells.extend([""] * (width - len(cells)))
        if sheet and not any(cells[index] for index in amounts):
            gathered.empty += 1
            continue
        wrong = next((index for index in odd if cells[index]), None)
        if wrong is not None:
            gathered.add(_odd(number, wrong, form.names[wrong]))
            continue
        fault = next((index for index in taken if isinstance(cells[index], Fault)), None)
        if fault is not None:
            gathered.add(_fault(number, fault, form.names[fault], cells[fault]))
            continue
        record = []
        for index in taken:
            cell = cells[index]
            if type(cell) is str:
                cell = unprotected(cell) if "'" in cell else cell
            elif (said := known.get(cell)) is not None:
                cell = said
            else:
                if len(known) >= REMEMBERED:
                    known.clear()
                cell = known[cell] = stored(cell)
            record.append(cell)
        yield written([*record, f"{mark}{number}"])


def stored(cell: str) -> str:
    """Give the text of a cell that a workbook stores as something else: a number in its digits, a date as ISO 8601."""
    return text_of(cell) if isinstance(cell, Number | Day) else unprotected(cell)


def _odd(row: int, index: int, name: str) -> Problem:
    sentence = (
        "This value stands in a period without dates or in a repeated one, and these columns cannot name it:"
        " it comes in by IATI alone."
    )
    return Problem(row, "not_nameable", sentence, name, f"{letters(index)}{row}")


def _fault(row: int, index: int, name: str, cell: str) -> Problem:
    said = "a formula that was never calculated" if cell == "=" else f"the error {cell}"
    return Problem(row, "error_cell", f"The cell holds {said}.", name, f"{letters(index)}{row}")
