"""OpenDocument spreadsheets, read row by row with what each cell says of itself. Runs in the child process."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from xml.parsers import expat

from handover.errors import Invalid
from indicators.exchange.sheets.archives import BROKEN, broken, odd_part, too_many_rows

PIECE: Final = 1_048_576
_TABLE: Final = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
_OFFICE: Final = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
_TEXT: Final = "urn:oasis:names:tc:opendocument:xmlns:text:1.0 "
_CALCEXT: Final = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "
_STYLE: Final = "urn:oasis:names:tc:opendocument:xmlns:style:1.0 "
_BREAKS: Final = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n", f"{_TEXT}s": " "}
_CELLS: Final = frozenset({f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"})
MERGED: Final = 10_000

Row = tuple[int, list[Any]]


@dataclass(slots=True)
class Document:
    """The reader of one sheet (or of the sheets' names alone, if none is wanted)."""

    archive: zipfile.ZipFile
    wanted: str | None
    unpacked: int
    rows_allowed: int
    columns: int
    names: list[str] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: int = 0
    _invisible: set[str] = field(default_factory=set)
    _style: str = ""
    _inside: bool = False
    _row: int = 0
    _repeat: int = 1
    _cells: list[Any] = field(default_factory=list)
    _attributes: dict[str, str] | None = None
    _text: list[str] = field(default_factory=list)
    _aside: int = 0
    _done: list[tuple[int, int, list[Any]]] = field(default_factory=list)

    def rows(self) -> Iterator[Row]:
        """Give the rows that are not blank, with their numbers.

        Raises:
            Invalid: the part is broken, declares a document type, or is larger than it says.
        """
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = _no_document_type
        total = 0
        try:
            with self.archive.open("content.xml") as part:
                while data := part.read(PIECE):
                    total += len(data)
                    if total > self.unpacked:
                        raise Invalid("unpacks_too_large", "The workbook unpacks to more than it says.")
                    parser.Parse(data, False)
                    yield from self._finished()
            parser.Parse(b"", True)
        except (*BROKEN, expat.ExpatError, ValueError) as error:
            raise broken() from error
        yield from self._finished()

    def _finished(self) -> Iterator[Row]:
        for row, repeat, cells in self._done:
            for number in range(row, row + repeat):
                yield number, list(cells)
        self._done = []

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == f"{_STYLE}style":
            self._style = attributes.get(f"{_STYLE}name", "")
        elif name == f"{_STYLE}table-properties" and attributes.get(f"{_TABLE}display") == "false":
            self._invisible.add(self._style)
        elif name == f"{_TABLE}table":
            self._begin_sheet(attributes)
        elif not self._inside:
            return
        elif name == f"{_TABLE}table-row":
            self._repeat = int(attributes.get(f"{_TABLE}number-rows-repeated", "1"))
            self._cells = []
            self.hidden_rows += (
                attributes.get(f"{_TABLE}visibility", "visible") != "visible" and self._repeat < 10_000
            )
        elif name in _CELLS and self._attributes is None:
            self._attributes, self._text = attributes, []
        elif self._attributes is not None:
            self._inner(name, attributes)

    def _begin_sheet(self, attributes: dict[str, str]) -> None:
        sheet = attributes.get(f"{_TABLE}name", "")
        if self._inside:
            return
        self.names.append(sheet)
        if attributes.get(f"{_TABLE}style-name", "") in self._invisible:
            self.hidden.add(sheet)
        self._inside = sheet == self.wanted
        self._row = 1

    def _inner(self, name: str, attributes: dict[str, str]) -> None:
        if name == f"{_OFFICE}annotation" or self._aside:
            self._aside += 1
        elif name == f"{_TEXT}p" and self._text:
            self._text.append("\n")
        elif name in _BREAKS:
            self._text.append(_BREAKS[name] * min(int(attributes.get(f"{_TEXT}c", "1")), 1_000))

    def _characters(self, text: str) -> None:
        if self._attributes is not None and not self._aside:
            self._text.append(text)

    def _end(self, name: str) -> None:
        if not self._inside:
            return
        if self._aside:
            self._aside -= 1
        elif name in _CELLS and self._attributes is not None:
            self._end_cell(self._attributes)
            self._attributes = None
        elif name == f"{_TABLE}table-row":
            while self._cells and self._cells[-1] == "":
                self._cells.pop()
            if self._cells and self._row + self._repeat - 1 > self.rows_allowed:
                raise too_many_rows(self.rows_allowed)
            if self._cells:
                self._done.append((self._row, self._repeat, self._cells))
            self._row += self._repeat
        elif name == f"{_TABLE}table":
            self._inside = False

    def _end_cell(self, attributes: dict[str, str]) -> None:
        repeat = int(attributes.get(f"{_TABLE}number-columns-repeated", "1"))
        cell = _cell(attributes, "".join(self._text).strip())
        at = len(self._cells)
        if at + repeat > self.columns:
            if cell != "":
                raise Invalid("too_many_columns", f"The sheet has more than {self.columns:,} columns.")
            repeat = max(0, self.columns - at)
        self._cells.extend([cell] * repeat)
        wide = int(attributes.get(f"{_TABLE}number-columns-spanned", "1"))
        high = int(attributes.get(f"{_TABLE}number-rows-spanned", "1"))
        if (wide > 1 or high > 1) and len(self.merged) < MERGED:
            self.merged.append((self._row, at, self._row + high - 1, at + wide - 1))


def _cell(attributes: dict[str, str], text: str) -> Any:
    """Give a cell as the spool writes it."""
    kind = attributes.get(f"{_OFFICE}value-type", "")
    formula = {"f": 1} if f"{_TABLE}formula" in attributes else {}
    if attributes.get(f"{_CALCEXT}value-type") == "error" or (formula and text.startswith(("#", "Err:"))):
        return {"e": text or "#", **formula}
    if kind in {"float", "percentage", "currency"}:
        percent = {"p": 1} if kind == "percentage" else {}
        return {"n": attributes.get(f"{_OFFICE}value", text), **percent, **formula}
    if kind == "date":
        return {"d": attributes.get(f"{_OFFICE}date-value", text), **formula}
    if kind == "boolean":
        return {"b": attributes.get(f"{_OFFICE}boolean-value", "").upper(), **formula}
    if formula:
        return {"t": text, "f": 1} if kind else {"e": "", "f": 1}
    return text


def _no_document_type(*_: object) -> None:
    raise odd_part()
