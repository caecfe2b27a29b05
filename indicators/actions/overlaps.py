"""Overlaps: how many people both sides of a handover counted in a period that it cut. They count once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from django.db.models import Max

from handover import clock, ledger
from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid
from handover.models.base import notice_personal_data
from indicators.actions import entries
from indicators.actions.entries import Amount
from indicators.models import Indicator, Overlap
from indicators.models.cells import Dimension, cell
from indicators.models.codes import CountingRule, Measure
from indicators.queries import axes, cuts
from indicators.queries.digests import sealed
from indicators.queries.overlaps import limit
from indicators.queries.spans import pieces


@action
def state(
    *,
    by: Actor,
    indicator_uuid: UUID,
    starts_on: dt.date,
    ends_on: dt.date,
    count: Amount,
    reason: str,
    cut_on: dt.date | None = None,
    place: UUID | None = None,
    dimensions: Mapping[str, str] | Sequence[Dimension] = (),
) -> Overlap:
    """State how many of the people counted from the day of a handover on were counted before it in the same period.

    People of both sides may who may report the indicator. Stated again, it is a new revision; the one before stays.

    Args:
        starts_on, ends_on: the whole period, both days included.
        cut_on: the first day of the receiver; may be left out where one handover cut the period.
        dimensions: of one group; everybody otherwise.

    Raises:
        NotFound, NotAllowed: the actor may not report this indicator.
        Invalid: it counts no distinct persons, no handover cut the period, no whole number of people, no reason, or
            ``overlap_too_large``: more people than either part counted.
    """
    indicator = entries.indicator_for(by, indicator_uuid, may=entries.REPORT)
    entries.span(starts_on, ends_on)
    _refuse_without_persons(indicator)
    cut = _cut(indicator, starts_on, ends_on, cut_on)
    people = _people(count)
    if not reason.strip():
        raise Invalid("reason_missing", "Say how the number is known.", field="reason")
    group = entries.dimensions(dimensions)
    axes.check(indicator, group)
    at = entries.places([place]).get(place) if place else None
    # Of two at once the second waits here, and becomes the next revision.
    Indicator.objects.select_for_update(no_key=True).get(pk=indicator.pk)
    row = Overlap(
        programme=indicator.programme,
        indicator=indicator,
        starts_on=starts_on,
        ends_on=ends_on,
        cut_on=cut,
        place_id=at,
        cell=cell(group),
        count=people,
        reason=reason.strip(),
    )
    _refuse_too_large(row)
    _write(by, row)
    return row


def _refuse_too_large(row: Overlap) -> None:
    days = [each.day for each in cuts.days_of(row.indicator, cuts.handover_days(row.programme))]
    parts = pieces(row.starts_on, row.ends_on, days)
    most = limit(row.indicator, parts, row.cut_on, place=row.place_id, cell=row.cell)
    if most is not None and row.count > most:
        raise Invalid(
            "overlap_too_large",
            f"{row.count:f} people cannot have been counted on both sides: one side counted fewer.",
            field="count",
        )


def _write(by: Actor, row: Overlap) -> None:
    same = Overlap.objects.filter(
        indicator=row.indicator,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        cut_on=row.cut_on,
        place=row.place_id,
        cell=row.cell,
    )
    row.revision = (same.aggregate(last=Max("revision"))["last"] or 0) + 1
    row.stated_by, row.stated_by_name = by.user, by.user.called
    row.organisation, row.organisation_name = by.organisation, by.organisation.name
    row.stated_at = clock.now()
    row.save()
    notice_personal_data(row)
    _record(by, row)


def _refuse_without_persons(indicator: Indicator) -> None:
    if indicator.expression or (indicator.counting_rule, indicator.measure) != (
        CountingRule.DISTINCT_PERSONS,
        Measure.UNIT,
    ):
        raise Invalid(
            "no_overlap",
            "Only counts of distinct persons can count somebody on both sides.",
            field="indicator",
        )


def _cut(indicator: Indicator, first: dt.date, last: dt.date, given: dt.date | None) -> dt.date:
    days = {each.day for each in cuts.days_of(indicator, cuts.handover_days(indicator.programme))}
    inside = sorted(day for day in days if first < day <= last)
    if given is None and len(inside) == 1:
        return inside[0]
    if given is None and inside:
        raise Invalid("which_cut", "Several handovers cut this period: say which day.", field="cut_on")
    if given not in inside or given is None:
        raise Invalid("not_cut", f"No handover cut the period from {first} to {last} there.", field="cut_on")
    return given


def _people(count: Amount) -> Decimal:
    found = entries.exact(count, "count")
    if found is None or found < 0 or found != found.to_integral_value():
        raise Invalid("not_people", "People are a whole number, 0 or more.", field="count")
    return found


def _record(by: Actor, row: Overlap) -> None:
    ledger.record(
        verb="overlap.stated",
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={
            "indicator": row.indicator.uuid,
            "starts_on": row.starts_on,
            "ends_on": row.ends_on,
            "cut_on": row.cut_on,
            "cell": row.cell,
            "count": row.count,
            "revision": row.revision,
            "reason": row.reason,
            "sealed": sealed([row]),
        },
    )
