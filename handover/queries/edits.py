"""Edits: what has changed in a row since a version that somebody read."""

from __future__ import annotations

from uuid import UUID

from handover.canonical import instant_text
from handover.models import Edit


def changes_since(subject: UUID, version: int) -> list[dict[str, object]]:
    """Give each later version of a row, with the fields that it changed and when, oldest first."""
    found = Edit.objects.filter(subject=subject, version__gt=version).order_by("version")
    return [
        {"version": edit.version, "fields": edit.fields, "at": instant_text(edit.at)} for edit in found[:100]
    ]
