"""Webhooks from the command line, typed rightly and wrongly."""

from __future__ import annotations

import pytest

from handover.webhooks.events import WANTED
from tests.factories.cast import Cast
from tests.handover.command_line import refused, said, told

pytestmark = pytest.mark.django_db

AS = ("--as", "manager@receiver.example")
URL = ("--url", "https://hooks.receiver.example/handover")


def test_a_webhook_is_made_shown_changed_and_switched_off_and_on(cast: Cast) -> None:
    made = told("webhook", "add", "Register", *URL, "--event", "transfer.executed", *AS)
    assert made["secret"].startswith("whsec_")
    key = made["webhook"]["uuid"]
    assert [item["uuid"] for item in told("webhook", "list", *AS)["webhooks"]] == [key]
    assert made["secret"] not in said("webhook", "list", *AS) + said("webhook", "show", key, *AS)
    changed = told("webhook", "edit", "register", "--title", "Town", "--event", "all", *AS)["webhook"]
    assert (changed["title"], changed["events"]) == ("Town", [str(event) for event in WANTED])
    assert told("webhook", "rotate", key[:8], *AS)["secret"] != made["secret"]
    assert told("webhook", "off", "town", "--reason", "Moving", *AS)["webhook"]["active"] is False
    assert "Moving" in said("webhook", "show", "town", *AS)
    assert told("webhook", "on", "town", *AS)["webhook"]["active"] is True


def test_what_was_sent_is_listed_shown_and_sent_again(cast: Cast) -> None:
    said("webhook", "add", "Register", *URL, "--event", "transfer.executed", *AS)
    sent = told("webhook", "test", "register", *AS)["delivery"]
    assert "waiting" in said("webhook", "deliveries", "--webhook", "register", *AS)
    assert told("webhook", "deliveries", "--state", "delivered", *AS)["deliveries"] == []
    assert '"event":"webhook.test"' in said("webhook", "message", sent["uuid"], *AS)
    assert "[delivery_waits]" in refused("webhook", "redeliver", sent["uuid"], *AS)
    said("webhook", "off", "register", *AS)
    said("webhook", "on", "register", *AS)
    assert told("webhook", "redeliver", sent["uuid"], *AS)["delivery"]["state"] == "waiting"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (("add", "X", "--url", "http://hooks.example/", "--event", "all"), "webhook_not_https"),
        (("add", "X", "--url", "https://10.0.0.1/", "--event", "all"), "webhook_address_private"),
        (("add", "X", *URL, "--event", "milestone.eaten"), "unknown_event"),
        (("add", "", *URL, "--event", "all"), "invalid"),
        (("add", "X" * 201, *URL, "--event", "all"), "invalid"),
        (("add", "X", "--event", "all"), "usage"),
        (("show", "nothing"), "unknown_webhook"),
        (("edit", "nothing", "--title", "X"), "unknown_webhook"),
        (("message", "00000000-0000-0000-0000-000000000001"), "not_found"),
        (("redeliver", "x"), "usage"),
        (("deliveries", "--limit", "0"), "usage"),
        ((), "usage"),
    ],
)
def test_what_is_typed_wrongly_is_one_clear_line(cast: Cast, typed: tuple[str, ...], code: str) -> None:
    assert f"[{code}]" in refused("webhook", *typed, *(AS if typed else ()))


def test_an_officer_keeps_no_webhook(cast: Cast) -> None:
    line = refused("webhook", "add", "X", *URL, "--event", "all", "--as", "officer@receiver.example")
    assert "[not_manager]" in line
    assert told("webhook", "list", "--as", "officer@receiver.example")["webhooks"] == []
