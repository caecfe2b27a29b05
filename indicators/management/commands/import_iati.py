"""`handover import_iati FILE --organisation SLUG`: programmes out of an IATI 2.03 file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from handover.access import Actor
from indicators.exchange.iati.importing import import_file
from indicators.management.acting import ActingCommand


class Command(ActingCommand):
    help = (
        "Import the activities of an IATI 2.03 file as programmes of an organisation: all of them, or none. "
        "What is no result (budgets, transactions, extensions …) is kept and comes out again at export."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, metavar="FILE", help="an IATI 2.03 activity file of at most 100 MB"
        )
        super().add_arguments(parser)

    def act(self, actor: Actor, options: dict[str, Any]) -> dict[str, Any]:
        imported = import_file(actor, options["file"])
        if not options["json"]:
            for item in imported:
                counts = ", ".join(f"{count} {name}" for name, count in item.counts.items())
                self.stdout.write(f"{item.programme.identifier}: {counts}")
                self.stdout.write(f"  programme {item.programme.uuid}, steward {actor.organisation.name}")
        return {
            "steward": actor.organisation.slug,
            "programmes": [
                {
                    "uuid": str(item.programme.uuid),
                    "identifier": item.programme.identifier,
                    "counts": dict(item.counts),
                }
                for item in imported
            ],
        }
