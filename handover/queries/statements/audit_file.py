"""The audit file: an engagement with all that was asked, drawn and found, for whoever reads the programme.

Drafts of findings stand in no audit file, their auditors' own included: it is a paper that is passed on.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from handover import clock
from handover.models import (
    AuditEngagement,
    AuditFinding,
    AuditLook,
    AuditRequest,
    AuditSample,
    Evidence,
    Grant,
    LedgerEntry,
)
from handover.models.audits import FindingState
from handover.queries import annex_xvii, audits
from handover.queries.annex_xvii import Completeness
from handover.queries.obligations import today_of
from handover.queries.statements.sustainability import about, ledger

VERSION: Final = 1
KIND: Final = "audit"
VERB: Final = '"verb":"audit.'


def facts(engagement: AuditEngagement, cutoff: dt.datetime | None = None) -> dict[str, Any]:
    """Give all that the audit file says today, inside ``access.asking`` of somebody who reads the programme.

    Args:
        engagement: as ``audits.engagements`` gives it.
        cutoff: where the reader's view ends; what was asked, found and looked at is told as the pages tell it.
    """
    programme = engagement.programme
    requests = list(audits.requests(engagement).select_related("programme__steward"))
    samples = list(audits.samples(engagement))
    shared = AuditFinding.objects.filter(engagement=engagement).exclude(state=FindingState.DRAFT)
    findings = list(shared.select_related("debtor").order_by("id"))
    subjects = {row.uuid for rows in ((engagement,), requests, samples, findings) for row in rows}
    return {
        "v": VERSION,
        "statement": KIND,
        "on": clock.today(),
        "cutoff": cutoff,
        "programme": about(programme),
        "steward": {"uuid": programme.steward.uuid, "name": programme.steward.name},
        "audit": _engagement(engagement),
        "grants": _grants(engagement),
        "requests": _requests(requests, programme.pk, today_of(programme.steward)),
        "samples": [_sample(row) for row in samples],
        "findings": [_finding(row) for row in findings],
        "looks": [_look(row) for row in audits.looks(engagement).order_by("id")],
        "entries": _entries(engagement, subjects, cutoff),
        "ledger": ledger(programme, cutoff),
    }


def engagement_of(uuid: UUID) -> AuditEngagement | None:
    """Fetch an engagement that whoever asks sees behind the wall; whether they may read it is for ``access`` to say."""
    rows = AuditEngagement.objects.filter(uuid=uuid)
    return rows.select_related("auditor", "opened_by", "programme__steward").first()


def _engagement(row: AuditEngagement) -> dict[str, Any]:
    return {
        "uuid": row.uuid,
        "reference": row.reference,
        "title": row.title,
        "kind": str(row.kind),
        "state": audits.state(row).value,
        "purpose": row.purpose,
        "legal_basis": row.legal_basis,
        "auditor": row.auditor.name,
        "opened_by": row.opened_by.name,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "withdrawn_at": row.withdrawn_at,
        "notice": row.notice,
    }


def _grants(engagement: AuditEngagement) -> list[dict[str, Any]]:
    """Give the grants in scope, all of the programme where none is named, with how complete their data are."""
    scope = list(engagement.scope.values_list("grant_id", flat=True))
    rows = Grant.objects.filter(programme=engagement.programme_id).select_related("donor", "programme")
    if scope:
        rows = rows.filter(pk__in=scope)
    found = list(rows.order_by("starts_on", "id"))
    told = annex_xvii.of_grants(found)
    return [
        {
            "uuid": row.uuid,
            "agreement_number": row.agreement_number,
            "title": row.title,
            "donor": row.donor.name,
            "amount": row.amount,
            "currency": row.currency,
            "final_payment_on": row.final_payment_on,
            "named": bool(scope),
            "annex_xvii": [_group(item) for item in told[row.pk]],
        }
        for row in found
    ]


def _group(item: Completeness) -> dict[str, Any]:
    return {
        "numbers": item.group.numbers,
        "key": item.group.key,
        "held": item.held.value,
        "missing": list(item.missing),
    }


def _requests(rows: Sequence[AuditRequest], programme: int, today: dt.date) -> list[dict[str, Any]]:
    named = {UUID(key) for row in rows for key in row.evidence_uuids}
    digests = {
        str(uuid): digest
        for uuid, digest in Evidence.objects.filter(programme=programme, uuid__in=named).values_list(
            "uuid", "file__sha256"
        )
    }
    return [
        {
            "uuid": row.uuid,
            "title": row.title,
            "asked": row.asked,
            "due_on": row.due_on,
            "state": str(row.state),
            "overdue": audits.is_overdue(row, today=today),
            "answer": row.answer,
            "answered_at": row.answered_at,
            "evidence": [{"uuid": key, "sha256": digests.get(key)} for key in row.evidence_uuids],
            "remark": row.remark,
        }
        for row in rows
    ]


def _sample(row: AuditSample) -> dict[str, Any]:
    verified = audits.verify_sample(row)
    return {
        "uuid": row.uuid,
        "title": row.title,
        "population": str(row.population),
        "method": str(row.method),
        "size": row.size,
        "currency": row.currency,
        "committed_at": row.committed_at,
        "commitment": row.commitment,
        "frozen_at": row.frozen_at,
        "frame_size": len(row.frame) if row.frozen_at else None,
        "frame_digest": row.frame_digest,
        "revealed_at": row.revealed_at,
        "seed": row.seed,
        "holds": verified.holds if verified else None,
        "drawn": [
            {
                "number": item.number,
                "label": item.label,
                "place": item.place,
                "stratum": item.stratum,
                "cents": item.amount,
                "certain": item.certain,
            }
            for item in audits.checklist(row)
        ],
    }


def _finding(row: AuditFinding) -> dict[str, Any]:
    return {
        "uuid": row.uuid,
        "title": row.title,
        "severity": str(row.severity),
        "state": str(row.state),
        "criterion": row.criterion,
        "condition": row.condition,
        "cause": row.cause,
        "effect": row.effect,
        "affected_amount": row.affected_amount,
        "currency": row.currency,
        "irregularity": row.irregularity,
        "correction_rate": row.correction_rate,
        "correction_amount": row.correction_amount,
        "debtor": row.debtor.name if row.debtor else None,
        "recovery": str(row.recovery),
        "recommendation": row.recommendation,
        "due_on": row.due_on,
        "reply": row.reply,
        "replied_at": row.replied_at,
        "follow_up": row.follow_up,
        "closure_reason": row.closure_reason,
        "closed_at": row.closed_at,
    }


def _look(row: AuditLook) -> dict[str, Any]:
    return {"at": row.at, "what": row.what}


def _entries(
    engagement: AuditEngagement, subjects: Collection[UUID], cutoff: dt.datetime | None
) -> list[dict[str, Any]]:
    """Give the ledger's entries of what this file tells, by number and hash."""
    rows = LedgerEntry.objects.filter(
        chain=engagement.programme.uuid, programme_id=engagement.programme_id, body__contains=VERB
    )
    if cutoff is not None:
        rows = rows.filter(recorded_at__lte=cutoff)
    known = {str(uuid) for uuid in subjects}
    found = []
    for row in rows.order_by("seq"):
        body = json.loads(row.body)
        if str(body.get("subject")) in known:
            found.append(
                {
                    "seq": row.seq,
                    "verb": body["verb"],
                    "recorded_at": row.recorded_at,
                    "hash": bytes(row.hash),
                }
            )
    return found
