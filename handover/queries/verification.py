"""Verification: hold what the database says now against what the ledger, the proofs and the checkpoints said
then.

A difference is a finding that names the row. The reader needs the whole programme: a person with
``READ_LEDGER``, under custody, or the owner of the database.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from handover import files, holdings, keys, merkle
from handover.canonical import digest, plain, text_digest
from handover.holdings import Finding
from handover.models import (
    Checkpoint,
    Evidence,
    LedgerEntry,
    LogLeaf,
    Organisation,
    Preview,
    Programme,
    Proof,
    SignOff,
    StoredFile,
)
from handover.models.ledger import INSTALLATION
from handover.queries.checkpoints import leaf_bytes
from handover.queries.signoffs import signoff_facts


def verify_programme(programme: Programme) -> list[Finding]:
    """Verify a programme: its chain, sign-offs, previews, proofs, files, and all that the apps hold."""
    found = list(verify_chain(programme.uuid))
    entries = _bodies(programme)
    found += [
        *_signoffs(programme, entries),
        *_texts(programme, entries),
        *_evidence(programme, entries),
        *_files(programme, entries),
    ]
    for holding in holdings.holdings():
        found += holding.verify(programme, entries)
    return found


def verify_installation() -> list[Finding]:
    """Verify the chains of the installation and of every organisation that the reader sees, and all
    checkpoints."""
    found = list(verify_chain(INSTALLATION))
    for organisation in _open_to_reader().order_by("pk"):
        found += verify_chain(organisation.uuid)
    return [*found, *verify_checkpoints()]


def _open_to_reader() -> QuerySet[Organisation]:
    """Give the organisations whose chains the reader sees: the database's owner all, a person their own.

    Behind the wall a chain looks as if it were missing, though its head is in the log.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role(current_user, relowner, 'usage'), my_organisations() FROM pg_class"
            " WHERE oid = 'handover_ledgerentry'::regclass"
        )
        owner, own = cursor.fetchone() or (False, [])
    return Organisation.objects.all() if owner else Organisation.objects.filter(pk__in=own)


def verify_chain(chain: UUID) -> Iterator[Finding]:
    """Recompute every hash of a chain in the database, and hold its entries against the leaves of the log."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT seq, hash IS DISTINCT FROM handover_ledger_hash(previous, chain, seq, recorded_at,
            recorded_as, body),
                   previous IS DISTINCT FROM coalesce(lag(hash) OVER w, decode(repeat('00', 32), 'hex')),
                   coalesce(lag(seq) OVER w, 0) + 1
              FROM handover_ledgerentry WHERE chain = %(chain)s WINDOW w AS (ORDER BY seq)
             ORDER BY seq
            """,
            {"chain": chain},
        )
        for seq, changed, unchained, expected in cursor.fetchall():
            subject = f"ledger entry {chain}#{seq}"
            if changed:
                yield Finding(
                    "ledger_entry_changed",
                    f"Ledger entry {seq} of chain {chain} is not what was recorded.",
                    subject,
                )
            elif seq != expected:
                gone = f"{expected} to {seq - 1}" if seq - expected > 1 else f"{expected}"
                yield Finding(
                    "ledger_entry_missing",
                    f"Ledger entry {gone} of chain {chain} is missing.",
                    f"ledger entry {chain}#{expected}",
                )
            elif unchained:
                yield Finding(
                    "ledger_chain_broken",
                    f"Ledger entry {seq} of chain {chain} does not follow the one before it.",
                    subject,
                )
        cursor.execute(
            """
            SELECT leaf.seq FROM handover_logleaf leaf
              LEFT JOIN handover_ledgerentry entry ON entry.chain = leaf.chain AND entry.seq = leaf.seq
             WHERE leaf.chain = %(chain)s AND entry.hash IS DISTINCT FROM leaf.hash ORDER BY leaf.seq
            """,
            {"chain": chain},
        )
        for (seq,) in cursor.fetchall():
            yield Finding(
                "checkpoint_disagrees",
                f"Ledger entry {seq} of chain {chain} is not the one that a checkpoint holds.",
                f"ledger entry {chain}#{seq}",
            )


def verify_checkpoints() -> Iterator[Finding]:
    """Recompute the log's root at every checkpoint, and check every signature with the key that its note names.

    Whether that key is the installation's is for the reader to compare: a restored installation has a new one.
    """
    frontier: list[bytes] = []
    size = 0
    for checkpoint in Checkpoint.objects.order_by("size"):
        leaves = LogLeaf.objects.filter(position__gte=size, position__lt=checkpoint.size).order_by("position")
        frontier, size = merkle.extend(
            frontier, size, (merkle.leaf_hash(leaf_bytes(leaf)) for leaf in leaves)
        )
        subject = f"checkpoint {checkpoint.size}"
        public = bytes(checkpoint.public_key)
        if not keys.verified(public, checkpoint.note.encode(), bytes(checkpoint.signature)):
            sentence = f"The signature of checkpoint {checkpoint.size} does not hold."
            yield Finding("signature_wrong", sentence, subject)
            continue
        note: dict[str, Any] = json.loads(checkpoint.note)
        root = merkle.root_of(frontier).hex()
        if size != checkpoint.size or note["size"] != size or note["root"] != root:
            sentence = f"The log is not the one that checkpoint {checkpoint.size} was signed over."
            yield Finding("log_changed", sentence, subject)
        if note["key"] != keys.fingerprint(public):
            yield Finding("key_swapped", f"Checkpoint {checkpoint.size} names another key.", subject)


def _bodies(programme: Programme) -> list[Mapping[str, Any]]:
    """Parse a programme's entries; one that cannot be parsed is left out: its hash has named it already."""
    bodies: list[Mapping[str, Any]] = []
    for text in (
        LedgerEntry.objects.filter(chain=programme.uuid)
        .order_by("seq")
        .values_list("body", flat=True)
        .iterator()
    ):
        try:
            body = json.loads(text)
        except ValueError:
            continue
        if isinstance(body, dict):
            bodies.append(body)
    return bodies


def _of(entries: Sequence[Mapping[str, Any]], verb: str) -> Iterator[Mapping[str, Any]]:
    return (entry for entry in entries if entry.get("verb") == verb)


def _signoffs(programme: Programme, entries: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    given = {entry["subject"]: entry["data"] for entry in _of(entries, "signoff.given")}
    rows = SignOff.objects.filter(programme=programme).select_related("transfer", "milestone", "organisation")
    for signoff in rows.order_by("pk"):
        name = f"The sign-off of {signoff.signatory} ({signoff.get_subject_display()})"
        recorded = given.pop(str(signoff.uuid), None)
        subject = f"sign-off {signoff.uuid}"
        if recorded is None:
            yield Finding("signoff_unrecorded", f"{name} stands in no ledger entry.", subject)
            continue
        facts = plain(signoff_facts(signoff))
        if digest(facts) != recorded["facts_digest"]:
            fields = [key for key, value in recorded["facts"].items() if facts.get(key) != value]  # type: ignore[attr-defined]
            yield Finding("signoff_changed", f"{name} was changed: {', '.join(fields)}.", subject)
    for key in given:
        yield Finding(
            "signoff_missing", f"A sign-off that the ledger holds is gone: {key}.", f"sign-off {key}"
        )


def _texts(programme: Programme, entries: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    previews = {
        entry["data"]["preview"]: entry["data"]["digest"] for entry in _of(entries, "transfer.previewed")
    }
    for preview in Preview.objects.filter(programme=programme).order_by("pk"):
        recorded = previews.pop(str(preview.uuid), None)
        if not text_digest(preview.body) == preview.digest == recorded:
            yield Finding(
                "preview_changed",
                "A permission preview is not the one that was signed.",
                f"preview {preview.uuid}",
            )
    for key in previews:
        yield Finding("preview_missing", f"A permission preview is gone: {key}.", f"preview {key}")
    proofs = {entry["subject"]: entry["data"]["proof"] for entry in _of(entries, "transfer.executed")}
    for proof in Proof.objects.filter(programme=programme).select_related("transfer").order_by("pk"):
        recorded = proofs.pop(str(proof.transfer.uuid), None)
        if not text_digest(proof.body) == proof.digest == recorded:
            yield Finding(
                "proof_changed",
                f"The proof of “{proof.transfer}” is not the one that was signed.",
                f"proof {proof.uuid}",
            )
    for key in proofs:
        yield Finding("proof_missing", f"The proof of transfer {key} is gone.", f"transfer {key}")


def _evidence(programme: Programme, entries: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Hold what evidence says of itself against what it said when it was added."""
    added = {entry["subject"]: entry["data"] for entry in _of(entries, "evidence.added")}
    for row in Evidence.objects.filter(programme=programme).select_related("file").order_by("pk"):
        recorded = added.pop(str(row.uuid), None)
        now = {
            "title": row.title,
            "sha256": row.file.sha256 if row.file else None,
            "link": row.link,
            "names_people": row.names_people,
            "erase_after": row.erase_after.isoformat() if row.erase_after else None,
        }
        fields = [name for name, value in now.items() if recorded is None or recorded.get(name) != value]
        if fields:
            sentence = f"The evidence “{row.title}” is not what was added: {', '.join(fields)}."
            yield Finding("evidence_changed", sentence, f"evidence {row.uuid}")
    for key in added:
        yield Finding(
            "evidence_missing", f"Evidence that the ledger holds is gone: {key}.", f"evidence {key}"
        )


def _files(programme: Programme, entries: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    erased = {entry["data"]["sha256"] for entry in _of(entries, "file.erased")}
    known = {entry["data"]["sha256"] for entry in _of(entries, "evidence.added")}
    for gone in sorted(
        known - {None, *StoredFile.objects.filter(programme=programme).values_list("sha256", flat=True)}
    ):
        yield Finding("file_missing", f"The row of a file is gone: {gone}.", f"file {gone}")
    for file in StoredFile.objects.filter(programme=programme).order_by("pk"):
        subject = f"file {file.sha256}"
        if file.sha256 not in known:
            yield Finding("file_unrecorded", f"A file stands in no ledger entry: {file.sha256}.", subject)
        if file.erased_at is not None:
            if file.sha256 not in erased:
                yield Finding(
                    "file_erased_silently",
                    f"A file was erased without a ledger entry: {file.sha256}.",
                    subject,
                )
            continue
        actual = files.digest_of(programme.uuid, file.sha256)
        if actual is None:
            yield Finding("file_missing", f"A file is missing from the store: {file.sha256}.", subject)
        elif actual != file.sha256:
            yield Finding("file_changed", f"A file is not what was stored: {file.sha256}.", subject)
