"""What a person does at the entrance, for tests: signs in, confirms that it is they, sets up an app."""

from __future__ import annotations

import html
import re
import time
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from handover.access import Operator
from handover.actions import accounts
from handover.models import User

PASSWORD = "correct horse battery"


def somebody() -> User:
    """Make the account of a person who has a password and no seat."""
    return accounts.create_user(
        by=Operator(), email="person@example.org", display_name="Person", password=PASSWORD
    )


def signs_in(client: Client, email: str = "person@example.org", password: str = PASSWORD, **more: str) -> Any:
    return client.post("/sign-in/", {"login": email, "password": password, **more})


def inside(client: Client) -> bool:
    return client.get("/security/").status_code == 200


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def code_for(secret: str) -> str:
    """Give the code that an app would show now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def confirmed(client: Client, address: str) -> Any:
    """Open a page that asks first whether it is really they, and answer with the password."""
    asked = client.get(address)
    assert (asked.status_code, asked["Location"].startswith("/security/again/")) == (302, True)
    client.post(asked["Location"], {"password": PASSWORD, "next": address})
    return client.get(address)


def with_app(client: Client) -> str:
    """Sign in, set up an app, and give its secret."""
    signs_in(client)
    page = text_of(confirmed(client, "/security/app/on/"))
    found = re.search(r'<code class="key">(\w+)</code>', page)
    assert found
    answer = client.post("/security/app/on/", {"code": code_for(found[1])})
    assert answer["Location"] == "/security/recovery-codes/"
    return found[1]
