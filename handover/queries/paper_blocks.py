"""Blocks of which papers are made, and how the same blocks in two languages become one paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from django.utils import timezone, translation

Facts = Mapping[str, Any]
Block = dict[str, Any]

CODES: Final = {"en": "en-gb", "ro": "ro", "lt": "lt"}
"""Languages in which papers are written, and what the installation calls them."""
PLAIN: Final = frozenset({"kind", "mono", "field"})
"""Keys whose values are no words."""


def in_languages(languages: Sequence[str], write: Callable[[], Any]) -> Any:
    """Write something once in each language, and join what was written text by text."""
    written = []
    for code in languages:
        with translation.override(CODES[code]), timezone.override(dt.UTC):
            written.append(write())
    return joined(written)


def joined(versions: Sequence[Any], key: str = "") -> Any:
    """Join the same structure in several languages: a text becomes a list, of one where all languages say the same."""
    first = versions[0]
    match first:
        case str() if key not in PLAIN:
            return list(versions) if len(set(versions)) > 1 else [first]
        case Mapping():
            return {name: joined([version[name] for version in versions], name) for name in first}
        case list() | tuple():
            return [joined(parts, key) for parts in zip(*versions, strict=True)]
    return first


def heading(text: str, level: int = 2) -> Block:
    """Give a heading."""
    return {"kind": "heading", "level": level, "text": text}


def paragraph(text: str) -> Block:
    """Give a paragraph."""
    return {"kind": "text", "text": text}


def pairs(rows: Iterable[tuple[str, Any]]) -> Block:
    """Give facts: what it is, and what it says."""
    return {"kind": "facts", "rows": [list(row) for row in rows]}


def table(
    head: Sequence[str], rows: Iterable[Sequence[Any]], *, widths: Sequence[int], figures: Sequence[int] = ()
) -> Block:
    """Give a table; ``figures`` are columns of numbers."""
    return {
        "kind": "table",
        "head": list(head),
        "rows": [list(row) for row in rows],
        "widths": list(widths),
        "figures": list(figures),
    }


def mono(text: str) -> Block:
    """Give a cell that is compared letter by letter."""
    return {"mono": text}


def lines(texts: Iterable[Any]) -> Block:
    """Give a cell of several lines; a dash where there are none."""
    found = list(texts)
    return {"lines": found or ["–"]}
