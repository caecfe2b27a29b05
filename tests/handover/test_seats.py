"""Seats of a community: roles, how they were filled, since when; never a name."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from handover.access import asking
from handover.actions import seats
from handover.errors import Invalid, NotAllowed, NotFound, Stale
from handover.models import Community, CommunitySeat, LedgerEntry, Programme
from handover.models.voices import SeatRole
from handover.queries import vote_words
from tests.factories import voices as make
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db

SINCE = dt.date(2024, 4, 8)


@pytest.fixture
def hill(cast: Cast, programme: Programme) -> Community:
    """Give a community that the programme serves."""
    return make.community(programme, by=cast.giver)


def filled(hill: Community, cast: Cast, **said: Any) -> CommunitySeat:
    entry = {"role": SeatRole.REPRESENTATIVE, "chosen_by": "an assembly", "starts_on": SINCE, **said}
    return seats.fill(by=cast.community, community_uuid=hill.uuid, **entry)


def test_a_community_fills_its_seats_and_says_how(hill: Community, programme: Programme, cast: Cast) -> None:
    seat = filled(hill, cast, seats=3, organisation=cast.community.organisation.uuid)

    with asking(cast.auditor):
        assert list(vote_words.lines(programme)) == [
            "Seats of the communities: 3",
            "  3 × elected or named representative, Community of the Hill: filled by an assembly",
        ]
        assert LedgerEntry.objects.filter(body__contains=str(seat.uuid)).count() == 1


def test_a_seat_that_ends_stays_on_record(hill: Community, programme: Programme, cast: Cast) -> None:
    seat = filled(hill, cast)

    gone = seats.vacate(by=cast.giver, seat_uuid=seat.uuid, version=seat.version, ends_on=dt.date(2024, 5, 1))

    with asking(cast.community):
        assert list(vote_words.lines(programme)) == []
        assert vote_words.seats(programme) == [gone]
    with pytest.raises(Stale):
        seats.vacate(by=cast.giver, seat_uuid=seat.uuid, version=1, ends_on=dt.date(2024, 5, 2))


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"role": "king"}, "unknown_role"),
        ({"seats": 0}, "no_seat_given"),
        ({"seats": -1}, "no_seat_given"),
        ({"chosen_by": " "}, "chosen_missing"),
        ({"chosen_by": "x" * 301}, "invalid"),
        ({"ends_on": dt.date(2024, 4, 7)}, "dates_reversed"),
    ],
)
def test_a_seat_that_cannot_be_is_refused(
    hill: Community, cast: Cast, said: dict[str, Any], code: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        filled(hill, cast, **said)

    assert refusal.value.code == code
    with asking(cast.community):
        assert not CommunitySeat.objects.exists()


def test_whoever_has_a_seat_holds_an_account_at_a_communitys_organisation(
    hill: Community, cast: Cast
) -> None:
    with pytest.raises(Invalid) as refusal:
        filled(hill, cast, organisation=cast.giver.organisation.uuid)

    assert refusal.value.code == "not_a_community"


def test_only_the_steward_and_the_community_fill_seats(hill: Community, cast: Cast) -> None:
    said: dict[str, Any] = {"role": "leader", "chosen_by": "custom", "starts_on": SINCE}
    with pytest.raises(NotAllowed):
        seats.fill(by=cast.donor, community_uuid=hill.uuid, **said)
    with pytest.raises(NotFound):
        seats.fill(by=cast.stranger, community_uuid=hill.uuid, **said)
