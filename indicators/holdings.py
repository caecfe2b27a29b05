"""What this app holds for a programme: its results, indicators and values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from handover import holdings
from handover.access import Actor
from handover.models import Programme, Transfer
from handover.narratives import best
from handover.queries.conservation import conserved_rows
from indicators.actions import documents
from indicators.models import Indicator
from indicators.queries.conservation import conserved_values
from indicators.queries.digests import DEFINITIONS
from indicators.queries.outline import outline
from indicators.queries.verification import verify

ANNEX: Final = "indicators"


class IndicatorsHolding(holdings.Holding):
    """Results, indicators, baselines, periods, targets and values of a programme."""

    name = "indicators"
    position = 20

    def conserved(self, programme: Programme) -> list[holdings.Conserved]:
        """Count, sum and digest this app's rows, one statement a table, however many values there are."""
        return [*conserved_rows(programme, DEFINITIONS), conserved_values(programme)]

    def outline(self, programme: Programme) -> Iterator[str]:
        """Tell results and indicators, each with baseline, last value and target."""
        lines = list(outline(programme))
        if lines:
            yield "Results and indicators"
            yield from (f"  {line}" for line in lines)

    def load(
        self, programme: Programme, document: Mapping[str, Any], *, by: Actor, names: Mapping[str, UUID]
    ) -> Mapping[str, UUID]:
        """Load ``{"indicators": {"results": […]}, "values_csv": text}``.

        Indicators refer to responsibilities, interventions and needs by key, the lines of the CSV to indicators and
        places.

        Returns:
            ``indicator:KEY``.

        Raises:
            Invalid: the first definition that is wrong, or everything that is wrong with the values; nothing is loaded.
        """
        return documents.load(
            by=by,
            programme_uuid=programme.uuid,
            results=(document.get("indicators") or {}).get("results") or (),
            lines=str(document.get("values_csv") or "").splitlines(),
            names=names,
        )

    def annex(self, transfer: Transfer) -> Iterator[tuple[str, str, UUID]]:
        """Give one line an indicator that goes to the receiver.

        The lead transfer brings all indicators of the programme that no responsibility of another transfer brings; any
        other those of its own responsibilities.
        """
        rows = Indicator.objects.filter(programme=transfer.programme).select_related("responsibility")
        mine = set(transfer.items.values_list("responsibility_id", flat=True))
        for row in rows.order_by("result__position", "position", "id"):
            if row.responsibility_id in mine or (transfer.lead and row.responsibility_id is None):
                about = f" ({row.responsibility.title})" if row.responsibility else ""
                yield ANNEX, f"{best(row.title)}{about}", row.uuid

    def verify(
        self, programme: Programme, entries: Sequence[Mapping[str, Any]]
    ) -> Iterator[holdings.Finding]:
        """Name the definitions and values that are not what the ledger says."""
        return verify(programme, entries)


def register() -> None:
    """Register this app's holding."""
    holdings.register(IndicatorsHolding())
