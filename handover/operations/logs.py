"""Logs: one record an event, as a line or as JSON, with the request that it belongs to and nothing about persons.

A record never quotes what somebody entered: of an address it holds the route's pattern, of an error its kind, its code
and where it was raised.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from pythonjsonlogger.json import JsonFormatter

REQUESTS: Final = "handover.requests"
"""The logger of answered requests."""

FIELDS: Final = ("request_id", "method", "route", "status", "milliseconds")
"""What a record may hold beside its message."""

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NOWHERE: Final = "(no such address)"
HIDDEN: Final = "…"

ID: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
SECRETS: Final = re.compile(r"[^\s<>\"'(,;:=]+@[^\s<>\"'),;]+|\bhvr_[\w-]+")
"""Addresses of persons, and keys of the interface."""

KEPT: Final = "handover.request_id"
"""Where a request itself keeps its id: Django has more to say of it when it was answered."""

SHORTEST: Final = 3
"""Characters of the shortest value of a query that is looked for in messages."""

_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)


def configuration(form: str) -> dict[str, Any]:
    """Give the configuration of all logs: ``json`` for machines, anything else as lines."""
    shown = "Json" if form == "json" else "Lines"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"told": {"()": f"handover.operations.logs.{shown}"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "told"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            REQUESTS: {"level": "INFO"},
            # Django's own handlers would tell it once more, as it is.
            "django": {"handlers": [], "level": "WARNING"},
            "django.server": {"handlers": [], "level": "CRITICAL", "propagate": False},
            "gunicorn.error": {"handlers": [], "level": "INFO", "propagate": True},
            # Django leaves it to the server to drop the body of an answer to HEAD; gunicorn does, and complains.
            "gunicorn.http.wsgi": {"level": "ERROR"},
            "gunicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
        },
    }


def identified(given: str) -> str:
    """Give the id that a request came with where that is a UUID (dashes or not), else a new one."""
    return given.lower() if ID.fullmatch(given) else uuid.uuid4().hex


@contextmanager
def about(request: HttpRequest, request_id: str) -> Iterator[None]:
    """Let every record of the block say to which request it belongs."""
    request.META[KEPT] = request_id
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


def method_of(request: HttpRequest) -> str:
    """Give the method of a request, if it is one that there is."""
    return request.method if request.method in METHODS else "OTHER"


def route_of(request: HttpRequest) -> str:
    """Give the pattern of the address that was asked for, which holds no key of anything."""
    match = request.resolver_match
    if match is not None:
        return f"/{match.route}"
    return settings.STATIC_URL if request.path.startswith(str(settings.STATIC_URL)) else NOWHERE


class Lines(logging.Formatter):
    """Records as lines for people."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line, and below it where an error was raised."""
        said = discreet(record)
        fields = " ".join(str(getattr(said, name)) for name in FIELDS[:1] if hasattr(said, name))
        parts = (_time(said), said.levelname, f"{said.name}:", said.msg, f"[{fields}]" if fields else "")
        line = " ".join(part for part in parts if part)
        return f"{line}\n{said.exc_text}" if said.exc_text else line


class Json(JsonFormatter):
    """Records as JSON, one object a line."""

    def __init__(self) -> None:
        super().__init__(
            ["time", "levelname", "name", "message"],
            rename_fields={"levelname": "level", "name": "logger", "exc_info": "exception"},
            json_ensure_ascii=False,
        )

    def format(self, record: logging.LogRecord) -> str:
        """Give the object."""
        said = discreet(record)
        said.time = _time(said)
        return super().format(said)


def discreet(record: logging.LogRecord) -> logging.LogRecord:
    """Give a copy of a record that holds nothing of persons, and nothing that other formatters have put into it."""
    own = getattr(record, "request", None)
    request = own if isinstance(own, HttpRequest) else _request.get()
    kept = {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
    if request is not None and KEPT in request.META:
        kept["request_id"] = request.META[KEPT]
    error = record.exc_info[1] if record.exc_info else None
    return logging.makeLogRecord(
        {
            **{name: getattr(record, name) for name in ("name", "levelno", "levelname", "created", "msecs")},
            **kept,
            "msg": _reason(record, own) if isinstance(own, HttpRequest) else _message(record, request),
            "exc_text": raised(error) if error is not None else None,
        }
    )


def raised(error: BaseException) -> str:
    """Say which error it was and where it came from, its causes last; never its words, which may quote people."""
    lines: list[str] = []
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        code = getattr(one, "code", None) or getattr(one, "sqlstate", None)
        known = f" [{code}]" if isinstance(code, str | int) and len(str(code)) < 60 else ""
        lines.append(
            f"{'because of ' if lines else ''}{type(one).__module__}.{type(one).__qualname__}{known}"
        )
        lines.extend(_frames(one))
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return "\n".join(lines)


def _frames(error: BaseException) -> Iterator[str]:
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        yield f"  {code.co_filename}:{trace.tb_lineno} in {code.co_name}"
        trace = trace.tb_next


def _message(record: logging.LogRecord, request: HttpRequest | None) -> str:
    text = record.getMessage()
    if record.name == "gunicorn.error" and text.startswith(("Invalid request", "Error handling request")):
        return " ".join(text.split()[:2])
    if request is not None:
        for value in sorted(_said_by(request), key=len, reverse=True):
            text = text.replace(value, HIDDEN)
        text = text.replace(request.path, route_of(request)) if len(request.path) > 1 else text
    return SECRETS.sub(HIDDEN, text)


def _reason(record: logging.LogRecord, request: HttpRequest) -> str:
    """Say what Django has to say of a request: its own words hold the path, the host or the referrer."""
    return f"{_phrase(record)}: {method_of(request)} {route_of(request)}"


def _phrase(record: logging.LogRecord) -> str:
    if record.name == "django.security.csrf" and isinstance(record.args, tuple) and record.args:
        return str(record.args[0]).partition(" - ")[0].rstrip(".")
    try:
        return HTTPStatus(getattr(record, "status_code", 0)).phrase
    except ValueError:
        return record.levelname.capitalize()


def _said_by(request: HttpRequest) -> set[str]:
    """Give what the client put into the address: values of the query, and words that are keys of the path."""
    values = [value for _, several in request.GET.lists() for value in several]
    if request.resolver_match is not None:
        values += [value for value in request.resolver_match.kwargs.values() if isinstance(value, str)]
    return {value for value in values if len(value) >= SHORTEST}


def _time(record: logging.LogRecord) -> str:
    return dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
