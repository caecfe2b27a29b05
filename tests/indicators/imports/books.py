"""Workbooks changed as a spreadsheet program would: read whole, some cells changed, written again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import python_calamine
import xlsxwriter

Cells = list[list[Any]]


@dataclass
class Edited:
    """A workbook: the cells of its sheets by name, and which of them are hidden."""

    sheets: dict[str, Cells]
    hidden: set[str]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a workbook."""
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        sheets = {
            name: [list(row) for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]
            for name in book.sheet_names
        }
        visible = python_calamine.SheetVisibleEnum.Visible
        return cls(sheets, {item.name for item in book.sheets_metadata if item.visible != visible})

    @property
    def first(self) -> Cells:
        """Give the cells of the first sheet."""
        return next(iter(self.sheets.values()))

    def write(self, path: Path) -> None:
        """Write the workbook."""
        book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_numbers": False})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in self.sheets.items():
            sheet = book.add_worksheet(name)
            if name in self.hidden:
                sheet.hide()
            for line, cells in enumerate(rows):
                for index, cell in enumerate(cells):
                    if isinstance(cell, dt.date):
                        sheet.write_datetime(line, index, cell, day)
                    elif cell != "":
                        sheet.write(line, index, cell)
        book.close()
