"""How one gets to a page of a transfer, and what every such page shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from handover import access
from handover.actions import evidence
from handover.models import Transfer, TransferMilestone
from handover.models.milestones import Side
from handover.models.transfers import EDITABLE_STATES, TransferState
from handover.permissions import Permission
from handover.queries.transfer_steps import side_here
from handover.views.pages import Visit, asker, found, page


@dataclass
class TransferVisit(Visit):
    """Somebody on a page of a transfer."""

    transfer: Transfer

    @cached_property
    def side(self) -> Side | None:
        """Give the side for which the actor's organisation speaks."""
        standings = frozenset(str(kind) for kind in self.reach.standings)
        return side_here(self.transfer, self.actor.organisation.pk, standings)

    @property
    def plans(self) -> bool:
        """Whether the actor may change the plan now."""
        mine = self.transfer.giver_id == self.actor.organisation.pk
        return mine and self.transfer.state in EDITABLE_STATES and self.can(Permission.PLAN_TRANSFER)

    @property
    def answers(self) -> bool:
        """Whether the actor may answer the plan now."""
        return (
            self.transfer.receiver_id == self.actor.organisation.pk
            and self.transfer.state == TransferState.PROPOSED
            and self.can(Permission.ANSWER_TRANSFER)
        )

    @property
    def answers_annex(self) -> bool:
        """Whether the actor may answer lines of the annexes now."""
        return (
            self.transfer.receiver_id == self.actor.organisation.pk
            and self.transfer.state in (TransferState.PROPOSED, TransferState.ACCEPTED)
            and self.can(Permission.ANSWER_TRANSFER)
        )

    def show(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        """Render a page of the transfer."""
        said = {"transfer": self.transfer, "side": self.side, **context}
        return page(self.request, f"handover/transfers/{template}.html", said, here=self, status=status)


def at(request: HttpRequest, transfer_uuid: UUID, *, may: Permission) -> TransferVisit:
    """Open a transfer's page for whoever asks.

    Raises:
        Http404: there is no such transfer, or it is not open to the actor.
        NotAllowed: it is open to them, but this is not.
    """
    actor = asker()
    transfer = found(access.transfer_for, actor, transfer_uuid, may=may)
    return TransferVisit(request, actor, transfer.programme, transfer)


def at_milestone(
    request: HttpRequest, milestone_uuid: UUID, *, may: Permission
) -> tuple[TransferVisit, TransferMilestone]:
    """Open a step's page for whoever asks.

    Raises:
        Http404: there is no such step, or it is not open to the actor.
    """
    actor = asker()
    milestone = found(evidence.milestone_for, actor, milestone_uuid, may=may)
    return TransferVisit(request, actor, milestone.transfer.programme, milestone.transfer), milestone
