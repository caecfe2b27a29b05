"""Signing in with an OpenID provider: a real one, run in the test, asked over HTTP from end to end."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.conf import LazySettings
from django.core import mail
from django.core.cache import cache
from django.test import Client

from handover.access import Operator
from handover.actions import accounts, ways_in
from handover.entrance import provider
from handover.entrance.identities import Answers
from handover.models import User
from tests.handover.entering import PASSWORD, inside, somebody, text_of

# The provider speaks to its own library in a way that is going out of use there.
pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")]

NO = "No account here may be used with this sign-in"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """Run a provider on a free port of this machine."""
    with warnings.catch_warnings(record=True):
        import oidc_provider_mock
    with oidc_provider_mock.run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def offered(issuer: str, settings: LazySettings) -> Iterator[str]:
    """Offer the provider on the sign-in page."""
    cache.clear()
    settings.SOCIALACCOUNT_PROVIDERS = provider.configured(
        issuer=issuer, client="handover", secret="a secret of the test", name="City identity"
    )
    yield issuer
    cache.clear()


@pytest.fixture
def person() -> User:
    return somebody()


@pytest.fixture
def comes(offered: str, client: Client) -> Callable[..., Any]:
    """Go to the provider, be somebody there, and come back."""

    def walk(
        sub: str = "s-1",
        *,
        email: object = "person@example.org",
        verified: object = True,
        browser: Client = client,
        begin: str = "/sign-in/openid/",
    ) -> Any:
        claims: Any = {"email": email, "email_verified": verified}
        requests.put(f"{offered}/users/{sub}", json=claims, timeout=5).raise_for_status()
        there = browser.get(begin)
        assert there.status_code == 302, there.content
        assert there["Location"].startswith(f"{offered}/oauth2/authorize?")
        back = requests.post(there["Location"], data={"sub": sub}, allow_redirects=False, timeout=5)
        assert back.headers["Location"].startswith("http://testserver/sign-in/openid/back/?")
        return browser.get(back.headers["Location"].removeprefix("http://testserver"))

    return walk


def test_the_page_offers_the_provider_by_its_name(offered: str, client: Client) -> None:
    assert "Sign in with City identity" in text_of(client.get("/sign-in/"))


def test_whoever_has_an_account_with_the_verified_address_signs_in(
    person: User, comes: Callable[..., Any], client: Client
) -> None:
    assert comes()["Location"] == "/"
    assert inside(client)
    assert client.get("/security/").wsgi_request.user == person


def test_the_address_counts_in_any_case_and_the_page_that_was_wanted_comes_next(
    person: User, comes: Callable[..., Any], client: Client
) -> None:
    answer = comes(email="Person@Example.org", begin="/sign-in/openid/?next=/portfolio/")
    assert answer["Location"] == "/portfolio/"


def test_of_the_person_nothing_is_kept_but_a_digest(person: User, comes: Callable[..., Any]) -> None:
    comes("subject-of-the-provider")
    kept = SocialAccount.objects.get()
    assert (kept.user, kept.provider, kept.extra_data) == (person, provider.KEY, {})
    assert (len(kept.uid), "subject" in kept.uid) == (64, False)
    person.refresh_from_db()
    assert person.check_password(PASSWORD), "the password stays as it was"
    assert [m.objects.count() for m in (EmailAddress, SocialApp, SocialToken)] == [0, 0, 0]
    assert mail.outbox == []


def test_the_second_time_is_the_same_identity(
    person: User, comes: Callable[..., Any], client: Client
) -> None:
    for _ in range(2):
        comes()
        assert inside(client)
        client.post("/sign-out/")
    assert SocialAccount.objects.count() == 1


@pytest.mark.parametrize(
    ("identity", "code"),
    [
        ({"email": "nobody@example.org"}, "identity_email_unknown"),
        ({"verified": False}, "identity_email_unverified"),
        ({"verified": "true"}, "identity_email_unverified"),
        ({"verified": None}, "identity_email_unverified"),
        ({"email": None}, "identity_email_unverified"),
        ({"email": ["person@example.org"]}, "identity_email_unverified"),
        ({"email": ""}, "identity_email_unverified"),
    ],
)
def test_an_unknown_or_unproven_address_opens_nothing(
    identity: dict[str, object],
    code: str,
    person: User,
    comes: Callable[..., Any],
    client: Client,
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer = comes(**identity)
    assert answer.status_code == 403
    assert NO in text_of(answer)
    assert not inside(client)
    assert f"Sign-in refused: {code}" in caplog.text
    assert "example.org" not in caplog.text
    assert (User.objects.count(), SocialAccount.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    ("change", "code"),
    [({"is_active": False}, "account_closed"), ({"is_service": True}, "account_is_service")],
)
@pytest.mark.parametrize("known", [False, True])
def test_closed_accounts_and_those_of_services_do_not_sign_in(
    change: dict[str, bool],
    code: str,
    known: bool,
    person: User,
    comes: Callable[..., Any],
    client: Client,
    caplog: pytest.LogCaptureFixture,
) -> None:
    if known:
        comes()
        client.post("/sign-out/")
    User.objects.filter(pk=person.pk).update(**change)
    answer = comes()
    assert answer.status_code == 403
    assert NO in text_of(answer)
    assert not inside(client)
    assert code in caplog.text


def test_an_address_that_the_provider_gave_to_somebody_else_opens_nothing(
    person: User, comes: Callable[..., Any], client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    comes("the first holder")
    client.post("/sign-out/")
    assert comes("the next holder").status_code == 403
    assert not inside(client)
    assert "account_has_another_identity" in caplog.text


def test_once_an_operator_forgot_the_former_identity_the_next_one_opens_the_account(
    person: User, comes: Callable[..., Any], client: Client
) -> None:
    comes("the identity before the move")
    client.post("/sign-out/")
    assert ways_in.forget(by=Operator(), user=person) == (0, 1)
    comes("the identity after it")
    assert inside(client)


def test_an_identity_does_not_wander_to_the_account_of_its_new_address(
    person: User, comes: Callable[..., Any], client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    accounts.create_user(by=Operator(), email="other@example.org", display_name="Other")
    comes()
    client.post("/sign-out/")
    assert comes(email="other@example.org").status_code == 403
    assert "identity_of_another_account" in caplog.text
    assert not inside(client)


def test_a_second_factor_is_asked_after_the_provider_too(
    person: User, comes: Callable[..., Any], client: Client
) -> None:
    comes()
    # allauth reads the request of the moment; a factor is set up here without its page.
    TOTP.activate(person, "JBSWY3DPEHPK3PXP")
    client.post("/sign-out/")
    assert comes()["Location"] == "/sign-in/second-factor/"
    assert not inside(client)
    assert Authenticator.objects.count() == 1


def test_answers_about_two_different_people_open_nothing(
    person: User, comes: Callable[..., Any], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An access token that belongs to somebody else must not lend its address to the ID token."""
    theirs = {"sub": "s-2", "email": "person@example.org", "email_verified": True}
    monkeypatch.setattr(Answers, "_fetch_user_info", lambda self, token: theirs)
    assert comes("s-1", email="nobody@example.org").status_code == 401
    assert not inside(client)


def test_an_answer_that_was_not_asked_for_opens_nothing(
    person: User, offered: str, comes: Callable[..., Any], client: Client
) -> None:
    there = Client().get("/sign-in/openid/")
    back = requests.post(there["Location"], data={"sub": "s-1"}, allow_redirects=False, timeout=5)
    answer = client.get(back.headers["Location"].removeprefix("http://testserver"))
    assert answer.status_code == 401
    assert not inside(client)


def test_stopping_at_the_provider_is_told(offered: str, client: Client) -> None:
    state = parse_qs(urlsplit(client.get("/sign-in/openid/")["Location"]).query)["state"][0]
    answer = client.get(f"/sign-in/openid/back/?error=access_denied&state={state}")
    assert answer.status_code == 401
    assert "You stopped the sign-in with City identity" in text_of(answer)


def test_a_provider_that_does_not_answer_is_told(
    settings: LazySettings, offered: str, client: Client
) -> None:
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"]["server_url"] = "http://localhost:9"
    answer = client.get("/sign-in/openid/")
    assert answer.status_code == 401
    assert "The sign-in with City identity did not work" in text_of(answer)


def test_the_way_there_is_for_signing_in_alone_and_carries_a_proof_key(offered: str, client: Client) -> None:
    there = client.get("/sign-in/openid/?process=connect&scope=admin&auth_params=prompt%3Dnone")["Location"]
    asked = parse_qs(urlsplit(there).query)
    assert set(asked["scope"][0].split()) == {"openid", "profile", "email"}
    assert asked["code_challenge_method"] == ["S256"]
    assert "prompt" not in asked
    (state,) = client.session["socialaccount_states"].values()
    assert state[0]["process"] == "login"


def test_whoever_is_inside_is_not_sent_to_the_provider(person: User, offered: str, client: Client) -> None:
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/sign-in/openid/")["Location"] == "/"
