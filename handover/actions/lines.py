"""Lines of registers: how what people give becomes columns, and what is checked in every register alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import connection, models
from django.db.models.fields import NOT_PROVIDED

from handover.actions.columns import checking
from handover.errors import Invalid
from handover.models import Programme
from handover.models.base import InProgramme
from handover.queries.currencies import known

SETTLED: Final = frozenset({"id", "uuid", "programme", "version", "responsibility", "post"})
"""Columns that nobody fills in or edits: where a line hangs is said when it is entered, and stays."""

YEARS: Final = range(1900, 2200)
"""Years that are no slip of the pen."""

SPANS: Final = (("starts_on", "ends_on"), ("valid_from", "valid_to"), ("acquired_on", "no_disposal_before"))
NOT_BELOW_ZERO: Final = frozenset(
    {"cost", "amount", "equipment_threshold", "yearly_cost", "book_value", "area", "fte", "share", "rate"}
)
SHARES: Final = frozenset({"share", "funding_share"})


def columns(model: type[models.Model]) -> dict[str, models.Field[Any, Any]]:
    """Give the columns of a register that people fill in, by name, in the model's order."""
    return {field.name: field for field in model._meta.concrete_fields if field.name not in SETTLED}


def filled(model: type[InProgramme], programme: Programme, given: Mapping[str, Any]) -> dict[str, Any]:
    """Turn what was given into column values: rows for references (a row or its UUID), nothing for floats.

    Raises:
        Invalid: a field that the register does not have, a float, or a reference to nothing or to another programme's.
    """
    known_ones = columns(model)
    unknown = sorted(set(given) - set(known_ones))
    if unknown:
        several = model._meta.verbose_name_plural
        raise Invalid(
            "unknown_field", f"The register of {several} has no field “{unknown[0]}”.", field=unknown[0]
        )
    values: dict[str, Any] = {}
    for name, value in given.items():
        field = known_ones[name]
        if isinstance(value, float):
            raise Invalid(
                "not_exact", "Give numbers as decimals or texts: a float is never exact.", field=name
            )
        if isinstance(field, models.ForeignKey) and value is not None:
            values[name] = _referred(field, programme, value)
        else:
            values[name] = "" if value is None and field.blank and not field.null else value
    return values


def _referred(field: models.ForeignKey[Any, Any], programme: Programme, value: object) -> models.Model:
    """Fetch what a reference names; of a programme's own rows only this programme's count."""
    target: type[models.Model] = field.related_model
    what = str(target._meta.verbose_name)
    if isinstance(value, target):
        if isinstance(value, InProgramme) and value.programme_id != programme.pk:
            raise Invalid(
                "other_programme", f"The {what} “{value}” belongs to another programme.", field=field.name
            )
        return value
    rows = target._default_manager.all()
    if issubclass(target, InProgramme):
        rows = rows.filter(programme=programme)
    try:
        found = rows.filter(uuid=value if isinstance(value, UUID) else UUID(str(value))).first()
    except ValueError:
        found = None
    if found is None:
        raise Invalid(
            f"unknown_{field.name}", f"There is no such {what} in this programme: {value}.", field=field.name
        )
    return found


def cleaned(row: InProgramme, *, only: Iterable[str] | None = None) -> None:
    """Check a line's columns by its model's rules, so that texts become numbers and days.

    Args:
        only: the columns that are new; all if not said.

    Raises:
        Invalid: the first column that is wrong.
    """
    new = None if only is None else set(only)
    kept = set() if new is None else {field.name for field in row._meta.fields if field.name not in new}
    for name in NOT_BELOW_ZERO | SHARES:
        _in_bounds(row, name)
    with checking(of=row):
        row.clean_fields(exclude=kept)


def _in_bounds(row: InProgramme, name: str) -> None:
    """Say clearly what a validator would say badly: amounts below zero and shares over the whole."""
    try:
        value = Decimal(str(getattr(row, name, None)))
    except ArithmeticError:
        return
    if not value.is_finite():
        return
    if value < 0:
        raise Invalid(
            "negative_amount", f"{name.replace('_', ' ').capitalize()} of “{row}” is below zero.", field=name
        )
    if name in SHARES and value > 100:
        raise Invalid(
            "share_over_100", f"{name.replace('_', ' ').capitalize()} of “{row}” is over 100 %.", field=name
        )


def checked(row: InProgramme) -> None:
    """Check what the columns of a line say together, once each is right by itself.

    Raises:
        Invalid: dates the wrong way round, an unknown currency, an amount without one, a year that cannot be.
    """
    said: dict[str, Any] = {name: getattr(row, name) for name in columns(type(row))}
    _years(row, said)
    for first, last in SPANS:
        if said.get(first) and said.get(last) and said[last] < said[first]:
            raise Invalid(
                "dates_reversed",
                f"“{row}” ends before it begins: {_day(said[first])} to {_day(said[last])}.",
                field=last,
            )
    if said.get("currency"):
        known(said["currency"], field="currency", named=str(row))
    elif said.get("yearly_cost") is not None:
        raise Invalid("currency_missing", f"“{row}” has a cost in no currency.", field="currency")
    if said.get("book_value") is not None and said.get("book_value_on") is None:
        raise Invalid(
            "book_value_undated",
            f"“{row}” has a book value of no day: say when it was.",
            field="book_value_on",
        )


def _years(row: InProgramme, said: Mapping[str, Any]) -> None:
    for name, value in said.items():
        year = value.year if isinstance(value, dt.date) else value if name == "year" else None
        if year is not None and year not in YEARS:
            raise Invalid(
                "year_out_of_range", f"“{row}” is of the year {year}: that cannot be right.", field=name
            )


def _day(day: dt.date) -> str:
    return f"{day:%d %B %Y}"


def facts(row: InProgramme, names: Iterable[str]) -> dict[str, Any]:
    """Copy columns of a line for the ledger: references as the UUIDs of what they name."""
    fields = columns(type(row))
    return {name: fact(fields[name], getattr(row, name)) for name in names}


def fact(field: models.Field[Any, Any], value: Any) -> Any:
    """Copy one value for the ledger."""
    if value is None or not isinstance(field, models.ForeignKey):
        return value
    return value.uuid


def one_at_a_time(programme: Programme, what: str) -> None:
    """Let one transaction at a time check and write what must be unlike everything else of its kind."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [f"handover.{what}", programme.pk]
        )


def required(model: type[models.Model]) -> list[str]:
    """Name the columns that a new line cannot do without."""
    return [
        name
        for name, field in columns(model).items()
        if not field.blank and field.default is NOT_PROVIDED and not isinstance(field, models.BooleanField)
    ]


@dataclass(frozen=True)
class Rewritten:
    """What an edit changes: values before and after, by column, as the ledger keeps them."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]


def rewritten(row: InProgramme, programme: Programme, changes: Mapping[str, Any]) -> Rewritten:
    """Put changes into a line and check it, without writing it.

    Raises:
        Invalid: a field is wrong, or nothing would change.
    """
    values = filled(type(row), programme, changes)
    before = facts(row, values)
    for name, value in values.items():
        setattr(row, name, value)
    cleaned(row, only=values)
    checked(row)
    after = facts(row, values)
    differing = [name for name in values if before[name] != after[name]]
    if not differing:
        raise Invalid("nothing_changed", f"Nothing would change in “{row}”.")
    return Rewritten({name: before[name] for name in differing}, {name: after[name] for name in differing})
