"""The sustainability report: what a programme's record says, on a day, of the years after its handover."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.db.models import Prefetch

from handover import clock
from handover.access import Reach
from handover.models import LedgerEntry, Programme, Proof, SustainabilityCheck, Transfer
from handover.models.checks import CheckState
from handover.models.transfers import TransferState
from handover.queries import checks, obligations, undertakings
from handover.queries.obligations import Duty, OfGrant
from handover.queries.paper_facts import checkpoint_over, day_of, reference
from handover.queries.undertakings import Told, Year

VERSION: Final = 1
KIND: Final = "sustainability"


def facts(reach: Reach) -> dict[str, Any]:
    """Give all that the report says today, as far as the reader's view goes.

    Held checks stand as they were held; beside them stands what the next one would say today.
    """
    programme, cutoff, today = reach.programme, reach.cutoff, clock.today()
    rows = list(checks.rows(programme, cutoff=cutoff))
    promised = undertakings.of_programme(programme, cutoff=cutoff, today=today)
    due = next((row for row in rows if row.state == CheckState.PLANNED), None)
    return {
        "v": VERSION,
        "statement": KIND,
        "on": today,
        "cutoff": cutoff,
        "programme": about(programme),
        "steward": {"uuid": programme.steward.uuid, "name": programme.steward.name},
        "handovers": _handovers(programme, cutoff),
        "checks": [_check(row, today) for row in rows],
        "today": None
        if due is None
        else {
            "check": due.uuid,
            "months": due.months,
            "due_on": due.due_on,
            "result": checks.today_says(due, on=today, cutoff=cutoff, promised=promised).as_json(),
        },
        "undertakings": [_undertaking(told) for told in promised],
        "obligations": [
            _duty(grant, duty) for grant in obligations.of_programme(programme) for duty in grant.duties
        ],
        "silence": _silence(programme) if cutoff is None else None,
        "ledger": ledger(programme, cutoff),
    }


def about(programme: Programme) -> dict[str, Any]:
    """Say which programme a statement is about."""
    return {"uuid": programme.uuid, "identifier": programme.identifier, "title": programme.title}


def ledger(programme: Programme, cutoff: dt.datetime | None) -> dict[str, Any]:
    """Say how far the record went when a statement was made: its last entry, and the checkpoint that covers it."""
    entries = LedgerEntry.objects.filter(chain=programme.uuid, programme_id=programme.pk)
    if cutoff is not None:
        entries = entries.filter(recorded_at__lte=cutoff)
    last = entries.order_by("-seq").first()
    if last is None:
        return {"chain": programme.uuid, "entry": None, "checkpoint": None}
    entry = {"seq": last.seq, "hash": bytes(last.hash), "recorded_at": last.recorded_at}
    return {"chain": programme.uuid, "entry": entry, "checkpoint": checkpoint_over(last)}


def _handovers(programme: Programme, cutoff: dt.datetime | None) -> list[dict[str, Any]]:
    done = (TransferState.EXECUTED, TransferState.GIVEN_BACK)
    rows = Transfer.objects.filter(programme=programme, state__in=done, executed_at__isnull=False)
    if cutoff is not None:
        rows = rows.filter(executed_at__lte=cutoff)
    proofs = Prefetch("proof", Proof.objects.defer("body"))
    return [
        {
            "uuid": row.uuid,
            "reference": reference(row),
            "title": row.title,
            "state": str(row.state),
            "executed_on": day_of(row.executed_at),
            "giver": row.giver.name,
            "receiver": row.receiver.name,
            "proof": getattr(getattr(row, "proof", None), "digest", None),
        }
        for row in rows.select_related("giver", "receiver")
        .prefetch_related(proofs)
        .order_by("executed_at", "id")
    ]


def _check(row: SustainabilityCheck, today: dt.date) -> dict[str, Any]:
    return {
        "uuid": row.uuid,
        "months": row.months,
        "due_on": row.due_on,
        "state": checks.state_of(row, today).value,
        "held_on": day_of(row.held_at),
        "held_by": row.organisation.name if row.organisation else None,
        "remark": row.remark,
        "result": row.result or None,
        "digest": row.digest or None,
    }


def _undertaking(told: Told) -> dict[str, Any]:
    row = told.row
    return {
        "uuid": row.uuid,
        "title": row.title,
        "kind": str(row.kind),
        "organisation": row.organisation.name,
        "promise": row.promise,
        "quantity": row.quantity,
        "unit": row.unit,
        "amount": row.amount,
        "currency": row.currency,
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "state": told.state.value,
        "depending": list(told.depending),
        "years": [_year(year) for year in told.years],
    }


def _year(year: Year) -> dict[str, Any]:
    return {
        "year": year.year,
        "due_on": year.due_on,
        "state": year.state.value,
        "quantity": year.own.quantity if year.own else None,
        "reason": year.own.reason if year.own else "",
        "others": [{"outcome": str(item.outcome), "reason": item.reason} for item in year.others],
    }


def _duty(of: OfGrant, duty: Duty) -> dict[str, Any]:
    row = duty.row
    return {
        "uuid": row.uuid,
        "grant": of.grant.agreement_number,
        "kind": str(row.kind),
        "rule": row.rule,
        "title": row.title,
        "source": row.source,
        "article": row.article,
        "state": duty.state.value,
        "binds": duty.binds,
        "ends_on": duty.reading.ends_on,
        "not_before": duty.reading.not_before,
        "debtor": row.debtor.name,
        "exposed": duty.exposed.amount if duty.exposed else None,
        "currency": of.grant.currency,
    }


def _silence(programme: Programme) -> dict[str, Any] | None:
    kept = checks.after_handovers([programme.pk])
    if not kept:
        return None
    return {"since": day_of(kept[0].since), "days": kept[0].days, "silent": kept[0].silent}
