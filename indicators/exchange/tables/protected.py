"""Values for the public: small counts of people withheld; no comments, no sources, nobody who reported."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, Final

from handover.cell_texts import protected as shown
from handover.disclosure import SUPPRESSED
from handover.errors import Refused
from handover.models import Place
from handover.narratives import best
from indicators.exchange.tables import csv_files, packages, workbooks
from indicators.exchange.tables.csv_files import Counted
from indicators.exchange.tables.public_sums import Slot
from indicators.exchange.tables.public_tables import Figures, Given, Known, protected
from indicators.exchange.tables.rows import SLOT, TOLD, Column, Copy, Kind, Spelling, heading
from indicators.exchange.tables.schemas import Resource
from indicators.exchange.tables.sheets import Book
from indicators.models import Indicator
from indicators.queries.export_rows import Raw
from indicators.queries.rules import counts_people

NUMBERS: Final = tuple(
    Column(name, Kind.NUMBER, importable=False) for name in ("value", "numerator", "denominator")
)
HOW: Final = Column("how", importable=False)
REPORTED: Final = "reported"
ADDED: Final = "added up"
SHEETS: Final = 100
"""Indicators that get a sheet of their own in a workbook; all of them stand in the first one."""

DEFINED: Final = tuple(
    Column(name, Kind.KEY if name == "indicator" else Kind.TEXT, importable=False)
    for name in ("indicator", "title", "result", "measure", "unit")
)


@dataclass(frozen=True)
class Line:
    """One row of the public table."""

    indicator: Indicator
    start: str
    end: str
    place: str
    axes: tuple[str, ...]
    figures: Figures

    @property
    def group(self) -> str:
        """Name the group; empty: everybody."""
        return ", ".join(name for name in self.axes if name)


@dataclass(frozen=True)
class Public:
    """A programme's values as they may be published. Made whole before the first byte is written."""

    copy: Copy
    lines: Sequence[Line]
    words: int
    """Values in words, which are left out."""

    @property
    def withheld(self) -> int:
        """Count the rows in which something is withheld."""
        return sum(line.figures.withheld for line in self.lines)

    @property
    def columns(self) -> tuple[Column, ...]:
        """Give the columns."""
        return (*SLOT, *(Column(heading(name), axis=name) for name in self.copy.axes), *NUMBERS, HOW, *TOLD)

    @cached_property
    def notes(self) -> list[str]:
        """Say what was withheld, and what was left out."""
        threshold = self.copy.programme.steward.small_cells_up_to
        withheld = (
            f"Counts of people from 1 to {threshold} are withheld, and those that would let them be worked out:"
            f" {self.withheld} of {len(self.lines)} rows have {SUPPRESSED} in the place of a number."
            " A share is withheld where one of its parts is, or is not known."
        )
        said = [withheld, "Comments, sources and whoever reported are left out.", *self.copy.until]
        return [*said, f"{self.words} values in words are left out."] if self.words else said

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Give the rows as texts."""
        told = Spelling(self.copy).told
        for line in self.lines:
            uuid, rest = told[line.indicator.pk]
            numbers = (line.figures.value, line.figures.numerator, line.figures.denominator)
            how = ADDED if line.figures.added else REPORTED
            yield (uuid, line.start, line.end, line.place, *line.axes, *numbers, how, *rest)


def public(copy: Copy) -> Public:
    """Protect a programme's values, one indicator after the other.

    Raises:
        Refused: the values of an indicator cannot be protected; then nothing may be published.
    """
    spell = Spelling(copy)
    by_key = {item.pk: item for item in copy.indicators}
    around = _around()
    lines: list[Line] = []
    words = 0
    for key, rows in groupby(copy.raw(), key=lambda raw: raw.indicator_id):
        numbers = []
        for raw in rows:
            if raw.value is None and raw.said:
                words += 1
            else:
                numbers.append(raw)
        lines += _lines(by_key[key], numbers, spell, around, copy.programme.steward.small_cells_up_to)
    return Public(copy, lines, words)


def _lines(
    indicator: Indicator, rows: Sequence[Raw], spell: Spelling, around: Mapping[str, str], threshold: int
) -> list[Line]:
    if not counts_people(indicator):
        return [
            _line(
                indicator,
                raw,
                spell,
                raw.place,
                raw.cell,
                Figures(raw.value or "", raw.numerator, raw.denominator),
            )
            for raw in rows
        ]
    given = {Slot(raw.period, raw.place, raw.cell): _given(raw) for raw in rows}
    if len(given) < len(rows) or any(raw.odd or spell.split(raw.cell)[1] for raw in rows):
        raise Refused(
            "public_table_refused",
            f"“{best(indicator.title)}” cannot be published: its values cannot be told apart by period, place and"
            " group. Nothing was written.",
        )
    of_period = {raw.period: raw for raw in rows}
    days = {
        key: (dt.date.fromisoformat(raw.start), dt.date.fromisoformat(raw.end))
        for key, raw in of_period.items()
    }
    figures = protected(indicator, given, known=Known(days, around), threshold=threshold)
    order = sorted(figures, key=lambda slot: (days[slot.period], slot.place, spell.cells_order(slot.cell)))
    return [
        _line(indicator, of_period[slot.period], spell, slot.place, slot.cell, figures[slot])
        for slot in order
    ]


def _line(indicator: Indicator, raw: Raw, spell: Spelling, place: str, name: str, figures: Figures) -> Line:
    return Line(indicator, raw.start, raw.end, place, spell.split(name)[0], figures)


def _given(raw: Raw) -> Given:
    return Given(
        value=Decimal(raw.value) if raw.value else None,
        numerator=Decimal(raw.numerator) if raw.numerator else None,
        denominator=Decimal(raw.denominator) if raw.denominator else None,
    )


def _around() -> dict[str, str]:
    """Give for each settlement the administrative unit around it, both as values name them."""
    rows = Place.objects.filter(parent__isnull=False).values_list(
        "country", "code", "parent__country", "parent__code"
    )
    return {f"{country}:{code}": f"{outer}:{name}" for country, code, outer, name in rows}


def write_csv(copy: Copy, file: BinaryIO) -> Counted:
    """Write the public table as CSV."""
    found = public(copy)
    names = [column.name for column in found.columns]
    done = csv_files.write_table(names, csv_files.cells(found.columns, found.rows()), file, bom=True)
    return replace(done, notes=tuple(found.notes), withheld=found.withheld)


def write_workbook(copy: Copy, path: Path) -> Counted:
    """Write the public tables as a workbook: all rows, a sheet for each indicator, and what the file is."""
    found = public(copy)
    with Book(path, instant=copy.instant) as book:
        rows = workbooks.write_values(book, workbooks.VALUES, found.columns, found.rows())
        for number, (_, lines) in enumerate(
            groupby(found.lines, key=lambda line: line.indicator.pk), start=1
        ):
            if number <= SHEETS:
                _crossed(book, str(number), list(lines), copy.lang)
        about = [line for line in workbooks.about(copy) if line[0] != "Exported by"]
        notes = [("Note", note) for note in found.notes]
        workbooks.write_about(book, [*about, ("Published by", copy.by.organisation.name), *notes])
    return replace(workbooks.counted(path, rows, found.notes), withheld=found.withheld)


def _crossed(book: Book, name: str, lines: Sequence[Line], lang: str) -> None:
    """Write one indicator's table: groups by places, period under period; by periods where no place is named."""
    placed = any(line.place for line in lines)
    heads = sorted({line.place if placed else f"{line.start}/{line.end}" for line in lines})
    sheet: Any = book.workbook.add_worksheet(name)
    sheet.set_column(0, len(heads) + 1, 24)
    sheet.freeze_panes(2, 2)
    book.put_text(sheet, 0, 0, shown(best(lines[0].indicator.title, lang)), "head")
    for index, head in enumerate(["period", "group", *(head or "everywhere" for head in heads)]):
        book.put_text(sheet, 1, index, shown(head), "head")
    spots: dict[tuple[str, str], dict[str, str]] = {}
    for line in lines:
        period = f"{line.start}/{line.end}"
        row = spots.setdefault((period if placed else "", line.group), {})
        row[line.place if placed else period] = line.figures.value
    number = Column("", Kind.NUMBER)
    for at, ((period, group), row) in enumerate(spots.items(), start=2):
        book.put_text(sheet, at, 0, period)
        book.put_text(sheet, at, 1, shown(group or "everybody"))
        for index, head in enumerate(heads, start=2):
            book.put(sheet, at, index, number, row.get(head, ""))


def write_package(copy: Copy, path: Path) -> Counted:
    """Write the public table and the names of the indicators as a package."""
    found = public(copy)
    values = Resource(
        "values",
        "Values that may be published, one a row",
        tuple((column.name, _type(column)) for column in found.columns),
        ("indicator", "start", "end", "place", *(heading(name) for name in copy.axes)),
        ((("indicator",), "indicators", ("indicator",)),),
        required=(),
    )
    indicators = Resource(
        "indicators",
        "What is measured",
        tuple((column.name, packages.TYPES[column.kind]) for column in DEFINED),
        ("indicator",),
    )
    told = Spelling(copy).told
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as name:
        folder = Path(name) / "package"
        folder.mkdir()
        first = packages.put(folder, values, csv_files.cells(found.columns, found.rows()), spelt=True)
        second = packages.put(folder, indicators, ((uuid, *rest) for uuid, rest in told.values()))
        packages.describe(folder, packages.about(copy, rules=" ".join(found.notes)), [first, second])
        packages.finish(folder, path)
    return replace(packages.measured(path, first.rows, found.notes), withheld=found.withheld)


def _type(column: Column) -> str:
    """Give a column's type; where numbers are withheld, a mark stands in their place."""
    return "any" if column.kind is Kind.NUMBER else packages.TYPES[column.kind]
