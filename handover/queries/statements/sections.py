"""Sections of a statement: facts and tables with their values still as values, for a paper and for a workbook alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, TypeAlias

from handover.languages import NOTHING, day, number, short_day
from handover.queries.paper_blocks import Block, heading, lines, mono, pairs, paragraph, table


class Form(StrEnum):
    """As what a statement is given."""

    PDF = "pdf"
    XLSX = "xlsx"
    JSON = "json"


@dataclass(frozen=True)
class Exact:
    """A text that is compared letter by letter: a digest, an identifier."""

    text: str


LINE: Final = 32
"""Letters of a digest in one line of a narrow cell."""
Value: TypeAlias = str | int | Decimal | dt.date | Exact | None
"""What stands in a cell. Empty is ``None``, never zero."""


@dataclass(frozen=True)
class Section:
    """One part of a statement: a title, sentences, facts, and a table with ``widths`` in shares of a line.

    ``empty`` is said in the place of a table without rows. ``only`` keeps a section to one of both forms, where what
    reads well on paper is no table to work with.
    """

    title: str
    said: Sequence[str] = ()
    facts: Sequence[tuple[str, Value]] = ()
    head: Sequence[str] = ()
    rows: Sequence[Sequence[Value]] = ()
    widths: Sequence[int] = ()
    empty: str = ""
    level: int = 2
    only: Form | None = None


@dataclass(frozen=True)
class Written:
    """A statement in the language that is active: its title, and its sections."""

    title: str
    sections: Sequence[Section]


Writer: TypeAlias = Callable[[], Written]


def blocks(sections: Iterable[Section]) -> list[Block]:
    """Give sections as blocks of a paper, in the language that is active."""
    found: list[Block] = []
    for section in sections:
        if section.only not in (None, Form.PDF):
            continue
        if section.title:
            found.append(heading(section.title, section.level))
        found += [paragraph(text) for text in section.said]
        if section.facts:
            found.append(pairs((label, _long(value)) for label, value in section.facts))
        if section.rows:
            found.append(_table(section))
        elif section.empty:
            found.append(paragraph(section.empty))
    return found


def _table(section: Section) -> Block:
    numbers = [
        index
        for index in range(len(section.head))
        if any(_is_number(row[index]) for row in section.rows)
        and all(row[index] is None or _is_number(row[index]) for row in section.rows)
    ]
    rows = [[_short(value) for value in row] for row in section.rows]
    return table(section.head, rows, widths=section.widths or [1] * len(section.head), figures=numbers)


def _is_number(value: Value) -> bool:
    return isinstance(value, int | Decimal)


def _long(value: Value) -> Any:
    match value:
        case Exact() if value.text:
            return mono(value.text)
        case dt.date():
            return day(value)
    return _short(value)


def _pieces(text: str) -> Any:
    """Break what is compared letter by letter into lines that a narrow cell holds."""
    parts = [word[at : at + LINE] for word in text.split() for at in range(0, len(word), LINE)]
    return lines(mono(part) for part in parts)


def _short(value: Value) -> Any:
    match value:
        case None | "":
            return NOTHING
        case Exact():
            return _pieces(value.text)
        case dt.date():
            return short_day(value)
        case int() | Decimal():
            return number(value)
    return value
