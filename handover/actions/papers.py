"""Papers: issued to be printed or signed, and recorded when they come back signed, on paper or electronically."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from handover import access, clock, files, ledger
from handover.access import Actor, custody
from handover.actions import action
from handover.canonical import digest as digest_of
from handover.errors import Invalid, NotAllowed, NotFound, Refused
from handover.models import LegalAct, Paper, SignedPaper, StoredFile, Transfer
from handover.models.milestones import Side
from handover.models.papers import PaperKind, SignedForm
from handover.names import Called, key_text
from handover.papers import uploads
from handover.permissions import Permission
from handover.queries.papers import Composed, compose, paper_facts, signed_facts

SCANS: Final = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"II*\x00": "image/tiff",
    b"MM\x00*": "image/tiff",
}
"""Files that are taken as a scan, by how they begin."""
PIECE: Final = 1024 * 1024


@dataclass(frozen=True)
class Issued:
    """A paper that was issued, and its bytes."""

    paper: Paper
    composed: Composed


@action
def issue(*, by: Actor, transfer_uuid: UUID | str, kind: PaperKind, languages: Sequence[str] = ()) -> Issued:
    """Issue a paper of an executed transfer for one of its sides: its digest is recorded, so that it is known again
    when it comes back signed. The same paper again changes nothing.

    Raises:
        NotFound, NotAllowed: the actor may not take copies out, or its organisation is no side of this transfer.
        Refused: nothing has been handed over yet: a draft is not issued.
        Invalid: a language in which no papers are written.
    """
    found = access.transfer_for(by, transfer_uuid, may=Permission.EXPORT)
    # A former steward's standing does not write; its own papers are the exception.
    with custody(found.programme_id):
        transfer = Transfer.objects.select_related("programme", "giver", "receiver", "reverses").get(
            pk=found.pk
        )
        _side(transfer, by)
        if transfer.executed_at is None:
            raise Refused("paper_is_draft", "Nothing has been handed over yet: this paper is only a draft.")
        composed = compose(transfer, kind, languages)
        paper, new = Paper.objects.get_or_create(
            programme=transfer.programme,
            transfer=transfer,
            sha256=composed.sha256,
            defaults={
                "kind": kind,
                "languages": list(composed.languages),
                "digest": composed.digest,
                "size": len(composed.pdf),
                "organisation": by.organisation,
                "issued_at": clock.now(),
            },
        )
        if new:
            said = paper_facts(paper)
            ledger.record(
                verb="paper.issued",
                by=by,
                programme=transfer.programme,
                subject=paper.uuid,
                data={"facts": said, "facts_digest": digest_of(said)},
            )
    return Issued(paper, composed)


def _side(transfer: Transfer, by: Actor) -> Side:
    sides = {transfer.giver_id: Side.GIVER, transfer.receiver_id: Side.RECEIVER}
    if by.organisation.pk not in sides:
        raise NotAllowed("no_side", f"{by.organisation.name} is no side of this transfer.")
    return sides[by.organisation.pk]


@action
def record_signed(
    *,
    by: Actor,
    paper_uuid: UUID,
    content: bytes,
    signatory: str,
    capacity: str,
    mandate_act: str,
    signed_on: dt.date,
    legal_act_uuid: UUID | None = None,
) -> SignedPaper:
    """Record that one's own side has signed a paper: by hand, with the scan, or electronically, with the signed file.

    Args:
        content: the scan (PDF, PNG, JPEG, TIFF), or the paper itself with an electronic signature in this side's field.
        signatory: who signed, as it stands under the paper.
        capacity: in which function.
        mandate_act: the act that gives the mandate: kind, number, date.
        legal_act_uuid: the same act, where the programme keeps it.

    Raises:
        NotFound, NotAllowed: the actor may not sign for a side of this transfer.
        Refused: exactly this has been recorded.
        Invalid: a field is missing or in the future, or the file is no scan, or is this paper without a signature, or
            was changed since it was issued.
    """
    paper = _paper_for(by, paper_uuid, may=Permission.SIGN)
    side = _side(paper.transfer, by)
    for name, text in (("signatory", signatory), ("capacity", capacity), ("mandate_act", mandate_act)):
        if not text.strip():
            raise Invalid(
                "signatory_incomplete",
                "Say who signed, in which function, and by which act: the paper counts by them.",
                field=name,
            )
    if signed_on > clock.today():
        raise Invalid("in_the_future", f"{signed_on} has not come yet.", field="signed_on")
    form = _form(paper, side, content)
    with custody(paper.programme_id):
        signed = SignedPaper(
            programme=paper.programme,
            paper=paper,
            side=side,
            form=form,
            organisation=by.organisation,
            signatory=_signatory(by, signatory),
            capacity=capacity.strip(),
            mandate_act=mandate_act.strip(),
            legal_act=_legal_act(paper, legal_act_uuid),
            signed_on=signed_on,
            recorded_at=clock.now(),
            recorded_by_name=by.user.called,
        )
        # Everything else is checked before the bytes are written: what is refused leaves none behind.
        signed.clean_fields(exclude=["file"])
        signed.file = _store(paper, content)
        _save_once(signed)
        said = signed_facts(signed)
        ledger.record(
            verb="paper.signed",
            by=by,
            programme=paper.programme,
            subject=signed.uuid,
            data={"facts": said, "facts_digest": digest_of(said)},
        )
    return signed


def _signatory(by: Actor, signatory: str) -> Called:
    """Keep a name that stands under a paper apart, as an account's: whoever signed need not have one."""
    name = signatory.strip()
    SignedPaper(signatory=name).clean_fields(
        exclude={field.name for field in SignedPaper._meta.fields} - {"signatory"}
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT handover_keep_name(%s, %s)", [name, by.organisation.pk])
        (key,) = cursor.fetchall()[0]
    return Called(name, key_text(key))


def _save_once(signed: SignedPaper) -> None:
    try:
        with transaction.atomic():
            signed.save()
    except IntegrityError as error:
        raise Refused("paper_recorded", "Exactly this signed paper has been recorded already.") from error


@action
def open_signed(*, by: Actor, signed_uuid: UUID) -> bytes:
    """Read a scan or a signed file. It shows a signature, so it opens to whoever may verify the record, and opening it
    leaves a trace there.

    Raises:
        NotFound: there is none for this actor, or its bytes were erased.
        NotAllowed: the actor may not verify the record.
    """
    signed = SignedPaper.objects.filter(uuid=signed_uuid).select_related("programme", "file").first()
    if signed is None:
        raise NotFound("signed paper")
    access.authorise(by, signed.programme_id, None, may=Permission.READ_LEDGER)
    if signed.file.erased_at is not None:
        raise NotFound("file")
    content = files.read(signed.programme.uuid, signed.file.sha256)
    with custody(signed.programme_id):
        ledger.record(verb="paper.opened", by=by, programme=signed.programme, subject=signed.uuid)
    return content


def _paper_for(by: Actor, paper_uuid: UUID, *, may: Permission) -> Paper:
    found = Paper.objects.filter(uuid=paper_uuid).select_related("transfer__programme", "programme").first()
    if found is None:
        raise NotFound("paper")
    access.transfer_for(by, found.transfer.uuid, may=may)
    return found


def _form(paper: Paper, side: Side, content: bytes) -> SignedForm:
    """Tell a scan from the paper itself with an electronic signature.

    Raises:
        Invalid: it is neither.
    """
    if not any(content.startswith(beginning) for beginning in SCANS):
        raise Invalid("no_scan", "A scan is a PDF or a picture (PNG, JPEG, TIFF).", field="file")
    if sha256(content[: paper.size]).hexdigest() != paper.sha256:
        return SignedForm.PAPER
    trust: str = getattr(settings, "TRUSTED_SIGNERS", "")
    reading = uploads.read(content, issued=paper.size, trust=trust)
    if reading.changed_since_issued:
        raise Invalid(
            "paper_tampered",
            "More was changed in this file than a signature changes: sign the paper as it was issued.",
            field="file",
        )
    if not any(item.field == side.value and item.intact and item.valid for item in reading.signatures):
        raise Invalid(
            "paper_unsigned",
            "This is the paper as it was issued, without a valid signature in your side's field.",
            field="file",
        )
    return SignedForm.ELECTRONIC


def _legal_act(paper: Paper, uuid: UUID | None) -> LegalAct | None:
    if uuid is None:
        return None
    found = LegalAct.objects.filter(programme=paper.programme_id, uuid=uuid).first()
    if found is None:
        raise NotFound("legal act")
    return found


def _store(paper: Paper, content: bytes) -> StoredFile:
    written = files.write(paper.programme.uuid, _pieces(content))
    media_type = next(kind for beginning, kind in SCANS.items() if content.startswith(beginning))
    file, new = StoredFile.objects.get_or_create(
        programme=paper.programme,
        sha256=written.sha256,
        defaults={"size": written.size, "media_type": media_type},
    )
    if not new and file.erased_at is not None:
        StoredFile.objects.filter(pk=file.pk).update(erased_at=None)
        file.erased_at = None
    return file


def _pieces(content: bytes) -> Iterator[bytes]:
    stream = io.BytesIO(content)
    while piece := stream.read(PIECE):
        yield piece
