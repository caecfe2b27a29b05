"""Two people at once: nothing is counted twice, nothing is lost, and whoever came second is told."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from handover.access import asking
from handover.errors import DomainError, Invalid, Stale
from handover.models import Programme
from indicators.actions import values
from indicators.models import Period, Value
from tests.factories.cast import Cast
from tests.factories.indicators import indicator, reported

pytestmark = pytest.mark.django_db(transaction=True)


def _at_once(*acts: Callable[[], object]) -> list[DomainError]:
    """Run all at once, each on its own connection; give what those who were refused were told."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> DomainError | None:
        try:
            barrier.wait(timeout=30)
            act()
        except DomainError as error:
            return error
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return [error for error in pool.map(run, acts) if error is not None]


def test_of_two_that_report_the_same_value_at_once_the_second_is_told(
    cast: Cast, programme: Programme
) -> None:
    of = indicator(programme, by=cast.giver)
    told = _at_once(
        lambda: reported(of, {"women": 41}, by=cast.giver_reporter),
        lambda: reported(of, {"women": 42}, by=cast.giver_officer),
    )
    assert [(type(error), error.code) for error in told] == [(Invalid, "values_refused")]
    with asking(cast.giver):
        assert (Value.objects.count(), Period.objects.count()) == (1, 1)


def test_two_that_report_different_groups_at_once_share_one_new_period(
    cast: Cast, programme: Programme
) -> None:
    of = indicator(programme, by=cast.giver)
    told = _at_once(
        lambda: reported(of, {"women": 41}, by=cast.giver_reporter),
        lambda: reported(of, {"men": 37}, by=cast.giver_officer),
    )
    assert told == []
    with asking(cast.giver):
        assert (Value.objects.count(), Period.objects.count()) == (2, 1)


def test_of_two_that_correct_the_same_value_at_once_the_second_is_told(
    cast: Cast, programme: Programme
) -> None:
    reported(indicator(programme, by=cast.giver), {"women": 41}, by=cast.giver_reporter)
    with asking(cast.giver):
        (row,) = Value.objects.all()
    told = _at_once(
        lambda: values.correct(by=cast.giver, value_uuid=row.uuid, value=43, reason="Two came late"),
        lambda: values.correct(
            by=cast.giver_officer, value_uuid=row.uuid, value=44, reason="Three came late"
        ),
    )
    assert [type(error) for error in told] == [Stale]
    with asking(cast.giver):
        assert Value.objects.count() == 2
