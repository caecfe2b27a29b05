"""`handover backup FILE`: the whole database and all evidence files in one file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from handover.engine import addresses
from handover.engine.archives import pack
from handover.engine.backups import backup
from handover.operations import backups


class Command(BaseCommand):
    """Write the database as its owner, who sees every row, then the files: their digests are in the database."""

    help = "Write the database and all evidence files to FILE, readable by you only. The installation's key stays out."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        with tempfile.TemporaryDirectory(prefix="handover-backup-", dir=_beside(file)) as folder:
            dump = Path(folder) / "database.dump"
            backup(addresses(), dump)
            pack(file, dump=dump, files=Path(settings.MEDIA_ROOT))
        self.stdout.write(f"Database and files were written to {file} ({file.stat().st_size:,} bytes).")
        try:
            backups.note(file.stat().st_size)
        except OSError as error:
            self.stderr.write(f"warning: When this backup was made could not be noted: {error}.")
        self.stdout.write(f"Keep the installation's key apart: {settings.INSTALLATION_KEY}")


def _beside(file: Path) -> Path:
    """Give the folder of the backup: what is large is written where it will stay."""
    if not file.parent.is_dir():
        raise CommandError(f"There is no folder {file.parent}.")
    return file.parent
