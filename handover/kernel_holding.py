"""The kernel's own part of a programme: responsibilities, registers, grants, files and evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import Any
from uuid import UUID

from handover import clock, holdings
from handover.access import Actor
from handover.canonical import decimal_text
from handover.errors import Gate
from handover.kernel_kinds import KINDS
from handover.models import (
    AnnexLine,
    Assessment,
    AuditEngagement,
    AuditFinding,
    AuditGrant,
    AuditLook,
    AuditRequest,
    AuditSample,
    BudgetLine,
    BudgetStep,
    CheckWord,
    Community,
    CommunitySeat,
    CommunityVote,
    Contract,
    DissentAnswer,
    DissentReason,
    Equipment,
    Evidence,
    ExchangeRate,
    Grant,
    GrantPartner,
    Instrument,
    LegalAct,
    Licence,
    Obligation,
    ObligationPause,
    Post,
    PostFunding,
    Premises,
    Programme,
    ProgrammePlace,
    Responsibility,
    Score,
    StoredFile,
    SustainabilityCheck,
    Transfer,
    Undertaking,
    UndertakingResponsibility,
    UndertakingYear,
)
from handover.models.annexes import AnnexKind
from handover.models.responsibilities import Capacity
from handover.queries import (
    budgets,
    equipment,
    portfolio_after,
    readiness_digests,
    readiness_lines,
    readiness_waves,
    registers,
    vote_words,
    votes,
    waiting_after,
)
from handover.queries.conservation import conserved_rows
from handover.queries.equipment import Thresholds
from handover.queries.portfolio_exceptions import Exceptional
from handover.queries.registers import gaps
from handover.queries.seats import Seat
from handover.queries.structure import structure
from handover.queries.tasks import Task


def as_they_are_now(cutoff: dt.datetime) -> str:
    """Say what a reader with a cut-off is told, and what it does not hold for."""
    return (
        f"Values recorded after your cut-off ({cutoff:%Y-%m-%d %H:%M} UTC) are not shown; "
        "needs, interventions and definitions are shown as they are now."
    )


class KernelHolding(holdings.Holding):
    """What the kernel conserves, tells and lists."""

    name = "kernel"
    position = 0

    def conserved(self, programme: Programme) -> list[holdings.Conserved]:
        """Count and digest the kernel's rows."""
        return conserved_rows(
            programme,
            (
                Community,
                ProgrammePlace,
                Responsibility,
                LegalAct,
                Post,
                Equipment,
                Licence,
                Contract,
                BudgetLine,
                Grant,
                GrantPartner,
                Obligation,
                ObligationPause,
                Undertaking,
                UndertakingResponsibility,
                UndertakingYear,
                SustainabilityCheck,
                CheckWord,
                StoredFile,
                Evidence,
                AnnexLine,
                PostFunding,
                Premises,
                ExchangeRate,
                BudgetStep,
                CommunitySeat,
                CommunityVote,
                DissentReason,
                DissentAnswer,
                Instrument,
                Assessment,
                Score,
                AuditEngagement,
                AuditGrant,
                AuditRequest,
                AuditSample,
                AuditFinding,
                AuditLook,
            ),
        )

    def kinds(self) -> Mapping[str, str]:
        """Name what this app conserves."""
        return KINDS

    def outline(self, programme: Programme, *, cutoff: dt.datetime | None = None) -> Iterator[str]:
        """Tell who answers for what, and how many lines each register has."""
        holders = dict(
            Responsibility.objects.filter(
                programme=programme,
                tenures__capacity=Capacity.HOLDER,
                tenures__valid__contains=clock.today(),
            ).values_list("pk", "tenures__organisation__name")
        )
        yield "Responsibilities"
        for responsibility in Responsibility.objects.filter(programme=programme).order_by("id"):
            holder = holders.get(responsibility.pk, "nobody: a gap")
            yield f"  {responsibility.title} ({responsibility.get_kind_display()}): {holder}"
        for gap in gaps(programme):
            until = f" until {gap.until:%d %B %Y}" if gap.until else ""
            yield f"  Gap: nobody delivers {gap.responsibility.title} from {gap.since:%d %B %Y}{until}"
        counts = (
            f"{model.objects.filter(programme=programme).count()} {model._meta.verbose_name_plural}"
            for model in (Post, Equipment, Premises, Licence, Contract, BudgetLine, LegalAct)
        )
        yield f"Registers: {', '.join(counts)}"
        yield from vote_words.lines(programme)
        yield from readiness_lines.lines(programme, cutoff=cutoff)
        if cutoff is not None:
            yield as_they_are_now(cutoff)

    def annex(self, transfer: Transfer) -> Iterator[tuple[str, str, UUID]]:
        """List posts, equipment and budget lines of the responsibilities that the transfer moves."""
        moved = transfer.items.values("responsibility")
        thresholds = Thresholds(transfer.programme)
        for item in Equipment.objects.filter(responsibility__in=moved).order_by("id"):
            yield AnnexKind.EQUIPMENT.value, equipment_text(item, thresholds), item.uuid
        for post in Post.objects.filter(responsibility__in=moved).order_by("id"):
            yield AnnexKind.POSTS.value, post_text(post), post.uuid
        lines = BudgetLine.objects.filter(responsibility__in=moved).order_by("id")
        for standing in sorted(budgets.standing(lines), key=lambda item: (item.line.year, item.line.pk)):
            yield AnnexKind.BUDGET.value, budget_text(standing.line), standing.line.uuid

    def gates(self, transfer: Transfer) -> list[Gate]:
        """Name equipment that may not change hands yet."""
        return equipment.gates(transfer)

    def health(
        self, programme: Programme, *, cutoff: dt.datetime | None = None
    ) -> Iterator[holdings.Finding]:
        """Name what is not well in registers, budgets, votes and readiness."""
        yield from registers.health(programme)
        yield from budgets.health(programme)
        yield from votes.health(programme)
        yield from readiness_waves.health(programme, cutoff=cutoff)

    def chapters(self, programme: Programme) -> Iterator[holdings.Chapter]:
        """Tell the funding curve, readiness by domain, and the community's votes."""
        yield holdings.Chapter("From the grant to public budgets", list(budgets.chapter(programme)))
        yield holdings.Chapter("Readiness, domain by domain", list(readiness_lines.chapter(programme)))
        yield holdings.Chapter("What the community voted", list(vote_words.chapter(programme)))

    def verify(
        self, programme: Programme, entries: Sequence[Mapping[str, Any]]
    ) -> Iterator[holdings.Finding]:
        """Hold votes and scores against the ledger."""
        yield from votes.verify(programme, entries)
        yield from readiness_digests.differing(programme, entries)

    def tasks(self, actor: Actor, seat: Seat) -> Sequence[Task]:
        """Give the checks that wait to be held, and the promises of which a year is to be shown."""
        return list(waiting_after.tasks(seat))

    def exceptions(self, seat: Seat) -> Sequence[Exceptional]:
        """Give overdue checks, promises that were not kept or shown, and organisations that are silent."""
        return list(portfolio_after.exceptions(seat))

    def structure(self, programme: Programme, names: MutableMapping[UUID, str]) -> Mapping[str, Any]:
        """Give responsibilities, the latest plan's transfer milestones and the budget's shape."""
        return structure(programme, names)


def equipment_text(item: Equipment, thresholds: Thresholds) -> str:
    """Say of an item what a receiver must know: cost, title, condition of its disposal, proof."""
    said = [f"{item.title} ({item.serial or 'no serial'}), {decimal_text(item.cost)} {item.currency}"]
    if item.title_of_transfer:
        said.append(f"passes in {item.get_title_of_transfer_display()}")
    if item.no_disposal_before:
        said.append(f"no disposal before {item.no_disposal_before:%d %B %Y}")
    if thresholds.exceeded(item):
        said.append(f"proof of transfer: {item.proof}" if item.proof else "proof of transfer needed")
    return "; ".join(said)


def post_text(post: Post) -> str:
    """Say of a post how much of one it is, who pays it, and how far it is."""
    number = f" (no. {post.number})" if post.number else ""
    stage = f"; {post.get_stage_display()}" if post.stage else ""
    return f"{post.title}{number}, {decimal_text(post.fte)} FTE, paid by the {post.funded_by}{stage}"


def budget_text(line: BudgetLine) -> str:
    """Say of a budget line its year, amount, source, and how sure it is."""
    stage = f" ({line.get_stage_display()})" if line.stage else ""
    return f"{line.year}: {line.title}, {decimal_text(line.amount)} {line.currency} from the {line.source}{stage}"


def register() -> None:
    """Register the kernel's holding."""
    holdings.register(KernelHolding())
