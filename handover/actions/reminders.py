"""Reminders: chosen by people, told by workers; never twice.

That somebody was told stands in the same transaction as the order to send the mail. A mail is begun before it is
handed to the mail server: one whose worker died meanwhile is not sent again, because nobody knows whether it went out.
What a mail says is put together in that moment, in its reader's eyes.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Final

from django.core import signing
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from handover import clock, jobs, mail
from handover.access import Actor, Operator, asking
from handover.actions import action
from handover.errors import Invalid
from handover.languages import day
from handover.mail import Mail, Outcome
from handover.models import Letter, ReminderChoice, Told, User
from handover.models.reminders import HowOften, LetterKind, LetterState
from handover.queries.reminders import USUAL, Untold, is_time, people_to_look_at, still_waiting, untold
from handover.queries.tasks import Task
from handover.webhooks.retries import pause_after

log = logging.getLogger(__name__)

LETTER: Final = "handover.letter"
"""The errand that sends one mail."""

WORKER: Final = Operator(channel="job")
SALT: Final = "handover.reminders.stop"
SHOWN: Final = 50
"""Tasks that one mail names; the others it counts."""


# --- what people choose ---------------------------------------------------------------------------


@action
def choose(*, by: Actor, choices: Mapping[LetterKind | str, HowOften | str]) -> None:
    """Choose how often the actor gets each kind of mail. A taste, not a fact: nothing is recorded of it.

    Raises:
        Invalid: there is no such kind of mail, or no such choice.
    """
    for kind, how_often in choices.items():
        _choose(by.user, kind, how_often)


@action
def stop(*, by: Operator, key: str) -> LetterKind:
    """Stop one kind of mail to the person whose mail held this key; once more changes nothing.

    Raises:
        Invalid: no mail of this installation held the key.
    """
    user, kind = whose(key)
    _choose(user, kind, HowOften.NEVER)
    return kind


def stop_key(user: User, kind: LetterKind | str) -> str:
    """Give the key that stands in a person's mails of a kind; it stops that kind, and does nothing else."""
    return signing.dumps([str(user.uuid), str(kind)], salt=SALT)


def whose(key: str) -> tuple[User, LetterKind]:
    """Give the person and the kind of mail that a key stops.

    Raises:
        Invalid: no mail of this installation held the key.
    """
    try:
        uuid, kind = signing.loads(key, salt=SALT)
        return User.objects.get(uuid=uuid), LetterKind(kind)
    except (signing.BadSignature, ValueError, TypeError, User.DoesNotExist):
        raise Invalid(
            "stop_key_wrong", "This link is not one that a mail of ours has.", field="key"
        ) from None


def _choose(user: User, kind: str, how_often: str) -> None:
    if kind not in LetterKind.values:
        raise Invalid("unknown_letter", f"“{kind}” is no kind of mail that we send.", field="kind")
    if how_often not in HowOften.values:
        known = ", ".join(HowOften.values)
        raise Invalid("unknown_how_often", f"“{how_often}” is none of {known}.", field=str(kind))
    ReminderChoice.objects.update_or_create(user=user, kind=kind, defaults={"how_often": how_often})


# --- what workers look for ------------------------------------------------------------------------


def look() -> None:
    """Look what waits for everybody for whom it is time; one who fails keeps nobody else from being told."""
    for key in people_to_look_at():
        try:
            remind(by=WORKER, user_id=key)
        except Exception:
            log.exception("What waits for account %s could not be told.", key)


@action
def remind(*, by: Operator, user_id: int) -> list[Letter]:
    """Order the mails that a person wants to have now, and note what they tell: both, or neither.

    Of two who look at once the second waits here, and then finds everything told.
    """
    user = User.objects.select_for_update().get(pk=user_id)
    ReminderChoice.objects.bulk_create(
        [ReminderChoice(user=user, kind=kind, how_often=USUAL) for kind in LetterKind], ignore_conflicts=True
    )
    now, made = clock.now(), []
    choices = {choice.kind: choice for choice in user.reminder_choices.all()}
    for kind in LetterKind:
        choice = choices[kind.value]
        if not is_time(choice.how_often, choice.looked_at, now):
            continue
        found = untold(user, kind)
        if found:
            made.append(_order(user, kind, found))
        choice.looked_at = now
        choice.save(update_fields=["looked_at"])
    return made


def _order(user: User, kind: LetterKind, found: Sequence[Untold]) -> Letter:
    letter = Letter.objects.create(user=user, kind=kind, created_at=clock.now())
    for item in found:
        with asking(item.actor):
            Told.objects.bulk_create(
                Told(
                    organisation=item.actor.organisation,
                    user=user,
                    letter=letter,
                    task=item.task.key,
                    stage=stage,
                    at=letter.created_at,
                )
                for stage in item.stages
            )
    jobs.send(LETTER, letter=letter.pk)
    return letter


# --- what workers send ----------------------------------------------------------------------------


@jobs.errand(LETTER)
def deliver(*, letter: int) -> None:
    """Send a mail that was ordered, once; what is sent, or was begun, is left alone."""
    begun = _begin(by=WORKER, letter_id=letter)
    if begun is None:
        return
    made, attempt = begun
    outcome, word = mail.send(made)
    _end(by=WORKER, letter_id=letter, attempt=attempt, outcome=outcome, word=word)


@action
def _begin(*, by: Operator, letter_id: int) -> tuple[Mail, int] | None:
    """Put a mail together and say that it is being sent; ``None`` where there is nothing to send."""
    letter = Letter.objects.select_for_update(of=("self",)).select_related("user").get(pk=letter_id)
    if letter.state == LetterState.SENDING:
        # Whoever began it may have sent it and died, or be slow: it says so itself then.
        _ended(letter, LetterState.DOUBTFUL)
        return None
    if letter.state != LetterState.WAITING:
        return None
    tasks = still_waiting(letter)
    if not tasks:
        _ended(letter, LetterState.DROPPED)
        return None
    letter.state, letter.attempts = LetterState.SENDING, letter.attempts + 1
    letter.save(update_fields=["state", "attempts"])
    return written(letter, tasks), letter.attempts


@action
def _end(*, by: Operator, letter_id: int, attempt: int, outcome: Outcome, word: str) -> None:
    """Write down what came of a mail; who was slow is believed too."""
    letter = Letter.objects.select_for_update().get(pk=letter_id)
    if letter.attempts != attempt or letter.state not in (LetterState.SENDING, LetterState.DOUBTFUL):
        return
    letter.error = word[:300]
    pause = pause_after(attempt) if outcome is Outcome.AGAIN else None
    if pause is not None:
        letter.state, letter.ended_at = LetterState.WAITING, None
        letter.save(update_fields=["state", "error", "ended_at"])
        jobs.send(LETTER, after=pause, letter=letter.pk)
        return
    states = {Outcome.SENT: LetterState.SENT, Outcome.DOUBTFUL: LetterState.DOUBTFUL}
    _ended(letter, states.get(outcome, LetterState.GIVEN_UP))


def _ended(letter: Letter, state: LetterState) -> None:
    letter.state, letter.ended_at = state, clock.wall()
    letter.save(update_fields=["state", "error", "ended_at"])


# --- what a mail says -----------------------------------------------------------------------------


def written(letter: Letter, tasks: Sequence[Task]) -> Mail:
    """Put a mail together: what waits, where, until when, and a link. Nothing that people wrote stands in it."""
    user = letter.user
    stop = mail.link(reverse("reminders-stop", args=[stop_key(user, letter.kind)]))
    with translation.override(mail.language_for(user.language)):
        today = clock.today()
        subject = (
            gettext("Something waits for you")
            if letter.kind == LetterKind.WAITING
            else gettext("Something is due soon, or late")
        )
        lines = [
            {
                "sentence": task.plain_sentence,
                "programme": task.programme.identifier if task.programme else "",
                "organisation": task.organisation.name,
                "due_on": day(task.due_on) if task.due_on else "",
                "late": task.due_on is not None and task.due_on < today,
                "link": mail.link(task.address),
            }
            for task in tasks[:SHOWN]
        ]
    return mail.composed(
        "reminders",
        to=user.email,
        language=user.language,
        subject=subject,
        context={
            "lines": lines,
            "more": len(tasks) - len(lines),
            "waiting": letter.kind == LetterKind.WAITING,
            "choices": mail.link(reverse("reminders")),
            "stop": stop,
        },
        key=f"letter-{letter.pk}-{letter.created_at:%Y%m%d%H%M%S}",
        headers={
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
