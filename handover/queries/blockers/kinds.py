"""What a blocker is, and the plan in which it stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from handover.models import TransferMilestone
from handover.models.milestones import Side
from handover.queries.tasks import Place, is_overdue, pages_of

ANY_OF_TWO: Final = 2
NOBODY: Final = {
    Side.COMMUNITY: gettext_lazy("the community (no organisation of it is admitted yet)"),
    Side.DONOR: gettext_lazy("the donor (not admitted yet)"),
}
"""Who is named for a side that no organisation stands for."""


class Kind(StrEnum):
    """What is missing."""

    label: Promise

    def __new__(cls, value: str, label: Promise) -> Kind:
        """Make a member from its code and its label."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    PLAN = "plan", gettext_lazy("Plan")
    EVIDENCE = "evidence", gettext_lazy("Evidence")
    SIGNATURE = "signature", gettext_lazy("Signature")
    OBJECTION = "objection", gettext_lazy("Objection")
    VOTE = "vote", gettext_lazy("Vote")
    SCORE = "score", gettext_lazy("Readiness")
    DEPENDENCY = "dependency", gettext_lazy("Waits for a step")
    LEGAL_ACT = "legal_act", gettext_lazy("Legal act")
    BUDGET_LINE = "budget_line", gettext_lazy("Budget line")
    ANNEX = "annex", gettext_lazy("Annex")
    CONSENT = "consent", gettext_lazy("Consent")


@dataclass(frozen=True)
class Blocker:
    """One thing that is missing: what, who must do what about it, and until when. In the reader's language.

    A sentence that begins with “it” is about the step.
    """

    kind: Kind
    sentence: str
    todo: str
    who: Sequence[str]
    """Names of organisations."""
    due_on: dt.date | None = None
    late: bool = False
    places: Sequence[Place] = ()
    """Pages where it is done, the best first."""
    any_of: bool = False
    """Any one of them is enough."""
    step: str = ""
    """The step that lacks it; empty where it is about more than one."""

    @property
    def names(self) -> str:
        """Name who must do it."""
        if self.any_of and len(self.who) == ANY_OF_TWO:
            return gettext("%(one)s or %(other)s") % {"one": self.who[0], "other": self.who[1]}
        return ", ".join(self.who)

    @property
    def plain(self) -> bool:
        """Tell whether its kind and its step say all that its sentence says."""
        return bool(self.step) and self.kind in (Kind.EVIDENCE, Kind.SIGNATURE)


@dataclass(frozen=True)
class Blocked:
    """A responsibility that is to change hands, or (without one) a handover as a whole, and what it waits for."""

    transfer: UUID
    transfer_title: str
    receiver: str
    responsibility: UUID | None
    title: str
    moves_with: str
    """The step that moves it; empty: it moves when the handover is executed."""
    blockers: Sequence[Blocker]


@dataclass(frozen=True)
class Plan:
    """A transfer with its open steps."""

    transfer: Any
    steps: Mapping[int, TransferMilestone]
    waits_for: Mapping[int, Sequence[int]]
    scores_missing: frozenset[int]
    today: dt.date

    def names(self, side: str) -> list[str]:
        """Name the organisations that can act for a side."""
        if side in (Side.GIVER, Side.RECEIVER):
            return [self.transfer.giver.name if side == Side.GIVER else self.transfer.receiver.name]
        named = [item["name"] for item in self.transfer.others if item["kind"] == side]
        return named or [str(NOBODY[Side(side)])]

    def places(self, step: TransferMilestone | None = None) -> Sequence[Place]:
        """Give the pages of a step, or of the transfer."""
        return pages_of(
            programme=self.transfer.programme.uuid,
            transfer=self.transfer.uuid,
            milestone=step.uuid if step else None,
        )

    def of(
        self,
        step: TransferMilestone,
        kind: Kind,
        sentence: str,
        todo: str,
        who: Iterable[str],
        *,
        any_of: bool = False,
    ) -> Blocker:
        """Make a blocker of a step."""
        return Blocker(
            kind=kind,
            sentence=sentence,
            todo=todo,
            who=list(dict.fromkeys(who)),
            due_on=step.due_on,
            late=is_overdue(step.due_on, self.today),
            places=self.places(step),
            any_of=any_of,
            step=step.title,
        )
