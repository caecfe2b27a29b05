"""The permission preview: who can do what before the handover, and who after it, in words."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from handover.languages import translated
from handover.permissions import Permission, Role
from handover.queries import names
from handover.queries.plans import latest_preview
from handover.views.routes import may
from handover.views.transfers.places import at


@may(Permission.VIEW)
@login_required
@require_safe
def preview(request: HttpRequest, transfer_uuid: UUID) -> HttpResponse:
    """Show the preview that the plan carries: both sides sign it with the plan."""
    here = at(request, transfer_uuid, may=Permission.VIEW)
    found = latest_preview(here.transfer)
    body = names.named(found.body) if found else None
    return here.show(
        "preview",
        {
            "made": found,
            "organisations": by_organisation(body) if body else [],
            "exceptions": [_exception(item) for item in body["exceptions"]] if body else [],
        },
    )


def by_organisation(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Group the people of a preview by their organisation, each with what they gain, keep and lose in words."""
    people = sorted(body["people"], key=lambda item: (item["organisation_name"], item["name"]))
    return [
        {"name": name, "people": [_person(item) for item in rows]}
        for name, rows in groupby(people, key=lambda item: item["organisation_name"])
    ]


def _person(item: Mapping[str, Any]) -> dict[str, Any]:
    lines = [_line(change) for change in item["changes"]]
    return {
        "name": item["name"],
        "roles": ", ".join(_role(role) for role in item["roles"]),
        "lines": lines,
        "gains": any(line["gained"] for line in lines),
        "loses": any(line["lost"] for line in lines),
    }


def _line(change: Mapping[str, Any]) -> dict[str, Any]:
    where = gettext("the programme as a whole") if change["on"] == "programme" else change["title"]
    return {
        "where": where,
        **{name: [_sentence(key) for key in change[name]] for name in ("gained", "kept", "lost")},
    }


def _sentence(key: str) -> str:
    return translated(Permission(key).help) if key in list(Permission) else key


def _role(key: str) -> str:
    return translated(Role(key).help).partition(":")[0] if key in list(Role) else key


def _exception(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": item["name"],
        "what": _sentence(item["permission"]),
        "where": item["on"],
        "outcome": item["outcome"],
    }
