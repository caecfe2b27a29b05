"""`handover restore FILE`: a backup into an empty database, and its files into the store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from handover.engine import addresses
from handover.engine.archives import DUMP, return_files, unpacked
from handover.engine.backups import restore


class Command(BaseCommand):
    """Load a backup wholly or not at all; never into a database that holds something."""

    help = "Load a backup made by `handover backup` into an empty database, wholly or not at all."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--into-empty",
            action="store_true",
            help="when the database is not empty, set it aside under another name and restore into a new one",
        )

    def handle(self, *args: Any, file: Path, into_empty: bool, **options: Any) -> None:
        with unpacked(file) as folder:
            done = restore(addresses(), folder / DUMP, into_empty=into_empty)
            count = return_files(folder, Path(settings.MEDIA_ROOT))
        self.stdout.write(f"The database and {count} files were restored from {file}.")
        if done.aside:
            self.stdout.write(
                f"The database of before is kept as {done.aside}; drop it when it is not needed."
            )
