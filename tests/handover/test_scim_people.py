"""An organisation's directory keeps its people: it enters, changes and deactivates them, and nobody else's."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handover import clock
from handover.access import Operator, actor_for, asking
from handover.actions import accounts, tokens
from handover.api.scim import endpoints
from handover.api.scim.resources import LONGEST_PAGE
from handover.models import AccessToken, User
from handover.permissions import Role, Scope
from tests.factories.cast import Cast
from tests.handover.scim_directory import (
    PATCH,
    PERSON,
    Directory,
    account,
    directory_of,
    ledger,
    own_key,
    roles,
    row_of,
)

pytestmark = pytest.mark.django_db

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def directory(cast: Cast, client: Client) -> Directory:
    return directory_of(cast.receiver, client)


@pytest.fixture
def other(cast: Cast, client: Client) -> Directory:
    return directory_of(cast.giver, client)


def _asks(key: str) -> int:
    answer = Client().get("/api/v1/programmes", headers={"Authorization": f"Bearer {key}"})
    return answer.status_code


# --- entering ----------------------------------------------------------------------------------------------------


def test_a_person_is_entered_with_an_account_that_opens_nothing_yet(cast: Cast, directory: Directory) -> None:
    said = directory.enters("ana", externalId="E-1")
    made = account("ana")
    assert said.status == 201
    assert said.body["schemas"] == [PERSON]
    assert said.body["id"] == str(row_of(cast.receiver, made).uuid)
    assert (said.body["userName"], said.body["displayName"], said.body["externalId"]) == ("ana", "Ana", "E-1")
    assert said.body["emails"] == [{"value": "ana@receiver.example", "type": "work"}]
    assert said.body["active"] is True
    assert said.headers["Location"] == said.body["meta"]["location"]
    assert said.headers["Location"].endswith(f"/scim/v2/Users/{said.body['id']}")
    assert said.headers["ETag"] == said.body["meta"]["version"] == 'W/"1"'
    assert said.headers["Content-Type"] == "application/scim+json"
    assert (made.display_name, made.has_usable_password(), made.is_active) == ("Ana", False, True)
    assert roles(made, cast.receiver) == set()
    assert directory.get(f"/Users/{said.body['id']}").body == said.body


def test_what_a_directory_leaves_out_its_other_words_say(directory: Directory) -> None:
    name = {"givenName": "Ion", "familyName": "Post"}
    said = directory.ask(
        "POST", "/Users", {"schemas": [PERSON], "username": "ion@receiver.example", "name": name}
    )
    assert said.status == 201
    assert said.body["emails"][0]["value"] == "ion@receiver.example"
    assert (said.body["displayName"], said.body["active"]) == ("Ion Post", True)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"userName": "no-address"}, "invalidValue"),
        ({"userName": "x", "emails": [{"value": "not an address"}]}, "invalidValue"),
        ({"userName": "x", "emails": [{"value": "x@nobody.invalid"}]}, "invalidValue"),
        ({"userName": "  ", "emails": [{"value": "x@receiver.example"}]}, "invalidValue"),
        ({"userName": "x" * 300, "emails": [{"value": "x@receiver.example"}]}, "invalidValue"),
        ({"userName": "x\x00", "emails": [{"value": "x@receiver.example"}]}, "invalidValue"),
        ({"userName": 5, "emails": [{"value": "x@receiver.example"}]}, "invalidValue"),
        ({"userName": "x", "emails": "x@receiver.example"}, "invalidValue"),
        ({"emails": [{"value": "x@receiver.example"}]}, "invalidValue"),
        ([], "invalidSyntax"),
    ],
)
def test_a_person_without_what_an_account_needs_is_refused(
    directory: Directory, body: Any, kind: str
) -> None:
    before = User.objects.count()
    sent = {"schemas": [PERSON], **body} if isinstance(body, dict) else body
    said = directory.ask("POST", "/Users", sent)
    assert (said.status, said.body["scimType"], said.body["status"]) == (400, kind, "400")
    assert said.body["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert said.body["detail"]
    assert User.objects.count() == before


FIELDS = sorted(
    {
        *(field.name for field in User._meta.get_fields()),
        *("isStaff", "isSuperuser", "isService", "roles", "entitlements", "password", "user_permissions"),
        *("made_here", "given_roles", "closed_here", "forgotten_at", "organisation", "id", "meta", "uuid"),
    }
    - {"display_name"}  # the same as displayName, which is the directory's to say
)


def test_no_field_beyond_those_declared_can_be_written(cast: Cast, directory: Directory) -> None:
    plain = directory.enters("ana").body
    written = []
    for number, field in enumerate(FIELDS):
        value: Any = {"groups": [{"value": str(uuid4())}], "meta": {"version": "9"}}.get(field, "true")
        changed = directory.ask("PUT", f"/Users/{plain['id']}", {**plain, field: value})
        entered = directory.enters(f"p{number}", **{field: value})
        states = [_state(cast, "ana"), _state(cast, f"p{number}")]
        if (changed.status, entered.status) != (200, 201) or states != [UNTOUCHED, UNTOUCHED]:
            written.append((field, changed.body, entered.body, states))
    assert written == []


def _state(cast: Cast, name: str) -> tuple[Any, ...]:
    made = account(name)
    row = row_of(cast.receiver, made)
    return (
        (made.is_staff, made.is_superuser, made.is_service, made.has_usable_password(), made.is_active),
        (made.display_name == name.capitalize(), made.language, made.last_login),
        (made.memberships.exists(), made.groups.exists(), made.user_permissions.exists()),
        (
            row.made_here,
            row.closed_here,
            row.given_roles,
            row.forgotten_at,
            row.version,
            row.user_name == name,
        ),
    )


UNTOUCHED: tuple[Any, ...] = (
    (False, False, False, False, True),
    (True, "en", None),
    (False, False, False),
    (True, False, [], None, 1, True),
)


def test_a_name_of_the_directory_is_taken_once_whatever_its_case(directory: Directory) -> None:
    directory.enters("ana")
    again = directory.enters("ANA", emails=[{"value": "else@receiver.example"}])
    assert (again.status, again.body["scimType"]) == (409, "uniqueness")


def test_two_organisations_may_call_their_people_alike(directory: Directory, other: Directory) -> None:
    assert directory.enters("ana").status == 201
    assert other.enters("ana", emails=[{"value": "ana@giver.example"}]).status == 201


# --- accounts that exist -----------------------------------------------------------------------------------------


def test_an_account_of_somebody_elsewhere_is_not_taken_and_nothing_is_told(
    cast: Cast, directory: Directory
) -> None:
    closed = accounts.create_user(by=Operator(), email="closed@nowhere.example", display_name="Closed")
    accounts.deactivate(by=Operator(), user=closed, confirmed=True)
    machine = User.objects.get(is_service=True)
    own = directory.enters("ana").body["emails"][0]["value"]
    answers = [
        directory.enters(f"x{number}", emails=[{"value": address}])
        for number, address in enumerate(
            [cast.giver.user.email, cast.giver.user.email.upper(), closed.email, machine.email, own]
        )
    ]
    strangers = [answers[number] for number in (0, 1, 2, 4)]
    assert {said.status for said in strangers} == {409}
    assert len({json.dumps(said.body) for said in strangers}) == 1, "one sentence for all of them"
    assert answers[3].status == 400, "addresses of machines are nobody's"
    assert directory.get("/Users").body["totalResults"] == 1


def test_who_sits_in_the_organisation_already_is_linked_and_their_account_stays_theirs(
    cast: Cast, directory: Directory
) -> None:
    officer = cast.receiver_officer.user
    said = directory.enters("officer", emails=[{"value": officer.email}], displayName="Somebody else")
    assert said.status == 201
    assert said.body["displayName"] == officer.display_name
    body = {**said.body, "displayName": "Else", "emails": [{"value": "else@receiver.example"}]}
    changed = directory.ask("PUT", f"/Users/{said.body['id']}", body)
    assert changed.status == 200
    assert changed.body["emails"][0]["value"] == officer.email
    after = User.objects.get(pk=officer.pk)
    assert (after.email, after.display_name) == (officer.email, officer.display_name)
    assert roles(after, cast.receiver) == {"officer"}


def test_an_account_that_another_organisation_seats_is_no_longer_the_directorys_to_change(
    cast: Cast, directory: Directory
) -> None:
    key = directory.person("ana")
    accounts.seat(by=cast.giver, user=account("ana"), organisation=cast.giver.organisation, role=Role.VIEWER)
    said = directory.edits(f"/Users/{key}", {"op": "replace", "path": "displayName", "value": "Else"})
    assert (said.status, said.body["displayName"]) == (200, "Ana")
    assert account("ana").display_name == "Ana"


@pytest.mark.parametrize("mark", ["is_staff", "is_superuser"])
def test_an_operators_account_is_neither_renamed_nor_closed(
    cast: Cast, directory: Directory, mark: str
) -> None:
    key = directory.person("ana")
    User.objects.filter(email="ana@receiver.example").update(**{mark: True})
    directory.edits(f"/Users/{key}", {"op": "replace", "value": {"displayName": "Else", "active": False}})
    assert (account("ana").display_name, account("ana").is_active) == ("Ana", True)


def test_a_machines_account_is_never_seen(cast: Cast, directory: Directory) -> None:
    machine = User.objects.get(is_service=True)
    assert directory.get(f'/Users?filter=emails.value eq "{machine.email}"').body["totalResults"] == 0
    assert directory.get(f"/Users/{machine.uuid}").status == 404


# --- changing ----------------------------------------------------------------------------------------------------


def test_a_directory_renames_its_own_account_and_moves_its_address(directory: Directory) -> None:
    key = directory.person("ana")
    said = directory.edits(
        f"/Users/{key}",
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "Ana.New@receiver.example"},
        {"op": "Add", "path": "displayName", "value": "Ana New"},
        {"op": "Replace", "path": "name.familyName", "value": "New"},
        {"op": "Replace", "path": "userName", "value": "ana.new"},
    )
    assert said.status == 200
    assert said.headers["ETag"] == 'W/"2"'
    made = User.objects.get(email="ana.new@receiver.example")
    assert made.display_name == said.body["displayName"] == "Ana New"
    assert said.body["userName"] == "ana.new"


def test_operations_without_a_path_name_paths_in_their_value(directory: Directory) -> None:
    key = directory.person("ana")
    value = {'emails[type eq "work"].value': "new@receiver.example", "displayName": "New", "nickName": "n"}
    said = directory.edits(f"/Users/{key}", {"op": "Replace", "value": value})
    assert (said.status, said.body["displayName"]) == (200, "New")
    assert said.body["emails"][0]["value"] == "new@receiver.example"


def test_an_address_that_somebody_has_is_refused_whole(cast: Cast, directory: Directory) -> None:
    key = directory.person("ana")
    said = directory.edits(
        f"/Users/{key}",
        {"op": "replace", "path": "displayName", "value": "Else"},
        {"op": "replace", "path": "emails", "value": [{"value": cast.giver.user.email}]},
    )
    assert (said.status, said.body["scimType"]) == (409, "uniqueness")
    assert account("ana").display_name == "Ana"
    assert directory.get(f"/Users/{key}").body["displayName"] == "Ana"


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ({"op": "remove", "path": "emails"}, "mutability"),
        ({"op": "replace", "path": "id", "value": "1"}, "mutability"),
        ({"op": "replace", "path": "groups", "value": []}, "mutability"),
        ({"op": "remove"}, "noTarget"),
        ({"op": "move", "path": "userName", "value": "x"}, "invalidValue"),
        ({"op": "replace", "path": "active", "value": "perhaps"}, "invalidValue"),
        ({"op": "replace", "path": "emails[", "value": "x"}, "invalidPath"),
        ({"op": "replace", "path": "userName", "value": ""}, "invalidValue"),
        ("replace", "invalidValue"),
    ],
)
def test_an_operation_that_makes_no_sense_is_refused(directory: Directory, operation: Any, kind: str) -> None:
    key = directory.person("ana")
    said = directory.edits(f"/Users/{key}", operation)
    assert (said.status, said.body["scimType"]) == (400, kind)
    assert "pydantic" not in said.body["detail"]


def test_a_replacement_that_does_not_say_leaves_a_person_as_inactive_as_they_are(
    directory: Directory,
) -> None:
    plain = directory.enters("ana").body
    directory.closes(plain["id"])
    body = {name: value for name, value in plain.items() if name != "active"}
    said = directory.ask("PUT", f"/Users/{plain['id']}", {**body, "displayName": "Else"})
    assert (said.status, said.body["active"]) == (200, False)
    assert not account("ana").is_active


def test_who_has_read_another_version_changes_nothing(directory: Directory) -> None:
    key = directory.person("ana")
    rename = {"op": "replace", "path": "displayName", "value": "New"}
    tag = directory.get(f"/Users/{key}").headers["ETag"]
    assert directory.edits(f"/Users/{key}", rename, **{"If-Match": tag}).status == 200
    for method in ("PATCH", "PUT", "DELETE"):
        late = directory.ask(
            method, f"/Users/{key}", {"schemas": [PATCH], "Operations": [rename]}, **{"If-Match": tag}
        )
        assert (late.status, late.body["status"]) == (412, "412")
    now = directory.get(f"/Users/{key}").headers["ETag"]
    assert directory.get(f"/Users/{key}", **{"If-None-Match": now}).status == 304
    assert directory.get(f"/Users/{key}", **{"If-None-Match": tag}).status == 200
    assert directory.ask("DELETE", f"/Users/{key}", **{"If-Match": f"{tag}, {now}"}).status == 204


def test_saying_the_same_again_changes_nothing(cast: Cast, directory: Directory) -> None:
    plain = directory.enters("ana").body
    before = ledger(cast.receiver)
    said = directory.ask("PUT", f"/Users/{plain['id']}", plain)
    assert said.body == plain
    assert ledger(cast.receiver) == before


# --- deactivating ------------------------------------------------------------------------------------------------

SAYS_NO: tuple[dict[str, Any], ...] = (
    {"op": "replace", "path": "active", "value": False},
    {"op": "Replace", "path": "active", "value": "False"},
    {"op": "Replace", "path": "active", "value": "false"},
    {"op": "Add", "path": "active", "value": "False"},
    {"op": "replace", "value": {"active": False}},
    {"op": "Replace", "value": {"Active": "False", "displayName": "Gone"}},
    {"op": "replace", "path": f"{PERSON}:active", "value": False},
)
"""The ways in which directories say that a person is no longer active."""


@pytest.mark.parametrize("operation", SAYS_NO, ids=str)
def test_a_deactivated_person_loses_session_and_token_on_the_next_request(
    cast: Cast, directory: Directory, operation: dict[str, Any]
) -> None:
    key = directory.person("ana")
    directory.group("officer", key)
    person = account("ana")
    browser, own = Client(), own_key(actor_for(person, cast.receiver.organisation, channel="web"))
    browser.force_login(person, backend=BACKEND)
    assert (browser.get("/portfolio/").status_code, _asks(own)) == (200, 200)
    assert directory.edits(f"/Users/{key}", operation).body["active"] is False
    assert (browser.get("/portfolio/").status_code, _asks(own)) == (302, 401)
    assert not account("ana").is_active
    assert roles(person, cast.receiver) == set()


def test_deleting_a_person_cuts_them_off_at_once_and_the_directory_forgets_them(
    cast: Cast, directory: Directory
) -> None:
    key = directory.person("ana", externalId="E-1")
    group = directory.group("officer", key)
    person = account("ana")
    browser, own = Client(), own_key(actor_for(person, cast.receiver.organisation, channel="web"))
    browser.force_login(person, backend=BACKEND)
    assert directory.ask("DELETE", f"/Users/{key}").status == 204
    assert (browser.get("/portfolio/").status_code, _asks(own)) == (302, 401)
    assert [
        directory.ask(method, f"/Users/{key}", {}).status for method in ("GET", "PUT", "PATCH", "DELETE")
    ] == [404] * 4
    assert directory.get("/Users").body["totalResults"] == 0
    assert "members" not in directory.get(f"/Groups/{group}").body
    row = row_of(cast.receiver, person)
    assert (row.user_name, row.external_id) == ("", "")
    assert User.objects.filter(pk=person.pk, email="ana@receiver.example").exists()


def test_a_person_whom_the_directory_brings_back_has_their_account_and_a_new_id(
    cast: Cast, directory: Directory
) -> None:
    key, person = directory.person("ana"), account("ana")
    directory.ask("DELETE", f"/Users/{key}")
    again = directory.enters("ana", displayName="Ana again")
    assert again.status == 201
    assert again.body["id"] != key
    assert account("ana").pk == person.pk
    assert (account("ana").is_active, account("ana").display_name) == (True, "Ana again")
    assert directory.get(f"/Users/{key}").status == 404


def test_who_sits_elsewhere_too_is_deactivated_here_alone(cast: Cast, directory: Directory) -> None:
    key = directory.person("ana")
    directory.group("officer", key)
    person = account("ana")
    accounts.seat(by=cast.giver, user=person, organisation=cast.giver.organisation, role=Role.VIEWER)
    here = own_key(actor_for(person, cast.receiver.organisation, channel="web"))
    there = own_key(actor_for(person, cast.giver.organisation, channel="web"))
    assert directory.closes(key).status == 200
    assert (_asks(here), _asks(there)) == (401, 200)
    assert account("ana").is_active
    assert (roles(person, cast.receiver), roles(person, cast.giver)) == (set(), {"viewer"})


def test_a_deactivated_person_loses_seats_that_managers_gave_too(cast: Cast, directory: Directory) -> None:
    officer = cast.receiver_officer.user
    key = directory.person("officer", emails=[{"value": officer.email}])
    assert directory.closes(key).status == 200
    assert roles(officer, cast.receiver) == set()
    assert User.objects.get(pk=officer.pk).is_active, "the directory did not make this account"


def test_a_person_who_comes_back_has_the_seats_of_their_groups_and_no_others(
    cast: Cast, directory: Directory
) -> None:
    key = directory.person("ana")
    directory.group("reporter", key)
    accounts.seat(
        by=cast.receiver, user=account("ana"), organisation=cast.receiver.organisation, role=Role.OFFICER
    )
    assert roles(account("ana"), cast.receiver) == {"officer", "reporter"}
    directory.closes(key)
    assert directory.opens(key).body["active"] is True
    assert account("ana").is_active
    assert roles(account("ana"), cast.receiver) == {"reporter"}


def test_tokens_that_were_revoked_stay_revoked_when_their_person_comes_back(
    cast: Cast, directory: Directory
) -> None:
    key = directory.person("ana")
    directory.group("officer", key)
    own = own_key(actor_for(account("ana"), cast.receiver.organisation, channel="web"))
    directory.closes(key)
    directory.opens(key)
    assert roles(account("ana"), cast.receiver) == {"officer"}
    assert _asks(own) == 401


def test_an_account_that_an_operator_closed_is_not_opened_by_a_directory(
    cast: Cast, directory: Directory
) -> None:
    key = directory.person("ana")
    accounts.deactivate(by=Operator(), user=account("ana"), confirmed=True)
    assert directory.get(f"/Users/{key}").body["active"] is False
    assert directory.opens(key).body["active"] is False
    directory.closes(key)
    directory.opens(key)
    assert not account("ana").is_active


def test_the_last_manager_is_not_deactivated(cast: Cast, directory: Directory) -> None:
    manager = cast.receiver.user
    key = directory.person("manager", emails=[{"value": manager.email}])
    for said in (directory.closes(key), directory.ask("DELETE", f"/Users/{key}")):
        assert (said.status, "scimType" in said.body) == (409, False)
        assert cast.receiver.organisation.name in said.body["detail"]
    assert directory.get(f"/Users/{key}").body["active"] is True
    assert roles(manager, cast.receiver) == {"manager"}
    directory.group("manager", directory.person("ana"))
    assert directory.closes(key).status == 200
    assert roles(manager, cast.receiver) == set()


def test_a_machine_is_no_manager_that_would_be_left(cast: Cast, directory: Directory) -> None:
    tokens.issue_for_organisation(
        by=cast.receiver,
        title="Machine",
        scopes=[Scope.READ],
        role=Role.MANAGER,
        expires_at=clock.now() + dt.timedelta(days=30),
    )
    key = directory.person("manager", emails=[{"value": cast.receiver.user.email}])
    assert directory.closes(key).status == 409


def test_a_person_who_is_entered_inactive_has_no_access(cast: Cast, directory: Directory) -> None:
    key = directory.person("ana", active=False)
    directory.group("officer", key)
    assert not account("ana").is_active
    assert roles(account("ana"), cast.receiver) == set()
    directory.opens(key)
    assert account("ana").is_active
    assert roles(account("ana"), cast.receiver) == {"officer"}


def test_a_pseudonymised_account_is_forgotten_by_every_directory(
    cast: Cast, directory: Directory, other: Directory
) -> None:
    key, person = directory.person("ana", externalId="E-1"), account("ana")
    accounts.seat(by=cast.giver, user=person, organisation=cast.giver.organisation, role=Role.VIEWER)
    there = other.person("a", emails=[{"value": person.email}])
    accounts.deactivate(by=Operator(), user=person, confirmed=True)
    accounts.pseudonymise(by=Operator(), user=person, reason="Asked for it.")
    assert (directory.get(f"/Users/{key}").status, other.get(f"/Users/{there}").status) == (404, 404)
    for actor in (cast.receiver, cast.giver):
        assert (row_of(actor, person).user_name, row_of(actor, person).external_id) == ("", "")


# --- finding -----------------------------------------------------------------------------------------------------


def test_people_are_found_by_what_directories_match_on(directory: Directory) -> None:
    key = directory.person("ana", externalId="E-1")
    gone = directory.person("ion", externalId="e-1")
    directory.closes(gone)
    asked = {
        'userName eq "ANA"': [key],
        'username Eq "ana"': [key],
        'externalId eq "E-1"': [key],
        f'id eq "{key}"': [key],
        'id eq "1"': [],
        'emails.value eq "Ana@Receiver.example"': [key],
        'emails eq "ana@receiver.example"': [key],
        'emails[value eq "ana@receiver.example"]': [key],
        f'{PERSON}:userName eq "ana"': [key],
        'userName eq "ana" and active eq true': [key],
        'userName eq "ana" and active eq false': [],
        'active eq false or userName eq "ana"': [key, gone],
        'userName eq "\\u0000"': [],
        'userName eq "nobody"': [],
    }
    found = {text: _found(directory, text) for text in asked}
    assert found == asked


def _found(directory: Directory, text: str, path: str = "/Users") -> list[str]:
    answer = directory.client.get(
        f"/scim/v2{path}", {"filter": text}, headers={"Authorization": f"Bearer {directory.key}"}
    )
    return [item["id"] for item in answer.json()["Resources"]] if answer.json().get("Resources") else []


@pytest.mark.parametrize(
    "text",
    [
        'userName sw "a"',
        "userName pr",
        'not (userName eq "a")',
        'displayName eq "a"',
        'meta.lastModified gt "2024-01-01T00:00:00Z"',
        "userName",
        'userName eq "a',
        'is_staff eq "true"',
        'password eq "a"',
    ],
)
def test_a_filter_that_is_not_offered_is_refused(directory: Directory, text: str) -> None:
    answer = directory.client.get(
        "/scim/v2/Users", {"filter": text}, headers={"Authorization": f"Bearer {directory.key}"}
    )
    assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidFilter")


def test_people_come_in_pages(directory: Directory) -> None:
    keys = [directory.person(f"p{number}") for number in range(5)]
    page = directory.get("/Users?startIndex=2&count=2").body
    assert [item["id"] for item in page["Resources"]] == keys[1:3]
    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (5, 2, 2)
    assert directory.get("/Users?count=0").body.get("Resources", []) == []
    assert directory.get("/Users?count=0").body["totalResults"] == 5
    assert directory.get("/Users?count=-3").body["itemsPerPage"] == 0
    assert directory.get("/Users?startIndex=0&count=1").body["Resources"][0]["id"] == keys[0]
    assert directory.get("/Users?startIndex=99").body["itemsPerPage"] == 0
    assert directory.get("/Users?count=many").status == 400


def test_a_page_holds_two_hundred_at_most(directory: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    assert LONGEST_PAGE == 200
    assert directory.get("/ServiceProviderConfig").body["filter"]["maxResults"] == 200
    monkeypatch.setattr(endpoints, "LONGEST_PAGE", 2)
    for number in range(3):
        directory.person(f"p{number}")
    assert directory.get("/Users?count=1000").body["itemsPerPage"] == 2


def test_a_directory_says_which_attributes_it_wants(directory: Directory) -> None:
    key = directory.person("ana")
    chosen = directory.get(f"/Users/{key}?attributes=userName").body
    assert chosen.keys() == {"schemas", "id", "userName"}
    rest = directory.get(f"/Users/{key}?excludedAttributes=emails,meta").body
    assert rest.keys() == {"schemas", "id", "userName", "displayName", "active"}
    assert directory.get("/Users?attributes=active").body["Resources"][0].keys() == {
        "schemas",
        "id",
        "active",
    }
    assert directory.get(f"/Users/{key}?attributes=active&excludedAttributes=id").status == 400


def test_a_list_asks_the_database_as_often_for_many_as_for_one(directory: Directory) -> None:
    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert directory.get(path).status == 200
        return len(seen)

    people = [directory.person("p0")]
    directory.group("g0", *people)
    few = asked("/Users"), asked("/Groups"), asked("/Groups?excludedAttributes=members")
    people += [directory.person(f"p{number}") for number in range(1, 6)]
    for number in range(1, 4):
        directory.group(f"g{number}", *people)
    assert (asked("/Users"), asked("/Groups"), asked("/Groups?excludedAttributes=members")) == few
    assert few[2] == few[1] - 1


# --- who may -----------------------------------------------------------------------------------------------------


def test_another_organisations_people_and_groups_are_not_there(
    cast: Cast, directory: Directory, other: Directory
) -> None:
    key = directory.person("ana")
    group = directory.group("officer", key)
    plain = directory.get(f"/Users/{key}").body
    for path in (f"/Users/{key}", f"/Groups/{group}"):
        body = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "displayName", "value": "x"}]}
        said = [other.ask(method, path, body) for method in ("GET", "PUT", "PATCH", "DELETE")]
        nobody = other.get(f"{path.rpartition('/')[0]}/{uuid4()}")
        assert {item.status for item in said} == {404}
        assert said[0].body["detail"] == nobody.body["detail"]
    assert other.get("/Users").body["totalResults"] == other.get("/Groups").body["totalResults"] == 0
    for text in (f'id eq "{key}"', 'userName eq "ana"', 'emails.value eq "ana@receiver.example"'):
        assert _found(other, text) == []
    assert _found(other, f'members.value eq "{key}"', "/Groups") == []
    taken = other.ask("POST", "/Groups", {"displayName": "viewer", "members": [{"value": key}]})
    assert (taken.status, taken.body["scimType"]) == (400, "invalidValue")
    assert directory.get(f"/Users/{key}").body == plain


def test_without_an_organisations_token_nobody_gets_in(cast: Cast, client: Client) -> None:
    person = own_key(cast.receiver, [Scope.ORGANISATION, Scope.READ])
    reads = directory_of(cast.receiver, client, [Scope.READ, Scope.PLAN])
    for path in ("/Users", f"/Users/{uuid4()}", "/Groups", "/Schemas", "/ServiceProviderConfig", "/Me", "/x"):
        bare = client.get(f"/scim/v2{path}")
        assert (bare.status_code, bare.headers["WWW-Authenticate"]) == (401, 'Bearer realm="handover"')
        assert bare.json()["status"] == "401"
        assert Directory("hvr_nonsense", client).get(path).status == 401
        assert Directory(person, client).get(path).status == 403
        assert reads.get(path).status == 403
    client.force_login(cast.receiver.user, backend=BACKEND)
    assert client.get("/scim/v2/Users").status_code == 401
    assert client.post("/scim/v2/Users", "{}", content_type="application/json").status_code == 401


def test_a_revoked_token_keeps_nobody(cast: Cast, directory: Directory) -> None:
    assert directory.get("/Users").status == 200
    with asking(cast.receiver):
        (uuid,) = AccessToken.objects.filter(personal=False).values_list("uuid", flat=True)
    tokens.revoke(by=cast.receiver, token_uuid=uuid)
    assert directory.get("/Users").status == 401


# --- the conversation --------------------------------------------------------------------------------------------


def test_what_is_not_offered_is_said_to_be_so(directory: Directory) -> None:
    for path in ("/Me", "/Bulk", "/.search", "/Users/.search", "/Groups/.search"):
        assert directory.ask("POST", path, {}).status == 501
    assert directory.get("/Me").status == 501
    assert directory.get("/Nothing/here").status == 404
    assert directory.get("/Users/not-a-key").status == 404
    refused = directory.ask("DELETE", "/Users")
    assert (refused.status, refused.headers["Allow"]) == (405, "GET, POST")
    config = directory.get("/ServiceProviderConfig").body
    offered = {name: config[name]["supported"] for name in ("patch", "bulk", "filter", "sort", "etag")}
    assert offered == {"patch": True, "bulk": False, "filter": True, "sort": False, "etag": True}
    assert directory.get('/Schemas?filter=id eq "x"').status == 403


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("x@receiver.example"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["value", "type", "active", "emails", "members", "a[b", "$ref"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
PATHS = st.sampled_from(
    [
        "active",
        "emails",
        'emails[type eq "work"].value',
        "emails.value",
        "userName",
        "members",
        "externalId",
        "schemas",
    ]
) | st.text(max_size=12)
OPERATIONS = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "Replace", "remove"]) | ANYTHING},
    optional={"path": PATHS | ANYTHING, "value": ANYTHING},
)


@pytest.fixture
def kept(directory: Directory) -> list[str]:
    key = directory.person("ana")
    return [f"/Users/{key}", f"/Groups/{directory.group('officer', key)}"]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(operation=OPERATIONS)
def test_no_operation_whatever_is_in_it_makes_the_service_fail(
    directory: Directory, kept: list[str], operation: dict[str, Any]
) -> None:
    with transaction.atomic(), override_settings(REQUESTS_A_MINUTE={"token": 100_000, "user": 100_000}):
        for path in kept:
            said = directory.edits(path, operation)
            assert said.status in (200, 400, 409)
            assert said.status == 200 or said.body["detail"]
        transaction.set_rollback(True)


def test_a_body_that_is_no_json_is_refused(directory: Directory, client: Client) -> None:
    head = {"Authorization": f"Bearer {directory.key}"}
    for body in ("{", "nothing", '"\\ud800"', "[" * 100_000):
        said = client.post("/scim/v2/Users", body, content_type="application/scim+json", headers=head)
        assert (said.status_code, said.json()["scimType"]) == (400, "invalidSyntax")
    assert client.post("/scim/v2/Users", {"a": "b"}, headers=head).status_code == 415
    too_long = client.post("/scim/v2/Users", "x" * 6_000_000, content_type="application/json", headers=head)
    assert too_long.status_code == 413


def test_every_change_stands_in_the_organisations_ledger_without_a_name_or_an_address(
    cast: Cast, directory: Directory
) -> None:
    before = len(ledger(cast.receiver))
    key = directory.person("ana", externalId="E-1")
    directory.group("officer", key)
    own_key(actor_for(account("ana"), cast.receiver.organisation, channel="web"))
    directory.edits(f"/Users/{key}", {"op": "replace", "path": "displayName", "value": "Else"})
    directory.closes(key)
    directory.opens(key)
    directory.ask("DELETE", f"/Users/{key}")
    written = ledger(cast.receiver)[before:]
    assert [verb for verb, _ in written] == [
        "account.provisioned",
        "group.entered",
        "group.members_changed",
        "account.seated",
        "token.issued",
        "account.changed",
        "account.changed",
        "account.unseated",
        "token.revoked",
        "account.cut_off",
        "account.changed",
        "account.let_in",
        "account.seated",
        "account.unseated",
        "account.cut_off",
        "account.forgotten",
    ]
    told = json.dumps([data for verb, data in written if not verb.startswith("token.")])
    assert not any(word in told for word in ("Ana", "ana@", "Else", "E-1"))
