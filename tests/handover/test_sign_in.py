"""How people come in: password, second factor, passkey; and who stays outside by every way."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import Client

from handover.access import Operator
from handover.actions import accounts
from handover.entrance import provider
from handover.models import LedgerEntry, User
from tests.handover.entering import code_for, confirmed, inside, signs_in, somebody, text_of, with_app

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


# --- the password ------------------------------------------------------------------------------------------------


def test_a_password_signs_in_and_signing_out_ends_it(person: User, client: Client) -> None:
    assert signs_in(client)["Location"] == "/"
    assert inside(client)
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert not inside(client)


def test_the_address_counts_in_any_case(person: User, client: Client) -> None:
    assert signs_in(client, "Person@Example.ORG").status_code == 302


@pytest.mark.parametrize("email", ["person@example.org", "nobody@example.org"])
def test_a_wrong_password_and_an_unknown_address_are_told_the_same(
    email: str, person: User, client: Client
) -> None:
    answer = signs_in(client, email, "not correct")
    assert answer.status_code == 200
    assert "The email address and/or password you specified are not correct." in text_of(answer)
    assert not inside(client)


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_service": True}])
def test_closed_accounts_and_those_of_services_do_not_sign_in_by_password(
    change: dict[str, bool], person: User, client: Client
) -> None:
    User.objects.filter(pk=person.pk).update(**change)
    assert "are not correct" in text_of(signs_in(client))
    assert not inside(client)


def test_nothing_filled_in_is_told_field_by_field(client: Client) -> None:
    page = text_of(client.post("/sign-in/", {"login": "", "password": ""}))
    assert "Enter your e-mail address." in page
    assert "Enter your password." in page


def test_guessing_stops_after_five_attempts_even_with_the_right_password(
    person: User, client: Client
) -> None:
    for _ in range(5):
        signs_in(client, password="not correct")
    assert "Too many failed login attempts" in text_of(signs_in(client))
    assert not inside(client)


def test_trying_on_and_on_meets_a_page_that_asks_to_wait(client: Client) -> None:
    answers = [signs_in(client, f"nobody{number}@example.org").status_code for number in range(31)]
    assert answers[-1] == 429


@pytest.mark.parametrize(("wanted", "gets"), [("/portfolio/", "/portfolio/"), ("https://evil.example/", "/")])
def test_after_sign_in_a_person_comes_to_what_they_wanted_if_it_is_here(
    wanted: str, gets: str, person: User, client: Client
) -> None:
    assert signs_in(client, next=wanted)["Location"] == gets


def test_operators_come_in_by_the_same_door(client: Client) -> None:
    answer = client.get("/operators/login/?next=/operators/")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=%2Foperators%2F")
    assert client.post("/operators/login/", {"username": "a", "password": "b"}).status_code == 302


def test_nobody_signs_up(client: Client) -> None:
    for address in ("/sign-up/", "/signup/", "/accounts/signup/", "/sign-in/signup/"):
        assert client.get(address).status_code == 404


def test_the_pages_of_the_entrance_run_no_script_of_their_own(person: User, client: Client) -> None:
    pages: list[Any] = [client.get("/sign-in/")]
    signs_in(client)
    pages += [confirmed(client, "/security/passkeys/add/"), client.get("/security/")]
    for page in pages:
        assert "script-src 'self'" in page["Content-Security-Policy"]
        for attributes, body in re.findall(r"<script([^>]*)>(.*?)</script>", text_of(page), re.DOTALL):
            assert "src=" in attributes or 'type="application/json"' in attributes, body
        assert not re.search(r"\son\w+=", text_of(page))


# --- the authenticator app ---------------------------------------------------------------------------------------


def test_an_app_is_asked_at_sign_in_and_only_its_code_lets_in(person: User, client: Client) -> None:
    secret = with_app(client)
    client.post("/sign-out/")
    assert signs_in(client)["Location"] == "/sign-in/second-factor/"
    assert not inside(client)
    assert "Incorrect code." in text_of(client.post("/sign-in/second-factor/", {"code": "000000"}))
    assert not inside(client)
    client.post("/sign-in/second-factor/", {"code": code_for(secret)})
    assert inside(client)


def test_a_code_works_once(person: User, client: Client) -> None:
    code = code_for(with_app(client))
    client.post("/sign-out/")
    other = Client()
    for browser, lets_in in ((client, True), (other, False)):
        signs_in(browser)
        browser.post("/sign-in/second-factor/", {"code": code})
        assert inside(browser) is lets_in


def test_a_wrong_code_switches_no_app_on(person: User, client: Client) -> None:
    signs_in(client)
    confirmed(client, "/security/app/on/")
    assert "Incorrect code." in text_of(client.post("/security/app/on/", {"code": "000000"}))
    assert not Authenticator.objects.exists()


def test_guessing_codes_stops_after_five_attempts(person: User, client: Client) -> None:
    secret = with_app(client)
    client.post("/sign-out/")
    signs_in(client)
    for _ in range(5):
        client.post("/sign-in/second-factor/", {"code": "000000"})
    answer = client.post("/sign-in/second-factor/", {"code": code_for(secret)})
    assert "Too many failed login attempts" in text_of(answer)
    assert not inside(client)


def test_an_operator_takes_lost_factors_off_and_the_ledger_keeps_it(
    person: User, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    with_app(client)
    client.post("/sign-out/")
    call_command("account", "forget-factors", person.email)
    assert "forgotten are 2 factors and 0 identities" in capsys.readouterr().out
    assert signs_in(client)["Location"] == "/"
    assert LedgerEntry.objects.filter(body__contains="account.ways_in_forgotten").exists()


def test_an_account_that_is_closed_between_password_and_code_stays_outside(
    person: User, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    secret = with_app(client)
    client.post("/sign-out/")
    signs_in(client)
    accounts.deactivate(by=Operator(), user=person, confirmed=True)
    answer = client.post("/sign-in/second-factor/", {"code": code_for(secret)})
    assert answer.status_code == 403
    assert not inside(client)
    assert "account_closed" in caplog.text
    assert person.email not in caplog.text


def test_a_recovery_code_lets_in_once(person: User, client: Client) -> None:
    with_app(client)
    code = re.findall(r"<code>(\d{8})</code>", text_of(client.get("/security/recovery-codes/")))[0]
    for lets_in in (True, False):
        client.post("/sign-out/")
        signs_in(client)
        client.post("/sign-in/second-factor/", {"code": code})
        assert inside(client) is lets_in


def test_an_app_that_is_switched_off_is_not_asked_any_more(person: User, client: Client) -> None:
    with_app(client)
    assert client.get("/security/app/off/").status_code == 200
    assert client.post("/security/app/off/")["Location"] == "/security/"
    assert not Authenticator.objects.exists(), "recovery codes go with the last factor"
    client.post("/sign-out/")
    assert signs_in(client)["Location"] == "/"


def test_secrets_are_not_in_the_database_in_clear(person: User, client: Client) -> None:
    secret = with_app(client)
    app = Authenticator.objects.get(type=Authenticator.Type.TOTP)
    assert secret not in str(app.data)
    assert app.data["secret"].startswith("gAAAA")
    codes = Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES)
    assert codes.data["seed"].startswith("gAAAA")


def test_under_another_secret_key_no_code_is_right_and_under_a_former_one_it_is(
    person: User, client: Client, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    secret, former = with_app(client), settings.SECRET_KEY
    settings.SECRET_KEY = "another key, long enough to be one"
    signs_in(client)
    answer = client.post("/sign-in/second-factor/", {"code": code_for(secret)})
    assert "Incorrect code." in text_of(answer)
    assert ("handover.entrance.factors", logging.ERROR) in {(r.name, r.levelno) for r in caplog.records}
    settings.SECRET_KEY_FALLBACKS = [former]
    client.post("/sign-in/second-factor/", {"code": code_for(secret)})
    assert inside(client)


# --- the environment ---------------------------------------------------------------------------------------------

WHOLE = {"issuer": "https://id.example.org/", "client": "c", "secret": "s", "name": ""}


def test_without_an_issuer_no_provider_is_offered(client: Client, settings: LazySettings) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = provider.configured(issuer="", client="", secret="", name="")
    assert settings.SOCIALACCOUNT_PROVIDERS == {}
    assert "Sign in with a passkey" in text_of(client.get("/sign-in/"))
    assert "/sign-in/openid/" not in text_of(client.get("/sign-in/"))
    assert client.get("/sign-in/openid/").status_code == 404
    assert client.get("/sign-in/openid/back/?code=x&state=y").status_code == 404


def test_a_provider_is_named_by_its_host_unless_it_is_given_a_name() -> None:
    def name(said: dict[str, str]) -> object:
        return provider.configured(**said)["openid_connect"]["APPS"][0]["name"]

    assert (name(WHOLE), name({**WHOLE, "name": "City"})) == ("id.example.org", "City")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"secret": ""}, "also needs HANDOVER_OPENID_SECRET"),
        ({"issuer": " ", "client": ""}, "also needs HANDOVER_OPENID_ISSUER and HANDOVER_OPENID_CLIENT"),
        ({"issuer": "http://id.example.org"}, "must begin with https"),
    ],
)
def test_half_a_provider_does_not_start(change: dict[str, str], says: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=says):
        provider.configured(**{**WHOLE, **change})
