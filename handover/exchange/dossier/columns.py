"""Columns of a dossier's tables: how PostgreSQL writes each as text, and which type it has in the Table Schema."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from django.contrib.postgres.fields import ArrayField, DateRangeField, DateTimeRangeField
from django.db import models
from django.db.models import F, Func, TextField
from django.db.models.expressions import Combinable

from handover.models.names import LongNameCopy, NameCopy

KEYS: Final = ("uuid", "codename", "key")
"""By what a row is named outside: the first of these columns that its table has."""
FREE: Final = frozenset({"any", "string"})
"""Kinds that may be empty: a reader of CSV cannot tell an empty text from none."""
AnyField: TypeAlias = models.Field[Any, Any]
INSTANT: Final = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'


@dataclass(frozen=True)
class Column:
    """One column: its name, what PostgreSQL is asked for, its kind in the Table Schema, and whether it may be empty."""

    name: str
    expression: Combinable
    kind: str
    format: str = ""
    required: bool = False
    target: type[models.Model] | None = None
    """What it refers to, by ``KEYS``."""

    def schema(self) -> dict[str, Any]:
        """Describe it as a Table Schema field."""
        told: dict[str, Any] = {"name": self.name, "type": self.kind}
        if self.format:
            told["format"] = self.format
        if self.required:
            told["constraints"] = {"required": True}
        return told


class _Written(Func):
    """A column as text, by a template of PostgreSQL's own."""

    output_field = TextField()

    def __init__(self, name: str, template: str) -> None:
        super().__init__(F(name), template=template)


def _instant(name: str) -> Combinable:
    return _Written(name, f"to_char(%(expressions)s AT TIME ZONE 'UTC', '{INSTANT}')")


def key_of(model: type[models.Model]) -> str:
    """Give the column by which rows of a model are named outside."""
    names = {field.name for field in model._meta.fields}
    return next(key for key in KEYS if key in names)


def column(field: AnyField) -> Column:
    """Give a field's column: references by UUID, instants in UTC, amounts without trailing zeros."""
    name, filled = field.name, not field.null
    if field.is_relation:
        target: type[models.Model] = field.related_model  # type: ignore[assignment]
        key = key_of(target)
        return Column(name, F(f"{name}__{key}"), "string", "uuid" if key == "uuid" else "", filled, target)
    for kinds, kind, form, write in _KINDS:
        if isinstance(field, kinds):
            return Column(name, write(field), kind, form, filled and kind not in FREE)
    return Column(name, F(name), "string")


def _range(field: AnyField) -> str:
    """Write a range as its two ends, the last one not in it; an open end is null."""
    ends = (f"{end}(%(expressions)s)" for end in ("lower", "upper"))
    if isinstance(field, DateTimeRangeField):
        ends = (f"to_char({end} AT TIME ZONE 'UTC', '{INSTANT}')" for end in ends)
    return f"jsonb_build_array({', '.join(ends)})::text"


def _by(template: str) -> Callable[[AnyField], Combinable]:
    return lambda field: _Written(field.name, template)


def _plain(field: AnyField) -> Combinable:
    return F(field.name)


_KINDS: Final[Sequence[tuple[Any, str, str, Callable[[AnyField], Combinable]]]] = (
    # As they are kept: the key of a name, and not the name that stands for it.
    ((NameCopy, LongNameCopy), "string", "", _by("%(expressions)s")),
    (models.DateTimeField, "datetime", "any", lambda field: _instant(field.name)),
    (models.DateField, "date", "", _plain),
    (models.DecimalField, "number", "", _by("trim_scale(%(expressions)s)")),
    (
        models.BooleanField,
        "boolean",
        "",
        _by("CASE WHEN %(expressions)s THEN 'true' WHEN NOT %(expressions)s THEN 'false' END"),
    ),
    (models.BinaryField, "string", "", _by("encode(%(expressions)s, 'hex')")),
    (models.JSONField, "any", "", _by("%(expressions)s::text")),
    (ArrayField, "array", "", _by("to_jsonb(%(expressions)s)::text")),
    (
        (DateTimeRangeField, DateRangeField),
        "array",
        "",
        lambda field: _Written(field.name, _range(field)),
    ),
    (models.UUIDField, "string", "uuid", _plain),
    (models.IntegerField, "integer", "", _plain),
)
"""Kinds of fields, the first that fits: type and format in the Table Schema, and how it is written."""
