"""Sustainability checks: planned by a handover, looked at by each side, held once with what every part said."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from handover import clock
from handover.access import asking
from handover.actions import checks, giving_back, registers, undertakings
from handover.canonical import canonical, text_digest
from handover.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from handover.models import LedgerEntry, Post, Programme, Responsibility, SustainabilityCheck, Transfer
from handover.models.checks import CheckState
from handover.queries import checks as reads
from handover.queries.checks import State
from handover.queries.sustained import Part, Stands
from tests.factories.cast import Cast
from tests.factories.registers import post
from tests.factories.transfers import executed

pytestmark = pytest.mark.django_db

DAY = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)


def at(text: str) -> Any:
    return clock.at(dt.datetime.fromisoformat(f"{text}T12:00:00+00:00"))


@pytest.fixture
def home(cast: Cast, programme: Programme) -> Iterator[Programme]:
    """Give a programme that was handed over on 3 June 2024, read as its new steward on 20 November 2024."""
    with clock.at(DAY):
        executed(cast, programme)
    with at("2024-11-20"), asking(cast.receiver):
        yield Programme.objects.get(pk=programme.pk)


def planned(home: Programme) -> list[SustainabilityCheck]:
    return list(reads.rows(home))


def first(home: Programme) -> SustainabilityCheck:
    return planned(home)[0]


def looked(by: Any, row: SustainabilityCheck, part: str, found: str = "holds", **given: Any) -> Any:
    remark = "" if found == "holds" else "We went and saw it"
    return checks.look(by=by, check_uuid=row.uuid, part=part, found=found, **{"remark": remark, **given})


def bodies(home: Programme, verb: str) -> list[dict[str, Any]]:
    found = [json.loads(row.body) for row in LedgerEntry.objects.filter(programme_id=home.pk).order_by("seq")]
    return [body for body in found if body["verb"] == verb]


# --- when -----------------------------------------------------------------------------------------


def test_a_handover_plans_checks_to_five_years_after_it_and_says_so_in_the_ledger(home: Programme) -> None:
    assert [(row.months, str(row.due_on)) for row in planned(home)] == [
        (6, "2024-12-03"),
        (12, "2025-06-03"),
        (24, "2026-06-03"),
        (36, "2027-06-03"),
        (48, "2028-06-03"),
        (60, "2029-06-03"),
    ]
    assert len(bodies(home, "check.planned")) == 1


def test_a_check_opens_two_months_before_its_day_and_is_overdue_after_it(home: Programme) -> None:
    row = first(home)
    for day, state in (
        ("2024-10-03", State.AHEAD),
        ("2024-10-04", State.OPEN),
        ("2024-12-03", State.OPEN),
        ("2024-12-04", State.OVERDUE),
    ):
        assert reads.state_of(row, dt.date.fromisoformat(day)) is state


def test_more_checks_are_planned_and_the_same_one_only_once(cast: Cast, home: Programme) -> None:
    transfer = Transfer.objects.get(programme=home)
    made = checks.plan(by=cast.receiver, transfer_uuid=transfer.uuid, months=[12, 18])
    assert [(row.months, str(row.due_on)) for row in made] == [(18, "2025-12-03")]
    with pytest.raises(Invalid) as refused:
        checks.plan(by=cast.receiver, transfer_uuid=transfer.uuid, months=[18])
    assert refused.value.code == "checks_planned"
    with pytest.raises(Invalid) as refused:
        checks.plan(by=cast.receiver, transfer_uuid=transfer.uuid, months=[0])
    assert refused.value.code == "months_out_of_range"


def test_the_last_day_of_a_month_stays_the_last_one(cast: Cast, programme: Programme) -> None:
    with clock.at(dt.datetime(2024, 8, 31, 12, tzinfo=dt.UTC)):
        executed(cast, programme)
    with at("2024-09-02"), asking(cast.receiver):
        assert [str(row.due_on) for row in reads.rows(programme)][:2] == ["2025-02-28", "2025-08-31"]


def test_a_check_is_moved_or_dropped_with_a_reason(cast: Cast, home: Programme) -> None:
    one, two = planned(home)[:2]
    checks.move(by=cast.receiver, check_uuid=one.uuid, version=1, due_on=dt.date(2025, 1, 15))
    checks.drop(by=cast.receiver, check_uuid=two.uuid, version=1, reason="It is held with the next one")
    assert reads.watched(home).next == one
    with pytest.raises(Refused) as refused:
        checks.move(by=cast.receiver, check_uuid=two.uuid, version=2, due_on=dt.date(2026, 1, 1))
    assert refused.value.code == "check_over"
    with pytest.raises(Invalid) as invalid:
        checks.move(by=cast.receiver, check_uuid=one.uuid, version=2, due_on=dt.date(2024, 6, 3))
    assert invalid.value.code == "before_handover"
    with pytest.raises(Invalid) as invalid:
        checks.drop(by=cast.receiver, check_uuid=one.uuid, version=2, reason=" ")
    assert invalid.value.code == "reason_needed"


def test_what_is_given_back_is_not_looked_at_any_more(cast: Cast, home: Programme) -> None:
    transfer = Transfer.objects.get(programme=home)
    for side in (cast.receiver, cast.giver):
        with at("2024-06-10"):
            giving_back.give_back(by=side, transfer_uuid=transfer.uuid, reason="It did not work")
    with asking(cast.giver):
        assert planned(home) == []
        row = SustainabilityCheck.objects.filter(programme=home).earliest("id")
    with pytest.raises(NotFound):
        checks.hold(by=cast.giver, check_uuid=row.uuid, version=1)


# --- what is found --------------------------------------------------------------------------------


def test_each_side_says_what_it_found_and_may_change_its_own_words(cast: Cast, home: Programme) -> None:
    row = first(home)
    looked(cast.receiver, row, "equipment", counted=20, expected=20)
    looked(cast.donor, row, "equipment", "weaker", counted=18, expected=20)
    looked(cast.receiver, row, "equipment", counted=19, expected=20)
    words = {said.organisation.name: said.counted for said in first(home).words.all()}
    assert words == {cast.receiver.organisation.name: 19, cast.donor.organisation.name: 18}
    part = reads.today_says(first(home)).of(Part.EQUIPMENT)
    assert part.score == Decimal("90.0")
    said = bodies(home, "check.looked")
    assert [(body["data"]["before"] or {}).get("counted") for body in said] == [None, None, 20]


def test_only_the_community_speaks_for_itself(cast: Cast, home: Programme) -> None:
    row = first(home)
    with pytest.raises(Invalid) as refused:
        looked(cast.receiver, row, "voice")
    assert refused.value.code == "not_the_community"
    looked(cast.community, row, "voice", "lost")
    assert reads.today_says(first(home)).of(Part.VOICE).score == 0


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"found": "weaker", "remark": " "}, "reason_needed"),
        ({"found": "holds", "counted": 3}, "counts_incomplete"),
        ({"found": "holds", "counted": 0, "expected": 0}, "counts_incomplete"),
    ],
)
def test_words_that_say_too_little_are_refused(
    cast: Cast, home: Programme, given: dict[str, Any], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        checks.look(by=cast.donor, check_uuid=first(home).uuid, part="staff", **given)
    assert refused.value.code == code


def test_who_may_not_and_who_is_a_stranger(cast: Cast, home: Programme) -> None:
    row = first(home)
    with pytest.raises(NotAllowed):
        checks.hold(by=cast.donor, check_uuid=row.uuid, version=1)
    with pytest.raises(NotFound):
        looked(cast.stranger, row, "staff")


# --- what it says ---------------------------------------------------------------------------------


def test_staff_is_held_against_the_posts_of_the_day_of_the_handover(cast: Cast, programme: Programme) -> None:
    with asking(cast.giver):
        duty = Responsibility.objects.filter(programme=programme).earliest("id")
    ending = post(duty, by=cast.giver, ends_on=dt.date(2024, 9, 30))
    post(duty, by=cast.giver, fte="3.00")
    with clock.at(DAY):
        executed(cast, programme)
    with at("2024-11-20"), asking(cast.receiver):
        part = reads.today_says(first(programme)).of(Part.STAFF)
        (figure,) = part.figures
        assert (figure.before, figure.now, figure.stands) == (Decimal(4), Decimal(3), Stands.WEAKER)
        assert part.score == 50
    registers.edit(
        by=cast.receiver, register=Post, line_uuid=ending.uuid, version=1, ends_on=dt.date(2025, 9, 30)
    )
    with at("2024-11-20"), asking(cast.receiver):
        assert reads.today_says(first(programme)).of(Part.STAFF).score == 100


def test_a_promise_of_which_nothing_was_shown_is_unknown_and_one_that_was_broken_counts(
    cast: Cast, home: Programme
) -> None:
    made = undertakings.enter(
        by=cast.receiver,
        programme_uuid=home.uuid,
        organisation=cast.receiver.organisation,
        kind="budget",
        title="Money in the budget each year",
        starts_on=dt.date(2024, 6, 3),
    )
    with at("2025-05-01"):
        part = reads.today_says(first(home)).of(Part.UNDERTAKINGS)
        assert (part.score, [figure.why for figure in part.figures]) == (None, ["overdue"])
        undertakings.say(
            by=cast.receiver, undertaking_uuid=made.uuid, year=2024, outcome="broken", reason="No line"
        )
        assert reads.today_says(first(home)).of(Part.UNDERTAKINGS).score == 0


def test_too_little_known_makes_no_score(cast: Cast, home: Programme) -> None:
    looked(cast.receiver, first(home), "equipment")
    told = reads.today_says(first(home))
    assert (told.known, told.score) == (1, None)


def test_a_check_is_held_once_and_what_it_found_stays_with_its_digest(cast: Cast, home: Programme) -> None:
    row = first(home)
    for by, part, found in (
        (cast.receiver, "staff", "holds"),
        (cast.receiver, "equipment", "weaker"),
        (cast.community, "voice", "holds"),
    ):
        looked(by, row, part, found)
    held = checks.hold(by=cast.receiver, check_uuid=row.uuid, version=1, remark="We hire again")
    stored = SustainabilityCheck.objects.get(pk=row.pk)
    assert (stored.state, stored.score, stored.organisation) == (
        CheckState.HELD,
        Decimal("83.3"),
        cast.receiver.organisation,
    )
    assert text_digest(canonical(stored.result)) == stored.digest == held.digest
    (entry,) = bodies(home, "check.held")
    assert entry["data"]["digest"] == held.digest
    assert entry["data"]["parts"]["staff"] == "100"
    with pytest.raises(Refused) as refused:
        looked(cast.community, row, "voice", "lost")
    assert refused.value.code == "check_over"
    assert reads.watched(home).last == row


def test_nobody_holds_a_check_early_and_of_two_the_second_is_told(cast: Cast, home: Programme) -> None:
    one, two = planned(home)[:2]
    with pytest.raises(Refused) as refused:
        checks.hold(by=cast.receiver, check_uuid=two.uuid, version=1)
    assert refused.value.code == "check_not_open"
    checks.move(by=cast.receiver, check_uuid=one.uuid, version=1, due_on=dt.date(2024, 12, 10))
    with pytest.raises(Stale):
        checks.hold(by=cast.receiver, check_uuid=one.uuid, version=1)


def test_a_former_steward_is_told_nothing_that_came_after_its_cut_off(cast: Cast, home: Programme) -> None:
    row = first(home)
    looked(cast.receiver, row, "staff")
    checks.hold(by=cast.receiver, check_uuid=row.uuid, version=1)
    assert [item.months for item in reads.rows(home, cutoff=DAY)] == [12, 24, 36, 48, 60]
