"""A programme's current values and definitions as plain rows, as every table of them is written.

The columns that an import reads come first; those that only explain come after them.
See ``docs/reference/value-files.md``.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum, auto
from functools import cached_property
from typing import Final
from uuid import UUID

from handover import access, clock, jobs
from handover.access import Actor
from handover.errors import Invalid, Stale
from handover.models import Programme
from handover.narratives import best
from handover.permissions import Permission
from indicators.actions import looks
from indicators.models import Axis, Indicator
from indicators.models.cells import parse_cell
from indicators.models.codes import Measure
from indicators.queries import export_rows
from indicators.queries.export_rows import Raw, Shape

WRITTEN: Final = "dimension="
"""Stands before the name of an axis that would otherwise pass for another column."""


class Kind(StrEnum):
    """What stands in a column."""

    KEY = auto()
    TEXT = auto()
    DAY = auto()
    NUMBER = auto()
    WHOLE = auto()


@dataclass(frozen=True)
class Column:
    """A column of a table of values.

    Args:
        importable: an import reads it.
        axis: the axis whose categories it holds.
    """

    name: str
    kind: Kind = Kind.TEXT
    importable: bool = True
    axis: str | None = None


SLOT: Final = (
    Column("indicator", Kind.KEY),
    Column("start", Kind.DAY),
    Column("end", Kind.DAY),
    Column("place"),
)
SAID: Final = (
    Column("value", Kind.NUMBER),
    Column("numerator", Kind.NUMBER),
    Column("denominator", Kind.NUMBER),
    Column("comment"),
    Column("revision", Kind.WHOLE),
)
TOLD: Final = tuple(Column(name, importable=False) for name in ("title", "result", "measure", "unit"))
KEYS: Final = tuple(Column(name, Kind.KEY, importable=False) for name in ("period_uuid", "value_uuid"))
"""Columns by which the tables of a package refer to each other."""
POSITION: Final = Column("position", Kind.WHOLE)
PERIOD: Final = Column("period", Kind.KEY)
CELL: Final = Column("cell")

RESERVED: Final = frozenset(
    {
        *(column.name for column in (*SLOT, *SAID, *TOLD, *KEYS, POSITION, PERIOD, CELL)),
        "source",
        "reason",
    }
)
"""Names that an axis of the same name must not take."""


@dataclass(frozen=True)
class Copy:
    """What is taken out: by whom, as far as their view goes, and of which indicators. Open inside ``taking_out``."""

    by: Actor
    programme: Programme
    may: Permission
    cutoff: dt.datetime | None
    instant: dt.datetime
    indicators: Sequence[Indicator]
    shape: Shape
    lang: str = "en"
    progress: jobs.Progress = field(default=jobs.silent)
    opened: ExitStack = field(default_factory=ExitStack)
    """What is closed when the copy is: the database's cursors."""

    @property
    def total(self) -> int:
        """Give how many values there are."""
        return self.shape.values

    @cached_property
    def axes(self) -> tuple[str, ...]:
        """Give the axes that values name: those of the programme in its order, then others by name."""
        used = {item["name"] for cell in self.shape.cells if nameable(cell) for item in parse_cell(cell)}
        known = list(
            Axis.objects.filter(programme=self.programme)
            .order_by("position", "id")
            .values_list("name", flat=True)
        )
        return tuple([name for name in known if name in used] + sorted(used - set(known)))

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Give the columns; the last ones only where a programme has values that the others cannot name."""
        odd = [
            column
            for column, needed in (
                (POSITION, self.shape.positions),
                (PERIOD, self.shape.periods),
                (CELL, not all(map(nameable, self.shape.cells))),
            )
            if needed
        ]
        axes = [Column(heading(name), axis=name) for name in self.axes]
        return (*SLOT, *axes, *SAID, *TOLD, *odd)

    @property
    def until(self) -> list[str]:
        """Say where the view ends, if it does."""
        if self.cutoff is None:
            return []
        until = self.cutoff.astimezone(clock.HOUSE_ZONE).strftime("%Y-%m-%d %H:%M UTC")
        return [f"Values recorded after {until} are not open to {self.by.organisation.name}."]

    @property
    def notes(self) -> list[str]:
        """Give what a reader of the table must know, in sentences."""
        if len(self.columns) == len(SLOT) + len(self.axes) + len(SAID) + len(TOLD):
            return self.until
        odd = (
            "Some values came from a published file in a form that the columns of an import cannot name: several for"
            " one group, periods without dates or with the same dates, or groups named twice. The last columns tell"
            " them apart; IATI carries them over whole."
        )
        return [*self.until, odd]

    def raw(self, *, sources: bool = False) -> Iterator[Raw]:
        """Read the values, asking again for each piece whether they may still be taken out.

        Raises:
            NotFound, NotAllowed: not any more.
        """
        return self.opened.enter_context(closing(self._raw(sources)))

    def _raw(self, sources: bool) -> Generator[Raw]:
        done = 0
        keys = [indicator.pk for indicator in self.indicators]
        stream = export_rows.stream(self.programme, cutoff=self.cutoff, indicators=keys, sources=sources)
        with closing(stream) as pieces:
            for piece in pieces:
                access.still(self.by, self.programme, may=self.may)
                yield from piece
                done += len(piece)
                self.progress(done, self.total, "values")

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Give the values as texts, column by column, in an order that never changes."""
        spell = Spelling(self)
        return map(spell.row, self.raw())


@contextmanager
def taking_out(
    by: Actor,
    programme: UUID | str,
    *,
    indicators: Sequence[UUID | str] = (),
    lang: str = "en",
    progress: jobs.Progress = jobs.silent,
    may: Permission = Permission.EXPORT,
) -> Iterator[Copy]:
    """Open a programme's values for an export, in one transaction.

    A former steward gets what was recorded up to its cut-off.

    Args:
        programme: UUID or identifier.
        indicators: only these, by UUID or title; all of them if none is named.
        may: what is asked of the programme.

    Raises:
        NotFound: there is none, or it is not open to the actor.
        NotAllowed: the actor may read it, but not take it out.
        Invalid: an indicator that the programme does not have.
    """
    with access.asking(by), ExitStack() as opened:
        found = access.programme_for(by, programme, may=may)
        cutoff = access.reach(by, found).cutoff
        chosen = definitions(found, indicators)
        looks.note(by, found, chosen, where="export")
        yield Copy(
            by=by,
            programme=found,
            may=may,
            cutoff=cutoff,
            instant=clock.now(),
            indicators=chosen,
            shape=export_rows.shape(found, cutoff=cutoff, indicators=[item.pk for item in chosen]),
            lang=lang,
            progress=progress,
            opened=opened,
        )


def definitions(programme: Programme, wanted: Sequence[UUID | str] = ()) -> list[Indicator]:
    """Give a programme's indicators with their results in their order: those that are wanted, or all.

    Args:
        wanted: UUIDs, or titles that only one of them has.

    Raises:
        Invalid: one that the programme does not have, or a title that several have.
    """
    rows = list(
        Indicator.objects.filter(programme=programme)
        .select_related("result", "responsibility")
        .order_by("result__position", "result_id", "position", "id")
    )
    if not wanted:
        return rows
    by_name: dict[str, set[int]] = {}
    for item in rows:
        for name in {str(item.uuid), *(text["text"].casefold() for text in item.title)}:
            by_name.setdefault(name, set()).add(item.pk)
    chosen: set[int] = set()
    for name in wanted:
        keys = by_name.get(str(name).casefold(), set())
        if len(keys) != 1:
            several = "Several indicators have the title" if keys else "There is no indicator"
            more = ": give the UUID." if keys else " in this programme."
            raise Invalid("unknown_indicator", f"{several} “{name}”{more}", field="indicator")
        chosen |= keys
    return [item for item in rows if item.pk in chosen]


def heading(axis: str) -> str:
    """Give the heading of an axis: its name, unless that means something else or nothing."""
    plain = axis and axis.strip() == axis and axis not in RESERVED and not axis.startswith(WRITTEN)
    return axis if plain else f"{WRITTEN}{axis}"


def measure_text(code: str) -> str:
    """Give the word for a measure; an unknown code stays as it is."""
    return Measure(code).label if code in Measure.values else code


def nameable(cell: str) -> bool:
    """Tell whether a cell can stand in columns: each axis once, with a category."""
    found = parse_cell(cell)
    return all(item["value"] for item in found) and len({item["name"] for item in found}) == len(found)


class Spelling:
    """Writes values as texts, remembering what repeats."""

    def __init__(self, copy: Copy) -> None:
        self.axes = copy.axes
        self.told = {
            item.pk: (
                str(item.uuid),
                (
                    best(item.title, copy.lang),
                    best(item.result.title, copy.lang),
                    measure_text(item.measure),
                    item.unit,
                ),
            )
            for item in copy.indicators
        }
        last = {column.name for column in copy.columns[-3:]}
        self.odd = [column.name for column in (POSITION, PERIOD, CELL) if column.name in last]
        self.cells = {cell: self.split(cell) for cell in copy.shape.cells}
        self.lang = copy.lang

    def row(self, raw: Raw) -> tuple[str, ...]:
        """Give one value's texts."""
        uuid, told = self.told[raw.indicator_id]
        axes, cell = self.cells.get(raw.cell) or self.split(raw.cell)
        row = (
            uuid,
            raw.start,
            raw.end,
            raw.place,
            *axes,
            amount(raw),
            raw.numerator,
            raw.denominator,
            comment(raw),
            raw.revision,
            *told,
        )
        if not self.odd:
            return row
        odd = {
            "position": raw.position if raw.position != "0" else "",
            "period": raw.period if raw.odd else "",
            "cell": cell,
        }
        return (*row, *(odd[name] for name in self.odd))

    def split(self, cell: str) -> tuple[tuple[str, ...], str]:
        """Give a cell's categories by axis, and nothing more; a cell that cannot stand in columns stays whole.

        Raises:
            Stale: a value along another axis was entered since the columns were chosen.
        """
        if not nameable(cell):
            return ("",) * len(self.axes), cell
        found = {item["name"]: item["value"] for item in parse_cell(cell)}
        if not found.keys() <= set(self.axes):
            raise Stale("programme")
        return tuple(found.get(name, "") for name in self.axes), ""

    def cells_order(self, cell: str) -> tuple[int, tuple[str, ...]]:
        """Give where a cell stands among others: everybody first, then by what splits it."""
        axes, whole = self.split(cell)
        return sum(map(bool, axes)), (*axes, whole)


def amount(raw: Raw) -> str:
    """Give a value as it was written, or the number where nothing was."""
    if raw.said is None:
        return raw.value or ""
    return raw.said if raw.value is None else raw.said.strip().removeprefix("+")


def comment(raw: Raw) -> str:
    """Give a comment in the default language, else in English, else in the first one that it has."""
    return best(json.loads(raw.comment)) if raw.comment else ""
