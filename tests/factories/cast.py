"""The fixed cast of every story: giver, receiver, community, donor, auditor, stranger."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from handover import clock
from handover.access import Actor
from handover.models import Programme
from handover.models.organisations import OrganisationKind
from handover.models.responsibilities import ResponsibilityKind
from handover.permissions import Role, StandingKind
from tests.factories.organisations import organisation, person
from tests.factories.programmes import admitted, programme, responsibility

FOUNDED = dt.datetime(2024, 1, 8, 9, 0, tzinfo=dt.UTC)
"""When the cast came together and the programme was entered."""

TODAY = dt.datetime(2024, 6, 3, 12, 0, tzinfo=dt.UTC)
"""The instant at which tests happen, for Python and for SQL."""

AUDIT_ENDS = dt.datetime(2024, 9, 30, 15, 30, tzinfo=dt.UTC)
"""The minute at which the auditor's access ends."""


@dataclass(frozen=True)
class Cast:
    """Who plays. A bare name is the organisation's manager (the community's representative, the auditor's auditor)."""

    giver: Actor
    giver_officer: Actor
    giver_reporter: Actor
    receiver: Actor
    receiver_officer: Actor
    receiver_reporter: Actor
    community: Actor
    donor: Actor
    auditor: Actor
    stranger: Actor


def assemble() -> Cast:
    """Bring the cast together, at ``FOUNDED``."""
    with clock.at(FOUNDED):
        giver = organisation("giver", OrganisationKind.NGO)
        receiver = organisation("receiver", OrganisationKind.MUNICIPALITY)
        return Cast(
            giver=person(giver),
            giver_officer=person(giver, Role.OFFICER),
            giver_reporter=person(giver, Role.REPORTER),
            receiver=person(receiver),
            receiver_officer=person(receiver, Role.OFFICER),
            receiver_reporter=person(receiver, Role.REPORTER),
            community=person(
                organisation("community", OrganisationKind.COMMUNITY), Role.COMMUNITY_REPRESENTATIVE
            ),
            donor=person(organisation("donor", OrganisationKind.DONOR)),
            auditor=person(organisation("auditor", OrganisationKind.AUDIT_BODY), Role.AUDITOR),
            stranger=person(organisation("stranger", OrganisationKind.NGO)),
        )


def programme_of(cast: Cast, identifier: str = "XX-TEST-HOME") -> Programme:
    """Enter the giver's programme, at ``FOUNDED``: donor, community and auditor in, two responsibilities."""
    with clock.at(FOUNDED):
        made = programme(cast.giver, identifier=identifier, title="A programme that goes home")
        admitted(made, cast.donor.organisation, StandingKind.DONOR, by=cast.giver)
        admitted(made, cast.community.organisation, StandingKind.COMMUNITY, by=cast.giver)
        admitted(made, cast.auditor.organisation, StandingKind.AUDITOR, by=cast.giver, until=AUDIT_ENDS)
        responsibility(made, by=cast.giver, title="Day centre", kind=ResponsibilityKind.SERVICE)
        responsibility(made, by=cast.giver, title="Reporting", kind=ResponsibilityKind.REPORTING)
    return made
