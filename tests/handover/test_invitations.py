"""Invitations: a seat is offered to an address, and whoever has the link takes it once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.core import mail as outbox
from django.test import Client
from django.test.utils import override_settings

from handover import access, clock
from handover.access import Actor, Operator
from handover.actions import accounts, invitations, tokens
from handover.actions.invitations import Invited
from handover.errors import Invalid, NotAllowed, NotFound, Refused
from handover.models import Invitation, LedgerEntry, User
from handover.permissions import Role, Scope
from handover.queries.invitations import offer_by_secret
from tests.conftest import WebSql
from tests.factories.cast import TODAY, Cast
from tests.handover.entering import signs_in

NEW = "newcomer@giver.example"
PASSWORD = "a river under seven bridges"
NOBODY = Operator(channel="web")


def invited(by: Actor, email: str = NEW, **more: object) -> Invited:
    """Invite an officer."""
    return invitations.invite(by=by, email=email, role=more.pop("role", Role.OFFICER), **more)  # type: ignore[arg-type]


def secret_of(made: Invited) -> str:
    return made.link.rstrip("/").rpartition("/")[2]


def fills_in(client: Client, made: Invited, **more: str) -> object:
    given = {"display_name": "Newcomer", "language": "lt", "password": PASSWORD, "again": PASSWORD, **more}
    return client.post(f"/invitations/{secret_of(made)}/", given)


def test_whoever_opens_the_link_makes_an_account_and_has_the_seat(cast: Cast, client: Client) -> None:
    made = invited(cast.giver, until=TODAY + dt.timedelta(days=90))
    page = client.get(f"/invitations/{secret_of(made)}/")
    assert (page.status_code, page["Referrer-Policy"]) == (200, "same-origin")
    answer = fills_in(client, made)
    assert (answer.status_code, answer["Location"]) == (302, "/")  # type: ignore[attr-defined,index]
    user = User.objects.get(email=NEW)
    (seat,) = access.seats_now(user)
    assert (user.display_name, user.language, user.check_password(PASSWORD)) == ("Newcomer", "lt", True)
    assert (seat.organisation, seat.role, seat.ends_at) == (
        cast.giver.organisation,
        "officer",
        TODAY + dt.timedelta(days=90),
    )
    assert client.get("/").context["actor"].organisation == cast.giver.organisation


def test_a_link_works_once(cast: Cast, client: Client) -> None:
    made = invited(cast.giver)
    fills_in(client, made)
    assert Client().get(f"/invitations/{secret_of(made)}/").status_code == 404
    with pytest.raises(NotFound):
        invitations.join(
            by=NOBODY, secret=secret_of(made), display_name="Again", language="en", password=PASSWORD
        )


def test_a_link_ends_after_fourteen_days_to_the_minute(cast: Cast) -> None:
    secret = secret_of(invited(cast.giver))
    with clock.at(TODAY + dt.timedelta(days=14) - dt.timedelta(seconds=1)):
        assert offer_by_secret(secret) is not None
    with clock.at(TODAY + dt.timedelta(days=14)):
        assert offer_by_secret(secret) is None


def test_a_link_that_is_taken_back_opens_nothing(cast: Cast) -> None:
    made = invited(cast.giver)
    invitations.revoke(by=cast.giver, invitation_uuid=made.invitation.uuid)
    assert offer_by_secret(secret_of(made)) is None
    with pytest.raises(NotFound):
        invitations.revoke(by=cast.giver, invitation_uuid=made.invitation.uuid)


def test_inviting_again_takes_the_earlier_link_back(cast: Cast) -> None:
    first, second = invited(cast.giver), invited(cast.giver, email=NEW.upper())
    assert offer_by_secret(secret_of(first)) is None
    assert offer_by_secret(secret_of(second)) is not None


def test_whoever_has_an_account_signs_in_and_takes_the_seat(cast: Cast, client: Client) -> None:
    accounts.create_user(by=Operator(), email=NEW, display_name="Known", password=PASSWORD)
    made = invited(cast.giver)
    address = f"/invitations/{secret_of(made)}/"
    page = client.get(address).content.decode()
    assert "/sign-in/?next=" in page
    assert 'name="password"' not in page
    assert signs_in(client, NEW, PASSWORD, next=address)["Location"] == address
    assert access.seats_now(User.objects.get(email=NEW)).count() == 0
    assert client.post(address)["Location"] == "/"
    assert access.seats_now(User.objects.get(email=NEW)).get().role == "officer"


def test_nobody_sets_a_password_of_an_account_that_exists(cast: Cast, client: Client) -> None:
    known = accounts.create_user(by=Operator(), email=NEW, display_name="Known", password=PASSWORD)
    made = invited(cast.giver)
    fills_in(client, made, password="another long password", again="another long password")
    known.refresh_from_db()
    assert known.check_password(PASSWORD)
    assert access.seats_now(known).count() == 0


def test_another_account_cannot_take_the_seat(cast: Cast, client: Client) -> None:
    made = invited(cast.giver)
    client.force_login(cast.stranger.user, backend="django.contrib.auth.backends.ModelBackend")
    client.post(f"/invitations/{secret_of(made)}/")
    with pytest.raises(NotAllowed) as why:
        invitations.accept(by=NOBODY, secret=secret_of(made), user=cast.stranger.user)
    assert why.value.code == "invitation_of_another"
    assert not access.sits(cast.stranger.user, cast.giver.organisation)
    assert offer_by_secret(secret_of(made)) is not None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"password": "short", "again": "short"}, "too short"),
        ({"again": "something else here"}, "not the same"),
        ({"display_name": ""}, "Enter your name"),
    ],
)
def test_what_is_wrong_is_told_and_leaves_the_link_open(
    change: dict[str, str], told: str, cast: Cast, client: Client
) -> None:
    made = invited(cast.giver)
    answer = fills_in(client, made, **({"language": "en"} | change))
    assert answer.status_code == 200  # type: ignore[attr-defined]
    assert told in answer.content.decode()  # type: ignore[attr-defined]
    assert not User.objects.filter(email=NEW).exists()
    assert offer_by_secret(secret_of(made)) is not None


@pytest.mark.parametrize("who", ["giver_officer", "receiver"])
def test_only_a_manager_invites_and_only_to_their_own_organisation(who: str, cast: Cast) -> None:
    actor: Actor = getattr(cast, who)
    if who == "receiver":
        made = invited(actor)
        assert made.invitation.organisation == cast.receiver.organisation
        with pytest.raises(NotFound):
            invitations.revoke(by=cast.giver, invitation_uuid=made.invitation.uuid)
    else:
        with pytest.raises(NotAllowed):
            invited(actor)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"email": "no address"}, "address_invalid"),
        ({"email": "somebody@pseudonym.invalid"}, "address_invalid"),
        ({"role": "king"}, "unknown_role"),
        ({"language": "fr"}, "unknown_language"),
        ({"until": TODAY}, "ends_in_past"),
        ({"email": "officer@giver.example"}, "has_seat"),
    ],
)
def test_what_cannot_be_offered_is_refused_with_its_code(
    given: dict[str, object], code: str, cast: Cast
) -> None:
    with pytest.raises(Invalid) as why:
        invited(cast.giver, **given)  # type: ignore[arg-type]
    assert why.value.code == code


def test_an_organisation_whose_directory_keeps_its_people_invites_nobody(cast: Cast) -> None:
    open_one = invited(cast.giver)
    tokens.issue_for_organisation(
        by=cast.giver,
        title="Directory",
        scopes=[Scope.PROVISION],
        expires_at=TODAY + dt.timedelta(days=30),
        role=Role.VIEWER,
    )
    with pytest.raises(Refused) as why:
        invited(cast.giver, email="other@giver.example")
    assert why.value.code == "directory_keeps"
    with pytest.raises(Refused):
        invitations.join(
            by=NOBODY, secret=secret_of(open_one), display_name="New", language="en", password=PASSWORD
        )
    assert not User.objects.filter(email=NEW).exists()


def test_neither_secret_nor_address_stays_anywhere_after_the_seat_is_taken(
    cast: Cast, client: Client
) -> None:
    made = invited(cast.giver)
    fills_in(client, made)
    with access.asking(cast.giver):
        row = Invitation.objects.get()
        bodies = " ".join(LedgerEntry.objects.values_list("body", flat=True))
    assert row.email == ""
    assert secret_of(made) not in str(bytes(row.digest)) + bodies
    assert NEW not in bodies


def test_where_mail_is_set_the_link_goes_to_the_address_alone(cast: Cast) -> None:
    with override_settings(EMAIL_HOST="mail.example"):
        made = invited(cast.giver, language="ro")
    (letter,) = outbox.outbox
    assert (made.link, letter.to) == ("", [NEW])
    found = re.search(r"/invitations/([\w-]+)/", str(letter.body))
    assert found is not None
    assert offer_by_secret(found[1]) is not None
    assert letter.extra_headers["Content-Language"] == "ro"


def test_a_mail_that_cannot_be_sent_invites_nobody(cast: Cast) -> None:
    with (
        override_settings(
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=9,
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        ),
        pytest.raises(Refused) as why,
    ):
        invited(cast.giver)
    assert why.value.code == "mail_not_sent"
    with access.asking(cast.giver):
        assert not Invitation.objects.exists()


def test_raw_sql_of_another_organisation_sees_no_invitation(
    cast: Cast, web_sql: Callable[[Actor | None], WebSql]
) -> None:
    invited(cast.giver)
    for actor in (cast.receiver, None):
        assert web_sql(actor)("SELECT * FROM handover_invitation").rows == []
    assert web_sql(cast.giver)("SELECT count(*) FROM handover_invitation").rows == [(1,)]


def test_the_database_gives_a_seat_to_the_invited_address_alone(
    cast: Cast, web_sql: Callable[[Actor | None], WebSql]
) -> None:
    made = invited(cast.giver)
    taken = web_sql(None)(
        "SELECT handover_invitation_take(%s, %s, %s)",
        [bytes(made.invitation.digest), cast.stranger.user.pk, TODAY],
    )
    assert taken.rows == [(False,)]


def test_a_manager_invites_and_takes_back_on_the_pages(cast: Cast, client: Client) -> None:
    client.force_login(cast.giver.user, backend="django.contrib.auth.backends.ModelBackend")
    page = client.post("/organisation/invite/", {"email": NEW, "role": "reporter", "language": "en"})
    found = re.search(r"/invitations/[\w-]+/", page.content.decode())
    assert found is not None
    assert page["Cache-Control"] == "no-store"
    listed = client.get("/organisation/").content.decode()
    assert NEW in listed
    assert found[0] not in listed
    with access.asking(cast.giver):
        key = Invitation.objects.get().uuid
    client.post(f"/organisation/invitations/{key}/revoke/")
    assert Client().get(found[0]).status_code == 404
    assert NEW not in client.get("/organisation/").content.decode()
