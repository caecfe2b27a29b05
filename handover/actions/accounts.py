"""Accounts and seats: who signs in, and which role they have where."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from handover import access, clock, ledger
from handover.access import Actor, Operator
from handover.actions import action, ways_in
from handover.errors import Gate, Invalid, NotAllowed, NotFound, Refused
from handover.models import Membership, Organisation, ProvisionedUser, RoleGroup, User
from handover.permissions import Role
from handover.queries import leaving
from handover.wording import LANGUAGES


@action
def create_user(
    *, by: Operator, email: str, display_name: str, language: str = "en", password: str | None = None
) -> User:
    """Make an account; without a password it cannot sign in until one is set.

    Raises:
        Invalid: the address is taken.
        django.core.exceptions.ValidationError: it is no address, or the name or the language is too long.
    """
    User(email=email.strip(), display_name=display_name.strip(), language=language).clean_fields(
        exclude=["password"]
    )
    if User.objects.filter(email=email.strip().lower()).exists():
        raise Invalid("email_taken", "There is an account with this address already.", field="email")
    user = User.objects.create_user(email.strip(), password, display_name=display_name, language=language)
    ledger.record(verb="account.created", by=by, subject=user.uuid)
    return user


@action
def seat(
    *,
    by: Operator | Actor,
    user: User,
    organisation: Organisation,
    role: Role | str,
    until: dt.datetime | None = None,
) -> Membership:
    """Give a person a role in an organisation, for ever or until an instant. Operators may, and the
    organisation's managers.

    Raises:
        Invalid: the role is unknown.
        NotAllowed: the actor is no manager of that organisation.
    """
    role = _role(role)
    _manages(by, organisation)
    membership = take_seat(user, organisation, role, until)
    _record("account.seated", by, user, organisation, role, until)
    return membership


def take_seat(user: User, organisation: Organisation, role: Role, until: dt.datetime | None) -> Membership:
    """Write a seat and join its group, inside an action that has asked whether it may, and that records it."""
    membership, _ = Membership.objects.update_or_create(
        user=user,
        organisation=organisation,
        role=role.value,
        defaults={"starts_at": clock.now(), "ends_at": until},
    )
    user.groups.add(RoleGroup.objects.get(organisation=organisation, role=role.value).group)
    return membership


@action
def unseat(*, by: Operator | Actor, user: User, organisation: Organisation, role: Role | str) -> None:
    """End a person's role in an organisation now. What they reported stays theirs.

    Raises:
        Invalid: the role is unknown, or the person does not have it.
        NotAllowed: the actor is no manager of that organisation.
        Refused: nobody would be left who manages it (``last_manager``); an operator may do that.
    """
    role = _role(role)
    _manages(by, organisation)
    seats = access.seats_now(user).filter(organisation=organisation, role=role.value)
    if not seats.exists():
        raise Invalid(
            "no_seat", f"{user.display_name} does not have this role at {organisation.name}.", field="role"
        )
    # Recorded first: whoever ends their own last seat may not write there a moment later.
    _record("account.unseated", by, user, organisation, role, None)
    seats.update(ends_at=clock.now())
    user.groups.remove(RoleGroup.objects.get(organisation=organisation, role=role.value).group)
    if isinstance(by, Actor):
        keep_a_manager(organisation, {role.value})


@action
def speak(*, by: Actor, language: str) -> None:
    """Choose the language in which the actor reads and is written to. A taste, not a fact: nothing is recorded of it.

    Raises:
        Invalid: the house does not speak it.
    """
    if language not in LANGUAGES:
        raise Invalid("unknown_language", f"The toolkit speaks {', '.join(LANGUAGES)}.", field="language")
    User.objects.filter(pk=by.user.pk).update(language=language)
    by.user.language = language


@action
def rename(*, by: Actor, display_name: str) -> None:
    """Change what the actor is called from now on; what they did before keeps the name that they had.

    Raises:
        NotAllowed: the actor acts by a token.
        Invalid: no name.
        Refused: the account is an organisation's directory's own, which names it.
    """
    if by.scopes is not None:
        raise NotAllowed("token_by_token", "A token cannot rename anybody: sign in to do this.")
    name = display_name.strip()
    if not name:
        raise Invalid("name_missing", "Say what you are called here.", field="display_name")
    if name == by.user.display_name:
        return
    if ProvisionedUser.objects.filter(user=by.user, made_here=True, forgotten_at=None).exists():
        raise Refused("directory_keeps", "Your organisation's directory keeps your name: change it there.")
    changed = User(email=by.user.email, display_name=name)
    changed.clean_fields(exclude=["password", "email"])
    User.objects.filter(pk=by.user.pk).update(display_name=name)
    ledger.record(verb="account.renamed", by=by, organisation=by.organisation, subject=by.user.uuid)
    by.user.refresh_from_db(fields=["display_name", "name_key"])


@action
def deactivate(*, by: Operator, user: User, confirmed: bool = False) -> None:
    """Close an account: it loses all access at once. It is never deleted, so history keeps its actor. What is open in
    their hands stays, until a manager of the organisation hands it on (``leaving.leave``).

    Args:
        confirmed: it is known that an organisation, or the installation, is left without somebody it needs.

    Raises:
        Refused: somewhere nobody else manages, speaks for the community, or operates (each is named), and that is not
            confirmed.
    """
    if not confirmed:
        _refuse_last(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    user.is_active = False
    ledger.record(verb="account.deactivated", by=by, subject=user.uuid)


@action
def pseudonymise(*, by: Operator | Actor, user: User, reason: str) -> None:
    """Erase who somebody was who has left, on their request: name, address and every way in, for good.

    What they did stays, with their pseudonym in the place of their name: nothing that was hashed ever held it. An
    operator may, and a manager of the only organisation where the person ever sat.

    Raises:
        NotAllowed: the actor is no manager there, or acts by a token.
        Invalid: no reason; the account is open still, was pseudonymised already, or is a machine's; the reason
            names the person; or they sat in another organisation too, so that only an operator may.
    """
    _may_forget(by, user)
    _refuse_naming(user, reason)
    # Recorded under the name that goes: a key is all that the entry holds of it.
    ledger.record(
        verb="account.pseudonymised",
        by=by,
        organisation=by.organisation if isinstance(by, Actor) else None,
        subject=user.uuid,
        data={"reason": reason.strip()},
    )
    ways_in.take_off(user)
    ways_in.end_sessions(user)
    user.groups.clear()
    user.email, user.display_name = f"{user.uuid}@pseudonym.invalid", f"Former user {str(user.uuid)[:8]}"
    user.is_staff = user.is_superuser = False
    user.pseudonymised_at = clock.now()
    user.set_unusable_password()
    # The database erases the names and what was sent or offered to the address, behind every wall, as this is saved.
    user.save(
        update_fields=["email", "display_name", "password", "is_staff", "is_superuser", "pseudonymised_at"]
    )


def _may_forget(by: Operator | Actor, user: User) -> None:
    if user.is_service:
        raise Invalid("account_of_machine", "This account is a machine's: it has no name of a person.")
    if user.pseudonymised_at is not None:
        raise Invalid("pseudonymised_already", "This account was pseudonymised already.", field="user")
    if isinstance(by, Actor):
        if by.scopes is not None:
            raise NotAllowed("token_by_token", "A token cannot pseudonymise anybody: sign in to do this.")
        # Asked in this order, so that a manager learns nothing of who sits where else.
        if not user.memberships.filter(organisation=by.organisation).exists():
            raise NotFound("member")
        _manages(by, by.organisation)
        others = user.memberships.exclude(organisation=by.organisation)
        if user.is_staff or user.is_superuser or others.exists():
            raise NotAllowed(
                "other_seats",
                "This person sat in another organisation too: ask an operator to pseudonymise them.",
            )
    if user.is_active:
        raise Invalid("still_active", "Deactivate the account before you pseudonymise it.", field="user")


def _refuse_naming(user: User, reason: str) -> None:
    """Refuse a reason that would keep what is to be erased: it is hashed, and stays."""
    if not reason.strip():
        raise Invalid("reason_missing", "Say on whose request, or why: the ledger keeps it.", field="reason")
    if any(part and part in reason.casefold() for part in (user.display_name.casefold(), user.email)):
        raise Invalid(
            "reason_names", "Leave name and address out of the reason: it is kept for ever.", field="reason"
        )


def _refuse_last(user: User) -> None:
    sits = {
        seat.organisation_id: seat.organisation
        for seat in access.seats_now(user).select_related("organisation")
    }
    gates = [
        Gate("last_access", f"The only one at {sits[key].name} with the role “{role.help}”.", role.value)
        for key, roles in leaving.alone_in(user, list(sits.values())).items()
        for role in roles
    ]
    if leaving.last_operator(user):
        gates.append(Gate("last_access", "The only one who may enter the operators' pages.", "operator"))
    if gates and user.is_active:
        named = " ".join(gate.sentence for gate in gates)
        raise Refused("last_access", f"Nobody else could do what this person does. {named}", gates)


def keep_a_manager(organisation: Organisation, ended: Collection[str]) -> None:
    """Refuse to lock an organisation out of its own affairs, where a manager's seat has just ended.

    Raises:
        Refused: nobody is left who manages it.
    """
    if Role.MANAGER.value not in ended:
        return
    left = Membership.objects.filter(
        access.holding(clock.now()),
        organisation=organisation,
        role=Role.MANAGER.value,
        user__is_active=True,
        user__is_service=False,
    )
    if not left.exists():
        raise Refused(
            "last_manager",
            f"This would leave {organisation.name} without a manager: seat another one first, or ask an operator.",
        )


def _role(role: Role | str) -> Role:
    try:
        return Role(role)
    except ValueError:
        raise Invalid("unknown_role", f"“{role}” is no role: {', '.join(Role)}.", field="role") from None


def _manages(by: Operator | Actor, organisation: Organisation) -> None:
    if isinstance(by, Operator):
        return
    if not access.manages(by, organisation):
        raise NotAllowed("not_manager", f"Only a manager of {organisation.name} may give or end its roles.")


def _record(
    verb: str,
    by: Operator | Actor,
    user: User,
    organisation: Organisation,
    role: Role,
    until: dt.datetime | None,
) -> None:
    ledger.record(
        verb=verb,
        by=by,
        organisation=organisation if isinstance(by, Actor) else None,
        subject=user.uuid,
        data={"organisation": organisation.uuid, "role": role.value, "until": until},
    )
