"""Who is asked before anything is written here, and what is checked."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeAlias
from uuid import UUID

from handover import access
from handover.access import Actor
from handover.actions.columns import checking
from handover.canonical import decimal_text
from handover.errors import Invalid, NotAllowed, NotFound
from handover.models import Place, Programme, Responsibility
from handover.models.base import InProgramme
from handover.narratives import Narrative, narratives
from handover.permissions import Permission
from indicators.models import Indicator
from indicators.models.cells import Dimension, number
from indicators.models.codes import NUMERIC_MEASURES
from interventions.actions import hierarchy
from interventions.models import Intervention, Need

Text: TypeAlias = str | Mapping[str, str] | Sequence[Narrative]
"""A text as people give it: plain, by language, or as narratives."""

Amount: TypeAlias = Decimal | int | str
"""A number, exactly: never a float."""

Row: TypeAlias = Mapping[str, Any]

DEFINE: Final = Permission.DEFINE_INDICATORS
REPORT: Final = Permission.REPORT_VALUES


TEXTS: Final = frozenset({"title", "description"})
LISTS: Final = frozenset({"references", "documents"})
REFERENCES: Final[Mapping[str, type[InProgramme]]] = {
    "responsibility": Responsibility,
    "intervention": Intervention,
    "need": Need,
}


def indicator_for(by: Actor, indicator_uuid: UUID, *, may: Permission) -> Indicator:
    """Fetch an indicator: its responsibility alone is asked where it has one, else its programme.

    Whoever still owes results for it may report them without holding anything else.

    Raises:
        NotFound: there is none, or the actor may not read its programme.
        NotAllowed: the actor may read it, and may not do this.
    """
    found = (
        Indicator.objects.select_related("programme", "responsibility")
        .filter(uuid=indicator_uuid)
        .order_by("id")
        .first()
    )
    if found is None:
        raise NotFound("indicator")
    ask(by, found.programme, [found], may=may)
    return found


def ask(by: Actor, programme: Programme, indicators: Iterable[Indicator], *, may: Permission) -> None:
    """Ask for writing to indicators: each responsibility among them once, the programme once for those without.

    Raises:
        NotFound: the actor may not read the programme.
        NotAllowed: the actor may read it, and may not do this for at least one of them.
    """
    by_responsibility: dict[int, list[Indicator]] = {}
    for indicator in indicators:
        by_responsibility.setdefault(indicator.responsibility_id or 0, []).append(indicator)
    for key in sorted(by_responsibility):
        asked = by_responsibility[key]
        try:
            access.authorise(by, programme.pk, asked[0].responsibility, may=may)
        except NotAllowed:
            if may is not REPORT:
                raise
            owed = access.owed_indicators(by, programme, asked[0].responsibility)
            if not owed.issuperset(indicator.uuid for indicator in asked):
                raise


def ask_any(by: Actor, programme: Programme) -> None:
    """Ask whether an actor may report anything at all of a programme.

    Raises:
        NotFound: the actor may not read the programme.
        NotAllowed: the actor may read it, and may report none of its indicators.
    """
    named = Indicator.objects.filter(programme=programme, responsibility__isnull=False).values(
        "responsibility"
    )
    asked: list[Responsibility | None] = [None]
    asked += Responsibility.objects.filter(programme=programme, pk__in=named).order_by("pk")
    for responsibility in asked:
        try:
            access.authorise(by, programme.pk, responsibility, may=REPORT)
        except NotAllowed:
            if access.owed_indicators(by, programme, responsibility):
                return
        else:
            return
    raise NotAllowed("not_allowed", "You may report none of this programme's indicators.")


def referred(programme: Programme, entries: Sequence[Row]) -> dict[tuple[str, UUID], InProgramme]:
    """Read what entries refer to, at once: at most one query a kind, however many entries.

    Raises:
        Invalid: a reference to nothing, to another programme's, or to a need that was merged or split.
    """
    found: dict[tuple[str, UUID], InProgramme] = {}
    for name, model in REFERENCES.items():
        keys = {entry[name] for entry in entries if entry.get(name) is not None}
        if not keys:
            continue
        rows = {row.uuid: row for row in model._default_manager.filter(programme=programme, uuid__in=keys)}
        for key in keys - rows.keys():
            raise Invalid(f"unknown_{name}", f"There is no such {name} in this programme: {key}.", field=name)
        for row in rows.values():
            if isinstance(row, Need):
                hierarchy.still_open(row, field=name)
        found.update({(name, key): row for key, row in rows.items()})
    return found


def places(keys: Iterable[UUID | None]) -> dict[UUID, int]:
    """Give the database keys of places, in one query.

    Raises:
        Invalid: a place that is not there.
    """
    wanted = {key for key in keys if key is not None}
    if not wanted:
        return {}
    found = dict(Place.objects.filter(uuid__in=wanted).values_list("uuid", "pk"))
    for key in wanted - found.keys():
        raise Invalid("unknown_place", f"There is no such place: {key}.", field="place")
    return found


def dimensions(given: Mapping[str, str] | Sequence[Dimension]) -> list[Dimension]:
    """Make dimensions of ``{name: value}`` or of a list that keeps its order.

    Raises:
        Invalid: a name or value that is no text.
    """
    items = (
        [Dimension(name=name, value=value) for name, value in given.items()]
        if isinstance(given, Mapping)
        else [Dimension(name=item["name"], value=item["value"]) for item in given]
    )
    if any(not isinstance(text, str) for item in items for text in (item["name"], item["value"])):
        raise Invalid("not_a_dimension", "A dimension is a name and a value, both texts.", field="dimensions")
    return items


def text(given: Text | None) -> list[Narrative]:
    """Make narratives of whatever people give as a text; nothing becomes none."""
    return narratives(given) if given else []


def columns(given: Row, references: Mapping[tuple[str, UUID], InProgramme] | None = None) -> dict[str, Any]:
    """Turn what was entered into column values: narratives, lists, rows for references."""
    values: dict[str, Any] = {}
    for name, item in given.items():
        if name in TEXTS:
            values[name] = text(item)
        elif name in LISTS:
            values[name] = [dict(each) for each in item]
        elif name in REFERENCES:
            values[name] = (references or {})[name, item] if item is not None else None
        else:
            values[name] = item
    return values


def facts(given: Row) -> dict[str, Any]:
    """Copy what was entered for the ledger: texts as narratives, references as UUIDs."""
    return {name: text(item) if name in TEXTS else item for name, item in given.items()}


def needed(given: Row, names: Iterable[str]) -> None:
    """Refuse a row without something that it cannot do without.

    Raises:
        Invalid: the first that is missing or empty.
    """
    for name in names:
        if not given.get(name):
            raise Invalid("missing", f"{name.capitalize()} is missing.", field=name)


def amount(indicator: Indicator, given: Amount | None) -> tuple[str | None, Decimal | None]:
    """Give a value as it was written and as a number; words only where the measure allows them.

    Raises:
        Invalid: it must be a number and is none.
    """
    said = _spelt(given, "value")
    found = number(said)
    if found is None and indicator.measure in NUMERIC_MEASURES:
        raise Invalid(
            "not_a_number", f"“{said or ''}” is not a number that can be kept exactly.", field="value"
        )
    return said, found


def exact(given: Amount | None, name: str) -> Decimal | None:
    """Read a number that may be missing.

    Raises:
        Invalid: it is there and is no number.
    """
    said = _spelt(given, name)
    found = number(said)
    if said is not None and found is None:
        raise Invalid("not_a_number", f"“{said}” is not a number that can be kept exactly.", field=name)
    return found


def _spelt(given: Amount | None, name: str) -> str | None:
    match given:
        case None | str():
            return given
        case bool() | float():
            raise Invalid(
                "not_exact", "Give numbers as decimals or texts: a float is never exact.", field=name
            )
        case Decimal():
            return decimal_text(given)
        case _:
            return str(given)


def span(starts_on: dt.date, ends_on: dt.date) -> None:
    """Check a period's dates.

    Raises:
        Invalid: it ends before it begins.
    """
    if ends_on < starts_on:
        raise Invalid("dates_reversed", "The period ends before it begins.", field="ends_on")


def only(given: Row, known: Iterable[str], *, what: str) -> None:
    """Refuse fields that nobody knows: a misspelt one would be lost in silence.

    Raises:
        Invalid: an unknown field.
    """
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise Invalid("unknown_field", f"{what} has no field “{unknown[0]}”.", field=unknown[0])


def checked(row: InProgramme) -> None:
    """Check a new row's plain columns by its model's rules, without asking the database.

    Raises:
        Invalid: the first field that is wrong.
    """
    with checking():
        row.clean_fields(exclude={field.name for field in row._meta.concrete_fields if field.is_relation})


def dumped(value: object) -> str:
    """Write JSON for COPY, as text."""
    return json.dumps(value, ensure_ascii=False)
