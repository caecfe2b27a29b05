"""`handover provision`: what an organisation's own directory keeps here, and the roles that its groups stand for."""

from __future__ import annotations

import datetime as dt

from handover import access, clock
from handover.access import Actor, asking
from handover.actions import provisioned_groups, tokens
from handover.errors import NotAllowed
from handover.management.base import Call, Steps, StepsCommand, Told, argument
from handover.management.finding import instant, line_named
from handover.management.tables import table
from handover.permissions import Role, Scope
from handover.queries import provisioning

NONE = "none"
ROLES = [*(role.value for role in Role), NONE]

steps = Steps()


class Command(StepsCommand):
    """Let your organisation's own directory keep its people here, and see what it keeps."""

    help = "Let your organisation's own directory keep its people here (SCIM), and see what it keeps. Its managers may."
    steps = steps


@steps.add(
    "token",
    argument("--title", default="Directory", metavar="TEXT", help="what it is for (default: %(default)s)"),
    argument(
        "--until",
        type=instant,
        metavar="INSTANT",
        help="when it expires: at most 366 days ahead (default: in 180 days)",
    ),
)
def token(call: Call) -> Told:
    """Issue a token for your directory; its key is shown this once."""
    until = call["until"] or clock.now() + dt.timedelta(days=180)
    issued = tokens.issue_for_organisation(
        by=call.by, title=call["title"], scopes=[Scope.PROVISION], expires_at=until
    )
    return Told(
        {"token": issued.token.uuid, "key": issued.key, "expires_at": issued.token.expires_at},
        [
            f"The directory of {call.by.organisation.name} may keep its people here until {until:%Y-%m-%d %H:%M} UTC.",
            f"Its key, which is shown this once: {issued.key}",
        ],
    )


@steps.add("people", reads=True)
def people(call: Call) -> Told:
    """List the people whom your directory keeps here."""
    found = list(provisioning.with_groups(provisioning.people(_manager(call))))
    groups = {row.pk: sorted(item.group.title for item in row.memberships.all()) for row in found}
    rows = [
        (row.user_name, row.user.email, "active" if row.active else "inactive", ", ".join(groups[row.pk]))
        for row in found
    ]
    return Told(
        {
            "people": [
                {
                    "uuid": row.uuid,
                    "user": row.user.uuid,
                    "user_name": row.user_name,
                    "email": row.user.email,
                    "active": row.active,
                    "groups": groups[row.pk],
                }
                for row in found
            ]
        },
        [*table(("NAME", "ADDRESS", "STATE", "GROUPS"), rows, empty="Your directory keeps nobody here yet.")],
    )


@steps.add("groups", reads=True)
def groups(call: Call) -> Told:
    """List the groups of your directory, and the roles that they stand for."""
    found = list(provisioning.with_members(provisioning.groups(_manager(call))))
    rows = [
        (
            str(row.uuid)[:8],
            row.role or NONE,
            "yes" if row.by_hand else "no",
            len(row.members.all()),
            row.title,
        )
        for row in found
    ]
    return Told(
        {
            "groups": [
                {
                    "uuid": row.uuid,
                    "title": row.title,
                    "role": row.role,
                    "by_hand": row.by_hand,
                    "members": len(row.members.all()),
                }
                for row in found
            ]
        },
        [
            *table(
                ("GROUP", "ROLE", "BY HAND", "MEMBERS", "TITLE"),
                rows,
                empty="Your directory keeps no group here yet.",
            )
        ],
    )


@steps.add(
    "map",
    argument("group", metavar="GROUP", help="UUID, its first characters, or a part of its title"),
    argument("role", metavar="ROLE", choices=ROLES, help=f"one of {', '.join(ROLES)}"),
)
def map_group(call: Call) -> Told:
    """Say which role a group stands for, or none: its title counts no more."""
    with asking(call.by):
        rows = list(provisioning.groups(_manager(call)))
        found = line_named(rows, call["group"], field="group", what="group")
    role = None if call["role"] == NONE else Role(call["role"])
    mapped = provisioned_groups.map_group(by=call.by, group_uuid=found.uuid, role=role)
    stands = f"stands for {role.value}" if role else "stands for no role"
    return Told(
        {"group": mapped.uuid, "title": mapped.title, "role": mapped.role},
        [f"{mapped.title} {stands} now."],
    )


def _manager(call: Call) -> Actor:
    if not access.manages(call.by, call.by.organisation):
        raise NotAllowed(
            "not_manager",
            f"Only a manager of {call.by.organisation.name} may see and map what its directory keeps.",
        )
    return call.by
