"""Documents of a programme: its legal acts, and the evidence of its transfers as far as the reader may know of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Q

from handover import clock
from handover.access import Actor
from handover.models import Evidence, LegalAct, Programme

MOST: Final = 200
"""So many of each kind are told."""


@dataclass(frozen=True)
class Kept:
    """A piece of evidence. Without a title it names people, and is not for this reader."""

    uuid: UUID
    title: str
    milestone: str
    milestone_uuid: UUID
    transfer_uuid: UUID
    organisation: str
    added_at: dt.datetime
    size: int | None
    sha256: str
    erased: bool
    link: str
    names_people: bool


@dataclass(frozen=True)
class Documents:
    """What a programme keeps."""

    acts: Sequence[LegalAct]
    evidence: Sequence[Kept]


def documents(programme: Programme, actor: Actor, *, cutoff: dt.datetime | None = None) -> Documents:
    """Give a programme's legal acts and evidence, the newest first, in three queries.

    Args:
        cutoff: no evidence that was added after this instant.
    """
    acts = LegalAct.objects.filter(programme=programme).select_related("issuer").order_by("-dated", "-pk")
    rows = (
        Evidence.objects.filter(programme=programme)
        .select_related("file", "organisation", "milestone__transfer")
        .order_by("-added_at", "-pk")
    )
    if cutoff is not None:
        rows = rows.filter(added_at__lte=cutoff)
    mine = Q(verifiers__user=actor.user, verifiers__until__gte=clock.today())
    opened = set(Evidence.objects.filter(mine, programme=programme).values_list("pk", flat=True))
    found = [
        _kept(row, row.pk in opened or row.organisation_id == actor.organisation.pk) for row in rows[:MOST]
    ]
    return Documents(list(acts[:MOST]), found)


def _kept(row: Evidence, known: bool) -> Kept:
    told = known or not row.names_people
    return Kept(
        uuid=row.uuid,
        title=row.title if told else "",
        milestone=row.milestone.title,
        milestone_uuid=row.milestone.uuid,
        transfer_uuid=row.milestone.transfer.uuid,
        organisation=row.organisation.name,
        added_at=row.added_at,
        size=row.file.size if row.file else None,
        sha256=row.file.sha256 if row.file else "",
        erased=row.file is not None and row.file.erased_at is not None,
        link=row.link if told else "",
        names_people=row.names_people,
    )
