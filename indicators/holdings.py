"""What this app holds for a programme: its results, indicators and values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext_noop

from handover import holdings
from handover.access import Actor, Reach, asking
from handover.canonical import decimal_text
from handover.holdings import LeftOpen
from handover.models import Programme, Transfer, User
from handover.narratives import best
from handover.queries.conservation import conserved_rows
from handover.queries.portfolio_exceptions import Exceptional
from handover.queries.search import Group
from handover.queries.seats import Seat
from handover.queries.sustained import Figure, Warned
from handover.queries.tasks import Task
from indicators.actions import documents, pieces, submissions, values
from indicators.exchange import feeds_document
from indicators.kinds import KINDS
from indicators.models import (
    Draft,
    Feed,
    Floor,
    Indicator,
    Period,
    Provenance,
    SourceSeries,
    Submission,
    Value,
)
from indicators.queries import audits as frames_of_audits
from indicators.queries import cuts, exceptions, feeds, spans, sustained, waiting
from indicators.queries.conservation import conserved_values
from indicators.queries.digests import DEFINITIONS
from indicators.queries.outline import outline
from indicators.queries.search import search
from indicators.queries.stewards import across
from indicators.queries.structure import structure
from indicators.queries.submissions import unfinished
from indicators.queries.uptake import uptake
from indicators.queries.verification import verify
from indicators.views import panel

ANNEX: Final = "indicators"
ANNEX_OF_SOURCES: Final = "sources"
BESIDE: Final = (Submission, Draft, Provenance, Feed, Floor)
"""What stands beside the definitions and the values: conserved like them, committed to by entries of its own."""


class IndicatorsHolding(holdings.Holding):
    """Results, indicators, baselines, periods, targets and values of a programme."""

    name = "indicators"
    position = 20

    def conserved(self, programme: Programme) -> list[holdings.Conserved]:
        """Count, sum and digest this app's rows, in a few statements, however many values there are."""
        return [*conserved_rows(programme, (*DEFINITIONS, *BESIDE)), conserved_values(programme)]

    def kinds(self) -> Mapping[str, str]:
        """Name what this app conserves."""
        return KINDS

    def frame(self, programme: Programme, kind: str) -> Sequence[holdings.Drawable] | None:
        """List the current values, so that an audit may draw from them; a stratum is an indicator."""
        return frames_of_audits.values(programme) if kind == "values" else None

    def annex_xvii(self, programme: Programme) -> Mapping[str, Sequence[str]]:
        """Say what is missing of outputs and results."""
        return frames_of_audits.annex_xvii(programme)

    def outline(self, programme: Programme, *, cutoff: dt.datetime | None = None) -> Iterator[str]:
        """Tell results and indicators, each with baseline, last value (recorded up to the cut-off) and target."""
        lines = list(outline(programme, cutoff=cutoff))
        if lines:
            yield "Results and indicators"
            yield from (f"  {line}" for line in lines)
        counted = list(feeds.lines(programme))
        if counted:
            yield "Indicators counted from records"
            yield from (f"  {line}" for line in counted)

    def load(
        self, programme: Programme, document: Mapping[str, Any], *, by: Actor, names: Mapping[str, UUID]
    ) -> Mapping[str, UUID]:
        """Load ``{"indicators": {"axes": […], "results": […]}, "values_csv": text, "feeds": […]}``.

        Indicators refer to responsibilities, interventions and needs by key, the lines of the CSV to indicators and
        places. Values may come later than their indicators, with ``indicator:KEY`` among the names.

        Returns:
            ``indicator:KEY``.

        Raises:
            Invalid: the first definition that is wrong, or everything that is wrong with the values; nothing is loaded.
        """
        added = documents.load(
            by=by,
            programme_uuid=programme.uuid,
            axes=(document.get("indicators") or {}).get("axes") or (),
            results=(document.get("indicators") or {}).get("results") or (),
            lines=str(document.get("values_csv") or "").splitlines(),
            names=names,
        )
        feeds_document.load(programme, document.get("feeds") or (), by=by, names={**names, **added})
        return added

    def health(
        self, programme: Programme, *, cutoff: dt.datetime | None = None
    ) -> Iterator[holdings.Finding]:
        """Name the values that were counted from records which come to something else by now."""
        yield from feeds.health(programme)

    def sample(self, programme: Programme, by: Actor) -> Iterator[str]:
        """Report one value for the period after the last, of an indicator that belongs to no responsibility.

        Of a period that a handover cut, the receiver reports its own part.
        """
        with asking(by):
            last = _last_shared(programme)
            if last is None or last.value is None:
                return
            days = cuts.days_of(last.indicator, cuts.handover_days(programme))
            span = _following(last, [each.day for each in days])
        if span is None:
            return
        starts_on, ends_on = span
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
        """Give one line an indicator that goes to the receiver, and one a source series on which its values rest.

        The lead transfer brings all indicators of the programme that no responsibility of another transfer brings, and
        all source series; any other those of its own responsibilities.
        """
        rows = Indicator.objects.filter(programme=transfer.programme).select_related("responsibility")
        mine = set(transfer.items.values_list("responsibility_id", flat=True))
        for row in rows.order_by("result__position", "position", "id"):
            if row.responsibility_id in mine or (transfer.lead and row.responsibility_id is None):
                about = f" ({row.responsibility.title})" if row.responsibility else ""
                yield ANNEX, f"{best(row.title)}{about}", row.uuid
        for source in _sources(transfer, mine):
            yield ANNEX_OF_SOURCES, _source(source), source.uuid

    def structure(self, programme: Programme, names: MutableMapping[UUID, str]) -> Mapping[str, Any]:
        """Give axes, results and indicators."""
        return structure(programme, names)

    def links(self) -> Sequence[holdings.Link]:
        """Name the page of a programme's indicators."""
        return [holdings.Link("indicators", gettext_noop("Indicators"), 40)]

    def panels(self, programme: Programme, reach: Reach) -> Sequence[holdings.Panel]:
        """Give the lights, the indicators that are furthest from their targets, and what is due."""
        return [holdings.Panel(panel.TEMPLATE, panel.shown(programme, reach), 40)]

    def tasks(self, actor: Actor, seat: Seat) -> Sequence[Task]:
        """Give values to report, and submissions to approve or to mend, over all programmes in a few queries."""
        return list(waiting.tasks(actor, seat))

    def left_open(self, actor: Actor, user: User) -> Sequence[LeftOpen]:
        """Give submissions that nobody but their author can mend or hand in."""
        return unfinished(actor, user)

    def hand_on(self, by: Actor, user: User, to: User) -> None:
        """Give them to a colleague."""
        submissions.hand_on(by=by, user=user, to=to)

    def search(self, actor: Actor, text: str, limit: int) -> Sequence[Group]:
        """Find indicators by their titles."""
        return search(actor, text, limit)

    def exceptions(self, seat: Seat) -> Sequence[Exceptional]:
        """Give overdue values, indicators that are off track, and breaks in series."""
        return list(exceptions.exceptions(seat))

    def sustained(
        self,
        programme: Programme,
        since: dt.date,
        on: dt.date,
        until: dt.date,
        *,
        cutoff: dt.datetime | None = None,
    ) -> tuple[Sequence[Figure], Sequence[Warned]]:
        """Hold each indicator against the year before the handover and against its floor, and follow its trend."""
        return sustained.sustained(programme, since, on, until, cutoff=cutoff)

    def across(
        self, stewards: Mapping[int, int], years: Sequence[int], *, threshold: int
    ) -> Sequence[holdings.Across]:
        """Count people under shared codes by whoever answers for the programmes, small counts withheld."""
        return across(stewards, years, threshold=threshold)

    def take(
        self,
        programme: Programme,
        kind: str,
        piece: Mapping[str, Any],
        *,
        by: Actor,
        names: Mapping[str, UUID],
        present: UUID | None,
        reason: str,
    ) -> UUID | None:
        """Take an indicator: a new one below its result, or changes of the one that is there."""
        if kind != "indicator":
            return None
        return pieces.take(by=by, programme_uuid=programme.uuid, piece=piece, names=names, present=present)

    def uptake(self, model: UUID) -> Sequence[Mapping[str, Any]]:
        """Tell of each of a model's indicators how it went among all who adopted it: aggregates alone, protected."""
        return [item.as_json() for item in uptake(model)]

    def verify(
        self, programme: Programme, entries: Sequence[Mapping[str, Any]]
    ) -> Iterator[holdings.Finding]:
        """Name the definitions and values that are not what the ledger says."""
        return verify(programme, entries)


def _last_shared(programme: Programme) -> Value | None:
    """Give a value of the last period of the first indicator that the programme itself answers for."""
    shared = Value.objects.filter(
        programme=programme,
        indicator__responsibility=None,
        indicator__expression="",
        indicator__approval=False,
        value__isnull=False,
        period__starts_on__isnull=False,
        period__ends_on__isnull=False,
    )
    return (
        shared.select_related("indicator", "period", "place")
        .order_by("indicator__result__position", "indicator__position", "-period__ends_on", "id")
        .first()
    )


def _following(last: Value, cut_on: Sequence[dt.date]) -> spans.Span | None:
    """Give the period after that of a value; of one that a handover cut, the part from that day on.

    The period may itself be one side's part: then its other part follows, or what follows the whole.
    """
    period = last.period
    if period.starts_on is None or period.ends_on is None:
        return None
    span = (period.starts_on, period.ends_on)
    whole = _whole(_frequency(last.indicator), span, cut_on)
    after = [part for part in spans.pieces(*whole, cut_on) if part[0] > span[1]]
    return after[-1] if after else spans.pieces(*spans.following(*whole), cut_on)[-1]


def _frequency(indicator: Indicator) -> str:
    """Give how often an indicator is measured: as it states, else as the last regular period with values shows."""
    if indicator.frequency:
        return indicator.frequency
    rows = Period.objects.filter(indicator=indicator, values__isnull=False, ends_on__isnull=False)
    for first, last in rows.order_by("-ends_on", "-starts_on").values_list("starts_on", "ends_on").distinct():
        for name in spans.MONTHS:
            if first is not None and spans.regular(name, first) == (first, last):
                return name
    return ""


def _whole(frequency: str, span: spans.Span, cut_on: Sequence[dt.date]) -> spans.Span:
    """Give the period that a part is part of; a whole one is itself."""
    regular = spans.regular(frequency, span[0])
    return regular if regular and span in spans.pieces(*regular, cut_on) else span


def _sources(transfer: Transfer, responsibilities: set[int]) -> list[SourceSeries]:
    rows = SourceSeries.objects.filter(programme=transfer.programme).select_related("custodian")
    if not transfer.lead:
        named = Value.objects.filter(
            programme=transfer.programme, indicator__responsibility__in=responsibilities
        ).values("uuid")
        rows = rows.filter(
            pk__in=Provenance.objects.filter(programme=transfer.programme, value_uuid__in=named).values(
                "source"
            )
        )
    return list(rows.order_by("title", "id"))


def _source(row: SourceSeries) -> str:
    """Tell where a source series lies: enough for an auditor to walk there."""
    keeper = f"{row.custodian.name}, {row.office}" if row.office else row.custodian.name
    facts = [f"kept by {keeper}", row.location]
    if row.starts_on or row.ends_on:
        facts.append(f"{row.starts_on or '…'} to {row.ends_on or '…'}")
    if row.count is not None:
        facts.append(f"{row.count} {row.counted or 'entries'}")
    if row.sha256:
        facts.append(f"SHA-256 {row.sha256}")
    return f"{row.title}: {'; '.join(facts)}"


def register() -> None:
    """Register this app's holding."""
    holdings.register(IndicatorsHolding())
