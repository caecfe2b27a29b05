"""What people enter, checked before anything is written, and who is asked whether it may be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias, TypeVar
from uuid import UUID

from django.db import models

from handover import access
from handover.access import Actor
from handover.actions.columns import checking
from handover.errors import Invalid, NotFound
from handover.models import Place, Programme, Responsibility
from handover.models.base import InProgramme
from handover.narratives import Narrative, narratives
from handover.permissions import Permission
from interventions.models import Intervention, Need

Text: TypeAlias = str | Mapping[str, str] | Sequence[Narrative]
"""A text as people give it: plain, by language, or as narratives."""

Entry: TypeAlias = Mapping[str, object]
"""What was entered for one row, by field; references are UUIDs, a level is its key."""

M = TypeVar("M", Place, Responsibility)
N = TypeVar("N", Need, Intervention)
P = TypeVar("P", bound=InProgramme)

TEXTS: Final = frozenset({"title", "description"})
MAY_BE_EMPTY: Final = frozenset({"people_source", "evidence", "strand", "source", "note", "name", "trend"})
WHOLE_NUMBERS: Final = frozenset(
    {"severity", "people_affected", "rank", "people", "children", "adults", "age_unknown", "young", "others"}
)


def text(field: str, given: object) -> list[Narrative]:
    """Make narratives of a text, each with something in it.

    Raises:
        Invalid: it is no text, or one of its languages is empty.
    """
    if given is None:
        return []
    try:
        told: Sequence[Mapping[str, Any]] = narratives(given)  # type: ignore[arg-type]  # whatever came in
    except (KeyError, TypeError):
        told = [{"lang": None, "text": ""}]
    for item in told:
        if (
            not isinstance(item["text"], str)
            or not item["text"].strip()
            or not isinstance(item["lang"], str | None)
        ):
            sentence = f"{_label(field)} must be a text, or a text by language."
            raise Invalid("not_a_text", sentence, field=field)
    return [Narrative(lang=item["lang"], text=item["text"]) for item in told]


def only(entry: Entry, known: Iterable[str], *, at: str = "") -> None:
    """Refuse fields that nobody knows: a misspelt one would be lost in silence.

    Raises:
        Invalid: an unknown field.
    """
    unknown = sorted(set(entry) - set(known))
    if unknown:
        raise Invalid(
            "unknown_field",
            f"{at}{unknown[0]} is no field that can be given here.",
            field=f"{at}{unknown[0]}",
        )


def columns(entry: Entry, references: References, *, at: str = "") -> dict[str, Any]:
    """Turn what was entered into column values: narratives, rows for references, whole numbers.

    Raises:
        Invalid: a value of the wrong kind, or a reference to nothing; ``at`` goes before the field's name.
    """
    values: dict[str, Any] = {}
    for name, given in entry.items():
        field = f"{at}{name}"
        if name in TEXTS:
            values[name] = text(field, given)
        elif name in references.FIELDS:
            values[name] = references.row(name, given, field=field)
        elif name in MAY_BE_EMPTY and given is None:
            values[name] = ""
        elif name in WHOLE_NUMBERS and not (
            given is None or (isinstance(given, int) and not isinstance(given, bool))
        ):
            raise Invalid("not_a_whole_number", f"{_label(name)} must be a whole number.", field=field)
        else:
            values[name] = given
    return values


class References:
    """The places and responsibilities that entries name, read at once: two queries, however many entries."""

    FIELDS: Final = frozenset({"place", "responsibility"})

    def __init__(self, programme: Programme, entries: Sequence[Entry]) -> None:
        self._rows: dict[str, Mapping[UUID, Place] | Mapping[UUID, Responsibility]] = {
            "place": _rows(Place.objects.all(), entries, "place"),
            "responsibility": _rows(
                Responsibility.objects.filter(programme=programme), entries, "responsibility"
            ),
        }

    def row(self, name: str, key: object, *, field: str) -> Place | Responsibility | None:
        """Give the row that a field names.

        Raises:
            Invalid: there is none, or it belongs to another programme.
        """
        found = self._rows[name].get(key) if isinstance(key, UUID) else None
        if key is not None and found is None:
            where = " in this programme" if name == "responsibility" else ""
            raise Invalid(f"unknown_{name}", f"There is no such {name}{where}.", field=field)
        return found

    def responsibility(self, entry: Entry) -> Responsibility | None:
        """Give the responsibility that an entry names; ``None`` if it names none that is there."""
        found = self.row("responsibility", entry.get("responsibility"), field="responsibility")
        return found if isinstance(found, Responsibility) else None


def _rows(among: models.QuerySet[M], entries: Sequence[Entry], name: str) -> dict[UUID, M]:
    keys = {key for entry in entries if isinstance(key := entry.get(name), UUID)}
    return {row.uuid: row for row in among.filter(uuid__in=keys)} if keys else {}


def begin(
    by: Actor, programme_uuid: UUID, entries: Sequence[Entry], *, may: Permission
) -> tuple[Programme, References]:
    """Fetch the programme of new rows and ask for writing them; give it with what the rows refer to.

    Raises:
        NotFound: the actor may not read the programme.
        NotAllowed: the actor may read it, and may not do this.
        Invalid: a responsibility that is not the programme's.
    """
    programme = access.programme_for(by, programme_uuid, may=Permission.VIEW)
    references = References(programme, entries)
    ask(by, programme, [references.responsibility(entry) for entry in entries] or [None], may=may)
    return programme, references


def fetch(by: Actor, model: type[N], key: UUID, *, may: Permission) -> N:
    """Fetch a row and ask for changing it.

    Raises:
        NotFound: there is none, or the actor may not read its programme.
        NotAllowed: the actor may read it, and may not do this.
    """
    among = model.objects.select_related("programme", "responsibility")
    found = among.filter(uuid=key).order_by("id").first()
    if found is None:
        raise NotFound(model.__name__.lower())
    ask(by, found.programme, [found.responsibility], may=may)
    return found


def asked_also(
    by: Actor, row: Need | Intervention, changes: Entry, references: References, *, may: Permission
) -> None:
    """Ask the responsibility that a row is about to get, besides the one that it has.

    Raises:
        NotAllowed: the actor may not write there.
        Invalid: it is not the programme's.
    """
    if "responsibility" in changes:
        ask(by, row.programme, [references.responsibility(changes)], may=may)


def of_programme(programme: Programme, model: type[P], key: object, *, what: str, field: str) -> P:
    """Fetch a row of a programme that something else refers to.

    Raises:
        Invalid: there is none with this UUID, or it belongs to another programme; the sentence names it.
    """
    rows: models.Manager[Any] = model._default_manager
    found: P | None = rows.filter(programme=programme, uuid=key).first() if isinstance(key, UUID) else None
    if found is None:
        raise Invalid(f"unknown_{what}", f"There is no {what} {key} in this programme.", field=field)
    return found


def amounts(entry: Entry, names: Iterable[str], *, at: str = "") -> None:
    """Refuse counts and amounts below zero, and floats, which are never exact.

    Raises:
        Invalid: ``negative_count``, ``not_exact`` or ``not_a_number``, with the field.
    """
    for name in names:
        given, field = entry.get(name), f"{at}{name}"
        if given is None or (name in WHOLE_NUMBERS and not isinstance(given, int)):
            continue
        if isinstance(given, float):
            sentence = f"Give {_label(name).lower()} as a text: a float is never exact."
            raise Invalid("not_exact", sentence, field=field)
        try:
            number = Decimal(given) if isinstance(given, str | int | Decimal) else None
        except InvalidOperation:
            number = None
        if number is None or isinstance(given, bool) or not number.is_finite():
            sentence = f"{_label(name)} must be a number."
            raise Invalid("not_a_number", sentence, field=field)
        if number < 0:
            raise Invalid("negative_count", f"{_label(name)} cannot be below zero: {number}.", field=field)


def check(row: InProgramme, *, at: str = "") -> None:
    """Check a new row's plain columns by its model's rules, without asking the database.

    Raises:
        Invalid: the first field that is wrong.
    """
    with checking(at):
        row.clean_fields(exclude={field.name for field in row._meta.concrete_fields if field.is_relation})


def put(row: InProgramme, values: Mapping[str, Any]) -> dict[str, Any]:
    """Put changed values on a row that is there, checked and not yet saved; give them in their columns' types.

    Raises:
        Invalid: the first field that is wrong.
    """
    for name, value in values.items():
        setattr(row, name, value)
    check(row)
    return {name: getattr(row, name) for name in values}


def ask(
    by: Actor, programme: Programme, responsibilities: Iterable[Responsibility | None], *, may: Permission
) -> None:
    """Ask for writing to rows with these responsibilities: each is asked alone, ``None`` asks the programme.

    A permission that nobody can hold on a responsibility is asked of the programme, whatever the row names.

    Raises:
        NotFound: the actor may not read the programme.
        NotAllowed: the actor may read it, and may not do this.
    """
    asked = {row.pk if row else 0: row for row in (responsibilities if may.on_responsibility else [None])}
    for key in sorted(asked):
        access.authorise(by, programme.pk, asked[key], may=may)


def facts(values: Mapping[str, Any]) -> dict[str, Any]:
    """Copy column values for the ledger: a row becomes its UUID and its name."""
    return {name: _fact(value) for name, value in values.items()}


def _fact(value: object) -> object:
    if isinstance(value, models.Model):
        return {"uuid": getattr(value, "uuid", None), "name": str(value)}
    return value


def _label(field: str) -> str:
    return field.rpartition(".")[2].replace("_", " ").capitalize()
