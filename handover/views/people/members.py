"""The people of one's own organisation: their roles, invitations, and what each may do, and why."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from handover import access, clock
from handover.access import Actor
from handover.actions import accounts, invitations
from handover.actions.invitations import Invited
from handover.languages import translated
from handover.models import Responsibility
from handover.permissions import STANDING_ROLE, Permission, Role, StandingKind
from handover.queries.invitations import kept_by_directory, open_invitations
from handover.queries.leaving import former
from handover.queries.members import Member, member_for
from handover.queries.members import members as members_of
from handover.queries.seats import Reached, seat_of
from handover.views.pages import asker, attempt, found, perform
from handover.views.people.administration import OWN, manager, shown
from handover.views.people.forms import InviteForm, end_of
from handover.views.routes import open_to


@open_to(OWN)
@login_required
@require_GET
def members(request: HttpRequest) -> HttpResponse:
    """List the people of the organisation with their roles, and whom it has invited."""
    actor = asker()
    now = clock.now()
    waiting = [
        {
            "uuid": row.uuid,
            "email": row.email,
            "role": Role(row.role).help,
            "expires_at": row.expires_at,
            "expired": row.expires_at <= now,
            "by": row.created_by_name,
        }
        for row in open_invitations(actor)
    ]
    return shown(
        request,
        "members",
        {
            "members": [
                {
                    "uuid": item.uuid,
                    "name": item.user.display_name,
                    "email": item.user.email,
                    "seats": item.seats,
                }
                for item in members_of(actor)
            ],
            "me": actor.user.uuid,
            "invitations": waiting,
            "directory": kept_by_directory(actor.organisation),
            "former": former(actor) if access.manages(actor, actor.organisation) else [],
        },
        actor=actor,
    )


@open_to(OWN)
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Invite an address to a seat; the link is shown this once where no mail goes out."""
    actor = manager()
    start = {"language": actor.user.language[:2], "role": Role.OFFICER.value}
    form = InviteForm(request.POST if request.method == "POST" else None, initial=start)
    made: list[Invited] = []

    def act() -> None:
        given = form.cleaned_data
        made.append(
            invitations.invite(
                by=actor,
                email=given["email"],
                role=given["role"],
                until=end_of(given["until"]),
                language=given["language"],
            )
        )

    if request.method == "POST" and form.is_valid() and perform(form, act):
        if made[0].link:
            answer = shown(request, "invited", {"invited": made[0], "link": made[0].link}, actor=actor)
            answer["Cache-Control"] = "no-store"
            return answer
        messages.success(
            request,
            gettext("The invitation is on its way to %(address)s.") % {"address": made[0].invitation.email},
        )
        return redirect("organisation")
    return shown(
        request,
        "invite",
        {"form": form, "directory": kept_by_directory(actor.organisation)},
        actor=actor,
    )


@open_to(OWN)
@login_required
@require_POST
def revoke_invitation(request: HttpRequest, invitation_uuid: UUID) -> HttpResponse:
    """Take an invitation back."""
    actor = manager()
    invitation = found(invitations.revoke, by=actor, invitation_uuid=invitation_uuid)
    messages.success(
        request,
        gettext("The invitation as “%(role)s” is taken back: its link opens nothing any more.")
        % {"role": translated(Role(invitation.role).help)},
    )
    return redirect("organisation")


@open_to(OWN)
@login_required
@require_GET
def member(request: HttpRequest, user_uuid: UUID) -> HttpResponse:
    """Tell what one person of the organisation may do on each programme, and why."""
    actor = asker()
    who = found(member_for, actor, user_uuid)
    return shown(
        request,
        "member",
        {"member": who, "me": actor.user.uuid, "programmes": _programmes(actor, who)},
        actor=actor,
    )


@open_to(OWN)
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def end_seat(request: HttpRequest, user_uuid: UUID) -> HttpResponse:
    """End a role of a person, after asking."""
    actor = manager()
    who = found(member_for, actor, user_uuid)
    role = next((item for item in who.roles if item.value == request.GET.get("role")), None)
    if role is None:
        return redirect("organisation-member", user_uuid=user_uuid)
    why = ""
    if request.method == "POST":
        why = attempt(
            lambda: accounts.unseat(by=actor, user=who.user, organisation=actor.organisation, role=role)
        )
        if not why:
            messages.success(
                request,
                gettext("%(name)s no longer has this role: %(role)s")
                % {"name": who.user.display_name, "role": translated(role.help)},
            )
            return redirect("organisation" if who.user != actor.user else "home")
        messages.error(request, why)
    return shown(request, "end_seat", {"member": who, "role": role}, actor=actor)


def _programmes(actor: Actor, who: Member) -> list[dict[str, Any]]:
    """Give what a colleague may do, by programme: read from the same grants as every permission is."""
    seat = seat_of(Actor(who.user, actor.organisation, actor.channel))
    titles = dict(
        Responsibility.objects.filter(programme_id__in=list(seat.programmes)).values_list("pk", "title")
    )
    return [_told(here, who, titles) for here in seat.programmes.values()]


def _told(here: Reached, who: Member, titles: dict[int, str]) -> dict[str, Any]:
    excepted = {ending.permission for ending in here.endings if ending.key.startswith("programme:")}
    reasons = []
    left = set(here.permissions) - excepted
    for kind in sorted(here.standings, key=list(StandingKind).index):
        for role in who.roles:
            given = here.permissions & STANDING_ROLE[kind].get(role, frozenset())
            left -= given
            if given:
                reasons.append({"standing": kind.help, "role": role.help, "permissions": _ordered(given)})
    alike: defaultdict[frozenset[Permission], list[str]] = defaultdict(list)
    for key, codes in here.responsibilities.items():
        alike[codes].append(titles.get(key, ""))
    return {
        "uuid": here.named.uuid,
        "title": str(here.named),
        "identifier": here.named.identifier,
        "reasons": reasons,
        "others": _ordered(left),
        "responsibilities": [
            {"titles": sorted(things), "permissions": _ordered(codes)} for codes, things in alike.items()
        ],
        "exceptions": [
            {
                "permission": ending.permission.help,
                "ends_at": ending.ends_at,
                "responsibility": ""
                if ending.key.startswith("programme:")
                else titles.get(int(ending.key.partition(":")[0]), ""),
            }
            for ending in here.endings
        ],
    }


def _ordered(codes: set[Permission] | frozenset[Permission]) -> list[str]:
    return [code.help for code in Permission if code in codes]
