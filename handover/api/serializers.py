"""What goes in and what comes out: strict bodies, and representations whose references are UUIDs."""

from __future__ import annotations

import copy
import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from operator import attrgetter
from typing import Any, ClassVar, Final, Generic, TypeVar

from django.db import connection, models
from django.db.models import Prefetch, prefetch_related_objects
from django.utils.module_loading import import_string
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.validators import UniqueValidator

from handover.canonical import decimal_text

M = TypeVar("M", bound=models.Model)


@extend_schema_field(OpenApiTypes.UUID)
class Reference(serializers.SlugRelatedField[Any]):
    """A row of another noun by its UUID."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(slug_field="uuid", read_only=True, **kwargs)

    def get_attribute(self, instance: Any) -> Any:
        """Give the UUID where it was fetched for all rows at once, else the row."""
        known: Mapping[Any, Any] | None = self.context.get("uuids")
        found = known.get((type(instance), self.source)) if known else None
        if found is None:
            return super().get_attribute(instance)
        column, uuids = found
        return uuids.get(getattr(instance, column))

    def to_representation(self, value: Any) -> Any:
        """Give the UUID as text."""
        return value if isinstance(value, str) else str(value.uuid)


class Amount(serializers.Field[Decimal, str, str, Any]):
    """A decimal number as text, without trailing zeros: never a binary fraction."""

    def __init__(self, *, max_digits: int = 40, decimal_places: int = 20, **kwargs: Any) -> None:
        self._reader = serializers.DecimalField(max_digits=max_digits, decimal_places=decimal_places)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Decimal:
        """Read a decimal from text; a JSON number that is no integer has lost digits already."""
        if isinstance(data, bool) or not isinstance(data, str | int):
            raise serializers.ValidationError("Write the number as text, for example “12.5”.")
        return self._reader.to_internal_value(str(data))

    def to_representation(self, value: Decimal) -> str:
        """Give the number as text."""
        return decimal_text(value)


NOT_STORED: Final = re.compile("[\x00\ud800-\udfff]")
"""What no text may hold: PostgreSQL stores neither the null character nor halves of surrogate pairs."""

LONGEST_LANGUAGE: Final = 10

TEXT_SCHEMA: Final[dict[str, Any]] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "lang": {"type": ["string", "null"], "maxLength": LONGEST_LANGUAGE},
            "text": {"type": "string"},
        },
        "required": ["lang", "text"],
        "additionalProperties": False,
    },
    "example": [{"lang": "en", "text": "Drinking water"}, {"lang": "ro", "text": "Apă potabilă"}],
}


class Texts(serializers.Field[Any, Any, Any, Any]):
    """One text in one or several languages: ``[{"lang": "en", "text": "…"}]``."""

    def __init__(self, *, allow_empty: bool = True, **kwargs: Any) -> None:
        self.allow_empty = allow_empty
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> list[Any]:
        """Read the narratives; each has a language and a text."""
        wellformed = isinstance(data, list) and all(
            isinstance(item, dict)
            and set(item) == {"lang", "text"}
            and isinstance(item["text"], str)
            and isinstance(item["lang"], str | None)
            and len(item["lang"] or "") <= LONGEST_LANGUAGE
            for item in data
        )
        if not wellformed or not (data or self.allow_empty):
            raise serializers.ValidationError('Write a list like [{"lang": "en", "text": "…"}].')
        if any(NOT_STORED.search(part) for item in data for part in item.values() if part):
            raise serializers.ValidationError("A text holds a character that cannot be stored.")
        return list(data)

    def to_representation(self, value: Any) -> Any:
        """Give the narratives as they are kept."""
        return value


class Body(serializers.Serializer[Any]):
    """What a request says. A field that is not declared is refused, whatever it is called."""

    def to_internal_value(self, data: Any) -> Any:
        """Read the declared fields.

        Raises:
            ValidationError: a field that is not declared, or a value that is none.
        """
        _only_declared(data, self.fields)
        return super().to_internal_value(data)


class Shown(serializers.ModelSerializer[M], Generic[M]):
    """How a row is told: its UUID as ``id``, references as UUIDs, or whole where ``expand`` asks for them.

    ``expandable`` names the serializer of each reference that may be asked for, by dotted name.
    """

    id = serializers.UUIDField(source="uuid", read_only=True)

    serializer_related_field = Reference
    serializer_field_mapping: ClassVar[dict[Any, Any]] = (
        serializers.ModelSerializer.serializer_field_mapping
        | {
            models.DecimalField: Amount,
            models.JSONField: serializers.JSONField,
        }
    )
    expandable: ClassVar[Mapping[str, str]] = {}
    built: ClassVar[dict[str, Any]]

    def get_fields(self) -> dict[str, Any]:
        """Give the fields that were asked for; everything is read-only."""
        fields: dict[str, Any] = {name: copy.deepcopy(field) for name, field in self._columns().items()}
        view = self.context.get("view")
        if view is not None and self._outermost():
            for name in sorted(view.expanded):
                fields[name] = import_string(self.expandable[name])(
                    read_only=True, context=self.context, **_source(fields[name], name)
                )
            if view.wanted:
                fields = {name: field for name, field in fields.items() if name in view.wanted}
        return fields

    def to_representation(self, instance: M) -> dict[str, Any]:
        """Tell a row. Plain columns are read without the detour through their fields: most of a list's time."""
        told: dict[str, Any] = {}
        for field, read, write in self._readers:
            name = str(field.field_name)
            if read is None:
                value = field.get_attribute(instance)
                told[name] = None if value is None else field.to_representation(value)
            else:
                value = read(instance)
                told[name] = value if value is None or write is None else write(value)
        return told

    @cached_property
    def _readers(self) -> list[tuple[Any, Reader | None, Writer | None]]:
        """Give, for each field, how its column is read and written; a field of another kind does it itself."""
        model: type[models.Model] = self.Meta.model
        columns = {column.name: column.attname for column in model._meta.concrete_fields}
        found: list[tuple[Any, Reader | None, Writer | None]] = []
        for field in self._readable_fields:
            kind, source = type(field), str(field.source)
            if source not in columns or kind not in PLAIN:
                found.append((field, None, None))
            else:
                found.append((field, attrgetter(columns[source]), PLAIN[kind]))
        return found

    def _columns(self) -> dict[str, Any]:
        """Give the fields as the model has them, found once for each class of representation."""
        kind = type(self)
        if "built" not in vars(kind):
            kind.built = dict(super().get_fields())
        return kind.built

    def get_uniqueness_extra_kwargs(self, *args: Any) -> Any:
        """Nothing is written here, so nothing has to be unique."""
        return args[-1], {}

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        """Read a column; write nothing."""
        kind, kwargs = super().build_standard_field(field_name, model_field)
        kept = {name: value for name, value in kwargs.items() if name in READING}
        if issubclass(kind, serializers.ChoiceField):
            kept |= {"choices": kwargs["choices"], "allow_blank": bool(model_field.blank)}
        # An empty one matches no pattern.
        kind = serializers.CharField if kind is serializers.SlugField and model_field.blank else kind
        return kind, kept | {"read_only": True}

    def build_relational_field(self, field_name: str, relation_info: Any) -> Any:
        """Tell a reference by its UUID."""
        return Reference, {"allow_null": bool(relation_info.model_field and relation_info.model_field.null)}

    def _outermost(self) -> bool:
        above: Any = self.parent
        return above is None or (isinstance(above, serializers.ListSerializer) and above.parent is None)


Reader = Callable[[Any], Any]
Writer = Callable[[Any], Any]
PLAIN: Final[Mapping[type, Writer | None]] = {
    serializers.BooleanField: None,
    serializers.CharField: None,
    serializers.ChoiceField: None,
    serializers.EmailField: None,
    serializers.IntegerField: None,
    serializers.JSONField: None,
    serializers.SlugField: None,
    serializers.URLField: None,
    Texts: None,
    Amount: decimal_text,
    serializers.DateField: dt.date.isoformat,
    serializers.DateTimeField: serializers.DateTimeField().to_representation,
    serializers.UUIDField: str,
}
"""Kinds of fields whose column is told as it is, or as one function writes it."""

READING: Final = frozenset({"help_text", "label", "max_digits", "decimal_places", "child", "allow_null"})
"""What a column's serializer field keeps of what its model field would have it check."""


def _source(field: Any, name: str) -> dict[str, str]:
    return {} if field.source in (None, name) else {"source": str(field.source)}


@dataclass(frozen=True)
class Walk:
    """A relation that a representation walks: its path, where it leads, and whether more than the UUID is told."""

    path: str
    model: type[models.Model]
    whole: bool

    def prefetch(self) -> Prefetch[str, Any, str]:
        """Give how to fetch it for many rows in one query, without a join: joins of walled tables misplan."""
        rows = self.model._default_manager.all()
        return Prefetch(self.path, rows if self.whole else rows.only("pk", "uuid"))


def walks(serializer: serializers.BaseSerializer[Any], before: str = "") -> Iterator[Walk]:
    """Give the relations that a representation walks, outer ones first."""
    if not isinstance(serializer, serializers.ModelSerializer):
        return
    model = serializer.Meta.model
    for field in serializer.fields.values():
        relations = list(_relations(model, str(field.source)))
        nested = isinstance(field, Shown)
        for number, (path, target) in enumerate(relations, start=1):
            whole = nested or number < len(relations) or not isinstance(field, Reference)
            yield Walk(before + path, target, whole)
        if isinstance(field, Shown) and relations:
            yield from walks(field, before + relations[-1][0] + "__")


def fill(rows: Sequence[models.Model], serializer: serializers.BaseSerializer[Any]) -> None:
    """Fetch all that a representation of some rows walks to, however many rows there are: whole rows with one query a
    relation, all UUIDs with one query."""
    found: dict[str, Walk] = {}
    for walk in walks(serializer):
        if walk.path not in found or walk.whole:
            found[walk.path] = walk
    bare = {path: walk for path, walk in found.items() if not walk.whole and "__" not in path}
    rest = [found[path].prefetch() for path in sorted(found) if path not in bare]
    if rest:
        prefetch_related_objects(list(rows), *rest)
    if bare and rows:
        context: Any = serializer.context
        context["uuids"] = _uuids(rows, bare)


def _uuids(rows: Sequence[models.Model], bare: Mapping[str, Walk]) -> dict[Any, Any]:
    """Give, for each reference that tells a UUID alone, its column and the UUIDs of the keys that stand there."""
    kind = type(rows[0])
    columns = {path: kind._meta.get_field(path).attname for path in bare}  # type: ignore[union-attr]
    keys: dict[type[models.Model], set[int]] = {}
    for path, walk in bare.items():
        keys.setdefault(walk.model, set()).update(getattr(row, columns[path]) for row in rows)
    tables = [(model, sorted(wanted - {None})) for model, wanted in keys.items() if wanted - {None}]
    known: dict[type[models.Model], dict[int, str]] = {model: {} for model in keys}
    if tables:
        with connection.cursor() as cursor:
            cursor.execute(
                " UNION ALL ".join(
                    f'SELECT {number}, id, uuid::text FROM "{model._meta.db_table}" WHERE id = ANY(%s::bigint[])'
                    for number, (model, _) in enumerate(tables)
                ),
                [wanted for _, wanted in tables],
            )
            for number, key, uuid in cursor.fetchall():
                known[tables[number][0]][key] = uuid
    return {(kind, path): (columns[path], known[walk.model]) for path, walk in bare.items()}


def _relations(model: type[models.Model], source: str) -> Iterator[tuple[str, type[models.Model]]]:
    """Give the part of a dotted source that walks from row to row; the rest is a value's own."""
    walked: list[str] = []
    for name in source.split("."):
        known = {field.name: field for field in model._meta.concrete_fields}
        found = known.get(name)
        if not isinstance(found, models.ForeignKey):
            return
        walked.append(name)
        model = found.related_model
        yield "__".join(walked), model


class Columns(serializers.ModelSerializer[M], Generic[M]):
    """A body whose fields are columns: their lengths, choices and digits hold; references are UUIDs.

    It reads what a request says for an action, and writes nothing. A field that is not declared is refused.
    """

    serializer_field_mapping: ClassVar[dict[Any, Any]] = Shown.serializer_field_mapping

    def to_internal_value(self, data: Any) -> Any:
        """Read the declared fields.

        Raises:
            ValidationError: a field that is not declared, or a value that is none.
        """
        _only_declared(data, self.fields)
        return super().to_internal_value(data)

    def get_uniqueness_extra_kwargs(self, *args: Any) -> Any:
        """What must be unique is for the action to say."""
        return args[-1], {}

    def get_validators(self) -> list[Any]:
        """Rules across columns are the action's."""
        return []

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        """Read a column; amounts keep to its digits."""
        kind, kwargs = super().build_standard_field(field_name, model_field)
        kwargs["validators"] = [
            rule for rule in kwargs.get("validators", []) if not isinstance(rule, UniqueValidator)
        ]
        if issubclass(kind, Amount):
            kwargs = {name: value for name, value in kwargs.items() if name in AMOUNT}
        return kind, kwargs

    def build_relational_field(self, field_name: str, relation_info: Any) -> Any:
        """Read a reference as a UUID."""
        field = relation_info.model_field
        optional = field.null or field.has_default()
        return serializers.UUIDField, {
            "required": not optional,
            "allow_null": field.null,
            "help_text": field.help_text,
        }


AMOUNT: Final = frozenset({"max_digits", "decimal_places", "required", "allow_null", "help_text", "label"})
"""What an amount keeps of what its column would have it check."""


def _only_declared(data: Any, fields: Mapping[str, Any]) -> None:
    if not isinstance(data, Mapping):
        return
    unknown = [name for name in data if name not in fields or fields[name].read_only]
    if unknown:
        refused = serializers.ErrorDetail("There is no such field.", code="unknown_field")
        raise serializers.ValidationError({name: [refused] for name in unknown})
