"""Long and wide sheets as people have them, read into one value a row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from handover.errors import Invalid
from indicators.exchange.sheets.layouts import CanonicalRow, Counts, canonical_rows
from indicators.exchange.sheets.opening import Limits, open_file
from indicators.exchange.sheets.plans import Plan
from indicators.exchange.sheets.proposals import propose
from indicators.exchange.sheets.vocabulary import Vocabulary
from tests.indicators.sheets.broken_files import (
    HEADINGS,
    ROW,
    in_sheet,
    kept,
    lines,
    ods_number,
    ods_row,
    opendocument,
    repacked,
    with_rows,
    workbook,
)
from tests.indicators.sheets.reading import KNOWN, outcome, read

Q1, Q2, Q3 = "2026-01-01/2026-03-31", "2026-04-01/2026-06-30", "2026-07-01/2026-09-30"
LONG = lines(
    "Raport trimestrial;;;;",
    "",
    "Indicator;Perioada;Localitate;Sexul;Valoare",
    "Copii înscriși;T1 2026;Cluj-Napoca;femei;1.100,50",
    "",
    "Children enrolled;2026Q2;Kaunas;vyrai;7",
    "Į mokyklą priimti vaikai;I pusmetis 2026;Šiauliai;Iš viso;",
    "Total;;;;1.107,50",
)


def told(folder: Path, data: bytes, answers: dict[str, str] | None = None, **asked: Any) -> list[str]:
    """Give each value in a few words: cell, indicator, period, place, dimensions, number."""
    proposal, said = read(folder, data, answers, **asked)
    assert proposal.ready, proposal.questions
    result = []
    for item in said:
        assert isinstance(item, CanonicalRow), item
        where = [item.place, *(f"{axis}={name}" for axis, name in sorted(item.dimensions.items()))]
        number = item.value or f"{item.numerator} of {item.denominator}"
        words = [item.address(), item.indicator, f"{item.start}/{item.end}", *where, number]
        result.append(" ".join(word for word in words if word))
    return result


def test_a_long_sheet_in_three_languages_is_read(tmp_path: Path) -> None:
    counts = Counts()
    proposal, said = read(tmp_path, LONG, counts=counts)
    assert [(item.code, item.sentence) for item in proposal.notes] == [
        ("rows_above", "What stands above row 3 is not read.")
    ]
    assert [(row.address(), row.value) for row in said if isinstance(row, CanonicalRow)] == [
        ("E4", "1100.50"),
        ("E6", "7"),
    ]
    assert (counts.rows, counts.values, counts.empty, counts.totals_rows, counts.problems) == (4, 2, 1, 1, 0)
    assert told(tmp_path, LONG) == [
        f"E4 enrolled {Q1} RO:54975 gender=women 1100.50",
        f"E6 enrolled {Q2} LT:19 gender=men 7",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_encodings_that_say_themselves_are_read_alike(tmp_path: Path, encoding: str) -> None:
    assert told(tmp_path, LONG.decode().encode(encoding))[0].endswith("1100.50")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("Copii înscriși".replace("ș", "ş"), "windows-1250"), ("Šiauliai ąę", "windows-1257")],
)
def test_an_old_encoding_is_taken_only_where_one_alone_fits_and_that_is_said(
    tmp_path: Path, text: str, encoding: str
) -> None:
    data = lines("Indicator;Period;Value;Comment", f"Children enrolled;2026Q1;5;{text}", encoding=encoding)
    proposal, said = read(tmp_path, data)
    assert [item.comment for item in said if isinstance(item, CanonicalRow)] == [text]
    assert [item.sentence for item in proposal.notes] == [
        f"The file is read as {encoding}: all its letters are found there."
    ]


def test_an_encoding_that_was_asked_for_is_taken(tmp_path: Path) -> None:
    data = lines(
        "Indicator;Period;Value;Comment", "Children enrolled;2026Q1;5;Copii ţ", encoding="windows-1250"
    )
    _, said = read(tmp_path, data, encoding="windows-1250")
    assert [item.comment for item in said if isinstance(item, CanonicalRow)] == ["Copii ţ"]


def test_periods_as_columns(tmp_path: Path) -> None:
    data = lines("Rodiklis;2026Q1;II ketv. 2026;Iš viso", "Children enrolled;1,5;;3", "Share of women;2;4;6")
    assert told(tmp_path, data) == [
        f"B2 enrolled {Q1} 1.5",
        f"B3 share {Q1} 2",
        f"C3 share {Q2} 4",
    ]


def test_columns_that_lack_their_year_take_it_from_the_answer_or_from_the_row(tmp_path: Path) -> None:
    expected = [f"B2 enrolled {Q1} 1", f"C2 enrolled {Q2} 2"]
    assert told(tmp_path, lines("Indicator;T1;T2", "Children enrolled;1;2"), {"period": "2026"}) == expected
    by_row = lines("Indicator;T1;T2;Anul", "Children enrolled;1;2;2026")
    assert told(tmp_path, by_row) == expected


def test_year_and_quarter_in_two_columns(tmp_path: Path) -> None:
    data = lines("Indicator,Year,Quarter,Value", "Children enrolled,2026,1,5", "Children enrolled,2026,III,6")
    assert told(tmp_path, data) == [f"D2 enrolled {Q1} 5", f"D3 enrolled {Q3} 6"]


def test_groups_as_columns_and_their_total(tmp_path: Path) -> None:
    data = lines("Indicator;Perioada;Femei 14-17;Bărbați;Total", "Children enrolled;T1 2026;1;2;3")
    assert told(tmp_path, data) == [
        f"C2 enrolled {Q1} age=14-17 gender=women 1",
        f"D2 enrolled {Q1} gender=men 2",
        f"E2 enrolled {Q1} 3",
    ]


def test_indicators_as_columns(tmp_path: Path) -> None:
    data = lines("Perioada;Children enrolled;Share of women", "T1 2026;1;33%")
    assert told(tmp_path, data) == [f"B2 enrolled {Q1} 1", f"C2 share {Q1} 33"]


def test_headings_in_two_rows(tmp_path: Path) -> None:
    data = lines("Indicator;T1 2026;;T2 2026;", ";femei;bărbați;femei;bărbați", "Children enrolled;1;2;3;4")
    assert told(tmp_path, data) == [
        f"B3 enrolled {Q1} gender=women 1",
        f"C3 enrolled {Q1} gender=men 2",
        f"D3 enrolled {Q2} gender=women 3",
        f"E3 enrolled {Q2} gender=men 4",
    ]


def test_merged_headings_and_merged_names(tmp_path: Path) -> None:
    def merge(book: Any, sheet: Any) -> None:
        sheet.merge_range(0, 2, 0, 3, "T1 2026")
        sheet.merge_range(2, 0, 3, 0, "Children enrolled")

    rows = (
        (None, None, None, None),
        ("Indicator", "Place", "Numerator", "Denominator"),
        (None, "Kaunas", 1, 3),
        (None, "Cluj-Napoca", 2, 5),
    )
    assert told(tmp_path, workbook(rows, more=merge)) == [
        f"3 enrolled {Q1} LT:19 1 of 3",
        f"4 enrolled {Q1} RO:54975 2 of 5",
    ]


def test_dates_of_a_workbook_in_either_date_system(tmp_path: Path) -> None:
    import datetime as dt

    for old in (False, True):

        def dates(book: Any, sheet: Any) -> None:
            style = book.add_format({"num_format": "dd.mm.yyyy"})
            sheet.write_datetime(1, 1, dt.date(2026, 1, 1), style)
            sheet.write_datetime(1, 2, dt.date(2026, 3, 31), style)

        rows = (("Indicator", "Start", "End", "Value"), ("Children enrolled", None, None, 5))
        data = workbook(rows, more=dates, options={"date_1904": old})
        assert told(tmp_path, data) == [f"D2 enrolled {Q1} 5"]


def test_a_month_in_a_heading_that_is_a_date_is_asked_about_and_then_read(tmp_path: Path) -> None:
    data = lines("Indicator;31.03.2026;30.06.2026", "Children enrolled;1;2")
    asked = "The periods are given as single dates: which period does a date stand for?"
    assert outcome(tmp_path, data) == [f"asked period_of_date period_of_date: {asked}"]
    assert told(tmp_path, data, {"period_of_date": "quarter"}) == [
        f"B2 enrolled {Q1} 1",
        f"C2 enrolled {Q2} 2",
    ]


def test_numbers_stored_as_text_are_read_like_written_ones(tmp_path: Path) -> None:
    def texts(book: Any, sheet: Any) -> None:
        sheet.write_string(1, 2, "1.100,5")
        sheet.write_string(2, 2, "1.200")

    assert told(tmp_path, workbook((HEADINGS, ROW, ROW), more=texts)) == [
        f"C2 enrolled {Q1} 1100.5",
        f"C3 enrolled {Q1} 1200",
    ]


def test_hidden_rows_and_formulas_are_read_and_said(tmp_path: Path) -> None:
    def more(book: Any, sheet: Any) -> None:
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.write_formula(1, 2, "=SUM(A1:A2)", None, 12.5)

    counts = Counts()
    proposal, said = read(tmp_path, workbook((HEADINGS, ROW, ROW), more=more), counts=counts)
    assert [item.sentence for item in proposal.notes] == [
        "Hidden rows of the sheet: 1; they are read like the others."
    ]
    assert [item.value for item in said if isinstance(item, CanonicalRow)] == ["12.5", "12"]
    assert counts.formulas == 1


def test_links_to_other_workbooks_are_not_followed_and_said(tmp_path: Path) -> None:
    data = repacked(workbook(), add={"xl/externalLinks/externalLink1.xml": b"<externalLink/>"})
    proposal, _ = read(tmp_path, data)
    assert [item.code for item in proposal.notes] == ["external_links"]


def test_attributes_written_in_another_way_hide_no_per_cent(tmp_path: Path) -> None:
    def per_cent(book: Any, sheet: Any) -> None:
        sheet.write_number(1, 2, 0.5, book.add_format({"num_format": "0%"}))

    data = workbook(more=per_cent)
    for spelling in ("<c r='C2' s='1'>", '<c r="C2"\n s\t= "1">', '<c s="1" r="C2">'):
        assert told(tmp_path, in_sheet('<c r="C2" s="1">', spelling, data)) == [f"C2 enrolled {Q1} 50"]


def test_a_sheet_that_was_asked_for_is_read(tmp_path: Path) -> None:
    def second(book: Any, sheet: Any) -> None:
        other = book.add_worksheet("Altceva")
        for number, cells in enumerate((HEADINGS, (*ROW[:2], 99))):
            other.write_row(number, 0, cells)

    data = workbook(more=second)
    assert told(tmp_path, data, sheet="Altceva") == [f"C2 enrolled {Q1} 99"]


def test_an_opendocument_sheet_with_repeated_cells_per_cents_and_comments(tmp_path: Path) -> None:
    note = (
        '<table:table-cell office:value-type="float" office:value="7">'
        "<office:annotation><text:p>Not a value: 8</text:p></office:annotation><text:p>7</text:p></table:table-cell>"
    )
    data = opendocument(
        ods_row("Indicator", "Period", "Women", "Men")
        + ods_row("Share of women", "2026Q1", ods_number("0.335", "percentage", number_columns_repeated="2"))
        + '<table:table-row table:number-rows-repeated="1000000"><table:table-cell/></table:table-row>'
    )
    assert told(tmp_path, data) == [
        f"C2 share {Q1} gender=women 33.5",
        f"D2 share {Q1} gender=men 33.5",
    ]
    assert told(tmp_path, opendocument(ods_row(*HEADINGS) + ods_row(*ROW[:2], note))) == [
        f"C2 enrolled {Q1} 7"
    ]


def test_texts_are_values_of_a_qualitative_indicator_and_a_formula_in_a_text_is_text(tmp_path: Path) -> None:
    data = lines("Indicator;Period;Value;Comment", "Story;2026Q1;=1+1;=cmd()", "Children enrolled;2026Q1;5;")
    _, said = read(tmp_path, data)
    assert [(item.value, item.comment) for item in said if isinstance(item, CanonicalRow)] == [
        ("=1+1", "=cmd()"),
        ("5", ""),
    ]


def test_a_first_line_that_names_the_delimiter_is_no_row(tmp_path: Path) -> None:
    data = lines("sep=|", "Indicator|Period|Value", "Children enrolled|2026Q1|5")
    assert told(tmp_path, data) == [f"C3 enrolled {Q1} 5"]


def test_reading_goes_on_after_every_wrong_cell(tmp_path: Path) -> None:
    data = lines("Indicator;T1 2026;T2 2026", "Zzz;1;x", "Children enrolled;x;2", "Zzz;;")
    assert outcome(tmp_path, data) == [
        "A2 unknown_indicator: There is no indicator “Zzz”.",
        "C2 not_a_number: “x” is no number.",
        "B3 not_a_number: “x” is no number.",
        "C3 2",
    ]


def test_a_row_without_cells_at_its_end_is_read(tmp_path: Path) -> None:
    data = with_rows('<row r="3"><c r="A3" t="inlineStr"><is><t>Children enrolled</t></is></c></row>')
    assert told(tmp_path, data) == [f"C2 enrolled {Q1} 12"]


def test_columns_can_be_named_by_their_letters_or_headings(tmp_path: Path) -> None:
    data = lines("Foo;Bar;Baz;Q", "Children enrolled;T1 2026;7;femei")
    answers = {
        "header": "1",
        "column:A": "indicator",
        "column:Bar": "period",
        "column:C": "value",
        "column:Q": "gender",
    }
    assert told(tmp_path, data, answers) == [f"C2 enrolled {Q1} gender=women 7"]
    wide = lines("Foo;Bar;Baz", "Children enrolled;7;8")
    answers = {
        "header": "1",
        "column:Foo": "indicator",
        "column:Bar": "period=2026Q1;gender=women",
        "column:Baz": "period=2026Q1;gender=men",
    }
    assert told(tmp_path, wide, answers) == [
        f"B2 enrolled {Q1} gender=women 7",
        f"C2 enrolled {Q1} gender=men 8",
    ]


def test_a_plan_that_was_kept_reads_the_file_in_the_same_way(tmp_path: Path) -> None:
    with open_file(kept(tmp_path, LONG), name="sheet") as opened:
        plan = propose(opened, vocabulary=KNOWN).plan
        again = Plan.from_json(json.loads(json.dumps(plan.as_json())))
        assert again == plan
        assert list(canonical_rows(opened, again, KNOWN)) == list(canonical_rows(opened, plan, KNOWN))


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"layout": "round"},
        {"columns": [{"index": 0, "role": "king"}]},
        {"columns": [{"index": 0, "role": "value", "decimal": "x"}]},
        {"columns": [{"index": -1, "role": "value"}]},
        {"columns": [{"index": 0, "role": "value"}, {"index": 0, "role": "value"}]},
        {"header": -1},
        {"period": 2026},
        {"period_of_date": "week"},
        {"columns": None},
    ],
)
def test_a_plan_that_somebody_wrote_wrongly_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    with open_file(kept(tmp_path, LONG), name="sheet") as opened:
        said = propose(opened, vocabulary=KNOWN).plan.as_json()
    with pytest.raises(Invalid, match="does not say how a sheet is read") as raised:
        Plan.from_json({**said, **change})
    assert raised.value.code == "wrong_plan"


def test_a_sheet_is_not_read_before_everything_is_answered(tmp_path: Path) -> None:
    with open_file(kept(tmp_path, lines("Indicator;T1", "Children enrolled;1")), name="sheet") as opened:
        proposal = propose(opened, vocabulary=KNOWN)
        with pytest.raises(Invalid) as raised:
            canonical_rows(opened, proposal.plan, KNOWN)
    assert raised.value.code == "unanswered"


CANONICAL = lines(
    "indicator,start,end,value,place,gender",
    'Children enrolled,2026-01-01,2026-03-31,1.5,"Cluj-Napoca",women',
)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_file_in_our_own_form_is_handed_on_untouched(tmp_path: Path, mark: bytes, ending: str) -> None:
    data = mark + CANONICAL.decode().replace("\n", ending).encode()
    with open_file(kept(tmp_path, data), name="sheet") as opened:
        assert opened.canonical
        assert "".join(opened.lines()).encode() == CANONICAL


@pytest.mark.parametrize(
    "data",
    [
        CANONICAL.replace(b",", b";"),
        CANONICAL.replace(b"indicator", b"Indicator"),
        CANONICAL.replace(b"2026-01-01", b"01.01.2026"),
        CANONICAL.replace(b"gender", b"place"),
        CANONICAL.decode().encode("utf-16"),
    ],
)
def test_a_file_in_nearly_our_own_form_is_not_taken_for_it(tmp_path: Path, data: bytes) -> None:
    with open_file(kept(tmp_path, data), name="sheet") as opened:
        assert not opened.canonical
        with pytest.raises(Invalid, match="not in the toolkit's own form"):
            opened.lines()


def test_a_file_in_our_own_form_has_a_limit_of_lines(tmp_path: Path) -> None:
    with open_file(kept(tmp_path, CANONICAL), name="sheet", limits=Limits(lines=1)) as opened:
        with pytest.raises(Invalid) as raised:
            list(opened.lines())
        assert raised.value.code == "too_many_rows"


def test_a_name_that_the_vocabulary_gives_to_no_one_is_never_matched_by_parts(tmp_path: Path) -> None:
    known = Vocabulary(indicators={"Children": "one", "Children enrolled in school": "two"})
    with open_file(
        kept(tmp_path, lines("Indicator;Period;Value", "Children enrolled;2026Q1;1")), name="x"
    ) as opened:
        said = list(canonical_rows(opened, propose(opened, vocabulary=known).plan, known))
    assert [getattr(item, "code", "") for item in said] == ["unknown_indicator"]
