# ruff: noqa: E501, PLW0108 — sentences stand here as they are said; all files are made as late as possible
"""Broken and awkward files, each with exactly what is said about it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from indicators.exchange.sheets.opening import MEGABYTE, Limits
from tests.indicators.sheets.broken_files import (
    HEADINGS,
    ROW,
    SHEET,
    archive,
    bomb,
    encrypted,
    in_sheet,
    lines,
    lying,
    ods_number,
    ods_row,
    opendocument,
    repacked,
    with_rows,
    workbook,
)
from tests.indicators.sheets.reading import outcome


def many_parts_hidden() -> bytes:
    """Make an archive of 5,001 parts that says it has one."""
    data = bytearray(archive({f"xl/{number}.xml": b"" for number in range(5_001)}))
    at = data.rfind(b"PK\x05\x06")
    data[at + 8 : at + 12] = b"\1\0\1\0"
    return bytes(data)


def dated(book: Any, sheet: Any) -> None:
    """Turn the value into a date, as spreadsheet programs do with 3.31."""
    sheet.write_datetime(1, 2, dt.date(2026, 3, 31), book.add_format({"num_format": "yyyy-mm-dd"}))


def calculated(book: Any, sheet: Any) -> None:
    sheet.write_row(2, 0, ROW[:2])
    sheet.write_formula(2, 2, "=1+1", None, 2)


CASES: tuple[tuple[str, Any, dict[str, Any], list[str]], ...] = (
    ("empty", lambda: b"", {}, ["refused empty_file: The file is empty."]),
    ("blanks_only", lambda: b"\xef\xbb\xbf \r\n\n", {}, ["refused empty_file: The file is empty."]),
    (
        "only_headings",
        lambda: lines("Indicator;Period;Value"),
        {},
        ["refused only_headings: The sheet has headings, but no rows below them."],
    ),
    (
        "workbook_only_headings",
        lambda: workbook((HEADINGS,)),
        {},
        ["refused only_headings: The sheet has headings, but no rows below them."],
    ),
    ("empty_workbook", lambda: workbook(()), {}, ["refused empty_file: The file is empty."]),
    (
        "old_excel",
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        {},
        [
            "refused old_excel: The file is in the format of Excel 97–2003 (.xls); save it as .xlsx and try again."
        ],
    ),
    (
        "password_in_ole",
        lambda: (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000_000) + "EncryptedPackage".encode("utf-16-le")
        ),
        {},
        ["refused encrypted_file: The file is protected by a password; save it without one and try again."],
    ),
    (
        "password_in_zip",
        lambda: encrypted(workbook()),
        {},
        ["refused encrypted_file: The file is protected by a password; save it without one and try again."],
    ),
    (
        "web_page",
        lambda: b"\n<html><table><tr><td>Indicator</td></tr></table></html>",
        {},
        [
            "refused html_file: The file is a web page under another name; open it in a spreadsheet program and save it as .xlsx."
        ],
    ),
    (
        "xml_spreadsheet",
        lambda: b'<?xml version="1.0"?><Workbook/>',
        {},
        ["refused xml_file: The file is XML; open it in a spreadsheet program and save it as .xlsx."],
    ),
    ("pdf", lambda: b"%PDF-1.7 ...", {}, ["refused not_a_table: The file is a PDF, not a table."]),
    ("picture", lambda: b"\x89PNG\r\n", {}, ["refused not_a_table: The file is a picture, not a table."]),
    (
        "macros",
        lambda: repacked(workbook(), add={"xl/vbaProject.bin": b"x"}),
        {},
        ["refused macros: The workbook holds macros; save it as .xlsx without macros and try again."],
    ),
    (
        "macro_type",
        lambda: repacked(
            workbook(),
            change={
                "[Content_Types].xml": lambda body: body.replace(
                    b"spreadsheetml.sheet.main", b"x.macroEnabled.main"
                )
            },
        ),
        {},
        ["refused macros: The workbook holds macros; save it as .xlsx without macros and try again."],
    ),
    (
        "macro_sheet",
        lambda: repacked(workbook(), add={"xl/macrosheets/sheet1.xml": b"<x/>"}),
        {},
        ["refused macros: The workbook holds macros; save it as .xlsx without macros and try again."],
    ),
    (
        "binary_workbook",
        lambda: repacked(workbook(), add={"xl/workbook.bin": b"x"}, drop=["xl/workbook.xml"]),
        {},
        [
            "refused binary_workbook: The file is a binary Excel workbook (.xlsb); save it as .xlsx and try again."
        ],
    ),
    (
        "zip_of_zips",
        lambda: archive({"one.zip": archive({"two.zip": b"x"})}),
        {},
        [
            "refused not_a_workbook: The file is a zip archive, but not a workbook; unpack it and give the file inside."
        ],
    ),
    (
        "text_document",
        lambda: archive({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"}),
        {},
        ["refused not_a_workbook: The file is an OpenDocument file, but not a spreadsheet."],
    ),
    (
        "word_document",
        lambda: archive({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}),
        {},
        [
            "refused not_a_workbook: The file is a zip archive, but not a workbook; unpack it and give the file inside."
        ],
    ),
    (
        "path_traversal",
        lambda: repacked(workbook(), add={"../../etc/cron.d/x": b"x"}),
        {},
        [
            "refused unsafe_archive: The workbook holds a part with an unsafe name; no spreadsheet program writes it."
        ],
    ),
    (
        "absolute_path",
        lambda: repacked(workbook(), add={"/etc/x.xml": b"x"}),
        {},
        [
            "refused unsafe_archive: The workbook holds a part with an unsafe name; no spreadsheet program writes it."
        ],
    ),
    (
        "cut_off",
        lambda: workbook()[:-300],
        {},
        ["refused broken_workbook: The file cannot be read as a workbook; it is damaged or cut off."],
    ),
    (
        "broken_inside",
        lambda: repacked(workbook(), change={SHEET: lambda body: body[:400]}),
        {},
        ["refused broken_workbook: The file cannot be read as a workbook; it is damaged or cut off."],
    ),
    (
        "broken_data",
        lambda: workbook().replace(b"PK\x03\x04\x14", b"PK\x03\x09\x14"),
        {},
        ["refused broken_workbook: The file cannot be read as a workbook; it is damaged or cut off."],
    ),
    (
        "no_workbook_part",
        lambda: repacked(workbook(), drop=["xl/workbook.xml"]),
        {},
        ["refused no_sheet: The workbook has no sheet."],
    ),
    (
        "entities",
        lambda: repacked(
            workbook(),
            change={
                "xl/sharedStrings.xml": lambda body: body.replace(
                    b"<sst", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst', 1
                )
            },
        ),
        {},
        [
            "refused document_type: A part of the workbook declares a document type, which could draw in other files."
        ],
    ),
    (
        "entities_far_down",
        lambda: repacked(
            workbook(),
            change={
                SHEET: lambda body: body.replace(
                    b"<worksheet", b"<!--" + b"x" * 70_000 + b"--><!DOCTYPE x><worksheet", 1
                )
            },
        ),
        {},
        [
            "refused odd_part: A part of the workbook is not written as spreadsheet programs write it (XML in UTF-8)."
        ],
    ),
    (
        "entities_in_opendocument",
        lambda: opendocument("", before='<!DOCTYPE x [<!ENTITY a "b">]>'),
        {},
        [
            "refused document_type: A part of the workbook declares a document type, which could draw in other files."
        ],
    ),
    (
        "part_in_utf16",
        lambda: repacked(
            workbook(), change={SHEET: lambda body: body.decode().replace("UTF-8", "UTF-16").encode("utf-16")}
        ),
        {},
        [
            "refused odd_part: A part of the workbook is not written as spreadsheet programs write it (XML in UTF-8)."
        ],
    ),
    (
        "comment_in_sheet",
        lambda: in_sheet("<sheetData>", "<!-- x --><sheetData>"),
        {},
        [
            "refused odd_part: A part of the workbook is not written as spreadsheet programs write it (XML in UTF-8)."
        ],
    ),
    (
        "declared_bomb",
        lambda: bomb(30),
        {"limits": Limits(unpacked=20 * MEGABYTE, ratio=5_000)},
        ["refused unpacks_too_large: The workbook unpacks to 30 MB; 20 MB are allowed."],
    ),
    (
        "dense_bomb",
        lambda: bomb(30),
        {},
        [
            "refused packed_too_densely: A part of the workbook unpacks to more than 400 times its size; no spreadsheet needs that."
        ],
    ),
    (
        "lying_bomb",
        lambda: lying(bomb(30), SHEET, 1000),
        {"limits": Limits(unpacked=20 * MEGABYTE)},
        ["refused broken_workbook: The file cannot be read as a workbook; it is damaged or cut off."],
    ),
    (
        "many_parts",
        lambda: archive({f"xl/{number}.xml": b"" for number in range(5_001)}),
        {},
        ["refused too_many_parts: The workbook has more than 5,000 parts; no spreadsheet has."],
    ),
    (
        "many_parts_hidden",
        lambda: many_parts_hidden(),
        {},
        ["refused too_many_parts: The workbook has more than 5,000 parts; no spreadsheet has."],
    ),
    (
        "far_cell",
        lambda: with_rows('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        {},
        [
            "refused too_much_memory: Reading the workbook takes more than 1,536 MB of memory; it is too large, or made to be."
        ],
    ),
    (
        "too_many_rows_in_workbook",
        lambda: with_rows('<row r="2000000"><c r="A2000000"><v>1</v></c></row>'),
        {},
        ["refused too_many_rows: The sheet goes on beyond row 1,048,576; split it into several files."],
    ),
    (
        "too_many_rows",
        lambda: lines("Indicator;Period;Value", *["Children enrolled;2026Q1;1"] * 30),
        {"limits": Limits(rows=20)},
        ["refused too_many_rows: The sheet goes on beyond row 20; split it into several files."],
    ),
    (
        "too_many_columns",
        lambda: with_rows('<row r="3"><c r="BAA3"><v>1</v></c></row>'),
        {},
        ["refused too_many_columns: The sheet has more than 1,024 columns."],
    ),
    (
        "too_large",
        lambda: workbook(),
        {"limits": Limits(file=2 * 1024)},
        ["refused file_too_large: The file has 0.005 MB; 0.002 MB are allowed."],
    ),
    (
        "unaddressed_cells",
        lambda: with_rows("<row><c><v>1</v></c></row>"),
        {},
        [
            "refused unaddressed_cells: The workbook does not say where its cells are; open it in a spreadsheet program and save it again."
        ],
    ),
    (
        "rows_backwards",
        lambda: with_rows(
            '<row r="9"><c r="A9"><f>1</f><v>1</v></c></row><row r="3"><c r="A3"><f>1</f><v>1</v></c></row>'
        ),
        {},
        ["refused broken_workbook: The file cannot be read as a workbook; it is damaged or cut off."],
    ),
    (
        "too_slow",
        lambda: opendocument(
            ods_row(*HEADINGS) + ods_row(*ROW[:2], ods_number("5"), repeated=1_000_000) * 50
        ),
        {"limits": Limits(seconds=1, rows=10**9)},
        ["refused too_slow: Reading the workbook takes longer than 1 seconds; split it."],
    ),
    (
        "two_sheets",
        lambda: workbook(more=lambda book, sheet: book.add_worksheet("More").write(0, 0, "x")),
        {},
        ["asked which_sheet sheet: The workbook has 2 sheets: which one holds the values?"],
    ),
    (
        "unknown_sheet",
        lambda: workbook(),
        {"sheet": "Else"},
        ["refused unknown_sheet: The workbook has no sheet “Else”; it has: Data."],
    ),
    (
        "hidden_sheet",
        lambda: workbook(more=lambda book, sheet: book.add_worksheet("More").hide()),
        {},
        ["C2 12"],
    ),
    ("formula", lambda: workbook(more=calculated), {}, ["C2 12", "C3 2"]),
    (
        "formula_never_calculated",
        lambda: with_rows(
            '<row r="3"><c r="A3" t="inlineStr"><is><t>Children enrolled</t></is></c><c r="B3" t="inlineStr"><is><t>2026Q1</t></is></c><c r="C3"><f>1+1</f></c></row>'
        ),
        {},
        [
            "C2 12",
            "C3 formula_without_value: The cell holds a formula that was never calculated; open the file in a spreadsheet program and save it.",
        ],
    ),
    (
        "error_cell",
        lambda: workbook(more=lambda book, sheet: sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")),
        {},
        ["C2 error_cell: The cell holds the error #DIV/0!."],
    ),
    (
        "error_in_csv",
        lambda: lines("Indicator;Period;Value", "Children enrolled;2026Q1;#REF!"),
        {},
        ["C2 error_cell: The cell holds the error #REF!."],
    ),
    ("truth", lambda: workbook((HEADINGS, (*ROW[:2], True))), {}, ["C2 not_a_number: “TRUE” is no number."]),
    (
        "date_for_number",
        lambda: workbook((HEADINGS, ROW), more=dated),
        {},
        ["C2 date_for_number: “2026-03-31” is a date, not a number."],
    ),
    (
        "serial_date",
        lambda: workbook((HEADINGS, ("Children enrolled", 46112, 5))),
        {"answers": {"header": "1"}},
        ["B2 serial_date: “46112” looks like a date that lost its format; format the column as dates."],
    ),
    (
        "too_many_digits_stored",
        lambda: workbook((HEADINGS, (*ROW[:2], 1234567890123456789))),
        {},
        ["C2 too_many_digits: “1.234567890123457e+18” has more digits than a spreadsheet keeps (15)."],
    ),
    (
        "too_many_digits_written",
        lambda: lines("Indicator;Period;Value", "Children enrolled;2026Q1;123456789012345678901234567"),
        {},
        [
            "C2 too_many_digits: “123456789012345678901234567” has more than 26 digits before or 12 after the mark."
        ],
    ),
    (
        "shortened",
        lambda: lines("Indicator;Period;Value", "Children enrolled;2026Q1;1,1E+05"),
        {},
        ["C2 shortened_number: “1,1E+05” was written short by a program; its digits are lost."],
    ),
    (
        "percents_and_numbers",
        lambda: lines("Indicator;Period;Value", "Share of women;2026Q1;33%", "Share of women;2026Q2;34"),
        {},
        [
            "asked mixed_percents percent:C: Column C has per cents and plain numbers: are these per cent (33) or 0.33?"
        ],
    ),
    (
        "merged_value",
        lambda: workbook((HEADINGS, ROW, ROW), more=lambda book, sheet: sheet.merge_range(1, 2, 2, 2, 5)),
        {},
        ["C2 merged_value: “5.0” stands in a cell merged with others; say for which one it is.", "C3 12"],
    ),
    (
        "repeated_heading",
        lambda: lines("Indicator;Period;Value;Value", "Children enrolled;2026Q1;1;2"),
        {},
        ["asked repeated_column column:D: Column D says the same as C (“Value”): what is it?"],
    ),
    (
        "unknown_heading",
        lambda: lines("Indicator;Period;Value;Zzz", "Children enrolled;2026Q1;1;2"),
        {},
        ["asked unknown_column column:D: Column D “Zzz” is not known and holds numbers: what is it?"],
    ),
    (
        "no_heading",
        lambda: lines("Children enrolled;12", "Children enrolled;13"),
        {},
        ["asked which_header header: No row reads as headings: in which row do they stand?"],
    ),
    (
        "no_values",
        lambda: lines("Indicator;Period", "Children enrolled;2026Q1"),
        {},
        ["asked no_values layout: No column holds values: which layout has the sheet?"],
    ),
    (
        "no_indicator",
        lambda: lines("Period;Value", "2026Q1;1"),
        {},
        ["asked which_indicator indicator: No column says which indicator the values are of."],
    ),
    (
        "no_period",
        lambda: lines("Indicator;Value", "Children enrolled;1"),
        {},
        ["asked which_period period: No column says for which period the values are."],
    ),
    (
        "no_year",
        lambda: lines("Indicator;T1;T2", "Children enrolled;1;2"),
        {},
        ["asked which_year period: “T1” in column B lacks its year: which one?"],
    ),
    (
        "single_dates",
        lambda: lines("Indicator;Date;Value", "Children enrolled;31.03.2026;1"),
        {},
        [
            "asked period_of_date period_of_date: The periods are given as single dates: which period does a date stand for?"
        ],
    ),
    (
        "unclear_number",
        lambda: lines("Indicator;Period;Value", "Children enrolled;2026Q1;1.100"),
        {},
        ["asked unclear_marks decimal:C: Column C: is “1.100” 1.100 or 1100?"],
    ),
    (
        "mixed_marks",
        lambda: lines(
            "Indicator;Period;Value", "Children enrolled;2026Q1;1.5", "Children enrolled;2026Q2;1,5"
        ),
        {},
        ["asked mixed_marks decimal:C: Column C has “1.5” and “1,5”: is the mark point or comma?"],
    ),
    (
        "unclear_date",
        lambda: lines("Indicator;Start;End;Value", "Children enrolled;03/04/2026;30/04/2026;1"),
        {},
        ["asked unclear_dates dates:B: Column B: is “03/04/2026” 2026-04-03 or 2026-03-04?"],
    ),
    (
        "mixed_dates",
        lambda: lines(
            "Indicator;Start;End;Value",
            "Children enrolled;13/04/2026;1/1/2027;1",
            "Children enrolled;04/13/2026;1/1/2027;1",
        ),
        {},
        ["asked mixed_dates dates:B: Column B has “13/04/2026” and “04/13/2026”: which comes first?"],
    ),
    (
        "short_year",
        lambda: lines("Indicator;Start;End;Value", "Children enrolled;01.01.26;31.03.26;1"),
        {},
        ["B2 short_year: “01.01.26” has a year of two digits; write all four."],
    ),
    (
        "wrong_way_round",
        lambda: lines("Indicator;Start;End;Value", "Children enrolled;2026-03-31;2026-01-01;1"),
        {},
        ["C2 wrong_dates: The period ends on 2026-01-01, before it starts on 2026-03-31."],
    ),
    (
        "no_such_day",
        lambda: lines("Indicator;Start;End;Value", "Children enrolled;2026-02-30;2026-03-31;1"),
        {},
        ["B2 wrong_date: “2026-02-30” is no date."],
    ),
    (
        "unknown_names",
        lambda: lines("Indicator;Period;Place;Gender;Value", "Zzz;2026Q1;Zzz;zzz;zzz"),
        {},
        [
            "A2 unknown_indicator: There is no indicator “Zzz”.",
            "C2 unknown_place: There is no place “Zzz”.",
            "D2 unknown_category: “zzz” is no category of gender.",
            "E2 not_a_number: “zzz” is no number.",
        ],
    ),
    (
        "ambiguous_name",
        lambda: lines("Indicator;Period;Value", "Twice;2026Q1;1"),
        {},
        ["A2 ambiguous_indicator: “Twice” names more than one indicator."],
    ),
    (
        "total_of_places",
        lambda: lines("Indicator;Period;Place;Value", "Children enrolled;2026Q1;Total;1"),
        {},
        ["C2 total_of_places: “Total” is no place: leave the row out, or the cell empty."],
    ),
    (
        "missing_names",
        lambda: lines("Indicator;Period;Value", ";;1", "Children enrolled;2026Q1;2"),
        {},
        [
            "A2 missing_indicator: The indicator is missing.",
            "B2 missing_period: The period is missing.",
            "C3 2",
        ],
    ),
    (
        "nul_bytes",
        lambda: b"Indicator;Period;Value\nChildren\0;2026Q1;1\n",
        {},
        ["refused nul_byte: Line 2 holds a NUL byte: this is no text."],
    ),
    (
        "control_characters",
        lambda: b"Indicator;Period;Value\nChildren\x08;2026Q1;1\n",
        {},
        ["refused control_character: Line 2 holds a control character (U+0008)."],
    ),
    (
        "control_character_in_workbook",
        lambda: with_rows(
            '<row r="3"><c r="A3" t="inlineStr"><is><t>Chil_x0008_dren</t></is></c><c r="C3"><v>1</v></c></row>'
        ),
        {},
        [
            "C2 12",
            "A3 control_character: “Chil�dren” holds a control character.",
            "B3 missing_period: The period is missing.",
        ],
    ),
    (
        "line_of_ten_megabytes",
        lambda: lines("Indicator;Period;Value", "x" * 10_000_000),
        {},
        ["refused line_too_long: Line 2 is longer than 1,048,576 characters."],
    ),
    (
        "open_quotation",
        lambda: lines("Indicator;Period;Value", '"Children enrolled;2026Q1;1', "Children enrolled;2026Q1;1"),
        {},
        [
            "refused unreadable_line: Line 2 cannot be read: a quotation mark is not closed, or stands where none may stand."
        ],
    ),
    (
        "invalid_utf8",
        lambda: lines("Indicator;Period;Value") + b"\xef\xbb\xbf\xff\xff;2026Q1;1\n",
        {},
        [
            "refused ask_encoding: Line 2 is not in UTF-8, and does not say in which encoding: name it, or save the file as UTF-8."
        ],
    ),
    (
        "invalid_utf8_after_mark",
        lambda: b"\xef\xbb\xbfIndicator;Period;Value\n\xe3opii;2026Q1;1\n",
        {},
        ["refused wrong_encoding: Line 2 holds bytes that are not UTF-8."],
    ),
    (
        "unclear_encoding",
        lambda: lines("Indicator;Period;Value", "Copii ţ;2026Q1;1", encoding="windows-1250"),
        {},
        [
            "refused ask_encoding: Line 2 is not in UTF-8, and does not say in which encoding: name it, or save the file as UTF-8."
        ],
    ),
    (
        "another_encoding",
        lambda: lines("Indicator;Period;Value", "Copii;2026Q1;1", encoding="utf-8") + b"\x9d",
        {"encoding": "windows-1252"},
        ["refused wrong_encoding: Line 3 holds bytes that are not windows-1252."],
    ),
    (
        "no_encoding",
        lambda: lines("a"),
        {"encoding": "rot13"},
        ["refused unknown_encoding: There is no encoding “rot13”."],
    ),
    (
        "utf32",
        lambda: lines("Indicator;Period;Value", encoding="utf-32"),
        {},
        ["refused unknown_encoding: The file is in UTF-32; save it as UTF-8 and try again."],
    ),
    (
        "opendocument_formula_error",
        lambda: opendocument(
            ods_row(*HEADINGS)
            + ods_row(
                "Children enrolled",
                "2026Q1",
                '<table:table-cell table:formula="of:=1/0" office:value-type="string"><text:p>#DIV/0!</text:p></table:table-cell>',
            )
        ),
        {},
        ["C2 error_cell: The cell holds the error #DIV/0!."],
    ),
    (
        "opendocument_repeated",
        lambda: opendocument(
            ods_row(*HEADINGS) + ods_row("Children enrolled", "2026Q1", ods_number("5"), repeated=3_000_000)
        ),
        {},
        ["refused too_many_rows: The sheet goes on beyond row 1,048,576; split it into several files."],
    ),
    (
        "opendocument_wide",
        lambda: opendocument(ods_row(*HEADINGS) + ods_row(ods_number("5", number_columns_repeated="16384"))),
        {},
        ["refused too_many_columns: The sheet has more than 1,024 columns."],
    ),
    (
        "unknown_answer",
        lambda: workbook(),
        {"answers": {"colour": "red"}},
        ["refused unknown_answer: Nothing asks for “colour”."],
    ),
    (
        "unknown_column_in_answer",
        lambda: workbook(),
        {"answers": {"column:Zzz": "value"}},
        ["refused unknown_answer: There is no column “Zzz”."],
    ),
)


@pytest.mark.parametrize(
    ("make", "asked", "expected"), [pytest.param(*case[1:], id=case[0]) for case in CASES]
)
def test_a_broken_file_is_refused_or_asked_about_in_one_clear_sentence(
    tmp_path: Path, make: Any, asked: dict[str, Any], expected: list[str]
) -> None:
    assert outcome(tmp_path, make(), **asked) == expected
    assert [path.name for path in tmp_path.iterdir()] == ["sheet"]


def test_every_case_has_a_name_of_its_own() -> None:
    assert len({name for name, *_ in CASES}) == len(CASES) >= 45
