"""Values as CSV: UTF-8 with a byte order mark (spreadsheets then read the letters right), commas, points, ISO dates."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, BinaryIO, Final

from handover.cell_texts import protected
from indicators.exchange.tables.rows import Column, Copy, Kind
from indicators.models.cells import number

PIECE: Final = 2_000
"""Rows that are written at once."""


@dataclass(frozen=True)
class Counted:
    """What was written: how many rows, how many bytes, the file's SHA-256, and what the reader must know.

    ``rows`` is ``None`` where nobody counted; ``withheld`` counts what small-cell protection took out.
    """

    rows: int | None
    bytes: int
    sha256: str
    notes: Sequence[str] = field(default=())
    withheld: int | None = None


def write(copy: Copy, file: BinaryIO) -> Counted:
    """Write a programme's values as CSV."""
    done = write_table(
        [column.name for column in copy.columns], cells(copy.columns, copy.rows()), file, bom=True
    )
    return replace(done, notes=tuple(copy.notes))


def cells(columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
    """Protect the texts of rows; numbers, dates and keys stay as they are."""
    texts = [index for index, column in enumerate(columns) if column.kind is Kind.TEXT]
    numbers = [index for index, column in enumerate(columns) if column.kind is Kind.NUMBER]
    for row in rows:
        written = list(row)
        for index in texts:
            if written[index]:
                written[index] = protected(written[index])
        for index in numbers:
            if written[index]:
                written[index] = amount_text(written[index])
        yield written


def amount_text(text: str) -> str:
    """Write what stands in a column of numbers: a number as it is, words protected."""
    return text if text.isdigit() or number(text) is not None else protected(text)


def write_table(
    names: Sequence[str], rows: Iterable[Sequence[Any]], file: BinaryIO, *, bom: bool = False
) -> Counted:
    """Write headings and rows as CSV with CRLF, counting and digesting on the way."""
    hasher, size, count = hashlib.sha256(), 0, 0
    buffer = io.StringIO(newline="")
    if bom:
        buffer.write("\ufeff")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([protected(name) for name in names])
    source = iter(rows)
    while True:
        part = list(islice(source, PIECE))
        writer.writerows(part)
        count += len(part)
        written = buffer.getvalue().encode()
        file.write(written)
        hasher.update(written)
        size += len(written)
        buffer.seek(0)
        buffer.truncate()
        if len(part) < PIECE:
            return Counted(count, size, hasher.hexdigest())
