"""Obligations as people read them: by grant, what binds, what the others say, who answers for it, what is exposed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from handover import clock
from handover.languages import ZONES
from handover.models import Grant, Obligation, ObligationPause, Organisation, Programme
from handover.models.obligations import Applies, Exposure, ObligationKind, PauseEffect
from handover.queries.obligation_clock import Days, Estimate, Pause, Reading, day_of, exposed, read, strictest
from handover.queries.obligation_rules import title_of

SOON: Final = dt.timedelta(days=90)
"""From how far ahead an end is called near."""


class State(StrEnum):
    """Where an obligation is."""

    NOT_OURS = "not_ours"
    """Somebody decided that it does not apply."""
    WAITING = "waiting"
    """The day from which its time runs is not known."""
    PAUSED = "paused"
    RUNNING = "running"
    ENDING = "ending"
    """It ends soon."""
    OVER = "over"


@dataclass(frozen=True)
class Duty:
    """An obligation, and what its clock shows today."""

    row: Obligation
    reading: Reading
    state: State
    binds: bool
    """Whether it is the one that decides, of its kind and grant."""
    exposed: Estimate | None


@dataclass(frozen=True)
class OfGrant:
    """A grant and its obligations: of each kind the one that decides first."""

    grant: Grant
    duties: Sequence[Duty]
    ends_on: dt.date | None
    """The last day of all that is known; nothing while one of them is not."""

    def of(self, obligation: UUID) -> Duty:
        """Give the one of an obligation of this grant, by its UUID."""
        return next(duty for duty in self.duties if duty.row.uuid == obligation)


def today_of(organisation: Organisation) -> dt.date:
    """Give the date on the clocks of an organisation's country."""
    return day_of(clock.now(), ZONES.get(organisation.country, "UTC"))


def rows(programme: Programme) -> QuerySet[Obligation]:
    """Give a programme's obligations with their grants, debtors and pauses, in two queries."""
    found: QuerySet[Obligation] = (
        Obligation.objects.filter(programme=programme)
        .select_related("grant", "debtor")
        .prefetch_related(Prefetch("pauses", ObligationPause.objects.order_by("starts_on", "id")))
        .order_by("grant__starts_on", "grant_id", "kind", "id")
    )
    return found


def reading(row: Obligation, *, today: dt.date | None = None) -> Reading:
    """Read the clock of an obligation."""
    grant, stops = row.grant, row.pauses.all() if row.pk else ()
    return read(
        row.counts_from,
        row.years,
        row.months,
        Days(grant.final_payment_on, grant.ends_on, row.day),
        [Pause(PauseEffect(item.effect), item.starts_on, item.ends_on) for item in stops],
        today=today or today_of(row.debtor),
    )


def of_programme(programme: Programme) -> list[OfGrant]:
    """Give a programme's obligations by grant, in two queries."""
    by_grant: dict[int, list[Obligation]] = {}
    for row in rows(programme):
        by_grant.setdefault(row.grant_id, []).append(row)
    return [of_grant(found) for found in by_grant.values()]


def beside(row: Obligation, programme: Programme) -> OfGrant:
    """Give an obligation among all of its grant, in two queries: which of them binds is told by all of them."""
    return of_grant(list(rows(programme).filter(grant=row.grant_id)))


def of_grant(found: Sequence[Obligation]) -> OfGrant:
    """Read the clocks of one grant's obligations, and say which binds of each kind."""
    read_ones = {row.pk: reading(row) for row in found}
    binding = {row.pk for row in _binding(found, read_ones)}
    duties = [duty(row, read_ones[row.pk], binds=row.pk in binding) for row in found]
    order = list(ObligationKind)
    duties.sort(key=lambda item: (order.index(ObligationKind(item.row.kind)), not item.binds, item.row.pk))
    ends = [item.reading.ends_on for item in duties if item.binds and not item.row.is_deadline]
    known = [day for day in ends if day is not None]
    return OfGrant(found[0].grant, duties, max(known) if known and len(known) == len(ends) else None)


def _binding(found: Sequence[Obligation], readings: dict[int, Reading]) -> Iterable[Obligation]:
    """Give, of each kind, what decides: nothing that somebody decided not to apply."""
    groups: dict[tuple[str, bool], list[Obligation]] = {}
    for row in found:
        if row.applies != Applies.NO:
            groups.setdefault((row.kind, row.is_deadline), []).append(row)
    for (_kind, deadline), group in groups.items():
        decided = strictest([readings[row.pk] for row in group], deadline=deadline)
        if decided is None or decided.unknown is not None:
            # Whatever is not known may yet outlast what is.
            yield from (row for row in group if readings[row.pk].unknown is not None)
        else:
            yield from (row for row in group if readings[row.pk].ends_on == decided.ends_on)


def duty(row: Obligation, found: Reading, *, binds: bool) -> Duty:
    """Say where an obligation is today, on the clocks of its debtor's country."""
    today = today_of(row.debtor)
    state = _state(row, found, today)
    estimate = None
    if row.exposure == Exposure.PROPORTIONAL and state in (State.RUNNING, State.ENDING):
        estimate = exposed(row.grant.amount, found, max(today, found.counted_from or today))
    return Duty(row, found, state, binds, estimate)


def _state(row: Obligation, found: Reading, today: dt.date) -> State:
    if row.applies == Applies.NO:
        return State.NOT_OURS
    if found.counted_from is None:
        return State.WAITING
    if found.ends_on is None:
        return State.PAUSED
    if found.ends_on < today:
        return State.OVER
    return State.ENDING if found.ends_on - today <= SOON else State.RUNNING


def titled(row: Obligation, language: str) -> str:
    """Call an obligation: a shipped rule in the reader's language, one of somebody's own as it was entered."""
    return title_of(row.rule, row.title, language)
