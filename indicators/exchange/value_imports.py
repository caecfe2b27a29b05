"""Values out of the sheets that people have: how a file would be read, what an import would do, and the import itself.

A file in the toolkit's own form goes to the database as it is; a template says itself what its columns mean; any other
sheet is read by a proposal and by answers to what the proposal has to ask. Nothing is guessed silently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from handover import access, jobs
from handover.access import Actor, asking
from handover.errors import Invalid
from handover.models import Programme
from handover.permissions import Permission
from indicators.actions import imports
from indicators.actions.batches import ALREADY_REPORTED, REPEATED, SHOWN, Problem, Problems
from indicators.actions.imports import Outcome, Rows
from indicators.exchange import canonical_lines, looks, own_form, template_answers
from indicators.exchange.canonical_lines import Gathered, Located
from indicators.exchange.looks import How, Look
from indicators.exchange.own_form import OwnForm
from indicators.exchange.sheets.layouts import Counts, canonical_rows
from indicators.exchange.sheets.opening import Limits, Opened, open_file
from indicators.exchange.sheets.proposals import propose
from indicators.exchange.sheets.questions import Proposal
from indicators.exchange.sheets.vocabulary import Vocabulary
from indicators.exchange.tables import refusals
from indicators.queries import vocabulary
from indicators.queries.vocabulary import Names

OFTEN: Final = 5_000
"""Rows between two signs of life."""
READING: Final = "reading"
ENTERING: Final = "checking and entering"

Progress = jobs.Progress


@dataclass
class _Sheet:
    """An open file, and all that is needed to read it."""

    programme: Programme
    opened: Opened
    names: Names
    known: Vocabulary
    template: bool = False
    form: OwnForm | None = None
    proposal: Proposal | None = None
    counts: Counts = field(default_factory=Counts)
    located: Located = field(default_factory=Located)

    def look(self) -> Look:
        return Look(
            kind=self.opened.kind,
            sheet=self.opened.sheet,
            sheets=tuple(sheet.name for sheet in self.opened.sheets if not sheet.hidden),
            template=self.template,
            own_form=self.form,
            proposal=self.proposal,
            digest=self.opened.digest,
        )

    def rows(self, gathered: Gathered, reason: str, progress: Progress) -> Rows:
        """Give what is imported.

        Raises:
            Invalid: something has to be answered first.
        """
        if self.proposal is not None and self.proposal.questions:
            raise looks.asked(self.proposal)
        lines, dimensions = self._lines(gathered)
        return Rows(
            lines=_told(lines, progress),
            dimensions=dimensions,
            reason=reason,
            elsewhere=gathered,
            shown=gathered.shown,
        )

    def _lines(self, gathered: Gathered) -> tuple[Iterator[str], list[str]]:
        if self.proposal is None and self.form is not None:
            self.located = self.form.located()
            if own_form.raw(self.opened, self.form):
                return self.opened.lines(), self.form.axes
            return own_form.lines(self.opened, self.form, gathered), self.form.axes
        assert self.proposal is not None  # noqa: S101  it is one or the other
        plan = self.proposal.plan
        read = canonical_rows(self.opened, plan, self.known, self.counts)
        _, axes = canonical_lines.columns_of(plan)
        return canonical_lines.lines(plan, read, gathered, self.located, shares=self.names.shares), axes

    def notes(self, gathered: Gathered) -> list[str]:
        """Say what is worth knowing about how the file was read."""
        found = [note.sentence for note in (self.proposal.notes if self.proposal else self.opened.notes)]
        if self.proposal is None and self.form is not None:
            found += [
                f"The column “{name}” is read as groups of that name."
                for name in self.form.axes
                if name not in self.names.axes
            ]
        empty = gathered.empty + self.counts.empty
        for count, said in (
            (empty, "{} rows or cells without a value were left out."),
            (self.counts.totals_rows, "{} rows of totals were left out."),
            (self.counts.rounded, "{} numbers were rounded to 12 decimal places."),
        ):
            if count:
                found.append(said.format(f"{count:,}"))
        return found


def look(by: Actor, programme: UUID | str, path: Path, *, name: str, how: How | None = None) -> Look:
    """Tell how a file would be read, and what has to be answered first. Nothing is written.

    Raises:
        NotFound, NotAllowed: the actor may not read the programme.
        Invalid: the file cannot be read at all, or an answer answers nothing.
    """
    with _sheet(by, programme, path, name, how or How()) as sheet:
        return sheet.look()


def preview(
    by: Actor,
    programme: UUID | str,
    path: Path,
    *,
    name: str,
    how: How | None = None,
    shown: int = SHOWN,
    progress: Progress = jobs.silent,
) -> Outcome:
    """Tell what an import would do. Nothing is written.

    Raises:
        NotFound, NotAllowed: the actor may not report at least one of the indicators.
        Invalid: the file cannot be read at all, or something has to be answered first.
    """
    return _done(imports.preview, by, programme, path, name=name, how=how, shown=shown, progress=progress)


def apply(
    by: Actor,
    programme: UUID | str,
    path: Path,
    *,
    name: str,
    how: How | None = None,
    shown: int = SHOWN,
    progress: Progress = jobs.silent,
) -> Outcome:
    """Import a file: all of its values, or none.

    Raises:
        NotFound, NotAllowed: the actor may not report at least one of the indicators.
        Invalid: the file cannot be read at all; something has to be answered first (``questions``); or what is wrong,
            cell by cell (``values_refused``). Nothing was imported.
    """
    outcome = _done(imports.apply, by, programme, path, name=name, how=how, shown=shown, progress=progress)
    refuse(outcome.problems)
    return outcome


def refuse(problems: Problems) -> None:
    """Refuse an import that has problems.

    Raises:
        Invalid: there is at least one.
    """
    if not problems.total:
        return
    first = problems.shown[0]
    more = f" There are {problems.total - 1:,} more problems." if problems.total > 2 else ""
    more = " There is 1 more problem." if problems.total == 2 else more
    raise Invalid(
        "values_refused",
        f"Nothing was imported. {first.at or f'Line {first.line}'}: {first.sentence}{more}",
        problems=[problem.as_json() for problem in problems.shown],
        count=problems.total,
    )


def refusal_workbook(
    opened: Opened,
    problems: Iterable[Problem],
    out: Path,
    *,
    headings: Iterable[int] = (1,),
    lang: str = "en",
) -> refusals.Returned:
    """Write the refused rows as the same workbook, with why beside each row and at each cell.

    Args:
        headings: the rows that are headings; ``headings_of`` a look.
    """
    told = [(item.line, item.at.rstrip("0123456789") or None, item.code, item.sentence) for item in problems]
    rows = (
        (number, [cell if type(cell) is str else own_form.stored(cell) for cell in cells])
        for number, cells in opened.rows()
    )
    return refusals.workbook(rows, told, out, headings=headings, lang=lang)


def write_refused(
    by: Actor,
    programme: UUID | str,
    path: Path,
    problems: Iterable[Problem],
    out: Path,
    *,
    name: str,
    how: How | None = None,
    lang: str = "en",
) -> refusals.Returned:
    """Open a refused file again and write its refused rows."""
    with _sheet(by, programme, path, name, how or How()) as sheet:
        last = sheet.proposal.plan.header if sheet.proposal else 1
        return refusal_workbook(sheet.opened, problems, out, headings=range(1, last + 1), lang=lang)


def _done(
    work: Callable[..., Outcome],
    by: Actor,
    programme: UUID | str,
    path: Path,
    *,
    name: str,
    how: How | None,
    shown: int,
    progress: Progress,
) -> Outcome:
    how = how or How()
    gathered = Gathered(shown)
    with _sheet(by, programme, path, name, how) as sheet:
        rows = sheet.rows(gathered, how.reason, progress)
        try:
            outcome = work(by=by, programme_uuid=sheet.programme.uuid, rows=rows)
        except Invalid as error:
            if _found_late(error):
                # Entering found it, when nobody knew any more where it stood: a preview still does.
                gathered = Gathered(shown)
                again = sheet.rows(gathered, how.reason, jobs.silent)
                outcome = imports.preview(by=by, programme_uuid=sheet.programme.uuid, rows=again)
                if not outcome.problems.total:
                    raise
            else:
                outcome = _refused(error, gathered)
        return replace(
            outcome,
            problems=sheet.located.cells(outcome.problems),
            notes=[*sheet.notes(gathered), *outcome.notes],
        )


def _found_late(error: Invalid) -> bool:
    said: Any = error.details.get("problems", ())
    return error.code == "values_refused" and any(
        item["code"] in {REPEATED[0], ALREADY_REPORTED[0]} and "at" not in item for item in said
    )


def _refused(error: Invalid, gathered: Gathered) -> Outcome:
    """Make an outcome of a refusal, for its problems to be told by cell.

    Raises:
        Invalid: the refusal, where it is not about single values.
    """
    if error.code == "empty_file" and gathered.total:
        problems = Problems(gathered.kept, gathered.total)
    elif error.code == "values_refused":
        said: Any = error.details["problems"]
        count: Any = error.details["count"]
        problems = Problems([Problem(**item) for item in said], count)
    else:
        raise error
    return Outcome(new=0, same=0, changed=0, conflicts=0, refused=problems.total, problems=problems)


def _told(lines: Iterator[str], progress: Progress) -> Iterator[str]:
    """Pass lines on, and tell now and then how many there were."""
    count = 0
    for count, line in enumerate(lines):
        if not count % OFTEN:
            progress(count, None, READING)
        yield line
    progress(count, count, ENTERING)


@contextmanager
def _sheet(by: Actor, programme: UUID | str, path: Path, name: str, how: How) -> Iterator[_Sheet]:
    with asking(by):
        of = access.programme_for(by, programme, may=Permission.VIEW)
        names = vocabulary.names(of)
    known = template_answers.vocabulary_of(names)
    limits = Limits()
    opened = open_file(
        path, name=name, limits=limits, sheet=how.sheet, encoding=how.encoding, delimiter=how.delimiter
    )
    try:
        marks = template_answers.marks(opened, path)
        if marks is not None and how.sheet not in {None, template_answers.sheet_of(marks, opened)}:
            marks = None
        if marks is not None:
            template_answers.refuse_others(marks, of)
            known = template_answers.extended(known, marks)
            wanted = template_answers.sheet_of(marks, opened)
            if wanted is not None:
                opened.close()
                opened = open_file(path, name=name, limits=limits, sheet=wanted)
        sheet = _Sheet(of, opened, names, known, template=marks is not None)
        sheet.form = None if marks else own_form.found(opened)
        if sheet.form is None or how.answers:
            answers = {**template_answers.answers(opened, known, marks), **how.answers}
            sheet.form, sheet.proposal = None, propose(opened, vocabulary=known, answers=answers)
        yield sheet
    finally:
        opened.close()
