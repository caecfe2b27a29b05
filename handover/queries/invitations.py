"""Invitations: what one offers to whoever has its link, and those of an organisation that are open."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from handover import access, clock
from handover.access import Actor
from handover.models import AccessToken, Invitation, Organisation, ProvisionedUser, User
from handover.names import read
from handover.permissions import Role, Scope


def digest_of(secret: str) -> bytes:
    """Give the SHA-256 of a link's secret: 256 random bits, which no salt makes harder to find."""
    return hashlib.sha256(secret.encode()).digest()


@dataclass(frozen=True)
class Offer:
    """What an invitation offers."""

    uuid: UUID
    organisation: Organisation
    email: str
    role: Role
    seat_ends_at: dt.datetime | None
    language: str
    invited_by: str
    expires_at: dt.datetime

    @property
    def account(self) -> User | None:
        """Give the account that has the address already."""
        return User.objects.filter(email=self.email).first()


def offer_by_secret(secret: str) -> Offer | None:
    """Give what a link's secret offers; nothing where it is unknown, taken, revoked or expired.

    Nobody is asking yet: the database answers for this one digest, and says nothing of others.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT uuid, organisation_id, email, role, seat_ends_at, language,"
            " handover_named(created_by_name), expires_at"
            " FROM handover_invitation_open(%s, %s)",
            [digest_of(secret), clock.now()],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    uuid, organisation, email, role, seat_ends_at, language, invited_by, expires_at = row
    return Offer(
        uuid=uuid,
        organisation=Organisation.objects.get(pk=organisation),
        email=email,
        role=Role(role),
        seat_ends_at=seat_ends_at,
        language=language,
        invited_by=read(invited_by),
        expires_at=expires_at,
    )


def open_invitations(actor: Actor) -> QuerySet[Invitation]:
    """Give the invitations of an actor's organisation that nobody has taken or revoked; expired ones too, so that they
    can be sent again. None to whoever does not manage it."""
    rows = Invitation.objects.filter(
        organisation=actor.organisation, accepted_at=None, revoked_at=None
    ).order_by("email", "id")
    return rows if access.manages(actor, actor.organisation) else rows.none()


def kept_by_directory(organisation: Organisation) -> bool:
    """Tell whether an organisation's own directory keeps its people: it entered some, or holds a key to do so."""
    entered = ProvisionedUser.objects.filter(organisation=organisation, forgotten_at=None)
    keys = AccessToken.objects.filter(
        organisation=organisation,
        revoked_at=None,
        expires_at__gt=clock.now(),
        scopes__contains=[Scope.PROVISION.value],
    )
    return entered.exists() or keys.exists()
