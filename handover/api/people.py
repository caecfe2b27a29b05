"""People: who asks, the members of one's own organisation, who may sign for it, and its tokens."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from handover import access, clock
from handover.actions import accounts, leaving, organisations, tokens
from handover.actions.tokens import Issued
from handover.api import named
from handover.api.commands import command, reading
from handover.api.leaving import ForgetBody, LeaveBody, LeavingShown
from handover.api.organisations import OrganisationShown
from handover.api.problems import RULE
from handover.api.resources import Read, Resource
from handover.api.serializers import Body, Columns, Shown
from handover.errors import Invalid, NotFound
from handover.models import AccessToken, LegalRepresentative, Membership, User
from handover.permissions import Role, Scope
from handover.queries.leaving import Leaving, leaving_of
from handover.queries.tokens import own_tokens

ROLES = [(role.value, role.help) for role in Role]
SCOPES = [(scope.value, scope.help) for scope in Scope]


class PersonShown(Shown[User]):
    """A person, without their address."""

    class Meta:
        model = User
        fields = ("id", "display_name", "language")


class WhoShown(serializers.Serializer[Any]):
    """Who asks: the person, the organisation that they ask for, their roles there, and what narrows them."""

    user = PersonShown(read_only=True)
    organisation = OrganisationShown(read_only=True)
    roles = serializers.ListField(child=serializers.ChoiceField(choices=ROLES), read_only=True)
    channel = serializers.CharField(read_only=True, help_text="`api` with a token, `web` with a session.")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=SCOPES),
        read_only=True,
        allow_null=True,
        help_text="Null: nothing narrows them.",
    )


class Me(Resource[User]):
    """Whoever asks."""

    what = "person"
    serializer_class = PersonShown

    @reading(open_to="everybody may know who they are taken for", answers=WhoShown, detail=False, path="who")
    def who(self) -> dict[str, Any]:
        """Tell who asks, for which organisation, in which roles, and with which scopes."""
        actor = self.actor
        seats = access.seats_now(actor.user).filter(organisation=actor.organisation)
        return {
            "user": actor.user,
            "organisation": actor.organisation,
            "roles": sorted(seats.values_list("role", flat=True)),
            "channel": actor.channel,
            "scopes": sorted(actor.scopes) if actor.scopes is not None else None,
        }


class MembershipShown(serializers.ModelSerializer[Membership]):
    """A role, and until when."""

    class Meta:
        model = Membership
        fields = ("role", "starts_at", "ends_at")
        read_only_fields = fields


class MemberShown(Shown[User]):
    """A person of one's own organisation, with their roles there."""

    seats = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ("id", "display_name", "email", "language", "is_active", "seats")

    @extend_schema_field(MembershipShown(many=True))
    def get_seats(self, row: Any) -> Any:
        """Give the roles that they hold now."""
        return MembershipShown(row.seats_here, many=True).data


class MemberBody(Body):
    """Whom to seat, and in which role."""

    email = serializers.EmailField(max_length=254, help_text="Of an account that is there already.")
    role = serializers.ChoiceField(choices=ROLES)
    until = serializers.DateTimeField(required=False)

    def validate_until(self, value: dt.datetime) -> dt.datetime:
        """Refuse an end that has passed."""
        if value <= clock.now():
            raise serializers.ValidationError("The seat would end before it begins.", code=RULE)
        return value


class RoleBody(Body):
    """Which role ends."""

    role = serializers.ChoiceField(choices=ROLES)


class Members(Read[User]):
    """The people who hold a seat in the caller's own organisation."""

    what = "member"
    reads: ClassVar = Scope.READ
    serializer_class = MemberShown
    ordering_fields = ("display_name", "email")

    def rows(self) -> QuerySet[User]:
        """Give everybody who holds a seat there now."""
        seats = Membership.objects.filter(access.holding(clock.now()), organisation=self.actor.organisation)
        people = User.objects.filter(pk__in=seats.values("user"), is_service=False)
        return people.prefetch_related(Prefetch("memberships", seats.order_by("role"), to_attr="seats_here"))

    @command(may=Scope.ORGANISATION, body=MemberBody)
    def create(self, email: str, **given: Any) -> User:
        """Give a person a role in the caller's organisation. Its managers may."""
        found = User.objects.filter(email=email.lower(), is_service=False).first()
        if not access.manages(self.actor, self.actor.organisation) or found is None:
            # Whoever may not seat anybody learns nothing of who has an account.
            raise Invalid("unknown_user", "There is no such account that you may seat.", field="email")
        accounts.seat(by=self.actor, user=found, organisation=self.actor.organisation, **given)
        return found

    @command(may=Scope.ORGANISATION, body=RoleBody)
    def unseat(self, key: UUID, role: str) -> None:
        """End a person's role in the caller's organisation now. What they reported stays theirs."""
        accounts.unseat(by=self.actor, user=self.find(key), organisation=self.actor.organisation, role=role)

    @reading(may=Scope.ORGANISATION, answers=LeavingShown, path="open")
    def left_open(self, key: UUID) -> Leaving:
        """Tell what is open in a person's hands, what ends with them, and what only they can do. A manager may ask."""
        return leaving_of(self.actor, key)

    @command(
        may=Scope.ORGANISATION,
        body=LeaveBody,
        answers=LeavingShown,
        codes=("successor_missing", "successor_unfit", "last_access", "directory_keeps"),
    )
    def leave(self, key: UUID, to: UUID | None = None, confirmed: bool = False) -> Leaving:
        """Let a person leave the caller's organisation: what is open goes to a colleague, seats and keys end."""
        return leaving.leave(by=self.actor, user_uuid=key, to_uuid=to, confirmed=confirmed)

    @command(may=Scope.ORGANISATION, body=ForgetBody, codes=("token_by_token", "not_confirmed"))
    def pseudonymise(self, key: UUID, reason: str, confirmed: bool = False) -> None:
        """Erase name, address and ways in of somebody who has left, for good. Whoever is signed in may, by no token."""
        who = leaving_of(self.actor, key).user
        if not confirmed:
            raise Invalid(
                "not_confirmed", "A name that is erased does not come back: confirm that it is meant."
            )
        accounts.pseudonymise(by=self.actor, user=who, reason=reason)


class RepresentativeShown(Shown[LegalRepresentative]):
    """Who may sign for an organisation, in which capacity, by which act."""

    class Meta:
        model = LegalRepresentative
        fields = ("id", "organisation", "user", "capacity", "mandate_act", "valid_from", "valid_to")


class RepresentativeBody(Columns[LegalRepresentative]):
    """Who may sign for one's own organisation."""

    user = serializers.UUIDField(required=False)

    class Meta:
        model = LegalRepresentative
        fields = ("user", "capacity", "mandate_act", "valid_from", "valid_to")


class Representatives(Read[LegalRepresentative]):
    """Who may sign for the caller's own organisation."""

    what = "representative"
    reads: ClassVar = Scope.READ
    serializer_class = RepresentativeShown
    ordering_fields = ("valid_from",)

    def rows(self) -> QuerySet[LegalRepresentative]:
        """Give those of the actor's organisation."""
        return LegalRepresentative.objects.filter(organisation=self.actor.organisation)

    @command(may=Scope.ORGANISATION, body=RepresentativeBody)
    def create(self, user: UUID | None = None, **given: Any) -> LegalRepresentative:
        """Say who may sign for the caller's organisation, in which capacity, by which act."""
        return organisations.represent(
            by=self.actor, user=None if user is None else named.user(self.actor, user), **given
        )


class TokenShown(Shown[AccessToken]):
    """A token. Its key is not kept: who has lost it revokes it and issues another."""

    class Meta:
        model = AccessToken
        fields = (
            "id",
            "organisation",
            "user",
            "personal",
            "title",
            "beginning",
            "scopes",
            "created_at",
            "created_by_name",
            "expires_at",
            "last_used_at",
            "revoked_at",
            "revoked_by_name",
        )


class IssuedShown(serializers.Serializer[Issued]):
    """A new token with its key, which is shown this once."""

    token = TokenShown(read_only=True)
    key = serializers.CharField(read_only=True)


class TokenBody(Body):
    """What a token is for, what it may be used for, and until when."""

    title = serializers.CharField(max_length=200)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=SCOPES), min_length=1, max_length=10)
    expires_at = serializers.DateTimeField()


class OrganisationTokenBody(TokenBody):
    """The same for an organisation's token, with the role that it has there."""

    role = serializers.ChoiceField(choices=[(role.value, role.help) for role in tokens.ROLES], required=False)


class Tokens(Read[AccessToken]):
    """The caller's own tokens; a manager sees all of the organisation."""

    what = "token"
    reads: ClassVar = Scope.ORGANISATION
    serializer_class = TokenShown
    ordering_fields = ("created_at", "expires_at")

    def rows(self) -> QuerySet[AccessToken]:
        """Give those that the actor may see."""
        return own_tokens(self.actor)

    @command(
        may=Scope.ORGANISATION,
        body=TokenBody,
        answers=IssuedShown,
        secret=True,
        codes=("token_by_token", "token_expiry"),
    )
    def create(self, **given: Any) -> Issued:
        """Issue a token that acts for the caller. Only whoever is signed in may: a token issues no tokens."""
        return tokens.issue(by=self.actor, **given)

    @command(
        may=Scope.ORGANISATION,
        body=OrganisationTokenBody,
        answers=IssuedShown,
        detail=False,
        status=201,
        path="for-organisation",
        secret=True,
        codes=("token_by_token", "token_expiry", "not_manager"),
    )
    def for_organisation(self, **given: Any) -> Issued:
        """Issue a token that acts for the caller's organisation, by an account of its own that never signs."""
        return tokens.issue_for_organisation(by=self.actor, **given)

    @command(may=Scope.ORGANISATION)
    def revoke(self, key: UUID) -> AccessToken:
        """Revoke a token: its next request is refused, everywhere."""
        if not self.rows().filter(uuid=key).exists():
            raise NotFound(self.what)
        return tokens.revoke(by=self.actor, token_uuid=key)
