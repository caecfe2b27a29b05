"""The command line: `handover COMMAND` is Django's own command runner, with the database decided first."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from handover.engine import EngineError, ensure

# Whoever changes the schema, or must see every row, is the owner; the web role owns nothing.
AS_OWNER = frozenset(
    {"backup", "flush", "makemigrations", "migrate", "rederive", "restore", "sqlflush", "test", "testserver"}
)
# The owner's too, unless somebody asks for themselves: an operator's verification must see every row.
AS_OWNER_UNLESS_ASKED_BY = frozenset({"verify"})
NAMES_SOMEBODY = frozenset({"--as", "--for", "--organisation"})
WITHOUT_DATABASE = frozenset(
    {
        "collectstatic",
        "compilemessages",
        "diffsettings",
        "engine",
        "findstatic",
        "help",
        "makemessages",
        "roles",
        "startapp",
        "startproject",
        "version",
    }
)
ASKS_FOR_HELP = frozenset({"-h", "--help", "--version"})
# SQLSTATE classes and codes that say "no connection", in contrast to a statement that failed:
# connection exceptions, authorisation, no such database, shutdown, too many connections.
NO_CONNECTION = ("08", "28", "3D", "57P", "53300")
EXIT = 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit: 0 when it worked, 1 when it failed, 2 when the database cannot be used."""
    argv = ["handover", *(sys.argv[1:] if arguments is None else arguments)]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "handover.settings")
    command = argv[1] if len(argv) > 1 else "help"
    if as_owner(command, argv[2:]):
        os.environ["HANDOVER_DB_ROLE"] = "owner"
    try:
        if touches_database(command, argv[2:]):
            ensure()
        _run(argv)
    except EngineError as error:
        sys.exit(_say(str(error)))


def touches_database(command: str, options: Sequence[str]) -> bool:
    """Say whether a command needs the database to answer."""
    return not (command in WITHOUT_DATABASE or command.startswith("-") or ASKS_FOR_HELP.intersection(options))


def as_owner(command: str, options: Sequence[str]) -> bool:
    """Say whether a command connects as the database's owner."""
    somebody = any(option.partition("=")[0] in NAMES_SOMEBODY for option in options)
    return command in AS_OWNER or (command in AS_OWNER_UNLESS_ASKED_BY and not somebody)


def _run(argv: list[str]) -> None:
    from django.core.management import execute_from_command_line
    from django.db.utils import OperationalError

    try:
        execute_from_command_line(argv)
    except OperationalError as error:
        if "--traceback" in argv or not _is_no_connection(error):
            raise
        sys.exit(_say(f"The database does not answer: {error}"))
    except KeyboardInterrupt:
        sys.exit(130)


def _is_no_connection(error: Exception) -> bool:
    code = getattr(error.__cause__, "sqlstate", None)
    return code is None or code.startswith(NO_CONNECTION)


def _say(line: str) -> int:
    print(f"handover: {' '.join(line.split())}", file=sys.stderr)
    return EXIT


if __name__ == "__main__":
    main()
