"""The transfers of a programme, and the beginning of a new one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from handover.actions import transfers as actions
from handover.models import Organisation, Transfer
from handover.permissions import Permission
from handover.views.pages import page, perform, visit
from handover.views.routes import may
from handover.views.transfers.forms import DraftForm


@may(Permission.VIEW)
@login_required
@require_safe
def transfers(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """List a programme's transfers, the newest first."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    rows = (
        Transfer.objects.filter(programme=here.programme)
        .select_related("giver", "receiver")
        .annotate(
            steps=Count("milestones", distinct=True),
            done=Count("milestones", filter=Q(milestones__done_at__isnull=False), distinct=True),
        )
    )
    return page(
        request,
        "handover/transfers/list.html",
        {"transfers": list(rows.order_by("-id")[:100]), "plans": here.can(Permission.PLAN_TRANSFER)},
        here=here,
    )


@may(Permission.PLAN_TRANSFER)
@login_required
@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Begin to draw up a transfer."""
    here = visit(request, programme_uuid, may=Permission.PLAN_TRANSFER)
    form = DraftForm(request.POST or None, organisation=here.actor.organisation)
    made: list[Transfer] = []

    def draft() -> None:
        said = dict(form.cleaned_data)
        receiver = Organisation.objects.get(uuid=said.pop("receiver"))
        made.append(
            actions.draft(by=here.actor, programme_uuid=here.programme.uuid, receiver=receiver, **said)
        )

    if request.method == "POST" and form.is_valid() and perform(form, draft):
        messages.success(request, gettext("The transfer is begun. Now say what moves, and by which steps."))
        return redirect("transfer-plan", made[0].uuid)
    context = {
        "form": form,
        "heading": gettext("Begin a transfer"),
        "lead": gettext("The other side sees nothing of it before you propose it."),
        "button": gettext("Begin"),
    }
    return page(request, "handover/transfers/form.html", context, here=here)
