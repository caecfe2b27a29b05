"""Showing on a terminal that something takes its time."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

TICK = 0.2
"""Seconds between two signs of life."""
SIGNS = "|/-\\"


@contextmanager
def progress(sentence: str, stream: Any) -> Iterator[None]:
    """Show a sentence with a turning sign and seconds while the block runs; nothing on anything but a terminal."""
    if not (hasattr(stream, "isatty") and stream.isatty()):
        yield
        return
    done = threading.Event()
    watcher = threading.Thread(target=_turn, args=(sentence, stream, done), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
        stream.write("\r" + " " * (len(sentence) + 12) + "\r", lambda text: text, ending="")
        stream.flush()


def _turn(sentence: str, stream: Any, done: threading.Event) -> None:
    for count, sign in enumerate(itertools.cycle(SIGNS)):
        stream.write(f"\r{sentence} {sign} {count * TICK:.0f} s", lambda text: text, ending="")
        stream.flush()
        if done.wait(TICK):
            return
