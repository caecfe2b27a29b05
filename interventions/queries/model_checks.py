"""Checks of single values in a model's document: each gives what is wrong with a value, as a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

LONGEST_NUMBER: Final = 30
"""Characters of the longest number that is read."""

Row = Mapping[str, Any]
Wrong = str
"""What is wrong with a value, as a sentence; empty: nothing."""
Check = Callable[[object], Wrong]


def text(value: object) -> Wrong:
    """A text: plain, by language, or narratives."""
    parts: list[object]
    match value:
        case str():
            parts = [value]
        case Mapping():
            parts = list(value.values())
        case list():
            parts = [
                item.get("text")
                if isinstance(item, Mapping) and isinstance(item.get("lang"), str | None)
                else None
                for item in value
            ]
        case _:
            parts = []
    sound = parts and all(isinstance(part, str) and part.strip() for part in parts)
    return "" if sound else "This must be a text, or a text by language."


def plain(value: object) -> Wrong:
    """One plain text."""
    return "" if isinstance(value, str) and value.strip() else "This must be a text."


def flag(value: object) -> Wrong:
    """True or false."""
    return "" if isinstance(value, bool) else "This must be true or false."


def amount(value: object) -> Wrong:
    """A number that is not negative, written as a text so that it stays exact."""
    try:
        number = Decimal(value) if isinstance(value, str) and len(value) <= LONGEST_NUMBER else None
    except InvalidOperation:
        number = None
    # Of a short text with an exponent a number of a million digits could be made.
    sound = number is not None and number.is_finite() and number >= 0 and "e" not in str(value).lower()
    return "" if sound else "This must be a number of at least 0, written as a text."


def whole(low: int, high: int) -> Check:
    """Make the check of a whole number."""

    def check(value: object) -> Wrong:
        sound = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        return "" if sound else f"This must be a whole number from {low} to {high}."

    return check


def one_of(choices: Sequence[str]) -> Check:
    """Make the check of a word from a list."""

    def check(value: object) -> Wrong:
        return "" if value in choices else f"“{value}” is none of these: {', '.join(choices)}."

    return check


def several(each: Check) -> Check:
    """Make the check of a list."""

    def check(value: object) -> Wrong:
        if not isinstance(value, list):
            return "This must be a list."
        return next((wrong for wrong in map(each, value) if wrong), "")

    return check


def rows_of(fields: Mapping[str, Check], *needed: str) -> Check:
    """Make the check of a list of small rows."""

    def check(value: object) -> Wrong:
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            return "This must be a list of objects."
        for position, item in enumerate(value, start=1):
            for name, wrong in wrong_fields(item, fields, needed):
                return f"Row {position}, {name}: {wrong}"
        return ""

    return check


def by_name(value: object) -> Wrong:
    """Keys by name."""
    sound = isinstance(value, Mapping) and all(isinstance(item, str) for item in value.values())
    return "" if sound else "This must be keys by name."


def wrong_fields(row: Row, fields: Mapping[str, Check], needed: Sequence[str]) -> Iterator[tuple[str, Wrong]]:
    """Name the fields of a row that are unknown, missing or wrong, each with what is wrong."""
    for name in row:
        if name not in fields:
            yield str(name), f"Nothing is called so here; there are: {', '.join(fields)}."
    for name in needed:
        if row.get(name) is None and name != "key":
            yield name, "This is missing."
    for name, check_field in fields.items():
        if row.get(name) is not None and (wrong := check_field(row[name])):
            yield name, wrong
