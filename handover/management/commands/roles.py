"""`handover roles`: the SQL that a database administrator runs once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from handover.engine import urls
from handover.engine.roles import script


class Command(BaseCommand):
    """Print the SQL; connect to nothing."""

    help = (
        "Print the SQL that makes the owner role, the web role and the database on a PostgreSQL of your own."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--owner", default=urls.OWNER_ROLE, help="role that migrates, backs up and restores"
        )
        parser.add_argument("--web", default=urls.WEB_ROLE, help="role of the web: owns nothing")
        parser.add_argument("--database", default=urls.DATABASE, help="name of the database")
        parser.add_argument(
            "--for-tests",
            action="store_true",
            help="let the owner make test databases and empty them: never on a server with real data",
        )

    def handle(
        self, *args: Any, owner: str, web: str, database: str, for_tests: bool, **options: Any
    ) -> None:
        self.stdout.write(script(owner=owner, web=web, database=database, for_tests=for_tests))
