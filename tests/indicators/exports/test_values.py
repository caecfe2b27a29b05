"""Values taken out as CSV: complete, in one order, and equal when they come in again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

import pytest

from handover import clock
from handover.access import asking
from handover.actions import standings
from handover.errors import Invalid, NotAllowed, NotFound
from handover.models import Programme
from handover.permissions import StandingKind
from indicators.actions import values
from indicators.actions.values import Reported
from indicators.exchange.tables.rows import taking_out
from indicators.models import Indicator, Value
from indicators.queries import export_rows
from tests.factories.cast import Cast
from tests.factories.indicators import SECOND_QUARTER, indicator, reported
from tests.factories.indicators import csv_of as lines_of
from tests.factories.programmes import programme as another_programme
from tests.indicators.exports.reading import csv_of, former_steward, importable, places, table


def test_the_columns_that_an_import_reads_come_first(cast: Cast, programme: Programme) -> None:
    counted = indicator(programme, by=cast.giver, title="Pupils", unit="persons")
    reported(counted, {"women": 12}, by=cast.giver)

    (row,) = table(csv_of(cast.giver, programme))

    assert row == {
        "indicator": str(counted.uuid),
        "start": "2024-01-01",
        "end": "2024-03-31",
        "place": "",
        "gender": "women",
        "value": "12",
        "numerator": "",
        "denominator": "",
        "comment": "",
        "revision": "1",
        "title": "Pupils",
        "result": "Children learn",
        "measure": "unit",
        "unit": "persons",
    }
    assert list(row)[:10] == [
        "indicator", "start", "end", "place", "gender", "value", "numerator", "denominator", "comment", "revision",
    ]  # fmt: skip


def test_the_file_says_that_it_is_utf_8_and_has_a_line_for_each_value(
    cast: Cast, programme: Programme
) -> None:
    counted = indicator(programme, by=cast.giver, title="Școlari și învățători, ąžuolas")
    reported(counted, {"": 3}, by=cast.giver)

    written = csv_of(cast.giver, programme)

    assert written.startswith(b"\xef\xbb\xbfindicator,start,end,place,value,")
    assert written.count(b"\r\n") == 2
    assert table(written)[0]["title"] == "Școlari și învățători, ąžuolas"


def test_only_the_last_revision_of_a_value_comes_out(cast: Cast, programme: Programme) -> None:
    counted = indicator(programme, by=cast.giver)
    reported(counted, {"": 10}, by=cast.giver)
    with asking(cast.giver):
        first = Value.objects.get(programme=programme).uuid
    values.correct(by=cast.giver, value_uuid=first, value=11, reason="A class was missed.")

    (row,) = table(csv_of(cast.giver, programme))

    assert (row["value"], row["revision"]) == ("11", "2")


def test_an_empty_programme_gives_headings_and_no_rows(cast: Cast, programme: Programme) -> None:
    assert csv_of(cast.giver, programme).decode("utf-8-sig") == (
        "indicator,start,end,place,value,numerator,denominator,comment,revision,title,result,measure,unit\r\n"
    )


def test_no_digit_is_lost(cast: Cast, programme: Programme) -> None:
    counted = indicator(programme, by=cast.giver, counting_rule="none")
    exact = "12345678901234567890123456.123456789012"
    reported(counted, {"": exact, "women": "-0.000000000001"}, by=cast.giver)

    assert [row["value"] for row in table(csv_of(cast.giver, programme))] == [exact, "-0.000000000001"]


def _everything(by: Cast, programme: Programme) -> Mapping[str, Indicator]:
    """Report counts, shares, words and negative numbers, some of them corrected."""
    counted = indicator(programme, by=by.giver, title="Pupils")
    share = indicator(programme, by=by.giver, title="In work", measure="2", counting_rule="distinct_persons")
    change = indicator(programme, by=by.giver, title="Change of budget", counting_rule="none")
    words = indicator(programme, by=by.giver, title="What people say", measure="5", counting_rule="none")
    reported(counted, {"": 31, "women": 20, "men": 11}, by=by.giver)
    reported(counted, {"": "7"}, by=by.giver, quarter=SECOND_QUARTER)
    reported(share, [Reported(value="33.3", numerator=1, denominator=3)], by=by.giver)
    reported(share, [Reported(value=None, numerator=0, denominator=0)], by=by.giver, quarter=SECOND_QUARTER)
    reported(change, {"": Decimal("-12.50")}, by=by.giver)
    reported(words, {"": "=SUM(A1:A9), they say"}, by=by.giver)
    return {str(item.uuid): item for item in (counted, share, change, words)}


def test_what_was_exported_comes_in_equal_elsewhere(cast: Cast, programme: Programme) -> None:
    _everything(cast, programme)
    elsewhere = another_programme(cast.giver)
    first = csv_of(cast.giver, programme)
    names = ["indicator", "start", "end", "place", "gender", "value", "numerator", "denominator"]
    originals = {row["indicator"]: row for row in table(first)}
    codes = {"unit": "1", "percentage": "2", "qualitative": "5"}
    same = {
        key: indicator(
            elsewhere,
            by=cast.giver,
            title=row["title"],
            measure=codes[row["measure"]],
            counting_rule="distinct_persons" if row["measure"] == "percentage" else "none",
        ).uuid
        for key, row in originals.items()
    }

    values.import_csv(
        by=cast.giver, programme_uuid=elsewhere.uuid, lines=importable(first, names), indicators=same
    )

    second = table(csv_of(cast.giver, elsewhere))
    assert [{name: row[name] for name in names[1:]} for row in second] == [
        {name: row[name] for name in names[1:]} for row in table(first)
    ]
    assert [row["indicator"] for row in second] == [str(same[row["indicator"]]) for row in table(first)]


def test_the_same_state_gives_the_same_bytes(cast: Cast, programme: Programme) -> None:
    _everything(cast, programme)
    with clock.at(clock.now().replace(year=2025)):
        later = csv_of(cast.giver, programme)

    assert csv_of(cast.giver, programme) == later


def test_one_indicator_is_named_by_uuid_or_title(cast: Cast, programme: Programme) -> None:
    share = next(item for item in _everything(cast, programme).values() if item.measure == "2")

    for name in ("in work", share.uuid):
        assert {row["title"] for row in table(csv_of(cast.giver, programme, indicators=[name]))} == {
            "In work"
        }
    with pytest.raises(Invalid, match="no indicator “In play”"):
        csv_of(cast.giver, programme, indicators=["In play"])


def test_an_axis_named_like_a_column_is_told_apart(cast: Cast, programme: Programme) -> None:
    counted = indicator(programme, by=cast.giver)
    row = Reported(value=4, dimensions={"value": "high", "=1+1": "x"})
    reported(counted, [row], by=cast.giver)

    (line,) = table(csv_of(cast.giver, programme))

    assert (line["dimension=value"], line["=1+1"], line["value"]) == ("high", "x", "4")


def test_values_that_columns_cannot_name_are_told_apart_by_others(cast: Cast, programme: Programme) -> None:
    counted = indicator(programme, by=cast.giver)
    twice = [{"name": "gender", "value": "women"}, {"name": "gender", "value": "girls"}]
    rows = [
        Reported(value=1),
        Reported(value=2, position=1),
        Reported(value=3, dimensions=twice),  # type: ignore[arg-type]
    ]
    reported(counted, rows, by=cast.giver)

    lines = table(csv_of(cast.giver, programme))

    assert [(line["value"], line["position"], line["cell"]) for line in lines] == [
        ("1", "", ""),
        ("2", "1", ""),
        ("3", "", "gender=girls|gender=women"),
    ]


def test_a_comment_in_several_languages_comes_out_in_the_default_one(
    cast: Cast, programme: Programme
) -> None:
    counted = indicator(programme, by=cast.giver)
    said = [{"lang": "ro", "text": "Trei clase"}, {"lang": "en", "text": "Three classes"}]
    reported(counted, [Reported(value=1, comment=said)], by=cast.giver)  # type: ignore[arg-type]

    assert table(csv_of(cast.giver, programme))[0]["comment"] == "Three classes"


def test_another_tenant_finds_nothing_and_a_reporter_may_not_take_anything_out(
    cast: Cast, programme: Programme
) -> None:
    _everything(cast, programme)

    with pytest.raises(NotFound):
        csv_of(cast.stranger, programme)
    with pytest.raises(NotAllowed) as caught:
        csv_of(cast.giver_reporter, programme)
    assert caught.value.code == "not_allowed"


def test_a_former_steward_gets_what_was_recorded_up_to_its_cut_off(cast: Cast, programme: Programme) -> None:
    counted = indicator(programme, by=cast.giver)
    reported(counted, {"": 10}, by=cast.giver)
    former = former_steward(cast, programme, cutoff=clock.now())
    with clock.at(clock.now() + dt.timedelta(days=1)):
        with asking(cast.giver):
            first = Value.objects.get(programme=programme).uuid
        values.correct(by=cast.giver, value_uuid=first, value=11, reason="A class was missed.")
        reported(counted, {"": 99}, by=cast.giver, quarter=SECOND_QUARTER)

        assert [(row["value"], row["revision"]) for row in table(csv_of(former, programme))] == [("10", "1")]
        assert len(table(csv_of(cast.giver, programme))) == 2


def test_places_are_named_by_country_and_code_and_stand_in_their_order(
    cast: Cast, programme: Programme
) -> None:
    counted = indicator(programme, by=cast.giver)
    where = places("54984", "1017")
    reported(
        counted,
        [
            Reported(value=5),
            *(Reported(value=number, place=uuid) for number, uuid in enumerate(where.values())),
        ],
        by=cast.giver,
    )

    assert [row["place"] for row in table(csv_of(cast.giver, programme))] == ["", "RO:1017", "RO:54984"]


def test_values_are_read_in_pieces_and_asked_for_each_time(
    cast: Cast, programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = indicator(programme, by=cast.giver)
    values.import_csv(by=cast.giver, programme_uuid=programme.uuid, lines=lines_of(counted, 7))
    monkeypatch.setattr(export_rows.stream, "__kwdefaults__", {"sources": False, "piece": 3})
    steps: list[tuple[int, int | None]] = []

    def note(done: int, total: int | None = None, phase: str = "") -> None:
        steps.append((done, total))

    with taking_out(cast.giver, programme.uuid, progress=note) as copy:
        assert len(list(copy.rows())) == 7
    assert steps == [(3, 7), (6, 7), (7, 7)]

    with taking_out(cast.donor, programme.uuid) as copy:
        rows = copy.rows()
        next(rows)
        standings.dismiss(
            by=cast.giver,
            programme_uuid=programme.uuid,
            organisation=cast.donor.organisation,
            kind=StandingKind.DONOR,
            reason="The grant ended.",
        )
        with pytest.raises(NotFound):
            list(rows)
