"""`handover statement`: sustainability reports, audit files and the view over all handovers, as files."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from uuid import UUID

from handover.errors import Invalid
from handover.exchange import statements
from handover.exchange.statements import Statement
from handover.management.base import PROGRAMME, Call, Steps, StepsCommand, Told, argument
from handover.management.files import write_whole
from handover.models import AuditEngagement
from handover.queries.paper_blocks import CODES
from handover.queries.statements.sections import Form

TO: Final = argument(
    "--to",
    type=Path,
    required=True,
    metavar="FILE",
    help="where it is written; its ending says as what: .pdf, .xlsx or .json",
)
LANGUAGE: Final = argument(
    "--language",
    action="append",
    default=[],
    choices=list(CODES),
    help="a language of the words, twice for a paper in two; left out: English",
)

steps = Steps()


class Command(StepsCommand):
    """Write statements."""

    help = (
        "Statements of the years after a handover: the sustainability report of a programme, the file of an audit, "
        "and the view over all handovers, as a paper, a workbook, or a document for machines."
    )
    steps = steps


@steps.add("sustainability", PROGRAMME, TO, LANGUAGE, reads=True)
def sustainability(call: Call) -> Told:
    """Write the sustainability report of a programme: checks, undertakings, obligations and warnings as of today."""
    made = statements.sustainability_report(
        call.by, call["programme"], form=_form(call["to"]), languages=call["language"]
    )
    return _written(call, made, "The sustainability report")


@steps.add(
    "audit",
    argument("audit", metavar="AUDIT", help="UUID of the audit, or its first 8 or more characters"),
    TO,
    LANGUAGE,
    reads=True,
)
def audit(call: Call) -> Told:
    """Write the file of an audit: what was asked, drawn and found. Drafts of findings never stand in it."""
    made = statements.audit_report(
        call.by, _audit(call["audit"]), form=_form(call["to"]), languages=call["language"]
    )
    return _written(call, made, "The audit file")


@steps.add("portfolio", TO, LANGUAGE, reads=True)
def portfolio(call: Call) -> Told:
    """Write the view over all handovers that you may read, by whoever answers for the programmes now."""
    made = statements.portfolio(call.by, form=_form(call["to"]), languages=call["language"])
    return _written(call, made, "The view over all handovers")


def _form(path: Path) -> Form:
    """Tell from a file's ending as what it is wanted.

    Raises:
        Invalid: it has another ending.
    """
    try:
        return Form(path.suffix.removeprefix(".").lower())
    except ValueError as error:
        raise Invalid(
            "statement_form",
            f"{path.name} does not say as what: end it with .pdf, .xlsx or .json.",
            field="to",
        ) from error


def _audit(key: str) -> UUID:
    """Find an audit that a call names.

    Raises:
        Invalid: there is none, or more than one.
    """
    typed = key.strip().lower()
    rows: list[AuditEngagement] = []
    if len(typed) >= 8 and not set(typed) - set("0123456789abcdef-"):
        rows = list(AuditEngagement.objects.filter(uuid__startswith=typed)[:2])
    if len(rows) != 1:
        raise Invalid("unknown_audit", f"There is no one audit “{key}”.", field="audit")
    return rows[0].uuid


def _written(call: Call, made: Statement, what: str) -> Told:
    write_whole(call["to"], made.content)
    return Told(
        {
            "file": str(call["to"]),
            "form": made.form.value,
            "sha256": made.sha256,
            "digest": made.digest,
            "size": len(made.content),
        },
        [
            f"{what} is written to {call['to']} ({len(made.content)} bytes).",
            f"  SHA-256 of what it says: {made.digest}",
        ],
    )
