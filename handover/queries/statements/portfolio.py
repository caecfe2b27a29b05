"""All programmes after their handovers, by whoever answers for them now: what a donor reads across municipalities.

Figures of people stand in it only withheld where they are small: it is made to be passed on. Of a programme that is
seen only as it stood once nothing is told: what came later is not known there.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from django.db.models import Count, Min, Q

from handover import clock, holdings
from handover.access import Actor
from handover.models import AuditFinding, Organisation, Programme, SustainabilityCheck, Transfer
from handover.models.audits import FindingState, Severity
from handover.models.checks import CheckState
from handover.models.transfers import TransferState
from handover.queries import undertakings
from handover.queries.checks import after_handovers, counts
from handover.queries.paper_facts import day_of
from handover.queries.seats import Reached, Seat, seat_of
from handover.queries.sustained import Part, Warns
from handover.queries.undertakings import YearState

VERSION: Final = 1
KIND: Final = "after_handovers"
YEARS: Final = 6
"""So many calendar years, the running one last, of which people's counts are told."""
WARNING: Final = (Warns.BELOW, Warns.FALLS, Warns.MAY_FALL)


@dataclass
class Stood:
    """How one programme stands after its handover."""

    here: Reached
    steward: Organisation
    handed_over_on: dt.date | None
    held: int = 0
    overdue: int = 0
    next_due_on: dt.date | None = None
    last: SustainabilityCheck | None = None
    promised: Counter[str] = field(default_factory=Counter)
    """Undertakings by the state of their last year."""
    findings: Counter[str] = field(default_factory=Counter)
    """Open findings by severity."""
    silent_days: int | None = None

    @property
    def score(self) -> Decimal | None:
        """Give the score of the last check that was held."""
        return self.last.score if self.last else None

    @property
    def parts(self) -> Mapping[str, Decimal]:
        """Give the parts of that check which were known."""
        told = self.last.result.get("parts", ()) if self.last else ()
        return {part["part"]: Decimal(part["score"]) for part in told if part["score"] is not None}

    @property
    def warnings(self) -> int:
        """Count the early warnings of that check."""
        told = self.last.result.get("warnings", ()) if self.last else ()
        return sum(item["warns"] in WARNING for item in told)


def facts(actor: Actor) -> dict[str, Any]:
    """Give the view over all handovers that an actor may read, inside ``access.asking``.

    It takes as many queries however many programmes there are.
    """
    seat = seat_of(actor)
    stood = _stood(seat)
    by_steward: dict[int, list[Stood]] = {}
    for item in stood:
        by_steward.setdefault(item.steward.pk, []).append(item)
    groups = sorted(by_steward.values(), key=lambda items: (items[0].steward.name, items[0].steward.pk))
    return {
        "v": VERSION,
        "statement": KIND,
        "on": clock.today(),
        "organisation": {"uuid": actor.organisation.uuid, "name": actor.organisation.name},
        "programmes": [_programme(item) for item in stood],
        "municipalities": [{**_who(items[0].steward), **_together(items)} for items in groups],
        "together": _together(stood),
        "people": _people(stood, actor),
        "ended": sum(here.cutoff is not None for here in seat.programmes.values()),
    }


def _stood(seat: Seat) -> list[Stood]:
    """Read what is told of each programme, in six queries."""
    seen = [key for key, here in seat.programmes.items() if here.cutoff is None]
    executed = Transfer.objects.filter(
        programme__in=seen, state=TransferState.EXECUTED, reverses__isnull=True, lead=True
    )
    first = dict(executed.values_list("programme").annotate(at=Min("executed_at")).order_by())
    rows = Programme.objects.filter(pk__in=first).select_related("steward")
    found = {
        row.pk: Stood(seat.programmes[row.pk], row.steward, day_of(first[row.pk]))
        for row in rows.order_by("identifier", "id")
    }
    _checked(found)
    for told in undertakings.of_programmes(found):
        found[told.row.programme_id].promised[told.state.value] += 1
    open_findings = AuditFinding.objects.filter(programme__in=found).exclude(
        state__in=(FindingState.DRAFT, FindingState.CLOSED)
    )
    for programme, severity, count in open_findings.values_list("programme", "severity").annotate(
        Count("pk")
    ):
        found[programme].findings[severity] += count
    for kept in after_handovers(found):
        found[kept.programme].silent_days = kept.days if kept.silent else None
    return list(found.values())


def _checked(found: Mapping[int, Stood]) -> None:
    """Add the checks: how many were held and are late, which is next, and the last one that was held."""
    today = clock.today()
    rows = SustainabilityCheck.objects.filter(counts(), programme__in=found)
    planned = Q(state=CheckState.PLANNED)
    told = rows.values("programme").annotate(
        held=Count("pk", filter=Q(state=CheckState.HELD)),
        overdue=Count("pk", filter=planned & Q(due_on__lt=today)),
        next=Min("due_on", filter=planned & Q(due_on__gte=today)),
    )
    for row in told.order_by():
        one = found[row["programme"]]
        one.held, one.overdue, one.next_due_on = row["held"], row["overdue"], row["next"]
    held = rows.filter(state=CheckState.HELD).order_by("programme_id", "-held_at", "-pk")
    for check in held.distinct("programme_id"):
        found[check.programme_id].last = check


def _who(organisation: Organisation) -> dict[str, Any]:
    return {"uuid": organisation.uuid, "name": organisation.name, "country": organisation.country}


def _programme(item: Stood) -> dict[str, Any]:
    named = item.here.named
    return {
        "uuid": named.uuid,
        "identifier": named.identifier,
        "title": list(named.title),
        "steward": item.steward.name,
        "handed_over_on": item.handed_over_on,
        "next_due_on": item.next_due_on,
        "last": None
        if item.last is None
        else {"months": item.last.months, "held_on": day_of(item.last.held_at), "digest": item.last.digest},
        "silent_days": item.silent_days,
        **_counts([item]),
        "score": item.score,
        "parts": {part.value: item.parts.get(part.value) for part in Part},
    }


def _together(items: Sequence[Stood]) -> dict[str, Any]:
    """Add programmes up: counts are counts, scores are means over the programmes that have one."""
    scores = [item.score for item in items if item.score is not None]
    return {
        "programmes": len(items),
        "scored": len(scores),
        "silent": sum(item.silent_days is not None for item in items),
        **_counts(items),
        "score": _mean(scores),
        "parts": {
            part.value: _mean([item.parts[part.value] for item in items if part.value in item.parts])
            for part in Part
        },
    }


def _counts(items: Iterable[Stood]) -> dict[str, Any]:
    found = list(items)
    promised: Counter[str] = sum((item.promised for item in found), Counter())
    findings: Counter[str] = sum((item.findings for item in found), Counter())
    return {
        "held": sum(item.held for item in found),
        "overdue": sum(item.overdue for item in found),
        "warnings": sum(item.warnings for item in found),
        "undertakings": {state.value: promised[state.value] for state in YearState},
        "findings": {severity.value: findings[severity.value] for severity in Severity},
    }


def _mean(scores: Sequence[Decimal]) -> Decimal | None:
    """Give the mean to one place; nothing where there is none."""
    if not scores:
        return None
    exact = sum(map(Fraction, scores), Fraction()) / len(scores)
    return Decimal(round(exact * 10)).scaleb(-1)


def _people(stood: Sequence[Stood], actor: Actor) -> list[dict[str, Any]]:
    """Give counts of people by code, organisation and year; the strictest threshold of all that are concerned holds."""
    if not stood:
        return []
    stewards = {item.steward.pk: item.steward for item in stood}
    threshold = max(
        actor.organisation.small_cells_up_to, *(row.small_cells_up_to for row in stewards.values())
    )
    last = clock.today().year
    by_programme = {item.here.id: item.steward.pk for item in stood}
    years = range(last - YEARS + 1, last + 1)
    return [
        {
            "code": told.code,
            "title": list(told.title),
            "unit": told.unit,
            "years": list(told.years),
            "threshold": threshold,
            "rows": [
                {"uuid": stewards[key].uuid, "name": stewards[key].name, "figures": list(figures)}
                for key, figures in sorted(told.figures.items(), key=lambda item: stewards[item[0]].name)
            ],
            "totals": list(told.totals),
        }
        for holding in holdings.holdings()
        for told in holding.across(by_programme, years, threshold=threshold)
    ]
