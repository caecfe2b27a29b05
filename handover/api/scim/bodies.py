"""Bodies: what a directory sends, read leniently where directories differ and strictly where it matters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from django.http import HttpRequest
from scim2_models import (
    Context,
    InvalidSyntaxException,
    InvalidValueException,
    PatchOp,
    Resource,
    SCIMException,
)

from handover.actions.provisioned_groups import GroupEntry
from handover.actions.provisioning import PersonEntry
from handover.api.scim.resources import Group, SentEmail, SentUser

R = TypeVar("R", bound=Resource[Any])

JSON_TYPES = frozenset({"application/scim+json", "application/json"})


def body_of(request: HttpRequest) -> dict[str, Any]:
    """Give the JSON object of a request.

    Raises:
        SCIMException: it is no JSON, no object, or holds text that cannot be stored.
    """
    if request.content_type not in JSON_TYPES:
        error = SCIMException(detail="Send application/scim+json.")
        error.status = 415
        raise error
    try:
        body = json.loads(request.body)
        kept = json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as problem:
        raise InvalidSyntaxException(detail="This is no JSON in UTF-8.") from problem
    if not isinstance(body, dict):
        raise InvalidSyntaxException(detail="This is no JSON object.")
    if b"\\u0000" in kept:
        raise InvalidValueException(detail="A text holds a character that cannot be stored.")
    return body


def person_sent(body: Mapping[str, Any], *, context: Context, active: bool) -> SentUser:
    """Read a whole person. Where a directory leaves out what an account needs, its other words say it."""
    lenient = _as_named(body)
    name = lenient.get("userName")
    if not lenient.get("emails") and isinstance(name, str) and "@" in name:
        lenient["emails"] = [{"value": name}]
    if not lenient.get("displayName"):
        lenient["displayName"] = _full_name(_get(body, "name")) or name
    if lenient.get("active") is None:
        lenient["active"] = active
    return SentUser.model_validate(lenient, scim_ctx=context)


def group_sent(body: Mapping[str, Any], *, context: Context) -> Group:
    """Read a whole group."""
    return Group.model_validate(body, scim_ctx=context)


def patched(body: Mapping[str, Any], resource: R) -> R:
    """Give a resource with a PATCH request's operations applied, all or none."""
    operations = _get(body, "Operations")
    if isinstance(operations, list):
        flat = [item for operation in operations for item in _unfolded(operation)]
        body = {key: value for key, value in body.items() if key.lower() != "operations"}
        body = {**body, "Operations": flat}
    kind: Any = PatchOp
    patch = kind[type(resource)].model_validate(body, scim_ctx=Context.RESOURCE_PATCH_REQUEST)
    patch.patch(resource)
    return resource


def person_entry(sent: SentUser) -> PersonEntry:
    """Give what a directory says of a person, checked for what no account can do without."""
    name, address = (sent.user_name or "").strip(), _address(sent.emails or [])
    if not name or not address:
        raise InvalidValueException(detail="A person has a userName and an address in emails.")
    return PersonEntry(
        user_name=name,
        email=address,
        display_name=(sent.display_name or "").strip() or name,
        external_id=sent.external_id or "",
        active=sent.active is not False,
    )


def group_entry(sent: Group) -> GroupEntry:
    """Give what a directory says of a group."""
    title = (sent.display_name or "").strip()
    if not title:
        raise InvalidValueException(detail="A group has a displayName.")
    return GroupEntry(
        title=title,
        external_id=sent.external_id or "",
        members=frozenset(_key(member.value) for member in sent.members or []),
    )


def _unfolded(operation: Any) -> list[Any]:
    """Take an operation apart where directories say in its value what the standard says in a path."""
    if not isinstance(operation, dict):
        return [operation]
    op, path, value = (_get(operation, name) for name in ("op", "path", "value"))
    if isinstance(op, str) and op.lower() == "remove" and isinstance(value, list):
        # Some name whom they remove with a label besides: the key alone says who it is.
        keys = [
            {"value": _get(item, "value")} if isinstance(item, dict) and _get(item, "value") else item
            for item in value
        ]
        return [{"op": op, "path": path, "value": keys}]
    if not isinstance(value, dict) or path:
        return [operation]
    filtered = {key: item for key, item in value.items() if "[" in key}
    plain = {key: item for key, item in value.items() if key not in filtered}
    rest = [{"op": op, "value": plain}] if plain or not filtered else []
    return rest + [{"op": op, "path": key, "value": item} for key, item in filtered.items()]


def _as_named(body: Mapping[str, Any]) -> dict[str, Any]:
    """Spell a person's attributes as RFC 7643 does; names of attributes have no case."""
    names = {name.lower(): name for name in ("userName", "displayName", "emails", "active", "externalId")}
    return {names.get(key.lower(), key): value for key, value in body.items()}


def _get(body: Mapping[str, Any], name: str) -> Any:
    return next((value for key, value in body.items() if key.lower() == name.lower()), None)


def _full_name(name: Any) -> str:
    if not isinstance(name, dict):
        return ""
    parts = [_get(name, part) for part in ("givenName", "familyName")]
    whole = _get(name, "formatted") or " ".join(part for part in parts if isinstance(part, str))
    return whole.strip() if isinstance(whole, str) else ""


def _address(emails: list[SentEmail]) -> str:
    """Give the primary address, else the one for work, else the first."""
    ranked = sorted(emails, key=lambda email: (email.primary is not True, email.type != "work"))
    return ((ranked[0].value if ranked else None) or "").strip()


def _key(value: str | None) -> UUID:
    try:
        return UUID(value or "")
    except ValueError:
        raise InvalidValueException(detail=f"The directory keeps no person {value} here.") from None
