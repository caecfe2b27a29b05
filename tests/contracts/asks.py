"""What an address may ask of whoever opens it: a permission, or one of these, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass

from handover.permissions import Permission


@dataclass(frozen=True)
class Public:
    """Open to everybody, signed in or not, because …"""

    reason: str


@dataclass(frozen=True)
class SignedIn:
    """Open to every account, because …"""

    reason: str


@dataclass(frozen=True)
class Operators:
    """Open to the installation's operators, who hold no programme by that, because …"""

    reason: str


@dataclass(frozen=True)
class Directory:
    """Open to an organisation's own directory, by the organisation's token with the scope provision, because …"""

    reason: str


@dataclass(frozen=True)
class Interface:
    """Of the REST interface, reviewed operation by operation in ``api_routes.toml``, because …"""

    reason: str


Asks = Permission | Public | SignedIn | Operators | Directory | Interface
