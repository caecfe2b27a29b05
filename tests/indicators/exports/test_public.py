"""What leaves the house: nobody can work out a small count of people from it."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from pathlib import Path

import frictionless
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handover.disclosure import ALL, Cell, Sum, attack
from handover.disclosure.tables import Bounds
from handover.errors import Refused
from handover.models import Programme
from indicators.actions.values import Reported
from indicators.exchange.tables import protected, public_tables
from indicators.exchange.tables.public_sums import Slot
from indicators.exchange.tables.public_tables import Given, Known
from indicators.exchange.tables.rows import taking_out
from indicators.models import Indicator
from tests.factories.cast import Cast
from tests.factories.indicators import FIRST_QUARTER, SECOND_QUARTER, indicator, reported
from tests.indicators.exports.reading import places, sheet, table

YEAR = (FIRST_QUARTER[0], SECOND_QUARTER[1])


def public_csv(cast: Cast, programme: Programme) -> tuple[list[dict[str, str]], str]:
    file = io.BytesIO()
    with taking_out(cast.giver, programme.uuid) as copy:
        done = protected.write_csv(copy, file)
    return table(file.getvalue()), " ".join(done.notes)


def by_group(rows: list[dict[str, str]], name: str = "value") -> dict[tuple[str, str], str]:
    return {(row["place"], row["gender"]): row[name] for row in rows}


@pytest.fixture
def people(cast: Cast, programme: Programme) -> Indicator:
    """Give a count of people."""
    return indicator(programme, by=cast.giver, title="Pupils", unit="persons")


def test_a_small_count_is_withheld_and_so_is_what_would_give_it_away(
    cast: Cast, programme: Programme, people: Indicator
) -> None:
    reported(people, {"": 40, "women": 37, "men": 3}, by=cast.giver)

    rows, said = public_csv(cast, programme)

    assert by_group(rows) == {("", ""): "40", ("", "women"): "c", ("", "men"): "c"}
    assert "2 of 3 rows" in said
    assert "from 1 to 5" in said


def test_those_of_whom_it_is_not_known_are_not_given_away_either(
    cast: Cast, programme: Programme, people: Indicator
) -> None:
    reported(people, {"": 50, "women": 30, "men": 17}, by=cast.giver)

    rows, _ = public_csv(cast, programme)

    assert sum(row["value"] == "c" for row in rows) == 1


def test_a_total_over_groups_and_places_is_added_up_and_counts_as_public(
    cast: Cast, programme: Programme, people: Indicator
) -> None:
    where = places("1017", "54984")
    rows = [
        Reported(value=value, place=where[place], dimensions={"gender": gender})
        for place, gender, value in (
            ("RO:1017", "women", 20),
            ("RO:1017", "men", 2),
            ("RO:54984", "women", 30),
            ("RO:54984", "men", 40),
        )
    ]
    reported(people, rows, by=cast.giver)

    found, _ = public_csv(cast, programme)

    figures = by_group(found)
    assert len(figures) == 9
    assert figures["RO:1017", "men"] == "c"
    assert figures["", ""] == "92"
    assert {row["how"] for row in found if row["place"] == "" or row["gender"] == ""} == {"added up"}
    # One withheld cell a row and column would be worked out from the totals.
    hidden = {key for key, value in figures.items() if value == "c"}
    assert all(sum(place == each for each, _ in hidden) != 1 for place in ("", "RO:1017", "RO:54984"))
    assert all(sum(gender == each for _, each in hidden) != 1 for gender in ("", "women", "men"))


def test_quarters_do_not_give_away_each_other_beside_their_year(
    cast: Cast, programme: Programme, people: Indicator
) -> None:
    reported(people, {"": 43}, by=cast.giver, quarter=YEAR)
    reported(people, {"": 40}, by=cast.giver)
    reported(people, {"": 3}, by=cast.giver, quarter=SECOND_QUARTER)

    rows, _ = public_csv(cast, programme)

    assert sum(row["value"] == "c" for row in rows) >= 2


def test_a_share_is_withheld_where_its_parts_are_and_where_the_others_are_few(
    cast: Cast, programme: Programme
) -> None:
    share = indicator(programme, by=cast.giver, measure="2", counting_rule="distinct_persons", unit="persons")
    reported(share, [Reported(value="96", numerator=48, denominator=50)], by=cast.giver)
    reported(
        share, [Reported(value="50", numerator=40, denominator=80)], by=cast.giver, quarter=SECOND_QUARTER
    )
    reported(share, [Reported(value="12")], by=cast.giver, quarter=YEAR)

    rows, _ = public_csv(cast, programme)

    by_days = {(row["start"], row["end"]): row for row in rows}
    few, many, year = (
        by_days[first.isoformat(), last.isoformat()] for first, last in (FIRST_QUARTER, SECOND_QUARTER, YEAR)
    )
    assert few["value"] == "c"
    assert "c" in (few["numerator"], few["denominator"])
    assert (many["value"], many["numerator"], many["denominator"]) == ("50", "40", "80")
    assert year["value"] == "c"


def test_what_counts_no_people_is_published_and_words_and_comments_are_left_out(
    cast: Cast, programme: Programme
) -> None:
    meetings = indicator(programme, by=cast.giver, title="Meetings", unit="meetings", counting_rule="none")
    words = indicator(programme, by=cast.giver, measure="5", counting_rule="none")
    reported(meetings, [Reported(value=2, comment="A comment")], by=cast.giver)
    reported(words, {"": "What somebody said"}, by=cast.giver)

    rows, said = public_csv(cast, programme)

    assert [(row["title"], row["value"]) for row in rows] == [("Meetings", "2")]
    assert {"comment", "source", "revision", "reason"}.isdisjoint(rows[0])
    assert "1 values in words are left out" in said


def test_the_threshold_is_the_stewards(cast: Cast, programme: Programme, people: Indicator) -> None:
    reported(people, {"": 400, "women": 388, "men": 12}, by=cast.giver)

    assert "c" not in by_group(public_csv(cast, programme)[0]).values()
    with taking_out(cast.giver, programme.uuid) as copy:
        copy.programme.steward.small_cells_up_to = 20
        assert protected.public(copy).withheld == 2


def test_nothing_is_published_where_parts_are_more_than_their_total(
    cast: Cast, programme: Programme, people: Indicator, tmp_path: Path
) -> None:
    reported(people, {"": 40, "women": 37, "men": 6}, by=cast.giver)

    with pytest.raises(Refused, match=r"“Pupils” cannot be published: .* 3 more than it") as caught:
        public_csv(cast, programme)
    with pytest.raises(Refused), taking_out(cast.giver, programme.uuid) as copy:
        protected.write_workbook(copy, tmp_path / "out.xlsx")

    assert caught.value.code == "public_table_refused"
    assert not list(tmp_path.iterdir())


def test_half_a_person_is_never_published(cast: Cast, programme: Programme, people: Indicator) -> None:
    reported(people, {"": "12.5"}, by=cast.giver)

    with pytest.raises(Refused, match="no count of people"):
        public_csv(cast, programme)


def test_the_workbook_has_a_table_for_each_indicator(
    cast: Cast, programme: Programme, people: Indicator, tmp_path: Path
) -> None:
    reported(people, {"": 40, "women": 37, "men": 3}, by=cast.giver)

    with taking_out(cast.giver, programme.uuid) as copy:
        done = protected.write_workbook(copy, tmp_path / "out.xlsx")

    crossed = sheet(tmp_path / "out.xlsx", "1")
    assert crossed[0][0] == "Pupils"
    assert [row[1:] for row in crossed[1:]] == [
        ["group", "2024-01-01/2024-03-31"],
        ["everybody", 40.0],
        ["men", "c"],
        ["women", "c"],
    ]
    about = [row for row in sheet(tmp_path / "out.xlsx", "About") if row[0] == "Note"]
    assert any("2 of 3 rows" in row[1] for row in about)
    assert not any(
        "Manager of giver" in str(cell) for row in sheet(tmp_path / "out.xlsx", "About") for cell in row
    )
    assert done.withheld == 2


def test_other_peoples_software_accepts_the_public_package(
    cast: Cast, programme: Programme, people: Indicator, tmp_path: Path
) -> None:
    reported(people, {"": 40, "women": 37, "men": 3}, by=cast.giver)

    with taking_out(cast.giver, programme.uuid) as copy:
        protected.write_package(copy, tmp_path / "out")

    report = frictionless.Package(str(tmp_path / "out" / "datapackage.json")).validate()
    assert [error for task in report.tasks for error in task.errors] == report.errors == []
    descriptor = json.loads((tmp_path / "out" / "datapackage.json").read_text())
    assert "2 of 3 rows" in descriptor["description"]
    assert {item["name"] for item in descriptor["resources"]} == {"values", "indicators"}


PLACES = ("RO:1", "RO:2", "RO:3")
GROUPS = ("gender=men", "gender=women")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(counts=st.lists(st.integers(0, 12), min_size=6, max_size=6))
def test_no_reader_can_pin_down_a_small_count(counts: list[int]) -> None:
    slots = [Slot("2024", place, group) for place in PLACES for group in GROUPS]
    said = dict(zip(slots, counts, strict=True))
    made = Indicator(measure="1", counting_rule="new_entrants", unit="persons", aggregation_status="1")

    figures = public_tables.protected(
        made,
        {slot: Given(Decimal(count), None, None) for slot, count in said.items()},
        known=Known({}, {}),
        threshold=5,
    )

    # Everything that agrees with what is published, by trying: another table must give each small count room.
    shown = {slot: None if item.value == "c" else int(item.value) for slot, item in figures.items()}
    assert len(shown) == 12
    for slot, count in said.items():
        if 0 < count <= 5:
            assert shown[slot] is None
            assert widest(shown, slot) >= 5


def widest(shown: dict[Slot, int | None], at: Slot) -> int:
    """Give how far apart the values of a cell can lie for a reader: by linear programming over the published sums."""

    def name(slot: Slot) -> Cell:
        return slot.place or ALL, slot.cell or ALL

    bounds: Bounds = {
        name(slot): (0, None) if value is None else (value, value) for slot, value in shown.items()
    }
    sums = [Sum((place, ALL), tuple((place, group) for group in GROUPS)) for place in (*PLACES, ALL)]
    sums += [Sum((ALL, group), tuple((place, group) for place in PLACES)) for group in (*GROUPS, ALL)]
    low, high = attack(bounds, sums)[name(at)]
    return 10**9 if high is None else high - low
