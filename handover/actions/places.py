"""Places: from a file of local administrative units, and settlements by hand."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError

from handover import ledger
from handover.access import Operator
from handover.actions import action
from handover.errors import Invalid
from handover.models import Place
from handover.models.places import PlaceKind

COLUMNS = (
    "country",
    "nuts3",
    "lau_code",
    "lau_name_national",
    "lau_name_latin",
    "population",
    "total_area_m2",
)


@action
def import_lau(*, by: Operator, lines: Iterable[str], source: str) -> tuple[int, int]:
    """Import local administrative units from CSV lines with the columns of ``COLUMNS``; known codes are
    brought up to date.

    Population is in persons, area in square metres; both may be empty.

    Returns:
        How many places are new, and how many were known.

    Raises:
        Invalid: a column is missing or a row is wrong; the line is named and nothing is imported.
    """
    places = list(_read(lines, source))
    if not places:
        raise Invalid("empty_file", f"{source} holds no places.", field="file")
    twice = _first_repeated((place.country, place.code) for place in places)
    if twice:
        raise Invalid("repeated_code", f"{source} names {twice[0]} {twice[1]} twice.", field="lau_code")
    known = set(Place.objects.values_list("country", "code"))
    Place.objects.bulk_create(
        places,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["country", "code"],
        update_fields=["nuts3", "name", "name_latin", "population", "area", "source"],
    )
    old = sum((place.country, place.code) in known for place in places)
    ledger.record(
        verb="places.imported", by=by, data={"source": source, "new": len(places) - old, "known": old}
    )
    return len(places) - old, old


@action
def add_settlement(
    *, by: Operator, parent: Place, code: str, name: str, population: int | None = None, source: str = ""
) -> Place:
    """Add a named settlement below a local administrative unit: where a community lives.

    Raises:
        Invalid: the parent is a settlement itself, or the code is taken in its country.
    """
    if parent.kind != PlaceKind.LAU:
        raise Invalid("settlement_below_settlement", f"{parent.name} is a settlement itself.", field="parent")
    if Place.objects.filter(country=parent.country, code=code).exists():
        raise Invalid("repeated_code", f"There is a place {parent.country} {code} already.", field="code")
    place = Place.objects.create(
        kind=PlaceKind.SETTLEMENT,
        country=parent.country,
        nuts3=parent.nuts3,
        code=code,
        name=name,
        parent=parent,
        population=population,
        source=source,
    )
    ledger.record(verb="place.added", by=by, subject=place.uuid, data={"name": name, "parent": parent.code})
    return place


@action
def add_unit(
    *,
    by: Operator,
    country: str,
    nuts3: str,
    code: str,
    name: str,
    population: int | None = None,
    source: str = "",
) -> Place:
    """Add one local administrative unit by hand.

    Raises:
        Invalid: the code is taken in its country.
    """
    if Place.objects.filter(country=country, code=code).exists():
        raise Invalid("repeated_code", f"There is a place {country} {code} already.", field="code")
    place = Place.objects.create(
        kind=PlaceKind.LAU,
        country=country,
        nuts3=nuts3,
        code=code,
        name=name,
        population=population,
        source=source,
    )
    ledger.record(verb="place.added", by=by, subject=place.uuid, data={"name": name, "parent": None})
    return place


def _read(lines: Iterable[str], source: str) -> Iterator[Place]:
    reader = csv.DictReader(lines)
    try:
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise Invalid("missing_column", f"{source} has no column {', '.join(missing)}.", field="file")
        for row in reader:
            yield _place(row, f"{source}, line {reader.line_num}", source)
    except csv.Error as error:
        # The reader counts a line once it has understood it.
        raise Invalid("not_csv", f"{source}, line {reader.line_num + 1}: {error}.", field="file") from None


def _place(row: dict[str, Any], where: str, source: str) -> Place:
    if not row["country"] or len(row["country"]) != 2 or not row["lau_code"] or not row["lau_name_national"]:
        raise Invalid(
            "incomplete_row", f"{where}: country (two letters), code and name are needed.", field="file"
        )
    place = Place(
        kind=PlaceKind.LAU,
        country=row["country"].upper(),
        nuts3=row["nuts3"] or "",
        code=row["lau_code"],
        name=row["lau_name_national"],
        name_latin=row["lau_name_latin"] or "",
        population=_whole(row["population"], f"{where}: population"),
        area=_whole(row["total_area_m2"], f"{where}: area"),
        source=source,
    )
    try:
        place.clean_fields(exclude=["uuid"])
    except ValidationError as error:
        said = "; ".join(
            f"{name}: {' '.join(messages)}" for name, messages in sorted(error.message_dict.items())
        )
        raise Invalid("wrong_field", f"{where}: {said}", field="file") from None
    return place


def _whole(text: str | None, where: str) -> int | None:
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0:
        raise Invalid("not_a_number", f"{where}: “{text}” is no number.", field="file")
    return round(number)


def _first_repeated(keys: Iterator[tuple[str, str]]) -> tuple[str, str] | None:
    seen: set[tuple[str, str]] = set()
    for key in keys:
        if key in seen:
            return key
        seen.add(key)
    return None
