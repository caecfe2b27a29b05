"""Verification: hold what the database says now against what the ledger, the proofs and the checkpoints said
then.

A difference is a finding that names the row. The reader needs the whole programme: a person with
``READ_LEDGER``, under custody, or the owner of the database.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from handover import files, holdings, keys, merkle
from handover.canonical import digest, plain, text_digest
from handover.holdings import Finding
from handover.models import (
    Checkpoint,
    Evidence,
    LogLeaf,
    Organisation,
    Preview,
    Programme,
    Proof,
    SignOff,
    StoredFile,
)
from handover.models.ledger import INSTALLATION
from handover.queries import key_successions, papers
from handover.queries.chains import bodies, digest_text, firsts, uuid_text, verify_chain, verify_whose
from handover.queries.checkpoints import leaf_bytes
from handover.queries.signoffs import signoff_facts


def verify_programme(programme: Programme) -> list[Finding]:
    """Verify a programme: its chain, sign-offs, previews, proofs, files, and all that the apps hold."""
    found = list(verify_chain(programme.uuid, begun=True))
    entries = bodies(programme.uuid)
    found += [
        *_signoffs(programme, entries),
        *_texts(programme, entries),
        *_evidence(programme, entries),
        *papers.verify(programme, entries),
    ]
    for holding in holdings.holdings():
        found += holding.verify(programme, entries)
    return found


def verify_installation() -> list[Finding]:
    """Verify the chains of the installation and of every organisation that the reader sees, and all
    checkpoints. The database's owner learns of chains whose programme or organisation is gone, too."""
    owner, organisations = _open_to_reader()
    found = list(verify_chain(INSTALLATION))
    for organisation in organisations.order_by("pk"):
        found += verify_chain(organisation.uuid)
    if owner:
        found += verify_whose()
    return [*found, *verify_checkpoints()]


def _open_to_reader() -> tuple[bool, QuerySet[Organisation]]:
    """Tell whether the reader is the database's owner, and give the organisations whose chains the reader sees:
    the owner all, a person their own.

    Behind the wall a chain looks as if it were missing, though its head is in the log.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role(current_user, relowner, 'usage'), my_organisations() FROM pg_class"
            " WHERE oid = 'handover_ledgerentry'::regclass"
        )
        owner, own = cursor.fetchone() or (False, [])
    return bool(owner), Organisation.objects.all() if owner else Organisation.objects.filter(pk__in=own)


def verify_checkpoints() -> Iterator[Finding]:
    """Recompute the log's root at every checkpoint, and check every signature with the key that its note names.

    That key must be the installation's own, one that it followed (``queries.key_successions``), or one of
    ``settings.FORMER_KEYS``: whoever signs with another could have written the whole log anew.
    """
    answered = key_successions.known()
    yield from answered.findings
    known = answered.until
    frontier: list[bytes] = []
    size = 0
    for checkpoint in Checkpoint.objects.order_by("size"):
        leaves = LogLeaf.objects.filter(position__gte=size, position__lt=checkpoint.size).order_by("position")
        frontier, size = merkle.extend(
            frontier, size, (merkle.leaf_hash(leaf_bytes(leaf)) for leaf in leaves)
        )
        yield from _checkpoint(checkpoint, known, size, merkle.root_of(frontier))


def _checkpoint(
    checkpoint: Checkpoint, known: Mapping[str, int | None], size: int, root: bytes
) -> Iterator[Finding]:
    subject = f"checkpoint {checkpoint.size}"
    public = bytes(checkpoint.public_key)
    if not keys.verified(public, checkpoint.note.encode(), bytes(checkpoint.signature)):
        sentence = f"The signature of checkpoint {checkpoint.size} does not hold."
        yield Finding("signature_wrong", sentence, subject)
        return
    signer = keys.fingerprint(public)
    if signer not in known:
        sentence = (
            f"Checkpoint {checkpoint.size} was signed with key {signer}, which is not this installation's."
        )
        yield Finding("foreign_key", sentence, subject)
    until = known.get(signer)
    if until is not None and checkpoint.size > until:
        sentence = (
            f"Checkpoint {checkpoint.size} was signed with a key that another one had followed by then."
        )
        yield Finding("key_retired", sentence, subject)
    try:
        note = json.loads(checkpoint.note)
        said, said_root, key = note["size"], note["root"], note["key"]
    except (ValueError, TypeError, KeyError, RecursionError):
        yield Finding("note_malformed", "A note does not say how many leaves have which root.", subject)
        return
    if not (said == size == checkpoint.size and said_root == root.hex() == bytes(checkpoint.root).hex()):
        sentence = f"The log is not the one that checkpoint {checkpoint.size} was signed over."
        yield Finding("log_changed", sentence, subject)
    if key != signer:
        yield Finding("key_swapped", f"Checkpoint {checkpoint.size} names another key.", subject)


def _signoffs(programme: Programme, entries: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    given, wrong = firsts(entries, {"signoff.given"}, _said_by_signoff, "sign-off")
    yield from wrong
    rows = SignOff.objects.filter(programme=programme).select_related(
        "transfer", "milestone", "organisation", "user"
    )
    for signoff in rows.order_by("pk"):
        name = f"The sign-off of {signoff.signatory} ({signoff.get_subject_display()})"
        recorded = given.pop(str(signoff.uuid), None)
        subject = f"sign-off {signoff.uuid}"
        if recorded is None:
            yield Finding("signoff_unrecorded", f"{name} stands in no ledger entry.", subject)
            continue
        facts = plain(signoff_facts(signoff), hashed=True)
        fields = _differing(facts, recorded[1]) if digest(facts) != recorded[0] else []
        if signoff.user.uuid != signoff.user_uuid:
            # Two columns name the person; only the copy is among the facts.
            fields.append("account")
        if fields:
            yield Finding("signoff_changed", f"{name} was changed: {', '.join(fields)}.", subject)
    for key in given:
        yield Finding(
            "signoff_missing", f"A sign-off that the ledger holds is gone: {key}.", f"sign-off {key}"
        )


def _said_by_signoff(entry: Mapping[str, Any]) -> tuple[str, tuple[str, dict[str, Any]]]:
    data = entry["data"]
    return uuid_text(entry["subject"]), (digest_text(data["facts_digest"]), dict(data["facts"]))


def _differing(facts: object, recorded: Mapping[str, Any]) -> list[str]:
    now = facts if isinstance(facts, dict) else {}
    return [key for key, value in now.items() if recorded.get(key) != value] or ["digest"]


def _texts(programme: Programme, entries: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    previews, wrong = firsts(entries, {"transfer.previewed"}, _said_of_preview, "preview")
    yield from wrong
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
    proofs, wrong = firsts(entries, {"transfer.executed"}, _said_of_proof, "proof of transfer")
    yield from wrong
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


def _said_of_preview(entry: Mapping[str, Any]) -> tuple[str, str]:
    return uuid_text(entry["data"]["preview"]), digest_text(entry["data"]["digest"])


def _said_of_proof(entry: Mapping[str, Any]) -> tuple[str, str]:
    return uuid_text(entry["subject"]), digest_text(entry["data"]["proof"])


def _said_of_evidence(entry: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    data = dict(entry["data"])
    if data["sha256"] is not None:
        digest_text(data["sha256"])
    return uuid_text(entry["subject"]), data


def _evidence(programme: Programme, entries: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Hold what evidence says of itself, and the files, against what was said when it was added."""
    added, wrong = firsts(entries, {"evidence.added"}, _said_of_evidence, "evidence")
    yield from wrong
    known = {data["sha256"] for data in added.values()} | papers.files_recorded(entries)
    yield from _files(programme, entries, known)
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


def _files(
    programme: Programme, entries: Sequence[Mapping[str, Any]], known: Collection[str | None]
) -> Iterator[Finding]:
    # The same file may be erased, added again and erased again: its digest says that it is the same.
    erased = {
        str(entry["data"].get("sha256"))
        for entry in entries
        if entry.get("verb") == "file.erased" and isinstance(entry.get("data"), dict)
    }
    there = set(StoredFile.objects.filter(programme=programme).values_list("sha256", flat=True))
    for gone in sorted(name for name in known if name is not None and name not in there):
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
