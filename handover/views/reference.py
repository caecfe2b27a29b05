"""The interface explained: its nouns, its operations, its problems, and the OpenAPI document itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from handover.api.problems import language_of
from handover.api.schema import document, example, written
from handover.views.routes import open_to
from handover.wording import codes, title

NESTED: Final = 3
"""How deep the fields of a body are told."""
OPEN = "what can be asked is no secret; what is answered is"


@open_to(OPEN)
@require_GET
def openapi(request: HttpRequest) -> HttpResponse:
    """Give the OpenAPI 3.1 document as YAML."""
    return HttpResponse(written(), content_type="application/yaml; charset=utf-8")


@open_to(OPEN)
@require_GET
def nouns(request: HttpRequest) -> HttpResponse:
    """List the nouns of the interface, with how many operations each has."""
    found = [{"noun": noun, "operations": operations} for noun, operations in sorted(_operations().items())]
    return render(request, "handover/api/nouns.html", {"nouns": found})


@open_to(OPEN)
@require_GET
def noun(request: HttpRequest, noun: str) -> HttpResponse:
    """Explain the operations of one noun."""
    operations = _operations().get(noun)
    if operations is None:
        raise Http404
    return render(request, "handover/api/noun.html", {"noun": noun, "operations": operations})


@open_to("a refusal links here, whoever was refused")
@require_GET
def problems(request: HttpRequest) -> HttpResponse:
    """List every code of a refusal, with its title in the reader's language."""
    language = language_of(request)
    rows = [{"code": code, "title": title(code, language)} for code in codes()]
    return render(request, "handover/api/problems.html", {"problems": rows, "language": language})


@cache
def _operations() -> Mapping[str, list[dict[str, Any]]]:
    """Give the operations of each noun as the pages tell them."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document()["paths"].items():
        for method, said in methods.items():
            found.setdefault(said["tags"][0], []).append(_told(path, method, said))
    return found


def _told(path: str, method: str, said: Mapping[str, Any]) -> dict[str, Any]:
    sentences = [part for part in said["description"].split("\n\n") if part != said["summary"]]
    content = said.get("requestBody", {}).get("content", {})
    body = content.get("application/json", {}).get("schema")
    return {
        "id": said["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": said["summary"],
        "description": [_coded(sentence) for sentence in sentences],
        "parameters": [_parameter(item) for item in said.get("parameters", [])],
        "media": ", ".join(content),
        "fields": list(_fields(body)) if body else [],
        "example": _json(example(body, _schemas())) if body else "",
        "answers": sorted(status for status in said["responses"] if status.startswith("2")),
        "refusals": [
            {"status": status, "said": _resolved(response, "responses")["description"]}
            for status, response in sorted(said["responses"].items())
            if not status.startswith("2")
        ],
    }


def _parameter(item: Mapping[str, Any]) -> dict[str, Any]:
    known = _resolved(item, "parameters")
    schema = known.get("schema", {})
    values = schema.get("items", schema).get("enum", [])
    return {
        "name": known["name"],
        "where": known["in"],
        "required": known.get("required", False),
        **_said(known),
        # Where each value is explained, they need not be listed again.
        "values": "" if _said(known)["meanings"] else ", ".join(str(value) for value in values if value),
    }


def _said(part: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a description says, and what it says of each value: the framework appends these as a list."""
    lines = str(part.get("description", "")).splitlines()
    meanings = [line.removeprefix("* ") for line in lines if line.startswith("* ")]
    told = " ".join(line.strip() for line in lines if not line.startswith("* "))
    return {"said": _coded(told.strip()), "meanings": [_coded(line) for line in meanings]}


def _coded(text: str) -> SafeString:
    """Show what stands between backticks as code."""
    shown = [
        format_html("<code>{}</code>" if at % 2 else "{}", part) for at, part in enumerate(text.split("`"))
    ]
    return format_html_join("", "{}", ((part,) for part in shown))


def _fields(schema: Mapping[str, Any], before: str = "", depth: int = 0) -> Iterator[dict[str, Any]]:
    """Give the fields of a body, and those of what it holds: `answers[].line`."""
    known = _resolved(schema, "schemas")
    if known.get("type") == "array":
        known = _resolved(known["items"], "schemas")
    required = known.get("required", [])
    for name, said in known.get("properties", {}).items():
        yield {"name": before + name, "required": name in required, "kind": _kind(said), **_said(said)}
        if depth < NESTED and not _is_text(said):
            many = _resolved(said, "schemas").get("type") == "array"
            yield from _fields(said, f"{before}{name}{'[]' if many else ''}.", depth + 1)


def _is_text(schema: Mapping[str, Any]) -> bool:
    """Tell whether this is a text in several languages."""
    return set(schema.get("items", {}).get("properties", {})) == {"lang", "text"}


def _kind(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return _kind(_resolved(schema, "schemas"))
    if _is_text(schema):
        return "text in one or several languages"
    for key in ("allOf", "oneOf", "anyOf"):
        if key in schema:
            return " or ".join(dict.fromkeys(_kind(part) for part in schema[key]))
    if "enum" in schema:
        return "one of: " + ", ".join(str(value) for value in schema["enum"] if value)
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    kind = schema.get("type", "value")
    kinds = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{kinds} ({schema['format']})" if "format" in schema else kinds


def _resolved(part: Mapping[str, Any], room: str) -> Mapping[str, Any]:
    if "$ref" not in part:
        return part
    found: Mapping[str, Any] = document()["components"][room][str(part["$ref"]).rpartition("/")[2]]
    return found


def _schemas() -> Mapping[str, Any]:
    schemas: Mapping[str, Any] = document()["components"]["schemas"]
    return schemas


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
