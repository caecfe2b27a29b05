"""Text in several languages, in the order in which it was given: IATI's *narrative*.

Stored as a JSON list of ``{"lang": "ro" | null, "text": "…"}``; ``null`` means the document's default
language. A list and not a mapping because real publications repeat a language, and what came in must come
out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict


class Narrative(TypedDict):
    """One text in one language (ISO 639-1, or ``None`` for the document's default)."""

    lang: str | None
    text: str


def narratives(
    source: str | Mapping[str, str] | Sequence[Narrative], lang: str | None = None
) -> list[Narrative]:
    """Make narratives from a plain text, from ``{lang: text}``, or from narratives."""
    if isinstance(source, str):
        return [Narrative(lang=lang, text=source)] if source else []
    if isinstance(source, Mapping):
        return [Narrative(lang=code, text=text) for code, text in source.items()]
    return [Narrative(lang=item["lang"], text=item["text"]) for item in source]


def best(texts: Sequence[Narrative], lang: str = "en") -> str:
    """Give the text in ``lang``, else the default language's, else English, else the first; empty if there
    is none."""
    for wanted in (lang, None, "en"):
        for item in texts:
            if item["lang"] == wanted:
                return item["text"]
    return texts[0]["text"] if texts else ""
