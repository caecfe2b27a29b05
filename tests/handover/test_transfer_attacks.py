"""What a hostile side tried: speaking for others, old consent, buried objections, early moves, rewritten history."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError

from handover import files
from handover.access import Actor, asking
from handover.actions import (
    evidence,
    milestones,
    permissions,
    registers,
    responsibilities,
    standings,
    transfers,
)
from handover.actions.transfers import Item
from handover.errors import Invalid, NotAllowed, Refused
from handover.models import Programme, StoredFile, Tenure, Transfer
from handover.models.milestones import MilestoneKind, Side
from handover.models.responsibilities import Capacity
from handover.models.signoffs import Decision
from handover.permissions import VOICE, Permission, Role, StandingKind
from handover.queries.gates import gates
from tests.factories import transfers as plans
from tests.factories.cast import TODAY, Cast
from tests.factories.organisations import organisation, person
from tests.factories.programmes import grant

pytestmark = pytest.mark.django_db


def unmet(cast: Cast, transfer_uuid: UUID) -> set[str]:
    with asking(cast.receiver):
        (found,) = Transfer.objects.select_related("programme", "giver", "receiver").filter(
            uuid=transfer_uuid
        )
        return {gate.code for gate in gates(found)}


@pytest.mark.parametrize("permission", sorted(VOICE))
def test_a_steward_decides_for_nobody_else_who_speaks_for_them(
    permission: Permission, cast: Cast, programme: Programme
) -> None:
    viewer = person(cast.donor.organisation, Role.VIEWER)

    with asking(cast.giver), pytest.raises(Invalid) as refused:
        permissions.except_user(
            by=cast.giver,
            thing=programme,
            user=viewer.user,
            organisation=viewer.organisation,
            permission=permission,
            reason="Please sign.",
        )

    assert refused.value.code == "voice_of_others"


def test_nothing_moves_with_a_milestone_before_the_donor_has_consented(
    cast: Cast, programme: Programme
) -> None:
    grant(programme, by=cast.giver, donor=cast.donor.organisation, donor_consent_required=True)
    moved = plans.responsibilities_of(programme, by=cast.giver)
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    consent = plans.milestone(transfer, by=cast.giver, kind=MilestoneKind.DONOR_CONSENT, signs=[Side.DONOR])
    early = plans.milestone(transfer, by=cast.giver, moves=moved[:1])
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)

    with pytest.raises(Refused) as refused:
        milestones.sign(by=cast.giver, milestone_uuid=early.uuid)
    assert {gate.code for gate in refused.value.gates} == {"donor_consent_missing"}

    milestones.sign(by=cast.donor, milestone_uuid=consent.uuid)
    milestones.sign(by=cast.giver, milestone_uuid=early.uuid)
    milestones.sign(by=cast.receiver, milestone_uuid=early.uuid)
    with asking(cast.receiver):
        holders = Tenure.objects.filter(
            responsibility=moved[0], capacity=Capacity.HOLDER, valid__contains=TODAY.date()
        )
        assert [tenure.organisation for tenure in holders] == [cast.receiver.organisation]


def test_a_donors_consent_to_an_older_plan_is_no_consent(cast: Cast, programme: Programme) -> None:
    grant(programme, by=cast.giver, donor=cast.donor.organisation, donor_consent_required=True)
    puppet = person(organisation("puppet"))
    first, second = plans.responsibilities_of(programme, by=cast.giver)
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, moves=[first])
    consent = plans.milestone(transfer, by=cast.giver, kind=MilestoneKind.DONOR_CONSENT, signs=[Side.DONOR])
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    milestones.sign(by=cast.donor, milestone_uuid=consent.uuid)
    assert "donor_consent_missing" not in unmet(cast, transfer.uuid)

    transfers.send_back(by=cast.receiver, transfer_uuid=transfer.uuid, comment="One more, please.")
    transfers.include(by=cast.giver, transfer_uuid=transfer.uuid, items=[Item(second, moves_debtor=True)])
    standings.admit(
        by=cast.giver,
        programme_uuid=programme.uuid,
        organisation=puppet.organisation,
        kind=StandingKind.DONOR,
    )
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    milestones.sign(by=puppet, milestone_uuid=consent.uuid)

    assert "donor_consent_missing" in unmet(cast, transfer.uuid)


def test_new_evidence_does_not_bury_an_objection(cast: Cast, programme: Programme) -> None:
    second = person(organisation("second-community"), Role.COMMUNITY_REPRESENTATIVE)
    standings.admit(
        by=cast.giver,
        programme_uuid=programme.uuid,
        organisation=second.organisation,
        kind=StandingKind.COMMUNITY,
    )
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    (validation,) = plans.milestones_of(transfer, by=cast.giver)
    milestones.sign(
        by=cast.community, milestone_uuid=validation.uuid, decision=Decision.OBJECTS, remark="Not like this."
    )
    evidence.add(
        by=cast.giver, milestone_uuid=validation.uuid, title="A link", link="https://giver.example/minutes"
    )

    milestones.sign(by=second, milestone_uuid=validation.uuid)

    assert unmet(cast, transfer.uuid) >= {"open_conflict", "milestone_unmet", "community_validation_missing"}
    milestones.sign(by=cast.community, milestone_uuid=validation.uuid)
    assert unmet(cast, transfer.uuid) == set()


def test_what_the_giver_gave_the_receivers_people_before_is_named_before_it_outlives_the_handover(
    cast: Cast, programme: Programme
) -> None:
    mole = person(cast.receiver.organisation, Role.VIEWER)
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    plans.signed(transfer, cast)
    assert unmet(cast, transfer.uuid) == set()

    permissions.except_user(
        by=cast.giver,
        thing=programme,
        user=mole.user,
        organisation=mole.organisation,
        permission=Permission.EXPORT,
        reason="To look at the figures.",
    )

    assert unmet(cast, transfer.uuid) == {"permission_unmapped"}


def test_the_past_of_who_delivered_is_not_rewritten(cast: Cast, programme: Programme) -> None:
    service = plans.responsibilities_of(programme, by=cast.giver)[0]

    with pytest.raises(Invalid) as refused:
        responsibilities.provide(
            by=cast.giver,
            responsibility_uuid=service.uuid,
            provider=cast.donor.organisation,
            since=TODAY.date() - dt.timedelta(days=1),
        )

    assert refused.value.code == "since_past"


@pytest.mark.parametrize("name", ["donor", "community"])
def test_only_its_issuer_or_the_steward_says_that_an_act_has_fallen(
    name: str, cast: Cast, programme: Programme
) -> None:
    act = registers.cite(
        by=cast.giver,
        programme_uuid=programme.uuid,
        issuer=cast.receiver.organisation,
        kind="council_decision",
        number="1/2024",
        dated=dt.date(2024, 2, 1),
        status="in_force",
    )
    by: Actor = getattr(cast, name)

    with asking(by), pytest.raises(NotAllowed):
        registers.restate(by=by, act=act, version=act.version, status="annulled")


def test_evidence_that_is_refused_leaves_no_bytes_behind(cast: Cast, programme: Programme) -> None:
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    (validation,) = plans.milestones_of(transfer, by=cast.giver)
    folder = files.path_of(programme.uuid, "0" * 64).parent.parent

    with pytest.raises(ValidationError):
        evidence.add(
            by=cast.giver, milestone_uuid=validation.uuid, title="x" * 400, content=[b"a list of names"]
        )

    assert not [path for path in folder.rglob("*") if path.is_file()]
    with asking(cast.giver):
        assert not StoredFile.objects.filter(programme=programme).exists()


def test_a_retention_date_beyond_all_rules_is_refused(cast: Cast, programme: Programme) -> None:
    with pytest.raises(Invalid) as refused:
        transfers.draft(
            by=cast.giver,
            programme_uuid=programme.uuid,
            title="For ever",
            receiver=cast.receiver.organisation,
            retention_until=dt.date(9999, 12, 31),
        )

    assert refused.value.code == "too_far"
