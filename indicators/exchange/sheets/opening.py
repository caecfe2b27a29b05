"""Opening a file that somebody sends: what it is, whether it is safe to read, and its rows.

A CSV file is read here, line by line. A workbook is parsed by a child process with limits of memory, time and size
(:mod:`indicators.exchange.sheets.child`), which leaves its rows in a spool; nothing of it is ever held whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from handover.errors import Invalid
from indicators.exchange.sheets import texts
from indicators.exchange.sheets.cells import Calculated, Day, Fault, Number, Truth

ROOT: Final = Path(__file__).resolve().parents[3]
CHILD: Final = (
    f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
    "from indicators.exchange.sheets.child import main\n"
    "main(sys.argv[1])\n"
)
MEGABYTE: Final = 1_048_576
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_OTHERS: Final = (
    (b"%PDF-", "a PDF"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
    (b"7z\xbc\xaf", "a compressed file (7z)"),
    (b"Rar!", "a compressed file (rar)"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"{\\rtf", "a text document"),
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may cost. Sizes in bytes; ``line`` in characters."""

    file: int = 200 * MEGABYTE
    unpacked: int = 1024 * MEGABYTE
    ratio: int = 400
    rows: int = 1_048_576
    lines: int = 50_000_000
    columns: int = 1_024
    line: int = MEGABYTE
    memory: int = 1536 * MEGABYTE
    seconds: int = 120


@dataclass(frozen=True, slots=True)
class Note:
    """Something that is said about a file and needs no answer."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook."""

    name: str
    hidden: bool


@dataclass(kw_only=True)
class Opened:
    """A file that was found safe to read. A context manager: closing it deletes its spool."""

    name: str
    kind: str
    digest: str
    limits: Limits
    sheets: tuple[Sheet, ...] = ()
    sheet: str | None = None
    sheet_asked: bool = False
    encoding: str | None = None
    delimiter: str | None = None
    canonical: bool = False
    notes: tuple[Note, ...] = ()
    merged: tuple[tuple[int, int, int, int], ...] = ()
    source: Path = field(repr=False)
    spool: Path | None = field(default=None, repr=False)
    skip: int = field(default=0, repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Delete the spool; the file itself stays."""
        if self.spool is not None:
            self.spool.unlink(missing_ok=True)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Give the rows that are not blank, with their numbers as in the file.

        Raises:
            Invalid: the file goes on beyond what is allowed, or a line of a CSV file cannot be read.
        """
        if self.spool is not None:
            return _spooled(self.spool)
        return texts.records(
            self.source,
            encoding=self.encoding or "utf-8",
            delimiter=self.delimiter or ",",
            skip=self.skip,
            rows=self.limits.rows,
        )

    def lines(self) -> Iterator[str]:
        """Give the lines of a file in the toolkit's own form, header first.

        Raises:
            Invalid: the file is in another form, or goes on beyond what is allowed.
        """
        if not self.canonical:
            raise Invalid("not_canonical", "The file is not in the toolkit's own form.")
        return texts.canonical_lines(self.source, lines=self.limits.lines)


def open_file(
    path: Path,
    *,
    name: str,
    limits: Limits | None = None,
    sheet: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> Opened:
    """Open a CSV file or a workbook (XLSX, ODS).

    Args:
        name: what people call the file; it decides nothing.
        sheet: which sheet to read; otherwise the first that is not hidden.
        encoding: of a CSV file; otherwise found out, or asked for.
        delimiter: of a CSV file; otherwise found out.

    Raises:
        Invalid: one clear sentence why the file is not read.
    """
    limits = limits or Limits()
    size = path.stat().st_size
    if size > limits.file:
        raise Invalid("file_too_large", f"The file has {_mb(size)} MB; {_mb(limits.file)} MB are allowed.")
    with path.open("rb") as file:
        head = file.read(4096)
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        _refuse_others(path, head)
        if head.startswith((b"PK\x03", b"PK\x05", b"PK\x07")):
            return _workbook(file, path, name=name, digest=digest, limits=limits, sheet=sheet)
    return _csv(path, name=name, digest=digest, limits=limits, encoding=encoding, delimiter=delimiter)


def _refuse_others(path: Path, head: bytes) -> None:
    """Name the kinds of files that are not read.

    Raises:
        Invalid: the file is of such a kind, or empty.
    """
    if not head.strip(b" \t\r\n\xef\xbb\xbf\xff\xfe\0"):
        raise Invalid("empty_file", "The file is empty.")
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        if _holds(path, _ENCRYPTED):
            raise Invalid(
                "encrypted_file", "The file is protected by a password; save it without one and try again."
            )
        raise Invalid(
            "old_excel", "The file is in the format of Excel 97–2003 (.xls); save it as .xlsx and try again."
        )
    for start, what in _OTHERS:
        if head.startswith(start):
            raise Invalid("not_a_table", f"The file is {what}, not a table.")
    text = head.lstrip(b" \t\r\n\xef\xbb\xbf").lower()
    if text.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<body", b"<meta", b"<style")):
        raise Invalid(
            "html_file",
            "The file is a web page under another name; open it in a spreadsheet program and save it as .xlsx.",
        )
    if text.startswith((b"<?xml", b"<!doctype", b"<!--")):
        raise Invalid("xml_file", "The file is XML; open it in a spreadsheet program and save it as .xlsx.")


def _holds(path: Path, wanted: bytes) -> bool:
    before = b""
    with path.open("rb") as file:
        while piece := file.read(MEGABYTE):
            if wanted in before + piece:
                return True
            before = piece[-len(wanted) :]
    return False


def _mb(size: int) -> str:
    """Write a size in megabytes, rounded to three digits or so."""
    return (
        f"{size / MEGABYTE:,.{0 if size >= 100 * MEGABYTE else 1 if size >= MEGABYTE else 3}f}".removesuffix(
            ".0"
        )
    )


# --- CSV ----------------------------------------------------------------------------------------------------------


def _csv(
    path: Path, *, name: str, digest: str, limits: Limits, encoding: str | None, delimiter: str | None
) -> Opened:
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise Invalid("unknown_delimiter", f"“{delimiter}” cannot separate columns; one character can.")
    text = texts.examine(path, encoding=encoding, longest=limits.line)
    named = texts.separator_line(path, text.encoding)
    found = delimiter or named or texts.delimiter_of(path, text.encoding)
    notes = []
    if text.guessed:
        notes.append(
            Note("encoding_found", f"The file is read as {text.encoding}: all its letters are found there.")
        )
    return Opened(
        name=name,
        kind="csv",
        digest=digest,
        limits=limits,
        encoding=text.encoding,
        delimiter=found,
        canonical=named is None and texts.is_canonical(path, text.encoding, found),
        notes=tuple(notes),
        source=path,
        skip=1 if named else 0,
    )


# --- workbooks ----------------------------------------------------------------------------------------------------


def _workbook(
    file: IO[bytes], path: Path, *, name: str, digest: str, limits: Limits, sheet: str | None
) -> Opened:
    handle, spool_name = tempfile.mkstemp(prefix="handover-sheet-")
    spool = Path(spool_name)
    try:
        with os.fdopen(handle, "wb") as rows:
            summary = _parse(file, rows, limits, sheet)
    except BaseException:
        spool.unlink(missing_ok=True)
        raise
    return Opened(
        name=name,
        kind=summary["kind"],
        digest=digest,
        limits=limits,
        sheets=tuple(Sheet(title, bool(hidden)) for title, hidden in summary["sheets"]),
        sheet=summary["sheet"],
        sheet_asked=sheet is not None,
        notes=tuple(_notes(summary)),
        merged=tuple((int(a), int(b), int(c), int(d)) for a, b, c, d in summary["merged"]),
        source=path,
        spool=spool,
    )


def _parse(file: IO[bytes], rows: IO[bytes], limits: Limits, sheet: str | None) -> dict[str, Any]:
    """Let the child read the workbook.

    Raises:
        Invalid: it refused, or did not live to tell.
    """
    told = json.dumps(
        {
            "sheet": sheet,
            "memory": limits.memory,
            "seconds": limits.seconds,
            "spool": 2 * limits.unpacked,
            "unpacked": limits.unpacked,
            "ratio": limits.ratio,
            "rows": limits.rows,
            "columns": limits.columns,
        }
    )
    file.seek(0)
    with tempfile.TemporaryFile() as said:
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-c", CHILD, told],
                stdin=file,
                stdout=rows,
                stderr=said,
                env={},
                cwd=ROOT,
                timeout=3 * limits.seconds + 10,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise _too_slow(limits) from error
        said.seek(max(0, said.seek(0, 2) - 4 * MEGABYTE))
        words = said.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
    summary = _summary(words)
    if summary is None or summary.get("starved"):
        raise _died(done.returncode, limits, starved=summary is not None or b"memory" in words.encode())
    if refused := summary.get("refused"):
        code, sentence, details = refused
        raise Invalid(str(code), str(sentence), **details)
    return summary


def _summary(words: str) -> dict[str, Any] | None:
    try:
        found = json.loads(words)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _died(code: int, limits: Limits, *, starved: bool) -> Invalid:
    if -code in {getattr(signal, "SIGXCPU", 0), getattr(signal, "SIGKILL", 0)} - {0}:
        return _too_slow(limits)
    if starved or -code == signal.SIGABRT:
        return Invalid(
            "too_much_memory",
            f"Reading the workbook takes more than {_mb(limits.memory)} MB of memory; it is too large, or made to be.",
        )
    return Invalid("broken_workbook", "The file cannot be read as a workbook; it is damaged or cut off.")


def _too_slow(limits: Limits) -> Invalid:
    return Invalid("too_slow", f"Reading the workbook takes longer than {limits.seconds} seconds; split it.")


def _notes(summary: dict[str, Any]) -> Iterator[Note]:
    if not summary["limited"]:
        yield Note(
            "no_limits",
            "This platform cannot limit the memory of a process; only sizes and time were limited.",
        )
    if summary.get("external"):
        yield Note(
            "external_links",
            "The workbook refers to other files; they were not opened, the last known values are read.",
        )
    if summary["hidden_rows"]:
        yield Note(
            "hidden_rows",
            f"Hidden rows of the sheet: {summary['hidden_rows']}; they are read like the others.",
        )
    hidden = [title for title, is_hidden in summary["sheets"] if is_hidden]
    if hidden:
        yield Note("hidden_sheets", f"The workbook has hidden sheets: {', '.join(hidden[:20])}.")


def _spooled(spool: Path) -> Iterator[tuple[int, list[str]]]:
    decode = json.JSONDecoder(object_hook=_special, parse_float=Number, parse_int=Number).decode
    with spool.open(encoding="utf-8", errors="surrogatepass") as file:
        for line in file:
            truths = "true" in line or "false" in line
            for number, cells in decode(line):
                yield int(number), [_truth(cell) for cell in cells] if truths else cells


def _truth(cell: Any) -> str:
    return Truth(str(cell).upper()) if isinstance(cell, bool) else cell


@lru_cache(maxsize=8192)
def _day(text: str) -> Day:
    return Day(text)


def _special(found: dict[str, Any]) -> str:
    if len(found) == 1 and "d" in found:
        return _day(found["d"])
    kind, text = next(iter(found.items()))
    if kind == "t" and "f" not in found:
        return str(text)
    cell: Any = {"n": Number, "d": Day, "b": Truth, "e": Fault, "t": Calculated}[kind](text or "=")
    if "f" in found:
        cell.formula = True
    if "p" in found:
        cell.percent = True
    return cell  # type: ignore[no-any-return]
