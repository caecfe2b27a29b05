"""Transfers: drawn up, proposed, answered, revoked. Who may move which state where stands in ``STEPS``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from django.db.models import F

from handover import access, clock, holdings, ledger
from handover.access import Actor, custody
from handover.actions import action
from handover.actions.moves import move_back
from handover.actions.permissions import rederive
from handover.actions.signoffs import write_signoff
from handover.actions.standings import begin, end, standings_now
from handover.canonical import canonical, text_digest
from handover.errors import Invalid, NotAllowed, Refused
from handover.models import (
    AnnexLine,
    GrantMapping,
    Keep,
    Organisation,
    Preview,
    Responsibility,
    Transfer,
    TransferResponsibility,
    User,
)
from handover.models.annexes import AnnexDecision, AnnexKind
from handover.models.base import notice_personal_data
from handover.models.responsibilities import Capacity, Phase
from handover.models.signoffs import SignOffSubject
from handover.models.transfers import EDITABLE_STATES, KeepKind, TransferState
from handover.permissions import Permission, StandingKind
from handover.queries.plans import plan_digest
from handover.queries.previews import concerned_exceptions, preview

S = TransferState
STEPS: Final[Mapping[str, tuple[frozenset[TransferState], TransferState]]] = MappingProxyType(
    {
        "propose": (frozenset({S.DRAFT, S.RETURNED}), S.PROPOSED),
        "accept": (frozenset({S.PROPOSED}), S.ACCEPTED),
        "refuse": (frozenset({S.PROPOSED}), S.REFUSED),
        "return": (frozenset({S.PROPOSED, S.ACCEPTED}), S.RETURNED),
        "revoke": (frozenset({S.DRAFT, S.PROPOSED, S.RETURNED, S.ACCEPTED}), S.REVOKED),
        "execute": (frozenset({S.ACCEPTED}), S.EXECUTED),
        "give_back": (frozenset({S.EXECUTED}), S.GIVEN_BACK),
    }
)
"""From which states a step may be taken, and where it leads."""


LONGEST_YEARS: Final = 100
"""Years ahead that a giver may keep reading at most: no rule that is known asks for more than a few decades."""


@dataclass(frozen=True)
class Item:
    """A responsibility in a plan, and how its giver's part ends."""

    responsibility: Responsibility
    phase: Phase = Phase.OVER
    provider_after: Organisation | None = None
    moves_debtor: bool = False


def locked(by: Actor, transfer_uuid: UUID, *, may: Permission) -> Transfer:
    """Fetch a transfer under its programme's lock, so that two steps of one programme never interleave.

    Raises:
        NotFound, NotAllowed: the actor may not do this with it.
    """
    found = access.transfer_for(by, transfer_uuid, may=Permission.VIEW)
    # Locked before a writing permission is asked: asking takes the weaker lock, and two steps that both held
    # it would wait for each other. Asked once it is locked: a step that another one just took is seen.
    access.lock_programme(found.programme)
    access.transfer_for(by, transfer_uuid, may=may)
    return Transfer.objects.select_related("programme", "giver", "receiver").get(pk=found.pk)


def step(transfer: Transfer, verb: str, **changes: Any) -> None:
    """Take a step along ``STEPS``, inside an action that holds the programme's lock.

    Raises:
        Refused: the transfer is not in a state from which the step may be taken.
    """
    sources, target = STEPS[verb]
    if transfer.state not in sources:
        raise Refused(
            "wrong_state",
            f"A transfer that is {transfer.get_state_display()} cannot be: {verb.replace('_', ' ')}.",
        )
    transfer.change(version=transfer.version, state=target, **changes)


@action
def draft(
    *,
    by: Actor,
    programme_uuid: UUID,
    title: str,
    receiver: Organisation,
    retention_until: dt.date,
    lead: bool = False,
    give_back_days: int = 180,
) -> Transfer:
    """Begin to draw up a transfer from the actor's organisation. By default the giver then reads up to its
    retention date.

    Raises:
        NotFound, NotAllowed: the actor may not plan transfers of this programme.
        Invalid: the receiver is the giver, the retention date is past, or another lead transfer is open.
    """
    programme = access.programme_for(by, programme_uuid, may=Permission.PLAN_TRANSFER)
    if receiver == by.organisation:
        raise Invalid("same_sides", "An organisation cannot hand over to itself.", field="receiver")
    if lead and programme.steward_id != by.organisation.pk:
        raise Invalid("not_steward", "Only the steward hands over stewardship.", field="lead")
    if retention_until <= clock.today():
        raise Invalid("retention_past", "The giver's retention date must lie ahead.", field="retention_until")
    refuse_too_far(retention_until)
    open_leads = Transfer.objects.filter(
        programme=programme, lead=True, state__in=STEPS["revoke"][0], reverses=None
    )
    if lead and open_leads.exists():
        raise Invalid(
            "lead_taken", "Another transfer of this programme moves its stewardship already.", field="lead"
        )
    transfer = Transfer.objects.create(
        programme=programme,
        title=title,
        giver=by.organisation,
        receiver=receiver,
        lead=lead,
        retention_until=retention_until,
        give_back_days=give_back_days,
    )
    notice_personal_data(transfer)
    Keep.objects.create(
        programme=programme, transfer=transfer, kind=KeepKind.READ_AND_EXPORT, until=retention_until
    )
    ledger.record(
        verb="transfer.drafted",
        by=by,
        programme=programme,
        subject=transfer.uuid,
        data={"title": title, "receiver": receiver.uuid, "receiver_name": receiver.name, "lead": lead},
    )
    return transfer


def editable(by: Actor, transfer_uuid: UUID) -> Transfer:
    """Fetch a plan that the actor may change now, under its programme's lock.

    Raises:
        NotFound, NotAllowed: the actor may not plan transfers, or is not the giver.
        Refused: the plan is with the receiver.
    """
    transfer = locked(by, transfer_uuid, may=Permission.PLAN_TRANSFER)
    if transfer.giver_id != by.organisation.pk:
        raise NotAllowed("not_giver", "Only the giver draws up the plan.")
    if transfer.state not in EDITABLE_STATES:
        raise Refused(
            "plan_fixed", "The plan is with the receiver: it must be returned before it is changed."
        )
    return transfer


@action
def include(*, by: Actor, transfer_uuid: UUID, items: Sequence[Item]) -> list[TransferResponsibility]:
    """Put responsibilities into a plan.

    Raises:
        NotFound, NotAllowed, Refused: the plan is not the actor's to change now.
        Invalid: one that the giver does not hold today, or that is in another open transfer.
    """
    transfer = editable(by, transfer_uuid)
    for item in items:
        _check_item(transfer, item.responsibility)
    made = TransferResponsibility.objects.bulk_create(
        TransferResponsibility(
            programme=transfer.programme,
            transfer=transfer,
            responsibility=item.responsibility,
            phase=item.phase,
            provider_after=item.provider_after,
            moves_debtor=item.moves_debtor,
        )
        for item in items
    )
    ledger.record(
        verb="transfer.responsibilities_included",
        by=by,
        programme=transfer.programme,
        subject=transfer.uuid,
        data={"responsibilities": [item.responsibility.uuid for item in items]},
    )
    return made


def refuse_too_far(day: dt.date) -> None:
    """Refuse a day that no retention rule reaches.

    Raises:
        Invalid: it is more than ``LONGEST_YEARS`` ahead.
    """
    if day.year > clock.today().year + LONGEST_YEARS:
        raise Invalid(
            "too_far", f"A day more than {LONGEST_YEARS} years ahead is no retention date.", field="until"
        )


def _check_item(transfer: Transfer, responsibility: Responsibility) -> None:
    holds = responsibility.tenures.filter(
        capacity=Capacity.HOLDER, organisation=transfer.giver_id, valid__contains=clock.today()
    )
    if responsibility.programme_id != transfer.programme_id or not holds.exists():
        raise Invalid(
            "not_holder", f"The giver does not hold “{responsibility.title}” today.", field="responsibility"
        )
    elsewhere = TransferResponsibility.objects.filter(
        responsibility=responsibility, transfer__state__in=STEPS["revoke"][0]
    )
    if elsewhere.exists():
        raise Invalid(
            "planned_twice",
            f"“{responsibility.title}” is in an open transfer already.",
            field="responsibility",
        )


@action
def keep(
    *,
    by: Actor,
    transfer_uuid: UUID,
    kind: KeepKind | str,
    until: dt.date,
    indicator_uuids: Sequence[UUID] = (),
) -> Keep:
    """State what the giver keeps: reading and exporting until a day, or reporting the results that it owes.

    Raises:
        NotFound, NotAllowed, Refused: the plan is not the actor's to change now.
        Invalid: owed results without indicators, or owed longer than the giver reads, or a day in the past.
    """
    transfer = editable(by, transfer_uuid)
    if until <= clock.today():
        raise Invalid("keeps_past", "What the giver keeps must end on a day ahead.", field="until")
    refuse_too_far(until)
    if kind == KeepKind.OWED_RESULTS and not indicator_uuids:
        raise Invalid(
            "indicators_missing", "Say which indicators the giver still owes results for.", field="indicators"
        )
    kept, _ = Keep.objects.update_or_create(
        programme=transfer.programme,
        transfer=transfer,
        kind=kind,
        defaults={"until": until, "indicator_uuids": [str(key) for key in indicator_uuids]},
    )
    if kind == KeepKind.READ_AND_EXPORT:
        transfer.change(version=transfer.version, retention_until=until)
    if transfer.keeps.filter(kind=KeepKind.OWED_RESULTS, until__gt=transfer.retention_until).exists():
        raise Invalid("owed_unread", "Whoever still owes results reads until then, too.", field="until")
    ledger.record(
        verb="transfer.keep_stated",
        by=by,
        programme=transfer.programme,
        subject=transfer.uuid,
        data={"kind": str(kind), "until": until, "indicators": list(indicator_uuids)},
    )
    return kept


@action
def list_in_annex(
    *, by: Actor, transfer_uuid: UUID, lines: Sequence[tuple[AnnexKind | str, str, UUID | None]]
) -> list[AnnexLine]:
    """List what exactly is handed over: lines of (kind, text, UUID of the register line or indicator).

    Raises:
        NotFound, NotAllowed, Refused: the plan is not the actor's to change now.
        Invalid: an unknown kind.
    """
    transfer = editable(by, transfer_uuid)
    for kind, _, _ in lines:
        if kind not in AnnexKind.values:
            raise Invalid(
                "unknown_annex", f"“{kind}” is no annex: {', '.join(AnnexKind.values)}.", field="kind"
            )
    made = AnnexLine.objects.bulk_create(
        AnnexLine(programme=transfer.programme, transfer=transfer, kind=kind, text=text, subject_uuid=subject)
        for kind, text, subject in lines
    )
    for line in made:
        notice_personal_data(line)
    ledger.record(
        verb="transfer.annex_listed",
        by=by,
        programme=transfer.programme,
        subject=transfer.uuid,
        data={"lines": len(made)},
    )
    return made


@action
def list_holdings(*, by: Actor, transfer_uuid: UUID) -> list[AnnexLine]:
    """List in the annexes all that the apps hold and say should be listed (posts, equipment, budgets,
    indicators).

    Raises:
        NotFound, NotAllowed, Refused: the plan is not the actor's to change now.
    """
    transfer = editable(by, transfer_uuid)
    listed = set(transfer.annex.values_list("subject_uuid", flat=True))
    lines = [
        line for holding in holdings.holdings() for line in holding.annex(transfer) if line[2] not in listed
    ]
    return list_in_annex(by=by, transfer_uuid=transfer_uuid, lines=lines)


@action
def map_exception(*, by: Actor, transfer_uuid: UUID, key: str, to_user: User | None) -> GrantMapping:
    """Say where a single user's exception goes: to somebody on the receiver's side, or lost. Whoever is on
    neither side may keep it: it then goes to themselves.

    Raises:
        NotFound, NotAllowed, Refused: the plan is not the actor's to change now.
        Invalid: there is no such exception, or the person holds no seat at the receiver.
    """
    transfer = editable(by, transfer_uuid)
    found = next((item for item in concerned_exceptions(transfer) if item.key == key), None)
    if found is None:
        raise Invalid("no_exception", f"This transfer touches no exception “{key}”.", field="key")
    keeps = to_user is not None and to_user.pk == found.user and found.organisation != transfer.giver_id
    if to_user is not None and not keeps and not _seated(to_user, transfer.receiver):
        raise Invalid(
            "no_seat", f"{to_user.display_name} holds no seat at {transfer.receiver.name}.", field="to_user"
        )
    mapping, _ = GrantMapping.objects.update_or_create(
        programme=transfer.programme,
        transfer=transfer,
        grant_key=key,
        defaults={"permission": found.permission.value, "to_user": to_user},
    )
    ledger.record(
        verb="transfer.exception_mapped",
        by=by,
        programme=transfer.programme,
        subject=transfer.uuid,
        data={"exception": key, "to": to_user.uuid if to_user else None},
    )
    return mapping


def _seated(user: User, organisation: Organisation) -> bool:
    return access.sits(user, organisation)


@action
def refresh_preview(*, by: Actor, transfer_uuid: UUID) -> Preview:
    """Write the permission preview of the plan as it stands; proposing does so by itself.

    Raises:
        NotFound, NotAllowed, Refused: the plan is not the actor's to change now.
    """
    return _write_preview(by, editable(by, transfer_uuid))


def _write_preview(by: Actor, transfer: Transfer) -> Preview:
    body = canonical(preview(transfer))
    made = Preview.objects.create(
        programme=transfer.programme,
        transfer=transfer,
        made_at=clock.now(),
        body=body,
        digest=text_digest(body),
    )
    ledger.record(
        verb="transfer.previewed",
        by=by,
        programme=transfer.programme,
        subject=transfer.uuid,
        data={"preview": made.uuid, "digest": made.digest},
    )
    return made


@action
def propose(*, by: Actor, transfer_uuid: UUID) -> Transfer:
    """Sign the plan for the giver and put it before the receiver, who from now on reads the programme.
    Milestones that were done under another plan must be signed again.

    Raises:
        NotFound, NotAllowed: the actor may not sign for the giver.
        Refused: nothing to hand over, or the transfer is not being drawn up.
    """
    transfer = editable(by, transfer_uuid)
    access.programme_for(by, transfer.programme.uuid, may=Permission.SIGN)
    if not transfer.items.exists():
        raise Refused("nothing_to_move", "The plan moves no responsibility yet.")
    if not standings_now(transfer.programme, transfer.receiver, StandingKind.RECEIVER).exists():
        begin(transfer.programme, transfer.receiver, StandingKind.RECEIVER, transfer_uuid=transfer.uuid)
    rederive(transfer.programme)
    _write_preview(by, transfer)
    signed = plan_digest(transfer)
    reopened = _reopen(transfer) if signed != transfer.plan_digest else []
    step(transfer, "propose", plan_digest=signed)
    write_signoff(by=by, transfer=transfer, subject=SignOffSubject.PLAN, digest=signed)
    _record(by, transfer, "transfer.proposed", plan=signed, reopened=reopened)
    return transfer


def _reopen(transfer: Transfer) -> list[UUID]:
    """Open milestones that were signed under another plan: those signatures are void. What moved stays moved."""
    done = transfer.milestones.filter(done_at__isnull=False)
    reopened = list(done.order_by("pk").values_list("uuid", flat=True))
    done.update(done_at=None, version=F("version") + 1)
    return reopened


@dataclass(frozen=True)
class Answer:
    """What the receiver says to an annex line; a reservation has an owner and a deadline."""

    line: UUID
    decision: AnnexDecision
    reservation: str = ""
    owner: Organisation | None = None
    deadline: dt.date | None = None


def _as_receiver(by: Actor, transfer_uuid: UUID) -> Transfer:
    transfer = locked(by, transfer_uuid, may=Permission.ANSWER_TRANSFER)
    if transfer.receiver_id != by.organisation.pk:
        raise NotAllowed("not_receiver", "Only the receiver answers a proposal.")
    return transfer


@action
def answer_annex(*, by: Actor, transfer_uuid: UUID, answers: Sequence[Answer]) -> None:
    """Answer annex lines: accepted, accepted with reservation, or refused.

    Raises:
        NotFound, NotAllowed: the actor may not answer for the receiver.
        Refused: the transfer is neither proposed nor accepted.
        Invalid: an unknown line, or a reservation without text, owner or deadline.
    """
    transfer = _as_receiver(by, transfer_uuid)
    if transfer.state not in (S.PROPOSED, S.ACCEPTED):
        raise Refused("wrong_state", "Annex lines are answered while the plan is before the receiver.")
    lines = {line.uuid: line for line in transfer.annex.all()}
    for answer in answers:
        line = lines.get(answer.line)
        if line is None:
            raise Invalid("unknown_line", f"There is no annex line {answer.line} in this plan.", field="line")
        if answer.decision == AnnexDecision.RESERVED and not (
            answer.reservation.strip() and answer.owner and answer.deadline
        ):
            raise Invalid(
                "reservation_incomplete",
                "A reservation needs a text, an owner and a deadline.",
                field="reservation",
            )
        line.change(
            version=line.version,
            decision=answer.decision,
            reservation=answer.reservation.strip(),
            owner=answer.owner,
            deadline=answer.deadline,
        )
    _record(
        by,
        transfer,
        "transfer.annex_answered",
        answers=[
            {
                "line": answer.line,
                "decision": str(answer.decision),
                "reservation": answer.reservation,
                "owner": answer.owner.uuid if answer.owner else None,
                "deadline": answer.deadline,
            }
            for answer in answers
        ],
    )


@action
def accept_annex(*, by: Actor, transfer_uuid: UUID) -> int:
    """Accept all annex lines that are not answered yet; tell how many.

    Raises:
        NotFound, NotAllowed, Refused: as for answering.
    """
    transfer = _as_receiver(by, transfer_uuid)
    if transfer.state not in (S.PROPOSED, S.ACCEPTED):
        raise Refused("wrong_state", "Annex lines are answered while the plan is before the receiver.")
    count = transfer.annex.filter(decision=AnnexDecision.OPEN).update(decision=AnnexDecision.ACCEPTED)
    _record(by, transfer, "transfer.annex_accepted", lines=count)
    return count


@action
def accept(*, by: Actor, transfer_uuid: UUID) -> Transfer:
    """Sign the plan for the receiver.

    Raises:
        NotFound, NotAllowed: the actor may not answer and sign for the receiver.
        Refused: the transfer is not proposed, or the plan is not the one that the giver signed.
    """
    transfer = _as_receiver(by, transfer_uuid)
    access.programme_for(by, transfer.programme.uuid, may=Permission.SIGN)
    if transfer.state == S.PROPOSED and plan_digest(transfer) != transfer.plan_digest:
        raise Refused("plan_changed", "The plan is not the one that the giver signed: return it.")
    step(transfer, "accept", comment="")
    write_signoff(by=by, transfer=transfer, subject=SignOffSubject.PLAN, digest=transfer.plan_digest)
    _record(by, transfer, "transfer.accepted", plan=transfer.plan_digest)
    return transfer


@action
def send_back(*, by: Actor, transfer_uuid: UUID, comment: str) -> Transfer:
    """Return the plan to the giver with comments; until it is proposed again, all signatures on it are void.

    Raises:
        NotFound, NotAllowed: the actor may not answer for the receiver.
        Invalid: no comment.
        Refused: the transfer is neither proposed nor accepted.
    """
    transfer = _as_receiver(by, transfer_uuid)
    _commented(comment)
    step(transfer, "return", comment=comment.strip())
    _record(by, transfer, "transfer.returned", comment=comment.strip())
    return transfer


@action
def refuse(*, by: Actor, transfer_uuid: UUID, comment: str) -> Transfer:
    """Refuse a proposal, with the reason. The receiver's access ends.

    Raises:
        NotFound, NotAllowed: the actor may not answer for the receiver.
        Invalid: no reason.
        Refused: the transfer is not proposed.
    """
    transfer = _as_receiver(by, transfer_uuid)
    _commented(comment)
    _refuse_if_moved(transfer)
    step(transfer, "refuse", comment=comment.strip())
    _record(by, transfer, "transfer.refused", comment=comment.strip())
    # The receiver ends its own standing, and with that its right to end the grants that came with it.
    with custody(transfer.programme_id):
        _dismiss_receiver(transfer)
    return transfer


def _refuse_if_moved(transfer: Transfer) -> None:
    if transfer.items.filter(moved_at__isnull=False).exists():
        raise Refused(
            "already_moving",
            "Responsibilities have moved with a milestone: the transfer is revoked, not refused.",
        )


@action
def revoke(*, by: Actor, transfer_uuid: UUID, reason: str) -> Transfer:
    """Call a transfer off before its execution. Responsibilities that moved with a milestone go back, each
    recorded.

    Raises:
        NotFound, NotAllowed: the actor may not plan transfers for the giver.
        Invalid: no reason.
        Refused: the transfer is executed, refused or revoked already.
    """
    transfer = locked(by, transfer_uuid, may=Permission.PLAN_TRANSFER)
    if transfer.giver_id != by.organisation.pk:
        raise NotAllowed("not_giver", "Only the giver revokes a transfer.")
    _commented(reason)
    step(transfer, "revoke", comment=reason.strip())
    moved_back = move_back(by=by, transfer=transfer)
    _record(by, transfer, "transfer.revoked", reason=reason.strip(), moved_back=moved_back)
    _dismiss_receiver(transfer)
    return transfer


def _dismiss_receiver(transfer: Transfer) -> None:
    others = Transfer.objects.filter(
        programme=transfer.programme,
        receiver=transfer.receiver,
        state__in=(S.PROPOSED, S.RETURNED, S.ACCEPTED),
    ).exclude(pk=transfer.pk)
    if not others.exists():
        end(transfer.programme, transfer.receiver, StandingKind.RECEIVER)
    rederive(transfer.programme)


def _commented(text: str) -> None:
    if not text.strip():
        raise Invalid("comment_missing", "Say why: the other side reads it.", field="comment")


def _record(by: Actor, transfer: Transfer, verb: str, **data: object) -> None:
    ledger.record(verb=verb, by=by, programme=transfer.programme, subject=transfer.uuid, data=data)
