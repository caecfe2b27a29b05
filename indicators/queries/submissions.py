"""Submissions as they stand: who may read which, what their rows would become, and whether they are as recorded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_noop

from handover import access
from handover.access import Actor
from handover.errors import NotFound
from handover.holdings import Finding, LeftOpen
from handover.models import Programme, Responsibility, User
from handover.names import read
from handover.permissions import Permission
from handover.queries.chains import digest_text, malformed, uuid_text
from handover.queries.conservation import row_digest_sql
from indicators.models import Draft, Indicator, Submission
from indicators.models.codes import SubmissionState

OPEN: Final = (SubmissionState.DRAFT, SubmissionState.SUBMITTED, SubmissionState.RETURNED)
"""States from which something can still come."""

UNFINISHED: Final = gettext_noop("figures not handed in yet")
"""What an unfinished submission is called where its author leaves."""

VERBS: Final[Mapping[str, SubmissionState]] = {
    "submission.submitted": SubmissionState.SUBMITTED,
    "submission.approved": SubmissionState.APPROVED,
    "submission.returned": SubmissionState.RETURNED,
    "submission.withdrawn": SubmissionState.WITHDRAWN,
}
"""What the ledger calls a step, and where it leads."""


class Slot(NamedTuple):
    """What a draft would be a value of. Keys of the database, and the dates of the period."""

    indicator_id: int
    starts_on: dt.date
    ends_on: dt.date
    place_id: int | None
    cell: str
    position: int


SLOT: Final = ("indicator_id", "starts_on", "ends_on", "place_id", "cell", "position")
"""Names of what makes a slot, as a draft has them."""


@dataclass(frozen=True)
class Standing:
    """The value that stands in a slot now."""

    uuid: UUID
    revision: int
    value_text: str | None
    reporter_name: str
    organisation_name: str
    recorded_at: dt.datetime


@dataclass(frozen=True)
class DraftRow:
    """A draft, and what stands now where it would go."""

    draft: Draft
    now: Standing | None

    @property
    def collides(self) -> bool:
        """Tell whether a value was entered since the draft was put."""
        return self.now is not None and self.now.revision >= self.draft.revision


@dataclass(frozen=True)
class Listed:
    """A submission in a list."""

    submission: Submission
    drafts: int
    may_decide: bool
    """Whether the reader holds what approving asks, for all that it has rows of, and it is not their own."""


def submission_for(actor: Actor, uuid: UUID) -> Submission:
    """Fetch a submission that is open to an actor: of their own organisation, or handed in and theirs to look at.

    Raises:
        NotFound: there is none, or not for this actor.
    """
    rows = Submission.objects.select_related("programme", "organisation", "drafted_by")
    found = rows.filter(uuid=uuid).order_by("id").first()
    if found is None:
        raise NotFound("submission")
    programme = access.authorise(actor, found.programme, None, may=Permission.VIEW)
    if not visible(actor, programme).filter(pk=found.pk).exists():
        raise NotFound("submission")
    return found


def visible(actor: Actor, programme: Programme) -> QuerySet[Submission]:
    """Give the submissions of a programme that an actor may read.

    Their own organisation's always; those of others once they were handed in, if the actor may approve values there or
    reads the ledger. What was handed in after the actor's cut-off is not shown.
    """
    reach = access.reached(actor, programme)
    rows = Submission.objects.filter(programme=programme)
    own = Q(organisation=actor.organisation)
    if not (
        reach.permissions & {Permission.APPROVE_VALUES, Permission.READ_LEDGER} or _holds(actor, programme)
    ):
        return rows.filter(own)
    others = Q(submitted_at__isnull=False)
    if reach.cutoff is not None:
        others &= Q(submitted_at__lte=reach.cutoff)
    return rows.filter(own | others)


def listing(actor: Actor, programme: Programme, *, states: Collection[str] | None = None) -> list[Listed]:
    """List the submissions that an actor may read, the newest first; the queries grow with responsibilities alone."""
    rows = visible(actor, programme).select_related("organisation", "drafted_by")
    if states is not None:
        rows = rows.filter(state__in=states)
    found = list(rows.annotate(rows=Count("drafts")).order_by("-id"))
    asked: dict[int, set[int | None]] = {row.pk: set() for row in found}
    pairs = Draft.objects.filter(submission__in=[row.pk for row in found])
    for key, responsibility in pairs.values_list("submission_id", "indicator__responsibility_id").distinct():
        asked[key].add(responsibility)
    held = _approved_by(actor, programme, {key for keys in asked.values() for key in keys})
    return [
        Listed(
            submission=row,
            drafts=int(getattr(row, "rows", 0)),
            may_decide=row.state == SubmissionState.SUBMITTED
            and row.drafted_by_id != actor.user.pk
            and asked[row.pk] <= held,
        )
        for row in found
    ]


def _approved_by(actor: Actor, programme: Programme, asked: set[int | None]) -> set[int | None]:
    """Give those of the responsibilities (``None``: the programme itself) for which an actor may approve values."""
    held: set[int | None] = set()
    if None in asked and Permission.APPROVE_VALUES in access.permissions_on(actor, programme):
        held.add(None)
    for row in Responsibility.objects.filter(pk__in=[key for key in asked if key is not None]).select_related(
        "programme"
    ):
        if Permission.APPROVE_VALUES in access.permissions_on(actor, row):
            held.add(row.pk)
    return held


def _holds(actor: Actor, programme: Programme) -> bool:
    """Tell whether an actor may approve values of any responsibility on which indicators hang."""
    keys = Indicator.objects.filter(programme=programme, responsibility__isnull=False)
    return bool(
        _approved_by(actor, programme, set(keys.values_list("responsibility_id", flat=True).distinct()))
    )


def rows(submission: Submission, *, cutoff: dt.datetime | None = None) -> list[DraftRow]:
    """Give the drafts of a submission in their order, each with what stands now, in two queries.

    Args:
        cutoff: ``Reach.cutoff`` of whoever reads: what was recorded after it does not show.
    """
    drafts = list(
        Draft.objects.filter(submission=submission)
        .select_related("indicator__responsibility", "place", "source")
        .order_by("id")
    )
    standing = standing_now([slot_of(draft) for draft in drafts], cutoff=cutoff)
    return [DraftRow(draft=draft, now=standing.get(slot_of(draft))) for draft in drafts]


def slot_of(draft: Draft) -> Slot:
    """Give the slot that a draft would fill."""
    return Slot(
        draft.indicator_id, draft.starts_on, draft.ends_on, draft.place_id, draft.cell, draft.position
    )


def standing_now(slots: Sequence[Slot], *, cutoff: dt.datetime | None = None) -> dict[Slot, Standing]:
    """Give the value that stands in each of these slots, where there is one, in one query."""
    if not slots:
        return {}
    columns = [list(column) for column in zip(*slots, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, {**dict(zip(SLOT, columns, strict=True)), "cutoff": cutoff})
        return {
            slots[n - 1]: Standing(uuid, revision, text, read(reporter), *rest)
            for n, uuid, revision, text, reporter, *rest in cursor.fetchall()
        }


_STANDING = """
WITH slot AS (
  SELECT * FROM unnest(%(indicator_id)s::bigint[], %(starts_on)s::date[], %(ends_on)s::date[], %(place_id)s::bigint[],
                       %(cell)s::text[], %(position)s::int[])
    WITH ORDINALITY AS slot (indicator_id, starts_on, ends_on, place_id, cell, position, n)
), span AS MATERIALIZED (
  SELECT DISTINCT ON (p.indicator_id, p.starts_on, p.ends_on) p.indicator_id, p.starts_on, p.ends_on, p.id
    FROM indicators_period p WHERE p.indicator_id = ANY (%(indicator_id)s::bigint[])
   ORDER BY p.indicator_id, p.starts_on, p.ends_on, p.position, p.id
)
SELECT DISTINCT ON (slot.n)
       slot.n, v.uuid, v.revision, v.value_text, handover_named(v.reporter_name), v.organisation_name, v.recorded_at
  FROM slot JOIN span USING (indicator_id, starts_on, ends_on)
  JOIN indicators_value v ON v.period_id = span.id AND v.cell = slot.cell AND v.position = slot.position
   AND v.place_id IS NOT DISTINCT FROM slot.place_id
   AND (%(cutoff)s::timestamptz IS NULL OR v.recorded_at <= %(cutoff)s)
 ORDER BY slot.n, v.revision DESC
"""
"""What is drafted for dates joins the first period of these dates, as a report does."""


def open_lines(programme: Programme) -> Iterator[str]:
    """Tell the submissions under way, one line each: for whoever takes the programme over."""
    found = Submission.objects.filter(programme=programme, state__in=OPEN).exclude(
        state=SubmissionState.DRAFT
    )
    for row in found.annotate(rows=Count("drafts")).order_by("id"):
        name = f"“{row.title}”" if row.title else str(row.uuid)
        yield f"{name}: {getattr(row, 'rows', 0)} values, {row.get_state_display()}, by {row.organisation_name}"


def unfinished_of(actor: Actor, user: User) -> QuerySet[Submission]:
    """Give the submissions of an organisation that hang on one person: only their author fills and hands them in."""
    return (
        Submission.objects.filter(
            organisation=actor.organisation,
            drafted_by=user,
            state__in=(SubmissionState.DRAFT, SubmissionState.RETURNED),
        )
        .select_related("programme")
        .order_by("id")
    )


def unfinished(actor: Actor, user: User) -> list[LeftOpen]:
    """Tell them to whoever lets the person leave."""
    return [
        LeftOpen(UNFINISHED, row.uuid, row.title or str(row.uuid), row.programme.identifier)
        for row in unfinished_of(actor, user)
    ]


# --- against the ledger ---------------------------------------------------------------------------


def sealed_drafts(submission: Submission) -> tuple[int, str]:
    """Count and digest the drafts of a submission: what its entry in the ledger commits to."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_SEALED} WHERE t.submission_id = %s", [submission.pk])
        count, digest = cursor.fetchone() or (0, "")
    return int(count), str(digest)


_SEALED = f"""
SELECT count(t.id), encode(sha256(coalesce(string_agg({row_digest_sql(Draft)}, ''::bytea ORDER BY t.uuid), ''::bytea)),
       'hex')
  FROM indicators_draft t
"""


def verify(programme: Programme, entries: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Name the submissions that are not in the state, or have not the rows, that the ledger says."""
    state: dict[str, SubmissionState] = {}
    sealed: dict[str, tuple[int, str]] = {}
    for entry in entries:
        verb = str(entry.get("verb"))
        if verb not in VERBS:
            continue
        try:
            key, data = uuid_text(entry["subject"]), entry["data"]
            if verb == "submission.submitted":
                sealed[key] = (int(data["count"]), digest_text(data["digest"]))
        except (KeyError, TypeError, ValueError, AttributeError):
            yield malformed(entry)
            continue
        state[key] = VERBS[verb]
    rows = {str(row.uuid): row for row in Submission.objects.filter(programme=programme).order_by("uuid")}
    now = _sealed_now(programme)
    moved = {key for key, row in rows.items() if row.state != SubmissionState.DRAFT or row.submitted_at}
    for key in sorted(moved | state.keys()):
        row, said = rows.get(key), state.get(key)
        name = f"submission {key}"
        if row is None:
            yield Finding("submission_missing", f"The {name} is gone.", name)
        elif row.state != said:
            yield Finding("submission_changed", f"The {name} is not in the state that was recorded.", name)
        elif said in _FROZEN and now.get(key, (0, _NOTHING)) != sealed.get(key):
            yield Finding("submission_changed", f"The rows of {name} are not what was submitted.", name)


_FROZEN: Final = frozenset({SubmissionState.SUBMITTED, SubmissionState.APPROVED})
"""States in which the rows are those that were submitted."""

_NOTHING: Final = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""SHA-256 of nothing."""


def _sealed_now(programme: Programme) -> dict[str, tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT s.uuid, sealed.* FROM indicators_submission s
             CROSS JOIN LATERAL ({_SEALED} WHERE t.submission_id = s.id) sealed
             WHERE s.programme_id = %s AND s.submitted_at IS NOT NULL
            """,
            [programme.pk],
        )
        return {str(uuid): (int(count), str(digest)) for uuid, count, digest in cursor.fetchall()}
