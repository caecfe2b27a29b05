"""Tokens from the command line, typed rightly and wrongly."""

from __future__ import annotations

import datetime as dt

import pytest

from handover import clock
from handover.permissions import Role, Scope
from handover.queries.tokens import actor_by_key
from tests.factories.cast import Cast
from tests.handover.command_line import refused, said, told

pytestmark = pytest.mark.django_db

AS = ("--as", "manager@receiver.example")
OFFICER = ("--as", "officer@receiver.example")
READ = ("--title", "Charts", "--scope", "read")


def test_a_personal_token_acts_for_who_issues_it_and_its_key_is_shown_once(cast: Cast) -> None:
    made = told("token", "issue", *READ, "--scope", "plan", "--days", "30", *OFFICER)
    actor = actor_by_key(made["key"])
    assert actor is not None
    assert actor.user.email == "officer@receiver.example"
    assert actor.scopes == frozenset({Scope.READ, Scope.PLAN})
    ahead = dt.datetime.fromisoformat(made["token"]["expires_at"]) - clock.now()
    assert dt.timedelta(days=29) < ahead <= dt.timedelta(days=30)
    (listed,) = told("token", "list", *OFFICER)["tokens"]
    assert (listed["uuid"], listed["state"], listed["personal"]) == (made["token"]["uuid"], "valid", True)
    assert made["key"] not in said("token", "list", *OFFICER) + said("token", "list", "--json", *OFFICER)


def test_the_key_stands_on_standard_output(cast: Cast) -> None:
    (key,) = [word for word in said("token", "issue", *READ, *AS).split() if word.startswith("hvr_")]
    assert actor_by_key(key) is not None


def test_an_organisations_token_acts_in_the_role_that_was_named(cast: Cast) -> None:
    made = told("token", "issue-for-organisation", *READ, "--role", "auditor", *AS)
    actor = actor_by_key(made["key"])
    assert actor is not None
    assert actor.user.is_service
    assert [seat.role for seat in actor.user.memberships.all()] == [Role.AUDITOR]
    assert told("token", "list", *OFFICER)["tokens"] == []


def test_a_revoked_token_opens_nothing_and_revoking_again_changes_nothing(cast: Cast) -> None:
    made = told("token", "issue", *READ, *OFFICER)
    first = told("token", "revoke", made["token"]["uuid"], *AS)["token"]
    assert first["state"] == "revoked"
    assert actor_by_key(made["key"]) is None
    assert told("token", "revoke", made["token"]["uuid"], *AS)["token"]["revoked_at"] == first["revoked_at"]


def test_an_officer_revokes_no_token_of_others(cast: Cast) -> None:
    made = told("token", "issue", *READ, *AS)
    assert "[not_found]" in refused("token", "revoke", made["token"]["uuid"], *OFFICER)
    assert actor_by_key(made["key"]) is not None


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (("issue", "--title", "X", "--scope", "everything"), "unknown_scope"),
        (("issue", "--title", "X", "--scope", "provision"), "unknown_scope"),
        (("issue", "--title", "X"), "usage"),
        (("issue", "--scope", "read"), "usage"),
        (("issue", "--title", "", "--scope", "read"), "invalid"),
        (("issue", "--title", "X" * 201, "--scope", "read"), "invalid"),
        (("issue", *READ, "--days", "0"), "token_expiry"),
        (("issue", *READ, "--days", "367"), "token_expiry"),
        (("issue", *READ, "--days", "9" * 30), "token_expiry"),
        (("issue", *READ, "--days", "soon"), "usage"),
        (("issue-for-organisation", "--title", "X", "--scope", "sign"), "unknown_scope"),
        (("issue-for-organisation", *READ, "--role", "king"), "unknown_role"),
        (("issue-for-organisation", "--title", "", "--scope", "read"), "invalid"),
        (("revoke", "x"), "usage"),
        (("revoke", "00000000-0000-0000-0000-000000000001"), "not_found"),
        ((), "usage"),
    ],
)
def test_what_is_typed_wrongly_is_one_clear_line(cast: Cast, typed: tuple[str, ...], code: str) -> None:
    assert f"[{code}]" in refused("token", *typed, *(AS if typed else ()))
    assert told("token", "list", *AS)["tokens"] == []


def test_nobody_who_is_no_manager_issues_the_organisations_tokens(cast: Cast) -> None:
    assert "[not_manager]" in refused("token", "issue-for-organisation", *READ, *OFFICER)
