"""`handover backup FILE`: the whole database in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from handover.engine import addresses
from handover.engine.backups import backup


class Command(BaseCommand):
    """Write PostgreSQL's custom format as the owner, who sees every row."""

    help = "Write the whole database to FILE (pg_dump's custom format), readable by you only."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        backup(addresses(), file)
        self.stdout.write(f"The database was written to {file} ({file.stat().st_size:,} bytes).")
