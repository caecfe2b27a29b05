"""What a paper says, in no language: the same for whoever asks, so that both sides hold the same paper."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any, Final

from handover import keys
from handover.clock import HOUSE_ZONE
from handover.models import (
    AnnexLine,
    Checkpoint,
    LedgerEntry,
    LegalAct,
    LogLeaf,
    Organisation,
    Proof,
    SignOff,
    Transfer,
    TransferMilestone,
)
from handover.models.annexes import AnnexDecision, AnnexKind
from handover.models.budgets import BudgetLine
from handover.models.milestones import Side
from handover.models.papers import PaperKind
from handover.models.registers import Contract, Equipment, Licence, Post, Premises
from handover.models.signoffs import SignOffSubject
from handover.queries.plans import latest_preview

VERSION: Final = 1
EXECUTED: Final = '"verb":"transfer.executed"'
REGISTERS: Final = (Post, Equipment, Premises, Licence, Contract, BudgetLine)


def reference(transfer: Transfer) -> str:
    """Give the reference number of a handover: what stands on its papers, and what people say on the telephone."""
    return f"HO-{transfer.uuid.hex[:8].upper()}"


def facts(transfer: Transfer, kind: PaperKind) -> dict[str, Any]:
    """Give all that a paper says."""
    about = {
        "v": VERSION,
        "paper": kind.value,
        "reference": reference(transfer),
        "draft": transfer.executed_at is None,
        "programme": {
            "uuid": transfer.programme.uuid,
            "identifier": transfer.programme.identifier,
            "title": transfer.programme.title,
        },
        "transfer": _transfer(transfer),
        "giver": _party(transfer, transfer.giver, Side.GIVER),
        "receiver": _party(transfer, transfer.receiver, Side.RECEIVER),
        "ledger": ledger_word(transfer),
    }
    match kind:
        case PaperKind.PROTOCOL:
            return {**about, **_protocol(transfer)}
        case PaperKind.ANNEXES:
            return {**about, **_annexes(transfer)}
        case PaperKind.PROOF:
            return {**about, **_proof(transfer)}


def day_of(instant: dt.datetime | None) -> dt.date | None:
    """Give the day of an instant on the house's clock."""
    return instant.astimezone(HOUSE_ZONE).date() if instant else None


def made_at(transfer: Transfer) -> dt.datetime:
    """Give the instant that a paper bears: that of the last thing it tells, so that it is the same for all."""
    told = [
        transfer.programme.created_at,
        *([transfer.executed_at] if transfer.executed_at else []),
        *transfer.previews.values_list("made_at", flat=True),
        *transfer.signoffs.values_list("signed_at", flat=True),
    ]
    return max(told)


def _transfer(transfer: Transfer) -> dict[str, Any]:
    return {
        "uuid": transfer.uuid,
        "title": transfer.title,
        "state": str(transfer.state),
        "lead": transfer.lead,
        "executed_on": day_of(transfer.executed_at),
        "give_back_days": transfer.give_back_days,
        "retention_until": transfer.retention_until,
        "reverses": reference(transfer.reverses) if transfer.reverses else None,
    }


def _party(transfer: Transfer, organisation: Organisation, side: Side) -> dict[str, Any]:
    """Give a side, and in which capacity and by which act it signed last; nothing where nobody has yet."""
    signed = transfer.signoffs.filter(
        side=side, organisation=organisation, subject__in=(SignOffSubject.PLAN, SignOffSubject.PROOF)
    )
    last = signed.exclude(capacity="").order_by("-id").first()
    return {
        "uuid": organisation.uuid,
        "name": organisation.name,
        "registration_number": organisation.registration_number,
        "country": organisation.country,
        "capacity": last.capacity if last else "",
        "mandate_act": last.mandate_act if last else "",
    }


def ledger_word(transfer: Transfer) -> dict[str, Any]:
    """Give what the ledger says of a transfer: the digests that were signed, the entry of its execution, and the first
    checkpoint that covers it."""
    said: dict[str, Any] = {
        "chain": transfer.programme.uuid,
        "plan": transfer.plan_digest,
        "proof": None,
        "entry": None,
        "checkpoint": None,
    }
    proof = Proof.objects.filter(transfer=transfer).first()
    if proof is None:
        return said
    entry = (
        LedgerEntry.objects.filter(chain=transfer.programme.uuid, body__contains=EXECUTED)
        .filter(body__contains=f'"subject":"{transfer.uuid}"')
        .order_by("seq")
        .first()
    )
    if entry is None:
        return {**said, "proof": proof.digest}
    return {
        **said,
        "proof": proof.digest,
        "entry": {"seq": entry.seq, "hash": bytes(entry.hash), "recorded_at": entry.recorded_at},
        "checkpoint": checkpoint_over(entry),
    }


def checkpoint_over(entry: LedgerEntry) -> dict[str, Any] | None:
    """Give the first checkpoint that covers an entry, in two queries; ``None`` while none was made since."""
    leaf = LogLeaf.objects.filter(chain=entry.chain, seq__gte=entry.seq).order_by("position").first()
    if leaf is None:
        return None
    found = Checkpoint.objects.filter(size__gt=leaf.position).order_by("size").first()
    if found is None:
        return None
    return {
        "size": found.size,
        "root": bytes(found.root),
        "made_at": found.made_at,
        "key": keys.fingerprint(bytes(found.public_key)),
    }


# --- protocol ----------------------------------------------------------------------------------------------------


def _protocol(transfer: Transfer) -> dict[str, Any]:
    lines = list(transfer.annex.select_related("owner").order_by("id"))
    return {
        "responsibilities": _responsibilities(transfer),
        "legal_acts": [_legal_act(act) for act in _legal_acts(transfer)],
        "milestones": _milestones(transfer),
        "keeps": [
            {"kind": str(keep.kind), "until": keep.until, "indicators": len(keep.indicator_uuids)}
            for keep in transfer.keeps.order_by("kind")
        ],
        "annexes": [
            {"kind": kind.value, **_decisions(line for line in lines if line.kind == kind)}
            for kind in AnnexKind
            if any(line.kind == kind for line in lines)
        ],
        "reservations": [_line(line) for line in lines if line.decision == AnnexDecision.RESERVED],
        "signatures": _signatures(transfer),
    }


def _decisions(lines: Iterable[AnnexLine]) -> dict[str, int]:
    counted = dict.fromkeys(AnnexDecision.values, 0)
    for line in lines:
        counted[str(line.decision)] += 1
    return counted


def _responsibilities(transfer: Transfer) -> list[dict[str, Any]]:
    """Give what moves; what a giving back moves is what the transfer before it had moved."""
    source = transfer.reverses or transfer
    items = source.items.select_related("responsibility", "provider_after", "milestone").order_by("id")
    back = transfer.reverses_id is not None
    return [
        {
            "uuid": item.responsibility.uuid,
            "title": item.responsibility.title,
            "kind": str(item.responsibility.kind),
            "phase": None if back else str(item.phase),
            "moved_on": day_of(transfer.executed_at if back else item.moved_at),
            "milestone": item.milestone.title if item.milestone and not back else None,
            "provider_after": item.provider_after.name if item.provider_after and not back else None,
            "moves_debtor": item.moves_debtor,
        }
        for item in items
    ]


def _legal_acts(transfer: Transfer) -> list[LegalAct]:
    """Give the acts on which milestones, and the registers of what moves, rest. Where an act stands today is not said:
    a paper tells what it was made on."""
    moved = (transfer.reverses or transfer).items.values("responsibility")
    found = set(transfer.milestones.exclude(legal_act=None).values_list("legal_act", flat=True))
    for register in REGISTERS:
        rows = register._default_manager.filter(responsibility__in=moved).exclude(legal_act=None)
        found |= set(rows.values_list("legal_act", flat=True))
    return list(LegalAct.objects.filter(pk__in=found).select_related("issuer").order_by("dated", "id"))


def _legal_act(act: LegalAct) -> dict[str, Any]:
    return {
        "uuid": act.uuid,
        "kind": str(act.kind),
        "number": act.number,
        "title": act.title,
        "dated": act.dated,
        "issuer": act.issuer.name,
    }


def _milestones(transfer: Transfer) -> list[dict[str, Any]]:
    rows = transfer.milestones.select_related("legal_act").prefetch_related(
        "evidence__file", "signoffs__organisation"
    )
    return [_milestone(milestone) for milestone in rows.order_by("due_on", "id")]


def _milestone(milestone: TransferMilestone) -> dict[str, Any]:
    act = milestone.legal_act
    return {
        "uuid": milestone.uuid,
        "title": milestone.title,
        "kind": str(milestone.kind),
        "due_on": milestone.due_on,
        "done_on": day_of(milestone.done_at),
        "legal_act": act.uuid if act else None,
        "evidence": [
            {
                "title": item.title,
                "sha256": item.file.sha256 if item.file else None,
                "link": item.link or None,
            }
            for item in milestone.evidence.all()
        ],
        "signatures": [signature(item) for item in milestone.signoffs.all()],
    }


def _signatures(transfer: Transfer) -> list[dict[str, Any]]:
    """Give the sign-offs of the plan as agreed and of the proof."""
    rows = transfer.signoffs.exclude(subject=SignOffSubject.MILESTONE).select_related("organisation")
    proof = Proof.objects.filter(transfer=transfer).values_list("digest", flat=True).first()
    digests = {transfer.plan_digest, proof} - {"", None}
    return [signature(item) for item in rows.order_by("id") if item.digest in digests]


def signature(signoff: SignOff) -> dict[str, Any]:
    """Give a sign-off as papers tell it: what the ledger holds of it, without the account."""
    return {
        "uuid": signoff.uuid,
        "subject": str(signoff.subject),
        "side": str(signoff.side),
        "organisation": signoff.organisation.name,
        "signatory": signoff.signatory,
        "capacity": signoff.capacity,
        "mandate_act": signoff.mandate_act,
        "decision": str(signoff.decision),
        "remark": signoff.remark,
        "signed_on": day_of(signoff.signed_at),
    }


# --- annexes and proof -------------------------------------------------------------------------------------------


def _annexes(transfer: Transfer) -> dict[str, Any]:
    lines = list(transfer.annex.select_related("owner").order_by("id"))
    return {
        "lines": [_line(line) for line in lines],
        "permissions": _permissions(transfer),
    }


def _line(line: AnnexLine) -> dict[str, Any]:
    return {
        "uuid": line.uuid,
        "kind": str(line.kind),
        "text": line.text,
        "decision": str(line.decision),
        "reservation": line.reservation,
        "owner": line.owner.name if line.owner else None,
        "deadline": line.deadline,
    }


def _permissions(transfer: Transfer) -> dict[str, Any] | None:
    """Give the permission preview that was signed, by role: a paper names no accounts."""
    preview = latest_preview(transfer)
    if preview is None:
        return None
    body: dict[str, Any] = json.loads(preview.body)
    return {
        "digest": preview.digest,
        "roles": [
            {
                "organisation": role["organisation_name"],
                "role": role["role"],
                "changes": [
                    {key: line[key] for key in ("on", "title", "gained", "kept", "lost")}
                    for line in role["changes"]
                ],
            }
            for role in body["roles"]
        ],
        "exceptions": [
            {"permission": item["permission"], "on": item["on"], "outcome": item["outcome"].partition(" ")[0]}
            for item in body["exceptions"]
        ],
    }


def _proof(transfer: Transfer) -> dict[str, Any]:
    """The proof itself is carried beside: its digest is the ledger's word."""
    signed = transfer.signoffs.filter(subject=SignOffSubject.PROOF, digest=transfer.proof.digest)
    return {"signatures": [signature(item) for item in signed.select_related("organisation").order_by("id")]}
