"""An organisation's directory as the tests play it: its token, and requests in SCIM."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from handover import clock
from handover.access import Actor, asking
from handover.actions import tokens
from handover.models import LedgerEntry, ProvisionedUser, User
from handover.permissions import Scope

PERSON = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@dataclass(frozen=True)
class Said:
    """What the service answered."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Directory:
    """A directory that speaks for one organisation by a key."""

    key: str
    client: Client

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Said:
        """Send a request below ``/scim/v2``."""
        answer = self.client.generic(
            method,
            f"/scim/v2{path}",
            b"" if body is None else json.dumps(body),
            content_type="application/scim+json",
            headers={"Authorization": f"Bearer {self.key}", **headers},
        )
        return Said(answer.status_code, json.loads(answer.content or b"{}"), dict(answer.headers))

    def get(self, path: str, **headers: str) -> Said:
        """Read."""
        return self.ask("GET", path, **headers)

    def enters(self, name: str, **more: Any) -> Said:
        """Enter a person whose address is made of a name."""
        body = {"schemas": [PERSON], "userName": name, "displayName": name.capitalize()}
        return self.ask("POST", "/Users", {**body, "emails": [{"value": f"{name}@receiver.example"}], **more})

    def person(self, name: str, **more: Any) -> str:
        """Enter a person and give their id."""
        return str(self.enters(name, **more).body["id"])

    def group(self, title: str, *members: str, **more: Any) -> str:
        """Enter a group and give its id."""
        body = {"schemas": [GROUP], "displayName": title, "members": [{"value": key} for key in members]}
        return str(self.ask("POST", "/Groups", {**body, **more}).body["id"])

    def edits(self, path: str, *operations: dict[str, Any], **headers: str) -> Said:
        """Send a PATCH request."""
        return self.ask("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)}, **headers)

    def closes(self, key: str) -> Said:
        """Deactivate a person."""
        return self.edits(f"/Users/{key}", {"op": "replace", "path": "active", "value": False})

    def opens(self, key: str) -> Said:
        """Bring a person back."""
        return self.edits(f"/Users/{key}", {"op": "replace", "path": "active", "value": True})


def directory_of(manager: Actor, client: Client, scopes: Collection[Scope] = (Scope.PROVISION,)) -> Directory:
    """Give the directory of a manager's organisation, with a token of its own."""
    return Directory(tokens.issue_for_organisation(by=manager, **_token(scopes)).key, client)


def own_key(person: Actor, scopes: Collection[Scope] = (Scope.READ,)) -> str:
    """Issue a token that acts for a person."""
    return tokens.issue(by=person, **_token(scopes)).key


def _token(scopes: Collection[Scope]) -> dict[str, Any]:
    return {"title": "Directory", "scopes": scopes, "expires_at": clock.now() + dt.timedelta(days=90)}


def account(name: str) -> User:
    """Give the account of a person whom a directory entered, read anew."""
    return User.objects.get(email=f"{name}@receiver.example")


def roles(user: User, actor: Actor) -> set[str]:
    """Give the roles that a person holds now at an actor's organisation."""
    held = user.memberships.filter(organisation=actor.organisation, starts_at__lte=clock.now())
    return {seat.role for seat in held if seat.ends_at is None or seat.ends_at > clock.now()}


def row_of(actor: Actor, user: User) -> ProvisionedUser:
    """Give the entry of an account in the directory of an actor's organisation."""
    with asking(actor):
        return ProvisionedUser.objects.get(organisation=actor.organisation, user=user)


def ledger(actor: Actor) -> list[tuple[str, dict[str, Any]]]:
    """Give the verbs and data on the chain of an actor's organisation, in order."""
    with asking(actor):
        entries = LedgerEntry.objects.filter(organisation_id=actor.organisation.pk).order_by("seq")
        bodies = [json.loads(entry.body) for entry in entries]
    return [(body["verb"], body["data"]) for body in bodies]
