"""Fetch and authorise in one call: who is asking, what they may do, and the one way past the wall.

Nothing outside this module fetches a programme, a responsibility or a transfer for a person. A row of
another tenant is ``NotFound``, never ``NotAllowed``. Inside an action a permission that changes something is
asked under a lock on the programme, so that a handover and a write cannot pass each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.contrib.auth.backends import BaseBackend
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from handover import clock
from handover.errors import Invalid, NotAllowed, NotFound
from handover.models import (
    Keep,
    Membership,
    Organisation,
    Programme,
    Responsibility,
    Transfer,
    User,
)
from handover.models.guard import is_writing
from handover.models.transfers import KeepKind, TransferState
from handover.permissions import SCOPE_OF, WRITING, Permission, Role, Scope, StandingKind

if TYPE_CHECKING:
    import datetime as dt

M = TypeVar("M", Responsibility, Transfer)

SETTINGS = ("handover.user", "handover.organisation", "handover.now")


@dataclass(frozen=True)
class Actor:
    """Who acts: a person, for one of their organisations, by a channel (``cli``, ``web``, ``api``,
    ``job``)."""

    user: User
    organisation: Organisation
    channel: str = "cli"
    token: str = ""
    """The UUID of the token by which they act, where they do."""
    scopes: frozenset[Scope] | None = None
    """What that token may be used for; ``None`` where nothing narrows what the person may do."""

    def as_json(self) -> dict[str, str]:
        """Give copies that outlive the account: UUIDs, the key of the name, channel, and the token if there is one."""
        told = {
            "user": str(self.user.uuid),
            "user_name": self.user.called,
            "organisation": str(self.organisation.uuid),
            "organisation_name": self.organisation.name,
            "channel": self.channel,
        }
        return told | ({"token": self.token} if self.token else {})

    def has_scope(self, scope: Scope) -> bool:
        """Tell whether the actor's token, if there is one, may be used for this."""
        return self.scopes is None or scope in self.scopes


@dataclass(frozen=True)
class Operator:
    """Whoever runs the installation: keeps the shared directory (organisations, accounts, places) and holds
    no programme."""

    user: User | None = None
    channel: str = "cli"

    def as_json(self) -> dict[str, str]:
        """Give copies that outlive the account."""
        return {
            "user": str(self.user.uuid) if self.user else "",
            "user_name": self.user.called if self.user else "operator",
            "organisation": "",
            "organisation_name": "",
            "channel": self.channel,
        }


_asking: ContextVar[Actor | None] = ContextVar("asking", default=None)


_said: ContextVar[tuple[Actor, str] | None] = ContextVar("said", default=None)


def who_asks() -> Actor | None:
    """Give the actor of the present block, if there is one."""
    return _asking.get()


@contextmanager
def asking(actor: Actor) -> Iterator[Actor]:
    """Say to the database who is asking, for the length of one transaction.

    Opens a transaction (or a savepoint in one); when the block ends, the outer block's answer stands again.
    """
    now = clock.moved_to()
    said = (actor, now.isoformat() if now else "")
    if connection.in_atomic_block and _said.get() == said:
        with transaction.atomic():
            yield actor
        return
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        values = dict(zip(SETTINGS, (str(actor.user.pk), str(actor.organisation.pk), said[1]), strict=True))
        # What is said for a transaction ends with it: only an outer block has an answer to come back to.
        before = {} if outermost else _say(values)
        token, saying = _asking.set(actor), _said.set(said)
        try:
            with clock.frozen(_say_first(values) if outermost else None):
                yield actor
        finally:
            _said.reset(saying)
            _asking.reset(token)
        # After an error the rollback restores the old answer, and asking an aborted transaction would hide
        # the error.
        if before and not connection.needs_rollback:
            _say(before)


_custody: ContextVar[int | None] = ContextVar("custody", default=None)


@contextmanager
def custody(programme_id: int) -> Iterator[None]:
    """Lift the wall for one programme. Only its birth, transfer, load, verification and jobs may; a lint
    rule keeps the list."""
    with transaction.atomic():
        before = _say({"handover.custody": str(programme_id)})
        token = _custody.set(programme_id)
        try:
            yield
        finally:
            _custody.reset(token)
        if not connection.needs_rollback:
            _say(before)


def _say_first(settings: dict[str, str]) -> dt.datetime:
    """Set transaction-local settings where none are to be kept, and give the database's instant, in one round trip."""
    writes = ", ".join(["set_config(%s, %s, true)"] * len(settings))
    with connection.cursor() as cursor:
        # The settings are materialised first: the instant may be one of them.
        cursor.execute(
            f"WITH said AS MATERIALIZED (SELECT {writes}) SELECT handover_now() FROM said",
            [item for pair in settings.items() for item in pair],
        )
        row = cursor.fetchone()
    if row is None:
        raise RuntimeError("the database did not say what time it is")
    instant: dt.datetime = row[0]
    return instant


def _say(settings: dict[str, str]) -> dict[str, str]:
    """Set transaction-local settings in one round trip and give what stood there."""
    names = list(settings)
    reads = ", ".join(["coalesce(current_setting(%s, true), '')"] * len(names))
    writes = ", ".join(["set_config(%s, %s, true)"] * len(names))
    pairs = [item for name in names for item in (name, settings[name])]
    with connection.cursor() as cursor:
        cursor.execute(f"WITH old AS MATERIALIZED (SELECT {reads}) SELECT old.* FROM old", names)
        old = cursor.fetchone() or ()
        cursor.execute(f"SELECT {writes}", pairs)
    return dict(zip(names, (str(value) for value in old), strict=True))


@dataclass(frozen=True)
class Reach:
    """How far an actor reaches into a programme: standings that hold now, permissions, and what ends the
    view."""

    programme: Programme
    standings: frozenset[StandingKind]
    permissions: frozenset[Permission]
    cutoff: dt.datetime | None
    """Nothing recorded after this instant is shown; ``None`` where nothing ends the view."""


def reach(actor: Actor, programme: Programme) -> Reach:
    """Tell how far an actor reaches into a programme, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_REACH, _of(actor, programme.pk))
        found = cursor.fetchall()
    standings = [(kind, cutoff) for kind, cutoff, code in found if code is None]
    ends = [cutoff for _, cutoff in standings if cutoff is not None]
    return Reach(
        programme=programme,
        standings=frozenset(StandingKind(kind) for kind, _ in standings),
        permissions=_let_through(actor, (code for _, _, code in found if code is not None)),
        cutoff=max(ends) if ends and len(ends) == len(standings) else None,
    )


def reached(actor: Actor, programme: Programme) -> Reach:
    """Tell how far an actor reaches, as it was read when the programme was fetched for them; read now, if it was not.

    For a page, which is over at once. What runs longer asks ``reach`` anew.
    """
    known: tuple[Actor, Reach] | None = vars(programme).get("_reached")
    return known[1] if known is not None and known[0] == actor else reach(actor, programme)


_HELD = """
SELECT p.codename
  FROM handover_{table}groupgrant g
  JOIN handover_rolegroup r ON r.group_id = g.group_id
  JOIN handover_membership m ON m.organisation_id = r.organisation_id AND m.role = r.role
  JOIN auth_permission p ON p.id = g.permission_id
 WHERE g.{table}_id = %(object)s AND m.user_id = %(user)s AND m.organisation_id = %(organisation)s
   AND m.starts_at <= %(now)s AND (m.ends_at IS NULL OR m.ends_at > %(now)s)
   AND (g.expires_at IS NULL OR g.expires_at > %(now)s)
UNION
SELECT p.codename
  FROM handover_{table}usergrant g JOIN auth_permission p ON p.id = g.permission_id
 WHERE g.{table}_id = %(object)s AND g.user_id = %(user)s AND g.organisation_id = %(organisation)s
   AND (g.expires_at IS NULL OR g.expires_at > %(now)s)
"""

_REACH = f"""
SELECT s.kind, s.cutoff, NULL AS codename
  FROM handover_standing s
 WHERE s.programme_id = %(object)s AND s.organisation_id = %(organisation)s AND s.valid @> %(now)s::timestamptz
UNION ALL
SELECT NULL, NULL, held.codename FROM ({_HELD.format(table="programme")}) held
"""


def _held(actor: Actor, table: str, key: int) -> frozenset[Permission]:
    """Read what an actor holds on one object: by role and by exception, each only until its minute."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD.format(table=table), _of(actor, key))
        return _let_through(actor, (code for (code,) in cursor.fetchall()))


def _of(actor: Actor, key: int) -> dict[str, Any]:
    return {"object": key, "user": actor.user.pk, "organisation": actor.organisation.pk, "now": clock.now()}


def _let_through(actor: Actor, codes: Iterable[str]) -> frozenset[Permission]:
    """Give of what an actor holds no more than their token lets through; of a deactivated account nothing."""
    if not actor.user.is_active:
        return frozenset()
    return frozenset(code for code in map(Permission, codes) if actor.has_scope(SCOPE_OF[code]))


def _lock(programme_id: int) -> None:
    """Take the lock that every write below a programme takes, so that an execution (FOR UPDATE) waits for it
    and it for that."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM handover_programme WHERE id = %s FOR KEY SHARE", [programme_id])


def lock_programme(programme: Programme) -> Programme:
    """Lock a programme for a step of its transfer: every other write below it waits, or is waited for.

    Raises:
        NotAllowed: the actor's organisation only reads it.
    """
    found = Programme.objects.select_for_update().filter(pk=programme.pk).first()
    if found is None:
        raise NotAllowed("only_reads", "Your organisation only reads this programme.")
    return found


def programme_for(actor: Actor, key: UUID | str, *, may: Permission) -> Programme:
    """Fetch a programme by UUID or identifier, if the actor may do this with it.

    Raises:
        NotFound: there is none, or the actor's organisation has no standing, or the actor may not even read
            it. NotAllowed: the actor may read it, and may not do this. Invalid: several that the actor may
            read carry the identifier.
    """
    return _programme(actor, _by_key(actor, key), may)


def still(actor: Actor, programme: Programme, *, may: Permission) -> None:
    """Ask again in the middle of something long, at the instant on the wall: a transaction's own clock stands still.

    Raises:
        NotFound, NotAllowed: not any more.
    """
    with clock.at(clock.wall()):
        _programme(actor, {"pk": programme.pk}, may)


def _by_key(actor: Actor, key: UUID | str) -> dict[str, Any]:
    try:
        return {"uuid": key if isinstance(key, UUID) else UUID(key)}
    except ValueError:
        return _by_identifier(actor, str(key))


def _by_identifier(actor: Actor, identifier: str) -> dict[str, Any]:
    """Choose among the programmes with an identifier, which is unique for a steward only: anybody may found
    another one. Those that the actor may not read never count."""
    candidates = Programme.objects.filter(identifier=identifier)
    if len(candidates) < 2:
        return {"identifier": identifier}
    readable = candidates.filter(pk__in=programme_ids(actor, may=Permission.VIEW)).order_by("id")
    found = [item.pk for item in readable if reach(actor, item).standings]
    if len(found) > 1:
        raise Invalid(
            "identifier_ambiguous",
            f"Several programmes that you reach carry the identifier {identifier}: give the UUID.",
            field="programme",
        )
    return {"pk__in": found}


def _programme(actor: Actor, lookup: dict[str, Any], may: Permission) -> Programme:
    programme = Programme.objects.filter(**lookup).order_by("id").first()
    if programme is None:
        raise NotFound("programme")
    return _allowed(actor, programme, may)


def _allowed(actor: Actor, programme: Programme, may: Permission) -> Programme:
    """Ask for a programme that was fetched behind the wall; what the actor holds is read now, under the lock."""
    if is_writing() and may in WRITING:
        _lock(programme.pk)
    held = reach(actor, programme)
    if not held.standings or Permission.VIEW not in held.permissions:
        raise NotFound("programme")
    if may not in held.permissions:
        raise NotAllowed(
            "not_allowed", f"You may read this programme, but not: {may.help.lower()}.", permission=may.value
        )
    vars(programme)["_reached"] = (actor, held)
    return programme


def permissions_on(actor: Actor, thing: Programme | Responsibility) -> frozenset[Permission]:
    """Tell what an actor may do with a programme or a responsibility, exceptions included."""
    if isinstance(thing, Programme):
        held = reach(actor, thing)
        return held.permissions if held.standings else frozenset()
    outer = reach(actor, thing.programme)
    if not outer.standings or Permission.VIEW not in outer.permissions:
        return frozenset()
    return _held(actor, "responsibility", thing.pk)


def responsibility_for(actor: Actor, key: UUID | str, *, may: Permission) -> Responsibility:
    """Fetch a responsibility; ``Permission.VIEW`` is asked of its programme, everything else of itself alone.

    Raises:
        NotFound: as for a programme.
        NotAllowed: the actor may read it, and may not do this.
    """
    found = _find(Responsibility, key, "responsibility")
    authorise(actor, found.programme_id, found, may=may)
    return found


def transfer_for(actor: Actor, key: UUID | str, *, may: Permission) -> Transfer:
    """Fetch a transfer, if the actor may do this with its programme.

    Raises:
        NotFound: as for a programme.
        NotAllowed: the actor may read it, and may not do this.
    """
    # Inside an action what is beside it is read when it is needed, under the lock.
    found = _find(Transfer, key, "transfer", *(() if is_writing() else ("giver", "receiver", "reverses")))
    _allowed(actor, found.programme, may)
    return found


def _find(model: type[M], key: UUID | str, what: str, *beside: str) -> M:
    try:
        uuid = key if isinstance(key, UUID) else UUID(key)
    except ValueError:
        raise NotFound(what) from None
    rows = model._default_manager.select_related("programme", *beside)
    found = rows.filter(uuid=uuid).order_by("id").first()
    if found is None:
        raise NotFound(what)
    return found


def authorise(
    actor: Actor, programme: Programme | int, responsibility: Responsibility | None, *, may: Permission
) -> Programme:
    """Ask for something below a programme: its responsibility alone where it has one, else the programme.

    Args:
        programme: its key; or itself, for whoever fetched it with what is below it.

    Raises:
        NotFound: the actor may not read the programme.
        NotAllowed: the actor may read it, and may not do this.
    """
    if responsibility is None or may is Permission.VIEW:
        return _below(actor, programme, may)
    if is_writing() and may in WRITING:
        _lock(programme if isinstance(programme, int) else programme.pk)
    found = _below(actor, programme, Permission.VIEW)
    if may not in _held(actor, "responsibility", responsibility.pk):
        raise NotAllowed(
            "not_allowed",
            f"You may read this, but not: {may.help.lower()}. Another organisation holds “{responsibility.title}”.",
            permission=may.value,
        )
    return found


def _below(actor: Actor, programme: Programme | int, may: Permission) -> Programme:
    if isinstance(programme, Programme):
        return _allowed(actor, programme, may)
    return _programme(actor, {"pk": programme}, may)


def owed_indicators(
    actor: Actor, programme: Programme, responsibility: Responsibility | None
) -> frozenset[UUID]:
    """Give the indicators that the actor's organisation still owes results for, and that this person may
    report; often none."""
    if Permission.REPORT_OWED not in reach(actor, programme).permissions:
        return frozenset()
    # Only of what the same transfer gave away: a plan does not open another holder's indicators.
    scope = (
        Q(transfer__lead=True)
        if responsibility is None
        else Q(transfer__items__responsibility=responsibility)
    )
    lists = Keep.objects.filter(
        scope,
        programme=programme,
        transfer__giver=actor.organisation,
        transfer__state=TransferState.EXECUTED,
        kind=KeepKind.OWED_RESULTS,
        until__gte=clock.today(),
    ).values_list("indicator_uuids", flat=True)
    return frozenset(UUID(key) for keys in lists for key in keys)


_PERMITTED = """
SELECT g.programme_id
  FROM handover_programmegroupgrant g
  JOIN handover_rolegroup r ON r.group_id = g.group_id
  JOIN handover_membership m ON m.organisation_id = r.organisation_id AND m.role = r.role
  JOIN auth_permission p ON p.id = g.permission_id
 WHERE m.user_id = %(user)s AND m.organisation_id = %(organisation)s AND p.codename = %(may)s
   AND m.starts_at <= %(now)s AND (m.ends_at IS NULL OR m.ends_at > %(now)s)
   AND (g.expires_at IS NULL OR g.expires_at > %(now)s)
UNION
SELECT g.programme_id
  FROM handover_programmeusergrant g JOIN auth_permission p ON p.id = g.permission_id
 WHERE g.user_id = %(user)s AND g.organisation_id = %(organisation)s AND p.codename = %(may)s
   AND (g.expires_at IS NULL OR g.expires_at > %(now)s)
"""


def programme_ids(actor: Actor, *, may: Permission) -> frozenset[int]:
    """Give the ids of all programmes with which the actor may do this: one query, for lists that then
    filter."""
    asked = _asked(actor, may)
    if asked is None:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute(_PERMITTED, asked)
        return frozenset(int(key) for (key,) in cursor.fetchall())


class Keys(str):
    """Keys as PostgreSQL writes an array of them: what came from the database goes back as it is."""

    __slots__ = ()


def permitted(actor: Actor, *, may: Permission) -> Keys:
    """Give the same for ``column__any=…``, unread: thousands of ids would take longer to read than the page that they
    permit."""
    asked = _asked(actor, may)
    if asked is None:
        return Keys("{}")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce(array_agg(u.programme_id), '{{}}')::text FROM ({_PERMITTED}) u", asked
        )
        row = cursor.fetchone()
    return Keys(row[0] if row else "{}")


def _asked(actor: Actor, may: Permission) -> dict[str, Any] | None:
    if not actor.user.is_active or not actor.has_scope(SCOPE_OF[may]):
        return None
    return {
        "user": actor.user.pk,
        "organisation": actor.organisation.pk,
        "may": may.value,
        "now": clock.now(),
    }


def sits(user: User, organisation: Organisation) -> bool:
    """Tell whether a person holds a seat in an organisation now."""
    return seats_now(user).filter(organisation=organisation).exists()


def seats_now(user: User) -> QuerySet[Membership]:
    """Give the seats that a person holds at this instant: begun, and not ended."""
    return user.memberships.filter(holding(clock.now()))


def holding(now: dt.datetime) -> Q:
    """Give the condition under which a seat is held at an instant: begun, and not ended."""
    return Q(ends_at__isnull=True, starts_at__lte=now) | Q(ends_at__gt=now, starts_at__lte=now)


def manages(actor: Actor, organisation: Organisation) -> bool:
    """Tell whether the actor keeps an organisation's own affairs: a manager there now, with a token (if with one) that
    may be used for that."""
    return (
        actor.organisation == organisation
        and actor.has_scope(Scope.ORGANISATION)
        and seats_now(actor.user).filter(organisation=organisation, role=Role.MANAGER.value).exists()
    )


def actor_for(user: User, organisation: Organisation, *, channel: str, role: Role | None = None) -> Actor:
    """Make an actor of a person and one of the organisations where they hold a seat now.

    Raises:
        NotAllowed: the account is deactivated, or the person holds no such seat there today.
    """
    seats = seats_now(user).filter(organisation=organisation)
    if role is not None:
        seats = seats.filter(role=role.value)
    if not user.is_active or not seats.exists():
        raise NotAllowed("no_seat", f"{user.email} holds no seat at {organisation.name} today.")
    return Actor(user=user, organisation=organisation, channel=channel)


class GrantBackend(BaseBackend):
    """Answers ``user.has_perm(permission, object)`` from the grants, for everybody, operators included."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Tell whether the person holds a permission on an object, for the organisation in whose name they
        ask."""
        if (
            not isinstance(obj, Programme | Responsibility)
            or not isinstance(user_obj, User)
            or not user_obj.is_active
        ):
            return False
        try:
            permission = Permission(perm.rpartition(".")[2])
        except ValueError:
            return False
        asking_now = who_asks()
        if asking_now is None or asking_now.user.pk != user_obj.pk:
            return False
        return permission in permissions_on(asking_now, obj)
