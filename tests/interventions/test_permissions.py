"""Who may change needs and interventions: the responsibility alone where there is one, else the programme."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from handover import access, clock
from handover.access import Actor, asking
from handover.errors import DomainError, NotAllowed, NotFound
from handover.models import Programme
from handover.permissions import Role, StandingKind
from interventions.actions import interventions, needs
from interventions.models import Intervention, Need
from tests.factories import interventions as make
from tests.factories.cast import TODAY, Cast
from tests.factories.organisations import organisation, person
from tests.factories.programmes import admitted, responsibility

ATTEMPTS: dict[str, Callable[[Actor, Need, Need, Intervention], object]] = {
    "define levels": lambda by, one, two, work: make.levels(one.programme, by=by),
    "add a need": lambda by, one, two, work: make.need(one.programme, by=by),
    "edit a need": lambda by, one, two, work: needs.edit(by=by, need_uuid=one.uuid, version=1, severity=2),
    "move a need": lambda by, one, two, work: needs.move(
        by=by, need_uuid=one.uuid, parent=two.uuid, version=1
    ),
    "rank needs": lambda by, one, two, work: needs.rank(
        by=by, programme_uuid=one.programme.uuid, parent=None, ranked=[two.uuid, one.uuid]
    ),
    "require a need": lambda by, one, two, work: needs.require(by=by, need_uuid=one.uuid, requires=two.uuid),
    "release a need": lambda by, one, two, work: needs.release(by=by, need_uuid=one.uuid, requires=two.uuid),
    "load needs": lambda by, one, two, work: make.many_needs(one.programme, 2, by=by),
    "add an intervention": lambda by, one, two, work: make.intervention(one.programme, by=by),
    "edit an intervention": lambda by, one, two, work: interventions.edit(
        by=by, intervention_uuid=work.uuid, version=1, reason="For adults", audience="adults"
    ),
    "answer a need": lambda by, one, two, work: interventions.answer(
        by=by, intervention_uuid=work.uuid, need_uuid=one.uuid
    ),
    "unlink a need": lambda by, one, two, work: interventions.unlink(
        by=by, intervention_uuid=work.uuid, need_uuid=one.uuid, reason="Not here"
    ),
}


@pytest.fixture
def rows(programme: Programme, cast: Cast) -> tuple[Need, Need, Intervention]:
    """Give two needs and an intervention of the giver's programme."""
    make.levels(programme, by=cast.giver)
    return (
        make.need(programme, by=cast.giver),
        make.need(programme, by=cast.giver),
        make.intervention(programme, by=cast.giver),
    )


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_stranger_is_told_that_there_is_nothing(
    rows: tuple[Need, Need, Intervention], cast: Cast, attempt: str
) -> None:
    with pytest.raises(NotFound):
        ATTEMPTS[attempt](cast.stranger, *rows)


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_the_first_wall_stops_a_stranger_without_the_second(
    rows: tuple[Need, Need, Intervention], cast: Cast, attempt: str
) -> None:
    with access.custody(rows[0].programme_id), pytest.raises(NotFound):
        ATTEMPTS[attempt](cast.stranger, *rows)


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_viewer_sees_and_changes_nothing(
    rows: tuple[Need, Need, Intervention], cast: Cast, attempt: str
) -> None:
    viewer = person(cast.giver.organisation, Role.VIEWER)

    with pytest.raises(NotAllowed):
        ATTEMPTS[attempt](viewer, *rows)


@pytest.mark.parametrize("who", ["donor", "community", "auditor", "giver_reporter"])
def test_who_reads_a_programme_does_not_change_it(
    rows: tuple[Need, Need, Intervention], cast: Cast, who: str
) -> None:
    with clock.at(TODAY):
        for attempt in ATTEMPTS.values():
            with pytest.raises(NotAllowed):
                attempt(getattr(cast, who), *rows)


def test_the_stewards_officer_keeps_needs_and_interventions(
    rows: tuple[Need, Need, Intervention], cast: Cast
) -> None:
    one, two, work = rows

    needs.require(by=cast.giver_officer, need_uuid=one.uuid, requires=two.uuid)
    interventions.answer(by=cast.giver_officer, intervention_uuid=work.uuid, need_uuid=one.uuid)

    with asking(cast.giver_officer):
        assert one.prerequisites.count() == 1


@pytest.fixture
def partner(programme: Programme, cast: Cast) -> Actor:
    """Give the manager of a partner of the programme."""
    made = person(organisation("partner"))
    admitted(programme, made.organisation, StandingKind.PARTNER, by=cast.giver)
    return made


def test_an_intervention_asks_its_responsibility_alone(
    programme: Programme, cast: Cast, partner: Actor
) -> None:
    centre = responsibility(programme, by=cast.giver, title="Clinic", holder=partner.organisation)

    made = make.intervention(programme, by=partner, responsibility=centre.uuid)
    interventions.edit(
        by=partner, intervention_uuid=made.uuid, version=1, reason="Asked", audience="children"
    )

    with pytest.raises(NotAllowed):
        make.intervention(programme, by=cast.giver, responsibility=centre.uuid)
    with pytest.raises(NotAllowed):
        interventions.edit(
            by=cast.giver, intervention_uuid=made.uuid, version=2, reason="Asked", audience="all"
        )
    with pytest.raises(NotAllowed):
        make.intervention(programme, by=partner)


def test_an_intervention_passes_to_a_responsibility_only_by_who_may_both(
    programme: Programme, cast: Cast, partner: Actor
) -> None:
    centre = responsibility(programme, by=cast.giver, title="Clinic", holder=partner.organisation)
    own = make.intervention(programme, by=cast.giver)
    theirs = make.intervention(programme, by=partner, responsibility=centre.uuid)

    with pytest.raises(NotAllowed):
        interventions.edit(
            by=cast.giver, intervention_uuid=own.uuid, version=1, reason="Moves", responsibility=centre.uuid
        )
    with pytest.raises(NotAllowed):
        interventions.edit(
            by=partner, intervention_uuid=theirs.uuid, version=1, reason="Moves", responsibility=None
        )


def test_a_need_with_a_responsibility_is_still_the_stewards(
    programme: Programme, cast: Cast, partner: Actor
) -> None:
    centre = responsibility(programme, by=cast.giver, title="Clinic", holder=partner.organisation)
    make.levels(programme, by=cast.giver)

    made = make.need(programme, by=cast.giver, responsibility=centre.uuid)

    assert needs.edit(by=cast.giver, need_uuid=made.uuid, version=1, severity=5).severity == 5
    with pytest.raises(DomainError):
        needs.edit(by=partner, need_uuid=made.uuid, version=2, severity=1)
