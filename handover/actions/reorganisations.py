"""Reorganisations: drawn up by a party, stated part by part, signed by all, carried out in one transaction.

Who stands and answers in programmes changes; what they hold does not, and no value, need or promise is touched.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any
from uuid import UUID

from handover import access, clock, ledger
from handover.access import Actor
from handover.actions import action
from handover.actions.organisations import SIGNATORIES
from handover.apportionment import fraction_of
from handover.errors import Invalid, NotAllowed, NotFound, Refused
from handover.models import (
    Organisation,
    Place,
    Reorganisation,
    ReorganisationPart,
    ReorganisationParty,
    ReorganisationSignOff,
)
from handover.models.base import notice_personal_data
from handover.models.reorganisations import PartySide, ReorganisationState
from handover.models.signoffs import Decision
from handover.permissions import Scope
from handover.queries import reorganisations as reads
from handover.queries.reorganisations import Facts, Plan


@action
def draw_up(
    *,
    by: Actor,
    title: str,
    legal_act: str,
    effective_on: dt.date,
    predecessors: Sequence[UUID],
    successors: Sequence[UUID],
    heard: Sequence[UUID] = (),
    places: Sequence[Mapping[str, str]] = (),
) -> Reorganisation:
    """Draw up a merger or a split of organisations. Its parties see it from now on.

    Args:
        predecessors: who answers before; several make a merger.
        successors: who answers after; several make a split. An organisation that goes on is on both sides.
        heard: communities and donors that are asked and decide nothing.
        places: what becomes of places: ``former`` and ``successor`` as ``country:code``, ``share`` as a fraction.

    Raises:
        NotAllowed: the actor manages none of the predecessors and successors.
        Invalid: a field is wrong, an organisation or a place is unknown, or shares that do not add up to one.
    """
    sides = {
        PartySide.PREDECESSOR: _organisations(predecessors, "predecessors"),
        PartySide.SUCCESSOR: _organisations(successors, "successors"),
        PartySide.HEARD: _organisations(heard, "heard") if heard else [],
    }
    before, after, asked = ({row.pk for row in rows} for rows in sides.values())
    if by.organisation.pk not in before | after:
        raise NotAllowed("not_a_party", "One of the organisations that merge or split draws it up.")
    _managing(by)
    if before == after:
        raise Invalid(
            "nothing_changes", "The same organisations answer before and after.", field="successors"
        )
    if asked & (before | after):
        raise Invalid("decides_already", "Who merges or splits signs, and is not only heard.", field="heard")
    row = Reorganisation(
        title=title.strip(),
        legal_act=legal_act.strip(),
        effective_on=effective_on,
        opened_by=by.organisation,
        places=_lineage(places),
    )
    row.clean_fields()
    row.save()
    ReorganisationParty.objects.bulk_create(
        ReorganisationParty(reorganisation=row, party=party, side=side)
        for side, parties in sides.items()
        for party in parties
    )
    _record(by, row, "reorganisation.drawn_up", _sides(sides))
    return row


@action
def change(
    *,
    by: Actor,
    reorganisation_uuid: UUID,
    version: int,
    title: str | None = None,
    legal_act: str | None = None,
    effective_on: dt.date | None = None,
    places: Sequence[Mapping[str, str]] | None = None,
) -> Reorganisation:
    """Change what is said of a reorganisation. Signatures under it lose what they were given for.

    Raises:
        NotFound, NotAllowed: the actor manages none of those who merge or split. Refused: it is over.
        Stale: somebody else was quicker. Invalid: a field is wrong.
    """
    row = open_one(by, reorganisation_uuid)
    said: dict[str, Any] = {
        name: value.strip() if isinstance(value, str) else value
        for name, value in (("title", title), ("legal_act", legal_act), ("effective_on", effective_on))
        if value is not None
    }
    if places is not None:
        said["places"] = _lineage(places)
    if said:
        row.change(version=version, **said)
        _record(by, row, "reorganisation.changed", {name: said[name] for name in said})
    return row


@action
def state(
    *,
    by: Actor,
    reorganisation_uuid: UUID,
    rest: UUID | None = None,
    programmes: Mapping[UUID, UUID] | None = None,
    responsibilities: Mapping[UUID, UUID] | None = None,
    people: Mapping[UUID, UUID | None] | None = None,
    bodies: Mapping[UUID, UUID] | None = None,
) -> ReorganisationPart:
    """State what the actor's organisation answers for, and to which successor each thing goes; again, to say it anew.

    Args:
        rest: the successor to which everything goes that is not named; not needed where there is only one.
        programmes: successors by programme: stewardship and every other standing of the organisation in it.
        responsibilities: successors by responsibility; without one it goes with its programme.
        people: successors by user; ``None``: whose seat ends with the organisation.
        bodies: successors by organisation that is a body of this one.

    Raises:
        NotFound, NotAllowed: the actor manages no predecessor of it. Refused: it is over.
        Invalid: somebody who is no successor, or something that goes nowhere.
    """
    row = open_one(by, reorganisation_uuid)
    plan = reads.read(row)
    if by.organisation not in plan.on(PartySide.PREDECESSOR):
        raise NotAllowed("not_a_predecessor", "Only who answers before states what it answers for.")
    goes = _Going(plan, rest)
    found = [
        {
            **item,
            "to": goes.to(UUID(item["uuid"]), programmes, item["identifier"]),
            "responsibilities": [
                {
                    **duty,
                    "to": goes.to(
                        UUID(duty["uuid"]),
                        responsibilities,
                        duty["title"],
                        instead=goes.to(UUID(item["uuid"]), programmes, item["identifier"]),
                    ),
                }
                for duty in item["responsibilities"]
            ],
        }
        for item in reads.survey(by.organisation)
    ]
    seats = [
        {
            **seat,
            "to": None
            if people is not None and people.get(UUID(seat["user"]), by.organisation.uuid) is None
            else goes.to(UUID(seat["user"]), people, "a seat"),
        }
        for seat in reads.seats_of(by.organisation)
    ]
    below = [
        {**body, "to": goes.to(UUID(body["uuid"]), bodies, body["name"])}
        for body in reads.bodies_of(by.organisation)
    ]
    for field, named, known in (
        ("programmes", programmes, found),
        ("responsibilities", responsibilities, [duty for item in found for duty in item["responsibilities"]]),
        ("people", people, [{"uuid": seat["user"]} for seat in seats]),
        ("bodies", bodies, below),
    ):
        _all_held(field, named or {}, known)
    part, _ = ReorganisationPart.objects.update_or_create(
        reorganisation=row,
        predecessor=by.organisation,
        defaults={
            "plan": {"programmes": found, "people": seats, "bodies": below},
            "stated_by_name": by.user.called,
            "stated_at": clock.now(),
        },
    )
    _record(by, row, "reorganisation.stated", {"programmes": [item["uuid"] for item in found]})
    return part


@action
def sign(
    *,
    by: Actor,
    reorganisation_uuid: UUID,
    digest: str,
    decision: Decision = Decision.AGREES,
    remark: str = "",
) -> ReorganisationSignOff:
    """Sign the plan for the actor's organisation, or object to it; who is only heard says their word in the same way.

    Args:
        digest: of the plan that was read: what has changed since is not signed unread.

    Raises:
        NotFound, NotAllowed: the actor signs for no party, or has signed for another one.
        Refused: it is over, the plan is another one by now, or the organisation has said this already.
        Invalid: a dissent or an objection without words.
    """
    row = open_one(by, reorganisation_uuid, signs=True)
    plan = reads.read(row)
    if digest != plan.digest:
        raise Refused("plan_changed", "The plan has changed since you read it: read it again.")
    if any(word.user_id == by.user.pk and word.party_id != by.organisation.pk for word in plan.signoffs):
        raise NotAllowed("both_sides", "You have signed for another party: nobody signs for two sides.")
    if decision is not Decision.AGREES and not remark.strip():
        raise Invalid(
            "remark_missing", "Say why: a dissent or an objection is kept in your words.", field="remark"
        )
    last = next((word for word in plan.valid() if word.party_id == by.organisation.pk), None)
    if last is not None and (last.decision, last.remark) == (decision.value, remark.strip()):
        raise Refused("signed_already", f"{by.organisation.name} has signed this plan already.")
    word = ReorganisationSignOff.objects.create(
        reorganisation=row,
        party=by.organisation,
        user=by.user,
        signatory=by.user.called,
        decision=decision,
        remark=remark.strip(),
        digest=plan.digest,
        signed_at=clock.now(),
    )
    notice_personal_data(word)
    _record(
        by,
        row,
        "reorganisation.signed",
        {"digest": plan.digest, "decision": decision.value, "remark": remark.strip()},
    )
    return word


@action
def withdraw(*, by: Actor, reorganisation_uuid: UUID, version: int, reason: str) -> Reorganisation:
    """Withdraw a reorganisation that was not executed. Nothing has moved, and nothing will.

    Raises:
        NotFound, NotAllowed: the actor manages none of those who merge or split. Refused: it is over.
        Stale: somebody else was quicker. Invalid: no reason.
    """
    row = open_one(by, reorganisation_uuid)
    if not reason.strip():
        raise Invalid("reason_missing", "Say why: the other parties read it.", field="reason")
    row.change(version=version, state=ReorganisationState.WITHDRAWN)
    _record(by, row, "reorganisation.withdrawn", {"reason": reason.strip()})
    return row


def found(by: Actor, key: UUID) -> Reorganisation:
    """Fetch a reorganisation that an actor sees.

    Raises:
        NotFound: there is none.
    """
    row = reads.seen(by).filter(uuid=key).first()
    if row is None:
        raise NotFound("reorganisation")
    return row


def open_one(by: Actor, key: UUID, *, signs: bool = False) -> Reorganisation:
    """Fetch and lock one that the actor's organisation is a party of and that is not over.

    Args:
        signs: who signs for a party that is only heard may do this too.
    """
    row = found(by, key)
    sides = set(row.parties.filter(party=by.organisation).values_list("side", flat=True))
    if not sides and row.state != ReorganisationState.EXECUTED:
        raise NotFound("reorganisation")
    if not sides - (set() if signs else {PartySide.HEARD.value}):
        raise NotAllowed("not_a_party", "Only those who merge or split may do this.")
    if signs:
        _signing(by)
    else:
        _managing(by)
    row = Reorganisation.objects.select_for_update().get(pk=row.pk)
    if row.state != ReorganisationState.OPEN:
        raise Refused("reorganisation_over", f"This reorganisation is {row.get_state_display()}.")
    return row


def _managing(by: Actor) -> None:
    if not access.manages(by, by.organisation):
        raise NotAllowed("not_manager", f"Only a manager of {by.organisation.name} may do this.")


def _signing(by: Actor) -> None:
    seats = access.seats_now(by.user).filter(organisation=by.organisation, role__in=SIGNATORIES)
    if not by.has_scope(Scope.SIGN) or not seats.exists():
        raise NotAllowed("not_signatory", f"You do not sign for {by.organisation.name}.")


def _organisations(keys: Sequence[UUID], field: str) -> list[Organisation]:
    rows = {row.uuid: row for row in Organisation.objects.filter(uuid__in=keys)}
    if not keys or any(key not in rows for key in keys):
        raise Invalid("unknown_organisation", "Name organisations of the directory.", field=field)
    return list(rows.values())


def _sides(sides: Mapping[PartySide, Sequence[Organisation]]) -> Facts:
    return {
        side.value: [{"uuid": row.uuid, "name": row.name} for row in rows] for side, rows in sides.items()
    }


def _lineage(places: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Read what becomes of places; the shares of each former one add up to one."""
    lines: list[dict[str, str]] = []
    whole: dict[UUID, Fraction] = {}
    for said in places:
        former, successor = _place(said.get("former", "")), _place(said.get("successor", ""))
        try:
            share = fraction_of(said.get("share") or "1")
        except ValueError as error:
            raise Invalid("wrong_share", f"{error}: write 1, 2/3, 0.25 or 25%.", field="places") from error
        if former == successor and share == 1:
            raise Invalid("nothing_changes", f"{former.name} would become itself.", field="places")
        line = {"former": str(former.uuid), "successor": str(successor.uuid), "share": str(share)}
        if any(
            (other["former"], other["successor"]) == (line["former"], line["successor"]) for other in lines
        ):
            raise Invalid("place_twice", f"{former.name} goes to {successor.name} twice.", field="places")
        lines.append(line)
        whole[former.uuid] = whole.get(former.uuid, Fraction(0)) + share
    if any(total != 1 for total in whole.values()):
        raise Invalid("shares_not_one", "The shares of a place add up to one.", field="places")
    return lines


def _place(said: str) -> Place:
    country, _, code = said.strip().partition(":")
    row = Place.objects.filter(country=country.strip().upper(), code=code.strip()).first()
    if row is None:
        raise Invalid(
            "unknown_place", f"“{said}” is no place of the directory: write RO:123456.", field="places"
        )
    return row


class _Going:
    """To whom things go, as a predecessor says it."""

    def __init__(self, plan: Plan, rest: UUID | None) -> None:
        self.successors = {row.uuid for row in plan.on(PartySide.SUCCESSOR)}
        if rest is not None and rest not in self.successors:
            raise Invalid("not_a_successor", "That organisation answers for nothing after.", field="rest")
        only = next(iter(self.successors)) if len(self.successors) == 1 else None
        self.rest = rest or only

    def to(
        self, key: UUID, named: Mapping[UUID, UUID | None] | Mapping[UUID, UUID] | None, title: str,
        *, instead: str | None = None,
    ) -> str:  # fmt: skip
        """Give the successor to which something goes."""
        said = (named or {}).get(key)
        if said is None:
            if instead is not None:
                return instead
            said = self.rest
        if said is None:
            raise Invalid("goes_nowhere", f"Say to which successor “{title}” goes.", field="rest")
        if said not in self.successors:
            raise Invalid("not_a_successor", "That organisation answers for nothing after.", field="rest")
        return str(said)


def _all_held(field: str, named: Iterable[UUID], known: Sequence[Facts]) -> None:
    """Refuse something that the organisation does not have: it would be forgotten in silence."""
    there = {item["uuid"] for item in known}
    for key in named:
        if str(key) not in there:
            raise Invalid("not_held", f"Your organisation has nothing in {key}.", field=field)


def _record(by: Actor, row: Reorganisation, verb: str, data: Mapping[str, Any]) -> None:
    """Record a step in the chain of the organisation that takes it."""
    ledger.record(
        verb=verb,
        by=by,
        organisation=by.organisation,
        subject=row.uuid,
        data={"title": row.title, "legal_act": row.legal_act, "effective_on": row.effective_on, **data},
    )
