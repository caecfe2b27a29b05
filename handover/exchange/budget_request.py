"""A budget request as a file: CSV, or a workbook."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

import xlsxwriter

from handover.canonical import decimal_text
from handover.cell_texts import protected
from handover.exchange.workbooks import OPTIONS, fits
from handover.queries.budget_request import Asked, Request

NUMBERS: Final = ("fte", "posts_cost", "other_costs", "asked", "grant_paid_year_before")
HEADS: Final = (
    "responsibility",
    "title",
    "classification",
    "fte",
    "posts_cost",
    "other_costs",
    "source",
    "asked",
    "stage",
    "grant_paid_year_before",
    "currency",
)
"""The columns, in their order."""


def cells(row: Asked, currency: str) -> dict[str, str | Decimal]:
    """Give a row's cells by column."""
    return {
        "responsibility": row.responsibility.title,
        "title": row.title,
        "classification": row.classification,
        "fte": row.fte,
        "posts_cost": row.posts_cost,
        "other_costs": row.other,
        "source": row.source.value if row.source else "",
        "asked": row.asked,
        "stage": row.stage.value if row.stage else "",
        "grant_paid_year_before": row.granted,
        "currency": currency,
    }


def _rows(request: Request) -> Iterator[dict[str, str | Decimal]]:
    for row in request.rows:
        yield cells(row, request.currency)


def csv_file(request: Request) -> bytes:
    """Write a request as CSV: UTF-8 with a byte order mark, commas, points."""
    text = io.StringIO(newline="")
    text.write("\ufeff")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADS)
    for row in _rows(request):
        writer.writerow([_text(row[name]) for name in HEADS])
    return text.getvalue().encode()


def _text(value: str | Decimal) -> str:
    """Write a cell: a number as it is, a text so that no spreadsheet takes it for a formula."""
    if isinstance(value, Decimal):
        return decimal_text(value)
    return protected(value)


def workbook(request: Request, *, instant: dt.datetime) -> bytes:
    """Write a request as a workbook of one sheet, with a row of sums and what it does not know below.

    Args:
        instant: when it was written; the same request at the same instant gives the same bytes.
    """
    buffer = io.BytesIO()
    book: Any = xlsxwriter.Workbook(buffer, dict(OPTIONS))
    book.set_properties({"created": instant.astimezone(dt.UTC).replace(tzinfo=None)})
    head = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8EDF2", "border": 1}
    )
    money = book.add_format({"num_format": "#,##0.00"})
    total = book.add_format({"num_format": "#,##0.00", "bold": True, "top": 1})
    sheet = book.add_worksheet(f"Request {request.year}")
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(HEADS):
        sheet.set_column(column, column, 44 if name in ("responsibility", "title") else 16)
        sheet.write_string(0, column, name, head)
    sums: dict[str, Decimal] = dict.fromkeys(NUMBERS, Decimal(0))
    line = 0
    for line, row in enumerate(_rows(request), start=1):
        for column, name in enumerate(HEADS):
            value = row[name]
            if isinstance(value, Decimal):
                sums[name] += value
                _number(sheet, line, column, value, money)
            else:
                sheet.write_string(line, column, value)
    sheet.write_string(line + 1, 0, "Together", total)
    for column, name in enumerate(HEADS):
        if name in sums:
            _number(sheet, line + 1, column, sums[name], total)
    for index, note in enumerate(request.notes):
        sheet.write_string(line + 3 + index, 0, note)
    book.close()
    return buffer.getvalue()


def _number(sheet: Any, line: int, column: int, value: Decimal, form: Any) -> None:
    """Write a number as a number where a spreadsheet keeps every digit of it, else as a text."""
    if fits(value):
        sheet.write_number(line, column, float(value), form)
    else:
        sheet.write_string(line, column, decimal_text(value), form)
