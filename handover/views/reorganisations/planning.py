"""Forms over the actions of reorganisations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from handover.access import Actor
from handover.actions import reorganisations as actions
from handover.actions import successions
from handover.errors import NotAllowed
from handover.models import Reorganisation
from handover.models.reorganisations import PartySide
from handover.models.signoffs import Decision
from handover.queries import names
from handover.queries import reorganisations as reads
from handover.queries.reorganisations import Plan
from handover.views.pages import asker, found, page, perform
from handover.views.people.administration import manager
from handover.views.reorganisations.forms import (
    ChangeForm,
    DrawUpForm,
    ExecuteForm,
    PartForm,
    WithdrawForm,
    WordForm,
)
from handover.views.reorganisations.reading import PARTIES, places_of
from handover.views.routes import open_to

BOTH = ["GET", "HEAD", "POST"]


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


@open_to(PARTIES)
@login_required
@require_http_methods(BOTH)
def draw_up(request: HttpRequest) -> HttpResponse:
    """Draw up a merger or a split."""
    actor = manager()
    form = DrawUpForm(_sent(request), initial={"predecessors": actor.organisation.name})
    made: list[Reorganisation] = []

    def act() -> None:
        made.append(actions.draw_up(by=actor, **form.cleaned_data))

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(request, gettext("“%(title)s” is drawn up.") % {"title": made[0].title})
        return redirect("reorganisation", made[0].uuid)
    lead = gettext(
        "Organisations that merge or split draw up one plan. Each one that ends states what it answers for and to whom"
        " that goes; everybody signs; the successor carries it out on the day. Nothing that was recorded is changed."
    )
    return _page(
        request,
        form,
        gettext("Draw up a merger or a split"),
        gettext("Draw it up"),
        reverse("reorganisations"),
        lead,
    )


@open_to(PARTIES)
@login_required
@require_http_methods(BOTH)
def change(request: HttpRequest, reorganisation_uuid: UUID) -> HttpResponse:
    """Change what is said of a reorganisation."""
    actor, plan = _open(reorganisation_uuid)
    row = plan.reorganisation
    start = {
        "title": row.title,
        "legal_act": row.legal_act,
        "effective_on": row.effective_on,
        "places": "\n".join(
            f"{line['former_code']} = {line['successor_code']}"
            + (f" @ {line['share']}" if line["share"] else "")
            for line in places_of(row)
        ),
        "version": row.version,
    }
    form = ChangeForm(_sent(request), initial=start)

    def act() -> None:
        actions.change(by=actor, reorganisation_uuid=row.uuid, **form.cleaned_data)

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(
            request,
            gettext("The plan is changed. Signatures under the plan as it was are not valid any more."),
        )
        return redirect("reorganisation", row.uuid)
    return _page(
        request, form, gettext("Change the plan"), gettext("Keep the changes"), _back(row), row.title
    )


@open_to(PARTIES)
@login_required
@require_http_methods(BOTH)
def state(request: HttpRequest, reorganisation_uuid: UUID) -> HttpResponse:
    """State what one's organisation answers for, and to whom it goes."""
    actor, plan = _open(reorganisation_uuid)
    row = plan.reorganisation
    if actor.organisation not in plan.on(PartySide.PREDECESSOR):
        raise NotAllowed("not_a_predecessor", "Only who answers before states what it answers for.")
    programmes = reads.survey(actor.organisation)
    form = PartForm(
        _sent(request),
        successors=[(str(party.uuid), party.name) for party in plan.on(PartySide.SUCCESSOR)],
        programmes=programmes,
        people=names.told([reads.seats_of(actor.organisation)])[0],
        bodies=reads.bodies_of(actor.organisation),
        initial=_chosen_before(plan, actor),
    )

    def act() -> None:
        actions.state(
            by=actor,
            reorganisation_uuid=row.uuid,
            rest=UUID(form.cleaned_data["rest"]),
            programmes=form.chosen("programme"),
            responsibilities=form.chosen("duty"),
            people=form.chosen("person"),
            bodies=form.chosen("body"),
        )

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(request, gettext("What your organisation answers for is stated."))
        return redirect("reorganisation", row.uuid)
    lead = gettext(
        "Your organisation stands in these programmes: %(programmes)s. Whatever hangs on them goes along: posts,"
        " figures, obligations and promises."
    ) % {"programmes": ", ".join(item["identifier"] for item in programmes) or gettext("none")}
    return _page(
        request,
        form,
        gettext("State what your organisation answers for"),
        gettext("State it"),
        _back(row),
        lead,
    )


def _chosen_before(plan: Plan, actor: Actor) -> dict[str, str]:
    """Give what was chosen when the part was stated last, where it differs from the rest."""
    part = plan.part_of(actor.organisation.pk)
    successors = plan.on(PartySide.SUCCESSOR)
    if part is None:
        return {"rest": str(successors[0].uuid)} if len(successors) == 1 else {}
    programmes = part.plan["programmes"]
    goes = [item["to"] for item in programmes]
    rest = max(sorted(set(goes)), key=goes.count) if goes else str(successors[0].uuid)
    said = {"rest": rest}
    for item in programmes:
        if item["to"] != rest:
            said[f"programme-{item['uuid']}"] = item["to"]
        said |= {
            f"duty-{duty['uuid']}": duty["to"]
            for duty in item["responsibilities"]
            if duty["to"] != item["to"]
        }
    said |= {
        f"person-{seat['user']}": seat["to"] or "ends" for seat in part.plan["people"] if seat["to"] != rest
    }
    said |= {f"body-{body['uuid']}": body["to"] for body in part.plan["bodies"] if body["to"] != rest}
    return said


@open_to(PARTIES)
@login_required
@require_http_methods(BOTH)
def sign(request: HttpRequest, reorganisation_uuid: UUID) -> HttpResponse:
    """Sign the plan for one's organisation, or say one's word as who is asked."""
    actor = asker()
    plan = reads.read(found(actions.found, actor, reorganisation_uuid))
    row = plan.reorganisation
    form = WordForm(_sent(request), initial={"digest": plan.digest})

    def act() -> None:
        actions.sign(
            by=actor,
            reorganisation_uuid=row.uuid,
            digest=form.cleaned_data["digest"],
            decision=Decision(form.cleaned_data["decision"]),
            remark=form.cleaned_data["remark"],
        )

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(
            request, gettext("It is recorded, in the name of %(name)s.") % {"name": actor.organisation.name}
        )
        return redirect("reorganisation", row.uuid)
    lead = gettext("You sign the plan as it stands. Its SHA-256: %(digest)s") % {"digest": plan.digest}
    return _page(request, form, gettext("Say your organisation’s word"), gettext("Sign"), _back(row), lead)


@open_to(PARTIES)
@login_required
@require_http_methods(BOTH)
def withdraw(request: HttpRequest, reorganisation_uuid: UUID) -> HttpResponse:
    """Withdraw a reorganisation that was not executed."""
    actor, plan = _open(reorganisation_uuid)
    row = plan.reorganisation
    form = WithdrawForm(_sent(request), initial={"version": row.version})

    def act() -> None:
        actions.withdraw(by=actor, reorganisation_uuid=row.uuid, **form.cleaned_data)

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(request, gettext("It is withdrawn. Nothing has moved."))
        return redirect("reorganisation", row.uuid)
    return _page(
        request, form, gettext("Withdraw it"), gettext("Withdraw it"), _back(row), row.title, grave=True
    )


@open_to(PARTIES)
@login_required
@require_http_methods(BOTH)
def execute(request: HttpRequest, reorganisation_uuid: UUID) -> HttpResponse:
    """Carry a reorganisation out; whatever is in the way is named, and nothing happens."""
    actor, plan = _open(reorganisation_uuid)
    row = plan.reorganisation
    form = ExecuteForm(_sent(request))

    def act() -> None:
        successions.execute(by=actor, reorganisation_uuid=row.uuid)

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(request, gettext("It is carried out. Your organisation answers from now on."))
        return redirect("reorganisation", row.uuid)
    lead = gettext(
        "In one step everything that was stated goes to the successors: stewardship, responsibilities, people’s seats"
        " and permissions. What the programmes hold is compared before and after; if anything differed, nothing would"
        " happen."
    )
    return _page(
        request, form, gettext("Carry it out"), gettext("Carry it out"), _back(row), lead, grave=True
    )


def _open(key: UUID) -> tuple[Actor, Plan]:
    """Open a form for a manager of a party; who is no party finds nothing."""
    actor = asker()
    plan = reads.read(found(actions.found, actor, key))
    if not any(party.party_id == actor.organisation.pk for party in plan.parties):
        raise Http404
    return manager(), plan


def _back(row: Reorganisation) -> str:
    return reverse("reorganisation", args=[row.uuid])


def _page(
    request: HttpRequest,
    form: forms.Form,
    heading: str,
    button: str,
    back: str,
    lead: str,
    *,
    grave: bool = False,
) -> HttpResponse:
    said = {"form": form, "heading": heading, "button": button, "back": back, "lead": lead, "grave": grave}
    return page(request, "handover/reorganisations/form.html", said)
