"""What the ledger says of closed scores: one digest over all of them, so that a score changed later is found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from handover.canonical import digest
from handover.holdings import Finding
from handover.models import Assessment, Programme, Score
from handover.models.readiness import AssessmentState

CLOSED: Final = "assessment.closed"
"""The verb under which the ledger keeps the digest."""


def scores_digest(assessment: Assessment, scores: Iterable[Score]) -> str:
    """Give the SHA-256 of an assessment's scores. Each score's UUID is in it: nobody guesses scores from the digest."""
    return digest(
        {
            "v": 1,
            "assessment": assessment.uuid,
            "voice": str(assessment.voice),
            "wave": str(assessment.wave),
            "instrument": assessment.instrument.uuid,
            "instrument_digest": assessment.instrument.digest,
            "scores": [
                {"uuid": row.uuid, "item": row.item, "score": row.score, "remark": row.remark}
                for row in sorted(scores, key=lambda row: row.item)
            ],
        }
    )


def differing(programme: Programme, entries: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Hold closed scores against the ledger's entries (their parsed bodies) and name each assessment that differs."""
    kept = {entry["subject"]: entry["data"]["digest"] for entry in entries if entry.get("verb") == CLOSED}
    rows = Assessment.objects.filter(programme=programme, state=AssessmentState.CLOSED)
    for row in rows.select_related("instrument").prefetch_related("scores").order_by("id"):
        said = kept.get(str(row.uuid))
        if said is None:
            yield Finding(
                "score_unknown",
                f"The ledger does not know that the scores of {row} were closed.",
                str(row.uuid),
            )
        elif said != scores_digest(row, row.scores.all()):
            yield Finding(
                "score_changed", f"The scores of {row} are not those that were closed.", str(row.uuid)
            )
