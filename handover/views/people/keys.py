"""Keys for other systems: one's own tokens, the organisation's, and its webhooks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from handover import clock
from handover.actions import tokens
from handover.actions.tokens import Issued
from handover.models import AccessToken
from handover.permissions import Scope
from handover.queries import webhooks as kept
from handover.queries.members import last_instant
from handover.queries.tokens import own_tokens as tokens_of
from handover.views.pages import asker, found, page, perform
from handover.views.people.administration import OWN, manager, shown
from handover.views.people.forms import OrganisationTokenForm, TokenForm, end_of
from handover.views.routes import open_to
from handover.webhooks.events import Event

A_DAY = dt.timedelta(days=1)
THEIRS = "whoever is signed in keeps their own tokens; a token does no more than its person"


@open_to(THEIRS)
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_tokens(request: HttpRequest) -> HttpResponse:
    """List the person's own tokens, and issue one: its key is shown this once."""
    actor = asker()
    form = TokenForm(request.POST if request.method == "POST" else None)
    made: list[Issued] = []

    def act() -> None:
        given = form.cleaned_data
        made.append(
            tokens.issue(
                by=actor,
                title=given["title"],
                scopes=given["scopes"],
                expires_at=_expiry(form),
            )
        )

    if request.method == "POST" and form.is_valid() and perform(form, act):
        form = TokenForm()
    rows = [row for row in tokens_of(actor) if row.personal and row.user_id == actor.user.pk]
    said = {"form": form, "tokens": _told(rows), "issued": made[0] if made else None}
    return _secret(page(request, "handover/people/own_tokens.html", said), made)


@open_to(OWN)
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def organisation_tokens(request: HttpRequest) -> HttpResponse:
    """List the tokens that act for the organisation or for its people, and issue one for it."""
    actor = manager()
    form = OrganisationTokenForm(request.POST if request.method == "POST" else None)
    made: list[Issued] = []

    def act() -> None:
        given = form.cleaned_data
        made.append(
            tokens.issue_for_organisation(
                by=actor,
                title=given["title"],
                scopes=given["scopes"],
                role=given["role"],
                expires_at=_expiry(form),
            )
        )

    if request.method == "POST" and form.is_valid() and perform(form, act):
        form = OrganisationTokenForm()
    said = {"form": form, "tokens": _told(tokens_of(actor)), "issued": made[0] if made else None}
    return _secret(shown(request, "organisation_tokens", said, actor=actor), made)


@open_to(THEIRS)
@login_required
@require_POST
def revoke(request: HttpRequest, token_uuid: UUID) -> HttpResponse:
    """Revoke a token: one's own, or one of an organisation that one manages."""
    actor = asker()
    token = found(tokens.revoke, by=actor, token_uuid=token_uuid)
    messages.success(
        request, gettext("“%(title)s” is revoked: nobody gets in by it any more.") % {"title": token.title}
    )
    own = token.personal and token.user_id == actor.user.pk and request.POST.get("from") != "organisation"
    return redirect("you-tokens" if own else "organisation-tokens")


@open_to(OWN)
@login_required
@require_GET
def webhooks(request: HttpRequest) -> HttpResponse:
    """List where the organisation wants to be told, and how that goes."""
    actor = manager()
    rows = [
        {
            "title": row.title,
            "url": row.url,
            "events": [Event(event).help for event in row.events],
            "active": row.active,
            "since": row.switched_off_at,
            "why": row.switched_off_because,
            "by": row.created_by_name,
        }
        for row in kept.webhooks(actor)
    ]
    return shown(request, "webhooks", {"webhooks": rows}, actor=actor)


def _expiry(form: TokenForm) -> dt.datetime:
    """Give when the last day is over, but never more than the longest time that a token lasts."""
    latest = clock.now() + tokens.LONGEST
    end = end_of(form.cleaned_data["last_day"]) or latest
    return latest if latest < end <= latest + A_DAY else end


def _told(rows: Iterable[AccessToken]) -> list[dict[str, Any]]:
    now = clock.now()
    told = [_row(row, now) for row in rows]
    return sorted(told, key=lambda item: not item["open"])


def _row(row: AccessToken, now: dt.datetime) -> dict[str, Any]:
    return {
        "uuid": row.uuid,
        "title": row.title,
        "who": row.user.display_name if row.personal else "",
        "beginning": row.beginning,
        "scopes": [Scope(scope).help for scope in row.scopes],
        "created_at": row.created_at,
        "created_by": row.created_by_name,
        "last": last_instant(row.expires_at),
        "last_used_at": row.last_used_at,
        "revoked_at": row.revoked_at,
        "open": row.revoked_at is None and row.expires_at > now,
    }


def _secret(answer: HttpResponse, made: list[Issued]) -> HttpResponse:
    if made:
        answer["Cache-Control"] = "no-store"
    return answer
