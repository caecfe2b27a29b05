"""The community's voice in the demonstration: seats, what the plans ask of the community, votes and their answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from handover import clock
from handover.access import Actor, asking
from handover.actions import milestones, seats, votes
from handover.errors import Invalid
from handover.exchange.demonstration.found import Demonstration, Row, on, read
from handover.exchange.documents import organisation_of, within
from handover.models import Community, CommunityVote, Programme, TransferMilestone

HOUR = dt.time(18)


def load(
    programme: Programme, rows: Sequence[Mapping[str, Any]], *, by: Actor, names: Mapping[str, UUID]
) -> dict[str, UUID]:
    """Fill the communities' seats: rows of ``key``, ``community``, ``role``, ``seats``, ``chosen_by``, days.

    Args:
        names: keys of what was loaded so far: ``"community:x"``.

    Returns:
        ``seat:KEY``.

    Raises:
        Invalid: the first thing that is wrong; its field is ``seats[key].field``.
    """
    found: dict[str, UUID] = {}
    with asking(by):
        for row in rows:
            with within(f"seats[{row['key']}]"):
                community = names.get(f"community:{row['community']}")
                if community is None:
                    sentence = f"There is no community “{row['community']}”."
                    raise Invalid("unknown_community", sentence, field="community")
                made = seats.fill(
                    by=by,
                    community_uuid=community,
                    role=row["role"],
                    seats=row.get("seats", 1),
                    chosen_by=row["chosen_by"],
                    starts_on=_date(row["starts_on"]),
                    ends_on=_date(row["ends_on"]) if row.get("ends_on") else None,
                    organisation=_organisation(row.get("organisation")),
                )
            found[f"seat:{row['key']}"] = made.uuid
    return found


def load_plans(demo: Demonstration, rows: Sequence[Row]) -> None:
    """Say how many must vote on which milestones, and what happens on dissent: while the plans are drawn up.

    Raises:
        Invalid: the first thing that is wrong; its field is ``plans[milestone].field``.
    """
    for row in rows:
        key = demo.milestones[row["milestone"]]
        with asking(demo.giver):
            version = TransferMilestone.objects.get(uuid=key).version
        with within(f"plans[{row['milestone']}]"):
            milestones.ask_community(
                by=demo.giver,
                milestone_uuid=key,
                version=version,
                quorum=row["quorum"],
                on_dissent=row["on_dissent"],
            )


def hold(demo: Demonstration, by: Actor, milestone: str) -> list[CommunityVote]:
    """Hold the votes on a milestone, each on its day, with the answers to its dissent; none that was held already.

    Args:
        by: who records for the community.
        milestone: the milestone's key in the files.

    Raises:
        Invalid: the first thing that is wrong; its field is ``votes[key].field``.
    """
    uuid = demo.milestones[milestone]
    with asking(by):
        if CommunityVote.objects.filter(milestone__uuid=uuid).exists():
            return []
        served = {row.name: row.uuid for row in Community.objects.filter(programme=demo.programme)}
    names = {row["key"]: row["name"] for row in read("programme")["communities"]}
    held = []
    for row in read("voices")["votes"]:
        if row["milestone"] != milestone:
            continue
        with within(f"votes[{row['key']}]"), on(_evening(row["held_on"])):
            vote = votes.hold(
                by=by,
                milestone_uuid=uuid,
                held_on=clock.today(),
                asked=row["asked"],
                present=row["present"],
                assent=row["assent"],
                dissent=row["dissent"],
                abstained=row["abstained"],
                reasons=[(reason["text"], reason["people"]) for reason in row.get("reasons", ())],
                community=served[names[row["community"]]] if "community" in row else None,
            )
        held.append(vote)
        for answer in row.get("answers", ()):
            with within(f"votes[{row['key']}]"), on(_evening(answer["answered_on"])):
                votes.answer(
                    by=demo.giver,
                    vote_uuid=vote.uuid,
                    kind=answer["kind"],
                    text=answer["text"],
                    mediator=answer.get("mediator", ""),
                )
    return held


def _evening(text: str) -> dt.datetime:
    return dt.datetime.combine(_date(text), HOUR, tzinfo=dt.UTC)


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _organisation(slug: str | None) -> UUID | None:
    if slug is None:
        return None
    return organisation_of(slug, "organisation").uuid
