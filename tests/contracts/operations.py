"""The operations of the REST interface as the resolver has them, and a well-formed request for each of them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.db.models import Model
from django.urls import URLPattern
from rest_framework import serializers
from rest_framework.views import APIView

from handover.api.commands import Command
from handover.api.resources import declared_of
from handover.api.serializers import Amount, Texts
from tests.contracts.resolver import every_route

PREFIX = "api/v1/"
Refer = Callable[[str], UUID]


@dataclass(frozen=True)
class Operation:
    """One method at one address."""

    method: str
    pattern: str
    """Below ``/api/v1/``, with ``{id}`` for the key."""
    resource: Any
    name: str
    said: Command
    callback: Any

    def __str__(self) -> str:
        return f"{self.method} {self.pattern}"

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.method == "GET"

    @property
    def model(self) -> type[Model] | None:
        """The model of the resource's rows."""
        return getattr(getattr(self.resource.serializer_class, "Meta", None), "model", None)

    @property
    def programmes(self) -> bool:
        """Whether its rows belong to programmes."""
        return self.model is not None and any(
            field.column == "programme_id" or field.model._meta.label == "handover.Programme"
            for field in self.model._meta.concrete_fields
        )

    @property
    def body(self) -> Any:
        """Its body, or its parameters, ready to be asked for fields; nothing where it has none."""
        if self.said.body is None:
            return None
        made: Any = self.said.body(context={}, partial=self.method == "PATCH")
        return made if hasattr(made, "fields") else None

    @property
    def parsers(self) -> list[str]:
        """The media types that it takes."""
        return [parser.media_type for parser in self.resource.parser_classes]

    def address(self, key: UUID | str) -> str:
        """Give its address for a row."""
        return f"/{PREFIX}{self.pattern.replace('{id}', str(key))}"


@cache
def operations() -> tuple[Operation, ...]:
    """Give all of them, sorted."""
    return tuple(sorted(_walk(), key=lambda item: (item.pattern, item.method)))


def _walk() -> Iterator[Operation]:
    for route, entry in every_route():
        if route.startswith(PREFIX):
            yield from _of(route, entry)


def _of(route: str, entry: URLPattern) -> Iterator[Operation]:
    pattern = route.removeprefix(PREFIX).replace("<uuid:id>", "{id}")
    kind = getattr(entry.callback, "cls", None)
    assert isinstance(kind, type), f"{route} is no resource"
    assert issubclass(kind, APIView), f"{route} is no resource"
    for method, name in (getattr(entry.callback, "actions", None) or {}).items():
        if method == "head":  # what Django REST framework adds to GET at the first request
            continue
        said = declared_of(kind, name)
        assert said is not None, f"{method} {route} declares nothing"
        yield Operation(method.upper(), pattern, kind, name, said, entry.callback)


def sample(body: Any, refer: Refer, name: str = "") -> Any:
    """Give a well-formed body: what is required, and where nothing is, one field that may change."""
    if isinstance(body, serializers.ListSerializer):
        return [sample(body.child, refer, name)]
    fields: Mapping[str, Any] = {key: field for key, field in body.fields.items() if not field.read_only}
    chosen = {key: field for key, field in fields.items() if field.required and not body.partial}
    if not chosen and body.partial:
        plain = [
            key for key, field in fields.items() if isinstance(field, serializers.CharField | Texts)
        ] or list(fields)
        chosen = {plain[0]: fields[plain[0]]}
    return {key: value(key, field, refer) for key, field in chosen.items()}


def value(name: str, field: Any, refer: Refer) -> Any:
    """Give a well-formed value of a field."""
    if isinstance(field, serializers.BaseSerializer):
        return sample(field, refer, name)
    if isinstance(field, serializers.UUIDField):
        return str(refer(name))
    if isinstance(field, serializers.ListField):
        return [value(name, field.child, refer)]
    if isinstance(field, serializers.ChoiceField):
        return next(iter(field.choices))
    if name in TEXTS:
        return TEXTS[name]
    if isinstance(field, serializers.IntegerField):
        return max(1, field.min_value or 1)
    return next((made for kind, made in VALUES if isinstance(field, kind)), "x")


TEXTS: Mapping[str, str] = {"piece": "need:x"}
"""Texts whose form the action reads."""

VALUES: tuple[tuple[type, Any], ...] = (
    (Texts, [{"lang": "en", "text": "x"}]),
    (Amount, "1"),
    (serializers.BooleanField, False),
    (serializers.DecimalField, "1"),
    (serializers.DateTimeField, "2024-06-30T12:00:00Z"),
    (serializers.DateField, "2024-06-03"),
    (serializers.EmailField, "manager@giver.example"),
    (serializers.URLField, "https://giver.example/"),
    (serializers.RegexField, "2024"),
    (serializers.DictField, {}),
    (serializers.FileField, SimpleUploadedFile("x.csv", b"x")),
)
"""A well-formed value for each kind of field, the narrower kind first."""


def columns(model: type[Model]) -> frozenset[str]:
    """Give the names by which a request could mean a column of a model."""
    return frozenset(
        name
        for field in model._meta.concrete_fields
        for name in ({field.name, field.attname} if isinstance(field, models.ForeignKey) else {field.name})
    )


def as_json(data: Any) -> bytes:
    """Write a body."""
    return json.dumps(data, default=_written).encode()


def _written(item: Any) -> str:
    if isinstance(item, dt.date | UUID):
        return str(item)
    return "x"
