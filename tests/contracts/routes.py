"""Every address of the toolkit, with what it asks of whoever opens it, or why it asks nothing. Reviewed by hand.

A new address is added here with its permission. Without one it needs a reason that a reviewer can disagree with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

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

DIRECTORY = Directory(
    "it keeps the organisation's own people, and sees no programme and nobody else's people"
)

ROUTES: Mapping[str, Asks] = MappingProxyType(
    {
        "": Permission.VIEW,
        "seat/": SignedIn("a person chooses among their own seats, and sees nothing by that alone"),
        "sign-in/": Public("nobody is signed in before it"),
        "sign-out/": Public("it ends a session, and ends nothing where there is none"),
        "sign-in/openid/": Public(
            "nobody is signed in before it; it sends people to the provider, nothing else"
        ),
        "sign-in/openid/back/": Public("the provider's answer is what signs in; without one it says no"),
        "sign-in/passkey/": Public("nobody is signed in before it; the passkey is what signs in"),
        "sign-in/second-factor/": Public(
            "its own session says that a password was right; else it turns away"
        ),
        "security/": SignedIn("a person sees the factors of their own account"),
        "security/app/on/": SignedIn(
            "a person changes their own account, after showing again that it is they"
        ),
        "security/app/off/": SignedIn(
            "a person changes their own account, after showing again that it is they"
        ),
        "security/recovery-codes/": SignedIn("a person's own codes, after showing again that it is they"),
        "security/recovery-codes/new/": SignedIn("a person's own codes, after showing again that it is they"),
        "security/passkeys/add/": SignedIn("a person's own passkeys, after showing again that it is they"),
        "security/passkeys/<int:pk>/remove/": SignedIn("a person's own passkeys; of another's there is none"),
        "security/again/": SignedIn("a person shows by their password that it is still they"),
        "security/again/code/": SignedIn("a person shows by a code that it is still they"),
        "security/again/passkey/": SignedIn("a person shows by a passkey that it is still they"),
        "programmes/<uuid:programme_uuid>/indicators/": Permission.VIEW,
        "programmes/<uuid:programme_uuid>/indicators/<uuid:indicator_uuid>/": Permission.VIEW,
        "portfolio/": Permission.VIEW,
        "api/openapi.yaml": Public("what can be asked is no secret"),
        "api/docs/": Public("what can be asked is no secret"),
        "api/docs/<slug:noun>/": Public("what can be asked is no secret"),
        "api/problems": Public("a refusal links here, whoever was refused"),
        "scim/v2/ServiceProviderConfig": DIRECTORY,
        "scim/v2/ResourceTypes": DIRECTORY,
        "scim/v2/ResourceTypes/<str:key>": DIRECTORY,
        "scim/v2/Schemas": DIRECTORY,
        "scim/v2/Schemas/<str:key>": DIRECTORY,
        "scim/v2/Me": DIRECTORY,
        "scim/v2/Bulk": DIRECTORY,
        "scim/v2/.search": DIRECTORY,
        "scim/v2/Users/.search": DIRECTORY,
        "scim/v2/Groups/.search": DIRECTORY,
        "scim/v2/Users": DIRECTORY,
        "scim/v2/Users/<str:key>": DIRECTORY,
        "scim/v2/Groups": DIRECTORY,
        "scim/v2/Groups/<str:key>": DIRECTORY,
        "scim/v2/<path:key>": DIRECTORY,
    }
)
"""By the pattern as the resolver has it."""

WHOLE: Mapping[str, Asks] = MappingProxyType(
    {
        "operators/": Operators(
            "Django's admin site guards each of its pages by itself; walked through in the test"
        ),
        "api/v1/": Interface("each method of an address asks for something of its own"),
    }
)
"""Addresses that come as a whole, from Django or by a list of their own, by their common beginning."""
