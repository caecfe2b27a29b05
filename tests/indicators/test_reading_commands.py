"""`handover indicators` and `handover portfolio`, as they are typed."""

from __future__ import annotations

import pytest

from handover.access import Operator
from handover.actions import places
from handover.models import Programme
from indicators.actions import breaks
from indicators.actions.values import Reported
from tests.factories.cast import Cast
from tests.factories.indicators import SECOND_QUARTER, indicator, reported
from tests.factories.transfers import executed
from tests.handover.command_line import refused, said, told
from tests.indicators.test_portfolio import CODE
from tests.indicators.test_tables import _aimed as aimed

pytestmark = pytest.mark.django_db


def test_the_table_of_a_programme(cast: Cast, programme: Programme) -> None:
    aimed(cast, programme)
    out = said("indicators", programme.identifier, "--as", cast.giver.user.email)
    assert "Children learn" in out
    assert "at risk: 87.5% of the way" in out


def test_the_table_for_machines_is_exact(cast: Cast, programme: Programme) -> None:
    of = aimed(cast, programme)
    document = told("indicators", programme.identifier, "--as", cast.giver.user.email)
    ((one,),) = [section["indicators"] for section in document["results"]]
    assert (one["uuid"], one["baseline"], one["last"]["total"], one["target"]["value"]) == (
        str(of.uuid),
        "20",
        "90",
        "100",
    )
    assert (one["progress"]["light"], one["progress"]["per_cent"]) == ("amber", "87.5")


def test_one_indicator_over_time_with_its_marks(cast: Cast, programme: Programme) -> None:
    of = aimed(cast, programme)
    breaks.state(
        by=cast.giver, indicator_uuid=of.uuid, on=SECOND_QUARTER[0], kind="method", reason="Another register"
    )
    executed(cast, programme)
    out = said("indicators", programme.identifier, "--as", cast.receiver.user.email, "--of", "pupils")
    lines = out.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("2024 Q1"))
    assert "90" in lines[first]
    assert lines[first + 1].startswith(f"— break on {SECOND_QUARTER[0]}: Another register")
    assert "handover on 2024-06-03: Giver organisation to Receiver organisation" in lines[first + 2]


def test_one_indicator_by_place(cast: Cast, programme: Programme) -> None:
    spot = places.add_unit(by=Operator(), country="RO", nuts3="RO999", code="999999", name="Here")
    of = indicator(programme, by=cast.giver)
    reported(of, [Reported(value=3, place=spot.uuid), Reported(value=4)], by=cast.giver)
    by_place = ("indicators", programme.identifier, "--of", of.uuid, "--by-place")
    out = said(*by_place, "--as", cast.giver.user.email)
    assert "Here (RO:999999)  2024  3" in out
    assert "(no place)        2024  4" in out
    assert "[small_counts]" in refused(*by_place, "--as", cast.donor.user.email)


def test_what_is_asked_wrongly_is_one_clear_line(cast: Cast, programme: Programme) -> None:
    aimed(cast, programme)
    aimed(cast, programme, title="Pupils who stay")
    ask = ("indicators", programme.identifier, "--as", cast.giver.user.email)
    assert refused(*ask, "--of", "nothing").endswith("[unknown_indicator]")
    assert refused(*ask, "--of", "pupils").startswith(
        "error: “pupils” fits several: Pupils enrolled, Pupils who stay"
    )
    assert refused(*ask, "--by-place").endswith("[which_indicator]")
    stranger = ("indicators", programme.identifier, "--as", cast.stranger.user.email)
    assert refused(*stranger).endswith("[not_found]")


def test_what_is_empty_says_so(cast: Cast, programme: Programme) -> None:
    assert "no indicators yet" in said("indicators", programme.identifier, "--as", cast.giver.user.email)
    assert "No indicator with a code" in said("portfolio", "--as", cast.giver.user.email)


def test_the_portfolio(cast: Cast, programme: Programme) -> None:
    spot = places.add_unit(by=Operator(), country="RO", nuts3="RO999", code="999999", name="Here")
    of = indicator(programme, by=cast.giver, references=[CODE])
    reported(of, [Reported(value=3, place=spot.uuid)], by=cast.giver)
    (line,) = told("portfolio", "--as", cast.giver.user.email)["lines"]
    assert (line["code"], line["year"], line["total"], line["area"]) == ("EECO15", 2024, "3", None)
    (line,) = told("portfolio", "--as", cast.giver.user.email, "--by", "nuts3")["lines"]
    assert line["area"] == "RO999"
    assert "2024  Here   1           1           3" in said(
        "portfolio", "--as", cast.giver.user.email, "--by", "place"
    )
