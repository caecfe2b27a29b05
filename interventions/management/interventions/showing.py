"""Telling interventions and services: lines for people, documents for machines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from handover.access import asking
from handover.canonical import decimal_text
from handover.management.base import Call, Told
from handover.models import Programme
from handover.narratives import best
from handover.terminal import fitted
from interventions.models import Delivery, Field, Intervention, Service, Volunteering
from interventions.queries import changes, services
from interventions.queries import interventions as reading
from interventions.queries.changes import Change
from interventions.queries.interventions import About
from interventions.queries.services import ServiceLine


def intervention_document(row: Intervention) -> dict[str, Any]:
    """Give an intervention for machines."""
    return {
        "uuid": row.uuid,
        "title": row.title,
        "description": row.description,
        "field": row.field,
        "also_in": row.also_in,
        "strand": row.strand,
        "audience": row.audience,
        "responsibility": row.responsibility.uuid if row.responsibility else None,
        "place": row.place.uuid if row.place else None,
        "from": row.starts_on,
        "to": row.ends_on,
        "effort": row.effort,
        "version": row.version,
    }


def service_document(item: ServiceLine) -> dict[str, Any]:
    """Give a service for machines, with what it delivered."""
    row, last = item.service, item.last
    return {
        "uuid": row.uuid,
        "intervention": row.intervention.uuid,
        "kind": row.kind,
        "title": row.title,
        "unit": row.unit,
        "planned": row.planned,
        "needs_licence": row.needs_licence,
        "licence": row.licence.uuid if row.licence else None,
        "licence_until": item.licence_until,
        "place": row.place.uuid if row.place else None,
        "from": row.starts_on,
        "to": row.ends_on,
        "started_on": row.started_on,
        "version": row.version,
        "delivered": {"quantity": item.quantity, "periods": item.periods},
        "last": {
            "from": last.starts_on,
            "to": last.ends_on,
            "quantity": last.quantity,
            "children": last.children,
            "adults": last.adults,
            "age_unknown": last.age_unknown,
        }
        if last
        else None,
    }


def about_document(about: About) -> dict[str, Any]:
    """Give an intervention with everything that hangs on it."""
    return {
        **intervention_document(about.intervention),
        "needs": [{"uuid": need.uuid, "title": need.title} for need in about.needs],
        "after": [
            {"uuid": link.after.uuid, "title": link.after.title, "reason": link.reason}
            for link in about.after
        ],
        "before": [
            {"uuid": link.intervention.uuid, "title": link.intervention.title} for link in about.before
        ],
        "groups": [
            {
                "uuid": row.uuid,
                "title": row.title,
                "people": row.people,
                "source": row.source,
                "as_of": row.as_of,
            }
            for row in about.groups
        ],
        "places": [{"uuid": link.place.uuid, "name": link.place.name} for link in about.places],
        "partners": [
            {
                "uuid": row.uuid,
                "organisation": row.organisation.uuid if row.organisation else None,
                "name": str(row),
                "brings": row.brings,
                "agreement": row.agreement.uuid if row.agreement else None,
                "from": row.starts_on,
                "to": row.ends_on,
            }
            for row in about.partners
        ],
        "services": [service_document(item) for item in about.services],
        "volunteering": [_volunteering(row) for row in about.volunteering],
    }


def change_document(item: Change) -> dict[str, Any]:
    """Give a change for machines."""
    return {
        "uuid": item.row.uuid,
        "intervention": item.intervention.uuid,
        "at": item.at,
        "by": item.by,
        "organisation": item.organisation,
        "fields": [{"field": row.field, "before": row.before, "after": row.after} for row in item.fields],
        "reason": item.reason,
        "consultation": item.consultation.uuid if item.consultation else None,
    }


def delivery_document(row: Delivery) -> dict[str, Any]:
    """Give a delivery for machines."""
    return {
        "uuid": row.uuid,
        "from": row.starts_on,
        "to": row.ends_on,
        "quantity": row.quantity,
        "children": row.children,
        "adults": row.adults,
        "age_unknown": row.age_unknown,
        "place": row.place.uuid if row.place else None,
        "source": row.source,
        "note": row.note,
        "version": row.version,
    }


def _volunteering(row: Volunteering) -> dict[str, Any]:
    return {
        "uuid": row.uuid,
        "from": row.starts_on,
        "to": row.ends_on,
        "young": row.young,
        "others": row.others,
        "hours": row.hours,
        "training_hours": row.training_hours,
        "place": row.place.uuid if row.place else None,
        "source": row.source,
        "version": row.version,
    }


def told(call: Call, uuid: UUID, done: str) -> Told:
    """Tell what was done, and how the intervention stands now."""
    with asking(call.by):
        about = reading.about(_fetched(uuid))
        document = about_document(about)
        lines = [done, *(f"  {line}" for line in about_lines(about))]
    return Told({"done": done, "intervention": document}, [*fitted(lines)])


def shown(intervention: Intervention, *, cutoff: dt.datetime | None) -> Told:
    """Tell an intervention with everything that hangs on it and its changes, inside ``asking``."""
    about = reading.about(_fetched(intervention.uuid))
    found = changes.history(intervention.programme, intervention, cutoff=cutoff)
    lines = list(about_lines(about))
    if found:
        lines += ["", "Changes", *(f"  {line}" for line in changes.lines(found))]
    return Told(
        {"intervention": about_document(about), "changes": [change_document(item) for item in found]},
        [*fitted(lines)],
    )


def _fetched(uuid: UUID) -> Intervention:
    return Intervention.objects.select_related("programme", "place", "responsibility").get(uuid=uuid)


def about_lines(about: About, lang: str = "en") -> Iterator[str]:
    """Tell an intervention with everything that hangs on it."""
    row = about.intervention
    yield best(row.title, lang)
    yield f"  intervention {row.uuid}"
    fields = [row.get_field_display(), *(str(Field(item).label) for item in row.also_in)]
    yield f"  {', '.join(fields)}; for {row.get_audience_display()}{_dates(row)}"
    places = [*([row.place.name] if row.place else []), *(link.place.name for link in about.places)]
    yield from _labelled("in", places)
    yield from _labelled("answers", [best(need.title, lang) for need in about.needs])
    yield from _labelled("after", [_after(str(link.after), link.reason) for link in about.after])
    yield from _labelled("before", [str(link.intervention) for link in about.before])
    for group in about.groups:
        people = f", {group.people} people ({group.source})" if group.people is not None else ""
        yield f"  for {best(group.title, lang)}{people}"
    for partner in about.partners:
        agreement = f" (agreement {partner.agreement.number})" if partner.agreement else ""
        yield f"  with {partner}: {partner.brings}{agreement}"
    for item in about.services:
        yield f"  {services.told(item, lang)}"
    for row_of in about.volunteering:
        yield f"  {_volunteers(row_of)}"


def _labelled(label: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        yield f"  {label} {'; '.join(items)}"


def _after(title: str, reason: str) -> str:
    return f"{title} ({reason})" if reason else title


def _dates(row: Intervention) -> str:
    if not (row.starts_on or row.ends_on):
        return ""
    return f"; {row.starts_on or '…'} to {row.ends_on or '…'}"


def _volunteers(row: Volunteering) -> str:
    where = f", {row.place.name}" if row.place else ""
    return (
        f"volunteers {row.starts_on} to {row.ends_on}{where}: {row.young} under 30, {row.others} others, "
        f"{decimal_text(row.hours)} hours, {decimal_text(row.training_hours)} of training"
    )


def delivery_lines(rows: Iterable[Delivery], unit: str) -> Iterator[str]:
    """Tell what a service delivered, a line a period and place."""
    for row in rows:
        where = f", {row.place.name}" if row.place else ""
        unknown = f", {row.age_unknown} of unknown age" if row.age_unknown else ""
        yield (
            f"{row.starts_on} to {row.ends_on}{where}: {decimal_text(row.quantity)} {unit}; "
            f"{row.children} children, {row.adults} adults{unknown}"
        )


def service_told(call: Call, service: Service, done: str) -> Told:
    """Tell what was done, and how the service stands now."""
    with asking(call.by):
        (item,) = [
            line for line in services.of(service.programme, service.intervention) if line.service == service
        ]
        document = service_document(item)
        lines = [done, *(f"  {line}" for line in service_lines(item))]
    return Told({"done": done, "service": document}, [*fitted(lines)])


def service_lines(item: ServiceLine) -> Iterator[str]:
    """Tell a service in two lines."""
    yield services.told(item)
    yield f"  service {item.service.uuid} of “{item.service.intervention}”"


def listing(programme: Programme) -> Told:
    """Tell the interventions of a programme field by field, inside ``asking``."""
    answered, first = reading.answers(programme), reading.dependencies(programme)
    fields = reading.by_field(programme)
    titles = {row.pk: str(row) for work in fields for row in work.interventions}
    lines = []
    for work in fields:
        lines.append(work.field.label.capitalize())
        for row in work.interventions:
            facts = [_count(len(answered.get(row.pk, ())), "need")]
            facts += [f"after {titles[key]}" for key in first.get(row.pk, ())]
            lines.append(f"  {str(row.uuid)[:8]}  {row}: {', '.join(facts)}")
    rows = [row for work in fields for row in work.interventions]
    return Told(
        {"interventions": [intervention_document(row) for row in rows]},
        [*fitted(lines)] or ["There are no interventions yet."],
    )


def _count(number: int, what: str) -> str:
    return (
        f"answers {number} {what}"
        if number == 1
        else f"answers {number} {what}s"
        if number
        else "answers no need yet"
    )
