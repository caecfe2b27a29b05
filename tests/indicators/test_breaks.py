"""Breaks in a series: no total crosses one, and after a handover no definition changes without one."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from handover import clock
from handover.access import asking
from handover.errors import Invalid, NotAllowed
from handover.models import Programme
from indicators.actions import breaks, indicators
from indicators.actions.breaks import Broken
from indicators.models import Break, Indicator
from indicators.queries.points import Missing
from indicators.queries.series import over_periods, segments, series, total_over
from tests.factories import transfers as plans
from tests.factories.cast import TODAY, Cast
from tests.factories.indicators import FIRST_QUARTER, SECOND_QUARTER, indicator, reported

pytestmark = pytest.mark.django_db

CHANGES: list[dict[str, Any]] = [
    {"counting_rule": "contacts"},
    {"measure": "2", "counting_rule": "none"},
    {"unit": "households"},
]


def _state(cast: Cast, of: Indicator, on: dt.date, **more: Any) -> Break:
    said = {"by": cast.giver, "kind": "method", "reason": "A register instead of an estimate", **more}
    return breaks.state(indicator_uuid=of.uuid, on=on, **said)


def _two_quarters(cast: Cast, programme: Programme, **said: Any) -> Indicator:
    of = indicator(programme, by=cast.giver, **said)
    reported(of, {"": 60}, by=cast.giver)
    reported(of, {"": 40}, by=cast.giver, quarter=SECOND_QUARTER)
    return of


def test_a_total_over_time_never_crosses_a_break(cast: Cast, programme: Programme) -> None:
    of = _two_quarters(cast, programme)
    _state(cast, of, SECOND_QUARTER[0])
    with asking(cast.giver):
        points = series(programme, of, cutoff=None)
    assert [point.segment for point in points] == [0, 1]
    assert [over_periods(of, some) for some in segments(points)] == [Decimal(60), Decimal(40)]
    assert total_over(of, points).missing == Missing.BREAK


def test_a_break_within_a_period_is_shown_with_it_and_keeps_it_apart(
    cast: Cast, programme: Programme
) -> None:
    of = _two_quarters(cast, programme)
    made = _state(cast, of, SECOND_QUARTER[0] + dt.timedelta(days=10))
    with asking(cast.giver):
        points = series(programme, of, cutoff=None)
    assert [[mark.uuid for mark in point.breaks] for point in points] == [[], [made.uuid]]
    assert (points[1].total, points[1].segment) == (Decimal(40), 0)
    assert total_over(of, points).missing == Missing.BREAK


def test_the_latest_value_stands_after_a_break_too(cast: Cast, programme: Programme) -> None:
    of = _two_quarters(cast, programme, over_time="latest")
    _state(cast, of, SECOND_QUARTER[0])
    with asking(cast.giver):
        assert over_periods(of, series(programme, of, cutoff=None)) == Decimal(40)


def test_a_break_after_the_cut_off_is_not_shown(cast: Cast, programme: Programme) -> None:
    of = _two_quarters(cast, programme)
    with clock.at(TODAY + dt.timedelta(days=1)):
        _state(cast, of, SECOND_QUARTER[0])
        with asking(cast.giver):
            assert [point.segment for point in series(programme, of, cutoff=TODAY)] == [0, 0]


@pytest.mark.parametrize(
    ("said", "code"),
    [({"reason": " "}, "reason_missing"), ({"kind": "mood"}, "unknown_kind"), ({}, "break_known")],
)
def test_a_wrong_break_is_refused(cast: Cast, programme: Programme, said: dict[str, Any], code: str) -> None:
    of = indicator(programme, by=cast.giver)
    _state(cast, of, SECOND_QUARTER[0])
    with pytest.raises(Invalid) as refused:
        _state(cast, of, SECOND_QUARTER[0], **said)
    assert refused.value.code == code


def test_only_who_defines_an_indicator_breaks_its_series(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    for actor in (cast.giver_reporter, cast.donor, cast.community):
        with pytest.raises(NotAllowed):
            _state(cast, of, SECOND_QUARTER[0], by=actor)


@pytest.mark.parametrize("changes", CHANGES)
def test_after_a_handover_a_definition_changes_only_with_a_break(
    cast: Cast, programme: Programme, changes: dict[str, Any]
) -> None:
    of = indicator(programme, by=cast.giver)
    reported(of, {"": 60}, by=cast.giver)
    plans.executed(cast, programme)
    with pytest.raises(Invalid) as refused:
        indicators.edit(by=cast.receiver, indicator_uuid=of.uuid, version=1, **changes)
    assert refused.value.code == "break_needed"
    broken = Broken(on=TODAY.date(), reason="The municipality counts by its own act")
    indicators.edit(by=cast.receiver, indicator_uuid=of.uuid, version=1, break_in=broken, **changes)
    with asking(cast.receiver):
        (made,) = Break.objects.all()
        (name, value), *_ = changes.items()
        assert getattr(Indicator.objects.get(), name) == value
    assert (made.on, made.kind, made.organisation) == (
        TODAY.date(),
        "definition",
        cast.receiver.organisation,
    )


def test_a_break_without_its_change_leaves_nothing_behind(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    broken = Broken(on=TODAY.date(), reason="Another unit")
    with pytest.raises(Invalid):
        indicators.edit(
            by=cast.giver, indicator_uuid=of.uuid, version=1, break_in=broken, unit="EUR", currency="XXQ"
        )
    with asking(cast.giver):
        assert Break.objects.count() == 0


def test_before_a_handover_and_without_values_no_break_is_needed(cast: Cast, programme: Programme) -> None:
    used, unused = (indicator(programme, by=cast.giver) for _ in range(2))
    reported(used, {"": 60}, by=cast.giver, quarter=FIRST_QUARTER)
    indicators.edit(by=cast.giver, indicator_uuid=used.uuid, version=1, counting_rule="contacts")
    plans.executed(cast, programme)
    indicators.edit(by=cast.receiver, indicator_uuid=unused.uuid, version=1, counting_rule="contacts")
    indicators.edit(by=cast.receiver, indicator_uuid=used.uuid, version=2, title="Another title")
