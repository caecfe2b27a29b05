"""What this app holds for a programme: its results, indicators and values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from handover import holdings
from handover.access import Actor, asking
from handover.canonical import decimal_text
from handover.models import Programme, Transfer
from handover.narratives import best
from handover.queries.conservation import conserved_rows
from indicators.actions import documents, values
from indicators.models import Indicator, Value
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

    def outline(self, programme: Programme, *, cutoff: dt.datetime | None = None) -> Iterator[str]:
        """Tell results and indicators, each with baseline, last value (recorded up to the cut-off) and target."""
        lines = list(outline(programme, cutoff=cutoff))
        if lines:
            yield "Results and indicators"
            yield from (f"  {line}" for line in lines)

    def load(
        self, programme: Programme, document: Mapping[str, Any], *, by: Actor, names: Mapping[str, UUID]
    ) -> Mapping[str, UUID]:
        """Load ``{"indicators": {"results": […]}, "values_csv": text}``.

        Indicators refer to responsibilities, interventions and needs by key, the lines of the CSV to indicators and
        places. Values may come later than their indicators, with ``indicator:KEY`` among the names.

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

    def sample(self, programme: Programme, by: Actor) -> Iterator[str]:
        """Report one value for the period after the last, of an indicator that belongs to no responsibility."""
        with asking(by):
            shared = Value.objects.filter(
                programme=programme,
                indicator__responsibility=None,
                value__isnull=False,
                period__starts_on__isnull=False,
                period__ends_on__isnull=False,
            )
            last = (
                shared.select_related("indicator", "period", "place")
                .order_by("indicator__result__position", "indicator__position", "-period__ends_on", "id")
                .first()
            )
        if last is None or last.value is None:
            return
        period = last.period
        if period.starts_on is None or period.ends_on is None:
            return
        starts_on, ends_on = _next(period.starts_on, period.ends_on)
        place = last.place.uuid if last.place else None
        row = values.Reported(value=last.value, dimensions=last.dimensions, place=place)
        values.report(
            by=by, indicator_uuid=last.indicator.uuid, starts_on=starts_on, ends_on=ends_on, rows=[row]
        )
        cell = ", ".join(item["value"] for item in last.dimensions)
        said = f"{decimal_text(last.value)} for “{best(last.indicator.title)}”" + (
            f" ({cell})" if cell else ""
        )
        yield f"reported {said}, {starts_on} to {ends_on}"

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


def _next(first: dt.date, last: dt.date) -> tuple[dt.date, dt.date]:
    """Give the first and the last day of the period after one, as many months long; for whole months."""
    months = 12 * (last.year - first.year) + last.month - first.month + 1
    begins = last + dt.timedelta(days=1)
    years, month = divmod(begins.month - 1 + months, 12)
    return begins, dt.date(begins.year + years, month + 1, 1) - dt.timedelta(days=1)


def register() -> None:
    """Register this app's holding."""
    holdings.register(IndicatorsHolding())
