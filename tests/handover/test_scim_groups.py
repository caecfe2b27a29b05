"""A directory's groups: those that stand for a role seat their members, while they are members."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handover.access import Actor, Operator, actor_for
from handover.actions import accounts, provisioned_groups, provisioning
from handover.actions.provisioned_groups import GroupEntry
from handover.actions.provisioning import PersonEntry
from handover.errors import Invalid, NotAllowed, NotFound
from handover.models import RoleGroup, User
from handover.permissions import Role, Scope
from handover.queries.tokens import actor_by_key
from tests.factories.cast import Cast
from tests.handover.scim_directory import (
    GROUP,
    PATCH,
    Directory,
    account,
    directory_of,
    ledger,
    own_key,
    roles,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def directory(cast: Cast, client: Client) -> Directory:
    return directory_of(cast.receiver, client)


def _machine(directory: Directory) -> Actor:
    actor = actor_by_key(directory.key)
    assert actor
    return actor


# --- groups and roles --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
def test_a_group_that_is_named_as_a_role_seats_its_members(
    cast: Cast, directory: Directory, role: Role
) -> None:
    key = directory.person("ana")
    group = directory.group(role.value.upper(), key, externalId="G-1")
    person = account("ana")
    assert roles(person, cast.receiver) == {role.value}
    assert actor_for(person, cast.receiver.organisation, channel="web", role=role).user == person
    seat = RoleGroup.objects.get(organisation=cast.receiver.organisation, role=role.value).group
    assert person.groups.filter(pk=seat.pk).exists()
    shown = directory.get(f"/Groups/{group}").body
    assert (shown["displayName"], shown["externalId"]) == (role.value.upper(), "G-1")
    assert [(member["value"], member["type"]) for member in shown["members"]] == [(key, "User")]
    (seen,) = directory.get(f"/Users/{key}").body["groups"]
    assert (seen["value"], seen["display"]) == (group, role.value.upper())
    directory.edits(f"/Groups/{group}", {"op": "remove", "path": f'members[value eq "{key}"]'})
    assert roles(person, cast.receiver) == set()
    assert not person.groups.filter(pk=seat.pk).exists()


def test_a_group_of_another_name_seats_nobody(cast: Cast, directory: Directory) -> None:
    directory.group("Managers of the town hall", directory.person("ana"))
    assert roles(account("ana"), cast.receiver) == set()


def test_whoever_is_in_two_groups_of_a_role_keeps_the_seat_until_they_leave_both(
    cast: Cast, directory: Directory
) -> None:
    key = directory.person("ana")
    named, mapped = directory.group("officer", key), directory.group("Programme staff", key)
    provisioned_groups.map_group(by=cast.receiver, group_uuid=UUID(mapped), role=Role.OFFICER)
    assert directory.ask("DELETE", f"/Groups/{named}").status == 204
    assert roles(account("ana"), cast.receiver) == {"officer"}
    assert directory.ask("DELETE", f"/Groups/{mapped}").status == 204
    assert roles(account("ana"), cast.receiver) == set()
    assert directory.get(f"/Groups/{mapped}").status == 404


def test_a_seat_that_a_manager_gave_is_not_taken_by_leaving_a_group(cast: Cast, directory: Directory) -> None:
    officer = cast.receiver_officer.user
    key = directory.person("officer", emails=[{"value": officer.email}])
    group = directory.group("officer", key)
    directory.edits(f"/Groups/{group}", {"op": "remove", "path": "members"})
    assert roles(officer, cast.receiver) == {"officer"}


def test_a_seat_that_a_manager_ended_stays_ended_while_its_person_stays_in_the_group(
    cast: Cast, directory: Directory
) -> None:
    key = directory.person("ana")
    group = directory.group("officer", key)
    accounts.unseat(
        by=cast.receiver, user=account("ana"), organisation=cast.receiver.organisation, role=Role.OFFICER
    )
    directory.edits(f"/Users/{key}", {"op": "replace", "path": "displayName", "value": "Else"})
    directory.edits(f"/Groups/{group}", {"op": "add", "path": "members", "value": [{"value": key}]})
    assert roles(account("ana"), cast.receiver) == set()
    directory.edits(f"/Groups/{group}", {"op": "remove", "path": "members"})
    directory.edits(f"/Groups/{group}", {"op": "add", "path": "members", "value": [{"value": key}]})
    assert roles(account("ana"), cast.receiver) == {"officer"}


def test_who_is_deactivated_sits_nowhere_whichever_group_they_join(cast: Cast, directory: Directory) -> None:
    key = directory.person("ana")
    directory.closes(key)
    directory.group("officer", key)
    assert roles(account("ana"), cast.receiver) == set()


def test_a_group_that_is_renamed_stands_for_another_role(cast: Cast, directory: Directory) -> None:
    group = directory.group("officer", directory.person("ana"))
    said = directory.edits(f"/Groups/{group}", {"op": "replace", "path": "displayName", "value": "Auditor"})
    assert (said.status, roles(account("ana"), cast.receiver)) == (200, {"auditor"})
    directory.edits(f"/Groups/{group}", {"op": "replace", "value": {"id": group, "displayName": "Friends"}})
    assert roles(account("ana"), cast.receiver) == set()


# --- mapping -----------------------------------------------------------------------------------------------------


def test_a_manager_says_which_role_a_group_stands_for_and_its_name_counts_no_more(
    cast: Cast, directory: Directory
) -> None:
    group = directory.group("Town hall", directory.person("ana"))
    provisioned_groups.map_group(by=cast.receiver, group_uuid=UUID(group), role="reporter")
    assert roles(account("ana"), cast.receiver) == {"reporter"}
    directory.edits(f"/Groups/{group}", {"op": "replace", "path": "displayName", "value": "manager"})
    assert roles(account("ana"), cast.receiver) == {"reporter"}
    provisioned_groups.map_group(by=cast.receiver, group_uuid=UUID(group), role=None)
    assert roles(account("ana"), cast.receiver) == set()
    assert ("group.mapped", {"role": "reporter"}) in ledger(cast.receiver)


def test_nobody_but_a_manager_of_the_organisation_maps_its_groups(cast: Cast, directory: Directory) -> None:
    group = UUID(directory.group("Town hall"))
    for actor in (cast.receiver_officer, _machine(directory)):
        with pytest.raises(NotAllowed):
            provisioned_groups.map_group(by=actor, group_uuid=group, role=Role.VIEWER)
    with pytest.raises(NotFound):
        provisioned_groups.map_group(by=cast.giver, group_uuid=group, role=Role.VIEWER)
    with pytest.raises(Invalid):
        provisioned_groups.map_group(by=cast.receiver, group_uuid=group, role="king")
    mapped = provisioned_groups.map_group(by=cast.receiver, group_uuid=group, role=Role.VIEWER)
    assert (mapped.role, mapped.by_hand) == ("viewer", True)


def test_nobody_but_the_organisations_own_token_keeps_people(cast: Cast, directory: Directory) -> None:
    entry = PersonEntry("x", "x@receiver.example", "X")
    person = actor_by_key(own_key(cast.receiver, [Scope.ORGANISATION, Scope.READ]))
    assert person
    for actor in (cast.receiver, person):
        with pytest.raises(NotAllowed):
            provisioning.enter_person(by=actor, entry=entry)
        with pytest.raises(NotAllowed):
            provisioned_groups.enter_group(by=actor, entry=GroupEntry("manager"))
    assert not User.objects.filter(email="x@receiver.example").exists()


# --- members -----------------------------------------------------------------------------------------------------


def _forms(key: str) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Give the ways in which directories say that somebody joins, and that they leave."""
    one = [{"value": key}]
    return {
        "the standard": (
            {"op": "add", "path": "members", "value": one},
            {"op": "remove", "path": f'members[value eq "{key}"]'},
        ),
        "Entra": (
            {"op": "Add", "path": "members", "value": [{"$ref": None, "value": key}]},
            {"op": "Remove", "path": "members", "value": [{"$ref": None, "value": key}]},
        ),
        "without a path": (
            {"op": "add", "value": {"members": one}},
            {"op": "replace", "value": {"members": []}},
        ),
        "Okta": (
            {"op": "add", "path": "members", "value": [{"value": key, "display": "ana"}]},
            {"op": "remove", "path": "members", "value": [{"value": key, "display": "ana"}]},
        ),
        "as a whole": (
            {"op": "replace", "path": "members", "value": one},
            {"op": "replace", "path": "members", "value": []},
        ),
    }


@pytest.mark.parametrize("form", list(_forms("")))
def test_people_join_and_leave_as_directories_say_it(cast: Cast, directory: Directory, form: str) -> None:
    key, stays = directory.person("ana"), directory.person("ion")
    joins, leaves = _forms(key)[form]
    group = directory.group("officer", stays)
    tag = directory.get(f"/Groups/{group}").headers["ETag"]
    assert directory.edits(f"/Groups/{group}", joins).status == 200
    assert roles(account("ana"), cast.receiver) == {"officer"}
    assert directory.get(f"/Groups/{group}").headers["ETag"] != tag
    assert directory.get(f"/Users/{key}").headers["ETag"] == 'W/"2"'
    assert directory.edits(f"/Groups/{group}", leaves).status == 200
    assert roles(account("ana"), cast.receiver) == set()
    kept = set() if form in ("without a path", "as a whole") else {"officer"}
    assert roles(account("ion"), cast.receiver) == kept


def test_a_replacement_says_who_is_in_a_group(cast: Cast, directory: Directory) -> None:
    ana, ion = directory.person("ana"), directory.person("ion")
    group = directory.group("viewer", ana)
    body = {"schemas": [GROUP], "displayName": "viewer", "members": [{"value": ion}]}
    said = directory.ask("PUT", f"/Groups/{group}", body)
    assert [member["value"] for member in said.body["members"]] == [ion]
    assert (roles(account("ana"), cast.receiver), roles(account("ion"), cast.receiver)) == (set(), {"viewer"})


def test_members_whom_the_directory_does_not_keep_are_refused_whole(cast: Cast, directory: Directory) -> None:
    ana, group = directory.person("ana"), directory.group("viewer")
    gone = directory.person("ion")
    directory.ask("DELETE", f"/Users/{gone}")
    for stranger in (str(uuid4()), gone, group, str(cast.giver.user.uuid), "nobody", ""):
        said = directory.edits(
            f"/Groups/{group}",
            {"op": "add", "path": "members", "value": [{"value": ana}, {"value": stranger}]},
        )
        assert (said.status, said.body["scimType"]) == (400, "invalidValue")
    assert "members" not in directory.get(f"/Groups/{group}").body
    assert roles(account("ana"), cast.receiver) == set()


def test_a_group_is_found_by_name_and_by_member(directory: Directory) -> None:
    key = directory.person("ana")
    group, empty = directory.group("viewer", key, externalId="G-1"), directory.group("officer")

    def found(text: str) -> list[str]:
        answer = directory.client.get(
            "/scim/v2/Groups",
            {"filter": text, "excludedAttributes": "members"},
            headers={"Authorization": f"Bearer {directory.key}"},
        ).json()
        assert not any("members" in item for item in answer.get("Resources", []))
        return [item["id"] for item in answer.get("Resources", [])]

    assert found('displayName eq "VIEWER"') == found('externalId eq "G-1"') == [group]
    assert found(f'members.value eq "{key}"') == found(f'members[value eq "{key}"]') == [group]
    assert found(f'id eq "{empty}" or members.value eq "{key}"') == [group, empty]
    assert found(f'id eq "{empty}" and members eq "{key}"') == []


def test_a_name_of_a_group_is_taken_once(directory: Directory) -> None:
    directory.group("viewer")
    other = directory.group("officer")
    again = directory.ask("POST", "/Groups", {"schemas": [GROUP], "displayName": "viewer"})
    renamed = directory.edits(f"/Groups/{other}", {"op": "replace", "path": "displayName", "value": "viewer"})
    assert (
        (again.status, again.body["scimType"])
        == (renamed.status, renamed.body["scimType"])
        == (409, "uniqueness")
    )
    unnamed = directory.ask("POST", "/Groups", {"schemas": [GROUP], "displayName": " "})
    assert (unnamed.status, unnamed.body["scimType"]) == (400, "invalidValue")


def test_who_has_read_another_version_of_a_group_changes_nothing(directory: Directory) -> None:
    group = directory.group("viewer")
    rename = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "displayName", "value": "x"}]}
    tag = directory.get(f"/Groups/{group}").headers["ETag"]
    assert directory.ask("PATCH", f"/Groups/{group}", rename, **{"If-Match": tag}).status == 200
    assert directory.ask("PATCH", f"/Groups/{group}", rename, **{"If-Match": tag}).status == 412
    assert directory.ask("DELETE", f"/Groups/{group}", **{"If-Match": tag}).status == 412


# --- the last manager --------------------------------------------------------------------------------------------


def test_managers_change_places_and_the_last_one_does_not_leave(cast: Cast, directory: Directory) -> None:
    ana, ion = directory.person("ana"), directory.person("ion")
    group = directory.group("manager", ana)
    accounts.unseat(
        by=Operator(),
        user=cast.receiver.user,
        organisation=cast.receiver.organisation,
        role=Role.MANAGER,
    )
    swap = {"schemas": [GROUP], "displayName": "manager", "members": [{"value": ion}]}
    assert directory.ask("PUT", f"/Groups/{group}", swap).status == 200
    assert roles(account("ion"), cast.receiver) == {"manager"}
    refused = [
        directory.edits(f"/Groups/{group}", {"op": "remove", "path": f'members[value eq "{ion}"]'}),
        directory.edits(f"/Groups/{group}", {"op": "replace", "path": "displayName", "value": "viewer"}),
        directory.ask("DELETE", f"/Groups/{group}"),
        directory.closes(ion),
        directory.ask("DELETE", f"/Users/{ion}"),
    ]
    assert {said.status for said in refused} == {409}
    assert roles(account("ion"), cast.receiver) == {"manager"}
    assert directory.get(f"/Groups/{group}").body["members"][0]["value"] == ion


def test_a_manager_who_maps_their_own_seat_away_leaves_another_one(cast: Cast, directory: Directory) -> None:
    group = directory.group("manager", directory.person("ana"), directory.person("ion"))
    managers = [
        actor_for(account(name), cast.receiver.organisation, channel="web") for name in ("ana", "ion")
    ]
    provisioned_groups.map_group(by=managers[0], group_uuid=UUID(group), role=Role.VIEWER)
    assert [roles(manager.user, cast.receiver) for manager in managers] == [{"viewer"}, {"viewer"}]
    assert roles(cast.receiver.user, cast.receiver) == {"manager"}
    own = directory.group("managers", directory.person("mia"))
    provisioned_groups.map_group(by=cast.receiver, group_uuid=UUID(own), role=Role.MANAGER)
    mia = actor_for(account("mia"), cast.receiver.organisation, channel="web")
    provisioned_groups.map_group(by=mia, group_uuid=UUID(own), role=None)
    assert roles(mia.user, cast.receiver) == set()


# --- what always holds -------------------------------------------------------------------------------------------

NAMES = ("ana", "ion", "mia")
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["officer", "viewer", "Staff"]),
            st.frozensets(st.sampled_from(NAMES)),
        ),
        st.tuples(st.sampled_from(["closes", "opens", "deletes"]), st.sampled_from(NAMES)),
        st.tuples(st.just("maps"), st.sampled_from(["", "officer", "reporter"])),
    ),
    max_size=8,
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_whatever_a_directory_says_people_sit_where_their_groups_stand_and_nowhere_else(
    cast: Cast, client: Client, steps: list[tuple[str, Any]]
) -> None:
    with transaction.atomic():
        stage = Stage(cast, directory_of(cast.receiver, client))
        for step, value in steps:
            stage.take(step, value)
            seen = {name: User.objects.get(pk=stage.accounts[name].pk) for name in NAMES}
            assert {name: roles(user, cast.receiver) for name, user in seen.items()} == stage.expected()
            assert {name: user.is_active for name, user in seen.items()} == stage.active
        transaction.set_rollback(True)


class Stage:
    """Three people, three groups, and what should hold of them."""

    def __init__(self, cast: Cast, directory: Directory) -> None:
        self.cast = cast
        self.machine = _machine(directory)
        self.keys = {name: self._enter(name).uuid for name in NAMES}
        self.accounts = {name: User.objects.get(email=f"{name}@receiver.example") for name in NAMES}
        self.active = dict.fromkeys(NAMES, True)
        self.members: dict[str, frozenset[str]] = {}
        self.groups: dict[str, UUID] = {}
        self.staff = ""

    def _enter(self, name: str) -> Any:
        entry = PersonEntry(f"{name}", f"{name}@receiver.example", name)
        return provisioning.enter_person(by=self.machine, entry=entry)

    def take(self, step: str, value: Any) -> None:
        """Take one step, in the toolkit and in what is expected."""
        match step:
            case "closes" | "opens":
                entry = PersonEntry(
                    f"{value}",
                    f"{value}@receiver.example",
                    value,
                    active=step == "opens",
                )
                provisioning.change_person(by=self.machine, person_uuid=self.keys[value], entry=entry)
                self.active[value] = step == "opens"
            case "deletes":
                provisioning.forget_person(by=self.machine, person_uuid=self.keys[value])
                self.keys[value] = self._enter(value).uuid
                self.active[value] = True
                self.members = {title: names - {value} for title, names in self.members.items()}
            case "maps":
                if "Staff" in self.groups:
                    provisioned_groups.map_group(
                        by=self.cast.receiver, group_uuid=self.groups["Staff"], role=value or None
                    )
                    self.staff = value
            case title:
                group = GroupEntry(title, members=frozenset(self.keys[name] for name in value))
                if title in self.groups:
                    provisioned_groups.change_group(
                        by=self.machine, group_uuid=self.groups[title], entry=group
                    )
                else:
                    self.groups[title] = provisioned_groups.enter_group(by=self.machine, entry=group).uuid
                self.members[title] = value

    def expected(self) -> dict[str, set[str]]:
        """Say which roles each person should hold."""
        stands = {"officer": "officer", "viewer": "viewer", "Staff": self.staff}
        return {
            name: {stands[title] for title, names in self.members.items() if name in names and stands[title]}
            if self.active[name]
            else set()
            for name in NAMES
        }
