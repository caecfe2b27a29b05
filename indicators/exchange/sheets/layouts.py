"""Wide and long sheets as canonical rows: one value a row, each with the cells that it came from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final

from handover.errors import Invalid
from indicators.exchange.sheets import dates, readings
from indicators.exchange.sheets.merges import Merges
from indicators.exchange.sheets.opening import Opened
from indicators.exchange.sheets.plans import MEASURES, TEXTS, Plan, PlanColumn, Role
from indicators.exchange.sheets.readings import REMEMBERED, Counts, NumberReader, Problem
from indicators.exchange.sheets.vocabulary import TOTALS, Known, Vocabulary, plain

__all__ = ["CanonicalRow", "CellProblem", "Counts", "canonical_rows"]

_NOTHING: Final[Mapping[str, str]] = {}


@dataclass(slots=True)
class CanonicalRow:
    """One value as a sheet gives it. ``origin`` (from which columns) and ``dimensions`` are shared between rows."""

    row: int
    origin: Mapping[str, str]
    indicator: str
    start: str
    end: str
    place: str
    dimensions: Mapping[str, str]
    value: str
    numerator: str
    denominator: str
    comment: str = ""
    revision: str = ""
    source: str = ""
    reason: str = ""

    def address(self, name: str = "value") -> str:
        """Name the cell of a field, as spreadsheets do: ``C7``."""
        return f"{self.origin.get(name, '')}{self.row}"


@dataclass(slots=True)
class CellProblem:
    """A cell that cannot be read, and why."""

    row: int
    column: str
    code: str
    sentence: str

    @property
    def address(self) -> str:
        """Name the cell, as spreadsheets do: ``C7``."""
        return f"{self.column}{self.row}"


@dataclass(slots=True)
class _Group:
    """Columns that together hold one value of a row: value, numerator, denominator."""

    indicator: str
    span: dates.Span | None
    part: str
    categories: Mapping[str, str]
    origin: dict[str, str]
    readers: dict[int, NumberReader] = field(default_factory=dict)
    indexes: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Context:
    """What the cells of a row say besides numbers."""

    indicator: str
    span: dates.Span | None
    period: str
    place: str
    dimensions: Mapping[str, str]
    wrong: tuple[Problem, ...]


def canonical_rows(
    opened: Opened, plan: Plan, vocabulary: Vocabulary, counts: Counts | None = None
) -> Iterator[CanonicalRow | CellProblem]:
    """Read a sheet by a plan. Goes on after each cell that is wrong; a row with one gives no value.

    Raises:
        Invalid: the plan is of another sheet, or still lacks an answer; the file goes on beyond what is allowed.
    """
    reader = _Reader(opened, plan, vocabulary, counts if counts is not None else Counts())
    return reader.rows()


class _Reader:
    def __init__(self, opened: Opened, plan: Plan, vocabulary: Vocabulary, counts: Counts) -> None:
        if plan.sheet != opened.sheet:
            raise Invalid(
                "another_sheet", f"The file was opened at the sheet “{opened.sheet}”, not at “{plan.sheet}”."
            )
        self.opened, self.plan, self.counts = opened, plan, counts
        self.known = Known(vocabulary)
        self.textual = vocabulary.textual
        self.base = dates.read_period(plan.period) if plan.period else None
        self.groups = _groups(plan, counts)
        self.columns = plan.of(Role.INDICATOR, Role.PLACE, Role.START, Role.END, Role.PERIOD, Role.DIMENSION)
        self.texts = plan.of(*TEXTS)
        self.label = next(iter(plan.of(Role.INDICATOR) or self._labels()), None)
        self.width = 1 + max((column.index for column in plan.columns), default=0)
        self._contexts: dict[object, _Context] = {}
        self._totals: dict[str, bool] = {}
        self._key: Callable[[Sequence[str]], object] = itemgetter(
            *([item.index for item in self.columns] or [0])
        )
        self._check()

    def _labels(self) -> list[PlanColumn]:
        return [item for item in self.columns if item.role is not Role.DIMENSION] or list(
            self.plan.columns[:1]
        )

    def _check(self) -> None:
        """Refuse a plan that lacks something.

        Raises:
            Invalid: it does.
        """
        plan = self.plan
        roles = {column.role for column in plan.columns}
        dated = bool(self.base) or Role.PERIOD in roles or {Role.START, Role.END} <= roles
        named = bool(plan.indicator) or Role.INDICATOR in roles
        lacking = not self.groups
        for group in self.groups:
            lacking |= not (group.indicator or named) or not (group.span or dated)
        if lacking:
            raise Invalid(
                "unanswered", "It is not yet said how this sheet is read: answer what is asked first."
            )

    def rows(self) -> Iterator[CanonicalRow | CellProblem]:
        merges = Merges(self.opened.merged, self.plan)
        header, width, counts, totals = self.plan.header, self.width, self.counts, self._totals
        label = self.label.index if self.label is not None else 0
        for number, cells in self.opened.rows():
            if number <= header:
                merges.pass_by(number, cells)
                continue
            counts.rows += 1
            if len(cells) < width:
                cells.extend([""] * (width - len(cells)))
            wrong = merges.fill(number, cells) if merges.any else None
            is_total = totals.get(cells[label])
            if is_total is None:
                is_total = self._is_total(cells[label])
            if wrong:
                yield from self._problems(number, wrong)
            elif is_total:
                counts.totals_rows += 1
            else:
                yield from self._row(number, cells)

    def _is_total(self, cell: str) -> bool:
        """Tell whether a row adds up others; what is the name of an indicator or a place does not."""
        name = plain(cell)
        found = name in TOTALS and name not in self.known.indicators and name not in self.known.places
        if len(self._totals) >= REMEMBERED:
            self._totals.clear()
        self._totals[cell] = found
        return found

    def _problems(self, number: int, wrong: Sequence[Problem]) -> list[CellProblem]:
        self.counts.problems += len(wrong)
        return [CellProblem(number, item.column, item.code, item.sentence) for item in wrong]

    def _row(self, number: int, cells: list[str]) -> list[CanonicalRow | CellProblem]:
        context: _Context | None = None
        told = False
        texts: Sequence[str] = ()
        wrong: list[Problem] = []
        result: list[CanonicalRow | CellProblem] = []
        for group in self.groups:
            for index in group.indexes:
                if cells[index] and not cells[index].isspace():
                    break
            else:
                self.counts.empty += 1
                continue
            if context is None:
                context = self._context(cells)
                wrong = list(context.wrong)
                if self.texts:
                    texts = self._texts(cells, wrong)
            indicator = group.indicator or context.indicator
            found, unread = self._numbers(group, indicator, cells)
            period = group.span or (self._span(group, context, wrong) if group.part else context.span)
            if wrong or unread or period is None:
                result += self._problems(number, [*([] if told else wrong), *unread])
                told = True
                continue
            self.counts.values += 1
            dimensions = self._dimensions(group, context)
            result.append(
                CanonicalRow(
                    number, group.origin, indicator, *period, context.place, dimensions, *found, *texts
                )
            )
        if context is None:
            self.counts.blank_rows += 1
        return result

    def _numbers(
        self, group: _Group, indicator: str, cells: Sequence[str]
    ) -> tuple[list[str], list[Problem]]:
        said, wrong = ["", "", ""], []
        for at, reader in group.readers.items():
            cell = cells[reader.column.index]
            if not cell:
                continue
            try:
                if at == 0 and indicator in self.textual:
                    said[0] = readings.text(cell, reader.column)
                else:
                    said[at] = reader.read(cell)
            except Problem as problem:
                wrong.append(problem)
        return said, wrong

    def _texts(self, cells: Sequence[str], wrong: list[Problem]) -> list[str]:
        said = ["", "", "", ""]
        for column in self.texts:
            cell = cells[column.index]
            if not cell:
                continue
            try:
                said[TEXTS.index(column.role)] = readings.text(cell, column)
            except Problem as problem:
                wrong.append(problem)
        return said

    def _span(self, group: _Group, context: _Context, wrong: list[Problem]) -> dates.Span | None:
        whole = context.period or self.plan.period
        found = dates.read_period(f"{group.part} {whole}")
        if found is None and not any(item.code == "wrong_date" for item in wrong):
            column = group.origin.get("start", "")
            wrong.append(
                Problem(column, "wrong_date", f"“{group.part}” and “{readings.shown(whole)}” give no period.")
            )
        return found

    @staticmethod
    def _dimensions(group: _Group, context: _Context) -> Mapping[str, str]:
        if not group.categories:
            return context.dimensions
        return {**context.dimensions, **group.categories} if context.dimensions else group.categories

    # --- what the row says besides numbers ------------------------------------------------------------------------

    def _context(self, cells: Sequence[str]) -> _Context:
        key = self._key(cells) if self.columns else None
        found = self._contexts.get(key)
        if found is None:
            if len(self._contexts) >= REMEMBERED:
                self._contexts.clear()
            found = self._contexts[key] = self._read(cells)
        return found

    def _read(self, cells: Sequence[str]) -> _Context:
        wrong: list[Problem] = []
        names = {"indicator": self.plan.indicator, "place": self.plan.place}
        dimensions: dict[str, str] = {}
        for column in self.columns:
            cell = cells[column.index]
            try:
                if column.role is Role.INDICATOR:
                    names["indicator"] = readings.indicator(cell, column, self.known)
                elif column.role is Role.PLACE:
                    names["place"] = readings.place(cell, column, self.known) or self.plan.place
                elif column.role is Role.DIMENSION and (
                    category := readings.category(cell, column, self.known)
                ):
                    dimensions[column.dimension] = category
            except Problem as problem:
                wrong.append(problem)
        span, period = self._period(cells, wrong)
        return _Context(
            names["indicator"], span, period, names["place"], dimensions or _NOTHING, tuple(wrong)
        )

    def _period(self, cells: Sequence[str], wrong: list[Problem]) -> tuple[dates.Span | None, str]:
        ends = {column.role: column for column in self.columns if column.role in {Role.START, Role.END}}
        periods = [column for column in self.columns if column.role is Role.PERIOD]
        needed = any(group.span is None for group in self.groups)
        partial = any(group.part for group in self.groups)
        try:
            if periods and needed:
                said = " ".join(
                    readings.period_text(cells[column.index], column) for column in periods
                ).strip()
                if partial:
                    return None, said
                return readings.span(said, periods[0], self.plan), said
            if len(ends) == 2 and needed:
                return self._between(cells, ends[Role.START], ends[Role.END]), ""
        except Problem as problem:
            wrong.append(problem)
            return None, ""
        return self.base, ""

    @staticmethod
    def _between(cells: Sequence[str], first: PlanColumn, last: PlanColumn) -> dates.Span:
        start, end = readings.day(cells[first.index], first), readings.day(cells[last.index], last)
        if start > end:
            raise Problem(
                last.letters, "wrong_dates", f"The period ends on {end}, before it starts on {start}."
            )
        return start, end


def _groups(plan: Plan, counts: Counts) -> list[_Group]:
    groups: dict[object, _Group] = {}
    shared = {
        str(column.role): column.letters
        for column in plan.of(Role.INDICATOR, Role.PLACE, Role.START, Role.END, *TEXTS)
    }
    for column in plan.of(Role.PERIOD):
        shared |= {"start": column.letters, "end": column.letters}
    shared |= {column.dimension: column.letters for column in plan.of(Role.DIMENSION)}
    for column in plan.measured():
        span = dates.read_period(column.period) if column.period else None
        if column.day and plan.period_of_date:
            span = dates.around(column.day, plan.period_of_date)
        key = (column.indicator, span or column.period, frozenset(column.categories.items()))
        group = groups.get(key)
        if group is None:
            part = column.period if span is None else ""
            origin = {
                **shared,
                **({"start": column.letters, "end": column.letters} if column.period or column.day else {}),
            }
            origin |= {"indicator": column.letters} if column.indicator else {}
            group = groups[key] = _Group(column.indicator, span, part, dict(column.categories), origin)
        group.readers[MEASURES.index(Role(column.measured))] = NumberReader(column, counts)
        group.indexes.append(column.index)
        group.origin[column.measured] = column.letters
    return list(groups.values())
