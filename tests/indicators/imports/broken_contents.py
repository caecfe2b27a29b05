# ruff: noqa: E501 — sentences stand here as they are said
"""Sheets whose contents cannot be imported, each with exactly what is said about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from handover.access import Actor
from tests.factories import transfers
from tests.factories.indicators import indicator, reported
from tests.indicators.imports.ground import Ground
from tests.indicators.sheets.broken_files import lines, workbook
from tests.indicators.sheets.test_broken_files import dated

HEAD = "Indicator;Period;Place;Gender;Value"
WIDE = "Indicator;2026Q1;2026Q2"
SHARES = "Indicator;Period;Value;Numerator;Denominator"
SEEN = "Indicator;Period;Value;Revision"
OWN = "indicator,start,end,gender,value"
Q1 = (dt.date(2026, 1, 1), dt.date(2026, 3, 31))


@dataclass(frozen=True)
class Case:
    """A file, what was there before, and what is said: the refusal, then every further problem with its cell."""

    name: str
    make: Callable[[Ground], bytes | str]
    said: tuple[str, ...]
    answers: dict[str, str] = field(default_factory=dict)
    before: Callable[[Ground], Actor | None] = lambda _: None


def of(*rows: str, head: str = HEAD) -> Callable[[Ground], bytes]:
    """Make a CSV of these rows."""
    return lambda _: lines(head, *rows)


def own(*rows: str, head: str = OWN) -> Callable[[Ground], str]:
    """Make a CSV in the toolkit's own form; ``@`` is the indicator of children, ``%`` that of shares."""

    def make(ground: Ground) -> str:
        text = "".join(f"{row}\n" for row in (head, *rows))
        return text.replace("@", str(ground.enrolled.uuid)).replace("%", str(ground.share.uuid))

    return make


def book(*rows: tuple[Any, ...]) -> Callable[[Ground], bytes]:
    """Make a workbook."""
    return lambda _: workbook(rows)


def there(ground: Ground) -> None:
    """Report twelve women of the first quarter."""
    reported(ground.enrolled, {"women": 12}, by=ground.cast.giver, quarter=Q1)


def everybody(ground: Ground) -> None:
    """Report twelve people of the first quarter."""
    reported(ground.enrolled, {"": 12}, by=ground.cast.giver, quarter=Q1)


def calculated(ground: Ground) -> None:
    indicator(
        ground.programme,
        by=ground.cast.giver,
        title="Twice as many",
        expression="2 * x",
        parts={"x": ground.enrolled.uuid},
    )


def needs_approval(ground: Ground) -> None:
    indicator(ground.programme, by=ground.cast.giver, title="Sworn", approval=True)


def twin(ground: Ground) -> None:
    indicator(ground.programme, by=ground.cast.giver, title="Share of women")


def handed_over(ground: Ground) -> Actor:
    """Report the giver's part of a quarter, then hand over in its middle."""
    made = indicator(ground.programme, by=ground.cast.giver, title="Pupils", frequency="quarterly")
    reported(made, {"": 40}, by=ground.cast.giver, quarter=(dt.date(2024, 4, 1), dt.date(2024, 6, 2)))
    transfers.executed(ground.cast, ground.programme)
    return ground.cast.receiver


CASES: tuple[Case, ...] = (
    Case(
        "unknown_indicator",
        of("Chickens;2026Q1;;women;1"),
        ("values_refused: Nothing was imported. A2: There is no indicator “Chickens”.",),
    ),
    Case(
        "empty_indicator",
        of("Children enrolled;2026Q1;;women;1", ";2026Q2;;women;1"),
        ("values_refused: Nothing was imported. A3: The indicator is missing.",),
    ),
    Case(
        "ambiguous_indicator",
        of("Share of women;2026Q1;;;50"),
        ("values_refused: Nothing was imported. A2: “Share of women” names more than one indicator.",),
        before=twin,
    ),
    Case(
        "unknown_place",
        of("Children enrolled;2026Q1;Atlantis;women;1"),
        ("values_refused: Nothing was imported. C2: There is no place “Atlantis”.",),
    ),
    Case(
        "unknown_code_of_place",
        of("Children enrolled;2026Q1;RO:1;women;1"),
        ("values_refused: Nothing was imported. C2: There is no place “RO:1”.",),
    ),
    Case(
        "total_of_places",
        of("Children enrolled;2026Q1;Total;women;1"),
        (
            "values_refused: Nothing was imported. C2: “Total” is no place: leave the row out, or the cell empty.",
        ),
    ),
    Case(
        "unknown_category",
        of("Children enrolled;2026Q1;;robots;1"),
        ("values_refused: Nothing was imported. D2: “robots” is no category of gender.",),
    ),
    Case(
        "no_number",
        of("Children enrolled;2026Q1;;women;many", "Children enrolled;2026Q1;;men;2"),
        ("values_refused: Nothing was imported. E2: “many” is no number.",),
    ),
    Case(
        "number_with_letters",
        of("Children enrolled;2026Q1;;women;1O", "Children enrolled;2026Q1;;men;2"),
        ("values_refused: Nothing was imported. E2: “1O” is no number.",),
    ),
    Case(
        "exponent",
        of("Children enrolled;2026Q1;;women;1,2E+05", "Children enrolled;2026Q1;;men;2"),
        (
            "values_refused: Nothing was imported. E2: “1,2E+05” was written short by a program; its digits are lost.",
        ),
    ),
    Case(
        "too_many_digits",
        of(f"Children enrolled;2026Q1;;women;{'9' * 27}"),
        (
            "values_refused: Nothing was imported. E2: “999999999999999999999999999” has more than 26 digits before or 12 after the mark.",
        ),
    ),
    Case(
        "unclear_number",
        of("Children enrolled;2026Q1;;women;1.100"),
        ("questions: Column E: is “1.100” 1.100 or 1100? Answer “decimal:E” with “.”, “,”.",),
    ),
    Case(
        "two_marks",
        of("Children enrolled;2026Q1;;women;1.5", "Children enrolled;2026Q1;;men;1,5"),
        (
            "questions: Column E has “1.5” and “1,5”: is the mark point or comma? Answer “decimal:E” with “.”, “,”.",
        ),
    ),
    Case(
        "unclear_date",
        of("Children enrolled;03/04/2026;;women;1"),
        (
            "questions: Column B: is “03/04/2026” 2026-04-03 or 2026-03-04? Answer “dates:B” with “day-first”, “month-first”. 1 more to answer.",
        ),
    ),
    Case(
        "single_date",
        of("Children enrolled;31.03.2026;;women;1"),
        (
            "questions: The periods are given as single dates: which period does a date stand for? Answer “period_of_date” with “day”, “month”, “quarter”, “half”, “year”.",
        ),
    ),
    Case(
        "no_such_day",
        of("Children enrolled;31.02.2026;;women;1"),
        ("values_refused: Nothing was imported. B2: “31.02.2026” is no period.",),
        answers={"period_of_date": "quarter"},
    ),
    Case(
        "short_year",
        of("Children enrolled;31.03.26;;women;1", "Children enrolled;2026Q1;;women;1"),
        ("values_refused: Nothing was imported. B2: “31.03.26” has a year of two digits; write all four.",),
    ),
    Case(
        "empty_period",
        of("Children enrolled;;;women;1", "Children enrolled;2026Q1;;men;1"),
        ("values_refused: Nothing was imported. B2: The period is missing.",),
    ),
    Case(
        "period_reversed",
        of("Children enrolled;31.03.2026;01.01.2026;1", head="Indicator;From;To;Value"),
        (
            "values_refused: Nothing was imported. C2: The period ends on 2026-01-01, before it starts on 2026-03-31.",
        ),
    ),
    Case(
        "no_period",
        of("Children enrolled;1", head="Indicator;Value"),
        ("questions: No column says for which period the values are. Answer “period”.",),
    ),
    Case(
        "no_year",
        of("Children enrolled;1;2", head="Indicator;Q1;Q2"),
        ("questions: “Q1” in column B lacks its year: which one? Answer “period”.",),
    ),
    Case(
        "no_value_column",
        of("Children enrolled;2026Q1", head="Indicator;Period"),
        (
            "questions: No column holds values: which layout has the sheet? Answer “layout” with “long”, “wide”.",
        ),
    ),
    Case(
        "no_indicator_column",
        of("2026Q1;1", head="Period;Value"),
        (
            "questions: No column says which indicator the values are of. Answer “indicator” with “story”, “share of women”, “children enrolled”.",
        ),
    ),
    Case(
        "answer_to_nothing",
        of("Children enrolled;2026Q1;;women;1"),
        ("unknown_answer: Nothing asks for “colour”.",),
        answers={"colour": "red"},
    ),
    Case(
        "answer_that_is_none",
        of("Children enrolled;2026Q1;;women;1"),
        ("unknown_answer: “x” does not answer “decimal”; possible are: ., ,.",),
        answers={"decimal": "x"},
    ),
    Case(
        "column_that_is_none",
        of("Children enrolled;2026Q1;;women;1"),
        ("unknown_answer: There is no column “Z”.",),
        answers={"column:Z": "value"},
    ),
    Case(
        "unknown_column_of_numbers",
        of("Children enrolled;2026Q1;3;4", head="Indicator;Period;Value;Chickens"),
        (
            "questions: Column D “Chickens” is not known and holds numbers: what is it? Answer “column:D” with “indicator”, “start”, “end”, “period”, “value”, “place”, “numerator”, “denominator” ….",
        ),
    ),
    Case(
        "two_columns_of_values",
        of("Children enrolled;2026Q1;3;4", head="Indicator;Period;Value;Valoare"),
        (
            "questions: Column D says the same as C (“Valoare”): what is it? Answer “column:D” with “indicator”, “start”, “end”, “period”, “value”, “place”, “numerator”, “denominator” ….",
        ),
    ),
    Case(
        "repeated_rows",
        of("Children enrolled;2026Q1;;women;1", "Copii înscriși;T1 2026;;femei;2"),
        (
            "values_refused: Nothing was imported. E2: This indicator, period, place and group stands here more than once. There is 1 more problem.",
            "E3 repeated: This indicator, period, place and group stands here more than once.",
        ),
    ),
    Case(
        "repeated_in_a_wide_sheet",
        of("Children enrolled;1;2", "I1.1;3;", head=WIDE),
        (
            "values_refused: Nothing was imported. B2: This indicator, period, place and group stands here more than once. There is 1 more problem.",
            "B3 repeated: This indicator, period, place and group stands here more than once.",
        ),
    ),
    Case(
        "already_reported",
        of("Children enrolled;2026Q1;;women;13"),
        (
            "values_refused: Nothing was imported. E2: A value for this indicator, period, place and group is there already: correct it with a reason.",
        ),
        before=there,
    ),
    Case(
        "conflict",
        of("Children enrolled;2026Q1;13;0", head=SEEN),
        (
            "values_refused: Nothing was imported. C2: Somebody changed it after this file was made: it is “12” now (revision 1). Download it again.",
        ),
        before=everybody,
    ),
    Case(
        "no_such_revision",
        of("Children enrolled;2026Q1;13;4", head=SEEN),
        (
            "values_refused: Nothing was imported. C2: There is no such value that could have been corrected: leave its revision at 0.",
        ),
    ),
    Case(
        "wrong_revision",
        of("Children enrolled;2026Q1;13;new", head=SEEN),
        (
            "values_refused: Nothing was imported. D2: “new” is no revision: leave that column as it was downloaded.",
        ),
    ),
    Case(
        "parts_exceed_total",
        of(
            "Children enrolled;2026Q1;;;10",
            "Children enrolled;2026Q1;;women;6",
            "Children enrolled;2026Q1;;men;5",
        ),
        ("values_refused: Nothing was imported. E2: The total is 10, the groups by gender add up to 11.",),
    ),
    Case(
        "parts_with_unknown_below_total",
        of(
            "Children enrolled;2026Q1;;;10",
            "Children enrolled;2026Q1;;women;6",
            "Children enrolled;2026Q1;;unknown;1",
        ),
        ("values_refused: Nothing was imported. E2: The total is 10, the groups by gender add up to 7.",),
    ),
    Case(
        "another_share",
        of("Share of women;2026Q1;51;1;2", head=SHARES),
        ("values_refused: Nothing was imported. C2: 51% is not 1 of 2.",),
    ),
    Case(
        "half_a_share",
        of("Share of women;2026Q1;50;1;", head=SHARES),
        ("values_refused: Nothing was imported. E2: A share has a numerator and a denominator.",),
    ),
    Case(
        "share_of_nothing",
        of("Share of women;2026Q1;;3;0", head=SHARES),
        (
            "values_refused: Nothing was imported. C2: “” is no number (digits and at most one point). There is 1 more problem.",
            "E2 share_of_nothing: A share of 0 is 0 of 0, without a value.",
        ),
    ),
    Case(
        "per_cent_of_a_number",
        of("Children enrolled;2026Q1;1,5%", "Children enrolled;2026Q2;33", head="Indicator;Period;Value"),
        (
            "questions: Column C has per cents and plain numbers: are these per cent (33) or 0.33? Answer “percent:C” with “percent”, “fraction”.",
        ),
    ),
    Case(
        "calculated",
        of("Twice as many;2026Q1;;;1"),
        (
            "values_refused: Nothing was imported. A2: “Twice as many” is calculated from others: report its parts.",
        ),
        before=calculated,
    ),
    Case(
        "needs_approval",
        of("Sworn;2026Q1;;;1"),
        (
            "values_refused: Nothing was imported. A2: Values of “Sworn” need somebody's approval: hand them in as a submission.",
        ),
        before=needs_approval,
    ),
    Case(
        "cut_by_a_handover",
        of("Pupils;2024Q2;;;70"),
        (
            "values_refused: Nothing was imported. B2: A handover on 2024-06-03 cut the period from 2024-04-01 to 2024-06-30, and a part of it has values: report the parts, 2024-04-01 to 2024-06-02, 2024-06-03 to 2024-06-30.",
        ),
        before=handed_over,
    ),
    Case(
        "unknown_source",
        of("Children enrolled;2026Q1;1;Attendance", head="Indicator;Period;Value;Source"),
        (
            "values_refused: Nothing was imported. D2: There is no source series “Attendance” in this programme.",
        ),
    ),
    Case(
        "control_character",
        of("Children enrolled;2026Q1;1;a\x08b", head="Indicator;Period;Value;Comment"),
        ("control_character: Line 2 holds a control character (U+0008).",),
    ),
    Case(
        "error_cell",
        book(
            ("Indicator", "Period", "Value"),
            ("Children enrolled", "2026Q1", "#REF!"),
            ("Children enrolled", "2026Q2", 1),
        ),
        ("values_refused: Nothing was imported. C2: The cell holds the error #REF!.",),
    ),
    Case(
        "date_for_number",
        lambda _: workbook(more=dated),
        ("values_refused: Nothing was imported. C2: “2026-03-31” is a date, not a number.",),
    ),
    Case(
        "true_for_number",
        book(
            ("Indicator", "Period", "Value"),
            ("Children enrolled", "2026Q1", True),
            ("Children enrolled", "2026Q2", 1),
        ),
        ("values_refused: Nothing was imported. C2: “TRUE” is no number.",),
    ),
    Case(
        "everything_at_once",
        of("Chickens;31.02.2026;Atlantis;robots;many", "Children enrolled;2026Q1;;women;1"),
        (
            "values_refused: Nothing was imported. A2: There is no indicator “Chickens”. There are 4 more problems.",
            "B2 wrong_date: “31.02.2026” is no period.",
            "C2 unknown_place: There is no place “Atlantis”.",
            "D2 unknown_category: “robots” is no category of gender.",
            "E2 not_a_number: “many” is no number.",
        ),
        answers={"period_of_date": "month"},
    ),
    Case(
        "own_unknown_indicator",
        own("0,2026-01-01,2026-03-31,women,1"),
        ("values_refused: Nothing was imported. A2: There is no indicator “0” in this programme.",),
    ),
    Case(
        "own_no_number",
        own('@,2026-01-01,2026-03-31,women,"1,5"'),
        ("values_refused: Nothing was imported. E2: “1,5” is no number (digits and at most one point).",),
    ),
    Case(
        "own_unknown_category",
        own("@,2026-01-01,2026-03-31,robots,1"),
        ("values_refused: Nothing was imported. D2: “gender” has no category “robots”.",),
    ),
    Case(
        "own_unknown_axis",
        own("@,2026-01-01,2026-03-31,1,tall", head="indicator,start,end,value,height"),
        (
            "values_refused: Nothing was imported. E2: This indicator is broken down by gender, not by “height”.",
        ),
    ),
    Case(
        "own_repeated",
        own("@,2026-01-01,2026-03-31,women,1", "@,2026-01-01,2026-03-31,women,2"),
        (
            "values_refused: Nothing was imported. E2: This indicator, period, place and group stands here more than once. There is 1 more problem.",
            "E3 repeated: This indicator, period, place and group stands here more than once.",
        ),
    ),
    Case(
        "own_another_share",
        own("%,2026-01-01,2026-03-31,51,1,2", head="indicator,start,end,value,numerator,denominator"),
        ("values_refused: Nothing was imported. D2: 51% is not 1 of 2.",),
    ),
    Case(
        "own_wrong_dates",
        own("@,2026-03-31,2026-01-01,women,1"),
        (
            "values_refused: Nothing was imported. B2: “2026-03-31” to “2026-01-01” are no dates (YYYY-MM-DD), or the wrong way round.",
        ),
    ),
    Case(
        "own_ragged",
        own("@,2026-01-01,2026-03-31,women,1", "@,2026-01-01,2026-03-31,men,1", "@,2026-01-01"),
        (
            'unreadable_file: Nothing was entered. Line 4: This is no CSV of these columns: missing data for column "end".',
        ),
    ),
    Case(
        "own_not_nameable",
        own("@,2026-01-01,2026-03-31,1,2", head="indicator,start,end,value,period"),
        (
            "values_refused: Nothing was imported. E2: This value stands in a period without dates or in a repeated one, and these columns cannot name it: it comes in by IATI alone.",
        ),
    ),
    Case("own_only_headings", own(), ("empty_file: The file has no values.",)),
)
