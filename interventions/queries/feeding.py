"""Counting records of the work in a period: what a feed reads, and what sums are made of.

A record counts in a period in which all its days lie; one that reaches over an edge is named and not shared out. What
does not say is not nought.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import models
from django.db.models import Q

from handover.errors import Invalid
from handover.models import LedgerEntry, Place, Programme
from handover.models.base import InProgramme
from interventions.models import Service
from interventions.queries.record_kinds import INSIDE, How, Kind, Measure, unknown_field

OF_SERVICE: Final[models.Field[Any, Any]] = Service._meta.get_field("intervention")

RECORDED: Final = r'"verb":"((commitment|delivery|record|volunteering)\.[a-z_]+|service\.delivered)"\}$'
"""How the ledger's entries of records end."""

UNCOUNTED: Final = frozenset({"source", "note", "position", "outcome"})
"""Texts that tell and do not sort. A support's outcome is a choice, and stays."""


@dataclass(frozen=True)
class Row:
    """What counting needs of one record."""

    uuid: UUID
    version: int
    first: dt.date | None
    last: dt.date | None
    series: tuple[object, ...]
    """What makes records one series over time: all that makes two the same, but for their days."""
    units: Mapping[str, str]
    amounts: Mapping[str, Decimal | None]
    """By column."""
    groups: Mapping[str, str]
    """What it can be sorted by, as text."""

    def inside(self, first: dt.date, last: dt.date) -> bool:
        """Tell whether all its days lie in a period."""
        return self.first is not None and self.last is not None and first <= self.first and self.last <= last

    def across(self, first: dt.date, last: dt.date) -> bool:
        """Tell whether some of its days lie in a period, and some do not."""
        if self.first is None or self.last is None or self.inside(first, last):
            return False
        return self.first <= last and first <= self.last

    def stands(self, day: dt.date) -> bool:
        """Tell whether it holds on a day; without a first or a last day it has always held, or still does."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Tally:
    """What records of a period come to: the number, and the records behind it. No record at all is no number."""

    value: Decimal | None
    counted: Sequence[Row]
    across: Sequence[Row] = ()
    """Records that reach over an edge of the period: not counted."""
    unknown: Sequence[Row] = ()
    """Among those counted: records that do not say."""
    unit: str = ""


def filterable(kind: Kind) -> dict[str, models.Field[Any, Any]]:
    """Give the fields that records of a kind can be sorted and chosen by: choices, references, names, yes or no."""
    found: dict[str, models.Field[Any, Any]] = {
        column.name: column
        for column in kind.model._meta.concrete_fields
        if column.name not in INSIDE and _sorts(column)
    }
    if "__" in kind.intervention:
        found["intervention"] = OF_SERVICE
    return found


def _sorts(column: models.Field[Any, Any]) -> bool:
    if column.choices or isinstance(column, models.ForeignKey | models.BooleanField | models.SlugField):
        return True
    return isinstance(column, models.CharField) and column.name not in UNCOUNTED


def path(kind: Kind, name: str) -> str:
    """Give the way from a record to a field that it can be sorted by."""
    return kind.intervention if name == "intervention" and kind.intervention else name


def filters_checked(programme: Programme, kind: Kind, filters: Mapping[str, object]) -> dict[str, str]:
    """Check a choice of records: a text by field, several of a field's own words (or UUIDs) separated by commas.

    Raises:
        Invalid: a field or a word that is not there, or a reference to nothing of this programme.
    """
    known = filterable(kind)
    checked: dict[str, str] = {}
    for name, given in filters.items():
        column = known.get(name)
        if column is None:
            raise unknown_field(kind, name, known)
        text = ",".join(map(str, given)) if isinstance(given, list | tuple) else str(given)
        checked[name] = _checked(programme, column, text.strip())
    return checked


def _checked(programme: Programme, column: models.Field[Any, Any], text: str) -> str:
    if not text:
        raise Invalid("filter_empty", f"Say which {column.verbose_name} is counted.", field=column.name)
    if column.choices:
        words = [str(word) for word, _ in column.flatchoices]
        for word in parts(text):
            if word not in words:
                raise Invalid(
                    "unknown_choice",
                    f"“{word}” is no {column.verbose_name}; there are: {', '.join(words)}.",
                    field=column.name,
                )
        return ",".join(parts(text))
    if isinstance(column, models.BooleanField):
        if text not in ("yes", "no"):
            raise Invalid("unknown_choice", f"“{text}” is neither yes nor no.", field=column.name)
        return text
    if isinstance(column, models.ForeignKey):
        keys = [_uuid(word, column) for word in parts(text)]
        there = set(_among(programme, column).filter(uuid__in=keys).values_list("uuid", flat=True))
        for key in keys:
            if key not in there:
                raise no_such(column, key)
        return ",".join(map(str, keys))
    return text


def no_such(column: models.Field[Any, Any], key: object) -> Invalid:
    """Say that a reference leads nowhere."""
    model = column.related_model
    where = " in this programme" if isinstance(model, type) and issubclass(model, InProgramme) else ""
    return Invalid(
        f"unknown_{column.name}",
        f"There is no {column.verbose_name} “{key}”{where}.",
        field=column.name,
    )


def _among(programme: Programme, column: models.Field[Any, Any]) -> models.QuerySet[Any]:
    model: Any = column.related_model
    manager: models.Manager[Any] = model._default_manager
    return manager.filter(programme=programme) if issubclass(model, InProgramme) else manager.all()


def _uuid(text: str, column: models.Field[Any, Any]) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise no_such(column, text) from None


def filters_told(programme: Programme, kind: Kind, filters: Mapping[str, str]) -> dict[str, str]:
    """Say a choice of records in words: what is referred to by its name."""
    told: dict[str, str] = {}
    for name, text in sorted(filters.items()):
        column = filterable(kind).get(name)
        if isinstance(column, models.ForeignKey):
            rows = _among(programme, column).filter(uuid__in=parts(text)).order_by("id")
            told[name] = ", ".join(map(str, rows))
        else:
            told[name] = ", ".join(parts(text))
    return told


def parts(text: str) -> list[str]:
    """Give the words of a filter."""
    return [word for part in text.split(",") if (word := part.strip())]


def _condition(kind: Kind, name: str, text: str) -> Q:
    column, where = filterable(kind)[name], path(kind, name)
    if column.related_model is Place:
        # A place is counted with the settlements in it.
        return Q(**{f"{where}__uuid__in": parts(text)}) | Q(**{f"{where}__parent__uuid__in": parts(text)})
    if isinstance(column, models.ForeignKey):
        return Q(**{f"{where}__uuid__in": parts(text)})
    if isinstance(column, models.BooleanField):
        return Q(**{where: text == "yes"})
    return Q(**{f"{where}__in": parts(text)} if column.choices else {f"{where}__iexact": text})


def hidden(programme: Programme, cutoff: dt.datetime) -> frozenset[UUID]:
    """Name the records that were entered or changed after an instant; the ledger says which."""
    bodies = LedgerEntry.objects.filter(
        programme_id=programme.pk, recorded_at__gt=cutoff, body__regex=RECORDED
    ).values_list("body", flat=True)
    return frozenset(UUID(json.loads(body)["subject"]) for body in bodies)


def chosen(
    programme: Programme,
    kind: Kind,
    filters: Mapping[str, object] | None = None,
    *,
    cutoff: dt.datetime | None = None,
) -> models.QuerySet[Any]:
    """Give a programme's records of a kind, or some of them, in the order of time.

    Args:
        cutoff: ``Reach.cutoff``: nothing that was entered or changed after it is shown.

    Raises:
        Invalid: as ``filters_checked``.
    """
    manager: models.Manager[Any] = kind.model._default_manager
    found = manager.filter(programme=programme)
    if cutoff is not None:
        found = found.exclude(uuid__in=hidden(programme, cutoff))
    for name, text in filters_checked(programme, kind, filters or {}).items():
        found = found.filter(_condition(kind, name, text))
    order = [name for name in dict.fromkeys(kind.days) if name]
    return found.order_by(*order, "id")


def rows(
    programme: Programme,
    kind: Kind,
    filters: Mapping[str, object] | None = None,
    *,
    cutoff: dt.datetime | None = None,
) -> list[Row]:
    """Read what counting needs of a programme's records of a kind, in one query besides those of the filters.

    Raises:
        Invalid: as ``filters_checked``.
    """
    columns = {name for measure in kind.measures.values() for name in measure.columns}
    units = {name: measure.unit for name, measure in kind.measures.items() if measure.unit}
    groups = {name: path(kind, name) for name in filterable(kind)}
    series = [name for name in kind.same if name not in kind.days]
    wanted = {"uuid", "version", *kind.days, *columns, *units.values(), *groups.values(), *series} - {""}
    return [
        Row(
            uuid=found["uuid"],
            version=found["version"],
            first=found.get(kind.days[0]),
            last=found.get(kind.days[1]),
            series=tuple(_folded(found[name]) for name in series),
            units={name: str(found[where]) for name, where in units.items()},
            amounts={name: None if found[name] is None else Decimal(found[name]) for name in columns},
            groups={name: _told(found[where]) for name, where in groups.items()},
        )
        for found in chosen(programme, kind, filters, cutoff=cutoff).values(*wanted)
    ]


def _folded(value: object) -> object:
    return value.casefold() if isinstance(value, str) else value


def _told(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def tally(kind: Kind, name: str, found: Iterable[Row], first: dt.date, last: dt.date) -> Tally:
    """Count records in a period by one measure.

    Raises:
        Invalid: they are in different units.
    """
    measure = kind.measures[name]
    if measure.how is How.STANDING:
        standing = [row for row in found if row.stands(last)]
        return Tally(Decimal(len(standing)), standing)
    listed = list(found)
    inside = [row for row in listed if row.inside(first, last)]
    across = [row for row in listed if row.across(first, last)]
    return Tally(
        value=total(measure, inside),
        counted=inside if measure.how is How.SUM else latest(inside),
        across=across,
        unknown=[row for row in inside if unknown(measure, row)],
        unit=_unit(kind, name, inside),
    )


def total(measure: Measure, found: Sequence[Row]) -> Decimal | None:
    """Make one number of records; ``None`` where there are none, or none says."""
    counted = latest(found) if measure.how is How.AT_END else found
    if not measure.columns:
        return Decimal(len(counted)) if counted else None
    said = [
        amount for row in counted for name in measure.columns if (amount := row.amounts[name]) is not None
    ]
    return sum(said, Decimal(0)) if said else None


def unknown(measure: Measure, row: Row) -> bool:
    """Tell whether a record does not say what a measure asks."""
    return any(row.amounts[name] is None for name in measure.columns)


def latest(found: Iterable[Row]) -> list[Row]:
    """Give the last record of each series."""
    ends: dict[tuple[object, ...], Row] = {}
    for row in found:
        before = ends.get(row.series)
        if before is None or (row.last or dt.date.min) >= (before.last or dt.date.min):
            ends[row.series] = row
    return list(ends.values())


def _unit(kind: Kind, name: str, found: Sequence[Row]) -> str:
    if not kind.measures[name].unit:
        return ""
    units = sorted({row.units[name] for row in found if not unknown(kind.measures[name], row)})
    if len(units) > 1:
        listed = ", ".join(unit or "without a unit" for unit in units)
        raise Invalid(
            "mixed_units",
            f"{kind.title.capitalize()} of this period are in several units, which never become one number: {listed}.",
            field="unit",
        )
    return units[0] if units else ""
