"""Who carries a responsibility on when the grant has ended, and with whose money.

An organisation has money for a responsibility where, after that day, a budget line or a post of another source than the
grant hangs on the responsibility itself. One without any budget line of its own is carried by what hangs on another
that the same organisation then holds and that is of the whole programme, of the same place or of the same intervention:
local budgets seldom have one line a service.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from django.db.models import Max, Q

from handover.models import (
    Grant,
    Post,
    PostFunding,
    Programme,
    Responsibility,
    Tenure,
    TransferResponsibility,
)
from handover.models.registers import PostStage, Source
from handover.models.responsibilities import Capacity, Phase, ResponsibilityScope
from handover.models.transfers import OPEN_STATES
from handover.queries.budgets import Standing as StandingLine
from handover.queries.budgets import lines_standing


class Certainty(IntEnum):
    """How sure money is."""

    NONE = 0
    ASKED = 1
    """Requested or estimated: no council has decided on it."""
    DECIDED = 2


@dataclass(frozen=True)
class Carrier:
    """Who holds a responsibility after a day, and how sure its money is.

    ``planned``: a plan that is not executed yet says so. ``holder`` is ``None`` where nobody will.
    """

    holder: str | None
    planned: bool
    certainty: Certainty

    def sentence(self, day: dt.date) -> str:
        """Say it for a day."""
        if self.holder is None:
            return f"nobody holds it after {day:%d %B %Y}"
        holds = f"{self.holder} is to hold it" if self.planned else f"{self.holder} holds it"
        money = {
            Certainty.NONE: "has no money for it but the grant's",
            Certainty.ASKED: "has asked for money that nobody has decided on",
            Certainty.DECIDED: "has money for it",
        }
        return f"{holds} and {money[self.certainty]} after {day:%d %B %Y}"


def grant_ends(programme: Programme) -> dt.date | None:
    """Give the last day of the programme's last grant; ``None`` where it has none."""
    ends: dt.date | None = Grant.objects.filter(programme=programme).aggregate(last=Max("ends_on"))["last"]
    return ends


@dataclass(frozen=True)
class Money:
    """How sure money is, by responsibility; ``lined``: the responsibilities that have budget lines of their own."""

    certain: Mapping[int, Certainty]
    lined: frozenset[int]


@dataclass(frozen=True)
class _Held:
    responsibility: Responsibility | None
    holder: int | None
    name: str | None
    planned: bool


def carriers(programme: Programme, day: dt.date) -> Mapping[int | None, Carrier]:
    """Tell who carries each responsibility on after a day (its key; ``None``: the programme itself), in five queries;
    one more where the steward carries the programme on and is not known by a responsibility."""
    held = _held_after(programme, day)
    money = _money_after(programme, day)
    return {
        key: Carrier(
            holder=row.name,
            planned=row.planned,
            certainty=_certainty(row, held, money) if row.holder else Certainty.NONE,
        )
        for key, row in held.items()
    }


def _held_after(programme: Programme, day: dt.date) -> dict[int | None, _Held]:
    """Give the holders after a day: by the tenures, and by the plans that are still open."""
    after = day + dt.timedelta(days=1)
    tenures = Tenure.objects.filter(
        programme=programme, capacity=Capacity.HOLDER, valid__contains=after
    ).values_list("responsibility_id", "organisation_id", "organisation__name")
    holders: dict[int | None, int | None] = {None: programme.steward_id}
    names: dict[int, str] = {}
    for held, organisation, name in tenures:
        holders[held] = organisation
        names[organisation] = name
    planned: set[int | None] = set()
    plans = TransferResponsibility.objects.filter(
        programme=programme,
        moved_at__isnull=True,
        transfer__state__in=OPEN_STATES,
        transfer__reverses__isnull=True,
    )
    for item in plans.select_related("transfer__receiver").order_by("id"):
        names[item.transfer.receiver_id] = item.transfer.receiver.name
        holders[item.responsibility_id] = None if item.phase == Phase.OUT else item.transfer.receiver_id
        planned.add(item.responsibility_id)
        if item.transfer.lead:
            holders[None] = item.transfer.receiver_id
            planned.add(None)
    rows = Responsibility.objects.filter(programme=programme).select_related("place").in_bulk()
    if holders[None] == programme.steward_id and programme.steward_id not in names:
        names[programme.steward_id] = programme.steward.name
    found: dict[int | None, _Held] = {}
    for key in (None, *rows):
        holder = holders.get(key)
        found[key] = _Held(
            rows[key] if key else None, holder, names[holder] if holder else None, key in planned
        )
    return found


def _money_after(programme: Programme, day: dt.date) -> Money:
    """Give the money of other sources than the grant after a day, in two queries."""
    standing = lines_standing(programme)
    found: dict[int, Certainty] = {}
    for key, certainty in (*_lines_after(standing, day), *_posts_after(programme, day)):
        found[key] = max(found.get(key, Certainty.NONE), certainty)
    return Money(found, frozenset(item.line.responsibility_id for item in standing))


def _lines_after(lines: Iterable[StandingLine], day: dt.date) -> Iterator[tuple[int, Certainty]]:
    """Give the lines, each in its latest stage, from the year on whose days the grant no longer pays."""
    year = (day + dt.timedelta(days=1)).year
    for standing in lines:
        line = standing.line
        if line.source != Source.GRANT and line.year >= year and line.amount > 0:
            yield line.responsibility_id, Certainty.DECIDED if standing.decided else Certainty.ASKED


def _posts_after(programme: Programme, day: dt.date) -> Iterator[tuple[int, Certainty]]:
    lasting = Q(ends_on__isnull=True) | Q(ends_on__gt=day)
    own = Post.objects.filter(lasting, programme=programme).exclude(funded_by=Source.GRANT)
    later = PostFunding.objects.filter(lasting, programme=programme).exclude(source=Source.GRANT)
    rows = (
        own.order_by()
        .values_list("responsibility_id", "stage")
        .union(later.order_by().values_list("post__responsibility_id", "post__stage"))
    )
    for key, stage in rows:
        planned = stage in (PostStage.PLANNED, PostStage.IN_ORGANIGRAM)
        yield key, Certainty.ASKED if planned else Certainty.DECIDED


def _certainty(row: _Held, held: Mapping[int | None, _Held], money: Money) -> Certainty:
    """Give the surest money that the holder of a row has for it."""
    mine = row.responsibility
    if mine is not None and mine.pk in money.lined:
        return money.certain.get(mine.pk, Certainty.NONE)
    return max(
        (
            money.certain[other.pk]
            for other in (item.responsibility for item in held.values() if item.holder == row.holder)
            if other is not None and other.pk in money.certain and (mine is None or _covers(other, mine))
        ),
        default=Certainty.NONE,
    )


def _covers(money: Responsibility, work: Responsibility) -> bool:
    """Tell whether money on one responsibility can be for the work of another: a town's is for its settlements too."""
    place = work.place
    return (
        money.pk == work.pk
        or (money.scope == ResponsibilityScope.PROGRAMME and money.place_id is None)
        or (
            place is not None and money.place_id in (place.pk, place.parent_id) and money.place_id is not None
        )
        or (money.intervention_uuid is not None and money.intervention_uuid == work.intervention_uuid)
    )
