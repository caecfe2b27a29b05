"""Provisioned groups: those of an organisation's own directory, and the roles that they stand for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from handover import access, clock, ledger
from handover.access import Actor
from handover.actions import action
from handover.actions.columns import checking
from handover.actions.provisioned_seats import lock_directory, open_directory, settle, step
from handover.errors import Invalid, NotAllowed, Stale
from handover.models import ProvisionedGroup, ProvisionedMember, ProvisionedUser
from handover.permissions import Role
from handover.queries import provisioning


@dataclass(frozen=True)
class GroupEntry:
    """What a directory says of a group; ``members`` are the UUIDs of its people, ``None`` where it says nothing."""

    title: str
    external_id: str = ""
    members: frozenset[UUID] | None = frozenset()


@action
def enter_group(*, by: Actor, entry: GroupEntry) -> ProvisionedGroup:
    """Enter a group of the directory. Where its title is a role's name, its members take that seat.

    Raises:
        NotAllowed: the actor is no organisation's directory.
        Invalid: the title is taken; a member whom the directory does not keep.
    """
    open_directory(by)
    now = clock.now()
    row = ProvisionedGroup(organisation=by.organisation, created_at=now, changed_at=now)
    _entitle(by, row, entry)
    row.save()
    _say("group.entered", by, row, {"role": row.role})
    _seat_members(by, row, entry.members or frozenset())
    return row


@action
def change_group(
    *, by: Actor, group_uuid: UUID, entry: GroupEntry, version: int | None = None
) -> ProvisionedGroup:
    """Make a group what the directory says now; seats follow.

    Raises:
        NotAllowed: the actor is no organisation's directory.
        NotFound: the directory keeps no such group.
        Stale: somebody else changed it since ``version`` was read.
        Invalid: the title is taken; a member whom the directory does not keep.
        Refused: it would leave the organisation without a manager.
    """
    open_directory(by)
    row = _group(by, group_uuid, version)
    before = (row.title, row.external_id, row.role)
    _entitle(by, row, entry)
    changed = (row.title, row.external_id, row.role) != before
    if changed:
        row.save()
        _say("group.changed", by, row, {"role": row.role})
    moved = _seat_members(by, row, entry.members, everybody=row.role != before[2])
    if changed or moved:
        _step(row)
    return row


@action
def remove_group(*, by: Actor, group_uuid: UUID, version: int | None = None) -> None:
    """Remove a group of the directory; the seats that it gave end.

    Raises:
        NotAllowed: the actor is no organisation's directory.
        NotFound: the directory keeps no such group.
        Stale: somebody else changed it since ``version`` was read.
        Refused: it would leave the organisation without a manager.
    """
    open_directory(by)
    row = _group(by, group_uuid, version)
    _seat_members(by, row, frozenset())
    _say("group.removed", by, row, {"role": row.role})
    row.delete()


@action
def map_group(*, by: Actor, group_uuid: UUID, role: Role | str | None) -> ProvisionedGroup:
    """Say by hand which role a group of the directory stands for, or that it stands for none; its title counts no more.

    Raises:
        NotAllowed: the actor is no manager of the organisation.
        NotFound: its directory keeps no such group.
        Invalid: the role is unknown.
        Refused: it would leave the organisation without a manager.
    """
    if not access.manages(by, by.organisation):
        raise NotAllowed("not_manager", f"Only a manager of {by.organisation.name} may map its groups.")
    if role is not None and role not in set(Role):
        raise Invalid("unknown_role", f"“{role}” is no role: {', '.join(Role)}.", field="role")
    lock_directory(by.organisation)
    row = _group(by, group_uuid, None)
    row.role, row.by_hand = Role(role).value if role else "", True
    _step(row)
    _say("group.mapped", by, row, {"role": row.role})
    settle(by, list(ProvisionedMember.objects.filter(group=row).values_list("user_id", flat=True)))
    return row


def _group(by: Actor, key: UUID, version: int | None) -> ProvisionedGroup:
    row = provisioning.group(by, key, lock=True)
    if version is not None and row.version != version:
        raise Stale("group")
    return row


def _entitle(by: Actor, row: ProvisionedGroup, entry: GroupEntry) -> None:
    """Give a group its title, and by it, unless a manager said otherwise, its role."""
    same = provisioning.groups(by).filter(title=entry.title).exclude(pk=row.pk)
    if same.exists():
        raise Invalid("group_taken", "The directory has another group of this name already.", field="title")
    row.title, row.external_id = entry.title, entry.external_id
    if not row.by_hand:
        row.role = provisioning.role_named(entry.title)
    with checking():
        row.clean_fields(exclude={"organisation"})


def _seat_members(
    by: Actor, row: ProvisionedGroup, members: Collection[UUID] | None, *, everybody: bool = False
) -> bool:
    """Make these people the group's members, and settle whom that concerns; tell whether anybody came or went."""
    now = {
        item.user_id: item
        for item in ProvisionedMember.objects.filter(group=row).select_related("user__user")
    }
    wanted = _people(by, members) if members is not None else {key: now[key].user for key in now}
    joined, left = wanted.keys() - now.keys(), now.keys() - wanted.keys()
    if left:
        ProvisionedMember.objects.filter(group=row, user_id__in=left).delete()
    if joined:
        ProvisionedMember.objects.bulk_create(
            ProvisionedMember(organisation=by.organisation, group=row, user_id=key) for key in sorted(joined)
        )
    if joined or left:
        step(ProvisionedUser.objects.filter(pk__in=joined | left))
        told: dict[str, object] = {
            "joined": sorted(str(wanted[key].user.uuid) for key in joined),
            "left": sorted(str(now[key].user.user.uuid) for key in left),
        }
        _say("group.members_changed", by, row, told)
    concerned = joined | left | (wanted.keys() if everybody else set())
    settle(by, sorted(concerned))
    return bool(joined or left)


def _people(by: Actor, members: Collection[UUID]) -> dict[int, ProvisionedUser]:
    found = {item.uuid: item for item in provisioning.people(by).filter(uuid__in=members)}
    missing = sorted(str(key) for key in members if key not in found)
    if missing:
        raise Invalid("unknown_member", f"The directory keeps no person {missing[0]} here.", field="members")
    return {item.pk: item for item in found.values()}


def _step(row: ProvisionedGroup) -> None:
    row.version, row.changed_at = row.version + 1, clock.now()
    row.save()


def _say(verb: str, by: Actor, row: ProvisionedGroup, data: dict[str, object]) -> None:
    ledger.record(verb=verb, by=by, organisation=by.organisation, subject=row.uuid, data=data)
