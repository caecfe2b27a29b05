"""What is looked at in a workbook before anything parses it: a workbook is a zip archive of XML parts.

Runs in the child process. Declared sizes are judged first and never trusted: what is unpacked is counted, too.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import IO, Final

from handover.errors import Invalid

ENTRIES: Final = 5_000
HEAD: Final = 65_536
RATIO_FROM: Final = 1_048_576
"""Small parts may be as dense as they like."""

BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    UnicodeError,
    OSError,
)
_ROOT: Final = re.compile(rb"<[A-Za-z_]")
_ENCODING: Final = re.compile(rb"""^(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*["']([^"']+)["']""")


def broken() -> Invalid:
    """Say that a workbook cannot be read at all."""
    return Invalid("broken_workbook", "The file cannot be read as a workbook; it is damaged or cut off.")


def too_many_rows(allowed: int) -> Invalid:
    """Say that a sheet is longer than is read."""
    return Invalid("too_many_rows", f"The sheet goes on beyond row {allowed:,}; split it into several files.")


def odd_part() -> Invalid:
    """Say that a part is no XML as spreadsheet programs write it."""
    return Invalid(
        "odd_part", "A part of the workbook is not written as spreadsheet programs write it (XML in UTF-8)."
    )


def opened(file: IO[bytes]) -> zipfile.ZipFile:
    """Open the archive.

    Raises:
        Invalid: it is none, or has more entries than any workbook.
    """
    try:
        archive = zipfile.ZipFile(file) if _declared_entries(file) <= ENTRIES else None
    except BROKEN as error:
        raise broken() from error
    if archive is None or len(archive.infolist()) > ENTRIES:
        raise Invalid("too_many_parts", f"The workbook has more than {ENTRIES:,} parts; no spreadsheet has.")
    return archive


def _declared_entries(file: IO[bytes]) -> int:
    """Read the number of entries from the end of the archive, before a directory of millions is loaded."""
    size = file.seek(0, 2)
    file.seek(max(0, size - HEAD - 22))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise zipfile.BadZipFile
    entries, directory = (
        int.from_bytes(tail[at + 10 : at + 12], "little"),
        int.from_bytes(tail[at + 12 : at + 16], "little"),
    )
    # An entry of the directory takes 46 bytes and its name; the number alone can lie, both together cannot.
    return max(entries, directory // 256 if entries != 0xFFFF else ENTRIES + 1)


def kind_of(archive: zipfile.ZipFile) -> str:
    """Tell ``xlsx`` from ``ods``.

    Raises:
        Invalid: the archive is something else.
    """
    names = set(archive.namelist())
    if "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names):
        if any(name.lower().endswith("workbook.bin") for name in names):
            raise Invalid(
                "binary_workbook",
                "The file is a binary Excel workbook (.xlsb); save it as .xlsx and try again.",
            )
        return "xlsx"
    if "content.xml" in names and "mimetype" in names:
        if archive.getinfo("mimetype").file_size > 200 or b"spreadsheet" not in archive.read("mimetype"):
            raise Invalid("not_a_workbook", "The file is an OpenDocument file, but not a spreadsheet.")
        return "ods"
    raise Invalid(
        "not_a_workbook", "The file is a zip archive, but not a workbook; unpack it and give the file inside."
    )


def check(archive: zipfile.ZipFile, *, unpacked: int, ratio: int) -> None:
    """Judge what an archive says of itself.

    Raises:
        Invalid: unsafe names, encryption, macros, or more than could ever be a spreadsheet.
    """
    total = 0
    seen = set()
    for entry in archive.infolist():
        name = entry.filename
        if (
            name.startswith(("/", "\\"))
            or "\\" in name
            or ".." in name.split("/")
            or ":" in name
            or name in seen
        ):
            raise Invalid(
                "unsafe_archive",
                "The workbook holds a part with an unsafe name; no spreadsheet program writes it.",
            )
        seen.add(name)
        if entry.flag_bits & 1:
            raise Invalid(
                "encrypted_file", "The file is protected by a password; save it without one and try again."
            )
        if _is_macro(name):
            raise Invalid(
                "macros", "The workbook holds macros; save it as .xlsx without macros and try again."
            )
        total += entry.file_size
        if entry.file_size > RATIO_FROM and entry.file_size > ratio * max(entry.compress_size, 1):
            raise Invalid(
                "packed_too_densely",
                f"A part of the workbook unpacks to more than {ratio} times its size; no spreadsheet needs that.",
            )
    if total > unpacked:
        raise Invalid(
            "unpacks_too_large",
            f"The workbook unpacks to {_megabytes(total)} MB; {_megabytes(unpacked)} MB are allowed.",
        )


def _is_macro(name: str) -> bool:
    low = name.lower()
    return low.endswith("vbaproject.bin") or low.startswith(("xl/macrosheets/", "basic/", "scripts/"))


def _megabytes(size: int) -> int:
    return round(size / 1_048_576)


def check_heads(archive: zipfile.ZipFile) -> None:
    """Look at the beginning of each XML part, before anything parses it.

    Raises:
        Invalid: a part declares a document type (and so could name entities and files), or hides its beginning.
    """
    for entry in archive.infolist():
        name = entry.filename.lower()
        if not name.endswith((".xml", ".rels", ".vml")):
            continue
        try:
            with archive.open(entry) as part:
                head = part.read(HEAD)
        except BROKEN as error:
            raise broken() from error
        if b"macroenabled" in head.lower() and name == "[content_types].xml":
            raise Invalid(
                "macros", "The workbook holds macros; save it as .xlsx without macros and try again."
            )
        _check_head(head)


def _check_head(head: bytes) -> None:
    root = _ROOT.search(head)
    prolog = head[: root.start()] if root else head
    if b"<!DOCTYPE" in prolog.upper():
        raise Invalid(
            "document_type",
            "A part of the workbook declares a document type, which could draw in other files.",
        )
    encoding = _ENCODING.match(head)
    odd = encoding is not None and encoding[1].lower() not in {b"utf-8", b"us-ascii", b"utf8"}
    if (head and root is None) or b"\0" in head or odd:
        raise odd_part()


def external(archive: zipfile.ZipFile) -> bool:
    """Tell whether the workbook refers to other workbooks or to data elsewhere."""
    return any(
        name.startswith("xl/externalLinks/") or name == "xl/connections.xml" for name in archive.namelist()
    )
