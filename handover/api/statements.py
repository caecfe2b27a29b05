"""Statements: what a programme or an audit says on a day, as a document, or as a file to pass on."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from rest_framework import serializers

from handover.api.serializers import Body
from handover.exchange.statements import MEDIA, Statement
from handover.queries.paper_blocks import CODES
from handover.queries.statements.sections import Form

FILES: Final = tuple(MEDIA.values())
"""Media types of a statement."""


class StatementBody(Body):
    """As what a statement is wanted, and in which language."""

    form = serializers.ChoiceField(
        choices=[item.value for item in Form],
        default=Form.JSON.value,
        help_text="`json` is the document itself; `pdf` carries it inside, and its digest on every page.",
    )
    language = serializers.ChoiceField(choices=list(CODES), default="en", help_text="Of the words.")
    beside = serializers.ChoiceField(
        choices=list(CODES),
        required=False,
        help_text="A second language, beside the first; in a paper alone.",
    )


def asked(form: str, language: str, beside: str | None = None) -> dict[str, Any]:
    """Give what a request asks for as the makers of statements take it."""
    return {"form": Form(form), "languages": [language, *([beside] if beside else [])]}


def sent(statement: Statement) -> HttpResponse:
    """Send a statement, to be kept under its name."""
    response = HttpResponse(statement.content, content_type=statement.media_type)
    response["Content-Disposition"] = content_disposition_header(True, statement.filename)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
