"""Services: no start without the licence that is needed, figures by period that are never counted twice."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError

from handover import notices
from handover.access import asking
from handover.actions import places
from handover.errors import Invalid, NotAllowed, NotFound, Stale
from handover.models import LedgerEntry, Place, Programme
from handover.permissions import Role
from interventions.actions import deliveries, interventions, services, volunteering
from interventions.models import Delivery, Intervention, Service, Volunteering
from interventions.queries import changes
from interventions.queries import services as reads
from tests.factories import interventions as make
from tests.factories import programmes
from tests.factories.cast import TODAY, Cast
from tests.factories.organisations import OPERATOR, person

SPRING: dict[str, Any] = {"starts_on": dt.date(2024, 1, 1), "ends_on": dt.date(2024, 3, 31)}
STARTED = dt.date(2024, 1, 15)


@pytest.fixture
def work(programme: Programme, cast: Cast) -> Intervention:
    """Give an intervention."""
    return make.intervention(programme, by=cast.giver, title="Day centre")


@pytest.fixture
def running(work: Intervention, cast: Cast) -> Service:
    """Give a service that runs."""
    return make.service(work, by=cast.giver, started_on=STARTED)


@pytest.fixture
def village() -> Place:
    """Give a place."""
    return places.add_unit(by=OPERATOR, country="RO", nuts3="RO424", code="TEST-1", name="Village")


# --- starting ---


def test_a_service_starts_today_or_on_an_earlier_day_and_once(work: Intervention, cast: Cast) -> None:
    one, two = (make.service(work, by=cast.giver, title=title) for title in ("One", "Two"))

    first = services.start(by=cast.giver, service_uuid=one.uuid, version=1)
    services.start(by=cast.giver, service_uuid=two.uuid, version=1, on=STARTED)
    with pytest.raises(Invalid) as again:
        services.start(by=cast.giver, service_uuid=one.uuid, version=2)
    with pytest.raises(Stale):
        services.start(by=cast.giver, service_uuid=make.service(work, by=cast.giver).uuid, version=9)

    assert (first.started_on, again.value.code) == (TODAY.date(), "already_started")


def test_a_service_does_not_start_ahead_of_time_or_after_its_end(work: Intervention, cast: Cast) -> None:
    ended = make.service(work, by=cast.giver, ends_on=dt.date(2024, 1, 31))

    with pytest.raises(Invalid) as ahead:
        services.start(by=cast.giver, service_uuid=ended.uuid, version=1, on=dt.date(2024, 6, 4))
    with pytest.raises(Invalid) as late:
        services.start(by=cast.giver, service_uuid=ended.uuid, version=1, on=dt.date(2024, 2, 1))

    assert (ahead.value.code, late.value.code) == ("start_ahead", "dates_reversed")


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (dt.date(2024, 1, 31), "licence_not_valid_yet"),
        (dt.date(2024, 2, 1), ""),
        (dt.date(2024, 4, 30), ""),
        (dt.date(2024, 5, 1), "licence_expired"),
    ],
)
def test_a_licence_is_needed_on_the_day_of_the_start(
    programme: Programme, work: Intervention, cast: Cast, day: dt.date, code: str
) -> None:
    paper = make.licence(
        programme, by=cast.giver, valid_from=dt.date(2024, 2, 1), valid_to=dt.date(2024, 4, 30)
    )
    made = make.service(work, by=cast.giver, needs_licence=True, licence=paper.uuid)

    refused = None
    try:
        services.start(by=cast.giver, service_uuid=made.uuid, version=1, on=day)
    except Invalid as refusal:
        refused = refusal

    assert (refused.code if refused else "") == code
    assert refused is None or "L-1" in refused.sentence
    with asking(cast.giver):
        assert (Service.objects.get(pk=made.pk).started_on is None) == bool(code)


def test_a_service_that_needs_a_licence_does_not_start_without_one(
    work: Intervention, cast: Cast, web_sql: Any
) -> None:
    made = make.service(work, by=cast.giver, needs_licence=True)

    with pytest.raises(Invalid) as refusal:
        services.start(by=cast.giver, service_uuid=made.uuid, version=1)
    with pytest.raises(IntegrityError, match="interventions_service_licence"):
        web_sql(cast.giver)(
            "UPDATE interventions_service SET started_on = '2024-06-01' WHERE id = %s", [made.pk]
        )

    assert (refusal.value.code, refusal.value.details["service"]) == ("licence_missing", str(made.uuid))


def test_a_running_service_does_not_lose_the_licence_that_it_needs(
    programme: Programme, work: Intervention, cast: Cast
) -> None:
    paper = make.licence(programme, by=cast.giver, valid_from=dt.date(2024, 1, 1))
    made = make.service(work, by=cast.giver, needs_licence=True, licence=paper.uuid, started_on=STARTED)
    free = make.service(work, by=cast.giver, title="Free", started_on=STARTED)

    with pytest.raises(Invalid) as lost:
        services.edit(by=cast.giver, service_uuid=made.uuid, version=2, reason="Gone", licence=None)
    with pytest.raises(Invalid) as late:
        services.edit(by=cast.giver, service_uuid=free.uuid, version=2, reason="New law", needs_licence=True)

    assert (lost.value.code, late.value.code) == ("licence_missing", "licence_missing")


def test_a_licence_of_another_programme_opens_nothing(work: Intervention, cast: Cast) -> None:
    foreign = make.licence(programmes.programme(cast.giver), by=cast.giver, valid_from=dt.date(2024, 1, 1))

    with pytest.raises(Invalid) as refusal:
        make.service(work, by=cast.giver, needs_licence=True, licence=foreign.uuid)

    assert refusal.value.code == "unknown_licence"
    assert str(foreign.uuid) in refusal.value.sentence
    with asking(cast.giver):
        assert not Service.objects.exists()


def test_what_comes_first_is_advice_that_is_heard_at_the_start(
    programme: Programme, work: Intervention, cast: Cast
) -> None:
    papers = make.intervention(programme, by=cast.giver, title="Papers")
    begun = make.intervention(programme, by=cast.giver, title="Water", starts_on=STARTED)
    for first in (papers, begun):
        interventions.after(by=cast.giver, intervention_uuid=work.uuid, after_uuid=first.uuid)
    made = make.service(work, by=cast.giver)

    with notices.collected() as heard:
        services.start(by=cast.giver, service_uuid=made.uuid, version=1)

    (notice,) = heard
    assert notice.code == "waits_for_intervention"
    assert "“Papers”" in notice.sentence


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"planned": "-3"}, "negative_count", "planned"),
        ({"unit": ""}, "invalid", "unit"),
        ({"kind": "hobby"}, "invalid", "kind"),
        (
            {"starts_on": dt.date(2024, 2, 1), "ends_on": dt.date(2024, 1, 1)},
            "dates_reversed",
            "ends_on",
        ),
        ({"started_on": dt.date(2024, 1, 1)}, "unknown_field", "started_on"),
    ],
)
def test_a_wrong_service_is_refused(
    work: Intervention, cast: Cast, said: dict[str, Any], code: str, field: str
) -> None:
    entry: dict[str, Any] = {"kind": "service", "title": "Visits", "unit": "visits", **said}

    with pytest.raises(Invalid) as refusal:
        services.add(by=cast.giver, intervention_uuid=work.uuid, **entry)

    assert (refusal.value.code, refusal.value.details["field"]) == (code, field)


def test_a_service_of_an_intervention_that_began_changes_with_a_reason(
    programme: Programme, cast: Cast
) -> None:
    begun = make.intervention(programme, by=cast.giver, starts_on=STARTED)
    with pytest.raises(Invalid) as silent:
        make.service(begun, by=cast.giver, reason="")
    made = make.service(begun, by=cast.giver, planned=10, reason="Asked for")

    services.edit(by=cast.giver, service_uuid=made.uuid, version=1, reason="Two more", planned="12")

    assert silent.value.code == "reason_missing"
    with asking(cast.giver):
        first, second = changes.history(programme, begun)
    assert ("service: title", "", "Home visits") in [
        (item.field, item.before, item.after) for item in first.fields
    ]
    assert [(item.field, item.before, item.after) for item in second.fields] == [
        ("service “Home visits”: planned", "10", "12")
    ]


# --- deliveries ---


def test_a_delivery_is_counted_by_period_and_place(running: Service, cast: Cast, village: Place) -> None:
    said: dict[str, Any] = {"quantity": "40.5", "children": 12, "adults": 30, "age_unknown": 2, **SPRING}

    made = deliveries.deliver(by=cast.giver, service_uuid=running.uuid, **said)
    deliveries.deliver(by=cast.giver, service_uuid=running.uuid, place=village.uuid, **said)

    assert (made.quantity, made.children, made.adults, made.age_unknown) == (Decimal("40.5"), 12, 30, 2)
    with asking(cast.giver):
        (line,) = reads.of(running.programme)
    assert (line.quantity, line.periods) == (Decimal("81.0"), 1)
    assert line.last is not None
    assert (line.last.children, line.last.people()) == (24, "24 children, 60 adults, 4 of unknown age")


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "overlaps"),
    [
        (dt.date(2024, 3, 31), dt.date(2024, 4, 30), True),
        (dt.date(2024, 2, 1), dt.date(2024, 2, 29), True),
        (dt.date(2023, 12, 1), dt.date(2024, 4, 30), True),
        (dt.date(2024, 4, 1), dt.date(2024, 4, 30), False),
    ],
)
def test_two_periods_of_a_service_and_place_do_not_overlap(
    running: Service, cast: Cast, starts_on: dt.date, ends_on: dt.date, overlaps: bool
) -> None:
    first = deliveries.deliver(by=cast.giver, service_uuid=running.uuid, quantity=1, **SPRING)
    other = make.service(running.intervention, by=cast.giver, title="Other", started_on=STARTED)
    said: dict[str, Any] = {"quantity": 1, "starts_on": starts_on, "ends_on": ends_on}

    refused = None
    try:
        deliveries.deliver(by=cast.giver, service_uuid=running.uuid, **said)
    except Invalid as refusal:
        refused = refusal
    deliveries.deliver(by=cast.giver, service_uuid=other.uuid, **said)

    assert (refused is not None) == overlaps
    if refused is not None:
        assert (refused.code, refused.details["other"]) == ("period_overlaps", str(first.uuid))
        assert "2024-01-01 to 2024-03-31" in refused.sentence


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"quantity": "-1"}, "negative_count", "quantity"),
        ({"children": -1}, "negative_count", "children"),
        ({"adults": -1}, "negative_count", "adults"),
        ({"age_unknown": -4}, "negative_count", "age_unknown"),
        ({"children": 1.5}, "not_a_whole_number", "children"),
        ({"quantity": 0.1}, "not_exact", "quantity"),
        ({"quantity": None}, "invalid", "quantity"),
        ({"ends_on": dt.date(2023, 12, 31)}, "dates_reversed", "ends_on"),
        ({"starts_on": dt.date(2024, 6, 4), "ends_on": dt.date(2024, 6, 30)}, "period_ahead", "starts_on"),
        (
            {"starts_on": dt.date(2023, 10, 1), "ends_on": dt.date(2023, 12, 31)},
            "before_the_start",
            "ends_on",
        ),
        ({"starts_on": dt.date(2024, 5, 2), "ends_on": dt.date(2024, 5, 31)}, "after_the_end", "starts_on"),
        ({"meals": 4}, "unknown_field", "meals"),
    ],
)
def test_a_wrong_delivery_is_refused(
    work: Intervention, cast: Cast, said: dict[str, Any], code: str, field: str
) -> None:
    made = make.service(work, by=cast.giver, started_on=STARTED, ends_on=dt.date(2024, 5, 1))
    entry: dict[str, Any] = {"quantity": 1, **SPRING, **said}

    with pytest.raises(Invalid) as refusal:
        deliveries.deliver(by=cast.giver, service_uuid=made.uuid, **entry)

    assert (refusal.value.code, refusal.value.details["field"]) == (code, field)
    with asking(cast.giver):
        assert not Delivery.objects.exists()


def test_nothing_is_delivered_by_a_service_that_has_not_started(work: Intervention, cast: Cast) -> None:
    made = make.service(work, by=cast.giver)

    with pytest.raises(Invalid) as refusal:
        deliveries.deliver(by=cast.giver, service_uuid=made.uuid, quantity=1, **SPRING)

    assert refusal.value.code == "not_started"


def test_a_delivery_is_corrected_with_a_reason_and_the_ledger_keeps_both(
    running: Service, cast: Cast
) -> None:
    made = deliveries.deliver(by=cast.giver, service_uuid=running.uuid, quantity=40, adults=9, **SPRING)
    later: dict[str, Any] = {"starts_on": dt.date(2024, 4, 1), "ends_on": dt.date(2024, 5, 31)}
    deliveries.deliver(by=cast.giver, service_uuid=running.uuid, quantity=3, **later)
    which: dict[str, Any] = {"by": cast.giver, "delivery_uuid": made.uuid}

    with pytest.raises(Invalid) as silent:
        deliveries.correct(version=1, reason="", quantity=41, **which)
    with pytest.raises(Invalid) as onto:
        deliveries.correct(version=1, reason="Longer", ends_on=dt.date(2024, 4, 1), **which)
    deliveries.correct(version=1, reason="A sheet was missed", quantity="41", **which)
    with pytest.raises(Stale):
        deliveries.correct(version=1, reason="Again", quantity=42, **which)

    assert (silent.value.code, onto.value.code) == ("reason_missing", "period_overlaps")
    with asking(cast.giver):
        found = Delivery.objects.get(pk=made.pk)
        entry = LedgerEntry.objects.get(
            programme_id=running.programme_id, body__contains="delivery.corrected"
        )
    assert (found.quantity, found.adults, found.version) == (Decimal(41), 9, 2)
    assert '"before":{"quantity":"40"}' in entry.body
    assert '"reason":"A sheet was missed"' in entry.body


def test_only_who_may_change_the_intervention_enters_its_figures(running: Service, cast: Cast) -> None:
    viewer = person(cast.giver.organisation, Role.VIEWER)

    with pytest.raises(NotAllowed):
        deliveries.deliver(by=viewer, service_uuid=running.uuid, quantity=1, **SPRING)
    with pytest.raises(NotFound):
        deliveries.deliver(by=cast.stranger, service_uuid=running.uuid, quantity=1, **SPRING)
    with pytest.raises(NotFound):
        services.start(by=cast.stranger, service_uuid=running.uuid, version=1)
    with pytest.raises(NotFound):
        volunteering.record(by=cast.stranger, intervention_uuid=running.intervention.uuid, others=1, **SPRING)


# --- volunteers ---


def test_volunteers_are_counted_with_hours_and_training(work: Intervention, cast: Cast) -> None:
    made = volunteering.record(
        by=cast.giver,
        intervention_uuid=work.uuid,
        young=5,
        others=2,
        hours="70.5",
        training_hours=12,
        **SPRING,
    )

    with pytest.raises(Invalid) as twice:
        volunteering.record(by=cast.giver, intervention_uuid=work.uuid, young=1, **SPRING)
    volunteering.correct(by=cast.giver, volunteering_uuid=made.uuid, version=1, reason="Miscounted", young=6)

    assert twice.value.code == "period_overlaps"
    with asking(cast.giver):
        assert Volunteering.objects.get().young == 6
        assert list(reads.lines(work.programme)) == [
            "Volunteers 2024: up to 8 in a period, 6 of them under 30; 70.5 hours, 12 of training"
        ]


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"young": -1}, "negative_count", "young"),
        ({"others": 1, "hours": "-1"}, "negative_count", "hours"),
        ({"hours": 10}, "nobody_counted", "others"),
        ({"others": 1, "ends_on": dt.date(2023, 1, 1)}, "dates_reversed", "ends_on"),
    ],
)
def test_a_wrong_count_of_volunteers_is_refused(
    work: Intervention, cast: Cast, said: dict[str, Any], code: str, field: str
) -> None:
    entry: dict[str, Any] = {**SPRING, **said}

    with pytest.raises(Invalid) as refusal:
        volunteering.record(by=cast.giver, intervention_uuid=work.uuid, **entry)

    assert (refusal.value.code, refusal.value.details["field"]) == (code, field)


# --- what is told ---


@pytest.mark.parametrize(
    ("until", "code"),
    [
        (dt.date(2024, 6, 2), "licence_expired"),
        (dt.date(2024, 6, 3), "licence_expires"),
        (dt.date(2024, 9, 1), "licence_expires"),
        (dt.date(2024, 9, 2), ""),
        (None, ""),
    ],
)
def test_a_licence_that_runs_out_is_called_to_mind(
    programme: Programme, work: Intervention, cast: Cast, until: dt.date | None, code: str
) -> None:
    paper = make.licence(programme, by=cast.giver, valid_from=STARTED, valid_to=until)
    made = make.service(work, by=cast.giver, needs_licence=True, licence=paper.uuid, started_on=STARTED)

    with asking(cast.giver):
        found = list(reads.health(programme))

    assert [item.code for item in found] == ([code] if code else [])
    for item in found:
        assert item.subject == str(made.uuid)
        assert item.sentence.startswith("Day centre › Home visits: licence L-1 expire")


def test_what_should_run_or_should_wait_is_named(
    programme: Programme, work: Intervention, cast: Cast
) -> None:
    papers = make.intervention(programme, by=cast.giver, title="Papers")
    interventions.after(by=cast.giver, intervention_uuid=work.uuid, after_uuid=papers.uuid)
    make.service(work, by=cast.giver, started_on=STARTED)
    make.service(work, by=cast.giver, title="Late", starts_on=dt.date(2024, 6, 2))
    make.service(work, by=cast.giver, title="Soon", starts_on=dt.date(2024, 6, 4))

    with asking(cast.giver):
        assert [(item.code, item.sentence.split(":")[0]) for item in reads.health(programme)] == [
            ("start_overdue", "Day centre › Late"),
            ("waits_for_intervention", "Day centre"),
        ]
    make.service(papers, by=cast.giver, started_on=STARTED)
    with asking(cast.giver):
        assert [item.code for item in reads.health(programme)] == ["start_overdue"]


def test_the_last_period_is_told_beside_the_plan_for_a_quarter(running: Service, cast: Cast) -> None:
    services.edit(by=cast.giver, service_uuid=running.uuid, version=2, reason="Agreed", planned=60)
    deliveries.deliver(by=cast.giver, service_uuid=running.uuid, quantity=45, children=3, adults=20, **SPRING)

    with asking(cast.giver):
        quarter = reads.chapter(running.programme)
    month: dict[str, Any] = {"starts_on": dt.date(2024, 4, 1), "ends_on": dt.date(2024, 4, 30)}
    deliveries.deliver(by=cast.giver, service_uuid=running.uuid, quantity=10, **month)

    assert quarter == [
        "Home visits: 45 of 60 visits",
        "  2024-01-01 to 2024-03-31; reached 3 children, 20 adults",
    ]
    with asking(cast.giver):
        assert reads.chapter(running.programme)[0] == "Home visits: 10 visits"
        assert list(reads.lines(running.programme)) == [
            "Day centre",
            "  Home visits (service): 55 visits in 2 periods",
        ]
