"""What stands out in all programmes that somebody reaches: what is late, unsigned, fallen, or out of the ordinary."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from handover import clock, holdings
from handover.access import Actor
from handover.languages import day, number, translated
from handover.models import (
    BudgetLine,
    Contract,
    Equipment,
    LegalAct,
    Licence,
    Post,
    Premises,
    SignOff,
    Transfer,
    TransferMilestone,
)
from handover.models.legal_acts import FALLEN
from handover.models.registers import Register
from handover.models.signoffs import Decision, SignOffSubject
from handover.models.transfers import TransferState
from handover.permissions import Permission
from handover.queries.seats import Seat, seat_of
from handover.queries.tasks import Named, Place, overdue_milestones, pages_of

RESTING: Final[Sequence[type[Register]]] = (Post, Equipment, Premises, Licence, Contract, BudgetLine)


class Kind(StrEnum):
    """What stands out."""

    label: Promise
    empty: Promise

    def __new__(cls, value: str, label: Promise, empty: Promise) -> Kind:
        """Make a member from its code, its heading, and what is said where there is none."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        member.empty = empty
        return member

    MILESTONE = (
        "milestone",
        gettext_lazy("Overdue milestones"),
        gettext_lazy("No milestone is overdue."),
    )
    PROOF = (
        "proof",
        gettext_lazy("Proofs of handovers that a side has not signed"),
        gettext_lazy("Both sides have signed the proof of every handover."),
    )
    ACT = (
        "act",
        gettext_lazy("Legal acts that do not hold any more"),
        gettext_lazy("Nothing rests on an act that does not hold any more."),
    )
    EXCEPTION = (
        "exception",
        gettext_lazy("Exceptions of single people"),
        gettext_lazy("Nobody holds an exception: everybody may do what their role says."),
    )
    OVERDUE = (
        "overdue",
        gettext_lazy("Indicators without a value that is due"),
        gettext_lazy("No value is overdue."),
    )
    RED = (
        "red",
        gettext_lazy("Indicators that are off track"),
        gettext_lazy("No indicator is off track."),
    )
    CHECK = (
        "check",
        gettext_lazy("Overdue sustainability checks"),
        gettext_lazy("No check is overdue."),
    )
    UNDERTAKING = (
        "undertaking",
        gettext_lazy("Promises that were not kept or not shown"),
        gettext_lazy("Every promise was kept and shown, as far as its years are over."),
    )
    SILENT = (
        "silent",
        gettext_lazy("Organisations that are silent after a handover"),
        gettext_lazy("Nobody who took a programme over is silent."),
    )
    BREAK = (
        "break",
        gettext_lazy("Breaks in series"),
        gettext_lazy("No series has a break."),
    )


@dataclass(frozen=True)
class Exceptional:
    """One thing that stands out, in the reader's language."""

    kind: Kind
    programme: Named
    sentence: str
    since: dt.date | None = None
    """The day since which it stands out."""
    places: Sequence[Place] = ()
    """Pages that tell more, the best first."""


@dataclass(frozen=True)
class Exceptions:
    """What stands out, by kind, over how many programmes."""

    programmes: int
    found: Mapping[Kind, Sequence[Exceptional]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Count all."""
        return sum(len(items) for items in self.found.values())


def exceptions(actor: Actor, *, today: dt.date | None = None) -> Exceptions:
    """Give what stands out in the programmes that an actor may read, what stands out longest first.

    The kernel's own part takes five queries, however many programmes there are. Inside ``access.asking``.
    """
    seat, now = seat_of(actor), today or clock.today()
    found: defaultdict[Kind, list[Exceptional]] = defaultdict(list)
    if seat.programmes:
        for item in _all(seat, now):
            found[item.kind].append(item)
    return Exceptions(
        programmes=len(seat.programmes),
        found={kind: sorted(found[kind], key=_order) for kind in Kind},
    )


def _all(seat: Seat, today: dt.date) -> Iterator[Exceptional]:
    yield from _milestones(seat, today)
    yield from _proofs(seat)
    yield from _acts(seat, today)
    yield from _of_people(seat)
    for holding in holdings.holdings():
        yield from holding.exceptions(seat)


def _order(item: Exceptional) -> tuple[dt.date, str, str]:
    return (item.since or dt.date.max, item.programme.identifier, item.sentence)


def _milestones(seat: Seat, today: dt.date) -> Iterator[Exceptional]:
    rows = TransferMilestone.objects.filter(overdue_milestones(today), programme__in=list(seat.programmes))
    for row in rows.select_related("transfer").order_by("due_on", "id"):
        named, days = seat.programmes[row.programme_id].named, (today - row.due_on).days
        told = ngettext(
            "“%(step)s” was due on %(due)s, %(days)s day ago.",
            "“%(step)s” was due on %(due)s, %(days)s days ago.",
            days,
        ) % {"step": row.title, "due": day(row.due_on), "days": number(days)}
        places = pages_of(programme=named.uuid, transfer=row.transfer.uuid, milestone=row.uuid)
        yield Exceptional(Kind.MILESTONE, named, told, row.due_on, places)


def _proofs(seat: Seat) -> Iterator[Exceptional]:
    said = SignOff.objects.filter(
        transfer=OuterRef("pk"), subject=SignOffSubject.PROOF, digest=OuterRef("proof__digest")
    ).exclude(decision=Decision.OBJECTS)
    rows = Transfer.objects.filter(
        programme__in=list(seat.programmes), state=TransferState.EXECUTED, proof__isnull=False
    ).annotate(
        signed=ArraySubquery(said.order_by("id").values("organisation_id")), made_at=F("proof__made_at")
    )
    for row in rows.select_related("giver", "receiver").order_by("id"):
        missing = [side.name for side in (row.giver, row.receiver) if side.pk not in row.signed]
        if not missing:
            continue
        named = seat.programmes[row.programme_id].named
        about = {"transfer": row.title, "day": day(row.made_at), "missing": ", ".join(missing)}
        if len(missing) > 1:
            told = _("The proof of “%(transfer)s” of %(day)s waits for the signatures of %(missing)s.")
        else:
            told = _("The proof of “%(transfer)s” of %(day)s waits for the signature of %(missing)s.")
        since = row.made_at.astimezone(clock.HOUSE_ZONE).date()
        places = pages_of(programme=named.uuid, transfer=row.uuid)
        yield Exceptional(Kind.PROOF, named, told % about, since, places)


def _acts(seat: Seat, today: dt.date) -> Iterator[Exceptional]:
    """Tell the acts that are over or were undone, while something still rests on them."""
    cited = Q(Exists(TransferMilestone.objects.filter(legal_act=OuterRef("pk"))))
    for register in RESTING:
        cited |= Q(Exists(register._default_manager.filter(legal_act=OuterRef("pk"))))
    rows = LegalAct.objects.filter(
        cited, Q(status__in=FALLEN) | Q(in_force_to__lt=today), programme__in=list(seat.programmes)
    )
    for row in rows.select_related("issuer").order_by("in_force_to", "id"):
        named = seat.programmes[row.programme_id].named
        about = {
            "kind": translated(row.get_kind_display()),
            "number": row.number,
            "issuer": row.issuer.name,
            "status": translated(row.get_status_display()),
            "end": day(row.in_force_to),
        }
        if row.status in FALLEN:
            told = _("Something rests on %(kind)s %(number)s of %(issuer)s, which is %(status)s.") % about
        else:
            told = _("Something rests on %(kind)s %(number)s of %(issuer)s, which ended on %(end)s.") % about
        places = (("registers", (named.uuid,)), *pages_of(programme=named.uuid))
        yield Exceptional(Kind.ACT, named, told, row.in_force_to, places)


def _of_people(seat: Seat) -> Iterator[Exceptional]:
    for programme, name, organisation, what, code, reason, ends_at in _grants(seat.programmes):
        named = seat.programmes[programme].named
        about = {
            "person": name,
            "organisation": organisation,
            "may": translated(Permission(code).help),
            "where": what or _("the whole programme"),
            "reason": reason,
        }
        told = (
            _("%(person)s (%(organisation)s) holds an exception for %(where)s: %(may)s. Reason: %(reason)s.")
            % about
        )
        if ends_at is not None:
            told = f"{told} {_('It ends on %(day)s.') % {'day': day(ends_at)}}"
        places = (("programme-people", (named.uuid,)), *pages_of(programme=named.uuid))
        yield Exceptional(Kind.EXCEPTION, named, told, None, places)


def _grants(programmes: Iterable[int]) -> list[tuple[Any, ...]]:
    """Read the single people's exceptions that hold now, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT g.programme_id, u.display_name, h.name, '' AS what, p.codename, g.reason, g.expires_at
              FROM handover_programmeusergrant g JOIN handover_user u ON u.id = g.user_id
              JOIN handover_organisation h ON h.id = g.organisation_id
              JOIN auth_permission p ON p.id = g.permission_id
             WHERE g.programme_id = ANY (%(programmes)s) AND (g.expires_at IS NULL OR g.expires_at > %(now)s)
            UNION ALL
            SELECT g.programme_id, u.display_name, h.name, o.title, p.codename, g.reason, g.expires_at
              FROM handover_responsibilityusergrant g JOIN handover_user u ON u.id = g.user_id
              JOIN handover_organisation h ON h.id = g.organisation_id
              JOIN handover_responsibility o ON o.id = g.responsibility_id
              JOIN auth_permission p ON p.id = g.permission_id
             WHERE g.programme_id = ANY (%(programmes)s) AND (g.expires_at IS NULL OR g.expires_at > %(now)s)
             ORDER BY 1, 7, 2, 5
            """,
            {"programmes": list(programmes), "now": clock.now()},
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
