"""A transfer as people read it: what changes for them, who answers for it, when, and where they are heard."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from handover import clock
from handover.models import (
    CommunitySeat,
    CommunityVote,
    DissentAnswer,
    Organisation,
    SignOff,
    Tenure,
    Transfer,
    TransferMilestone,
    TransferResponsibility,
)
from handover.models.milestones import Side
from handover.models.responsibilities import Capacity, Phase
from handover.models.transfers import TransferState
from handover.queries.paper_facts import day_of
from handover.queries.votes import Heard, of_transfer

VOTED_ON = frozenset({TransferState.PROPOSED, TransferState.ACCEPTED})
"""Where a plan lies before the community."""


@dataclass(frozen=True)
class Change:
    """What a transfer does to one responsibility. Names are empty where nobody is there."""

    title: str
    description: str
    phase: Phase
    delivers_before: str
    delivers_after: str
    answers_before: str
    answers_after: str
    moved_on: dt.date | None
    """The day on which it moved; ``None`` before that."""
    due_on: dt.date | None
    """The day for which it is planned; ``None`` where the plan names none."""
    step: TransferMilestone | None
    """The step with which it moves; ``None``: it moves at the end."""

    @property
    def ends(self) -> bool:
        """Whether nobody goes on with it."""
        return self.phase == Phase.OUT

    @property
    def same_hands(self) -> bool:
        """Whether those who deliver it stay the same."""
        return not self.ends and self.delivers_before == self.delivers_after


@dataclass(frozen=True)
class Group:
    """Changes that are the same for all of their responsibilities: said once, then each with its day."""

    first: Change
    """The change that stands for all of them."""
    changes: Sequence[Change]


@dataclass(frozen=True)
class Occasion:
    """A step at which the community is heard: it votes, or it signs, or both."""

    milestone: TransferMilestone
    votes: bool
    signs: bool


@dataclass(frozen=True)
class Voice:
    """A vote with what was done about its dissent."""

    heard: Heard
    silent: int
    """How many were there and did not vote."""

    @property
    def answered(self) -> bool:
        """Whether somebody has answered its dissent."""
        return bool(self.heard.answers)


def changes(transfer: Transfer) -> list[Change]:
    """Tell what a transfer changes, responsibility by responsibility, by the days on which it does."""
    items = list(
        transfer.items.select_related("responsibility", "provider_after", "milestone").order_by("id")
    )
    now = _now(items)
    names = _names(items)
    last = max((row.due_on for row in transfer.milestones.all()), default=None)
    found = [_change(transfer, item, now.get(item.responsibility_id, {}), names, last) for item in items]
    return sorted(found, key=lambda row: (row.moved_on or row.due_on or dt.date.max, row.title))


def grouped(found: Sequence[Change]) -> list[Group]:
    """Put together the changes that pass from the same hands into the same hands."""
    alike: defaultdict[tuple[object, ...], list[Change]] = defaultdict(list)
    for row in found:
        key = (row.ends, row.delivers_before, row.delivers_after, row.answers_before, row.answers_after)
        alike[key].append(row)
    return [Group(rows[0], rows) for rows in alike.values()]


def _change(
    transfer: Transfer,
    item: TransferResponsibility,
    now: Mapping[str, str],
    names: Mapping[str, str],
    last: dt.date | None,
) -> Change:
    moved = item.moved_at is not None
    before = {key: names.get(value, "") for key, value in item.before.items()} if moved else now
    out = item.phase == Phase.OUT
    provider = item.provider_after or transfer.receiver
    return Change(
        title=item.responsibility.title,
        description=item.responsibility.description,
        phase=Phase(item.phase),
        delivers_before=before.get(Capacity.PROVIDER, ""),
        delivers_after="" if out else provider.name,
        answers_before=before.get(Capacity.HOLDER, ""),
        answers_after="" if out else transfer.receiver.name,
        moved_on=day_of(item.moved_at),
        due_on=item.milestone.due_on if item.milestone else last,
        step=item.milestone,
    )


def _now(items: Sequence[TransferResponsibility]) -> Mapping[int, dict[str, str]]:
    rows = Tenure.objects.filter(
        responsibility__in=[item.responsibility_id for item in items], valid__contains=clock.today()
    ).select_related("organisation")
    found: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for row in rows.order_by("id"):
        found[row.responsibility_id][row.capacity] = row.organisation.name
    return found


def _names(items: Sequence[TransferResponsibility]) -> Mapping[str, str]:
    """Name the organisations that were there before what has moved, by their UUIDs."""
    keys = {
        str(item.before[capacity])
        for item in items
        if item.moved_at is not None
        for capacity in (Capacity.HOLDER, Capacity.PROVIDER)
        if item.before.get(capacity)
    }
    if not keys:
        return {}
    rows = Organisation.objects.filter(uuid__in=[UUID(key) for key in keys]).order_by("id")
    return {str(row.uuid): row.name for row in rows}


def occasions(transfer: Transfer) -> list[Occasion]:
    """Name the steps that are still to come at which the community is heard, by their days."""
    if transfer.state not in VOTED_ON:
        return []
    rows = transfer.milestones.filter(done_at=None).order_by("due_on", "id")
    return [
        Occasion(row, votes=row.quorum is not None, signs=Side.COMMUNITY.value in row.signs)
        for row in rows
        if row.quorum is not None or Side.COMMUNITY.value in row.signs
    ]


def voices(transfer: Transfer, *, cutoff: dt.datetime | None = None) -> list[Voice]:
    """Give the votes on a transfer's steps with what was done about dissent, the latest first.

    Args:
        cutoff: what was recorded after this instant is not shown: ``access.Reach.cutoff`` of whoever reads.
    """
    heard = [item for found in of_transfer(transfer).values() for item in found]
    shown = [_until(item, cutoff) for item in heard if cutoff is None or item.vote.recorded_at <= cutoff]
    return sorted(
        (Voice(item, _silent(item.vote)) for item in shown),
        key=lambda row: (row.heard.vote.held_on, row.heard.vote.pk),
        reverse=True,
    )


def _until(item: Heard, cutoff: dt.datetime | None) -> Heard:
    def seen(answer: DissentAnswer) -> bool:
        return cutoff is None or answer.recorded_at <= cutoff

    return Heard(
        vote=item.vote,
        reasons=item.reasons,
        answers=[answer for answer in item.answers if seen(answer)],
        counts=item.counts,
        current=item.current,
        stands=item.stands,
    )


def _silent(vote: CommunityVote) -> int:
    return vote.present - vote.assent - vote.dissent - vote.abstained


def word_of_community(transfer: Transfer, *, cutoff: dt.datetime | None = None) -> list[SignOff]:
    """Give what the community's side signed or objected to, the latest first."""
    rows = SignOff.objects.filter(transfer=transfer, side=Side.COMMUNITY)
    if cutoff is not None:
        rows = rows.filter(signed_at__lte=cutoff)
    return list(rows.select_related("milestone", "organisation").order_by("-id"))


def filled_seats(transfer: Transfer) -> list[CommunitySeat]:
    """Give the seats through which communities are heard today."""
    today = clock.today()
    lasts = Q(ends_on=None) | Q(ends_on__gte=today)
    rows = CommunitySeat.objects.filter(lasts, programme=transfer.programme_id, starts_on__lte=today)
    return list(rows.select_related("community", "organisation").order_by("community__name", "role", "id"))
