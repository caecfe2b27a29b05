"""Results, indicators, baselines, periods and targets are defined and edited."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover.access import asking
from handover.errors import Invalid, Stale
from handover.models import Programme
from indicators.actions import baselines, indicators, periods, results, targets, trees
from indicators.actions.trees import Row
from indicators.models import Baseline, Indicator, Period, Result, Target
from indicators.queries.results import tree
from tests.factories.cast import Cast
from tests.factories.indicators import FIRST_QUARTER, SECOND_QUARTER, indicator, reported, result
from tests.factories.programmes import programme as another_programme
from tests.factories.programmes import responsibility

pytestmark = pytest.mark.django_db


def test_results_and_indicators_stand_in_the_order_in_which_they_were_defined(
    cast: Cast, programme: Programme
) -> None:
    first, second = result(programme, by=cast.giver), result(programme, by=cast.giver)
    for under in (second, first, second):
        indicator(programme, by=cast.giver, of=under)
    with asking(cast.giver):
        nodes = tree(programme, cutoff=None)
    assert [node.result for node in nodes] == [first, second]
    assert [[leaf.indicator.position for leaf in node.indicators] for node in nodes] == [[0], [0, 1]]


def test_a_definition_keeps_its_languages_and_codes(cast: Cast, programme: Programme) -> None:
    made = indicator(
        programme,
        by=cast.giver,
        title={"en": "Pupils enrolled", "ro": "Elevi înscriși"},
        references=[{"vocabulary": "99", "code": "EECO15"}],
    )
    with asking(cast.giver):
        found = Indicator.objects.get(uuid=made.uuid)
    assert found.title == [
        {"lang": "en", "text": "Pupils enrolled"},
        {"lang": "ro", "text": "Elevi înscriși"},
    ]
    assert found.references == [{"vocabulary": "99", "code": "EECO15"}]


def test_of_two_who_edit_one_indicator_the_second_is_told(cast: Cast, programme: Programme) -> None:
    made = indicator(programme, by=cast.giver)
    edited = indicators.edit(by=cast.giver, indicator_uuid=made.uuid, version=1, title="Pupils who stay")
    assert edited.version == 2
    with pytest.raises(Stale):
        indicators.edit(by=cast.giver_officer, indicator_uuid=made.uuid, version=1, title="Pupils who leave")


def test_of_two_who_edit_one_result_the_second_is_told(cast: Cast, programme: Programme) -> None:
    made = result(programme, by=cast.giver)
    results.edit(by=cast.giver, result_uuid=made.uuid, version=1, type="3", title="Children stay at school")
    with pytest.raises(Stale):
        results.edit(by=cast.giver_officer, result_uuid=made.uuid, version=1, type="1")


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"measure": ""}, "missing"),
        ({"title": ""}, "missing"),
        ({"counting_rule": "guesses"}, "invalid"),
        ({"colour": "green"}, "unknown_field"),
    ],
)
def test_a_wrong_definition_is_refused(
    cast: Cast, programme: Programme, entry: dict[str, Any], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        indicator(programme, by=cast.giver, **entry)
    assert refused.value.code == code


FULL: dict[str, Any] = {
    "frequency": "school_year",
    "unit": "EUR",
    "currency": "EUR",
    "counting_rule": "none",
    "source": "Accounts of the day centre",
    "method": "Sum of the invoices paid",
    "collected_by": "Accounting office",
    "over_time": "sum",
    "over_places": "sum",
    "over_groups": "sum",
    "green_from": "95",
    "amber_from": Decimal("60.5"),
    "due_days": 30,
    "approval": True,
}


def test_a_definition_keeps_all_that_was_said_of_it(cast: Cast, programme: Programme) -> None:
    made = indicator(programme, by=cast.giver, **FULL)
    with asking(cast.giver):
        found = Indicator.objects.get(uuid=made.uuid)
    said = {name: getattr(found, name) for name in FULL}
    assert said == {**FULL, "green_from": Decimal(95)}
    edited = indicators.edit(by=cast.giver, indicator_uuid=made.uuid, version=1, due_days=None, unit="RON")
    assert (edited.due_days, edited.unit, edited.currency) == (None, "RON", "EUR")


def test_a_scale_goes_from_lowest_to_highest(cast: Cast, programme: Programme) -> None:
    scale = [{"code": "1", "title": {"en": "none", "ro": "deloc"}}, {"code": "2", "title": "some"}]
    made = indicator(programme, by=cast.giver, measure="4", counting_rule="none", scale=scale)
    assert [step["code"] for step in made.scale] == ["1", "2"]
    assert {"lang": "ro", "text": "deloc"} in made.scale[0]["title"]


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"unit": "persons", "counting_rule": "none"}, "counting_rule_missing"),
        ({"measure": "2", "over_groups": "sum"}, "shares_add_up"),
        ({"measure": "5", "counting_rule": "none", "over_time": "sum"}, "words_add_up"),
        ({"measure": "4", "counting_rule": "none", "over_time": "weighted"}, "ranks_add_up"),
        ({"counting_rule": "distinct_persons", "over_time": "sum"}, "persons_add_up"),
        ({"counting_rule": "distinct_persons", "over_places": "sum"}, "persons_add_up"),
        ({"over_places": "latest"}, "latest_over_time"),
        ({"measure": "5", "counting_rule": "contacts"}, "counting_rule_of_words"),
        ({"currency": "XXQ"}, "unknown_currency"),
        ({"currency": "eur"}, "unknown_currency"),
        ({"currency": "EUR", "measure": "2", "counting_rule": "none"}, "currency_of_no_amount"),
        ({"scale": [{"code": "1"}, {"code": "2"}]}, "scale_of_no_rank"),
        ({"measure": "4", "counting_rule": "none", "scale": [{"code": "1"}]}, "scale_wrong"),
        ({"measure": "4", "counting_rule": "none", "scale": [{"code": "1"}] * 2}, "scale_wrong"),
        ({"green_from": 50, "amber_from": 60}, "thresholds_reversed"),
        ({"green_from": 50}, "thresholds_reversed"),
        ({"amber_from": -1}, "thresholds_reversed"),
        ({"green_from": 0.9}, "not_exact"),
        ({"frequency": "weekly"}, "invalid"),
        ({"over_time": "median"}, "invalid"),
        ({"due_days": -1}, "invalid"),
        ({"axes": ["gender"]}, "unknown_axis"),
        ({"references": [{"vocabulary": "esf-plus", "code": "EECO99"}]}, "unknown_code"),
    ],
)
def test_a_definition_that_contradicts_itself_is_refused(
    cast: Cast, programme: Programme, entry: dict[str, Any], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        indicator(programme, by=cast.giver, **entry)
    assert refused.value.code == code
    made = indicator(programme, by=cast.giver)
    with pytest.raises(Invalid) as again:
        indicators.edit(by=cast.giver, indicator_uuid=made.uuid, version=1, **entry)
    assert again.value.code == code


def test_a_code_that_left_its_list_stays_with_what_names_it(cast: Cast, programme: Programme) -> None:
    made = indicator(programme, by=cast.giver, references=[{"vocabulary": "esf-plus", "code": "EECO01"}])
    edited = indicators.edit(
        by=cast.giver,
        indicator_uuid=made.uuid,
        version=1,
        references=[{"vocabulary": "esf-plus", "code": "EECO01"}, {"vocabulary": "7", "code": "anything"}],
    )
    assert len(edited.references) == 2


def test_an_indicator_stands_on_nothing_of_another_programme(cast: Cast, programme: Programme) -> None:
    foreign = responsibility(another_programme(cast.giver), by=cast.giver)
    with pytest.raises(Invalid) as refused:
        indicator(programme, by=cast.giver, responsibility=foreign.uuid)
    assert refused.value.code == "unknown_responsibility"


def test_a_baseline_is_stated_anew_at_its_position(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    baselines.put(by=cast.giver, indicator_uuid=of.uuid, year=2021, value=10, comment="Estimate")
    baselines.put(by=cast.giver, indicator_uuid=of.uuid, year=2022, value="12.0", comment="Count")
    baselines.put(
        by=cast.giver, indicator_uuid=of.uuid, year=2022, value=7, position=1, dimensions={"gender": "women"}
    )
    with asking(cast.giver):
        found = list(Baseline.objects.values_list("year", "value", "value_text", "position"))
    assert found == [("2022", Decimal(12), "12.0", 0), ("2022", Decimal(7), "7", 1)]


def test_a_target_makes_its_period_and_is_stated_anew(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    for value in (100, 120):
        targets.put(
            by=cast.giver,
            indicator_uuid=of.uuid,
            starts_on=FIRST_QUARTER[0],
            ends_on=FIRST_QUARTER[1],
            value=value,
        )
    reported(of, {"": 90}, by=cast.giver)
    with asking(cast.giver):
        (node,) = tree(programme, cutoff=None, values=True)
    (period,) = node.indicators[0].periods
    assert [target.value for target in period.targets] == [120]
    assert [value.value for value in period.values] == [90]


def test_a_period_is_there_once(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    spans = (FIRST_QUARTER, SECOND_QUARTER, FIRST_QUARTER)
    made = [periods.put(by=cast.giver, indicator_uuid=of.uuid, starts_on=a, ends_on=b) for a, b in spans]
    assert made[0] == made[2] != made[1]


def test_a_word_is_no_target_of_a_count(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    with pytest.raises(Invalid, match="not a number"):
        baselines.put(by=cast.giver, indicator_uuid=of.uuid, year=2022, value="some")


def _branch(indicators_of_it: int) -> Row:
    quarter = {"starts_on": FIRST_QUARTER[0], "ends_on": FIRST_QUARTER[1]}
    title = [{"lang": "en", "text": "A title"}]
    values = [
        Row(
            {
                "value": Decimal(number),
                "value_text": str(number),
                "dimensions": [{"name": "sex", "value": "f"}],
            }
        )
        for number in (1, 2)
    ]
    period = Row(quarter, {"targets": [Row({"value": Decimal(9), "value_text": "9"})], "actuals": values})
    leaf = Row(
        {"measure": "1", "title": title}, {"baselines": [Row({"year": "2020"})], "periods": [period, period]}
    )
    return Row({"type": "1", "title": title}, {"indicators": [leaf] * indicators_of_it})


def test_a_whole_tree_comes_in_with_repeated_periods_and_values_apart(
    cast: Cast, programme: Programme
) -> None:
    planted = trees.plant(by=cast.giver, programme_uuid=programme.uuid, results=[_branch(2)])
    assert planted.counts == {
        "results": 1,
        "indicators": 2,
        "baselines": 2,
        "periods": 4,
        "targets": 4,
        "values": 8,
    }
    with asking(cast.giver):
        (node,) = tree(programme, cutoff=None, values=True)
    found = [[(row.value, row.position) for row in period.values] for period in node.indicators[1].periods]
    assert found == [[(Decimal(1), 0), (Decimal(2), 1)]] * 2


def test_a_tree_is_loaded_in_six_queries_however_large_it_is(cast: Cast, programme: Programme) -> None:
    counts = []
    for size in (1, 20):
        trees.plant(by=cast.giver, programme_uuid=programme.uuid, results=[_branch(size)])
        with asking(cast.giver), CaptureQueriesContext(connection) as seen:
            tree(programme, cutoff=None, values=True)
        counts.append(len(seen))
    assert counts == [6, 6]


def test_a_tree_that_breaks_a_rule_leaves_nothing_behind(cast: Cast, programme: Programme) -> None:
    broken = Row(
        {"type": "1", "title": []}, {"indicators": [Row({"measure": "1", "counting_rule": "guesses"})]}
    )
    with pytest.raises(Invalid):
        trees.plant(by=cast.giver, programme_uuid=programme.uuid, results=[broken])
    with asking(cast.giver):
        assert [model._default_manager.count() for model in (Result, Indicator, Period, Target)] == [
            0,
            0,
            0,
            0,
        ]


def test_dates_of_a_period_may_be_absent_as_in_what_was_published(cast: Cast, programme: Programme) -> None:
    period = Row({"starts_on": None, "ends_on": None, "extra": {"start": {"text": "early 2020"}}})
    leaf = Row({"measure": "1", "title": [{"lang": None, "text": "x"}]}, {"periods": [period]})
    trees.plant(
        by=cast.giver, programme_uuid=programme.uuid, results=[Row({"type": "1"}, {"indicators": [leaf]})]
    )
    with asking(cast.giver):
        (found,) = Period.objects.all()
    assert (found.starts_on, found.extra) == (None, {"start": {"text": "early 2020"}})
