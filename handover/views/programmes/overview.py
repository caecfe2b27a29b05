"""One page that tells where a programme stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from handover import clock
from handover.holdings import Panel, holdings
from handover.languages import translated
from handover.models import Programme
from handover.permissions import Permission, StandingKind
from handover.queries import overview as reads
from handover.queries.overview import MOST, Ahead, Ends, Progress, Turn
from handover.queries.tasks import pages_of
from handover.views.pages import Visit, page, visit
from handover.views.routes import may

WIDTH: Final = 640
"""Units of the width of the timeline."""
LEAST: Final = 4
COLOURS: Final = ("#1d4f7a", "#d4351c", "#00703c", "#594d00")
WORDS: Final[Mapping[Ends, str]] = {
    Ends.RETENTION: gettext_noop("The giver reads and takes out until this day"),
    Ends.STANDING: gettext_noop("An organisation’s access ends"),
    Ends.GRANT: gettext_noop("Grant ends"),
    Ends.CONTRACT: gettext_noop("Contract ends"),
    Ends.LICENCE: gettext_noop("Licence ends"),
    Ends.PREMISES: gettext_noop("Premises: the right to use them ends"),
    Ends.POST: gettext_noop("Post ends"),
    Ends.LEGAL_ACT: gettext_noop("Legal act goes out of force"),
    Ends.OBLIGATION: gettext_noop("Obligation ends"),
    Ends.BUDGET_STEP: gettext_noop("Budget calendar"),
}
PAGES: Final[Mapping[Ends, str]] = {
    Ends.CONTRACT: "contract",
    Ends.LICENCE: "licence",
    Ends.PREMISES: "premises",
    Ends.POST: "post",
    Ends.LEGAL_ACT: "legal-act",
    Ends.GRANT: "grant",
    Ends.OBLIGATION: "obligation",
}


@may(Permission.VIEW)
@login_required
@require_safe
def overview(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Tell where a programme stands: stewards, needs, indicators, transfers, what is ahead."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    found = here.programme
    cutoff = here.reach.cutoff
    turns = reads.turns(found, cutoff=cutoff)
    coming = reads.ahead(found) if cutoff is None else []
    said = {
        "turns": _timeline(turns),
        "transfers": [_transfer(found, item) for item in reads.progress(found, cutoff=cutoff)],
        "ahead": [_ahead(found, item) for item in coming[:MOST]],
        "more": max(len(coming) - MOST, 0),
        "panels": _panels(here),
        "edits": here.can(Permission.EDIT_PROGRAMME),
        "plans": here.can(Permission.PLAN_TRANSFER),
        "transfers_page": _address("transfers", found.uuid),
        "width": WIDTH,
    }
    return page(request, "handover/programmes/overview.html", said, here=here)


def _panels(here: Visit) -> Sequence[Panel]:
    found = [panel for holding in holdings() for panel in holding.panels(here.programme, here.reach)]
    return sorted(found, key=lambda panel: panel.position)


def _timeline(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """Place each turn on a line from the first day to today."""
    if not turns:
        return []
    now = clock.now()
    first, last = turns[0].since, max([now, *(turn.until for turn in turns if turn.until)])
    names = list(dict.fromkeys(turn.organisation for turn in turns))

    def at(instant: dt.datetime) -> int:
        whole = max((last - first).days, 1)
        return min(max((instant - first).days, 0) * WIDTH // whole, WIDTH)

    return [
        {
            "turn": turn,
            "x": min(at(turn.since), WIDTH - LEAST),
            "width": max(at(turn.until or last) - at(turn.since) - 1, LEAST),
            "colour": COLOURS[names.index(turn.organisation) % len(COLOURS)],
            "now": turn.until is None or turn.until > now,
        }
        for turn in turns
    ]


def _transfer(programme: Programme, item: Progress) -> dict[str, Any]:
    first = pages_of(programme=programme.uuid, transfer=item.uuid)
    step = pages_of(programme=programme.uuid, transfer=item.uuid, milestone=item.next_uuid)
    return {
        "item": item,
        "state": item.state.label,
        "address": _first(first[:-1]),
        "step": _first(step[:2]) if item.next_uuid else "",
        "bar": item.done * 200 // item.steps if item.steps else 0,
    }


def _ahead(programme: Programme, item: Ahead) -> dict[str, Any]:
    standing = item.kind is Ends.STANDING
    name = PAGES.get(item.kind, "")
    return {
        "item": item,
        "word": WORDS[item.kind],
        "title": translated(StandingKind(item.title).help) if standing else item.title,
        "address": _address(name, programme.uuid, item.uuid) if name else "",
    }


def _first(places: Sequence[tuple[str, tuple[UUID, ...]]]) -> str:
    return next((address for name, args in places if (address := _address(name, *args))), "")


def _address(name: str, *args: UUID) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
