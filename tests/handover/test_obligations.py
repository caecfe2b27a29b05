"""Obligations of grants: taken over or entered, moved by what moves their clock, told with what binds."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from handover import clock
from handover.access import asking
from handover.actions import obligations, registers
from handover.errors import Invalid, NotAllowed, NotFound, Stale
from handover.models import Grant, LedgerEntry, Obligation, Programme
from handover.queries import obligations as reads
from handover.queries.obligation_rules import shipped
from handover.queries.obligations import State
from tests.factories.cast import Cast
from tests.factories.programmes import grant as granted

pytestmark = pytest.mark.django_db

PAID = dt.date(2026, 3, 12)
OWN: dict[str, Any] = {
    "kind": "sustainability",
    "title": "The service is kept for three years",
    "source": "Grant agreement",
    "article": "12",
    "mark": "verified",
    "counts_from": "grant_end",
    "years": 3,
    "applies": "yes",
}


@pytest.fixture
def grant(cast: Cast, programme: Programme) -> Iterator[Grant]:
    """Give a grant whose final payment was made, and read as its steward."""
    with asking(cast.giver):
        yield granted(programme, by=cast.giver, donor=cast.donor.organisation, final_payment_on=PAID)


def entries(row: Obligation) -> list[dict[str, Any]]:
    found = [
        json.loads(entry.body)
        for entry in LedgerEntry.objects.filter(programme_id=row.programme_id).order_by("seq")
    ]
    return [entry for entry in found if entry.get("subject") == str(row.uuid)]


def verbs(row: Obligation) -> list[str]:
    return [entry["verb"] for entry in entries(row)]


def taken(cast: Cast, grant: Grant, *keys: str) -> list[Obligation]:
    return obligations.adopt(by=cast.giver, grant_uuid=grant.uuid, rules=list(keys))


def now(row: Obligation) -> Obligation:
    return Obligation.objects.get(pk=row.pk)


# --- rules that are shipped -----------------------------------------------------------------------


def test_every_shipped_rule_says_where_it_stands_and_in_three_languages() -> None:
    for rule in shipped().values():
        assert set(rule.titles) == set(rule.sources) == set(rule.conditions) == {"en", "ro", "lt"}
        assert rule.years or rule.months or rule.is_deadline


def test_a_rule_is_taken_over_once_with_its_source_and_its_last_day(cast: Cast, grant: Grant) -> None:
    (row,) = taken(cast, grant, "cpr-82-records")
    assert (row.source, row.article, row.mark) == ("Regulation (EU) 2021/1060", "82(1)", "secondary")
    assert (row.counted_from, row.ends_on) == (dt.date(2026, 12, 31), dt.date(2031, 12, 31))
    assert (row.applies, row.debtor) == ("undecided", grant.lead)
    assert taken(cast, grant, "cpr-82-records") == []
    assert verbs(row) == ["obligation.adopted"]


def test_a_rule_that_nobody_ships_is_refused_and_nothing_is_taken_over(cast: Cast, grant: Grant) -> None:
    with pytest.raises(Invalid) as refused:
        taken(cast, grant, "cpr-82-records", "no-such-rule")
    assert refused.value.code == "unknown_rule"
    assert not Obligation.objects.exists()


def test_a_rule_that_was_not_in_force_while_the_grant_ran_is_refused(
    cast: Cast, programme: Programme
) -> None:
    early = granted(programme, by=cast.giver, donor=cast.donor.organisation)
    registers.edit_grant(
        by=cast.giver,
        grant_uuid=early.uuid,
        version=1,
        starts_on=dt.date(2014, 1, 1),
        ends_on=dt.date(2018, 12, 31),
    )
    with pytest.raises(Invalid) as refused:
        taken(cast, early, "cpr-82-records")
    assert refused.value.code == "rule_not_in_force"


# --- what moves a clock ---------------------------------------------------------------------------


def test_a_payment_that_is_entered_later_moves_the_clock_and_leaves_a_trace(cast: Cast, grant: Grant) -> None:
    unpaid = granted(grant.programme, by=cast.giver, donor=cast.donor.organisation)
    (row,) = taken(cast, unpaid, "cpr-82-records")
    assert row.ends_on is None
    for version, (paid, last) in enumerate(
        (("2026-03-12", "2031-12-31"), ("2027-01-05", "2032-12-31")), start=1
    ):
        registers.edit_grant(
            by=cast.giver,
            grant_uuid=unpaid.uuid,
            version=version,
            final_payment_on=dt.date.fromisoformat(paid),
        )
        assert now(row).ends_on == dt.date.fromisoformat(last)
    assert verbs(row) == ["obligation.adopted", "obligation.moved", "obligation.moved"]
    data = entries(row)[-1]["data"]
    assert (data["before"], data["after"]) == ("2031-12-31", "2032-12-31")


def test_what_moves_nothing_leaves_no_trace(cast: Cast, grant: Grant) -> None:
    (row,) = taken(cast, grant, "cpr-82-records")
    registers.edit_grant(
        by=cast.giver, grant_uuid=grant.uuid, version=1, final_payment_on=dt.date(2026, 11, 1)
    )
    assert verbs(row) == ["obligation.adopted"]


def test_proceedings_leave_the_last_day_open_until_they_are_over(cast: Cast, grant: Grant) -> None:
    (row,) = taken(cast, grant, "cpr-65-durability")
    stop = obligations.pause(
        by=cast.giver,
        obligation_uuid=row.uuid,
        effect="suspends",
        starts_on="2027-01-01",
        authority="Court of audit",
        reason="Proceedings about the final payment",
    )
    assert now(row).ends_on is None
    obligations.edit_pause(by=cast.giver, pause_uuid=stop.uuid, version=1, ends_on=dt.date(2027, 1, 10))
    assert now(row).ends_on == dt.date(2031, 3, 22)
    assert verbs(row) == [
        "obligation.adopted",
        "obligation.paused",
        "obligation.moved",
        "obligation.pause_edited",
        "obligation.moved",
    ]


def test_what_is_stored_is_always_what_the_clock_shows(cast: Cast, grant: Grant) -> None:
    (row,) = taken(cast, grant, "cpr-65-durability")
    own = obligations.enter(by=cast.giver, grant_uuid=grant.uuid, **OWN)
    obligations.edit(by=cast.giver, obligation_uuid=own.uuid, version=1, years=4)
    registers.edit_grant(by=cast.giver, grant_uuid=grant.uuid, version=1, ends_on=dt.date(2025, 6, 30))
    for found in reads.rows(grant.programme):
        reading = reads.reading(found)
        assert (found.counted_from, found.ends_on) == (reading.counted_from, reading.ends_on)
    assert now(own).ends_on == dt.date(2029, 6, 30)
    assert now(row).ends_on == dt.date(2031, 3, 12)


# --- rules of one's own ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"years": 0}, "no_time"),
        ({"day": dt.date(2026, 1, 1)}, "day_not_counted"),
        ({"applies": "no"}, "reason_needed"),
        ({"in_force_from": dt.date(2026, 1, 1), "in_force_to": dt.date(2025, 1, 1)}, "dates_reversed"),
        ({"counts_from": "tomorrow"}, "invalid"),
        ({"years": 51}, "invalid"),
        ({"ends_on": dt.date(2030, 1, 1)}, "unknown_field"),
        ({"counts_from": "day", "day": dt.date(1026, 1, 1)}, "year_out_of_range"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(
    change: dict[str, Any], code: str, cast: Cast, grant: Grant
) -> None:
    with pytest.raises(Invalid) as refused:
        obligations.enter(by=cast.giver, grant_uuid=grant.uuid, **OWN | change)
    assert refused.value.code == code
    assert not Obligation.objects.exists()


def test_a_deadline_needs_no_time_of_its_own(cast: Cast, grant: Grant) -> None:
    row = obligations.enter(by=cast.giver, grant_uuid=grant.uuid, **OWN | {"years": 0, "is_deadline": True})
    assert row.ends_on == grant.ends_on


def test_two_who_decide_at_once_do_not_overwrite_each_other(cast: Cast, grant: Grant) -> None:
    (row,) = taken(cast, grant, "cpr-65-durability")
    said = {"applies": "no", "why": "No infrastructure was funded"}
    obligations.edit(by=cast.giver, obligation_uuid=row.uuid, version=1, **said)
    with pytest.raises(Stale):
        obligations.edit(by=cast.giver, obligation_uuid=row.uuid, version=1, applies="yes")
    assert now(row).applies == "no"


# --- who may --------------------------------------------------------------------------------------


def test_a_donor_reads_obligations_and_changes_none(cast: Cast, grant: Grant) -> None:
    (row,) = taken(cast, grant, "cpr-65-durability")
    with asking(cast.donor):
        assert [found.pk for found in reads.rows(grant.programme)] == [row.pk]
    with pytest.raises(NotAllowed):
        obligations.edit(by=cast.donor, obligation_uuid=row.uuid, version=1, applies="yes")
    with pytest.raises(NotAllowed):
        registers.edit_grant(by=cast.donor, grant_uuid=grant.uuid, version=1, amount=Decimal(1))


def test_strangers_find_nothing(cast: Cast, grant: Grant) -> None:
    (row,) = taken(cast, grant, "cpr-65-durability")
    for key in (row.uuid, uuid4()):
        with pytest.raises(NotFound):
            obligations.edit(by=cast.stranger, obligation_uuid=key, version=1, applies="yes")
        with pytest.raises(NotFound):
            obligations.pause(by=cast.stranger, obligation_uuid=key, effect="suspends")
    with pytest.raises(NotFound):
        obligations.adopt(by=cast.stranger, grant_uuid=grant.uuid, rules=["cpr-82-records"])


# --- what is told ---------------------------------------------------------------------------------


def told(programme: Programme) -> dict[str, tuple[bool, State]]:
    (found,) = reads.of_programme(programme)
    return {duty.row.rule or "own": (duty.binds, duty.state) for duty in found.duties}


def test_of_several_that_apply_the_strictest_binds_and_the_others_are_shown(cast: Cast, grant: Grant) -> None:
    taken(cast, grant, "cpr-82-records", "records-seven-years", "cpr-65-durability")
    assert told(grant.programme) == {
        "cpr-65-durability": (True, State.RUNNING),
        "cpr-82-records": (False, State.RUNNING),
        "records-seven-years": (True, State.RUNNING),
    }


def test_what_was_decided_not_to_apply_binds_nobody(cast: Cast, grant: Grant) -> None:
    _five, seven = taken(cast, grant, "cpr-82-records", "records-seven-years")
    obligations.edit(
        by=cast.giver, obligation_uuid=seven.uuid, version=1, applies="no", why="Not in this programme"
    )
    assert told(grant.programme) == {
        "cpr-82-records": (True, State.RUNNING),
        "records-seven-years": (False, State.NOT_OURS),
    }


def test_one_that_is_not_known_yet_is_not_outdone(cast: Cast, grant: Grant) -> None:
    taken(cast, grant, "cpr-82-records", "gber-records")
    assert told(grant.programme) == {
        "cpr-82-records": (False, State.RUNNING),
        "gber-records": (True, State.WAITING),
    }


@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("2031-09-01T12:00", State.RUNNING),
        ("2031-10-15T12:00", State.ENDING),
        ("2031-12-31T21:59", State.ENDING),
        ("2031-12-31T22:00", State.OVER),
    ],
)
def test_it_is_over_when_the_day_is_over_where_the_debtor_is(
    at: str, state: State, cast: Cast, grant: Grant
) -> None:
    taken(cast, grant, "cpr-82-records")
    assert grant.lead.country in ("RO", "LT")
    with clock.at(dt.datetime.fromisoformat(at).replace(tzinfo=dt.UTC)):
        assert told(grant.programme) == {"cpr-82-records": (True, state)}


def test_what_may_have_to_be_paid_back_is_told_for_rules_that_say_so_alone(cast: Cast, grant: Grant) -> None:
    taken(cast, grant, "cpr-82-records", "cpr-65-durability")
    with clock.at(dt.datetime(2028, 9, 11, tzinfo=dt.UTC)):
        (found,) = reads.of_programme(grant.programme)
    exposed = {duty.row.rule: duty.exposed for duty in found.duties}
    assert exposed["cpr-82-records"] is None
    estimate = exposed["cpr-65-durability"]
    assert estimate is not None
    assert (estimate.left, estimate.whole) == (912, 1826)
    assert estimate.amount == Decimal("49945.24")
