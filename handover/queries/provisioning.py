"""Provisioning: the people and groups of one organisation's own directory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from handover.access import Actor
from handover.errors import NotFound
from handover.models import ProvisionedGroup, ProvisionedMember, ProvisionedUser
from handover.permissions import Role

ROLE_OF: Mapping[str, Role] = {role.value.casefold(): role for role in Role}


def role_named(title: str) -> str:
    """Give the role that a group stands for by its title alone, or nothing."""
    role = ROLE_OF.get(title.strip().casefold())
    return role.value if role else ""


def people(actor: Actor) -> QuerySet[ProvisionedUser]:
    """Give the people whom the directory of the actor's organisation keeps here; accounts of machines never."""
    return (
        ProvisionedUser.objects.filter(
            organisation=actor.organisation, forgotten_at__isnull=True, user__is_service=False
        )
        .select_related("user")
        .order_by("id")
    )


def with_groups(found: QuerySet[ProvisionedUser]) -> QuerySet[ProvisionedUser]:
    """Give people with their groups, in one query more however many they are."""
    return found.prefetch_related(
        Prefetch("memberships", ProvisionedMember.objects.select_related("group").order_by("group_id"))
    )


def groups(actor: Actor) -> QuerySet[ProvisionedGroup]:
    """Give the groups that the directory of the actor's organisation keeps here."""
    return ProvisionedGroup.objects.filter(organisation=actor.organisation).order_by("id")


def with_members(found: QuerySet[ProvisionedGroup]) -> QuerySet[ProvisionedGroup]:
    """Give groups with their members, in one query more however many they are."""
    return found.prefetch_related(
        Prefetch("members", ProvisionedMember.objects.select_related("user").order_by("user_id"))
    )


def person(actor: Actor, key: UUID, *, lock: bool = False) -> ProvisionedUser:
    """Give one person of the directory; locked for whoever is about to change them.

    Raises:
        NotFound: there is none, or another organisation keeps them.
    """
    rows = people(actor)
    found = (rows.select_for_update(of=("self",)) if lock else rows).filter(uuid=key).first()
    if found is None:
        raise NotFound("person")
    return found


def group(actor: Actor, key: UUID, *, lock: bool = False) -> ProvisionedGroup:
    """Give one group of the directory; locked for whoever is about to change it.

    Raises:
        NotFound: there is none, or another organisation keeps it.
    """
    rows = groups(actor)
    found = (rows.select_for_update(of=("self",)) if lock else rows).filter(uuid=key).first()
    if found is None:
        raise NotFound("group")
    return found


def members_of(found: ProvisionedGroup) -> frozenset[UUID]:
    """Give the UUIDs of a group's members."""
    keys: Iterable[UUID] = ProvisionedMember.objects.filter(group=found).values_list("user__uuid", flat=True)
    return frozenset(keys)
