"""Evidence: added, opened by those who may, erased when its day has come."""

from __future__ import annotations

import datetime as dt
import mimetypes
from collections.abc import Iterable
from functools import partial
from pathlib import PurePath
from uuid import UUID

from django.db import transaction

from handover import access, clock, files, ledger
from handover.access import Actor, custody
from handover.actions import action
from handover.errors import Invalid, NotAllowed, NotFound
from handover.models import (
    Evidence,
    EvidenceVerifier,
    Programme,
    SignedPaper,
    StoredFile,
    TransferMilestone,
    User,
)
from handover.models.guard import is_writing
from handover.models.transfers import TransferState
from handover.permissions import Permission

OPEN = frozenset({TransferState.PROPOSED, TransferState.ACCEPTED})


@action
def add(
    *,
    by: Actor,
    milestone_uuid: UUID,
    title: str,
    content: Iterable[bytes] | None = None,
    filename: str = "",
    link: str = "",
    names_people: bool = False,
    erase_after: dt.date | None = None,
) -> Evidence:
    """Add a file or a link to a milestone. New evidence voids the signatures that were given without it.

    Args:
        content: the file's bytes, in chunks; or give ``link``.
        names_people: whether it names people: then it is a file, opens to named verifiers only, and has an
            erase-after date.

    Raises:
        NotFound, NotAllowed: the actor may not add evidence there.
        Invalid: neither or both of file and link, no title, or no erase-after date where it names people.
        django.core.exceptions.ValidationError: a field is too long or malformed.
    """
    milestone = milestone_for(by, milestone_uuid, may=Permission.ADD_EVIDENCE)
    transfer = milestone.transfer
    if transfer.state not in OPEN:
        raise Invalid(
            "transfer_closed",
            f"Evidence is added while a transfer is under way; this one is {transfer.state}.",
        )
    if milestone.done_at is not None:
        raise Invalid("milestone_done", "This milestone is done; its evidence is closed.", field="milestone")
    if not title.strip():
        raise Invalid("title_missing", "Evidence needs a title.", field="title")
    if (content is None) == (not link):
        raise Invalid("file_or_link", "Give either a file or a link.", field="file")
    if link and not link.startswith(("https://", "http://")):
        raise Invalid("link_malformed", "A link begins with https:// or http://.", field="link")
    if names_people and (erase_after is None or content is None):
        raise Invalid(
            "erasure_missing",
            "A file that names people needs the day after which it is erased.",
            field="erase_after",
        )
    evidence = Evidence(
        programme=transfer.programme,
        milestone=milestone,
        title=title.strip(),
        filename=PurePath(filename).name[:255],
        link=link,
        names_people=names_people,
        erase_after=erase_after,
        organisation=by.organisation,
        added_by=by.user,
        added_by_name=by.user.called,
        added_at=clock.now(),
    )
    # Everything else is checked before the bytes are written: what is refused leaves none behind.
    evidence.clean_fields(exclude=["file"])
    file = evidence.file = store(transfer.programme, content, filename) if content is not None else None
    evidence.save()
    ledger.record(
        verb="evidence.added",
        by=by,
        programme=transfer.programme,
        subject=evidence.uuid,
        data={
            "milestone": milestone.uuid,
            "title": evidence.title,
            "sha256": file.sha256 if file else None,
            "size": file.size if file else None,
            "link": link,
            "names_people": names_people,
            "erase_after": erase_after,
        },
    )
    return evidence


def store(programme: Programme, content: Iterable[bytes], filename: str) -> StoredFile:
    """Keep the bytes of a file with a programme, once however often it is added. For actions alone."""
    written = files.write(programme.uuid, content)
    file, new = StoredFile.objects.get_or_create(
        programme=programme,
        sha256=written.sha256,
        defaults={
            "size": written.size,
            "media_type": mimetypes.guess_type(filename)[0] or "application/octet-stream",
        },
    )
    if not new and file.erased_at is not None:
        # It lies there again: it must open again, and be erased again when its day comes.
        StoredFile.objects.filter(pk=file.pk).update(erased_at=None)
        file.erased_at = None
    return file


@action
def name_verifier(*, by: Actor, evidence_uuid: UUID, user: User, until: dt.date) -> None:
    """Name a person who may open a piece of evidence that names people, until a day. The side that added it
    names.

    Raises:
        NotFound, NotAllowed: the actor may not read it, or another side added it.
        Invalid: the evidence names nobody, so it is open to all who read the programme.
    """
    evidence = _evidence_for(by, evidence_uuid, may=Permission.ADD_EVIDENCE)
    if evidence.organisation_id != by.organisation.pk:
        raise NotAllowed("not_yours", "Only the organisation that added this evidence names who may open it.")
    if not evidence.names_people:
        raise Invalid(
            "open_evidence", "This evidence names nobody: everybody who reads the programme may open it."
        )
    EvidenceVerifier.objects.update_or_create(
        programme=evidence.programme,
        evidence=evidence,
        user=user,
        defaults={"until": until, "named_by_name": by.user.called},
    )
    ledger.record(
        verb="evidence.verifier_named",
        by=by,
        programme=evidence.programme,
        subject=evidence.uuid,
        data={"user": user.uuid, "user_name": user.called, "until": until},
    )


@action
def open_file(*, by: Actor, evidence_uuid: UUID) -> bytes:
    """Read the bytes of a piece of evidence. Opening what names people leaves a trace in the ledger.

    Raises:
        NotFound: there is none for this actor, it came after the actor's cut-off, or its bytes were erased.
        NotAllowed: it names people and the actor is no verifier named for it.
    """
    evidence = _evidence_for(by, evidence_uuid, may=Permission.VIEW)
    if evidence.file is None:
        raise Invalid("is_link", f"This evidence is a link: {evidence.link}")
    if evidence.names_people:
        today = clock.today()
        if not evidence.verifiers.filter(user=by.user, until__gte=today).exists():
            raise NotAllowed(
                "not_verifier", "This evidence names people: it opens only to verifiers named for it."
            )
    if evidence.file.erased_at is not None:
        raise NotFound("file")
    content = files.read(evidence.programme.uuid, evidence.file.sha256)
    if evidence.names_people:
        # Whoever only reads (an auditor, a former steward) leaves this trace all the same.
        with custody(evidence.programme_id):
            ledger.record(verb="evidence.opened", by=by, programme=evidence.programme, subject=evidence.uuid)
    return content


@action
def erase_due(*, by: Actor, programme_uuid: UUID) -> int:
    """Erase the bytes of evidence whose erase-after day has passed; digest, metadata and ledger entries stay.

    Returns:
        How many files were erased. A file that other evidence still needs stays until the last one's day; one that is a
        signed paper stays.

    Raises:
        NotFound, NotAllowed: the actor may not edit the programme.
    """
    programme = access.programme_for(by, programme_uuid, may=Permission.EDIT_PROGRAMME)
    today = clock.today()
    due = set(
        Evidence.objects.filter(
            programme=programme, erase_after__lt=today, file__isnull=False, file__erased_at__isnull=True
        ).values_list("file_id", flat=True)
    )
    needed = set(
        Evidence.objects.filter(programme=programme, file_id__in=due)
        .exclude(erase_after__lt=today)
        .values_list("file_id", flat=True)
    ) | set(
        SignedPaper.objects.filter(programme=programme, file_id__in=due).values_list("file_id", flat=True)
    )
    erased = list(StoredFile.objects.filter(programme=programme, pk__in=due - needed))
    for file in erased:
        StoredFile.objects.filter(pk=file.pk).update(erased_at=clock.now())
        ledger.record(
            verb="file.erased",
            by=by,
            programme=programme,
            subject=file.uuid,
            data={"sha256": file.sha256, "size": file.size},
        )
        transaction.on_commit(partial(files.erase, programme.uuid, file.sha256))
    return len(erased)


def milestone_for(by: Actor, milestone_uuid: UUID, *, may: Permission) -> TransferMilestone:
    """Fetch a milestone, if the actor may do this with its programme.

    Raises:
        NotFound, NotAllowed: as for its transfer.
    """
    rows = TransferMilestone.objects.select_related(
        "transfer__programme", "transfer__giver", "transfer__receiver", "transfer__reverses"
    )
    milestone = rows.filter(uuid=milestone_uuid).first()
    if milestone is None:
        raise NotFound("transfer milestone")
    access.authorise(by, milestone.transfer.programme, None, may=may)
    # Inside an action it is read again: the programme is locked only now.
    return rows.get(pk=milestone.pk) if is_writing() else milestone


def _evidence_for(by: Actor, evidence_uuid: UUID, *, may: Permission) -> Evidence:
    evidence = Evidence.objects.filter(uuid=evidence_uuid).select_related("programme", "file").first()
    if evidence is None:
        raise NotFound("evidence")
    access.authorise(by, evidence.programme_id, None, may=may)
    cutoff = access.reach(by, evidence.programme).cutoff
    if cutoff is not None and evidence.added_at > cutoff:
        raise NotFound("evidence")
    return evidence
