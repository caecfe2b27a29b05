"""Titles of refusals: one short sentence a code, in every language of the house."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
LANGUAGES: Final = ("en", "ro", "lt")
"""Languages in which every code has a title; the first stands in for any other."""
EDGE_CODES: Final = frozenset(
    {
        "csrf_failed",
        "cursor_invalid",
        "idempotency_key_length",
        "idempotency_key_missing",
        "idempotency_key_used",
        "internal_error",
        "invalid_field",
        "malformed",
        "method_not_allowed",
        "not_acceptable",
        "not_signed_in",
        "precondition_required",
        "rule_broken",
        "scope_missing",
        "seat_missing",
        "stale_version",
        "token_by_token",
        "token_expiry",
        "token_not_valid",
        "too_large",
        "too_many_requests",
        "unknown_field",
        "unknown_parameter",
        "unknown_scope",
        "unsupported_media_type",
    }
)
"""Codes with which the HTTP interface refuses a request, those included that an action gives too."""


def title(code: str, language: str) -> str:
    """Give the title of a code in a language, else in English, else the code in plain words.

    A code that is put together from what it is about (``unknown_post``) has the title of its family (``unknown_…``)
    unless it has its own.
    """
    titles = _titles(language if language in LANGUAGES else LANGUAGES[0])
    family = f"{code.partition('_')[0]}_…"
    return titles.get(code) or titles.get(family) or code.replace("_", " ")


def codes() -> list[str]:
    """Give every code that has a title, sorted."""
    return sorted(_titles(LANGUAGES[0]))


@cache
def _titles(language: str) -> Mapping[str, str]:
    """Read the titles of one language."""
    titles: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text("utf-8"))
    return titles
