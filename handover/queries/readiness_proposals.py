"""Transfer milestones that would close a readiness gap: proposed, never planned by themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db.models import Q

from handover import clock
from handover.canonical import decimal_text
from handover.errors import Invalid
from handover.models import Assessment, Transfer
from handover.models.milestones import MilestoneKind, Side
from handover.models.readiness import AssessmentState, Voice, Wave
from handover.narratives import best
from handover.queries.readiness import Sheet, agreed_before, latest_instruments, sheet_of
from handover.queries.scoring import domain_scores

BEFORE_THE_END: Final = 14
"""Days before the handover protocol by which a proposed milestone is due at the latest."""
TITLE: Final = 300
NAMED: Final = 3
"""Items that a reason names; the others it counts."""


@dataclass(frozen=True)
class Proposal:
    """A transfer milestone that would close the gap of one domain."""

    key: str
    """Names it for whoever accepts: instrument, domain and, where there is one, the responsibility's UUID."""
    kind: MilestoneKind
    title: str
    due_on: dt.date
    signs: tuple[Side, ...]
    why: str
    score: Decimal
    missing: Decimal
    agreed: Assessment


def proposals(transfer: Transfer, *, lang: str = "en") -> list[Proposal]:
    """Propose milestones from the agreed scores before a transfer: one for each domain that is not ready, the widest
    gap first. What the plan has already, by kind and title, is not proposed again."""
    planned = set(transfer.milestones.values_list("kind", "title"))
    found = [
        proposal
        for key in latest_instruments(transfer.programme_id)
        for responsibility in _asked_about(transfer, key)
        for proposal in _proposed(transfer, key, responsibility, lang)
        if (proposal.kind.value, proposal.title) not in planned
    ]
    return sorted(found, key=lambda item: (-item.missing, item.key))


def proposal_named(transfer: Transfer, key: str, *, lang: str = "en") -> Proposal:
    """Give a proposal by its key.

    Raises:
        Invalid: nothing is proposed under this key; it names what is.
    """
    found = proposals(transfer, lang=lang)
    for item in found:
        if item.key == key:
            return item
    there = f"proposed are: {', '.join(item.key for item in found)}" if found else "nothing is proposed now"
    raise Invalid("unknown_proposal", f"No milestone is proposed as “{key}”; {there}.", field="proposal")


def _asked_about(transfer: Transfer, key: str) -> list[int | None]:
    """Give the responsibilities of a transfer that were scored by an instrument; ``None`` for the whole."""
    rows = Assessment.objects.filter(
        Q(transfer=transfer) | Q(transfer=None),
        programme=transfer.programme_id,
        instrument__key=key,
        wave=Wave.BEFORE,
        voice=Voice.AGREED,
        state=AssessmentState.CLOSED,
    )
    moved = set(transfer.items.values_list("responsibility_id", flat=True))
    seen: list[int | None] = list(dict.fromkeys(row.responsibility_id for row in rows.order_by("id")))
    return [item for item in seen if item is None or item in moved]


def _proposed(transfer: Transfer, key: str, responsibility: int | None, lang: str) -> Iterator[Proposal]:
    agreed = agreed_before(transfer, key, responsibility)
    if agreed is None:
        return
    found = sheet_of(agreed)
    questionnaire = found.questionnaire
    scores = domain_scores(questionnaire, found.steps)
    about = agreed.responsibility
    for domain in questionnaire.domains:
        score, suggests = scores[domain.key], domain.suggests
        if score is None or suggests is None or score >= questionnaire.ready:
            continue
        title = best(suggests.title, lang) + (f": {about.title}" if about else "")
        yield Proposal(
            key="/".join([key, domain.key, *([str(about.uuid)] if about else [])]),
            kind=suggests.kind,
            title=title if len(title) <= TITLE else f"{title[: TITLE - 1]}…",
            due_on=_due(transfer, suggests.days),
            signs=suggests.signs,
            why=_why(found, domain.key, score, lang),
            score=score,
            missing=questionnaire.ready - score,
            agreed=agreed,
        )


def _due(transfer: Transfer, days: int) -> dt.date:
    """Give the day on which a proposed milestone is due: after the days that it takes, and well before the protocol."""
    today = clock.today()
    wanted = today + dt.timedelta(days=days)
    protocols = transfer.milestones.filter(kind=MilestoneKind.HANDOVER_PROTOCOL)
    end = protocols.order_by("due_on").values_list("due_on", flat=True).first()
    if end is None:
        return wanted
    last = end - dt.timedelta(days=BEFORE_THE_END)
    return max(min(wanted, last), today)


def _why(found: Sheet, key: str, score: Decimal, lang: str) -> str:
    """Say why: the score, the threshold, and the items that are lowest."""
    questionnaire, domain = found.questionnaire, found.questionnaire.domain(key)
    steps = [(found.steps.get(item.key), item) for item in domain.items]
    known = [(step, item) for step, item in steps if step is not None]
    low = min(step for step, _ in known)
    lowest = [best(item.text, lang).rstrip(".") for step, item in known if step == low]
    more = [f"and {len(lowest) - NAMED} more"] if len(lowest) > NAMED else []
    label = best(questionnaire.labels[low], lang)
    return (
        f"“{best(domain.title, lang)}” is agreed at {decimal_text(score)} of 100, and"
        f" {decimal_text(questionnaire.ready)} is ready. Lowest, at step {low} ({label}):"
        f" {'; '.join([*lowest[:NAMED], *more])}."
    )
