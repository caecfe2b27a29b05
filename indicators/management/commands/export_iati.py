"""`handover export_iati PROGRAMME`: a programme as an IATI 2.03 file."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from uuid import uuid4

from django.core.management.base import CommandParser

from handover.errors import Invalid
from handover.management.base import PROGRAMME, ActorCommand, Call, Told
from indicators.exchange.iati.exporting import export_activity


class Command(ActorCommand):
    help = (
        "Write a programme as an IATI 2.03 activity. The reporting organisation is the present steward; former "
        "ones are named by other-identifier B1. last-updated-datetime and generated-datetime are the instant of "
        "the export."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        PROGRAMME.add_to(parser)
        super().add_arguments(parser)
        parser.add_argument("--output", type=Path, metavar="FILE", help="write there, not to standard output")

    def act(self, call: Call) -> Told:
        output: Path | None = call["output"]
        if call["json"] and output is None:
            raise Invalid(
                "output_missing", "--json tells about a file: name it with --output FILE.", field="output"
            )
        with call.patience("exporting"):
            written = export_activity(call.by, call["programme"])
        if output is None:
            self.print_bytes(written)
            return Told({})
        write_whole(output, written)
        document = {
            "programme": call["programme"],
            "file": str(output),
            "bytes": len(written),
            "sha256": hashlib.sha256(written).hexdigest(),
        }
        return Told(document, [f"{output}: {len(written)} bytes"])

    def print_bytes(self, written: bytes) -> None:
        """Write the file's own bytes: its declaration says UTF-8, whatever the terminal's encoding is."""
        buffer = getattr(self.stdout, "buffer", None)
        if buffer is None:
            self.stdout.write(written.decode(), ending="")
            return
        self.stdout.flush()
        buffer.write(written)
        buffer.flush()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that its name never stands for a part of it.

    Raises:
        Invalid: ``not_writable``; what stood there before still does.
    """
    beside = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise Invalid("not_writable", f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
