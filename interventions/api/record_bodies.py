"""What records of the work say, kind by kind: bodies, representations and filters made of their declarations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import django_filters
from django.db import models
from rest_framework import serializers

from handover.api.resources import InProgrammeFilters
from handover.api.serializers import Amount, Body, Shown, Texts
from interventions.api import limits
from interventions.models import CommemorationDay
from interventions.queries import feeding
from interventions.queries.record_kinds import Kind

SMALL: Final = 32_767
"""The greatest number that a small column holds."""

OWN_KEY: Final = "key"
"""A column that is called as the row's own UUID is in every handler."""
SAID_KEY: Final = "said_key"
"""What a change of such a column is called in what a body has read."""


def name_of(kind: Kind) -> str:
    """Give what the kind's classes are called."""
    return f"{kind.name.capitalize()}Record"


def shown_of(kind: Kind) -> type[Shown[Any]]:
    """Make the representation of a kind."""
    fields = ("id", "programme", *(name for name in _columns(kind)), "version")
    meta = type("Meta", (), {"model": kind.model, "fields": fields})
    texts = {
        name: Texts(read_only=True)
        for name, column in kind.fields.items()
        if isinstance(column, models.JSONField)
    }
    doc = (kind.model.__doc__ or "").partition("\n")[0]
    return type(f"{name_of(kind)}Shown", (Shown,), {"Meta": meta, "__doc__": doc, **texts})


def _columns(kind: Kind) -> list[str]:
    """Name what is told of a kind: what people enter, and what other steps write."""
    return [
        column.name
        for column in kind.model._meta.concrete_fields
        if column.name in kind.fields or column.name in kind.closed
    ]


def body_of(kind: Kind) -> type[Body]:
    """Make the body that enters a record of a kind."""
    fields = {name: field_of(column, required=name in kind.needed) for name, column in kind.fields.items()}
    doc = f"A new record of {kind.title}."
    return type(
        f"{name_of(kind)}Body", (Body,), {"__doc__": doc, "programme": serializers.UUIDField(), **fields}
    )


def changes_of(kind: Kind) -> type[Body]:
    """Make the body that changes a record of a kind."""
    fields = {
        name: field_of(column, required=False, source=SAID_KEY if name == OWN_KEY else None)
        for name, column in kind.fields.items()
    }
    reason = serializers.CharField(
        required=False, allow_blank=True, max_length=limits.TEXT, help_text="Why; it is kept."
    )
    doc = f"What is changed in a record of {kind.title}."
    return type(f"{name_of(kind)}Changes", (Body,), {"__doc__": doc, **fields, "reason": reason})


def field_of(
    column: models.Field[Any, Any], *, required: bool, source: str | None = None
) -> serializers.Field[Any, Any, Any, Any]:
    """Make the field of a body that enters a column.

    Raises:
        TypeError: nobody has said how such a column is entered.
    """
    said: dict[str, Any] = {
        "required": required,
        "help_text": str(column.help_text) or None,
        "source": source,
    }
    if isinstance(column, models.CharField | models.TextField):
        return _text(column, said)
    empty: dict[str, Any] = {"allow_null": column.null}
    match column:
        case models.ForeignKey() if column.related_model is CommemorationDay:
            said["help_text"] = (
                "The UUID of a day of the programme, or the key of a day that everybody keeps."
            )
            return serializers.CharField(max_length=60, **said, **empty)
        case models.ForeignKey():
            return serializers.UUIDField(**said, **empty)
        case models.JSONField():
            return Texts(allow_empty=column.blank, **said)
        case models.BooleanField():
            return serializers.BooleanField(**said)
        case models.DateField():
            return serializers.DateField(**said, **empty)
        case models.DecimalField():
            return Amount(max_digits=column.max_digits, decimal_places=column.decimal_places, **said, **empty)
        case models.IntegerField():
            most = SMALL if isinstance(column, models.PositiveSmallIntegerField) else limits.COUNT
            return serializers.IntegerField(min_value=0, max_value=most, **said, **empty)
    raise TypeError(f"nobody has said how {column} is entered")


def _text(
    column: models.CharField[Any, Any] | models.TextField[Any, Any], said: Mapping[str, Any]
) -> serializers.Field[Any, Any, Any, Any]:
    if column.choices:
        return serializers.ChoiceField(choices=column.flatchoices, allow_blank=column.blank, **said)
    if isinstance(column, models.SlugField):
        return serializers.SlugField(max_length=column.max_length, **said)
    longest = column.max_length or limits.TEXT
    return serializers.CharField(max_length=longest, allow_blank=column.blank, **said)


def filters_of(kind: Kind) -> type[InProgrammeFilters]:
    """Make the filters of a kind: the words and references that it can be sorted by, and a period."""
    first, last = kind.days
    found: dict[str, django_filters.Filter] = {}
    for name, column in feeding.filterable(kind).items():
        if isinstance(column, models.ForeignKey):
            found[name] = django_filters.UUIDFilter(
                field_name=f"{name}__uuid", help_text=f"Of this {column.verbose_name}."
            )
        elif column.choices:
            found[name] = django_filters.ChoiceFilter(
                choices=column.flatchoices, help_text=f"With this {column.verbose_name}."
            )
    if first:
        found["first_day"] = _bound(kind, last, "gte", "With a day on or after this one.")
        found["last_day"] = _bound(kind, first, "lte", "With a day on or before this one.")
    doc = f"Filters of {kind.title}."
    return type(f"{name_of(kind)}Filters", (InProgrammeFilters,), {"__doc__": doc, **found})


def _bound(kind: Kind, name: str, how: str, text: str) -> django_filters.DateFilter:
    """Make one end of a period; what has no day there begins before all, or has not ended."""

    def within(rows: models.QuerySet[Any], _: str, value: Any) -> models.QuerySet[Any]:
        fits = models.Q(**{f"{name}__{how}": value})
        return rows.filter(fits | models.Q(**{f"{name}__isnull": True}) if kind.fields[name].null else fits)

    return django_filters.DateFilter(method=within, help_text=text)
