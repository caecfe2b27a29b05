"""Reorganisations: what predecessors answer for, the plan that everybody signs, and what is still in its way."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from handover import clock
from handover.access import Actor
from handover.canonical import canonical, digest
from handover.errors import Gate
from handover.models import (
    Organisation,
    Programme,
    Reorganisation,
    ReorganisationPart,
    ReorganisationParty,
    ReorganisationSignOff,
    Standing,
    Tenure,
    Transfer,
)
from handover.models.reorganisations import PartySide, ReorganisationState
from handover.models.signoffs import Decision
from handover.models.transfers import OPEN_STATES
from handover.permissions import StandingKind
from handover.queries import names
from handover.queries.previews import owed_now, people

Facts = dict[str, Any]

LEFT_OUT: Final = frozenset({"to"})
"""What a predecessor decides in its part; the rest are facts, and are held against what is there at the execution."""


@dataclass(frozen=True)
class Plan:
    """A reorganisation as its parties read it: sides, parts, the digest that they sign, and who signed it."""

    reorganisation: Reorganisation
    parties: Sequence[ReorganisationParty]
    parts: Sequence[ReorganisationPart]
    signoffs: Sequence[ReorganisationSignOff]
    digest: str

    def on(self, side: PartySide) -> list[Organisation]:
        """Give the organisations of a side, by their names."""
        return [row.party for row in self.parties if row.side == side]

    def part_of(self, predecessor: int) -> ReorganisationPart | None:
        """Give what a predecessor stated."""
        return next((row for row in self.parts if row.predecessor_id == predecessor), None)

    def valid(self) -> list[ReorganisationSignOff]:
        """Give the last word of each party under the plan as it stands."""
        last = {row.party_id: row for row in self.signoffs if row.digest == self.digest}
        return list(last.values())

    def deciding(self) -> list[Organisation]:
        """Give the organisations whose signature it takes: every predecessor and every successor, once."""
        sides = (PartySide.PREDECESSOR, PartySide.SUCCESSOR)
        return list({row.party_id: row.party for row in self.parties if row.side in sides}.values())


def seen(actor: Actor) -> QuerySet[Reorganisation]:
    """Give the reorganisations that an actor sees: those of their organisation, and whatever was executed."""
    return Reorganisation.objects.select_related("opened_by").order_by("-effective_on", "id")


def read(row: Reorganisation) -> Plan:
    """Read a whole plan, in three queries."""
    parties = list(row.parties.select_related("party").order_by("party__name", "side"))
    parts = list(row.parts.select_related("predecessor").order_by("predecessor__name"))
    signoffs = list(row.signoffs.select_related("party").order_by("id"))
    return Plan(row, parties, parts, signoffs, plan_digest(row, parties, parts))


def plan_digest(
    row: Reorganisation, parties: Iterable[ReorganisationParty], parts: Iterable[ReorganisationPart]
) -> str:
    """Digest what is signed: the act, the sides, the places and every part."""
    return digest(
        {
            "v": 1,
            "reorganisation": row.uuid,
            "title": row.title,
            "legal_act": row.legal_act,
            "effective_on": row.effective_on,
            "parties": sorted(f"{party.side} {party.party.uuid}" for party in parties),
            "places": row.places,
            "parts": sorted(
                ({"predecessor": str(part.predecessor.uuid), "plan": part.plan} for part in parts),
                key=lambda part: str(part["predecessor"]),
            ),
        }
    )


def programmes_of(row: Reorganisation) -> list[int]:
    """Give the programmes in which predecessors stand or answer for something, past the wall, for an execution."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT unnest(handover_reorganised_programmes(%s))", [row.pk])
        return [int(key) for (key,) in cursor.fetchall()]


def survey(predecessor: Organisation, programmes: Sequence[int] | None = None) -> list[Facts]:
    """Tell what an organisation stands and answers for, programme by programme, in four queries.

    Args:
        programmes: only these; otherwise whatever it reaches.
    """
    held = Q() if programmes is None else Q(programme__in=programmes)
    standings = Standing.objects.filter(held, organisation=predecessor, valid__contains=clock.now())
    tenures = (
        Tenure.objects.filter(held, organisation=predecessor)
        .filter(Q(valid__contains=clock.today()) | Q(valid__startswith__gt=clock.today()))
        .select_related("responsibility")
        .order_by("responsibility__title", "responsibility__uuid", "capacity")
    )
    kinds: dict[int, set[str]] = {}
    for programme, kind in standings.values_list("programme_id", "kind"):
        kinds.setdefault(programme, set()).add(kind)
    duties: dict[int, dict[UUID, Facts]] = {}
    for tenure in tenures:
        duty = duties.setdefault(tenure.programme_id, {}).setdefault(
            tenure.responsibility.uuid,
            {"uuid": str(tenure.responsibility.uuid), "title": tenure.responsibility.title, "capacities": []},
        )
        if tenure.capacity not in duty["capacities"]:
            duty["capacities"].append(tenure.capacity)
    keys = sorted(kinds.keys() | duties.keys())
    heard: dict[int, list[Facts]] = {}
    for standing in (
        Standing.objects.filter(
            programme__in=keys, kind=StandingKind.COMMUNITY.value, valid__contains=clock.now()
        )
        .select_related("organisation")
        .order_by("organisation__uuid")
    ):
        named = {"uuid": str(standing.organisation.uuid), "name": standing.organisation.name}
        if named not in heard.setdefault(standing.programme_id, []):
            heard[standing.programme_id].append(named)
    return [
        {
            "uuid": str(programme.uuid),
            "identifier": programme.identifier,
            "title": programme.title,
            "standings": sorted(kinds.get(programme.pk, ())),
            "responsibilities": list(duties.get(programme.pk, {}).values()),
            "communities": heard.get(programme.pk, []),
        }
        for programme in sorted(
            Programme.objects.filter(pk__in=keys), key=lambda row: (row.identifier, str(row.uuid))
        )
    ]


def seats_of(predecessor: Organisation) -> list[Facts]:
    """Tell who sits in an organisation now, and as what, in one query; by the keys of their names."""
    return [
        {"user": str(person.uuid), "name": person.name.key, "roles": list(person.roles)}
        for person in people([predecessor.pk])
    ]


def bodies_of(predecessor: Organisation) -> list[Facts]:
    """Tell which organisations are bodies of an organisation, in one query."""
    rows = Organisation.objects.filter(parent=predecessor).order_by("name", "uuid")
    return [{"uuid": str(row.uuid), "name": row.name} for row in rows]


def facts_of(plan: Mapping[str, Any]) -> Facts:
    """Give a part without what its predecessor decided: what must still be so when it is executed."""
    return {
        "programmes": [
            {
                **_bare(item),
                "responsibilities": [_bare(duty) for duty in item["responsibilities"]],
            }
            for item in plan["programmes"]
        ],
        "people": [_bare(item) for item in plan["people"]],
        "bodies": [_bare(item) for item in plan["bodies"]],
    }


def _bare(item: Mapping[str, Any]) -> Facts:
    return {name: value for name, value in item.items() if name not in LEFT_OUT}


def told_part(part: ReorganisationPart) -> Any:
    """Give a part with the names of its people."""
    return names.told([part.plan])[0]


def names_of_proof(plan: Plan, actor: Actor) -> dict[str, str]:
    """Give the names that a proof is read with: all of them to who decides, to who was only heard those who signed."""
    row = plan.reorganisation
    decides = actor.organisation in plan.deciding()
    return names.names_in(row.proof if decides else canonical(json.loads(row.proof)["words"]))


def gates(plan: Plan) -> list[Gate]:
    """Name what is in the way of an execution, as far as a party sees it: what predecessors hold is theirs to see."""
    return [*_signed(plan), *_stated(plan), *_in_time(plan)]


def _stated(plan: Plan) -> Iterator[Gate]:
    for predecessor in plan.on(PartySide.PREDECESSOR):
        if plan.part_of(predecessor.pk) is None:
            yield Gate(
                "part_missing",
                f"{predecessor.name} has not stated what it answers for.",
                str(predecessor.uuid),
            )


def _signed(plan: Plan) -> Iterator[Gate]:
    words = {row.party_id: row for row in plan.valid()}
    for party in plan.deciding():
        word = words.get(party.pk)
        if word is None:
            yield Gate(
                "signature_missing",
                f"{party.name} has not signed the plan as it stands.",
                str(party.uuid),
            )
        elif word.decision == Decision.OBJECTS:
            yield Gate("party_objects", f"{party.name} objects to the plan.", str(party.uuid))


def _in_time(plan: Plan) -> Iterator[Gate]:
    row = plan.reorganisation
    if clock.today() < row.effective_on:
        yield Gate("not_in_force", f"The act is in force from {row.effective_on:%d %B %Y} on.", str(row.uuid))


def obstacles(programme: Programme, predecessor: Organisation, heard: Iterable[UUID]) -> Iterator[Gate]:
    """Name what must be brought to an end in a programme before its responsibilities go to a successor.

    Args:
        heard: organisations that were asked: a community that stands in the programme is one of them.
    """
    under_way = Transfer.objects.filter(
        Q(giver=predecessor) | Q(receiver=predecessor), programme=programme, state__in=OPEN_STATES
    )
    for transfer in under_way.order_by("id"):
        yield Gate(
            "transfer_open",
            f"Execute, refuse or revoke the transfer “{transfer.title}” of {programme.identifier} first.",
            str(transfer.uuid),
        )
    now = Standing.objects.filter(programme=programme, valid__contains=clock.now())
    if now.filter(organisation=predecessor, kind=StandingKind.AUDITOR.value).exists():
        yield Gate(
            "audits_now",
            f"{predecessor.name} audits {programme.identifier}: end the audit first.",
            str(programme.uuid),
        )
    if owed_now(programme.pk).filter(transfer__giver=predecessor).exists():
        yield Gate(
            "owes_results",
            f"{predecessor.name} still reports results of {programme.identifier} that it kept in a plan.",
            str(programme.uuid),
        )
    asked = {str(key) for key in heard}
    communities = now.filter(kind=StandingKind.COMMUNITY.value).select_related("organisation")
    for standing in communities.order_by("organisation__name"):
        if str(standing.organisation.uuid) not in asked:
            yield Gate(
                "community_not_asked",
                f"{standing.organisation.name} speaks for the community of {programme.identifier}"
                " and was not asked.",
                str(standing.organisation.uuid),
            )


def open_for(actor: Actor) -> QuerySet[Reorganisation]:
    """Give the reorganisations that are being planned and that an actor's organisation is a party of."""
    return seen(actor).filter(state=ReorganisationState.OPEN, parties__party=actor.organisation).distinct()
