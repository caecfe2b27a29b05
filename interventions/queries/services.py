"""Services of a programme: what they delivered, whose licence runs out, what has not started."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from handover import clock
from handover.canonical import decimal_text
from handover.holdings import Finding
from handover.models import Programme
from handover.narratives import best
from interventions.models import (
    Delivery,
    Intervention,
    InterventionDependency,
    InterventionPartner,
    Service,
    Volunteering,
)

SOON: Final = dt.timedelta(days=90)
"""How long before its last day a licence is called to mind: a renewal takes about that long."""


@dataclass(frozen=True)
class Reached:
    """Whom a service reached in one period, all places together; the same persons come again in the next period."""

    starts_on: dt.date
    ends_on: dt.date
    quantity: Decimal
    children: int
    adults: int
    age_unknown: int

    def people(self) -> str:
        """Write the counts, children and adults apart."""
        counts = [f"{self.children} children", f"{self.adults} adults"]
        return ", ".join([*counts, *([f"{self.age_unknown} of unknown age"] if self.age_unknown else [])])


@dataclass(frozen=True)
class ServiceLine:
    """A service with what it delivered: the quantity of all periods, and the last period by itself."""

    service: Service
    quantity: Decimal
    periods: int
    last: Reached | None

    @property
    def licence_until(self) -> dt.date | None:
        """The last day of its licence, where it has one that ends."""
        return self.service.licence.valid_to if self.service.licence else None


def of(programme: Programme, intervention: Intervention | None = None) -> list[ServiceLine]:
    """Give the services of a programme, or of one intervention, with what they delivered, in two queries."""
    services = Service.objects.filter(programme=programme).select_related("intervention", "licence", "place")
    deliveries = Delivery.objects.filter(programme=programme)
    if intervention is not None:
        services = services.filter(intervention=intervention)
        deliveries = deliveries.filter(service__intervention=intervention)
    by_service: dict[int, list[Delivery]] = {}
    for row in deliveries.order_by("starts_on", "ends_on", "id"):
        by_service.setdefault(row.service_id, []).append(row)
    return [_line(row, by_service.get(row.pk, [])) for row in services.order_by("intervention_id", "id")]


def _line(service: Service, rows: Sequence[Delivery]) -> ServiceLine:
    spans = {(row.starts_on, row.ends_on) for row in rows}
    last = max(spans, key=lambda span: (span[1], span[0]), default=None)
    return ServiceLine(
        service=service,
        quantity=sum((row.quantity for row in rows), Decimal(0)),
        periods=len(spans),
        last=_reached(last, rows) if last else None,
    )


def _reached(span: tuple[dt.date, dt.date], rows: Iterable[Delivery]) -> Reached:
    within = [row for row in rows if (row.starts_on, row.ends_on) == span]
    return Reached(
        starts_on=span[0],
        ends_on=span[1],
        quantity=sum((row.quantity for row in within), Decimal(0)),
        children=sum(row.children for row in within),
        adults=sum(row.adults for row in within),
        age_unknown=sum(row.age_unknown for row in within),
    )


def deliveries(service: Service) -> list[Delivery]:
    """Give what a service delivered, oldest period first."""
    return list(Delivery.objects.filter(service=service).select_related("place"))


def unstarted(intervention: Intervention, day: dt.date) -> list[Intervention]:
    """Give the interventions that come before one and had not begun by a day: by their date, or by a service."""
    links = InterventionDependency.objects.filter(intervention=intervention)
    return [link.after for link in _waiting(links, day)]


def _waiting(links: QuerySet[InterventionDependency], day: dt.date) -> list[InterventionDependency]:
    running = Service.objects.filter(intervention=OuterRef("after"), started_on__lte=day)
    open_links = links.exclude(after__starts_on__lte=day).exclude(Exists(running))
    return list(open_links.select_related("intervention", "after").order_by("id"))


def health(programme: Programme) -> Iterator[Finding]:
    """Name what is not well with services, each with its path, in a constant number of queries."""
    today = clock.today()
    running = Q(started_on__isnull=False) & (Q(ends_on__isnull=True) | Q(ends_on__gte=today))
    rows = Service.objects.filter(programme=programme).select_related("intervention", "licence")
    for row in rows.filter(running, needs_licence=True).order_by("id"):
        yield from _licence(row, today)
    for row in rows.filter(started_on__isnull=True, starts_on__lt=today).order_by("id"):
        yield Finding(
            "start_overdue",
            f"{_path(row)}: was to start on {row.starts_on} and nobody said that it did.",
            str(row.uuid),
        )
    for link in _waiting(_of_running(programme), today):
        yield Finding(
            "waits_for_intervention",
            f"{link.intervention}: its services run, but it comes after {link.after}, which has not begun.",
            str(link.intervention.uuid),
        )
    yield from _agreements(programme, today)


def _of_running(programme: Programme) -> QuerySet[InterventionDependency]:
    started = Service.objects.filter(intervention=OuterRef("intervention"), started_on__isnull=False)
    return InterventionDependency.objects.filter(Exists(started), programme=programme)


def _licence(row: Service, today: dt.date) -> Iterator[Finding]:
    licence = row.licence
    until = licence.valid_to if licence else None
    if licence is None or until is None or until > today + SOON:
        return
    if until < today:
        sentence = f"{_path(row)}: licence {licence.number} expired on {until} and the service still runs."
        yield Finding("licence_expired", sentence, str(row.uuid))
    else:
        left = (until - today).days
        sentence = f"{_path(row)}: licence {licence.number} expires on {until}, in {left} days."
        yield Finding("licence_expires", sentence, str(row.uuid))


def _agreements(programme: Programme, today: dt.date) -> Iterator[Finding]:
    rows = InterventionPartner.objects.filter(programme=programme, agreement__valid_to__lt=today)
    still = rows.exclude(ends_on__lt=today).select_related("intervention", "agreement", "organisation")
    for row in still.order_by("id"):
        if row.agreement:
            yield Finding(
                "agreement_ended",
                f"{row.intervention} › {row}: agreement {row.agreement.number} ended on {row.agreement.valid_to}.",
                str(row.uuid),
            )


def lines(programme: Programme, *, lang: str = "en") -> Iterator[str]:
    """Tell services below their intervention, and volunteers by year, in three queries."""
    shown: int | None = None
    for item in of(programme):
        if item.service.intervention_id != shown:
            shown = item.service.intervention_id
            yield best(item.service.intervention.title, lang)
        yield f"  {told(item, lang)}"
    yield from _volunteers(programme)


def chapter(programme: Programme, *, lang: str = "en") -> list[str]:
    """Tell what services delivered in their last period beside what was planned for a quarter."""
    found = []
    for item in of(programme):
        if item.last is None:
            continue
        planned = item.service.planned
        beside = f" of {decimal_text(planned)}" if planned is not None and _is_quarter(item.last) else ""
        what = f"{decimal_text(item.last.quantity)}{beside} {item.service.unit}"
        found.append(f"{best(item.service.title, lang)}: {what}")
        found.append(f"  {item.last.starts_on} to {item.last.ends_on}; reached {item.last.people()}")
    return [*found, *_volunteers(programme)]


def told(item: ServiceLine, lang: str = "en") -> str:
    """Tell a service in a line: what it is, what it delivered in all, its licence."""
    row = item.service
    facts = [row.get_kind_display(), *([row.place.name] if row.place else [])]
    head = f"{best(row.title, lang)} ({', '.join(facts)})"
    if row.started_on is None:
        return f"{head}: not started{_needs(row)}"
    if item.last is None:
        return f"{head}: since {row.started_on}, nothing delivered yet{_needs(row)}"
    many = "1 period" if item.periods == 1 else f"{item.periods} periods"
    return f"{head}: {decimal_text(item.quantity)} {row.unit} in {many}{_needs(row)}"


def _needs(row: Service) -> str:
    if row.licence is not None:
        until = f" until {row.licence.valid_to}" if row.licence.valid_to else ""
        return f"; licence {row.licence.number}{until}"
    return "; needs a licence" if row.needs_licence else ""


def _volunteers(programme: Programme) -> Iterator[str]:
    """Tell volunteers by year: the most at work in one period, not their sum, for they come again."""
    rows = list(Volunteering.objects.filter(programme=programme).order_by("starts_on", "id"))
    for year in sorted({row.starts_on.year for row in rows}):
        of_year = [row for row in rows if row.starts_on.year == year]
        spans: dict[tuple[dt.date, dt.date], list[Volunteering]] = {}
        for row in of_year:
            spans.setdefault((row.starts_on, row.ends_on), []).append(row)
        busiest = max(spans.values(), key=lambda found: sum(row.young + row.others for row in found))
        young, others = sum(row.young for row in busiest), sum(row.others for row in busiest)
        hours = sum((row.hours for row in of_year), Decimal(0))
        trained = sum((row.training_hours for row in of_year), Decimal(0))
        yield (
            f"Volunteers {year}: up to {young + others} in a period, {young} of them under 30; "
            f"{decimal_text(hours)} hours, {decimal_text(trained)} of training"
        )


def _is_quarter(span: Reached) -> bool:
    first, last = span.starts_on, span.ends_on
    following = last + dt.timedelta(days=1)
    months = (following.year - first.year) * 12 + following.month - first.month
    return first.day == following.day == 1 and first.month % 3 == 1 and months == 3


def _path(row: Service) -> str:
    return f"{row.intervention} › {row}"
