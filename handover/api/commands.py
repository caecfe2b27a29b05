"""Commands: what a request may change, declared beside the function that calls the action."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import UUID

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from handover.api.once import once
from handover.api.problems import Problem
from handover.errors import Stale
from handover.notices import collected
from handover.permissions import Permission, Scope
from handover.queries.edits import changes_since

if TYPE_CHECKING:
    from handover.api.resources import Resource

Asks = Permission | Scope
NOTICES: Final = "Handover-Notices"
"""The header that tells what nothing was refused for: JSON in ASCII, a list of code, sentence and field."""
MOST_NOTICES: Final = 10
F = TypeVar("F", bound=Callable[..., Any])
STANDARD: Final = ("create", "partial_update", "destroy", "list", "retrieve")
"""Handlers that the router knows by their name; every other command has an address of its own below the row's."""


@dataclass(frozen=True)
class Command:
    """What is declared of a handler: all that the schema, the checks and the tests need to know."""

    may: Asks | None
    open_to: str = ""
    body: type[serializers.BaseSerializer[Any]] | None = None
    answers: type[serializers.BaseSerializer[Any]] | None = None
    status: int = 200
    versioned: bool = False
    once: bool = False
    many: bool = False
    detail: bool = True
    codes: tuple[str, ...] = field(default=())
    secret: bool = False
    may_be_nothing: bool = False
    files: tuple[str, ...] = ()
    """Media types of a file that is answered; any, where none is named."""


def declares(said: Command) -> Callable[[F], F]:
    """Declare a handler that is neither a command nor a reading of its own: the base's ``list`` and ``retrieve``."""

    def declared(method: F) -> F:
        method.command = said  # type: ignore[attr-defined]
        return method

    return declared


def command(
    *,
    may: Asks | None = None,
    open_to: str = "",
    body: type[serializers.BaseSerializer[Any]] | None = None,
    answers: type[serializers.BaseSerializer[Any]] | None = None,
    status: int | None = None,
    versioned: bool = False,
    once: bool = False,
    many: bool = False,
    detail: bool = True,
    path: str | None = None,
    codes: tuple[str, ...] = (),
    secret: bool = False,
) -> Callable[[Callable[..., Any]], Any]:
    """Make a method of a resource a request that changes something, or (as ``reading``) one that answers a question.

    The method is called with the row's UUID first (unless the command is the collection's), with the fields of
    ``body`` and, if ``versioned``, with the ``version`` that ``If-Match`` names. It gives a row of the resource,
    another object that ``answers`` tells, or ``None`` for an empty answer.

    Args:
        may: the permission that the action asks ``access`` for, or the scope of a token that it needs.
        open_to: why it needs neither.
        once: the request must carry an ``Idempotency-Key``; any POST may.
        codes: error codes worth naming in the schema.
        secret: the answer holds a secret that is shown once, so that no answer is kept for a second request.
        path: the last part of its address, where the method's name with hyphens is not it.
    """
    if (may is None) == (not open_to):
        raise TypeError("a command names a permission or a scope, or why it needs none")

    def declared(method: Callable[..., Any]) -> Any:
        name = method.__name__
        said = Command(
            may, open_to, body, answers, status or (201 if name == "create" else 200), versioned, once, many,
            detail and name not in ("create", "list"), codes, secret,
        )  # fmt: skip

        @wraps(method)
        def run(self: Resource[Any], request: Request, *args: Any, **kwargs: Any) -> Response:
            return _run(self, request, method, said, kwargs)

        run.command = said  # type: ignore[attr-defined]
        if name in STANDARD:
            return run
        return action(detail=detail, methods=["post"], url_path=path or name.strip("_").replace("_", "-"))(
            run
        )

    return declared


def reading(
    *,
    may: Asks | None = None,
    open_to: str = "",
    answers: type[serializers.BaseSerializer[Any]] | None = None,
    many: bool = False,
    detail: bool = True,
    path: str | None = None,
    parameters: type[serializers.BaseSerializer[Any]] | None = None,
    may_be_nothing: bool = False,
    files: tuple[str, ...] = (),
) -> Callable[[Callable[..., Any]], Any]:
    """Make a method of a resource a GET below a row (or the collection) that answers a question of its own.

    ``parameters`` reads the query parameters, strictly; the method is called with them and with ``key``.
    ``may_be_nothing`` says that it may answer nothing: 204. ``files`` names the media types of a file.
    """
    if (may is None) == (not open_to):
        raise TypeError("a reading names a permission or a scope, or why it needs none")

    def declared(method: Callable[..., Any]) -> Any:
        said = Command(
            may, open_to, parameters, answers, 200, many=many, detail=detail, may_be_nothing=may_be_nothing,
            files=files,
        )  # fmt: skip

        @wraps(method)
        def run(self: Resource[Any], request: Request, *args: Any, **kwargs: Any) -> Response:
            given = (
                _read(parameters, self, request.query_params.dict()) if parameters else self.no_parameters()
            )
            return self.tell(method(self, *_key(kwargs).values(), **given), said)

        run.command = said  # type: ignore[attr-defined]
        name = method.__name__
        return action(detail=detail, methods=["get"], url_path=path or name.strip("_").replace("_", "-"))(run)

    return declared


def _run(
    resource: Resource[Any],
    request: Request,
    method: Callable[..., Any],
    said: Command,
    kwargs: dict[str, Any],
) -> Response:
    def perform() -> Response:
        given = _read(said.body, resource, request.data) if said.body else _nothing(request)
        asked = version_asked(request) if said.versioned else None
        version = {"version": asked} if asked is not None else {}
        with collected() as heard:
            try:
                result = method(resource, *_key(kwargs).values(), **given, **version)
            except Stale as stale:
                raise _told(stale, _key(kwargs).get("key"), asked) from stale
        response = resource.tell(result, said)
        if heard:
            response[NOTICES] = json.dumps([notice.as_json() for notice in islice(heard, MOST_NOTICES)])
        return response

    resource.no_parameters()
    if request.method != "POST":
        return perform()
    return once(request, resource.actor, perform, required=said.once, secret=said.secret)


def _key(kwargs: Mapping[str, Any]) -> dict[str, UUID]:
    return {"key": UUID(str(kwargs["id"]))} if "id" in kwargs else {}


def _read(body: type[serializers.BaseSerializer[Any]], resource: Resource[Any], data: Any) -> dict[str, Any]:
    partial = resource.action == "partial_update"
    serializer = body(data=data, partial=partial, context=resource.get_serializer_context())
    serializer.is_valid(raise_exception=True)
    if partial and not serializer.validated_data:
        raise serializers.ValidationError("Name at least one field to change.")
    return dict(serializer.validated_data)


def _nothing(request: Request) -> dict[str, Any]:
    """Read the body of a command that takes none: nothing, or an empty object."""
    if request.data not in ({}, None, ""):
        raise serializers.ValidationError("This request takes no body.")
    return {}


VERSION: Final = re.compile(r'"([1-9][0-9]{0,8})"')


def version_asked(request: Request) -> int:
    """Give the version that ``If-Match`` names.

    Raises:
        Problem: 428 ``precondition_required`` where there is none, 400 where it is no ETag of ours.
    """
    said = request.headers.get("If-Match")
    if said is None:
        raise Problem(
            428,
            "precondition_required",
            "Say by If-Match which version you read: its ETag.",
            field="If-Match",
        )
    found = VERSION.fullmatch(said.strip())
    if found is None:
        raise Problem(400, "malformed", 'If-Match holds one ETag, for example "3".', field="If-Match")
    return int(found[1])


def _told(stale: Stale, key: UUID | None, asked: int | None) -> Stale:
    """Add to a refused edit what has changed since the version that its author read."""
    if key is None or asked is None:
        return stale
    changed = changes_since(key, asked)
    fields = sorted({str(name) for step in changed for name in list(step["fields"])})  # type: ignore[call-overload]
    stale.details = {**stale.details, "asked": asked, "fields": fields, "changes": changed}
    return stale
