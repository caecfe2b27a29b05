"""Second factors at rest: secrets of authenticator apps and seeds of recovery codes are encrypted."""

from __future__ import annotations

import base64
import logging

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext

from handover.models import User

logger = logging.getLogger(__name__)

PURPOSE = b"handover second factors"


class Factors(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps secrets under a key that comes from ``SECRET_KEY``, which the database does not hold."""

    def encrypt(self, text: str) -> str:
        """Encrypt a secret for the database."""
        return _locks().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Read a secret from the database.

        Raises:
            django.core.exceptions.ValidationError: it was written under a key that is gone; no code is right then.
        """
        try:
            return _locks().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            logger.error("A second factor cannot be read: SECRET_KEY has changed.")
            raise self.validation_error("incorrect_code") from None

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        """Propose a name for a new passkey."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return gettext("Passkey %(number)s") % {"number": number}


def _locks() -> MultiFernet:
    return MultiFernet([_lock(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _lock(secret: str | bytes) -> Fernet:
    text = secret.encode() if isinstance(secret, str) else secret
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(text)
    return Fernet(base64.urlsafe_b64encode(derived))
