"""The kernel's own part of a programme: responsibilities, registers, files and evidence."""

from __future__ import annotations

from handover import holdings
from handover.models import (
    AnnexLine,
    BudgetLine,
    Contract,
    Equipment,
    Evidence,
    Grant,
    LegalAct,
    Licence,
    Post,
    Programme,
    Responsibility,
    StoredFile,
)
from handover.queries.conservation import conserved_rows


class KernelHolding(holdings.Holding):
    """What the kernel conserves."""

    name = "kernel"
    position = 0

    def conserved(self, programme: Programme) -> list[holdings.Conserved]:
        """Count and digest the kernel's rows."""
        return conserved_rows(
            programme,
            (
                Responsibility,
                LegalAct,
                Post,
                Equipment,
                Licence,
                Contract,
                BudgetLine,
                Grant,
                StoredFile,
                Evidence,
                AnnexLine,
            ),
        )


def register() -> None:
    """Register the kernel's holding."""
    holdings.register(KernelHolding())
