"""The two kinds of resources that a directory keeps here, each with its reads and its actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from django.db.models import QuerySet
from scim2_models import Context, Resource, ResponseParameters

from handover.access import Actor
from handover.actions import provisioned_groups, provisioning
from handover.api.scim import bodies, filters
from handover.api.scim.resources import Group, SentUser, User, editable_user, group_of, user_of
from handover.models import ProvisionedGroup, ProvisionedUser
from handover.queries import provisioning as directory

Row = TypeVar("Row", ProvisionedUser, ProvisionedGroup)
Sent = TypeVar("Sent", SentUser, Group)


class Kind(Protocol, Generic[Row, Sent]):
    """What the endpoints need of a kind of resource."""

    model: type[Resource[Any]]
    conditions: Mapping[str, filters.Condition]

    def rows(self, actor: Actor) -> QuerySet[Row]:
        """Give all that the actor's directory keeps."""

    def whole(self, rows: QuerySet[Row], asked: ResponseParameters[Any]) -> QuerySet[Row]:
        """Give rows with what their resources show, in a number of queries that does not grow with them."""

    def find(self, actor: Actor, key: UUID, *, lock: bool = False) -> Row:
        """Give one, or raise ``NotFound``."""

    def show(self, row: Row, base: str, asked: ResponseParameters[Any]) -> Resource[Any]:
        """Give a row as a resource."""

    def editable(self, row: Row) -> Sent:
        """Give a row as a PATCH request's operations find it."""

    def read(self, body: Mapping[str, Any], context: Context, row: Row | None) -> Sent:
        """Read a whole resource from a body; ``row`` is what it replaces."""

    def enter(self, actor: Actor, sent: Sent) -> Row:
        """Enter a resource."""

    def change(self, actor: Actor, row: Row, sent: Sent) -> Row:
        """Make a resource what the directory says now."""

    def remove(self, actor: Actor, row: Row) -> None:
        """Drop a resource."""


class Users:
    """People."""

    model: type[Resource[Any]] = User
    conditions: Mapping[str, filters.Condition] = filters.PEOPLE

    def rows(self, actor: Actor) -> QuerySet[ProvisionedUser]:
        """Give the people of the actor's directory."""
        return directory.people(actor)

    def whole(
        self, rows: QuerySet[ProvisionedUser], asked: ResponseParameters[Any]
    ) -> QuerySet[ProvisionedUser]:
        """Give people with their groups."""
        return directory.with_groups(rows)

    def find(self, actor: Actor, key: UUID, *, lock: bool = False) -> ProvisionedUser:
        """Give one person."""
        return directory.person(actor, key, lock=lock)

    def show(self, row: ProvisionedUser, base: str, asked: ResponseParameters[Any]) -> User:
        """Give a person as a resource."""
        return user_of(row, base)

    def editable(self, row: ProvisionedUser) -> SentUser:
        """Give a person to be edited."""
        return editable_user(row)

    def read(self, body: Mapping[str, Any], context: Context, row: ProvisionedUser | None) -> SentUser:
        """Read a person; who leaves out whether they are active leaves it as it is."""
        return bodies.person_sent(body, context=context, active=row.active if row else True)

    def enter(self, actor: Actor, sent: SentUser) -> ProvisionedUser:
        """Enter a person."""
        return provisioning.enter_person(by=actor, entry=bodies.person_entry(sent))

    def change(self, actor: Actor, row: ProvisionedUser, sent: SentUser) -> ProvisionedUser:
        """Change, deactivate or bring back a person."""
        return provisioning.change_person(
            by=actor, person_uuid=row.uuid, entry=bodies.person_entry(sent), version=row.version
        )

    def remove(self, actor: Actor, row: ProvisionedUser) -> None:
        """Deactivate and forget a person."""
        provisioning.forget_person(by=actor, person_uuid=row.uuid, version=row.version)


class Groups:
    """Groups."""

    model: type[Resource[Any]] = Group
    conditions: Mapping[str, filters.Condition] = filters.GROUPS

    def rows(self, actor: Actor) -> QuerySet[ProvisionedGroup]:
        """Give the groups of the actor's directory."""
        return directory.groups(actor)

    def whole(
        self, rows: QuerySet[ProvisionedGroup], asked: ResponseParameters[Any]
    ) -> QuerySet[ProvisionedGroup]:
        """Give groups, with their members where somebody asks for them."""
        return directory.with_members(rows) if _members_asked(asked) else rows

    def find(self, actor: Actor, key: UUID, *, lock: bool = False) -> ProvisionedGroup:
        """Give one group."""
        return directory.group(actor, key, lock=lock)

    def show(self, row: ProvisionedGroup, base: str, asked: ResponseParameters[Any]) -> Group:
        """Give a group as a resource."""
        return group_of(row, base, members=_members_asked(asked))

    def editable(self, row: ProvisionedGroup) -> Group:
        """Give a group to be edited, with its members."""
        return group_of(row, "")

    def read(self, body: Mapping[str, Any], context: Context, row: ProvisionedGroup | None) -> Group:
        """Read a group."""
        return bodies.group_sent(body, context=context)

    def enter(self, actor: Actor, sent: Group) -> ProvisionedGroup:
        """Enter a group."""
        return provisioned_groups.enter_group(by=actor, entry=bodies.group_entry(sent))

    def change(self, actor: Actor, row: ProvisionedGroup, sent: Group) -> ProvisionedGroup:
        """Change a group and who is in it."""
        return provisioned_groups.change_group(
            by=actor, group_uuid=row.uuid, entry=bodies.group_entry(sent), version=row.version
        )

    def remove(self, actor: Actor, row: ProvisionedGroup) -> None:
        """Remove a group."""
        provisioned_groups.remove_group(by=actor, group_uuid=row.uuid, version=row.version)


def _members_asked(asked: ResponseParameters[Any]) -> bool:
    if asked.attributes:
        return any("members" in str(path).lower() for path in asked.attributes)
    return not any(str(path).lower().endswith("members") for path in asked.excluded_attributes or [])
