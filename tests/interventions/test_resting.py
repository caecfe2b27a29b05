"""Needs that rest on a promise: those that the responsibilities which depend on it answer."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from handover.access import asking
from handover.actions import undertakings
from handover.models import Programme, Responsibility, Undertaking
from handover.narratives import best
from handover.queries import undertakings as reads
from interventions.actions import interventions
from tests.factories.cast import Cast
from tests.factories.interventions import intervention, levels, need
from tests.factories.transfers import responsibilities_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def duty(cast: Cast, programme: Programme) -> Responsibility:
    """Give a responsibility of a programme with levels of needs."""
    levels(programme, by=cast.giver)
    return responsibilities_of(programme, by=cast.giver)[0]


def promised(cast: Cast, programme: Programme, *duties: Responsibility) -> Undertaking:
    return undertakings.enter(
        by=cast.giver,
        programme_uuid=programme.uuid,
        organisation=cast.giver.organisation,
        kind="posts",
        title="Two mediators stay",
        starts_on=dt.date(2024, 1, 1),
        responsibilities=[item.uuid for item in duties],
    )


def resting(cast: Cast, row: Undertaking) -> list[str]:
    with asking(cast.giver):
        (found,) = reads.rows(row.programme)
        return [best(item.title) for item in reads.resting(found)]


def test_needs_rest_on_a_promise_through_the_interventions_of_its_responsibilities(
    cast: Cast, programme: Programme, duty: Responsibility
) -> None:
    water = need(programme, by=cast.giver)
    need(programme, by=cast.giver, title="Documents")
    done = intervention(programme, by=cast.giver, responsibility=duty.uuid)
    interventions.answer(by=cast.giver, intervention_uuid=done.uuid, need_uuid=water.uuid)
    assert resting(cast, promised(cast, programme, duty)) == ["Drinking water"]


def test_a_need_of_the_responsibility_itself_rests_on_the_promise_once(
    cast: Cast, programme: Programme, duty: Responsibility
) -> None:
    water = need(programme, by=cast.giver, responsibility=duty.uuid)
    for title in ("One", "Two"):
        done = intervention(programme, by=cast.giver, title=title, responsibility=duty.uuid)
        interventions.answer(by=cast.giver, intervention_uuid=done.uuid, need_uuid=water.uuid)
    assert resting(cast, promised(cast, programme, duty)) == ["Drinking water"]


def test_nothing_rests_on_a_promise_of_which_nobody_said_what_depends_on_it(
    cast: Cast, programme: Programme, duty: Responsibility
) -> None:
    need(programme, by=cast.giver, responsibility=duty.uuid)
    assert resting(cast, promised(cast, programme)) == []


def test_the_page_of_a_promise_leads_to_its_needs(
    cast: Cast, programme: Programme, duty: Responsibility, client: Client
) -> None:
    water = need(programme, by=cast.giver, responsibility=duty.uuid)
    row = promised(cast, programme, duty)
    client.force_login(cast.giver.user, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("undertaking", args=[programme.uuid, row.uuid])).content.decode()
    assert "Needs that these answer" in page
    assert reverse("need", args=[programme.uuid, water.uuid]) in page
