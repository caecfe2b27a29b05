"""Between the result tree and the rows of the model, both ways, column by column.

Where a column says less than the node did (an extension attribute, an empty attribute that is not an absent
one), the node's own part is kept beside it in the row's ``extra`` under ``iati``. Writing takes each field
from there as long as its column still says the same, and from the column once somebody changed it: what
people edit wins, what nobody touched comes out as it came in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

from handover.narratives import Narrative as Narrated
from indicators.exchange.iati import tree
from indicators.exchange.iati.tree import (
    Code,
    Day,
    Dimension,
    Document,
    Location,
    Narrative,
    Node,
    Reference,
    Text,
)
from indicators.models.cells import number

N = TypeVar("N", bound=Node)

KEPT = "iati"
"""The key in ``extra`` under which a node is kept as it was written."""


@dataclass(frozen=True, slots=True)
class Column:
    """How one field of a node is a column of a row. What comes ``back`` may say less, never else."""

    field: str
    column: str
    say: Callable[[Any], Any]
    back: Callable[[Any], Any]


# --- spellings ------------------------------------------------------------------------------------


def narrated(text: Text | None) -> list[Narrated]:
    """Give a text's narratives as the model keeps them."""
    return [Narrated(lang=item.lang, text=item.text) for item in text.narratives] if text else []


def text_of(narratives: Sequence[Mapping[str, Any]]) -> Text | None:
    """Make a text of narratives; ``None`` of none."""
    if not narratives:
        return None
    return Text(narratives=tuple(Narrative(lang=item.get("lang"), text=item["text"]) for item in narratives))


def _documents(documents: Sequence[Document]) -> list[dict[str, Any]]:
    return [
        {
            "url": item.url or "",
            "format": item.format or "",
            "title": narrated(item.title),
            "description": narrated(item.description),
            "categories": [code.code or "" for code in item.categories],
            "languages": [code.code or "" for code in item.languages],
            "document_date": (item.date.iso_date if item.date else None) or "",
        }
        for item in documents
    ]


def _documents_back(rows: Sequence[Mapping[str, Any]]) -> tuple[Document, ...]:
    return tuple(
        Document(
            url=row.get("url", ""),
            format=row.get("format", ""),
            title=text_of(row.get("title", ())),
            description=text_of(row.get("description", ())),
            categories=tuple(Code(code=code) for code in row.get("categories", ())),
            languages=tuple(Code(code=code) for code in row.get("languages", ())),
            date=Day(iso_date=row["document_date"]) if row.get("document_date") else None,
        )
        for row in rows
    )


def _marks(marks: Sequence[Node]) -> list[dict[str, str]]:
    """Give elements that are nothing but attributes; absent ones are left out."""
    return [
        {name: value for name in mark.ATTRIBUTES if (value := getattr(mark, name)) is not None}
        for mark in marks
    ]


def _marks_back(kind: type[Node]) -> Callable[[Sequence[Mapping[str, str]]], tuple[Node, ...]]:
    def back(rows: Sequence[Mapping[str, str]]) -> tuple[Node, ...]:
        return tuple(
            kind.from_json({name: row[name] for name in kind.ATTRIBUTES if name in row}) for row in rows
        )

    return back


def _dimensions(dimensions: Sequence[Dimension]) -> list[dict[str, str]]:
    return [{"name": item.name or "", "value": item.value or ""} for item in dimensions]


def _date(day: Day | None) -> dt.date | None:
    return day.date if day else None


def _date_back(date: dt.date | None) -> Day | None:
    return Day(iso_date=date.isoformat()) if date else None


def _lexical(name: str) -> Column:
    return Column(name, name, lambda value: value or "", lambda value: value or None)


def _text(name: str) -> Column:
    return Column(name, name, narrated, text_of)


REFERENCES = Column("references", "references", _marks, _marks_back(Reference))
DOCUMENTS = Column("documents", "documents", _documents, _documents_back)
DESCRIBED = (_lexical("aggregation_status"), _text("title"), _text("description"), REFERENCES, DOCUMENTS)
MEASURED = (
    Column("value", "value_text", lambda value: value, lambda value: value),
    _text("comment"),
    Column("locations", "locations", _marks, _marks_back(Location)),
    Column("dimensions", "dimensions", _dimensions, _marks_back(Dimension)),
    DOCUMENTS,
)
COLUMNS: Mapping[type[Node], tuple[Column, ...]] = {
    tree.Result: (_lexical("type"), *DESCRIBED),
    tree.Indicator: (_lexical("measure"), _lexical("ascending"), *DESCRIBED),
    tree.Baseline: (_lexical("year"), _lexical("iso_date"), *MEASURED),
    tree.Period: (
        Column("start", "starts_on", _date, _date_back),
        Column("end", "ends_on", _date, _date_back),
    ),
    tree.Measurement: MEASURED,
}
ROWS: Mapping[type[Node], tuple[str, ...]] = {
    tree.Result: ("indicators",),
    tree.Indicator: ("baselines", "periods"),
    tree.Period: ("targets", "actuals"),
}
"""Children that are rows of their own."""


# --- there and back -------------------------------------------------------------------------------


def row_of(node: Node) -> dict[str, Any]:
    """Give the columns of a node's row, with what they cannot say in ``extra``."""
    kind = type(node)
    own = replace(node, **dict.fromkeys(ROWS.get(kind, ()), cast(Any, ())))
    row = {column.column: column.say(getattr(own, column.field)) for column in COLUMNS[kind]}
    row["extra"] = {} if node_of(kind, row) == own else {KEPT: own.as_json()}
    if "value_text" in row:
        row["value"] = number(row["value_text"])
    return row


def node_of(kind: type[N], row: Mapping[str, Any], **children: tuple[Node, ...]) -> N:
    """Make a node of a row's columns, its ``extra`` and its children."""
    source = (row.get("extra") or {}).get(KEPT)
    kept = kind.from_json(source) if source is not None else kind()
    fields: dict[str, Any] = {}
    for column in COLUMNS[kind]:
        before, now = getattr(kept, column.field), row[column.column]
        fields[column.field] = (
            before if source is not None and column.say(before) == now else column.back(now)
        )
    return kind(**fields, **children, extra=kept.extra)
