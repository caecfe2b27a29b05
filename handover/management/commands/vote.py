"""`handover vote`: the community's votes on transfer milestones, their dissent and its answers, and the seats."""

from __future__ import annotations

from uuid import UUID

from handover import access, clock
from handover.access import asking
from handover.actions import milestones, seats, votes
from handover.errors import Invalid
from handover.management.base import PROGRAMME, Call, Steps, StepsCommand, Told, argument
from handover.management.finding import day, line_named, milestone_named, narrative, organisation_named
from handover.management.tables import table
from handover.management.transfer.planning import MILESTONE
from handover.management.transfer.showing import TRANSFER, named
from handover.management.votes.showing import (
    LANGUAGE,
    VOTE,
    community_named,
    heard_of,
    language_of,
    seat_document,
    seat_lines,
    told_vote,
    vote_document,
    vote_named,
)
from handover.models import CommunityVote
from handover.models.milestones import OnDissent
from handover.models.voices import AnswerKind, SeatRole
from handover.narratives import Narrative
from handover.permissions import Permission
from handover.queries import vote_words
from handover.queries import votes as heard
from handover.terminal import fitted

steps = Steps()


class Command(StepsCommand):
    """Ask, hold, show, answer, remember; seats."""

    help = (
        "The community's votes on transfer milestones: what the plan asks for, the votes as counts, the reasons of "
        "those who dissent, what was done about them, and the seats through which a community is heard."
    )
    steps = steps


@steps.add(
    "ask",
    TRANSFER,
    MILESTONE,
    argument(
        "--quorum", type=int, metavar="N", help="how many people must take part; left out: no vote is needed"
    ),
    argument(
        "--on-dissent",
        default="",
        choices=["", *OnDissent.values],
        metavar="WORD",
        help=f"what happens where at least as many dissent as assent: {', '.join(OnDissent.values)}",
    ),
)
def ask(call: Call) -> Told:
    """Say, while a plan is being drawn up, how many must vote on a milestone and what happens on dissent."""
    found = named(call)
    with asking(call.by):
        milestone = milestone_named(found, call["milestone"])
    done = milestones.ask_community(
        by=call.by,
        milestone_uuid=milestone.uuid,
        version=milestone.version,
        quorum=call["quorum"],
        on_dissent=call["on_dissent"],
    )
    with asking(call.by):
        lines = list(vote_words.in_plan(done))
    sentence = f"The plan says how the community is asked about “{done.title}”."
    about = {"uuid": done.uuid, "quorum": done.quorum, "on_dissent": done.on_dissent or None}
    return Told({"done": sentence, "milestone": about}, [sentence, *(f"  {line}" for line in lines)])


@steps.add(
    "hold",
    TRANSFER,
    MILESTONE,
    argument(
        "--asked",
        action="append",
        type=narrative,
        required=True,
        metavar="[LANG=]TEXT",
        help="the question as it was put; may be repeated, once a language",
    ),
    argument("--present", type=int, required=True, metavar="N", help="how many people were there"),
    argument("--assent", type=int, required=True, metavar="N"),
    argument("--dissent", type=int, required=True, metavar="N"),
    argument("--abstained", type=int, default=0, metavar="N"),
    argument(
        "--reason",
        nargs=2,
        action="append",
        default=[],
        metavar=("N", "TEXT"),
        help="why people dissented, in their words, and how many said so; may be repeated",
    ),
    argument("--on", dest="held_on", type=day, metavar="DATE", help="today, if left out"),
    argument("--community", metavar="NAME", help="which community voted; left out: it was open to everybody"),
    argument("--consultation", metavar="UUID", help="the consultation where it was held"),
)
def hold(call: Call) -> Told:
    """Record a vote as counts. Earlier votes stay; dissent needs its reasons."""
    found = named(call)
    with asking(call.by):
        milestone = milestone_named(found, call["milestone"])
        community = community_named(found.programme, call["community"])
    made = votes.hold(
        by=call.by,
        milestone_uuid=milestone.uuid,
        held_on=call["held_on"] or clock.today(),
        asked=[Narrative(lang=lang, text=text) for lang, text in call["asked"]],
        present=call["present"],
        assent=call["assent"],
        dissent=call["dissent"],
        abstained=call["abstained"],
        reasons=[(text, _people(count)) for count, text in call["reason"]],
        community=community,
        consultation=_uuid(call["consultation"], "consultation"),
    )
    return _told(call, made, "The vote is recorded.")


@steps.add(
    "answer",
    VOTE,
    argument("kind", choices=AnswerKind.values, metavar="KIND", help=", ".join(AnswerKind.values)),
    argument("text", metavar="TEXT", help="what was said or agreed, in plain words"),
    argument("--mediator", default="", metavar="NAME", help="the body that mediated, never a person"),
    argument("--on", dest="answered_on", type=day, metavar="DATE", help="today, if left out"),
)
def answer(call: Call) -> Told:
    """Record what was done about the dissent of a vote. The dissent stays on record."""
    with asking(call.by):
        vote = vote_named(call)
    votes.answer(
        by=call.by,
        vote_uuid=vote.uuid,
        kind=call["kind"],
        text=call["text"],
        answered_on=call["answered_on"],
        mediator=call["mediator"],
    )
    return _told(call, vote, "The answer to the dissent is recorded.")


@steps.add("show", VOTE, LANGUAGE, reads=True)
def show(call: Call) -> Told:
    """Show a vote in plain words: English, Romanian or Lithuanian."""
    vote = vote_named(call)
    item = heard_of(vote)
    return Told({"vote": vote_document(item)}, [*fitted(vote_words.told(item, language_of(call)))])


@steps.add(
    "history",
    TRANSFER,
    argument("--milestone", metavar="TEXT", help="of one milestone alone; all, if left out"),
    reads=True,
)
def history(call: Call) -> Told:
    """Show every vote on the milestones of a transfer, with reasons and answers, the oldest first."""
    found = named(call)
    rows = heard.of_transfer(found)
    chosen = (
        [milestone_named(found, call["milestone"])]
        if call["milestone"]
        else list(found.milestones.filter(pk__in=rows).order_by("due_on", "id"))
    )
    lines: list[str] = []
    for milestone in chosen:
        lines.append(milestone.title)
        for item in rows.get(milestone.pk, []):
            lines.append(f"  {str(item.vote.uuid)[:8]}  {vote_words.short(item)}")
            lines += [f"    {line}" for line in vote_words.dissent_lines(item)]
        if milestone.pk not in rows:
            lines.append("  The community has not voted on it yet.")
    documents = [vote_document(item) for milestone in chosen for item in rows.get(milestone.pk, [])]
    return Told(
        {"votes": documents}, [*fitted(lines)] or ["The community has not voted on this transfer yet."]
    )


@steps.add("seats", PROGRAMME, reads=True)
def list_seats(call: Call) -> Told:
    """Show through which seats the communities of a programme are heard."""
    programme = access.programme_for(call.by, call["programme"], may=Permission.VIEW)
    rows = vote_words.seats(programme)
    heads = ("SEAT", "STATE", "SEATS", "ROLE", "COMMUNITY", "DAYS", "FILLED BY")
    return Told(
        {"seats": [seat_document(seat) for seat in rows]},
        [*table(heads, seat_lines(rows), empty="No seat of a community is recorded yet.")],
    )


@steps.add(
    "seat",
    PROGRAMME,
    argument("community", metavar="COMMUNITY", help="a part of its name, or its UUID"),
    argument("role", metavar="ROLE", choices=SeatRole.values, help=", ".join(SeatRole.values)),
    argument(
        "--chosen-by",
        required=True,
        metavar="TEXT",
        help="how it was filled: an assembly, a vote; never a name",
    ),
    argument("--from", dest="starts_on", type=day, required=True, metavar="DATE"),
    argument("--until", dest="ends_on", type=day, metavar="DATE", help="the last day"),
    argument("--seats", type=int, default=1, metavar="N"),
    argument("--at", metavar="SLUG", help="the community organisation where whoever has it holds an account"),
)
def seat(call: Call) -> Told:
    """Say that seats of a community are filled: which role, how, since when. Nobody is named."""
    with asking(call.by):
        programme = access.programme_for(call.by, call["programme"], may=Permission.VIEW)
        community = community_named(programme, call["community"])
    if community is None:
        raise Invalid("which_community", "Say which community.", field="community")
    made = seats.fill(
        by=call.by,
        community_uuid=community,
        role=call["role"],
        chosen_by=call["chosen_by"],
        starts_on=call["starts_on"],
        ends_on=call["ends_on"],
        seats=call["seats"],
        organisation=organisation_named(call["at"]).uuid if call["at"] else None,
    )
    with asking(call.by):
        done = f"{made.community} is heard through a {made.get_role_display()}."
        return Told({"done": done, "seat": seat_document(made)}, [done, f"  seat {made.uuid}"])


@steps.add(
    "leave",
    PROGRAMME,
    argument("seat", metavar="SEAT", help="UUID, or its first 8 or more characters"),
    argument("--until", dest="ends_on", type=day, required=True, metavar="DATE", help="the last day"),
)
def leave(call: Call) -> Told:
    """Say on which day a seat of a community ends; it stays on record."""
    with asking(call.by):
        programme = access.programme_for(call.by, call["programme"], may=Permission.VIEW)
        found = line_named(vote_words.seats(programme), call["seat"], field="seat", what="seat")
    gone = seats.vacate(by=call.by, seat_uuid=found.uuid, version=found.version, ends_on=call["ends_on"])
    with asking(call.by):
        done = f"The seat “{gone.get_role_display()}” of {gone.community} ends on {gone.ends_on}."
        return Told({"done": done, "seat": seat_document(gone)}, [done])


def _told(call: Call, vote: CommunityVote, done: str) -> Told:
    with asking(call.by):
        now = CommunityVote.objects.select_related(
            "milestone__transfer__programme", "community", "organisation"
        ).get(pk=vote.pk)
        own = call.by.user.language
        return told_vote(now, done, own if own in vote_words.WORDS else "en")


def _people(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        sentence = f"“{text}” is no number of people: --reason N TEXT."
        raise Invalid("not_a_whole_number", sentence, field="reason")
    return int(text)


def _uuid(text: str | None, field: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Invalid("no_such_key", f"“{text}” is no UUID.", field=field) from None
