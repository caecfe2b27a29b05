"""The plan of a transfer: what moves, by which steps, what the giver keeps, what the annexes list; and its answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from handover.actions import milestones
from handover.actions import transfers as actions
from handover.actions.transfers import Answer, Item
from handover.errors import NotAllowed
from handover.models import (
    AnnexLine,
    Membership,
    Organisation,
    Responsibility,
    TransferMilestone,
    User,
)
from handover.models.annexes import AnnexDecision
from handover.models.responsibilities import Phase
from handover.models.transfers import EDITABLE_STATES, OPEN_STATES, KeepKind
from handover.permissions import Permission
from handover.queries.plans import latest_preview
from handover.queries.previews import concerned_exceptions
from handover.queries.transfer_steps import steps
from handover.views.pages import attempt, perform
from handover.views.routes import may
from handover.views.transfers.forms import (
    AnnexAnswerForm,
    AnnexLineForm,
    CommentForm,
    IncludeForm,
    KeepForm,
    MappingForm,
    MilestoneForm,
    ReasonForm,
)
from handover.views.transfers.places import TransferVisit, at


@may(Permission.VIEW)
@login_required
@require_safe
def plan(request: HttpRequest, transfer_uuid: UUID) -> HttpResponse:
    """Show the whole plan; the giver changes it here while it is not with the receiver."""
    here = at(request, transfer_uuid, may=Permission.VIEW)
    mapped = {row.grant_key: row for row in here.transfer.mappings.select_related("to_user")}
    items = list(
        here.transfer.items.select_related("responsibility", "provider_after", "milestone").order_by("id")
    )
    found = steps(here.transfer, cutoff=here.reach.cutoff)
    return here.show(
        "plan",
        {
            "items": items,
            "steps": found,
            "keeps": list(here.transfer.keeps.order_by("kind")),
            "annex": list(
                AnnexLine.objects.filter(transfer=here.transfer)
                .select_related("owner")
                .order_by("kind", "id")
            ),
            "exceptions": [
                {"item": item, "mapped": mapped.get(item.key), "done": item.key in mapped}
                for item in concerned_exceptions(here.transfer, [row.responsibility_id for row in items])
            ],
            "plans": here.plans,
            "answers": here.answers_annex,
            "proposes": here.plans and here.can(Permission.SIGN),
            "complete": bool(items and found),
            "revokes": _gives(here)
            and here.transfer.state in OPEN_STATES
            and here.can(Permission.PLAN_TRANSFER),
            "returned": here.transfer.state in EDITABLE_STATES and here.transfer.comment,
        },
    )


def _gives(here: TransferVisit) -> bool:
    return here.transfer.giver_id == here.actor.organisation.pk


def _form(
    here: TransferVisit, form: Any, heading: str, button: str, *, lead: str = "", warns: bool = False
) -> HttpResponse:
    said = {"form": form, "heading": heading, "button": button, "lead": lead, "warns": warns}
    return here.show("form", said)


def _editing(request: HttpRequest, transfer_uuid: UUID) -> TransferVisit:
    """Open the plan for changing.

    Raises:
        NotAllowed: it is not the actor's to change now.
    """
    here = at(request, transfer_uuid, may=Permission.PLAN_TRANSFER)
    if not here.plans:
        raise NotAllowed(
            "plan_fixed", "The plan is with the other side, or is another organisation's to draw up."
        )
    return here


def _done(here: TransferVisit, said: str) -> HttpResponse:
    messages.success(here.request, said)
    return redirect("transfer-plan", here.transfer.uuid)


@may(Permission.PLAN_TRANSFER)
@login_required
@require_http_methods(["GET", "POST"])
def include(request: HttpRequest, transfer_uuid: UUID) -> HttpResponse:
    """Put a responsibility into the plan."""
    here = _editing(request, transfer_uuid)
    form = IncludeForm(request.POST or None, transfer=here.transfer)

    def act() -> None:
        said = form.cleaned_data
        chosen = Responsibility.objects.get(programme=here.programme, uuid=said["responsibility"])
        item = Item(responsibility=chosen, phase=Phase(said["phase"]), moves_debtor=said["moves_debtor"])
        actions.include(by=here.actor, transfer_uuid=transfer_uuid, items=[item])

    if request.method == "POST" and form.is_valid() and perform(form, act):
        return _done(here, gettext("The responsibility is in the plan."))
    return _form(here, form, gettext("Add a responsibility to the plan"), gettext("Add"))


@may(Permission.PLAN_TRANSFER)
@login_required
@require_http_methods(["GET", "POST"])
def add_step(request: HttpRequest, transfer_uuid: UUID) -> HttpResponse:
    """Put a step into the plan."""
    here = _editing(request, transfer_uuid)
    form = MilestoneForm(request.POST or None, transfer=here.transfer)

    def act() -> None:
        said = dict(form.cleaned_data)
        waits, moves = said.pop("waits_for", []), said.pop("moves", [])
        milestones.plan(
            by=here.actor,
            transfer_uuid=transfer_uuid,
            waits_for=list(TransferMilestone.objects.filter(transfer=here.transfer, uuid__in=waits)),
            moves=list(Responsibility.objects.filter(programme=here.programme, uuid__in=moves)),
            **said,
        )

    if request.method == "POST" and form.is_valid() and perform(form, act):
        return _done(here, gettext("The step is in the plan."))
    return _form(here, form, gettext("Add a step to the plan"), gettext("Add"))


@may(Permission.PLAN_TRANSFER)
@login_required
@require_http_methods(["GET", "POST"])
def keep(request: HttpRequest, transfer_uuid: UUID) -> HttpResponse:
    """Say until when the giver reads and takes out."""
    here = _editing(request, transfer_uuid)
    form = KeepForm(request.POST or None, initial={"until": here.transfer.retention_until})

    def act() -> None:
        until = form.cleaned_data["until"]
        actions.keep(by=here.actor, transfer_uuid=transfer_uuid, kind=KeepKind.READ_AND_EXPORT, until=until)

    if request.method == "POST" and form.is_valid() and perform(form, act):
        return _done(here, gettext("What you keep is in the plan."))
    lead = gettext("After the handover you read what there was until then, and change nothing.")
    return _form(here, form, gettext("What you keep after the handover"), gettext("Save"), lead=lead)


@may(Permission.PLAN_TRANSFER)
@login_required
@require_http_methods(["GET", "POST"])
def add_line(request: HttpRequest, transfer_uuid: UUID) -> HttpResponse:
    """List something in an annex."""
    here = _editing(request, transfer_uuid)
    form = AnnexLineForm(request.POST or None)

    def act() -> None:
        line = (form.cleaned_data["kind"], form.cleaned_data["text"], None)
        actions.list_in_annex(by=here.actor, transfer_uuid=transfer_uuid, lines=[line])

    if request.method == "POST" and form.is_valid() and perform(form, act):
        return _done(here, gettext("The line is in the annex."))
    return _form(here, form, gettext("Add a line to an annex"), gettext("Add"))


@may(Permission.PLAN_TRANSFER)
@login_required
@require_http_methods(["GET", "POST"])
def map_exception(request: HttpRequest, transfer_uuid: UUID, key: str) -> HttpResponse:
    """Say where a single person's exception goes."""
    here = _editing(request, transfer_uuid)
    item = next((row for row in concerned_exceptions(here.transfer) if row.key == key), None)
    if item is None:
        raise Http404
    seats = (
        Membership.objects.filter(organisation=here.transfer.receiver)
        .select_related("user")
        .order_by("user_id")
    )
    people = {str(seat.user.uuid): seat.user.display_name for seat in seats}
    form = MappingForm(request.POST or None, people=list(people.items()))

    def act() -> None:
        chosen = form.cleaned_data["to_user"]
        whom = User.objects.get(uuid=chosen) if chosen else None
        actions.map_exception(by=here.actor, transfer_uuid=transfer_uuid, key=key, to_user=whom)

    if request.method == "POST" and form.is_valid() and perform(form, act):
        return _done(here, gettext("It is said where the permission goes."))
    heading = gettext("Where does the permission of %(person)s go?") % {"person": item.user_name}
    return _form(here, form, heading, gettext("Save"))


@may(Permission.PLAN_TRANSFER)
@login_required
@require_POST
def list_holdings(request: HttpRequest, transfer_uuid: UUID) -> HttpResponse:
    """List in the annexes all that the programme holds."""
    here = _editing(request, transfer_uuid)
    return _told(
        here,
        lambda: actions.list_holdings(by=here.actor, transfer_uuid=transfer_uuid),
        gettext("The annexes list what the programme holds."),
        "transfer-plan",
    )


@may(Permission.SIGN)
@login_required
@require_POST
def propose(request: HttpRequest, transfer_uuid: UUID) -> HttpResponse:
    """Sign the plan for the giver, and put it before the receiver."""
    here = at(request, transfer_uuid, may=Permission.SIGN)
    return _told(
        here,
        lambda: actions.propose(by=here.actor, transfer_uuid=transfer_uuid),
        gettext("The plan is signed by your side, and is with the receiver now."),
        "transfer",
    )


def _told(here: TransferVisit, act: Callable[[], object], said: str, back: str) -> HttpResponse:
    """Do something that has no form, and tell the outcome."""
    why = attempt(act)
    if why:
        messages.error(here.request, why)
    else:
        messages.success(here.request, said)
    return redirect(back, here.transfer.uuid)


@may(Permission.VIEW)
@login_required
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, transfer_uuid: UUID) -> HttpResponse:
    """Answer the plan for the receiver: accept and sign, return with comments, or refuse."""
    here = at(request, transfer_uuid, may=Permission.VIEW)
    if not here.answers:
        raise NotAllowed("not_receiver", "The plan is not with your organisation for an answer.")
    form = CommentForm(request.POST or None)
    if request.method == "POST":
        verb = request.POST.get("verb", "")
        if verb == "accept":
            form = CommentForm({"comment": "-"})
            form.is_valid()
            if perform(form, lambda: actions.accept(by=here.actor, transfer_uuid=transfer_uuid)):
                messages.success(request, gettext("Your side has signed the plan. Its steps are under way."))
                return redirect("transfer", transfer_uuid)
        elif verb in ("return", "refuse") and form.is_valid():
            act = actions.send_back if verb == "return" else actions.refuse
            comment = form.cleaned_data["comment"]
            if perform(form, lambda: act(by=here.actor, transfer_uuid=transfer_uuid, comment=comment)):
                messages.success(request, gettext("The giver reads your reasons now."))
                return redirect("programmes") if verb == "refuse" else redirect("transfer", transfer_uuid)
    preview = latest_preview(here.transfer)
    return here.show(
        "answer",
        {
            "form": form,
            "items": list(here.transfer.items.select_related("responsibility", "milestone").order_by("id")),
            "steps": steps(here.transfer),
            "signs": here.can(Permission.SIGN),
            "people": len(json.loads(preview.body)["people"]) if preview else 0,
        },
    )


@may(Permission.PLAN_TRANSFER)
@login_required
@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, transfer_uuid: UUID) -> HttpResponse:
    """Call the transfer off; what moved with a step goes back."""
    here = at(request, transfer_uuid, may=Permission.PLAN_TRANSFER)
    form = ReasonForm(request.POST or None)

    def act() -> None:
        actions.revoke(by=here.actor, transfer_uuid=transfer_uuid, reason=form.cleaned_data["reason"])

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(request, gettext("The transfer is called off. What had moved is back."))
        return redirect("transfer", transfer_uuid)
    lead = gettext(
        "All signatures on the plan end. What has moved with a step goes back to your organisation."
    )
    return _form(here, form, gettext("Call the transfer off"), gettext("Call off"), lead=lead, warns=True)


@may(Permission.ANSWER_TRANSFER)
@login_required
@require_http_methods(["GET", "POST"])
def answer_line(request: HttpRequest, transfer_uuid: UUID, annex_line_uuid: UUID) -> HttpResponse:
    """Answer a line of an annex for the receiver."""
    here = at(request, transfer_uuid, may=Permission.ANSWER_TRANSFER)
    line = AnnexLine.objects.filter(transfer=here.transfer, uuid=annex_line_uuid).first()
    if line is None:
        raise Http404
    form = AnnexAnswerForm(request.POST or None, transfer=here.transfer)

    def act() -> None:
        said = form.cleaned_data
        owner = Organisation.objects.get(uuid=said["owner"]) if said["owner"] else None
        given = Answer(
            line=line.uuid,
            decision=AnnexDecision(said["decision"]),
            reservation=said["reservation"],
            owner=owner,
            deadline=said["deadline"],
        )
        actions.answer_annex(by=here.actor, transfer_uuid=transfer_uuid, answers=[given])

    if request.method == "POST" and form.is_valid() and perform(form, act):
        return _done(here, gettext("Your answer is recorded."))
    return _form(here, form, gettext("Answer a line of the annex"), gettext("Save"), lead=line.text)


@may(Permission.ANSWER_TRANSFER)
@login_required
@require_POST
def accept_annex(request: HttpRequest, transfer_uuid: UUID) -> HttpResponse:
    """Accept all lines that are not answered yet."""
    here = at(request, transfer_uuid, may=Permission.ANSWER_TRANSFER)
    return _told(
        here,
        lambda: actions.accept_annex(by=here.actor, transfer_uuid=transfer_uuid),
        gettext("All lines that were open are accepted."),
        "transfer-plan",
    )
