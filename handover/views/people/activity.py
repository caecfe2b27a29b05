"""What happened, in words: in a programme, and in one's own organisation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_GET

from handover import access
from handover.errors import NotAllowed
from handover.languages import translated
from handover.permissions import Permission
from handover.queries import activity
from handover.queries.activity import Activity
from handover.queries.ledger_words import KINDS
from handover.views.pages import asker, page, visit
from handover.views.people.administration import OWN, shown
from handover.views.routes import may, open_to


@may(Permission.READ_LEDGER)
@login_required
@require_GET
def of_programme(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Tell what happened in a programme, the latest first."""
    here = visit(request, programme_uuid, may=Permission.READ_LEDGER)
    found = activity.of_programme(here.reach, **_narrowed(request))
    return page(request, "handover/people/programme_activity.html", _said(request, found), here=here)


@open_to(OWN)
@login_required
@require_GET
def of_organisation(request: HttpRequest) -> HttpResponse:
    """Tell what happened in the organisation's own affairs, the latest first: to its managers and auditors."""
    actor = asker()
    if not activity.is_own(actor, actor.organisation) and not access.manages(actor, actor.organisation):
        raise NotAllowed("not_manager", f"Only a manager of {actor.organisation.name} may do this.")
    found = activity.of_organisation(actor, **_narrowed(request))
    return shown(request, "organisation_activity", _said(request, found), actor=actor)


def _narrowed(request: HttpRequest) -> dict[str, Any]:
    """Read by whom, of which kind, and which page; what nobody can have chosen is not there."""
    person, kind, number = (request.GET.get(name, "") for name in ("person", "kind", "page"))
    try:
        return {
            "person": str(UUID(person)) if person else "",
            "kind": kind if kind in KINDS else "",
            "page": min(int(number or 1), 10**6),
        }
    except ValueError:
        raise Http404 from None


def _said(request: HttpRequest, found: Activity) -> dict[str, Any]:
    narrowed = _narrowed(request)
    return {
        "activity": found,
        "kinds": [(key, translated(label)) for key, (label, _) in KINDS.items()],
        "person": narrowed["person"],
        "kind": narrowed["kind"],
        "narrowed": bool(narrowed["person"] or narrowed["kind"]),
        "before": _address(request, found.page - 1) if found.page > 1 else "",
        "after": _address(request, found.page + 1) if found.page < found.pages else "",
    }


def _address(request: HttpRequest, number: int) -> str:
    said = QueryDict(mutable=True)
    for name in ("person", "kind"):
        if request.GET.get(name):
            said[name] = request.GET[name]
    said["page"] = str(number)
    return f"{request.path}?{said.urlencode()}"
