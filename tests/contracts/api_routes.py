"""The reviewed list of the REST interface: what each operation asks of whoever sends it. The list itself is
``api_routes.toml``, sorted by address, one line an operation.

A line says a permission (``view``), a token's scope where the operation is about no programme (``scope organisation``),
or why it asks for neither (``open: …``). A new operation is added there by hand, with what it asks for; the test says
which lines are missing, and prints them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from handover.permissions import Permission, Scope
from tests.contracts.operations import Operation

FILE = Path(__file__).with_name("api_routes.toml")


@dataclass(frozen=True)
class Open:
    """It asks for nothing, because …"""

    reason: str


Asked = Permission | Scope | Open


@cache
def listed() -> Mapping[str, Asked]:
    """Read the list: what each ``METHOD address`` asks for."""
    return {line: _read(said) for line, said in tomllib.loads(FILE.read_text()).items()}


def _read(said: str) -> Asked:
    kind, _, rest = said.partition(" ")
    match kind:
        case "open:":
            return Open(rest)
        case "scope":
            return Scope(rest)
    return Permission(said)


def declared(operation: Operation) -> Asked:
    """Give what the handler of an operation declares."""
    may = operation.said.may
    return Open(operation.said.open_to) if may is None else may


def line(operation: Operation) -> str:
    """Write the line that an operation's handler would have in the list."""
    match declared(operation):
        case Open(reason):
            said = f"open: {reason}"
        case Scope() as scope:
            said = f"scope {scope.value}"
        case may:
            said = may.value
    return f'"{operation}" = "{said}"'
