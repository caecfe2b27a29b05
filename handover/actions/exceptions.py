"""Single users' exceptions at a handover: mapped to somebody on the other side, or given up, and restored
when it is given back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from handover import clock
from handover.actions.permissions import auth_permission
from handover.models import (
    Organisation,
    Programme,
    ProgrammeUserGrant,
    Responsibility,
    ResponsibilityUserGrant,
    Transfer,
    User,
)
from handover.permissions import Permission
from handover.queries.previews import concerned_exceptions


def apply_mappings(transfer: Transfer, *, only: Collection[int] | None = None) -> list[dict[str, Any]]:
    """Take the concerned exceptions from the giver's people and give them to whom the plan names; tell what
    happened."""
    concerned = [
        item for item in concerned_exceptions(transfer) if only is None or item.responsibility in only
    ]
    if not concerned:
        return []
    mapped = {item.grant_key: item.to_user for item in transfer.mappings.select_related("to_user")}
    story = []
    for item in concerned:
        to_user = mapped[item.key]
        thing: Programme | Responsibility = (
            transfer.programme
            if item.responsibility is None
            else Responsibility.objects.get(pk=item.responsibility, programme=transfer.programme)
        )
        _take(thing, item.user, item.permission)
        if to_user is not None:
            _give(
                thing,
                to_user,
                transfer.receiver,
                item.permission,
                f"Handed over from {item.user_name}: {item.reason}",
            )
        story.append(
            {
                "user": item.user_uuid,
                "name": item.user_name,
                "organisation": transfer.giver.uuid,
                "permission": item.permission.value,
                "responsibility": thing.uuid if isinstance(thing, Responsibility) else None,
                "reason": item.reason,
                "to": to_user.uuid if to_user else None,
            }
        )
    return story


def restore(transfer: Transfer, story: list[dict[str, Any]]) -> None:
    """Give exceptions back to whom they were taken from, and take them from whom they were given to."""
    for item in story:
        thing: Programme | Responsibility = (
            transfer.programme
            if item["responsibility"] is None
            else Responsibility.objects.get(uuid=item["responsibility"], programme=transfer.programme)
        )
        permission = Permission(item["permission"])
        if item["to"]:
            _take(thing, User.objects.get(uuid=UUID(item["to"])).pk, permission)
        user, organisation = (
            User.objects.get(uuid=UUID(item["user"])),
            Organisation.objects.get(uuid=UUID(item["organisation"])),
        )
        if (
            user.is_active
            and user.memberships.filter(organisation=organisation).exclude(ends_at__lte=clock.now()).exists()
        ):
            _give(thing, user, organisation, permission, item["reason"])


def _take(thing: Programme | Responsibility, user: int, permission: Permission) -> None:
    table = ProgrammeUserGrant if isinstance(thing, Programme) else ResponsibilityUserGrant
    table.objects.filter(
        content_object=thing, user_id=user, permission=auth_permission(thing, permission)
    ).delete()


def _give(
    thing: Programme | Responsibility,
    user: User,
    organisation: Organisation,
    permission: Permission,
    reason: str,
) -> None:
    fields: dict[str, Any] = {
        "user": user,
        "permission": auth_permission(thing, permission),
        "content_object": thing,
        "defaults": {"organisation": organisation, "reason": reason[:300]},
    }
    if isinstance(thing, Programme):
        ProgrammeUserGrant.objects.update_or_create(**fields)
    else:
        ResponsibilityUserGrant.objects.update_or_create(programme=thing.programme, **fields)
