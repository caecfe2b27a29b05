"""A security key made of software: answers as a browser would hand on what a real one says."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class SoftAuthenticator:
    """One discoverable credential, for the page of one origin."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(16)
        self.owner = ""

    def made(self, options: Mapping[str, Any]) -> str:
        """Answer ``navigator.credentials.create``."""
        asked = json.loads(json.dumps(options, default=dict))["publicKey"]
        self.owner = asked["user"]["id"]
        public = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))  # type: ignore[no-untyped-call]
        credential = bytes(16) + struct.pack(">H", len(self.id)) + self.id + public
        told = self._about(asked["rp"]["id"], PRESENT | VERIFIED | ATTESTED) + credential
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": told})
        return self._handed_on(
            clientDataJSON=_text(self._client("webauthn.create", asked["challenge"])),
            attestationObject=_text(attestation),
        )

    def used(self, options: Mapping[str, Any]) -> str:
        """Answer ``navigator.credentials.get``."""
        asked = json.loads(json.dumps(options, default=dict))["publicKey"]
        client = self._client("webauthn.get", asked["challenge"])
        told = self._about(asked["rpId"], PRESENT | VERIFIED)
        signature = self.key.sign(told + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._handed_on(
            clientDataJSON=_text(client),
            authenticatorData=_text(told),
            signature=_text(signature),
            userHandle=self.owner,
        )

    def _about(self, page: str, flags: int) -> bytes:
        asked_by = urlsplit(self.origin).hostname or page
        return hashlib.sha256(asked_by.encode()).digest() + struct.pack(">BI", flags, 0)

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _handed_on(self, **response: str) -> str:
        name = _text(self.id)
        results = {"credProps": {"rk": True}}
        return json.dumps(
            {
                "type": "public-key",
                "id": name,
                "rawId": name,
                "response": response,
                "clientExtensionResults": results,
            }
        )


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
