"""Organisations and the people who act for them. Names are offices and addresses end in ``.example``."""

from __future__ import annotations

from handover.access import Actor, Operator, actor_for
from handover.actions import accounts
from handover.actions import organisations as directory
from handover.models import Organisation
from handover.models.organisations import OrganisationKind
from handover.permissions import Role

OPERATOR = Operator()


def organisation(
    slug: str, kind: OrganisationKind = OrganisationKind.NGO, *, country: str = "RO"
) -> Organisation:
    """Enter an organisation in the directory."""
    return directory.create(
        by=OPERATOR, slug=slug, name=f"{slug.capitalize()} organisation", kind=kind, country=country
    )


def person(of: Organisation, role: Role = Role.MANAGER, *, name: str = "") -> Actor:
    """Give a new person with one seat, ready to act for that organisation; ``name`` tells two of a role apart."""
    user = accounts.create_user(
        by=OPERATOR,
        email=f"{name}{role.value.replace('_', '-')}@{of.slug}.example",
        display_name=f"{role.value.replace('_', ' ').capitalize()} of {of.slug}",
    )
    accounts.seat(by=OPERATOR, user=user, organisation=of, role=role)
    return actor_for(user, of, channel="cli")
