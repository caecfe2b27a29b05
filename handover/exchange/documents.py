"""Documents that are loaded: their JSON, the row in which something is wrong, the organisations that they name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from handover.errors import Invalid
from handover.models import Organisation

LARGEST: Final = 5 * 1024 * 1024
"""Bytes of the largest document that is read."""


def json_of(file: Path) -> Any:
    """Read JSON from a file, whatever it holds.

    Raises:
        Invalid: ``document_too_large``, ``not_utf8`` or ``not_json``.
        OSError: the file cannot be read.
    """
    with file.open("rb") as stream:
        content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Invalid(
            "document_too_large", f"{file} is larger than {LARGEST // 1024 // 1024} MB.", field="file"
        )
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Invalid("not_utf8", f"{file}, line {line}: it is not UTF-8.", field="file") from None
    except json.JSONDecodeError as error:
        sentence = f"{file}, line {error.lineno}, column {error.colno}: {error.msg}."
        raise Invalid("not_json", sentence, field="file") from None
    except (RecursionError, ValueError) as error:
        raise Invalid("not_json", f"{file} is no JSON that can be read: {error}.", field="file") from None


@contextmanager
def within(at: str) -> Iterator[None]:
    """Say in which row of a document an action found something wrong.

    Raises:
        Invalid: what it found, with the row before the field.
    """
    try:
        yield
    except Invalid as error:
        field = str(error.details.get("field", ""))
        if field.startswith(at):
            raise
        details = {name: value for name, value in error.details.items() if name != "field"}
        raise Invalid(error.code, error.sentence, field=f"{at}.{field}".rstrip("."), **details) from error


def organisation_of(slug: str, field: str) -> Organisation:
    """Give the organisation that a document names by its short name.

    Raises:
        Invalid: ``unknown_organisation``.
    """
    found = Organisation.objects.filter(slug=slug).first()
    if found is None:
        raise Invalid("unknown_organisation", f"There is no organisation “{slug}”.", field=field)
    return found
