"""`handover reorganise`: authorities merge or split; who states what, who signs, and who carries it out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from handover.access import asking
from handover.actions import reorganisations, successions
from handover.errors import Invalid
from handover.management.base import Call, Steps, StepsCommand, Told, argument
from handover.management.finding import day, line_named, organisation_named, programme_named, user_named
from handover.management.tables import table
from handover.models import Reorganisation
from handover.models.reorganisations import PartySide
from handover.models.signoffs import Decision
from handover.permissions import Permission
from handover.queries import reorganisations as reads
from handover.queries.reorganisations import Plan

ONE = argument("reorganisation", metavar="REORGANISATION", help="a part of its title, or its UUID")

steps = Steps()


class Command(StepsCommand):
    """Draw up, read, state, sign, withdraw and carry out reorganisations."""

    help = "When authorities merge or split: one plan, everybody's signature, everything to the successors."
    steps = steps


@steps.add("list", reads=True)
def list_(call: Call) -> Told:
    """List those that your organisation takes part in, and those that were carried out."""
    rows = list(reads.seen(call.by))
    return Told(
        {
            "reorganisations": [
                {
                    "id": str(row.uuid),
                    "title": row.title,
                    "state": row.state,
                    "effective_on": str(row.effective_on),
                }
                for row in rows
            ]
        },
        [
            *table(
                ("TITLE", "STATE", "FROM"),
                [(row.title, row.get_state_display(), str(row.effective_on)) for row in rows],
                empty="No merger and no split is planned that your organisation takes part in.",
            )
        ],
    )


@steps.add("show", ONE, reads=True)
def show(call: Call) -> Told:
    """Show a plan: its sides, what each predecessor stated, who signed, and what is in the way."""
    plan = _plan(call)
    return Told(_as_json(plan), _lines(plan))


@steps.add(
    "draw-up",
    argument("title", metavar="TITLE"),
    argument("--act", required=True, metavar="TEXT", help="kind, number and date of the act"),
    argument("--from", dest="effective_on", required=True, type=day, metavar="DATE", help="the first day"),
    argument("--predecessor", action="append", required=True, metavar="SLUG", help="may be repeated"),
    argument("--successor", action="append", required=True, metavar="SLUG", help="may be repeated"),
    argument("--heard", action="append", default=[], metavar="SLUG", help="who is asked; may be repeated"),
    argument(
        "--place", action="append", default=[], metavar="CODE=CODE[@SHARE]",
        help="RO:111=RO:333, or RO:111=RO:333@2/3; may be repeated",
    ),
)  # fmt: skip
def draw_up(call: Call) -> Told:
    """Draw up a merger or a split; your organisation is one of those."""
    row = reorganisations.draw_up(
        by=call.by,
        title=call["title"],
        legal_act=call["act"],
        effective_on=call["effective_on"],
        predecessors=_uuids(call["predecessor"]),
        successors=_uuids(call["successor"]),
        heard=_uuids(call["heard"]),
        places=[_became(text) for text in call["place"]],
    )
    return Told({"reorganisation": str(row.uuid)}, [f"{row.title}: from {row.effective_on}  {row.uuid}"])


@steps.add(
    "state",
    ONE,
    argument("--rest", metavar="SLUG", help="where everything goes that is not named"),
    argument("--programme", action="append", default=[], metavar="PROGRAMME=SLUG"),
    argument("--responsibility", action="append", default=[], metavar="UUID=SLUG"),
    argument("--person", action="append", default=[], metavar="EMAIL=SLUG|ends"),
    argument("--body", action="append", default=[], metavar="SLUG=SLUG"),
)
def state(call: Call) -> Told:
    """State what your organisation answers for, and to which successor each thing goes."""
    row = _one(call)
    with asking(call.by):
        programmes = {
            programme_named(call.by, key, may=Permission.VIEW).uuid: organisation_named(to).uuid
            for key, to in _pairs(call["programme"])
        }
    part = reorganisations.state(
        by=call.by,
        reorganisation_uuid=row.uuid,
        rest=organisation_named(call["rest"]).uuid if call["rest"] else None,
        programmes=programmes,
        responsibilities={
            _key(key): organisation_named(to).uuid for key, to in _pairs(call["responsibility"])
        },
        people={
            user_named(key).uuid: None if to == "ends" else organisation_named(to).uuid
            for key, to in _pairs(call["person"])
        },
        bodies={
            organisation_named(key).uuid: organisation_named(to).uuid for key, to in _pairs(call["body"])
        },
    )
    count = len(part.plan["programmes"])
    return Told({"part": str(part.uuid)}, [f"Stated: {count} programmes, {len(part.plan['people'])} people."])


@steps.add(
    "sign",
    ONE,
    argument("digest", metavar="DIGEST", help="of the plan that you read: show tells it; its first 12 digits do"),
    argument("--decision", default=Decision.AGREES.value, choices=Decision.values, metavar="DECISION",
             help=", ".join(Decision.values)),
    argument("--remark", default="", metavar="TEXT", help="needed for a dissent or an objection"),
)  # fmt: skip
def sign(call: Call) -> Told:
    """Sign the plan for your organisation; who is only asked says its word in the same way."""
    plan = _plan(call)
    said = str(call["digest"]).lower()
    word = reorganisations.sign(
        by=call.by,
        reorganisation_uuid=plan.reorganisation.uuid,
        digest=plan.digest if len(said) >= SHORTEST and plan.digest.startswith(said) else said,
        decision=Decision(call["decision"]),
        remark=call["remark"],
    )
    return Told({"word": str(word.uuid)}, [f"{word.party.name} {word.get_decision_display()}."])


SHORTEST = 12
"""Digits by which a digest may be named at least."""


@steps.add("withdraw", ONE, argument("--reason", required=True, metavar="TEXT"))
def withdraw(call: Call) -> Told:
    """Withdraw one that was not carried out."""
    row = _one(call)
    gone = reorganisations.withdraw(
        by=call.by, reorganisation_uuid=row.uuid, version=row.version, reason=call["reason"]
    )
    return Told({"reorganisation": str(gone.uuid)}, [f"{gone.title}: withdrawn. Nothing has moved."])


@steps.add("execute", ONE)
def execute(call: Call) -> Told:
    """Carry it out for a successor: everything that was stated moves, or nothing does."""
    row = successions.execute(by=call.by, reorganisation_uuid=_one(call).uuid)
    return Told(
        {"reorganisation": str(row.uuid), "proof": row.proof_digest},
        [f"{row.title}: executed.", f"Proof: {row.proof_digest}"],
    )


def _one(call: Call) -> Reorganisation:
    with asking(call.by):
        rows = list(reads.seen(call.by))
    return line_named(rows, call["reorganisation"], field="reorganisation", what="reorganisation")


def _plan(call: Call) -> Plan:
    row = _one(call)
    with asking(call.by):
        return reads.read(row)


def _uuids(slugs: Sequence[str]) -> list[UUID]:
    return [organisation_named(slug).uuid for slug in slugs]


def _became(text: str) -> dict[str, str]:
    former, equals, rest = text.partition("=")
    successor, _at, share = rest.partition("@")
    if not equals:
        raise Invalid("wrong_pair", f"“{text}” is no pair: write RO:111=RO:333.", field="place")
    return {"former": former, "successor": successor, "share": share or "1"}


def _pairs(texts: Sequence[str]) -> list[tuple[str, str]]:
    pairs = [(left, right) for left, _equals, right in (text.rpartition("=") for text in texts)]
    for (left, right), text in zip(pairs, texts, strict=True):
        if not left or not right:
            raise Invalid("wrong_pair", f"“{text}” is no pair: write WHAT=SLUG.", field="pair")
    return pairs


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(
            "wrong_pair", f"“{text}” is no UUID of a responsibility.", field="responsibility"
        ) from None


def _as_json(plan: Plan) -> dict[str, Any]:
    row = plan.reorganisation
    return {
        "id": str(row.uuid),
        "title": row.title,
        "legal_act": row.legal_act,
        "effective_on": str(row.effective_on),
        "state": row.state,
        "digest": plan.digest,
        "sides": {side.value: [party.slug for party in plan.on(side)] for side in PartySide},
        "programmes": {
            part.predecessor.slug: [item["identifier"] for item in part.plan["programmes"]]
            for part in plan.parts
        },
        "words": [
            {
                "party": word.party.slug,
                "decision": word.decision,
                "remark": word.remark,
                "digest": word.digest,
            }
            for word in plan.signoffs
        ],
        "gates": [gate.as_json() for gate in reads.gates(plan)] if row.state == "open" else [],
    }


def _lines(plan: Plan) -> list[str]:
    row = plan.reorganisation
    lines = [
        f"{row.title} ({row.get_state_display()})",
        f"{row.legal_act}, from {row.effective_on}",
        *(
            f"{side.label}: {', '.join(party.name for party in plan.on(side)) or 'nobody'}"
            for side in PartySide
        ),
    ]
    for part in plan.parts:
        named = ", ".join(item["identifier"] for item in part.plan["programmes"]) or "no programme"
        lines.append(f"{part.predecessor.name} answers for {named}; {len(part.plan['people'])} people")
    for word in plan.signoffs:
        stands = "" if word.digest == plan.digest else " (an earlier plan)"
        lines.append(
            f"{word.party.name} {word.get_decision_display()}{stands}{': ' if word.remark else ''}{word.remark}"
        )
    if row.state == "open":
        lines += [f"In the way: {gate.sentence}" for gate in reads.gates(plan)]
    return [*lines, f"Plan: {plan.digest}"]
