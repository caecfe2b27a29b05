"""Registers, legal acts and grants: the lines that hang on a programme's responsibilities."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from handover import access, ledger
from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid
from handover.models import Grant, GrantPartner, LegalAct, Organisation
from handover.models.legal_acts import FALLEN, LegalActStatus
from handover.models.registers import Register
from handover.permissions import Permission

R = TypeVar("R", bound=Register)


@action
def add_grant(
    *, by: Actor, programme_uuid: UUID, partners: list[Organisation] | None = None, **fields: Any
) -> Grant:
    """Add a grant with its partners. ``fields`` are the model's own.

    Raises:
        NotFound, NotAllowed: the actor may not edit the programme.
        django.core.exceptions.ValidationError: a field is wrong.
    """
    programme = access.programme_for(by, programme_uuid, may=Permission.EDIT_PROGRAMME)
    grant = Grant(programme=programme, **fields)
    grant.clean_fields()
    grant.save()
    GrantPartner.objects.bulk_create(
        GrantPartner(programme=programme, grant=grant, organisation=partner) for partner in partners or []
    )
    ledger.record(
        verb="grant.added",
        by=by,
        programme=programme,
        subject=grant.uuid,
        data={"agreement_number": grant.agreement_number, "amount": grant.amount, "currency": grant.currency},
    )
    return grant


@action
def cite(*, by: Actor, programme_uuid: UUID, **fields: Any) -> LegalAct:
    """Enter a legal act that posts, budgets, contracts and milestones may cite.

    Raises:
        NotFound, NotAllowed: the actor may neither edit the programme nor add evidence to its transfers.
        django.core.exceptions.ValidationError: a field is wrong.
    """
    programme = access.programme_for(by, programme_uuid, may=Permission.ADD_EVIDENCE)
    act = LegalAct(programme=programme, **fields)
    act.clean_fields()
    act.save()
    ledger.record(
        verb="legal_act.cited",
        by=by,
        programme=programme,
        subject=act.uuid,
        data={"kind": act.kind, "number": act.number, "dated": act.dated, "status": act.status},
    )
    return act


@action
def restate(*, by: Actor, act: LegalAct, version: int, status: LegalActStatus | str) -> LegalAct:
    """Say where a legal act is now. Where it falls, what rests on it is flagged; nothing is undone by itself.

    Raises:
        NotFound, NotAllowed: the actor neither is of the act's issuer nor may edit the programme.
        Stale: somebody else was quicker.
        Invalid: an unknown status.
    """
    own = act.issuer_id == by.organisation.pk
    may = Permission.ADD_EVIDENCE if own else Permission.EDIT_PROGRAMME
    programme = access.programme_for(by, act.programme.uuid, may=may)
    if status not in LegalActStatus.values:
        raise Invalid("unknown_status", f"“{status}” is no status of a legal act.", field="status")
    before = act.status
    act.change(version=version, status=status)
    ledger.record(
        verb="legal_act.restated",
        by=by,
        programme=programme,
        subject=act.uuid,
        data={"before": before, "after": str(status), "fallen": status in FALLEN},
    )
    return act


@action
def enter(*, by: Actor, register: type[R], responsibility_uuid: UUID, **fields: Any) -> R:
    """Enter a line in a register (posts, equipment, licences, contracts, budget lines) of a responsibility.
    Its holder may.

    Raises:
        NotFound, NotAllowed: the actor does not hold the responsibility.
        django.core.exceptions.ValidationError: a field is wrong.
    """
    responsibility = access.responsibility_for(by, responsibility_uuid, may=Permission.EDIT_RESPONSIBILITY)
    line = register(programme=responsibility.programme, responsibility=responsibility, **fields)
    line.clean_fields()
    line.save()
    ledger.record(
        verb=f"{register._meta.model_name}.entered",
        by=by,
        programme=responsibility.programme,
        subject=line.uuid,
        data={"title": line.title, "responsibility": responsibility.uuid},
    )
    return line
