"""Who came after whom: successors of organisations and of places, by what was executed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.db import connection

from handover.models import Organisation, PlaceLineage, ReorganisationParty
from handover.models.reorganisations import PartySide, ReorganisationState

_HEIRS = """
WITH RECURSIVE step (former, heir) AS (
  SELECT p.party_id, s.party_id FROM handover_reorganisationparty p
    JOIN handover_reorganisation r ON r.id = p.reorganisation_id AND r.state = 'executed'
    JOIN handover_reorganisationparty s ON s.reorganisation_id = r.id AND s.side = 'successor'
   WHERE p.side = 'predecessor' AND s.party_id <> p.party_id
), line (former, heir) AS (
  SELECT former, heir FROM step WHERE {start} = ANY (%s)
  UNION SELECT {carry} FROM line JOIN step ON {join}
)
SELECT former, heir FROM line
"""


@dataclass(frozen=True)
class Origin:
    """An organisation that another one followed, and by which act."""

    organisation: Organisation
    title: str
    legal_act: str
    on: dt.date


def heirs(organisations: Iterable[int]) -> Mapping[int, frozenset[int]]:
    """Give who followed organisations, and who followed those, by primary keys, in one query.

    A part of what an organisation answered for may have gone to each of them: that it was all is not said.
    """
    found = _walked(
        _HEIRS.format(start="former", carry="line.former, step.heir", join="step.former = line.heir"),
        organisations,
    )
    said: dict[int, set[int]] = {}
    for former, heir in found:
        said.setdefault(former, set()).add(heir)
    return {former: frozenset(after) for former, after in said.items()}


def origins(organisation: Organisation) -> Sequence[Origin]:
    """Give whom an organisation followed by reorganisations that were executed, the latest first."""
    rows = (
        ReorganisationParty.objects.filter(
            side=PartySide.PREDECESSOR,
            reorganisation__state=ReorganisationState.EXECUTED,
            reorganisation__parties__party=organisation,
            reorganisation__parties__side=PartySide.SUCCESSOR,
        )
        .exclude(party=organisation)
        .select_related("party", "reorganisation")
        .order_by("-reorganisation__effective_on", "party__name")
    )
    return [
        Origin(
            row.party, row.reorganisation.title, row.reorganisation.legal_act, row.reorganisation.effective_on
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Became:
    """What one place became on a day: places and the share of it that went to each, adding up to one."""

    former: int
    on: dt.date
    shares: Sequence[tuple[int, Fraction]]

    @property
    def ended(self) -> bool:
        """Tell whether nothing of the place kept its name."""
        return all(heir != self.former for heir, _ in self.shares)


def events_of(places: Iterable[int]) -> list[Became]:
    """Give what became of places, and of what they became, in order of time: one query for each generation."""
    events: dict[tuple[int, dt.date], list[tuple[int, Fraction]]] = {}
    asked: set[int] = set()
    wanted = set(places)
    while wanted:
        asked |= wanted
        rows = list(PlaceLineage.objects.filter(former__in=wanted).order_by("on", "id"))
        for row in rows:
            share = Fraction(row.numerator, row.denominator)
            events.setdefault((row.former_id, row.on), []).append((row.successor_id, share))
        wanted = {row.successor_id for row in rows} - asked
    ordered = sorted(events.items(), key=lambda item: (item[0][1], item[0][0]))
    return [Became(former, on, shares) for (former, on), shares in ordered]


def shares_today(place: int, year: int, events: Iterable[Became]) -> dict[int, Fraction]:
    """Give where a figure of a place and a year belongs today: places by primary keys, and shares that add up to one.

    A place that ended takes its figures of every year with it. One that kept a part of itself shares out what was
    reported of it before the year of the change: what came after is the smaller place's own.

    Args:
        events: those of ``events_of``, in order of time.
    """
    whole = {place: Fraction(1)}
    for event in events:
        if event.former not in whole or not (event.ended or year < event.on.year):
            continue
        share = whole.pop(event.former)
        for heir, part in event.shares:
            whole[heir] = whole.get(heir, Fraction(0)) + share * part
    return whole


def _walked(sql: str, keys: Iterable[int]) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [sorted(set(keys))])
        return [(int(former), int(heir)) for former, heir in cursor.fetchall()]
