"""Exports: a programme's values as a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.http import FileResponse
from rest_framework import serializers

from handover.access import Actor
from handover.api.serializers import Body
from handover.errors import Invalid
from indicators.api.files import folder, sent
from indicators.exchange.iati.exporting import export_activity
from indicators.exchange.tables import csv_files, packages, protected, workbooks
from indicators.exchange.tables.rows import Copy, taking_out

LARGEST: Final = 200_000
"""Values of a file that is written while somebody waits for it."""

Writer = Callable[[Copy, Path], object]


def _csv(copy: Copy, path: Path) -> object:
    with path.open("xb") as file:
        return csv_files.write(copy, file)


def _public_csv(copy: Copy, path: Path) -> object:
    with path.open("xb") as file:
        return protected.write_csv(copy, file)


WRITERS: Final[Mapping[tuple[str, bool], Writer]] = {
    ("csv", False): _csv,
    ("csv", True): _public_csv,
    ("xlsx", False): workbooks.write,
    ("xlsx", True): protected.write_workbook,
    ("package", False): packages.write,
    ("package", True): protected.write_package,
}
FILES: Final[Mapping[str, tuple[str, str]]] = {
    "csv": ("text/csv; charset=utf-8", "csv"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    "package": ("application/zip", "zip"),
    "iati": ("application/xml", "xml"),
}
"""Media type and ending of each format."""


class ExportBody(Body):
    """What is to be written."""

    programme = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=list(FILES), default="csv")
    public = serializers.BooleanField(
        default=False, help_text="Withhold small counts of people, comments, sources and reporters."
    )
    indicator = serializers.UUIDField(required=False, help_text="Of this indicator alone.")
    language = serializers.RegexField(r"^[a-z]{2}$", default="en", help_text="Of titles.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse to cut IATI: it carries the whole programme."""
        if attrs["kind"] == "iati" and (attrs["public"] or "indicator" in attrs):
            raise serializers.ValidationError("IATI carries the whole programme as it is.")
        return attrs


def exported(
    by: Actor,
    *,
    programme: UUID,
    kind: str,
    public: bool,
    language: str,
    indicator: UUID | None = None,
) -> FileResponse:
    """Write a programme's current values, as far as the actor's view goes.

    Raises:
        NotFound, NotAllowed: the actor may not take it out.
        Invalid: no such indicator, or too many values.
    """
    media_type, ending = FILES[kind]
    with folder() as place:
        path = place / f"file.{ending}"
        if kind == "iati":
            path.write_bytes(export_activity(by, programme))
        else:
            with taking_out(
                by, programme, indicators=[indicator] if indicator else [], lang=language
            ) as copy:
                if copy.total > LARGEST:
                    raise Invalid(
                        "export_too_large",
                        f"These are {copy.total} values; at most {LARGEST} go out at once: name an indicator.",
                        field="indicator",
                    )
                WRITERS[kind, public](copy, path)
        return sent(path, media_type=media_type, name=f"values-{programme}.{ending}")
