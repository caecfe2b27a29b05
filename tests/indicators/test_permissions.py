"""Who may define and report: the responsibility alone where there is one, else the programme; what is owed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from handover import clock
from handover.access import Actor, asking
from handover.actions import permissions, standings
from handover.errors import NotAllowed, NotFound
from handover.models import Keep, Programme, Responsibility, Transfer, TransferResponsibility
from handover.models.guard import writing
from handover.models.organisations import OrganisationKind
from handover.models.transfers import KeepKind, TransferState
from handover.permissions import Role, StandingKind
from indicators.actions import baselines, indicators, periods, results, targets, values
from indicators.models import Indicator, Value
from tests.factories.cast import Cast
from tests.factories.indicators import FIRST_QUARTER, SECOND_QUARTER, csv_of, indicator, reported, result
from tests.factories.organisations import organisation, person
from tests.factories.programmes import admitted, responsibility

pytestmark = pytest.mark.django_db


def _holder(cast: Cast, programme: Programme, role: Role = Role.OFFICER) -> tuple[Actor, Responsibility]:
    """Give somebody of a partner that holds a responsibility of the giver's programme."""
    partner = organisation("partner", OrganisationKind.NGO)
    admitted(programme, partner, StandingKind.PARTNER, by=cast.giver)
    return person(partner, role), responsibility(programme, by=cast.giver, holder=partner)


def test_reporters_report_and_do_not_define(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver_officer)
    reported(of, {"women": 41}, by=cast.giver_reporter)
    with pytest.raises(NotAllowed):
        indicators.edit(by=cast.giver_reporter, indicator_uuid=of.uuid, version=1, title="Mine")
    with pytest.raises(NotAllowed):
        targets.put(
            by=cast.giver_reporter,
            indicator_uuid=of.uuid,
            starts_on=FIRST_QUARTER[0],
            ends_on=FIRST_QUARTER[1],
            value=1,
        )


def test_an_indicator_with_a_responsibility_asks_its_holder_alone(cast: Cast, programme: Programme) -> None:
    holder, held = _holder(cast, programme)
    under = result(programme, by=cast.giver)
    of = indicator(programme, by=holder, of=under, responsibility=held.uuid)
    reported(of, {"women": 41}, by=holder)
    for steward in (cast.giver, cast.giver_officer, cast.giver_reporter):
        with pytest.raises(NotAllowed, match="Another organisation holds"):
            reported(of, {"men": 37}, by=steward)
    with pytest.raises(NotAllowed):
        baselines.put(by=cast.giver, indicator_uuid=of.uuid, year=2023, value=1)


def test_a_holder_reports_nothing_of_the_programmes_own(cast: Cast, programme: Programme) -> None:
    holder, _ = _holder(cast, programme)
    of = indicator(programme, by=cast.giver)
    with pytest.raises(NotAllowed):
        reported(of, {"women": 41}, by=holder)
    with pytest.raises(NotAllowed):
        results.define(by=holder, programme_uuid=programme.uuid, type="1", title="Mine")


def test_moving_an_indicator_to_a_responsibility_asks_both_sides(cast: Cast, programme: Programme) -> None:
    holder, held = _holder(cast, programme)
    of = indicator(programme, by=cast.giver)
    for one_side in (cast.giver, holder):
        with pytest.raises(NotAllowed):
            indicators.edit(by=one_side, indicator_uuid=of.uuid, version=1, responsibility=held.uuid)


def test_a_file_with_one_indicator_of_somebody_else_is_refused_whole(
    cast: Cast, programme: Programme
) -> None:
    holder, held = _holder(cast, programme)
    theirs = indicator(programme, by=holder, of=result(programme, by=cast.giver), responsibility=held.uuid)
    ours = indicator(programme, by=cast.giver)
    lines = [*csv_of(ours, 2), *csv_of(theirs, 1)[1:]]
    for actor in (cast.giver, holder):
        with pytest.raises(NotAllowed):
            values.import_csv(by=actor, programme_uuid=programme.uuid, lines=lines)
    with asking(cast.giver):
        assert Value.objects.count() == 0


@pytest.mark.parametrize("who", ["community", "donor", "auditor"])
def test_whoever_only_reads_writes_nothing(cast: Cast, programme: Programme, who: str) -> None:
    of = indicator(programme, by=cast.giver)
    reader: Actor = getattr(cast, who)
    with pytest.raises(NotAllowed):
        reported(of, {"women": 41}, by=reader)
    with pytest.raises(NotAllowed):
        periods.put(by=reader, indicator_uuid=of.uuid, starts_on=FIRST_QUARTER[0], ends_on=FIRST_QUARTER[1])


def test_for_a_stranger_there_is_nothing(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    with pytest.raises(NotFound):
        reported(of, {"women": 41}, by=cast.stranger)
    with pytest.raises(NotFound):
        indicators.edit(by=cast.stranger, indicator_uuid=of.uuid, version=1, title="Mine")
    with pytest.raises(NotFound):
        indicators.define(by=cast.stranger, result_uuid=of.result.uuid, measure="1", title="Mine")


# --- what a former steward still owes -------------------------------------------------------------

LAST_DAY = dt.date(2024, 9, 30)


@pytest.fixture
def owing(cast: Cast, programme: Programme) -> Actor:
    """Give the reporter of a former steward."""
    return person(organisation("former", OrganisationKind.NGO), Role.REPORTER)


def _owes(
    former: Actor, cast: Cast, programme: Programme, *owed: Indicator, gave: Sequence[Responsibility] = ()
) -> None:
    """Give what in life only an executed transfer gives: the standing, and what the plan says is still owed."""
    with asking(cast.giver), writing():
        transfer = Transfer.objects.create(
            programme=programme,
            title="Gone home",
            giver=former.organisation,
            receiver=cast.giver.organisation,
            lead=True,
            state=TransferState.EXECUTED,
            executed_at=clock.now(),
            retention_until=LAST_DAY,
        )
        TransferResponsibility.objects.bulk_create(
            TransferResponsibility(programme=programme, transfer=transfer, responsibility=given)
            for given in gave
        )
        Keep.objects.create(
            programme=programme,
            transfer=transfer,
            kind=KeepKind.OWED_RESULTS,
            until=LAST_DAY,
            indicator_uuids=[str(of.uuid) for of in owed],
        )
        standings.begin(
            programme, former.organisation, StandingKind.FORMER_STEWARD, writes=True, cutoff=clock.now()
        )
        permissions.rederive(programme)


def test_a_former_steward_reports_the_results_that_it_owes_and_no_others(
    cast: Cast, programme: Programme, owing: Actor
) -> None:
    owed, other = indicator(programme, by=cast.giver), indicator(programme, by=cast.giver)
    _owes(owing, cast, programme, owed)
    reported(owed, {"women": 41}, by=owing)
    with pytest.raises(NotAllowed):
        reported(other, {"women": 41}, by=owing)
    with pytest.raises(NotAllowed):
        values.import_csv(
            by=owing, programme_uuid=programme.uuid, lines=[*csv_of(owed, 1), *csv_of(other, 1)[1:]]
        )
    with pytest.raises(NotAllowed):
        indicators.edit(by=owing, indicator_uuid=owed.uuid, version=1, title="Mine")
    with asking(cast.giver):
        assert [row.organisation for row in Value.objects.select_related("organisation")] == [
            owing.organisation
        ]


def test_what_is_owed_may_be_reported_where_the_same_transfer_gave_the_responsibility_away(
    cast: Cast, programme: Programme, owing: Actor
) -> None:
    given = responsibility(programme, by=cast.giver)
    owed = indicator(programme, by=cast.giver, responsibility=given.uuid)
    _owes(owing, cast, programme, owed, gave=[given])
    reported(owed, {"women": 41}, by=owing)


def test_a_plan_does_not_open_another_holders_indicator(
    cast: Cast, programme: Programme, owing: Actor
) -> None:
    held = responsibility(programme, by=cast.giver)
    owed = indicator(programme, by=cast.giver, responsibility=held.uuid)
    _owes(owing, cast, programme, owed)
    with pytest.raises(NotAllowed):
        reported(owed, {"women": 41}, by=owing)


def test_after_the_last_day_nothing_is_owed_any_more(cast: Cast, programme: Programme, owing: Actor) -> None:
    owed = indicator(programme, by=cast.giver)
    _owes(owing, cast, programme, owed)
    with clock.at(dt.datetime(2024, 10, 1, 0, 0, 1, tzinfo=dt.UTC)), pytest.raises(NotAllowed):
        reported(owed, {"women": 41}, by=owing, quarter=SECOND_QUARTER)


def test_what_was_recorded_after_the_cut_off_is_not_the_former_stewards_to_correct(
    cast: Cast, programme: Programme, owing: Actor
) -> None:
    owed = indicator(programme, by=cast.giver)
    _owes(owing, cast, programme, owed)
    with clock.at(clock.now() + dt.timedelta(days=1)):
        reported(owed, {"women": 41}, by=cast.giver)
        with asking(cast.giver):
            (row,) = Value.objects.all()
        with pytest.raises(NotFound):
            values.correct(by=owing, value_uuid=row.uuid, value=44, reason="Ours")
