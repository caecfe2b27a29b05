"""The plan of a transfer as one document, and the digests that signatures bind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from handover.canonical import digest
from handover.models import Preview, Transfer, TransferMilestone


def plan(transfer: Transfer) -> dict[str, Any]:
    """Give all that both sides and the community agree to, in JSON types, in an order that never varies.

    The receiver's answers to annex lines are no part of it: they are given when the plan is accepted.
    """
    items = transfer.items.select_related("responsibility", "provider_after", "milestone").order_by("uuid")
    milestones = transfer.milestones.prefetch_related("dependencies__waits_for").order_by("uuid")
    preview = transfer.previews.order_by("-id").first()
    return {
        "v": 1,
        "transfer": transfer.uuid,
        "programme": transfer.programme.uuid,
        "title": transfer.title,
        "giver": transfer.giver.uuid,
        "receiver": transfer.receiver.uuid,
        "lead": transfer.lead,
        "give_back_days": transfer.give_back_days,
        "retention_until": transfer.retention_until,
        "responsibilities": [
            {
                "uuid": item.responsibility.uuid,
                "title": item.responsibility.title,
                "phase": item.phase,
                "provider_after": item.provider_after.uuid if item.provider_after else None,
                "moves_debtor": item.moves_debtor,
                "milestone": item.milestone.uuid if item.milestone else None,
            }
            for item in items
        ],
        "milestones": [_milestone(milestone) for milestone in milestones],
        "keeps": [
            {"kind": keep.kind, "until": keep.until, "indicators": sorted(keep.indicator_uuids)}
            for keep in transfer.keeps.order_by("kind")
        ],
        "mappings": [
            {"exception": mapping.grant_key, "to": mapping.to_user.uuid if mapping.to_user else None}
            for mapping in transfer.mappings.select_related("to_user").order_by("grant_key")
        ],
        "annex": [
            {"uuid": line.uuid, "kind": line.kind, "text": line.text, "subject": line.subject_uuid}
            for line in transfer.annex.order_by("uuid")
        ],
        "preview": preview.digest if preview else None,
    }


def _milestone(milestone: TransferMilestone) -> dict[str, Any]:
    """Give a milestone; what was not said is left out, so that plans signed before it could be said still hold."""
    gates = [
        {
            "instrument": gate.instrument_key,
            "domain": gate.domain,
            "responsibility": gate.responsibility.uuid if gate.responsibility else None,
            "at_least": gate.at_least,
        }
        for gate in milestone.score_gates.select_related("responsibility").order_by("uuid")
    ]
    said = {
        "quorum": milestone.quorum,
        "on_dissent": milestone.on_dissent or None,
        "score_gates": gates or None,
    }
    return {
        **{name: value for name, value in said.items() if value is not None},
        "uuid": milestone.uuid,
        "kind": milestone.kind,
        "title": milestone.title,
        "due_on": milestone.due_on,
        "evidence_required": milestone.evidence_required,
        "signs": sorted(milestone.signs),
        "waits_for": sorted(str(item.waits_for.uuid) for item in milestone.dependencies.all()),
    }


def plan_digest(transfer: Transfer) -> str:
    """Give the SHA-256 of the plan as it stands."""
    return digest(plan(transfer))


def milestone_digest(milestone: TransferMilestone) -> str:
    """Give what a milestone's signatures bind: the agreed plan, the milestone, and exactly the evidence and the
    votes that are there."""
    evidence = milestone.evidence.select_related("file").order_by("uuid")
    return bound_by_signatures(
        plan=milestone.transfer.plan_digest,
        milestone=milestone.uuid,
        legal_act=milestone.legal_act.uuid if milestone.legal_act else None,
        evidence=[
            {
                "uuid": item.uuid,
                "title": item.title,
                "sha256": item.file.sha256 if item.file else None,
                "link": item.link,
            }
            for item in evidence
        ],
        votes=list(milestone.votes.order_by("uuid").values_list("uuid", flat=True)),
    )


def bound_by_signatures(
    *,
    plan: str,
    milestone: UUID,
    legal_act: UUID | None,
    evidence: Sequence[Mapping[str, Any]],
    votes: Sequence[UUID | str],
) -> str:
    """Give the digest of a milestone from what it is made of; evidence and votes in the order of their UUIDs."""
    return digest(
        {
            # Only where there are any: what was signed before communities voted still holds.
            **({"votes": votes} if votes else {}),
            "plan": plan,
            "milestone": milestone,
            "legal_act": legal_act,
            "evidence": evidence,
        }
    )


def latest_preview(transfer: Transfer) -> Preview | None:
    """Give the preview that the plan carries."""
    return transfer.previews.order_by("-id").first()
