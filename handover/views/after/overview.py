"""After the handover: what is checked when, what was promised, what warns, who is silent."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from handover import clock
from handover.languages import counted
from handover.models import SustainabilityCheck
from handover.permissions import Permission
from handover.queries import after_words as words
from handover.queries import checks as reads
from handover.queries import undertakings
from handover.queries.checks import Watched
from handover.queries.sustained import Warns
from handover.queries.undertakings import Told
from handover.views import statements
from handover.views.pages import Visit, page, visit
from handover.views.routes import may

EDIT: Final = Permission.EDIT_PROGRAMME


@may(Permission.VIEW)
@login_required
@require_safe
def after(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Tell how a programme is watched after its handover."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    watched = reads.watched(here.programme, cutoff=here.reach.cutoff)
    promised = undertakings.of_programme(here.programme, cutoff=here.reach.cutoff)
    looked = watched.next or watched.last
    warned = reads.warnings(looked, cutoff=here.reach.cutoff) if looked else []
    kept = reads.after_handovers([here.programme.pk]) if watched.checks else []
    told = {
        "checks": [_check(here, row) for row in watched.checks],
        "next": _check(here, watched.next) if watched.next else None,
        "last": _last(here, watched),
        "overdue": len(watched.overdue),
        "warnings": [
            {**said, "address": reverse("indicator", args=[here.programme.uuid, said["uuid"]])}
            for said in words.warnings([item.as_json() for item in warned])
        ],
        "few": sum(item.warns is Warns.TOO_FEW for item in warned),
        "promised": [_promise(here, item) for item in promised],
        "silent": kept[0] if kept and kept[0].silent else None,
        "edits": here.can(EDIT),
        "statement": statements.form(),
    }
    return page(request, "handover/after/after.html", told, here=here)


def _check(here: Visit, row: SustainabilityCheck) -> dict[str, Any]:
    return {
        "row": row,
        "title": called(row),
        "address": reverse("check", args=[here.programme.uuid, row.uuid]),
        "tag": words.tag(words.CHECKS, reads.state_of(row, clock.today())),
        "score": words.score(row.score),
        "known": row.result.get("known"),
        "of": row.result.get("of"),
    }


def _last(here: Visit, watched: Watched) -> dict[str, Any] | None:
    last = watched.last
    return {**_check(here, last), "parts": words.parts(last.result)} if last else None


def _promise(here: Visit, told: Told) -> dict[str, Any]:
    latest = told.latest
    return {
        "row": told.row,
        "address": reverse("undertaking", args=[here.programme.uuid, told.row.uuid]),
        "tag": words.tag(words.YEARS, told.state),
        "year": latest.year if latest else None,
        "overdue": len(told.overdue),
        "dependents": told.depending,
    }


def called(row: SustainabilityCheck) -> str:
    """Call a check by how long after the handover it is."""
    return counted("%(count)s month after the handover", "%(count)s months after the handover", row.months)
