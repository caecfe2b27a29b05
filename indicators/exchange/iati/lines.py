"""Line numbers beyond 65,535, where libxml2 stops counting: read again, only to say where something stands."""

from __future__ import annotations

import xml.parsers.expat as expat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from indicators.exchange.iati.tree import ACTIVITY

UNCOUNTED = 65_535
CHUNK = 1024 * 1024


class Found(Exception):
    """The element that was looked for begins."""


def activity_lines(path: Path) -> list[int]:
    """Give the line of each activity of a file, as far as the file is well-formed."""
    lines: list[int] = []

    def note(depth: int, name: str, line: int) -> None:
        if depth == 1 and name == ACTIVITY:
            lines.append(line)

    _walk(path, note)
    return lines


def element_line(path: Path, activity: int, place: int) -> int:
    """Give an element's line: ``place`` counts in document order from the activity (0), ``activity`` from 0."""
    now = {"activity": -1, "place": -1, "line": UNCOUNTED}

    def note(depth: int, name: str, line: int) -> None:
        if depth == 1:
            now.update(activity=now["activity"] + (name == ACTIVITY), place=-1)
        if depth >= 1 and now["activity"] == activity:
            now.update(place=now["place"] + 1, line=line)
            if now["place"] == place:
                raise Found

    _walk(path, note)
    return now["line"]


def _walk(path: Path, visit: Callable[[int, str, int], None]) -> None:
    """Visit each element by depth (the root is 0), name and line, until ``Found`` or until the file breaks."""
    parser = expat.ParserCreate()
    depth = 0

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal depth
        visit(depth, name, parser.CurrentLineNumber)
        depth += 1

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    with suppress(Found, expat.ExpatError, OSError), path.open("rb") as file:
        while chunk := file.read(CHUNK):
            parser.Parse(chunk, False)
