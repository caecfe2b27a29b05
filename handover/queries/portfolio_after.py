"""What stands out after handovers: checks that nobody held, promises not kept or not shown, silent organisations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from handover import clock
from handover.languages import day, number
from handover.queries import undertakings
from handover.queries.checks import After, after_handovers
from handover.queries.portfolio_exceptions import Exceptional, Kind
from handover.queries.seats import Reached, Seat
from handover.queries.tasks import Place
from handover.queries.undertakings import YearState

BAD: Final = frozenset({YearState.OVERDUE, YearState.PARTLY, YearState.BROKEN, YearState.CONTESTED})
"""States of a promise's last year that stand out."""


def exceptions(seat: Seat) -> Iterator[Exceptional]:
    """Give what stands out after the handovers of a seat's programmes, in two queries however many there are.

    Of a programme that is seen only as it stood once nothing is told: what came later is not known there.
    """
    seen = [key for key, here in seat.programmes.items() if here.cutoff is None]
    if not seen:
        return
    for kept in after_handovers(seen):
        yield from _checks(seat.programmes[kept.programme], kept)
        if kept.silent:
            yield _silent(seat.programmes[kept.programme], kept)
    yield from _promises(seat, seen)


def _places(here: Reached) -> Sequence[Place]:
    return (("after", (here.named.uuid,)), ("programme", (here.named.uuid,)))


def _checks(here: Reached, kept: After) -> Iterator[Exceptional]:
    for months, due in kept.overdue:
        days = (clock.today() - due).days
        told = ngettext(
            "The check %(months)s months after the handover was due on %(due)s, %(days)s day ago.",
            "The check %(months)s months after the handover was due on %(due)s, %(days)s days ago.",
            days,
        ) % {"months": number(months), "due": day(due), "days": number(days)}
        yield Exceptional(Kind.CHECK, here.named, told, due, _places(here))


def _promises(seat: Seat, programmes: Sequence[int]) -> Iterator[Exceptional]:
    for told in undertakings.of_programmes(programmes):
        row = told.row
        latest = told.latest
        if latest is None or latest.state not in BAD:
            continue
        here = seat.programmes[row.programme_id]
        about = {"title": row.title, "organisation": row.organisation.name, "year": latest.year}
        yield Exceptional(
            Kind.UNDERTAKING, here.named, _said(latest.state) % about, latest.due_on, _places(here)
        )


def _said(state: YearState) -> str:
    return {
        YearState.OVERDUE: _("%(organisation)s has not shown what became of “%(title)s” in %(year)s."),
        YearState.PARTLY: _("%(organisation)s kept “%(title)s” only partly in %(year)s."),
        YearState.BROKEN: _("%(organisation)s did not keep “%(title)s” in %(year)s."),
        YearState.CONTESTED: _("Whether %(organisation)s kept “%(title)s” in %(year)s is contested."),
    }[state]


def _silent(here: Reached, kept: After) -> Exceptional:
    """Tell who answers for a programme after a handover and has recorded nothing there for long."""
    told = ngettext(
        "%(organisation)s has recorded nothing for %(days)s day.",
        "%(organisation)s has recorded nothing for %(days)s days.",
        kept.days,
    ) % {"organisation": kept.steward, "days": number(kept.days)}
    since = kept.since.date() if kept.since else None
    return Exceptional(Kind.SILENT, here.named, told, since, _places(here))
