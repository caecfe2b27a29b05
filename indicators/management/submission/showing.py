"""What every step of a submission needs: finding it, and telling it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from handover import access
from handover.access import asking
from handover.canonical import decimal_text
from handover.errors import Invalid, NotFound
from handover.management.base import Call, Told, argument
from handover.management.tables import table
from handover.models import Programme
from handover.narratives import best
from handover.permissions import Permission
from indicators.models import Submission
from indicators.queries.submissions import DraftRow, rows, submission_for

SUBMISSION = argument("submission", metavar="SUBMISSION", help="UUID, or its first 8 or more characters")
SHORTEST = 8


def submission_named(call: Call) -> Submission:
    """Find the submission that a call names, inside ``asking``.

    Raises:
        NotFound: there is none that the actor may read.
        Invalid: several begin so, or the text is too short for a beginning.
    """
    text = str(call["submission"]).lower()
    try:
        return submission_for(call.by, UUID(text))
    except ValueError:
        pass
    if len(text) < SHORTEST or set(text) - set("0123456789abcdef-"):
        raise Invalid("no_such_key", f"“{text}” names no submission: give its UUID.", field="submission")
    reachable = Submission.objects.filter(programme__in=access.programme_ids(call.by, may=Permission.VIEW))
    open_to: list[Submission] = []
    for found in reachable.filter(uuid__startswith=text).order_by("id"):
        try:
            open_to.append(submission_for(call.by, found.uuid))
        except NotFound:
            continue
    if not open_to:
        raise NotFound("submission")
    if len(open_to) > 1:
        raise Invalid(
            "ambiguous", f"Several submissions begin with {text}: give the UUID.", field="submission"
        )
    return open_to[0]


def named(call: Call) -> Submission:
    """Find the submission that a call names, for whoever acts."""
    with asking(call.by):
        return submission_named(call)


def document(row: Submission, programme: Programme) -> dict[str, Any]:
    """Give a submission for machines."""
    return {
        "uuid": row.uuid,
        "title": row.title,
        "programme": programme.identifier,
        "state": str(row.state),
        "version": row.version,
        "organisation": row.organisation_name,
        "author": row.drafted_by_name,
        "drafted_at": row.drafted_at,
        "submitted_at": row.submitted_at,
        "decided_by": row.decided_by_name,
        "decided_at": row.decided_at,
        "note": row.note,
        "batch": row.batch,
    }


def row_document(item: DraftRow) -> dict[str, Any]:
    """Give a row for machines, with what stands there now."""
    row, now = item.draft, item.now
    return {
        "uuid": row.uuid,
        "indicator": row.indicator.uuid,
        "title": best(row.indicator.title),
        "start": row.starts_on,
        "end": row.ends_on,
        "place": row.place.uuid if row.place else None,
        "dimensions": row.dimensions,
        "value": row.value_text,
        "numerator": row.numerator,
        "denominator": row.denominator,
        "comment": best(row.comment) if row.comment else "",
        "revision": row.revision,
        "reason": row.reason,
        "source": row.source.uuid if row.source else None,
        "now": {"uuid": now.uuid, "revision": now.revision, "value": now.value_text} if now else None,
        "conflict": item.collides and row.submission.state != "approved",
    }


def told(call: Call, uuid: UUID, done: str, *lines: str, **more: Any) -> Told:
    """Tell what was done, and where the submission is now."""
    with asking(call.by):
        row = submission_for(call.by, uuid)
        about = document(row, row.programme)
    state = [f"  {row.title or 'submission'}: {row.get_state_display()}", f"  submission {row.uuid}"]
    return Told({"done": done, "submission": about, **more}, [done, *(f"  {line}" for line in lines), *state])


def shown(call: Call, row: Submission) -> Told:
    """Tell a submission with its rows, inside ``asking``."""
    reach = access.reach(call.by, row.programme)
    found = rows(row, cutoff=reach.cutoff)
    lines = [
        row.title or "A submission",
        f"  submission {row.uuid} of {row.programme.identifier}",
        f"  {row.get_state_display()}; by {row.drafted_by_name}, {row.organisation_name}",
    ]
    if row.submitted_at:
        lines.append(f"  handed in {row.submitted_at:%Y-%m-%d %H:%M} UTC")
    if row.decided_at:
        lines.append(f"  decided {row.decided_at:%Y-%m-%d %H:%M} UTC by {row.decided_by_name}")
    if row.note:
        lines.append(f"  note: {row.note}")
    if row.batch:
        lines.append(f"  batch {row.batch}")
    lines += [
        f"  {line}"
        for line in table(
            ("START", "END", "VALUE", "NOW", "GROUP", "INDICATOR"),
            _cells(found, decided=row.batch is not None),
            empty="It has no rows yet.",
        )
    ]
    about = document(row, row.programme)
    return Told({"submission": about, "rows": [row_document(item) for item in found]}, lines)


def _cells(found: Sequence[DraftRow], *, decided: bool) -> list[tuple[object, ...]]:
    cells: list[tuple[object, ...]] = []
    for item in found:
        row, now = item.draft, item.now
        value = decimal_text(row.value) if row.value is not None else (row.value_text or "")
        stands = (now.value_text or "") if now else "–"
        if item.collides and not decided:
            stands = f"{stands} (conflict)"
        group = ", ".join(part["value"] for part in row.dimensions) or "everybody"
        where = f"{group}, {row.place.name}" if row.place else group
        cells.append((row.starts_on, row.ends_on, value, stands, where, best(row.indicator.title)))
    return cells
