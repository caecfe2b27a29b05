"""Feeds: from which records of the work an indicator is counted, and reporting what they come to in one's own name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from handover import access, ledger
from handover.access import Actor
from handover.actions import action
from handover.canonical import decimal_text
from handover.errors import Invalid, NotFound
from handover.narratives import best
from handover.permissions import Permission
from indicators.actions import drafts, entries, submissions, values
from indicators.actions.batches import Batch
from indicators.models import Feed, Indicator, Submission
from indicators.queries import feeds
from indicators.queries.feeds import Proposal
from interventions.queries import feeding
from interventions.queries.record_kinds import kind_named, measure_named


@dataclass(frozen=True)
class Reported:
    """What became of a proposal: a batch of one value that counts, or a submission that somebody hands in."""

    proposal: Proposal
    batch: Batch | None = None
    submission: Submission | None = None


@action
def define(
    *,
    by: Actor,
    indicator_uuid: UUID,
    record: str,
    measure: str,
    filters: Mapping[str, object] | None = None,
    version: int | None = None,
) -> Feed:
    """Say from which records an indicator is counted, and by what. An indicator has one feed: a second one replaces it.

    Args:
        filters: texts by field; several of a field's own words (or UUIDs) with commas between.
        version: of the feed that is replaced; ``None`` for the one that is there.

    Raises:
        NotFound, NotAllowed: the actor may not define this indicator.
        Stale: somebody else replaced the feed.
        Invalid: there are no such records, measure, field or word, or the measure cannot be what the indicator counts.
    """
    indicator = entries.indicator_for(by, indicator_uuid, may=Permission.DEFINE_INDICATORS)
    kind = kind_named(record)
    feeds.fits(indicator, kind, measure_named(kind, measure))
    said = {
        "record": record,
        "measure": measure,
        "filters": feeding.filters_checked(indicator.programme, kind, filters or {}),
    }
    Indicator.objects.select_for_update(no_key=True).get(pk=indicator.pk)
    row = feeds.feed_of(indicator)
    before = {name: getattr(row, name) for name in said} if row else {}
    if row is None:
        row = Feed(programme=indicator.programme, indicator=indicator, **said)
        entries.checked(row)
        row.save()
    else:
        row.change(version=row.version if version is None else version, **said)
    _record("feed.defined", by, indicator, {**said, "before": before, "feed": row.uuid})
    return row


@action
def remove(*, by: Actor, indicator_uuid: UUID) -> None:
    """Count an indicator from records no longer. What was reported stays.

    Raises:
        NotFound: the actor may not read the indicator, or it has no feed.
        NotAllowed: the actor may not define this indicator.
    """
    indicator = entries.indicator_for(by, indicator_uuid, may=Permission.DEFINE_INDICATORS)
    row = _feed(indicator)
    said = {"record": row.record, "measure": row.measure, "filters": row.filters, "feed": row.uuid}
    row.delete()
    _record("feed.removed", by, indicator, said)


@action
def report(
    *, by: Actor, indicator_uuid: UUID, starts_on: dt.date, ends_on: dt.date, reason: str = ""
) -> Reported:
    """Report what the records of a period come to, as anybody reports a value; its comment says from which records.

    Where somebody must approve values, it becomes a submission of the actor's own. Where a value stands already it is
    corrected, with the reason.

    Raises:
        NotFound: the actor may not read the indicator, or it has no feed.
        NotAllowed: the actor may not report it.
        Invalid: there is nothing to count, people would count twice, the value stands already, it is another one and no
            reason is given, or values by group stand there, which make the total.
    """
    indicator = entries.indicator_for(by, indicator_uuid, may=entries.REPORT)
    cutoff = access.reach(by, indicator.programme).cutoff
    found = feeds.proposal(_feed(indicator), starts_on, ends_on, cutoff=cutoff)
    _refuse(indicator, found)
    done = _submitted(by, indicator, found, reason) if indicator.approval else _entered(by, found, reason)
    _record(
        "feed.reported",
        by,
        indicator,
        {
            "feed": found.feed.uuid,
            "starts_on": starts_on,
            "ends_on": ends_on,
            "value": found.value,
            "records": [{"uuid": row.uuid, "version": row.version} for row in found.tally.counted],
            "batch": done.batch.uuid if done.batch else None,
            "submission": done.submission.uuid if done.submission else None,
        },
    )
    return done


def _feed(indicator: Indicator) -> Feed:
    row = feeds.feed_of(indicator)
    if row is None:
        raise NotFound("feed")
    return row


def _refuse(indicator: Indicator, found: Proposal) -> None:
    title = best(indicator.title)
    if found.value is None:
        raise Invalid(
            "nothing_recorded",
            f"There is nothing to report for “{title}”: {found.sentence}. No record is not nought.",
            field="period",
        )
    if found.grouped:
        raise Invalid(
            "reported_by_groups",
            f"Values of “{title}” by group or place are there for this period: its total is made of them.",
            field="period",
        )
    if found.agrees:
        raise Invalid(
            "already_reported",
            f"{decimal_text(found.value)} stands there already for “{title}”.",
            field="period",
        )


def _entered(by: Actor, found: Proposal, reason: str) -> Reported:
    if found.reported is not None:
        batch = values.correct(
            by=by, value_uuid=found.reported.uuid, reason=reason, value=found.value, comment=found.comment
        )
    else:
        row = values.Reported(value=found.value, comment=found.comment)
        batch = values.report(
            by=by,
            indicator_uuid=found.feed.indicator.uuid,
            starts_on=found.first,
            ends_on=found.last,
            rows=[row],
        )
    return Reported(found, batch=batch)


def _submitted(by: Actor, indicator: Indicator, found: Proposal, reason: str) -> Reported:
    begun = submissions.draft(
        by=by, programme_uuid=indicator.programme.uuid, title=f"{best(indicator.title)}, from records"
    )
    row = drafts.Row(
        indicator=indicator.uuid,
        starts_on=found.first,
        ends_on=found.last,
        value=found.value,
        comment=found.comment,
        reason=reason,
    )
    put = drafts.put(by=by, submission_uuid=begun.uuid, version=begun.version, rows=[row])
    return Reported(found, submission=put)


def _record(verb: str, by: Actor, indicator: Indicator, data: Mapping[str, object]) -> None:
    ledger.record(verb=verb, by=by, programme=indicator.programme, subject=indicator.uuid, data=data)
