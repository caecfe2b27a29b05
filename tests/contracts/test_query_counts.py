"""How many queries each list of the REST interface takes: as many for four rows as for one, and as many as the reviewed
file says. ``HANDOVER_WRITE_QUERY_COUNTS=1 pytest tests/contracts/test_query_counts.py`` writes the file."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import DatabaseError, connection, transaction
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from handover.access import asking
from handover.models import Programme
from handover.models.guard import writing
from tests.contracts.api_world import Caller, Phase, Refers, Scene, scene
from tests.contracts.operations import Operation, operations
from tests.contracts.test_api_cells import NEEDS, send
from tests.factories.cast import Cast

FILE = Path(__file__).with_name("query_counts.toml")
WRITES = "HANDOVER_WRITE_QUERY_COUNTS"
ROWS = 3
"""Rows that are added to the one that is there."""


def lists() -> Iterator[Operation]:
    """Give every list."""
    return (item for item in operations() if item.name == "list")


def test_a_list_takes_as_many_queries_for_four_rows_as_for_one(cast: Cast, programme: Programme) -> None:
    made = scene(Phase.DURING, cast, programme)
    caller = next(item for item in made.callers if item.name == "giver manager")
    counts, uneven, few = {}, {}, []
    with asking(caller.actor):
        for operation in lists():
            query = _query(operation, made)
            one, rows = _counted(operation, caller, made, query)
            with transaction.atomic():
                grown = _multiplied(operation, made)
                four, more = _counted(operation, caller, made, query)
                transaction.set_rollback(True)
            counts[str(operation)] = one
            if one != four:
                uneven[str(operation)] = (one, four)
            if not grown or more <= rows:
                few.append(str(operation))
    if os.environ.get(WRITES):
        _write(counts)
    assert uneven == {}
    assert " ".join(sorted(set(few) - SINGLE.keys())) == "", (
        "say in tests/contracts/world.py how a second row is made"
    )
    assert counts == tomllib.loads(FILE.read_text()), f"see what took more queries, or review {FILE.name}"


SINGLE: dict[str, str] = {
    "GET breaks": "a break needs a definition of its own beside it; counted as it is",
    "GET code-lists": "lists that ship with the toolkit: their number is fixed",
    "GET exchange-rates": "one a day and pair of currencies, never changed; counted as it is",
    "GET feeds": "one an indicator; counted as it is",
    "GET floors": "one an indicator; counted as it is",
    "GET ledger": "nobody copies an entry of a chain; counted with all entries of the scene",
    "GET members": "people are no rows of a programme; counted with five of them",
    "GET place-lineages": "public geography; counted as it is",
    "GET places": "public geography; counted as it is",
    "GET programmes": "counted with the two programmes of the scene",
    "GET proofs": "one a transfer; counted as it is",
    "GET reorganisations": "no rows of a programme; counted as it is",
    "GET standings": "one an organisation and kind at a time; counted with those of the scene",
    "GET transfers": "one open lead transfer a programme; counted as it is",
    "GET values": "values are added by batches alone; counted as it is",
}
"""Lists whose rows cannot be copied here, each with the reason. Their counts are in the file all the same."""


def _query(operation: Operation, made: Scene) -> dict[str, str]:
    name = NEEDS.get(str(operation))
    return {name: str(Refers(made.home)(name))} if name else {}


def _counted(operation: Operation, caller: Caller, made: Scene, query: dict[str, str]) -> tuple[int, int]:
    """Give how many queries a list takes, and how many rows it has."""
    with CaptureQueriesContext(connection) as seen:
        answer = send(operation, caller, Refers(made.home), query)
    assert answer.status == 200, f"{operation}: {answer.status} {answer.code}"
    told: Any = json.loads(answer.content)
    own = [item for item in seen.captured_queries if "SAVEPOINT" not in item["sql"]]
    return len(own), len(told["results"] if isinstance(told, dict) else told)


def _multiplied(operation: Operation, made: Scene) -> bool:
    """Copy a row of a list's noun, with new keys and new texts; tell whether the database took it."""
    model = operation.model
    if model is None:
        return False
    row: Any = _row(model, made)
    if row is None:
        return False
    taken = 0
    for number in range(ROWS):
        try:
            with transaction.atomic(), writing():
                model._default_manager.bulk_create([_copy(model, row, number)])
            taken += 1
        except DatabaseError:
            continue
    return taken > 0


def _row(model: type[Model], made: Scene) -> Model | None:
    label = model._meta.label
    rows: Any = model._default_manager
    if label in made.home.keys and label != "handover.User":
        found: Model | None = rows.filter(uuid=made.home.keys[label]).first()
        return found
    first: Model | None = rows.order_by("pk").first()
    return first


def _copy(model: type[Model], row: Model, number: int) -> Model:
    """Give a copy that no unique rule of one column stands against."""
    said = {
        column.attname: getattr(row, column.attname)
        for column in model._meta.concrete_fields
        if not column.primary_key and not column.generated
    }
    if "uuid" in said:
        said["uuid"] = uuid4()
    unique = {name for rule in model._meta.constraints for name in getattr(rule, "fields", ())} | {
        column.name for column in model._meta.concrete_fields if column.unique and not column.primary_key
    }
    for column in model._meta.concrete_fields:
        if column.name in unique and column.attname != "uuid" and column.attname in said:
            said[column.attname] = _other(column.get_internal_type(), said[column.attname], number)
    return model(**said)


def _other(kind: str, value: Any, number: int) -> Any:
    match kind:
        case "CharField" | "SlugField" | "TextField":
            return f"{value}-{number}"
        case "UUIDField":
            return uuid4()
        case "IntegerField" | "PositiveIntegerField" | "PositiveSmallIntegerField" | "BigIntegerField":
            return (value or 0) + number + 1
        case "BinaryField":
            return uuid4().bytes * 2
    return value


def _write(counts: dict[str, int]) -> None:
    head = "# Queries that each list of the REST interface takes, however many rows it has. Reviewed by hand.\n\n"
    FILE.write_text(head + "".join(f'"{name}" = {count}\n' for name, count in sorted(counts.items())))
