"""Typesetting: a paper's blocks become a PDF that is accessible (PDF/UA-1), lasts (PDF/A-3a), and carries its own
machine-readable part. The same blocks and the same instant give the same bytes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import typst

from handover.errors import Broken
from handover.papers.letters import shown

TEMPLATE: Final = Path(__file__).with_name("paper.typ")
STANDARDS: Final[list[typst.PDFStandard]] = ["a-3a", "ua-1"]

Words = Sequence[str]
"""A text once, or once in each language of the paper."""


@dataclass(frozen=True)
class Attachment:
    """A file inside a paper."""

    name: str
    text: str
    description: str
    relationship: str = "source"
    """What it is to the paper: ``source`` (the paper was made from it), ``data``, ``supplement``."""


@dataclass(frozen=True)
class Place:
    """Where a signature goes: page (from 0) and rectangle, in points from the page's lower left corner."""

    field: str
    page: int
    box: tuple[int, int, int, int]


@dataclass(frozen=True)
class Sheet:
    """A paper before it is set: its words, its blocks, and what it carries."""

    title: Words
    languages: Sequence[str]
    author: str
    reference: str
    digest: str
    page: Words
    """``Page {page} of {pages}``."""
    blocks: Sequence[Mapping[str, Any]]
    attached: Sequence[Attachment] = ()
    draft: Words = ()
    """The word across a page of a draft; nothing on a paper that counts."""
    warning: Words = ()
    """What a draft says of itself."""
    wide: bool = False
    """Whether the pages lie on their long side."""


HEIGHT: Final = 841.8898
"""Points of an A4 page."""


def set_as_pdf(sheet: Sheet, *, made_at: dt.datetime) -> tuple[bytes, list[Place]]:
    """Set a paper; give its bytes and where its signatures go.

    Raises:
        Broken: it cannot be set, or only with a warning (a face or a letter is missing): no such paper leaves.
    """
    compiler = typst.Compiler(
        TEMPLATE,
        root=TEMPLATE.parent,
        ignore_system_fonts=True,
        sys_inputs={"said": json.dumps(_said(sheet), ensure_ascii=False)},
    )
    try:
        pdf, warnings = compiler.compile_with_warnings(
            format="pdf", pdf_standards=STANDARDS, timestamp=made_at.replace(microsecond=0)
        )
        places = json.loads(compiler.query("<field>", field="value"))
    except typst.TypstError as error:
        raise Broken(
            "paper_not_set", "This paper cannot be set.", because=[error.message, *error.hints]
        ) from error
    if warnings or not isinstance(pdf, bytes):
        raise Broken(
            "paper_not_set", "This paper cannot be set.", because=[item.message for item in warnings]
        )
    return pdf, [_place(item) for item in places]


def _place(item: Mapping[str, Any]) -> Place:
    left, top = round(item["x"]), round(HEIGHT - item["y"])
    box = (left, top - item["height"], left + item["width"], top)
    return Place(field=item["field"], page=item["page"] - 1, box=box)


def _said(sheet: Sheet) -> dict[str, Any]:
    said = {
        "languages": list(sheet.languages),
        "title": list(sheet.title),
        "author": sheet.author,
        "keywords": [sheet.reference],
        "description": f"{sheet.reference}, SHA-256 {sheet.digest}",
        "draft": list(sheet.draft),
        "wide": sheet.wide,
        "warning": list(sheet.warning),
        "footer": {
            "reference": sheet.reference,
            "page": list(sheet.page),
            "digest": f"SHA-256 {sheet.digest}",
        },
        "blocks": list(sheet.blocks),
    }
    attached = [
        {
            "name": item.name,
            "text": item.text,
            "relationship": item.relationship,
            "media_type": "application/json",
            "description": shown(item.description),
        }
        for item in sheet.attached
    ]
    return {**_shown(said), "attached": attached}


def _shown(value: Any) -> Any:
    match value:
        case str():
            return shown(value)
        case Mapping():
            return {key: _shown(item) for key, item in value.items()}
        case Sequence():
            return [_shown(item) for item in value]
    return value
