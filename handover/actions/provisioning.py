"""Provisioning: an organisation's own directory keeps its people here, and nobody else's.

Each function is one change, whole or not at all, by the organisation's token. Nothing of an account is changed that
the directory did not make, or that another organisation seats.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from handover import access, clock, ledger
from handover.access import Actor
from handover.actions import action, ways_in
from handover.actions.columns import checking
from handover.actions.provisioned_seats import (
    cut_off,
    is_its_own,
    let_in,
    open_directory,
    revoke_tokens,
    step,
)
from handover.errors import Invalid, Stale
from handover.models import ProvisionedGroup, ProvisionedMember, ProvisionedUser, User
from handover.queries import provisioning


@dataclass(frozen=True)
class PersonEntry:
    """What a directory says of a person, whole."""

    user_name: str
    email: str
    display_name: str
    external_id: str = ""
    active: bool = True


@action
def enter_person(*, by: Actor, entry: PersonEntry) -> ProvisionedUser:
    """Enter a person whom the directory names: with a new account, or with the one that has the address if they sit in
    the organisation already.

    Raises:
        NotAllowed: the actor is no organisation's directory.
        Invalid: the name or the address is taken, or is none.
        Refused: entering them as inactive would leave the organisation without a manager.
    """
    open_directory(by)
    _free_name(by, entry.user_name, None)
    now, address = clock.now(), _address(entry)
    account = User.objects.filter(email=address).first()
    if account is None:
        row = ProvisionedUser(user=_new_account(by, entry, address), made_here=True)
    else:
        row = _known(by, account)
    row.organisation, row.uuid, row.created_at = by.organisation, uuid4(), now
    row.user_name, row.external_id = entry.user_name, entry.external_id
    row.active, row.changed_at, row.forgotten_at = entry.active, now, None
    _check(row, {"user_name", "external_id"})
    row.save()
    _say("account.provisioned", by, row, {"made": account is None})
    if account is not None:
        _change_account(by, row, entry, address)
    if not entry.active:
        cut_off(by, row)
    elif row.closed_here:
        let_in(by, row)
    return row


@action
def change_person(
    *, by: Actor, person_uuid: UUID, entry: PersonEntry, version: int | None = None
) -> ProvisionedUser:
    """Make a person what the directory says now; one whom it deactivates has lost all access when this returns.

    Of an account that is not the directory's own, name and address stay as they are.

    Raises:
        NotAllowed: the actor is no organisation's directory.
        NotFound: the directory keeps no such person.
        Stale: somebody else changed them since ``version`` was read.
        Invalid: the name or the address is taken, or is none.
        Refused: it would leave the organisation without a manager.
    """
    open_directory(by)
    row = _person(by, person_uuid, version)
    address = _address(entry)
    changed = {
        name for name in ("user_name", "external_id", "active") if getattr(row, name) != getattr(entry, name)
    }
    if "user_name" in changed:
        _free_name(by, entry.user_name, row)
    was_active = row.active
    row.user_name, row.external_id, row.active = entry.user_name, entry.external_id, entry.active
    _check(row, {"user_name", "external_id"})
    changed |= _change_account(by, row, entry, address)
    if not changed:
        return row
    _step(row)
    _say("account.changed", by, row, {"fields": sorted(changed)})
    if was_active and not row.active:
        cut_off(by, row)
    elif row.active and not was_active:
        let_in(by, row)
    return row


@action
def forget_person(*, by: Actor, person_uuid: UUID, version: int | None = None) -> None:
    """Deactivate a person and drop the directory's entry of them. The account stays: history keeps its actor.

    Raises:
        NotAllowed: the actor is no organisation's directory.
        NotFound: the directory keeps no such person.
        Stale: somebody else changed them since ``version`` was read.
        Refused: it would leave the organisation without a manager.
    """
    open_directory(by)
    row = _person(by, person_uuid, version)
    joined = ProvisionedMember.objects.filter(user=row)
    step(ProvisionedGroup.objects.filter(pk__in=list(joined.values_list("group_id", flat=True))))
    joined.delete()
    if row.active:
        cut_off(by, row)
    row.user_name = row.external_id = ""
    row.active, row.forgotten_at = False, clock.now()
    _step(row)
    _say("account.forgotten", by, row, {})


def _person(by: Actor, key: UUID, version: int | None) -> ProvisionedUser:
    row = provisioning.person(by, key, lock=True)
    if version is not None and row.version != version:
        raise Stale("person")
    return row


def _known(by: Actor, account: User) -> ProvisionedUser:
    """Give the entry of an account that exists: the directory's earlier one, or a new one for who sits here already."""
    row = ProvisionedUser.objects.filter(organisation=by.organisation, user=account).first()
    taken = row.forgotten_at is None if row else not access.sits(account, by.organisation)
    if account.is_service or taken:
        raise _taken(by)
    if row is None:
        return ProvisionedUser(user=account)
    row.user = account
    row.version += 1
    return row


def _new_account(by: Actor, entry: PersonEntry, address: str) -> User:
    account = User(email=address, display_name=entry.display_name, language=by.user.language)
    account.set_unusable_password()
    _check(account, {"email", "display_name", "language"})
    _save(by, account)
    return account


def _change_account(by: Actor, row: ProvisionedUser, entry: PersonEntry, address: str) -> set[str]:
    """Give an account the directory's name and address, if it is the directory's own; give what changed.

    Whoever had the address before keeps no way in: an account must not be prepared for somebody whom others seat by
    their address.
    """
    account = row.user
    wanted = {"email": address, "display_name": entry.display_name}
    changed = {name for name, value in wanted.items() if getattr(account, name) != value}
    if not changed or not is_its_own(row):
        return set()
    for name in changed:
        setattr(account, name, wanted[name])
    _check(account, changed)
    if "email" in changed:
        # A new unusable password ends every session as well.
        account.set_unusable_password()
        _save(by, account, changed | {"password"})
        factors, identities = ways_in.take_off(account)
        revoke_tokens(by, account)
        _say("account.ways_in_forgotten", by, row, {"factors": factors, "identities": identities})
    else:
        _save(by, account, changed)
    return changed


def _save(by: Actor, account: User, fields: Collection[str] | None = None) -> None:
    """Save an account, unless another one has its address; another organisation may take it in the same instant."""
    try:
        with transaction.atomic():
            account.save(update_fields=fields)
    except IntegrityError:
        raise _taken(by) from None


def _taken(by: Actor) -> Invalid:
    """Refuse an address in one sentence for all: it must not tell whether, or whose, an account is."""
    return Invalid(
        "address_taken",
        "This address cannot be entered. If it is somebody's who works for "
        f"{by.organisation.name}, a manager or an operator seats them first.",
        field="email",
    )


def _address(entry: PersonEntry) -> str:
    address = entry.email.strip().lower()
    if address.endswith(".invalid"):
        raise Invalid("address_invalid", "Addresses that end in “.invalid” belong to nobody.", field="email")
    return address


def _free_name(by: Actor, name: str, row: ProvisionedUser | None) -> None:
    others = provisioning.people(by).filter(user_name__iexact=name)
    if (others.exclude(pk=row.pk) if row else others).exists():
        raise Invalid(
            "user_name_taken", "The directory has another person of this name already.", field="user_name"
        )


def _check(row: User | ProvisionedUser, fields: Collection[str]) -> None:
    """Check some fields of a row as the model says.

    Raises:
        Invalid: one of them is too long, or no address.
    """
    with checking():
        row.clean_fields(exclude={field.name for field in row._meta.fields} - set(fields))


def _step(row: ProvisionedUser) -> None:
    row.version, row.changed_at = row.version + 1, clock.now()
    row.save()


def _say(verb: str, by: Actor, row: ProvisionedUser, data: dict[str, object]) -> None:
    ledger.record(verb=verb, by=by, organisation=by.organisation, subject=row.user.uuid, data=data)
