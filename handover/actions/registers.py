"""Registers, legal acts and grants: the lines that hang on a programme's responsibilities."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from handover import access, ledger
from handover.access import Actor
from handover.actions import action, lines, obligations, posts
from handover.canonical import decimal_text
from handover.errors import Invalid, NotFound
from handover.models import BudgetLine, Grant, GrantPartner, LegalAct, Organisation, Post
from handover.models.legal_acts import FALLEN, LegalActStatus
from handover.models.registers import Register
from handover.permissions import Permission
from handover.queries import obligations as duties
from handover.queries.budgets import identity

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


AGREED = (
    "title", "agreement_number", "starts_on", "ends_on", "amount", "final_payment_on", "equipment_threshold",
    "equipment_conditions", "donor_consent_required",
)  # fmt: skip
"""What may be changed of a grant: never whose it is, nor its currency."""


@action
def edit_grant(*, by: Actor, grant_uuid: UUID, version: int, **changes: Any) -> Grant:
    """Change a grant: most often, enter its final payment. Obligations that are counted from its days move with them,
    and each leaves a trace.

    Raises:
        NotFound, NotAllowed: there is no such grant, or the actor may not edit its programme.
        Stale: somebody else was quicker.
        Invalid: a field is wrong, or nothing would change.
    """
    grant = Grant.objects.select_related("programme").filter(uuid=grant_uuid).order_by("id").first()
    if grant is None:
        raise NotFound("grant")
    programme = access.authorise(by, grant.programme_id, None, may=Permission.EDIT_PROGRAMME)
    unknown = sorted(set(changes) - set(AGREED))
    if unknown:
        raise Invalid("unknown_field", f"“{unknown[0]}” of a grant cannot be changed.", field=unknown[0])
    changed = lines.rewritten(grant, programme, changes)
    grant.change(version=version, **{name: getattr(grant, name) for name in changed.after})
    ledger.record(
        verb="grant.edited",
        by=by,
        programme=programme,
        subject=grant.uuid,
        data={"before": changed.before, "after": changed.after},
    )
    obligations.recount(
        by, list(duties.rows(programme).filter(grant=grant).order_by("id")), because="grant.edited"
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
    """Enter a line in a register of a responsibility: a post, equipment, premises, a licence, a contract, a budget
    line. Its holder may. References are rows or their UUIDs.

    Raises:
        NotFound, NotAllowed: the actor does not hold the responsibility.
        Invalid: a field is wrong, a reference names nothing or another programme's, an amount is below zero or in an
            unknown currency, dates are the wrong way round, a post's number is taken on those days, or a budget
            line has this stage already.
    """
    responsibility = access.responsibility_for(by, responsibility_uuid, may=Permission.EDIT_RESPONSIBILITY)
    programme = responsibility.programme
    line = register(
        programme=programme, responsibility=responsibility, **lines.filled(register, programme, fields)
    )
    lines.cleaned(line)
    lines.checked(line)
    _unlike_others(line)
    line.save()
    ledger.record(
        verb=f"{register._meta.model_name}.entered",
        by=by,
        programme=programme,
        subject=line.uuid,
        data={"title": line.title, "responsibility": responsibility.uuid},
    )
    return line


@action
def edit(
    *, by: Actor, register: type[R], line_uuid: UUID, version: int, reason: str = "", **changes: Any
) -> R:
    """Change a line of a register; the ledger keeps what stood there before. Its holder may.

    Raises:
        NotFound, NotAllowed: there is no such line, or the actor does not hold its responsibility.
        Stale: somebody else was quicker.
        Invalid: as for ``enter``; nothing would change; or a post goes back a stage without a reason.
    """
    rows: Any = register._default_manager.select_related("programme", "responsibility")
    found: R | None = rows.filter(uuid=line_uuid).order_by("id").first()
    if found is None:
        raise NotFound(str(register._meta.verbose_name))
    programme = access.authorise(
        by, found.programme_id, found.responsibility, may=Permission.EDIT_RESPONSIBILITY
    )
    stage_before = getattr(found, "stage", "")
    changed = lines.rewritten(found, programme, changes)
    if isinstance(found, Post):
        posts.keeps_order(found, before=stage_before, reason=reason)
    _unlike_others(found)
    found.change(version=version, **{name: getattr(found, name) for name in changed.after})
    ledger.record(
        verb=f"{register._meta.model_name}.edited",
        by=by,
        programme=programme,
        subject=found.uuid,
        data={"before": changed.before, "after": changed.after, "reason": reason.strip()},
    )
    return found


def _unlike_others(line: Register) -> None:
    match line:
        case Post():
            posts.fits(line)
        case BudgetLine() if line.stage:
            _stage_is_new(line)


def _stage_is_new(line: BudgetLine) -> None:
    """Refuse a stage that the same line has already: two amounts of one decision would stand side by side."""
    lines.one_at_a_time(line.programme, "budget_lines")
    others = BudgetLine.objects.filter(
        programme=line.programme,
        responsibility=line.responsibility,
        year=line.year,
        source=line.source,
        stage=line.stage,
        decided_on=line.decided_on,
    ).exclude(pk=line.pk)
    for other in others:
        if identity(other) == identity(line):
            raise Invalid(
                "stage_recorded_already",
                f"“{line.title}” for {line.year} is {line.get_stage_display()} already, with "
                f"{decimal_text(other.amount)} {other.currency}: edit that line.",
                field="stage",
            )
