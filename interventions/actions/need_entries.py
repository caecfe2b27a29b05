"""What can be said of a need, checked and made a row that is not yet saved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypedDict
from uuid import UUID

from handover.access import Actor
from handover.errors import Invalid
from handover.models import Place, Programme
from handover.permissions import Permission
from interventions.actions import entries, levels
from interventions.actions.entries import Entry, Text
from interventions.models import Consultation, Need, NeedLevel, NeedPlace, RaisedBy, Trend


class NeedChanges(TypedDict, total=False):
    """What can be said of a need. ``level`` is a level's key, references are UUIDs, people are persons.

    ``places`` are those besides its own, each with the people counted there or ``None``. A need that a consultation
    raised was raised on its day, where no other is said.
    """

    title: Text
    description: Text
    level: str
    severity: int
    people_affected: int | None
    people_source: str
    people_as_of: dt.date | None
    trend: Trend | str
    place: UUID | None
    places: Mapping[UUID, int | None]
    raised_by: RaisedBy | str
    raised_on: dt.date | None
    raised_in: UUID | None
    evidence: str
    responsibility: UUID | None


class NeedEntry(NeedChanges, total=False):
    """What can be said of a new need: besides, its rank among its siblings (without one it comes last)."""

    rank: int


FIELDS: Final = frozenset(NeedEntry.__annotations__)
CHANGES: Final = frozenset(NeedChanges.__annotations__)
COLUMNS: Final = FIELDS - {"places"}


@dataclass(frozen=True)
class Known:
    """What entries may refer to in a programme, read at once however many entries there are."""

    programme: Programme
    references: entries.References
    levels: Mapping[str, NeedLevel]
    consultations: Mapping[UUID, Consultation] = field(default_factory=dict)

    def columns(self, entry: Entry, *, at: str = "") -> dict[str, Any]:
        """Turn what was entered into column values.

        Raises:
            Invalid: a value of the wrong kind, or a reference to nothing; ``at`` goes before the field's name.
        """
        plain = {name: value for name, value in entry.items() if name != "places"}
        values = entries.columns(plain, self.references, at=at)
        if "level" in values:
            values["level"] = levels.named(self.levels, values["level"], at=at)
        if values.get("raised_in") is not None:
            key = values["raised_in"]
            held = self.consultations.get(key) if isinstance(key, UUID) else None
            if held is None:
                sentence = f"There is no consultation {key} in this programme."
                raise Invalid("unknown_consultation", sentence, field=f"{at}raised_in")
            values["raised_in"] = held
            values.setdefault("raised_on", held.held_on)
        return values

    def places(self, entry: Entry, *, at: str = "") -> dict[Place, int | None]:
        """Give the other places that an entry names, with the people counted there.

        Raises:
            Invalid: no mapping, a place that is not there, or a count that is no whole number from 0.
        """
        given = entry.get("places") or {}
        if not isinstance(given, Mapping):
            raise Invalid("not_a_mapping", "Places must be given as {place: people}.", field=f"{at}places")
        found: dict[Place, int | None] = {}
        for key, people in given.items():
            place = self.references.row("place", key, field=f"{at}places")
            if isinstance(people, bool) or not isinstance(people, int | None):
                raise Invalid("not_a_whole_number", "People must be a whole number.", field=f"{at}places")
            if people is not None and people < 0:
                sentence = f"At {place} there cannot be {people} people."
                raise Invalid("negative_count", sentence, field=f"{at}places")
            if isinstance(place, Place):
                found[place] = people
        return found


def begin(by: Actor, programme_uuid: UUID, given: Sequence[Entry]) -> tuple[Programme, entries.References]:
    """Fetch the programme of new needs and ask for writing them; give it with what the entries refer to.

    Raises:
        NotFound, NotAllowed: the actor may not change the needs.
    """
    return entries.begin(by, programme_uuid, [*given, *_at_places(given)], may=Permission.EDIT_NEEDS)


def known(
    programme: Programme,
    given: Sequence[Entry],
    *,
    references: entries.References | None = None,
    among: Iterable[NeedLevel] | None = None,
) -> Known:
    """Read what entries refer to; levels and references that are at hand are not read again."""
    if references is None:
        references = entries.References(programme, [*given, *_at_places(given)])
    there = levels.by_key(programme) if among is None else {level.key: level for level in among}
    asked = {key for entry in given if isinstance(key := entry.get("raised_in"), UUID)}
    rows = Consultation.objects.filter(programme=programme, uuid__in=asked) if asked else ()
    return Known(programme, references, there, {row.uuid: row for row in rows})


def build(entry: Entry, terms: Known, *, at: str = "") -> Need:
    """Make a need of what was entered, checked and not yet saved; ``at`` goes before an error's field.

    Raises:
        Invalid: a wrong field, an unknown level, or a count without its source.
    """
    values = terms.columns(entry, at=at)
    if "level" not in values:
        raise Invalid("unknown_level", "A need must say its level.", field=f"{at}level")
    need = Need(programme=terms.programme, **values)
    entries.check(need, at=at)
    check_source(need, terms.places(entry, at=at), at=at)
    return need


def places_of(need: Need, counts: Mapping[Place, int | None]) -> list[NeedPlace]:
    """Make the rows of a need's other places, checked and not yet saved; its own place is not among them."""
    rows = [
        NeedPlace(programme=need.programme, need=need, place=place, people_affected=people)
        for place, people in counts.items()
        if place.pk != need.place_id
    ]
    for row in rows:
        row.clean_fields(exclude={"programme", "need", "place"})
    return rows


def check_source(need: Need, places: Mapping[Place, int | None], *, at: str = "") -> None:
    """Refuse a count of people that does not say where it comes from.

    Raises:
        Invalid: ``source_missing``.
    """
    counts = (need.people_affected, *places.values())
    if any(count is not None for count in counts) and not need.people_source.strip():
        raise Invalid("source_missing", "A count of people needs its source.", field=f"{at}people_source")


def told(need: Need, places: Iterable[NeedPlace] = ()) -> dict[str, Any]:
    """Tell all that is said of a need, for the ledger."""
    facts = entries.facts({name: getattr(need, name) for name in sorted(COLUMNS)})
    return {**facts, "places": places_told(places)}


def places_told(places: Iterable[NeedPlace]) -> list[dict[str, Any]]:
    """Tell a need's other places, for the ledger."""
    return [{"uuid": row.place.uuid, "name": row.place.name, "people": row.people_affected} for row in places]


def _at_places(given: Sequence[Entry]) -> list[Entry]:
    """Give the places that entries name besides their own as entries, so that they are read with the others."""
    keys: dict[object, None] = {}
    for entry in given:
        places = entry.get("places")
        keys |= dict.fromkeys(places) if isinstance(places, Mapping) else {}
    return [{"place": key} for key in keys]
