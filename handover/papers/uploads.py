"""What somebody brought as a signed paper: its revisions, its signatures and the files inside it, read in a process of
its own."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from handover.errors import Invalid

LARGEST: Final = 25 * 1024 * 1024
"""Bytes of the largest PDF that is checked."""
REVISIONS: Final = 200
"""How many ends of revisions are looked at in one file."""
MEMORY: Final = 1024 * 1024 * 1024
SECONDS: Final = 20
ROOT: Final = Path(__file__).resolve().parents[2]
CHILD: Final = (
    f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
    "from handover.papers.child import main\n"
    "main(sys.argv[1])\n"
)
_END: Final = re.compile(rb"%%EOF(\r?\n)?")


@dataclass(frozen=True)
class Signature:
    """One signature in a PDF, as the file itself tells it."""

    field: str
    subject: str
    """Whom the certificate names, as printed there. Nobody here says that it is true."""
    issuer: str
    certificate: str
    """SHA-256 of the certificate."""
    claimed_at: str | None
    """When the signer's own computer says that it signed."""
    intact: bool
    """What was signed is unchanged."""
    valid: bool
    """The signature is the certificate's."""
    trusted: bool
    """The certificate comes from one of those that the installation trusts; always false where it trusts none."""
    covers: str
    """``file``, ``revision`` (something was added after it) or ``part``."""
    changed_after: bool
    """What was added after it is more than other signatures."""
    signed_bytes: int
    modified: str


@dataclass(frozen=True)
class Reading:
    """What a PDF holds."""

    signatures: Sequence[Signature]
    more_signatures: int
    changed_since_issued: bool
    """More was added since it was issued than signatures; false where nobody knows what was issued."""
    attachments: Mapping[str, str]


def revisions(pdf: bytes) -> Iterator[tuple[int, str]]:
    """Give where each revision of a PDF may end, with the SHA-256 of all up to there."""
    hasher, at = hashlib.sha256(), 0
    for number, found in enumerate(_END.finditer(pdf)):
        if number == REVISIONS:
            return
        # Whoever adds a revision may first add the line's end.
        for end in dict.fromkeys((found.end() - len(found[1] or b""), found.end())):
            hasher.update(pdf[at:end])
            at = end
            yield at, hasher.hexdigest()


def checked_size(pdf: bytes) -> None:
    """Refuse what is no PDF, or too much of one.

    Raises:
        Invalid: it is empty, too large, or no PDF.
    """
    if len(pdf) > LARGEST:
        raise Invalid(
            "paper_too_large",
            f"The file is larger than {LARGEST // 1024 // 1024} MB: that is no protocol.",
            field="file",
        )
    if not pdf[:1024].lstrip().startswith(b"%PDF-"):
        raise Invalid("no_pdf", "This file is no PDF.", field="file")


def read(pdf: bytes, *, issued: int = 0, trust: str = "") -> Reading:
    """Read a PDF that somebody brought.

    Args:
        issued: how many of its first bytes are the paper as issued; 0 where nobody knows.
        trust: certificates (PEM) that the installation trusts.

    Raises:
        Invalid: it cannot be read, is locked with a password, or wants more time or memory than a paper does.
    """
    checked_size(pdf)
    asked = json.dumps({"memory": MEMORY, "seconds": SECONDS, "issued": issued, "trust": trust})
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", CHILD, asked],
            input=pdf,
            capture_output=True,
            env={},
            cwd=ROOT,
            timeout=3 * SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _unreadable() from error
    said = _summary(done.stdout)
    if said is None or "starved" in said or "unreadable" in said:
        raise _unreadable()
    if "encrypted" in said:
        raise Invalid(
            "paper_locked", "This PDF is locked with a password: bring it without one.", field="file"
        )
    return Reading(
        signatures=[Signature(**item) for item in said["signatures"]],
        more_signatures=said["more_signatures"],
        changed_since_issued=said["changed_since_issued"],
        attachments=said["attachments"],
    )


def _unreadable() -> Invalid:
    return Invalid(
        "paper_unreadable", "This PDF cannot be read: it is damaged, or no paper of this house.", field="file"
    )


def _summary(words: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(words)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
