"""Tokens: issued by hand, shown once, narrower than their holder, gone at once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection

from handover import access, clock
from handover.access import Actor, asking
from handover.actions import accounts, organisations, tokens
from handover.errors import Invalid, NotAllowed, NotFound
from handover.models import AccessToken, LedgerEntry, Programme, User
from handover.permissions import (
    ORGANISATION_SCOPES,
    PERSONAL_SCOPES,
    SCOPE_OF,
    SCOPES,
    Permission,
    Role,
    Scope,
)
from handover.queries.tokens import actor_by_key, own_tokens
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db
MONTH = dt.timedelta(days=30)


def issued(by: Actor, *scopes: Scope) -> tokens.Issued:
    return tokens.issue(by=by, title="A test", scopes=scopes, expires_at=clock.now() + MONTH)


def machine(by: Actor, *scopes: Scope, role: Role = Role.MANAGER) -> Actor:
    made = tokens.issue_for_organisation(
        by=by, title="A machine", scopes=scopes, expires_at=clock.now() + MONTH, role=role
    )
    found = actor_by_key(made.key)
    assert found is not None
    return found


def test_every_permission_stands_in_exactly_one_scope() -> None:
    listed = [permission for permissions in SCOPES.values() for permission in permissions]
    assert sorted(listed) == sorted(Permission)
    assert set(SCOPE_OF) == set(Permission)
    assert set(SCOPES) == set(Scope)


def test_a_key_is_kept_as_its_digest_alone(cast: Cast) -> None:
    made = issued(cast.giver, Scope.READ)
    with asking(cast.giver):
        (row,) = AccessToken.objects.values_list()
        told = list(
            LedgerEntry.objects.filter(organisation_id=cast.giver.organisation.pk).values_list("body")
        )
    assert made.key.startswith("hvr_")
    assert len(made.key) > 40
    assert made.key not in str(row) + str(told)
    assert made.key[12:] not in str(row)


def test_a_token_does_what_its_person_may_and_its_scopes_let_through(
    cast: Cast, programme: Programme
) -> None:
    actor = actor_by_key(issued(cast.giver, Scope.READ, Scope.REPORT).key)
    assert actor is not None
    with asking(cast.giver):
        whole = access.permissions_on(cast.giver, programme)
    with asking(actor):
        narrowed = access.permissions_on(actor, programme)
    assert narrowed == whole & (SCOPES[Scope.READ] | SCOPES[Scope.REPORT])
    assert Permission.SIGN in whole - narrowed


def test_a_token_of_who_may_nothing_does_nothing(cast: Cast, programme: Programme) -> None:
    actor = actor_by_key(issued(cast.stranger, *PERSONAL_SCOPES).key)
    assert actor is not None
    with asking(actor), pytest.raises(NotFound):
        access.programme_for(actor, programme.uuid, may=Permission.VIEW)


@pytest.mark.parametrize("ahead", [dt.timedelta(0), dt.timedelta(days=-1), dt.timedelta(days=367)])
def test_a_token_expires_within_a_year(ahead: dt.timedelta, cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        tokens.issue(by=cast.giver, title="x", scopes=["read"], expires_at=clock.now() + ahead)
    assert refused.value.code == "token_expiry"


@pytest.mark.parametrize("scopes", [[], ["everything"], ["read", "provision"]])
def test_a_person_gives_a_token_scopes_that_persons_have(scopes: list[str], cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        tokens.issue(by=cast.giver, title="x", scopes=scopes, expires_at=clock.now() + MONTH)
    assert refused.value.code == "unknown_scope"


def test_a_token_issues_no_tokens(cast: Cast) -> None:
    actor = actor_by_key(issued(cast.giver, Scope.ORGANISATION).key)
    assert actor is not None
    with pytest.raises(NotAllowed) as refused:
        issued(actor, Scope.READ)
    assert refused.value.code == "token_by_token"
    with pytest.raises(NotAllowed):
        machine(actor, Scope.READ)


def test_only_a_manager_issues_tokens_of_the_organisation(cast: Cast) -> None:
    with pytest.raises(NotAllowed) as refused:
        machine(cast.giver_officer, Scope.READ)
    assert refused.value.code == "not_manager"


@pytest.mark.parametrize("scope", [Scope.SIGN, Scope.ORGANISATION])
def test_no_organisations_token_signs_or_keeps_members(scope: Scope, cast: Cast) -> None:
    assert scope not in ORGANISATION_SCOPES
    with pytest.raises(Invalid):
        machine(cast.giver, scope)


def test_a_machine_with_a_managers_role_represents_and_seats_nobody(cast: Cast) -> None:
    actor = machine(cast.giver, *ORGANISATION_SCOPES)
    with pytest.raises(NotAllowed):
        organisations.represent(
            by=actor, capacity="mayor", mandate_act="none", valid_from=clock.today(), user=actor.user
        )
    with pytest.raises(NotAllowed):
        accounts.seat(by=actor, user=actor.user, organisation=actor.organisation, role=Role.AUDITOR)


def test_nobody_represents_a_community_by_a_machine(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        machine(cast.giver, Scope.READ, role=Role.COMMUNITY_REPRESENTATIVE)
    assert refused.value.code == "unknown_role"


def test_a_revoked_machine_is_gone_with_its_account(cast: Cast) -> None:
    made = tokens.issue_for_organisation(
        by=cast.giver, title="Export", scopes=["read"], expires_at=clock.now() + MONTH
    )
    assert actor_by_key(made.key) is not None
    tokens.revoke(by=cast.giver, token_uuid=made.token.uuid)
    assert actor_by_key(made.key) is None
    assert not User.objects.get(pk=made.token.user_id).is_active
    again = tokens.revoke(by=cast.giver, token_uuid=made.token.uuid)
    assert again.revoked_at == clock.now()


def test_people_see_and_revoke_their_own_tokens_and_managers_all(cast: Cast) -> None:
    own, officers = issued(cast.giver, Scope.READ), issued(cast.giver_officer, Scope.READ)
    with asking(cast.giver_officer):
        assert [row.uuid for row in own_tokens(cast.giver_officer)] == [officers.token.uuid]
    with asking(cast.giver):
        assert [row.uuid for row in own_tokens(cast.giver)] == [own.token.uuid, officers.token.uuid]
    with asking(cast.stranger):
        assert list(own_tokens(cast.stranger)) == []
    for actor in (cast.giver_officer, cast.stranger):
        with pytest.raises(NotFound):
            tokens.revoke(by=actor, token_uuid=own.token.uuid)


def test_use_is_noted_to_the_minute(cast: Cast) -> None:
    made = issued(cast.giver, Scope.READ)
    at = clock.now()
    for seconds in (0, 30, 90):
        with clock.at(at + dt.timedelta(seconds=seconds)):
            assert actor_by_key(made.key) is not None
    with asking(cast.giver):
        assert AccessToken.objects.get(uuid=made.token.uuid).last_used_at == at + dt.timedelta(seconds=90)


def test_the_database_answers_for_one_digest_and_shows_no_row(cast: Cast) -> None:
    issued(cast.giver, Scope.READ)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM handover_accesstoken")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT * FROM handover_credential('\\x00'::bytea, now())")
        assert cursor.fetchall() == []


def test_a_milestone_is_not_signed_by_a_token_without_the_scope(cast: Cast, programme: Programme) -> None:
    actor = actor_by_key(issued(cast.giver, Scope.READ, Scope.PLAN).key)
    assert actor is not None
    with asking(actor), pytest.raises(NotAllowed) as refused:
        access.programme_for(actor, programme.uuid, may=Permission.SIGN)
    assert refused.value.code == "not_allowed"
