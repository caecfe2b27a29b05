"""A file of values: copied into a temporary table as text, for names and checks to work on as a set."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import psycopg
from django.db import DatabaseError, connection, transaction

from handover.errors import Invalid
from indicators.actions import batches
from indicators.actions.batches import Problems

DIMENSIONS: Final = ("gender", "age")
REQUIRED: Final = ("indicator", "start", "end", "value")
OPTIONAL: Final = (
    "place",
    "numerator",
    "denominator",
    "comment",
    "revision",
    "source",
    "reason",
    "position",
    "at",
)
"""``revision`` is the one that the sender had before them (0: none); ``position`` tells values of one cell apart, from
0; ``at`` says where a value stood in a sheet."""
END_OF_COPY: Final = "\\."


@dataclass(frozen=True)
class File:
    """A file that stands in the temporary table ``indicators_csv``: its columns, and how many rows it has."""

    columns: frozenset[str]
    dimensions: Sequence[str]
    rows: int

    @property
    def axes(self) -> list[str]:
        """Give the columns of the dimensions in the temporary table."""
        return [f"axis_{index}" for index in range(len(self.dimensions))]

    def text(self, name: str) -> str:
        """Give the SQL of an optional column: empty where the file has none."""
        return f'c."{name}"' if name in self.columns else "''::text"


def read(lines: Iterable[str], *, dimensions: Sequence[str] = DIMENSIONS) -> File:
    """Copy a file into the temporary table, as text.

    Raises:
        Invalid: no header, unknown or missing columns, or a line that is no CSV of these columns.
    """
    source = iter(lines)
    names, delimiter = _header(next(source, ""), dimensions)
    axes = [name for name in names if name in dimensions]
    columns = [f"axis_{axes.index(name)}" if name in axes else name for name in names]
    batches.drop("indicators_csv")
    table = ", ".join(f'"{name}" text NOT NULL' for name in columns)
    listed = ", ".join(f'"{name}"' for name in columns)
    options = f"FORMAT csv, DELIMITER '{delimiter}', FORCE_NOT_NULL ({listed})"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE indicators_csv (line bigint GENERATED ALWAYS AS IDENTITY, {table}) ON COMMIT DROP"
        )
        try:
            with (
                transaction.atomic(),
                cursor.copy(f"COPY indicators_csv ({listed}) FROM STDIN WITH ({options})") as copy,
            ):
                for part in _parts(source):
                    copy.write(part)
        except (DatabaseError, psycopg.DataError) as error:
            raise _unreadable(error) from error
        cursor.execute("SELECT count(*) FROM indicators_csv")
        (rows,) = cursor.fetchone() or (0,)
    if not rows:
        raise Invalid("empty_file", "The file has no values.", problems=[])
    return File(columns=frozenset(names), dimensions=axes, rows=int(rows))


def _header(line: str, dimensions: Sequence[str]) -> tuple[list[str], str]:
    text = line.removeprefix("\ufeff").rstrip("\r\n")
    delimiter = ";" if ";" in text and "," not in text else ","
    names = next(csv.reader([text], delimiter=delimiter), [])
    unknown = [name for name in names if name not in (*REQUIRED, *OPTIONAL, *dimensions)]
    missing = [name for name in REQUIRED if name not in names]
    repeated = sorted({name for name in names if names.count(name) > 1})
    for wrong, code, sentence in (
        (unknown, "unknown_column", "The file has a column that means nothing here"),
        (missing, "missing_column", "The file lacks a column"),
        (repeated, "repeated_column", "The file has a column twice"),
    ):
        if wrong:
            text = f"{sentence}: {', '.join(wrong)}."
            raise Invalid(code, f"Line 1: {text}", problems=[{"line": 1, "code": code, "sentence": text}])
    return names, delimiter


def _parts(lines: Iterator[str]) -> Iterator[str]:
    """Join lines to parts worth sending, with one kind of line ending; blank lines at the end are left out.

    Raises:
        Invalid: a line that ends the copy for PostgreSQL before version 18, which would drop the rest unsaid.
    """
    part: list[str] = []
    blank = 0
    for number, line in enumerate(lines, 2):
        text = line.rstrip("\r\n")
        if END_OF_COPY in text and END_OF_COPY in text.splitlines():
            raise _unreadable_line(number, f"the line is “{END_OF_COPY}”")
        if not text:
            blank += 1
            continue
        part.extend([""] * blank)
        blank = 0
        part.append(text)
        if len(part) >= 2000:
            yield "\n".join(part) + "\n"
            part = []
    if part:
        yield "\n".join(part) + "\n"


def _unreadable(error: Exception) -> Invalid:
    """Say of PostgreSQL's own complaint which line it is about; it counts from the line after the header."""
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    context = (cause.diag.context or "") if isinstance(cause, psycopg.Error) else ""
    said = (cause.diag.message_primary or "") if isinstance(cause, psycopg.Error) else str(error)
    found = re.search(r"line (\d+)", context)
    line = int(found[1]) + 1 if found else 0
    return _unreadable_line(line, said)


def _unreadable_line(line: int, said: str) -> Invalid:
    sentence = f"This is no CSV of these columns: {said}."
    return Invalid(
        "unreadable_file",
        f"Nothing was entered. Line {line}: {sentence}",
        problems=[{"line": line, "code": "unreadable_line", "sentence": sentence}],
    )


def by_line_of_the_file(file: File, problems: Problems) -> Problems:
    """Count lines as the file does, where quoted fields before them hold line breaks; or say where in a sheet it is."""
    if "at" in file.columns:
        return _addressed(problems)
    fields = ", ".join(f'"{name}"' for name in (*sorted(file.columns - {*file.dimensions}), *file.axes))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT line + 1, length(said) - length(replace(said, E'\n', ''))
              FROM (SELECT line, concat({fields}) AS said FROM indicators_csv) row WHERE strpos(said, E'\n') > 0
            """
        )
        breaks = cursor.fetchall()
    moved = [
        replace(problem, line=problem.line + sum(more for at, more in breaks if at < problem.line))
        for problem in problems.shown
    ]
    return Problems(moved, problems.total)


def _addressed(problems: Problems) -> Problems:
    """Add the address in the sheet where a problem does not know it yet."""
    unknown = [problem.line - 1 for problem in problems.shown if not problem.at]
    if not unknown:
        return problems
    with connection.cursor() as cursor:
        cursor.execute("SELECT line + 1, at FROM indicators_csv WHERE line = ANY(%s)", [unknown])
        places = dict(cursor.fetchall())
    found = [
        problem if problem.at else replace(problem, at=places.get(problem.line, ""))
        for problem in problems.shown
    ]
    return Problems(found, problems.total)


def forget() -> None:
    """Drop the temporary table."""
    batches.drop("indicators_csv")
