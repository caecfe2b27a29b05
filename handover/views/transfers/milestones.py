"""A step of a transfer: its evidence, who has signed it, and signing it."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from handover.actions import evidence, milestones
from handover.languages import refusal, translated
from handover.models import Evidence, LegalAct
from handover.models.transfers import TransferState
from handover.permissions import Permission
from handover.queries import votes
from handover.queries.transfer_steps import Step, StepState, steps
from handover.views.pages import asker, found, perform
from handover.views.routes import may
from handover.views.transfers.forms import ActForm, EvidenceForm, SignForm
from handover.views.transfers.places import TransferVisit, at_milestone

SHOWN_INLINE = ("application/pdf", "image/png", "image/jpeg")
"""Kinds of files that a browser may be asked to show; any other is only saved."""


@may(Permission.VIEW)
@login_required
@require_safe
def milestone(request: HttpRequest, milestone_uuid: UUID) -> HttpResponse:
    """Show a step with its evidence and signatures, and what the reader can do."""
    here, row = at_milestone(request, milestone_uuid, may=Permission.VIEW)
    every = steps(here.transfer, cutoff=here.reach.cutoff)
    step = next(item for item in every if item.milestone.pk == row.pk)
    open_now = here.transfer.state == TransferState.ACCEPTED and step.state is not StepState.DONE
    heard = votes.history(row)
    waiting = [refusal(gate) for gate in milestones.waiting(step.milestone, heard)] if open_now else []
    return here.show(
        "milestone",
        {
            "step": step,
            "word": translated(step.state.help),
            "waiting": waiting,
            "heard": heard,
            "missing": [translated(str(side.label)) for side in step.missing],
            "adds": open_now and here.side is not None and here.can(Permission.ADD_EVIDENCE),
            "signs": open_now and here.side in step.missing and here.can(Permission.SIGN),
            "may_sign": _may_sign(here, step) and not waiting,
            "rests": open_now and here.can(Permission.ADD_EVIDENCE) and here.side is not None,
        },
    )


def _may_sign(here: TransferVisit, step: Step) -> bool:
    return step.state in (StepState.OPEN, StepState.STARTED) and here.side in step.missing


@may(Permission.ADD_EVIDENCE)
@login_required
@require_http_methods(["GET", "POST"])
def add_evidence(request: HttpRequest, milestone_uuid: UUID) -> HttpResponse:
    """Add a file or a link that shows that a step is met."""
    here, row = at_milestone(request, milestone_uuid, may=Permission.ADD_EVIDENCE)
    form = EvidenceForm(request.POST or None, request.FILES or None)

    def act() -> None:
        said = form.cleaned_data
        file = said["file"]
        evidence.add(
            by=here.actor,
            milestone_uuid=milestone_uuid,
            title=said["title"],
            content=file.chunks() if file else None,
            filename=file.name if file else "",
            link=said["link"],
            names_people=said["names_people"],
            erase_after=said["erase_after"],
        )

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(
            request,
            gettext("The evidence is kept. Signatures given before it are void: it changes what is signed."),
        )
        return redirect("milestone", milestone_uuid)
    return here.show(
        "form",
        {
            "form": form,
            "heading": gettext("Add evidence"),
            "lead": row.title,
            "button": gettext("Add"),
            "multipart": True,
        },
    )


@may(Permission.VIEW)
@login_required
@require_safe
def evidence_file(request: HttpRequest, evidence_uuid: UUID) -> HttpResponse:
    """Give the file of a piece of evidence. What is no picture and no PDF is saved, never shown."""
    actor = asker()
    content = found(evidence.open_file, by=actor, evidence_uuid=evidence_uuid)
    row = Evidence.objects.select_related("file").get(uuid=evidence_uuid)
    kind = row.file.media_type if row.file else "application/octet-stream"
    response = HttpResponse(
        content, content_type=kind if kind in SHOWN_INLINE else "application/octet-stream"
    )
    how = "inline" if kind in SHOWN_INLINE else "attachment"
    response["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(row.filename or 'evidence')}"
    response["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"
    )
    return response


@may(Permission.SIGN)
@login_required
@require_http_methods(["GET", "POST"])
def sign(request: HttpRequest, milestone_uuid: UUID) -> HttpResponse:
    """Sign a step for the actor's side, or object to it."""
    here, row = at_milestone(request, milestone_uuid, may=Permission.SIGN)
    form = SignForm(request.POST or None)

    def act() -> None:
        said = form.cleaned_data
        milestones.sign(
            by=here.actor, milestone_uuid=milestone_uuid, decision=said["decision"], remark=said["remark"]
        )

    if request.method == "POST" and form.is_valid() and perform(form, act):
        for told in getattr(form, "heard", ()):
            messages.warning(request, told)
        messages.success(request, gettext("Your side’s decision is recorded."))
        return redirect("milestone", milestone_uuid)
    every = steps(here.transfer)
    step = next(item for item in every if item.milestone.pk == row.pk)
    return here.show("sign", {"form": form, "step": step, "heard": votes.history(row)})


@may(Permission.ADD_EVIDENCE)
@login_required
@require_http_methods(["GET", "POST"])
def rest_on(request: HttpRequest, milestone_uuid: UUID) -> HttpResponse:
    """Say on which legal act a step rests."""
    here, row = at_milestone(request, milestone_uuid, may=Permission.ADD_EVIDENCE)
    form = ActForm(request.POST or None, transfer=here.transfer)

    def act() -> None:
        chosen = LegalAct.objects.get(programme=here.programme, uuid=form.cleaned_data["legal_act"])
        milestones.rest_on(
            by=here.actor, milestone_uuid=milestone_uuid, version=row.version, legal_act=chosen
        )

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(request, gettext("The step rests on this act now."))
        return redirect("milestone", milestone_uuid)
    said = {"form": form, "heading": gettext("The legal act on which this step rests"), "lead": row.title}
    return here.show("form", {**said, "button": gettext("Save")})
