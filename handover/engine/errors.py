"""The one error of the engine: a sentence for the person at the terminal."""

from __future__ import annotations


class EngineError(Exception):
    """PostgreSQL cannot be reached, started or used as it is.

    The text is one line, names what is wrong and what to do, and never holds a password. The command
    line prints it without a traceback and leaves with exit code 2.
    """

    def __init__(self, line: str) -> None:
        super().__init__(" ".join(line.split()))
