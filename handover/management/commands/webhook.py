"""`handover webhook`: addresses that an organisation wants to be told at, and what was sent there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from handover.access import asking
from handover.actions import webhooks as actions
from handover.errors import Invalid
from handover.management.base import Call, Steps, StepsCommand, Told, argument
from handover.management.finding import line_named
from handover.management.tables import table
from handover.models import DeliveryState, Webhook, WebhookDelivery
from handover.queries.webhooks import deliveries, delivery_for, webhooks
from handover.webhooks.events import WANTED

steps = Steps()

SHOWN = 50
"""Messages that the log shows unless told."""


class Command(StepsCommand):
    """Keep the webhooks of your organisation, and read what was sent to them."""

    help = "Keep the webhooks of your organisation, and read what was sent to them. Its managers may."
    steps = steps


WEBHOOK = argument("webhook", metavar="WEBHOOK", help="UUID, its first characters, or a part of its title")


@steps.add(
    "add",
    argument("title", metavar="TITLE"),
    argument("--url", required=True, metavar="URL", help="where messages are sent: https, a public host"),
    argument(
        "--event",
        action="append",
        required=True,
        metavar="EVENT",
        help=f"what it is told of; may be repeated; all of them: all. Events: {', '.join(WANTED)}",
    ),
)
def add(call: Call) -> Told:
    """Make a webhook, and show the key of its signatures once."""
    named = WANTED if call["event"] == ["all"] else call["event"]
    made = actions.create(by=call.by, title=call["title"], url=call["url"], events=named)
    return Told(
        {"webhook": document(made.webhook), "secret": made.secret},
        [
            f"{made.webhook.title} is there: {made.webhook.uuid}.",
            f"Its key, which is shown this once: {made.secret}",
        ],
    )


@steps.add("list", reads=True)
def list_all(call: Call) -> Told:
    """List the webhooks of your organisation."""
    found = list(webhooks(call.by))
    rows = [(str(item.uuid)[:8], _state(item), len(item.events), item.url, item.title) for item in found]
    return Told(
        {"webhooks": [document(item) for item in found]},
        [
            *table(
                ("WEBHOOK", "STATE", "EVENTS", "URL", "TITLE"),
                rows,
                empty="There is no webhook: `handover webhook add` makes one.",
            )
        ],
    )


@steps.add("show", WEBHOOK, reads=True)
def show(call: Call) -> Told:
    """Show a webhook, the events that it asks for and how many messages are in which state."""
    found = _named(call)
    counts = {
        state.value: deliveries(call.by).filter(webhook=found, state=state).count() for state in DeliveryState
    }
    lines = [
        f"{found.title} ({found.uuid})",
        f"  {found.url}",
        f"  {_state(found)}{f': {found.switched_off_because}' if found.switched_off_because else ''}",
        f"  sees what {found.user.display_name} may read; made by {found.created_by_name}",
        *(f"  told of {event}" for event in found.events),
        "  messages: " + ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in counts.items()),
    ]
    return Told({"webhook": document(found), "deliveries": counts}, lines)


@steps.add(
    "edit",
    WEBHOOK,
    argument("--title", metavar="TITLE"),
    argument("--url", metavar="URL"),
    argument("--event", action="append", metavar="EVENT", help="these instead of those before; or all"),
)
def edit(call: Call) -> Told:
    """Change the title, the address or the events of a webhook."""
    found = _named(call)
    if not any((call["title"] is not None, call["url"] is not None, call["event"])):
        raise Invalid("usage", "Say what to change: --title, --url or --event.")
    changed = actions.edit(
        by=call.by,
        webhook_uuid=found.uuid,
        version=found.version,
        title=call["title"],
        url=call["url"],
        events=WANTED if call["event"] == ["all"] else call["event"],
    )
    return Told({"webhook": document(changed)}, [f"{changed.title} is changed."])


@steps.add("off", WEBHOOK, argument("--reason", default="", metavar="TEXT"))
def off(call: Call) -> Told:
    """Switch a webhook off: nothing more is sent, and what waits is given up."""
    found = actions.switch_off(by=call.by, webhook_uuid=_named(call).uuid, reason=call["reason"])
    return Told({"webhook": document(found)}, [f"{found.title} is off."])


@steps.add("on", WEBHOOK)
def on(call: Call) -> Told:
    """Switch a webhook on; from now on it sees what you may read."""
    found = actions.switch_on(by=call.by, webhook_uuid=_named(call).uuid)
    return Told({"webhook": document(found)}, [f"{found.title} is on."])


@steps.add("rotate", WEBHOOK)
def rotate(call: Call) -> Told:
    """Give a webhook a new key, and show it once; the key before signs too, for a day."""
    made = actions.rotate_secret(by=call.by, webhook_uuid=_named(call).uuid)
    return Told(
        {"webhook": document(made.webhook), "secret": made.secret},
        [f"The new key of {made.webhook.title}, which is shown this once: {made.secret}"],
    )


@steps.add("test", WEBHOOK)
def test(call: Call) -> Told:
    """Send a message that says nothing, once. A worker sends it; `deliveries` says what came of it."""
    made = actions.try_out(by=call.by, webhook_uuid=_named(call).uuid)
    return Told({"delivery": message(made)}, [f"The test waits for a worker: {made.uuid}."])


@steps.add(
    "deliveries",
    argument("--webhook", metavar="WEBHOOK", help="of this one alone"),
    argument("--state", choices=DeliveryState.values),
    argument("--limit", type=int, default=SHOWN, metavar="N", help=f"the latest ones; {SHOWN} unless told"),
    reads=True,
)
def log(call: Call) -> Told:
    """List what was sent, the latest first."""
    if call["limit"] < 1:
        raise Invalid("usage", "The limit is 1 or more.")
    rows = deliveries(call.by)
    if call["webhook"]:
        rows = rows.filter(webhook=_named(call))
    if call["state"]:
        rows = rows.filter(state=call["state"])
    found = list(rows[: call["limit"]])
    return Told(
        {"deliveries": [message(item) for item in found]},
        [
            *table(
                ("DELIVERY", "WHEN", "EVENT", "STATE", "TRIED", "ANSWER", "ERROR"),
                [
                    (
                        item.uuid,
                        f"{item.created_at:%Y-%m-%d %H:%M}",
                        item.event,
                        item.state,
                        item.attempts,
                        item.status or "",
                        item.error,
                    )
                    for item in found
                ],
                empty="Nothing was sent.",
            )
        ],
    )


@steps.add("redeliver", argument("delivery", metavar="DELIVERY", type=UUID, help="UUID of the message"))
def redeliver(call: Call) -> Told:
    """Send a message again, under the same UUID."""
    made = actions.redeliver(by=call.by, delivery_uuid=call["delivery"])
    return Told({"delivery": message(made)}, [f"{made.event} waits for a worker again."])


@steps.add("message", argument("delivery", metavar="DELIVERY", type=UUID, help="UUID of it"), reads=True)
def show_message(call: Call) -> Told:
    """Show a message as it was sent."""
    found = delivery_for(call.by, call["delivery"])
    return Told({"delivery": {**message(found), "body": found.body}}, [found.body])


def document(item: Webhook) -> dict[str, Any]:
    """Give a webhook for machines, without its key."""
    return {
        "uuid": item.uuid,
        "title": item.title,
        "url": item.url,
        "events": item.events,
        "active": item.active,
        "switched_off_at": item.switched_off_at,
        "switched_off_because": item.switched_off_because,
        "created_at": item.created_at,
        "version": item.version,
    }


def message(item: WebhookDelivery) -> dict[str, Any]:
    """Give a message for machines, without what it said."""
    return {
        "uuid": item.uuid,
        "webhook": item.webhook.uuid,
        "event": item.event,
        "state": str(item.state),
        "attempts": item.attempts,
        "status": item.status,
        "error": item.error,
        "created_at": item.created_at,
        "tried_at": item.tried_at,
        "delivered_at": item.delivered_at,
    }


def _state(item: Webhook) -> str:
    return "on" if item.active else "off"


def _named(call: Call) -> Webhook:
    with asking(call.by):
        return line_named(list(webhooks(call.by)), call["webhook"], field="webhook", what="webhook")
