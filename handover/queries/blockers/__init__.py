"""Blockers: what still keeps each responsibility from changing hands, who must do what about it, and until when.

Of a plan that is not accepted only its next turn is told: its steps begin once both sides have signed. Seats,
exceptions and equipment are checked once more when a handover is executed (``queries.gates``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from handover import clock
from handover.languages import counted, day
from handover.models import (
    AnnexLine,
    Grant,
    MilestoneDependency,
    Programme,
    SignOff,
    Standing,
    Transfer,
    TransferMilestone,
    TransferResponsibility,
)
from handover.models.annexes import AnnexDecision
from handover.models.milestones import MilestoneKind, Side
from handover.models.responsibilities import Phase
from handover.models.signoffs import SignOffSubject
from handover.models.transfers import OPEN_STATES, TransferState
from handover.permissions import StandingKind
from handover.queries import funding, waiting_readiness, waiting_transfers
from handover.queries.blockers.kinds import Blocked, Blocker, Kind, Plan
from handover.queries.blockers.steps import of_step
from handover.queries.funding import Carrier, Certainty
from handover.queries.tasks import is_overdue

__all__ = ["Blocked", "Blocker", "Kind", "blocked", "count"]

TURN: Final[Mapping[str, tuple[str, Promise]]] = {
    TransferState.DRAFT: ("giver", gettext_lazy("Finish the plan and propose it")),
    TransferState.PROPOSED: ("receiver", gettext_lazy("Accept the plan, or return it with comments")),
    TransferState.RETURNED: ("giver", gettext_lazy("Mend the plan and propose it again")),
}
"""Whose turn it is before a plan is accepted, and what they do."""


def blocked(programme: Programme, *, today: dt.date | None = None) -> list[Blocked]:
    """Give what every open transfer of a programme waits for: first each as a whole, then by responsibility.

    The number of queries does not depend on how many there are. Inside ``access.asking``.
    """
    transfers = list(_transfers(programme))
    if not transfers:
        return []
    steps = waiting_transfers.steps_of(transfers)
    unmet = waiting_readiness.unmet(steps)
    moves = list(
        TransferResponsibility.objects.filter(transfer__in=transfers, moved_at=None)
        .select_related("responsibility", "milestone")
        .order_by("responsibility_id")
    )
    ends_on = transfers[0].grant_ends_on  # type: ignore[attr-defined]
    carriers = funding.carriers(programme, ends_on) if ends_on and moves else {}
    found = []
    for transfer in transfers:
        agreed = transfer.state == TransferState.ACCEPTED
        open_steps = [step for step in steps if agreed and step.done_at is None]
        own = {step.pk: step for step in open_steps if step.transfer_id == transfer.pk}
        plan = Plan(transfer, own, _waits_for(transfer, own), unmet, today or clock.today())
        mine = [move for move in moves if move.transfer_id == transfer.pk]
        found += list(_of_plan(plan, mine, carriers, ends_on))
    return found


def count(found: Iterable[Blocked]) -> int:
    """Count the blockers."""
    return sum(len(item.blockers) for item in found)


def _transfers(programme: Programme) -> QuerySet[Transfer]:
    """Give the open transfers with all that decides what they wait for but their steps, in one query."""
    steps = TransferMilestone.objects.filter(transfer=OuterRef("pk"))
    said = SignOff.objects.filter(
        transfer=OuterRef("pk"), subject=SignOffSubject.PLAN, digest=OuterRef("plan_digest")
    )
    grants = Grant.objects.filter(programme=OuterRef("programme"))
    waits = MilestoneDependency.objects.filter(milestone__transfer=OuterRef("pk"), waits_for__done_at=None)
    kinds = (StandingKind.COMMUNITY.value, StandingKind.DONOR.value)
    others = Standing.objects.filter(
        programme=OuterRef("programme"), kind__in=kinds, valid__contains=clock.now()
    )
    annex = AnnexLine.objects.filter(transfer=OuterRef("pk")).exclude(
        decision__in=(AnnexDecision.ACCEPTED, AnnexDecision.RESERVED)
    )
    consent = steps.filter(kind=MilestoneKind.DONOR_CONSENT, signs__contains=[Side.DONOR.value])
    validation = steps.filter(kind=MilestoneKind.COMMUNITY_VALIDATION, signs__contains=[Side.COMMUNITY.value])
    return (
        Transfer.objects.filter(programme=programme, state__in=OPEN_STATES, reverses=None)
        .select_related("programme", "giver", "receiver")
        .annotate(
            plan_since=Subquery(said.order_by("signed_at").values("signed_at")[:1]),
            grant_ends_on=Subquery(grants.order_by("-ends_on").values("ends_on")[:1]),
            dependencies=ArraySubquery(
                waits.order_by("id").values(json=JSONObject(step="milestone_id", waits_for="waits_for_id"))
            ),
            others=ArraySubquery(
                others.order_by("id").values(json=JSONObject(kind="kind", name="organisation__name"))
            ),
            annex_open=ArraySubquery(annex.order_by("id").values("decision")),
            asking=ArraySubquery(
                grants.filter(donor_consent_required=True)
                .order_by("id")
                .values(json=JSONObject(number="agreement_number", donor="donor__name"))
            ),
            has_consent=Exists(consent),
            has_validation=Exists(validation),
            moves_debtor=Exists(
                TransferResponsibility.objects.filter(transfer=OuterRef("pk"), moves_debtor=True)
            ),
        )
        .order_by("-lead", "id")
    )


def _waits_for(transfer: Any, steps: Mapping[int, TransferMilestone]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for pair in transfer.dependencies:
        if pair["step"] in steps and pair["waits_for"] in steps:
            found.setdefault(pair["step"], []).append(pair["waits_for"])
    return found


def _of_plan(
    plan: Plan,
    moves: Sequence[TransferResponsibility],
    carriers: Mapping[int | None, Carrier],
    ends_on: dt.date | None,
) -> Iterator[Blocked]:
    transfer = plan.transfer
    common = {
        "transfer": transfer.uuid,
        "transfer_title": transfer.title,
        "receiver": transfer.receiver.name,
    }
    moved_by = {move.milestone_id for move in moves if move.milestone_id in plan.steps}
    whole = [*_turn(plan), *_of_transfer(plan)]
    for key, step in plan.steps.items():
        if key not in moved_by:
            whole += list(of_step(plan, step))
    yield Blocked(
        responsibility=None,
        title=transfer.title,
        moves_with="",
        blockers=_in_order(whole),
        **common,
    )
    for move in moves:
        with_it = plan.steps.get(move.milestone_id or 0)
        mine = list(of_step(plan, with_it)) if with_it is not None else []
        mine += list(_money(plan, move, carriers.get(move.responsibility_id), ends_on))
        yield Blocked(
            responsibility=move.responsibility.uuid,
            title=move.responsibility.title,
            moves_with=move.milestone.title if move.milestone else "",
            blockers=_in_order(mine),
            **common,
        )


def _in_order(found: Iterable[Blocker]) -> list[Blocker]:
    """Put what is due first first, and what has no day last."""
    return sorted(found, key=lambda item: item.due_on or dt.date.max)


# --- a transfer as a whole ------------------------------------------------------------------------


def _turn(plan: Plan) -> Iterator[Blocker]:
    if plan.transfer.state not in TURN:
        return
    side, todo = TURN[plan.transfer.state]
    yield Blocker(
        kind=Kind.PLAN,
        sentence=_("The plan is not accepted yet; its steps begin once both sides have signed it."),
        todo=str(todo),
        who=plan.names(side),
        places=plan.places(),
    )


def _of_transfer(plan: Plan) -> Iterator[Blocker]:
    transfer = plan.transfer
    giver, places = plan.names(Side.GIVER), plan.places()
    if not transfer.has_consent:
        mend = _("Put a step for the donor’s consent into the plan")
        for grant in transfer.asking:
            sentence = _(
                "Grant %(number)s asks for the consent of %(donor)s, and no step of the plan asks for it."
            )
            yield Blocker(Kind.CONSENT, sentence % grant, mend, giver, places=places)
        if transfer.moves_debtor and not transfer.asking:
            sentence = _(
                "The plan moves what is owed to the donor, and no step asks for the donor’s consent."
            )
            yield Blocker(Kind.CONSENT, sentence, mend, giver, places=places)
    if not transfer.has_validation:
        yield Blocker(
            Kind.CONSENT,
            _("No step of the plan asks the community to validate the handover."),
            _("Put a step for the community’s validation into the plan"),
            giver,
            places=places,
        )
    if transfer.state == TransferState.ACCEPTED:
        yield from _of_annex(plan)


def _of_annex(plan: Plan) -> Iterator[Blocker]:
    lines = plan.transfer.annex_open
    waiting = sum(decision == AnnexDecision.OPEN for decision in lines)
    refused = len(lines) - waiting
    if waiting:
        yield Blocker(
            Kind.ANNEX,
            counted(
                "%(count)s line of the annexes is not answered.",
                "%(count)s lines of the annexes are not answered.",
                waiting,
            ),
            _("Accept, reserve or refuse each line"),
            plan.names(Side.RECEIVER),
            places=plan.places(),
        )
    if refused:
        yield Blocker(
            Kind.ANNEX,
            counted(
                "%(count)s line of the annexes is refused.",
                "%(count)s lines of the annexes are refused.",
                refused,
            ),
            _("Agree on each line that is refused"),
            [*plan.names(Side.GIVER), *plan.names(Side.RECEIVER)],
            places=plan.places(),
        )


# --- the money ------------------------------------------------------------------------------------


def _money(
    plan: Plan, move: TransferResponsibility, carrier: Carrier | None, ends_on: dt.date | None
) -> Iterator[Blocker]:
    """Tell whether whoever takes a responsibility over has money for it once the grant is over."""
    if (
        carrier is None
        or ends_on is None
        or move.phase == Phase.OUT
        or carrier.certainty == Certainty.DECIDED
    ):
        return
    about = {"what": move.responsibility.title, "day": day(ends_on)}
    receiver = plan.names(Side.RECEIVER)
    places = (("registers", (plan.transfer.programme.uuid,)), *plan.places())
    if carrier.certainty == Certainty.NONE:
        told = (
            _("There is no budget line and no post for “%(what)s” after %(day)s, when the grant ends.")
            % about
        )
        todo = _("Enter a budget line and ask the council for it")
    else:
        told = _("Money for “%(what)s” after %(day)s is asked for, and nobody has decided on it.") % about
        todo = _("Have the council adopt the budget line, and enter it as adopted")
    late = is_overdue(ends_on, plan.today)
    yield Blocker(Kind.BUDGET_LINE, told, todo, receiver, due_on=ends_on, late=late, places=places)
