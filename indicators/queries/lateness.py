"""What came late, and what has not come: by the days that a definition gives, and the periods of its frequency."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import connection

from handover import clock
from handover.models import Programme
from indicators.models import Draft, Indicator, Period
from indicators.models.codes import Frequency, SubmissionState

Span = tuple[dt.date, dt.date]

MONTHS: Final = {
    Frequency.MONTHLY: (1, 0),
    Frequency.QUARTERLY: (3, 0),
    Frequency.HALF_YEARLY: (6, 0),
    Frequency.YEARLY: (12, 0),
    Frequency.SCHOOL_YEAR: (12, 8),
}
"""Months of a period, and months after January in which the first one of a year begins."""

ONE_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True)
class Late:
    """A value that came late: its first revision, its slot, when it was due and when it came (or was handed in)."""

    value: UUID
    indicator: UUID
    period: UUID
    period_id: int
    place_id: int | None
    cell: str
    position: int
    due_on: dt.date
    came_on: dt.date
    days: int


@dataclass(frozen=True)
class Lateness:
    """A period of which values came late: how many, and by how many days the last of them."""

    due_on: dt.date
    came_on: dt.date
    days: int
    values: int


@dataclass(frozen=True)
class Overdue:
    """Days for which a value is missing after it was due; ``awaiting``: it is handed in, and nobody approved it yet."""

    indicator: Indicator
    starts_on: dt.date
    ends_on: dt.date
    due_on: dt.date
    days: int
    awaiting: bool


# --- what came late -------------------------------------------------------------------------------


def late(
    programme: Programme, *, cutoff: dt.datetime | None = None, indicator: Indicator | None = None
) -> list[Late]:
    """Give the values that came late, in one query; a correction is never late, what it corrects may have been.

    Only where the definition says within how many days a value is due. A value that was approved came on the day on
    which it was handed in.

    Args:
        cutoff: ``Reach.cutoff``.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT came.uuid, came.indicator, came.period, came.period_id, came.place_id, came.cell, came.position,
                   came.due_on, came.came_on, came.came_on - came.due_on
              FROM ({_CAME} AND i.programme_id = %(programme)s
                AND (%(indicator)s::bigint IS NULL OR i.id = %(indicator)s)) came
             WHERE came.came_on > came.due_on ORDER BY came.due_on, came.uuid
            """,
            {
                "programme": programme.pk,
                "indicator": indicator.pk if indicator else None,
                "cutoff": cutoff,
                "zone": clock.HOUSE_ZONE.key,
            },
        )
        return [Late(*row) for row in cursor.fetchall()]


def late_periods(periods: Iterable[Period], *, cutoff: dt.datetime | None = None) -> dict[int, Lateness]:
    """Give the periods of which values came late, by the period's key, in one query."""
    keys = [period.pk for period in periods]
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT came.period_id, min(came.due_on), max(came.came_on), max(came.came_on) - min(came.due_on), count(*)
              FROM ({_CAME} AND p.id = ANY (%(periods)s)) came
             WHERE came.came_on > came.due_on GROUP BY came.period_id
            """,
            {"periods": keys, "cutoff": cutoff, "zone": clock.HOUSE_ZONE.key},
        )
        return {int(key): Lateness(*row) for key, *row in cursor.fetchall()}


_CAME = """
SELECT v.uuid, i.uuid AS indicator, p.uuid AS period, p.id AS period_id, v.place_id, v.cell, v.position,
       p.ends_on + i.due_days AS due_on,
       (coalesce(s.submitted_at, v.recorded_at) AT TIME ZONE %(zone)s)::date AS came_on
  FROM indicators_indicator i JOIN indicators_period p ON p.indicator_id = i.id
  JOIN indicators_value v ON v.period_id = p.id AND v.revision = 1
  LEFT JOIN indicators_submission s ON s.programme_id = v.programme_id AND s.batch = v.batch
 WHERE i.due_days IS NOT NULL AND p.ends_on IS NOT NULL
   AND (%(cutoff)s::timestamptz IS NULL OR v.recorded_at <= %(cutoff)s)
"""


# --- what has not come ----------------------------------------------------------------------------


def overdue(programme: Programme, today: dt.date, *, cutoff: dt.datetime | None = None) -> list[Overdue]:
    """Give the periods, or the parts of them, for which values were due before today and are not there.

    A frequency makes periods from the programme's start (else the indicator's first period) to its end; where periods
    are of the indicator's own days, only those that are there are expected. Where no days are given, a value is due on
    the last day of its period. A period is complete once periods inside it that have values cover all its days, as
    the two parts of one that a handover cut do. Three queries.
    """
    indicators = [
        row
        for row in Indicator.objects.filter(programme=programme, expression="").order_by(
            "result__position", "result_id", "position", "id"
        )
        if row.frequency or row.due_days is not None
    ]
    spans = _spans([row.pk for row in indicators], cutoff)
    waiting = _waiting([row.pk for row in indicators])
    return [
        found
        for row in indicators
        for found in _overdue(programme, row, today, spans.get(row.pk, []), waiting.get(row.pk, []))
    ]


def _overdue(
    programme: Programme,
    indicator: Indicator,
    today: dt.date,
    spans: Sequence[tuple[Span, bool]],
    waiting: Sequence[Span],
) -> Iterator[Overdue]:
    runs = (programme.starts_on, programme.ends_on)
    for starts_on, ends_on, due_on in missing(indicator, today, spans, runs=runs):
        if ends_on < today and due_on < today:
            yield Overdue(
                indicator=indicator,
                starts_on=starts_on,
                ends_on=ends_on,
                due_on=due_on,
                days=(today - due_on).days,
                awaiting=covered((starts_on, ends_on), waiting),
            )


def missing(
    indicator: Indicator,
    today: dt.date,
    spans: Sequence[tuple[Span, bool]],
    *,
    runs: tuple[dt.date | None, dt.date | None],
) -> Iterator[tuple[dt.date, dt.date, dt.date]]:
    """Give the first and the last day of what is missing of an indicator, and the day on which it is due: of periods
    that are over, and of the one that runs.

    Args:
        spans: the dates of its periods, and whether they have values.
        runs: the first and the last day of the programme, where they are known.
    """
    there = [span for span, has_values in spans if has_values]
    grace = dt.timedelta(days=indicator.due_days or 0)
    for whole in _expected(runs, indicator, today, [span for span, _ in spans]):
        for starts_on, ends_on in _gaps(whole, there):
            # What would be due after the last day that can be written down is never due.
            if ends_on <= dt.date.max - grace:
                yield starts_on, ends_on, ends_on + grace


def covered(whole: Span, there: Iterable[Span]) -> bool:
    """Tell whether spans inside another one cover all its days."""
    return not list(_gaps(whole, there))


def _expected(
    runs: tuple[dt.date | None, dt.date | None], indicator: Indicator, today: dt.date, spans: Sequence[Span]
) -> Sequence[Span]:
    if indicator.frequency not in MONTHS:
        return sorted(set(spans))
    first = runs[0] or min((span[0] for span in spans), default=None)
    last = min(runs[1] or today, today)
    return expected(Frequency(indicator.frequency), first, last) if first is not None else []


def expected(frequency: Frequency, first: dt.date, last: dt.date) -> list[Span]:
    """Give the periods of a frequency from the one in which ``first`` lies to the one in which ``last`` lies.

    None for periods of an indicator's own days, which no rule makes.
    """
    if frequency not in MONTHS:
        return []
    months, offset = MONTHS[frequency]
    number = _number(first)
    number -= (number - offset) % months
    if number < 12:  # There is no year before the first.
        number += months
    found = []
    while number <= _number(last):
        found.append((_first_day(number), _first_day(number + months) - ONE_DAY))
        number += months
    return found


def _number(day: dt.date) -> int:
    return 12 * day.year + day.month - 1


def _first_day(number: int) -> dt.date:
    return dt.date(number // 12, number % 12 + 1, 1)


def _gaps(whole: Span, there: Iterable[Span]) -> Iterator[Span]:
    """Give the days of a span that no span inside it covers."""
    day, last = whole
    for starts_on, ends_on in sorted(there):
        if starts_on < whole[0] or ends_on > last:
            continue
        if starts_on > day:
            yield day, starts_on - ONE_DAY
        day = max(day, ends_on + ONE_DAY)
    if day <= last:
        yield day, last


def _spans(indicators: list[int], cutoff: dt.datetime | None) -> dict[int, list[tuple[Span, bool]]]:
    """Give the dates of the indicators' periods, and whether they have values."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT p.indicator_id, p.starts_on, p.ends_on,
                   EXISTS (SELECT FROM indicators_value v WHERE v.period_id = p.id
                              AND (%(cutoff)s::timestamptz IS NULL OR v.recorded_at <= %(cutoff)s))
              FROM indicators_period p
             WHERE p.indicator_id = ANY (%(indicators)s) AND p.starts_on IS NOT NULL AND p.ends_on IS NOT NULL
            """,
            {"indicators": indicators, "cutoff": cutoff},
        )
        found: dict[int, list[tuple[Span, bool]]] = {}
        for key, starts_on, ends_on, has_values in cursor.fetchall():
            found.setdefault(int(key), []).append(((starts_on, ends_on), has_values))
        return found


def _waiting(indicators: list[int]) -> dict[int, list[Span]]:
    """Give the dates for which something is handed in and not decided yet."""
    rows = Draft.objects.filter(
        indicator__in=indicators, submission__state=SubmissionState.SUBMITTED
    ).values_list("indicator_id", "starts_on", "ends_on")
    found: dict[int, list[Span]] = {}
    for key, starts_on, ends_on in rows.distinct():
        found.setdefault(key, []).append((starts_on, ends_on))
    return found
