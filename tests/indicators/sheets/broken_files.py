"""Files that go wrong, or nearly: made here, in code, byte by byte where that is what is wrong with them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

HEADINGS = ("Indicator", "Period", "Value")
ROW = ("Children enrolled", "2026Q1", 12)


def workbook(
    rows: Sequence[Sequence[Any]] = (HEADINGS, ROW),
    *,
    options: Mapping[str, Any] | None = None,
    more: Callable[[Any, Any], None] | None = None,
) -> bytes:
    """Make an XLSX with one sheet; ``more`` gets the workbook and the sheet."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, **(options or {})})
    sheet = book.add_worksheet("Data")
    for number, cells in enumerate(rows):
        for index, cell in enumerate(cells):
            if cell is not None:
                sheet.write(number, index, cell)
    if more is not None:
        more(book, sheet)
    book.close()
    return buffer.getvalue()


def repacked(
    data: bytes,
    *,
    change: Mapping[str, Callable[[bytes], bytes]] | None = None,
    add: Mapping[str, bytes] | None = None,
    drop: Sequence[str] = (),
) -> bytes:
    """Pack an archive again with parts changed, added or left out."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            if entry.filename not in drop:
                body = source.read(entry)
                target.writestr(entry.filename, (change or {}).get(entry.filename, _same)(body))
        for name, body in (add or {}).items():
            target.writestr(name, body)
    return buffer.getvalue()


def _same(body: bytes) -> bytes:
    return body


SHEET = "xl/worksheets/sheet1.xml"


def in_sheet(old: str, new: str, data: bytes | None = None) -> bytes:
    """Replace text in the XML of the first sheet."""

    def change(body: bytes) -> bytes:
        assert old.encode() in body, body
        return body.replace(old.encode(), new.encode())

    return repacked(data or workbook(), change={SHEET: change})


def with_rows(xml: str, data: bytes | None = None) -> bytes:
    """Write XML of rows into the first sheet."""
    return in_sheet("</sheetData>", f"{xml}</sheetData>", data)


def archive(parts: Mapping[str, bytes]) -> bytes:
    """Make a zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, body in parts.items():
            target.writestr(name, body)
    return buffer.getvalue()


def bomb(megabytes: int) -> bytes:
    """Make an XLSX whose sheet unpacks to so many megabytes of blanks."""
    return in_sheet("</sheetData>", f"{' ' * (megabytes * 1_048_576)}</sheetData>")


def lying(data: bytes, name: str, size: int) -> bytes:
    """Make an archive say of one part that it unpacks to ``size`` bytes."""
    changed = bytearray(data)
    for mark, at_size, at_name in ((b"PK\x01\x02", 24, 46), (b"PK\x03\x04", 22, 30)):
        start = 0
        while (start := changed.find(mark, start)) >= 0:
            if changed[start + at_name : start + at_name + len(name)] == name.encode():
                changed[start + at_size : start + at_size + 4] = size.to_bytes(4, "little")
            start += 4
    return bytes(changed)


def encrypted(data: bytes) -> bytes:
    """Set the mark of encryption on every part."""
    changed = bytearray(data)
    for mark, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        start = 0
        while (start := changed.find(mark, start)) >= 0:
            changed[start + at] |= 1
            start += 4
    return bytes(changed)


_ODS_NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"))
)


def opendocument(rows: str, *, before: str = "", name: str = "Data") -> bytes:
    """Make an ODS with one sheet of these rows (XML)."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<office:document-content {_ODS_NAMES}><office:body>'
        f'<office:spreadsheet><table:table table:name="{name}">{rows}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    return archive(
        {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": content.encode()}
    )


def ods_row(*cells: str, repeated: int = 1) -> str:
    """Make a row of an ODS; a cell that begins with ``<`` is taken as XML."""
    made = "".join(
        cell
        if cell.startswith("<")
        else f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
        for cell in cells
    )
    return f'<table:table-row table:number-rows-repeated="{repeated}">{made}</table:table-row>'


def ods_number(value: str, kind: str = "float", **attributes: str) -> str:
    """Make a numeric cell of an ODS."""
    more = "".join(f' table:{name.replace("_", "-")}="{text}"' for name, text in attributes.items())
    return (
        f'<table:table-cell office:value-type="{kind}" office:value="{value}"{more}>'
        f"<text:p>{value}</text:p></table:table-cell>"
    )


def lines(*rows: str, encoding: str = "utf-8") -> bytes:
    """Make a CSV file."""
    return "".join(f"{row}\n" for row in rows).encode(encoding)


def kept(folder: Path, data: bytes) -> Path:
    """Write a file where it can be opened."""
    path = folder / "sheet"
    path.write_bytes(data)
    return path
