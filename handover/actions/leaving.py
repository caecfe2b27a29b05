"""Leaving: a person's seats end, and what was open in their hands goes to somebody who is named, in one step."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from django.db.models import F, Value
from django.db.models.functions import Greatest

from handover import clock, holdings, ledger
from handover.access import Actor
from handover.actions import action
from handover.actions.accounts import keep_a_manager
from handover.actions.provisioned_seats import lock_directory, revoke_tokens
from handover.errors import Gate, Invalid, Refused
from handover.models import LegalRepresentative, ProvisionedUser, RoleGroup, User, Webhook
from handover.queries.leaving import Leaving, leaving_of, live_seats, successors


@action
def leave(*, by: Actor, user_uuid: UUID, to_uuid: UUID | None = None, confirmed: bool = False) -> Leaving:
    """Let somebody leave the actor's organisation: their seats and keys end, what is open goes to a colleague, and the
    account closes if they sit nowhere else. Once more hands on what has come up since.

    Args:
        to_uuid: who takes over; needed where anything is open.
        confirmed: it is known that nobody else could do some of what they do.

    Returns:
        What there was.

    Raises:
        NotFound: they never sat there.
        NotAllowed: the actor is no manager of the organisation.
        Invalid: something is open and nobody is named, or who is named is no colleague.
        Refused: the organisation's directory keeps the person; nobody else could do what they do, and that is not
            confirmed (each is named); or nobody would be left who manages it.
    """
    lock_directory(by.organisation)
    found = leaving_of(by, user_uuid)
    if ProvisionedUser.objects.filter(
        organisation=by.organisation, user=found.user, active=True, forgotten_at=None
    ).exists():
        raise Refused(
            "directory_keeps", "Your organisation's directory keeps this person: let them leave there."
        )
    to = _successor(by, found, to_uuid)
    if found.is_last and not confirmed:
        raise Refused(
            "last_access",
            "Nobody else could do some of what this person does: name somebody first, or confirm that you know.",
            last_gates(found),
        )
    # Programmes are locked before the chain of the organisation, as everywhere.
    if to is not None:
        _hand_on(by, found.user, to)
    _record(by, found, to)
    _end(by, found)
    keep_a_manager(by.organisation, {role.value for role in found.roles})
    return found


def last_gates(found: Leaving) -> list[Gate]:
    """Name what nobody else could do."""
    roles = [
        Gate("last_access", f"They are the only one with the role “{role.help}”.", role.value)
        for role in found.alone_roles
    ]
    mandates = (
        [Gate("last_access", "Theirs is the only mandate to sign that names somebody.", "mandate")]
        if found.mandate_alone
        else []
    )
    return [
        *roles,
        *mandates,
        *(
            Gate(
                "last_access",
                f"Nobody else could do this: {item.permission.help} ({', '.join(item.programmes)}).",
                item.permission.value,
            )
            for item in found.alone
        ),
    ]


def _successor(by: Actor, found: Leaving, to_uuid: UUID | None) -> User | None:
    if to_uuid is None:
        if found.handed:
            raise Invalid(
                "successor_missing",
                f"{len(found.handed)} things are open in this person's hands: say who takes over.",
                field="to",
            )
        return None
    for user in successors(by, found.user):
        if user.uuid == to_uuid:
            return user
    raise Invalid(
        "successor_unfit", f"Whoever takes over holds a seat at {by.organisation.name} now.", field="to"
    )


def _hand_on(by: Actor, user: User, to: User) -> None:
    mandates = LegalRepresentative.objects.filter(organisation=by.organisation, user=user)
    mandates.exclude(valid_to__lt=clock.today()).update(user=to)
    Webhook.objects.filter(organisation=by.organisation, user=user, active=True).update(
        user=to, version=F("version") + 1
    )
    for part in holdings.holdings():
        part.hand_on(by, user, to)


def _end(by: Actor, found: Leaving) -> None:
    """End seats and keys. Exceptions end with the seat, without which nobody acts for the organisation."""
    user = found.user
    revoke_tokens(by, user)
    if found.closes:
        User.objects.filter(pk=user.pk).update(is_active=False)
        user.is_active = False
    roles = {seat.role for seat in live_seats(user) if seat.organisation_id == by.organisation.pk}
    groups = RoleGroup.objects.filter(organisation=by.organisation, role__in=roles).select_related("group")
    user.groups.remove(*(item.group for item in groups))
    # Last: whoever lets themselves leave is heard by the database until here.
    user.memberships.filter(organisation=by.organisation, role__in=roles).update(
        ends_at=Greatest(F("starts_at"), Value(clock.now()))
    )


def _record(by: Actor, found: Leaving, to: User | None) -> None:
    """Write it down before anything ends: whoever lets themselves leave may not write there a moment later."""
    for role in found.roles:
        ledger.record(
            verb="account.unseated",
            by=by,
            organisation=by.organisation,
            subject=found.user.uuid,
            data={"organisation": by.organisation.uuid, "role": role.value, "until": None},
        )
    ledger.record(
        verb="account.left",
        by=by,
        organisation=by.organisation,
        subject=found.user.uuid,
        data={
            "to": to.uuid if to else None,
            "handed": [{"kind": item.kind, "subject": item.uuid} for item in found.handed],
            "ended": dict(Counter(item.kind for item in found.ends)),
            "alone": [gate.subject for gate in last_gates(found)],
            "closed": found.closes,
        },
    )
