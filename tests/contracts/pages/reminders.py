"""What people are told, and when."""

from __future__ import annotations

from collections.abc import Mapping

from tests.contracts.asks import Asks, Public, SignedIn

OWN = SignedIn("a person chooses what they themselves are told, and sees nothing of a programme by that")

ROUTES: Mapping[str, Asks] = {
    "you/reminders/": OWN,
    "you/reminders/calendar/": OWN,
    "you/reminders/calendar/revoke/": OWN,
    "you/reminders/stop/<str:key>/": Public(
        "whoever has the mail may stop mails of its kind; the signed key in it can do nothing else"
    ),
    "calendars/<str:secret>.ics": Public(
        "calendar programs cannot sign in: its secret opens it, and any other finds nothing"
    ),
}
