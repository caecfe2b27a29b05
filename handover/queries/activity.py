"""Activity: what the ledger says happened, in words: in a programme, in an organisation, and lately."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import F, JSONField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast

from handover import access
from handover.access import Actor, Reach
from handover.languages import language, translated
from handover.models import LedgerEntry, Organisation
from handover.narratives import best
from handover.permissions import Permission, Role, StandingKind
from handover.queries import names
from handover.queries.cutoffs import before
from handover.queries.ledger_words import KINDS, OTHER, PHRASES
from handover.queries.seats import Seat
from handover.queries.tasks import Named

PAGE: Final = 25
"""Entries on a page."""
NAMES: Final = ("title", "name", "identifier", "user_name", "organisation_name", "role", "permission", "kind")
"""Where an entry's data names what it is about, the most telling first."""


@dataclass(frozen=True)
class Happened:
    """One entry of the ledger, in words."""

    number: int
    at: dt.datetime
    who: str
    organisation: str
    what: str
    about: str
    programme: str = ""
    programme_uuid: UUID | None = None


@dataclass(frozen=True)
class Activity:
    """A page of what happened, and by which people and kinds it can be narrowed."""

    entries: Sequence[Happened]
    people: Sequence[tuple[str, str]]
    """UUID and name of everybody who did something here."""
    page: int
    pages: int
    total: int


def of_programme(reach: Reach, *, person: str = "", kind: str = "", page: int = 1) -> Activity:
    """Give what happened in a programme, the latest first, up to where the reader's view ends."""
    rows = LedgerEntry.objects.filter(programme_id=reach.programme.pk)
    if reach.cutoff is not None:
        rows = rows.filter(recorded_at__lte=reach.cutoff)
    return _activity(rows, person, kind, page)


def of_organisation(actor: Actor, *, person: str = "", kind: str = "", page: int = 1) -> Activity:
    """Give what happened in the own affairs of an actor's organisation, the latest first."""
    rows = LedgerEntry.objects.filter(organisation_id=actor.organisation.pk)
    return _activity(rows, person, kind, page)


def lately(seat: Seat, *, most: int = 8) -> list[Happened]:
    """Give what happened last in all programmes whose ledger a person may read by a seat."""
    reached = seat.where(Permission.READ_LEDGER)
    if not reached:
        return []
    ends = {key: end for key in reached if (end := seat.programmes[key].cutoff) is not None}
    rows = LedgerEntry.objects.filter(before(ends, "recorded_at"), programme_id__in=reached).order_by(
        "-recorded_at", "-id"
    )
    named = {key: here.named for key, here in seat.programmes.items()}
    beside = RawSQL(names.SPOKEN.format(body="handover_ledgerentry.body"), [])  # noqa: S611
    found = rows.annotate(spoken=Cast(beside, JSONField()))[:most]
    return [_happened(entry, names.spoken(entry.body, entry.spoken), named) for entry in found]


def _activity(rows: QuerySet[LedgerEntry], person: str, kind: str, page: int) -> Activity:
    said = rows.annotate(said=Cast("body", JSONField()))
    people = _people(said)
    if person:
        said = said.filter(said__by__user=person)
    if kind in KINDS:
        nouns = "|".join(sorted(KINDS[kind][1]))
        said = said.filter(Q(said__verb__regex=rf"^({nouns})\."))
    total = said.count()
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    found = said.order_by("-seq")[(page - 1) * PAGE : page * PAGE]
    return Activity(_told(list(found), {}), people, page, pages, total)


def _people(said: Any) -> list[tuple[str, str]]:
    """Give who did something, each by their latest name."""
    by = KeyTransform("by", F("said"))
    rows = (
        said.order_by()
        .annotate(who=KeyTextTransform("user", by), called=KeyTextTransform("user_name", by))
        .values_list("who", "called")
        .distinct()
    )
    copies = {key: name for key, name in rows if key}
    known = names.called(copies.values())
    people = {key: known[name] for key, name in copies.items()}
    return sorted(people.items(), key=lambda item: item[1].casefold())


def told_entry(entry: LedgerEntry, body: Mapping[str, Any]) -> Happened:
    """Tell one entry whose body was read with its names."""
    return _happened(entry, body, {})


def _told(entries: Sequence[LedgerEntry], programmes: Mapping[int, Named]) -> list[Happened]:
    bodies = names.named_all(entry.body for entry in entries)
    return [_happened(entry, body, programmes) for entry, body in zip(entries, bodies, strict=True)]


def _happened(entry: LedgerEntry, body: Mapping[str, Any], programmes: Mapping[int, Named]) -> Happened:
    by = body["by"] or {}
    programme = programmes.get(entry.programme_id or 0)
    return Happened(
        number=entry.seq,
        at=entry.recorded_at,
        who=by.get("user_name", ""),
        organisation=by.get("organisation_name", ""),
        what=translated(PHRASES.get(body["verb"], OTHER)),
        about=_about(body["data"]),
        programme=str(programme) if programme else "",
        programme_uuid=programme.uuid if programme else None,
    )


def _about(data: Mapping[str, Any]) -> str:
    """Name what an entry is about, as far as it says so itself."""
    for name in NAMES:
        value = data.get(name) or (data.get("facts") or {}).get(name)
        if isinstance(value, list) and value and isinstance(value[0], dict) and "text" in value[0]:
            return best(value, language())
        if isinstance(value, str) and value:
            return _word(name, value)
    return ""


def _word(name: str, value: str) -> str:
    """Say the kernel's own codes as their sentences; what people wrote stays as it is."""
    known: dict[str, type[Role | Permission | StandingKind]] = {
        "role": Role,
        "permission": Permission,
        "kind": StandingKind,
    }
    if name not in known:
        return value
    try:
        return translated(known[name](value).help)
    except ValueError:
        return "" if name == "kind" else value


def is_own(actor: Actor, organisation: Organisation) -> bool:
    """Tell whether an organisation's own affairs are open to an actor: to its managers and its auditors."""
    seats = access.seats_now(actor.user).filter(organisation=organisation)
    return (
        actor.organisation == organisation
        and seats.filter(role__in=[Role.MANAGER.value, Role.AUDITOR.value]).exists()
    )
