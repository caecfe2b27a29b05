"""Readiness measured again: due one and two years after a transfer was executed, where it was measured before it."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from handover import clock
from handover.holdings import Finding
from handover.models import Programme, Responsibility, Transfer
from handover.models.readiness import Wave
from handover.models.transfers import TransferState
from handover.narratives import best
from handover.queries.readiness import Round, rounds_of

MONTHS: Final[Mapping[Wave, int]] = {Wave.AFTER_12: 12, Wave.AFTER_24: 24}
"""How many months after the execution each wave is due."""
OPENS_DAYS: Final = 60
"""Days before it is due on which a wave may begin."""


@dataclass(frozen=True)
class Due:
    """A wave of one instrument, of one thing that a transfer handed over."""

    transfer: Transfer
    instrument: str
    title: str
    responsibility: Responsibility | None
    wave: Wave
    due_on: dt.date
    scored: int
    """How many voices have begun or closed their scores."""
    agreed_on: dt.date | None

    @property
    def late(self) -> bool:
        """Tell whether its day has come and nothing is agreed."""
        return self.agreed_on is None and self.due_on <= clock.today()

    @property
    def what(self) -> str:
        """Name what is to be scored."""
        about = f" of “{self.responsibility.title}”" if self.responsibility else ""
        return f"{self.title}{about}"


def due_on(transfer: Transfer, wave: Wave) -> dt.date | None:
    """Give the day on which a wave is due; ``None`` where the transfer is not executed, or the wave is before it."""
    if transfer.executed_at is None or wave not in MONTHS:
        return None
    day = transfer.executed_at.astimezone(clock.HOUSE_ZONE).date()
    years, month = divmod(day.month - 1 + MONTHS[wave], 12)
    last = calendar.monthrange(day.year + years, month + 1)[1]
    return dt.date(day.year + years, month + 1, min(day.day, last))


def due(programme: Programme, *, cutoff: dt.datetime | None = None) -> list[Due]:
    """Give the waves after the executed transfers of a programme, done or not, by their days."""
    rounds = rounds_of(programme, until=cutoff)
    executed = Transfer.objects.filter(
        programme=programme, state=TransferState.EXECUTED, reverses=None
    ).prefetch_related("items")
    found = [
        row
        for transfer in executed.order_by("id")
        for row in after(transfer, rounds, {item.responsibility_id for item in transfer.items.all()})
    ]
    return sorted(found, key=lambda row: row.due_on)


def after(transfer: Transfer, rounds: Sequence[Round], moved: Collection[int]) -> Iterator[Due]:
    """Give the waves after one executed transfer, by the rounds of its programme and the responsibilities it moved."""
    measured: dict[tuple[str, int | None], Round] = {}
    for within in rounds:
        first = within.first
        own = first.transfer_id == transfer.pk
        whole = first.transfer_id is None and (
            transfer.lead if first.responsibility_id is None else first.responsibility_id in moved
        )
        if first.wave == Wave.BEFORE and within.over and (own or whole):
            measured[first.instrument.key, first.responsibility_id] = within
    for (key, responsibility), before in measured.items():
        for wave in MONTHS:
            day = due_on(transfer, wave)
            if day is None:
                continue
            again = [
                item
                for item in rounds
                if (item.first.instrument.key, item.first.responsibility_id) == (key, responsibility)
                and (item.first.wave, item.first.transfer_id) == (wave, transfer.pk)
            ]
            closed = [
                item.agreed.closed_at.date()
                for item in again
                if item.over and item.agreed and item.agreed.closed_at
            ]
            yield Due(
                transfer=transfer,
                instrument=key,
                title=best(before.first.instrument.title),
                responsibility=before.first.responsibility,
                wave=wave,
                due_on=day,
                scored=max((len(item.voices) for item in again), default=0),
                agreed_on=closed[0] if closed else None,
            )


def health(programme: Programme, *, cutoff: dt.datetime | None = None) -> Iterator[Finding]:
    """Name the waves whose day has come and that nobody has agreed on."""
    for row in due(programme, cutoff=cutoff):
        if row.late:
            yield Finding(
                "readiness_due",
                f"“{row.transfer.title}” → {row.what}: scores {row.wave.label} were due on {row.due_on}.",
                str(row.transfer.uuid),
            )
