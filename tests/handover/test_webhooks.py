"""Webhooks: who may keep them, where they may point to, what is signed, and what comes over a real connection."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test.utils import override_settings
from hypothesis import given
from hypothesis import strategies as st

from handover import clock
from handover.access import Actor, asking
from handover.actions import webhooks
from handover.actions.webhooks import MOST, OVERLAP
from handover.errors import Broken, DomainError, Invalid, NotAllowed, NotFound, Refused, Stale
from handover.models import LedgerEntry, Webhook
from handover.queries.webhooks import delivery_for, wanting, webhook_for
from handover.queries.webhooks import webhooks as own_webhooks
from handover.webhooks import sending, signing
from handover.webhooks.addresses import addresses_of, is_public, target_of
from handover.webhooks.events import Event
from handover.webhooks.retries import ATTEMPTS, PAUSES, pause_after
from tests.factories.cast import Cast
from tests.handover.webhook_receiver import certificate, receiving

HOOK = "https://hooks.receiver.example/handover"


def made(by: Actor, url: str = HOOK, events: tuple[str, ...] = ("transfer.executed",)) -> webhooks.Made:
    return webhooks.create(by=by, title="Register", url=url, events=events)


@pytest.fixture
def here() -> Iterator[None]:
    """Let webhooks point to this machine, over plain HTTP too."""
    with override_settings(WEBHOOKS_HTTP=True, WEBHOOKS_ALLOW=["127.0.0.0/8", "::1/128"]):
        yield


# --- keeping webhooks ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_manager_makes_a_webhook_and_sees_its_key_once(cast: Cast) -> None:
    got = made(cast.receiver, events=("transfer.executed", "milestone.overdue", "transfer.executed"))
    with asking(cast.receiver):
        kept = webhook_for(cast.receiver, got.webhook.uuid)
        entry = LedgerEntry.objects.filter(organisation_id=cast.receiver.organisation.pk).latest("seq")
    assert got.secret.startswith("whsec_")
    assert got.secret.encode() not in bytes(kept.sealed_secret)
    assert signing.opened(kept.sealed_secret) == got.secret
    assert kept.events == ["transfer.executed", "milestone.overdue"]
    assert (kept.user, kept.active) == (cast.receiver.user, True)
    told = json.loads(entry.body)
    assert (told["verb"], told["data"]["host"]) == ("webhook.created", "hooks.receiver.example")
    assert "/handover" not in entry.body, "an address may hold a secret; the ledger keeps its host alone"
    assert got.secret not in entry.body


@pytest.mark.django_db
def test_only_managers_keep_webhooks_and_only_their_own_organisations(cast: Cast) -> None:
    got = made(cast.receiver).webhook
    for nobody in (cast.receiver_officer, cast.community, cast.auditor):
        with pytest.raises(NotAllowed, match="Only a manager"):
            made(nobody)
        with pytest.raises(NotAllowed, match="Only a manager"):
            webhooks.switch_off(by=nobody, webhook_uuid=got.uuid)
        with asking(nobody):
            assert not own_webhooks(nobody).exists()
    with pytest.raises(NotFound):
        webhooks.rotate_secret(by=cast.giver, webhook_uuid=got.uuid)
    with pytest.raises(NotFound):
        webhooks.redeliver(by=cast.giver, delivery_uuid=uuid4())
    with asking(cast.giver):
        assert not Webhook.objects.exists(), "the wall hides what is another organisation's"
        with pytest.raises(NotFound):
            webhook_for(cast.giver, got.uuid)


@pytest.mark.django_db
def test_what_is_said_of_a_webhook_changes_by_its_version(cast: Cast) -> None:
    got = made(cast.receiver).webhook
    changed = webhooks.edit(
        by=cast.receiver, webhook_uuid=got.uuid, version=1, title=" Other ", events=["milestone.done"]
    )
    assert (changed.title, changed.url, changed.events, changed.version) == (
        "Other",
        HOOK,
        ["milestone.done"],
        2,
    )
    with pytest.raises(Stale):
        webhooks.edit(by=cast.receiver, webhook_uuid=got.uuid, version=1, title="Too late")
    with pytest.raises(Invalid) as refused:
        webhooks.edit(by=cast.receiver, webhook_uuid=got.uuid, version=2, url="https://10.0.0.1/")
    assert refused.value.code == "webhook_address_private"


@pytest.mark.django_db
@pytest.mark.parametrize("events", [(), ("transfer.eaten",), ("webhook.test",)])
def test_a_webhook_asks_for_events_that_there_are(cast: Cast, events: tuple[str, ...]) -> None:
    with pytest.raises(Invalid) as refused:
        made(cast.receiver, events=events)
    assert refused.value.code == "unknown_event"


@pytest.mark.django_db
def test_an_organisation_has_so_many_webhooks_at_most(cast: Cast) -> None:
    for _ in range(MOST):
        made(cast.receiver)
    with pytest.raises(Invalid) as refused:
        made(cast.receiver)
    assert refused.value.code == "webhooks_many"
    made(cast.giver)


@pytest.mark.django_db
def test_a_webhook_that_is_off_sends_nothing_until_somebody_switches_it_on(cast: Cast) -> None:
    got = made(cast.receiver).webhook
    waits = webhooks.try_out(by=cast.receiver, webhook_uuid=got.uuid)
    with pytest.raises(Refused, match="waits already"):
        webhooks.redeliver(by=cast.receiver, delivery_uuid=waits.uuid)
    off = webhooks.switch_off(by=cast.receiver, webhook_uuid=got.uuid, reason="Moving house")
    again = webhooks.switch_off(by=cast.receiver, webhook_uuid=got.uuid, reason="Again")
    assert (off.active, again.switched_off_because) == (False, "Moving house")
    with asking(cast.receiver):
        left = delivery_for(cast.receiver, waits.uuid)
    assert (left.state, left.error.partition(":")[0]) == ("given_up", "webhook_off")
    with pytest.raises(Refused, match="switched off"):
        webhooks.try_out(by=cast.receiver, webhook_uuid=got.uuid)
    with pytest.raises(Refused, match="switched off"):
        webhooks.redeliver(by=cast.receiver, delivery_uuid=waits.uuid)
    on = webhooks.switch_on(by=cast.receiver, webhook_uuid=got.uuid)
    assert (on.active, on.switched_off_at, on.switched_off_because) == (True, None, "")
    assert webhooks.redeliver(by=cast.receiver, delivery_uuid=waits.uuid).state == "waiting"


@pytest.mark.django_db
def test_whoever_is_asking_learns_nothing_of_others_webhooks(cast: Cast) -> None:
    got = made(cast.receiver).webhook
    assert [keys.webhook_id for keys in wanting()] == [got.pk]
    with asking(cast.giver):
        assert wanting() == []


# --- signatures ------------------------------------------------------------------------------------------------------


@given(body=st.text(max_size=200), stamp=st.integers(0, 2**40))
def test_a_signature_is_what_the_page_says_and_every_change_breaks_it(body: str, stamp: int) -> None:
    secret = signing.new_secret()
    expected = hmac.new(secret.encode(), str(stamp).encode() + b"." + body.encode(), hashlib.sha256)
    assert signing.signature(secret, stamp, body) == expected.hexdigest()
    others = {
        signing.signature(secret, stamp, body + "x"),
        signing.signature(secret, stamp + 1, body),
        signing.signature(signing.new_secret(), stamp, body),
    }
    assert expected.hexdigest() not in others


def test_a_key_opens_with_the_installations_secret_alone() -> None:
    box = signing.sealed("whsec_x")
    assert signing.opened(box) == "whsec_x"
    with (
        override_settings(SECRET_KEY="another one, of another installation"),
        pytest.raises(Broken, match="secret has changed"),
    ):
        signing.opened(box)


@pytest.mark.django_db
def test_a_new_key_and_the_one_before_sign_together_for_a_day(cast: Cast) -> None:
    got = made(cast.receiver)
    rotated = webhooks.rotate_secret(by=cast.receiver, webhook_uuid=got.webhook.uuid)
    assert rotated.secret != got.secret
    assert signing.opened(rotated.webhook.sealed_former) == got.secret
    assert rotated.webhook.former_until == clock.now() + OVERLAP


# --- addresses -------------------------------------------------------------------------------------------------------

REFUSED_URLS = {
    "http://hooks.receiver.example/": "webhook_not_https",
    "ftp://hooks.receiver.example/": "webhook_not_https",
    "//hooks.receiver.example/": "webhook_not_https",
    "https://user:word@hooks.receiver.example/": "webhook_url_parts",
    "https://@hooks.receiver.example/": "webhook_url_parts",
    "https://hooks.receiver.example/#part": "webhook_url_parts",
    "https://hooks.receiver.example:22/": "webhook_port",
    "https://hooks.receiver.example:99999/": "webhook_port",
    "https://hooks.receiver.example\\@10.0.0.1/": "webhook_url",
    "https://hooks.receiver.example/a b": "webhook_url",
    "https://hooks.receiver.example/\r\nX: y": "webhook_url",
    "https://hüks.receiver.example/": "webhook_url",
    "https://[fe80::1/": "webhook_url",
    "": "webhook_url",
    "https://": "webhook_host",
    "https://-.example/": "webhook_host",
    "https://hooks..example/": "webhook_host",
    "https://2130706433/": "webhook_host",
    "https://0x7f000001/": "webhook_host",
    "https://0x7f.0.0.1/": "webhook_host",
    "https://0177.0.0.1/": "webhook_host",
    "https://127.1/": "webhook_host",
    "https://%31%32%37.0.0.1/": "webhook_host",
    "https://localhost/": "webhook_address_private",
    "https://LOCALHOST/": "webhook_address_private",
    "https://intranet/": "webhook_address_private",
    "https://printer.local/": "webhook_address_private",
    "https://127.0.0.1/": "webhook_address_private",
    "https://10.1.2.3/": "webhook_address_private",
    "https://172.16.0.1/": "webhook_address_private",
    "https://192.168.1.1/": "webhook_address_private",
    "https://169.254.169.254/latest/meta-data/": "webhook_address_private",
    "https://100.64.0.1/": "webhook_address_private",
    "https://0.0.0.0/": "webhook_address_private",
    "https://224.0.0.1/": "webhook_address_private",
    "https://255.255.255.255/": "webhook_address_private",
    "https://192.88.99.1/": "webhook_address_private",
    "https://[::]/": "webhook_address_private",
    "https://[::1]/": "webhook_address_private",
    "https://[::ffff:127.0.0.1]/": "webhook_address_private",
    "https://[::ffff:8.8.8.8]/": "webhook_address_private",
    "https://[::127.0.0.1]/": "webhook_address_private",
    "https://[64:ff9b::7f00:1]/": "webhook_address_private",
    "https://[2002:7f00:1::]/": "webhook_address_private",
    "https://[2001:0:7f00:1::]/": "webhook_address_private",
    "https://[fe80::1%25eth0]/": "webhook_address_private",
    "https://[fc00::1]/": "webhook_address_private",
    "https://[ff02::1]/": "webhook_address_private",
}


@pytest.mark.parametrize("url", REFUSED_URLS)
def test_an_address_that_reaches_into_a_house_is_refused(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        target_of(url)
    assert refused.value.code == REFUSED_URLS[url]
    assert sending.send(url, {}, "{}").error.partition(":")[0] == REFUSED_URLS[url]


def test_an_address_of_the_internet_is_taken_as_it_is() -> None:
    found = target_of("https://Hooks.Receiver.example/a?b=c")
    assert (found.host, found.port, found.path) == ("hooks.receiver.example", 443, "/a?b=c")
    assert target_of("https://hooks.receiver.example:8443").authority == "hooks.receiver.example:8443"
    assert target_of("https://[2a00:1450:4001::5]/").authority == "[2a00:1450:4001::5]"


@given(st.ip_addresses())
def test_whatever_is_called_public_is_global_and_carries_nothing(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if is_public(address):
        assert address.is_global
        assert not address.is_multicast
        if isinstance(address, ipaddress.IPv6Address):
            assert (address.ipv4_mapped, address.sixtofour, address.teredo) == (None, None, None)


def test_a_name_is_refused_when_any_of_its_addresses_is_private(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name service that answers as an attacker's may: a public address first, then one of the house."""
    answers = [("93.184.215.14", 443), ("127.0.0.1", 443)]
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_, **__: [(socket.AF_INET, 1, 6, "", answer) for answer in answers]
    )
    target = target_of("https://rebinding.example/")
    with pytest.raises(Invalid) as refused:
        addresses_of(target)
    assert refused.value.code == "webhook_address_private"
    assert "webhook_address_private" in sending.send("https://rebinding.example/", {}, "{}").error
    del answers[1]
    assert addresses_of(target) == ("93.184.215.14",)


def test_a_name_is_looked_up_once_and_the_connection_goes_to_what_was_checked(
    here: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def resolved(host: str, port: int, *_: object, **__: object) -> list[object]:
        asked.append(host)
        return [(socket.AF_INET, 1, 6, "", ("127.0.0.1" if len(asked) == 1 else "127.9.9.9", port))]

    original = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, port, *a, **k: (
            original(host, port, *a, **k) if host == "127.0.0.1" else resolved(host, port)
        ),
    )
    with receiving() as receiver:
        url = receiver.url.replace("localhost", "hooks.receiver.example")
        assert sending.send(url, {}, "{}").good
    assert asked == ["hooks.receiver.example"]
    assert receiver.got[0].headers["Host"].startswith("hooks.receiver.example:")


# --- sending ---------------------------------------------------------------------------------------------------------


def test_what_is_sent_arrives_as_it_is(here: None) -> None:
    with receiving() as receiver:
        outcome = sending.send(receiver.url, {"Handover-Event": "webhook.test"}, '{"ț":1}')
    (got,) = receiver.got
    assert (outcome.status, outcome.good, outcome.error) == (204, True, "")
    assert (got.path, got.body) == ("/hook?from=handover", '{"ț":1}'.encode())
    assert got.headers["Handover-Event"] == "webhook.test"
    assert got.headers["User-Agent"] == "handover-webhooks/1"


def test_a_redirect_is_not_followed(here: None) -> None:
    with receiving() as elsewhere, receiving() as receiver:
        receiver.statuses, receiver.location = [307], elsewhere.url
        outcome = sending.send(receiver.url, {}, "{}")
    assert (outcome.status, outcome.good) == (307, False)
    assert outcome.error.startswith("webhook_redirected")
    assert (len(receiver.got), elsewhere.got) == (1, [])


def test_a_proxy_of_the_environment_is_not_asked(here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy, receiving() as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert sending.send(receiver.url, {}, "{}").good
    assert (len(receiver.got), proxy.got) == (1, [])


def test_a_certificate_must_be_good_and_the_hosts_own(
    here: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, others = certificate(tmp_path), certificate(tmp_path, "other.example")
    with receiving(certificate=own) as receiver, receiving(certificate=others) as pretender:
        assert "certificate" in sending.send(receiver.url, {}, "{}").error
        monkeypatch.setenv("SSL_CERT_FILE", str(own))
        assert sending.send(receiver.url, {}, "{}").good
        monkeypatch.setenv("SSL_CERT_FILE", str(others))
        assert "certificate" in sending.send(pretender.url, {}, "{}").error
    assert (len(receiver.got), pretender.got) == (1, [])


def test_nobody_answers_where_nobody_listens(here: None) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        outcome = sending.send(f"http://127.0.0.1:{port}/", {}, "{}")
    assert (outcome.status, outcome.error.partition(":")[0]) == (None, "webhook_unreachable")


def test_an_answer_that_drips_is_cut_off(here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "READ", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            other, _ = server.accept()
            with other:
                try:
                    for _ in range(100):
                        other.sendall(b"H")
                        time.sleep(0.05)
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        begun = time.monotonic()
        outcome = sending.send(f"http://127.0.0.1:{server.getsockname()[1]}/", {}, "{}")
        took = time.monotonic() - begun
        thread.join()
    assert outcome.error.startswith("webhook_no_answer")
    assert took < 2


def test_pauses_grow_and_end() -> None:
    found = [pause_after(attempt) for attempt in range(1, ATTEMPTS)]
    assert all(
        usual <= pause <= usual * 1.2 for usual, pause in zip(PAUSES, found, strict=True) if pause is not None
    )
    assert None not in found
    assert pause_after(ATTEMPTS) is None


def test_a_refusal_of_an_address_is_a_domain_error_with_the_field() -> None:
    with pytest.raises(DomainError) as refused:
        target_of("https://10.0.0.1/")
    assert refused.value.details == {"field": "url"}


# --- what the pages say ----------------------------------------------------------------------------------------------

DOCS = Path(__file__).parents[2] / "docs"


def test_the_snippet_of_the_page_tells_genuine_messages_from_others() -> None:
    page = (DOCS / "how-to/receive-webhooks.md").read_text("utf-8")
    names: dict[str, Any] = {}
    exec(page.partition("```python\n")[2].partition("```")[0], names)
    is_genuine = names["is_genuine"]
    secret, former, body = signing.new_secret(), signing.new_secret(), '{"ă":1}'
    sent = signing.headers(event="e", delivery="d", timestamp=1_000, body=body, keys=[secret, former])
    for key in (secret, former):
        assert is_genuine(key, sent, body.encode(), now=1_299)
    assert not is_genuine(secret, sent, body.encode(), now=1_301)
    assert not is_genuine(secret, sent, body.encode() + b" ", now=1_000)
    assert not is_genuine(signing.new_secret(), sent, body.encode(), now=1_000)
    assert not is_genuine(secret, {**sent, "Handover-Timestamp": "1001"}, body.encode(), now=1_000)


def test_the_page_lists_every_event_with_its_sentence() -> None:
    page = (DOCS / "reference/webhooks.md").read_text("utf-8")
    assert [f"| `{event}` | {event.help} |" for event in Event] == [
        line for line in page.splitlines() if line.startswith("| `") and line.split("`")[1] in set(Event)
    ]
