"""The OpenAPI document is what stands in the repository, is valid, and leaves no operation unexplained.

``python -m tests.contracts.test_openapi`` writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

FILE = Path(__file__).resolve().parents[2] / "docs/reference/openapi.yaml"


def described() -> Iterator[tuple[str, dict[str, Any]]]:
    from handover.api.schema import document

    for path, methods in document()["paths"].items():
        for method, said in methods.items():
            yield f"{method.upper()} {path.removeprefix('/api/v1/')}", said


def test_the_document_in_the_repository_is_the_present_one() -> None:
    from handover.api.schema import written

    assert FILE.read_text("utf-8") == written(), (
        "run python -m tests.contracts.test_openapi and read the difference"
    )


def test_making_it_warns_of_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    from drf_spectacular.drainage import GENERATOR_STATS

    from handover.api.schema import document

    document.cache_clear()
    GENERATOR_STATS.reset()
    document()
    told = capsys.readouterr().err
    assert "Warning" not in told, told
    assert "Error" not in told, told


def test_it_is_an_openapi_3_1_document() -> None:
    from drf_spectacular.validation import validate_schema

    from handover.api.schema import document

    assert document()["openapi"] == "3.1.0"
    validate_schema(document())  # type: ignore[no-untyped-call]


def test_it_has_every_operation_of_the_resolver_and_no_other() -> None:
    from tests.contracts.operations import operations

    assert sorted(name for name, _ in described()) == sorted(str(operation) for operation in operations())


def test_every_operation_is_explained() -> None:
    poor = {
        name: [
            part for part in ("summary", "description", "tags", "security", "responses") if not said.get(part)
        ]
        for name, said in described()
    }
    assert {name: missing for name, missing in poor.items() if missing} == {}
    unscoped = [
        name
        for name, said in described()
        if "Asks for the permission" not in said["description"]
        and "A token needs the scope" not in said["description"]
        and "Open because" not in said["description"]
    ]
    assert unscoped == []


def test_every_operation_says_how_it_refuses() -> None:
    for name, said in described():
        assert {"400", "401", "403", "404", "429"} <= said["responses"].keys(), name


def test_no_two_operations_share_a_name() -> None:
    names = [said["operationId"] for _, said in described()]
    assert len(names) == len(set(names))


def test_every_body_has_an_example_and_takes_nothing_else() -> None:
    from handover.api.schema import document

    schemas = document()["components"]["schemas"]
    for name, said in described():
        schema = said.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            continue
        body = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
        if body.get("type") == "object":
            assert body["examples"], name
            assert body["additionalProperties"] is False, name


def test_every_example_is_one_of_its_schema() -> None:
    from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

    from handover.api.schema import document

    components = document()["components"]
    wrong = {
        name: [error.message for error in validator.iter_errors(given)]
        for name, schema in components["schemas"].items()
        for given in schema.get("examples", [])
        for validator in [
            Draft202012Validator(schema | {"components": components}, format_checker=FormatChecker())
        ]
    }
    assert {name: errors for name, errors in wrong.items() if errors} == {}


@pytest.mark.django_db
def test_whoever_reads_finds_the_nouns_their_operations_and_the_problems(client: Client) -> None:
    index = client.get("/api/docs/")
    assert "transfers" in index.content.decode()
    page = client.get("/api/docs/transfers/").content.decode()
    for part in (
        "POST /api/v1/transfers/{id}/execute",
        "Idempotency-Key",
        "execute_transfer",
        'id="transfers_execute"',
        "<code>execute_transfer</code>",
        "items[].responsibility",
        "<li><code>draft</code>",
        "<strong>409</strong>",
    ):
        assert part in page
    assert "`" not in page
    told = client.get("/api/problems", headers={"Accept-Language": "ro"}).content.decode()
    assert 'id="stale_version"' in told
    assert 'lang="ro"' in told
    assert client.get("/api/openapi.yaml").content.startswith(b"components:")
    assert client.get("/api/docs/nothing/").status_code == 404


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "handover.settings")
    django.setup()
    from handover.api.schema import written

    FILE.write_text(written(), "utf-8")
