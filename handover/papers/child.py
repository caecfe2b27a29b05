"""The process that reads a PDF which somebody brought, so that a hostile one can take down nothing but itself.

It is given the bytes as standard input, is told no path, and has little time and memory; its last word, on standard
output, is one line of JSON.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib
import io
import json
import logging
import os
import sys
from collections.abc import Iterator
from typing import Any, Final

from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, DiffResult, ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

SIGNATURES: Final = 20
"""How many signatures of one file are looked at."""
LARGEST_ATTACHMENT: Final = 8 * 1024 * 1024


def limit(*, memory: int, seconds: int) -> None:
    """Take away what a hostile file could use up, where the platform lets us."""
    platform: str = sys.platform
    if platform == "win32":
        return
    resource: Any = importlib.import_module("resource")
    wanted = {"RLIMIT_AS": memory, "RLIMIT_CPU": seconds, "RLIMIT_FSIZE": 0, "RLIMIT_CORE": 0}
    for name, amount in wanted.items():
        kind = getattr(resource, name)
        _, most = resource.getrlimit(kind)
        small = amount if most == resource.RLIM_INFINITY else min(amount, most)
        try:
            resource.setrlimit(kind, (small, small))
        except (ValueError, OSError):
            if platform == "linux":
                raise


def main(told: str) -> None:
    """Read the PDF at standard input and say what it holds."""
    asked = json.loads(told)
    logging.disable()
    limit(memory=asked["memory"], seconds=asked["seconds"])
    said: dict[str, Any]
    try:
        said = read(sys.stdin.buffer.read(), issued=asked["issued"], trust=asked["trust"])
    except MemoryError:
        said = {"starved": True}
    except Exception as error:  # noqa: BLE001  whatever a hostile file does to a parser, it is only unreadable
        said = {"unreadable": type(error).__name__}
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
    os._exit(0)


def read(pdf: bytes, *, issued: int, trust: str) -> dict[str, Any]:
    """Tell the signatures of a PDF and the files inside it.

    Args:
        issued: how many of the first bytes are the paper as it was issued: the files inside are read from these alone;
            0 where it is not known.
        trust: certificates (PEM) from which a signer's chain must come to be called trusted; none: nobody is.
    """
    reader = PdfFileReader(io.BytesIO(pdf), strict=False)
    if reader.encrypted:
        return {"encrypted": True}
    original = PdfFileReader(io.BytesIO(pdf[:issued]), strict=False) if issued else reader
    roots = list(load_certs_from_pemder_data(trust.encode())) if trust.strip() else []
    found = reader.embedded_regular_signatures
    return {
        "signatures": [_signature(item, roots) for item in found[:SIGNATURES]],
        "more_signatures": max(0, len(found) - SIGNATURES),
        "changed_since_issued": bool(issued) and _changed(reader, original),
        "attachments": dict(_attachments(original)),
    }


def _changed(reader: PdfFileReader, original: PdfFileReader) -> bool:
    """Tell whether more was added to a paper since it was issued than signatures and what belongs to them.

    A signature says nothing of what was added before it: this does. The paper's own revisions must be those that the
    file begins with, or the bytes of the paper would only lie there, and something else be shown.
    """
    begun = original.total_revisions
    told, kept = reader.xrefs, original.xrefs
    if reader.total_revisions < begun or any(
        told.get_startxref_for_revision(number) != kept.get_startxref_for_revision(number)
        for number in range(begun)
    ):
        return True
    found = DEFAULT_DIFF_POLICY.review_file(reader, begun - 1)
    return not isinstance(found, DiffResult) or found.modification_level > ModificationLevel.FORM_FILLING


def _signature(item: EmbeddedPdfSignature, roots: list[Any]) -> dict[str, Any]:
    context = ValidationContext(trust_roots=roots, allow_fetching=False)
    status = validate_pdf_signature(item, context)
    level = status.modification_level
    claimed: dt.datetime | None = status.signer_reported_dt
    return {
        "field": str(item.field_name),
        "subject": item.signer_cert.subject.human_friendly,
        "issuer": item.signer_cert.issuer.human_friendly,
        "certificate": hashlib.sha256(item.signer_cert.dump()).hexdigest(),
        "claimed_at": claimed.astimezone(dt.UTC).isoformat() if claimed else None,
        "intact": bool(status.intact),
        "valid": bool(status.valid),
        "trusted": bool(roots) and bool(status.trusted),
        "covers": _covers(status.coverage),
        "changed_after": level is None or level > ModificationLevel.FORM_FILLING,
        "signed_bytes": int(item.byte_range[2]) + int(item.byte_range[3]),
        "modified": str(level.name) if level is not None else "",
    }


def _covers(coverage: SignatureCoverageLevel | None) -> str:
    if coverage is None or coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        return "part"
    return "file" if coverage == SignatureCoverageLevel.ENTIRE_FILE else "revision"


def _attachments(reader: PdfFileReader) -> Iterator[tuple[str, str]]:
    """Give the files that the whole document carries, as text, by name."""
    for held in reader.root.get("/AF", ()):
        specification = held.get_object()
        data = specification["/EF"]["/F"].get_object().data
        if len(data) > LARGEST_ATTACHMENT:
            raise PdfReadError("an attachment is too large")
        name = specification.get("/UF", specification.get("/F", ""))
        yield str(name), data.decode("utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
