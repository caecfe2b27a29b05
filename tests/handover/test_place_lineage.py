"""Where a figure of a former place counts today: shares are carried on, and add up to one whatever happened."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.actions import places
from handover.models import Place, PlaceLineage
from handover.models.guard import writing
from handover.queries.place_lineage import Became, events_of, shares_today
from tests.factories.organisations import OPERATOR

A, B, C, D = 1, 2, 3, 4


def became(former: int, year: int, *shares: tuple[int, str]) -> Became:
    return Became(former, dt.date(year, 7, 1), [(heir, Fraction(part)) for heir, part in shares])


def test_a_merged_place_counts_under_its_successor_and_that_ones() -> None:
    events = [became(A, 2025, (B, "1")), became(B, 2030, (C, "1"))]
    assert shares_today(A, 2020, events) == {C: 1}
    assert shares_today(B, 2035, events) == {C: 1}


def test_a_divided_place_counts_among_those_that_it_became() -> None:
    events = [became(A, 2025, (B, "2/3"), (C, "1/3")), became(C, 2030, (D, "1"))]
    assert shares_today(A, 2020, events) == {B: Fraction(2, 3), D: Fraction(1, 3)}


def test_who_kept_a_part_shares_what_came_before_and_keeps_what_came_after() -> None:
    events = [became(A, 2025, (A, "3/4"), (B, "1/4"))]
    assert shares_today(A, 2024, events) == {A: Fraction(3, 4), B: Fraction(1, 4)}
    assert shares_today(A, 2025, events) == {A: 1}


def test_what_was_divided_and_came_together_again_is_one() -> None:
    events = [became(A, 2025, (B, "1/2"), (C, "1/2")), became(B, 2026, (D, "1")), became(C, 2026, (D, "1"))]
    assert shares_today(A, 2020, events) == {D: 1}


def test_a_place_that_never_changed_is_itself() -> None:
    assert shares_today(A, 2024, [became(B, 2025, (C, "1"))]) == {A: 1}


@st.composite
def histories(draw: st.DrawFn) -> list[Became]:
    """Draw what became of a few places, in order of time."""
    events = []
    for year in range(2001, 2001 + draw(st.integers(0, 6))):
        former = draw(st.integers(1, 6))
        heirs = draw(st.lists(st.integers(1, 6), min_size=1, max_size=4, unique=True))
        if heirs == [former]:
            continue
        weights = draw(st.lists(st.integers(1, 9), min_size=len(heirs), max_size=len(heirs)))
        shares = [(heir, Fraction(weight, sum(weights))) for heir, weight in zip(heirs, weights, strict=True)]
        events.append(Became(former, dt.date(year, 1, 1), shares))
    return events


@given(histories(), st.integers(1, 6), st.integers(1999, 2010))
def test_shares_add_up_to_one_whatever_happened(events: list[Became], place: int, year: int) -> None:
    found = shares_today(place, year, events)
    assert sum(found.values()) == 1
    assert all(share > 0 for share in found.values())


@pytest.mark.django_db
def test_events_are_read_over_generations_in_order_of_time() -> None:
    made: list[Place] = [
        places.add_unit(by=OPERATOR, country="RO", nuts3="RO999", code=code, name=code)
        for code in ("1", "2", "3", "4")
    ]
    one, two, three, four = made
    with writing():
        for former, successor, year, parts in (
            (two, four, 2030, 1),
            (one, two, 2025, 2),
            (one, three, 2025, 2),
        ):
            PlaceLineage.objects.create(
                former=former,
                successor=successor,
                on=dt.date(year, 1, 1),
                numerator=1,
                denominator=parts,
                source="Law 1",
            )
    events = events_of([one.pk])
    assert [(event.former, event.on.year, len(event.shares)) for event in events] == [
        (one.pk, 2025, 2),
        (two.pk, 2030, 1),
    ]
    assert shares_today(one.pk, 2020, events) == {four.pk: Fraction(1, 2), three.pk: Fraction(1, 2)}
