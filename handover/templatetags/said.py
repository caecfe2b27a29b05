"""Filters that say things in the reader's language: ``{% load said %}``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template

from handover import languages
from handover.narratives import Narrative
from handover.narratives import best as best_of

register = template.Library()

for say in (
    languages.day,
    languages.short_day,
    languages.month,
    languages.moment,
    languages.number,
    languages.percent,
    languages.money,
    languages.size,
    languages.translated,
    languages.refusal,
):
    register.filter(say.__name__, say)


@register.filter
def best(texts: Sequence[Narrative] | None) -> str:
    """Give a narrative in the reader's language, or in the nearest that there is."""
    return best_of(texts or [], languages.language())


@register.filter
def of(mapping: Any, key: Any) -> Any:
    """Look a key up: ``{{ names|of:row.kind }}``; nothing where it is not there."""
    return mapping.get(key) if hasattr(mapping, "get") else None
