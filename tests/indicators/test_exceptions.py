"""What stands out among indicators in a portfolio: overdue, off track, broken."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover.access import Actor, asking
from handover.models import Programme
from handover.queries.portfolio_exceptions import Kind, exceptions
from indicators.actions import breaks, targets
from tests.factories.cast import Cast
from tests.factories.indicators import FIRST_QUARTER, indicator, reported
from tests.factories.programmes import programme as founded


def sentences(by: Actor, kind: Kind) -> list[str]:
    with asking(by):
        return [item.sentence for item in exceptions(by).found[kind]]


def test_values_that_are_overdue_are_told_once_an_indicator(cast: Cast, programme: Programme) -> None:
    made = indicator(programme, by=cast.giver, frequency="quarterly", due_days=30)
    (before,) = sentences(cast.auditor, Kind.OVERDUE)
    assert before.startswith(
        "“Pupils enrolled” has no value for 9 periods; the first was due on 30 April 2022"
    )
    reported(made, {"": 5}, by=cast.giver)
    (after,) = sentences(cast.auditor, Kind.OVERDUE)
    assert "8 periods" in after
    assert sentences(cast.stranger, Kind.OVERDUE) == []


def test_an_indicator_that_is_off_track_is_told_with_how_far_it_came(
    cast: Cast, programme: Programme
) -> None:
    made = indicator(programme, by=cast.giver)
    reported(made, {"": 40}, by=cast.giver)
    targets.put(
        by=cast.giver,
        indicator_uuid=made.uuid,
        starts_on=FIRST_QUARTER[0],
        ends_on=FIRST_QUARTER[1],
        value=100,
    )
    assert sentences(cast.auditor, Kind.RED) == [
        "“Pupils enrolled” is off track: 40% of the way to its target."
    ]
    assert sentences(cast.stranger, Kind.RED) == []


def test_a_break_is_told_with_its_day_and_its_reason(cast: Cast, programme: Programme) -> None:
    made = indicator(programme, by=cast.giver)
    breaks.state(
        by=cast.giver,
        indicator_uuid=made.uuid,
        on=dt.date(2024, 4, 1),
        kind="method",
        reason="Another register.",
    )
    (said,) = sentences(cast.auditor, Kind.BREAK)
    assert said.startswith("“Pupils enrolled” is counted otherwise from 1 April 2024 on")
    assert said.endswith("(the method or the source changed): Another register.")


def test_queries_of_what_is_overdue_do_not_grow_with_indicators(cast: Cast, programme: Programme) -> None:
    def asked() -> int:
        with asking(cast.auditor), CaptureQueriesContext(connection) as queries:
            exceptions(cast.auditor)
        return len(queries)

    indicator(programme, by=cast.giver, frequency="quarterly", due_days=30)
    one = asked()
    for name in ("B", "C"):
        indicator(programme, by=cast.giver, title=name, frequency="quarterly", due_days=30)
    assert asked() == one


def test_lights_of_more_programmes_take_no_more_queries(cast: Cast, programme: Programme) -> None:
    def asked() -> tuple[int, int]:
        with asking(cast.giver), CaptureQueriesContext(connection) as queries:
            found = exceptions(cast.giver)
        return len(found.found[Kind.RED]), len(queries)

    def missed(of: Programme) -> None:
        made = indicator(of, by=cast.giver)
        reported(made, {"": 40}, by=cast.giver)
        first, last = FIRST_QUARTER
        targets.put(by=cast.giver, indicator_uuid=made.uuid, starts_on=first, ends_on=last, value=100)

    missed(programme)
    alone, one = asked()
    for title in ("Second", "Third"):
        missed(founded(cast.giver, title=title))
    assert (alone, asked()) == (1, (3, one))
