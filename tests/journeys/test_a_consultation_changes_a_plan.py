"""A community is asked: it orders its needs anew, an intervention and a plan change, and it is told what came of it."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass

import pytest

from handover import clock
from handover.access import asking, custody
from handover.actions import executions, milestones, transfers, votes
from handover.errors import Refused
from handover.models import LedgerEntry, Programme, SignOff, Transfer
from handover.models.milestones import MilestoneKind, OnDissent, Side
from handover.models.signoffs import SignOffSubject
from handover.queries.verification import verify_programme
from interventions.actions import consultations, interventions, rankings, sayings
from interventions.actions.consultations import Attended
from interventions.actions.rankings import Cast as Ballots
from interventions.models import Consultation, Field, Intervention, Need, RaisedBy, Saying
from interventions.queries import consultations as heard
from interventions.queries.needs import tree
from tests.factories import interventions as needed
from tests.factories import transfers as plans
from tests.factories.cast import Cast
from tests.handover.command_line import said

pytestmark = pytest.mark.django_db

ASSEMBLY = dt.date(2024, 6, 3)
"""The day of the assembly: the tests' own day."""
LATER = dt.datetime(2024, 7, 1, 9, tzinfo=dt.UTC)
"""When the plan has been changed, and is put before both sides again."""


@dataclass
class Settlement:
    """A programme with three needs, one intervention, and a plan that both sides have agreed on."""

    cast: Cast
    programme: Programme
    needs: dict[str, Need]
    support: Intervention
    transfer: Transfer

    def ranks(self) -> list[str]:
        """Give the needs in their order in the hierarchy."""
        with asking(self.cast.community):
            return [str(node.need) for node in tree(self.programme)]


@pytest.fixture
def settlement(cast: Cast, programme: Programme) -> Settlement:
    """Give the settlement as professionals had seen it."""
    needed.levels(programme, by=cast.giver)
    needs = {
        title: needed.need(
            programme, by=cast.giver, title=title, level="education", raised_by=RaisedBy.PROFESSIONALS
        )
        for title in ("Homework", "The way to school", "School meals")
    }
    support = needed.intervention(
        programme,
        by=cast.giver,
        title="School support",
        field=Field.EDUCATION,
        starts_on=dt.date(2024, 1, 15),
    )
    interventions.answer(
        by=cast.giver,
        intervention_uuid=support.uuid,
        need_uuid=needs["Homework"].uuid,
        reason="Homework came first in the survey of 2023",
    )
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    return Settlement(cast, programme, needs, support, transfer)


def held(settlement: Settlement) -> tuple[Consultation, Saying]:
    """Let the community meet, say what it misses, and order its needs by ballots."""
    cast, programme, needs = settlement.cast, settlement.programme, settlement.needs
    assembly = consultations.record(
        by=cast.community,
        programme_uuid=programme.uuid,
        title={"en": "Assembly on the school year", "ro": "Adunare despre anul școlar"},
        held_on=ASSEMBLY,
        format="assembly",
        languages=["ro", "rom"],
        facilitated_by="the school mediator",
        attendance=[
            Attended("women", "30-54", 16),
            Attended("men", "30-54", 9),
            Attended("unknown", "14-17", 7),
        ],
    )
    way, meals, homework = (needs[title].uuid for title in ("The way to school", "School meals", "Homework"))
    consultations.raise_needs(by=cast.community, consultation_uuid=assembly.uuid, needs=[way])
    rankings.hold(
        by=cast.giver,
        programme_uuid=programme.uuid,
        ranked_by="community",
        method="order",
        held_on=ASSEMBLY,
        ballots=[
            Ballots(order=[way, meals, homework], voters=17, group="parents"),
            Ballots(order=[meals, way, homework], voters=8),
            Ballots(order=[way, homework, meals], voters=7, group="young people"),
        ],
        consultation=assembly.uuid,
        apply=True,
    )
    saying = sayings.say(
        by=cast.community,
        consultation_uuid=assembly.uuid,
        said={
            "en": "The path floods; in winter nobody goes",
            "ro": "Se inundă drumul; iarna nu merge nimeni",
        },
        need=way,
    )
    return assembly, saying


def answered(settlement: Settlement, assembly: Consultation) -> None:
    """Let the giver do something else, because of what was said."""
    cast, needs = settlement.cast, settlement.needs
    interventions.edit(
        by=cast.giver,
        intervention_uuid=settlement.support.uuid,
        version=settlement.support.version,
        reason="The assembly put the way to school first",
        consultation=assembly.uuid,
        title="School support and a school bus",
    )
    interventions.answer(
        by=cast.giver,
        intervention_uuid=settlement.support.uuid,
        need_uuid=needs["The way to school"].uuid,
        reason="The bus answers it",
        consultation=assembly.uuid,
    )


def replanned(settlement: Settlement) -> None:
    """Let the plan go back, take the bus in and ask the community to vote, and be agreed on again."""
    cast, transfer = settlement.cast, settlement.transfer
    transfers.send_back(by=cast.receiver, transfer_uuid=transfer.uuid, comment="The bus must be in the plan")
    milestones.plan(
        by=cast.giver,
        transfer_uuid=transfer.uuid,
        kind=MilestoneKind.CONTRACT_NOVATED,
        title="The contract of the school bus goes over to the town",
        due_on=plans.DUE,
        signs=[Side.GIVER, Side.RECEIVER],
        evidence_required=False,
    )
    (validation, *_) = plans.milestones_of(transfer, by=cast.giver)
    milestones.ask_community(
        by=cast.giver,
        milestone_uuid=validation.uuid,
        version=validation.version,
        quorum=20,
        on_dissent=OnDissent.MEDIATION,
    )
    transfers.propose(by=cast.giver, transfer_uuid=transfer.uuid)
    transfers.accept(by=cast.receiver, transfer_uuid=transfer.uuid)


def test_what_a_community_says_changes_what_is_done_and_what_is_handed_over(settlement: Settlement) -> None:
    cast, programme, transfer = settlement.cast, settlement.programme, settlement.transfer
    agreed_first = plans.read(transfer, by=cast.giver).plan_digest
    assert settlement.ranks() == ["Homework", "The way to school", "School meals"]

    assembly, saying = held(settlement)
    assert settlement.ranks() == ["The way to school", "School meals", "Homework"]
    answered(settlement, assembly)

    with clock.at(LATER):
        replanned(settlement)
        plan = plans.read(transfer, by=cast.community)
        assert plan.plan_digest != agreed_first
        with asking(cast.community):
            signed = SignOff.objects.filter(
                transfer=plan, subject=SignOffSubject.PLAN, digest=plan.plan_digest
            ).values_list("side", flat=True)
            assert sorted(signed) == [Side.GIVER, Side.RECEIVER]

        validation, bus = plans.milestones_of(transfer, by=cast.giver)
        with pytest.raises(Refused) as refusal:
            milestones.sign(by=cast.community, milestone_uuid=validation.uuid)
        assert [gate.code for gate in refusal.value.gates] == ["vote_missing"]
        votes.hold(
            by=cast.community,
            milestone_uuid=validation.uuid,
            held_on=clock.today(),
            asked={
                "en": "Shall the town take over, bus and all?",
                "ro": "Să preia primăria, cu tot cu autobuz?",
            },
            present=31,
            assent=28,
            dissent=2,
            abstained=1,
            reasons=[("The bus should stop at the bridge, too", 2)],
            consultation=assembly.uuid,
        )
        milestones.sign(by=cast.community, milestone_uuid=validation.uuid)
        for by in (cast.giver, cast.receiver):
            milestones.sign(by=by, milestone_uuid=bus.uuid)

        sayings.answer(
            by=cast.giver,
            saying_uuid=saying.uuid,
            version=saying.version,
            outcome="done",
            done={"en": "A bus runs from September", "ro": "Din septembrie circulă un autobuz"},
        )
        consultations.tell_back(
            by=cast.giver,
            consultation_uuid=assembly.uuid,
            version=assembly.version,
            told_back_on=clock.today(),
        )
        _told_back(settlement, assembly)
        executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid, key="school-year")
        _everything_holds(settlement)

    with asking(cast.receiver):
        assert Programme.objects.get(pk=programme.pk).steward == cast.receiver.organisation


def _told_back(settlement: Settlement, assembly: Consultation) -> None:
    with asking(settlement.cast.community):
        now = Consultation.objects.get(pk=assembly.pk)
        changed = heard.what_changed(now)
        told = list(heard.you_said_here(now, "ro"))
    assert [str(need) for need in changed.needs] == ["The way to school"]
    assert len(changed.rankings) == 1
    assert [change.reason for change in changed.changes] == [
        "The assembly put the way to school first",
        "The bus answers it",
    ]
    assert [(vote.assent, vote.dissent) for vote in changed.votes] == [(28, 2)]
    assert told == [
        "Ați spus: Se inundă drumul; iarna nu merge nimeni",
        "  Am făcut: Din septembrie circulă un autobuz",
        "Comunitatea a primit răspunsul la 2024-07-01.",
    ]
    shown = said(
        "consultation",
        "show",
        settlement.programme.identifier,
        "school year",
        "--as",
        "manager@giver.example",
    )
    assert "The assembly put the way to school first" in " ".join(shown.split()), "broken to fit a terminal"


def _everything_holds(settlement: Settlement) -> None:
    cast, programme = settlement.cast, settlement.programme
    with asking(cast.receiver), custody(programme.pk):
        assert verify_programme(programme) == []
        verbs = [
            json.loads(body)["verb"]
            for body in LedgerEntry.objects.filter(programme_id=programme.pk)
            .order_by("seq")
            .values_list("body", flat=True)
        ]
    story = [
        "consultation.recorded",
        "consultation.needs_raised",
        "saying.recorded",
        "intervention.edited",
        "milestone.community_asked",
        "vote.held",
        "saying.answered",
        "consultation.told_back",
        "transfer.executed",
    ]
    assert [verb for verb in verbs if verb in story] == story
    assert "No findings" in said("verify", programme.identifier, "--as", "manager@receiver.example")
