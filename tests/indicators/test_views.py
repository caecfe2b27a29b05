"""The pages: who may open them, what they say in words, and that their cost does not grow with what they show."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from handover.access import Actor, Operator, asking
from handover.actions import places
from handover.models import Programme
from indicators.actions import breaks, values
from indicators.actions.values import Reported
from indicators.models import Indicator, Value
from tests.factories.cast import Cast
from tests.factories.indicators import SECOND_QUARTER, indicator, reported, result
from tests.factories.programmes import programme as founded
from tests.factories.transfers import executed
from tests.indicators.test_portfolio import CODE
from tests.indicators.test_tables import _aimed as aimed

pytestmark = pytest.mark.django_db


def _as(client: Client, actor: Actor) -> Client:
    client.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def _text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def _table(programme: Programme) -> str:
    return f"/programmes/{programme.uuid}/indicators/"


def _address(of: Indicator) -> str:
    return f"{_table(of.programme)}{of.uuid}/"


def test_the_table_says_lights_in_words(cast: Cast, programme: Programme, client: Client) -> None:
    aimed(cast, programme)
    page = _text(_page(_as(client, cast.giver), _table(programme)))
    for words in (
        "Pupils enrolled",
        "20 (2023)",
        "90 : what it is made of (Pupils enrolled) Q1 2024",
        "100 (Q1 2024)",
        "At risk",
        "87.5%",
    ):
        assert words in page


def test_a_page_needs_no_style_and_no_script_of_its_own(
    cast: Cast, programme: Programme, client: Client
) -> None:
    of = aimed(cast, programme)
    signed_in = _as(client, cast.giver)
    for address in (_table(programme), _address(of), "/portfolio/"):
        page = _page(signed_in, address)
        assert not re.search(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=|javascript:", page)


def test_every_table_has_a_caption_and_scopes(cast: Cast, programme: Programme, client: Client) -> None:
    of = aimed(cast, programme, references=[CODE])
    signed_in = _as(client, cast.giver)
    for address in (_table(programme), _address(of), "/portfolio/?by=country"):
        page = _page(signed_in, address)
        tables = re.findall(r"<table.*?</table>", page, re.DOTALL)
        assert tables
        for found in tables:
            assert "<caption" in found
            assert re.findall(r"<th(?![^>]*scope=)[^e>]*>", found) == []


def test_one_indicator_shows_what_it_means_what_broke_and_who_reported(
    cast: Cast, programme: Programme, client: Client
) -> None:
    of = aimed(cast, programme)
    breaks.state(
        by=cast.giver, indicator_uuid=of.uuid, on=SECOND_QUARTER[0], kind="method", reason="Another register"
    )
    executed(cast, programme)
    page = _text(_page(_as(client, cast.receiver), _address(of)))
    for words in (
        "new entrants",
        "Break in the series (the method or the source changed).",
        "Another register",
        "Handed over by Giver organisation",
    ):
        assert words in page
    for words in ("Gender: women", "2 of 2, the latest first", cast.giver.user.display_name):
        assert words in page


def test_a_correction_shows_its_reason(cast: Cast, programme: Programme, client: Client) -> None:
    of = aimed(cast, programme)
    with asking(cast.giver):
        value = Value.objects.get(indicator=of, value=50)
    values.correct(by=cast.giver, value_uuid=value.uuid, value=51, reason="One list was counted twice")
    page = _text(_page(_as(client, cast.giver), _address(of)))
    assert "revision 2: One list was counted twice" in page
    assert "91 : what it is made of (Pupils enrolled) Q1 2024" in _text(_page(client, _table(programme)))


@pytest.mark.parametrize("path", ["", "{indicator}/"])
def test_another_tenants_page_is_not_found(
    cast: Cast, programme: Programme, client: Client, path: str
) -> None:
    of = aimed(cast, programme)
    address = _table(programme) + path.format(indicator=of.uuid)
    assert _as(client, cast.stranger).get(address).status_code == 404
    assert _as(client, cast.giver).get(address).status_code == 200


def test_an_indicator_of_another_programme_is_not_found(
    cast: Cast, programme: Programme, client: Client
) -> None:
    of = aimed(cast, founded(cast.giver))
    assert _as(client, cast.giver).get(f"{_table(programme)}{of.uuid}/").status_code == 404


def test_whoever_is_not_signed_in_is_sent_to_sign_in(
    cast: Cast, programme: Programme, client: Client
) -> None:
    assert client.get(_table(programme)).status_code == 302


def test_a_donor_sees_totals_and_no_values_of_groups_and_places(
    cast: Cast, programme: Programme, client: Client
) -> None:
    of = aimed(cast, programme)
    page = _text(_page(_as(client, cast.donor), _address(of)))
    assert "90" in page
    assert "Gender: women" not in page
    assert "not shown to donors" in page


def test_the_portfolio_shows_totals_and_why_there_are_none(
    cast: Cast, programme: Programme, client: Client
) -> None:
    reported(indicator(programme, by=cast.giver, references=[CODE]), {"": 7}, by=cast.giver)
    persons = indicator(
        programme, by=cast.giver, references=[{**CODE, "code": "EECO01"}], counting_rule="distinct_persons"
    )
    for quarter in (
        SECOND_QUARTER,
        (SECOND_QUARTER[0].replace(month=1), SECOND_QUARTER[1].replace(month=3, day=31)),
    ):
        reported(persons, {"": 5}, by=cast.giver, quarter=quarter)
    page = _text(_page(_as(client, cast.giver), "/portfolio/"))
    assert "EECO15" in page
    assert "No total. The periods of a year do not add up" in page


def test_an_empty_programme_says_so(cast: Cast, programme: Programme, client: Client) -> None:
    assert "no indicators yet" in _page(_as(client, cast.giver), _table(programme))


def test_what_people_typed_is_text_and_nothing_else(cast: Cast, programme: Programme, client: Client) -> None:
    of = indicator(programme, by=cast.giver, title="<script>alert(1)</script>", references=[CODE])
    reported(of, {"": 7}, by=cast.giver)
    signed_in = _as(client, cast.giver)
    for address in (_table(programme), _address(of), "/portfolio/"):
        assert "<script>" not in _page(signed_in, address)


def test_a_number_never_has_a_language_of_its_own_in_a_chart(
    cast: Cast, programme: Programme, client: Client
) -> None:
    of = aimed(cast, programme)
    reported(of, {"": 77}, by=cast.giver, quarter=SECOND_QUARTER)
    client.cookies["django_language"] = "lt"
    page = _page(_as(client, cast.giver), _table(programme))
    points = re.findall(r'points="([^"]+)"', page)
    assert points
    assert all(re.fullmatch(r"(\d+\.\d,\d+\.\d ?)+", each) for each in points)


@pytest.mark.parametrize("which", ["table", "one", "portfolio", "places"])
def test_a_page_takes_as_many_queries_however_much_it_shows(
    cast: Cast, programme: Programme, client: Client, which: str
) -> None:
    spot = places.add_unit(by=Operator(), country="RO", nuts3="RO999", code="999999", name="Here")
    under = result(programme, by=cast.giver)
    of = aimed(cast, programme, of=under, references=[CODE])
    reported(of, [Reported(value=3, place=spot.uuid)], by=cast.giver, quarter=SECOND_QUARTER)
    address = {
        "table": _table(programme),
        "one": _address(of),
        "portfolio": "/portfolio/",
        "places": "/portfolio/?by=place",
    }[which]
    signed_in = _as(client, cast.giver)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            _page(signed_in, address)
        return len(captured)

    queries()
    before = queries()
    for number in range(3):
        more = aimed(cast, programme, of=under, references=[{**CODE, "code": f"C{number}"}])
        reported(more, [Reported(value=3, place=spot.uuid)], by=cast.giver, quarter=SECOND_QUARTER)
    values.report(
        by=cast.giver,
        indicator_uuid=of.uuid,
        starts_on=SECOND_QUARTER[0].replace(month=7),
        ends_on=SECOND_QUARTER[1].replace(month=9),
        rows=[Reported(value=number, dimensions={"age": str(number)}) for number in range(8)],
    )
    assert queries() == before
