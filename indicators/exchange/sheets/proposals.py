"""How a sheet can be read: what is found out, and what has to be asked before anything is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from handover.errors import Invalid
from indicators.exchange.sheets import dates, headers, headings, numbers
from indicators.exchange.sheets.answers import Answers
from indicators.exchange.sheets.headers import Header
from indicators.exchange.sheets.numbers import Evidence
from indicators.exchange.sheets.opening import Note, Opened
from indicators.exchange.sheets.plans import LONG, MEASURES, PERIODS_OF_DATE, WIDE, Plan, PlanColumn, Role
from indicators.exchange.sheets.questions import Option, Proposal, Question
from indicators.exchange.sheets.vocabulary import AMBIGUOUS, TOTALS, Known, Vocabulary, plain

SAMPLE: Final = 5_000
"""Rows that are looked at. What the rest holds is read as strictly: what does not fit is refused, cell by cell."""

__all__ = ["Option", "Proposal", "Question", "propose"]

ONCE: Final = frozenset(Role) - {Role.PERIOD, Role.DIMENSION, Role.WIDE, Role.IGNORED}
_PREFER: Final = (Role.INDICATOR, Role.PLACE)
_OPTIONS: Final = tuple(str(role) for role in Role if role not in {Role.DIMENSION, Role.WIDE})


@dataclass
class _Draft:
    """A proposal in the making."""

    opened: Opened
    known: Known
    answers: Answers
    rows: list[tuple[int, list[str]]]
    questions: list[Question] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def ask(
        self, key: str, code: str, sentence: str, options: Sequence[str] | Sequence[Option], column: str = ""
    ) -> None:
        chosen = tuple(item if isinstance(item, Option) else Option(item, item) for item in options)
        self.questions.append(Question(key, code, sentence, column, chosen))

    def note(self, code: str, sentence: str) -> None:
        self.notes.append(Note(code, sentence))


def propose(opened: Opened, *, vocabulary: Vocabulary, answers: Mapping[str, str] | None = None) -> Proposal:
    """Find out how a sheet can be read.

    Args:
        answers: what was asked before or is known beforehand, by the keys of the questions.

    Raises:
        Invalid: an answer to nothing that can be asked, or one that is none; or a sheet without rows.
    """
    known = Known(vocabulary)
    rows = list(islice(opened.rows(), SAMPLE))
    if not rows:
        raise Invalid("empty_file", "The file is empty.")
    draft = _Draft(opened, known, Answers(dict(answers or {}), known), rows, notes=list(opened.notes))
    _ask_sheet(draft)
    header = _header(draft)
    if header is None:
        plan = Plan(header=0, layout=LONG, columns=(), sheet=opened.sheet)
        return Proposal(plan, tuple(draft.questions), tuple(draft.notes))
    body = [cells for number, cells in rows if number > header.last]
    if not body:
        raise Invalid("only_headings", "The sheet has headings, but no rows below them.")
    columns = _marked(draft, _columns(draft, header, body), body)
    plan = _plan(draft, header, columns)
    _ask_missing(draft, plan)
    return Proposal(plan, tuple(draft.questions), tuple(draft.notes))


def _ask_sheet(draft: _Draft) -> None:
    said = draft.answers.take("sheet")
    visible = [sheet.name for sheet in draft.opened.sheets if not sheet.hidden]
    if said:
        if said != draft.opened.sheet:
            raise Invalid(
                "another_sheet", f"The file was opened at the sheet “{draft.opened.sheet}”, not at “{said}”."
            )
    elif len(visible) > 1 and not draft.opened.sheet_asked:
        draft.ask(
            "sheet",
            "which_sheet",
            f"The workbook has {len(visible)} sheets: which one holds the values?",
            visible,
        )


def _header(draft: _Draft) -> Header | None:
    said = draft.answers.take("header")
    if said:
        row = int(said) if said.isdigit() and said.isascii() else 0
        found = headers.at(draft.rows, row, draft.opened.merged, draft.known)
        if found is None:
            raise Invalid("unknown_answer", f"There are no headings in row “{said}”.")
        return found
    found = headers.find(draft.rows, draft.opened.merged, draft.known)
    if found is None:
        options = [
            Option(str(number), f"{number}: {' | '.join(cell for cell in cells if cell)[:80]}")
            for number, cells in draft.rows[:10]
        ]
        draft.ask("header", "which_header", "No row reads as headings: in which row do they stand?", options)
    elif found.first > draft.rows[0][0]:
        draft.note("rows_above", f"What stands above row {found.first} is not read.")
    return found


# --- columns ------------------------------------------------------------------------------------------------------


def _columns(draft: _Draft, header: Header, body: list[list[str]]) -> list[PlanColumn]:
    width = max(len(header.headings), *(len(cells) for cells in body))
    titles = [*header.headings, *[""] * (width - len(header.headings))]
    draft.answers.columns(titles)
    columns = []
    for index, title in enumerate(titles):
        column = PlanColumn(index=index, heading=title)
        said = draft.answers.of("column", column)
        found = draft.answers.column(column, said) if said else headings.column_of(index, title, draft.known)
        columns.append(found if found is not None else _unknown(draft, column, body))
    return _once(draft, _without_sums(draft, columns), body)


def _unknown(draft: _Draft, column: PlanColumn, body: list[list[str]]) -> PlanColumn:
    """Say or ask what to do with a column whose heading says nothing."""
    texts = _cells(body, column.index)
    if not texts:
        return column
    found = numbers.evidence(texts)
    name = f"“{column.heading}”" if column.heading else "without a heading"
    if found.numbers or not column.heading:
        what = "numbers" if found.numbers else "text"
        draft.ask(
            f"column:{column.letters}",
            "unknown_column",
            f"Column {column.letters} {name} is not known and holds {what}: what is it?",
            [*_OPTIONS, *(f"dimension={axis}" for axis in draft.known.axes)],
            column.letters,
        )
    else:
        draft.note("column_not_read", f"Column {column.letters} {name} is not known and is not read.")
    return column


def _cells(body: list[list[str]], index: int) -> list[str]:
    return [cells[index] for cells in body if index < len(cells) and cells[index].strip()]


def _without_sums(draft: _Draft, columns: list[PlanColumn]) -> list[PlanColumn]:
    """Leave out columns that only add up periods; a total of groups is a value of its own."""
    groups = any(column.categories for column in columns if column.role is Role.WIDE)
    kept = []
    for column in columns:
        empty = not (column.period or column.day or column.indicator or column.categories)
        sums = plain(column.heading) in TOTALS and not groups
        if column.role is Role.WIDE and empty and sums and not draft.answers.of("column", column):
            draft.note(
                "sums_not_read", f"Column {column.letters} “{column.heading}” is a sum and is not read."
            )
            kept.append(PlanColumn(index=column.index, heading=column.heading))
        else:
            kept.append(column)
    return kept


def _once(draft: _Draft, columns: list[PlanColumn], body: list[list[str]]) -> list[PlanColumn]:
    """Ask about two columns that say the same; of names and codes the one that is known better is taken."""
    first: dict[object, PlanColumn] = {}
    result = {column.index: column for column in columns}
    for column in columns:
        key = _sameness(column)
        if key is None:
            continue
        other = first.setdefault(key, column)
        if other is column:
            continue
        if column.role in _PREFER:
            better, worse = _better_known(draft, other, column, body)
            first[key] = better
            result[worse.index] = replace(worse, role=Role.IGNORED)
            draft.note(
                "column_not_read",
                f"Column {worse.letters} “{worse.heading}” is not read; {better.letters} says the same.",
            )
        else:
            draft.ask(
                f"column:{column.letters}",
                "repeated_column",
                f"Column {column.letters} says the same as {other.letters} (“{column.heading}”): what is it?",
                [*_OPTIONS, *(f"dimension={axis}" for axis in draft.known.axes)],
                column.letters,
            )
    return [result[column.index] for column in columns]


def _sameness(column: PlanColumn) -> object:
    if column.role is Role.WIDE:
        period = dates.read_period(column.period) or column.period
        return (column.measure, period, column.day, column.indicator, frozenset(column.categories.items()))
    if column.role is Role.DIMENSION:
        return column.dimension
    if column.role is Role.PERIOD:
        return (column.role, column.unit, plain(column.heading))
    if column.role in MEASURES:
        return (str(column.role), "", "", "", frozenset())
    return column.role if column.role in ONCE else None


def _better_known(
    draft: _Draft, one: PlanColumn, other: PlanColumn, body: list[list[str]]
) -> tuple[PlanColumn, PlanColumn]:
    names = draft.known.indicators if one.role is Role.INDICATOR else draft.known.places
    counts = [
        sum(
            names.get(plain(headings.text_of(cell)), AMBIGUOUS) != AMBIGUOUS
            for cell in _cells(body, column.index)
        )
        for column in (one, other)
    ]
    return (one, other) if counts[0] >= counts[1] else (other, one)


# --- marks --------------------------------------------------------------------------------------------------------


def _marked(draft: _Draft, columns: list[PlanColumn], body: list[list[str]]) -> list[PlanColumn]:
    """Find out or ask the decimal marks, per cents and orders of dates."""
    everywhere = draft.answers.take("decimal"), draft.answers.take("dates")
    result = []
    for column in columns:
        texts = _cells(body, column.index)
        if column.measured:
            result.append(_number_marks(draft, column, numbers.evidence(texts), everywhere[0]))
        elif column.role in {Role.START, Role.END, Role.PERIOD}:
            order = draft.answers.of("dates", column) or everywhere[1]
            found = dates.order_evidence(texts)
            if not order and found.order is None:
                _ask_order(draft, column, found)
            result.append(replace(column, order=order or found.order or ""))
        else:
            result.append(column)
    return result


def _number_marks(draft: _Draft, column: PlanColumn, found: Evidence, everywhere: str) -> PlanColumn:
    mark = draft.answers.of("decimal", column) or everywhere
    if not mark and found.mark is None:
        _ask_mark(draft, column, found)
    percent = draft.answers.of("percent", column)
    if not percent and found.percents:
        percent = "" if found.plain else "all"
        if found.plain:
            draft.ask(
                f"percent:{column.letters}",
                "mixed_percents",
                f"Column {column.letters} has per cents and plain numbers: are these per cent (33) or 0.33?",
                [Option("percent", "33 is 33 %"), Option("fraction", "0.33 is 33 %")],
                column.letters,
            )
    if found.percents:
        draft.note("percents", f"Column {column.letters} is in per cent: 33 % is read as 33.")
    return replace(column, decimal=mark or found.mark or "", percent=percent)


def _ask_mark(draft: _Draft, column: PlanColumn, found: Evidence) -> None:
    key = f"decimal:{column.letters}"
    options = [
        Option(numbers.POINT, "the point is the decimal mark"),
        Option(numbers.COMMA, "the comma is the decimal mark"),
    ]
    if found.point and found.comma:
        sentence = (
            f"Column {column.letters} has “{found.point}” and “{found.comma}”: is the mark point or comma?"
        )
        draft.ask(key, "mixed_marks", sentence, options, column.letters)
        return
    by_point, by_comma = numbers.either(numbers.without_percent(found.unclear) or found.unclear)
    sentence = f"Column {column.letters}: is “{found.unclear}” {by_point} or {by_comma}?"
    draft.ask(key, "unclear_marks", sentence, options, column.letters)


def _ask_order(draft: _Draft, column: PlanColumn, found: dates.OrderEvidence) -> None:
    options = [Option(dates.DAY_FIRST, "day, month, year"), Option(dates.MONTH_FIRST, "month, day, year")]
    if found.day_first and found.month_first:
        sentence = (
            f"Column {column.letters} has “{found.day_first}” and “{found.month_first}”: which comes first?"
        )
        draft.ask(f"dates:{column.letters}", "mixed_dates", sentence, options, column.letters)
        return
    one, other = (dates.read_day(found.unclear, order) for order in dates.ORDERS)
    sentence = f"Column {column.letters}: is “{found.unclear}” {one} or {other}?"
    draft.ask(f"dates:{column.letters}", "unclear_dates", sentence, options, column.letters)


# --- the whole ----------------------------------------------------------------------------------------------------


def _plan(draft: _Draft, header: Header, columns: list[PlanColumn]) -> Plan:
    answers, opened = draft.answers, draft.opened
    layout = answers.take("layout") or (WIDE if any(item.role is Role.WIDE for item in columns) else LONG)
    if layout == LONG:
        columns = [replace(item, role=Role.IGNORED) if item.role is Role.WIDE else item for item in columns]
    plan = Plan(
        header=header.last,
        layout=layout,
        columns=tuple(columns),
        sheet=opened.sheet,
        encoding=opened.encoding,
        delimiter=opened.delimiter,
        indicator=answers.take("indicator"),
        period=answers.take("period"),
        place=answers.take("place"),
        period_of_date=answers.take("period_of_date"),
    )
    answers.nothing_left()
    return plan


def _ask_missing(draft: _Draft, plan: Plan) -> None:
    """Ask for what no column says."""
    measured = plan.measured()
    if (
        not any(column.measured == "value" for column in measured)
        and len({item.measured for item in measured}) < 2
    ):
        draft.ask("layout", "no_values", "No column holds values: which layout has the sheet?", (LONG, WIDE))
    if not plan.indicator and not plan.of(Role.INDICATOR) and not all(item.indicator for item in measured):
        names = {key: name for name, key in reversed(draft.known.indicators.items()) if key != AMBIGUOUS}
        options = [Option(key, names[key]) for key in list(names)[:200]]
        draft.ask(
            "indicator", "which_indicator", "No column says which indicator the values are of.", options
        )
    _ask_period(draft, plan, measured)


def _ask_period(draft: _Draft, plan: Plan, measured: list[PlanColumn]) -> None:
    periods, spans = plan.of(Role.PERIOD), {column.role for column in plan.of(Role.START, Role.END)}
    by_row = bool(periods) or len(spans) == 2 or bool(plan.period)
    parts = [item for item in measured if item.period and dates.read_period(item.period) is None]
    if parts and not by_row:
        draft.ask(
            "period",
            "which_year",
            f"“{parts[0].period}” in column {parts[0].letters} lacks its year: which one?",
            (),
        )
    elif not by_row and not all(item.period or item.day for item in measured):
        draft.ask("period", "which_period", "No column says for which period the values are.", ())
    in_rows = any(
        dates.read_day(cell, column.order) or dates.order_of(cell) is None
        for column in periods
        for number, cells in draft.rows
        if number > plan.header
        for cell in _cells([cells], column.index)
    )
    if not plan.period_of_date and (in_rows or any(item.day for item in measured)):
        draft.ask(
            "period_of_date",
            "period_of_date",
            "The periods are given as single dates: which period does a date stand for?",
            PERIODS_OF_DATE,
        )
    if len(spans) == 1 and not periods and not plan.period:
        draft.note("half_a_period", "The sheet has only the first or only the last day of the periods.")
