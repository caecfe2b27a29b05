"""Sign-offs: signing exactly one digest, for one side, in a capacity."""

from __future__ import annotations

from typing import Final

from django.db.models import F, Q

from handover import clock, ledger
from handover.access import Actor
from handover.canonical import digest as digest_of
from handover.errors import Invalid, NotAllowed
from handover.models import LegalRepresentative, SignOff, Transfer, TransferMilestone
from handover.models.base import notice_personal_data
from handover.models.milestones import Side
from handover.models.signoffs import Decision, SignOffSubject
from handover.permissions import StandingKind
from handover.queries.signoffs import signoff_facts

STANDING_OF_SIDE: Final = {Side.COMMUNITY: StandingKind.COMMUNITY, Side.DONOR: StandingKind.DONOR}


def side_of(transfer: Transfer, by: Actor) -> Side:
    """Tell for which side an actor signs: the giver's, the receiver's, or the one that its organisation's
    standing gives.

    Raises:
        NotAllowed: the organisation is no side of this transfer.
    """
    if by.organisation.pk == transfer.giver_id:
        return Side.GIVER
    if by.organisation.pk == transfer.receiver_id:
        return Side.RECEIVER
    kinds = set(
        by.organisation.standings.filter(
            programme=transfer.programme_id, valid__contains=clock.now()
        ).values_list("kind", flat=True)
    )
    for side, kind in STANDING_OF_SIDE.items():
        if kind.value in kinds:
            return side
    raise NotAllowed("no_side", f"{by.organisation.name} is no side of this transfer.")


def write_signoff(
    *,
    by: Actor,
    transfer: Transfer,
    subject: SignOffSubject,
    digest: str,
    milestone: TransferMilestone | None = None,
    decision: Decision = Decision.AGREES,
    remark: str = "",
) -> SignOff:
    """Sign, inside an action that has authorised it, and record the signature's own digest in the ledger.

    Raises:
        NotAllowed: the organisation is no side, or the person has signed this transfer for another side.
        Invalid: an objection or a dissent without a word of why, or one on something that only takes
            agreement.
    """
    side = side_of(transfer, by)
    other = SignOff.objects.filter(transfer=transfer, user=by.user).exclude(side=side).first()
    if other is not None:
        raise NotAllowed(
            "both_sides", f"You have signed this transfer for the {other.side}: nobody signs for two sides."
        )
    if decision is not Decision.AGREES and not remark.strip():
        raise Invalid(
            "remark_missing", "Say why: a dissent or an objection is kept in your words.", field="remark"
        )
    mandate = _mandate(by)
    signoff = SignOff.objects.create(
        programme=transfer.programme,
        transfer=transfer,
        subject=subject,
        milestone=milestone,
        side=side,
        organisation=by.organisation,
        user=by.user,
        user_uuid=by.user.uuid,
        signatory=by.user.called,
        capacity=mandate.capacity if mandate else "",
        mandate_act=mandate.mandate_act if mandate else "",
        decision=decision,
        remark=remark.strip(),
        digest=digest,
        signed_at=clock.now(),
    )
    notice_personal_data(signoff)
    facts = signoff_facts(signoff)
    ledger.record(
        verb="signoff.given",
        by=by,
        programme=transfer.programme,
        subject=signoff.uuid,
        data={"facts": facts, "facts_digest": digest_of(facts)},
    )
    return signoff


def _mandate(by: Actor) -> LegalRepresentative | None:
    today = clock.today()
    return (
        LegalRepresentative.objects.filter(organisation=by.organisation, valid_from__lte=today)
        .filter(Q(user=by.user) | Q(user__isnull=True))
        .exclude(valid_to__lt=today)
        .order_by(F("user").asc(nulls_last=True), "-valid_from")
        .first()
    )
