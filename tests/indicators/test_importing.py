"""Values from a file: all of them or none, and everything that is wrong at once, by its line."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover.access import Operator, asking
from handover.actions import places
from handover.errors import Invalid, NotFound
from handover.models import LedgerEntry, Programme
from indicators.actions import values
from indicators.actions.imports import Outcome
from indicators.models import Period, Value
from tests.factories.cast import Cast
from tests.factories.indicators import csv_of, indicator

pytestmark = pytest.mark.django_db

HEADER = "indicator,start,end,place,gender,age,value,numerator,denominator"


def _import(cast: Cast, programme: Programme, lines: Sequence[str], **names: Any) -> Outcome:
    return values.import_csv(
        by=cast.giver_reporter, programme_uuid=programme.uuid, lines=[f"{line}\n" for line in lines], **names
    )


def _problems(cast: Cast, programme: Programme, lines: Sequence[str], **names: Any) -> list[tuple[int, str]]:
    with asking(cast.giver):
        before = (Value.objects.count(), Period.objects.count(), LedgerEntry.objects.count())
    with pytest.raises(Invalid) as refused:
        _import(cast, programme, lines, **names)
    with asking(cast.giver):
        assert (Value.objects.count(), Period.objects.count(), LedgerEntry.objects.count()) == before
    return [(item["line"], item["code"]) for item in refused.value.details["problems"]]  # type: ignore[attr-defined]


def test_a_file_comes_in_with_its_names_resolved(cast: Cast, programme: Programme) -> None:
    home = places.add_unit(by=Operator(), country="RO", nuts3="RO999", code="999999", name="A place")
    pupils = indicator(programme, by=cast.giver)
    share = indicator(programme, by=cast.giver, measure="2", counting_rule="none")
    batch = _import(
        cast,
        programme,
        [
            HEADER,
            "pupils,2024-01-01,2024-03-31,home,women,adults,41,,",
            f"{pupils.uuid},2024-01-01,2024-03-31,RO:999999,men,,37,,",
            f"share,2024-01-01,2024-03-31,{home.uuid},,,33.3,1,3",
            "share,2024-04-01,2024-06-30,,,,50,1,2",
        ],
        indicators={"pupils": pupils.uuid, "share": share.uuid},
        places={"home": home.uuid},
    )
    with asking(cast.giver):
        found = list(
            Value.objects.order_by("id").values_list(
                "indicator", "place", "cell", "value_text", "numerator", "denominator"
            )
        )
        dimensions = list(Value.objects.order_by("id").values_list("dimensions", flat=True))
    assert batch.count == 4
    assert found == [
        (pupils.pk, home.pk, "age=adults|gender=women", "41", None, None),
        (pupils.pk, home.pk, "gender=men", "37", None, None),
        (share.pk, home.pk, "", "33.3", 1, 3),
        (share.pk, None, "", "50", 1, 2),
    ]
    assert dimensions[0] == [{"name": "gender", "value": "women"}, {"name": "age", "value": "adults"}]


def test_everything_that_is_wrong_is_named_by_its_line(cast: Cast, programme: Programme) -> None:
    share = indicator(programme, by=cast.giver, measure="2", counting_rule="none")
    lines = [
        HEADER,
        "share,2024-01-01,2024-03-31,,,,50,1,2",
        "nobody,2024-01-01,2024-03-31,,women,,1,,",
        "share,2024-01-01,2024-02-30,,women,,1,,",
        "share,2024-03-31,2024-01-01,,women,,1,,",
        "share,2024-01-01,2024-03-31,nowhere,women,,1,,",
        'share,2024-01-01,2024-03-31,,women,,"1,5",,',
        "share,2024-01-01,2024-03-31,,men,,,,",
        "share,2024-01-01,2024-03-31,,men,,50,1,",
        "share,2024-01-01,2024-03-31,,men,,50,one,2",
        "share,2024-01-01,2024-03-31,,men,,50,0,0",
        "share,2024-01-01,2024-03-31,,men,,51,1,2",
        "share,2024-01-01,2024-03-31,,,,60,3,5",
        "nobody,01.01.2024,2024-03-31,nowhere,women,,1,,",
    ]
    assert _problems(cast, programme, lines, indicators={"share": share.uuid}) == [
        (2, "repeated"),
        (3, "unknown_indicator"),
        (4, "wrong_dates"),
        (5, "wrong_dates"),
        (6, "unknown_place"),
        (7, "not_a_number"),
        (8, "not_a_number"),
        (9, "half_a_share"),
        (10, "not_a_number"),
        (11, "share_of_nothing"),
        (12, "another_share"),
        (13, "repeated"),
        (14, "unknown_indicator"),
        (14, "unknown_place"),
        (14, "wrong_dates"),
    ]


def test_a_share_of_an_empty_group_has_no_value(cast: Cast, programme: Programme) -> None:
    share = indicator(programme, by=cast.giver, measure="2", counting_rule="none")
    _import(cast, programme, [HEADER, f"{share.uuid},2024-01-01,2024-03-31,,non-binary,,,0,0"])
    with asking(cast.giver):
        found = list(Value.objects.values_list("value", "value_text", "numerator", "denominator"))
    assert found == [(None, None, Decimal(0), Decimal(0))]


def test_lines_are_counted_as_an_editor_counts_them(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver, measure="5", counting_rule="none")
    lines = [
        "indicator,start,end,value",
        f'{of.uuid},2024-01-01,2024-03-31,"A text',
        "of three",
        'lines"',
        f"{of.uuid},2024-04-01,2024-13-31,late",
    ]
    assert _problems(cast, programme, lines) == [(5, "wrong_dates")]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (["indicator,start,end"], (1, "missing_column")),
        (["indicator,start,end,value,palce"], (1, "unknown_column")),
        (["indicator,start,end,value,value"], (1, "repeated_column")),
        ([], (1, "missing_column")),
        (["indicator,start,end,value", "a,b"], (2, "unreadable_line")),
        (["indicator,start,end,value", "a,b,c,1,2"], (2, "unreadable_line")),
        (
            ["indicator,start,end,value", "a,2024-01-01,2024-01-31,1", "", "b,2024-01-01,2024-01-31,1"],
            (3, "unreadable_line"),
        ),
        (["indicator,start,end,value", 'a,b,c,"1'], (2, "unreadable_line")),
        (["indicator,start,end,value", "a,b,c,\x00"], (2, "unreadable_line")),
    ],
)
def test_a_file_that_is_no_csv_of_these_columns_is_refused(
    cast: Cast, programme: Programme, lines: list[str], problem: tuple[int, str]
) -> None:
    assert _problems(cast, programme, lines) == [problem]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_line_that_would_end_the_copy_is_refused_with_its_number(
    cast: Cast, programme: Programme, end: str
) -> None:
    pupils = indicator(programme, by=cast.giver)
    row = f"{pupils.uuid},2024-01-01,2024-03-31,5"
    lines = ["indicator,start,end,value", row, "\\.", row.replace("2024", "2023")]
    with pytest.raises(Invalid) as refused:
        values.import_csv(
            by=cast.giver_reporter, programme_uuid=programme.uuid, lines=[line + end for line in lines]
        )
    assert "Line 3" in refused.value.sentence
    assert refused.value.details["problems"][0]["line"] == 3  # type: ignore[index]
    with asking(cast.giver):
        assert not Value.objects.exists()


def test_an_empty_file_is_refused(cast: Cast, programme: Programme) -> None:
    with pytest.raises(Invalid, match="no values"):
        _import(cast, programme, ["indicator,start,end,value"])


def test_files_of_spreadsheets_come_in_too(cast: Cast, programme: Programme) -> None:
    """A byte order mark, semicolons, Windows line ends, columns in another order, blank lines at the end."""
    of = indicator(programme, by=cast.giver)
    lines = [
        "\ufeffvalue;end;start;gender;indicator\r\n",
        f"41;2024-03-31;2024-01-01;women;{of.uuid}\r\n",
        "\r\n",
    ]
    values.import_csv(by=cast.giver_reporter, programme_uuid=programme.uuid, lines=lines)
    with asking(cast.giver):
        assert list(Value.objects.values_list("cell", "value")) == [("gender=women", Decimal(41))]


def test_columns_of_other_dimensions_are_named_by_the_caller(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    lines = ["indicator,start,end,school|kind,value", f"{of.uuid},2024-01-01,2024-03-31,a=b,41"]
    _import(cast, programme, lines, dimensions=["school|kind"])
    with asking(cast.giver):
        (row,) = Value.objects.all()
    assert (row.cell, row.dimensions) == (r"school\|kind=a\=b", [{"name": "school|kind", "value": "a=b"}])


def test_an_import_takes_the_same_number_of_statements_however_many_values_it_has(
    cast: Cast, programme: Programme
) -> None:
    counts = []
    for size in (2, 2500):
        of = indicator(programme, by=cast.giver)
        with CaptureQueriesContext(connection) as seen:
            values.import_csv(by=cast.giver_reporter, programme_uuid=programme.uuid, lines=csv_of(of, size))
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_another_programmes_indicator_means_nothing_in_a_file(cast: Cast, programme: Programme) -> None:
    from tests.factories.programmes import programme as another

    foreign = another(cast.giver)
    of = indicator(foreign, by=cast.giver)
    assert _problems(cast, programme, [line.rstrip() for line in csv_of(of, 1)]) == [(2, "unknown_indicator")]


def test_another_tenants_programme_does_not_exist(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    with pytest.raises(NotFound):
        values.import_csv(by=cast.stranger, programme_uuid=programme.uuid, lines=csv_of(of, 1))
