"""Signatures: the key of a webhook, how it is kept, and what is signed with it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from handover.errors import Broken

PREFIX: Final = "whsec_"
"""How every key begins, so that people and secret scanners know it."""

SCHEME: Final = "v1"


def new_secret() -> str:
    """Make a key: 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def sealed(secret: str) -> bytes:
    """Encrypt a key for the database with a key that is drawn from the installation's secret."""
    return _box().encrypt(secret.encode())


def opened(box: bytes | memoryview) -> str:
    """Decrypt a key.

    Raises:
        Broken: the installation's secret is another one than when it was sealed.
    """
    try:
        return _box().decrypt(bytes(box)).decode()
    except InvalidToken:
        raise Broken(
            "webhook_secret_lost",
            "The installation's secret has changed since this webhook got its key: give it a new one.",
        ) from None


def signature(secret: str, timestamp: int, body: str) -> str:
    """Sign a message: HMAC-SHA256 over the timestamp, a full stop and the body, in hexadecimal."""
    return hmac.new(secret.encode(), f"{timestamp}.{body}".encode(), hashlib.sha256).hexdigest()


def headers(*, event: str, delivery: str, timestamp: int, body: str, keys: Sequence[str]) -> dict[str, str]:
    """Give the headers of a message; there is one signature for each key that is good."""
    signed = ",".join(f"{SCHEME}={signature(key, timestamp, body)}" for key in keys)
    return {
        "Content-Type": "application/json",
        "Handover-Event": event,
        "Handover-Delivery": delivery,
        "Handover-Timestamp": str(timestamp),
        "Handover-Signature": signed,
    }


def _box() -> Fernet:
    drawn = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"handover.webhook").derive(
        str(settings.SECRET_KEY).encode()
    )
    return Fernet(base64.urlsafe_b64encode(drawn))
