"""CSV files as text: which encoding, which delimiter, and whether the file is the toolkit's own form."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from handover.errors import Invalid

PIECE: Final = 1_048_576
DELIMITERS: Final = (";", "\t", "|", ",")
CANONICAL: Final = ("indicator", "start", "end", "value")
_CANONICAL_NAME: Final = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_CANONICAL_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_SEPARATOR_LINE: Final = re.compile(r'"?sep=(.)"?\r?\n?', re.IGNORECASE)
_CONTROLS: Final = bytes([*range(9), 11, 12, *range(14, 32), 127])
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MARKS: Final = (
    (b"\xff\xfe\0\0", ""),
    (b"\0\0\xfe\xff", ""),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TYPOGRAPHIC: Final = "„“”‘’‚–—…€\u00a0«»§°·´"
_ALPHABETS: Final = {
    "windows-1250": set("ăâîşţĂÂÎŞŢ" + _TYPOGRAPHIC),
    "windows-1257": set("ąčęėįšųūžĄČĘĖĮŠŲŪŽ" + _TYPOGRAPHIC),
}
"""The letters of Romanian and Lithuanian in the encodings that spreadsheets used for them."""


@dataclass(frozen=True, slots=True)
class Text:
    """How the bytes of a CSV file become text, and what was said about it."""

    encoding: str
    guessed: bool


def examine(path: Path, *, encoding: str | None, longest: int) -> Text:
    """Find the encoding and read the file once, in pieces, to know that all of it is text.

    Raises:
        Invalid: an unknown encoding, or one that must be asked; bytes that are no text; a line that is too long.
    """
    with path.open("rb") as file:
        head = file.read(4)
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if marked == "":
        raise Invalid("unknown_encoding", "The file is in UTF-32; save it as UTF-8 and try again.")
    name = marked or _known(encoding)
    if name is None:
        line = _first_wrong_line(path, "utf-8")
        if line is None:
            name = "utf-8"
        else:
            found = _legacy(path, line)
            _walk(path, found, longest)
            return Text(found, guessed=True)
    line = _first_wrong_line(path, name)
    if line is not None:
        raise Invalid("wrong_encoding", f"Line {line} holds bytes that are not {_title(name)}.", line=line)
    _walk(path, name, longest)
    return Text(name, guessed=False)


def _known(encoding: str | None) -> str | None:
    if encoding is None:
        return None
    try:
        found = codecs.lookup(encoding)
        # Some codecs of Python are no encodings of text: zlib, rot13 and the like.
        "".encode(encoding)
    except (LookupError, UnicodeError) as error:
        raise Invalid("unknown_encoding", f"There is no encoding “{encoding}”.") from error
    return "utf-8-sig" if found.name == "utf-8" else found.name


def _title(name: str) -> str:
    if name.startswith("cp125"):
        return f"windows-{name.removeprefix('cp')}"
    return {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "utf-16": "UTF-16"}.get(name, name)


def _first_wrong_line(path: Path, encoding: str) -> int | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with path.open("rb") as file:
        while True:
            piece = file.read(PIECE)
            try:
                text = decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                before = bytes(error.object[: error.start])
                return line + before.decode(encoding.removesuffix("-sig"), "ignore").count("\n")
            line += text.count("\n")
            if not piece:
                return None


def _legacy(path: Path, line: int) -> str:
    """Find the one old encoding in which every letter is a Romanian or Lithuanian one.

    Raises:
        Invalid: none fits, or two do and they do not agree.
    """
    used: set[int] = set()
    plain = bytes(range(128))
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            used.update(piece.translate(None, plain))
    fitting = {}
    for name, alphabet in _ALPHABETS.items():
        letters = [bytes([byte]).decode(name, "replace") for byte in sorted(used)]
        if alphabet.issuperset(letters):
            fitting[name] = letters
    if len({tuple(letters) for letters in fitting.values()}) == 1:
        return next(iter(fitting))
    raise Invalid(
        "ask_encoding",
        f"Line {line} is not in UTF-8, and does not say in which encoding: name it, or save the file as UTF-8.",
        line=line,
        options=list(fitting) or [*_ALPHABETS, "windows-1252"],
    )


def _walk(path: Path, encoding: str, longest: int) -> None:
    """Go through the text once, in pieces.

    Raises:
        Invalid: control characters, or a line that is too long.
    """
    wide = encoding.startswith("utf-16")
    decoder = codecs.getincrementaldecoder(encoding)()
    line, pending = 1, 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            text = decoder.decode(piece).replace("\r", "\n" if b"\n" not in piece and not wide else " ")
            controlled = wide or len(piece.translate(None, _CONTROLS)) != len(piece)
            if controlled and (found := _CONTROL.search(text)):
                raise _control(line + text.count("\n", 0, found.start()), found[0])
            parts = text.split("\n")
            widths = [pending + len(parts[0]), *map(len, parts[1:])]
            if max(widths) > longest:
                at = next(index for index, width in enumerate(widths) if width > longest)
                raise Invalid(
                    "line_too_long",
                    f"Line {line + at} is longer than {longest:,} characters.",
                    line=line + at,
                )
            pending = widths[-1]
            line += len(parts) - 1


def _control(line: int, letter: str) -> Invalid:
    if letter == "\0":
        return Invalid("nul_byte", f"Line {line} holds a NUL byte: this is no text.", line=line)
    return Invalid(
        "control_character", f"Line {line} holds a control character (U+{ord(letter):04X}).", line=line
    )


# --- columns ------------------------------------------------------------------------------------------------------


def separator_line(path: Path, encoding: str) -> str | None:
    """Give the delimiter that Excel's first line ``sep=;`` names."""
    with path.open(encoding=encoding, newline="") as file:
        found = _SEPARATOR_LINE.fullmatch(file.readline(16))
    return found[1] if found else None


def delimiter_of(path: Path, encoding: str) -> str:
    """Find the delimiter by which the first lines have the most columns alike."""
    with path.open(encoding=encoding, newline="") as file:
        lines = [line for line in islice(file, 100) if line.strip()]
    best, score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            continue
        width, often = Counter(widths).most_common(1)[0] if widths else (0, 0)
        found = (often / len(widths) if width > 1 else 0.0, width)
        if found > score:
            best, score = delimiter, found
    return best


def is_canonical(path: Path, encoding: str, delimiter: str) -> bool:
    """Tell whether the file is in the toolkit's own form: our column names, ISO dates, comma, point, UTF-8."""
    if encoding not in {"utf-8", "utf-8-sig"} or delimiter != ",":
        return False
    with path.open(encoding="utf-8-sig", newline="") as file:
        sample = list(islice(file, 200))
    try:
        rows = list(csv.reader(sample))
    except csv.Error:
        return False
    names = rows[0] if rows else []
    if not _canonical_names(names):
        return False
    days = [names.index("start"), names.index("end")]
    body = [row for row in rows[1:] if len(row) == len(names)]
    return all(_CANONICAL_DAY.fullmatch(row[index]) for row in body for index in days) and (
        len(body) > len(rows[1:]) // 2 or len(rows) == 1
    )


def _canonical_names(names: Sequence[str]) -> bool:
    return (
        all(name in names for name in CANONICAL)
        and len(set(names)) == len(names)
        and all(_CANONICAL_NAME.fullmatch(name) for name in names)
    )


def canonical_lines(path: Path, *, lines: int) -> Iterator[str]:
    """Give the lines of a file in our own form, without a byte order mark, each with one line feed.

    Raises:
        Invalid: there are more lines than allowed.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, line in enumerate(file, 1):
            if number > lines:
                raise Invalid(
                    "too_many_rows", f"The file goes on beyond line {lines:,}; split it into several files."
                )
            yield f"{line.rstrip(chr(13) + chr(10))}\n"


def records(
    path: Path, *, encoding: str, delimiter: str, skip: int, rows: int
) -> Iterator[tuple[int, list[str]]]:
    """Give the records of a CSV file that are not blank, each with the line on which it begins.

    Raises:
        Invalid: more lines than allowed, or a quotation mark that is never closed.
    """
    with path.open(encoding=encoding, newline="") as file:
        for _ in range(skip):
            file.readline()
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        line = 1 + skip
        try:
            for record in reader:
                if line > rows:
                    raise Invalid(
                        "too_many_rows",
                        f"The sheet goes on beyond row {rows:,}; split it into several files.",
                    )
                if record and any(record):
                    yield line, record
                line = reader.line_num + 1 + skip
        except csv.Error as error:
            raise Invalid(
                "unreadable_line",
                f"Line {line} cannot be read: a quotation mark is not closed, or stands where none may stand.",
                line=line,
            ) from error
