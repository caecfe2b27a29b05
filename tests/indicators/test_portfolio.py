"""Roll-ups over programmes and areas: what adds up by its rule, and what says why it does not."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover import clock
from handover.access import Actor, Operator, asking
from handover.actions import places, programmes
from handover.models import PlaceLineage, Programme
from handover.models.guard import writing
from handover.models.places import Place
from indicators.actions import breaks
from indicators.actions.values import Reported
from indicators.frames import PORTFOLIO, portfolio_frame
from indicators.models import Indicator
from indicators.queries import rollups
from indicators.queries.geography import of_code, of_indicator
from indicators.queries.portfolio import Line, portfolio, views_of
from indicators.queries.rollups import Level, Why
from indicators.queries.series import series, total_over
from tests.factories.cast import TODAY, Cast
from tests.factories.indicators import FIRST_QUARTER, SECOND_QUARTER, indicator, reported
from tests.factories.programmes import programme as founded
from tests.factories.transfers import executed

pytestmark = pytest.mark.django_db

CODE = {"vocabulary": "99", "code": "EECO15", "indicator_uri": "urn:test"}
KEY = ("99", "urn:test", "EECO15")
SHARE: dict[str, Any] = {"measure": "2", "counting_rule": "none", "aggregation_status": "0"}
YEAR = (dt.date(2024, 1, 1), dt.date(2024, 12, 31))


def _coded(programme: Programme, *, by: Actor, **said: Any) -> Indicator:
    return indicator(programme, by=by, references=[CODE], **said)


def _two(cast: Cast, programme: Programme, **said: Any) -> tuple[Indicator, Indicator]:
    """Give an indicator of the same code in two programmes."""
    other = founded(cast.giver)
    return _coded(programme, by=cast.giver, **said), _coded(other, by=cast.giver, **said)


def _lines(by: Actor) -> list[Line]:
    with asking(by):
        return list(portfolio(by).lines)


def _one(by: Actor) -> Line:
    (line,) = _lines(by)
    return line


def _fraction(numerator: int, denominator: int) -> Reported:
    return Reported(
        value=str(Decimal(100 * numerator) / denominator), numerator=numerator, denominator=denominator
    )


def test_a_code_adds_up_over_programmes_and_periods(cast: Cast, programme: Programme) -> None:
    here, there = _two(cast, programme)
    reported(here, {"women": 3, "men": 4}, by=cast.giver)
    reported(here, {"": 10}, by=cast.giver, quarter=SECOND_QUARTER)
    reported(there, {"": 100}, by=cast.giver)
    line = _one(cast.giver)
    assert (line.total, line.programmes, line.indicators, line.values, line.year) == (
        Decimal(117),
        2,
        2,
        4,
        2024,
    )


def test_distinct_persons_never_add_up_over_programmes(cast: Cast, programme: Programme) -> None:
    for of in _two(cast, programme, counting_rule="distinct_persons"):
        reported(of, {"": 5}, by=cast.giver)
    line = _one(cast.giver)
    assert (line.total, line.why, line.programmes) == (None, Why.PERSONS, 2)


def test_distinct_persons_of_one_programme_and_period_stay_what_was_reported(
    cast: Cast, programme: Programme
) -> None:
    reported(_coded(programme, by=cast.giver, counting_rule="distinct_persons"), {"": 5}, by=cast.giver)
    assert _one(cast.giver).total == 5


def test_distinct_persons_never_add_up_over_the_quarters_of_a_year(cast: Cast, programme: Programme) -> None:
    of = _coded(programme, by=cast.giver, counting_rule="distinct_persons")
    reported(of, {"": 5}, by=cast.giver)
    reported(of, {"": 5}, by=cast.giver, quarter=SECOND_QUARTER)
    assert (_one(cast.giver).total, _one(cast.giver).why) == (None, Why.PERIODS)


def test_shares_are_made_anew_from_numerators_and_denominators(cast: Cast, programme: Programme) -> None:
    here, there = _two(cast, programme, **SHARE)
    reported(here, [_fraction(1, 2)], by=cast.giver)
    reported(there, [_fraction(1, 8)], by=cast.giver)
    line = _one(cast.giver)
    assert (line.total, line.numerator, line.denominator) == (Decimal(20), Decimal(2), Decimal(10))


def test_one_share_without_its_denominator_leaves_no_share_of_all(cast: Cast, programme: Programme) -> None:
    here, there = _two(cast, programme, **SHARE)
    reported(here, [_fraction(1, 2)], by=cast.giver)
    reported(there, {"": 40}, by=cast.giver)
    assert (_one(cast.giver).total, _one(cast.giver).why) == (None, Why.DENOMINATORS)


def test_rates_never_add_up(cast: Cast, programme: Programme) -> None:
    for of in _two(cast, programme):
        reported(of, [Reported(value=3, numerator=30, denominator=10)], by=cast.giver)
    assert (_one(cast.giver).total, _one(cast.giver).why) == (None, Why.RATES)


def test_words_have_no_total(cast: Cast, programme: Programme) -> None:
    reported(
        _coded(programme, by=cast.giver, measure="5", counting_rule="none"), {"": "better"}, by=cast.giver
    )
    assert (_one(cast.giver).total, _one(cast.giver).why) == (None, Why.WORDS)


def test_other_units_rules_and_titles_stand_apart(cast: Cast, programme: Programme) -> None:
    for said in (
        {},
        {"unit": "persons"},
        {"counting_rule": "contacts"},
        {"measure": "2", "counting_rule": "none"},
    ):
        reported(_coded(programme, by=cast.giver, **said), {"": 5}, by=cast.giver)
    assert [line.total for line in _lines(cast.giver)] == [5, 5, 5, 5]


def test_what_has_no_code_is_counted_and_stands_in_no_sum(cast: Cast, programme: Programme) -> None:
    reported(indicator(programme, by=cast.giver), {"": 5}, by=cast.giver)
    with asking(cast.giver):
        found = portfolio(cast.giver)
    assert (found.lines, found.uncoded, found.programmes) == ([], 1, 1)


def test_a_year_beside_its_quarters_is_taken_alone(cast: Cast, programme: Programme) -> None:
    of = _coded(programme, by=cast.giver)
    reported(of, {"": 7}, by=cast.giver)
    reported(of, {"": 20}, by=cast.giver, quarter=YEAR)
    assert _one(cast.giver).total == 20


def test_periods_that_overlap_have_no_total(cast: Cast, programme: Programme) -> None:
    of = _coded(programme, by=cast.giver)
    reported(of, {"": 7}, by=cast.giver, quarter=(dt.date(2024, 1, 1), dt.date(2024, 4, 30)))
    reported(of, {"": 8}, by=cast.giver, quarter=SECOND_QUARTER)
    assert (_one(cast.giver).total, _one(cast.giver).why) == (None, Why.OVERLAPPING)


def test_no_total_crosses_a_break(cast: Cast, programme: Programme) -> None:
    of = _coded(programme, by=cast.giver)
    reported(of, {"": 7}, by=cast.giver)
    reported(of, {"": 8}, by=cast.giver, quarter=SECOND_QUARTER)
    breaks.state(
        by=cast.giver, indicator_uuid=of.uuid, on=SECOND_QUARTER[0], kind="method", reason="Another register"
    )
    assert (_one(cast.giver).total, _one(cast.giver).why) == (None, Why.BREAK)


def test_a_calculated_indicator_is_calculated_from_what_its_parts_came_to(
    cast: Cast, programme: Programme
) -> None:
    for home, (reached, asked) in zip((programme, founded(cast.giver)), ((1, 2), (1, 8)), strict=True):
        parts = {
            name: indicator(home, by=cast.giver, title=name, counting_rule="none")
            for name in ("reached", "asked")
        }
        reported(parts["reached"], {"": reached}, by=cast.giver)
        reported(parts["asked"], {"": asked}, by=cast.giver)
        keys = {name: str(part.uuid) for name, part in parts.items()}
        _coded(home, by=cast.giver, expression="100 * reached / asked", parts=keys, **SHARE)
    line = _one(cast.giver)
    assert (line.total, line.programmes, line.calculated) == (Decimal(20), 2, True)


def test_a_calculation_with_a_part_missing_in_one_programme_has_no_total(
    cast: Cast, programme: Programme
) -> None:
    for home, count in ((programme, 2), (founded(cast.giver), 1)):
        parts = {
            name: indicator(home, by=cast.giver, title=name, counting_rule="none")
            for name in ("reached", "asked")
        }
        for part in list(parts.values())[:count]:
            reported(part, {"": 4}, by=cast.giver)
        keys = {name: str(part.uuid) for name, part in parts.items()}
        _coded(home, by=cast.giver, expression="100 * reached / asked", parts=keys, **SHARE)
    assert (_one(cast.giver).total, _one(cast.giver).why) == (None, Why.PART)


def test_the_portfolio_is_of_what_the_actor_reaches(cast: Cast, programme: Programme) -> None:
    for of in _two(cast, programme):
        reported(of, {"": 5}, by=cast.giver)
    assert _one(cast.donor).programmes == 1
    assert _lines(cast.stranger) == []


def test_a_former_steward_sees_what_was_there_when_it_left(cast: Cast, programme: Programme) -> None:
    of = _coded(programme, by=cast.giver)
    reported(of, {"": 5}, by=cast.giver)
    executed(cast, programme)
    with clock.at(TODAY + dt.timedelta(days=30)):
        reported(of, {"": 8}, by=cast.receiver, quarter=SECOND_QUARTER)
        with asking(cast.giver):
            found = portfolio(cast.giver)
        assert ([line.total for line in found.lines], found.ended) == ([Decimal(5)], 1)
        assert _one(cast.receiver).total == 13


def test_a_portfolio_takes_as_many_queries_however_large_it_is(cast: Cast, programme: Programme) -> None:
    def queries() -> int:
        with (
            asking(cast.giver),
            CaptureQueriesContext(
                connection,
            ) as captured,
        ):
            portfolio(cast.giver)
        return len(captured)

    reported(_coded(programme, by=cast.giver), {"": 5}, by=cast.giver)
    before = queries()
    for _ in range(3):
        reported(_coded(founded(cast.giver), by=cast.giver), {"women": 5, "men": 6}, by=cast.giver)
    assert queries() == before


# --- by area --------------------------------------------------------------------------------------------


@pytest.fixture
def map_() -> dict[str, Place]:
    """Give two units of one region, one of another country, and a settlement below the first."""
    units = {
        name: places.add_unit(by=Operator(), country=country, nuts3=nuts3, code=code, name=name)
        for name, country, nuts3, code in (
            ("Here", "RO", "RO999", "999999"),
            ("There", "RO", "RO999", "999998"),
            ("Abroad", "LT", "LT999", "999997"),
        )
    }
    below = places.add_settlement(by=Operator(), parent=units["Here"], code="999996", name="Below")
    return {**units, "Below": below}


def _at(place: Place | None, value: int) -> Reported:
    return Reported(value=value, place=place.uuid if place else None)


def _by(cast: Cast, of: Indicator, level: Level) -> dict[str | None, Decimal | None]:
    with asking(cast.giver):
        found = of_indicator(of.programme, of, level=level, cutoff=None)
    return {here.area.name if here.area else None: here.total for here in (*found.rows, *found.unlocated)}


def test_places_add_up_to_units_regions_and_countries(
    cast: Cast, programme: Programme, map_: dict[str, Place]
) -> None:
    of = _coded(programme, by=cast.giver)
    rows = [_at(map_["Below"], 1), _at(map_["There"], 2), _at(map_["Abroad"], 4)]
    reported(of, rows, by=cast.giver)
    assert _by(cast, of, Level.PLACE) == {"Below": 1, "There": 2, "Abroad": 4}
    assert _by(cast, of, Level.UNIT) == {"Here": 1, "There": 2, "Abroad": 4}
    assert _by(cast, of, Level.NUTS3) == {"RO999": 3, "LT999": 4}
    assert _by(cast, of, Level.COUNTRY) == {"RO": 3, "LT": 4}


def _became(former: Place, year: int, *heirs: tuple[Place, int, int]) -> None:
    with writing():
        for heir, numerator, denominator in heirs:
            PlaceLineage.objects.create(
                former=former, successor=heir, on=dt.date(year, 1, 1), source="Law 1",
                numerator=numerator, denominator=denominator,
            )  # fmt: skip


def test_figures_of_units_that_merged_count_under_the_unit_of_today_and_keep_their_own_name(
    cast: Cast, programme: Programme, map_: dict[str, Place]
) -> None:
    of = _coded(programme, by=cast.giver)
    reported(of, [_at(map_["Below"], 1), _at(map_["There"], 2), _at(map_["Abroad"], 4)], by=cast.giver)
    one = places.add_unit(by=Operator(), country="RO", nuts3="RO999", code="999990", name="Both")
    for name in ("Here", "There"):
        _became(map_[name], 2025, (one, 1, 1))
    assert _by(cast, of, Level.TODAY) == {"Both": 3, "Abroad": 4}
    assert _by(cast, of, Level.UNIT) == {"Here": 1, "There": 2, "Abroad": 4}


def test_a_unit_that_was_divided_keeps_its_figures_and_an_estimate_tells_them_by_shares(
    cast: Cast, programme: Programme, map_: dict[str, Place]
) -> None:
    of = _coded(programme, by=cast.giver)
    reported(of, [_at(map_["Here"], 10), _at(map_["Abroad"], 4)], by=cast.giver)
    parts = [
        places.add_unit(by=Operator(), country="RO", nuts3="RO999", code=f"99998{number}", name=name)
        for number, name in enumerate(("East", "North", "West"))
    ]
    _became(map_["Here"], 2025, *[(part, 1, 3) for part in parts])
    with asking(cast.giver):
        found = of_indicator(programme, of, level=Level.TODAY, cutoff=None)
    assert {here.area.name: here.total for here in found.rows if here.area} == {"Here": 10, "Abroad": 4}
    assert [(row.former.name, row.area.name, row.year, int(row.total)) for row in found.estimated] == [
        ("Here", "East", 2024, 4),
        ("Here", "North", 2024, 3),
        ("Here", "West", 2024, 3),
    ]


def test_what_does_not_add_up_over_places_is_not_told_by_shares(
    cast: Cast, programme: Programme, map_: dict[str, Place]
) -> None:
    of = _coded(programme, by=cast.giver, counting_rule="distinct_persons")
    reported(of, [_at(map_["Here"], 10)], by=cast.giver)
    _became(map_["Here"], 2025, (map_["There"], 1, 2), (map_["Here"], 1, 2))
    with asking(cast.giver):
        assert of_indicator(programme, of, level=Level.TODAY, cutoff=None).estimated == ()


def test_a_settlement_does_not_count_beside_its_unit(
    cast: Cast, programme: Programme, map_: dict[str, Place]
) -> None:
    of = _coded(programme, by=cast.giver)
    reported(of, [_at(map_["Below"], 1), _at(map_["Here"], 10)], by=cast.giver)
    assert _by(cast, of, Level.UNIT) == {"Here": 10}
    assert _one(cast.giver).total == 10


def test_distinct_persons_never_add_up_over_places(
    cast: Cast, programme: Programme, map_: dict[str, Place]
) -> None:
    of = _coded(programme, by=cast.giver, counting_rule="distinct_persons")
    reported(of, [_at(map_["Here"], 1), _at(map_["There"], 2), _at(map_["Abroad"], 4)], by=cast.giver)
    assert _by(cast, of, Level.COUNTRY) == {"RO": None, "LT": 4}
    assert (_one(cast.giver).total, _one(cast.giver).why) == (None, Why.PLACES)


def test_everybody_at_each_place_is_taken_before_its_parts(
    cast: Cast, programme: Programme, map_: dict[str, Place]
) -> None:
    of = _coded(programme, by=cast.giver)
    rows = [
        replace(_at(map_[name], number), dimensions=group)
        for name in ("Here", "There")
        for group, number in (({}, 10), ({"gender": "women"}, 4), ({"gender": "men"}, 5))
    ]
    reported(of, rows, by=cast.giver)
    assert _by(cast, of, Level.PLACE) == {"Here": 10, "There": 10}
    assert _one(cast.giver).total == 20


def test_values_without_a_place_and_places_without_values_are_told(
    cast: Cast, programme: Programme, map_: dict[str, Place]
) -> None:
    for name in ("Here", "Abroad"):
        programmes.work_at(by=cast.giver, programme_uuid=programme.uuid, place=map_[name])
    of = _coded(programme, by=cast.giver)
    reported(of, [_at(map_["Here"], 1), _at(None, 7)], by=cast.giver)
    with asking(cast.giver):
        found = of_indicator(programme, of, level=Level.PLACE, cutoff=None)
        (code,) = of_code(cast.giver, KEY, level=Level.COUNTRY).values()
    assert [here.total for here in found.unlocated] == [7]
    assert [area.name for area in found.silent] == ["Abroad"]
    assert ([here.area and here.area.key for here in code.rows], [area.key for area in code.silent]) == (
        ["RO"],
        ["LT"],
    )


def test_a_donor_sees_no_small_counts_of_places(
    cast: Cast, programme: Programme, map_: dict[str, Place]
) -> None:
    reported(_coded(programme, by=cast.giver), [_at(map_["Here"], 1)], by=cast.giver)
    with asking(cast.donor):
        assert portfolio(cast.donor, level=Level.PLACE).lines == []
        assert views_of(cast.donor) != {}


# --- held together ----------------------------------------------------------------------------------------


RULES: tuple[dict[str, Any], ...] = (
    {},
    {"counting_rule": "distinct_persons"},
    {"aggregation_status": "0"},
    SHARE,
    {**SHARE, "over_time": "weighted"},
    {"counting_rule": "none", "over_time": "latest", "over_places": "maximum"},
    {"counting_rule": "none", "over_time": "maximum", "over_groups": "minimum", "over_places": "minimum"},
)
MONTHS = [(first, first + span) for first in range(1, 12, 3) for span in (0, 2)] + [(1, 12), (1, 6)]


def _random_rows(dice: random.Random, of: Indicator, spots: list[Place | None]) -> list[Reported]:
    groups: list[dict[str, str]] = dice.choice(
        [[{}], [{"gender": "women"}, {"gender": "men"}], [{}, {"gender": "women"}]]
    )
    chosen = dice.sample(spots, dice.choice([1, 1, 2]))
    rows = []
    for spot in chosen:
        for group in groups:
            top, under = dice.randint(0, 9), dice.randint(1, 9)
            divided = of.measure == "2" and dice.random() < 0.8
            rows.append(
                Reported(
                    value=dice.randint(0, 99),
                    numerator=top if divided else None,
                    denominator=under if divided else None,
                    dimensions=group,
                    place=spot.uuid if spot else None,
                )
            )
    return rows


@pytest.mark.parametrize("seed", range(6))
def test_the_quick_way_the_exact_way_and_the_values_themselves_say_the_same(
    cast: Cast, programme: Programme, map_: dict[str, Place], seed: int
) -> None:
    dice = random.Random(seed)
    spots: list[Place | None] = [None, map_["Here"], map_["There"], map_["Below"]]
    for home in (programme, founded(cast.giver)):
        for number, said in enumerate(RULES):
            of = indicator(home, by=cast.giver, references=[{**CODE, "code": f"C{number}"}], **said)
            for first, last in dice.sample(MONTHS, dice.choice([1, 2, 3])):
                ends = dt.date(2024, last % 12 + 1, 1) - dt.timedelta(days=1) if last < 12 else YEAR[1]
                quarter = (dt.date(2024, first, 1), ends)
                reported(of, _random_rows(dice, of, spots), by=cast.giver, quarter=quarter)
    with asking(cast.giver):
        views = views_of(cast.giver)
        quick = rollups.coded(views)
        assert quick == rollups.coded(views, quick=False)
        assert quick == rollups.coded(dict.fromkeys(views, clock.now()))
    assert len(quick) == len(RULES)


def test_a_year_says_what_the_series_says(cast: Cast, programme: Programme) -> None:
    for number, said in enumerate(RULES[:5]):
        of = indicator(programme, by=cast.giver, references=[{**CODE, "code": f"C{number}"}], **said)
        for quarter, value in ((FIRST_QUARTER, 3), (SECOND_QUARTER, 4)):
            rows = [_fraction(value, 10)] if of.measure == "2" else [Reported(value=value)]
            reported(of, rows, by=cast.giver, quarter=quarter)
    with asking(cast.giver):
        rolled = {line.key.code: line.total for line in portfolio(cast.giver).lines}
        for of in Indicator.objects.filter(programme=programme):
            expected = total_over(of, series(programme, of, cutoff=None)).value
            assert rolled[of.references[0]["code"]] == expected


def test_a_frame_of_the_portfolio_keeps_numbers_exact(cast: Cast, programme: Programme) -> None:
    reported(_coded(programme, by=cast.giver), {"": "0.1"}, by=cast.giver)
    with asking(cast.giver):
        frame = portfolio_frame(cast.giver)
    assert list(frame.columns) == list(PORTFOLIO)
    assert frame["total"].tolist() == [Decimal("0.1")]
    assert {str(kind) for kind in frame.dtypes} == {"object"}
