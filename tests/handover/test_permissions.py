"""The page of permissions is what the database grants: no more, no less, and until its minute."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth.models import Group
from django.contrib.auth.models import Permission as AuthPermission
from django.db import connection

from handover import access, clock
from handover.access import Actor, Operator, asking, custody, permissions_on, programme_for
from handover.actions import accounts, permissions, standings
from handover.errors import Invalid, NotAllowed, NotFound, Refused
from handover.models import (
    LedgerEntry,
    Membership,
    Organisation,
    Programme,
    ProgrammeGroupGrant,
    Responsibility,
    ResponsibilityGroupGrant,
    RoleGroup,
    User,
)
from handover.models.guard import writing
from handover.permissions import (
    CONTENT,
    HOLDER_ROLE,
    OWED_ROLE,
    STANDING_ROLE,
    WRITING,
    Permission,
    Role,
    StandingKind,
)
from tests.factories.cast import AUDIT_ENDS, Cast
from tests.factories.organisations import person
from tests.factories.programmes import responsibility

Granted = set[tuple[str, str]]


def granted_on_programme(programme: Programme, organisation: Organisation) -> Granted:
    rows = ProgrammeGroupGrant.objects.filter(
        content_object=programme, group__role_group__organisation=organisation
    )
    return set(rows.values_list("group__role_group__role", "permission__codename"))


def granted_on_responsibility(thing: Responsibility, organisation: Organisation) -> Granted:
    rows = ResponsibilityGroupGrant.objects.filter(
        content_object=thing, group__role_group__organisation=organisation
    )
    return set(rows.values_list("group__role_group__role", "permission__codename"))


def on_the_page(cells: object) -> Granted:
    assert hasattr(cells, "items")
    return {(role.value, code.value) for role, codes in cells.items() for code in codes}


def test_every_permission_and_role_and_standing_says_what_it_is() -> None:
    for item in (*Permission, *Role, *StandingKind):
        assert item.help, item


def test_every_permission_is_held_by_somebody_on_the_page() -> None:
    on_programmes = {code for row in STANDING_ROLE.values() for codes in row.values() for code in codes}
    owed = {code for codes in OWED_ROLE.values() for code in codes}
    on_responsibilities = {code for codes in HOLDER_ROLE.values() for code in codes}

    assert on_programmes | owed == {item for item in Permission if item.on_programme}
    assert on_responsibilities == {item for item in Permission if item.on_responsibility}


def test_the_page_has_a_row_for_every_standing_and_no_empty_cell() -> None:
    assert STANDING_ROLE.keys() == set(StandingKind)
    assert all(codes for row in STANDING_ROLE.values() for codes in row.values())


def test_whoever_has_any_permission_on_a_programme_may_read_it() -> None:
    blind = [
        (kind, role)
        for kind, row in STANDING_ROLE.items()
        for role, codes in row.items()
        if Permission.VIEW not in codes
    ]
    assert blind == []


def test_standings_that_only_read_hold_nothing_that_writes() -> None:
    holding = {
        (kind, role, code)
        for kind, row in STANDING_ROLE.items()
        if not kind.writes
        for role, codes in row.items()
        for code in codes & WRITING
    }
    audit = (StandingKind.AUDITOR, Role.AUDITOR, Permission.AUDIT)
    assert {code for _, _, code in set(holding) - {audit}} <= {Permission.SIGN}, (
        "a signature under the proof is custody's exception"
    )


def test_signing_is_never_given_to_an_officer_or_a_reporter() -> None:
    signing = {
        role for row in STANDING_ROLE.values() for role, codes in row.items() if Permission.SIGN in codes
    }
    assert signing == {Role.MANAGER, Role.COMMUNITY_REPRESENTATIVE}


def test_what_changes_the_content_is_a_part_of_what_writes() -> None:
    assert CONTENT < WRITING
    assert Permission.VIEW not in WRITING


@pytest.mark.django_db
def test_the_database_knows_exactly_the_permissions_of_the_page() -> None:
    for model, held in ((Programme, "on_programme"), (Responsibility, "on_responsibility")):
        known = AuthPermission.objects.filter(
            content_type__app_label="handover", content_type__model=model._meta.model_name
        )
        assert set(known.values_list("codename", flat=True)) == {
            item.value for item in Permission if getattr(item, held)
        }


@pytest.mark.django_db
def test_an_organisation_has_one_group_for_every_role(cast: Cast) -> None:
    assert RoleGroup.objects.filter(organisation=cast.giver.organisation).count() == len(Role)
    assert Group.objects.count() == len(Role) * Organisation.objects.count()


@pytest.mark.django_db
def test_each_standing_is_granted_what_the_page_says(cast: Cast, programme: Programme) -> None:
    with asking(cast.giver):
        for actor, kind in (
            (cast.giver, StandingKind.STEWARD),
            (cast.donor, StandingKind.DONOR),
            (cast.community, StandingKind.COMMUNITY),
            (cast.auditor, StandingKind.AUDITOR),
        ):
            assert granted_on_programme(programme, actor.organisation) == on_the_page(STANDING_ROLE[kind])
        assert granted_on_programme(programme, cast.stranger.organisation) == set()


@pytest.mark.django_db
def test_the_holder_is_granted_what_the_page_says_and_nobody_else(cast: Cast, programme: Programme) -> None:
    with asking(cast.giver):
        thing = Responsibility.objects.filter(programme=programme).earliest("id")
        assert granted_on_responsibility(thing, cast.giver.organisation) == on_the_page(HOLDER_ROLE)
        assert (
            ResponsibilityGroupGrant.objects.exclude(
                group__role_group__organisation=cast.giver.organisation
            ).count()
            == 0
        )


@pytest.mark.django_db
def test_each_person_holds_what_their_role_brings(cast: Cast, programme: Programme) -> None:
    for actor, role in (
        (cast.giver, Role.MANAGER),
        (cast.giver_officer, Role.OFFICER),
        (cast.giver_reporter, Role.REPORTER),
    ):
        with asking(actor):
            assert permissions_on(actor, programme) == STANDING_ROLE[StandingKind.STEWARD][role]
            thing = Responsibility.objects.filter(programme=programme).earliest("id")
            assert permissions_on(actor, thing) == HOLDER_ROLE.get(role, frozenset())


@pytest.mark.django_db
def test_a_role_that_the_page_does_not_name_holds_nothing(cast: Cast, programme: Programme) -> None:
    outsider = person(cast.donor.organisation, Role.COMMUNITY_REPRESENTATIVE)
    with asking(outsider):
        assert permissions_on(outsider, programme) == frozenset()
        with pytest.raises(NotFound):
            programme_for(outsider, programme.uuid, may=Permission.VIEW)


@pytest.mark.django_db
def test_deriving_again_changes_nothing(cast: Cast, programme: Programme) -> None:
    from handover.models.guard import writing

    with asking(cast.giver), writing():
        before = list(
            ProgrammeGroupGrant.objects.order_by("pk").values_list("pk", "group", "permission", "expires_at")
        )
        permissions.rederive(programme)
        after = list(
            ProgrammeGroupGrant.objects.order_by("pk").values_list("pk", "group", "permission", "expires_at")
        )
    assert after == before


@pytest.mark.django_db
def test_deriving_costs_four_statements_however_many_responsibilities_there_are(
    cast: Cast, programme: Programme, django_assert_num_queries: object
) -> None:
    from handover.models.guard import writing

    for number in range(5):
        responsibility(programme, by=cast.giver, title=f"Service {number}")
    with asking(cast.giver), writing(), django_assert_num_queries(4):  # type: ignore[operator]
        permissions.rederive(programme)


@pytest.mark.django_db
def test_a_standing_for_a_time_is_granted_until_its_minute(cast: Cast, programme: Programme) -> None:
    with asking(cast.giver):
        ends = set(
            ProgrammeGroupGrant.objects.filter(
                group__role_group__organisation=cast.auditor.organisation
            ).values_list("expires_at", flat=True)
        )
    assert ends == {AUDIT_ENDS}


@pytest.mark.django_db
def test_a_dismissed_organisation_keeps_no_grant(cast: Cast, programme: Programme) -> None:
    standings.dismiss(
        by=cast.giver,
        programme_uuid=programme.uuid,
        organisation=cast.donor.organisation,
        kind=StandingKind.DONOR,
        reason="The agreement has ended",
    )
    with asking(cast.giver):
        assert granted_on_programme(programme, cast.donor.organisation) == set()
    with asking(cast.donor), pytest.raises(NotFound):
        programme_for(cast.donor, programme.uuid, may=Permission.VIEW)


def has(actor: Actor, permission: Permission, thing: object) -> bool:
    with asking(actor):
        return bool(actor.user.has_perm(f"handover.{permission.value}", thing))


@pytest.mark.django_db
def test_djangos_question_is_answered_from_the_grants(cast: Cast, programme: Programme) -> None:
    assert has(cast.giver, Permission.EDIT_PROGRAMME, programme)
    assert not has(cast.giver_reporter, Permission.EDIT_PROGRAMME, programme)
    assert not has(cast.stranger, Permission.VIEW, programme)


@pytest.mark.django_db
def test_an_operator_is_no_exception(cast: Cast, programme: Programme) -> None:
    User.objects.filter(pk__in=[cast.stranger.user.pk, cast.giver_reporter.user.pk]).update(
        is_superuser=True, is_staff=True
    )
    for actor in (cast.stranger, cast.giver_reporter):
        actor.user.refresh_from_db()
        assert actor.user.has_perm("handover.operate"), "the installation is theirs"
        assert not has(actor, Permission.EDIT_PROGRAMME, programme), "its programmes are not"
    assert has(cast.giver_reporter, Permission.REPORT_VALUES, programme), "and what their seat brings stays"


@pytest.mark.django_db
def test_an_operators_superuser_sees_no_row_either(cast: Cast, programme: Programme) -> None:
    User.objects.filter(pk=cast.stranger.user.pk).update(is_superuser=True)
    with asking(cast.stranger):
        assert not Programme.objects.exists()


@pytest.mark.django_db
def test_djangos_question_is_answered_no_from_the_minute_on(cast: Cast, programme: Programme) -> None:
    with clock.at(AUDIT_ENDS - dt.timedelta(microseconds=1)):
        assert has(cast.auditor, Permission.VIEW, programme)
    with clock.at(AUDIT_ENDS):
        assert not has(cast.auditor, Permission.VIEW, programme)


@pytest.mark.django_db
def test_a_grant_that_expired_counts_for_nothing_although_its_row_is_there(
    cast: Cast, programme: Programme, today: dt.datetime
) -> None:
    until = today + dt.timedelta(minutes=10)
    except_reporter(cast, programme, Permission.EDIT_NEEDS, until=until)
    assert has(cast.giver_reporter, Permission.EDIT_NEEDS, programme)

    with clock.at(until):
        assert not has(cast.giver_reporter, Permission.EDIT_NEEDS, programme)
        with asking(cast.giver), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM handover_programmeusergrant")
            assert cursor.fetchone() == (1,)


@pytest.mark.django_db
def test_nobody_is_answered_for_whoever_is_not_asking(cast: Cast, programme: Programme) -> None:
    with asking(cast.giver):
        assert not cast.giver_officer.user.has_perm("handover.edit_programme", programme)
    assert not cast.giver.user.has_perm("handover.edit_programme", programme), "nobody asks"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["handover.no_such_thing", "no_such_thing", "", "handover."])
def test_a_permission_that_does_not_exist_is_held_by_nobody(
    cast: Cast, programme: Programme, name: str
) -> None:
    with asking(cast.giver):
        assert not cast.giver.user.has_perm(name, programme)


@pytest.mark.django_db
def test_only_programmes_and_responsibilities_are_guarded_objects(cast: Cast, programme: Programme) -> None:
    with asking(cast.giver):
        assert not cast.giver.user.has_perm("handover.view", cast.giver.organisation)


def except_reporter(
    cast: Cast, thing: Programme | Responsibility, permission: Permission, *, until: dt.datetime | None = None
) -> None:
    permissions.except_user(
        by=cast.giver,
        thing=thing,
        user=cast.giver_reporter.user,
        organisation=cast.giver.organisation,
        permission=permission,
        reason="Covers for the officer",
        until=until,
    )


@pytest.mark.django_db
def test_an_exception_is_for_one_person_on_one_thing(cast: Cast, programme: Programme) -> None:
    with asking(cast.giver):
        one, other = Responsibility.objects.filter(programme=programme).order_by("id")
    except_reporter(cast, one, Permission.EDIT_RESPONSIBILITY)

    assert has(cast.giver_reporter, Permission.EDIT_RESPONSIBILITY, one)
    assert not has(cast.giver_reporter, Permission.EDIT_RESPONSIBILITY, other)
    colleague = person(cast.stranger.organisation, Role.REPORTER)
    assert not has(colleague, Permission.EDIT_RESPONSIBILITY, one)


@pytest.mark.django_db
def test_an_exception_outlives_a_new_derivation(cast: Cast, programme: Programme) -> None:
    except_reporter(cast, programme, Permission.EDIT_NEEDS)
    responsibility(programme, by=cast.giver, title="Another service")
    assert has(cast.giver_reporter, Permission.EDIT_NEEDS, programme)


@pytest.mark.django_db
@pytest.mark.parametrize("on_responsibility", [False, True])
def test_an_exception_is_given_once_and_again_when_it_has_ended(
    cast: Cast, programme: Programme, on_responsibility: bool
) -> None:
    given = {
        "by": cast.giver,
        "thing": responsibility(programme, by=cast.giver) if on_responsibility else programme,
        "user": cast.giver_reporter.user,
        "organisation": cast.giver.organisation,
        "permission": Permission.EDIT_RESPONSIBILITY if on_responsibility else Permission.EDIT_NEEDS,
        "reason": "While the officer is away",
    }
    ends = clock.now() + dt.timedelta(days=30)
    permissions.except_user(**given, until=ends)  # type: ignore[arg-type]
    with pytest.raises(Invalid) as refused:
        permissions.except_user(**given)  # type: ignore[arg-type]
    assert refused.value.code == "excepted_already"
    with clock.at(ends + dt.timedelta(days=1)):
        permissions.except_user(**given)  # type: ignore[arg-type]
        assert has(cast.giver_reporter, given["permission"], given["thing"])  # type: ignore[arg-type]


@pytest.mark.django_db
def test_exceptions_are_given_by_who_manages_standings_alone(cast: Cast, programme: Programme) -> None:
    with pytest.raises(NotAllowed):
        permissions.except_user(
            by=cast.giver_officer,
            thing=programme,
            user=cast.giver_officer.user,
            organisation=cast.giver.organisation,
            permission=Permission.SIGN,
            reason="I would like to",
        )
    with pytest.raises(NotFound):
        permissions.except_user(
            by=cast.stranger,
            thing=programme,
            user=cast.stranger.user,
            organisation=cast.stranger.organisation,
            permission=Permission.VIEW,
            reason="I would like to",
        )


@pytest.mark.django_db
def test_an_exception_needs_a_reason_a_seat_and_a_thing_on_which_it_is_held(
    cast: Cast, programme: Programme
) -> None:
    given = {
        "by": cast.giver,
        "thing": programme,
        "user": cast.giver_reporter.user,
        "organisation": cast.giver.organisation,
        "permission": Permission.EDIT_NEEDS,
        "reason": "Covers for the officer",
    }
    for change, code in (
        ({"reason": " "}, "reason_missing"),
        ({"user": cast.stranger.user}, "no_seat"),
        ({"user": cast.stranger.user, "organisation": cast.stranger.organisation}, "no_standing"),
        ({"permission": Permission.EDIT_RESPONSIBILITY}, "not_held_there"),
    ):
        with pytest.raises(Invalid) as refused:
            permissions.except_user(**{**given, **change})  # type: ignore[arg-type]
        assert refused.value.code == code


@pytest.mark.django_db
def test_a_membership_is_the_only_way_into_a_group(cast: Cast, programme: Programme) -> None:
    """Django's own table of groups is not asked: a row there without a seat opens nothing."""
    group = RoleGroup.objects.get(organisation=cast.giver.organisation, role=Role.MANAGER.value).group
    cast.stranger.user.groups.add(group)

    assert not Membership.objects.filter(
        user=cast.stranger.user, organisation=cast.giver.organisation
    ).exists()
    assert not has(cast.stranger, Permission.VIEW, programme)


def test_a_release_that_changes_the_tables_rederives_the_grants_and_says_so_in_the_ledger(
    cast: Cast, programme: Programme
) -> None:
    with asking(cast.giver), writing():
        ProgrammeGroupGrant.objects.filter(content_object=programme, permission__codename="export").delete()

    with custody(programme.pk):
        changed = permissions.rederive_all(by=Operator())
        again = permissions.rederive_all(by=Operator())

    assert (changed, again) == ([programme.identifier], [])
    with asking(cast.giver):
        assert Permission.EXPORT in permissions_on(cast.giver, programme)
        last = LedgerEntry.objects.filter(chain=programme.uuid).order_by("-seq").first()
        assert last is not None
        assert '"permissions.rederived"' in last.body


def test_a_manager_may_end_a_seat_of_their_own_while_another_manager_is_left(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        accounts.unseat(
            by=cast.giver, user=cast.giver.user, organisation=cast.giver.organisation, role=Role.MANAGER
        )
    assert refused.value.code == "last_manager"
    accounts.seat(
        by=cast.giver,
        user=cast.giver_officer.user,
        organisation=cast.giver.organisation,
        role=Role.MANAGER,
    )
    accounts.unseat(
        by=cast.giver, user=cast.giver.user, organisation=cast.giver.organisation, role=Role.MANAGER
    )
    assert not access.sits(cast.giver.user, cast.giver.organisation)
