"""What is to be reported: the days for which values are missing, and by when they should be there."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from handover.models import Programme
from indicators.models import Draft, Indicator
from indicators.models.codes import SubmissionState
from indicators.queries.lateness import Span, covered, missing
from indicators.queries.points import Point
from indicators.queries.tables import Line

SOON: Final = dt.timedelta(days=30)
"""How far ahead a period that still runs is told."""


@dataclass(frozen=True)
class Due:
    """Days for which values are missing of some indicators, and the day on which they are due."""

    starts_on: dt.date
    ends_on: dt.date
    due_on: dt.date
    indicators: Sequence[Indicator]

    def late(self, today: dt.date) -> int:
        """Tell by how many days they are late; 0 in time."""
        return max((today - self.due_on).days, 0)


def due(programme: Programme, lines: Iterable[Line], today: dt.date) -> list[Due]:
    """Give what is missing of a programme's indicators and not handed in, by its days; in one query.

    Only of indicators that say how often, or within how many days, they are reported.
    """
    asked = [line for line in lines if _asked(line.indicator)]
    waiting = _waiting([line.indicator.pk for line in asked]) if asked else {}
    found: dict[tuple[dt.date, dt.date, dt.date], list[Indicator]] = defaultdict(list)
    runs = (programme.starts_on, programme.ends_on)
    for line in asked:
        row = line.indicator
        for starts_on, ends_on, due_on in missing(row, today, list(_spans(line.points)), runs=runs):
            near = ends_on < today or due_on <= today + SOON
            if near and not covered((starts_on, ends_on), waiting.get(row.pk, ())):
                found[due_on, starts_on, ends_on].append(row)
    return [
        Due(first, last, day, rows)
        for (day, first, last), rows in sorted(found.items(), key=lambda item: item[0])
    ]


def _asked(row: Indicator) -> bool:
    return not row.expression and bool(row.frequency or row.due_days is not None)


def _spans(points: Iterable[Point]) -> Iterable[tuple[Span, bool]]:
    for point in points:
        if point.starts_on is not None and point.ends_on is not None:
            yield (point.starts_on, point.ends_on), bool(point.values and not point.pieces)
        yield from _spans(point.pieces)


def _waiting(keys: Sequence[int]) -> Mapping[int, list[Span]]:
    """Give the days for which something is handed in and not decided yet."""
    rows = Draft.objects.filter(indicator__in=keys, submission__state=SubmissionState.SUBMITTED)
    found: dict[int, list[Span]] = defaultdict(list)
    for key, starts_on, ends_on in rows.values_list("indicator_id", "starts_on", "ends_on").distinct():
        found[key].append((starts_on, ends_on))
    return found
