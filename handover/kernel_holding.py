"""The kernel's own part of a programme: responsibilities, registers, grants, files and evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from uuid import UUID

from handover import clock, holdings
from handover.canonical import decimal_text
from handover.models import (
    AnnexLine,
    Assessment,
    BudgetLine,
    BudgetStep,
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
    Post,
    PostFunding,
    Premises,
    Programme,
    ProgrammePlace,
    Responsibility,
    Score,
    StoredFile,
    Transfer,
)
from handover.models.annexes import AnnexKind
from handover.models.responsibilities import Capacity
from handover.queries.conservation import conserved_rows
from handover.queries.registers import gaps, threshold_of


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
            ),
        )

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
            for model in (Post, Equipment, Licence, Contract, BudgetLine, LegalAct)
        )
        yield f"Registers: {', '.join(counts)}"
        if cutoff is not None:
            yield as_they_are_now(cutoff)

    def annex(self, transfer: Transfer) -> Iterator[tuple[str, str, UUID]]:
        """List posts, equipment and budget lines of the responsibilities that the transfer moves."""
        moved = transfer.items.values("responsibility")
        threshold = threshold_of(transfer.programme)
        for item in Equipment.objects.filter(responsibility__in=moved).order_by("id"):
            proof = "; proof of transfer needed" if threshold is not None and item.cost > threshold else ""
            cost = f"{decimal_text(item.cost)} {item.currency}"
            yield (
                AnnexKind.EQUIPMENT.value,
                f"{item.title} ({item.serial or 'no serial'}), {cost}{proof}",
                item.uuid,
            )
        for post in Post.objects.filter(responsibility__in=moved).order_by("id"):
            text = f"{post.title}, {decimal_text(post.fte)} FTE, paid by the {post.funded_by}"
            yield AnnexKind.POSTS.value, text, post.uuid
        for line in BudgetLine.objects.filter(responsibility__in=moved).order_by("year", "id"):
            amount = f"{decimal_text(line.amount)} {line.currency}"
            yield (
                AnnexKind.BUDGET.value,
                f"{line.year}: {line.title}, {amount} from the {line.source}",
                line.uuid,
            )


def register() -> None:
    """Register the kernel's holding."""
    holdings.register(KernelHolding())
