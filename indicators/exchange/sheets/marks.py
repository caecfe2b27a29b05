"""What the fast reader of workbooks does not tell of a cell: formula, error, per cent; and which rows are hidden.

Runs in the child process. The sheet's XML is not parsed here but searched, in pieces: only cells of interest cost
anything.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element, ParseError, XMLParser

from handover.errors import Invalid
from indicators.exchange.sheets.archives import BROKEN, broken, odd_part
from indicators.exchange.sheets.cells import column_index

PIECE: Final = 4_194_304
SMALL_PART: Final = 33_554_432
LONGEST_CELL: Final = 262_144
_PREFIX: Final = rb"(?:[A-Za-z_][\w.-]*:)?"
_REFERENCE: Final = re.compile(rb"""\sr\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["']""")
_FORMULA: Final = re.compile(rb"<f[ >/\s]|:f[ >/\s]")
_ERROR: Final = re.compile(rb"""\st\s*=\s*["']e["']""")
_STYLE: Final = re.compile(rb"""\ss\s*=\s*["']([0-9]+)["']""")
_OTHER_TYPE: Final = re.compile(rb"""\st\s*=\s*["'](?:str|s|inlineStr|b|d)["']""")
_HIDDEN: Final = re.compile(rb"<" + _PREFIX + rb"""row\b[^>]*\shidden\s*=\s*["'](?:1|true)["']""")
_UNADDRESSED: Final = re.compile(rb"<" + _PREFIX + rb"""c(?:>|/>|\s(?![^>]*\br\s*=\s*["'][A-Z]))""")
_VALUE: Final = re.compile(rb"<" + _PREFIX + rb"(?:v|t)(?:\s[^>]*)?>([^<]*)<")
_CELL_END: Final = re.compile(rb"</" + _PREFIX + rb"c\s*>")
_LOOSE: Final = (b" =", b"= ", b"\t", b"\n", b"\r")
"""What stands in attributes that are not written as usual: then the search takes longer, and misses nothing."""
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION: Final = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
BUILT_IN_PERCENTS: Final = frozenset({9, 10})


@dataclass(slots=True)
class Mark:
    """What is special about one cell. ``calculated`` is false for a formula without a stored value."""

    formula: bool = False
    calculated: bool = True
    percent: bool = False
    error: str = ""


@dataclass(slots=True)
class Marks:
    """The special cells of a row by column, row by row, and how many rows are hidden."""

    archive: zipfile.ZipFile
    part: str
    percents: frozenset[bytes]
    unpacked: int
    hidden_rows: int = 0
    _row: int = field(default=0)

    def rows(self) -> Iterator[tuple[int, dict[int, Mark]]]:
        """Go through the sheet once; only rows with special cells are given, in their order.

        Raises:
            Invalid: the part is broken, larger than it says, or its rows are not in order.
        """
        found: dict[int, Mark] = {}
        for row, column, mark in self._marks():
            if row < self._row:
                raise broken()
            if row > self._row and found:
                yield self._row, found
                found = {}
            self._row = row
            known = found.setdefault(column, mark)
            if known is not mark:
                known.formula |= mark.formula
                known.percent |= mark.percent
                known.calculated &= mark.calculated
                known.error = known.error or mark.error
        if found:
            yield self._row, found

    def _marks(self) -> Iterator[tuple[int, int, Mark]]:
        numbers = b"|".join(sorted(self.percents)) or b"-"
        strict = re.compile(rb""" s=["'](?:""" + numbers + rb""")["']""")
        loose = re.compile(rb"""\ss\s*=\s*["'](?:""" + numbers + rb""")["']""")
        for piece in self._pieces():
            self._check(piece)
            odd = any(mark in piece for mark in _LOOSE)
            hits: set[int] = set()
            if b"<f" in piece or b":f" in piece:
                hits.update(found.start() for found in _FORMULA.finditer(piece))
            if odd or b't="e"' in piece or b"t='e'" in piece:
                hits.update(found.start() for found in _ERROR.finditer(piece))
            if self.percents:
                hits.update(found.start() for found in (loose if odd else strict).finditer(piece))
            seen = -1
            for hit in sorted(hits):
                start = _cell_before(piece, hit)
                if start > seen:
                    seen = start
                    yield from self._cell(piece, start)

    def _check(self, piece: bytes) -> None:
        if b"hidden" in piece:
            self.hidden_rows += sum(1 for _ in _HIDDEN.finditer(piece))
        if b"<!" in piece:
            raise odd_part()
        if (b"<c>" in piece or piece.count(b"<c ") != piece.count(b'<c r="')) and _UNADDRESSED.search(piece):
            raise Invalid(
                "unaddressed_cells",
                "The workbook does not say where its cells are; open it in a spreadsheet program and save it again.",
            )

    def _cell(self, piece: bytes, start: int) -> Iterator[tuple[int, int, Mark]]:
        end = piece.find(b">", start)
        head = piece[start : end + 1]
        reference = _REFERENCE.search(head)
        if reference is None:
            raise broken()
        body = b""
        if not head.endswith(b"/>"):
            closed = _CELL_END.search(piece, end)
            body = piece[end + 1 : closed.start()] if closed else b""
        style = _STYLE.search(head)
        formula = _FORMULA.search(body) is not None
        value = _VALUE.search(body)
        error = _ERROR.search(head) is not None
        column = column_index(reference[1].decode())
        text_type = _OTHER_TYPE.search(head) is not None
        mark = Mark(
            formula=formula,
            calculated=not formula or (value is not None and (bool(value[1]) or text_type)),
            percent=style is not None and style[1] in self.percents and not text_type,
            error=value[1].decode("utf-8", "replace") if error and value else "#" * error,
        )
        if mark.formula or mark.percent or mark.error:
            yield int(reference[2]), column or 0, mark

    def _pieces(self) -> Iterator[bytes]:
        """Unpack the sheet, cut where a row ends."""
        rest, total = b"", 0
        try:
            with self.archive.open(self.part) as part:
                while data := part.read(PIECE):
                    total += len(data)
                    if total > self.unpacked:
                        raise Invalid("unpacks_too_large", "The workbook unpacks to more than it says.")
                    data = rest + data
                    cut = max(data.rfind(b"</row>"), data.rfind(b":row>"))
                    if cut < 0 and len(data) > 8 * PIECE:
                        raise broken()
                    cut = cut + 1 if cut >= 0 else 0
                    rest = data[cut:]
                    yield data[:cut]
        except BROKEN as error:
            raise broken() from error
        yield rest


def _cell_before(piece: bytes, hit: int) -> int:
    """Find where the cell begins in which something was found; -1 if it is in none."""
    starts = (b"<c ", b":c ", b"<c\n", b"<c\t", b"<c\r", b":c\n", b":c\t", b":c\r")
    low = max(0, hit - LONGEST_CELL)
    return max(
        piece.rfind(start, low, hit + 1) for start in starts[: 2 if piece.find(b"<c ", 0, 65_536) >= 0 else 8]
    )


def part(archive: zipfile.ZipFile, name: str) -> Element | None:
    """Parse a small part; ``None`` if there is none of this name."""
    if name not in archive.namelist():
        return None
    parser = XMLParser()  # noqa: S314 (no part with a DOCTYPE gets here)
    try:
        with archive.open(name) as file:
            total = 0
            while data := file.read(65_536):
                total += len(data)
                if total > SMALL_PART:
                    raise broken()
                parser.feed(data)
            root: Element = parser.close()
    except (*BROKEN, ParseError) as error:
        raise broken() from error
    return root


def percent_styles(archive: zipfile.ZipFile) -> frozenset[bytes]:
    """Give the numbers of the cell styles that show a number as per cent."""
    root = part(archive, "xl/styles.xml")
    if root is None:
        return frozenset()
    own = {
        item.get("numFmtId", ""): "%" in re.sub(r'"[^"]*"|\\.', "", item.get("formatCode", ""))
        for item in root.iter()
        if item.tag.endswith("}numFmt")
    }
    formats = next((item for item in root if item.tag.endswith("}cellXfs")), ())
    found = set()
    for index, item in enumerate(formats):
        number = item.get("numFmtId", "0")
        if own.get(number, number.isdigit() and int(number) in BUILT_IN_PERCENTS):
            found.add(str(index).encode())
    return frozenset(found)


def sheet_part(archive: zipfile.ZipFile, name: str) -> str | None:
    """Find the part that holds a sheet."""
    book, relations = part(archive, "xl/workbook.xml"), part(archive, "xl/_rels/workbook.xml.rels")
    if book is None or relations is None:
        return None
    wanted = [
        item.get(_RELATION) or item.get(_STRICT_RELATION)
        for item in book.iter()
        if item.tag.endswith("}sheet") and item.get("name") == name
    ]
    targets = [item.get("Target", "") for item in relations if wanted and item.get("Id") == wanted[0]]
    if not targets:
        return None
    target = targets[0]
    found = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    return found if found in archive.namelist() else None
