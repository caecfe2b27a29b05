"""Lines of an upload: CSV or JSON lines become the CSV that an import reads, each row with where it stood.

A row that is none is named and left out; what its fields mean is the import's to say.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, Final, NoReturn

from handover.errors import Invalid
from indicators.actions.batches import Problem
from indicators.actions.value_files import OPTIONAL, REQUIRED
from indicators.api.fields import NOT_KEPT
from indicators.exchange.canonical_lines import Gathered, written

AT: Final = "at"
TAKEN: Final = tuple(name for name in OPTIONAL if name != AT)
"""Columns that may be there, but for the one that says where a row stood."""
LONGEST: Final = 100_000
"""Characters of one line of JSON."""
UNREADABLE: Final = "unreadable_line"

Cells = Sequence[str]


@dataclass(frozen=True)
class Lines:
    """An upload's rows. ``axes`` are the names that groups may have; they may be read as often as they must be."""

    file: IO[bytes]
    json: bool
    axes: Collection[str]

    def dimensions(self) -> list[str]:
        """Give the names of axes that no other column has."""
        return [name for name in self.axes if name not in (*REQUIRED, *OPTIONAL)]

    def read(self, gathered: Gathered, leaving: Collection[int] = ()) -> Iterator[str]:
        """Give the lines of a CSV file, its columns first.

        Args:
            leaving: numbers of rows to leave out: of the line on which each begins.

        Raises:
            Invalid: the file is no text in UTF-8, or no CSV.
        """
        with _text(self.file) as text:
            records = self._json(text) if self.json else self._csv(text)
            for number, found in records:
                gathered.rows += bool(number)
                if number in leaving:
                    continue
                if isinstance(found, Problem):
                    gathered.add(found)
                elif NOT_KEPT.search("".join(found)):
                    said = "There is a character here that cannot be kept."
                    gathered.add(Problem(number, UNREADABLE, said))
                else:
                    yield written([*found, str(number) if number else AT])

    def _csv(self, text: IO[str]) -> Iterator[tuple[int, Cells | Problem]]:
        first = text.readline(LONGEST)
        delimiter = ";" if ";" in first and "," not in first else ","
        text.seek(0)
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        names = next(reader, [])
        if AT in names:
            _refuse(1, "unknown_column", f"The file has a column that means nothing here: {AT}.")
        yield 0, names
        number = reader.line_num + 1
        for cells in reader:
            if len(cells) == len(names):
                yield number, cells
            elif cells:
                said = f"The line has {len(cells)} fields, the first line {len(names)}."
                yield number, Problem(number, UNREADABLE, said)
            number = reader.line_num + 1

    def _json(self, text: IO[str]) -> Iterator[tuple[int, Cells | Problem]]:
        known = (*REQUIRED, *TAKEN, *self.dimensions())
        used: set[str] = set()
        for _, line in _numbered(text):
            found = _object(line)
            used.update(found if isinstance(found, dict) else ())
        names = [name for name in known if name in used or name in REQUIRED]
        yield 0, names
        text.seek(0)
        for number, line in _numbered(text):
            yield number, _cells(number, _object(line), known, names)


def _cells(
    number: int, found: dict[str, Any] | str, known: Collection[str], names: Sequence[str]
) -> Cells | Problem:
    """Give the fields of an object in the order of the columns; or say what is wrong with it."""
    if isinstance(found, str):
        return Problem(number, UNREADABLE, found)
    for name, item in found.items():
        if name not in known:
            shown = NOT_KEPT.sub("\ufffd", name[:100])
            return Problem(number, "unknown_column", f"“{shown}” means nothing here.", shown)
        if not isinstance(item, str | None):
            return Problem(number, UNREADABLE, f"“{name}” is neither a text nor a number.", name)
    return [found.get(name) or "" for name in names]


def _numbered(text: IO[str]) -> Iterator[tuple[int, str]]:
    """Give the lines that are not blank, with their numbers."""
    number = 0
    while line := text.readline(LONGEST + 1):
        number += 1
        if len(line) > LONGEST:
            _refuse(number, UNREADABLE, f"A line has at most {LONGEST} characters.")
        if line.strip():
            yield number, line


def _none(said: str) -> NoReturn:
    raise ValueError(said)


_DECODER: Final = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_none)
"""Numbers stay the digits that were written."""


def _object(line: str) -> dict[str, Any] | str:
    """Read an object; or say why it is none."""
    try:
        found = _DECODER.decode(line.strip())
    except (ValueError, RecursionError):
        return "This is no JSON."
    return found if isinstance(found, Mapping) else "This is no JSON object."  # type: ignore[return-value]


@contextmanager
def _text(file: IO[bytes]) -> Iterator[IO[str]]:
    """Open a file as text from its beginning; it stays open for the next time.

    Raises:
        Invalid: it is no text in UTF-8, or no CSV.
    """
    file.seek(0)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        yield text
    except UnicodeDecodeError:
        _refuse(1, UNREADABLE, "This is no text in UTF-8.")
    except csv.Error as error:
        _refuse(1, UNREADABLE, f"This is no CSV: {error}.")
    finally:
        text.detach()


def _refuse(line: int, code: str, sentence: str) -> NoReturn:
    raise Invalid(
        "unreadable_file" if code == UNREADABLE else code,
        f"Nothing was entered. Line {line}: {sentence}",
        problems=[{"line": line, "code": code, "sentence": sentence}],
    )
