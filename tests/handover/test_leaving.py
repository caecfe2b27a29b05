"""Somebody leaves an organisation: what is open goes on, what is theirs ends, and nobody is the last one unawares."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handover import clock
from handover.access import Actor, asking, custody, permissions_on, seats_now
from handover.actions import accounts, leaving, organisations, permissions, tokens
from handover.errors import Invalid, NotAllowed, NotFound, Refused
from handover.models import AccessToken, LedgerEntry, LegalRepresentative, Programme, User
from handover.permissions import Permission, Role, Scope
from handover.queries.leaving import Leaving, former, leaving_of, successors
from handover.queries.verification import verify_installation, verify_programme
from indicators.actions import submissions
from indicators.models import Submission
from tests.factories.cast import TODAY, Cast
from tests.factories.organisations import OPERATOR, person
from tests.factories.transfers import undone

pytestmark = pytest.mark.django_db


def open_of(by: Actor, who: Actor) -> Leaving:
    with asking(by):
        return leaving_of(by, who.user.uuid)


def leave(by: Actor, who: Actor, to: Actor | None = None, *, confirmed: bool = False) -> Leaving:
    return leaving.leave(
        by=by, user_uuid=who.user.uuid, to_uuid=to.user.uuid if to else None, confirmed=confirmed
    )


@pytest.fixture
def busy(cast: Cast, programme: Programme) -> Submission:
    """Give the giver's officer all that hangs on one person."""
    officer = cast.giver_officer
    organisations.represent(
        by=cast.giver,
        user=officer.user,
        capacity="Director",
        mandate_act="Decision 1",
        valid_from=TODAY.date(),
    )
    tokens.issue(
        by=officer, title="Sheet", scopes=[Scope.READ], expires_at=clock.now() + dt.timedelta(days=9)
    )
    permissions.except_user(
        by=cast.giver,
        thing=programme,
        user=officer.user,
        organisation=officer.organisation,
        permission=Permission.MANAGE_STANDINGS,
        reason="Stands in",
    )
    return submissions.draft(by=officer, programme_uuid=programme.uuid, title="Second quarter")


def test_what_is_open_is_told_before_anybody_leaves(cast: Cast, busy: Submission) -> None:
    found = open_of(cast.giver, cast.giver_officer)
    assert [item.title for item in found.handed] == ["Director, Decision 1", "Second quarter"]
    assert {item.kind for item in found.ends} == {"exception", "token"}
    assert (found.roles, found.closes, found.mandate_alone) == ([Role.OFFICER], True, True)
    with pytest.raises(Invalid) as refused:
        leave(cast.giver, cast.giver_officer, confirmed=True)
    assert refused.value.code == "successor_missing"


def test_whoever_leaves_hands_on_and_loses_everything_at_once(
    cast: Cast, programme: Programme, busy: Submission
) -> None:
    leave(cast.giver, cast.giver_officer, cast.giver, confirmed=True)
    user = User.objects.get(pk=cast.giver_officer.user.pk)
    assert not user.is_active
    assert not seats_now(user).exists()
    assert not user.groups.exists()
    with asking(cast.giver):
        assert LegalRepresentative.objects.get().user == cast.giver.user
        assert AccessToken.objects.get().revoked_at is not None
        moved = Submission.objects.get(pk=busy.pk)
        entry = LedgerEntry.objects.filter(chain=cast.giver.organisation.uuid).get(
            body__contains="account.left"
        )
    assert (moved.drafted_by, moved.drafted_by_name) == (cast.giver.user, cast.giver.user.display_name)
    told = json.loads(entry.body)
    assert (told["verb"], told["data"]["to"]) == ("account.left", str(cast.giver.user.uuid))
    assert told["data"]["ended"] == {"exception": 1, "token": 1}
    with asking(cast.giver), custody(programme.pk):
        assert [*verify_programme(programme), *verify_installation()] == []
    with asking(cast.giver):
        assert former(cast.giver) == [user]


def test_the_colleague_who_takes_over_can_hand_the_figures_in(cast: Cast, busy: Submission) -> None:
    leave(cast.giver, cast.giver_officer, cast.giver_reporter, confirmed=True)
    with asking(cast.giver_reporter):
        now = Submission.objects.get(pk=busy.pk)
    submissions.withdraw(by=cast.giver_reporter, submission_uuid=busy.uuid, version=now.version)


def test_who_sits_elsewhere_too_keeps_the_account(cast: Cast, programme: Programme) -> None:
    who = cast.giver_reporter
    accounts.seat(by=cast.stranger, user=who.user, organisation=cast.stranger.organisation, role=Role.VIEWER)
    assert not leave(cast.giver, who).closes
    assert User.objects.get(pk=who.user.pk).is_active
    assert [seat.organisation for seat in seats_now(who.user)] == [cast.stranger.organisation]


def test_only_a_colleague_takes_over(cast: Cast, busy: Submission) -> None:
    for to in (cast.stranger, cast.giver_officer):
        with pytest.raises(Invalid) as refused:
            leave(cast.giver, cast.giver_officer, to, confirmed=True)
        assert refused.value.code == "successor_unfit"


def test_others_neither_see_nor_let_anybody_leave(cast: Cast) -> None:
    for by, expected in ((cast.giver_officer, NotAllowed), (cast.stranger, NotFound)):
        with pytest.raises(expected):
            open_of(by, cast.giver_reporter)
        with pytest.raises(expected):
            leave(by, cast.giver_reporter)


# --- the last one ------------------------------------------------------------------------------------------------


def test_a_viewer_is_never_the_last(cast: Cast, programme: Programme) -> None:
    assert not open_of(cast.giver, person(cast.giver.organisation, Role.VIEWER)).is_last


def test_the_last_manager_is_told_and_never_leaves_alone(cast: Cast, programme: Programme) -> None:
    found = open_of(cast.giver, cast.giver)
    assert found.alone_roles == [Role.MANAGER]
    assert {item.permission for item in found.alone} >= {Permission.SIGN, Permission.MANAGE_STANDINGS}
    assert all(item.programmes == [programme.identifier] for item in found.alone)
    with pytest.raises(Refused) as refused:
        leave(cast.giver, cast.giver)
    assert refused.value.code == "last_access"
    assert {gate.subject for gate in refused.value.gates} >= {"manager", "sign"}
    with pytest.raises(Refused) as again:
        leave(cast.giver, cast.giver, confirmed=True)
    assert again.value.code == "last_manager"


def test_with_a_second_manager_nothing_is_last(cast: Cast, programme: Programme) -> None:
    accounts.seat(
        by=cast.giver, user=cast.giver_officer.user, organisation=cast.giver.organisation, role=Role.MANAGER
    )
    assert not open_of(cast.giver, cast.giver).is_last
    leave(cast.giver, cast.giver)
    assert not seats_now(cast.giver.user).exists()


def test_an_operator_is_told_of_the_last_representative_of_a_community(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        accounts.deactivate(by=OPERATOR, user=cast.community.user)
    assert [gate.subject for gate in refused.value.gates] == ["community_representative"]
    accounts.deactivate(by=OPERATOR, user=cast.community.user, confirmed=True)
    assert not cast.community.user.is_active


def test_the_last_operator_is_not_closed_unawares(cast: Cast) -> None:
    one = User.objects.create_superuser("operator@house.example", display_name="Operator")
    with pytest.raises(Refused, match="operators' pages"):
        accounts.deactivate(by=OPERATOR, user=one)
    User.objects.create_superuser("second@house.example", display_name="Second operator")
    accounts.deactivate(by=OPERATOR, user=one)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(roles=st.lists(st.sampled_from(list(Role)), min_size=1, max_size=4))
def test_what_is_called_alone_is_what_nobody_else_may(
    cast: Cast, programme: Programme, roles: list[Role]
) -> None:
    """Whatever the roles: a permission is told exactly if the person has it and no colleague has."""
    with undone():
        for role in roles:
            accounts.seat(
                by=cast.giver,
                user=cast.giver_reporter.user,
                organisation=cast.giver.organisation,
                role=role,
            )
        for who in (cast.giver, cast.giver_officer, cast.giver_reporter):
            told = {item.permission for item in open_of(cast.giver, who).alone}
            with asking(cast.giver):
                held = {
                    other.user.pk: permissions_on(other, programme)
                    for other in (cast.giver, cast.giver_officer, cast.giver_reporter)
                }
            others = frozenset[Permission]().union(
                *(codes for key, codes in held.items() if key != who.user.pk)
            )
            on_programme = (
                held[who.user.pk] - others - {Permission.VIEW, Permission.EXPORT, Permission.READ_LEDGER}
            )
            assert on_programme <= told
            assert told - on_programme <= {code for code in Permission if code.on_responsibility}


def test_successors_are_colleagues_who_sit_there_now(cast: Cast) -> None:
    with asking(cast.giver):
        assert set(successors(cast.giver, cast.giver_officer.user)) == {
            cast.giver.user,
            cast.giver_reporter.user,
        }
