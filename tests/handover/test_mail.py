"""Mail: text and HTML in the reader's language, sent from one place, and what comes of it when the server is odd."""

from __future__ import annotations

import ast
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest
from django.core import mail as outbox
from django.core.mail import EmailMultiAlternatives
from django.test.utils import override_settings

from handover import mail
from handover.mail import Mail, Outcome
from tests.contracts.source import modules

SMTP = "django.core.mail.backends.smtp.EmailBackend"


def composed(language: str = "en", **said: object) -> Mail:
    return mail.composed(
        "reminders",
        to="reader@town.example",
        language=language,
        subject="Something\nwaits",
        context={"lines": [], "more": 0, "waiting": True, "choices": "/c", "stop": "/s", **said},
        key="letter-1",
    )


def test_a_mail_has_text_and_html_and_says_that_a_machine_wrote_it() -> None:
    with override_settings(PUBLIC_URL="https://handover.example"):
        made = composed()
    assert mail.send(made) == (Outcome.SENT, "")
    (sent,) = outbox.outbox
    assert sent.subject == "Something waits", "a subject is one line, whatever stands in it"
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"
    assert sent.extra_headers["Content-Language"] == "en-gb"
    assert sent.extra_headers["Message-ID"] == "<letter-1@handover.example>"
    assert isinstance(sent, EmailMultiAlternatives)
    ((html, kind),) = sent.alternatives
    assert isinstance(html, str)
    assert kind == "text/html"
    assert "style" not in html
    assert "<script" not in html
    assert "https://handover.example/" in sent.body


def test_what_stands_in_a_mail_is_text_in_the_html_and_itself_in_the_text() -> None:
    line = {"sentence": "5 < 6 & “7”", "programme": "", "organisation": "A & B", "due_on": "", "link": "/x"}
    made = composed(lines=[line])
    assert "5 < 6 & “7”" in made.text
    assert "5 &lt; 6 &amp; “7”" in made.html
    assert "A &amp; B" in made.html


@pytest.mark.parametrize(("code", "spoken"), [("ro", "ro"), ("lt", "lt"), ("en", "en-gb"), ("xx", "en-gb")])
def test_a_mail_speaks_its_readers_language(code: str, spoken: str) -> None:
    assert composed(code).headers["Content-Language"] == spoken


def test_mail_is_sent_in_one_place() -> None:
    sending = {
        module.name
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("django.core.mail")
        # Whoever asks whether the server is there opens a connection, and sends nothing.
        and {name.name for name in node.names} != {"get_connection"}
    }
    assert sending == {"handover.mail"}


# --- a server that is odd -------------------------------------------------------------------------


@contextmanager
def server(*answers: bytes, hangs_up_after: int = 99) -> Iterator[int]:
    """Speak SMTP: an answer for each command, in order; 250 afterwards. Then hang up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with listening.accept()[0] as client, client.makefile("rb") as lines:
                client.sendall(b"220 here\r\n")
                for number, line in enumerate(_commands(lines)):
                    if number >= hangs_up_after or line.upper().startswith(b"QUIT"):
                        return
                    answer = answers[number] if number < len(answers) else b"250 well"
                    client.sendall(answer + b"\r\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(10)


def _commands(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Give each command, and a whole message as one."""
    inside = False
    for line in lines:
        if inside and line != b".\r\n":
            continue
        inside = line.upper().startswith(b"DATA")
        yield line


def sent_to(port: int) -> tuple[Outcome, str]:
    with override_settings(
        EMAIL_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_PORT=port, EMAIL_USE_TLS=False, EMAIL_TIMEOUT=5
    ):
        return mail.send(composed())


def test_nobody_at_home_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert sent_to(port) == (Outcome.AGAIN, "ConnectionRefusedError")


@pytest.mark.parametrize(
    ("recipient", "outcome"),
    [(b"450 later <reader@town.example>", Outcome.AGAIN), (b"550 no <reader@town.example>", Outcome.REFUSED)],
)
def test_a_recipient_who_is_turned_away_is_tried_again_or_given_up(
    recipient: bytes, outcome: Outcome
) -> None:
    with server(b"250 here", b"250 from", recipient) as port:
        found, word = sent_to(port)
    assert found is outcome
    assert "town" not in word, "what the server says may hold an address"


def test_a_connection_that_breaks_while_the_mail_is_handed_over_leaves_a_doubt() -> None:
    with server(b"250 here", b"250 from", b"250 to", b"354 go", hangs_up_after=4) as port:
        found, _ = sent_to(port)
    assert found is Outcome.DOUBTFUL


def test_a_mail_that_was_taken_is_sent_even_if_the_server_does_not_say_goodbye() -> None:
    with server(b"250 here", b"250 from", b"250 to", b"354 go") as port:
        assert sent_to(port) == (Outcome.SENT, "")
