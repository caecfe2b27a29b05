"""Next year's budget request: on a page, as a workbook, and as a paper."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from handover import access, clock
from handover.access import Actor
from handover.exchange import budget_request as files
from handover.languages import language
from handover.models import Programme
from handover.narratives import best
from handover.papers.budget_requests import Line, RequestPaper, budget_request
from handover.permissions import Permission
from handover.queries import budget_request as requests
from handover.queries.budget_request import POSTS, Asked, Request
from handover.queries.held import programmes_held
from handover.queries.tasks import Named
from handover.views.pages import asker, found, page, perform
from handover.views.routes import may

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FIRST_YEAR, LAST_YEAR = 1900, 2199


class RequestForm(forms.Form):
    """Of which programme, and for which year."""

    programme = forms.ChoiceField(label=_("Programme"))
    year = forms.IntegerField(
        label=_("Budget year"),
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        # Not a number field: a browser would drop what is no number before anybody can say so.
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-4"}),
    )

    def __init__(self, data: Any, programmes: list[Named]) -> None:
        start = {"programme": str(programmes[0].uuid), "year": clock.today().year + 1} if programmes else {}
        super().__init__({**start, **data.dict()} if data else None, initial=start)
        field = self.fields["programme"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(str(named.uuid), str(named)) for named in programmes]


@may(Permission.VIEW)
@login_required
@require_safe
def request_page(request: HttpRequest) -> HttpResponse:
    """Show what the organisation asks for in a year, responsibility by responsibility."""
    actor = asker()
    programmes = programmes_held(actor)
    form = RequestForm(request.GET, programmes)
    asked: list[Request] = []
    said: dict[str, Any] = {"form": form, "programmes": programmes}
    if form.is_valid():
        programme = _programme(actor, UUID(form.cleaned_data["programme"]))
        year = form.cleaned_data["year"]
        if perform(form, lambda: asked.append(_request(actor, programme, year))):
            query = urlencode({"programme": programme.uuid, "year": year})
            said |= {
                "asked": asked[0],
                "title": best(programme.title, language()) or programme.identifier,
                "parts": _parts(asked[0]),
                "before": year - 1,
                "workbook": f"{reverse('budget-request-xlsx')}?{query}",
                "paper": f"{reverse('budget-request-pdf')}?{query}",
            }
    return page(request, "handover/weeks/request.html", said)


@may(Permission.VIEW)
@login_required
@require_safe
def workbook(request: HttpRequest) -> HttpResponse:
    """Give a request as a workbook."""
    _actor, programme, asked = _asked(request)
    return _file(files.workbook(asked, instant=clock.now()), WORKBOOK, programme, asked.year, "xlsx")


@may(Permission.VIEW)
@login_required
@require_safe
def paper(request: HttpRequest) -> HttpResponse:
    """Give a request as a paper, in the reader's language."""
    actor, programme, asked = _asked(request)
    drawn = RequestPaper(
        organisation=actor.organisation.name,
        programme=best(programme.title, language()) or programme.identifier,
        identifier=programme.identifier,
        year=asked.year,
        currency=asked.currency,
        made_on=clock.today(),
        lines=[_line(row) for row in asked.rows],
        asked=asked.asked,
        granted=asked.granted,
        notes=asked.notes,
    )
    return _file(budget_request(drawn, made_at=clock.now()), "application/pdf", programme, asked.year, "pdf")


def _asked(request: HttpRequest) -> tuple[Actor, Programme, Request]:
    actor = asker()
    form = RequestForm(request.GET, programmes_held(actor))
    if not form.is_valid():
        raise Http404
    programme = _programme(actor, UUID(form.cleaned_data["programme"]))
    return actor, programme, _request(actor, programme, form.cleaned_data["year"])


def _programme(actor: Actor, key: UUID) -> Programme:
    return found(access.programme_for, actor, key, may=Permission.VIEW)


def _request(actor: Actor, programme: Programme, year: int) -> Request:
    return requests.request(programme, year, organisation=actor.organisation)


def _title(row: Asked) -> str:
    """Name a row; what the posts' own row is called is the house's word."""
    return str(_("Posts")) if row.title == POSTS else row.title


def _line(row: Asked) -> Line:
    return Line(
        responsibility=row.responsibility.title,
        title=_title(row),
        classification=row.classification,
        source=row.source.label if row.source else "",
        stage=row.stage.label if row.stage else "",
        fte=row.fte,
        posts=row.posts_cost,
        other=row.other,
        asked=row.asked,
        granted=row.granted,
    )


def _parts(asked: Request) -> list[dict[str, Any]]:
    grouped: dict[int, dict[str, Any]] = {}
    for row in asked.rows:
        part = grouped.setdefault(row.responsibility.pk, {"title": row.responsibility.title, "rows": []})
        part["rows"].append(_line(row))
    return list(grouped.values())


def _file(content: bytes, kind: str, programme: Programme, year: int, ending: str) -> HttpResponse:
    name = f"budget-request-{slugify(programme.identifier)}-{year}.{ending}"
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer
