"""A bar on a terminal that says how far long work has come."""

from __future__ import annotations

import time
from typing import Any

WIDTH = 24
PAUSE = 0.2
"""Seconds between two drawings."""


class Bar:
    """Draws on a terminal, and on nothing else. Called as ``handover.jobs.Progress``."""

    def __init__(self, sentence: str, stream: Any) -> None:
        self.sentence = sentence
        self.stream = stream
        self.shown = hasattr(stream, "isatty") and bool(stream.isatty())
        self._last = 0.0
        self._longest = 0

    def __enter__(self) -> Bar:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Wipe the line."""
        if self._longest:
            self._write(" " * self._longest + "\r")

    def __call__(self, done: int, total: int | None = None, phase: str = "") -> None:
        """Draw how far it has come."""
        now = time.monotonic()
        if not self.shown or now - self._last < PAUSE:
            return
        self._last = now
        line = f"{self.sentence} {phase}".strip()
        if total:
            full = min(WIDTH, WIDTH * done // total)
            line += f" [{'#' * full}{'.' * (WIDTH - full)}] {min(100, 100 * done // total)} %,"
        line += f" {done:,}"
        self._longest = max(self._longest, len(line))
        self._write(line.ljust(self._longest))

    def _write(self, text: str) -> None:
        self.stream.write(f"\r{text}", lambda said: said, ending="")
        self.stream.flush()
