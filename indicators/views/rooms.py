"""The pages of a programme's indicators: one row of tabs, and of them only what the reader may use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop

from handover import access
from handover.access import Actor
from handover.models import Programme
from handover.permissions import Permission, StandingKind
from handover.queries.seats import Reached, seat_of
from handover.views import pages
from indicators.models import Indicator

TABS: Final[Sequence[tuple[str, str]]] = (
    ("indicators", gettext_noop("Table")),
    ("report-values", gettext_noop("Report values")),
    ("submissions", gettext_noop("Handed in")),
    ("values-import", gettext_noop("Import a file")),
    ("values-export", gettext_noop("Take out")),
    ("definitions", gettext_noop("Definitions")),
)


@dataclass
class Room(pages.Visit):
    """Somebody on a page of a programme's indicators."""

    @cached_property
    def held(self) -> Reached | None:
        """Give what they hold on the programme and on each of its responsibilities, in one query."""
        return seat_of(self.actor).programmes.get(self.programme.pk)

    def anywhere(self, permission: Permission) -> bool:
        """Tell whether they hold a permission on the programme or on one of its responsibilities."""
        held = self.held
        return held is not None and (
            held.may(permission) or any(permission in codes for codes in held.responsibilities.values())
        )

    @property
    def inside(self) -> bool:
        """Tell whether groups and places are open to them: whoever reads as a donor alone sees totals."""
        return bool(self.reach.standings - {StandingKind.DONOR})

    @property
    def reports(self) -> bool:
        """Tell whether there is something that they may report."""
        return self.anywhere(Permission.REPORT_VALUES) or self.anywhere(Permission.REPORT_OWED)

    def may(self, permission: Permission, row: Indicator) -> bool:
        """Tell whether they may do this with an indicator."""
        return self.held is not None and self.held.may(permission, row.responsibility_id)

    def reportable(self, rows: Iterable[Indicator]) -> list[Indicator]:
        """Give those of the indicators that they may report; calculated ones nobody reports."""
        owed: dict[int, frozenset[UUID]] = {}
        found = []
        for row in rows:
            if row.expression:
                continue
            if self.may(Permission.REPORT_VALUES, row) or row.uuid in self._owed(row, owed):
                found.append(row)
        return found

    def _owed(self, row: Indicator, known: dict[int, frozenset[UUID]]) -> frozenset[UUID]:
        if not self.anywhere(Permission.REPORT_OWED):
            return frozenset()
        key = row.responsibility_id or 0
        if key not in known:
            known[key] = access.owed_indicators(self.actor, self.programme, row.responsibility)
        return known[key]

    def tabs(self) -> list[dict[str, Any]]:
        """Give the pages that are open to them; the present one is marked."""
        shown = {
            "report-values": self.reports,
            "values-import": self.reports,
            "submissions": self.reports or self.anywhere(Permission.APPROVE_VALUES),
            "values-export": self.can(Permission.EXPORT),
            "definitions": self.anywhere(Permission.DEFINE_INDICATORS),
        }
        found = []
        for name, label in TABS:
            if shown.get(name, True):
                address = reverse(name, args=[self.programme.uuid])
                path = self.request.path
                inside = path == address or (name != "indicators" and path.startswith(address))
                found.append({"address": address, "label": gettext(label), "current": inside})
        return found if len(found) > 1 else []


def visit(request: HttpRequest, programme_uuid: UUID, *, may: Permission) -> Room:
    """Open a page of a programme's indicators for whoever asks.

    Raises:
        Http404: there is no such programme, or it is not open to the actor.
        NotAllowed: it is open to them, but this is not.
    """
    actor: Actor = pages.asker()
    programme: Programme = pages.found(access.programme_for, actor, programme_uuid, may=may)
    return Room(request, actor, programme)


def around(request: HttpRequest, actor: Actor, programme: Programme, programme_uuid: UUID) -> Room:
    """Open a page of something of a programme's indicators that was fetched, and asked for, already.

    Raises:
        Http404: it is another programme's.
    """
    if programme.uuid != programme_uuid:
        raise Http404
    return Room(request, actor, programme)


def page(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, here: Room, status: int = 200
) -> HttpResponse:
    """Render a page with its tabs."""
    return pages.page(request, template, {**context, "tabs": here.tabs()}, here=here, status=status)
