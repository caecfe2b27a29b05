"""Reminders: what a person chose, whether it is time to look, and what they were not told yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from django.db.models import Prefetch

from handover import clock
from handover.access import Actor, asking, holding
from handover.models import Letter, Membership, ReminderChoice, Told, User
from handover.models.reminders import HowOften, LetterKind
from handover.queries.tasks import Task
from handover.queries.waiting import seat_actors, waiting_for

MORNING: Final = dt.time(5)
"""When a day's mails go out at the earliest, in UTC: seven or eight o'clock in Bucharest and in Vilnius."""

USUAL: Final = HowOften.DAILY
"""How often mails come to whoever has chosen nothing."""


def chosen(user: User) -> dict[LetterKind, HowOften]:
    """Give how often a person wants each kind of mail."""
    said = dict(user.reminder_choices.values_list("kind", "how_often"))
    return {kind: HowOften(said.get(kind.value, USUAL)) for kind in LetterKind}


def is_time(how_often: HowOften | str, looked_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Tell whether a choice asks to look now, after it was looked last."""
    if how_often == HowOften.NEVER:
        return False
    if how_often == HowOften.AT_ONCE or looked_at is None:
        return True
    days = now.weekday() if how_often == HowOften.WEEKLY else 0
    morning = dt.datetime.combine(now.date() - dt.timedelta(days=days), MORNING, dt.UTC)
    if morning > now:
        morning -= dt.timedelta(days=7 if how_often == HowOften.WEEKLY else 1)
    return looked_at < morning


def people() -> Iterator[User]:
    """Give whoever may be told something at all: active, seated somewhere, no machine; with their choices."""
    seated = Membership.objects.filter(holding(clock.now())).values("user")
    rows = User.objects.filter(pk__in=seated, is_active=True, is_service=False).exclude(email="")
    choices = Prefetch("reminder_choices", queryset=ReminderChoice.objects.order_by("id"))
    return iter(rows.prefetch_related(choices).order_by("pk"))


def people_to_look_at() -> list[int]:
    """Give the keys of the people for whom it is time to look."""
    now, found = clock.now(), []
    for user in people():
        said = {choice.kind: choice for choice in user.reminder_choices.all()}
        for kind in LetterKind:
            choice = said.get(kind.value)
            if is_time(choice.how_often if choice else USUAL, choice.looked_at if choice else None, now):
                found.append(user.pk)
                break
    return found


@dataclass(frozen=True)
class Untold:
    """A task of which a person was not told yet, and what is to be noted once they are."""

    actor: Actor
    task: Task
    stages: tuple[str, ...]


def stages_of(task: Task, today: dt.date) -> dict[LetterKind, str]:
    """Give what there is to tell of a task now, by the kind of mail: another turn, or another day, is told anew."""
    found = {LetterKind.WAITING: f"waiting {task.turn}".strip()}
    near = task.stage(today)
    if near is not None:
        found[LetterKind.DUE] = f"{near.value} {task.due_on}"
    return found


def untold(user: User, kind: LetterKind) -> list[Untold]:
    """Give the tasks that a mail of a kind would tell a person now, what is due first first."""
    return [item for actor in seat_actors(user, channel="job") for item in untold_to(actor, kind)]


def untold_to(actor: Actor, kind: LetterKind) -> list[Untold]:
    """Give the same for one organisation."""
    today = clock.today()
    with asking(actor):
        told = set(
            Told.objects.filter(organisation=actor.organisation, user=actor.user).values_list("task", "stage")
        )
        return list(_missing(actor, waiting_for(actor), told, kind, today))


def _missing(
    actor: Actor,
    tasks: Iterable[Task],
    told: Collection[tuple[str, str]],
    kind: LetterKind,
    today: dt.date,
) -> Iterator[Untold]:
    for task in tasks:
        stages = stages_of(task, today)
        if kind in stages and (task.key, stages[kind]) not in told:
            # A mail tells all there is to tell of a task: the other kind of mail does not repeat it.
            new = tuple(stage for stage in stages.values() if (task.key, stage) not in told)
            yield Untold(actor, task, new)


def still_waiting(letter: Letter) -> list[Task]:
    """Give what a mail is about and what waits for its person still; what they may not see any more is not there."""
    found: list[Task] = []
    for actor in seat_actors(letter.user, channel="job"):
        with asking(actor):
            keys = set(
                Told.objects.filter(
                    organisation=actor.organisation, user=letter.user, letter=letter
                ).values_list("task", flat=True)
            )
            found += [task for task in waiting_for(actor) if task.key in keys] if keys else []
    return sorted(found, key=lambda task: task.order)
