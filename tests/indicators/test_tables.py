"""A programme's table: each indicator with where it stood, stands and should, in a constant number of queries."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover import clock
from handover.access import asking, reach
from handover.models import Programme
from indicators.actions import baselines, breaks, targets
from indicators.frames import TABLE, table_frame
from indicators.models import Indicator
from indicators.queries.progress import Light
from indicators.queries.tables import Line, line, lines, lines_of, table
from tests.factories.cast import TODAY, Cast
from tests.factories.indicators import FIRST_QUARTER, SECOND_QUARTER, indicator, reported, result
from tests.factories.programmes import programme as founded
from tests.factories.transfers import executed

pytestmark = pytest.mark.django_db


def _aimed(cast: Cast, programme: Programme, **said: Any) -> Indicator:
    """Give an indicator with a baseline of 20, a target of 100 and a first quarter of 90."""
    of = indicator(programme, by=cast.giver, **said)
    baselines.put(by=cast.giver, indicator_uuid=of.uuid, year=2023, value=20)
    targets.put(
        by=cast.giver,
        indicator_uuid=of.uuid,
        starts_on=FIRST_QUARTER[0],
        ends_on=FIRST_QUARTER[1],
        value=100,
    )
    reported(of, {"women": 50, "men": 40}, by=cast.giver)
    return of


def _only(cast: Cast, programme: Programme) -> Line:
    with asking(cast.giver):
        (found,) = table(programme, cutoff=None).lines
    return found


def test_a_line_tells_where_an_indicator_stood_stands_and_should(cast: Cast, programme: Programme) -> None:
    of = _aimed(cast, programme)
    found = _only(cast, programme)
    judged = found.judged
    assert found.indicator == of
    assert (judged.baseline and judged.baseline.value, judged.last and judged.last.total) == (
        Decimal(20),
        Decimal(90),
    )
    assert (judged.goal and judged.goal.value) == 100
    assert (judged.progress.per_cent, judged.progress.light) == (Decimal("87.5"), Light.AMBER)


def test_indicators_stand_under_their_results(cast: Cast, programme: Programme) -> None:
    learn, live = (result(programme, by=cast.giver, title=title) for title in ("Learn", "Live"))
    for under in (live, learn, live):
        indicator(programme, by=cast.giver, of=under)
    with asking(cast.giver):
        sections = table(programme, cutoff=None).sections
    assert [(section.result, len(section.lines)) for section in sections] == [(learn, 1), (live, 2)]


def test_an_indicator_without_anything_is_grey(cast: Cast, programme: Programme) -> None:
    indicator(programme, by=cast.giver)
    judged = _only(cast, programme).judged
    assert (judged.last, judged.goal, judged.progress.light) == (None, None, Light.GREY)


def test_breaks_and_handovers_are_told(cast: Cast, programme: Programme) -> None:
    of = _aimed(cast, programme)
    breaks.state(
        by=cast.giver, indicator_uuid=of.uuid, on=SECOND_QUARTER[0], kind="method", reason="Another register"
    )
    executed(cast, programme)
    with asking(cast.receiver):
        found = table(programme, cutoff=None)
    (one,) = found.lines
    assert [each.reason for each in one.breaks] == ["Another register"]
    assert [(each.day, each.receiver) for each in one.handovers] == [(TODAY.date(), "Receiver organisation")]


def test_a_last_value_that_came_late_says_by_how_many_days(cast: Cast, programme: Programme) -> None:
    _aimed(cast, programme, due_days=30)
    assert (
        _only(cast, programme).late_days == (TODAY.date() - (FIRST_QUARTER[1] + dt.timedelta(days=30))).days
    )


def test_a_former_steward_sees_the_table_of_the_day_it_left(cast: Cast, programme: Programme) -> None:
    of = _aimed(cast, programme)
    executed(cast, programme)
    with clock.at(TODAY + dt.timedelta(days=1)):
        reported(of, {"": 500}, by=cast.receiver, quarter=SECOND_QUARTER)
        with asking(cast.giver):
            then = line(programme, of, cutoff=reach(cast.giver, programme).cutoff)
        with asking(cast.receiver):
            now = line(programme, of, cutoff=reach(cast.receiver, programme).cutoff)
    assert (then.judged.last and then.judged.last.total, now.judged.last and now.judged.last.total) == (
        Decimal(90),
        Decimal(500),
    )


def test_lines_of_several_programmes_are_those_of_each_alone(cast: Cast, programme: Programme) -> None:
    stays = founded(cast.receiver, title="Another")
    _aimed(cast, programme)
    breaks_at = FIRST_QUARTER[0] + dt.timedelta(days=31)
    of = indicator(stays, by=cast.receiver, frequency="quarterly")
    reported(of, {"": 7}, by=cast.receiver)
    breaks.state(by=cast.receiver, indicator_uuid=of.uuid, on=breaks_at, kind="method", reason="Counted anew")
    executed(cast, programme)
    with asking(cast.receiver):
        apart = [*table(programme, cutoff=None).lines, *table(stays, cutoff=None).lines]
        assert [*lines(programme, cutoff=None), *lines(stays, cutoff=None)] == apart
        rows = Indicator.objects.filter(programme__in=[programme.pk, stays.pk]).order_by("programme_id", "id")
        with CaptureQueriesContext(connection) as seen:
            together = lines_of(list(rows), cutoff=None)
    assert together == apart
    assert [len(each.handovers) for each in together] == [1, 0]
    assert len(seen) == 5


def test_a_table_takes_as_many_queries_however_much_it_holds(cast: Cast, programme: Programme) -> None:
    def queries() -> int:
        with asking(cast.giver), CaptureQueriesContext(connection) as captured:
            table(programme, cutoff=None)
        return len(captured)

    _aimed(cast, programme, due_days=30)
    before = queries()
    for _ in range(3):
        of = _aimed(cast, programme, due_days=10)
        reported(of, {"": 4}, by=cast.giver, quarter=SECOND_QUARTER)
    assert queries() == before


def test_a_frame_of_the_table_keeps_numbers_exact(cast: Cast, programme: Programme) -> None:
    _aimed(cast, programme)
    with asking(cast.giver):
        frame = table_frame(programme, cutoff=None)
    assert list(frame.columns) == list(TABLE)
    assert frame["per_cent"].tolist() == [Decimal("87.5")]
    assert {str(kind) for kind in frame.dtypes} == {"object"}
