"""An indicator's definition as one row of texts, as workbooks and packages list it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from handover.canonical import decimal_text
from handover.narratives import best
from indicators.exchange.tables.rows import Column, Kind, measure_text
from indicators.models import Indicator
from indicators.queries.rules import TRUE, rules

COLUMNS: Final = (
    Column("indicator", Kind.KEY),
    Column("title"),
    Column("description"),
    Column("result"),
    Column("measure"),
    Column("unit"),
    Column("currency"),
    Column("counting_rule"),
    Column("ascending"),
    Column("over_time"),
    Column("over_places"),
    Column("over_groups"),
    Column("axes"),
    Column("frequency"),
    Column("due_days", Kind.WHOLE),
    Column("source"),
    Column("method"),
    Column("collected_by"),
    Column("codes"),
    Column("expression"),
    Column("green_from", Kind.NUMBER),
    Column("amber_from", Kind.NUMBER),
)

TOLD_WITH_VALUES: Final = frozenset({"title", "result", "measure", "unit"})
"""What a table of values tells of an indicator, where no table of definitions lies beside it."""


def row(indicator: Indicator, lang: str = "en") -> tuple[str, ...]:
    """Give an indicator's definition in the order of ``COLUMNS``; its result must have been read with it."""
    rule = rules(indicator)
    said: Mapping[str, object] = {
        "indicator": indicator.uuid,
        "title": best(indicator.title, lang),
        "description": best(indicator.description, lang),
        "result": best(indicator.result.title, lang),
        "measure": measure_text(indicator.measure),
        "ascending": "" if not indicator.ascending else str(indicator.ascending.strip() in TRUE).lower(),
        "over_time": rule.time.value,
        "over_places": rule.places.value,
        "over_groups": rule.groups.value,
        "axes": " ".join(str(name) for name in indicator.axes),
        "due_days": indicator.due_days,
        "codes": "; ".join(_code(item) for item in indicator.references),
        "green_from": None if indicator.green_from is None else decimal_text(indicator.green_from),
        "amber_from": None if indicator.amber_from is None else decimal_text(indicator.amber_from),
    }
    texts = (said.get(column.name, getattr(indicator, column.name, None)) for column in COLUMNS)
    return tuple("" if text is None else str(text) for text in texts)


def _code(reference: Mapping[str, str]) -> str:
    """Name a code with its vocabulary."""
    vocabulary = reference.get("indicator_uri") or reference.get("vocabulary") or ""
    return f"{vocabulary} {reference.get('code', '')}".strip()
