"""Files of models: those that ship with the toolkit, and what a person writes to publish or to adopt one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Final

from handover.errors import Invalid
from handover.exchange.documents import json_of
from interventions.queries.model_format import HEAD
from interventions.queries.model_pieces import Piece, piece_named

TOLD: Final = frozenset({*HEAD, "leave_out", "edits"}) - {"number"}
"""What a file says for publishing."""

FOLDER: Final = resources.files("interventions.catalogue")


def shipped() -> list[dict[str, Any]]:
    """Read the versions that ship with the toolkit."""
    files = sorted(
        (file for file in FOLDER.iterdir() if file.name.endswith(".json")), key=lambda file: file.name
    )
    return [json.loads(file.read_text("utf-8")) for file in files]


def read(path: Path) -> dict[str, Any]:
    """Read a JSON object from a file.

    Raises:
        Invalid: ``document_too_large``, ``not_utf8``, ``not_json`` or ``not_an_object``.
        OSError: the file cannot be read.
    """
    found = json_of(path)
    if not isinstance(found, dict):
        raise Invalid("not_an_object", f"{path} must hold one JSON object.", field="file")
    return found


def read_publication(path: Path) -> tuple[dict[str, Any], list[Piece], dict[Piece, Mapping[str, Any]]]:
    """Read what a person writes to publish: the model's head, pieces left out, and what pieces say otherwise.

    Raises:
        Invalid: as ``read``; or a field that means nothing there.
    """
    found = read(path)
    unknown = sorted(set(found) - TOLD)
    if unknown:
        raise Invalid(
            "unknown_field",
            f"{path}: nothing is called “{unknown[0]}” here; there are: {', '.join(sorted(TOLD))}.",
            field=unknown[0],
        )
    left_out = found.pop("leave_out", [])
    if not isinstance(left_out, list) or not all(isinstance(item, str) for item in left_out):
        raise Invalid("not_a_list", "leave_out must be a list of pieces: need:food …", field="leave_out")
    edits = changes_of(found.pop("edits", {}), "edits")
    return found, [piece_named(item) for item in left_out], edits


def changes_of(found: object, field: str = "changes") -> dict[Piece, Mapping[str, Any]]:
    """Read ``{"need:food": {"severity": 4}}``.

    Raises:
        Invalid: it is not of that form.
    """
    if not isinstance(found, Mapping) or not all(isinstance(item, Mapping) for item in found.values()):
        raise Invalid("not_by_piece", 'Write fields by piece: {"need:food": {"severity": 4}}.', field=field)
    return {piece_named(str(name)): said for name, said in found.items()}
