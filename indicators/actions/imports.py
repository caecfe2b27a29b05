"""Imports of many values: a preview that writes nothing, then all of them or none.

Both walk the same way: rows copied as text, names resolved, rows checked, then held against what stands. A file that
comes twice changes nothing; a value that changes becomes a revision with a reason; one that somebody else changed after
the file was made is a conflict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from handover import access
from handover.access import Actor, asking
from handover.actions import action
from handover.models import Programme
from handover.permissions import Permission
from indicators.actions import (
    barring,
    batches,
    comparisons,
    entries,
    provenance,
    value_checks,
    value_files,
    value_names,
)
from indicators.actions.batches import SHOWN, Batch, Problem, Problems
from indicators.actions.comparisons import Comparison
from indicators.actions.value_files import DIMENSIONS, File


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What is to be imported.

    ``lines`` is a CSV file, line by line, as an open file gives it. The first line names the columns:
    ``indicator,start,end,value`` and any of ``value_files.OPTIONAL`` and of ``dimensions``, in any order, separated by
    commas (or by semicolons). Dates are ISO 8601, numbers have a point.

    ``indicators`` and ``places`` say what the file's names mean. A UUID means itself, ``RO:12345`` (country and code) a
    place, an empty place none. ``dimensions`` are the columns that disaggregate; an empty field leaves its own out.
    """

    lines: Iterable[str]
    indicators: Mapping[str, UUID] = field(default_factory=dict)
    places: Mapping[str, UUID] = field(default_factory=dict)
    dimensions: Sequence[str] = DIMENSIONS
    reason: str = ""
    """Why values change, where a row does not say so itself."""
    elsewhere: Sequence[Problem] = ()
    """What was wrong before the lines were written; complete once they were read."""
    shown: int = SHOWN


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an import did, or would do: rows by kind, everything that is wrong, and what is worth knowing."""

    new: int
    same: int
    changed: int
    conflicts: int
    refused: int
    """Lines that cannot be taken, conflicts not among them."""
    problems: Problems
    notes: Sequence[str] = ()
    batch: Batch | None = None

    @property
    def count(self) -> int:
        """Give how many values were entered."""
        return self.batch.count if self.batch else 0

    @property
    def uuid(self) -> UUID | None:
        """Give the batch's UUID, if there is one."""
        return self.batch.uuid if self.batch else None

    def as_json(self) -> dict[str, object]:
        """Give it as a JSON object."""
        return {
            "new": self.new,
            "changed": self.changed,
            "same": self.same,
            "conflicts": self.conflicts,
            "refused": self.refused,
            "entered": self.count,
            "batch": self.uuid,
            "notes": list(self.notes),
            "problems": [problem.as_json() for problem in self.problems.shown],
            "problems_in_all": self.problems.total,
        }


def preview(*, by: Actor, programme_uuid: UUID, rows: Rows) -> Outcome:
    """Tell what an import would do: what is new, changed, the same, refused. Nothing is written.

    Raises:
        NotFound, NotAllowed: the actor may not report at least one of the indicators.
        Invalid: the lines are no CSV of these columns.
    """
    with asking(by):
        programme = access.programme_for(by, programme_uuid, may=Permission.VIEW)
        outcome, _ = _prepare(programme, rows, by=by, repeats=True)
        batches.drop("indicators_staged")
        return outcome


@action
def apply(*, by: Actor, programme_uuid: UUID, rows: Rows) -> Outcome:
    """Import values: all of them, or none.

    Raises:
        NotFound, NotAllowed: the actor may not report at least one of the indicators.
        Invalid: everything that is wrong, each with its line; nothing was imported.
    """
    programme = access.programme_for(by, programme_uuid, may=Permission.VIEW)
    outcome, file = _prepare(programme, rows, by=by)
    batches.refuse(outcome.problems)
    if not outcome.new + outcome.changed:
        batches.drop("indicators_staged")
        return outcome
    data = {"new": outcome.new, "changed": outcome.changed, "same": outcome.same} if outcome.changed else {}
    sourced = "source" in file.columns
    if sourced:
        provenance.note_staged()
    verb = batches.CORRECTED if outcome.changed else batches.REPORTED
    batch = batches.enter(programme, by=by, verb=verb, data=data)
    if sourced:
        provenance.enter(programme, by=by)
    return Outcome(
        new=outcome.new,
        same=outcome.same,
        changed=outcome.changed,
        conflicts=0,
        refused=0,
        problems=outcome.problems,
        notes=outcome.notes,
        batch=batch,
    )


def _prepare(programme: Programme, rows: Rows, *, by: Actor, repeats: bool = False) -> tuple[Outcome, File]:
    """Stage the rows, check and compare them. ``repeats``: look for rows that stand twice, which entering finds too."""
    file = value_files.read(rows.lines, dimensions=rows.dimensions)
    known = value_names.resolve(programme, file, indicators=rows.indicators, places=rows.places)
    entries.ask(by, programme, known.asked, may=entries.REPORT)
    barred = barring.barred(programme, file, known)
    staged = value_checks.stage(file, known, barred=barred, shown=rows.shown)
    wrong = staged.problems
    if wrong.total or repeats:
        wrong += value_files.by_line_of_the_file(file, batches.repeated())
    cutoff = access.reach(by, programme).cutoff
    if known.asked:
        compared = comparisons.compare(
            programme,
            staged=staged.rows,
            reason=rows.reason.strip(),
            comments="comment" in file.columns,
            seen="revision" in file.columns,
            cutoff=cutoff,
            shown=rows.shown,
        )
    else:
        compared = Comparison(staged.rows, 0, 0, 0, Problems([], 0))
    apart = barring.parts_and_totals(programme, known, cutoff=cutoff)
    wrong += value_files.by_line_of_the_file(file, compared.problems + apart.problems)
    before = Problems(list(rows.elsewhere[: rows.shown]), len(rows.elsewhere))
    value_files.forget()
    outcome = Outcome(
        new=compared.new,
        same=compared.same,
        changed=compared.changed,
        conflicts=compared.conflicts,
        refused=staged.lines + (compared.problems.total - compared.conflicts) + len(rows.elsewhere),
        problems=before + wrong,
        notes=apart.notes,
    )
    return outcome, file
