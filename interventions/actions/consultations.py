"""Consultations: a community was asked. Who came is counts, what came of it is told back."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypedDict, TypeVar, Unpack
from uuid import UUID

from handover import access, clock, ledger
from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid, NotFound
from handover.models import Community, Organisation, Place, Programme
from handover.permissions import Permission
from interventions.actions import entries
from interventions.actions.entries import Text
from interventions.models import AgeBand, Attendance, Consultation, Format, Gender, Need, RaisedBy
from interventions.models.needs import NeedState

RECORD: Final = Permission.RECORD_VOICE
LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
M = TypeVar("M", Place, Organisation)
CLOSED: Final = frozenset({NeedState.MERGED.value, NeedState.SPLIT.value})


class ConsultationEntry(TypedDict, total=False):
    """What can be said of a consultation. References are UUIDs; the facilitator is an organisation or a role."""

    title: Text
    held_on: dt.date
    format: Format | str
    languages: Sequence[str]
    place: UUID | None
    community: UUID | None
    facilitator: UUID | None
    facilitated_by: str
    heard: Text | None


FIELDS: Final = frozenset(ConsultationEntry.__annotations__)
NEEDED: Final = ("title", "held_on", "format", "languages")
"""What every consultation says."""


@dataclass(frozen=True)
class Attended:
    """How many people of one gender and age band came."""

    gender: Gender | str
    age_band: AgeBand | str
    people: int


@action
def record(
    *,
    by: Actor,
    programme_uuid: UUID,
    attendance: Sequence[Attended] = (),
    **entry: Unpack[ConsultationEntry],
) -> Consultation:
    """Record a consultation. Title, day, format and languages are needed. The community's own people may, too.

    Raises:
        NotFound, NotAllowed: the actor may not record the community's voice.
        Invalid: a wrong field, a day to come, a language that is none, a community of another programme, or people
            below zero.
    """
    programme = access.programme_for(by, programme_uuid, may=RECORD)
    entries.only(entry, FIELDS)
    for name in NEEDED:
        if not entry.get(name):
            raise Invalid("field_missing", f"A consultation needs its {name.replace('_', ' ')}.", field=name)
    row = Consultation(programme=programme, **_columns(programme, entry))
    entries.check(row)
    row.save()
    people = _write(row, attendance)
    told = {name: getattr(row, name) for name in sorted(FIELDS)}
    ledger.record(
        verb="consultation.recorded",
        by=by,
        programme=programme,
        subject=row.uuid,
        data={**entries.facts(told), "attendance": people},
    )
    return row


@action
def edit(
    *, by: Actor, consultation_uuid: UUID, version: int, **changes: Unpack[ConsultationEntry]
) -> Consultation:
    """Change what is said of a consultation; what was said before stays in the ledger.

    Raises:
        NotFound, NotAllowed: the actor may not record the community's voice.
        Stale: somebody else was quicker.
        Invalid: as for ``record``.
    """
    row = fetch(by, consultation_uuid)
    entries.only(changes, FIELDS)
    for name in NEEDED:
        if name in changes and not changes[name]:
            raise Invalid("field_missing", f"A consultation needs its {name.replace('_', ' ')}.", field=name)
    before = {name: getattr(row, name) for name in changes}
    values = entries.put(row, _columns(row.programme, changes))
    if row.told_back_on is not None and row.told_back_on < row.held_on:
        raise Invalid("dates_reversed", "The community cannot be told before it was asked.", field="held_on")
    row.change(version=version, **values)
    ledger.record(
        verb="consultation.edited",
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={"version": row.version, "before": entries.facts(before), "after": entries.facts(values)},
    )
    return row


@action
def attend(*, by: Actor, consultation_uuid: UUID, attendance: Sequence[Attended]) -> list[Attendance]:
    """Say how many people came, by gender and age band. Groups that are named replace what was recorded of them.

    Raises:
        NotFound, NotAllowed: the actor may not record the community's voice.
        Invalid: people below zero, a group that is named twice, or one that there is not.
    """
    row = fetch(by, consultation_uuid)
    Consultation.objects.select_for_update().get(pk=row.pk)
    before = _counts(row)
    after = _write(row, attendance)
    ledger.record(
        verb="consultation.attended",
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={"before": before, "after": after},
    )
    return list(row.attendance.order_by("gender", "age_band"))


@action
def raise_needs(*, by: Actor, consultation_uuid: UUID, needs: Sequence[UUID]) -> list[Need]:
    """Say that needs were first raised at a consultation. Whoever may record the community's voice may say so.

    A need that only professionals had named has then been named by both.

    Raises:
        NotFound, NotAllowed: the actor may not record the community's voice.
        Invalid: a need of another programme, one that was merged or split away, or one that another consultation
            raised.
    """
    row = fetch(by, consultation_uuid)
    found = {
        need.uuid: need
        for need in Need.objects.filter(programme=row.programme, uuid__in=list(needs))
        .select_for_update(of=("self",))
        .order_by("id")
    }
    raised = []
    for key in dict.fromkeys(needs):
        need = found.get(key)
        if need is None:
            raise Invalid("unknown_need", f"There is no need {key} in this programme.", field="needs")
        if need.state in CLOSED:
            sentence = f"“{need}” is {need.get_state_display()}: name what came of it."
            raise Invalid("need_closed", sentence, field="needs")
        if need.raised_in_id not in (None, row.pk):
            sentence = f"“{need}” was raised at “{need.raised_in}” already."
            raise Invalid("raised_already", sentence, field="needs")
        changes: dict[str, Any] = {"raised_in": row, "raised_on": row.held_on}
        if need.raised_by == RaisedBy.PROFESSIONALS:
            changes["raised_by"] = RaisedBy.BOTH
        if need.raised_in_id is None:
            need.change(version=need.version, **changes)
        raised.append(need)
    ledger.record(
        verb="consultation.needs_raised",
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={"needs": [{"uuid": need.uuid, "title": str(need), "version": need.version} for need in raised]},
    )
    return raised


@action
def tell_back(*, by: Actor, consultation_uuid: UUID, version: int, told_back_on: dt.date) -> Consultation:
    """Say on which day the community was told what came of what it said.

    Raises:
        NotFound, NotAllowed: the actor may not record the community's voice.
        Stale: somebody else was quicker.
        Invalid: a day to come, or one before the consultation.
    """
    row = fetch(by, consultation_uuid)
    if told_back_on < row.held_on:
        raise Invalid(
            "dates_reversed", "The community cannot be told before it was asked.", field="told_back_on"
        )
    refuse_future(told_back_on, field="told_back_on")
    before = row.told_back_on
    row.change(version=version, told_back_on=told_back_on)
    answered = row.sayings.exclude(outcome="").count()
    ledger.record(
        verb="consultation.told_back",
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={
            "before": before,
            "after": told_back_on,
            "answered": answered,
            "unanswered": row.sayings.count() - answered,
        },
    )
    return row


def fetch(by: Actor, consultation_uuid: UUID) -> Consultation:
    """Fetch a consultation, and ask for recording the community's voice.

    Raises:
        NotFound: there is none, or the actor may not read its programme.
        NotAllowed: the actor may read it, and may not do this.
    """
    found = (
        Consultation.objects.select_related("programme").filter(uuid=consultation_uuid).order_by("id").first()
    )
    if found is None:
        raise NotFound("consultation")
    access.authorise(by, found.programme_id, None, may=RECORD)
    # Read again under the lock that asking took: what was read before may be older.
    return Consultation.objects.select_related("programme").get(pk=found.pk)


def refuse_future(day: dt.date, *, field: str) -> None:
    """Refuse a day to come.

    Raises:
        Invalid: it has not come yet.
    """
    if day > clock.today():
        raise Invalid("in_the_future", f"{day:%d %B %Y} has not come yet.", field=field)


def _columns(programme: Programme, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Turn what was entered into column values."""
    values = dict(entry)
    for name in ("title", "heard"):
        if name in values:
            values[name] = entries.text(name, values[name])
    if "held_on" in values:
        refuse_future(values["held_on"], field="held_on")
    if "format" in values and values["format"] not in Format.values:
        known = ", ".join(Format.values)
        raise Invalid("unknown_format", f"“{values['format']}” is no format: {known}.", field="format")
    if "languages" in values:
        values["languages"] = _languages(values["languages"])
    if values.get("place") is not None:
        place = Place.objects.filter(uuid=values["place"]).first()
        values["place"] = _known(place, "place", values["place"], field="place")
    if values.get("community") is not None:
        values["community"] = entries.of_programme(
            programme, Community, values["community"], what="community", field="community"
        )
    if values.get("facilitator") is not None:
        body = Organisation.objects.filter(uuid=values["facilitator"]).first()
        values["facilitator"] = _known(body, "organisation", values["facilitator"], field="facilitator")
    if "facilitated_by" in values:
        values["facilitated_by"] = (values["facilitated_by"] or "").strip()
    return values


def _known(found: M | None, what: str, key: object, *, field: str) -> M:
    if found is None:
        raise Invalid(f"unknown_{what}", f"There is no {what} {key}.", field=field)
    return found


def _languages(given: object) -> list[str]:
    codes: list[Any] = list(given) if isinstance(given, list | tuple) else [given]
    wrong = [code for code in codes if not (isinstance(code, str) and LANGUAGE.fullmatch(code))]
    if wrong or isinstance(given, str):
        sentence = f"“{wrong[0] if wrong else given}” is no list of ISO 639 codes, such as ro, lt, rom."
        raise Invalid("unknown_language", sentence, field="languages")
    return list(dict.fromkeys(codes))


def _write(row: Consultation, attendance: Sequence[Attended]) -> list[dict[str, Any]]:
    """Write counts of people by group; give all that stand afterwards."""
    seen: set[tuple[str, str]] = set()
    for item in attendance:
        group = (str(item.gender), str(item.age_band))
        if item.gender not in Gender.values:
            known = ", ".join(Gender.values)
            raise Invalid("unknown_gender", f"“{item.gender}” is none of: {known}.", field="attendance")
        if item.age_band not in AgeBand.values:
            known = ", ".join(AgeBand.values)
            raise Invalid("unknown_age_band", f"“{item.age_band}” is none of: {known}.", field="attendance")
        if group in seen:
            raise Invalid("repeated_group", f"{', '.join(group)} is there twice.", field="attendance")
        if isinstance(item.people, bool) or not isinstance(item.people, int):
            raise Invalid("not_a_whole_number", "People must be a whole number.", field="attendance")
        if item.people < 0:
            sentence = (
                f"The people of a consultation cannot be below zero: {', '.join(group)}, {item.people}."
            )
            raise Invalid("negative_count", sentence, field="attendance")
        seen.add(group)
    rows = [
        Attendance(
            programme=row.programme,
            consultation=row,
            gender=str(item.gender),
            age_band=str(item.age_band),
            people=item.people,
        )
        for item in attendance
    ]
    for built in rows:
        entries.check(built)
    Attendance.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["programme", "consultation", "gender", "age_band"],
        update_fields=["people"],
    )
    return _counts(row)


def _counts(row: Consultation) -> list[dict[str, Any]]:
    rows = row.attendance.order_by("gender", "age_band")
    return [{"gender": item.gender, "age_band": item.age_band, "people": item.people} for item in rows]
