"""Requests that a page of the docs shows: each block with ``curl``, and the block with its answer that follows it."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

BLOCK = re.compile(r"^```(sh|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEREDOC = re.compile(r"(?P<line>.*) <<END\n(?P<body>.*)\nEND\s*", re.DOTALL)
LEFT_OUT = "…"


@dataclass(frozen=True)
class Shown:
    """One request as the page shows it, with ``$NAMES`` where a reader puts what they noted, and its answer."""

    command: str
    answer: Any

    def request(self, noted: MutableMapping[str, str]) -> Request:
        """Read the command as a shell would.

        Raises:
            KeyError: a variable that no answer before has given.
        """
        found = HEREDOC.fullmatch(self.command.strip())
        line = found["line"] if found else self.command
        body = Template(found["body"]).substitute(noted) if found else ""
        words = iter(shlex.split(Template(line).substitute(noted)))
        assert next(words) == "curl"
        method, address, headers = ("POST" if found else "GET"), "", {}
        for word in words:
            match word:
                case "-sS":
                    continue
                case "-X":
                    method = next(words)
                case "-H":
                    name, _, value = next(words).partition(": ")
                    headers[name] = value
                case "--json":
                    assert next(words) == "@-"
                case _:
                    address = word
        return Request(method, address, headers, body)


@dataclass(frozen=True)
class Request:
    """What a command sends."""

    method: str
    address: str
    headers: dict[str, str]
    body: str


def requests_of(page: Path) -> Iterator[Shown]:
    """Give the requests of a page in order, each with its answer."""
    blocks = BLOCK.findall(page.read_text("utf-8"))
    for (kind, command), (next_kind, answer) in zip(blocks[::2], blocks[1::2], strict=True):
        assert (kind, next_kind) == ("sh", "json"), command
        yield Shown(command, json.loads(answer))


def differences(shown: Any, told: Any, noted: MutableMapping[str, str], at: str = "") -> Iterator[str]:
    """Say where an answer is not what the page shows; what the page calls ``$NAME`` is noted on the way."""
    match shown, told:
        case dict(), dict() if LEFT_OUT in shown or set(shown) == set(told):
            for name in set(shown) - {LEFT_OUT}:
                yield from differences(shown[name], told.get(name), noted, f"{at}/{name}")
        case list(), list() if len(shown) == len(told):
            for number, (one, other) in enumerate(zip(shown, told, strict=True)):
                yield from differences(one, other, noted, f"{at}/{number}")
        case _ if not _equal(shown, told, noted):
            yield f"{at}: {told!r} is not {shown!r}"


def _equal(shown: Any, told: Any, noted: MutableMapping[str, str]) -> bool:
    if shown == LEFT_OUT:
        return bool(told)
    if isinstance(shown, str) and shown.startswith("$"):
        return bool(told) and noted.setdefault(shown[1:], told) == told
    return bool(shown == told)
