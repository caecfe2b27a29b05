"""Documents of a programme: legal acts, evidence, and what can be taken out or in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from handover.models.legal_acts import FALLEN
from handover.permissions import Permission
from handover.queries.documents import Kept
from handover.queries.documents import documents as kept
from handover.queries.tasks import pages_of
from handover.views.pages import Visit, page, visit
from handover.views.programmes.lines import called
from handover.views.routes import may

FILES: Final[Sequence[tuple[str, str, Permission]]] = (
    ("values-export", gettext_noop("Take indicator values out, as a table or as IATI"), Permission.EXPORT),
    ("values-import", gettext_noop("Bring indicator values in from a file"), Permission.VIEW),
    ("iati-import", gettext_noop("Bring a programme in from IATI"), Permission.DEFINE_INDICATORS),
)
"""Pages of the apps where files go out and in; one that is not there is left out."""


@may(Permission.VIEW)
@login_required
@require_safe
def documents(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Show what a programme rests on and what proves it, and where files go out and in."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    found = kept(here.programme, here.actor, cutoff=here.reach.cutoff)
    said = {
        "acts": [
            {
                "row": act,
                "title": called(act),
                "fallen": act.status in FALLEN,
                "address": reverse("legal-act", args=[here.programme.uuid, act.uuid]),
            }
            for act in found.acts
        ],
        "evidence": [_evidence(item, here) for item in found.evidence],
        "files": list(_files(here)),
        "cites": here.can(Permission.ADD_EVIDENCE),
    }
    return page(request, "handover/programmes/documents.html", said, here=here)


def _evidence(item: Kept, here: Visit) -> dict[str, Any]:
    places = pages_of(
        programme=here.programme.uuid, transfer=item.transfer_uuid, milestone=item.milestone_uuid
    )
    return {"item": item, "address": next((found for found in map(_address, places[:-1]) if found), "")}


def _address(place: tuple[str, tuple[UUID, ...]]) -> str:
    try:
        return reverse(place[0], args=place[1])
    except NoReverseMatch:
        return ""


def _files(here: Visit) -> list[dict[str, str]]:
    found = []
    for name, label, permission in FILES:
        address = _address((name, (here.programme.uuid,)))
        if address and here.can(permission):
            found.append({"address": address, "label": label})
    return found
