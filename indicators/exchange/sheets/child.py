"""The process that parses a workbook, so that a hostile one can take down nothing but itself.

It is given the workbook as standard input, already open, and writes rows to standard output; it is told no path, and
after its limits are set it can open no file at all. Its last word, on standard error, is one line of JSON.
"""

from __future__ import annotations

import datetime as dt
import functools
import gc
import importlib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from typing import IO, Any, Final

import python_calamine as calamine

from handover.errors import Invalid
from indicators.exchange.sheets import archives, marks
from indicators.exchange.sheets.opendocument import Document

TOGETHER: Final = 100
"""Rows that share a line of the spool."""

Row = tuple[int, list[Any]]


def limit(*, memory: int, seconds: int, spool: int) -> bool:
    """Take away what a hostile workbook could use up; tell whether this platform lets us.

    Windows knows no such limits, macOS none of memory. On Linux a limit that cannot be set ends the process.
    """
    platform: str = sys.platform
    if platform == "win32":
        return False
    resource: Any = importlib.import_module("resource")
    limited = True
    for name, amount in (
        ("RLIMIT_AS", memory),
        ("RLIMIT_CPU", seconds),
        ("RLIMIT_FSIZE", spool),
        ("RLIMIT_CORE", 0),
        # Standard input, output and error are open; nothing else can be opened any more.
        ("RLIMIT_NOFILE", 3),
    ):
        kind = getattr(resource, name)
        _, most = resource.getrlimit(kind)
        amount = amount if most == resource.RLIM_INFINITY else min(amount, most)  # noqa: PLW2901
        try:
            resource.setrlimit(kind, (amount, amount))
        except (ValueError, OSError):
            if platform == "linux":
                raise
            limited = False
    return limited


def main(told: str) -> None:
    """Read the workbook at standard input and say how it went."""
    asked = json.loads(told)
    # Loaded on demand otherwise, when no file can be opened any more.
    importlib.import_module("encodings.cp437")
    importlib.import_module("encodings.ascii")
    summary: dict[str, Any] = {}
    # Millions of cells, none of which refers to itself: there is nothing to collect.
    gc.disable()
    try:
        limited = limit(memory=asked["memory"], seconds=asked["seconds"], spool=asked["spool"])
        summary = {"limited": limited, **_read(sys.stdin.buffer, sys.stdout.buffer, asked)}
    except Invalid as error:
        summary = {"refused": [error.code, error.sentence, dict(error.details)]}
    except MemoryError:
        summary = {"starved": True}
    sys.stderr.write(json.dumps(summary) + "\n")
    sys.stderr.flush()
    # A workbook of millions of cells is not worth taking apart again.
    os._exit(0)


def _read(file: IO[bytes], spool: IO[bytes], asked: dict[str, Any]) -> dict[str, Any]:
    with archives.opened(file) as archive:
        archives.check(archive, unpacked=asked["unpacked"], ratio=asked["ratio"])
        kind = archives.kind_of(archive)
        archives.check_heads(archive)
        if kind == "ods":
            return {"kind": kind, **_opendocument(archive, spool, asked)}
        found = _excel(file, archive, spool, asked)
        return {"kind": kind, "external": archives.external(archive), **found}


def _excel(file: IO[bytes], archive: Any, spool: IO[bytes], asked: dict[str, Any]) -> dict[str, Any]:
    file.seek(0)
    try:
        book = calamine.CalamineWorkbook.from_filelike(file)
        sheets = [
            (item.name, item.visible != calamine.SheetVisibleEnum.Visible)
            for item in book.sheets_metadata
            if item.typ == calamine.SheetTypeEnum.WorkSheet
        ]
        chosen = _chosen(sheets, asked["sheet"])
        part = marks.sheet_part(archive, chosen)
        if part is None:
            raise archives.broken()
        found = marks.Marks(archive, part, marks.percent_styles(archive), asked["unpacked"])
        sheet = book.get_sheet_by_name(chosen)
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise archives.broken() from error
    if sheet.end is not None and sheet.end[0] >= asked["rows"]:
        raise archives.too_many_rows(asked["rows"])
    _spool(_marked(sheet, found), spool, asked)
    merged = [
        (top + 1, left, bottom + 1, right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
    ]
    return {"sheets": sheets, "sheet": chosen, "merged": merged[:10_000], "hidden_rows": found.hidden_rows}


def _opendocument(archive: Any, spool: IO[bytes], asked: dict[str, Any]) -> dict[str, Any]:
    look = Document(archive, None, asked["unpacked"], asked["rows"], asked["columns"])
    for _ in look.rows():
        pass
    sheets = [(name, name in look.hidden) for name in look.names]
    chosen = _chosen(sheets, asked["sheet"])
    document = Document(archive, chosen, asked["unpacked"], asked["rows"], asked["columns"])
    _spool(document.rows(), spool, asked)
    return {"sheets": sheets, "sheet": chosen, "merged": document.merged, "hidden_rows": document.hidden_rows}


def _chosen(sheets: list[tuple[str, bool]], wanted: str | None) -> str:
    if not sheets:
        raise Invalid("no_sheet", "The workbook has no sheet.")
    names = [name for name, _ in sheets]
    if wanted is not None and wanted not in names:
        raise Invalid(
            "unknown_sheet",
            f"The workbook has no sheet “{wanted}”; it has: {', '.join(names[:20])}.",
            sheets=names,
        )
    return wanted or next((name for name, hidden in sheets if not hidden), names[0])


def _marked(sheet: Any, found: marks.Marks) -> Iterator[Row]:
    """Join the cells that the fast reader gave with the marks that it does not tell."""
    shift = [""] * (sheet.start[1] if sheet.start else 0)
    special = found.rows()
    at, cells_marked = next(special, (0, {}))
    number = 0
    for number, values in enumerate(sheet.iter_rows(), 1):
        while at and at < number:
            at, cells_marked = next(special, (0, {}))
        row = [*shift, *values] if shift else values
        yield number, _with_marks(row, cells_marked) if at == number else row
    while at:
        if at > number:
            yield at, _with_marks([], cells_marked)
        at, cells_marked = next(special, (0, {}))


def _with_marks(row: list[Any], cells_marked: dict[int, marks.Mark]) -> list[Any]:
    for column, mark in cells_marked.items():
        row.extend([""] * (column + 1 - len(row)))
        row[column] = _with_mark(row[column], mark)
    return row


def _with_mark(value: Any, mark: marks.Mark) -> Any:
    formula = {"f": 1} if mark.formula else {}
    if mark.error or not mark.calculated:
        return {"e": mark.error, **formula}
    if isinstance(value, bool):
        return {"b": str(value).upper(), **formula}
    if isinstance(value, (int, float)):
        return {"n": repr(value), **({"p": 1} if mark.percent else {}), **formula}
    if isinstance(value, str):
        return {"t": value, "f": 1} if formula and value else value
    return {**_dated(value), **formula}


@functools.lru_cache(maxsize=8192)
def _dated(value: object) -> dict[str, str]:
    match value:
        case dt.datetime():
            return {"d": value.date().isoformat() if value.time() == dt.time() else value.isoformat()}
        case dt.date():
            return {"d": value.isoformat()}
        case _:
            return {"t": str(value)}


def _spool(rows: Iterable[Row], spool: IO[bytes], asked: dict[str, Any]) -> None:
    """Write rows that are not blank; bools stay ``true`` and ``false``.

    Raises:
        Invalid: there are more rows or columns than allowed, or the spool grows beyond all measure.
    """
    encode = json.JSONEncoder(
        ensure_ascii=False, separators=(",", ":"), default=_dated, check_circular=False
    ).encode
    together: list[Row] = []
    try:
        for number, cells in rows:
            if not any(cells) and not any(cell != "" for cell in cells):
                continue
            if number > asked["rows"]:
                raise archives.too_many_rows(asked["rows"])
            if len(cells) > asked["columns"]:
                raise Invalid("too_many_columns", f"The sheet has more than {asked['columns']:,} columns.")
            together.append((number, cells))
            if len(together) == TOGETHER:
                spool.write(encode(together).encode("utf-8", "surrogatepass") + b"\n")
                together = []
        spool.write(encode(together).encode("utf-8", "surrogatepass") + b"\n")
        spool.flush()
    except OSError as error:
        raise Invalid("unpacks_too_large", "The sheet holds more text than is allowed.") from error


if __name__ == "__main__":
    main(sys.argv[1])
