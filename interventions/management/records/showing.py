"""How records, their fields and their sums are told, to people and to machines."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import models

from handover.canonical import decimal_text
from handover.management.tables import table
from interventions.queries.record_kinds import Kind
from interventions.queries.records import Sum

OWN_COLUMNS = ("uuid", "version")
TAKES_WIDTH = 40
"""How wide the choices of a field are told, so that what a field is about still fits beside them."""


def document(kind: Kind, row: Any) -> dict[str, Any]:
    """Give a record for machines; what it refers to as UUID and name."""
    return {
        "uuid": row.uuid,
        "version": row.version,
        "record": kind.name,
        **{
            column.name: _plain(getattr(row, column.name))
            for column in kind.model._meta.concrete_fields
            if column.name not in {"id", "programme", *OWN_COLUMNS}
        },
    }


def _plain(value: object) -> object:
    if isinstance(value, models.Model):
        return {"uuid": getattr(value, "uuid", None), "name": str(value)}
    return value


def lines(kind: Kind, row: Any) -> Iterator[str]:
    """Tell a record: what it says, field by field."""
    yield f"{row}"
    yield f"  {kind.model._meta.verbose_name} {row.uuid}, version {row.version}"
    for name, column in kind.fields.items():
        value = getattr(row, name)
        if value not in (None, "", []):
            yield f"  {column.verbose_name}: {_told(row, name, value)}"


def _told(row: Any, name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, list):
        return "; ".join(f"{item['lang'] or 'text'}: {item['text']}" for item in value)
    shown = getattr(row, f"get_{name}_display", None)
    return str(shown()) if shown else str(value)


def rows(kind: Kind, found: Sequence[Any]) -> list[str]:
    """Tell records as a table: key, days, place, what it is, what was counted."""
    begins, ends = kind.days
    columns = [name for name in dict.fromkeys((begins, ends)) if name]
    heads = ("KEY", *(name.replace("_", " ").upper() for name in columns), "WHAT")
    cells = [
        (str(row.uuid)[:8], *(getattr(row, name) or "–" for name in columns), _what(kind, row))
        for row in found
    ]
    return list(table(heads, cells, empty=f"Nothing is recorded here: {kind.title}."))


def _what(kind: Kind, row: Any) -> str:
    said = [str(row)]
    about = (getattr(row, name, None) for name in ("authority", "holder", "place"))
    said += [str(item) for item in about if item is not None]
    counted = dict.fromkeys(
        name
        for measure in kind.measures.values()
        for name in measure.columns
        if getattr(row, name) not in (None, 0)
    )
    said += [f"{name.replace('_', ' ')} {_number(getattr(row, name))}" for name in counted]
    if kind.name == "commitment":
        said.append(row.get_state_display() + (f", due {row.due_on}" if row.due_on else ""))
    return "; ".join(said)


def _number(value: object) -> str:
    return decimal_text(value) if isinstance(value, Decimal) else str(value)


def field_lines(kind: Kind) -> Iterator[str]:
    """Tell what can be said of a kind of record, and what it can be counted by."""
    whose = f"entered {kind.elsewhere}" if kind.elsewhere else f"asks: {kind.may.help.lower()}"
    yield f"{kind.name}: {kind.title} ({whose})"
    needed = set(kind.needed)
    cells: list[tuple[str, str, str, str]] = []
    for name, column in kind.fields.items():
        takes, *more = textwrap.wrap(_takes(column), TAKES_WIDTH)
        cells.append((name, "needed" if name in needed else "", takes, str(column.help_text)))
        cells += [("", "", rest, "") for rest in more]
    yield from (f"  {line}" for line in table(("FIELD", "", "TAKES", "ABOUT"), cells, empty=""))
    same = ", ".join(dict.fromkeys((*kind.same, *(name for name in kind.days if name and kind.overlaps))))
    yield f"  the same record: {same}"
    for name, measure in kind.measures.items():
        yield f"  measure {name}: {measure.title} ({measure.how.value})"


def field_document(kind: Kind) -> dict[str, Any]:
    """Give a kind of record for machines."""
    return {
        "record": kind.name,
        "title": kind.title,
        "asks": kind.may.value,
        "entered": kind.elsewhere or "here",
        "fields": {
            name: {
                "needed": name in kind.needed,
                "takes": _takes(column),
                "about": str(column.help_text),
                "choices": [str(word) for word, _ in column.flatchoices] if column.choices else [],
            }
            for name, column in kind.fields.items()
        },
        "same": list(kind.same),
        "overlaps_refused": kind.overlaps,
        "measures": {
            name: {"title": measure.title, "how": measure.how.value, "people": measure.people}
            for name, measure in kind.measures.items()
        },
    }


def _takes(column: models.Field[Any, Any]) -> str:
    if column.choices:
        return " | ".join(str(word) for word, _ in column.flatchoices if word)
    if isinstance(column, models.ForeignKey):
        return str(column.related_model._meta.verbose_name)
    for kind, said in (
        (models.DateField, "YYYY-MM-DD"),
        (models.BooleanField, "yes | no"),
        (models.IntegerField, "whole number"),
        (models.DecimalField, "number"),
        (models.JSONField, "text, or by language: title.ro=…"),
        (models.SlugField, "key"),
    ):
        if isinstance(column, kind):
            return said
    return "text"


def sum_lines(found: Sequence[Sum], kind: Kind) -> list[str]:
    """Tell sums as a table: a line a period and group, a column a measure that is not nought throughout."""
    names = [
        name
        for name in dict.fromkeys(name for item in found for name in item.values)
        if any(item.values.get(name) for item in found)
    ]
    groups = list(found[0].group) if found else []
    heads = ("PERIOD", *(name.upper() for name in groups), "RECORDS", *(name.upper() for name in names))
    cells = [
        (item.label, *item.group.values(), item.rows, *(_cell(item.values.get(name)) for name in names))
        for item in found
    ]
    return list(table(heads, cells, empty=f"Nothing is recorded here: {kind.title}."))


def _cell(value: Decimal | None) -> str:
    return "–" if value is None else decimal_text(value)


def sum_document(item: Sum) -> dict[str, Any]:
    """Give a sum for machines."""
    values: Mapping[str, Decimal | None] = item.values
    return {
        "period": item.label,
        "from": item.first,
        "to": item.last,
        "group": dict(item.group),
        "records": item.rows,
        "values": dict(values),
    }
