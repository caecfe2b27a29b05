"""A transfer as a task list: what is done, what can be done now, and what waits for what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from handover import clock
from handover.languages import day, translated
from handover.models import Proof, SignOff, Transfer
from handover.models.milestones import Side
from handover.models.signoffs import SignOffSubject
from handover.models.transfers import OPEN_STATES, TransferState
from handover.permissions import Permission
from handover.queries.transfer_steps import Step, StepState, steps
from handover.queries.waiting_transfers import last_day_to_give_back
from handover.views.routes import may
from handover.views.transfers.places import TransferVisit, at

COLOURS = {
    StepState.DONE: "",
    StepState.STARTED: "govuk-tag--light-blue",
    StepState.OPEN: "govuk-tag--blue",
    StepState.BLOCKED: "govuk-tag--grey",
}


@dataclass(frozen=True)
class Now:
    """Something that the reader can do now."""

    label: str
    address: str
    warns: bool = False


@may(Permission.VIEW)
@login_required
@require_safe
def transfer(request: HttpRequest, transfer_uuid: UUID) -> HttpResponse:
    """Tell where a transfer stands, and what the reader can do now."""
    here = at(request, transfer_uuid, may=Permission.VIEW)
    found = steps(here.transfer, cutoff=here.reach.cutoff)
    proof = Proof.objects.filter(transfer=here.transfer).first()
    signed = list(
        SignOff.objects.filter(transfer=here.transfer)
        .exclude(subject=SignOffSubject.MILESTONE)
        .order_by("id")
    )
    return here.show(
        "transfer",
        {
            "done": sum(step.state is StepState.DONE for step in found),
            "steps": [_row(step) for step in found],
            "now": list(_now(here, found, proof, signed)),
            "signed": signed,
            "proof": proof,
            "open": here.transfer.state in OPEN_STATES,
            "keeps": list(here.transfer.keeps.order_by("kind")),
            "items": list(here.transfer.items.select_related("responsibility", "milestone").order_by("id")),
        },
    )


def _row(step: Step) -> dict[str, object]:
    return {
        "milestone": step.milestone,
        "word": translated(step.state.help),
        "colour": COLOURS[step.state],
        "blocked": step.state is StepState.BLOCKED,
        "why": _why(step),
        "late": step.late,
    }


def _why(step: Step) -> str:
    if step.state is StepState.DONE:
        return gettext("done on %(day)s") % {"day": day(step.milestone.done_at)}
    if step.waits_for:
        first = ", ".join(f"“{item.title}”" for item in step.waits_for)
        return gettext("comes after: %(steps)s") % {"steps": first}
    if step.lacks_evidence:
        return gettext("evidence is missing")
    if step.missing:
        return gettext("waits for the signature of: %(sides)s") % {"sides": sides(step.missing)}
    return ""


def sides(found: Sequence[Side]) -> str:
    """Name sides in words."""
    return ", ".join(translated(str(side.label)) for side in found)


def _now(
    here: TransferVisit, found: Sequence[Step], proof: Proof | None, signed: Sequence[SignOff]
) -> Iterator[Now]:
    """Give what this person can do now, the weightiest first."""
    key = here.transfer.uuid
    if here.plans:
        yield Now(gettext("Work on the plan"), reverse("transfer-plan", args=[key]))
    if here.answers:
        yield Now(gettext("Answer the plan"), reverse("transfer-answer", args=[key]))
    yield from _steps_now(here, found)
    if executes(here) and all(step.state is StepState.DONE for step in found):
        yield Now(
            gettext("Check the answers and carry out the handover"), reverse("transfer-execute", args=[key])
        )
    if proof is not None and countersigns(here, proof, signed):
        yield Now(gettext("Sign the continuity proof"), reverse("transfer-proof", args=[key]))
    if gives_back(here):
        yield Now(gettext("Give back"), reverse("transfer-give-back", args=[key]), warns=True)


def _steps_now(here: TransferVisit, found: Sequence[Step]) -> Iterator[Now]:
    if here.transfer.state != TransferState.ACCEPTED or here.side is None:
        return
    for step in found:
        if step.state not in (StepState.OPEN, StepState.STARTED):
            continue
        address = reverse("milestone", args=[step.milestone.uuid])
        title = {"title": step.milestone.title}
        if step.lacks_evidence:
            if here.can(Permission.ADD_EVIDENCE):
                yield Now(gettext("Add evidence: %(title)s") % title, address)
        elif here.side in step.missing and here.can(Permission.SIGN):
            yield Now(gettext("Sign: %(title)s") % title, address)


def executes(here: TransferVisit) -> bool:
    """Tell whether the actor is the one who carries the handover out."""
    return (
        here.transfer.state == TransferState.ACCEPTED
        and here.transfer.receiver_id == here.actor.organisation.pk
        and here.can(Permission.EXECUTE_TRANSFER)
    )


def countersigns(here: TransferVisit, proof: Proof, signed: Sequence[SignOff]) -> bool:
    """Tell whether the actor's side has not signed the proof yet, and the actor may."""
    mine = here.actor.organisation.pk
    given = any(
        item.subject == SignOffSubject.PROOF and item.organisation_id == mine and item.digest == proof.digest
        for item in signed
    )
    return here.side in (Side.GIVER, Side.RECEIVER) and not given and here.can(Permission.SIGN)


def gives_back(here: TransferVisit) -> bool:
    """Tell whether the actor's side may still sign giving back."""
    last = last_day_to_give_back(here.transfer)
    return (
        here.transfer.state == TransferState.EXECUTED
        and here.transfer.reverses_id is None
        and here.side in (Side.GIVER, Side.RECEIVER)
        and here.can(Permission.SIGN)
        and last is not None
        and clock.today() <= last
    )


@may(Permission.VIEW)
@login_required
@require_safe
def timeline(request: HttpRequest, transfer_uuid: UUID) -> HttpResponse:
    """Show the steps over time, with what waits for what in words."""
    here = at(request, transfer_uuid, may=Permission.VIEW)
    found = steps(here.transfer, cutoff=here.reach.cutoff)
    return here.show("timeline", {"rows": bars(here.transfer, found), "width": WIDTH, "today": _today(found)})


WIDTH = 200
"""Units of the width of the timeline."""


def bars(transfer: Transfer, found: Sequence[Step]) -> list[dict[str, object]]:
    """Place each step's span: from the last of what it waits for to its day."""
    if not found:
        return []
    first = min(step.milestone.due_on for step in found)
    reach = max((max(step.milestone.due_on for step in found) - first).days, 1)

    def x(when: dt.date) -> int:
        return round((WIDTH - 8) * (when - first).days / reach)

    told = []
    for step in found:
        before = [item.waits_for for item in step.milestone.dependencies.all()]
        begins = max((item.due_on for item in before), default=first)
        start = min(x(begins), x(step.milestone.due_on))
        told.append(
            {
                "step": step,
                "word": translated(step.state.help),
                "before": [item.title for item in before],
                "x": start,
                "width": max(x(step.milestone.due_on) - start, 8),
                "fill": "#00703c" if step.state is StepState.DONE else "#d4351c" if step.late else "#1d70b8",
            }
        )
    return told


def _today(found: Sequence[Step]) -> int | None:
    """Give where today stands on the timeline, if it stands there at all."""
    days = [step.milestone.due_on for step in found]
    if not days or not min(days) <= clock.today() <= max(days):
        return None
    return round((WIDTH - 8) * (clock.today() - min(days)).days / max((max(days) - min(days)).days, 1))
