"""A council's budget calendar, counted back from a budget year, and what of it is late."""

from __future__ import annotations

import calendar as days_of
import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from textwrap import wrap
from typing import Any, Final

from handover import clock
from handover.errors import Invalid
from handover.models import BudgetStep, Organisation, Programme
from handover.models.budgets import BudgetStage
from handover.models.registers import Source
from handover.queries.budgets import ORDER, Standing, concerned, lines_standing

FOLDER: Final = Path(__file__).parents[1] / "budget_calendars"
WIDTH: Final = 100
"""Characters of a line on a terminal."""
INDENT: Final = " " * 12
NAMED: Final = 3
"""Lines that a sentence names; the others it counts."""


class State(StrEnum):
    """Where a step of the calendar is."""

    DONE = "done"
    LATE = "late"
    DUE = "due"
    PASSED = "passed"
    """Its day is over; whether it was done is not in the registers."""


@dataclass(frozen=True)
class Due:
    """A step with the day that it has for one budget year."""

    step: BudgetStep
    on: dt.date
    state: State
    why: str = ""


def calendar(
    programme: Programme, organisation: Organisation, year: int, *, today: dt.date | None = None
) -> list[Due]:
    """Count an organisation's steps back from a budget year, in the order of their days.

    A step whose key is a stage of budget lines is done when every line of that year that the organisation's own money
    pays is that far.

    Raises:
        Invalid: a year that cannot be.
    """
    if year not in range(1900, 2200):
        raise Invalid("year_out_of_range", f"{year} is no budget year.", field="year")
    day = today or clock.today()
    own = concerned(programme, organisation)
    asked = [
        item
        for item in lines_standing(programme)
        if item.line.year == year
        and item.line.source == Source.MUNICIPALITY
        and item.line.responsibility_id in own
    ]
    steps = BudgetStep.objects.filter(programme=programme, organisation=organisation)
    found = [_due(step, year, day, asked) for step in steps.select_related("organisation")]
    return sorted(found, key=lambda due: (due.on, due.step.pk))


def _due(step: BudgetStep, year: int, today: dt.date, asked: Sequence[Standing]) -> Due:
    on = day_of(step, year)
    if step.key not in BudgetStage.values:
        return Due(step, on, State.PASSED if on < today else State.DUE)
    behind = [item for item in asked if ORDER[item.stage] < ORDER[step.key]]
    if asked and not behind:
        return Due(step, on, State.DONE)
    named = ", ".join(f"“{item.line.title}”" for item in behind[:NAMED])
    more = f" and {len(behind) - NAMED} more" if len(behind) > NAMED else ""
    why = (
        f"not {BudgetStage(step.key).label} yet: {named}{more}"
        if behind
        else f"no line for {year} is entered"
    )
    return Due(step, on, State.LATE if on < today else State.DUE, why)


def day_of(step: BudgetStep, year: int) -> dt.date:
    """Give the day of a step for a budget year; a 29 February is the 28th where there is none."""
    of = year - step.years_before
    return dt.date(of, step.month, min(step.day, days_of.monthrange(of, step.month)[1]))


def lines(found: Sequence[Due], today: dt.date) -> Iterator[str]:
    """Tell a calendar, step by step, within the width of a terminal."""
    for due in found:
        left = (due.on - today).days
        said = {
            State.DONE: "done",
            State.LATE: f"LATE by {-left} days" if left < -1 else "LATE by 1 day",
            State.DUE: "today" if not left else f"in {left} days" if left > 1 else "tomorrow",
            State.PASSED: "its day is over",
        }[due.state]
        yield from wrap(f"{due.on}  {said}: {due.step.title}", WIDTH, subsequent_indent=INDENT)
        if due.why:
            yield from wrap(f"{INDENT}{due.why}", WIDTH, subsequent_indent=INDENT)


def shipped(country: str, language: str = "en") -> list[dict[str, Any]]:
    """Give the steps that are shipped for a country, with where each comes from and how sure that is.

    Raises:
        Invalid: none are.
    """
    there = {path.stem.upper(): path for path in sorted(FOLDER.glob("*.json"))}
    if country.upper() not in there:
        raise Invalid(
            "no_calendar",
            f"No budget calendar is shipped for {country or 'no country'}; there are: {', '.join(there)}.",
            field="country",
        )
    document = json.loads(there[country.upper()].read_text("utf-8"))
    return [
        {
            "key": row["key"],
            "title": row["title"].get(language, row["title"]["en"]),
            "month": row["month"],
            "day": row["day"],
            "years_before": row["years_before"],
            "source": f"{row['source']} [{row['mark']}]",
        }
        for row in document["steps"]
    ]
