"""Samples: the seed's hash is told, the frame frozen, the seed revealed. Nobody chooses, and no step is redone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

from handover import clock, ledger, sampling
from handover.access import Actor
from handover.actions import action, audits, lines
from handover.errors import Invalid, NotFound
from handover.models import AuditSample
from handover.models.audits import SampleMethod
from handover.queries import audit_frames


@action
def commit(
    *, by: Actor, engagement_uuid: UUID, title: str, population: str, method: str, size: int, commitment: str,
    sizes: Mapping[str, int] | None = None,
) -> AuditSample:  # fmt: skip
    """Say what is to be drawn and tell the seed's hash, before the frame is known. The seed stays with the auditor.

    Args:
        commitment: SHA-256 of at least 16 random bytes, in 64 hexadecimal digits (``sampling.new_seed``).
        sizes: how many of each stratum; in proportion if not said.

    Raises:
        NotFound, NotAllowed: the actor does not keep this audit.
        Invalid: the audit is not open, a field is wrong, or money is drawn from what is no money.
    """
    engagement = audits.found(engagement_uuid)
    audits.audits(by, engagement)
    hexadecimal = commitment.strip().lower()
    if not re.fullmatch(r"[0-9a-f]{64}", hexadecimal):
        raise Invalid(
            "commitment_unreadable", "A commitment is a SHA-256: 64 hexadecimal digits.", field="commitment"
        )
    row = AuditSample(
        programme=engagement.programme, engagement=engagement, title=title, population=population, method=method,
        size=size, sizes=dict(sizes or {}), commitment=hexadecimal, committed_by=by.user, committed_at=clock.now(),
    )  # fmt: skip
    lines.cleaned(row)
    _fits(row)
    row.save()
    _record(
        by, row, "audit.sample_committed",
        {
            "title": row.title, "population": row.population, "method": row.method, "size": row.size,
            "sizes": row.sizes, "commitment": row.commitment,
        },
    )  # fmt: skip
    return row


@action
def freeze(*, by: Actor, sample_uuid: UUID, version: int) -> AuditSample:
    """Freeze the frame as it is now. The toolkit lists it, not the auditor; its digest is told.

    Raises:
        NotFound, NotAllowed: the actor does not keep this audit.
        Stale: somebody else was quicker.
        Invalid: the audit is not open, the frame is frozen already, or it is too small or in several currencies.
    """
    row = _sample(sample_uuid)
    audits.audits(by, row.engagement)
    if row.frozen_at is not None:
        raise Invalid("frame_frozen", "The frame of this sample is frozen already.")
    frame, currency = audit_frames.frozen(row, audit_frames.lines(row.engagement, row.population))
    digest = sampling.frame_digest(audit_frames.items(frame)).hex()
    row.change(version=version, frame=frame, currency=currency, frame_digest=digest, frozen_at=clock.now())
    _record(by, row, "audit.frame_frozen", {"digest": digest, "items": len(frame), "currency": currency})
    return row


@action
def reveal(*, by: Actor, sample_uuid: UUID, version: int, seed: str) -> AuditSample:
    """Reveal the seed: the sample follows from it and the frame, and is kept.

    Raises:
        NotFound, NotAllowed: the actor does not keep this audit.
        Stale: somebody else was quicker.
        Invalid: the audit is not open, the frame is not frozen, the seed was revealed already, or it is another one.
    """
    row = _sample(sample_uuid)
    audits.audits(by, row.engagement)
    if row.frozen_at is None:
        raise Invalid("frame_not_frozen", "Freeze the frame before the seed is revealed.")
    if row.revealed_at is not None:
        raise Invalid("seed_revealed", "The seed of this sample is revealed already.")
    given = sampling.seed_of(seed)
    if sampling.commitment(given) != row.commitment:
        raise Invalid("seed_other", "This is not the seed whose hash was told.", field="seed")
    drawn = audit_frames.as_stored(audit_frames.drawn(row, given))
    row.change(version=version, seed=given.hex(), drawn=drawn, revealed_at=clock.now())
    _record(by, row, "audit.sample_drawn", {"seed": row.seed, "drawn": [item["uuid"] for item in drawn]})
    return row


def _fits(row: AuditSample) -> None:
    if row.size < 1:
        raise Invalid("sample_size", "A sample has at least one item.", field="size")
    if row.method == SampleMethod.MONETARY and row.population not in audit_frames.MONEY:
        raise Invalid(
            "not_money",
            f"By monetary units money is drawn, not {row.get_population_display()}.",
            field="method",
        )
    if not row.sizes:
        return
    if row.method != SampleMethod.STRATIFIED:
        raise Invalid("sizes_without_strata", "Only a stratified sample has sizes of strata.", field="sizes")
    if any(type(size) is not int or size < 0 for size in row.sizes.values()) or (
        sum(row.sizes.values()) != row.size
    ):
        raise Invalid("sizes_unequal", "The sizes of the strata do not add up to the sample.", field="sizes")


def _sample(key: UUID) -> AuditSample:
    row = (
        AuditSample.objects.select_related("programme", "engagement__programme", "engagement__auditor")
        .filter(uuid=key)
        .order_by("id")
        .first()
    )
    if row is None:
        raise NotFound("sample")
    return row


def _record(by: Actor, row: AuditSample, verb: str, data: dict[str, object]) -> None:
    ledger.record(
        verb=verb,
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={"engagement": row.engagement.uuid, **data},
    )
