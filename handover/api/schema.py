"""The OpenAPI 3.1 document: every operation as its handler declares it, with what it asks for and how it refuses."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import django_filters
import yaml
from django.utils.module_loading import import_string
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers

from handover.api.commands import NOTICES, Command
from handover.api.once import HEADER as ONCE
from handover.api.once import REPLAYED
from handover.api.pages import LONGEST, Pages
from handover.api.problems import MEDIA_TYPE, TYPES
from handover.api.resources import PAGING, Listed, declared_of
from handover.api.serializers import TEXT_SCHEMA, Shown
from handover.permissions import SCOPE_OF, Permission, Scope

LANGUAGE: Final = {
    "name": "Accept-Language",
    "in": "header",
    "description": "The language of titles of problems: en, ro or lt.",
    "schema": {"type": "string", "examples": ["ro"]},
}
IF_MATCH: Final = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The version that was read: its ETag.",
    "schema": {"type": "string", "pattern": '^"[1-9][0-9]{0,8}"$', "examples": ['"1"']},
}
PAGE_SIZE: Final = {
    "name": "page_size",
    "in": "query",
    "description": f"How many rows a page has; 50 if not said, {LONGEST} at most.",
    "schema": {"type": "integer", "minimum": 1, "maximum": LONGEST},
}
CURSOR: Final = {
    "name": "cursor",
    "in": "query",
    "description": "Where the page begins: taken from `next` or `previous` of another page.",
    "schema": {"type": "string", "pattern": "^gAAAA[A-Za-z0-9_-]{60,}={0,2}$"},
}
PARAMETERS: Final[Mapping[str, dict[str, Any]]] = {
    "Language": LANGUAGE,
    "Version": IF_MATCH,
    "PageSize": PAGE_SIZE,
    "Cursor": CURSOR,
}
"""Parameters that many operations share."""


class Described(AutoSchema):
    """Describes an operation from what its handler declares."""

    view: Any

    @property
    def said(self) -> Command:
        """What the handler declares."""
        found = declared_of(type(self.view), self.view.action)
        if found is None:
            raise TypeError(f"{self.method} {self.path} declares nothing")
        return found

    @property
    def reads(self) -> bool:
        """Whether the operation changes nothing."""
        return bool(self.method == "GET")

    @property
    def is_file(self) -> bool:
        """Whether the answer is a file."""
        return self.reads and self.said.answers is None and self.view.action not in ("list", "retrieve")

    def get_operation(self, *args: Any) -> dict[str, Any] | None:
        """Give the operation with headers, selections and refusals."""
        found: dict[str, Any] | None = super().get_operation(*args)
        if found is None:
            return None
        ours = {item["name"]: item for item in self._parameters()}
        theirs = [item for item in found.get("parameters", []) if item["name"] not in ours.keys() | PAGING]
        for item in theirs:
            schema = item["schema"]
            if not schema and item["in"] == "query":
                schema |= self._of_filter(item["name"])
            if schema.get("type") == "string" and not schema.keys() & {"enum", "format", "pattern"}:
                schema["pattern"] = TEXT if schema.get("minLength") else CLEAN
        shared = {
            item["name"]: {"$ref": f"#/components/parameters/{key}"} for key, item in PARAMETERS.items()
        }
        for item in theirs:
            if item["in"] == "path":
                item.setdefault("description", f"Which {self.view.what}: its `id`.")
        if self.method == "PATCH" and "requestBody" in found:
            found["requestBody"]["required"] = True
        found["parameters"] = [*theirs, *(shared.get(name, item) for name, item in ours.items())]
        for status, response in found["responses"].items():
            if str(status).startswith("2"):
                response["headers"] = self._headers()
                response["description"] = response.get("description") or "Done."
        found["responses"] |= {
            str(code): {"$ref": f"#/components/responses/{name}"} for code, name in self._refusals()
        }
        return found

    def _of_filter(self, name: str) -> dict[str, str]:
        """Describe a filter of which no column tells the kind."""
        filters = getattr(getattr(self.view, "filterset_class", None), "base_filters", {})
        dates = isinstance(filters.get(name), django_filters.DateFilter)
        return {"type": "string", "format": "date"} if dates else {"type": "string"}

    def get_operation_id(self) -> str:
        """Name the operation: noun and verb."""
        return f"{self._noun()}_{self.view.action}".replace("-", "_").replace("/", "_")

    def get_tags(self) -> list[str]:
        """Give the noun."""
        return [self._noun()]

    def get_summary(self) -> str:
        """Give the first sentence of what the handler says."""
        return self._words()[0]

    def get_description(self) -> str:  # type: ignore[override]
        """Give the rest, and what is asked."""
        rest, said = self._words()[1], self.said
        asked = f"Open because {said.open_to}."
        if isinstance(said.may, Permission):
            asked = (
                f"Asks for the permission `{said.may.value}` ({said.may.help.lower()}); a token needs the scope"
                f" `{SCOPE_OF[said.may].value}`."
            )
        elif isinstance(said.may, Scope):
            asked = f"A token needs the scope `{said.may.value}` ({said.may.help.lower()})."
        codes = ", ".join(f"`{code}`" for code in sorted(said.codes))
        refused = f"It is refused, among others, with {codes}." if codes else ""
        return "\n\n".join(part for part in (self.get_summary(), rest, asked, refused) if part)

    def get_auth(self) -> list[dict[str, Any]]:
        """Say by what one is known, and which scope a token needs."""
        super().get_auth()
        may = self.said.may
        scope = SCOPE_OF[may] if isinstance(may, Permission) else may
        return [{"token": [scope.value] if scope else []}, {"session": []}]

    def get_request_serializer(self) -> Any:
        """Give what a request says."""
        said = self.said
        if self.reads or said.body is None:
            return None
        if not issubclass(said.body, serializers.Serializer):
            file = {"type": "string", "format": "binary", "minLength": 1}
            return {parser.media_type: file for parser in self.view.parser_classes}
        return said.body

    def get_response_serializers(self) -> Any:
        """Give what is answered."""
        said = self.said
        if self.is_file:
            kinds = said.files or ("*/*",)
            return {
                (200, kind): OpenApiTypes.OBJECT if kind == "application/json" else OpenApiTypes.BINARY
                for kind in kinds
            }
        if said.answers is not None:
            told = {said.status: said.answers(many=True) if said.many else said.answers}
            return told | {204: None} if said.may_be_nothing else told
        shown = self.view.get_serializer_class()
        if self.view.action == "list":
            return {200: shown(many=True, context=self.view.get_serializer_context())}
        answered: dict[Any, Any] = {} if self.view.action == "destroy" else {said.status: shown}
        return answered if self.reads else answered | {204: None}

    def get_override_parameters(self) -> list[Any]:
        """Give the parameters that a reading, or a file in the body, takes."""
        said = self.said
        if self.reads and said.body is not None:
            return [said.body]
        asks = getattr(self.view, "asks", None)
        return [asks] if asks is not None and not self.reads else []

    def get_filter_backends(self) -> list[Any]:
        """Filter lists alone."""
        return list(self.view.filter_backends) if self.view.action == "list" else []

    def _map_serializer_field(self, field: Any, direction: str, bypass_extensions: bool = False) -> Any:
        """Say of a list that may not be empty that it has something."""
        found = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        is_list = isinstance(field, serializers.ListSerializer | serializers.ListField)
        if is_list and direction == "request" and not field.allow_empty and found.get("type") == "array":
            found["minItems"] = max(1, found.get("minItems", 1))
        is_text = type(field) is serializers.CharField and not field.allow_blank
        if is_text and direction == "request" and found.get("type") == "string":
            found.setdefault("minLength", 1)
        return found

    def _map_basic_serializer(self, serializer: Any, direction: str) -> Any:
        """Say of a reference that it may be told whole, where `expand` asks for it."""
        found = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        for name, dotted in sorted(getattr(serializer, "expandable", {}).items()):
            plain = found["properties"][name]
            kept = {key: plain.pop(key) for key in ("description", "readOnly") if key in plain}
            whole = self.resolve_serializer(import_string(dotted), "response")
            found["properties"][name] = kept | {"anyOf": [plain, whole.ref]}
        return found

    def _get_paginator(self) -> Any:
        return Pages() if self.view.action == "list" else None

    def _noun(self) -> str:
        path = self.path.removeprefix("/api/v1/").split("/{")[0].split("/")
        fixed = [part for part in path if part]
        base: str = getattr(self.view, "basename", None) or fixed[0]
        return base

    def _words(self) -> tuple[str, str]:
        handler = getattr(self.view, self.view.action)
        text = " ".join((handler.__doc__ or "").split("\n\n")[0].split())
        if self.view.action in ("list", "retrieve"):
            text = " ".join((type(self.view).__doc__ or "").split("\n\n")[0].split())
            text = ("List: " if self.view.action == "list" else "One of: ") + text[:1].lower() + text[1:]
        first, dot, rest = text.partition(". ")
        return (first + dot.strip() if dot else first), rest

    def _parameters(self) -> Iterator[dict[str, Any]]:
        yield LANGUAGE
        if self.said.versioned:
            yield IF_MATCH
        if self.method == "POST" and not self.said.secret:
            yield {
                "name": ONCE,
                "in": "header",
                "required": self.said.once,
                "description": "Names this request: the same again gets the same answer, and nothing happens twice.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
            }
        kind = self.view.get_serializer_class()
        if issubclass(kind, Shown) and self._tells_rows():
            yield _chosen("fields", sorted(kind(context={}).fields), "Only these fields.")
            if kind.expandable:
                yield _chosen("expand", sorted(kind.expandable), "These references whole.")
        if self.view.action == "list" and isinstance(self.view, Listed):
            yield from self._paging()

    def _tells_rows(self) -> bool:
        said = self.said
        return self.view.action in ("list", "retrieve") or (said.answers is None and not self.reads)

    def _paging(self) -> Iterator[dict[str, Any]]:
        columns = [sign + name for name in self.view.ordering_fields for sign in ("", "-")]
        if columns:
            yield _chosen("ordering", columns, "The order; by birth if not said.")
        yield PAGE_SIZE
        yield CURSOR

    def _headers(self) -> dict[str, Any]:
        told = ["RateLimit-Remaining"]
        told += ["ETag"] if self._tells_rows() and self.view.action != "list" else []
        told += [REPLAYED] if self.method == "POST" else []
        told += [NOTICES] if not self.reads else []
        return {name: {"$ref": f"#/components/headers/{name}"} for name in told}

    def _refusals(self) -> Iterator[tuple[int, str]]:
        yield 400, "Malformed"
        yield 401, "NotSignedIn"
        yield 403, "NotAllowed"
        yield 404, "NotFound"
        yield 406, "NotAcceptable"
        if not self.reads:
            yield 409, "Refused"
            yield 413, "TooLarge"
            yield 415, "UnsupportedMediaType"
        if self.said.versioned:
            yield 412, "Stale"
            yield 428, "VersionMissing"
        if self.view.action != "retrieve":
            yield 422, "RuleBroken"
        if self.reads and self.is_file:
            yield 409, "Refused"
        yield 429, "TooManyRequests"


def _chosen(name: str, values: list[str], description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "description": description,
        "schema": {
            "type": "array",
            "items": {"type": "string", "enum": values},
            "minItems": 1,
        },
        "style": "form",
        "explode": False,
    }


HEADERS: Final[Mapping[str, str]] = {
    "RateLimit-Remaining": "Requests that are left in this minute.",
    "ETag": "The version of what is answered, where people edit it.",
    REPLAYED: "`true` where the answer is that of an earlier request with the same key.",
    NOTICES: "What nothing was refused for, in JSON: code, sentence and field.",
}
"""Headers of answers."""


class AmountShape(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """A decimal number as text, with the digits that its column has."""

    target_class = "handover.api.serializers.Amount"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        """Describe it."""
        reader = self.target._reader  # noqa: SLF001  the digits are the reader's
        places = reader.decimal_places or 0
        whole = (reader.max_digits or 40) - places
        fraction = f"(\\.[0-9]{{1,{places}}})?" if places else ""
        return {
            "type": "string",
            "pattern": f"^-?[0-9]{{1,{whole}}}{fraction}$",
            "examples": ["12.5" if places else "12"],
        }


class TextsShape(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """A text in several languages."""

    target_class = "handover.api.serializers.Texts"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        """Describe it."""
        said = copy.deepcopy(TEXT_SCHEMA)
        if direction == "request":
            said["items"]["properties"]["text"]["pattern"] = CLEAN
            said["items"]["properties"]["lang"]["pattern"] = CLEAN
        return said if self.target.allow_empty else said | {"minItems": 1}


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """A token."""

    target_class = "handover.api.authentication.ByKey"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """Describe it."""
        return {"type": "http", "scheme": "bearer", "description": "A token: `Authorization: Bearer hvr_…`."}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The session of the pages."""

    target_class = "handover.api.authentication.BySession"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """Describe it."""
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "The session of the pages; what changes something needs the CSRF token of the pages too.",
        }


RESPONSES: Final[Mapping[str, tuple[int, str, str]]] = {
    "Malformed": (400, "unknown_field", "The request is not what this operation takes."),
    "NotSignedIn": (401, "not_signed_in", "Nobody asks: no session, or a token that is good for nothing."),
    "NotAllowed": (
        403,
        "not_allowed",
        "The caller may read this and may not do it, or their token lacks a scope.",
    ),
    "NotFound": (
        404,
        "not_found",
        "There is none, or it is not open to the caller: the two are never told apart.",
    ),
    "NotAcceptable": (406, "not_acceptable", "Answers are JSON."),
    "Refused": (409, "gates_unmet", "It cannot be done now; every unmet gate is named."),
    "Stale": (412, "stale_version", "Somebody else changed it; what changed is named."),
    "TooLarge": (413, "too_large", "The body is larger than what is taken."),
    "UnsupportedMediaType": (415, "unsupported_media_type", "The body is of a kind that is not read here."),
    "RuleBroken": (422, "invalid", "The request is well-formed, and breaks a rule that no schema can say."),
    "VersionMissing": (428, "precondition_required", "Say by If-Match which version you read."),
    "TooManyRequests": (429, "too_many_requests", "Too many requests in this minute."),
}

PROBLEM: Final[Mapping[str, Any]] = {
    "type": "object",
    "description": "A refusal, as RFC 9457 says.",
    "required": ["type", "title", "status", "detail", "code", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "Where this kind is explained."},
        "title": {"type": "string", "description": "What kind it is, in the caller's language."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "One sentence for a person."},
        "code": {"type": "string", "description": "Stable, for machines."},
        "instance": {"type": "string", "format": "uri-reference"},
        "field": {"type": "string", "description": "The field or header that it is about."},
        "errors": {
            "type": "array",
            "description": "All fields that are wrong.",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {name: {"type": "string"} for name in ("field", "code", "detail")},
            },
        },
        "details": {
            "type": "object",
            "additionalProperties": True,
            "description": "What else a machine needs.",
        },
    },
}


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add to the whole document what operations refer to: problems, examples, and that bodies hold nothing else."""
    components = result["components"]
    schemas = components["schemas"]
    _any(schemas)
    schemas["Problem"] = dict(PROBLEM)
    components["parameters"] = dict(PARAMETERS)
    components["headers"] = {
        name: {"description": said, "schema": {"type": "string"}} for name, said in HEADERS.items()
    }
    components["responses"] = {name: _refusal(*said) for name, said in RESPONSES.items()}
    for name in _in_bodies(result):
        if schemas[name].get("type") == "object" and "properties" in schemas[name]:
            schemas[name].setdefault("additionalProperties", False)
            _strict(schemas[name], changes=name.startswith("Patched"))
    for name, schema in schemas.items():
        if name.endswith("Shown"):
            # `fields` leaves out what was not asked for.
            schema.pop("required", None)
        if schema.get("type") == "object" and "examples" not in schema:
            schema["examples"] = [example(schema, schemas)]
    return result


def _strict(schema: dict[str, Any], *, changes: bool) -> None:
    """Say of a body what its fields say of themselves: texts hold something, and a change changes something."""
    if changes:
        schema["minProperties"] = 1
    for field in schema["properties"].values():
        for part in (field, field.get("items", {})):
            kinds = part.get("type")
            text = kinds == "string" or (isinstance(kinds, list) and "string" in kinds)
            if text and not part.keys() & {"enum", "format", "pattern"}:
                part["pattern"] = TEXT if part.get("minLength") else CLEAN


TEXT: Final = r"^[^\x00]*[^\s\x00-\x1f\x7f-\xa0][^\x00]*$"
CLEAN: Final = r"^[^\x00]*$"
"""Texts as they may be stored. Halves of surrogate pairs are refused too, but no regular expression of every client can
say so."""


def _any(schema: Any) -> None:
    """Say of a value of any kind that it may be nothing too, without saying it twice."""
    if isinstance(schema, dict):
        if schema.get("oneOf") == [{}, {"type": "null"}]:
            del schema["oneOf"]
        for inner in schema.values():
            _any(inner)
    elif isinstance(schema, list):
        for inner in schema:
            _any(inner)


def _refusal(status: int, code: str, sentence: str) -> dict[str, Any]:
    told = {
        "type": f"{TYPES}#{code}",
        "title": sentence.rstrip("."),
        "status": status,
        "detail": sentence,
        "code": code,
        "instance": "/api/v1/programmes",
    }
    body = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": told}
    return {"description": sentence, "content": {MEDIA_TYPE: body}}


def _in_bodies(result: Mapping[str, Any]) -> set[str]:
    found: set[str] = set()
    for path in result["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict) and "requestBody" in operation:
                _referred(operation["requestBody"], result["components"]["schemas"], found)
    return found


def _referred(part: Any, schemas: Mapping[str, Any], found: set[str]) -> None:
    if isinstance(part, dict):
        name = str(part.get("$ref", "")).rpartition("/")[2]
        if name in schemas and name not in found:
            found.add(name)
            _referred(schemas[name], schemas, found)
        for inner in part.values():
            _referred(inner, schemas, found)
    elif isinstance(part, list):
        for inner in part:
            _referred(inner, schemas, found)


FORMATS: Final[Mapping[str, Any]] = {
    "uuid": "3f1c2c5e-8a4b-4d9e-9a63-2f7d0c5b1e42",
    "date": "2026-11-02",
    "date-time": "2026-11-02T09:00:00Z",
    "decimal": "12.5",
    "email": "officer@town.example",
    "uri": "https://town.example/",
    "binary": "",
}
PLAIN: Final[Mapping[str, Any]] = {"string": "text", "integer": 1, "number": 1, "boolean": True, "null": None}


NAMED: Final[Mapping[str, str]] = {
    "country": "RO",
    "currency": "EUR",
    "from_currency": "EUR",
    "into": "RON",
    "languages": "ro",
    "reason": "The contract ends in June.",
    "year": "2026",
}
"""Examples of texts that are codes, or that say something."""


def example(schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str = "", depth: int = 0) -> Any:
    """Make an example of a schema: the first of its own, else one value of its kind and name."""
    if "$ref" in schema:
        return example(schemas[str(schema["$ref"]).rpartition("/")[2]], schemas, name, depth + 1)
    for key in ("allOf", "oneOf", "anyOf"):
        if key in schema:
            return example(schema[key][0], schemas, name, depth)
    if "examples" in schema or "example" in schema:
        return schema.get("example", next(iter(schema.get("examples", [None]))))
    if "enum" in schema or "default" in schema:
        return schema.get("default", next((value for value in schema.get("enum", []) if value), None))
    kind = schema.get("type")
    kind = next((item for item in kind if item != "null"), "null") if isinstance(kind, list) else kind
    if kind == "object":
        return {
            key: example(inner, schemas, key, depth + 1)
            for key, inner in schema.get("properties", {}).items()
            if depth < 4
        }
    if kind == "array":
        return [example(schema.get("items", {}), schemas, name, depth + 1)] if depth < 4 else []
    return _plain(schema, str(kind), name)


def _plain(schema: Mapping[str, Any], kind: str, name: str) -> Any:
    """Make an example that holds nothing else."""
    if schema.get("format") in FORMATS:
        return FORMATS[str(schema["format"])]
    if kind == "string" and name in NAMED:
        return NAMED[name]
    if kind == "integer":
        return max(1, schema.get("minimum", 1))
    return PLAIN.get(kind, "text")


@cache
def document() -> dict[str, Any]:
    """Give the whole document; made once."""
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


@cache
def written() -> str:
    """Give the document as YAML: sorted, the same for the same code; made once."""
    text: str = yaml.dump(document(), Dumper=_Plain, sort_keys=True, allow_unicode=True, width=140)
    return text


class _Plain(yaml.SafeDumper):
    """Writes each part where it stands, without references inside the file."""

    def ignore_aliases(self, data: Any) -> bool:
        """Never refer to an earlier part."""
        return True
