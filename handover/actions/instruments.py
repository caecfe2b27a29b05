"""Instruments that a programme uses: adopted as copies, so that scores keep their questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from handover import access, ledger
from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid
from handover.models import Instrument
from handover.permissions import Permission
from handover.queries import instruments


@action
def adopt(
    *, by: Actor, programme_uuid: UUID, key: str = "", document: Mapping[str, Any] | None = None
) -> Instrument:
    """Adopt an instrument for a programme: one that ships with the toolkit, by its key, or a document of one's own.

    The same edition with the same questions may be adopted again; nothing happens then.

    Raises:
        NotFound, NotAllowed: the actor may not edit the programme.
        Invalid: neither or both are given, no such instrument ships, the document is malformed, or the programme has
            another instrument under this key and edition.
        django.core.exceptions.ValidationError: a field is too long.
    """
    programme = access.programme_for(by, programme_uuid, may=Permission.EDIT_PROGRAMME)
    if bool(key) == (document is not None):
        raise Invalid(
            "key_or_document", "Give either the key of an instrument or a document of your own.", field="key"
        )
    found = instruments.shipped_one(key) if document is None else instruments.read(document)
    digest = found.digest()
    there = Instrument.objects.filter(programme=programme, key=found.key, edition=found.edition).first()
    if there is not None and there.digest == digest:
        return there
    if there is not None:
        raise Invalid(
            "edition_taken",
            f"The programme has another instrument “{found.key}”, edition {found.edition}: give yours another edition.",
            field="edition",
        )
    instrument = Instrument(
        programme=programme,
        key=found.key,
        edition=found.edition,
        title=list(found.title),
        source=found.source,
        licence=found.licence,
        document=dict(found.document),
        digest=digest,
    )
    instrument.clean_fields(exclude=["programme"])
    instrument.save()
    ledger.record(
        verb="instrument.adopted",
        by=by,
        programme=programme,
        subject=instrument.uuid,
        data={
            "key": instrument.key,
            "edition": instrument.edition,
            "digest": digest,
            "source": instrument.source,
            "licence": instrument.licence,
        },
    )
    return instrument
