"""`handover export_iati PROGRAMME`: a programme as an IATI 2.03 file."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.management.base import CommandError, CommandParser

from handover.access import Actor
from indicators.exchange.iati.exporting import export_activity
from indicators.management.acting import ActingCommand


class Command(ActingCommand):
    help = (
        "Write a programme as an IATI 2.03 activity. The reporting organisation is the present steward; former ones "
        "are named by other-identifier B1. last-updated-datetime and generated-datetime are the instant of the export."
    )
    organisation_required = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("programme", metavar="PROGRAMME", help="UUID or identifier")
        super().add_arguments(parser)
        parser.add_argument(
            "--output", type=Path, metavar="FILE", help="write there instead of to standard output"
        )

    def act(self, actor: Actor, options: dict[str, Any]) -> dict[str, Any]:
        output: Path | None = options["output"]
        if options["json"] and output is None:
            raise CommandError("--json tells about a file: name it with --output FILE.")
        written = export_activity(actor, options["programme"])
        if output is None:
            self.print_bytes(written)
        else:
            write_whole(output, written)
            if not options["json"]:
                self.stdout.write(f"{output}: {len(written)} bytes")
        return {
            "programme": options["programme"],
            "file": str(output),
            "bytes": len(written),
            "sha256": hashlib.sha256(written).hexdigest(),
        }

    def print_bytes(self, written: bytes) -> None:
        """Write the file's own bytes: its declaration says UTF-8, whatever the terminal's encoding is."""
        buffer = getattr(self.stdout, "buffer", None)
        if buffer is None:
            self.stdout.write(written.decode(), ending="")
            return
        sys.stdout.flush()
        buffer.write(written)
        buffer.flush()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that its name never stands for a part of it.

    Raises:
        CommandError: it cannot be written; what stood there before still does.
    """
    beside = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
