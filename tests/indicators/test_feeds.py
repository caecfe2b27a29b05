"""Indicators that are counted from records: what a feed may be, what it proposes, what becomes of the proposal."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handover.access import asking
from handover.errors import Invalid, NotAllowed, NotFound, Stale
from handover.models import LedgerEntry, Programme
from handover.narratives import best
from indicators.actions import feeds
from indicators.exchange import feeds_document
from indicators.models import Feed, Indicator, Submission, Value
from indicators.queries import feeds as told
from interventions.actions import deliveries, records, services, volunteering
from tests.factories import interventions as make
from tests.factories import programmes
from tests.factories.cast import Cast
from tests.factories.indicators import FIRST_QUARTER, SECOND_QUARTER, indicator, reported
from tests.factories.records import entered, support

pytestmark = pytest.mark.django_db

Quarter = tuple[dt.date, dt.date]


@pytest.fixture
def contacts(programme: Programme, cast: Cast) -> Indicator:
    """Give an indicator that counts each time somebody was helped."""
    return indicator(programme, by=cast.giver, title="People helped, each time", counting_rule="contacts")


def _feed(
    of: Indicator, cast: Cast, record: str = "support", measure: str = "people", **filters: str
) -> Feed:
    return feeds.define(
        by=cast.giver, indicator_uuid=of.uuid, record=record, measure=measure, filters=filters
    )


def _proposed(feed: Feed, cast: Cast, quarter: Quarter = FIRST_QUARTER) -> told.Proposal:
    with asking(cast.giver):
        return told.proposal(feed, *quarter)


def _reported(
    of: Indicator, cast: Cast, quarter: Quarter = FIRST_QUARTER, reason: str = ""
) -> feeds.Reported:
    return feeds.report(
        by=cast.giver_reporter,
        indicator_uuid=of.uuid,
        starts_on=quarter[0],
        ends_on=quarter[1],
        reason=reason,
    )


def _values(cast: Cast) -> list[tuple[str | None, int, str]]:
    with asking(cast.giver):
        return [
            (row.value_text, row.revision, best(row.comment)) for row in Value.objects.order_by("revision")
        ]


def test_a_feed_counts_the_records_of_a_period_and_says_which(
    programme: Programme, cast: Cast, contacts: Indicator
) -> None:
    feed = _feed(contacts, cast, kind="food,heating", outcome="delivered")
    rows = [
        support(programme, by=cast.giver, children=4, adults=3),
        support(programme, by=cast.giver, kind="heating", adults=2, age_unknown=1),
    ]
    support(programme, by=cast.giver, kind="housing", adults=100)
    support(programme, by=cast.giver, outcome="refused", adults=100)
    across = support(programme, by=cast.giver, adults=100, ends_on="2024-04-01")
    support(programme, by=cast.giver, adults=100, starts_on="2024-04-01", ends_on="2024-06-30")

    found = _proposed(feed, cast)

    assert found.value == 10
    assert {row.uuid for row in found.tally.counted} == {row.uuid for row in rows}
    assert [row.uuid for row in found.tally.across] == [across.uuid]
    assert "2 records of support (kind: food, heating; outcome: delivered), measure people" in found.sentence
    assert "1 record reaches over the period's edge" in found.sentence
    assert str(rows[0].uuid)[:8] in found.comment


def test_people_report_what_a_feed_proposes(programme: Programme, cast: Cast, contacts: Indicator) -> None:
    _feed(contacts, cast)
    row = support(programme, by=cast.giver, children=4)

    done = _reported(contacts, cast)

    assert (done.submission, done.batch is not None) == (None, True)
    ((value, revision, comment),) = _values(cast)
    assert (value, revision) == ("4", 1)
    assert comment.startswith("Counted from 1 record of support")
    with asking(cast.giver):
        body = LedgerEntry.objects.filter(programme_id=programme.pk).order_by("-seq")[0].body
    assert '"verb":"feed.reported"' in body
    assert f'{{"uuid":"{row.uuid}","version":1}}' in body


def test_the_same_value_is_reported_once_and_another_one_needs_a_reason(
    programme: Programme, cast: Cast, contacts: Indicator
) -> None:
    _feed(contacts, cast)
    row = support(programme, by=cast.giver, children=4)
    _reported(contacts, cast)

    with pytest.raises(Invalid) as again:
        _reported(contacts, cast, reason="Once more")
    with asking(cast.giver):
        assert list(told.health(programme)) == []
    records.edit(by=cast.giver, record="support", record_uuid=row.uuid, version=1, changes={"children": 6})
    with asking(cast.giver):
        (finding,) = told.health(programme)
    with pytest.raises(Invalid) as no_reason:
        _reported(contacts, cast)
    _reported(contacts, cast, reason="Two more parcels were found")

    assert (again.value.code, no_reason.value.code) == ("already_reported", "reason_missing")
    assert finding.code == "feed_differs"
    assert "People helped, each time → 2024-Q1: 4 was reported, its records say 6 now." in finding.sentence
    assert [item[:2] for item in _values(cast)] == [("4", 1), ("6", 2)]
    with asking(cast.giver):
        assert list(told.health(programme)) == []


def test_where_values_need_approval_a_feed_makes_a_submission(programme: Programme, cast: Cast) -> None:
    row = indicator(programme, by=cast.giver, counting_rule="contacts", approval=True)
    _feed(row, cast)
    support(programme, by=cast.giver, adults=7)

    done = _reported(row, cast)

    assert done.batch is None
    assert _values(cast) == []
    with asking(cast.giver_reporter):
        (draft,) = Submission.objects.get().drafts.all()
    assert (draft.value_text, draft.starts_on, draft.ends_on) == ("7", *FIRST_QUARTER)


def test_no_record_is_not_nought(programme: Programme, cast: Cast, contacts: Indicator) -> None:
    feed = _feed(contacts, cast)
    assert _proposed(feed, cast).value is None
    with pytest.raises(Invalid) as refusal:
        _reported(contacts, cast)
    support(programme, by=cast.giver)

    assert refusal.value.code == "nothing_recorded"
    assert _proposed(feed, cast).value == 0


def test_a_total_is_not_reported_beside_its_groups(
    programme: Programme, cast: Cast, contacts: Indicator
) -> None:
    feed = _feed(contacts, cast)
    support(programme, by=cast.giver, adults=7)
    reported(contacts, {"women": 3, "men": 4}, by=cast.giver)

    found = _proposed(feed, cast)
    with pytest.raises(Invalid) as refusal:
        _reported(contacts, cast)

    assert (found.grouped, found.stands, found.agrees) == (True, Decimal(7), True)
    assert refusal.value.code == "reported_by_groups"


@pytest.mark.parametrize(
    ("said", "record", "measure"),
    [
        ({"measure": "2", "counting_rule": "contacts"}, "support", "people"),
        ({"measure": "4", "counting_rule": "none"}, "media", "items"),
        ({"measure": "5", "counting_rule": "none"}, "media", "items"),
        ({"counting_rule": "distinct_persons"}, "support", "quantity"),
        ({"counting_rule": "new_entrants"}, "media", "items"),
        ({"counting_rule": "none"}, "support", "people"),
        ({"counting_rule": "none", "currency": "EUR", "unit": "EUR"}, "media", "items"),
    ],
)
def test_a_measure_that_cannot_be_what_an_indicator_counts_is_refused(
    programme: Programme, cast: Cast, said: dict[str, Any], record: str, measure: str
) -> None:
    row = indicator(programme, by=cast.giver, title="Something else", **said)
    with pytest.raises(Invalid, match="Something else") as refusal:
        _feed(row, cast, record, measure)
    assert refusal.value.code == "feed_unfit"


def test_a_calculated_indicator_has_no_feed(programme: Programme, cast: Cast, contacts: Indicator) -> None:
    row = indicator(
        programme, by=cast.giver, counting_rule="none", expression="a * 2", parts={"a": str(contacts.uuid)}
    )
    with pytest.raises(Invalid) as refusal:
        _feed(row, cast, "media", "items")
    assert refusal.value.code == "feed_unfit"


@pytest.mark.parametrize(
    ("record", "measure", "filters", "code", "named"),
    [
        ("parcels", "people", {}, "unknown_record", "support"),
        ("support", "smiles", {}, "unknown_measure", "families"),
        ("day", "days", {}, "unknown_measure", "nothing of it"),
        ("support", "people", {"colour": "red"}, "unknown_field", "outcome"),
        ("support", "people", {"kind": "food,gold"}, "unknown_choice", "heating"),
        ("support", "people", {"kind": " "}, "filter_empty", "kind"),
        ("support", "people", {"intervention": "x"}, "unknown_intervention", "x"),
        ("seat", "standing", {"votes": "maybe"}, "unknown_choice", "maybe"),
    ],
)
def test_what_a_feed_cannot_count_is_named(
    cast: Cast, contacts: Indicator, record: str, measure: str, filters: dict[str, str], code: str, named: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        _feed(contacts, cast, record, measure, **filters)
    assert (refusal.value.code, named in refusal.value.sentence) == (code, True)


def test_a_feed_counts_no_intervention_of_another_programme(cast: Cast, contacts: Indicator) -> None:
    foreign = make.intervention(programmes.programme(cast.giver), by=cast.giver)
    with pytest.raises(Invalid) as refusal:
        _feed(contacts, cast, intervention=str(foreign.uuid))
    assert refusal.value.code == "unknown_intervention"


def test_persons_of_several_records_are_never_added_up_as_persons(programme: Programme, cast: Cast) -> None:
    row = indicator(programme, by=cast.giver, title="Persons", counting_rule="distinct_persons")
    feed = _feed(row, cast)
    support(programme, by=cast.giver, adults=7)
    assert _proposed(feed, cast).value == 7
    support(programme, by=cast.giver, adults=2)

    with pytest.raises(Invalid) as refusal:
        _proposed(feed, cast)
    with pytest.raises(Invalid):
        _reported(row, cast)

    assert refusal.value.code == "persons_counted_twice"


def test_quantities_in_several_units_are_no_number(
    programme: Programme, cast: Cast, contacts: Indicator
) -> None:
    feed = _feed(contacts, cast, "support", "quantity")
    support(programme, by=cast.giver, quantity="3", unit="parcels")
    assert (_proposed(feed, cast).value, _proposed(feed, cast).tally.unit) == (Decimal(3), "parcels")
    support(programme, by=cast.giver, quantity="2", unit="meals")

    with pytest.raises(Invalid, match="meals, parcels") as refusal:
        _proposed(feed, cast)
    chosen = _feed(contacts, cast, "support", "quantity", unit="Meals")

    assert refusal.value.code == "mixed_units"
    assert _proposed(chosen, cast).value == 2


def test_what_does_not_say_is_told_and_not_nought(programme: Programme, cast: Cast) -> None:
    row = indicator(programme, by=cast.giver, counting_rule="none")
    feed = _feed(row, cast, "support", "families")
    support(programme, by=cast.giver, families=3)
    support(programme, by=cast.giver)

    found = _proposed(feed, cast)

    assert found.value == 3
    assert found.sentence.endswith("; 1 of them does not say")


def test_seats_are_counted_as_they_stand_on_the_last_day(programme: Programme, cast: Cast) -> None:
    authority = entered(
        programme, "authority", by=cast.giver, name="County council", level="county", works_on="Housing"
    )
    for body, votes, starts, ends in (
        ("Committee", True, "2023-01-01", None),
        ("Group", False, "2023-01-01", None),
        ("Board", True, "2024-02-01", "2024-03-30"),
        ("Council", True, "2024-03-31", "2024-03-31"),
    ):
        entered(
            programme,
            "seat",
            by=cast.giver,
            authority=authority.uuid,
            body=body,
            kind="other",
            holder=cast.giver.organisation.uuid,
            votes=votes,
            starts_on=starts,
            ends_on=ends,
        )
    row = indicator(programme, by=cast.giver, counting_rule="none")
    feed = _feed(row, cast, "seat", "standing", votes="yes")

    assert _proposed(feed, cast).value == 2
    assert _proposed(feed, cast, SECOND_QUARTER).value == 1


def test_an_indicator_has_one_feed_which_is_replaced_and_removed(
    programme: Programme, cast: Cast, contacts: Indicator
) -> None:
    first = _feed(contacts, cast)
    second = _feed(contacts, cast, measure="children")
    with pytest.raises(Stale):
        feeds.define(
            by=cast.giver, indicator_uuid=contacts.uuid, record="support", measure="adults", version=1
        )
    with asking(cast.giver):
        assert list(told.lines(programme)) == ["People helped, each time ← support, measure children"]
    feeds.remove(by=cast.giver, indicator_uuid=contacts.uuid)
    with pytest.raises(NotFound):
        feeds.remove(by=cast.giver, indicator_uuid=contacts.uuid)
    with pytest.raises(NotFound):
        _reported(contacts, cast)

    assert (first.uuid, second.version) == (second.uuid, 2)


def test_a_feed_is_set_by_whoever_defines_and_reported_by_whoever_reports(
    programme: Programme, cast: Cast, contacts: Indicator
) -> None:
    for nobody in (cast.giver_reporter, cast.community, cast.auditor):
        with pytest.raises(NotAllowed):
            feeds.define(by=nobody, indicator_uuid=contacts.uuid, record="support", measure="people")
    _feed(contacts, cast)
    support(programme, by=cast.giver, adults=1)
    for nobody in (cast.community, cast.auditor, cast.donor):
        with pytest.raises(NotAllowed):
            feeds.report(
                by=nobody, indicator_uuid=contacts.uuid, starts_on=FIRST_QUARTER[0], ends_on=FIRST_QUARTER[1]
            )
    with pytest.raises(NotFound):
        feeds.define(by=cast.stranger, indicator_uuid=contacts.uuid, record="support", measure="people")
    assert _reported(contacts, cast).batch is not None


def test_a_period_that_ends_before_it_begins_is_refused(cast: Cast, contacts: Indicator) -> None:
    feed = _feed(contacts, cast)
    with pytest.raises(Invalid) as refusal:
        _proposed(feed, cast, (FIRST_QUARTER[1], FIRST_QUARTER[0]))
    assert refusal.value.code == "dates_reversed"


DAYS = st.dates(dt.date(2023, 10, 1), dt.date(2024, 9, 30))
SPANS = st.tuples(DAYS, DAYS).map(lambda pair: (min(pair), max(pair)))


@settings(max_examples=7, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tried=st.lists(st.tuples(st.sampled_from(["food", "heating"]), SPANS, st.integers(0, 9)), max_size=6))
def test_no_day_and_no_record_is_ever_counted_twice(
    programme: Programme, cast: Cast, tried: list[tuple[str, Quarter, int]]
) -> None:
    """Whatever is tried, proposals of periods that follow each other hold each record at most once, and no other's."""
    work = make.intervention(programme, by=cast.giver)
    of = indicator(programme, by=cast.giver, counting_rule="contacts")
    feed = _feed(of, cast, intervention=str(work.uuid))
    kept: list[tuple[str, Quarter, int, Any]] = []
    for kind, (first, last), children in tried:
        meets = any(kind == other and first <= span[1] and span[0] <= last for other, span, *_ in kept)
        said: dict[str, Any] = {"intervention": work.uuid, "kind": kind, "children": children}
        said |= {"starts_on": first, "ends_on": last}
        if meets:
            with pytest.raises(Invalid, match="already"):
                support(programme, by=cast.giver, **said)
        else:
            row = support(programme, by=cast.giver, **said)
            kept.append((kind, (first, last), children, row.uuid))
    quarters = [
        (dt.date(2023, 10, 1), dt.date(2023, 12, 31)),
        FIRST_QUARTER,
        SECOND_QUARTER,
        (dt.date(2024, 7, 1), dt.date(2024, 9, 30)),
    ]
    found = [_proposed(feed, cast, quarter) for quarter in quarters]

    counted = [row.uuid for proposal in found for row in proposal.tally.counted]
    assert len(counted) == len(set(counted))
    for quarter, proposal in zip(quarters, found, strict=True):
        inside = [(n, key) for _, (a, b), n, key in kept if quarter[0] <= a and b <= quarter[1]]
        assert {row.uuid for row in proposal.tally.counted} == {key for _, key in inside}
        assert (proposal.value or 0) == sum(n for n, _ in inside)


def test_deliveries_and_volunteering_feed_indicators_too(
    programme: Programme, cast: Cast, contacts: Indicator
) -> None:
    work, other = make.intervention(programme, by=cast.giver), make.intervention(programme, by=cast.giver)
    quarter: dict[str, Any] = {"starts_on": FIRST_QUARTER[0], "ends_on": FIRST_QUARTER[1]}
    for of, meals in ((work, "120"), (other, "30.5")):
        service = services.add(
            by=cast.giver, intervention_uuid=of.uuid, kind="service", title="A hot meal", unit="meals"
        )
        services.start(by=cast.giver, service_uuid=service.uuid, version=1, on=FIRST_QUARTER[0])
        deliveries.deliver(
            by=cast.giver, service_uuid=service.uuid, quantity=meals, children=4, adults=3, **quarter
        )
        volunteering.record(
            by=cast.giver, intervention_uuid=of.uuid, young=5, others=2, hours="40.5", **quarter
        )

    meals_served = _proposed(_feed(contacts, cast, "delivery", "quantity", intervention=str(work.uuid)), cast)
    people = _proposed(_feed(contacts, cast, "delivery", "people"), cast)
    young = _proposed(_feed(contacts, cast, "volunteering", "young", intervention=str(other.uuid)), cast)
    volunteers = _proposed(_feed(contacts, cast, "volunteering", "volunteers"), cast)

    assert (meals_served.value, meals_served.tally.unit) == (Decimal(120), "meals")
    assert (people.value, young.value, volunteers.value) == (Decimal(14), Decimal(5), Decimal(14))


def test_feeds_of_a_document_are_set_by_key_and_name_the_one_that_is_wrong(
    programme: Programme, cast: Cast, contacts: Indicator
) -> None:
    work = make.intervention(programme, by=cast.giver, title="Food")
    names = {"indicator:contacts": contacts.uuid, "intervention:food": work.uuid}
    row = {
        "key": "f",
        "indicator": "contacts",
        "record": "support",
        "measure": "people",
        "filters": {"intervention": "food", "kind": "food"},
    }

    added = feeds_document.load(programme, [row], by=cast.giver, names=names)

    assert set(added) == {"feed:f"}
    with asking(cast.giver):
        assert list(told.lines(programme)) == [
            "People helped, each time ← support (intervention: Food; kind: food), measure people"
        ]
    for wrong, code, field in (
        ({"indicator": "x"}, "unknown_indicator", "feeds[f].indicator"),
        ({"filters": {"intervention": "x"}}, "unknown_intervention", "feeds[f].filters.intervention"),
        ({"measure": "gold"}, "unknown_measure", "feeds[f].measure"),
        ({"colour": "red"}, "unknown_field", "feeds[f].colour"),
    ):
        with pytest.raises(Invalid) as refusal:
            feeds_document.load(programme, [{**row, **wrong}], by=cast.giver, names=names)
        assert (refusal.value.code, refusal.value.details["field"]) == (code, field)


def test_whoever_reads_up_to_an_instant_is_proposed_nothing_of_later(
    programme: Programme, cast: Cast, contacts: Indicator
) -> None:
    feed = _feed(contacts, cast)
    support(programme, by=cast.giver, adults=3)
    _reported(contacts, cast)

    with asking(cast.giver):
        found = told.proposal(feed, *FIRST_QUARTER, cutoff=dt.datetime(2024, 1, 9, tzinfo=dt.UTC))

    assert (found.value, found.stands) == (None, None)
