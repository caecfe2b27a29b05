"""What an organisation holds: every responsibility of its own over all programmes, with what it rests on and when that
ends; and what it must report."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, Subquery, Sum
from django.db.models.functions import JSONObject

from handover import clock, holdings
from handover.access import Actor
from handover.models import (
    BudgetLine,
    Contract,
    Equipment,
    LegalAct,
    Licence,
    Organisation,
    Post,
    Premises,
    Tenure,
    TransferMilestone,
    TransferResponsibility,
)
from handover.models.budgets import BudgetStage
from handover.models.legal_acts import FALLEN
from handover.models.registers import Register
from handover.models.responsibilities import Capacity
from handover.models.transfers import OPEN_STATES
from handover.queries import budgets
from handover.queries.seats import Seat, seat_of
from handover.queries.tasks import Named, Task

SOON: Final = dt.timedelta(days=90)
"""How long before its end something is told as ending."""
REPORTS: Final = "values.report"
"""The kind of task by which the apps tell what is to be reported."""
RESTING: Final[Sequence[type[Register]]] = (Post, Equipment, Premises, Licence, Contract, BudgetLine)
"""Registers whose lines rest on legal acts."""


@dataclass(frozen=True)
class Paper:
    """An act, a contract, a licence or a lease: what it is called, until when it holds, and whether it still does."""

    title: str
    number: str
    ends_on: dt.date | None
    fallen: bool = False

    def over(self, today: dt.date) -> bool:
        """Tell whether it holds no more."""
        return self.fallen or (self.ends_on is not None and self.ends_on < today)


@dataclass(frozen=True)
class Money:
    """A budget line of this year as it stands."""

    title: str
    year: int
    amount: Decimal
    currency: str
    source: str
    stage: BudgetStage
    classification: str


@dataclass(frozen=True)
class HeldHere:
    """A responsibility that the organisation, or a body of its own, answers for today."""

    uuid: UUID
    title: str
    kind: str
    programme: Named
    unit: str
    """The organisation or the body of it that answers."""
    since: dt.date | None
    by_transfer: bool
    fte: Decimal
    acts: Sequence[Paper]
    lines: Sequence[Money]
    contracts: Sequence[Paper]
    licences: Sequence[Paper]
    premises: Sequence[Paper]

    @property
    def papers(self) -> list[Paper]:
        """Give everything that can end."""
        return [*self.acts, *self.contracts, *self.licences, *self.premises]

    @property
    def ends_on(self) -> dt.date | None:
        """Give the day on which the first of its papers ends, or has ended."""
        return min((paper.ends_on for paper in self.papers if paper.ends_on), default=None)


@dataclass(frozen=True)
class Holds:
    """All that an organisation holds, and what it must report."""

    organisation: Organisation
    rows: Sequence[HeldHere]
    reports: Sequence[Task]
    today: dt.date
    programmes: Sequence[Named] = field(default_factory=list)
    """Programmes in which it holds something, or is to."""

    @property
    def over(self) -> int:
        """Count the responsibilities of which a paper does not hold any more."""
        return sum(any(paper.over(self.today) for paper in row.papers) for row in self.rows)

    @property
    def ending(self) -> int:
        """Count those of which none is over, and one ends soon."""
        return sum(
            any(paper.ends_on is not None and paper.ends_on <= self.today + SOON for paper in row.papers)
            and not any(paper.over(self.today) for paper in row.papers)
            for row in self.rows
        )

    @property
    def without_money(self) -> int:
        """Count the responsibilities without a budget line of this year."""
        return sum(not row.lines for row in self.rows)


def held(actor: Actor, *, today: dt.date | None = None) -> Holds:
    """Give what an actor's organisation and its bodies hold, in a number of queries that depends on nothing in it.

    Inside ``access.asking``.
    """
    day, seat = today or clock.today(), seat_of(actor)
    tenures = list(_tenures(actor.organisation, seat, day)) if seat.programmes else []
    keys = [tenure.responsibility_id for tenure in tenures]
    acts = _acts(tenures) if keys else {}
    lines: defaultdict[int, list[Money]] = defaultdict(list)
    rows = BudgetLine.objects.filter(responsibility__in=keys, year=day.year).order_by("id") if keys else ()
    for standing in budgets.standing(rows):
        line = standing.line
        lines[line.responsibility_id].append(
            Money(
                title=line.title,
                year=line.year,
                amount=line.amount,
                currency=line.currency,
                source=line.get_source_display(),
                stage=standing.stage,
                classification=line.classification,
            )
        )
    return Holds(
        organisation=actor.organisation,
        rows=[_row(tenure, seat, acts, lines[tenure.responsibility_id]) for tenure in tenures],
        reports=_reports(actor, seat),
        today=day,
        programmes=_named(seat, {tenure.programme_id for tenure in tenures}),
    )


def programmes_held(actor: Actor) -> list[Named]:
    """Give the programmes in which an actor's organisation or a body of it holds something, or is about to, in two
    queries."""
    seat = seat_of(actor)
    mine = _own(actor.organisation)
    rows = (
        Tenure.objects.filter(
            mine, programme__in=list(seat.programmes), capacity=Capacity.HOLDER, valid__contains=clock.today()
        )
        .order_by()
        .values_list("programme_id", flat=True)
    )
    taking = (
        TransferResponsibility.objects.filter(
            Q(transfer__receiver=actor.organisation) | Q(transfer__receiver__parent=actor.organisation),
            programme__in=list(seat.programmes),
            transfer__state__in=OPEN_STATES,
            transfer__reverses=None,
        )
        .order_by()
        .values_list("programme_id", flat=True)
    )
    return _named(seat, set(rows.union(taking)))


def _own(organisation: Organisation) -> Q:
    return Q(organisation=organisation) | Q(organisation__parent=organisation)


def _named(seat: Seat, keys: Iterable[int]) -> list[Named]:
    found = [seat.programmes[key].named for key in keys if key in seat.programmes]
    return sorted(found, key=lambda named: named.identifier)


def _reports(actor: Actor, seat: Seat) -> list[Task]:
    """Give what is to be reported, what is due first first."""
    tasks = [task for holding in holdings.holdings() for task in holding.tasks(actor, seat)]
    return sorted((task for task in tasks if task.kind == REPORTS), key=lambda task: task.order)


def _tenures(organisation: Organisation, seat: Seat, today: dt.date) -> Any:
    """Give who holds what today, with all that can end, in one query."""

    def papers(register: type[Register], number: str) -> ArraySubquery:
        rows = register._default_manager.filter(responsibility=OuterRef("responsibility"))
        said = JSONObject(title="title", number=number, ends_on="valid_to")
        return ArraySubquery(rows.order_by("valid_to", "id").values(json=said))

    posts = Post.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today),
        responsibility=OuterRef("responsibility"),
        starts_on__lte=today,
    )
    fte = posts.order_by().values("responsibility").annotate(fte=Sum("fte")).values("fte")
    return (
        Tenure.objects.filter(
            _own(organisation),
            programme__in=list(seat.programmes),
            capacity=Capacity.HOLDER,
            valid__contains=today,
        )
        .select_related("responsibility", "organisation")
        .annotate(
            contracts=papers(Contract, "number"),
            licences=papers(Licence, "number"),
            premises=papers(Premises, "address"),
            fte=Subquery(fte),
        )
        .order_by("programme__identifier", "programme_id", "responsibility_id")
    )


def _acts(tenures: Sequence[Tenure]) -> dict[int, list[Paper]]:
    """Give the acts by responsibility: of its registers' lines, and of the steps that moved it, in two queries."""
    keys = [tenure.responsibility_id for tenure in tenures]
    found = None
    for register in RESTING:
        rows = register._default_manager.filter(responsibility__in=keys, legal_act__isnull=False)
        pairs = rows.order_by().values_list("legal_act_id", "responsibility_id")
        found = pairs if found is None else found.union(pairs)
    moved = (
        TransferMilestone.objects.filter(legal_act__isnull=False, moves__responsibility__in=keys)
        .order_by()
        .values_list("legal_act_id", "moves__responsibility_id")
    )
    pairs_found = set(found.union(moved)) if found is not None else set()
    acts = LegalAct.objects.in_bulk({act for act, _ in pairs_found})
    by_responsibility: defaultdict[int, list[Paper]] = defaultdict(list)
    for act, key in sorted(pairs_found):
        by_responsibility[key].append(_of_act(acts[act]))
    return dict(by_responsibility)


def _of_act(act: LegalAct) -> Paper:
    return Paper(act.get_kind_display(), act.number, act.in_force_to, fallen=act.status in FALLEN)


def _row(tenure: Any, seat: Seat, acts: Mapping[int, Sequence[Paper]], lines: Sequence[Money]) -> HeldHere:
    responsibility = tenure.responsibility
    return HeldHere(
        uuid=responsibility.uuid,
        title=responsibility.title,
        kind=responsibility.get_kind_display(),
        programme=seat.programmes[tenure.programme_id].named,
        unit=tenure.organisation.name,
        since=tenure.valid.lower,
        by_transfer=tenure.transfer_uuid is not None,
        fte=tenure.fte or Decimal(0),
        acts=acts.get(responsibility.pk, ()),
        lines=lines,
        contracts=_papers(tenure.contracts),
        licences=_papers(tenure.licences),
        premises=_papers(tenure.premises),
    )


def _papers(rows: Sequence[Mapping[str, Any]]) -> list[Paper]:
    return [Paper(row["title"], row["number"], _day(row["ends_on"])) for row in rows]


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
