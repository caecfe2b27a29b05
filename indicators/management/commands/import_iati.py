"""`handover import_iati FILE --organisation SLUG`: programmes out of an IATI 2.03 file."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import CommandParser

from handover.management.base import ActorCommand, Call, Told
from indicators.exchange.iati.importing import import_file


class Command(ActorCommand):
    help = (
        "Import the activities of an IATI 2.03 file as programmes of an organisation: all of them, or none. "
        "What is no result (budgets, transactions, extensions …) is kept and comes out again at export."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, metavar="FILE", help="an IATI 2.03 activity file of at most 100 MB"
        )
        super().add_arguments(parser)

    def act(self, call: Call) -> Told:
        with call.patience("importing"):
            imported = import_file(call.by, call["file"])
        lines, documents = [], []
        for item in imported:
            counts = ", ".join(f"{count} {name}" for name, count in item.counts.items())
            lines.append(f"{item.programme.identifier}: {counts}")
            lines.append(f"  programme {item.programme.uuid}, steward {call.by.organisation.name}")
            documents.append(
                {
                    "uuid": item.programme.uuid,
                    "identifier": item.programme.identifier,
                    "counts": dict(item.counts),
                }
            )
        return Told({"steward": call.by.organisation.slug, "programmes": documents}, lines)
