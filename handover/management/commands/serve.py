"""`handover serve`: the web for good, and a worker beside it where that is wanted."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser
from django.db import connection

from handover.engine.roles import refuse_unsafe_web_role
from handover.errors import DomainError
from handover.management.base import SpeakingCommand, Told
from handover.operations import health, serving


class Command(SpeakingCommand):
    """Serve."""

    help = (
        "Serve the web by gunicorn until stopped (SIGTERM or SIGINT): what runs then has its grace. Static files are "
        "collected and compressed first. Put a web server with a certificate in front."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add where, by how many, and whether jobs are done too."""
        parser.add_argument(
            "--bind",
            default="127.0.0.1:8000",
            metavar="HOST:PORT",
            help="where to listen; a port alone is this machine's",
        )
        parser.add_argument("--workers", type=_few, default=2, metavar="N", help="processes that answer")
        parser.add_argument(
            "--threads", type=_few, default=4, metavar="N", help="requests at once in each process"
        )
        parser.add_argument(
            "--jobs", action="store_true", help="do jobs too, by one worker, started again where it ends"
        )
        parser.add_argument(
            "--grace",
            type=_grace,
            default=30,
            metavar="SECONDS",
            help="that a request or a job may still take when it is stopped",
        )
        super().add_arguments(parser)

    def answer(self, options: Mapping[str, Any]) -> Told:
        """Look whether it can be served, then serve; with --jobs until both have ended, else as gunicorn itself.

        Raises:
            EngineError: the role that it connects as could look over the wall.
            DomainError: the place is taken, or the database is not this version's.
        """
        where = serving.place(options["bind"])
        serving.refuse_taken(where)
        refuse_unsafe_web_role(connection)
        if health.pending():
            raise DomainError(
                "not_migrated",
                "The database does not have this version's tables: run `handover migrate` first.",
            )
        connection.close()
        environ = serving.environment(os.environ)
        grace = options["grace"]
        web = serving.web_command(where, workers=options["workers"], threads=options["threads"], grace=grace)
        subprocess.run(
            [sys.executable, "-m", "handover", "collectstatic", "--noinput", "--verbosity=0"],
            env=environ,
            check=True,
        )
        self.stdout.write(f"The web is on http://{where}/ .")
        self.stdout.flush()
        if not options["jobs"]:
            serving.become(web, environ)
        house = serving.House(web, serving.jobs_command(grace=grace), environ, grace)
        sys.exit(house.run())


def _few(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 64:
        raise argparse.ArgumentTypeError("1 to 64")
    return number


def _grace(text: str) -> int:
    seconds = int(text)
    if not 0 <= seconds <= 3600:
        raise argparse.ArgumentTypeError("0 to 3600 seconds")
    return seconds
