"""Axes: what an indicator is broken down by, and what may be named of it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover.access import asking
from handover.errors import Invalid, NotAllowed, NotFound, Stale
from handover.models import Programme
from indicators.actions import axes as axis_actions
from indicators.actions import baselines, targets
from indicators.models import Axis, Indicator, Target
from indicators.models.axes import UNKNOWN
from indicators.models.cells import Dimension
from indicators.queries import axes
from indicators.queries.targets import by_cell, disagreements, goals
from tests.factories.cast import Cast
from tests.factories.indicators import FIRST_QUARTER, indicator, reported

pytestmark = pytest.mark.django_db


def _gender(cast: Cast, programme: Programme) -> Axis:
    return axis_actions.create_standard(by=cast.giver, programme_uuid=programme.uuid, name="gender")


def _by_gender(cast: Cast, programme: Programme) -> Indicator:
    _gender(cast, programme)
    return indicator(programme, by=cast.giver, axes=["gender"])


def test_the_standard_axes_have_titles_in_three_languages_and_a_source() -> None:
    assert set(axes.standard()) == {"gender", "age", "child_age", "minority"}
    for axis in axes.standard().values():
        titles = [axis.title, axes.unknown_title(), *axis.categories.values()]
        assert all(set(title) == {"en", "ro", "lt"} for title in titles)
        assert axis.source
        assert UNKNOWN not in axis.categories
    assert list(axes.standard()["gender"].categories) == ["women", "men", "non-binary"]
    assert [axis.name for axis in axes.standard().values() if axis.estimated] == ["minority"]


def test_a_standard_axis_comes_in_with_its_categories(cast: Cast, programme: Programme) -> None:
    made = _gender(cast, programme)
    assert [item["code"] for item in made.categories] == ["women", "men", "non-binary"]
    assert {"lang": "ro", "text": "femei"} in made.categories[0]["title"]
    with asking(cast.giver), CaptureQueriesContext(connection) as seen:
        assert axes.allowed(programme) == {"gender": {"women", "men", "non-binary", UNKNOWN}}
    assert len(seen) == 1


def test_there_is_one_axis_of_a_name(cast: Cast, programme: Programme) -> None:
    _gender(cast, programme)
    with pytest.raises(Invalid) as refused:
        _gender(cast, programme)
    assert refused.value.code == "axis_known"
    with pytest.raises(NotFound):
        axis_actions.create_standard(by=cast.giver, programme_uuid=programme.uuid, name="shoe size")


@pytest.mark.parametrize("codes", [[], ["", "a"], ["a", "a"], [UNKNOWN]])
def test_categories_exclude_each_other_and_have_codes(
    cast: Cast, programme: Programme, codes: list[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        axis_actions.create(
            by=cast.giver,
            programme_uuid=programme.uuid,
            name="grade",
            categories=[{"code": code} for code in codes],
        )
    assert refused.value.code == "category_wrong"


@pytest.mark.parametrize(
    ("dimensions", "code"),
    [
        ({"gender": "women"}, None),
        ({"gender": UNKNOWN}, None),
        ({}, None),
        ({"gender": "girls"}, "unknown_category"),
        ({"sex": "women"}, "unknown_axis"),
        ({"gender": "women", "age": "18-29"}, "unknown_axis"),
    ],
)
def test_a_value_names_categories_of_the_indicators_axes(
    cast: Cast, programme: Programme, dimensions: dict[str, str], code: str | None
) -> None:
    of = _by_gender(cast, programme)
    given = [Dimension(name=name, value=value) for name, value in dimensions.items()]
    with asking(cast.giver):
        if code is None:
            axes.check(of, given)
            return
        with pytest.raises(Invalid) as refused:
            axes.check(of, given)
    assert refused.value.code == code


def test_an_axis_is_named_once(cast: Cast, programme: Programme) -> None:
    of = _by_gender(cast, programme)
    twice = [Dimension(name="gender", value=value) for value in ("women", "men")]
    with asking(cast.giver), pytest.raises(Invalid, match="once"):
        axes.check(of, twice)


def test_an_indicator_without_axes_takes_any_and_asks_nothing(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    with asking(cast.giver), CaptureQueriesContext(connection) as seen:
        axes.check(of, [Dimension(name="sex", value="f")])
    assert len(seen) == 0


def test_categories_are_added_and_retitled_and_unused_ones_go(cast: Cast, programme: Programme) -> None:
    made = _gender(cast, programme)
    edited = axis_actions.edit(
        by=cast.giver,
        axis_uuid=made.uuid,
        version=1,
        categories=[
            {"code": "women", "title": {"en": "women and girls"}},
            {"code": "men"},
            {"code": "other"},
        ],
    )
    assert [item["code"] for item in edited.categories] == ["women", "men", "other"]
    with pytest.raises(Stale):
        axis_actions.edit(by=cast.giver, axis_uuid=made.uuid, version=1, title="Sex")


def test_a_category_in_use_stays(cast: Cast, programme: Programme) -> None:
    made = _gender(cast, programme)
    of = indicator(programme, by=cast.giver, axes=["gender"])
    reported(of, {"women": 1}, by=cast.giver)
    targets.put(
        by=cast.giver,
        indicator_uuid=of.uuid,
        starts_on=FIRST_QUARTER[0],
        ends_on=FIRST_QUARTER[1],
        value=1,
        dimensions={"gender": "men"},
    )
    for kept in (["men", "non-binary"], ["women", "non-binary"]):
        with pytest.raises(Invalid) as refused:
            axis_actions.edit(
                by=cast.giver,
                axis_uuid=made.uuid,
                version=1,
                categories=[{"code": code} for code in kept],
            )
        assert refused.value.code == "category_used"
    left = [{"code": "women"}, {"code": "men"}]
    assert (
        len(axis_actions.edit(by=cast.giver, axis_uuid=made.uuid, version=1, categories=left).categories) == 2
    )


def test_only_who_defines_indicators_makes_axes(cast: Cast, programme: Programme) -> None:
    for actor, error in (
        (cast.giver_reporter, NotAllowed),
        (cast.donor, NotAllowed),
        (cast.stranger, NotFound),
    ):
        with pytest.raises(error):
            axis_actions.create_standard(by=actor, programme_uuid=programme.uuid, name="gender")


# --- targets by group ----------------------------------------------------------------------------


def test_targets_of_groups_stand_beside_the_target_for_everybody(cast: Cast, programme: Programme) -> None:
    of = _by_gender(cast, programme)
    said = [({}, 100), ({"gender": "women"}, 60), ({"gender": "men"}, 50), ({"gender": "men"}, 45)]
    for dimensions, value in said:
        targets.put(
            by=cast.giver,
            indicator_uuid=of.uuid,
            starts_on=FIRST_QUARTER[0],
            ends_on=FIRST_QUARTER[1],
            value=value,
            dimensions=dimensions,
        )
    with asking(cast.giver):
        rows = Target.objects.order_by("position")
        stated = [(row.position, row.value) for row in rows]
        assert stated == [(0, Decimal(100)), (1, Decimal(60)), (2, Decimal(45))]
        (found,) = goals([rows[0].period_id]).values()
    assert by_cell(found) == {"": 100, "gender=women": 60, "gender=men": 45}
    (told,) = disagreements(of, found)
    assert (told.total, told.parts, told.wrong) == (Decimal(100), Decimal(105), True)
    assert told.difference == Decimal(-5)


def test_targets_and_baselines_keep_to_the_axes(cast: Cast, programme: Programme) -> None:
    of = _by_gender(cast, programme)
    with pytest.raises(Invalid):
        targets.put(
            by=cast.giver,
            indicator_uuid=of.uuid,
            starts_on=FIRST_QUARTER[0],
            ends_on=FIRST_QUARTER[1],
            value=1,
            dimensions={"gender": "girls"},
        )
    with pytest.raises(Invalid):
        baselines.put(by=cast.giver, indicator_uuid=of.uuid, year=2022, value=1, dimensions={"age": "0-5"})
