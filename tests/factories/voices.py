"""The community's voice: votes as counts, answers, consultations, made by their actions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from handover import clock
from handover.access import Actor, asking
from handover.actions import milestones, places, programmes, votes
from handover.models import Community, CommunityVote, Place, Programme, Transfer, TransferMilestone
from handover.models.milestones import MilestoneKind, OnDissent, Side
from interventions.actions import consultations
from interventions.actions.consultations import Attended
from interventions.models import Consultation, Format
from tests.factories import transfers as plans
from tests.factories.organisations import OPERATOR

ASKED: Final[Mapping[str, str]] = {
    "en": "Shall the town run the day centre from September?",
    "ro": "Să preia primăria centrul de zi din septembrie?",
    "lt": "Ar nuo rugsėjo dienos centrą turi perimti savivaldybė?",
}
"""The question of test votes."""


def validation(
    transfer: Transfer,
    *,
    by: Actor,
    quorum: int | None = 10,
    on_dissent: OnDissent | str = OnDissent.PAUSE,
    signs: Sequence[Side] = (Side.COMMUNITY,),
) -> TransferMilestone:
    """Put into a plan a milestone on which the community votes."""
    return milestones.plan(
        by=by,
        transfer_uuid=transfer.uuid,
        kind=MilestoneKind.COMMUNITY_VALIDATION,
        title="The community validates the transfer",
        due_on=plans.DUE,
        signs=signs,
        evidence_required=False,
        quorum=quorum,
        on_dissent=on_dissent,
    )


def vote(milestone: TransferMilestone, assent: int, dissent: int, *, by: Actor, **said: Any) -> CommunityVote:
    """Record a vote of today; without more said, nobody abstained and those who dissent gave one reason."""
    counts = {"present": assent + dissent, "abstained": 0, **said}
    if dissent and "reasons" not in said:
        counts["reasons"] = [("The bus no longer comes", dissent)]
    return votes.hold(
        by=by,
        milestone_uuid=milestone.uuid,
        held_on=counts.pop("held_on", clock.today()),
        asked=counts.pop("asked", ASKED),
        assent=assent,
        dissent=dissent,
        **counts,
    )


def community(programme: Programme, *, by: Actor, name: str = "Community of the Hill") -> Community:
    """Say that a programme serves a community, at a place of its own."""
    code = f"TEST-{name.rpartition(' ')[2]}"
    place = Place.objects.filter(code=code).first() or places.add_unit(
        by=OPERATOR, country="RO", nuts3="RO999", code=code, name=name
    )
    return programmes.serve(by=by, programme_uuid=programme.uuid, name=name, place=place)


def consultation(programme: Programme, *, by: Actor, **said: Any) -> Consultation:
    """Record a consultation of a week ago; without more said, twelve people came to an assembly."""
    entry = {
        "title": {"en": "Assembly on the day centre", "ro": "Adunare despre centrul de zi"},
        "held_on": clock.today() - dt.timedelta(days=7),
        "format": Format.ASSEMBLY,
        "languages": ["ro", "rom"],
        "attendance": [Attended("women", "30-54", 7), Attended("men", "18-29", 5)],
        **said,
    }
    return consultations.record(by=by, programme_uuid=programme.uuid, **entry)


def refreshed(milestone: TransferMilestone, *, by: Actor) -> TransferMilestone:
    """Read a milestone anew, as the actor sees it."""
    with asking(by):
        return TransferMilestone.objects.select_related("transfer__programme").get(uuid=milestone.uuid)
