"""Audits, to be read by both sides: engagements, requests, samples, findings, looks; and a checklist to print."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from handover.languages import translated
from handover.models import AuditEngagement, AuditSample
from handover.permissions import Permission
from handover.queries import audits as reads
from handover.queries.audit_words import STATES
from handover.queries.audits import State
from handover.queries.obligations import today_of
from handover.views import statements
from handover.views.pages import page, visit
from handover.views.routes import may


@may(Permission.VIEW)
@login_required
@require_safe
def audits(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """List the audits of a programme, the last one first."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    told = {
        "audits": [_head(row) for row in reads.engagements(here.programme)],
        "opens": here.can(Permission.OPEN_AUDIT),
        "reviews": here.can(Permission.MANAGE_STANDINGS),
    }
    return page(request, "handover/audits/audits.html", told, here=here)


@may(Permission.VIEW)
@login_required
@require_safe
def audit(request: HttpRequest, programme_uuid: UUID, audit_engagement_uuid: UUID) -> HttpResponse:
    """Tell one audit: what it is about, what was asked, drawn and found, and what the auditors looked at."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    row = reads.engagements(here.programme).filter(uuid=audit_engagement_uuid).first()
    if row is None:
        raise Http404
    today = today_of(here.programme.steward)
    held = here.reach.permissions
    told = {
        "audit": _head(row),
        "keeps": reads.keeps(here.actor, row, held),
        "owns": reads.opened(here.actor, row, held) and row.withdrawn_at is None,
        "over": reads.state(row) in (State.ENDED, State.WITHDRAWN),
        "follows": reads.follows(here.actor, row, held),
        "answers": here.can(Permission.ANSWER_AUDIT) and reads.is_audited(here.actor, here.programme),
        "me": here.actor.user.pk,
        "grants": [part.grant for part in row.scope.select_related("grant").order_by("grant_id")],
        "requests": [
            {
                "row": each,
                "state": translated(each.get_state_display()),
                "overdue": reads.is_overdue(each, today=today),
            }
            for each in reads.requests(row).select_related("programme__steward")
        ],
        "samples": [
            {
                "row": each,
                "population": translated(each.get_population_display()),
                "method": translated(each.get_method_display()),
            }
            for each in reads.samples(row)
        ],
        "findings": [
            {
                "row": each,
                "severity": translated(each.get_severity_display()),
                "state": translated(each.get_state_display()),
            }
            for each in reads.findings(here.actor, row)
        ],
        "looks": reads.looks(row),
        "statement": statements.form(),
    }
    return page(request, "handover/audits/audit.html", told, here=here)


@may(Permission.VIEW)
@login_required
@require_safe
def checklist(request: HttpRequest, programme_uuid: UUID, audit_sample_uuid: UUID) -> HttpResponse:
    """Give a checklist for the spot, one line an item, to be printed."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    rows = AuditSample.objects.select_related("engagement")
    row = rows.filter(programme=here.programme, uuid=audit_sample_uuid).first()
    if row is None:
        raise Http404
    told: dict[str, Any] = {"sample": row, "lines": reads.checklist(row)}
    return page(request, "handover/audits/checklist.html", told, here=here)


def _head(row: AuditEngagement) -> dict[str, Any]:
    word, colour = STATES[reads.state(row)]
    return {
        "row": row,
        "kind": translated(row.get_kind_display()),
        "state": gettext(word),
        "colour": colour,
    }
