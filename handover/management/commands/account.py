"""`handover account`: who signs in, and which role they have where."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.contrib.auth.password_validation import validate_password

from handover import clock
from handover.access import asking
from handover.actions import accounts, leaving, ways_in
from handover.errors import Invalid
from handover.management.base import Call, Steps, StepsCommand, Told, Who, argument
from handover.management.finding import instant, organisation_named, user_named
from handover.management.tables import table
from handover.models import Membership, User
from handover.permissions import Role
from handover.queries import leaving as leaving_queries
from handover.queries.leaving import Leaving

ROLES = [role.value for role in Role]

steps = Steps()


class Command(StepsCommand):
    """Make accounts, give and end roles, close accounts."""

    help = "Make accounts, give and end roles in organisations, close accounts."
    steps = steps


@steps.add(
    "add",
    argument("person", metavar="EMAIL"),
    argument("name", metavar="NAME", help="how the person is shown; an office is enough"),
    argument("--language", default="en", choices=("en", "ro", "lt")),
    argument("--password-stdin", action="store_true", help="read the password from standard input, one line"),
    argument(
        "--no-password", action="store_true", help="ask for none: the account cannot sign in to the web yet"
    ),
    who=Who.OPERATOR,
)
def add(call: Call) -> Told:
    """Make an account. The password is asked for on a terminal, or read from standard input with --password-stdin."""
    password = _password(call)
    made = accounts.create_user(
        by=call.operator,
        email=call["person"],
        display_name=call["name"],
        language=call["language"],
        password=password,
    )
    lines = [f"{made.display_name} has the account {made.email}."]
    if password is None:
        lines.append(f"It has no password: `handover changepassword {made.email}` sets one.")
    return Told({"account": document(made, [])}, lines)


def _password(call: Call) -> str | None:
    if call["password_stdin"] and call["no_password"]:
        raise Invalid("usage", "Give either --password-stdin or --no-password.")
    if call["no_password"]:
        return None
    if call["password_stdin"]:
        password = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        password = _asked_twice()
    else:
        raise Invalid(
            "password_missing",
            "There is no terminal to ask for a password: give --password-stdin or --no-password.",
        )
    if not password:
        raise Invalid("password_missing", "The password is empty.", field="password")
    validate_password(password, User(email=call["person"], display_name=call["name"]))
    return password


def _asked_twice() -> str:
    try:
        password = getpass.getpass("Password: ")
        again = getpass.getpass("Password again: ")
    except EOFError:
        raise Invalid("password_missing", "No password was given.", field="password") from None
    if again != password:
        raise Invalid("passwords_differ", "The two passwords are not the same.", field="password")
    return password


@steps.add(
    "seat",
    argument("person", metavar="EMAIL"),
    argument("organisation_slug", metavar="ORGANISATION"),
    argument("role", metavar="ROLE", choices=ROLES, help=", ".join(ROLES)),
    argument(
        "--until",
        type=instant,
        metavar="INSTANT",
        help="a last day, or an instant; the role then ends by itself",
    ),
    who=Who.EITHER,
)
def seat(call: Call) -> Told:
    """Give a person a role in an organisation: as an operator, or with --as as a manager of that organisation."""
    user, organisation = user_named(call["person"]), organisation_named(call["organisation_slug"])
    if call["until"] is not None and call["until"] <= clock.now():
        raise Invalid("ends_in_past", "The role would end before it begins.", field="until")
    accounts.seat(
        by=call.actor or call.operator,
        user=user,
        organisation=organisation,
        role=call["role"],
        until=call["until"],
    )
    return Told(_account(user), [f"{user.display_name} is {call['role']} of {organisation.name}."])


@steps.add(
    "unseat",
    argument("person", metavar="EMAIL"),
    argument("organisation_slug", metavar="ORGANISATION"),
    argument("role", metavar="ROLE", choices=ROLES, help=", ".join(ROLES)),
    who=Who.EITHER,
)
def unseat(call: Call) -> Told:
    """End a person's role in an organisation now. What they reported stays theirs."""
    user, organisation = user_named(call["person"]), organisation_named(call["organisation_slug"])
    accounts.unseat(by=call.actor or call.operator, user=user, organisation=organisation, role=call["role"])
    return Told(_account(user), [f"{user.display_name} is no longer {call['role']} of {organisation.name}."])


LAST = argument("--last", action="store_true", help="it is known that nobody else can do what they do")


@steps.add("deactivate", argument("person", metavar="EMAIL"), LAST, who=Who.OPERATOR)
def deactivate(call: Call) -> Told:
    """Close an account: it loses all access at once. It is never deleted, so history keeps its actor."""
    user = user_named(call["person"])
    accounts.deactivate(by=call.operator, user=user, confirmed=call["last"])
    return Told(_account(user), [f"{user.email} is closed."])


@steps.add("open", argument("person", metavar="EMAIL"))
def left_open(call: Call) -> Told:
    """Show what is open in the hands of a person of your organisation, what ends with them, what only they can do."""
    with asking(call.by):
        found = leaving_queries.leaving_of(call.by, user_named(call["person"]).uuid)
    return Told({"leaving": _leaving(found)}, list(_leaving_lines(found)))


@steps.add(
    "leave",
    argument("person", metavar="EMAIL"),
    argument("--to", metavar="EMAIL", help="who takes over what is open"),
    LAST,
)
def leave(call: Call) -> Told:
    """Let a person leave your organisation: seats and keys end, what is open goes to a colleague."""
    user = user_named(call["person"])
    to = user_named(call["to"]).uuid if call["to"] else None
    found = leaving.leave(by=call.by, user_uuid=user.uuid, to_uuid=to, confirmed=call["last"])
    done = f"{user.display_name} has left {call.by.organisation.name}."
    closed = ["The account is closed."] if found.closes else []
    return Told({"leaving": _leaving(found)}, [done, *closed, *_leaving_lines(found)])


def _leaving(found: Leaving) -> dict[str, Any]:
    return {
        "user": found.user.uuid,
        "roles": [role.value for role in found.roles],
        "handed": [asdict(item) for item in found.handed],
        "ends": [asdict(item) for item in found.ends],
        "alone": [gate.as_json() for gate in leaving.last_gates(found)],
        "closes": found.closes,
    }


def _leaving_lines(found: Leaving) -> Iterator[str]:
    for title, items in (("goes to a colleague", found.handed), ("ends", found.ends)):
        for item in items:
            yield f"  {title}: {item.kind}, {item.title}" + (f" ({item.programme})" if item.programme else "")
    for gate in leaving.last_gates(found):
        yield f"  alone: {gate.sentence}"


@steps.add("forget-factors", argument("person", metavar="EMAIL"), who=Who.OPERATOR)
def forget_factors(call: Call) -> Told:
    """Take second factors, passkeys and the identity at the OpenID provider off an account. The password stays."""
    user = user_named(call["person"])
    factors, identities = ways_in.forget(by=call.operator, user=user)
    return Told(
        {**_account(user), "factors": factors, "identities": identities},
        [
            f"{user.email}: forgotten are {factors} factors and {identities} identities at the OpenID provider."
        ],
    )


@steps.add(
    "pseudonymise",
    argument("person", metavar="EMAIL"),
    argument("--reason", required=True, metavar="TEXT", help="on whose request, or why; without a name"),
    argument("--yes", action="store_true", help="it is meant: a name that is erased does not come back"),
    who=Who.EITHER,
)
def pseudonymise(call: Call) -> Told:
    """Erase name, address and ways in of a closed account for good: as an operator, or with --as as a manager."""
    user = user_named(call["person"])
    if not call["yes"]:
        raise Invalid(
            "not_confirmed", "A name that is erased does not come back: say --yes if that is meant."
        )
    accounts.pseudonymise(by=call.actor or call.operator, user=user, reason=call["reason"])
    return Told(_account(user), [f"The account is now called {user.display_name}."])


@steps.add(
    "list",
    argument("--organisation-slug", metavar="SLUG", help="only the people of one organisation"),
    who=Who.OPERATOR,
)
def list_all(call: Call) -> Told:
    """List the accounts with their roles."""
    users = User.objects.order_by("email")
    if call["organisation_slug"]:
        users = users.filter(
            memberships__organisation=organisation_named(call["organisation_slug"])
        ).distinct()
    seats = _seats()
    found = [document(user, seats.get(user.pk, [])) for user in users]
    rows = [
        (
            item["email"],
            "active" if item["active"] else "closed",
            ", ".join(f"{seat['role']} of {seat['organisation']}" for seat in item["seats"]) or "no role",
            item["name"],
        )
        for item in found
    ]
    empty = "There are no accounts: `handover account add` makes the first one."
    return Told({"accounts": found}, [*table(("E-MAIL", "STATE", "ROLES", "NAME"), rows, empty=empty)])


def document(user: User, seats: list[dict[str, Any]]) -> dict[str, Any]:
    """Give an account for machines."""
    return {
        "uuid": user.uuid,
        "email": user.email,
        "name": user.display_name,
        "language": user.language,
        "active": user.is_active,
        "seats": seats,
    }


def _account(user: User) -> dict[str, Any]:
    return {"account": document(user, _seats(user).get(user.pk, []))}


def _seats(user: User | None = None) -> dict[int, list[dict[str, Any]]]:
    now = clock.now()
    rows = (
        Membership.objects.filter(starts_at__lte=now).exclude(ends_at__lte=now).select_related("organisation")
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for row in (rows.filter(user=user) if user else rows).order_by("organisation__slug", "role"):
        found.setdefault(row.user_id, []).append(
            {"organisation": row.organisation.slug, "role": row.role, "until": row.ends_at}
        )
    return found
