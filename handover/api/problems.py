"""Problems: every refusal as RFC 9457 says, with a stable code, the field, and a sentence in the caller's language."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, ValidationError
from django.db import DataError, IntegrityError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header
from rest_framework import exceptions
from rest_framework.response import Response

from handover.access import who_asks
from handover.canonical import plain
from handover.errors import Broken, DomainError, Invalid, NotAllowed, NotFound, Refused, Stale
from handover.wording import title

log = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
TYPES: Final = "/api/problems"
"""Where the kinds of problems are explained; the code is the fragment."""

STATUSES: Final[tuple[tuple[type[DomainError], int], ...]] = (
    (NotFound, 404),
    (NotAllowed, 403),
    (Refused, 409),
    (Stale, 412),
    (Broken, 500),
    (Invalid, 422),
)
"""What each kind of domain error is in HTTP."""

RULE: Final = "rule_broken"
"""The code of what is well-formed and breaks a rule that no schema can say: 422, not 400."""

EDGE: Final[Mapping[type[exceptions.APIException], str]] = {
    exceptions.ParseError: "malformed",
    exceptions.AuthenticationFailed: "token_not_valid",
    exceptions.NotAuthenticated: "not_signed_in",
    exceptions.PermissionDenied: "not_allowed",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
}
"""Codes of the refusals of the REST framework itself."""


class Problem(exceptions.APIException):
    """A refusal at the edge of the interface, before any action: a status, a code, a sentence."""

    def __init__(self, status: int, code: str, sentence: str, *, field: str = "", **details: object) -> None:
        super().__init__(sentence, code)
        self.status_code = status
        self.code = code
        self.sentence = sentence
        self.field = field
        self.details = details


def too_large() -> Problem:
    """Give the refusal of a body that is larger than what is read into memory."""
    return Problem(
        413, "too_large", "The body of a request has at most 5 MB; files have addresses of their own."
    )


def language_of(request: HttpRequest) -> str:
    """Give the language in which a caller wants to be told: what they accept, else their account's, else English."""
    for code, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if code == "*":
            break
        try:
            return get_supported_language_variant(code)[:2]
        except LookupError:
            continue
    asks = who_asks()
    return asks.user.language[:2] if asks else "en"


def problem(
    request: HttpRequest,
    code: str,
    sentence: str,
    status: int,
    *,
    field: str = "",
    errors: list[dict[str, str]] | None = None,
    details: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """Give the body of a refusal."""
    told: dict[str, object] = {
        "type": f"{TYPES}#{code}",
        "title": title(code, language_of(request)),
        "status": status,
        "detail": sentence,
        "code": code,
        "instance": request.path,
    }
    told |= {"field": field} if field else {}
    told |= {"errors": errors} if errors else {}
    told |= {"details": dict(details)} if details else {}
    return {name: _sendable(value) for name, value in told.items()}


_NO_TEXT: Final = re.compile("[\x00\ud800-\udfff]")
"""What a caller may send in JSON and nobody can send back."""


def _sendable(value: object) -> object:
    """Give what is told without halves of surrogate pairs, which a caller's own words may hold."""
    match value:
        case str():
            return _NO_TEXT.sub("\ufffd", value)
        case Mapping():
            return {str(_sendable(name)): _sendable(item) for name, item in value.items()}
        case list() | tuple():
            return [_sendable(item) for item in value]
    return value


def problem_response(request: HttpRequest, code: str, sentence: str, status: int) -> HttpResponse:
    """Refuse a request outside the REST framework."""
    response = HttpResponse(
        json.dumps(problem(request, code, sentence, status), ensure_ascii=False),
        content_type=MEDIA_TYPE,
        status=status,
    )
    response["Content-Language"] = language_of(request)
    return response


def answer(error: Exception, context: Mapping[str, Any]) -> Response:
    """Turn what a view raised into a refusal, and take back all that the request wrote.

    What nobody foresaw is logged, and told to the caller without a word of it.
    """
    request: HttpRequest = context["request"]._request
    body = _body(request, error)
    if body is None:
        log.error("Nobody foresaw this: %s %s", request.method, request.path, exc_info=error)
        body = problem(request, "internal_error", "Something went wrong here; nothing was changed.", 500)
    response = Response(body, status=int(str(body["status"])), content_type=MEDIA_TYPE)
    response["Content-Language"] = language_of(request)
    if isinstance(error, exceptions.APIException):
        challenge = getattr(error, "auth_header", None)
        if challenge:
            response["WWW-Authenticate"] = str(challenge)
        if isinstance(error, exceptions.MethodNotAllowed):
            response["Allow"] = ", ".join(context["view"].allowed_methods)
    if connection.in_atomic_block:
        transaction.set_rollback(True)
    return response


def _body(request: HttpRequest, error: Exception) -> dict[str, object] | None:
    match error:
        case DomainError():
            status = next(status for kind, status in STATUSES if isinstance(error, kind))
            if status == 500:
                log.error("An invariant did not hold: %s", error.code, exc_info=error)
            details = {name: value for name, value in error.details.items() if name != "field"}
            field = str(error.details.get("field", ""))
            return problem(request, error.code, error.sentence, status, field=field, details=_plain(details))
        case Problem():
            return problem(
                request,
                error.code,
                error.sentence,
                error.status_code,
                field=error.field,
                details=_plain(error.details),
            )
        case exceptions.ValidationError():
            errors = list(_fields(error.get_full_details(), ""))
            first = errors[0]
            status = 422 if all(each["code"] in (RULE, "cursor_invalid") for each in errors) else 400
            return problem(
                request, first["code"], first["detail"], status, field=first["field"], errors=errors
            )
        case ValidationError():
            return problem(request, "invalid", " ".join(error.messages), 422)
        case IntegrityError() | DataError():
            log.warning("The database refused what an action let through.", exc_info=error)
            return problem(request, "rule_broken", "This breaks a rule that the records keep.", 422)
        case RecursionError():
            return problem(request, "malformed", "The request is nested too deeply to be read.", 400)
        case Http404() | PermissionDenied() | SuspiciousOperation():
            return _of_django(request, error)
        case exceptions.APIException():
            code = next((EDGE[kind] for kind in type(error).mro() if kind in EDGE), "malformed")
            return problem(request, code, str(error.detail), error.status_code)
    return None


def _of_django(request: HttpRequest, error: Exception) -> dict[str, object]:
    """Give the body of a refusal that Django itself raises."""
    match error:
        case Http404():
            lost = NotFound()
            return problem(request, lost.code, lost.sentence, 404)
        case PermissionDenied():
            return problem(request, "not_allowed", "You may not do this.", 403)
        case RequestDataTooBig():
            refused = too_large()
            return problem(request, refused.code, refused.sentence, refused.status_code)
    return problem(request, "malformed", "The request cannot be read.", 400)


FIELD_CODES: Final = frozenset({"unknown_field", "unknown_parameter", "cursor_invalid", RULE})


def _fields(told: Any, path: str) -> Iterator[dict[str, str]]:
    """Walk the framework's nested errors: one entry a field, with its path as in a JSON pointer."""
    if isinstance(told, dict) and set(told) == {"message", "code"}:
        code = str(told["code"])
        yield {
            "field": path,
            "code": code if code in FIELD_CODES else "invalid_field",
            "detail": str(told["message"]),
        }
    elif isinstance(told, dict):
        for name, inner in told.items():
            yield from _fields(inner, _joined(path, "" if name == "non_field_errors" else str(name)))
    elif isinstance(told, list):
        for number, inner in enumerate(told):
            nested = isinstance(inner, dict) and set(inner) != {"message", "code"}
            yield from _fields(inner, _joined(path, str(number)) if nested else path)


def _joined(path: str, name: str) -> str:
    return "/".join(part for part in (path, name) if part)


def _plain(details: Mapping[str, object]) -> dict[str, object]:
    """Give details in JSON types."""
    return {name: plain(value) for name, value in details.items()}
