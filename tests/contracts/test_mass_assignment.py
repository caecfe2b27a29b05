"""No request sets a column that its body does not declare: such a field is refused by its name, never passed over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from rest_framework import serializers

from handover.models import Programme
from tests.contracts.operations import Operation, columns, operations, sample
from tests.factories.api import caller
from tests.factories.cast import Cast

ALWAYS = frozenset(
    {
        "uuid", "id", "pk", "version", "programme_id", "organisation_id", "user_id", "is_staff", "is_superuser",
        "is_active", "is_service", "password", "created_at", "updated_at", "reported_by", "recorded_by", "by", "self",
        "key_", "channel", "state", "digest", "scopes", "role", "steward", "steward_id", "__class__", "custody",
    }
)  # fmt: skip
"""What somebody would try on every operation, whatever its model has."""


def with_bodies() -> list[Operation]:
    """Give every operation that reads fields: from its body, or a question's parameters."""
    return [item for item in operations() if item.body is not None]


def undeclared(operation: Operation, fields: Any) -> list[str]:
    """Give what a body does not declare of the columns of its model, and what is never to be set."""
    known = columns(operation.model) if operation.model is not None else frozenset[str]()
    return sorted((known | ALWAYS) - set(fields))


def nested(body: Any) -> Iterator[tuple[str, Any]]:
    """Give a body and all bodies in it, each with its path."""
    if isinstance(body, serializers.ListSerializer):
        body = body.child
    yield "", body
    for name, field in body.fields.items():
        inner = (
            field.child if isinstance(field, serializers.ListSerializer | serializers.ListField) else field
        )
        if isinstance(inner, serializers.BaseSerializer) and hasattr(inner, "fields"):
            yield from ((f"{name}/{path}".rstrip("/"), found) for path, found in nested(inner))


def _fresh(name: str) -> Any:
    return uuid4()


def test_no_body_takes_a_column_that_it_does_not_declare(capsys: pytest.CaptureFixture[str]) -> None:
    tried, taken = 0, []
    for operation in with_bodies():
        for path, body in nested(operation.body):
            said = sample(body, _fresh)
            for name in undeclared(operation, body.fields):
                tried += 1
                try:
                    body.run_validation({**said, name: "x"})
                except serializers.ValidationError as refused:
                    told: Any = refused.get_full_details()
                    codes = told.get(name) if isinstance(told, dict) else None
                    if codes and codes[0]["code"] == "unknown_field":
                        continue
                taken.append(f"{operation} {path}: {name}")
    with capsys.disabled():
        print(f"\n{tried} fields that {len(with_bodies())} operations do not declare were refused by name")
    assert taken == []
    assert tried > 9_000


def test_read_only_fields_of_a_body_are_refused_too() -> None:
    read_only = {
        f"{operation} {path}: {name}"
        for operation in with_bodies()
        for path, body in nested(operation.body)
        for name, field in body.fields.items()
        if field.read_only
    }
    assert read_only == set()


@pytest.mark.django_db
def test_every_operation_refuses_undeclared_fields_by_http(cast: Cast, programme: Programme) -> None:
    """All undeclared fields at once, on every operation: each is named."""
    asks = caller(cast.giver)
    other = []
    for operation in with_bodies():
        if operation.reads or operation.parsers == ["text/csv"]:
            continue
        names = undeclared(operation, operation.body.fields)
        said = sample(operation.body, _fresh) | dict.fromkeys(names, "x")
        key = None if operation.said.secret else str(uuid4())
        answer = asks(operation.method, operation.address(uuid4()), said, version=1, key=key)
        errors = answer.body.get("errors", [])
        named = {item["field"] for item in errors if item["code"] == "unknown_field"}
        if answer.status != 400 or named != set(names):
            other.append(f"{operation}: {answer.status} {sorted(set(names) - named)[:3]}")
    assert other == []
