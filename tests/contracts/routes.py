"""Every address of the toolkit, with what it asks of whoever opens it, or why it asks nothing. Reviewed by hand.

A new address is added here with its permission. Without one it needs a reason that a reviewer can disagree with.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from tests.contracts import pages
from tests.contracts.asks import Asks, Directory, Interface, Operators, Public, SignedIn

__all__ = ["ROUTES", "WHOLE", "Asks", "Operators", "Public"]


DIRECTORY = Directory(
    "it keeps the organisation's own people, and sees no programme and nobody else's people"
)

_OWN: Mapping[str, Asks] = MappingProxyType(
    {
        "language/": Public("everybody reads in their own language"),
        "theme/<slug:colour>.css": Public("a colour is no secret, and names nobody"),
        "accessibility/": Public("the law asks that everybody can read it"),
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


def _of_rooms() -> dict[str, Asks]:
    """Read the lists that the rooms keep for themselves, and refuse an address that is on two of them."""
    found: dict[str, Asks] = dict(_OWN)
    for room in sorted(module.name for module in iter_modules(pages.__path__)):
        listed: Mapping[str, Asks] = import_module(f"tests.contracts.pages.{room}").ROUTES
        assert not found.keys() & listed.keys(), f"{room} lists what is listed elsewhere"
        found |= listed
    return found


ROUTES: Mapping[str, Asks] = MappingProxyType(_of_rooms())
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
