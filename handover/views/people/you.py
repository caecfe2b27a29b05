"""One's own account: name, language, seats, and the ways to what else is one's own."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from handover import access, mail
from handover.access import who_asks
from handover.actions import accounts
from handover.models import User
from handover.permissions import Role
from handover.queries.members import last_instant
from handover.views.pages import asker, page, perform
from handover.views.people.forms import YouForm
from handover.views.routes import open_to


@open_to("whoever is signed in sees and changes their own account")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def you(request: HttpRequest) -> HttpResponse:
    """Show one's account, and change one's name and language."""
    if not isinstance(request.user, User) or who_asks() is None:
        return page(request, "handover/people/you.html", {"seats": []})
    actor = asker()
    start = {"display_name": actor.user.display_name, "language": actor.user.language[:2]}
    form = YouForm(request.POST if request.method == "POST" else None, initial=start)

    def act() -> None:
        accounts.rename(by=actor, display_name=form.cleaned_data["display_name"])
        accounts.speak(by=actor, language=form.cleaned_data["language"])

    if request.method == "POST" and form.is_valid() and perform(form, act):
        with translation.override(mail.language_for(form.cleaned_data["language"])):
            messages.success(request, gettext("Your account is changed."))
        return redirect("you")
    rows = access.seats_now(actor.user).select_related("organisation").order_by("organisation__name", "role")
    seats = [
        {
            "organisation": row.organisation.name,
            "slug": row.organisation.slug,
            "role": Role(row.role).help,
            "last": last_instant(row.ends_at),
            "now": row.organisation_id == actor.organisation.pk,
        }
        for row in rows
    ]
    return page(
        request, "handover/people/you.html", {"form": form, "seats": seats, "email": actor.user.email}
    )
