"""What we hold: an officer's page over all programmes of their organisation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from handover.permissions import Permission
from handover.queries import held as holds
from handover.queries.held import SOON, HeldHere, Paper
from handover.queries.tasks import Task, is_overdue, pages_of
from handover.views.pages import asker, page
from handover.views.routes import may
from handover.views.weeks.places import address_of


@may(Permission.VIEW)
@login_required
@require_safe
def held(request: HttpRequest) -> HttpResponse:
    """Show every responsibility of the organisation with what it rests on, and what is to be reported."""
    found = holds.held(asker())
    said = {
        "found": found,
        "programmes": [
            {
                "title": str(named),
                "identifier": named.identifier,
                "address": address_of(pages_of(programme=named.uuid)),
                "rows": [_row(row, found.today) for row in found.rows if row.programme.uuid == named.uuid],
                "request": f"{reverse('budget-request')}?programme={named.uuid}&year={found.today.year + 1}",
            }
            for named in found.programmes
        ],
        "reports": [_report(task, found.today) for task in found.reports],
        "year": found.today.year,
        "soon": SOON.days,
    }
    return page(request, "handover/weeks/held.html", said)


def _row(row: HeldHere, today: dt.date) -> dict[str, Any]:
    return {
        "row": row,
        "acts": _papers(row.acts, today),
        "agreements": [
            *_papers(row.contracts, today),
            *_papers(row.licences, today),
            *_papers(row.premises, today),
        ],
        "address": address_of((("registers", (row.programme.uuid,)),)),
    }


def _papers(papers: Sequence[Paper], today: dt.date) -> list[dict[str, Any]]:
    return [
        {
            "title": paper.title,
            "number": paper.number,
            "ends_on": paper.ends_on,
            "fallen": paper.fallen,
            "over": paper.over(today),
            "soon": paper.ends_on is not None and paper.ends_on <= today + SOON,
        }
        for paper in papers
    ]


def _report(task: Task, today: dt.date) -> dict[str, Any]:
    return {
        "sentence": task.sentence,
        "programme": str(task.programme) if task.programme else "",
        "address": address_of(task.places),
        "due_on": task.due_on,
        "late": task.due_on is not None and is_overdue(task.due_on, today),
    }
