"""Mail: the only place that sends any. Text and plain HTML, in the reader's language, with links to this installation.

What is sent is never put into the log: neither address nor words.
"""

from __future__ import annotations

import smtplib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.utils import translation

LANGUAGES: Final = tuple(code for code, _ in settings.LANGUAGES)


class Outcome(StrEnum):
    """What came of handing a mail to the mail server."""

    SENT = "sent"
    """The server has it."""
    AGAIN = "again"
    """The server certainly does not have it, and may take it later."""
    REFUSED = "refused"
    """The server will never take it."""
    DOUBTFUL = "doubtful"
    """The connection broke while it was handed over: nobody knows."""


@dataclass(frozen=True)
class Mail:
    """A mail as it goes out."""

    to: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str] = field(default_factory=dict)


def language_for(code: str) -> str:
    """Give the language of the house that goes with what an account says (``en``, ``ro``, ``lt``)."""
    return next((known for known in LANGUAGES if known[:2] == code[:2]), settings.LANGUAGE_CODE)


def link(path: str) -> str:
    """Give the whole address of a page."""
    return f"{settings.PUBLIC_URL}{path}"


def composed(
    template: str,
    *,
    to: str,
    language: str,
    subject: str,
    context: Mapping[str, Any],
    key: str,
    headers: Mapping[str, str] | None = None,
) -> Mail:
    """Put a mail together from ``handover/mail/TEMPLATE.txt`` and ``.html``.

    Args:
        language: the reader's; the subject is in it already.
        key: names the mail once and for all, so that a mailbox that gets it twice shows it once.
    """
    with translation.override(language_for(language)):
        said = {**context, "subject": subject, "home": link("/")}
        text = render_to_string(f"handover/mail/{template}.txt", said)
        html = render_to_string(f"handover/mail/{template}.html", said)
        spoken = translation.get_language() or settings.LANGUAGE_CODE
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    own = {
        "Auto-Submitted": "auto-generated",
        "Content-Language": spoken,
        "Message-ID": f"<{key}@{host}>",
    }
    return Mail(to, " ".join(subject.split()), text, html, {**own, **(headers or {})})


def send(mail: Mail) -> tuple[Outcome, str]:
    """Hand a mail to the mail server and give what came of it, with a word on why where it did not work."""
    message = EmailMultiAlternatives(mail.subject, mail.text, to=[mail.to], headers=dict(mail.headers))
    message.attach_alternative(mail.html, "text/html")
    server = get_connection()
    try:
        server.open()
    except (OSError, smtplib.SMTPException) as error:
        return Outcome.AGAIN, _word(error)
    try:
        taken = server.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        return _by_code(max(codes, default=550)), _word(error)
    except smtplib.SMTPResponseException as error:
        return _by_code(error.smtp_code), _word(error)
    except (OSError, smtplib.SMTPException) as error:
        return Outcome.DOUBTFUL, _word(error)
    finally:
        _closed(server)
    return (Outcome.SENT, "") if taken else (Outcome.AGAIN, "not taken")


def _by_code(code: int) -> Outcome:
    return Outcome.REFUSED if 500 <= code < 600 else Outcome.AGAIN


def _word(error: Exception) -> str:
    """Name an error by its kind and its code: what a mail server says may hold an address."""
    code = getattr(error, "smtp_code", None)
    return type(error).__name__ + (f" {code}" if code else "")


def _closed(server: Any) -> None:
    """Close the connection; what the server has by then, it has."""
    try:
        server.close()
    except (OSError, smtplib.SMTPException):
        return
