"""Passkeys: added, used alone or as second factor, removed; and what only looks like one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from handover.access import Operator
from handover.actions import accounts
from handover.models import User
from tests.handover.entering import code_for, confirmed, inside, signs_in, somebody, text_of, with_app
from tests.handover.soft_authenticator import SoftAuthenticator

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_attempts_yet() -> Iterator[None]:
    """Attempts are counted in the cache: start from none, leave none."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def person() -> User:
    return somebody()


def test_a_passkey_is_added_signs_in_alone_and_is_removed(person: User, client: Client) -> None:
    key = SoftAuthenticator("https://testserver")
    signs_in(client)
    page = confirmed(client, "/security/passkeys/add/")
    options = page.context["js_data"]["creation_options"]
    answer = client.post(
        "/security/passkeys/add/",
        {"name": "Blue key", "passwordless": "on", "credential": key.made(options)},
    )
    assert answer["Location"] == "/security/recovery-codes/"
    assert "Blue key" in text_of(client.get("/security/"))

    client.post("/sign-out/")
    options = client.get("/sign-in/passkey/", headers={"Accept": "application/json"}).json()[
        "request_options"
    ]
    assert "allowCredentials" not in options["publicKey"] or not options["publicKey"]["allowCredentials"]
    client.post("/sign-in/passkey/", {"credential": key.used(options)})
    assert inside(client)

    made = Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN)
    confirmed(client, f"/security/passkeys/{made.pk}/remove/")
    assert client.post(f"/security/passkeys/{made.pk}/remove/")["Location"] == "/security/"
    assert not Authenticator.objects.exists()


def test_a_passkey_of_a_closed_account_opens_nothing(person: User, client: Client) -> None:
    key = SoftAuthenticator("https://testserver")
    signs_in(client)
    options = confirmed(client, "/security/passkeys/add/").context["js_data"]["creation_options"]
    client.post("/security/passkeys/add/", {"passwordless": "on", "credential": key.made(options)})
    client.post("/sign-out/")
    User.objects.filter(pk=person.pk).update(is_active=False)
    options = client.get("/sign-in/passkey/", headers={"Accept": "application/json"}).json()[
        "request_options"
    ]
    assert client.post("/sign-in/passkey/", {"credential": key.used(options)}).status_code == 403
    assert not inside(client)


def test_another_page_s_passkey_is_not_taken(person: User, client: Client) -> None:
    """A page that pretends to be this one gets an answer that is worth nothing here."""
    key = SoftAuthenticator("https://testserver.evil.example")
    signs_in(client)
    options = confirmed(client, "/security/passkeys/add/").context["js_data"]["creation_options"]
    answer = client.post("/security/passkeys/add/", {"passwordless": "on", "credential": key.made(options)})
    assert "Incorrect code." in text_of(answer)
    assert not Authenticator.objects.exists()


NO_PASSKEYS = [
    "",
    "no json",
    "[]",
    "null",
    "{}",
    '{"id": 1}',
    '{"id": "", "rawId": "", "type": "public-key", "response": {}}',
    '{"id": "eA", "rawId": "eA", "type": "public-key", "response": {"clientDataJSON": "e30", "userHandle": "MQ"}}',
]


@pytest.mark.parametrize("credential", NO_PASSKEYS)
def test_what_is_no_passkey_opens_nothing(credential: str, person: User, client: Client) -> None:
    client.get("/sign-in/passkey/", headers={"Accept": "application/json"})
    answer = client.post("/sign-in/passkey/", {"credential": credential})
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/")
    assert "There is a problem" in text_of(client.get("/sign-in/"))
    assert not inside(client)


@pytest.mark.parametrize("credential", NO_PASSKEYS)
def test_what_is_no_passkey_is_not_added_and_is_no_second_factor(
    credential: str, person: User, client: Client
) -> None:
    secret = with_app(client)
    page = client.get("/security/passkeys/add/")
    assert page.status_code == 200
    assert "There is a problem" in text_of(client.post("/security/passkeys/add/", {"credential": credential}))
    client.post("/sign-out/")
    signs_in(client)
    answer = client.post("/sign-in/second-factor/", {"credential": credential})
    assert answer.status_code == 200
    assert not inside(client)
    client.post("/sign-in/second-factor/", {"code": code_for(secret)})
    assert inside(client)


def test_a_signature_of_another_key_opens_nothing(person: User, client: Client) -> None:
    key, other = SoftAuthenticator("https://testserver"), SoftAuthenticator("https://testserver")
    signs_in(client)
    options = confirmed(client, "/security/passkeys/add/").context["js_data"]["creation_options"]
    client.post("/security/passkeys/add/", {"passwordless": "on", "credential": key.made(options)})
    client.post("/sign-out/")
    other.id, other.owner = key.id, key.owner
    options = client.get("/sign-in/passkey/", headers={"Accept": "application/json"}).json()[
        "request_options"
    ]
    assert client.post("/sign-in/passkey/", {"credential": other.used(options)})["Location"] == "/sign-in/"
    assert not inside(client)


def test_pages_that_show_secrets_are_not_kept_by_the_browser(person: User, client: Client) -> None:
    with_app(client)
    assert "no-store" in client.get("/security/recovery-codes/")["Cache-Control"]


def test_nobody_removes_the_passkey_of_somebody_else(person: User, client: Client) -> None:
    other = accounts.create_user(by=Operator(), email="other@example.org", display_name="Other")
    theirs = Authenticator.objects.create(user=other, type=Authenticator.Type.WEBAUTHN, data={"name": "x"})
    signs_in(client)
    assert confirmed(client, f"/security/passkeys/{theirs.pk}/remove/").status_code == 404
