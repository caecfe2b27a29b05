"""Tasks: what waits for a person, until when, and where it is done. The one source of due days and of their stages.

The list, mails and calendars all tell these, and tell the same days; webhooks ask the same question of a milestone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_noop

from handover.languages import day, language, translated
from handover.models.transfers import TransferState
from handover.narratives import Narrative, best

if TYPE_CHECKING:
    from handover.models import Organisation

UNDER_WAY: Final = (TransferState.PROPOSED, TransferState.RETURNED, TransferState.ACCEPTED)
"""States of a transfer whose milestones are of interest to others than who draws it up."""


class Stage(StrEnum):
    """How near a day is."""

    FORTNIGHT = "due-14"
    WEEK = "due-7"
    DAY = "due-1"
    OVERDUE = "overdue"


DAYS: Final[Mapping[Stage, int]] = {Stage.DAY: 1, Stage.WEEK: 7, Stage.FORTNIGHT: 14}
"""Days before it is due at which each stage begins, the nearest first."""

HORIZON: Final = max(DAYS.values())
"""Days ahead of which people are reminded at all."""


def is_overdue(due_on: dt.date, today: dt.date) -> bool:
    """Tell whether a last day is over."""
    return due_on < today


def overdue_milestones(today: dt.date) -> Q:
    """Give the condition under which a milestone is overdue."""
    return Q(done_at__isnull=True, due_on__lt=today, transfer__state__in=UNDER_WAY)


def stage_of(due_on: dt.date | None, today: dt.date) -> Stage | None:
    """Give the stage at which a day is; ``None`` where it is further ahead, or there is none."""
    if due_on is None:
        return None
    if is_overdue(due_on, today):
        return Stage.OVERDUE
    ahead = (due_on - today).days
    return next((stage for stage, days in DAYS.items() if ahead <= days), None)


@dataclass(frozen=True)
class Named:
    """Something that a task is about: its UUID and what it is called."""

    uuid: UUID
    title: str | Sequence[Narrative]
    identifier: str = ""

    def __str__(self) -> str:
        """Call it as the reader's language has it."""
        said = self.title if isinstance(self.title, str) else best(self.title, language())
        return said or self.identifier


Place = tuple[str, tuple[UUID, ...]]
"""A page: the name of its route, and what stands in its address."""


def pages_of(
    *,
    programme: UUID,
    transfer: UUID | None = None,
    milestone: UUID | None = None,
    first: Sequence[Place] = (),
) -> tuple[Place, ...]:
    """Give the pages where something of a transfer is done, from the nearest to the programme's own."""
    found = list(first)
    if milestone and transfer:
        found += [("milestone", (milestone,)), ("milestone", (programme, transfer, milestone))]
    if transfer:
        found += [("transfer", (transfer,)), ("transfer", (programme, transfer)), ("transfers", (programme,))]
    return (*found, ("programme", (programme,)))


@dataclass(frozen=True)
class Task:
    """Something that waits for a person. Its words are English sentences that are translated when they are read."""

    kind: str
    """What it is, ``noun.verb``; stable."""
    subject: str
    """With the kind it names the task once and for all: a UUID, or several."""
    organisation: Organisation
    """In whose name the person does it."""
    text: str
    """A sentence with names in it, as ``%(name)s``."""
    plain: str
    """The same without anything that people wrote: for mails and calendars, which leave the house."""
    about: Mapping[str, object] = field(default_factory=dict)
    due_on: dt.date | None = None
    """The last day on which it is in time."""
    since: dt.datetime | None = None
    programme: Named | None = None
    transfer: Named | None = None
    places: Sequence[Place] = ()
    """Pages where it is done, the best first: the first that exists is where the link leads."""
    turn: str = ""
    """Another one where the same thing waits anew: the digest of a plan, the instant of a return."""

    @property
    def key(self) -> str:
        """Name it once and for all, for the person and the organisation."""
        return f"{self.kind}:{self.subject}"

    @property
    def sentence(self) -> str:
        """Say what waits, in the reader's language."""
        return translated(self.text) % _said(self.about)

    @property
    def plain_sentence(self) -> str:
        """Say it without names, in the reader's language."""
        return translated(self.plain) % _said(self.about)

    @property
    def address(self) -> str:
        """Give the path of the page where it is done; of the first page, where that page does not exist."""
        for name, args in self.places:
            try:
                return reverse(name, args=args)
            except NoReverseMatch:
                continue
        return reverse("home")

    def stage(self, today: dt.date) -> Stage | None:
        """Give how near its day is."""
        return stage_of(self.due_on, today)

    @property
    def order(self) -> tuple[dt.date, str, str]:
        """Put what is due first first, and what has no day last."""
        return (self.due_on or dt.date.max, self.programme.identifier if self.programme else "", self.key)


def _said(about: Mapping[str, object]) -> dict[str, str]:
    """Say dates and choices in the reader's language; what people wrote stays as it is."""
    return {
        name: day(value) if isinstance(value, dt.date) else _word(name, value)
        for name, value in about.items()
    }


def _word(name: str, value: object) -> str:
    return translated(str(value)) if name in TRANSLATED else str(value)


TRANSLATED: Final = frozenset({"kind", "wave", "permission"})
"""Names in sentences whose values are the kernel's own words."""


@dataclass(frozen=True)
class Wording:
    """The two sentences of one kind of task: with names, and without anything that people wrote."""

    text: str
    plain: str


WORDINGS: Final[Mapping[str, Wording]] = {
    "plan.answer": Wording(
        gettext_noop("The plan “%(transfer)s” waits for your answer"),
        gettext_noop("The plan of a transfer waits for your answer"),
    ),
    "plan.mend": Wording(
        gettext_noop("The plan “%(transfer)s” came back with comments"),
        gettext_noop("The plan of a transfer came back with comments"),
    ),
    "milestone.evidence": Wording(
        gettext_noop("“%(milestone)s” needs evidence"),
        gettext_noop("A step of the transfer (%(kind)s) needs evidence"),
    ),
    "milestone.sign": Wording(
        gettext_noop("“%(milestone)s” waits for your signature"),
        gettext_noop("A step of the transfer (%(kind)s) waits for your signature"),
    ),
    "vote.hold": Wording(
        gettext_noop("“%(milestone)s” waits for the community to vote"),
        gettext_noop("A step of the transfer waits for the community to vote"),
    ),
    "dissent.answer": Wording(
        gettext_noop("People dissented from “%(milestone)s”, and nobody has answered them"),
        gettext_noop("People dissented from a step of the transfer, and nobody has answered them"),
    ),
    "transfer.execute": Wording(
        gettext_noop("Every step of “%(transfer)s” is done: check it and take the programme over"),
        gettext_noop("Every step of a transfer is done: check it and take the programme over"),
    ),
    "proof.countersign": Wording(
        gettext_noop("The proof of “%(transfer)s” waits for your signature"),
        gettext_noop("The proof of a handover waits for your signature"),
    ),
    "give_back.sign": Wording(
        gettext_noop("The other side wants to give “%(transfer)s” back: it waits for your signature"),
        gettext_noop("The other side wants to give a handover back: it waits for your signature"),
    ),
    "scores.begin": Wording(
        gettext_noop("Score readiness: others have begun “%(instrument)s”"),
        gettext_noop("Readiness waits for the scores of your side"),
    ),
    "scores.finish": Wording(
        gettext_noop("The readiness scores by “%(instrument)s” that your side began are not closed"),
        gettext_noop("Readiness scores that your side began are not closed"),
    ),
    "scores.wave": Wording(
        gettext_noop("Score readiness again by “%(instrument)s” (%(wave)s)"),
        gettext_noop("Readiness is scored again (%(wave)s)"),
    ),
    "check.hold": Wording(
        gettext_noop("Hold the check %(months)s months after the handover"),
        gettext_noop("A check after a handover waits to be held"),
    ),
    "undertaking.show": Wording(
        gettext_noop("Show what became of “%(title)s” in %(year)s"),
        gettext_noop("Evidence of an undertaking is due (%(year)s)"),
    ),
    "audit.announced": Wording(
        gettext_noop("An audit is announced: “%(title)s”"),
        gettext_noop("An audit is announced"),
    ),
    "audit.answer": Wording(
        gettext_noop("Answer the auditors: “%(title)s”"),
        gettext_noop("A request of auditors waits for its answer"),
    ),
    "audit.reply": Wording(
        gettext_noop("Reply to the finding “%(title)s”"),
        gettext_noop("A finding of auditors waits for your reply"),
    ),
    "audit.close": Wording(
        gettext_noop("Close the finding “%(title)s”, as the second person"),
        gettext_noop("A finding waits for a second person to close it"),
    ),
    "exception.ends": Wording(
        gettext_noop("Your exception ends: %(permission)s"),
        gettext_noop("An exception that you were given ends"),
    ),
    "invitation.ends": Wording(
        gettext_noop("Nobody has taken your invitation to %(address)s yet"),
        gettext_noop("Nobody has taken an invitation of yours yet"),
    ),
    "standing.ends": Wording(
        gettext_noop("Your organisation's access to this programme ends"),
        gettext_noop("Your organisation's access to a programme ends"),
    ),
}
"""What the kernel says of each kind of task of its own."""
