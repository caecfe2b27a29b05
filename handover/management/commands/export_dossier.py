"""`handover export_dossier`: a programme as a bag that anybody can check."""

from __future__ import annotations

import argparse
from pathlib import Path

from django.db import connection, transaction

from handover.access import asking
from handover.exchange.dossier import writing
from handover.management.base import ActorCommand, Call, Told


class Command(ActorCommand):
    """Write the dossier of a programme."""

    help = (
        "Write everything that a programme holds as a bag (RFC 8493): tables as a Data Package, files, the ledger's "
        "chain with its proof, and the papers. A stopped export goes on where it was."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add which programme, and where to."""
        parser.add_argument("programme", metavar="PROGRAMME", help="UUID or identifier")
        parser.add_argument(
            "--to",
            type=Path,
            required=True,
            metavar="FOLDER",
            help="what the bag is called; nothing may be there",
        )
        super().add_arguments(parser)  # type: ignore[arg-type]

    def act(self, call: Call) -> Told:
        """Sign what is not signed yet, then write all of it as it stands at one instant."""
        writing.signed(call.by, call["programme"])
        with call.patience("Writing the dossier"), transaction.atomic():
            if not connection.needs_rollback and len(connection.atomic_blocks) == 1:
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            with asking(call.by):
                made = writing.write(call.by, call["programme"], call["to"])
        return Told(
            {
                "bag": str(made.path),
                "digest": made.digest,
                "files": made.files,
                "bytes": made.octets,
                "rows": made.rows,
            },
            [
                f"The dossier is written to {made.path}: {made.files} files, {made.octets} bytes, {made.rows} rows.",
                f"  SHA-256 of dossier.json: {made.digest}",
                "  names.json tells whom the keys of names stand for: keep it apart from what you pass on.",
            ],
        )
