"""A check of a paper that somebody brought: is it the one that was issued, is it unchanged, who signed, and does it
still say what the record says?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext

from handover import access
from handover.access import Actor
from handover.canonical import canonical, text_digest
from handover.errors import NotFound
from handover.languages import day, translated
from handover.models import Paper, Proof, Transfer
from handover.models.papers import PaperKind
from handover.papers import fields, uploads
from handover.papers.uploads import Reading, Signature
from handover.permissions import Permission
from handover.queries.paper_facts import facts, reference
from handover.queries.papers import FACTS, PROOF

GOOD, NOTICE, BAD = "good", "notice", "bad"
"""How much a sentence of a check weighs."""

SEVERAL: Final = 50
"""How many issued papers that a file might begin with are looked at; in life there is one."""


@dataclass(frozen=True)
class Word:
    """One sentence of a check: a stable code, how much it weighs, and the sentence in the reader's language."""

    code: str
    weight: str
    sentence: str

    def as_json(self) -> dict[str, str]:
        """Give it as a JSON object of three strings."""
        return {"code": self.code, "weight": self.weight, "sentence": self.sentence}


@dataclass(frozen=True)
class Checked:
    """What a check found."""

    words: Sequence[Word]
    signatures: Sequence[Signature]
    paper: Paper | None
    """The issued paper that the file begins with, if this reader may see one."""
    transfer: Transfer | None
    reference: str
    sha256: str
    """Of the whole file."""

    @property
    def holds(self) -> bool:
        """Tell whether nothing speaks against the paper."""
        return not any(word.weight == BAD for word in self.words)

    @property
    def codes(self) -> tuple[str, ...]:
        """Give the codes of all sentences."""
        return tuple(word.code for word in self.words)


def check(actor: Actor, upload: bytes) -> Checked:
    """Check a paper for whoever may read its programme, inside ``access.asking``.

    Raises:
        Invalid: the file is no PDF, too large, locked, or cannot be read.
    """
    uploads.checked_size(upload)
    paper, size = _issued(actor, upload)
    trust: str = getattr(settings, "TRUSTED_SIGNERS", "")
    reading = uploads.read(upload, issued=size, trust=trust)
    said = _said(reading)
    transfer = paper.transfer if paper else _claimed(actor, said)
    words = [
        *_whether_issued(paper, said, reading),
        *_signatures(paper, reading, trust=bool(trust.strip())),
        *_agreement(paper, transfer, said, reading),
    ]
    return Checked(
        words=words,
        signatures=reading.signatures,
        paper=paper,
        transfer=transfer,
        reference=reference(transfer) if transfer else "",
        sha256=sha256(upload).hexdigest(),
    )


def _issued(actor: Actor, upload: bytes) -> tuple[Paper | None, int]:
    """Find the issued paper that a file begins with, among those that the actor may read."""
    ends = {digest: size for size, digest in uploads.revisions(upload)}
    rows = Paper.objects.filter(sha256__in=list(ends)).select_related("transfer__programme", "organisation")
    for paper in rows.order_by("-size", "-id")[:SEVERAL]:
        if paper.size == ends[paper.sha256] and _readable(actor, paper.transfer.uuid):
            return paper, paper.size
    return None, 0


def _readable(actor: Actor, transfer_uuid: UUID | str) -> Transfer | None:
    try:
        return access.transfer_for(actor, transfer_uuid, may=Permission.VIEW)
    except NotFound:
        return None


def _said(reading: Reading) -> dict[str, Any] | None:
    """Give what a paper says of itself, by the file inside it; nothing where there is none that could be understood."""
    try:
        found = json.loads(reading.attachments.get(FACTS, ""))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _claimed(actor: Actor, said: Mapping[str, Any] | None) -> Transfer | None:
    """Find the transfer that a paper of unknown bytes says it is of."""
    named = (said or {}).get("transfer")
    uuid = named.get("uuid") if isinstance(named, dict) else None
    return _readable(actor, uuid) if isinstance(uuid, str) else None


# --- is it the one that was issued -------------------------------------------------------------------------------


def _whether_issued(paper: Paper | None, said: Mapping[str, Any] | None, reading: Reading) -> Iterator[Word]:
    if paper is None:
        if said is not None and said.get("draft") is True:
            sentence = gettext("This is a draft. Only the paper that is issued after the handover counts.")
            yield Word("draft", BAD, sentence)
            return
        sentence = gettext(
            "This file does not begin with a paper that was issued for a handover that you may read: it is another "
            "one, or it was changed."
        )
        yield Word("not_issued", BAD, sentence)
        return
    about = {
        "paper": translated(PaperKind(paper.kind).label),
        "reference": reference(paper.transfer),
        "day": day(paper.issued_at),
    }
    if reading.changed_since_issued:
        sentence = gettext(
            "This file begins with the %(paper)s of %(reference)s, but more was changed in it than signatures."
        )
        yield Word("changed_since_issued", BAD, sentence % about)
        return
    sentence = gettext("This is the %(paper)s of %(reference)s, exactly as it was issued on %(day)s.")
    yield Word("issued", GOOD, sentence % about)


# --- who signed --------------------------------------------------------------------------------------------------


def _signatures(paper: Paper | None, reading: Reading, *, trust: bool) -> Iterator[Word]:
    if not reading.signatures:
        sentence = gettext(
            "This file has no electronic signature. If it was signed by hand, the scan and the signatory are recorded "
            "with the handover."
        )
        yield Word("not_signed", NOTICE, sentence)
        return
    for signature in reading.signatures:
        yield from _signature(paper, signature, trust=trust)
    if reading.more_signatures:
        yield Word("more_signatures", NOTICE, gettext("There are more signatures than were looked at."))
    if not trust:
        sentence = gettext(
            "Whether the certificates come from a recognised provider was not checked: this installation keeps no list "
            "of them. Names are told as the certificates print them."
        )
        yield Word("trust_not_checked", NOTICE, sentence)


def _signature(paper: Paper | None, signature: Signature, *, trust: bool) -> Iterator[Word]:
    about = {"field": _field(signature.field), "subject": signature.subject}
    if not signature.intact:
        sentence = gettext("%(field)s: what was signed has been changed since (certificate: %(subject)s).")
        yield Word("changed_since_signing", BAD, sentence % about)
        return
    covers_paper = paper is None or signature.signed_bytes >= paper.size
    if not signature.valid or signature.covers == "part" or not covers_paper:
        sentence = gettext(
            "%(field)s: this signature does not hold for this paper (certificate: %(subject)s)."
        )
        yield Word("signature_invalid", BAD, sentence % about)
        return
    if signature.changed_after:
        sentence = gettext(
            "%(field)s: more than signatures was added after this one (certificate: %(subject)s)."
        )
        yield Word("changed_after_signing", BAD, sentence % about)
        return
    sentence = gettext("%(field)s: unchanged since signing. The certificate names: %(subject)s.")
    yield Word("signed", GOOD, sentence % about)
    if signature.covers == "revision":
        sentence = gettext("%(field)s: after this signature only further signatures were added.")
        yield Word("signed_further", NOTICE, sentence % about)
    if trust and not signature.trusted:
        sentence = gettext(
            "%(field)s: the certificate does not come from a provider that this installation trusts."
        )
        yield Word("not_trusted", NOTICE, sentence % about)
    elif trust:
        sentence = gettext("%(field)s: the certificate comes from a provider that this installation trusts.")
        yield Word("trusted", GOOD, sentence % about)


def _field(name: str) -> str:
    match name:
        case fields.GIVER:
            return gettext("Signature of the side that hands over")
        case fields.RECEIVER:
            return gettext("Signature of the side that takes over")
    return gettext("Signature in another place (%(name)s)") % {"name": name[:60]}


# --- does it still say what the record says ----------------------------------------------------------------------


def _agreement(
    paper: Paper | None, transfer: Transfer | None, said: Mapping[str, Any] | None, reading: Reading
) -> Iterator[Word]:
    if transfer is None or said is None or said.get("paper") not in PaperKind.values:
        sentence = gettext("There is nothing in this file that could be held against the record.")
        yield Word("nothing_to_compare", NOTICE if paper else BAD, sentence)
        return
    held = Proof.objects.filter(transfer=transfer).first()
    yield from _proof(held, reading)
    kind = PaperKind(str(said["paper"]))
    if held is None and kind is PaperKind.PROOF:
        return
    now: dict[str, Any] = json.loads(canonical(facts(transfer, kind)))
    differing = [key for key in now if now[key] != said.get(key)]
    for key in differing:
        yield _difference(key, said.get(key), now[key], known=paper is not None)
    if not differing:
        yield Word("agrees", GOOD, gettext("What it says is what the record says today."))


def _proof(held: Proof | None, reading: Reading) -> Iterator[Word]:
    carried = reading.attachments.get(PROOF)
    if carried is None or held is None:
        return
    if text_digest(carried) == held.digest:
        sentence = gettext("The continuity proof inside it is the one that both sides were asked to sign.")
        yield Word("proof_agrees", GOOD, sentence)
    else:
        sentence = gettext("The continuity proof inside it is not the one in the record.")
        yield Word("proof_differs", BAD, sentence)


def _difference(key: str, said: object, now: object, *, known: bool) -> Word:
    about = {"part": _part(key)}
    if (
        isinstance(said, list)
        and isinstance(now, list)
        and len(said) < len(now)
        and all(item in now for item in said)
    ):
        sentence = gettext("Since this paper was made, something was added to the record: %(part)s.")
        return Word("added_since", NOTICE, sentence % about)
    if known:
        sentence = gettext("The record has changed since this paper was issued: %(part)s.")
        return Word("record_changed_since", NOTICE, sentence % about)
    return Word("differs", BAD, gettext("It does not say what the record says: %(part)s.") % about)


def _part(key: str) -> str:
    """Say of which part of a paper something is told."""
    named = {
        "programme": gettext("the programme"),
        "transfer": gettext("the transfer and where it stands"),
        "giver": gettext("the side that hands over"),
        "receiver": gettext("the side that takes over"),
        "ledger": gettext("by what it can be checked"),
        "responsibilities": gettext("what changes hands"),
        "legal_acts": gettext("the legal acts"),
        "milestones": gettext("the transfer milestones"),
        "keeps": gettext("what the giver keeps"),
        "annexes": gettext("the annexes"),
        "reservations": gettext("the reservations"),
        "signatures": gettext("who signed in the programme's own record"),
        "lines": gettext("the lines of the annexes"),
        "permissions": gettext("who may do what"),
    }
    return named.get(key, key)
