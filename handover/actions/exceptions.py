"""Single users' exceptions at a handover: mapped to somebody on the other side, or given up, and restored
when it is given back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from handover import access, clock
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
from handover.queries.previews import UserException, concerned_exceptions, exceptions_now


def apply_mappings(transfer: Transfer, *, only: Collection[int] | None = None) -> list[dict[str, Any]]:
    """Take the concerned exceptions from whoever has them and give them to whom the plan names; tell what
    happened. They end when they would have ended.

    Args:
        only: the responsibilities whose exceptions are concerned now; ``None``: all that the transfer touches.
    """
    concerned = [
        item for item in concerned_exceptions(transfer) if only is None or item.responsibility in only
    ]
    if not concerned:
        return []
    mapped = {item.grant_key: item.to_user for item in transfer.mappings.select_related("to_user")}
    return [_apply(transfer, item, mapped[item.key]) for item in concerned]


def _apply(transfer: Transfer, item: UserException, to_user: User | None) -> dict[str, Any]:
    thing: Programme | Responsibility = (
        transfer.programme
        if item.responsibility is None
        else Responsibility.objects.get(pk=item.responsibility, programme=transfer.programme)
    )
    stays = to_user is not None and to_user.pk == item.user and item.organisation != transfer.giver_id
    given = False
    if not stays:
        _take(thing, item.user, item.permission)
        if to_user is not None and not _rows(thing, to_user.pk, item.permission).exists():
            given = True
            reason = f"Handed over: {item.reason}"
            _give(thing, to_user, transfer.receiver, item.permission, reason, item.expires_at)
    return {
        "user": item.user_uuid,
        "name": item.user_name,
        "organisation": item.organisation_uuid,
        "permission": item.permission.value,
        "responsibility": thing.uuid if isinstance(thing, Responsibility) else None,
        "reason": item.reason,
        "expires_at": item.expires_at,
        "to": to_user.uuid if to_user else None,
        "given": given,
        "stays": stays,
    }


def restore(transfer: Transfer, story: Sequence[Mapping[str, Any]]) -> None:
    """Give exceptions back to whom they were taken from, and take them from whom they were given to."""
    for item in story:
        if item["stays"]:
            continue
        thing: Programme | Responsibility = (
            transfer.programme
            if item["responsibility"] is None
            else Responsibility.objects.get(uuid=item["responsibility"], programme=transfer.programme)
        )
        permission = Permission(item["permission"])
        if item["given"]:
            _take(thing, User.objects.get(uuid=UUID(item["to"])).pk, permission)
        ends = dt.datetime.fromisoformat(item["expires_at"]) if item["expires_at"] else None
        user, organisation = (
            User.objects.get(uuid=UUID(item["user"])),
            Organisation.objects.get(uuid=UUID(item["organisation"])),
        )
        if (
            user.is_active
            and (ends is None or ends > clock.now())
            and access.seats_now(user).filter(organisation=organisation).exists()
        ):
            _give(thing, user, organisation, permission, item["reason"], ends)


def end_exceptions(
    transfer: Transfer, story: Sequence[Mapping[str, Any]], *, everywhere: bool
) -> list[dict[str, Any]]:
    """End what the receiver's people were excepted from since a transfer that is given back: they answer no more.

    Args:
        story: what the execution said of exceptions; what stayed with the receiver's people stays with them.
        everywhere: the receiver only reads from now on, so that nothing stays.

    Returns:
        What ended: person, permission, and the responsibility (``None``: the programme).
    """
    moved = set(transfer.items.values_list("responsibility_id", flat=True))
    names = dict(Responsibility.objects.filter(programme=transfer.programme).values_list("pk", "uuid"))
    stayed = {(line["user"], line["permission"], line["responsibility"]) for line in story if line["stays"]}
    ended = []
    for item in exceptions_now(transfer.programme):
        thing = names[item.responsibility] if item.responsibility is not None else None
        concerned = transfer.lead if thing is None else item.responsibility in moved
        stays = (str(item.user_uuid), item.permission.value, str(thing) if thing else None) in stayed
        if item.organisation != transfer.receiver_id or not (everywhere or (concerned and not stays)):
            continue
        table = ProgrammeUserGrant if thing is None else ResponsibilityUserGrant
        table.objects.filter(
            content_object=item.responsibility or transfer.programme_id,
            user_id=item.user,
            permission__codename=item.permission.value,
        ).delete()
        ended.append(
            {
                "user": item.user_uuid,
                "name": item.user_name,
                "permission": item.permission.value,
                "responsibility": thing,
            }
        )
    return ended


def _rows(
    thing: Programme | Responsibility, user: int, permission: Permission
) -> QuerySet[ProgrammeUserGrant] | QuerySet[ResponsibilityUserGrant]:
    table = ProgrammeUserGrant if isinstance(thing, Programme) else ResponsibilityUserGrant
    return table.objects.filter(
        content_object=thing, user_id=user, permission=auth_permission(thing, permission)
    )


def _take(thing: Programme | Responsibility, user: int, permission: Permission) -> None:
    _rows(thing, user, permission).delete()


def _give(
    thing: Programme | Responsibility,
    user: User,
    organisation: Organisation,
    permission: Permission,
    reason: str,
    expires_at: dt.datetime | None,
) -> None:
    fields: dict[str, Any] = {
        "user": user,
        "permission": auth_permission(thing, permission),
        "content_object": thing,
        "defaults": {"organisation": organisation, "reason": reason[:300], "expires_at": expires_at},
    }
    if isinstance(thing, Programme):
        ProgrammeUserGrant.objects.update_or_create(**fields)
    else:
        ResponsibilityUserGrant.objects.update_or_create(programme=thing.programme, **fields)
