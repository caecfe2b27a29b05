"""Forms over the actions of audits: opening, asking and answering, drawing, finding, closing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from handover import clock
from handover.actions import audit_findings, audit_requests, audit_samples, audits
from handover.errors import NotAllowed
from handover.models import (
    AuditEngagement,
    AuditFinding,
    AuditRequest,
    AuditSample,
    Evidence,
    Grant,
    Organisation,
    Standing,
)
from handover.permissions import Permission
from handover.queries import audits as reads
from handover.views.audits.forms import (
    AnswerForm,
    AskForm,
    ClosureForm,
    CommitForm,
    EditFindingForm,
    EndForm,
    ExtendForm,
    FindingForm,
    FollowUpForm,
    OpenForm,
    ReplyForm,
    ReturnForm,
    RevealForm,
    VersionForm,
)
from handover.views.pages import Visit, page, perform, visit
from handover.views.programmes.registers import BOTH, FORM, sent
from handover.views.routes import may

P = Permission


def _done(
    here: Visit,
    form: forms.Form,
    act: Callable[[], object],
    back: str,
    *,
    heading: str,
    button: str,
    said: str,
    lead: str = "",
) -> HttpResponse:
    """Show a form and do what it asks for; a refusal stays on the form, and nothing has happened."""
    if here.request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(here.request, said)
        return redirect(back)
    told = {"form": form, "heading": heading, "button": button, "back": back, "lead": lead}
    return page(here.request, FORM, told, here=here)


def _at(here: Visit, row: AuditEngagement) -> str:
    return reverse("audit", args=[here.programme.uuid, row.uuid])


def _engagement(here: Visit, key: UUID) -> AuditEngagement:
    row = reads.engagements(here.programme).filter(uuid=key).first()
    if row is None:
        raise Http404
    return row


@may(P.OPEN_AUDIT)
@login_required
@require_http_methods(BOTH)
def open_(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Open an audit of grants that the actor's organisation funds."""
    here = visit(request, programme_uuid, may=P.OPEN_AUDIT)
    grants = Grant.objects.filter(programme=here.programme, donor=here.actor.organisation)
    return _opening(here, list(grants.order_by("id")), audits.open_by_authority, gettext("Open an audit"))


@may(P.MANAGE_STANDINGS)
@login_required
@require_http_methods(BOTH)
def review(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Let somebody review the programme, by the steward's own will."""
    here = visit(request, programme_uuid, may=P.MANAGE_STANDINGS)
    grants = list(Grant.objects.filter(programme=here.programme).order_by("id"))
    return _opening(here, grants, audits.open_review, gettext("Let somebody review the programme"))


def _opening(
    here: Visit, grants: list[Grant], act: Callable[..., AuditEngagement], heading: str
) -> HttpResponse:
    known = Organisation.objects.exclude(pk=here.programme.steward_id).order_by("name")
    form = OpenForm(sent(here.request), organisations=list(known), grants=grants)
    made: list[AuditEngagement] = []

    def does() -> None:
        given = dict(form.cleaned_data)
        first, last = given.pop("first_day"), given.pop("last_day")
        made.append(
            act(
                by=here.actor,
                programme_uuid=here.programme.uuid,
                auditor=UUID(given.pop("auditor")),
                starts_at=_beginning(first),
                ends_at=_end(last),
                grants=[UUID(key) for key in given.pop("grants", [])],
                **given,
            )
        )

    if here.request.method == "POST" and form.is_valid() and perform(form, does):
        messages.success(
            here.request, gettext("“%(title)s” is opened, and the audited see it.") % {"title": made[0].title}
        )
        return redirect("audit", here.programme.uuid, made[0].uuid)
    told = {
        "form": form,
        "heading": heading,
        "button": gettext("Open it"),
        "back": reverse("audits", args=[here.programme.uuid]),
        "lead": gettext(
            "Who audits reads everything of the programme from the first day to the last, and changes nothing but"
            " the audit."
        ),
    }
    return page(here.request, FORM, told, here=here)


def _beginning(day: dt.date | None) -> dt.datetime | None:
    """Give the instant at which a day begins on the reader's clock; nothing for today, which has begun."""
    zone = timezone.get_current_timezone()
    if day is None or day == clock.now().astimezone(zone).date():
        return None
    return dt.datetime.combine(day, dt.time.min, zone)


def _end(day: dt.date) -> dt.datetime:
    """Give the instant at which a last day is over, on the reader's clock."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, timezone.get_current_timezone())


@may(P.VIEW)
@login_required
@require_http_methods(BOTH)
def extend(request: HttpRequest, programme_uuid: UUID, audit_engagement_uuid: UUID) -> HttpResponse:
    """Let an audit last longer."""
    here, row = _opened_by(request, programme_uuid, audit_engagement_uuid)
    form = ExtendForm(sent(request), initial={"version": row.version})

    def act() -> None:
        given = form.cleaned_data
        audits.extend(
            by=here.actor,
            engagement_uuid=row.uuid,
            version=given["version"],
            ends_at=_end(given["last_day"]),
            reason=given["reason"],
        )

    return _done(
        here, form, act, _at(here, row), heading=gettext("Let it last longer"), button=gettext("Let it last longer"),
        said=gettext("The audit lasts longer."), lead=row.title,
    )  # fmt: skip


@may(P.VIEW)
@login_required
@require_http_methods(BOTH)
def end(request: HttpRequest, programme_uuid: UUID, audit_engagement_uuid: UUID) -> HttpResponse:
    """End an audit now, or withdraw one that has not begun."""
    here, row = _opened_by(request, programme_uuid, audit_engagement_uuid)
    form = EndForm(sent(request), initial={"version": row.version})

    def act() -> None:
        audits.end(by=here.actor, engagement_uuid=row.uuid, **form.cleaned_data)

    return _done(
        here, form, act, _at(here, row), heading=gettext("End the audit now"), button=gettext("End it now"),
        said=gettext("The audit is over. Its access has ended."), lead=row.title,
    )  # fmt: skip


def _opened_by(request: HttpRequest, programme_uuid: UUID, key: UUID) -> tuple[Visit, AuditEngagement]:
    here = visit(request, programme_uuid, may=P.VIEW)
    row = _engagement(here, key)
    if not reads.opened(here.actor, row, here.reach.permissions):
        raise NotAllowed("not_the_opener", f"{row.opened_by.name} opened this audit, not your organisation.")
    return here, row


# --- requests ------------------------------------------------------------------------------------------------------


@may(P.AUDIT)
@login_required
@require_http_methods(BOTH)
def ask(request: HttpRequest, programme_uuid: UUID, audit_engagement_uuid: UUID) -> HttpResponse:
    """Ask the audited for something."""
    here = visit(request, programme_uuid, may=P.AUDIT)
    row = _engagement(here, audit_engagement_uuid)
    form = AskForm(sent(request))
    return _done(
        here, form, lambda: audit_requests.ask(by=here.actor, engagement_uuid=row.uuid, **form.cleaned_data),
        _at(here, row), heading=gettext("Ask for something"), button=gettext("Ask"), said=gettext("It is asked."),
        lead=gettext("The audited see it at once, with its day."),
    )  # fmt: skip


def _request(here: Visit, key: UUID) -> AuditRequest:
    rows = AuditRequest.objects.select_related("engagement").filter(programme=here.programme, uuid=key)
    row = rows.first()
    if row is None:
        raise Http404
    return row


@may(P.ANSWER_AUDIT)
@login_required
@require_http_methods(BOTH)
def answer(request: HttpRequest, programme_uuid: UUID, audit_request_uuid: UUID) -> HttpResponse:
    """Answer a request, with evidence that the programme holds."""
    here = visit(request, programme_uuid, may=P.ANSWER_AUDIT)
    row = _request(here, audit_request_uuid)
    held = Evidence.objects.filter(programme=here.programme, names_people=False).order_by("-added_at", "-id")
    evidence = [(str(item.uuid), item.title) for item in held[:MOST]]
    form = AnswerForm(
        sent(request), evidence=evidence, initial={"version": row.version, "answer": row.answer}
    )

    def act() -> None:
        given = form.cleaned_data
        audit_requests.answer(
            by=here.actor,
            request_uuid=row.uuid,
            version=given["version"],
            answer=given["answer"],
            evidence=[UUID(key) for key in given.get("evidence", [])],
        )

    return _done(
        here, form, act, _at(here, row.engagement), heading=row.title, button=gettext("Answer"),
        said=gettext("The answer is given."), lead=row.asked,
    )  # fmt: skip


MOST = 50
"""Pieces of evidence that a form offers, the latest first."""


@may(P.AUDIT)
@login_required
@require_http_methods(BOTH)
def accept(request: HttpRequest, programme_uuid: UUID, audit_request_uuid: UUID) -> HttpResponse:
    """Take an answer as enough."""
    here = visit(request, programme_uuid, may=P.AUDIT)
    row = _request(here, audit_request_uuid)
    form = VersionForm(sent(request), initial={"version": row.version})
    return _done(
        here, form, lambda: audit_requests.accept(by=here.actor, request_uuid=row.uuid, **form.cleaned_data),
        _at(here, row.engagement), heading=gettext("Take the answer as enough"), button=gettext("Take it as enough"),
        said=gettext("The answer is taken as enough."), lead=row.answer,
    )  # fmt: skip


@may(P.AUDIT)
@login_required
@require_http_methods(BOTH)
def send_back(request: HttpRequest, programme_uuid: UUID, audit_request_uuid: UUID) -> HttpResponse:
    """Ask for more, with a reason."""
    here = visit(request, programme_uuid, may=P.AUDIT)
    row = _request(here, audit_request_uuid)
    form = ReturnForm(sent(request), initial={"version": row.version})
    return _done(
        here, form, lambda: audit_requests.send_back(by=here.actor, request_uuid=row.uuid, **form.cleaned_data),
        _at(here, row.engagement), heading=gettext("Ask for more"), button=gettext("Ask for more"),
        said=gettext("It is asked for again."), lead=row.answer,
    )  # fmt: skip


# --- samples -------------------------------------------------------------------------------------------------------


@may(P.AUDIT)
@login_required
@require_http_methods(BOTH)
def commit(request: HttpRequest, programme_uuid: UUID, audit_engagement_uuid: UUID) -> HttpResponse:
    """Say what is to be drawn, and tell the hash of a seed."""
    here = visit(request, programme_uuid, may=P.AUDIT)
    row = _engagement(here, audit_engagement_uuid)
    form = CommitForm(sent(request))
    lead = gettext(
        "Make a seed and keep it: openssl rand -hex 32. Its hash: printf SEED | xxd -r -p | sha256sum. Then freeze the"
        " frame, and reveal the seed: so neither side can choose what is drawn."
    )
    return _done(
        here, form, lambda: audit_samples.commit(by=here.actor, engagement_uuid=row.uuid, **form.cleaned_data),
        _at(here, row), heading=gettext("Draw a sample"), button=gettext("Tell the hash"),
        said=gettext("The hash is told. Now freeze the frame."), lead=lead,
    )  # fmt: skip


def _sample(here: Visit, key: UUID) -> AuditSample:
    rows = AuditSample.objects.select_related("engagement").filter(programme=here.programme, uuid=key)
    row = rows.first()
    if row is None:
        raise Http404
    return row


@may(P.AUDIT)
@login_required
@require_http_methods(BOTH)
def freeze(request: HttpRequest, programme_uuid: UUID, audit_sample_uuid: UUID) -> HttpResponse:
    """Freeze the frame as it is now."""
    here = visit(request, programme_uuid, may=P.AUDIT)
    row = _sample(here, audit_sample_uuid)
    form = VersionForm(sent(request), initial={"version": row.version})
    return _done(
        here, form, lambda: audit_samples.freeze(by=here.actor, sample_uuid=row.uuid, **form.cleaned_data),
        _at(here, row.engagement), heading=gettext("Freeze the frame"), button=gettext("Freeze the frame"),
        said=gettext("The frame is frozen. Now reveal the seed."),
        lead=gettext("The toolkit lists everything that is drawn from as it is now, and keeps it with its digest."),
    )  # fmt: skip


@may(P.AUDIT)
@login_required
@require_http_methods(BOTH)
def reveal(request: HttpRequest, programme_uuid: UUID, audit_sample_uuid: UUID) -> HttpResponse:
    """Reveal the seed: the sample follows from it."""
    here = visit(request, programme_uuid, may=P.AUDIT)
    row = _sample(here, audit_sample_uuid)
    form = RevealForm(sent(request), initial={"version": row.version})
    return _done(
        here, form, lambda: audit_samples.reveal(by=here.actor, sample_uuid=row.uuid, **form.cleaned_data),
        _at(here, row.engagement), heading=gettext("Reveal the seed"), button=gettext("Reveal the seed"),
        said=gettext("The sample is drawn. Its checklist can be printed."), lead=row.title,
    )  # fmt: skip


# --- findings ------------------------------------------------------------------------------------------------------


@may(P.AUDIT)
@login_required
@require_http_methods(BOTH)
def find(request: HttpRequest, programme_uuid: UUID, audit_engagement_uuid: UUID) -> HttpResponse:
    """Draft a finding."""
    here = visit(request, programme_uuid, may=P.AUDIT)
    row = _engagement(here, audit_engagement_uuid)
    form = FindingForm(sent(request), debtors=_debtors(here), initial={"recovery": "none"})
    return _done(
        here, form, lambda: audit_findings.draft(by=here.actor, engagement_uuid=row.uuid, **form.said()),
        _at(here, row), heading=gettext("Draft a finding"), button=gettext("Keep the draft"),
        said=gettext("The draft is kept. Nobody but the auditors reads it."),
        lead=gettext("Until you share it, a draft is your organisation’s alone. Nobody is named in it."),
    )  # fmt: skip


def _debtors(here: Visit) -> list[Organisation]:
    keys = Standing.objects.filter(programme=here.programme).values("organisation")
    return list(Organisation.objects.filter(pk__in=keys).order_by("name"))


def _finding(here: Visit, key: UUID) -> AuditFinding:
    rows = AuditFinding.objects.select_related("engagement__opened_by", "debtor").filter(
        programme=here.programme, uuid=key
    )
    row = reads.readable(here.actor, rows).first()
    if row is None:
        raise Http404
    return row


@may(P.AUDIT)
@login_required
@require_http_methods(BOTH)
def edit_finding(request: HttpRequest, programme_uuid: UUID, audit_finding_uuid: UUID) -> HttpResponse:
    """Change a draft."""
    here = visit(request, programme_uuid, may=P.AUDIT)
    row = _finding(here, audit_finding_uuid)
    form = EditFindingForm(sent(request), debtors=_debtors(here), initial=EditFindingForm.start(row))

    def act() -> None:
        start = EditFindingForm.start(row)
        changes = {
            name: value for name, value in form.said().items() if (value or None) != (start[name] or None)
        }
        audit_findings.edit(
            by=here.actor, finding_uuid=row.uuid, version=form.cleaned_data["version"], **changes
        )

    return _done(
        here, form, act, _at(here, row.engagement), heading=gettext("Change the draft"),
        button=gettext("Keep the changes"), said=gettext("The draft is changed."), lead=row.title,
    )  # fmt: skip


@may(P.AUDIT)
@login_required
@require_http_methods(BOTH)
def share(request: HttpRequest, programme_uuid: UUID, audit_finding_uuid: UUID) -> HttpResponse:
    """Share a finding with the audited."""
    here = visit(request, programme_uuid, may=P.AUDIT)
    row = _finding(here, audit_finding_uuid)
    form = VersionForm(sent(request), initial={"version": row.version})
    return _done(
        here, form, lambda: audit_findings.share(by=here.actor, finding_uuid=row.uuid, **form.cleaned_data),
        _at(here, row.engagement), heading=gettext("Share the finding"), button=gettext("Share it"),
        said=gettext("The finding is shared."),
        lead=gettext("The audited read it from now on, and it stands as it is."),
    )  # fmt: skip


@may(P.ANSWER_AUDIT)
@login_required
@require_http_methods(BOTH)
def reply(request: HttpRequest, programme_uuid: UUID, audit_finding_uuid: UUID) -> HttpResponse:
    """Reply for the audited side."""
    here = visit(request, programme_uuid, may=P.ANSWER_AUDIT)
    row = _finding(here, audit_finding_uuid)
    form = ReplyForm(sent(request), initial={"version": row.version, "reply": row.reply})
    return _done(
        here, form, lambda: audit_findings.reply(by=here.actor, finding_uuid=row.uuid, **form.cleaned_data),
        _at(here, row.engagement), heading=row.title, button=gettext("Reply"), said=gettext("The reply is given."),
        lead=row.condition,
    )  # fmt: skip


@may(P.VIEW)
@login_required
@require_http_methods(BOTH)
def follow_up(request: HttpRequest, programme_uuid: UUID, audit_finding_uuid: UUID) -> HttpResponse:
    """Say what became of a finding."""
    here, row = _followed(request, programme_uuid, audit_finding_uuid)
    start = {"version": row.version, "text": row.follow_up, "recovery": row.recovery}
    form = FollowUpForm(sent(request), initial=start)
    return _done(
        here, form, lambda: audit_findings.follow_up(by=here.actor, finding_uuid=row.uuid, **form.cleaned_data),
        _at(here, row.engagement), heading=gettext("Follow it up"), button=gettext("Keep it"),
        said=gettext("The follow-up is kept."), lead=row.title,
    )  # fmt: skip


@may(P.VIEW)
@login_required
@require_http_methods(BOTH)
def propose_closure(request: HttpRequest, programme_uuid: UUID, audit_finding_uuid: UUID) -> HttpResponse:
    """Propose that a finding is closed: the first of two people."""
    here, row = _followed(request, programme_uuid, audit_finding_uuid)
    form = ClosureForm(sent(request), initial={"version": row.version})
    return _done(
        here, form, lambda: audit_findings.propose_closure(by=here.actor, finding_uuid=row.uuid, **form.cleaned_data),
        _at(here, row.engagement), heading=gettext("Propose to close it"), button=gettext("Propose it"),
        said=gettext("It is proposed. Somebody else of your side closes it."), lead=row.title,
    )  # fmt: skip


@may(P.VIEW)
@login_required
@require_http_methods(BOTH)
def close(request: HttpRequest, programme_uuid: UUID, audit_finding_uuid: UUID) -> HttpResponse:
    """Close a finding: the second of two people."""
    here, row = _followed(request, programme_uuid, audit_finding_uuid)
    form = VersionForm(sent(request), initial={"version": row.version})
    return _done(
        here, form, lambda: audit_findings.close(by=here.actor, finding_uuid=row.uuid, **form.cleaned_data),
        _at(here, row.engagement), heading=gettext("Close the finding"), button=gettext("Close it"),
        said=gettext("The finding is closed."), lead=row.closure_reason,
    )  # fmt: skip


def _followed(request: HttpRequest, programme_uuid: UUID, key: UUID) -> tuple[Visit, AuditFinding]:
    """Open a finding for whoever follows it up: its auditors, or after the end the authority that opened the audit."""
    here = visit(request, programme_uuid, may=P.VIEW)
    row = _finding(here, key)
    if not reads.follows(here.actor, row.engagement, here.reach.permissions):
        raise NotAllowed(
            "not_the_auditor", "Who audits follows a finding up; after the end, who opened the audit."
        )
    return here, row
