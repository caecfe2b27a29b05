"""One way to write a fact as bytes (RFC 8785), so that a digest means the same to everybody for ever."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

import rfc8785

from handover.names import copied


def plain(value: object, *, hashed: bool = False) -> object:
    """Turn a value into JSON types: decimals, UUIDs and dates become strings, instants UTC with microseconds.

    Args:
        hashed: it is to be kept for ever: names of people become their pseudonym keys.

    Raises:
        TypeError: for a float (never exact) or a type that has no agreed spelling.
    """
    match value:
        case str():
            return copied(value) if hashed else str(value)
        case None | bool() | int():
            return value
        case Decimal():
            return decimal_text(value)
        case UUID():
            return str(value)
        case dt.date():
            return instant_text(value) if isinstance(value, dt.datetime) else value.isoformat()
        case bytes():
            return value.hex()
        case Mapping():
            return {str(key): plain(item, hashed=hashed) for key, item in value.items()}
        case set() | frozenset():
            return sorted(str(item) for item in value)
        case Sequence():
            return [plain(item, hashed=hashed) for item in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")


def decimal_text(value: Decimal) -> str:
    """Write a decimal without exponent and without trailing zeros, as PostgreSQL's ``trim_scale`` does."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def instant_text(value: dt.datetime) -> str:
    """Write an instant as ``YYYY-MM-DDTHH:MM:SS.ffffffZ``.

    Raises:
        TypeError: for a naive datetime, which is no instant.
    """
    if value.tzinfo is None:
        raise TypeError("a naive datetime is no instant")
    return value.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def canonical(value: object) -> str:
    """Write a value as RFC 8785 text, fit to be hashed: people stand there by their pseudonym keys."""
    return rfc8785.dumps(plain(value, hashed=True)).decode()  # type: ignore[arg-type]


def digest(value: object) -> str:
    """Give the SHA-256 of a value's canonical text, as 64 hexadecimal characters."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def text_digest(text: str) -> str:
    """Give the SHA-256 of a text that is canonical already."""
    return hashlib.sha256(text.encode()).hexdigest()
