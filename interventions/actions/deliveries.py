"""Deliveries: what a service delivered in a period at a place, and whom it reached, as counts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

from handover import ledger
from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid, NotFound
from interventions.actions import changes as kept
from interventions.actions import entries, parts, periods
from interventions.actions.entries import Entry
from interventions.models import Delivery, Service


class DeliveryEntry(TypedDict, total=False):
    """What was delivered: ``quantity`` in the service's unit; children (under 18) and adults counted apart."""

    starts_on: dt.date
    ends_on: dt.date
    quantity: Decimal | str | int
    children: int
    adults: int
    age_unknown: int
    place: UUID | None
    source: str
    note: str


FIELDS: Final = frozenset(DeliveryEntry.__annotations__)
COUNTS: Final = ("quantity", "children", "adults", "age_unknown")


@action
def deliver(*, by: Actor, service_uuid: UUID, **entry: Unpack[DeliveryEntry]) -> Delivery:
    """Enter what a service delivered in a period. Without a place it is the service's whole area.

    Raises:
        NotFound, NotAllowed: the actor may not change its intervention.
        Invalid: the service has not started, or had not by the end of the period; a count below zero; a period that
            is ahead, the wrong way round, or overlaps another of the same service and place.
    """
    entries.only(entry, FIELDS)
    service = parts.fetch(by, Service, service_uuid, what="service")
    parts.lock(service)
    row = build(service, entry)
    periods.alone(row, Delivery.objects.filter(service=service), of=service)
    row.save()
    ledger.record(
        verb="service.delivered",
        by=by,
        programme=service.programme,
        subject=row.uuid,
        data=entries.facts({"service": service, **_told(row)}),
    )
    return row


@action
def correct(
    *, by: Actor, delivery_uuid: UUID, version: int, reason: str, **changes: Unpack[DeliveryEntry]
) -> Delivery:
    """Correct what was entered, and say why. The ledger keeps what stood there.

    Raises:
        NotFound, NotAllowed: the actor may not change its intervention.
        Stale: somebody else was quicker.
        Invalid: no reason, or as for ``deliver``.
    """
    entries.only(changes, FIELDS)
    row = _fetch(by, delivery_uuid)
    why = kept.why(row.service.intervention, reason)
    parts.lock(row.service)
    before = {name: getattr(row, name) for name in changes}
    values = entries.put(row, _columns(row.service, changes))
    _check_together(row)
    periods.alone(row, Delivery.objects.filter(service=row.service), of=row.service)
    return periods.corrected(
        row, version, values, before, why, of=row.service, by=by, verb="delivery.corrected"
    )


def build(
    service: Service, entry: Entry, references: entries.References | None = None, *, at: str = ""
) -> Delivery:
    """Make a delivery of what was entered, checked by itself and not yet saved.

    Raises:
        Invalid: as for ``deliver``, but for overlaps.
    """
    entries.only(entry, FIELDS, at=at)
    row = Delivery(
        programme=service.programme, service=service, **_columns(service, entry, references, at=at)
    )
    entries.check(row, at=at)
    _check_together(row, at=at)
    return row


def _fetch(by: Actor, key: UUID) -> Delivery:
    among = Delivery.objects.select_related(
        "programme", "place", "service__programme", "service__intervention__responsibility"
    )
    found = among.filter(uuid=key).order_by("id").first()
    if found is None:
        raise NotFound("delivery")
    entries.ask(by, found.programme, [found.service.intervention.responsibility], may=parts.MAY)
    return found


def _columns(
    service: Service, entry: Entry, references: entries.References | None = None, *, at: str = ""
) -> dict[str, Any]:
    entries.amounts(entry, COUNTS, at=at)
    return entries.columns(entry, references or entries.References(service.programme, [entry]), at=at)


def _check_together(row: Delivery, *, at: str = "") -> None:
    service = row.service
    periods.check(row, at=at)
    if service.started_on is None:
        sentence = f"“{service}” has not started: start it first."
        raise Invalid("not_started", sentence, field=f"{at}service")
    if row.ends_on < service.started_on:
        sentence = (
            f"“{service}” started on {service.started_on}, after {row.ends_on}: nothing was delivered before."
        )
        raise Invalid("before_the_start", sentence, field=f"{at}ends_on")
    if service.ends_on and row.starts_on > service.ends_on:
        sentence = (
            f"“{service}” ended on {service.ends_on}, before {row.starts_on}: nothing was delivered after."
        )
        raise Invalid("after_the_end", sentence, field=f"{at}starts_on")


def _told(row: Delivery) -> dict[str, Any]:
    return {name: getattr(row, name) for name in DeliveryEntry.__annotations__}
