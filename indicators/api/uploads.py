"""Uploads: very many values at once, straight into the import, with a report row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, ClassVar, Final

from django.db.models import QuerySet
from rest_framework import serializers

from handover import access
from handover.api.commands import command
from handover.api.serializers import Body
from handover.errors import Invalid
from handover.models import Programme
from handover.permissions import Permission
from indicators.actions import entries, imports
from indicators.actions.batches import Problem, Problems
from indicators.actions.imports import Outcome, Rows
from indicators.actions.value_files import DIMENSIONS
from indicators.api.fields import NOT_KEPT
from indicators.api.files import CsvParser, LinesParser, TakesFiles, Upload, UploadBody
from indicators.api.upload_lines import Lines
from indicators.exchange.canonical_lines import Gathered
from indicators.models import Value
from indicators.queries import axes

SHOWN: Final = 200
"""Problems that a report lists; their number is of all."""
LEFT: Final = 100_000
"""Rows at most that are left out because something is wrong with them."""
ROUNDS: Final = 3
"""How often rows are left out: without a group its total may be wrong."""


class Mode(StrEnum):
    """What becomes of the rows."""

    CHECK = "check"
    """Nothing is entered."""
    WHOLE = "all-or-nothing"
    GOOD = "good-rows"
    """What is wrong is left out."""


class UploadAsked(Body):
    """Of which programme, and what becomes of the rows."""

    programme = serializers.UUIDField()
    mode = serializers.ChoiceField(choices=[item.value for item in Mode], default=Mode.WHOLE.value)
    reason = serializers.CharField(
        max_length=5000, default="", help_text="Why values change, where a row does not say so itself."
    )


class ProblemShown(serializers.Serializer[Mapping[str, Any]]):
    """What is wrong with a row."""

    row = serializers.IntegerField(help_text="The line on which it begins, from 1.")
    field = serializers.CharField()
    code = serializers.CharField()
    sentence = serializers.CharField()


class ReportShown(serializers.Serializer[Mapping[str, Any]]):
    """What became of the rows, or would."""

    mode = serializers.CharField()
    rows = serializers.IntegerField()
    new = serializers.IntegerField()
    same = serializers.IntegerField(help_text="There already, and left as they are.")
    changed = serializers.IntegerField(help_text="Corrections, with a reason.")
    conflicts = serializers.IntegerField(help_text="Somebody else changed the value after the file was made.")
    refused = serializers.IntegerField()
    entered = serializers.IntegerField()
    batch = serializers.UUIDField(allow_null=True)
    notes = serializers.ListField(child=serializers.CharField())
    problems = ProblemShown(many=True)
    further_problems = serializers.IntegerField(help_text="Problems that are not listed.")


@dataclass(frozen=True)
class _Sent:
    """An upload, and how often it has been read."""

    by: Any
    programme: Programme
    lines: Lines
    reason: str

    def run(
        self, work: Callable[..., Outcome], *, leaving: frozenset[int] = frozenset(), shown: int = SHOWN
    ) -> tuple[Outcome, int]:
        """Check or enter the rows; give the outcome, and how many rows there were."""
        gathered = Gathered(shown)
        rows = Rows(
            lines=self.lines.read(gathered, leaving),
            dimensions=self.lines.dimensions(),
            reason=self.reason,
            elsewhere=gathered,
            shown=shown,
        )
        try:
            return work(by=self.by, programme_uuid=self.programme.uuid, rows=rows), gathered.rows
        except Invalid as error:
            if error.code != "empty_file" or not (gathered.total or leaving):
                raise
        problems = Problems(gathered.kept, gathered.total)
        nothing = Outcome(new=0, same=0, changed=0, conflicts=0, refused=gathered.total, problems=problems)
        return nothing, gathered.rows


class Uploads(TakesFiles[Value]):
    """Very many values at once."""

    what = "value"
    serializer_class = ReportShown  # type: ignore[assignment]
    parser_classes = (CsvParser, LinesParser)
    reads: ClassVar = Permission.VIEW
    asks = UploadAsked

    def rows(self) -> QuerySet[Value]:
        """Give nothing: an upload is not kept."""
        return Value.objects.none()

    @command(
        may=Permission.REPORT_VALUES,
        body=UploadBody,
        answers=ReportShown,
        status=200,
        codes=("values_refused", "unreadable_file", "file_too_large"),
    )
    def create(self, upload: Upload) -> Mapping[str, Any]:
        """Enter the rows of a CSV file or of JSON lines. What is wrong is told row by row.

        The first line of a CSV file names its columns: `indicator`, `start`, `end` and `value`, and any of `place`,
        `numerator`, `denominator`, `comment`, `revision`, `source`, `reason`, `position` and the names of the axes. A
        line of JSON is an object with the same names. Indicators are UUIDs, places UUIDs or `RO:12345`. The same rows
        again change nothing.
        """
        asked = self.no_parameters()
        programme = access.programme_for(self.actor, asked["programme"], may=Permission.VIEW)
        entries.ask_any(self.actor, programme)
        names = {**dict.fromkeys(DIMENSIONS), **dict.fromkeys(axes.allowed(programme))}
        lines = Lines(upload.file, upload.media_type == LinesParser.media_type, list(names))
        sent = _Sent(self.actor, programme, lines, asked["reason"])
        match Mode(asked["mode"]):
            case Mode.CHECK:
                outcome, rows = sent.run(imports.preview)
            case Mode.WHOLE:
                outcome, rows = _whole(sent)
            case Mode.GOOD:
                outcome, rows = _good(sent)
        return _report(asked["mode"], outcome, rows)


def _whole(sent: _Sent) -> tuple[Outcome, int]:
    """Enter all rows, or none.

    Raises:
        Invalid: ``values_refused``, with the report.
    """
    try:
        outcome, rows = sent.run(imports.apply)
        if not outcome.problems.total:
            return outcome, rows
    except Invalid as error:
        if error.code != "values_refused":
            raise
    outcome, rows = sent.run(imports.preview)
    raise _refusal(Mode.WHOLE, outcome, rows)


def _good(sent: _Sent) -> tuple[Outcome, int]:
    """Enter the rows with which nothing is wrong.

    Raises:
        Invalid: ``values_refused``, with the report: too many are wrong, or none is left.
    """
    out: frozenset[int] = frozenset()
    problems, conflicts = Problems([], 0), 0
    for _ in range(ROUNDS):
        outcome, rows = sent.run(imports.preview, leaving=out, shown=LEFT)
        if outcome.problems.total > len(outcome.problems.shown):
            raise _refusal(Mode.GOOD, outcome, rows)
        wrong = frozenset(map(_row, outcome.problems.shown)) - {0}
        if not wrong:
            break
        problems += outcome.problems
        conflicts, out = conflicts + outcome.conflicts, out | wrong
    entered, rows = sent.run(imports.apply, leaving=out)
    return replace(entered, problems=problems, conflicts=conflicts, refused=len(out) - conflicts), rows


def _refusal(mode: Mode, outcome: Outcome, rows: int) -> Invalid:
    report = _report(mode.value, outcome, rows)
    first = report["problems"][0] if report["problems"] else {"row": 0, "sentence": ""}
    sentence = f"Nothing was entered. Row {first['row']}: {first['sentence']}"
    return Invalid("values_refused", sentence, **report)


def _row(problem: Problem) -> int:
    """Give the row that a problem is about: where it stood, else the line."""
    return int(problem.at) if problem.at.isdigit() else problem.line


def _report(mode: str, outcome: Outcome, rows: int) -> dict[str, Any]:
    shown = outcome.problems.shown[:SHOWN]
    return {
        "mode": mode,
        "rows": rows,
        "new": outcome.new,
        "same": outcome.same,
        "changed": outcome.changed,
        "conflicts": outcome.conflicts,
        "refused": outcome.refused,
        "entered": outcome.count,
        "batch": outcome.uuid,
        "notes": list(outcome.notes),
        "problems": [
            {
                "row": _row(item),
                "field": item.column,
                "code": item.code,
                "sentence": NOT_KEPT.sub("\ufffd", item.sentence),
            }
            for item in shown
        ],
        "further_problems": outcome.problems.total - len(shown),
    }
