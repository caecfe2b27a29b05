"""`handover export_values PROGRAMME`: a programme's values as CSV, a workbook, a data package or IATI."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO, Final

from django.core.management.base import CommandParser

from handover.errors import Invalid
from handover.management.base import PROGRAMME, ActorCommand, Call, Told
from indicators.exchange.iati.exporting import export_activity
from indicators.exchange.tables import csv_files, packages, protected, workbooks
from indicators.exchange.tables.csv_files import Counted
from indicators.exchange.tables.rows import Copy, taking_out
from indicators.management.bars import Bar
from indicators.management.taking_out import written_beside

PRINTED: Final = ("csv", "iati")
"""Formats that may go to standard output."""


def _csv(copy: Copy, path: Path) -> Counted:
    with path.open("xb") as file:
        return csv_files.write(copy, file)


def _public_csv(copy: Copy, path: Path) -> Counted:
    with path.open("xb") as file:
        return protected.write_csv(copy, file)


WRITERS: Final[Mapping[tuple[str, bool], Callable[[Copy, Path], Counted]]] = {
    ("csv", False): _csv,
    ("csv", True): _public_csv,
    ("xlsx", False): workbooks.write,
    ("xlsx", True): protected.write_workbook,
    ("package", False): packages.write,
    ("package", True): protected.write_package,
}


class Command(ActorCommand):
    """Take values out."""

    help = (
        "Write a programme's current values: CSV or a workbook (both can be imported again), a Data Package with all"
        " that explains them, or IATI. A former steward gets what was recorded up to its cut-off. With --public the"
        " file may leave the house: small counts of people are withheld, comments, sources and reporters left out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add what to write, and where."""
        PROGRAMME.add_to(parser)
        parser.add_argument("--format", choices=("csv", "xlsx", "package", "iati"), default="csv")
        parser.add_argument(
            "--out",
            type=Path,
            metavar="FILE",
            help="write there; CSV and IATI go to standard output without it",
        )
        parser.add_argument("--force", action="store_true", help="replace what is there")
        parser.add_argument("--public", action="store_true", help="protect small counts of people")
        parser.add_argument(
            "--indicator",
            action="append",
            default=[],
            metavar="INDICATOR",
            help="only this one, by UUID or title; again for more",
        )
        parser.add_argument("--lang", default="en", metavar="LANG", help="language of titles (en, ro, lt …)")
        super().add_arguments(parser)

    def act(self, call: Call) -> Told:
        """Write the file, or print it."""
        out: Path | None = call["out"]
        if out is None:
            if call["json"] or call["format"] not in PRINTED:
                raise Invalid("output_missing", "Say where to write: --out FILE.", field="out")
            self._print(call)
            return Told({})
        with written_beside(out, force=call["force"]) as draft:
            done = self._write(call, draft)
        document = {
            "programme": call["programme"],
            "format": call["format"],
            "public": call["public"],
            "file": str(out),
            "values": done.rows,
            "withheld": done.withheld,
            "bytes": done.bytes,
            "sha256": done.sha256,
            "notes": list(done.notes),
        }
        values = "" if done.rows is None else f"{done.rows} values, "
        return Told(document, [f"{out}: {values}{done.bytes} bytes", *done.notes])

    def _write(self, call: Call, draft: Path) -> Counted:
        if call["format"] == "iati":
            return self._iati(call, draft)
        with (
            Bar("exporting", self.stderr) as bar,
            taking_out(
                call.by, call["programme"], indicators=call["indicator"], lang=call["lang"], progress=bar
            ) as copy,
        ):
            return WRITERS[call["format"], call["public"]](copy, draft)

    def _iati(self, call: Call, draft: Path) -> Counted:
        if call["public"] or call["indicator"]:
            raise Invalid(
                "iati_is_whole",
                "IATI carries the whole programme as it is: without --public and --indicator.",
                field="format",
            )
        with call.patience("exporting"):
            draft.write_bytes(export_activity(call.by, call["programme"]))
        return workbooks.counted(draft, None, ())

    def _print(self, call: Call) -> None:
        """Print the file's own bytes, once it is whole: nobody reads half an export."""
        with tempfile.TemporaryDirectory() as folder:
            draft = Path(folder) / "file"
            self._write(call, draft)
            buffer: BinaryIO | None = getattr(self.stdout, "buffer", None)
            if buffer is None:
                self.stdout.write(draft.read_bytes().decode(), ending="")
                return
            self.stdout.flush()
            with draft.open("rb") as file:
                while piece := file.read(1024 * 1024):
                    buffer.write(piece)
            buffer.flush()
