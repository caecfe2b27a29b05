"""The installation's key: Ed25519, made at first use, kept apart with tight permissions, named by its fingerprint.

Another key can follow it. Until the database has kept that both signed so, the other one lies beside it
(``installation.key.next``); then it takes its place. A process that runs reads the file anew when it is another one.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from handover.errors import DomainError


def _private(path: Path) -> Ed25519PrivateKey:
    """Read a key, or make it; a file that was read is read again only where it is another one."""
    try:
        return _cached(path, _file_of(path))
    except FileNotFoundError:
        return _made(path)


def _file_of(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns


@lru_cache(maxsize=8)
def _cached(path: Path, file: tuple[int, int]) -> Ed25519PrivateKey:
    return _read(path)


def _made(path: Path) -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text)
    try:
        # Two first uses at once: link() lets exactly one of them name the key.
        os.link(draft, path)
    except FileExistsError:
        return _read(path)
    finally:
        draft.unlink()
    return key


def _read(path: Path) -> Ed25519PrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise DomainError("wrong_key", f"{path.name} is no Ed25519 key.")
    return key


def public() -> bytes:
    """Give the installation's public key, 32 raw bytes."""
    return _private(settings.INSTALLATION_KEY).public_key().public_bytes_raw()


def fingerprint(key: bytes | None = None) -> str:
    """Give the SHA-256 of a public key (the installation's own by default), in hexadecimal."""
    return hashlib.sha256(public() if key is None else key).hexdigest()


def sign(message: bytes) -> bytes:
    """Sign with the installation's key; 64 bytes."""
    return _private(settings.INSTALLATION_KEY).sign(message)


# --- the key that follows ---------------------------------------------------------------------------------------


def _next() -> Path:
    path: Path = settings.INSTALLATION_KEY
    return path.with_name(f"{path.name}.next")


def next_public(*, make: bool = False) -> bytes | None:
    """Give the public key that is to follow; nothing where none lies there.

    Args:
        make: make one, if there is none.
    """
    if not make and not _next().exists():
        return None
    return _private(_next()).public_key().public_bytes_raw()


def sign_next(message: bytes) -> bytes:
    """Sign with the key that is to follow; 64 bytes."""
    return _private(_next()).sign(message)


def adopt_next() -> None:
    """Put the key that follows in its place; the one before is gone then. Where somebody else did so first, nothing
    happens."""
    with contextlib.suppress(FileNotFoundError):
        os.replace(_next(), settings.INSTALLATION_KEY)


def verified(key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether a signature over a message is the key's."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
