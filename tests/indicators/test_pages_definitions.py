"""Definitions on pages: results and indicators added and changed, what they are measured against, the panel."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from handover import access
from handover.access import asking
from handover.holdings import holdings
from handover.models import Programme, Responsibility
from indicators.models import Baseline, Break, Floor, Indicator, Period, Result, Target
from tests.factories.cast import Cast
from tests.factories.indicators import FIRST_QUARTER, indicator, reported, result
from tests.factories.transfers import executed
from tests.indicators.test_pages_entry import as_, here, text
from tests.indicators.test_tables import _aimed as aimed

pytestmark = pytest.mark.django_db

NEW = {"title": "Meetings held", "measure": "1", "counting_rule": "none", "unit": "meetings"}


def given(form: Any, **changes: str) -> dict[str, Any]:
    """Give what a form holds, with changes."""
    said = {name: form[name].value() for name in form.fields}
    said = {name: value for name, value in said.items() if value not in (None, False)}
    return {**said, **changes}


def test_a_result_is_added_and_changed(cast: Cast, programme: Programme, client: Client) -> None:
    as_(client, cast.giver)
    added = client.post(
        here(programme, "definitions/results/add/"), {"title": "People meet", "type": "2"}, follow=True
    )
    assert "The result is added." in text(added)
    with asking(cast.giver):
        row = Result.objects.get()
    address = here(programme, f"definitions/results/{row.uuid}/")
    form = client.get(address).context["form"]
    client.post(address, given(form, title="People meet often"))
    stale = client.post(address, given(form, title="People meet seldom"))
    assert "Somebody else changed this" in text(stale)
    with asking(cast.giver):
        assert Result.objects.get().title == [{"lang": "en", "text": "People meet often"}]


def test_an_indicator_is_added_and_then_measured_against_something(
    cast: Cast, programme: Programme, client: Client
) -> None:
    under = result(programme, by=cast.giver)
    as_(client, cast.giver)
    empty = client.post(
        here(programme, "definitions/add/"), {"result": str(under.uuid), "counting_rule": "none"}
    )
    assert set(empty.context["form"].errors) == {"title", "measure"}
    answer = client.post(here(programme, "definitions/add/"), {"result": str(under.uuid), **NEW})
    with asking(cast.giver):
        row = Indicator.objects.get()
    address = here(programme, f"definitions/{row.uuid}/numbers/")
    assert answer["Location"] == address
    client.post(address, {"do": "baseline", "year": "2023", "value": "1,5"})
    client.post(address, {"do": "target", "starts_on": "2024-01-01", "ends_on": "2024-12-31", "value": "12"})
    client.post(address, {"do": "period", "starts_on": "2024-01-01", "ends_on": "2024-03-31"})
    client.post(address, {"do": "break", "on": "2024-04-01", "kind": "scope", "reason": "Two villages more"})
    page = text(client.get(address))
    for words in ("2023 1.5", "2024 12", "Q1 2024", "1 April 2024", "Two villages more"):
        assert words in page
    with asking(cast.giver):
        assert (Baseline.objects.count(), Target.objects.count(), Break.objects.count()) == (1, 1, 1)
        assert Period.objects.filter(starts_on=FIRST_QUARTER[0]).count() == 2


def test_a_floor_is_set_with_its_reason_shown_and_taken_away(
    cast: Cast, programme: Programme, client: Client
) -> None:
    of = indicator(programme, by=cast.giver)
    as_(client, cast.giver)
    address = here(programme, f"definitions/{of.uuid}/numbers/")
    set_ = client.post(address, {"do": "floor", "level": "1250", "reason": "The agreement"}, follow=True)
    assert "The floor is kept." in text(set_)
    assert "1,250 The agreement" in text(set_)
    assert "1,250: The agreement" in text(client.get(here(programme, f"{of.uuid}/")))
    client.post(address, {"do": "floor", "level": "", "reason": ""})
    with asking(cast.giver):
        assert not Floor.objects.exists()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"do": "floor", "level": "40", "reason": ""}, "Say why the floor lies there."),
        ({"do": "floor", "level": "", "reason": ""}, "This indicator has no floor."),
        ({"do": "baseline", "year": "2023", "value": "many"}, "is not a number"),
        (
            {"do": "target", "starts_on": "2024-12-31", "ends_on": "2024-01-01", "value": "1"},
            "ends before it begins",
        ),
        ({"do": "break", "on": "2024-04-01", "kind": "scope", "reason": ""}, "This field is required."),
    ],
)
def test_what_is_wrong_stands_at_its_form(
    cast: Cast, programme: Programme, client: Client, said: dict[str, str], words: str
) -> None:
    of = indicator(programme, by=cast.giver)
    answer = as_(client, cast.giver).post(here(programme, f"definitions/{of.uuid}/numbers/"), said)
    assert words in text(answer)
    assert "Error:" in text(answer)


def test_a_change_says_only_what_it_changed(cast: Cast, programme: Programme, client: Client) -> None:
    of = indicator(programme, by=cast.giver, title={"en": "Pupils", "ro": "Elevi"})
    address = here(programme, f"definitions/{of.uuid}/")
    form = as_(client, cast.giver).get(address).context["form"]
    client.post(address, given(form, title="All pupils", due_days="20"))
    with asking(cast.giver):
        row = Indicator.objects.get()
    assert {item["lang"]: item["text"] for item in row.title} == {"en": "All pupils", "ro": "Elevi"}
    assert (row.due_days, row.counting_rule, row.version) == (20, "new_entrants", of.version + 1)


def test_after_a_handover_another_measure_needs_a_break(
    cast: Cast, programme: Programme, client: Client
) -> None:
    of = indicator(programme, by=cast.giver)
    reported(of, {"": 5}, by=cast.giver)
    executed(cast, programme)
    address = here(programme, f"definitions/{of.uuid}/")
    form = as_(client, cast.receiver).get(address).context["form"]
    refused = client.post(address, given(form, counting_rule="contacts"))
    assert refused.status_code == 200
    assert refused.context["form"].errors
    client.post(
        address,
        given(form, counting_rule="contacts", break_on="2024-07-01", break_reason="Every visit counts now"),
    )
    with asking(cast.receiver):
        assert Break.objects.get().on == dt.date(2024, 7, 1)


def test_what_a_person_may_not_do_is_not_offered_and_refused(
    cast: Cast, programme: Programme, client: Client
) -> None:
    of = indicator(programme, by=cast.giver)
    as_(client, cast.giver_reporter)
    assert "Definitions" not in text(client.get(here(programme)))
    assert "Change the definition" not in text(client.get(here(programme, f"{of.uuid}/")))
    for path in ("", "add/", "results/add/", f"{of.uuid}/", f"{of.uuid}/numbers/"):
        assert client.get(here(programme, f"definitions/{path}")).status_code == 403


def test_who_holds_a_responsibility_defines_what_hangs_on_it_alone(
    cast: Cast, programme: Programme, client: Client
) -> None:
    with asking(cast.giver):
        held = Responsibility.objects.filter(programme=programme).first()
    assert held is not None
    of = indicator(programme, by=cast.giver, responsibility=held.uuid)
    page = as_(client, cast.giver).get(here(programme, "definitions/"))
    assert held.title in text(page)
    assert here(programme, f"definitions/{of.uuid}/") in page.content.decode()


# --- the programme's page -------------------------------------------------------------------------


def test_the_panel_tells_lights_the_worst_and_what_is_due(cast: Cast, programme: Programme) -> None:
    aimed(cast, programme)
    late = indicator(programme, by=cast.giver, title="Late one", frequency="quarterly", due_days=1)
    reported(late, {"": 5}, by=cast.giver)
    (holding,) = (item for item in holdings() if item.name == "indicators")
    with asking(cast.giver):
        (panel,) = holding.panels(programme, access.reach(cast.giver, programme))
    said = panel.context
    assert {each["light"]: each["count"] for each in said["lights"]} == {
        "green": 0,
        "amber": 1,
        "red": 0,
        "grey": 1,
    }
    assert [each["title"] for each in said["worst"]] == ["Pupils enrolled"]
    # The programme began in 2022; of nine quarters that are due one has a value, and four are named.
    assert [each["span"] for each in said["due"]] == ["Q1 2022", "Q2 2022", "Q3 2022", "Q4 2022"]
    assert all(each["late"] for each in said["due"])
    assert said["due_more"] == 5
