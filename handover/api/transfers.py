"""Transfers: the agreements that move responsibilities from a giver to a receiver, and their whole story."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet

from handover.actions import executions, giving_back, transfers
from handover.actions.transfers import Answer, Item
from handover.api import named
from handover.api.annexes import AnnexLineShown
from handover.api.commands import command, reading
from handover.api.documents import DigestedShown, GateShown, digested
from handover.api.once import HEADER
from handover.api.proofs import PreviewShown, ProofShown
from handover.api.resources import InProgrammeRead
from handover.api.signoffs import SignOffShown
from handover.api.transfer_bodies import (
    AnnexAnswersBody,
    AnnexBody,
    CommentBody,
    ExceptionMappingBody,
    ItemsBody,
    KeepBody,
    ReasonBody,
    TransferBody,
)
from handover.api.transfer_shown import (
    ExceptionShown,
    GivenBackShown,
    ProposalShown,
    TransferFilters,
    TransferShown,
)
from handover.errors import Gate, Invalid, NotFound
from handover.models import AnnexLine, Preview, Proof, Responsibility, SignOff, Transfer
from handover.models.transfers import OPEN_STATES
from handover.permissions import Permission
from handover.queries.gates import gates as unmet
from handover.queries.plans import latest_preview, plan, plan_digest
from handover.queries.previews import concerned_exceptions
from handover.queries.readiness_proposals import Proposal, proposals

LONGEST_EXECUTION_KEY = 80


class Transfers(InProgrammeRead[Transfer]):
    """Transfers: drawn up by the giver, accepted by the receiver, executed in one step, provable ever after."""

    what = "transfer"
    serializer_class = TransferShown
    filterset_class = TransferFilters
    ordering_fields = ("title", "retention_until")
    expanded_collections: ClassVar = (
        "keeps",
        "items__responsibility",
        "items__provider_after",
        "items__milestone",
    )

    def rows(self) -> QuerySet[Transfer]:
        """Give them with what they move and what the giver keeps."""
        return super().rows().prefetch_related(*self.expanded_collections)

    @command(
        may=Permission.PLAN_TRANSFER, body=TransferBody, codes=("same_sides", "not_steward", "lead_taken")
    )
    def create(self, programme: UUID, receiver: UUID, **given: Any) -> Transfer:
        """Begin to draw up a transfer from the caller's organisation to a receiver."""
        return transfers.draft(
            by=self.actor,
            programme_uuid=programme,
            receiver=named.organisation(receiver, field="receiver"),
            **given,
        )

    @command(may=Permission.PLAN_TRANSFER, body=ItemsBody, codes=("not_holder", "planned_twice"))
    def include(self, key: UUID, items: Sequence[dict[str, Any]]) -> Transfer:
        """Put responsibilities into a plan, with how the giver's part ends and who delivers them afterwards."""
        found = self.find(key)
        chosen = [
            Item(
                responsibility=named.in_programme(
                    Responsibility, found.programme_id, item.pop("responsibility"), field="responsibility"
                ),
                provider_after=named.optional(
                    named.organisation, item.pop("provider_after", None), field="provider_after"
                ),
                **item,
            )
            for item in items
        ]
        transfers.include(by=self.actor, transfer_uuid=key, items=chosen)
        return found

    @command(may=Permission.PLAN_TRANSFER, body=KeepBody)
    def keep(self, key: UUID, **given: Any) -> Transfer:
        """State what the giver keeps: reading and exporting until a day, or reporting the results that it owes."""
        transfers.keep(by=self.actor, transfer_uuid=key, **given)
        return self.find(key)

    @command(may=Permission.PLAN_TRANSFER, body=AnnexBody, answers=AnnexLineShown, many=True, status=201)
    def list_in_annex(self, key: UUID, lines: Sequence[dict[str, Any]]) -> list[AnnexLine]:
        """List what exactly is handed over, line by line."""
        said = [(line["kind"], line["text"], line.get("subject")) for line in lines]
        return transfers.list_in_annex(by=self.actor, transfer_uuid=key, lines=said)

    @command(may=Permission.PLAN_TRANSFER, answers=AnnexLineShown, many=True, status=201)
    def list_holdings(self, key: UUID) -> list[AnnexLine]:
        """List in the annexes all that the programme holds and that is not listed: posts, equipment, budgets,
        indicators."""
        return transfers.list_holdings(by=self.actor, transfer_uuid=key)

    @command(
        may=Permission.ANSWER_TRANSFER,
        body=AnnexAnswersBody,
        codes=("not_receiver", "reservation_incomplete"),
    )
    def answer_annex(self, key: UUID, answers: Sequence[dict[str, Any]]) -> Transfer:
        """Answer annex lines for the receiver: accepted, accepted with reservation, or refused."""
        found = self.find(key)
        said = [
            Answer(
                owner=named.optional(named.organisation, answer.pop("owner", None), field="owner"), **answer
            )
            for answer in answers
        ]
        transfers.answer_annex(by=self.actor, transfer_uuid=key, answers=said)
        return found

    @command(may=Permission.ANSWER_TRANSFER, codes=("not_receiver",))
    def accept_annex(self, key: UUID) -> Transfer:
        """Accept, for the receiver, all annex lines that are not answered yet."""
        transfers.accept_annex(by=self.actor, transfer_uuid=key)
        return self.find(key)

    @command(may=Permission.PLAN_TRANSFER, body=ExceptionMappingBody, codes=("no_exception", "no_seat"))
    def map_exception(self, key: UUID, exception: str, to_user: UUID | None) -> Transfer:
        """Say where a single person's exception goes: to somebody on the receiver's side, or (null) lost."""
        found = self.find(key)
        whom = None if to_user is None else named.user(self.actor, to_user, field="to_user")
        transfers.map_exception(by=self.actor, transfer_uuid=key, key=exception, to_user=whom)
        return found

    @command(may=Permission.PLAN_TRANSFER, answers=PreviewShown, status=201)
    def refresh_preview(self, key: UUID) -> Preview:
        """Write the permission preview of the plan as it stands; proposing does so by itself."""
        return transfers.refresh_preview(by=self.actor, transfer_uuid=key)

    @command(may=Permission.SIGN, codes=("nothing_to_move", "wrong_state", "plan_fixed"))
    def propose(self, key: UUID) -> Transfer:
        """Sign the plan for the giver and put it before the receiver, who reads the programme from now on."""
        return transfers.propose(by=self.actor, transfer_uuid=key)

    @command(may=Permission.SIGN, codes=("wrong_state", "plan_changed", "both_sides"))
    def accept(self, key: UUID) -> Transfer:
        """Sign the plan for the receiver."""
        return transfers.accept(by=self.actor, transfer_uuid=key)

    @command(may=Permission.ANSWER_TRANSFER, body=CommentBody, codes=("wrong_state", "already_moving"))
    def refuse(self, key: UUID, comment: str) -> Transfer:
        """Refuse a proposal, with the reason. The receiver's access ends: the answer is empty then."""
        return transfers.refuse(by=self.actor, transfer_uuid=key, comment=comment)

    @command(may=Permission.ANSWER_TRANSFER, body=CommentBody, path="return", codes=("wrong_state",))
    def send_back(self, key: UUID, comment: str) -> Transfer:
        """Return the plan to the giver with comments; all signatures on it are void until it is proposed again."""
        return transfers.send_back(by=self.actor, transfer_uuid=key, comment=comment)

    @command(may=Permission.PLAN_TRANSFER, body=ReasonBody, codes=("wrong_state", "not_giver"))
    def revoke(self, key: UUID, reason: str) -> Transfer:
        """Call a transfer off before its execution. What moved with a milestone goes back, each recorded."""
        return transfers.revoke(by=self.actor, transfer_uuid=key, reason=reason)

    @command(
        may=Permission.EXECUTE_TRANSFER,
        answers=ProofShown,
        once=True,
        codes=("gates_unmet", "already_executed", "not_receiver", "execution_key_length"),
    )
    def execute(self, key: UUID) -> Proof:
        """Execute an accepted transfer for the receiver, at once. The same key again gives the same proof."""
        chosen = self.request.headers[HEADER]
        if len(chosen) > LONGEST_EXECUTION_KEY:
            raise Invalid(
                "execution_key_length",
                f"The Idempotency-Key of an execution has at most {LONGEST_EXECUTION_KEY} characters.",
                field=HEADER,
            )
        return executions.execute(by=self.actor, transfer_uuid=key, key=chosen)

    @command(may=Permission.SIGN, answers=SignOffShown, status=201, codes=("no_proof", "signed_already"))
    def countersign(self, key: UUID) -> SignOff:
        """Sign the continuity proof of an executed transfer for the other side."""
        return executions.countersign(by=self.actor, transfer_uuid=key)

    @command(
        may=Permission.SIGN,
        body=ReasonBody,
        answers=GivenBackShown,
        once=True,
        codes=("too_late", "moved_on", "signed_already"),
    )
    def give_back(self, key: UUID, reason: str) -> dict[str, Any]:
        """Sign giving back for the caller's side; the second signature carries it out and proves it."""
        signoff, reversal = giving_back.give_back(by=self.actor, transfer_uuid=key, reason=reason)
        return {
            "signoff": signoff,
            "reversal": reversal.uuid if reversal else None,
            "proof": reversal.proof.uuid if reversal else None,
        }

    @reading(may=Permission.VIEW, answers=GateShown, many=True)
    def gates(self, key: UUID) -> list[Gate]:
        """Name everything that still stands between the transfer and its execution; none once it is over."""
        found = self.find(key)
        return unmet(found) if found.state in OPEN_STATES else []

    @reading(may=Permission.VIEW, answers=DigestedShown)
    def plan(self, key: UUID) -> dict[str, Any]:
        """Give the plan as it stands, as one document, and the digest that signatures under it bind."""
        found = self.find(key)
        return {"digest": plan_digest(found), "document": plan(found)}

    @reading(may=Permission.VIEW, answers=DigestedShown)
    def preview(self, key: UUID) -> dict[str, Any]:
        """Give the preview that the plan carries: who can do what before the transfer, and who after it."""
        found = latest_preview(self.find(key))
        if found is None:
            raise NotFound("preview")
        return digested(found)

    @reading(may=Permission.VIEW, answers=ProposalShown, many=True)
    def proposals(self, key: UUID) -> list[Proposal]:
        """Propose milestones that would close the gaps which the agreed readiness scores show, the widest first."""
        return proposals(self.find(key))

    @reading(may=Permission.VIEW, answers=AnnexLineShown, many=True)
    def annex(self, key: UUID) -> QuerySet[AnnexLine]:
        """Give all annex lines, with the receiver's answers."""
        rows = AnnexLine.objects.filter(transfer=self.find(key))
        return rows.select_related("programme", "transfer", "owner").order_by("id")

    @reading(may=Permission.VIEW, answers=ExceptionShown, many=True)
    def exceptions(self, key: UUID) -> list[dict[str, Any]]:
        """Give the single people's exceptions that the transfer touches, and where the plan says that they go."""
        found = self.find(key)
        mapped = {row.grant_key: row for row in found.mappings.select_related("to_user")}
        concerned = concerned_exceptions(found)
        uuids = dict(Responsibility.objects.filter(programme=found.programme_id).values_list("pk", "uuid"))
        return [
            {
                "exception": item.key,
                "user": item.user_uuid,
                "user_name": item.user_name,
                "organisation": item.organisation_uuid,
                "responsibility": uuids.get(item.responsibility) if item.responsibility else None,
                "permission": item.permission.value,
                "reason": item.reason,
                "expires_at": item.expires_at,
                "mapped": item.key in mapped,
                "to_user": _whom(mapped.get(item.key)),
            }
            for item in concerned
        ]


def _whom(mapping: Any) -> UUID | None:
    return mapping.to_user.uuid if mapping is not None and mapping.to_user is not None else None
