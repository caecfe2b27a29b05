"""Statements as files, from a form of languages that stands on several pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from handover.exchange import statements
from handover.exchange.statements import Statement
from handover.languages import language
from handover.permissions import Permission
from handover.queries.statements.sections import Form
from handover.views.pages import asker, found
from handover.views.routes import may


class StatementForm(forms.Form):
    """In which languages a statement is written."""

    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("en", "English"), ("ro", "Română"), ("lt", "Lietuvių")],
        help_text=_("One, or two for the PDF. Without a choice: yours."),
    )


def form() -> StatementForm:
    """Give the form as it stands on a page, the reader's language chosen."""
    return StatementForm(initial={"languages": [language()]})


@may(Permission.VIEW)
@login_required
@require_safe
def sustainability_report(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Give the sustainability report of a programme as a file."""
    actor = asker()
    return _file(
        request, lambda **asked: found(statements.sustainability_report, actor, programme_uuid, **asked)
    )


@may(Permission.VIEW)
@login_required
@require_safe
def audit_file(request: HttpRequest, programme_uuid: UUID, audit_engagement_uuid: UUID) -> HttpResponse:
    """Give the file of an audit."""
    actor = asker()
    return _file(
        request,
        lambda **asked: found(
            statements.audit_report, actor, audit_engagement_uuid, programme=programme_uuid, **asked
        ),
    )


@may(Permission.VIEW)
@login_required
@require_safe
def portfolio(request: HttpRequest) -> HttpResponse:
    """Give the view over all handovers as a file."""
    actor = asker()
    return _file(request, lambda **asked: statements.portfolio(actor, **asked))


def _file(request: HttpRequest, make: Callable[..., Statement]) -> HttpResponse:
    """Give a statement as it was asked for: as what, and in which languages; what nobody can choose is not there."""
    asked: Any = StatementForm(request.GET)
    if not asked.is_valid() or len(asked.cleaned_data["languages"]) > 2:
        raise Http404
    try:
        wanted = Form(request.GET.get("as", Form.PDF.value))
    except ValueError:
        raise Http404 from None
    statement = make(form=wanted, languages=asked.cleaned_data["languages"])
    answer = HttpResponse(statement.content, content_type=statement.media_type)
    answer["Content-Disposition"] = content_disposition_header(True, statement.filename)
    answer["Cache-Control"] = "private, no-store"
    return answer
