"""Who must do what now, so that a transfer gets on: what `handover transfer status` tells."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from handover import clock
from handover.actions.milestones import waiting
from handover.actions.signoffs import STANDING_OF_SIDE
from handover.management.finding import SHORTEST_PREFIX
from handover.models import Transfer, TransferMilestone
from handover.models.annexes import AnnexDecision
from handover.models.milestones import Side
from handover.models.signoffs import SignOffSubject
from handover.models.transfers import TransferState
from handover.permissions import Permission
from handover.queries.gates import gates
from handover.queries.plans import milestone_digest
from handover.queries.previews import concerned_exceptions, exceptions_now, held_now, people
from handover.queries.signoffs import missing_sides
from handover.queries.votes import HOLDS

HELD = frozenset(HOLDS.values())


@dataclass(frozen=True)
class Duty:
    """Something that one side must do: what, who of its people may, and the command that does it."""

    side: str
    what: str
    people: tuple[str, ...]
    command: str

    def as_json(self) -> dict[str, Any]:
        """Give it as a JSON object."""
        return {"side": self.side, "what": self.what, "people": list(self.people), "command": self.command}

    def lines(self) -> Iterator[str]:
        """Tell it on two lines."""
        who = ", ".join(self.people) or "nobody: give somebody the role"
        yield f"  the {self.side}: {self.what} ({who})"
        yield f"    {self.command}"


Maker = Callable[..., Duty]
"""Makes a duty of a side, what, the permission that it takes, and the words of the command."""


class _Sides:
    """The organisations of each side, and who of their people may do something on the programme."""

    def __init__(self, transfer: Transfer) -> None:
        self.organisations: dict[str, list[int]] = {
            Side.GIVER.value: [transfer.giver_id],
            Side.RECEIVER.value: [transfer.receiver_id],
        }
        for side, kind in STANDING_OF_SIDE.items():
            standings = transfer.programme.standings.filter(kind=kind.value, valid__contains=clock.now())
            self.organisations[side.value] = sorted(set(standings.values_list("organisation_id", flat=True)))
        every = {key for keys in self.organisations.values() for key in keys}
        self.people = people(every)
        self.held = held_now(transfer.programme)
        self.exceptions = exceptions_now(transfer.programme)

    def who(self, side: str, may: Permission) -> tuple[str, ...]:
        """Name the people of a side who may, by role or by exception."""
        keys = self.organisations[side]
        roles = {
            (holder.organisation, holder.role)
            for holder, codes in self.held.items()
            if holder.responsibility is None and may in codes
        }
        by_exception = {
            (item.organisation, item.user_uuid)
            for item in self.exceptions
            if item.permission is may and item.responsibility is None
        }
        return tuple(
            person.name
            for person in self.people
            if person.organisation in keys
            and (
                (person.organisation, person.uuid) in by_exception
                or any((person.organisation, role) in roles for role in person.roles)
            )
        )


def duties(transfer: Transfer) -> list[Duty]:
    """Name what is to be done now and by whom, inside ``access.asking``; nothing, where the story has ended."""
    sides, key = _Sides(transfer), str(transfer.uuid)[:SHORTEST_PREFIX]

    def duty(side: str, what: str, may: Permission, *command: str) -> Duty:
        return Duty(side, what, sides.who(side, may), shlex.join(("handover", "transfer", *command)))

    match transfer.state:
        case TransferState.DRAFT | TransferState.RETURNED:
            return [
                *_unmapped(transfer, duty, key),
                duty("giver", "propose the plan", Permission.SIGN, "propose", key),
            ]
        case TransferState.PROPOSED:
            return [
                *_annex(transfer, duty, key),
                duty(
                    "receiver", "accept, refuse or return the plan", Permission.ANSWER_TRANSFER, "accept", key
                ),
            ]
        case TransferState.ACCEPTED:
            unmet = gates(transfer)
            if not unmet:
                return [duty("receiver", "execute the transfer", Permission.EXECUTE_TRANSFER, "execute", key)]
            found = [*_annex(transfer, duty, key), *_milestones(transfer, duty, key)]
            # What no single step settles is settled between the two sides, and the plan goes back.
            what = f"settle this with the giver, or return the plan: {unmet[0].sentence}"
            back = ("return", key, "--comment", "TEXT")
            return found or [duty("receiver", what, Permission.ANSWER_TRANSFER, *back)]
        case TransferState.EXECUTED:
            return list(_after(transfer, duty, key))
    return []


def _unmapped(transfer: Transfer, duty: Maker, key: str) -> Iterator[Duty]:
    mapped = set(transfer.mappings.values_list("grant_key", flat=True))
    for item in concerned_exceptions(transfer):
        if item.key not in mapped:
            what = f"say where {item.user_name}'s exception “{item.permission.value}” goes"
            yield duty("giver", what, Permission.PLAN_TRANSFER, "map", key, item.key, "--to", "EMAIL")


def _annex(transfer: Transfer, duty: Maker, key: str) -> Iterator[Duty]:
    count = transfer.annex.filter(decision=AnnexDecision.OPEN).count()
    if count:
        lines = "1 annex line" if count == 1 else f"{count} annex lines"
        yield duty("receiver", f"answer {lines}", Permission.ANSWER_TRANSFER, "annex", key, "--accept-all")
    for row in transfer.annex.filter(decision=AnnexDecision.REFUSED).order_by("id"):
        what = f"settle the annex line that it refused, “{row.text[:60]}”"
        line = str(row.uuid)[:SHORTEST_PREFIX]
        yield duty("receiver", what, Permission.ANSWER_TRANSFER, "annex", key, "--accept", line)


def _milestones(transfer: Transfer, duty: Maker, key: str) -> Iterator[Duty]:
    rows = transfer.milestones.select_related("transfer__programme", "legal_act")
    for milestone in rows.prefetch_related("signoffs", "evidence").order_by("due_on", "id"):
        if milestone.done_at is not None:
            continue
        gates_now = waiting(milestone)
        codes = {gate.code for gate in gates_now}
        if "waits_for" in codes:
            continue
        named = ("--milestone", shortest(milestone, rows))
        due = f"due {milestone.due_on}"
        if "evidence_missing" in codes:
            what = f"add evidence to “{milestone.title}”, {due}"
            for side in milestone.signs:
                yield duty(side, what, Permission.ADD_EVIDENCE, "evidence", key, "FILE", *named)
            continue
        if codes & {"vote_missing", "below_quorum"}:
            command = f"handover vote hold {key} {shlex.join(named)} --asked TEXT --present N --assent N --dissent N"
            what = f"hold a vote on “{milestone.title}”, {due}"
            yield replace(duty(Side.COMMUNITY, what, Permission.RECORD_VOICE), command=command)
            continue
        held = [gate for gate in gates_now if gate.code in HELD]
        if held:
            what = f"do what the plan says on dissent from “{milestone.title}”: {held[0].sentence}"
            command = shlex.join(("handover", "vote", "show", held[0].subject[:SHORTEST_PREFIX]))
            yield replace(duty("giver", what, Permission.RECORD_VOICE), command=command)
            continue
        for side in missing_sides(milestone.signoffs.all(), milestone_digest(milestone), milestone.signs):
            yield duty(side, f"sign “{milestone.title}”, {due}", Permission.SIGN, "sign", key, *named)


def shortest(milestone: TransferMilestone, among: Iterable[TransferMilestone]) -> str:
    """Give the first words of a title that no other milestone's title holds; its UUID where all of it is not enough."""
    others = [item.title.casefold() for item in among if item.pk != milestone.pk]
    words = milestone.title.split()
    for count in range(min(2, len(words)), len(words) + 1):
        part = " ".join(words[:count])
        if part in milestone.title and not any(part.casefold() in title for title in others):
            return part
    return str(milestone.uuid)


def _after(transfer: Transfer, duty: Maker, key: str) -> Iterator[Duty]:
    if not hasattr(transfer, "proof"):
        return
    signed = set(
        transfer.signoffs.filter(subject=SignOffSubject.PROOF, digest=transfer.proof.digest).values_list(
            "side", flat=True
        )
    )
    for side in (Side.GIVER.value, Side.RECEIVER.value):
        if side not in signed:
            yield duty(side, "countersign the continuity proof", Permission.SIGN, "countersign", key)
    asked = set(transfer.signoffs.filter(subject=SignOffSubject.GIVE_BACK).values_list("side", flat=True))
    for side in (Side.GIVER.value, Side.RECEIVER.value):
        if asked and side not in asked:
            what = "agree to giving back, or leave it"
            yield duty(side, what, Permission.SIGN, "give-back", key, "--reason", "TEXT")
