"""Papers of a handover as PDF: the protocol, the annexes, the continuity proof. The same state gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext

from handover import access
from handover.access import Actor
from handover.canonical import canonical, text_digest
from handover.errors import Invalid, Refused
from handover.holdings import Finding
from handover.models import Paper, Programme, Proof, SignedPaper, Transfer
from handover.models.papers import PaperKind
from handover.papers.fields import with_fields
from handover.papers.typesetting import Attachment, Sheet, set_as_pdf
from handover.permissions import Permission
from handover.queries import paper_annex_words, paper_words
from handover.queries.chains import digest_text, firsts, uuid_text
from handover.queries.names import named
from handover.queries.paper_blocks import CODES, in_languages
from handover.queries.paper_facts import facts, made_at, reference

FACTS: Final = "paper.json"
"""The file inside a paper that holds what it says, for machines."""
PROOF: Final = "continuity-proof.json"
"""The file inside a paper that holds the continuity proof as it was signed."""


@dataclass(frozen=True)
class Composed:
    """A paper that was set: its bytes, and the digest of what it says."""

    pdf: bytes
    kind: PaperKind
    languages: tuple[str, ...]
    digest: str
    draft: bool
    filename: str

    @property
    def sha256(self) -> str:
        """Give the digest of the file."""
        return sha256(self.pdf).hexdigest()


def protocol(actor: Actor, transfer_uuid: UUID | str, languages: Sequence[str] = ()) -> bytes:
    """Give the handover protocol as PDF; a draft that says so before the handover.

    Args:
        languages: one or two of ``en``, ``ro``, ``lt``; without them those of both sides.

    Raises:
        NotFound: the actor may not read the programme.
        Invalid: a language in which no papers are written, or more than two.
    """
    return composed(actor, transfer_uuid, PaperKind.PROTOCOL, languages).pdf


def annexes(actor: Actor, transfer_uuid: UUID | str, languages: Sequence[str] = ()) -> bytes:
    """Give the annexes as one PDF. Arguments and errors are those of ``protocol``."""
    return composed(actor, transfer_uuid, PaperKind.ANNEXES, languages).pdf


def proof(actor: Actor, transfer_uuid: UUID | str, languages: Sequence[str] = ()) -> bytes:
    """Give the continuity proof as PDF, with the proof itself inside. Arguments and errors are those of ``protocol``.

    Raises:
        Refused: there is no proof yet.
    """
    return composed(actor, transfer_uuid, PaperKind.PROOF, languages).pdf


def composed(
    actor: Actor, transfer_uuid: UUID | str, kind: PaperKind, languages: Sequence[str] = ()
) -> Composed:
    """Set a paper for whoever may read the programme, inside ``access.asking``. Errors are those of ``protocol``."""
    transfer = access.transfer_for(actor, transfer_uuid, may=Permission.VIEW)
    return compose(transfer, kind, languages)


def compose(transfer: Transfer, kind: PaperKind, languages: Sequence[str] = ()) -> Composed:
    """Set a paper of a transfer that was authorised. Errors are those of ``protocol``."""
    written_in = chosen(transfer, languages)
    held = Proof.objects.filter(transfer=transfer).first()
    if kind is PaperKind.PROOF and held is None:
        raise Refused("no_proof", f"There is no proof yet: the transfer is {transfer.get_state_display()}.")
    said = facts(transfer, kind)
    text = canonical(said)
    digest = text_digest(text)
    body: Mapping[str, Any] = named(held.body) if held else {}

    def write() -> dict[str, Any]:
        return {
            "title": _title(kind),
            "blocks": _blocks(kind, said, body),
            "page": gettext("Page {page} of {pages}"),
            "draft": gettext("DRAFT"),
            "warning": paper_words.warning(),
            "fields": paper_words.field_names(),
        }

    words = in_languages(written_in, write)
    sheet = Sheet(
        title=words["title"],
        languages=written_in,
        author=transfer.giver.name,
        reference=reference(transfer),
        digest=digest,
        page=words["page"],
        blocks=words["blocks"],
        attached=_attached(text, held),
        draft=words["draft"] if said["draft"] else (),
        warning=words["warning"] if said["draft"] else (),
    )
    pdf, places = set_as_pdf(sheet, made_at=made_at(transfer))
    names = {field: " / ".join(name) for field, name in words["fields"].items()}
    return Composed(
        pdf=with_fields(pdf, places, names),
        kind=kind,
        languages=written_in,
        digest=digest,
        draft=said["draft"],
        filename=f"{reference(transfer)}-{kind.value}{'-draft' if said['draft'] else ''}.pdf",
    )


def chosen(transfer: Transfer, languages: Sequence[str] = ()) -> tuple[str, ...]:
    """Give the languages of a paper: those that were asked for, else the first of each side, else English.

    Raises:
        Invalid: a language in which no papers are written, or more than two.
    """
    if languages:
        asked = tuple(dict.fromkeys(code[:2] for code in languages))
        if len(asked) > 2 or any(code not in CODES for code in asked):
            raise Invalid(
                "paper_languages",
                f"A paper is written in one or two of these languages: {', '.join(CODES)}.",
                field="languages",
            )
        return asked
    firsts_of = (
        next((code for code in side.languages if code in CODES), None)
        for side in (transfer.giver, transfer.receiver)
    )
    return tuple(dict.fromkeys(code for code in firsts_of if code)) or ("en",)


def _title(kind: PaperKind) -> str:
    match kind:
        case PaperKind.PROTOCOL:
            return gettext("Handover protocol")
        case PaperKind.ANNEXES:
            return gettext("Annexes to the handover protocol")
        case PaperKind.PROOF:
            return gettext("Continuity proof")


def _blocks(kind: PaperKind, said: Mapping[str, Any], body: Mapping[str, Any]) -> list[dict[str, Any]]:
    match kind:
        case PaperKind.PROTOCOL:
            return paper_words.protocol(said)
        case PaperKind.ANNEXES:
            return paper_annex_words.annexes(said)
        case PaperKind.PROOF:
            return paper_annex_words.proof(said, body)


def _attached(text: str, held: Proof | None) -> list[Attachment]:
    attached = [Attachment(FACTS, text, "What this paper says, for machines (RFC 8785)")]
    if held is not None:
        attached.append(
            Attachment(PROOF, held.body, "The continuity proof as it was signed (RFC 8785)", "supplement")
        )
    return attached


# --- what was issued ---------------------------------------------------------------------------------------------


def issued(actor: Actor, transfer_uuid: UUID | str) -> list[Paper]:
    """List the papers of a transfer that were issued, the latest first, each with what came back signed.

    Raises:
        NotFound: the actor may not read the programme.
    """
    transfer = access.transfer_for(actor, transfer_uuid, may=Permission.VIEW)
    rows = Paper.objects.filter(transfer=transfer).select_related("organisation")
    return list(rows.prefetch_related("signed__organisation", "signed__file").order_by("-id"))


def paper_facts(paper: Paper) -> dict[str, Any]:
    """Give all that the record says of an issued paper."""
    return {
        "uuid": paper.uuid,
        "transfer": paper.transfer.uuid,
        "kind": str(paper.kind),
        "languages": list(paper.languages),
        "digest": paper.digest,
        "sha256": paper.sha256,
        "size": paper.size,
        "organisation": paper.organisation.uuid,
    }


def signed_facts(signed: SignedPaper) -> dict[str, Any]:
    """Give all that the record says of a paper that came back signed."""
    return {
        "uuid": signed.uuid,
        "paper": signed.paper.uuid,
        "side": str(signed.side),
        "form": str(signed.form),
        "organisation": signed.organisation.uuid,
        "file": signed.file.sha256,
        "size": signed.file.size,
        "signatory": signed.signatory,
        "capacity": signed.capacity,
        "mandate_act": signed.mandate_act,
        "legal_act": signed.legal_act.uuid if signed.legal_act else None,
        "signed_on": signed.signed_on,
    }


def files_recorded(entries: Iterable[Mapping[str, Any]]) -> set[str]:
    """Give the digests of the scans and signed files that the ledger knows."""
    return {
        str(entry["data"]["facts"]["file"])
        for entry in entries
        if entry.get("verb") == "paper.signed" and isinstance(entry.get("data", {}).get("facts"), dict)
    }


def verify(programme: Programme, entries: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Hold issued and signed papers against what the ledger said when they were recorded."""
    papers = Paper.objects.filter(programme=programme).select_related("transfer", "organisation")
    yield from _differing("paper.issued", entries, ((row, paper_facts(row)) for row in papers.order_by("pk")))
    signed = SignedPaper.objects.filter(programme=programme).select_related(
        "paper", "organisation", "file", "legal_act"
    )
    yield from _differing(
        "paper.signed", entries, ((row, signed_facts(row)) for row in signed.order_by("pk"))
    )


def _differing(
    verb: str,
    entries: Sequence[Mapping[str, Any]],
    rows: Iterable[tuple[Paper | SignedPaper, dict[str, Any]]],
) -> Iterator[Finding]:
    known, wrong = firsts(entries, {verb}, _said, "paper")
    yield from wrong
    for row, now in rows:
        subject = f"paper {row.uuid}"
        recorded = known.pop(str(row.uuid), None)
        if recorded is None:
            yield Finding("paper_unrecorded", f"A paper stands in no ledger entry: {row}.", subject)
        elif recorded != text_digest(canonical(now)):
            yield Finding("paper_changed", f"What is recorded of a paper was changed: {row}.", subject)
    for key in known:
        yield Finding("paper_missing", f"A paper that the ledger holds is gone: {key}.", f"paper {key}")


def _said(entry: Mapping[str, Any]) -> tuple[str, str]:
    return uuid_text(entry["subject"]), digest_text(entry["data"]["facts_digest"])
