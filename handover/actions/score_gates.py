"""What a plan takes from readiness: milestones that wait for a score, and milestones that a gap proposed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from handover import access, ledger
from handover.access import Actor
from handover.actions import action, milestones
from handover.actions.evidence import milestone_for
from handover.actions.transfers import editable
from handover.canonical import decimal_text
from handover.errors import Invalid, NotFound
from handover.models import Responsibility, ScoreGate, Transfer, TransferMilestone
from handover.models.milestones import Side
from handover.permissions import Permission
from handover.queries.readiness import latest_instruments
from handover.queries.readiness_proposals import proposal_named


@action
def require_score(
    *,
    by: Actor,
    milestone_uuid: UUID,
    instrument_key: str,
    at_least: Decimal,
    domain: str = "",
    responsibility_uuid: UUID | None = None,
) -> ScoreGate:
    """Let a milestone wait until the agreed score of a domain, or of the whole, is high enough.

    Raises:
        NotFound, NotAllowed, Refused: the plan is not the actor's to change now.
        Invalid: the instrument is not adopted, has no such domain, or is not asked about this; the score is off the
            range of 0 to 100; the responsibility is not in the plan; or the milestone waits for this already.
    """
    milestone = milestone_for(by, milestone_uuid, may=Permission.VIEW)
    transfer = editable(by, milestone.transfer.uuid)
    found = latest_instruments(transfer.programme_id, {instrument_key}).get(instrument_key)
    if found is None:
        raise Invalid(
            "instrument_not_adopted",
            f"The programme has no instrument “{instrument_key}”.",
            field="instrument",
        )
    if domain:
        found.domain(domain)
    if not at_least.is_finite() or not 0 < at_least <= 100 or at_least != round(at_least, 2):
        raise Invalid(
            "score_off_range",
            f"“{milestone.title}” waits for a score above 0, up to 100, with two places at most; not {at_least}.",
            field="at_least",
        )
    responsibility = _in_plan(by, transfer, found.about, responsibility_uuid)
    same = milestone.score_gates.filter(
        instrument_key=instrument_key, domain=domain, responsibility=responsibility
    )
    if same.exists():
        raise Invalid(
            "score_required_already", f"“{milestone.title}” waits for this score already.", field="domain"
        )
    gate = ScoreGate.objects.create(
        programme=transfer.programme,
        milestone=milestone,
        instrument_key=instrument_key,
        domain=domain,
        responsibility=responsibility,
        at_least=at_least,
    )
    ledger.record(
        verb="milestone.score_required",
        by=by,
        programme=transfer.programme,
        subject=gate.uuid,
        data=_facts(gate),
    )
    return gate


def _in_plan(by: Actor, transfer: Transfer, about: str, uuid: UUID | None) -> Responsibility | None:
    if uuid is None:
        if about == "responsibility":
            raise Invalid(
                "responsibility_missing",
                "This instrument is asked of one responsibility at a time: say of which.",
                field="responsibility",
            )
        return None
    if about == "programme":
        raise Invalid(
            "asks_the_programme",
            "This instrument is asked of the programme, not of one responsibility.",
            field="responsibility",
        )
    found = access.responsibility_for(by, uuid, may=Permission.VIEW)
    if not transfer.items.filter(responsibility=found).exists():
        raise Invalid("outside_plan", f"“{found.title}” is not in this plan.", field="responsibility")
    return found


def _facts(gate: ScoreGate) -> dict[str, object]:
    return {
        "milestone": gate.milestone.uuid,
        "instrument": gate.instrument_key,
        "domain": gate.domain,
        "responsibility": gate.responsibility.uuid if gate.responsibility else None,
        "at_least": gate.at_least,
    }


@action
def lift(*, by: Actor, gate_uuid: UUID) -> None:
    """Let a milestone wait for a score no longer.

    Raises:
        NotFound, NotAllowed, Refused: there is no such gate, or the plan is not the actor's to change now.
    """
    gate = ScoreGate.objects.select_related("milestone", "responsibility").filter(uuid=gate_uuid).first()
    if gate is None:
        raise NotFound("score gate")
    milestone = milestone_for(by, gate.milestone.uuid, may=Permission.VIEW)
    transfer = editable(by, milestone.transfer.uuid)
    facts = _facts(gate)
    ScoreGate.objects.filter(pk=gate.pk).delete()
    ledger.record(
        verb="milestone.score_lifted", by=by, programme=transfer.programme, subject=gate.uuid, data=facts
    )


@action
def accept_proposal(
    *,
    by: Actor,
    transfer_uuid: UUID,
    key: str,
    due_on: dt.date | None = None,
    title: str = "",
    signs: Sequence[Side | str] | None = None,
    lang: str = "en",
) -> TransferMilestone:
    """Put a proposed milestone into the plan, as it is proposed or with another day, title or signatories.

    The ledger keeps why: the domain, its agreed score, and what ready would have been.

    Raises:
        NotFound, NotAllowed, Refused: the plan is not the actor's to change now.
        Invalid: nothing is proposed under this key, or the milestone cannot be planned so.
    """
    transfer = editable(by, transfer_uuid)
    proposal = proposal_named(transfer, key, lang=lang)
    milestone = milestones.plan(
        by=by,
        transfer_uuid=transfer_uuid,
        kind=proposal.kind,
        title=title.strip() or proposal.title,
        due_on=due_on or proposal.due_on,
        signs=proposal.signs if signs is None else signs,
    )
    ledger.record(
        verb="readiness.proposal_accepted",
        by=by,
        programme=transfer.programme,
        subject=milestone.uuid,
        data={
            "proposal": key,
            "why": proposal.why,
            "score": proposal.score,
            "short": decimal_text(proposal.missing),
            "assessment": proposal.agreed.uuid,
        },
    )
    return milestone
