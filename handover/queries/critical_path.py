"""The critical path: the chain of steps that decides when a handover can be over, through council sessions and the
budget calendar.

Every open step is put as early as it can be: after the steps that it waits for, and as many days later as it takes. A
council decides in its sessions, and money comes with a budget that was asked for in time: such a step ends on the first
day of that kind that it can reach. What a step takes is what its plan leaves between it and the step before, and no
more than ``DAYS`` says of its kind. A step whose evidence is there waits for signatures alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import networkx as nx
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from handover import clock
from handover.languages import day, number
from handover.models import (
    BudgetLine,
    BudgetStep,
    Evidence,
    MilestoneDependency,
    Programme,
    TransferMilestone,
)
from handover.models.budgets import BudgetStage
from handover.models.milestones import MilestoneKind
from handover.models.registers import Source
from handover.models.transfers import OPEN_STATES
from handover.queries.budget_calendar import day_of
from handover.queries.budgets import ORDER, stage_of

K = MilestoneKind
DAYS: Final[Mapping[str, int]] = {
    K.DONOR_CONSENT: 30,
    K.COUNCIL_DECISION: 21,
    K.BUDGET_LINE_ADOPTED: 21,
    K.POST_ADVERTISED: 21,
    K.POST_FILLED: 45,
    K.LICENCE_OBTAINED: 60,
    K.CONTRACT_NOVATED: 30,
    K.INVENTORY_COUNTED: 14,
    K.TRAINING_COMPLETED: 30,
    K.CO_DELIVERY: 60,
    K.EQUIPMENT_HANDED_OVER: 7,
    K.DISCLOSURE_RECORD: 7,
    K.RECORDS_DELIVERED: 14,
    K.COMMUNITY_VALIDATION: 14,
    K.HANDOVER_PROTOCOL: 7,
}
"""Days that a step of each kind takes at most: working figures, no law's."""
SIGNING: Final = 3
"""Days that signatures take once the evidence is there."""
SESSION: Final = "session"
"""How the key of a step of a council's calendar begins that is an ordinary session."""
AHEAD: Final = 5
"""Years within which a session or a budget is looked for."""
START: Final = "start"
ONE_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True)
class Meets:
    """A day that a step must meet: a session of the council, or the adoption of a budget."""

    on: dt.date
    sentence: str
    following: dt.date | None
    """The next day of that kind, if this one is missed."""


@dataclass
class Step:
    """An open step, as early as it can be."""

    key: int
    uuid: UUID
    title: str
    transfer: UUID
    transfer_title: str
    receiver: str
    due_on: dt.date
    days: int
    waits_for: Sequence[int]
    starts_on: dt.date = dt.date.min
    ends_on: dt.date = dt.date.min
    meets: Meets | None = None
    critical: bool = False
    slack: int = 0
    """Days by which it can be later than that without moving the end."""
    says: str = ""
    """What it does to the end, in the reader's language."""

    @property
    def in_hand(self) -> int:
        """Give the days between its earliest day and the day of the plan; below 0 the plan cannot be kept."""
        return (self.due_on - self.ends_on).days


@dataclass(frozen=True)
class Path:
    """All open steps of a programme's handovers, and the chain that decides the end."""

    steps: Sequence[Step]
    planned_on: dt.date | None
    ends_on: dt.date | None
    assumed: Sequence[str] = ()
    """Councils without sessions in their calendar: one at the end of each month is assumed."""
    chain: Sequence[Step] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """Say whether the plan can be kept."""
        if self.ends_on is None or self.planned_on is None:
            return _("No step of a handover is open.")
        about = {"planned": day(self.planned_on), "earliest": day(self.ends_on)}
        left = (self.planned_on - self.ends_on).days
        if left >= 0:
            return ngettext(
                "The plan ends on %(planned)s. At the earliest everything can be done on %(earliest)s: %(days)s day is "
                "in hand.",
                "The plan ends on %(planned)s. At the earliest everything can be done on %(earliest)s: %(days)s days "
                "are in hand.",
                left,
            ) % {**about, "days": number(left)}
        return ngettext(
            "The plan’s last day, %(planned)s, cannot be kept: at the earliest everything can be done on %(earliest)s, "
            "%(days)s day later.",
            "The plan’s last day, %(planned)s, cannot be kept: at the earliest everything can be done on %(earliest)s, "
            "%(days)s days later.",
            -left,
        ) % {**about, "days": number(-left)}


def critical_path(programme: Programme, *, today: dt.date | None = None) -> Path:
    """Find the chain of open steps that decides the end of a programme's open handovers, in three queries."""
    start = today or clock.today()
    rows = list(_rows(programme))
    if not rows:
        return Path((), None, None)
    calendars = Calendars(programme, {row.transfer.receiver_id for row in rows})
    steps = {row.pk: _step(row, rows) for row in rows}
    order = _order(steps.values())
    by_key = {row.pk: row for row in rows}

    def meets(key: int, begins: dt.date, ready: dt.date) -> Meets | None:
        row = by_key[key]
        return None if row.shown else calendars.meets(row, begins, ready)

    _put(steps, order, start, meets)
    end = max(step.ends_on for step in steps.values())
    chain = _chain(steps)
    for step in steps.values():
        step.critical = step.key in {item.key for item in chain}
        step.slack = _slack(steps, order, start, meets, step.key, end)
    for step in steps.values():
        step.says = _says(step, steps, order, start, meets, end)
    return Path(
        steps=sorted(steps.values(), key=lambda step: (step.ends_on, step.due_on, step.key)),
        planned_on=max(step.due_on for step in steps.values()),
        ends_on=end,
        assumed=sorted({steps[row.pk].receiver for row in rows if calendars.assumes(row)}),
        chain=chain,
    )


def _rows(programme: Programme) -> Any:
    """Give the open steps of the open transfers, with what they wait for, in one query."""
    waits = MilestoneDependency.objects.filter(milestone=OuterRef("pk"))
    return (
        TransferMilestone.objects.filter(
            programme=programme,
            done_at=None,
            transfer__state__in=OPEN_STATES,
            transfer__reverses=None,
        )
        .select_related("transfer__receiver")
        .annotate(
            first=ArraySubquery(waits.order_by("id").values("waits_for_id")),
            shown=Exists(Evidence.objects.filter(milestone=OuterRef("pk"))),
        )
        .order_by("due_on", "id")
    )


def _step(row: Any, rows: Sequence[Any]) -> Step:
    open_days = {other.pk: other.due_on for other in rows}
    first = [key for key in row.first if key in open_days]
    takes = SIGNING if row.shown else DAYS[row.kind]
    gap = (row.due_on - max((open_days[key] for key in first), default=dt.date.min)).days
    return Step(
        key=row.pk,
        uuid=row.uuid,
        title=row.title,
        transfer=row.transfer.uuid,
        transfer_title=row.transfer.title,
        receiver=row.transfer.receiver.name,
        due_on=row.due_on,
        days=min(takes, gap) if gap > 0 else takes,
        waits_for=first,
    )


# --- the days that councils and budgets give -------------------------------------------------------------


class Calendars:
    """The sessions and the budget days of councils, and which budgets money was asked of, in two queries."""

    def __init__(self, programme: Programme, councils: set[int]) -> None:
        self._sessions: dict[int, list[BudgetStep]] = {}
        self._budget: dict[tuple[int, str], BudgetStep] = {}
        steps = BudgetStep.objects.filter(programme=programme, organisation__in=councils)
        for step in steps.order_by("id"):
            if step.key.startswith(SESSION):
                self._sessions.setdefault(step.organisation_id, []).append(step)
            else:
                self._budget[step.organisation_id, step.key] = step
        lines = BudgetLine.objects.filter(programme=programme, source=Source.MUNICIPALITY)
        self._asked = {
            line.year
            for line in lines.only("year", "stage")
            if ORDER[stage_of(line)] >= ORDER[BudgetStage.REQUESTED]
        }

    def assumes(self, row: Any) -> bool:
        """Tell whether a step goes through a council whose sessions nobody has entered."""
        return row.kind == K.COUNCIL_DECISION and row.transfer.receiver_id not in self._sessions

    def meets(self, row: Any, begins: dt.date, after: dt.date) -> Meets | None:
        """Give the first day that a step can meet on or after the day on which it is ready; ``None`` where any day
        will do.

        Args:
            begins: the day from which money can be asked for.
        """
        council, name = row.transfer.receiver_id, row.transfer.receiver.name
        if row.kind == K.COUNCIL_DECISION:
            days = self._session_days(council, after)
            on, following = next(days), next(days)
            told = _("It must be decided in the session of %(day)s (%(council)s).")
            return Meets(on, told % {"day": day(on), "council": name}, following)
        if row.kind == K.BUDGET_LINE_ADOPTED and (council, BudgetStage.ADOPTED.value) in self._budget:
            return self._adopted(council, name, begins, after)
        return None

    def _session_days(self, council: int, after: dt.date) -> Iterator[dt.date]:
        kept = self._sessions.get(council)
        if kept:
            years = range(after.year, after.year + AHEAD)
            # A session is kept by month and day; the year before and the year itself come to the same days.
            found = {day_of(step, year + step.years_before) for step in kept for year in years}
            yield from sorted(on for on in found if on >= after)
            return
        first = after.replace(day=1)
        while True:
            following = (first + dt.timedelta(days=32)).replace(day=1)
            last = following - ONE_DAY
            if last >= after:
                yield last
            first = following

    def _adopted(self, council: int, name: str, begins: dt.date, after: dt.date) -> Meets | None:
        adopted = self._budget[council, BudgetStage.ADOPTED.value]
        requested = self._budget.get((council, BudgetStage.REQUESTED.value))
        years = range(after.year, after.year + AHEAD)
        open_years = [
            year
            for year in years
            if day_of(adopted, year) >= after
            and (requested is None or year in self._asked or day_of(requested, year) >= begins)
        ]
        if not open_years:
            return None
        year, following = open_years[0], open_years[1] if len(open_years) > 1 else None
        on = day_of(adopted, year)
        if requested is None or year in self._asked:
            told = _("It comes with the budget of %(year)s, which %(council)s adopts by %(adopted)s.")
        else:
            told = _(
                "It comes with the budget of %(year)s: ask %(council)s for it by %(requested)s; it is adopted by "
                "%(adopted)s."
            )
        about = {
            "year": str(year),
            "council": name,
            "adopted": day(on),
            "requested": day(day_of(requested, year)) if requested else "",
        }
        return Meets(on, told % about, day_of(adopted, following) if following else None)


# --- as early as it can be ----------------------------------------------------------------------------

Finds = Callable[[int, dt.date, dt.date], Meets | None]


def _order(steps: Any) -> list[int]:
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(step.key for step in steps)
    graph.add_edges_from((first, step.key) for step in steps for first in step.waits_for)
    return list(nx.lexicographical_topological_sort(graph))


def _put(steps: Mapping[int, Step], order: Sequence[int], start: dt.date, meets: Finds) -> None:
    for key in order:
        step = steps[key]
        step.starts_on = max((steps[first].ends_on for first in step.waits_for), default=start)
        ready = step.starts_on + dt.timedelta(days=step.days)
        step.meets = meets(key, step.starts_on, ready)
        step.ends_on = step.meets.on if step.meets else ready


def _end_if(
    steps: Mapping[int, Step], order: Sequence[int], start: dt.date, meets: Finds, late: int, until: dt.date
) -> dt.date:
    """Give the end if one step were done on a given day."""
    ends: dict[int, dt.date] = {}
    for key in order:
        step = steps[key]
        starts_on = max((ends[first] for first in step.waits_for), default=start)
        ready = starts_on + dt.timedelta(days=step.days)
        found = meets(key, starts_on, ready) if key != late else None
        ends[key] = until if key == late else found.on if found else ready
    return max(ends.values())


def _slack(
    steps: Mapping[int, Step], order: Sequence[int], start: dt.date, meets: Finds, key: int, end: dt.date
) -> int:
    """Find by how many days a step can be later without moving the end, by halves: later never ends earlier."""
    low, high = 0, (end - steps[key].ends_on).days
    while low < high:
        middle = (low + high + 1) // 2
        day_then = steps[key].ends_on + dt.timedelta(days=middle)
        if _end_if(steps, order, start, meets, key, day_then) <= end:
            low = middle
        else:
            high = middle - 1
    return low


def _chain(steps: Mapping[int, Step]) -> list[Step]:
    """Give the longest way from today to the end, in days."""
    graph: nx.DiGraph[Any] = nx.DiGraph()
    for step in steps.values():
        took = (step.ends_on - step.starts_on).days
        for first in step.waits_for or (START,):
            graph.add_edge(first, step.key, weight=took)
    return [steps[key] for key in nx.dag_longest_path(graph, weight="weight") if key != START]


def _says(
    step: Step,
    steps: Mapping[int, Step],
    order: Sequence[int],
    start: dt.date,
    meets: Finds,
    end: dt.date,
) -> str:
    if step.meets and step.meets.following:
        moved = (_end_if(steps, order, start, meets, step.key, step.meets.following) - end).days
        if moved > 0:
            told = ngettext(
                "If it is missed, the next day is %(next)s, and the end moves by %(days)s day.",
                "If it is missed, the next day is %(next)s, and the end moves by %(days)s days.",
                moved,
            ) % {"next": day(step.meets.following), "days": number(moved)}
            return f"{step.meets.sentence} {told}"
        told = _("If it is missed, the next day is %(next)s, and the end does not move.")
        return f"{step.meets.sentence} {told % {'next': day(step.meets.following)}}"
    if step.slack:
        return ngettext(
            "It can be %(days)s day later without moving the end.",
            "It can be %(days)s days later without moving the end.",
            step.slack,
        ) % {"days": number(step.slack)}
    return _("Each day that it is late moves the end by a day or more.")
