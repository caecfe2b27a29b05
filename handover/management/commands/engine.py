"""`handover engine`: start, stop and look at the toolkit's own PostgreSQL."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from handover import engine


class Command(BaseCommand):
    """Act on the embedded server; with DATABASE_URL there is none, and the command says so."""

    help = "Start, stop or show the toolkit's own PostgreSQL (used when DATABASE_URL is not set)."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["start", "stop", "status"])

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        if action == "start":
            engine.ensure()
        if action == "stop":
            stopped = engine.stop()
            self.stdout.write("PostgreSQL was stopped." if stopped else "There was nothing to stop.")
            return
        found = engine.status()
        if not found.embedded:
            self.stdout.write(
                f"DATABASE_URL names the server {found.host}; it is not started or stopped from here."
            )
        elif found.pid is None:
            self.stdout.write(f"PostgreSQL does not run; its folder is {found.folder}.")
        else:
            self.stdout.write(f"PostgreSQL runs as process {found.pid}; its folder is {found.folder}.")
