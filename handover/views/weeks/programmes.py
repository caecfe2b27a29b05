"""A project manager's pages of a programme: what blocks, what decides the end, what nobody pays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from handover.permissions import Permission
from handover.queries import blockers as blocking
from handover.queries import critical_path as paths
from handover.queries import unfunded as money
from handover.queries.blockers import Blocked, Blocker
from handover.queries.critical_path import Path, Step
from handover.queries.tasks import pages_of
from handover.queries.unfunded import Gap, Unfunded
from handover.views.pages import page, visit
from handover.views.routes import may
from handover.views.weeks.places import address_of

WIDTH: Final = 200
"""Units of a drawing's width."""
LEAST: Final = 2
"""Units of the narrowest bar."""


@may(Permission.VIEW)
@login_required
@require_safe
def blockers(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Show what each responsibility waits for, and who must do what about it."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    found = blocking.blocked(here.programme)
    mine = here.actor.organisation.name if request.GET.get("who") == "us" else ""
    told: list[dict[str, Any]] = [
        {
            "title": items[0].transfer_title,
            "receiver": items[0].receiver,
            "address": address_of(pages_of(programme=here.programme.uuid, transfer=items[0].transfer)[:-1]),
            "parts": [_part(item, mine) for item in items if item.responsibility is None or item.blockers],
            "others": [item.title for item in items if item.responsibility and not item.blockers],
        }
        for items in _by_transfer(found)
    ]
    parts = [part for transfer in told for part in transfer["parts"]]
    said = {
        "transfers": told,
        "count": sum(part["count"] for part in parts),
        "late": sum(part["late"] for part in parts),
        "mine": mine,
        "us": here.actor.organisation.name,
        "page": "blockers",
    }
    return page(request, "handover/weeks/blockers.html", said, here=here)


def _by_transfer(found: Iterable[Blocked]) -> Iterator[list[Blocked]]:
    grouped: dict[UUID, list[Blocked]] = {}
    for item in found:
        grouped.setdefault(item.transfer, []).append(item)
    yield from grouped.values()


def _part(item: Blocked, mine: str) -> dict[str, Any]:
    shown = [blocker for blocker in item.blockers if not mine or mine in blocker.who]
    return {
        "whole": item.responsibility is None,
        "id": item.responsibility or item.transfer,
        "title": item.title,
        "moves_with": item.moves_with,
        "rows": list(_by_step(shown)),
        "count": len(shown),
        "late": sum(blocker.late for blocker in shown),
        "others": len(item.blockers) - len(shown),
    }


def _by_step(found: Iterable[Blocker]) -> Iterator[dict[str, Any]]:
    """Put together what one step lacks; what is about no step alone stands for itself."""
    rows: dict[object, dict[str, Any]] = {}
    for number, item in enumerate(found):
        key = (item.step, item.due_on) if item.step else number
        row = rows.setdefault(
            key,
            {
                "step": item.step,
                "address": address_of(item.places),
                "due_on": item.due_on,
                "late": item.late,
                "items": [],
            },
        )
        row["items"].append(item)
    yield from rows.values()


@may(Permission.VIEW)
@login_required
@require_safe
def critical_path(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Show the chain of steps that decides the end, and what moves it."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    found = paths.critical_path(here.programme)
    titles = {step.key: step.title for step in found.steps}
    several = len({step.transfer for step in found.steps}) > 1
    rows = [_step(step, found, titles, here.programme.uuid) for step in found.steps]
    chain = {step.key for step in found.chain}
    said = {
        "path": found,
        "rows": rows,
        "chain": [row for row in rows if row["step"].key in chain],
        "several": several,
        "kept": found.ends_on is None or found.planned_on is None or found.ends_on <= found.planned_on,
        "page": "critical-path",
    }
    return page(request, "handover/weeks/critical_path.html", said, here=here)


def _step(step: Step, path: Path, titles: dict[int, str], programme: UUID) -> dict[str, Any]:
    places = pages_of(programme=programme, transfer=step.transfer, milestone=step.uuid)
    return {
        "step": step,
        "in_hand": step.in_hand,
        "behind": -step.in_hand,
        "waits_for": [titles[key] for key in step.waits_for],
        "address": address_of(places),
        "bar": _bar(step, path),
    }


def _bar(step: Step, path: Path) -> dict[str, int]:
    """Place a step between today and whichever comes last, the plan's day or the earliest end."""
    first = min(item.starts_on for item in path.steps)
    last = max(max(item.ends_on, item.due_on) for item in path.steps)
    return {
        "x": _scaled(first, last, step.starts_on),
        "width": max(_scaled(first, last, step.ends_on) - _scaled(first, last, step.starts_on), LEAST),
        "due": _scaled(first, last, max(step.due_on, first)),
    }


def _scaled(first: dt.date, last: dt.date, day: dt.date) -> int:
    whole = max((last - first).days, 1)
    return min((day - first).days * WIDTH // whole, WIDTH - LEAST)


@may(Permission.VIEW)
@login_required
@require_safe
def funding(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Show which posts and costs nobody pays after the handover, month by month."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    found = money.unfunded(here.programme)
    months = list(_months(found))
    said = {
        "found": found,
        "months": months,
        "since": found.since.value,
        "posts": [{"row": row, "worst": row.worst, "since": row.since} for row in found.posts],
        "lines": [{"row": row, "worst": row.worst, "since": row.since} for row in found.lines],
        "page": "funding",
    }
    return page(request, "handover/weeks/funding.html", said, here=here)


def _months(found: Unfunded) -> Iterator[dict[str, Any]]:
    """Give the months in which something lacks; months in a row in which the same lacks are told once."""
    rows: list[dict[str, Any]] = []
    for month in found.months:
        if not (month.posts.any or month.lines.any):
            continue
        before = rows[-1] if rows else None
        if before and (before["posts"], before["lines"]) == (month.posts, month.lines):
            before["last"] = month.first
            continue
        rows.append(
            {
                "first": month.first,
                "last": None,
                "posts": month.posts,
                "lines": month.lines,
                "post_cost": (month.posts.cost or Decimal(0)) + (month.posts.undecided or Decimal(0)),
                "post_bar": _amount_bar(month.posts, found),
                "line_bar": _amount_bar(month.lines, found),
            }
        )
    yield from rows


def _amount_bar(gap: Gap, found: Unfunded) -> dict[str, int]:
    if not found.most:
        return {"sure": 0, "open": 0}
    sure = int((gap.cost or Decimal(0)) * WIDTH / found.most)
    unsure = int((gap.undecided or Decimal(0)) * WIDTH / found.most)
    return {"sure": sure, "open": unsure}
