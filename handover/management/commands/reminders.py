"""`handover reminders`: what people would be told by mail now, and what came of the mails before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser
from django.db.models import Count

from handover.actions.reminders import WORKER, remind
from handover.errors import NotFound
from handover.management.base import SpeakingCommand, Told
from handover.management.tables import table
from handover.models import Letter, User
from handover.models.reminders import HowOften, LetterKind
from handover.queries.reminders import chosen, people, people_to_look_at, untold


class Command(SpeakingCommand):
    """Show reminders, or order them."""

    help = (
        "What people would be told by mail now. With --send their mails are ordered, as a worker does by itself every "
        "quarter of an hour; a worker sends them. Nobody is told anything twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add whom, and whether."""
        parser.add_argument("--to", metavar="EMAIL", help="this person alone")
        parser.add_argument(
            "--send", action="store_true", help="order the mails that are due by people's choices"
        )
        super().add_arguments(parser)

    def answer(self, options: Mapping[str, Any]) -> Told:
        """Tell, and order."""
        who = _people(options["to"])
        rows = [row for user in who for row in _rows(user)]
        ordered = _order(who) if options["send"] else 0
        states = dict(Letter.objects.values_list("state").annotate(Count("pk")).order_by("state"))
        empty = "Nobody waits for a mail."
        heads = ("TO", "KIND", "HOW OFTEN", "TASK", "UNTIL")
        lines = [
            *table(
                heads,
                [
                    (row["to"], row["kind"], row["how_often"], row["task"], row["due_on"] or "")
                    for row in rows
                ],
                empty=empty,
            )
        ]
        if states:
            lines.append(
                "Mails so far: " + ", ".join(f"{count} {state}" for state, count in states.items()) + "."
            )
        if options["send"]:
            lines.append(f"Ordered: {ordered}. A worker sends them: `handover worker --until-empty`.")
        return Told({"reminders": rows, "ordered": ordered, "mails": states}, lines)


def _people(email: str | None) -> list[User]:
    found = [user for user in people() if email is None or user.email == email.strip().lower()]
    if email is not None and not found:
        raise NotFound("account")
    return found


def _rows(user: User) -> list[dict[str, Any]]:
    """Give what a person was not told yet, each task under the kind of mail that tells it first."""
    often = chosen(user)
    kinds = [kind for kind in LetterKind if often[kind] is not HowOften.NEVER]
    found = {item.task.key: (kind, item) for kind in reversed(kinds) for item in untold(user, kind)}
    return [
        {
            "to": user.email,
            "kind": kind.value,
            "how_often": often[kind].value,
            "task": item.task.key,
            "due_on": item.task.due_on,
        }
        for kind, item in found.values()
    ]


def _order(who: list[User]) -> int:
    due = set(people_to_look_at())
    return sum(len(remind(by=WORKER, user_id=user.pk)) for user in who if user.pk in due)
