"""Two municipalities that merge: one answers for the programme that went home, the other for one of its own."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from handover import clock
from handover.access import Actor, Operator, asking
from handover.actions import places, reorganisations
from handover.models import Programme, Reorganisation
from handover.models.organisations import OrganisationKind
from handover.permissions import Role, StandingKind
from handover.queries import reorganisations as reads
from handover.queries.reorganisations import Plan
from tests.factories.cast import FOUNDED, Cast
from tests.factories.organisations import organisation, person
from tests.factories.programmes import admitted, programme, responsibility

EFFECTIVE = dt.date(2024, 6, 3)
"""The first day on which the successor answers: the day on which tests happen."""


@dataclass(frozen=True)
class Merger:
    """Who merges into whom. ``valley`` is the receiver of the cast; it and ``hill`` become ``county``."""

    cast: Cast
    home: Programme
    hills: Programme
    valley: Actor
    hill: Actor
    hill_officer: Actor
    county: Actor
    row: Reorganisation

    def plan(self, by: Actor | None = None) -> Plan:
        """Read the plan as somebody sees it."""
        with asking(by or self.valley):
            return reads.read(Reorganisation.objects.get(pk=self.row.pk))

    def deciding(self) -> tuple[Actor, ...]:
        """Give who signs."""
        return (self.valley, self.hill, self.county)


def merger(cast: Cast, home: Programme) -> Merger:
    """Draw up the merger; nothing is stated or signed yet. In ``home`` the hill is a partner that holds something."""
    with clock.at(FOUNDED):
        hill_town = organisation("hill", OrganisationKind.MUNICIPALITY)
        county_town = organisation("county", OrganisationKind.MUNICIPALITY)
        hill, hill_officer = person(hill_town), person(hill_town, Role.OFFICER)
        county = person(county_town)
        for code, name in (("111", "Valley"), ("222", "Hill"), ("333", "Valley and Hill")):
            places.add_unit(by=Operator(), country="RO", nuts3="RO999", code=code, name=name)
        hills = programme(hill, identifier="XX-TEST-HILLS", title="A programme of the hills")
        responsibility(hills, by=hill, title="Hill service")
        admitted(hills, cast.donor.organisation, StandingKind.DONOR, by=hill)
    admitted(home, hill_town, StandingKind.PARTNER, by=cast.receiver)
    responsibility(home, by=cast.receiver, title="Mobile team", holder=hill_town)
    row = reorganisations.draw_up(
        by=cast.receiver,
        title="Valley and Hill become one",
        legal_act="Law 7 of 1 March 2024",
        effective_on=EFFECTIVE,
        predecessors=[cast.receiver.organisation.uuid, hill_town.uuid],
        successors=[county_town.uuid],
        heard=[cast.community.organisation.uuid, cast.donor.organisation.uuid],
        places=[
            {"former": "RO:111", "successor": "RO:333", "share": "1"},
            {"former": "RO:222", "successor": "RO:333", "share": "1"},
        ],
    )
    return Merger(cast, home, hills, cast.receiver, hill, hill_officer, county, row)


def stated(story: Merger) -> None:
    """Let both predecessors state what they answer for."""
    for by in (story.valley, story.hill):
        reorganisations.state(by=by, reorganisation_uuid=story.row.uuid)


def signed(story: Merger, *signing: Actor) -> None:
    """Let those who decide sign the plan as it stands."""
    for by in signing or story.deciding():
        reorganisations.sign(by=by, reorganisation_uuid=story.row.uuid, digest=story.plan(by).digest)
