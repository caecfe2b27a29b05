"""`handover provision`: a manager lets the organisation's directory in, and sees and maps what it keeps."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories.cast import Cast
from tests.handover.command_line import refused, said, told
from tests.handover.scim_directory import Directory, account, roles

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(cast: Cast) -> tuple[str, str]:
    return "--as", cast.receiver.user.email


@pytest.fixture
def directory(manager: tuple[str, str], client: Client) -> Directory:
    return Directory(told("provision", "token", *manager)["key"], client)


def test_a_manager_issues_a_key_that_keeps_people(manager: tuple[str, str], directory: Directory) -> None:
    assert directory.enters("ana").status == 201
    text = said("provision", "token", "--title", "Town hall", "--until", "2024-12-31", *manager)
    assert "until 2025-01-01 00:00 UTC" in text
    assert "hvr_" in text
    assert "token_expiry" in refused("provision", "token", "--until", "2030-01-01", *manager)


def test_a_manager_sees_what_the_directory_keeps(manager: tuple[str, str], directory: Directory) -> None:
    assert "nobody here yet" in said("provision", "people", *manager)
    assert "no group here yet" in said("provision", "groups", *manager)
    key = directory.person("ana")
    directory.group("Officer", key)
    directory.closes(directory.person("ion"))
    people = told("provision", "people", *manager)["people"]
    assert [(row["user_name"], row["active"], row["groups"]) for row in people] == [
        ("ana", True, ["Officer"]),
        ("ion", False, []),
    ]
    (group,) = told("provision", "groups", *manager)["groups"]
    assert (group["title"], group["role"], group["by_hand"], group["members"]) == (
        "Officer",
        "officer",
        False,
        1,
    )
    assert "inactive" in said("provision", "people", *manager)
    assert "officer" in said("provision", "groups", *manager)


def test_a_manager_maps_a_group_by_its_title(
    cast: Cast, manager: tuple[str, str], directory: Directory
) -> None:
    directory.group("Town hall", directory.person("ana"))
    assert (
        said("provision", "map", "town", "reporter", *manager).strip() == "Town hall stands for reporter now."
    )
    assert roles(account("ana"), cast.receiver) == {"reporter"}
    assert "no role" in said("provision", "map", "town", "none", *manager)
    assert roles(account("ana"), cast.receiver) == set()
    assert "Town hall" in refused("provision", "map", "village", "reporter", *manager)
    assert "king" in refused("provision", "map", "town", "king", *manager)


@pytest.mark.parametrize("step", [["people"], ["groups"], ["token"], ["map", "town", "viewer"]])
def test_nobody_else_may(cast: Cast, directory: Directory, step: list[str]) -> None:
    directory.group("Town hall")
    assert "not_manager" in refused("provision", *step, "--as", cast.receiver_officer.user.email)
