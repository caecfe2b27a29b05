"""Provisioned seats: what an organisation's directory gives by its groups, and takes away with a person.

The directory ends only seats that it gave, but for a person whom it deactivates: they lose every seat there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Greatest

from handover import access, clock, ledger
from handover.access import Actor
from handover.actions.accounts import keep_a_manager
from handover.errors import NotAllowed
from handover.models import (
    AccessToken,
    Membership,
    Organisation,
    ProvisionedGroup,
    ProvisionedMember,
    ProvisionedUser,
    RoleGroup,
    User,
)
from handover.permissions import Scope


def open_directory(by: Actor) -> None:
    """Ask whether the actor is an organisation's own directory, and let one change of a directory follow the other.

    Raises:
        NotAllowed: the actor is a person, or the token may not be used for this.
    """
    if by.scopes is None or not by.has_scope(Scope.PROVISION) or not by.user.is_service:
        raise NotAllowed(
            "scope_missing", "Only an organisation's token with the scope “provision” keeps people here."
        )
    lock_directory(by.organisation)


def lock_directory(organisation: Organisation) -> None:
    """Wait for whoever else changes this directory: of two managers, both may not go at once."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)


def step(rows: QuerySet[ProvisionedUser] | QuerySet[ProvisionedGroup]) -> None:
    """Step the versions of entries that change by what another one says."""
    rows.update(version=F("version") + 1, changed_at=clock.now())


def settle(by: Actor, people: Collection[int]) -> None:
    """Give people the seats that their groups stand for; end those that the directory gave and no group stands for.

    A seat that somebody holds already by a manager's word stays that manager's; one that a manager ended stays ended
    while the person stays in the group.

    Raises:
        Refused: it would leave the organisation without a manager.
    """
    rows = list(ProvisionedUser.objects.filter(pk__in=people).select_related("user").order_by("id"))
    wanted: dict[int, set[str]] = defaultdict(set)
    for key, role in (
        ProvisionedMember.objects.filter(user_id__in=people)
        .exclude(group__role="")
        .values_list("user_id", "group__role")
    ):
        wanted[key].add(role)
    held: dict[int, set[str]] = defaultdict(set)
    seats = Membership.objects.filter(
        access.holding(clock.now()), organisation=by.organisation, user_id__in=[row.user_id for row in rows]
    )
    for user_id, role in seats.values_list("user_id", "role"):
        held[user_id].add(role)
    changes = [_change_of(row, wanted[row.pk], held[row.user_id]) for row in rows]
    _give_seats(by, [(row.user, role) for row, fresh, _ in changes for role in fresh])
    ProvisionedUser.objects.bulk_update(rows, ["given_roles"])
    # Whoever loses their own seat by what they do does so last: the database then hears them no more.
    for row, _, ended in sorted(changes, key=lambda change: change[0].user_id == by.user.pk):
        _end_seats(by, row.user, ended)
    keep_a_manager(by.organisation, {role for _, _, ended in changes for role in ended})


def _change_of(
    row: ProvisionedUser, roles: set[str], held: set[str]
) -> tuple[ProvisionedUser, list[str], list[str]]:
    """Say which seats a person is to be given and which are to end, and note on the row what the directory gave."""
    due = roles if row.active and row.forgotten_at is None else set()
    given = set(row.given_roles)
    fresh = due - given - held
    row.given_roles = sorted((given & due) | fresh)
    return row, sorted(fresh), sorted((given - due) & held)


def _give_seats(by: Actor, seats: Sequence[tuple[User, str]]) -> None:
    """Give people seats at the actor's organisation, in as many statements for many as for one."""
    if not seats:
        return
    groups = dict(RoleGroup.objects.filter(organisation=by.organisation).values_list("role", "group_id"))
    Membership.objects.bulk_create(
        [
            Membership(
                user=user, organisation=by.organisation, role=role, starts_at=clock.now(), ends_at=None
            )
            for user, role in seats
        ],
        update_conflicts=True,
        unique_fields=["user", "organisation", "role"],
        update_fields=["starts_at", "ends_at"],
    )
    joins = User.groups.through
    joins.objects.bulk_create(
        [joins(user_id=user.pk, group_id=groups[role]) for user, role in seats], ignore_conflicts=True
    )
    for user, role in seats:
        _record(by, "account.seated", user, role)


def cut_off(by: Actor, row: ProvisionedUser) -> None:
    """End every seat of a person at the organisation and their tokens for it; close the account if the directory made
    it, and it serves nobody else.

    Raises:
        Refused: they are the organisation's last manager.
    """
    account = row.user
    live = _live(account).filter(organisation=by.organisation)
    roles = set(live.values_list("role", flat=True))
    _end_seats(by, account, roles)
    row.given_roles = []
    row.save(update_fields=["given_roles"])
    revoke_tokens(by, account)
    closes = account.is_active and is_its_own(row)
    if closes:
        account.is_active = False
        account.save(update_fields=["is_active"])
        row.closed_here = True
        row.save(update_fields=["closed_here"])
    _write(by, "account.cut_off", account.uuid, {"closed": closes})
    keep_a_manager(by.organisation, roles)


def revoke_tokens(by: Actor, account: User) -> None:
    """Revoke a person's own tokens for the actor's organisation."""
    tokens = AccessToken.objects.filter(
        organisation=by.organisation, user=account, personal=True, revoked_at__isnull=True
    )
    for token in tokens.order_by("id"):
        token.revoked_at, token.revoked_by_name = clock.now(), by.user.called
        token.save(update_fields=["revoked_at", "revoked_by_name"])
        _write(by, "token.revoked", token.uuid, {"user": account.uuid, "personal": True})


def let_in(by: Actor, row: ProvisionedUser) -> None:
    """Open an account again that this directory closed, and give the seats that the person's groups stand for."""
    account = row.user
    opens = row.closed_here and not account.is_active
    if opens:
        account.is_active = True
        account.save(update_fields=["is_active"])
    row.closed_here = False
    row.save(update_fields=["closed_here"])
    _write(by, "account.let_in", account.uuid, {"opened": opens})
    settle(by, [row.pk])


def is_its_own(row: ProvisionedUser) -> bool:
    """Tell whether an account is the directory's own to change: made by it, seated nowhere else, no operator's."""
    account = row.user
    return (
        row.made_here
        and not account.is_staff
        and not account.is_superuser
        and not _live(account).exclude(organisation_id=row.organisation_id).exists()
    )


def _live(account: User) -> QuerySet[Membership]:
    """Give the seats of a person that have not ended, those to come included."""
    return account.memberships.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=clock.now()))


def _end_seats(by: Actor, account: User, roles: Collection[str]) -> None:
    """End a person's seats at the actor's organisation now."""
    if not roles:
        return
    for role in sorted(roles):
        _record(by, "account.unseated", account, role)
    seats = _live(account).filter(organisation=by.organisation, role__in=roles)
    seats.update(ends_at=Greatest(F("starts_at"), Value(clock.now())))
    left = RoleGroup.objects.filter(organisation=by.organisation, role__in=roles).select_related("group")
    account.groups.remove(*(item.group for item in left))


def _record(by: Actor, verb: str, account: User, role: str) -> None:
    """Say of a seat what is said of one that a manager gives or ends."""
    _write(by, verb, account.uuid, {"organisation": by.organisation.uuid, "role": role, "until": None})


def _write(by: Actor, verb: str, subject: UUID, data: dict[str, object]) -> None:
    ledger.record(verb=verb, by=by, organisation=by.organisation, subject=subject, data=data)
