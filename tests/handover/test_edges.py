"""What strangers and the past cannot do at the edges: cut-offs, identifiers, seats, terminals, the server's log."""

from __future__ import annotations

import datetime as dt
import json
import os

import psycopg
import pytest
from django.db import connection
from django.test import Client

from handover import clock, engine
from handover.access import Actor, actor_for, asking, programme_for, seats_now
from handover.actions import accounts, organisations, programmes
from handover.engine.places import state_of
from handover.errors import Invalid, NotAllowed, NotFound
from handover.holdings import holdings
from handover.management.base import line_of
from handover.models import Programme
from handover.models.organisations import OrganisationKind
from handover.permissions import Permission, Role, StandingKind
from handover.terminal import GREEN, RESET, without_controls
from handover.views.middleware import SEAT
from tests.factories import indicators as measures
from tests.factories import transfers as plans
from tests.factories.cast import TODAY, Cast
from tests.factories.organisations import OPERATOR, organisation, person
from tests.factories.programmes import admitted
from tests.factories.programmes import programme as founded
from tests.handover.command_line import refused, said, told

pytestmark = pytest.mark.django_db

GIVER = ("--as", "manager@giver.example")
RECEIVER = ("--as", "manager@receiver.example")
LATER = TODAY + dt.timedelta(days=30)
CLEAR_SCREEN = "\x1b[2J\x1b]0;owned\x07\x9b31m\r"


# --- the cut-off -------------------------------------------------------------------------------------------------


def _handed_over_with_a_later_value(cast: Cast, programme: Programme) -> None:
    pupils = measures.indicator(programme, by=cast.giver)
    measures.reported(pupils, {"": 41}, by=cast.giver)
    plans.executed(cast, programme)
    with clock.at(LATER):
        measures.reported(pupils, {"": 777_777}, by=cast.receiver, quarter=measures.SECOND_QUARTER)


def test_a_former_steward_is_not_shown_what_was_recorded_after_its_cut_off(
    cast: Cast, programme: Programme
) -> None:
    _handed_over_with_a_later_value(cast, programme)
    with clock.at(LATER + dt.timedelta(days=1)):
        its = said("programme", "show", str(programme.uuid), *GIVER)
        stewards = said("programme", "show", str(programme.uuid), *RECEIVER)
        document = told("programme", "show", str(programme.uuid), *GIVER)
    assert "777777" in stewards
    assert "777777" not in its + json.dumps(document)
    assert "41" in its
    assert document["cutoff"] is not None


def test_a_reader_with_a_cut_off_is_told_what_it_does_not_hold_for(cast: Cast, programme: Programme) -> None:
    _handed_over_with_a_later_value(cast, programme)
    sentence = "needs, interventions and definitions are shown as they are now"
    with clock.at(LATER):
        assert sentence in said("programme", "show", str(programme.uuid), *GIVER)
        assert sentence not in said("programme", "show", str(programme.uuid), *RECEIVER)
    with asking(cast.giver):
        kernel = next(item for item in holdings() if item.name == "kernel")
        assert any(sentence in line for line in kernel.outline(programme, cutoff=TODAY))


# --- identifiers -------------------------------------------------------------------------------------------------


def _squatted(cast: Cast, identifier: str) -> Programme:
    return founded(cast.stranger, identifier=identifier, title="Another one")


def test_a_programme_that_nobody_showed_does_not_take_an_identifier(cast: Cast) -> None:
    _squatted(cast, "XX-SAME")
    ours = founded(cast.giver, identifier="XX-SAME")
    with asking(cast.giver):
        assert programme_for(cast.giver, "XX-SAME", may=Permission.VIEW) == ours


def test_an_identifier_of_several_that_one_reaches_asks_for_the_uuid(cast: Cast) -> None:
    theirs = _squatted(cast, "XX-SAME")
    ours = founded(cast.giver, identifier="XX-SAME")
    admitted(theirs, cast.giver.organisation, StandingKind.PARTNER, by=cast.stranger)
    with asking(cast.giver):
        with pytest.raises(Invalid) as caught:
            programme_for(cast.giver, "XX-SAME", may=Permission.VIEW)
        assert programme_for(cast.giver, ours.uuid, may=Permission.VIEW) == ours
    assert caught.value.code == "identifier_ambiguous"
    assert "give the UUID" in caught.value.sentence


def test_of_several_with_an_identifier_those_that_one_may_not_read_never_count(cast: Cast) -> None:
    theirs = _squatted(cast, "XX-SAME")
    ours = founded(cast.giver, identifier="XX-SAME")
    # An auditor's standing lets an officer read nothing.
    admitted(theirs, cast.giver.organisation, StandingKind.AUDITOR, by=cast.stranger, until=LATER)
    with asking(cast.giver), pytest.raises(Invalid):
        programme_for(cast.giver, "XX-SAME", may=Permission.VIEW)
    with asking(cast.giver_officer):
        assert Programme.objects.filter(identifier="XX-SAME").count() == 2
        assert programme_for(cast.giver_officer, "XX-SAME", may=Permission.VIEW) == ours
    with asking(cast.donor), pytest.raises(NotFound):
        programme_for(cast.donor, "XX-SAME", may=Permission.VIEW)


# --- seats -------------------------------------------------------------------------------------------------------


def _seated_later(cast: Cast, role: Role = Role.MANAGER) -> Actor:
    """Give a person whose seat at the stranger's begins later, acting as if it had begun."""
    user = accounts.create_user(by=OPERATOR, email="later@stranger.example", display_name="Manager to be")
    with clock.at(LATER):
        accounts.seat(by=OPERATOR, user=user, organisation=cast.stranger.organisation, role=role)
    return Actor(user, cast.stranger.organisation)


def test_a_seat_that_has_not_begun_does_nothing_yet(cast: Cast) -> None:
    early = _seated_later(cast)
    assert not seats_now(early.user).exists()
    with pytest.raises(NotAllowed):
        programmes.create(by=early, identifier="XX-EARLY", title={"en": "Too early"})
    with pytest.raises(NotAllowed):
        accounts.seat(by=early, user=early.user, organisation=early.organisation, role=Role.OFFICER)
    with pytest.raises(NotAllowed):
        organisations.represent(
            by=early, capacity="director", mandate_act="1/2024", valid_from=dt.date(2024, 1, 1)
        )
    with clock.at(LATER):
        assert seats_now(early.user).exists()
        programmes.create(by=early, identifier="XX-LATER", title={"en": "In time"})


def test_who_has_left_names_no_representative_any_more(cast: Cast) -> None:
    former = person(organisation("left"))
    accounts.unseat(by=OPERATOR, user=former.user, organisation=former.organisation, role=Role.MANAGER)
    with pytest.raises(NotAllowed):
        organisations.represent(
            by=former, capacity="director", mandate_act="1/2024", valid_from=dt.date(2024, 1, 1)
        )


def _signed_in(of: Actor) -> Client:
    client = Client()
    client.force_login(of.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_another_organisations_seat_does_not_move_a_person_there(cast: Cast) -> None:
    grabbing = organisation("000-first", OrganisationKind.NGO)
    client = _signed_in(cast.giver)
    accounts.seat(by=OPERATOR, user=cast.giver.user, organisation=grabbing, role=Role.VIEWER)
    assert client.get("/").context["actor"].organisation == cast.giver.organisation


def test_a_chosen_seat_that_ended_falls_back_to_one_that_holds(cast: Cast) -> None:
    second = organisation("second")
    accounts.seat(by=OPERATOR, user=cast.giver.user, organisation=second, role=Role.VIEWER)
    client = _signed_in(cast.giver)
    session = client.session
    session[SEAT] = "second"
    session.save()
    assert client.get("/").context["actor"].organisation == second
    accounts.unseat(by=OPERATOR, user=cast.giver.user, organisation=second, role=Role.VIEWER)
    page = client.get("/")
    assert page.context["actor"].organisation == cast.giver.organisation
    assert page.context["seats"] == [cast.giver.organisation]


def test_a_seat_that_has_not_begun_is_neither_offered_nor_taken(cast: Cast) -> None:
    with clock.at(LATER):
        accounts.seat(
            by=OPERATOR, user=cast.giver.user, organisation=cast.donor.organisation, role=Role.VIEWER
        )
    page = _signed_in(cast.giver).get("/")
    assert page.context["seats"] == [cast.giver.organisation]
    with pytest.raises(NotAllowed):
        actor_for(cast.giver.user, cast.donor.organisation, channel="web")


# --- terminals ---------------------------------------------------------------------------------------------------


def test_what_somebody_typed_commands_no_terminal(cast: Cast) -> None:
    made = founded(cast.giver, title=f"Home{CLEAR_SCREEN}ward")
    text = said("programme", "show", str(made.uuid), *GIVER)
    assert "Home[2J]0;owned31mward" in text
    assert without_controls(text) == text


def test_an_errors_sentence_commands_no_terminal(cast: Cast) -> None:
    text = refused("programme", "show", f"XX{CLEAR_SCREEN}", *GIVER)
    assert without_controls(text) == text
    sentence = line_of(
        Invalid("invalid", f"a{CLEAR_SCREEN}b", errors=[{"path": "x\x1b", "sentence": "\x07"}])
    )
    assert without_controls(sentence) == sentence


def test_json_still_tells_control_characters_to_machines(cast: Cast) -> None:
    made = founded(cast.giver, title=f"Home{CLEAR_SCREEN}ward")
    document = told("programme", "show", str(made.uuid), *GIVER)
    assert document["programme"]["title"][0]["text"] == f"Home{CLEAR_SCREEN}ward"


def test_only_the_toolkits_own_colours_pass_and_they_end_with_the_line() -> None:
    own = f"\x1b[{GREEN}m✓{RESET} done"
    assert without_controls(own, colours=True) == own
    assert without_controls(f"\x1b[{GREEN}mopen\x1b[8mhidden", colours=True) == (
        f"\x1b[{GREEN}mopen[8mhidden{RESET}"
    )
    assert without_controls("a\tb\nc", colours=True) == "a\tb\nc"


# --- the server's log --------------------------------------------------------------------------------------------


def test_the_servers_log_holds_no_row(cast: Cast) -> None:
    if not engine.addresses().embedded:
        pytest.skip("the server is not ours")
    secret = "a-name-that-no-log-may-hold"
    address = engine.addresses().web.libpq(database=str(connection.settings_dict["NAME"]))
    with psycopg.connect(**address, autocommit=True) as web:  # type: ignore[arg-type]
        with pytest.raises(psycopg.Error):
            web.execute(f"SELECT '{secret}'::int")
        with pytest.raises(psycopg.Error):
            web.execute("INSERT INTO handover_user (email) VALUES (%s)", (secret,))
        settings = [
            web.execute(f"SHOW {name}").fetchone()
            for name in ("log_min_error_statement", "log_error_verbosity")
        ]
    assert settings == [("panic",), ("terse",)]
    log = state_of(os.environ).log.read_text(errors="replace")
    assert f"'{secret}'::int" not in log, "a statement"
    assert f"({secret}" not in log, "a detail: the row that failed"
