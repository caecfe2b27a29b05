"""The rows of a submission: put and removed by its author while it is not handed in. They count for nothing yet."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from handover import access
from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid
from handover.models import Programme
from handover.models.base import notice_personal_data
from indicators.actions import batches, entries, submission_checks, submissions, values
from indicators.actions.batches import Problem, Problems
from indicators.models import Draft, Indicator, SourceSeries, Submission
from indicators.queries.submissions import SLOT, Slot, Standing, slot_of, standing_now

MOST: Final = 50_000
"""Rows of one submission: somebody looks through them. Whatever is larger is an import."""

JSON: Final = frozenset({"dimensions", "comment", "locations", "documents", "extra"})


@dataclass(frozen=True, kw_only=True)
class Row(values.Reported):
    """One value as it is drafted. Where one stands already it is a correction, and needs a reason.

    ``revision`` is the revision that its author had before them (0: none); where it is given and another one stands by
    now, the row is refused.
    """

    indicator: UUID
    starts_on: dt.date
    ends_on: dt.date
    reason: str = ""
    source: UUID | None = None
    revision: int | None = None


@action
def put(*, by: Actor, submission_uuid: UUID, version: int, rows: Sequence[Row]) -> Submission:
    """Put rows into a submission; one of the same indicator, period, place and group is replaced. All of them, or none.

    Raises:
        NotFound, NotAllowed: it is not the actor's own, or they may not report one of the indicators.
        Stale: it was changed since.
        Refused: it is handed in or closed.
        Invalid: rows that are wrong; all are named by their number, from 1.
    """
    submission = submissions.locked(by, submission_uuid, version, "submit", may=entries.REPORT)
    submissions.authored(by, submission)
    if not rows:
        raise Invalid("nothing_to_report", "There is nothing to report.", field="rows")
    known = _known(submission.programme, rows)
    entries.ask(by, submission.programme, set(known.indicators.values()), may=entries.REPORT)
    drafts = _drafts(submission, rows, known, cutoff=access.reach(by, submission.programme).cutoff)
    for draft in drafts:
        notice_personal_data(draft)
    changed = [*(name for name in _COLUMNS if name not in SLOT), "source"]
    Draft.objects.bulk_create(drafts, update_conflicts=True, unique_fields=_KEY, update_fields=changed)
    if Draft.objects.filter(submission=submission).count() > MOST:
        raise Invalid(
            "too_many_rows", f"A submission has at most {MOST} rows: import them instead.", field="rows"
        )
    return submission.change(version=version)


@action
def remove(*, by: Actor, submission_uuid: UUID, version: int, draft_uuids: Sequence[UUID]) -> Submission:
    """Take rows out of a submission again.

    Raises:
        NotFound, NotAllowed: it is not the actor's own.
        Stale: it was changed since.
        Refused: it is handed in or closed.
        Invalid: a row that it does not have.
    """
    submission = submissions.locked(by, submission_uuid, version, "submit", may=entries.REPORT)
    submissions.authored(by, submission)
    wanted = set(draft_uuids)
    found = Draft.objects.filter(submission=submission, uuid__in=wanted)
    if not wanted or found.count() != len(wanted):
        raise Invalid("unknown_row", "The submission has no such row.", field="rows")
    found.delete()
    return submission.change(version=version)


@dataclass(frozen=True)
class _Known:
    """What the rows refer to, by UUID."""

    indicators: Mapping[UUID, Indicator]
    places: Mapping[UUID, int]
    sources: Mapping[UUID, SourceSeries]


def _known(programme: Programme, rows: Sequence[Row]) -> _Known:
    """Read what the rows refer to, in three queries.

    Raises:
        Invalid: an indicator or a source series that the programme does not have, or a place that is not there.
    """
    indicators = Indicator.objects.filter(programme=programme, uuid__in={row.indicator for row in rows})
    named = {row.source for row in rows if row.source is not None}
    sources = SourceSeries.objects.filter(programme=programme, uuid__in=named) if named else ()
    known = _Known(
        indicators={item.uuid: item for item in indicators.select_related("responsibility", "programme")},
        places=entries.places(row.place for row in rows),
        sources={item.uuid: item for item in sources},
    )
    problems = [
        Problem(line, code, sentence)
        for line, row in enumerate(rows, start=1)
        for code, sentence in _unknown(row, known)
    ]
    batches.refuse(Problems(problems[: batches.SHOWN], len(problems)))
    return known


def _unknown(row: Row, known: _Known) -> Iterator[tuple[str, str]]:
    if row.indicator not in known.indicators:
        yield "unknown_indicator", f"There is no indicator “{row.indicator}” in this programme."
    if row.source is not None and row.source not in known.sources:
        yield "unknown_source", f"There is no source series “{row.source}” in this programme."


def _drafts(
    submission: Submission, rows: Sequence[Row], known: _Known, *, cutoff: dt.datetime | None
) -> list[Draft]:
    """Turn rows into drafts, each with the revision that it would become.

    Raises:
        Invalid: the numbers of all rows that are wrong.
    """
    drafts: list[tuple[int, Row, Slot, Draft]] = []
    problems: list[Problem] = []
    seen: set[Slot] = set()
    for line, row in enumerate(rows, start=1):
        try:
            columns = _columns(row, known)
        except Invalid as error:
            problems.append(Problem(line, error.code, error.sentence))
            continue
        draft = Draft(programme=submission.programme, submission=submission, **columns)
        slot = slot_of(draft)
        if slot in seen:
            problems.append(Problem(line, *batches.REPEATED))
        seen.add(slot)
        drafts.append((line, row, slot, draft))
    standing = standing_now([slot for _, _, slot, _ in drafts])
    for line, row, slot, draft in drafts:
        now = standing.get(slot)
        draft.revision = now.revision + 1 if now else 1
        problems += [Problem(line, *wrong) for wrong in _contradictions(row, now, cutoff)]
    batches.refuse(Problems(sorted(problems)[: batches.SHOWN], len(problems)))
    found = [draft for *_, draft in drafts]
    submission_checks.refuse_contradictions(submission.programme, found)
    return found


def _columns(row: Row, known: _Known) -> dict[str, Any]:
    """Check one row as a report would, and give the columns of its draft.

    Raises:
        Invalid: what is wrong with it.
    """
    indicator = known.indicators[row.indicator]
    entries.span(row.starts_on, row.ends_on)
    columns = values.columns(indicator, row, known.places)
    return {
        **{
            name: json.loads(item) if name in JSON else item
            for name, item in columns.items()
            if name in _COLUMNS
        },
        "indicator": indicator,
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "reason": row.reason.strip(),
        "source": known.sources[row.source] if row.source is not None else None,
    }


def _contradictions(row: Row, now: Standing | None, cutoff: dt.datetime | None) -> Iterator[tuple[str, str]]:
    """Say what is wrong with a row, given what stands in its place."""
    if now is not None and cutoff is not None and now.recorded_at > cutoff:
        yield (
            "recorded_after_view",
            "A value is there that was recorded after your view ended: whoever answers for it now corrects it.",
        )
    elif row.revision is not None and row.revision != (now.revision if now else 0):
        said = f"revision {now.revision}, {now.value_text}, by {now.reporter_name}" if now else "nothing"
        yield "entered_meanwhile", f"It was changed in the meantime: there stands {said}."
    elif now is not None and not row.reason.strip():
        yield (
            "reason_missing",
            f"{now.value_text} stands here already, reported by {now.reporter_name}: a correction needs a reason.",
        )


_COLUMNS: Final = tuple(
    name
    for field in Draft._meta.concrete_fields
    if (name := field.attname)
    not in {"id", "uuid", "programme_id", "submission_id", "source_id", "indicator_id"}
)
_KEY: Final = ("submission", "indicator", "starts_on", "ends_on", "cell", "place", "position")
