"""Indicators after a handover: beside the year before it and their floors, with early warning, and honest gaps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import pytest

from handover import clock
from handover.access import Actor, asking
from handover.errors import Invalid, NotAllowed, NotFound
from handover.models import Programme
from handover.queries import checks
from handover.queries.sustained import Part, Stands, Warned, Warns
from indicators.actions import breaks, floors
from indicators.models import Floor, Indicator
from indicators.models.codes import BreakKind
from indicators.queries.sustained import sustained
from tests.factories.cast import Cast
from tests.factories.indicators import indicator, reported
from tests.factories.transfers import executed

pytestmark = pytest.mark.django_db

SINCE = dt.date(2024, 7, 1)
HANDED_OVER = dt.datetime(2024, 7, 1, 9, tzinfo=dt.UTC)
QUARTERS = ((1, 3, 31), (4, 6, 30), (7, 9, 30), (10, 12, 31))


def quarters(year: int, first: int = 1) -> Iterable[tuple[dt.date, dt.date]]:
    number = first - 1
    while True:
        months = QUARTERS[number % 4]
        this = year + number // 4
        yield dt.date(this, months[0], 1), dt.date(this, months[1], months[2])
        number += 1


def report(of: Indicator, numbers: Sequence[int], *, by: Actor, start: tuple[int, int]) -> None:
    """Report one number a quarter, two days after it is over; what was before the handover just before it."""
    for value, quarter in zip(numbers, quarters(*start), strict=False):
        over = dt.datetime.combine(quarter[1], dt.time(9), tzinfo=dt.UTC) + dt.timedelta(days=2)
        with clock.at(over if over > HANDED_OVER else HANDED_OVER - dt.timedelta(days=2)):
            reported(of, {"": value}, by=by, quarter=quarter)


def handed_over(
    cast: Cast, programme: Programme, before: Sequence[int], after: Sequence[int], **said: Any
) -> Indicator:
    """Give an indicator with a number a quarter: from July 2023 to the handover on 1 July 2024, and from then on."""
    made = indicator(programme, by=cast.giver, **said)
    report(made, before, by=cast.giver, start=(2023, 3))
    with clock.at(HANDED_OVER):
        executed(cast, programme)
    report(made, after, by=cast.receiver, start=(2024, 3))
    return made


def figure(cast: Cast, programme: Programme, on: str) -> tuple[Stands, Decimal | None, Decimal | None, str]:
    with asking(cast.receiver), clock.at(dt.datetime.fromisoformat(f"{on}T12:00:00+00:00")):
        day = dt.date.fromisoformat(on)
        (found,), _ = sustained(programme, SINCE, day, day)
        return found.stands, found.before, found.now, found.why


def warnings(cast: Cast, programme: Programme, on: str, until: str) -> list[Warned]:
    days = dt.date.fromisoformat(on), dt.date.fromisoformat(until)
    with asking(cast.receiver), clock.at(dt.datetime.fromisoformat(f"{on}T12:00:00+00:00")):
        return sustained(programme, SINCE, *days)[1]


def test_a_year_is_held_against_the_year_before_the_handover(cast: Cast, programme: Programme) -> None:
    handed_over(cast, programme, [100, 100, 120, 80], [95, 90, 110, 65])
    assert figure(cast, programme, "2025-07-05") == (Stands.HOLDS, Decimal(100), Decimal(90), "")


def test_decay_is_shown_and_lost_is_less_than_half(cast: Cast, programme: Programme) -> None:
    handed_over(cast, programme, [100, 100, 100, 100], [80, 60, 40, 20])
    assert figure(cast, programme, "2025-07-05")[0] is Stands.WEAKER
    assert figure(cast, programme, "2025-04-05")[2] == Decimal(60)


def test_nothing_reported_for_a_year_is_unknown_and_not_zero(cast: Cast, programme: Programme) -> None:
    handed_over(cast, programme, [100], [90])
    assert figure(cast, programme, "2025-09-30")[0] is Stands.HOLDS
    told = figure(cast, programme, "2025-12-31")
    assert told == (Stands.UNKNOWN, Decimal(100), None, "nothing_reported")


def test_an_indicator_that_nobody_measured_before_is_not_judged(cast: Cast, programme: Programme) -> None:
    handed_over(cast, programme, [], [90])
    with asking(cast.receiver):
        assert sustained(programme, SINCE, dt.date(2025, 1, 1), dt.date(2025, 1, 1)) == ([], [])


def test_a_break_in_the_series_ends_the_comparison(cast: Cast, programme: Programme) -> None:
    made = handed_over(cast, programme, [100], [50, 50])
    with clock.at(dt.datetime(2025, 1, 10, tzinfo=dt.UTC)):
        breaks.state(
            by=cast.receiver,
            indicator_uuid=made.uuid,
            on=dt.date(2024, 10, 1),
            kind=BreakKind.METHOD,
            reason="It is counted from the register now",
        )
    assert figure(cast, programme, "2025-01-10")[::3] == (Stands.UNKNOWN, "break")


def test_a_floor_decides_what_is_lost(cast: Cast, programme: Programme) -> None:
    made = handed_over(cast, programme, [100], [80])
    assert figure(cast, programme, "2024-12-31")[0] is Stands.WEAKER
    with clock.at(dt.datetime(2024, 12, 31, tzinfo=dt.UTC)):
        floors.set_floor(
            by=cast.receiver, indicator_uuid=made.uuid, level="85", reason="The standard asks it"
        )
    assert figure(cast, programme, "2024-12-31")[0] is Stands.LOST


def test_where_less_is_better_more_is_worse(cast: Cast, programme: Programme) -> None:
    handed_over(cast, programme, [10], [21], ascending="0")
    assert figure(cast, programme, "2024-12-31")[0] is Stands.LOST


def test_what_is_below_its_floor_warns_at_once(cast: Cast, programme: Programme) -> None:
    handed_over(cast, programme, [100], [40])
    (found,) = warnings(cast, programme, "2024-10-05", "2024-12-31")
    assert (found.warns, found.now, found.floor) == (Warns.BELOW, Decimal(40), Decimal(50))


def test_too_few_values_are_told_and_make_no_trend(cast: Cast, programme: Programme) -> None:
    handed_over(cast, programme, [100], [95, 90, 85])
    (found,) = warnings(cast, programme, "2025-04-05", "2025-07-01")
    assert (found.warns, found.points) == (Warns.TOO_FEW, 3)


def test_a_trend_warns_before_its_floor_is_reached(cast: Cast, programme: Programme) -> None:
    handed_over(cast, programme, [100], [95, 90, 84, 80, 74, 70])
    assert warnings(cast, programme, "2026-01-05", "2026-07-01") == []
    (found,) = warnings(cast, programme, "2026-01-05", "2027-07-01")
    assert found.warns is Warns.FALLS
    assert found.crosses_on is not None
    assert dt.date(2026, 9, 1) < found.crosses_on < dt.date(2027, 1, 31)
    assert found.expected is not None
    assert found.expected < Decimal(50)


def test_a_trend_that_is_not_sure_may_fall(cast: Cast, programme: Programme) -> None:
    handed_over(cast, programme, [100], [95, 70, 88, 60, 90, 52, 65])
    (found,) = warnings(cast, programme, "2026-04-05", "2027-07-01")
    assert found.warns is Warns.MAY_FALL
    assert found.low is not None
    assert found.high is not None
    assert found.low < Decimal(50) <= found.high


def test_a_check_takes_indicators_and_warnings_together(cast: Cast, programme: Programme) -> None:
    handed_over(cast, programme, [100], [40])
    with clock.at(dt.datetime(2024, 12, 20, tzinfo=dt.UTC)), asking(cast.receiver):
        told = checks.today_says(checks.rows(programme)[0])
        assert told.of(Part.INDICATORS).score == 0
        assert [item.warns for item in told.warnings] == [Warns.BELOW]


# --- floors ---------------------------------------------------------------------------------------


def test_a_floor_is_set_changed_and_taken_away(cast: Cast, programme: Programme) -> None:
    made = indicator(programme, by=cast.giver)
    floors.set_floor(by=cast.giver, indicator_uuid=made.uuid, level="5", reason="Agreed")
    floors.set_floor(by=cast.giver, indicator_uuid=made.uuid, level="6", reason="Agreed anew")
    with asking(cast.giver):
        assert Floor.objects.get(indicator=made).level == 6
    with pytest.raises(Invalid) as refused:
        floors.set_floor(by=cast.giver, indicator_uuid=made.uuid, level="6", reason="Agreed anew")
    assert refused.value.code == "nothing_changed"
    floors.set_floor(by=cast.giver, indicator_uuid=made.uuid, level=None)
    with asking(cast.giver):
        assert not Floor.objects.exists()
    with pytest.raises(Invalid):
        floors.set_floor(by=cast.giver, indicator_uuid=made.uuid, level=None)


def test_a_floor_needs_its_reason_and_who_may_define_the_indicator(cast: Cast, programme: Programme) -> None:
    made = indicator(programme, by=cast.giver)
    with pytest.raises(Invalid) as refused:
        floors.set_floor(by=cast.giver, indicator_uuid=made.uuid, level="5", reason=" ")
    assert refused.value.code == "reason_needed"
    with pytest.raises(NotAllowed):
        floors.set_floor(by=cast.donor, indicator_uuid=made.uuid, level="5", reason="Mine")
    with pytest.raises(NotFound):
        floors.set_floor(by=cast.stranger, indicator_uuid=made.uuid, level="5", reason="Mine")
