"""Files: by their SHA-256 within their programme, never shared between programmes, written whole or not at all."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings

from handover.errors import Invalid, NotFound

LARGEST = 50 * 1024 * 1024
"""Bytes of the largest file that is taken as evidence."""

PIECE = 1_048_576
"""Bytes that are packed and unpacked at once."""


@dataclass(frozen=True)
class Written:
    """A file that lies in the store: digest in hexadecimal, size in bytes."""

    sha256: str
    size: int


def path_of(programme: UUID, sha256: str) -> Path:
    """Give where a programme's file lies."""
    return Path(settings.MEDIA_ROOT) / str(programme) / sha256[:2] / sha256


def write(programme: UUID, chunks: Iterable[bytes]) -> Written:
    """Write a file under its digest. The same content twice is one file.

    Raises:
        Invalid: it is empty or larger than ``LARGEST``.
    """
    folder = Path(settings.MEDIA_ROOT) / str(programme)
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{secrets.token_hex(8)}"
    hasher, size = hashlib.sha256(), 0
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > LARGEST:
                    raise Invalid(
                        "file_too_large",
                        f"The file is larger than {LARGEST // 1024 // 1024} MB.",
                        field="file",
                    )
                hasher.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if not size:
            raise Invalid("file_empty", "The file is empty.", field="file")
        target = path_of(programme, hasher.hexdigest())
        target.parent.mkdir(exist_ok=True)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return Written(hasher.hexdigest(), size)


def read(programme: UUID, sha256: str) -> bytes:
    """Read a file.

    Raises:
        NotFound: it was erased or lost.
    """
    try:
        return path_of(programme, sha256).read_bytes()
    except FileNotFoundError:
        raise NotFound("file") from None


def packed(path: Path) -> Iterator[bytes]:
    """Pack a file, so that a large one finds room in the store; the same file gives the same bytes."""
    buffer = io.BytesIO()
    with path.open("rb") as file, gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0, filename="") as pack:
        while piece := file.read(PIECE):
            pack.write(piece)
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def unpack(programme: UUID, sha256: str, path: Path) -> None:
    """Write a file that was packed to a path.

    Raises:
        NotFound: it was erased or lost.
    """
    kept = path_of(programme, sha256)
    if not kept.exists():
        raise NotFound("file")
    with gzip.open(kept, "rb") as pack, path.open("wb") as file:
        shutil.copyfileobj(pack, file, PIECE)


def erase(programme: UUID, sha256: str) -> None:
    """Remove a file's bytes; its digest stays in the database."""
    path_of(programme, sha256).unlink(missing_ok=True)


def digest_of(programme: UUID, sha256: str) -> str | None:
    """Compute the digest of what lies there; ``None`` where nothing does."""
    path = path_of(programme, sha256)
    if not path.exists():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
