"""`handover record`, `handover commitment`, `handover calendar` and `handover feed`, as they are typed."""

from __future__ import annotations

import pytest

from handover.access import asking
from handover.models import Programme
from handover.terminal import WIDTH
from indicators.models import Value
from interventions.models import Intervention, Support
from tests.factories import interventions as make
from tests.factories.cast import Cast
from tests.factories.indicators import indicator
from tests.handover.command_line import refused, said, told

pytestmark = pytest.mark.django_db

OFFICER = ("--as", "officer@giver.example")
REPORTER = ("--as", "reporter@giver.example")
STRANGER = ("--as", "manager@stranger.example")
QUARTER = ("starts_on=2024-01-01", "ends_on=2024-03-31")


@pytest.fixture
def food(programme: Programme, cast: Cast) -> Intervention:
    """Give an intervention that hands out food."""
    return make.intervention(programme, by=cast.giver, title="Food for families")


def _entered(programme: Programme, *fields: str) -> str:
    record = told(
        "record", "enter", programme.identifier, "support", "intervention=Food", *QUARTER, *fields, *REPORTER
    )["record"]
    return str(record["uuid"])


def test_kinds_and_fields_are_told_to_anybody(db: None) -> None:
    assert "family support" in said("record", "kinds")
    fields = said("record", "fields", "support")
    assert "delivered | resolved | referred |" in fields
    assert "refused | ongoing" in fields
    assert max(map(len, fields.splitlines())) <= WIDTH
    assert "measure people" in fields
    assert told("record", "fields", "seat")["fields"]["votes"]["takes"] == "yes | no"
    assert "there are: support, training" in refused("record", "fields", "gold")


def test_a_record_is_entered_listed_added_up_edited_and_withdrawn(
    programme: Programme, cast: Cast, food: Intervention
) -> None:
    key = _entered(programme, "kind=food", "outcome=delivered", "children=4", "quantity=7.50", "unit=parcels")

    listed = said("record", "list", programme.identifier, "support", "--only", "kind=food", *REPORTER)
    assert f"{key[:8]}  2024-01-01  2024-03-31  food, delivered; children 4; quantity 7.5" in listed
    assert "Nothing is recorded here: family support." in said(
        "record", "list", programme.identifier, "support", "--period", "2024-Q2", *REPORTER
    )
    sums = told("record", "sums", programme.identifier, "support", "--split", "kind,intervention", *REPORTER)
    (line,) = sums["sums"]
    assert (line["period"], line["group"]) == (
        "2024-Q1",
        {"kind": "food", "intervention": "Food for families"},
    )
    assert (line["values"]["children"], line["values"]["quantity (parcels)"]) == ("4", "7.5")
    assert "2024-Q1  food" in said(
        "record", "sums", programme.identifier, "support", "--split", "kind", *REPORTER
    )
    changed = said(
        "record", "edit", programme.identifier, "support", key[:8], "children=5", "unit=", *REPORTER
    )
    assert "children: 5" in changed
    assert "unit" not in changed
    gone = said(
        "record", "withdraw", programme.identifier, "support", key, "--reason", "Counted twice", *REPORTER
    )
    assert "the ledger keeps what it said" in gone
    with asking(cast.giver):
        assert not Support.objects.exists()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("support", "kind"), "“kind” is no field=value"),
        (("support", "kind=food", "kind=food"), "given twice"),
        (("support", "colour=red"), "has no field “colour”; there are: starts_on"),
        (("support", "intervention=Nothing"), "there are: Food for families"),
        (("support", "intervention=Food", *QUARTER, "kind=food"), "has no outcome"),
        (("support", "children=-2"), "cannot be below zero: -2. [negative_count]"),
        (("support", "place=Nowhere"), "name it by COUNTRY:CODE"),
        (("seat", "votes=maybe"), "[invalid]"),
        (("gold", "x=1"), "there are: support, training"),
        (("delivery", "x=1"), "[recorded_elsewhere]"),
    ],
)
def test_what_is_typed_wrongly_is_one_clear_line(
    programme: Programme, food: Intervention, words: tuple[str, ...], line: str
) -> None:
    assert line in refused("record", "enter", programme.identifier, *words, *REPORTER)


def test_a_stranger_records_nothing_and_lists_nothing(programme: Programme, food: Intervention) -> None:
    for step in ("list", "sums"):
        assert "[not_found]" in refused("record", step, programme.uuid, "support", *STRANGER)
    assert "[not_found]" in refused("record", "enter", programme.uuid, "support", "kind=food", *STRANGER)


def test_a_commitment_is_followed_until_it_is_closed(programme: Programme, cast: Cast) -> None:
    of = (programme.identifier,)
    said("record", "enter", *of, "authority", "name=Court", "level=county", "works_on=Hate crime", *OFFICER)
    said(
        "record",
        "enter",
        *of,
        "commitment",
        "authority=court",
        "text=A lawyer on duty",
        "made_on=2024-01-15",
        "due_on=2024-05-01",
        *OFFICER,
    )
    overdue = said("commitment", "list", *of, "--overdue", *OFFICER)
    assert "open, overdue" in overdue
    assert "no such commitments" in said("commitment", "list", *of, "--state", "kept", *OFFICER)
    closed = said(
        "commitment", "close", *of, "lawyer", "kept", "--outcome", "Since May", "--on", "2024-05-02", *OFFICER
    )
    assert "“A lawyer on duty”: kept since 2024-05-02." in closed
    assert "no such commitments" in said("commitment", "list", *of, "--overdue", *OFFICER)
    assert "kept already" in refused(
        "commitment", "close", *of, "lawyer", "broken", "--outcome", "No", *OFFICER
    )
    assert "open again" in said("commitment", "reopen", *of, "lawyer", "--reason", "It was cut", *OFFICER)
    assert "There is no commitment “judge”" in refused(
        "commitment", "reopen", *of, "judge", "--reason", "x", *OFFICER
    )


def test_the_calendar_shows_days_with_and_without_events(programme: Programme, cast: Cast) -> None:
    of = (programme.identifier,)
    said(
        "record",
        "enter",
        *of,
        "day",
        "key=bridge",
        "title.en=Bridge",
        "title.ro=Pod",
        "month=5",
        "day=9",
        *OFFICER,
    )
    said(
        "record",
        "enter",
        *of,
        "event",
        "day=8-april",
        "kind=commemoration",
        "title=Songs",
        "starts_on=2024-04-08",
        "ends_on=2024-04-08",
        "children=3",
        *OFFICER,
    )
    year = told("calendar", *of, "--year", "2024", *OFFICER)
    assert [(day["key"], day["people"], day["own"]) for day in year["days"]] == [
        ("8-april", 3, False),
        ("bridge", 0, True),
        ("2-august", 0, False),
        ("5-november", 0, False),
    ]
    lines = said("calendar", *of, *OFFICER)
    assert "2024-05-09  Bridge (own day)" in lines
    assert "nothing is recorded" in lines
    assert "[wrong_year]" in refused("calendar", *of, "--year", "0", *OFFICER)
    assert "[not_found]" in refused("calendar", programme.uuid, *STRANGER)


def test_an_indicator_is_counted_from_records(programme: Programme, cast: Cast, food: Intervention) -> None:
    indicator(programme, by=cast.giver, title="Parcels", counting_rule="contacts")
    of = (programme.identifier,)
    _entered(programme, "kind=food", "outcome=delivered", "quantity=12", "unit=parcels")
    assert "[no_feed]" in refused("feed", "propose", *of, "Parcels", "2024-Q1", *OFFICER)
    assert "No indicator" in said("feed", "show", *of, *OFFICER)
    said(
        "feed",
        "set",
        *of,
        "parcels",
        "support",
        "quantity",
        "--only",
        "intervention=food",
        "--only",
        "unit=parcels",
        *OFFICER,
    )
    assert "measure quantity" in said("feed", "show", *of, *OFFICER)
    proposed = said("feed", "propose", *of, "Parcels", "2024-Q1", *OFFICER)
    assert "Parcels, 2024-Q1: 12 parcels" in proposed
    assert "not reported" in proposed
    assert "It is reported." in said("feed", "report", *of, "Parcels", "2024-Q1", *REPORTER)
    assert told("feed", "propose", *of, "Parcels", "2024-Q1", *OFFICER)["proposal"]["agrees"] is True
    assert "[nothing_recorded]" in refused("feed", "report", *of, "Parcels", "2024-02", *REPORTER)
    assert "[wrong_period]" in refused("feed", "report", *of, "Parcels", "spring", *REPORTER)
    assert "[unknown_measure]" in refused("feed", "set", *of, "Parcels", "support", "gold", *OFFICER)
    assert "no longer" in said("feed", "remove", *of, "Parcels", *OFFICER)
    with asking(cast.giver):
        assert Value.objects.get().value_text == "12"
