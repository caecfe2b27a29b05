"""`handover import_values PROGRAMME FILE`: values from CSV and workbooks, after a preview, all or none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from django.core.management.base import CommandParser

from handover.access import asking
from handover.errors import Invalid
from handover.management.base import ActorCommand, Call, Told
from handover.queries.jobs import job_for, status
from indicators import jobs
from indicators.actions.batches import SHOWN, Problems
from indicators.actions.imports import Outcome
from indicators.exchange import value_imports
from indicators.exchange.looks import How
from indicators.management.bars import Bar
from indicators.management.taking_out import written_beside

TOLD: Final = 20
"""Problems that people are shown; a workbook or JSON has them all."""
RETURNED: Final = 100_000
"""Problems at most that a workbook of refused rows explains."""


class Command(ActorCommand):
    """Import values."""

    help = (
        "Import values from CSV, XLSX or ODS: an export, a template, or a sheet of your own, with periods in columns or"
        " in rows. It is previewed first; then all of it is imported, or nothing. What a sheet does not say is asked,"
        " never guessed: give the answers as options. The same file twice changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add what to import, and how it is to be read."""
        parser.add_argument("programme", nargs="?", metavar="PROGRAMME", help="UUID or identifier")
        parser.add_argument("file", nargs="?", type=Path, metavar="FILE")
        parser.add_argument("--preview", action="store_true", help="only tell what would happen")
        parser.add_argument("--yes", action="store_true", help="import at once, without the preview before")
        parser.add_argument(
            "--reason", default="", metavar="TEXT", help="why values change that are there already"
        )
        parser.add_argument(
            "--refused", type=Path, metavar="FILE.xlsx", help="write the refused rows there, each with why"
        )
        parser.add_argument("--force", action="store_true", help="replace the file of refused rows")
        parser.add_argument("--later", action="store_true", help="let a worker do it; tells the job")
        parser.add_argument("--job", metavar="UUID", help="tell how far an import by a worker has come")
        self._add_reading(parser)
        super().add_arguments(parser)

    @staticmethod
    def _add_reading(parser: CommandParser) -> None:
        parser.add_argument("--sheet", metavar="NAME", help="of a workbook")
        parser.add_argument("--encoding", metavar="NAME", help="of a CSV file, such as cp1250")
        parser.add_argument("--layout", choices=("long", "wide"), help="periods in rows, or in columns")
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="COLUMN=ROLE",
            help="what a column is, by letters or heading: Valoare=value, D=dimension=gender, E=period=2026Q1",
        )
        parser.add_argument("--decimal", choices=(",", "."), help="decimal mark of all columns")
        order = parser.add_mutually_exclusive_group()
        order.add_argument(
            "--day-first", action="store_const", dest="dates", const="day-first", help="31.03.2026"
        )
        order.add_argument(
            "--month-first", action="store_const", dest="dates", const="month-first", help="03/31/2026"
        )
        parser.add_argument("--period", metavar="PERIOD", help="of all values: 2026Q1, 2026-01-01/2026-03-31")
        parser.add_argument("--indicator", metavar="NAME", help="of all values: title, code or UUID")
        parser.add_argument("--place", metavar="NAME", help="of all values: name or COUNTRY:CODE")
        parser.add_argument(
            "--answer",
            action="append",
            default=[],
            metavar="KEY=VALUE",
            help="answer to a question, by its key: decimal:D=, or period_of_date=quarter",
        )

    def act(self, call: Call) -> Told:
        """Preview and import, ask for a job, or tell of one."""
        if call["job"]:
            return _job(call)
        if not call["programme"] or call["file"] is None:
            raise Invalid(
                "usage", "Say which programme and which file, or which job: PROGRAMME FILE, or --job UUID."
            )
        path: Path = call["file"]
        how = how_of(call)
        if call["later"]:
            job = jobs.enqueue(call.by, call["programme"], path, name=path.name, how=how)
            return Told({"job": status(job)}, [f"A worker imports it: job {job.uuid}"])
        if not call["preview"] and call["yes"] and call["refused"] is None:
            return _imported(self._run(value_imports.apply, call, path, how, SHOWN))
        shown = RETURNED if call["refused"] is not None else SHOWN
        found = self._run(value_imports.preview, call, path, how, shown)
        if found.problems.total:
            return self._refused(call, path, how, found)
        if call["preview"]:
            return Told({"preview": True, **found.as_json()}, [counts(found), *found.notes])
        return _imported(self._run(value_imports.apply, call, path, how, SHOWN))

    def _run(self, work: Any, call: Call, path: Path, how: How, shown: int) -> Outcome:
        with Bar("checking" if work is value_imports.preview else "importing", self.stderr) as bar:
            try:
                outcome: Outcome = work(
                    call.by, call["programme"], path, name=path.name, how=how, shown=shown, progress=bar
                )
            except Invalid as error:
                raise _explained(error) from error
        return outcome

    def _refused(self, call: Call, path: Path, how: How, found: Outcome) -> Told:
        """Tell what is wrong, and give the refused rows back.

        Raises:
            Invalid: what is wrong, where it was to be imported.
        """
        out: Path | None = call["refused"]
        said = [counts(found)]
        if out is not None:
            with written_beside(out, force=call["force"]) as draft:
                returned = value_imports.write_refused(
                    call.by, call["programme"], path, found.problems.shown, draft, name=path.name, how=how
                )
            said.append(f"{out}: {returned.rows} rows to correct")
        if not call["preview"]:
            if not call["json"]:
                self.tell_people(said)
            try:
                value_imports.refuse(Problems(found.problems.shown[:SHOWN], found.problems.total))
            except Invalid as error:
                raise _explained(error) from None
        first = found.problems.shown[:TOLD]
        lines = [f"{item.at or f'Line {item.line}'}: {item.sentence} [{item.code}]" for item in first]
        rest = found.problems.total - len(first)
        if rest:
            lines.append(f"{rest:,} more")
        return Told(
            {"preview": True, **found.as_json()},
            [*said, *found.notes, *lines],
            found="The file cannot be imported as it is.",
        )


def how_of(call: Call) -> How:
    """Collect what the options say of how the file is read.

    Raises:
        Invalid: an answer without ``=``.
    """
    answers = {
        name: call[name]
        for name in ("layout", "decimal", "dates", "period", "indicator", "place")
        if call[name]
    }
    answers |= {f"column:{name}": role for name, role in _pairs(call["column"], "--column COLUMN=ROLE")}
    answers |= dict(_pairs(call["answer"], "--answer KEY=VALUE"))
    sheet = answers.pop("sheet", None)
    return How(
        sheet=call["sheet"] or sheet,
        encoding=call["encoding"],
        answers=answers,
        reason=call["reason"].strip(),
    )


def _pairs(given: Sequence[str], usage: str) -> list[tuple[str, str]]:
    found = []
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise Invalid("usage", f"“{text}” is not of the form {usage}.")
        found.append((name.strip(), value.strip()))
    return found


def counts(found: Outcome) -> str:
    """Say how many values are new, and so on."""
    return (
        f"{found.new:,} new, {found.changed:,} changed, {found.same:,} the same, "
        f"{found.refused:,} refused, {found.conflicts:,} in conflict"
    )


def _imported(done: Outcome) -> Told:
    said = (
        f"{done.count:,} values imported." if done.count else "Nothing changed: all of it is there already."
    )
    batch = [f"batch {done.uuid}"] if done.uuid else []
    return Told({"preview": False, **done.as_json()}, [counts(done), *done.notes, said, *batch])


def _explained(error: Invalid) -> Invalid:
    """Add the first problems, or the other questions, as lines that people are shown."""
    said: Any = error.details
    errors = [
        {"path": item.get("at") or f"Line {item['line']}", "sentence": f"{item['sentence']} [{item['code']}]"}
        for item in said.get("problems", ())[:TOLD]
        if "line" in item
    ]
    errors += [
        {"path": f"--answer {item['key']}=…", "sentence": item["sentence"]}
        for item in said.get("questions", ())
    ]
    return Invalid(error.code, error.sentence, **{**said, "errors": errors}) if len(errors) > 1 else error


def _job(call: Call) -> Told:
    with asking(call.by):
        job = job_for(call.by, call["job"])
        said = status(job)
    progress = f"{job.done:,}" + (f" of {job.total:,}" if job.total else "")
    lines = [f"{job.state}, {progress} rows, {job.phase}".removesuffix(", ")]
    error: Any = job.error or {}
    if job.result:
        lines.append(f"{job.result.get('entered', 0):,} values imported.")
    if error:
        lines.append(f"{error['sentence']} [{error['code']}]")
    return Told({"job": said}, lines, found=error.get("sentence", ""))
