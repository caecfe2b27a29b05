"""`handover token`: keys with which other systems use the interface, for a person or for an organisation."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from handover import clock
from handover.actions import tokens as actions
from handover.errors import Invalid
from handover.management.base import Argument, Call, Steps, StepsCommand, Told, argument
from handover.management.tables import table
from handover.models import AccessToken
from handover.permissions import ORGANISATION_SCOPES, PERSONAL_SCOPES, Role, Scope
from handover.queries.tokens import own_tokens

DAYS = 90
"""How long a token lasts unless told."""

steps = Steps()


class Command(StepsCommand):
    """Issue, list and revoke tokens of the interface."""

    help = "Issue, list and revoke the tokens with which other systems use the interface."
    steps = steps


TITLE = argument("--title", required=True, metavar="TEXT", help="what it is for")
EXPIRES = argument(
    "--days",
    type=int,
    default=DAYS,
    metavar="N",
    help=f"in how many days it expires: 1 to {actions.LONGEST.days} (default: %(default)s)",
)


def _scopes(allowed: frozenset[Scope]) -> Argument:
    named = ", ".join(scope.value for scope in Scope if scope in allowed)
    return argument(
        "--scope",
        action="append",
        required=True,
        metavar="SCOPE",
        help=f"what it may be used for; may be repeated: {named}",
    )


@steps.add("issue", TITLE, _scopes(PERSONAL_SCOPES), EXPIRES)
def issue(call: Call) -> Told:
    """Issue a token that acts for you, and show its key once."""
    made = actions.issue(by=call.by, title=call["title"], scopes=call["scope"], expires_at=_expiry(call))
    return _issued(made, f"It acts for {made.token.user.display_name} at {made.token.organisation.name}")


@steps.add(
    "issue-for-organisation",
    TITLE,
    _scopes(ORGANISATION_SCOPES),
    argument(
        "--role",
        default=Role.VIEWER.value,
        metavar="ROLE",
        help=f"one of {', '.join(actions.ROLES)} (default: %(default)s)",
    ),
    EXPIRES,
)
def issue_for_organisation(call: Call) -> Told:
    """Issue a token that acts for your organisation in one role, and show its key once. Its managers may."""
    made = actions.issue_for_organisation(
        by=call.by,
        title=call["title"],
        scopes=call["scope"],
        expires_at=_expiry(call),
        role=call["role"],
    )
    return _issued(made, f"It acts for {made.token.organisation.name} as {call['role']}")


@steps.add("list", reads=True)
def list_all(call: Call) -> Told:
    """List your tokens; a manager sees all of the organisation."""
    found = list(own_tokens(call.by))
    rows = [
        (
            item.uuid,
            f"{item.beginning}…",
            _state(item),
            f"{item.expires_at:%Y-%m-%d}",
            f"{item.last_used_at:%Y-%m-%d %H:%M}" if item.last_used_at else "never",
            item.user.display_name if item.personal else "the organisation",
            ", ".join(item.scopes),
            item.title,
        )
        for item in found
    ]
    headings = ("TOKEN", "KEY", "STATE", "EXPIRES", "USED", "ACTS FOR", "SCOPES", "TITLE")
    return Told(
        {"tokens": [document(item) for item in found]},
        [*table(headings, rows, empty="There is no token: `handover token issue` makes one.")],
    )


@steps.add("revoke", argument("token", metavar="TOKEN", type=UUID, help="UUID of it"))
def revoke(call: Call) -> Told:
    """Revoke a token: its next request is refused. Once more changes nothing."""
    gone = actions.revoke(by=call.by, token_uuid=call["token"])
    return Told({"token": document(gone)}, [f"{gone.title} ({gone.beginning}…) is revoked."])


def document(item: AccessToken) -> dict[str, Any]:
    """Give a token for machines, without its key."""
    return {
        "uuid": item.uuid,
        "title": item.title,
        "beginning": item.beginning,
        "organisation": item.organisation.uuid,
        "user": item.user.uuid,
        "personal": item.personal,
        "scopes": item.scopes,
        "state": _state(item),
        "created_at": item.created_at,
        "expires_at": item.expires_at,
        "last_used_at": item.last_used_at,
        "revoked_at": item.revoked_at,
    }


def _issued(made: actions.Issued, whom: str) -> Told:
    token = made.token
    until = f"{token.expires_at:%Y-%m-%d %H:%M}"
    return Told(
        {"token": document(token), "key": made.key},
        [
            f"{token.title} is issued: {token.uuid}.",
            f"{whom}, until {until} UTC, for: {', '.join(token.scopes)}.",
            f"Its key, which is shown this once: {made.key}",
        ],
    )


def _expiry(call: Call) -> dt.datetime:
    days = call["days"]
    if not 1 <= days <= actions.LONGEST.days:
        raise Invalid("token_expiry", f"A token expires in 1 to {actions.LONGEST.days} days.", field="days")
    return clock.now() + dt.timedelta(days=days)


def _state(item: AccessToken) -> str:
    if item.revoked_at is not None:
        return "revoked"
    return "valid" if item.expires_at > clock.now() else "expired"
