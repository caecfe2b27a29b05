"""A budget request as a paper: what is asked of whom for a year, and what the grant paid before."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from handover.canonical import decimal_text, digest
from handover.languages import day, language, money, number, translated
from handover.papers.typesetting import Attachment, Sheet, set_as_pdf


@dataclass(frozen=True)
class Line:
    """One row of a request. ``source`` and ``stage`` are the kernel's labels; empty where nobody is asked."""

    responsibility: str
    title: str
    classification: str
    source: str
    stage: str
    fte: Decimal
    posts: Decimal
    other: Decimal
    asked: Decimal
    granted: Decimal


@dataclass(frozen=True)
class RequestPaper:
    """A request with all that stands in it."""

    organisation: str
    programme: str
    identifier: str
    year: int
    currency: str
    made_on: dt.date
    lines: Sequence[Line]
    asked: Decimal
    granted: Decimal
    notes: Sequence[str] = ()


def budget_request(paper: RequestPaper, *, made_at: dt.datetime) -> bytes:
    """Set a request as PDF in the active language; the same request at the same instant gives the same bytes.

    Raises:
        Broken: it cannot be set.
    """
    said = _document(paper)
    sheet = Sheet(
        title=(_("Budget request for %(year)s") % {"year": str(paper.year)},),
        languages=(language(),),
        author=paper.organisation,
        reference=f"{paper.identifier} / {paper.year}",
        digest=digest(said),
        page=(_("Page {page} of {pages}"),),
        blocks=_blocks(paper),
        attached=(
            Attachment(
                name="budget-request.json",
                text=json.dumps(said, ensure_ascii=False, indent=1),
                description=_("The same request for machines"),
            ),
        ),
    )
    pdf, _places = set_as_pdf(sheet, made_at=made_at)
    return pdf


def _document(paper: RequestPaper) -> dict[str, Any]:
    """Give it in JSON types: amounts as texts, every digit kept."""
    lines = [
        {
            name: decimal_text(value) if isinstance(value, Decimal) else value
            for name, value in asdict(line).items()
        }
        for line in paper.lines
    ]
    return {
        "v": 1,
        "organisation": paper.organisation,
        "programme": paper.identifier,
        "year": paper.year,
        "currency": paper.currency,
        "made_on": paper.made_on.isoformat(),
        "lines": lines,
        "asked": decimal_text(paper.asked),
        "granted": decimal_text(paper.granted),
        "notes": list(paper.notes),
    }


def _blocks(paper: RequestPaper) -> list[dict[str, Any]]:
    before = {"year": str(paper.year - 1)}
    facts = [
        ([_("Asked by")], [paper.organisation]),
        ([_("Programme")], [f"{paper.programme} ({paper.identifier})"]),
        ([_("Asked altogether")], [money(paper.asked, paper.currency)]),
        ([_("The grant paid in %(year)s") % before], [money(paper.granted, paper.currency)]),
        ([_("Drawn up on")], [day(paper.made_on)]),
    ]
    found: list[dict[str, Any]] = [{"kind": "facts", "rows": facts}]
    for title in dict.fromkeys(line.responsibility for line in paper.lines):
        found.append({"kind": "heading", "level": 2, "text": [title]})
        found.append(_table(paper, [line for line in paper.lines if line.responsibility == title]))
    if paper.notes:
        found.append({"kind": "heading", "level": 2, "text": [_("What this request does not know")]})
        found += [{"kind": "text", "text": [note]} for note in paper.notes]
    return found


def _table(paper: RequestPaper, lines: Sequence[Line]) -> dict[str, Any]:
    head = [
        _("What for"),
        _("Who is asked"),
        _("Full-time equivalents"),
        _("For posts"),
        _("For the rest"),
        _("Asked (%(currency)s)") % {"currency": paper.currency},
        _("The grant paid in %(year)s") % {"year": str(paper.year - 1)},
    ]
    return {
        "kind": "table",
        "widths": [5, 3, 2, 3, 3, 3, 3],
        "figures": [2, 3, 4, 5, 6],
        "head": [[text] for text in head],
        "rows": [_row(line) for line in lines],
    }


def _row(line: Line) -> list[list[str]]:
    what = f"{line.title} [{line.classification}]" if line.classification else line.title
    asked = translated(line.source) if line.source else _("nobody")
    stage = f" ({translated(line.stage)})" if line.stage else ""
    return [
        [what],
        [f"{asked}{stage}"],
        [number(line.fte.normalize() if line.fte else None)],
        [money(line.posts or None)],
        [money(line.other or None)],
        [money(line.asked or None)],
        [money(line.granted or None)],
    ]
