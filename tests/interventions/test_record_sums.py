"""What records of the work add up to, by period; and periods as they are written."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handover.access import asking
from handover.errors import Invalid
from handover.models import Programme
from interventions.actions import records
from interventions.models import Support
from interventions.queries import feeding, periods
from interventions.queries import records as told
from interventions.queries.record_kinds import KINDS, How, Kind
from tests.factories import interventions as make
from tests.factories.cast import Cast
from tests.factories.records import entered, support

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-h2", "2024-07-01", "2024-12-31"),
        ("2024-Q4", "2024-10-01", "2024-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("9999-12", "9999-12-01", "9999-12-31"),
        ("2024-02-03..2024-02-05", "2024-02-03", "2024-02-05"),
    ],
)
def test_a_period_is_read_as_it_is_written(text: str, first: str, last: str) -> None:
    found = periods.named(text)
    assert tuple(map(str, found)) == (first, last)
    assert periods.named(periods.label(*found)) == found


@pytest.mark.parametrize(
    "text", ["", "soon", "2024-13", "2024-00", "0000", "2024-Q5", "2024-02-30..2024-03-01", "24"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        periods.named(text)
    assert refusal.value.code == "wrong_period"


def test_amounts_in_different_units_stay_apart(programme: Programme, cast: Cast) -> None:
    work = make.intervention(programme, by=cast.giver)
    support(programme, by=cast.giver, intervention=work.uuid, quantity="10", unit="parcels", children=1)
    support(programme, by=cast.giver, intervention=work.uuid, quantity="2.5", unit="tonnes", children=2)

    with asking(cast.giver):
        (found,) = told.sums(programme, "support", by="year")

    assert found.values["quantity (parcels)"] == 10
    assert found.values["quantity (tonnes)"] == Decimal("2.5")
    assert (found.values["children"], found.values["families"]) == (Decimal(3), None)


def test_sums_are_split_by_what_records_are_sorted_by(programme: Programme, cast: Cast) -> None:
    food = make.intervention(programme, by=cast.giver, title="Food")
    support(programme, by=cast.giver, intervention=food.uuid, kind="food", children=2)
    support(programme, by=cast.giver, intervention=food.uuid, kind="heating", children=3)

    with asking(cast.giver):
        found = told.sums(
            programme, "support", split=["kind", "intervention"], filters={"kind": "food, heating"}
        )
        with pytest.raises(Invalid, match="intervention") as refusal:
            told.sums(programme, "support", split=["colour"])
        with pytest.raises(Invalid) as no_sums:
            told.sums(programme, "authority")

    assert [(item.group, item.values["people"]) for item in found] == [
        ({"kind": "food", "intervention": "Food"}, Decimal(2)),
        ({"kind": "heating", "intervention": "Food"}, Decimal(3)),
    ]
    assert (refusal.value.code, no_sums.value.code) == ("unknown_field", "no_sums")


def test_what_is_pending_is_never_added_up_over_time(programme: Programme, cast: Cast) -> None:
    work = make.intervention(programme, by=cast.giver)
    for month, pending in ((1, 5), (2, 7)):
        for kind in ("police", "eviction"):
            entered(
                programme,
                "complaints",
                by=cast.giver,
                intervention=work.uuid,
                kind=kind,
                reported=2,
                pending=pending,
                starts_on=f"2024-0{month}-01",
                ends_on=f"2024-0{month}-28",
            )

    with asking(cast.giver):
        (found,) = told.sums(programme, "complaints")

    assert (found.values["reported"], found.values["pending"]) == (Decimal(8), Decimal(14))


DAYS = st.dates(dt.date(2022, 1, 1), dt.date(2023, 12, 31))
SPANS = st.tuples(DAYS, DAYS).map(lambda pair: (min(pair), max(pair)))
COUNTS = st.tuples(st.integers(0, 50), st.integers(0, 50), st.none() | st.integers(0, 9))


@settings(max_examples=7, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    found=st.lists(st.tuples(SPANS, COUNTS), max_size=6),
    by=st.sampled_from(list(periods.MONTHS)),
    asked=SPANS,
)
def test_sums_by_period_hold_every_record_once(
    programme: Programme,
    cast: Cast,
    found: list[tuple[tuple[dt.date, dt.date], tuple[int, int, int | None]]],
    by: str,
    asked: tuple[dt.date, dt.date],
) -> None:
    made = []
    for (first, last), (children, adults, families) in found:
        # Each of its own intervention, so that none is the same as another.
        row = support(
            programme,
            by=cast.giver,
            starts_on=first,
            ends_on=last,
            children=children,
            adults=adults,
            families=families,
        )
        made.append(row)
    kind: Kind = KINDS["support"]
    with asking(cast.giver):
        sums = told.sums(programme, "support", by=by)
        counted = feeding.tally(kind, "people", feeding.rows(programme, kind), *asked)
    for row in made:
        records.withdraw(by=cast.giver, record="support", record_uuid=row.uuid, version=1, reason="Next")

    assert sum(item.rows for item in sums) == len(made)
    assert sum(item.values["people"] or 0 for item in sums) == sum(row.children + row.adults for row in made)
    assert sum(item.values["families"] or 0 for item in sums) == sum(row.families or 0 for row in made)
    for item in sums:
        assert item.rows == sum(
            item.first <= row.starts_on and row.ends_on <= item.last for row in made if _of(by, row, item)
        )
    inside = [row for row in made if asked[0] <= row.starts_on and row.ends_on <= asked[1]]
    across = [
        row for row in made if row not in inside and row.starts_on <= asked[1] and asked[0] <= row.ends_on
    ]
    assert sorted(row.uuid for row in counted.counted) == sorted(row.uuid for row in inside)
    assert sorted(row.uuid for row in counted.across) == sorted(row.uuid for row in across)
    assert (counted.value or 0) == sum(row.children + row.adults for row in inside)


def _of(by: str, row: Support, item: told.Sum) -> bool:
    return periods.spanning(by, row.starts_on, row.ends_on)[0] == item.label


def test_only_standing_measures_have_no_sums() -> None:
    for kind in KINDS.values():
        standing = [measure.how is How.STANDING for measure in kind.measures.values()]
        assert kind.dated is bool(standing and not all(standing))
