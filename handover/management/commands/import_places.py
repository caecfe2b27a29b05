"""`handover import_places FILE`: local administrative units out of a CSV file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from handover.access import Operator
from handover.actions import places
from handover.errors import Invalid
from handover.management.base import SpeakingCommand, Told
from handover.management.progress import progress


class Command(SpeakingCommand):
    """Import local administrative units: all of a file, or nothing."""

    help = (
        "Import local administrative units from a UTF-8 CSV file with the columns "
        f"{', '.join(places.COLUMNS)}. Codes that are known are brought up to date; all of the file, or nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the file, and what it is called in the ledger."""
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--source", metavar="TEXT", help="how the ledger names it; the file's name if left out"
        )
        super().add_arguments(parser)

    def answer(self, options: Mapping[str, Any]) -> Told:
        """Import and count."""
        file: Path = options["file"]
        source = options["source"] or file.name
        with progress(f"Importing {file.name}", self.stderr):
            new, known = places.import_lau(by=Operator(), lines=lines_of(file), source=source)
        return Told(
            {"source": source, "new": new, "known": known},
            [f"{file}: {new} new places, {known} known ones brought up to date."],
        )


def lines_of(file: Path) -> Iterator[str]:
    """Read lines of UTF-8 text, with or without a byte order mark.

    Raises:
        Invalid: a line is not UTF-8, or no text at all; it is named.
        OSError: it cannot be read.
    """
    with file.open("rb") as stream:
        for number, raw in enumerate(stream, 1):
            if b"\0" in raw:
                raise Invalid("not_text", f"{file.name}, line {number}: it is no text.", field="file")
            try:
                yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                raise Invalid(
                    "not_utf8", f"{file.name}, line {number}: it is not UTF-8.", field="file"
                ) from None
