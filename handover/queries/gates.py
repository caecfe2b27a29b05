"""Gates: everything that still stands between an accepted plan and its execution, named at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from handover import clock, holdings
from handover.errors import Gate
from handover.models import (
    Grant,
    Programme,
    Responsibility,
    Transfer,
    TransferMilestone,
    TransferResponsibility,
)
from handover.models.annexes import AnnexDecision
from handover.models.legal_acts import FALLEN
from handover.models.milestones import MilestoneKind, Side
from handover.models.responsibilities import Capacity, Phase
from handover.models.signoffs import Decision
from handover.models.transfers import OPEN_STATES, TransferState
from handover.queries import readiness, votes
from handover.queries.plans import milestone_digest, plan_digest
from handover.queries.previews import (
    Held,
    concerned_exceptions,
    derived,
    held_after,
    held_now,
    holders_after,
    holders_now,
    people,
    standings_now,
    unanswered,
)
from handover.queries.signoffs import missing_sides, objections, standing_voices


def gates(transfer: Transfer) -> list[Gate]:
    """Name every unmet gate of a transfer, in the order of its story; none means that it may be executed."""
    milestones = list(
        transfer.milestones.select_related("transfer__programme", "legal_act").prefetch_related(
            "signoffs", "evidence"
        )
    )
    return [
        *_state(transfer),
        *_milestones(milestones),
        *_donor(transfer, milestones),
        *_community(milestones),
        *votes.gates(transfer),
        *readiness.gates(transfer),
        *_annex(transfer),
        *_exceptions(transfer),
        *_holder(transfer, transfer.items.select_related("responsibility")),
        *_answerers(transfer),
        *(_rest(transfer) if transfer.lead else ()),
        *(gate for holding in holdings.holdings() for gate in holding.gates(transfer)),
    ]


def _state(transfer: Transfer) -> Iterator[Gate]:
    if transfer.state != TransferState.ACCEPTED:
        yield Gate(
            "not_accepted",
            f"The transfer is {transfer.get_state_display()}, not accepted.",
            str(transfer.uuid),
        )
    elif plan_digest(transfer) != transfer.plan_digest:
        yield Gate("plan_changed", "The plan is not the one that both sides signed.", str(transfer.uuid))


def _milestones(milestones: list[TransferMilestone]) -> Iterator[Gate]:
    for milestone in milestones:
        if milestone.legal_act is not None and milestone.legal_act.status in FALLEN:
            act = milestone.legal_act
            sentence = f"“{milestone.title}” rests on {act}, which is {act.get_status_display()}."
            yield Gate("act_fallen", sentence, str(milestone.uuid))
        if milestone.done_at is not None:
            continue
        missing = missing_sides(milestone.signoffs.all(), milestone_digest(milestone), milestone.signs)
        due, lacks = f"{milestone.due_on:%d %B %Y}", ", ".join(missing) or "evidence"
        sentence = f"“{milestone.title}” (due {due}) is not done; missing: {lacks}."
        yield Gate("milestone_unmet", sentence, str(milestone.uuid))
        for voice in objections(milestone.signoffs.all()):
            sentence = f"The {voice.side} objects to “{milestone.title}”: {voice.remark}"
            yield Gate("open_conflict", sentence, str(voice.uuid))


def _done(milestones: list[TransferMilestone], kind: MilestoneKind, side: Side) -> bool:
    return any(item.kind == kind and item.done_at is not None and side in item.signs for item in milestones)


def _donor(transfer: Transfer, milestones: list[TransferMilestone]) -> Iterator[Gate]:
    consents = [item for item in milestones if _done([item], MilestoneKind.DONOR_CONSENT, Side.DONOR)]
    consenting = {
        voice.organisation_id
        for item in consents
        for voice in standing_voices(item.signoffs.all(), milestone_digest(item)).values()
        if voice.side == Side.DONOR and voice.decision != Decision.OBJECTS
    }
    asking = Grant.objects.filter(programme=transfer.programme_id, donor_consent_required=True)
    for grant in asking.select_related("donor").order_by("pk"):
        if grant.donor_id not in consenting:
            yield Gate(
                "donor_consent_missing",
                f"Grant {grant.agreement_number} asks for the donor's consent, and no milestone that"
                f" {grant.donor.name} signed gives it.",
                str(grant.uuid),
            )
    if not consents and transfer.items.filter(moves_debtor=True).exists():
        yield Gate(
            "donor_consent_missing",
            "Moving what is owed to the donor needs the donor's consent, and no milestone that the donor signed"
            " gives it.",
        )


def _community(milestones: list[TransferMilestone]) -> Iterator[Gate]:
    if not _done(milestones, MilestoneKind.COMMUNITY_VALIDATION, Side.COMMUNITY):
        yield Gate("community_validation_missing", "The community has not validated the transfer.")


def _annex(transfer: Transfer) -> Iterator[Gate]:
    for line in transfer.annex.exclude(decision__in=(AnnexDecision.ACCEPTED, AnnexDecision.RESERVED)):
        code, word = (
            ("annex_unanswered", "is not answered yet")
            if line.decision == AnnexDecision.OPEN
            else ("open_conflict", "is refused")
        )
        yield Gate(code, f"Annex line “{line.text[:120]}” {word}.", str(line.uuid))


def _exceptions(transfer: Transfer, *, only: Collection[int] | None = None) -> Iterator[Gate]:
    mapped = set(transfer.mappings.values_list("grant_key", flat=True))
    for item in concerned_exceptions(transfer):
        if item.key not in mapped and (only is None or item.responsibility in only):
            yield Gate(
                "permission_unmapped",
                f"{item.user_name}'s exception “{item.permission.help}” is neither mapped nor given up.",
                item.key,
            )


def _answerers(transfer: Transfer) -> Iterator[Gate]:
    """No permission that somebody holds may be left without somebody in the organisation that then
    answers."""
    after, answering = held_after(transfer), holders_after(transfer)
    answering[None] = transfer.receiver_id if transfer.lead else transfer.programme.steward_id
    yield from _unanswered(transfer, after, answering)


def moving_gates(milestone: TransferMilestone) -> list[Gate]:
    """Name what keeps the responsibilities that a milestone moves from moving with it.

    The donor's consent, where it is asked for, comes before the first of them. The community's validation does not: it
    is of services that already run in other hands, and stands before the execution.
    """
    transfer = milestone.transfer
    items = list(transfer.items.filter(milestone=milestone, moved_at__isnull=True))
    if not items:
        return []
    holders = holders_now(transfer.programme)
    for item in items:
        holders[item.responsibility_id] = None if item.phase == Phase.OUT else transfer.receiver_id
    others = transfer.milestones.select_related("transfer__programme", "legal_act").prefetch_related(
        "signoffs"
    )
    return [
        *_state(transfer),
        *_donor(transfer, list(others)),
        *_holder(transfer, items),
        *_exceptions(transfer, only={item.responsibility_id for item in items}),
        *_unanswered(
            transfer,
            derived(standings_now(transfer.programme), holders),
            {**holders, None: transfer.programme.steward_id},
        ),
    ]


def _holder(transfer: Transfer, items: Iterable[TransferResponsibility]) -> Iterator[Gate]:
    """A giver gives what is its own: since the plan was signed another transfer may have been given back."""
    holders = holders_now(transfer.programme)
    for item in items:
        if item.moved_at is None and holders.get(item.responsibility_id) != transfer.giver_id:
            yield Gate(
                "holder_changed",
                f"{transfer.giver.name} does not hold “{item.responsibility.title}” any more.",
                str(item.responsibility.uuid),
            )


def _unanswered(
    transfer: Transfer, after: Held, answering: Mapping[int | None, int | None]
) -> Iterator[Gate]:
    before = held_now(transfer.programme)
    seats = people({holder.organisation for holder in (*before, *after)})
    titles = dict(Responsibility.objects.filter(programme=transfer.programme_id).values_list("pk", "title"))
    for thing, permission in unanswered(seats, before, after, answering):
        where = "the programme" if thing is None else f"“{titles[thing]}”"
        yield Gate(
            "nobody_to_answer",
            f"Nobody at the organisation that would answer for {where} could: {permission.help.lower()}.",
            f"{thing or 'programme'}/{permission.value}",
        )


def _rest(transfer: Transfer) -> Iterator[Gate]:
    """The last transfer moves stewardship: nothing may be left behind with a giver who then only reads."""
    if transfer.programme.steward_id != transfer.giver_id:
        yield Gate("steward_changed", f"{transfer.giver.name} does not steward the programme any more.")
    if transfer.retention_until < clock.today():
        yield Gate("keeps_past", "What the plan leaves to the giver would end before the handover.")
    open_ones = Transfer.objects.filter(
        programme=transfer.programme_id, giver=transfer.giver_id, state__in=OPEN_STATES, reverses=None
    )
    others = list(open_ones.exclude(pk=transfer.pk).select_related("receiver"))
    for other in others:
        yield Gate(
            "other_transfer_open",
            f"The transfer to {other.receiver.name} is {other.get_state_display()}: execute or revoke it first.",
            str(other.uuid),
        )
    if Programme.objects.filter(
        steward=transfer.receiver_id, identifier=transfer.programme.identifier
    ).exists():
        yield Gate(
            "identifier_taken", f"{transfer.receiver.name} stewards another programme with this identifier."
        )
    planned = TransferResponsibility.objects.filter(transfer__in=[transfer, *others]).values(
        "responsibility_id"
    )
    left = Responsibility.objects.filter(
        programme=transfer.programme_id,
        tenures__capacity=Capacity.HOLDER,
        tenures__organisation=transfer.giver_id,
        tenures__valid__contains=clock.today(),
    ).exclude(pk__in=planned)
    for responsibility in left:
        yield Gate(
            "responsibility_left",
            f"“{responsibility.title}” would stay with the giver: no plan moves it.",
            str(responsibility.uuid),
        )
