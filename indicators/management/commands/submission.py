"""`handover submission`: values that count once somebody else has approved them."""

from __future__ import annotations

from pathlib import Path

from handover import access
from handover.access import asking
from handover.management.base import PROGRAMME, VERSION_READ, Call, Steps, StepsCommand, Told, argument
from handover.management.tables import table
from handover.permissions import Permission
from indicators.actions import drafts, submissions
from indicators.management.submission.reading import rows_of
from indicators.management.submission.showing import (
    SUBMISSION,
    document,
    named,
    shown,
    submission_named,
    told,
)
from indicators.models.codes import SubmissionState
from indicators.queries.submissions import listing

steps = Steps()


class Command(StepsCommand):
    """Draw up, hand in, approve or return values."""

    help = (
        "Values that count once somebody else has approved them: draft a submission, put rows into it, submit it; "
        "somebody else approves or returns it."
    )
    steps = steps


@steps.add("draft", PROGRAMME, argument("--title", default="", metavar="TEXT"))
def draft(call: Call) -> Told:
    """Begin a submission. Only your organisation reads it until you hand it in."""
    with asking(call.by):
        programme = access.programme_for(call.by, call["programme"], may=Permission.VIEW)
    made = submissions.draft(by=call.by, programme_uuid=programme.uuid, title=call["title"])
    return told(call, made.uuid, "The submission is begun.")


@steps.add(
    "put",
    SUBMISSION,
    argument("file", type=Path, metavar="FILE", help="CSV with the columns of an export, one value a line"),
)
def put(call: Call) -> Told:
    """Put rows into your submission; a row of the same indicator, period, place and group is replaced."""
    with asking(call.by):
        found = submission_named(call)
        rows = rows_of(call["file"], found.programme)
    drafts.put(by=call.by, submission_uuid=found.uuid, version=found.version, rows=rows)
    count = len(rows)
    return told(
        call, found.uuid, f"{count} {'row is' if count == 1 else 'rows are'} in the submission.", put=count
    )


@steps.add("submit", SUBMISSION)
def submit(call: Call) -> Told:
    """Hand your submission in. From now on nobody changes its rows, until it is returned."""
    found = named(call)
    submissions.submit(by=call.by, submission_uuid=found.uuid, version=found.version)
    return told(call, found.uuid, "The submission is handed in; somebody else approves it.")


@steps.add("approve", SUBMISSION, VERSION_READ)
def approve(call: Call) -> Told:
    """Approve a submission that somebody else handed in: all its rows become values at once."""
    found = named(call)
    batch = submissions.approve(
        by=call.by,
        submission_uuid=found.uuid,
        version=found.version if call["read"] is None else call["read"],
    )
    said = "1 value counts now." if batch.count == 1 else f"{batch.count} values count now."
    return told(
        call,
        found.uuid,
        f"Approved: {said}",
        f"batch {batch.uuid}",
        batch={"uuid": batch.uuid, "count": batch.count, "digest": batch.digest},
    )


@steps.add(
    "return",
    SUBMISSION,
    argument("--note", required=True, metavar="TEXT", help="what its author should change"),
    VERSION_READ,
)
def return_(call: Call) -> Told:
    """Return a submission to its author, with a note."""
    found = named(call)
    version = found.version if call["read"] is None else call["read"]
    submissions.return_(by=call.by, submission_uuid=found.uuid, version=version, note=call["note"])
    return told(call, found.uuid, "The submission is returned to its author.")


@steps.add("withdraw", SUBMISSION)
def withdraw(call: Call) -> Told:
    """Withdraw a submission of your organisation that is not approved."""
    found = named(call)
    submissions.withdraw(by=call.by, submission_uuid=found.uuid, version=found.version)
    return told(call, found.uuid, "The submission is withdrawn.")


@steps.add("show", SUBMISSION, reads=True)
def show(call: Call) -> Told:
    """Show a submission: its rows, and what stands now where they would go."""
    return shown(call, submission_named(call))


@steps.add(
    "list",
    PROGRAMME,
    argument("--state", choices=SubmissionState.values, help="only those in one state"),
    reads=True,
)
def list_all(call: Call) -> Told:
    """List the submissions of a programme that you may read."""
    programme = access.programme_for(call.by, call["programme"], may=Permission.VIEW)
    found = listing(call.by, programme, states=[call["state"]] if call["state"] else None)
    lines = [
        (
            str(item.submission.uuid)[:8],
            item.submission.state,
            item.drafts,
            item.submission.drafted_by_name,
            f"{item.submission.title or '–'}{' (yours to decide)' if item.may_decide else ''}",
        )
        for item in found
    ]
    empty = "There is no submission that you may read."
    return Told(
        {
            "submissions": [
                {
                    **document(item.submission, programme),
                    "drafts": item.drafts,
                    "may_decide": item.may_decide,
                }
                for item in found
            ]
        },
        [*table(("SUBMISSION", "STATE", "ROWS", "AUTHOR", "TITLE"), lines, empty=empty)],
    )
