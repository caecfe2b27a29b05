"""The frame around the results: who reports, who reported before, and what the programme says of itself.

Whatever nobody changed comes out as it came in. When the steward has changed, reporting-org is the present
steward and each former one becomes an other-identifier of type B1 (code list OtherIdentifierType: previous
reporting organisation identifier); iati-identifier never changes. Source: IATI standard 2.03, reporting-org
and other-identifier.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from handover.errors import Invalid
from handover.models import Organisation, Place, Programme, Standing
from handover.models.programmes import ProgrammeStatus
from handover.permissions import StandingKind
from indicators.exchange.iati.columns import narrated, text_of
from indicators.exchange.iati.reading import parse
from indicators.exchange.iati.tree import Child, Code, Day, Narrative, Node, Part, Text
from indicators.exchange.iati.writing import xml_of
from indicators.models import ActivityRecord

NARRATIVES = Child("narratives", "narrative", Narrative, many=True)
PREVIOUS_REPORTER = "B1"
IMPLEMENTING = "4"
IMPLEMENTATION, CLOSED = "2", "4"
# Code list ActivityDateType: actual before planned.
STARTS, ENDS = ("2", "1"), ("4", "3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body(Node):
    """An organisation as the standard names it: ref, type, role and narratives."""

    ref: str | None = None
    type: str | None = None
    role: str | None = None
    narratives: tuple[Narrative, ...] = ()

    ATTRIBUTES = {"ref": "ref", "type": "type", "role": "role"}
    CHILDREN = (NARRATIVES,)


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherIdentifier(Node):
    """Another identifier of the activity, or of who reported it before."""

    ref: str | None = None
    type: str | None = None
    owner: Body | None = None

    ATTRIBUTES = {"ref": "ref", "type": "type"}
    CHILDREN = (Child("owner", "owner-org", Body),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityDate(Day):
    """A start or an end, planned or actual."""

    type: str | None = None
    narratives: tuple[Narrative, ...] = ()

    ATTRIBUTES = {"iso_date": "iso-date", "type": "type"}
    CHILDREN = (NARRATIVES,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site(Node):
    """One of the activity's locations."""

    ref: str | None = None
    name: Text | None = None

    ATTRIBUTES = {"ref": "ref"}
    CHILDREN = (Child("name", "name", Text),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier(Node):
    """The activity's identifier."""

    text: str = ""

    CONTENT = "text"


def parts_of(programme: Programme, record: ActivityRecord | None, places: Iterable[Place]) -> list[Part]:
    """Give the children of the activity but its results; ``places`` are those at which values were reported.

    Raises:
        Invalid: ``organisation_without_iati_identifier``: the steward cannot be named as the reporting organisation.
    """
    if record is None:
        parts = _born_here(programme)
    else:
        parts = [Part(item["tag"], item["xml"]) for item in record.parts]
        parts = _edited(programme, parts)
    parts = _reported_by(programme, record, parts)
    known = {parse(part.xml, Site).ref for part in parts if part.tag == "location"}
    sites = {place.code: place for place in places if place.code not in known}
    return parts + [
        _part("location", Site(ref=code, name=_text(place.name))) for code, place in sorted(sites.items())
    ]


def _part(tag: str, node: Node) -> Part:
    return Part(tag, xml_of(tag, node))


def _text(text: str) -> Text:
    return Text(narratives=(Narrative(text=text),))


# --- who reports -------------------------------------------------------------------------------------------------


def _reported_by(programme: Programme, record: ActivityRecord | None, parts: Sequence[Part]) -> list[Part]:
    imported = next((parse(part.xml, Body) for part in parts if part.tag == "reporting-org"), None)
    steward = programme.steward
    author = record.imported_for_id if record is not None and imported is not None else None
    rest = list(parts)
    reporting = imported if steward.pk == author else None
    if reporting is None:
        reporting = _reporting_org(steward)
        rest = [part for part in parts if part.tag != "reporting-org"]
        rest.append(_part("reporting-org", reporting))
    named = {reporting.ref, *(item.ref for item in map(_other, parts) if item.type == PREVIOUS_REPORTER)}
    for former in _former_stewards(programme):
        body = imported if former.pk == author and imported is not None else _body(former)
        if body.ref and body.ref not in named:
            named.add(body.ref)
            rest.append(_part("other-identifier", _previous(body)))
    return rest


def _other(part: Part) -> OtherIdentifier:
    return parse(part.xml, OtherIdentifier) if part.tag == "other-identifier" else OtherIdentifier()


def _previous(body: Body) -> OtherIdentifier:
    owner = Body(ref=body.ref, narratives=body.narratives)
    return OtherIdentifier(ref=body.ref, type=PREVIOUS_REPORTER, owner=owner)


def _former_stewards(programme: Programme) -> list[Organisation]:
    """Give those who were stewards before the present one, first to last, each once."""
    rows = Standing.objects.filter(programme=programme, kind=StandingKind.STEWARD.value)
    stewards = [row.organisation for row in rows.select_related("organisation").order_by("valid__startswith")]
    unique = {steward.pk: steward for steward in stewards if steward.pk != programme.steward_id}
    return list(unique.values())


def _body(organisation: Organisation) -> Body:
    lang = organisation.languages[0] if organisation.languages else None
    return Body(
        ref=organisation.iati_identifier or None,
        type=organisation.iati_type or None,
        narratives=(Narrative(lang=lang, text=organisation.name),),
    )


def _reporting_org(steward: Organisation) -> Body:
    missing = [
        name
        for name, value in (("identifier", steward.iati_identifier), ("organisation type", steward.iati_type))
        if not value
    ]
    if missing:
        raise Invalid(
            "organisation_without_iati_identifier",
            f"{steward.name} has no IATI {' and no '.join(missing)}: the file must name who reports.",
            organisation=steward.slug,
        )
    return _body(steward)


# --- what the programme says of itself ---------------------------------------------------------------------------


def _edited(programme: Programme, parts: Sequence[Part]) -> list[Part]:
    """Carry over what people changed since the import: title, first description, start and end."""
    changed = list(parts)
    for tag, narratives in (("title", programme.title), ("description", programme.description)):
        place = next((at for at, part in enumerate(changed) if part.tag == tag), None)
        before = parse(changed[place].xml, Text) if place is not None else Text()
        text = text_of(narratives)
        if text is None or narrated(before) == narratives:
            continue
        part = _part(tag, replace(before, narratives=text.narratives))
        if place is None:
            changed.append(part)
        else:
            changed[place] = part
    for types, new, date in ((STARTS, "2", programme.starts_on), (ENDS, "3", programme.ends_on)):
        _redate(changed, types, new, date)
    return changed


def _redate(parts: list[Part], types: Sequence[str], new: str, date: dt.date | None) -> None:
    """Let the first activity-date of the first of these types say ``date``, else a new one of type ``new``."""
    dates = {
        at: parse(part.xml, ActivityDate) for at, part in enumerate(parts) if part.tag == "activity-date"
    }
    for kind in types:
        for at, found in dates.items():
            if found.type == kind:
                if date is not None and found.date != date:
                    parts[at] = _part("activity-date", replace(found, iso_date=date.isoformat()))
                return
    if date is not None:
        parts.append(_part("activity-date", ActivityDate(iso_date=date.isoformat(), type=new)))


def _born_here(programme: Programme) -> list[Part]:
    """Give the least that the schema asks of an activity, for a programme that was never imported."""
    title = text_of(programme.title) or _text(programme.identifier)
    steward = _body(programme.steward)
    status = CLOSED if programme.status == ProgrammeStatus.CLOSED else IMPLEMENTATION
    start = programme.starts_on or programme.created_at.date()
    dates: list[tuple[str, dt.date]] = [("2", start)]
    if programme.ends_on:
        dates.append(("3", programme.ends_on))
    nodes: list[tuple[str, Any]] = [
        ("iati-identifier", Identifier(text=programme.identifier)),
        ("title", title),
        ("description", text_of(programme.description) or title),
        ("participating-org", replace(steward, role=IMPLEMENTING)),
        ("activity-status", Code(code=status)),
        *[("activity-date", ActivityDate(iso_date=day.isoformat(), type=kind)) for kind, day in dates],
    ]
    return [_part(tag, node) for tag, node in nodes]
