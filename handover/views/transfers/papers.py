"""The papers of a handover: protocol, annexes and proof as PDF, what came back signed, and the check of an upload."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from handover.actions import papers as actions
from handover.languages import translated
from handover.models import Paper
from handover.models.milestones import Side
from handover.models.papers import PaperKind
from handover.papers.uploads import LARGEST
from handover.permissions import Permission
from handover.queries import paper_checks
from handover.queries import papers as reads
from handover.queries.paper_checks import Checked
from handover.queries.paper_facts import reference
from handover.views.forms import DayField
from handover.views.pages import asker, found, page, perform
from handover.views.routes import may
from handover.views.transfers.places import TransferVisit, at

SIDES = (Side.GIVER, Side.RECEIVER)


class LanguagesForm(forms.Form):
    """In which languages a paper is written."""

    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("en", "English"), ("ro", "Română"), ("lt", "Lietuvių")],
        help_text=_("One or two. Without a choice: the languages of both sides."),
    )


class CheckForm(forms.Form):
    """A paper to be checked."""

    file = forms.FileField(label=_("The protocol, as a PDF"), help_text=_("Nothing of it is kept."))


class SignedForm(forms.Form):
    """A paper that one's own side has signed."""

    file = forms.FileField(
        label=_("The signed paper"),
        help_text=_("The scan of what was signed by hand, or the PDF with its electronic signature."),
    )
    signatory = forms.CharField(label=_("Who signed, as it stands there"), max_length=200)
    capacity = forms.CharField(
        label=_("In which function"), max_length=200, help_text=_("For example: mayor.")
    )
    mandate_act = forms.CharField(
        label=_("By which act"), max_length=300, help_text=_("Kind, number and date.")
    )
    signed_on = DayField(label=_("Signed on"))


def _issues(here: TransferVisit) -> bool:
    return here.transfer.executed_at is not None and here.side in SIDES and here.can(Permission.EXPORT)


@may(Permission.VIEW)
@login_required
@require_safe
def papers(request: HttpRequest, transfer_uuid: UUID) -> HttpResponse:
    """List the papers of a transfer, and what came back signed."""
    here = at(request, transfer_uuid, may=Permission.VIEW)
    kinds = [
        {"key": kind.value, "label": translated(str(kind.label))}
        for kind in PaperKind
        if kind is not PaperKind.PROOF or here.transfer.executed_at is not None
    ]
    return here.show(
        "papers",
        {
            "languages": LanguagesForm(),
            "kinds": kinds,
            "issued": reads.issued(here.actor, transfer_uuid),
            "issues": _issues(here),
            "records": here.transfer.executed_at is not None
            and here.side in SIDES
            and here.can(Permission.SIGN),
            "opens": here.can(Permission.READ_LEDGER),
            "reference": reference(here.transfer),
            "draft": here.transfer.executed_at is None,
        },
    )


@may(Permission.VIEW)
@login_required
@require_http_methods(["GET", "POST"])
def paper(request: HttpRequest, transfer_uuid: UUID, kind: str) -> HttpResponse:
    """Give a paper as PDF. A side that asks by POST after the handover gets it issued, so that it is known again."""
    here = at(request, transfer_uuid, may=Permission.VIEW)
    if kind not in PaperKind.values:
        raise Http404
    asked = request.POST if request.method == "POST" else request.GET
    languages = asked.getlist("languages")
    chosen = PaperKind(kind)
    if request.method == "POST" and _issues(here):
        made = actions.issue(
            by=here.actor, transfer_uuid=transfer_uuid, kind=chosen, languages=languages
        ).composed
    else:
        made = reads.composed(here.actor, transfer_uuid, chosen, languages)
    response = HttpResponse(made.pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{made.filename}"'
    return response


@may(Permission.SIGN)
@login_required
@require_http_methods(["GET", "POST"])
def record_signed(request: HttpRequest, paper_uuid: UUID) -> HttpResponse:
    """Record that one's own side has signed a paper."""
    actor = asker()
    row = Paper.objects.filter(uuid=paper_uuid).select_related("transfer").first()
    if row is None:
        raise Http404
    here = at(request, row.transfer.uuid, may=Permission.SIGN)
    form = SignedForm(request.POST or None, request.FILES or None)

    def act() -> None:
        said: dict[str, Any] = dict(form.cleaned_data)
        content = said.pop("file").read(LARGEST + 1)
        actions.record_signed(by=actor, paper_uuid=paper_uuid, content=content, **said)

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(request, gettext("The signed paper is recorded for your side."))
        return redirect("transfer-papers", row.transfer.uuid)
    said = {
        "form": form,
        "heading": gettext("Record a signed paper"),
        "button": gettext("Record"),
        "multipart": True,
    }
    return here.show("form", said)


@may(Permission.READ_LEDGER)
@login_required
@require_safe
def signed_file(request: HttpRequest, signed_paper_uuid: UUID) -> HttpResponse:
    """Give a scan or a signed file; opening it leaves a trace."""
    content = found(actions.open_signed, by=asker(), signed_uuid=signed_paper_uuid)
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = 'attachment; filename="signed-paper"'
    return response


@may(Permission.VIEW)
@login_required
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Check a protocol that somebody brings: is it the one that was issued, unchanged since signing."""
    actor = asker()
    form = CheckForm(request.POST or None, request.FILES or None)
    outcome: list[Checked] = []

    def act() -> None:
        outcome.append(paper_checks.check(actor, form.cleaned_data["file"].read(LARGEST + 1)))

    if request.method == "POST" and form.is_valid():
        perform(form, act)
    return page(
        request, "handover/transfers/check.html", {"form": form, "checked": outcome[0] if outcome else None}
    )
