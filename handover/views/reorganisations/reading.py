"""Reorganisations as they are read: the list, one with its plan, and the proof of one that was executed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_safe

from handover import access
from handover.actions.organisations import SIGNATORIES
from handover.actions.reorganisations import found as one
from handover.errors import Gate
from handover.languages import language, translated
from handover.models import Place, Reorganisation, ReorganisationPart
from handover.models.reorganisations import PartySide, ReorganisationState
from handover.narratives import best
from handover.permissions import Role
from handover.queries import reorganisations as reads
from handover.queries.reorganisations import Plan
from handover.views.pages import asker, found, page
from handover.views.routes import open_to

PARTIES: Final = (
    "whoever merges, splits or is asked sees the plan; everybody who is signed in sees what was executed;"
    " the action asks again"
)
COLOURS: Final[Mapping[str, str]] = {"open": "blue", "executed": "green", "withdrawn": "grey"}
GATES: Final[Mapping[str, str]] = {
    "part_missing": gettext_noop("has not stated what it answers for"),
    "signature_missing": gettext_noop("has not signed the plan as it stands"),
    "party_objects": gettext_noop("objects to the plan"),
}
"""What is in the way, of parties, in the reader's language."""


@open_to(PARTIES)
@login_required
@require_safe
def reorganisations(request: HttpRequest) -> HttpResponse:
    """List the reorganisations that the reader's organisation is a party of, and those that were executed."""
    actor = asker()
    rows = list(reads.seen(actor).prefetch_related("parties__party"))
    told = [
        {
            "row": row,
            "tag": tag(row),
            "before": _named(row, PartySide.PREDECESSOR),
            "after": _named(row, PartySide.SUCCESSOR),
        }
        for row in rows
    ]
    said = {
        "organisation": actor.organisation,
        "rows": told,
        "draws_up": access.manages(actor, actor.organisation),
    }
    return page(request, "handover/reorganisations/reorganisations.html", said)


def _named(row: Reorganisation, side: PartySide) -> list[str]:
    return sorted(party.party.name for party in row.parties.all() if party.side == side)


def tag(row: Reorganisation) -> dict[str, str]:
    """Give the word and the colour of a reorganisation's state."""
    return {"word": translated(row.get_state_display()).capitalize(), "colour": COLOURS[row.state]}


@open_to(PARTIES)
@login_required
@require_safe
def reorganisation(request: HttpRequest, reorganisation_uuid: UUID) -> HttpResponse:
    """Show one reorganisation: its act, its sides, what each predecessor stated, what is in the way, and every word."""
    actor = asker()
    row = found(one, actor, reorganisation_uuid)
    plan = reads.read(row)
    sides = {party.side for party in plan.parties if party.party_id == actor.organisation.pk}
    decides = bool(sides - {PartySide.HEARD.value})
    is_open = row.state == ReorganisationState.OPEN
    roles = set(
        access.seats_now(actor.user).filter(organisation=actor.organisation).values_list("role", flat=True)
    )
    manages = decides and is_open and Role.MANAGER.value in roles
    said = {
        "organisation": actor.organisation,
        "row": row,
        "plan": plan,
        "tag": tag(row),
        "before": plan.on(PartySide.PREDECESSOR),
        "after": plan.on(PartySide.SUCCESSOR),
        "heard": plan.on(PartySide.HEARD),
        "parts": [_part(part, plan, people=decides) for part in plan.parts],
        "places": places_of(row),
        "gates": [_gate(gate, plan) for gate in reads.gates(plan)] if is_open and sides else [],
        "words": [_word(word, plan) for word in plan.signoffs],
        "sees": bool(sides),
        "states": manages and PartySide.PREDECESSOR.value in sides,
        "stated": plan.part_of(actor.organisation.pk) is not None,
        "signs": is_open and bool(sides) and bool(roles & set(SIGNATORIES)),
        "changes": manages,
        "executes": manages and PartySide.SUCCESSOR.value in sides,
    }
    return page(request, "handover/reorganisations/reorganisation.html", said)


def _gate(gate: Gate, plan: Plan) -> str:
    """Say what is in the way in the reader's language."""
    if gate.code == "not_in_force":
        return gettext("The act is not in force yet.")
    party = next((row.party.name for row in plan.parties if str(row.party.uuid) == gate.subject), "")
    return f"{party} {gettext(GATES[gate.code])}." if gate.code in GATES and party else gate.sentence


def _word(word: Any, plan: Plan) -> dict[str, Any]:
    return {
        "row": word,
        "decision": translated(word.get_decision_display()),
        "stands": word.digest == (plan.reorganisation.digest or plan.digest),
    }


def _part(part: ReorganisationPart, plan: Plan, *, people: bool) -> dict[str, Any]:
    """Give a part with the names of its successors; people are named to who decides, and to nobody else."""
    heirs = {str(party.uuid): party.name for party in plan.on(PartySide.SUCCESSOR)}
    told = reads.told_part(part) if people else part.plan

    def going(item: Mapping[str, Any]) -> dict[str, Any]:
        return {**item, "heir": heirs.get(item["to"] or "", "")}

    return {
        "row": part,
        "programmes": [
            {
                **going(item),
                "title": best(item["title"], language()),
                "kinds": [translated(_KINDS.get(kind, kind)) for kind in item["standings"]],
                "duties": [
                    {
                        **going(duty),
                        "said": [translated(_CAPACITIES.get(name, name)) for name in duty["capacities"]],
                    }
                    for duty in item["responsibilities"]
                ],
            }
            for item in told["programmes"]
        ],
        "people": [going(seat) for seat in told["people"]] if people else [],
        "seats": len(told["people"]),
        "bodies": [going(body) for body in told["bodies"]],
    }


_KINDS: Final[Mapping[str, str]] = {
    "steward": gettext_noop("steward"),
    "receiver": gettext_noop("receiver"),
    "donor": gettext_noop("donor"),
    "partner": gettext_noop("partner"),
    "community": gettext_noop("community"),
    "auditor": gettext_noop("auditor"),
    "former_steward": gettext_noop("former steward"),
}
_CAPACITIES: Final[Mapping[str, str]] = {
    "holder": gettext_noop("answers for it"),
    "provider": gettext_noop("delivers it"),
    "debtor": gettext_noop("stays answerable to the donor for it"),
}


def places_of(row: Reorganisation) -> list[dict[str, str]]:
    """Give what becomes of places, by their names."""
    keys = {line[side] for line in row.places for side in ("former", "successor")}
    known = {str(place.uuid): place for place in Place.objects.filter(uuid__in=keys)} if keys else {}
    return [
        {
            "former": known[line["former"]].name,
            "former_code": f"{known[line['former']].country}:{known[line['former']].code}",
            "successor": known[line["successor"]].name,
            "successor_code": f"{known[line['successor']].country}:{known[line['successor']].code}",
            "share": "" if line["share"] == "1" else line["share"],
        }
        for line in row.places
    ]


@open_to(PARTIES)
@login_required
@require_safe
def proof(request: HttpRequest, reorganisation_uuid: UUID) -> HttpResponse:
    """Give the parties the proof of an executed reorganisation as it was hashed, with the names of its people beside.

    Raises:
        Http404: it was not executed, or the reader's organisation is no party of it.
    """
    actor = asker()
    row = found(one, actor, reorganisation_uuid)
    plan = reads.read(row)
    if not row.proof or all(party.party_id != actor.organisation.pk for party in plan.parties):
        raise Http404
    return JsonResponse(
        {"digest": row.proof_digest, "text": row.proof, "names": reads.names_of_proof(plan, actor)},
        json_dumps_params={"ensure_ascii": False},
        headers={"Content-Disposition": f'attachment; filename="reorganisation-{row.uuid}.json"'},
    )
