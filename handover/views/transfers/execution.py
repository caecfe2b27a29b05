"""Carrying a handover out: the last check, the confirmation, the proof, and giving back."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from handover.actions import executions, giving_back
from handover.errors import NotAllowed
from handover.languages import refusal
from handover.models import Proof, SignOff
from handover.models.signoffs import SignOffSubject
from handover.models.transfers import TransferState
from handover.permissions import Permission
from handover.queries import names
from handover.queries.gates import gates
from handover.queries.paper_annex_words import named
from handover.queries.paper_facts import reference
from handover.queries.plans import latest_preview
from handover.queries.transfer_steps import steps
from handover.queries.waiting_transfers import last_day_to_give_back
from handover.views.pages import perform
from handover.views.routes import may
from handover.views.transfers.forms import ConfirmForm, ReasonForm
from handover.views.transfers.places import at
from handover.views.transfers.previews import by_organisation
from handover.views.transfers.tasks import countersigns, executes, gives_back


@may(Permission.EXECUTE_TRANSFER)
@login_required
@require_http_methods(["GET", "POST"])
def execute(request: HttpRequest, transfer_uuid: UUID) -> HttpResponse:
    """Check the answers, then carry the handover out."""
    here = at(request, transfer_uuid, may=Permission.EXECUTE_TRANSFER)
    if here.transfer.state in (TransferState.EXECUTED, TransferState.GIVEN_BACK):
        return redirect("transfer-done", transfer_uuid)
    if not executes(here):
        raise NotAllowed("not_receiver", "Only the receiver carries out an accepted handover.")
    form = ConfirmForm(request.POST or None, initial={"key": str(uuid4())})

    def act() -> None:
        executions.execute(by=here.actor, transfer_uuid=transfer_uuid, key=form.cleaned_data["key"])

    if request.method == "POST" and form.is_valid() and perform(form, act):
        return redirect("transfer-done", transfer_uuid)
    preview = latest_preview(here.transfer)
    return here.show(
        "execute",
        {
            "form": form,
            "gates": [refusal(gate) for gate in gates(here.transfer)],
            "items": list(
                here.transfer.items.select_related("responsibility", "provider_after").order_by("id")
            ),
            "steps": steps(here.transfer),
            "keeps": list(here.transfer.keeps.order_by("kind")),
            "annex": here.transfer.annex.count(),
            "people": len(names.named(preview.body)["people"]) if preview else 0,
            "organisations": by_organisation(names.named(preview.body)) if preview else [],
        },
    )


@may(Permission.VIEW)
@login_required
@require_safe
def done(request: HttpRequest, transfer_uuid: UUID) -> HttpResponse:
    """Confirm a handover that was carried out, with its reference number."""
    here = at(request, transfer_uuid, may=Permission.VIEW)
    proof = Proof.objects.filter(transfer=here.transfer).first()
    if proof is None:
        raise Http404
    items = list(here.transfer.items.select_related("responsibility", "provider_after").order_by("id"))
    return here.show(
        "done",
        {
            "reference": reference(here.transfer),
            "proof": proof,
            "items": items,
            "last_day": last_day_to_give_back(here.transfer),
            **_signatures(here, proof),
        },
    )


def _signatures(here: Any, proof: Proof) -> dict[str, Any]:
    signed = list(
        SignOff.objects.filter(transfer=here.transfer, subject=SignOffSubject.PROOF)
        .select_related("organisation")
        .order_by("id")
    )
    return {"signed": signed, "countersigns": countersigns(here, proof, signed)}


@may(Permission.VIEW)
@login_required
@require_http_methods(["GET", "POST"])
def proof(request: HttpRequest, transfer_uuid: UUID) -> HttpResponse:
    """Show what is proven in plain words, and let the other side sign it."""
    here = at(request, transfer_uuid, may=Permission.VIEW)
    made = Proof.objects.filter(transfer=here.transfer).first()
    if made is None:
        raise Http404
    form = ReasonForm(None)
    if request.method == "POST":
        form = ReasonForm({"reason": "-"})
        form.is_valid()
        if perform(form, lambda: executions.countersign(by=here.actor, transfer_uuid=transfer_uuid)):
            messages.success(request, gettext("Your side has signed the continuity proof."))
            return redirect("transfer-proof", transfer_uuid)
    body = names.named(made.body)
    return here.show(
        "proof",
        {
            "form": form if request.method == "POST" else None,
            "proof": made,
            "reference": reference(here.transfer),
            "kinds": [{**row, "name": named(row["name"])} for row in body.get("holdings", ())],
            "equal": all(row["equal"] for row in body.get("holdings", ())),
            **_signatures(here, made),
        },
    )


@may(Permission.SIGN)
@login_required
@require_http_methods(["GET", "POST"])
def give_back(request: HttpRequest, transfer_uuid: UUID) -> HttpResponse:
    """Sign giving back for the actor's side; the second signature carries it out."""
    here = at(request, transfer_uuid, may=Permission.SIGN)
    if not gives_back(here):
        raise NotAllowed("too_late", "This handover cannot be given back by your side, or no longer.")
    form = ReasonForm(request.POST or None)
    made: list[Any] = []

    def act() -> None:
        reason = form.cleaned_data["reason"]
        made.append(giving_back.give_back(by=here.actor, transfer_uuid=transfer_uuid, reason=reason)[1])

    if request.method == "POST" and form.is_valid() and perform(form, act):
        said = gettext("It is given back: both sides have signed.")
        waits = gettext("Your side has signed giving back. It is carried out when the other side signs too.")
        messages.success(request, said if made[0] else waits)
        return redirect("transfer", transfer_uuid)
    lead = gettext(
        "Responsibilities, standings and permissions go back as they were; no value changes. Both sides must sign."
    )
    said_all = {
        "form": form,
        "heading": gettext("Give back"),
        "lead": lead,
        "button": gettext("Sign giving back"),
    }
    return here.show("form", {**said_all, "warns": True})
