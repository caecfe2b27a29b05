"""Statements as files: a paper (PDF/UA-1, PDF/A-3), a workbook, or the document itself for machines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext

from handover import access
from handover.access import Actor
from handover.canonical import canonical, text_digest
from handover.errors import Invalid, NotFound
from handover.exchange.workbooks import Book
from handover.papers.typesetting import Attachment, Sheet, set_as_pdf
from handover.permissions import Permission
from handover.queries.paper_blocks import CODES, in_languages
from handover.queries.statements import (
    audit_file,
    audit_words,
    portfolio_words,
    sustainability,
    sustainability_words,
)
from handover.queries.statements import portfolio as after_handovers
from handover.queries.statements.sections import Form, Written, blocks

FACTS: Final = "statement.json"
"""The file inside a paper that holds what it says, for machines."""
MEDIA: Final[Mapping[Form, str]] = {
    Form.PDF: "application/pdf",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Form.JSON: "application/json",
}
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Statement:
    """A statement as a file: its bytes, and the digest of what it says."""

    content: bytes
    form: Form
    digest: str
    filename: str

    @property
    def media_type(self) -> str:
        """Give the media type of the file."""
        return MEDIA[self.form]

    @property
    def sha256(self) -> str:
        """Give the digest of the file."""
        return sha256(self.content).hexdigest()


def sustainability_report(
    actor: Actor, programme: UUID | str, *, form: Form, languages: Sequence[str] = ()
) -> Statement:
    """Give the sustainability report of a programme as a file, inside ``access.asking``.

    Args:
        languages: one or two of ``en``, ``ro``, ``lt``; without them the active one. A workbook is in the first.

    Raises:
        NotFound, NotAllowed: the actor may not read the programme, or not any more when the file was ready.
        Invalid: a language in which nothing is written, or more than two.
    """
    found = access.programme_for(actor, programme, may=Permission.VIEW)
    said = sustainability.facts(access.reached(actor, found))
    made = _made(
        said,
        lambda: sustainability_words.write(said),
        form=form,
        languages=chosen(languages),
        author=found.steward.name,
        reference=f"{found.identifier} / {said['on']}",
        name=f"sustainability-report-{slugify(found.identifier)}-{said['on']}",
    )
    access.still(actor, found, may=Permission.VIEW)
    return made


def audit_report(
    actor: Actor,
    engagement: UUID,
    *,
    form: Form,
    languages: Sequence[str] = (),
    programme: UUID | None = None,
) -> Statement:
    """Give the audit file of an engagement, inside ``access.asking``. Arguments and errors are those of
    ``sustainability_report``.

    Args:
        programme: where the audit must be one of this programme.

    Raises:
        NotFound: there is no such audit for this actor.
    """
    row = audit_file.engagement_of(engagement)
    if row is None or programme not in (None, row.programme.uuid):
        raise NotFound("audit")
    found = access.programme_for(actor, row.programme.uuid, may=Permission.VIEW)
    said = audit_file.facts(row, access.reached(actor, found).cutoff)
    made = _made(
        said,
        lambda: audit_words.write(said),
        form=form,
        languages=chosen(languages),
        author=row.auditor.name,
        reference=f"{row.reference} / {said['on']}",
        name=f"audit-file-{slugify(row.reference)}-{said['on']}",
    )
    access.still(actor, found, may=Permission.VIEW)
    return made


def portfolio(actor: Actor, *, form: Form, languages: Sequence[str] = ()) -> Statement:
    """Give the view over all handovers that an actor may read, by whoever answers for them, inside ``access.asking``.

    Args:
        languages: as for ``sustainability_report``.

    Raises:
        Invalid: a language in which nothing is written, or more than two.
    """
    said = after_handovers.facts(actor)
    return _made(
        said,
        lambda: portfolio_words.write(said),
        form=form,
        languages=chosen(languages),
        author=actor.organisation.name,
        reference=f"{actor.organisation.slug} / {said['on']}",
        name=f"after-handovers-{actor.organisation.slug}-{said['on']}",
        wide=True,
    )


def chosen(languages: Sequence[str]) -> tuple[str, ...]:
    """Give the languages of a statement: those that were asked for, else the active one.

    Raises:
        Invalid: a language in which nothing is written, or more than two.
    """
    asked = tuple(dict.fromkeys(languages)) or ((translation.get_language() or "en")[:2],)
    if len(asked) > 2 or any(code not in CODES for code in asked):
        raise Invalid(
            "paper_languages",
            f"A paper is written in one or two of these languages: {', '.join(CODES)}.",
            field="languages",
        )
    return asked


def _made(
    said: Facts,
    write: Callable[[], Written],
    *,
    form: Form,
    languages: Sequence[str],
    author: str,
    reference: str,
    name: str,
    wide: bool = False,
) -> Statement:
    """Make a file of what a statement says: the same record on the same day gives the same bytes."""
    text = canonical(said)
    digest = text_digest(text)
    instant = dt.datetime.combine(said["on"], dt.time(), dt.UTC)
    match form:
        case Form.JSON:
            content = text.encode()
        case Form.XLSX:
            content = _workbook(write, languages[0], digest, instant)
        case Form.PDF:
            sheet = partial(
                Sheet, languages=languages, author=author, reference=reference, digest=digest, wide=wide
            )
            content = _paper(write, languages, text, sheet, instant)
    return Statement(content, form, digest, f"{name}.{form.value}")


def _paper(
    write: Callable[[], Written],
    languages: Sequence[str],
    text: str,
    sheet: Callable[..., Sheet],
    instant: dt.datetime,
) -> bytes:
    def words() -> dict[str, Any]:
        written = write()
        return {
            "title": written.title,
            "blocks": blocks(written.sections),
            "page": gettext("Page {page} of {pages}"),
        }

    told = in_languages(languages, words)
    attached = (Attachment(FACTS, text, "What this statement says, for machines (RFC 8785)"),)
    paper = sheet(title=told["title"], page=told["page"], blocks=told["blocks"], attached=attached)
    pdf, _places = set_as_pdf(paper, made_at=instant)
    return pdf


def _workbook(write: Callable[[], Written], language: str, digest: str, instant: dt.datetime) -> bytes:
    with translation.override(CODES[language]), timezone.override(dt.UTC):
        written = write()
        book = Book(instant=instant)
        first, *others = written.sections
        facts = [*first.facts, (gettext("Digest of what it says (SHA-256)"), digest)]
        book.section(replace(first, facts=facts), title=first.title or written.title)
        for section in others:
            if section.only in (None, Form.XLSX):
                book.section(section)
        return book.bytes()
