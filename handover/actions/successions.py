"""Carrying a reorganisation out: one transaction over every programme in which a predecessor has a part.

Signatures → lock each programme → hold what was stated against what is there → move people → in each programme move
standings, responsibilities and exceptions, and compare what it holds before and after → lineage of places → prove →
checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from uuid import UUID

from handover import access, clock, ledger
from handover.access import Actor, custody
from handover.actions import action
from handover.actions.accounts import take_seat
from handover.actions.checkpoints import sign_heads
from handover.actions.executions import compare, side_by_side, snapshot, stewards_agree
from handover.actions.permissions import rederive
from handover.actions.reorganisations import open_one
from handover.actions.responsibilities import succeed
from handover.actions.standings import begin, end
from handover.canonical import canonical, digest, text_digest
from handover.errors import Broken, Gate, NotAllowed, Refused
from handover.models import (
    Membership,
    Organisation,
    Place,
    PlaceLineage,
    Programme,
    ProgrammeUserGrant,
    Reorganisation,
    ResponsibilityUserGrant,
    RoleGroup,
    Standing,
    Tenure,
    User,
)
from handover.models.reorganisations import PartySide, ReorganisationState
from handover.models.responsibilities import Capacity
from handover.permissions import Permission, Role, StandingKind
from handover.queries import reorganisations as reads
from handover.queries.previews import Held, Holder, Person, held_now, people
from handover.queries.reorganisations import Facts, Plan

GIVES_WAY = (StandingKind.PARTNER, StandingKind.FORMER_STEWARD, StandingKind.RECEIVER)
"""Standings that a steward does not keep beside: it would keep them when it hands over."""


@dataclass(frozen=True)
class _Heirs:
    """To whom everything goes, by primary keys."""

    predecessors: Mapping[int, Organisation]
    successors: Mapping[int, Organisation]
    programmes: Mapping[tuple[int, UUID], int]
    """(predecessor, programme) → successor."""
    duties: Mapping[tuple[int, UUID], int]
    """(predecessor, responsibility) → successor."""

    def of(self, organisation: int, programme: Programme, duty: UUID | None = None) -> int:
        """Give who has something of an organisation afterwards: itself, if it is no predecessor."""
        if duty is not None and (organisation, duty) in self.duties:
            return self.duties[organisation, duty]
        return self.programmes.get((organisation, programme.uuid), organisation)


@action
def execute(*, by: Actor, reorganisation_uuid: UUID) -> Reorganisation:
    """Carry a reorganisation out. A successor's manager does, from the day on which the act is in force.

    Raises:
        NotFound, NotAllowed: the actor manages no successor of it.
        Refused: it is over, or gates are unmet; nothing has happened. What parties owe each other is named at once;
            when that is met, everything in the programmes is.
        Broken: an invariant would not hold; nothing has happened.
    """
    row = open_one(by, reorganisation_uuid)
    plan = reads.read(row)
    successors = {party.pk: party for party in plan.on(PartySide.SUCCESSOR)}
    if by.organisation.pk not in successors:
        raise NotAllowed("not_a_successor", "Who answers after carries the reorganisation out.")
    # Before everybody has signed, nobody looks into a predecessor's programmes: what stands there is theirs to tell.
    unmet = reads.gates(plan)
    keys = [] if unmet else reads.programmes_of(row)
    unmet += [] if unmet else _held_otherwise(plan, keys)
    if unmet:
        raise Refused(
            "gates_unmet", f"The reorganisation cannot be executed yet: {len(unmet)} gates are unmet.", unmet
        )
    heirs = _heirs(plan, successors)
    seated = {party.pk: people([party.pk]) for party in heirs.predecessors.values()}
    moved_people = _move_people(plan, heirs)
    sections = [_moved(by, row, heirs, key, seated) for key in keys]
    _lineage(row)
    body = {
        "v": 1,
        "reorganisation": {
            "uuid": row.uuid,
            "title": row.title,
            "legal_act": row.legal_act,
            "effective_on": row.effective_on,
        },
        "plan": plan.digest,
        "executed_at": clock.now(),
        "predecessors": [_named(party) for party in heirs.predecessors.values()],
        "successors": [_named(party) for party in successors.values()],
        "heard": [_named(party) for party in plan.on(PartySide.HEARD)],
        "words": [
            {
                "party": _named(word.party),
                "signatory": word.signatory.key,
                "decision": word.decision,
                "remark": word.remark,
                "signed_at": word.signed_at,
            }
            for word in plan.valid()
        ],
        "places": row.places,
        "programmes": sections,
        "people": moved_people,
    }
    text = canonical(body)
    row.change(
        version=row.version,
        state=ReorganisationState.EXECUTED,
        executed_at=clock.now(),
        digest=plan.digest,
        proof=text,
        proof_digest=text_digest(text),
    )
    _record(by, row, plan)
    sign_heads()
    return row


def _record(by: Actor, row: Reorganisation, plan: Plan) -> None:
    """Record it in the installation's chain, which everybody reads: a public fact, and the digest of its proof."""
    ledger.record(
        verb="reorganisation.executed",
        by=by,
        subject=row.uuid,
        data={
            "title": row.title,
            "legal_act": row.legal_act,
            "effective_on": row.effective_on,
            "predecessors": [_named(party) for party in plan.on(PartySide.PREDECESSOR)],
            "successors": [_named(party) for party in plan.on(PartySide.SUCCESSOR)],
            "plan": plan.digest,
            "proof": row.proof_digest,
        },
    )


def _named(party: Organisation) -> dict[str, Any]:
    return {"uuid": party.uuid, "name": party.name}


def _held_otherwise(plan: Plan, keys: Sequence[int]) -> list[Gate]:
    """Lock the programmes; name where what predecessors stated is not what is there, and what is still under way."""
    found: list[Gate] = []
    heard = [party.uuid for party in plan.on(PartySide.HEARD)]
    there: dict[int, list[Facts]] = {}
    predecessors = plan.on(PartySide.PREDECESSOR)
    for key in keys:
        with custody(key):
            programme = access.lock_programme(Programme(pk=key))
            for party in predecessors:
                here = reads.survey(party, [key])
                there.setdefault(party.pk, []).extend(here)
                if here:
                    found += reads.obstacles(programme, party, heard)
    for party in predecessors:
        part = plan.part_of(party.pk)
        if part is None:
            continue
        now = {
            "programmes": sorted(
                there.get(party.pk, []), key=lambda item: (item["identifier"], item["uuid"])
            ),
            "people": reads.seats_of(party),
            "bodies": reads.bodies_of(party),
        }
        if digest(now) != digest(reads.facts_of(part.plan)):
            found.append(
                Gate(
                    "part_outdated",
                    f"What {party.name} stated is not what it answers for today: it states it anew.",
                    str(party.uuid),
                )
            )
    return list(dict.fromkeys(found))


def _heirs(plan: Plan, successors: Mapping[int, Organisation]) -> _Heirs:
    keys = {str(party.uuid): party.pk for party in successors.values()}
    programmes: dict[tuple[int, UUID], int] = {}
    duties: dict[tuple[int, UUID], int] = {}
    for part in plan.parts:
        for item in part.plan["programmes"]:
            programmes[part.predecessor_id, UUID(item["uuid"])] = keys[item["to"]]
            for duty in item["responsibilities"]:
                duties[part.predecessor_id, UUID(duty["uuid"])] = keys[duty["to"]]
    return _Heirs(
        predecessors={party.pk: party for party in plan.on(PartySide.PREDECESSOR)},
        successors=dict(successors),
        programmes=programmes,
        duties=duties,
    )


def _move_people(plan: Plan, heirs: _Heirs) -> list[dict[str, Any]]:
    """Seat people where their successor is, in the roles that they have, and end their old seats; bodies follow."""
    after = {str(party.uuid): party for party in heirs.successors.values()}
    now, told = clock.now(), []
    for part in plan.parts:
        former = part.predecessor
        users = User.objects.in_bulk([UUID(seat["user"]) for seat in part.plan["people"]], field_name="uuid")
        seats = Membership.objects.filter(access.holding(now), organisation=former)
        ends = {(seat.user_id, seat.role): seat.ends_at for seat in seats}
        groups = {row.role: row.group_id for row in RoleGroup.objects.filter(organisation=former)}
        for seat in part.plan["people"]:
            user, heir = users[UUID(seat["user"])], after.get(seat["to"] or "")
            told.append({"user": user.uuid, "name": seat["name"], "from": former.uuid, "to": seat["to"]})
            if heir is not None and heir.pk == former.pk:
                continue
            for role in seat["roles"]:
                if heir is not None:
                    _seat(user, heir, Role(role), ends[user.pk, role])
                user.groups.remove(groups[role])
            seats.filter(user=user).update(ends_at=now)
        for body in part.plan["bodies"]:
            child = Organisation.objects.get(uuid=UUID(body["uuid"]))
            child.change(version=child.version, parent=after[body["to"]])
    return told


def _seat(user: User, heir: Organisation, role: Role, until: Any) -> None:
    """Seat somebody at a successor; who sits there already for longer keeps that."""
    held = (
        Membership.objects.filter(access.holding(clock.now()), user=user, organisation=heir, role=role.value)
        .values_list("ends_at", flat=True)
        .first()
    )
    lasting = Membership.objects.filter(
        access.holding(clock.now()), user=user, organisation=heir, role=role.value, ends_at__isnull=True
    )
    if lasting.exists() or (held is not None and until is not None and held >= until):
        return
    take_seat(user, heir, role, until)


def _moved(
    by: Actor, row: Reorganisation, heirs: _Heirs, key: int, seated: Mapping[int, Sequence[Person]]
) -> dict[str, Any]:
    """Move one programme, and tell what happened in it; its chain keeps the digest of what is told."""
    with custody(key):
        programme = Programme.objects.select_related("steward").get(pk=key)
        steward_before = programme.steward
        before, held_before = snapshot(programme), held_now(programme)
        duties = _move_duties(row, heirs, programme)
        stood = _move_standings(row, heirs, programme)
        exceptions = _move_exceptions(heirs, programme)
        rederive(programme)
        after, held = snapshot(programme), held_now(programme)
        compare(before, after)
        _as_planned(heirs, programme, held_before, held)
        _nobody_locked_out(heirs, programme, held_before, held, seated)
        stewards_agree(programme)
        holdings = side_by_side(before, after)
        section = {
            "programme": {
                "uuid": programme.uuid,
                "identifier": programme.identifier,
                "title": programme.title,
            },
            "steward": {"before": steward_before.uuid, "after": programme.steward.uuid},
            "standings": stood,
            "responsibilities": duties,
            "exceptions": exceptions,
            "holdings": holdings,
        }
        ledger.record(
            verb="programme.succeeded",
            by=by,
            programme=programme,
            subject=row.uuid,
            data={
                "title": row.title,
                "legal_act": row.legal_act,
                "effective_on": row.effective_on,
                "section": digest(section),
                **{
                    name: section[name] for name in ("steward", "standings", "responsibilities", "exceptions")
                },
                "holdings": [line["after"] for line in holdings],
            },
        )
    return section


def _move_duties(row: Reorganisation, heirs: _Heirs, programme: Programme) -> list[dict[str, Any]]:
    """Move every capacity of predecessors in responsibilities, today's in two statements; and what begins later."""
    mine = Tenure.objects.filter(programme=programme, organisation__in=list(heirs.predecessors))
    today = clock.today()
    turns: list[tuple[int, Capacity, int | None]] = []
    told = []
    for tenure in (
        mine.filter(valid__contains=today)
        .select_related("responsibility")
        .order_by("responsibility__uuid", "capacity")
    ):
        heir = heirs.of(tenure.organisation_id, programme, tenure.responsibility.uuid)
        if heir == tenure.organisation_id:
            continue
        turns.append((tenure.responsibility_id, Capacity(tenure.capacity), heir))
        told.append(
            {
                "responsibility": tenure.responsibility.uuid,
                "title": tenure.responsibility.title,
                "capacity": tenure.capacity,
                "from": heirs.predecessors[tenure.organisation_id].uuid,
                "to": heirs.successors[heir].uuid,
            }
        )
    succeed(programme, turns, on=today, transfer_uuid=row.uuid)
    for tenure in mine.filter(valid__startswith__gt=today).select_related("responsibility"):
        heir = heirs.of(tenure.organisation_id, programme, tenure.responsibility.uuid)
        Tenure.objects.filter(pk=tenure.pk).update(organisation=heir)
    return told


def _move_standings(row: Reorganisation, heirs: _Heirs, programme: Programme) -> list[dict[str, Any]]:
    """Move standings, stewardship first; whoever answers for something alone becomes a partner."""
    now = clock.now()
    current = Standing.objects.filter(programme=programme, valid__contains=now)
    mine = list(current.filter(organisation__in=list(heirs.predecessors)).select_related("organisation"))
    mine.sort(key=lambda found: (found.kind != StandingKind.STEWARD.value, found.kind, found.pk))
    told, steward = [], programme.steward_id
    for found in mine:
        heir, kind = heirs.of(found.organisation_id, programme), StandingKind(found.kind)
        if heir == found.organisation_id:
            continue
        end(programme, found.organisation, kind)
        told.append({"kind": kind.value, "from": found.organisation.uuid, "to": heirs.successors[heir].uuid})
        if kind is StandingKind.STEWARD:
            steward = heir
            programme.change(version=programme.version, steward=heirs.successors[heir])
        has = current.filter(organisation=heir, kind=kind.value, valid__endswith=found.valid.upper)
        if (steward == heir and kind in GIVES_WAY) or (found.cutoff is None and has.exists()):
            continue
        begin(
            programme,
            heirs.successors[heir],
            kind,
            until=found.valid.upper,
            writes=found.writes,
            cutoff=found.cutoff,
            transfer_uuid=row.uuid,
        )
    if steward in heirs.successors:
        for kind in GIVES_WAY:
            end(programme, heirs.successors[steward], kind)
    answering = set(
        Tenure.objects.filter(
            programme=programme,
            organisation__in=list(heirs.successors),
            capacity=Capacity.HOLDER,
            valid__contains=clock.today(),
        ).values_list("organisation_id", flat=True)
    )
    writing = set(current.filter(writes=True).values_list("organisation_id", flat=True))
    for heir in sorted(answering - writing):
        begin(programme, heirs.successors[heir], StandingKind.PARTNER, transfer_uuid=row.uuid)
        told.append({"kind": StandingKind.PARTNER.value, "from": None, "to": heirs.successors[heir].uuid})
    return told


def _move_exceptions(heirs: _Heirs, programme: Programme) -> list[dict[str, Any]]:
    """Let single users' exceptions follow their people: who sits at the successor holds it for the successor now."""
    told: list[dict[str, Any]] = []
    now = clock.now()
    own = ProgrammeUserGrant.objects.filter(content_object=programme)
    below = ResponsibilityUserGrant.objects.filter(programme=programme).select_related("content_object")
    mine: list[ProgrammeUserGrant | ResponsibilityUserGrant] = [
        *own.filter(organisation__in=list(heirs.predecessors)).select_related("user", "permission"),
        *below.filter(organisation__in=list(heirs.predecessors)).select_related("user", "permission"),
    ]
    for grant in mine:
        duty = grant.content_object.uuid if isinstance(grant, ResponsibilityUserGrant) else None
        heir = heirs.of(grant.organisation_id, programme, duty)
        if heir == grant.organisation_id:
            continue
        seated = Membership.objects.filter(access.holding(now), user=grant.user, organisation=heir)
        keeps = seated.exists()
        rows = type(grant).objects.filter(pk=grant.pk)
        if keeps:
            rows.update(organisation=heir)
        else:
            rows.delete()
        told.append(
            {
                "user": grant.user.uuid,
                "name": grant.user.called,
                "permission": grant.permission.codename,
                "responsibility": duty,
                "to": heirs.successors[heir].uuid if keeps else None,
            }
        )
    return told


def _as_planned(heirs: _Heirs, programme: Programme, before: Held, after: Held) -> None:
    """Each role holds at the successor what it held at the predecessor; nobody else more or less than before.

    Raises:
        Broken: a role would not; each is named.
    """
    uuids = dict(
        Tenure.objects.filter(programme=programme).values_list("responsibility_id", "responsibility__uuid")
    )

    def there(holder: Holder) -> Holder:
        duty = uuids.get(holder.responsibility) if holder.responsibility is not None else None
        return Holder(heirs.of(holder.organisation, programme, duty), holder.role, holder.responsibility)

    expected: dict[Holder, frozenset[Permission]] = {}
    for holder, codes in before.items():
        expected[there(holder)] = expected.get(there(holder), frozenset()) | codes
    wrong = [holder for holder, codes in expected.items() if not codes <= after.on(holder)]
    wrong += [
        holder
        for holder, codes in after.items()
        if not codes <= expected.get(holder, frozenset()) and holder.organisation not in heirs.successors
    ]
    if wrong:
        named = sorted({f"{holder.role} of organisation {holder.organisation}" for holder in wrong})
        raise Broken(
            "permissions_differ",
            f"Permissions would not be what was signed: {', '.join(named)}.",
            roles=named,
        )


def _nobody_locked_out(
    heirs: _Heirs, programme: Programme, before: Held, after: Held, seated: Mapping[int, Sequence[Person]]
) -> None:
    """Whatever somebody of a predecessor could do, somebody of whoever answers for it now can do.

    Raises:
        Refused: nobody could; each permission is named.
    """
    uuids = dict(
        Tenure.objects.filter(programme=programme).values_list("responsibility_id", "responsibility__uuid")
    )
    alive = {
        (party, role) for party, sitting in seated.items() for person in sitting for role in person.roles
    }
    now = {(person.organisation, role) for person in people(heirs.successors) for role in person.roles}
    could = {
        (
            heirs.of(held.organisation, programme, uuids.get(held.responsibility or 0)),
            held.responsibility,
            code,
        )
        for held, codes in before.items()
        if (held.organisation, held.role) in alive
        for code in codes
    }
    can = {
        (held.organisation, held.responsibility, code)
        for held, codes in after.items()
        if (held.organisation, held.role) in now
        for code in codes
    }
    lost = sorted({(party, code.value) for party, _, code in could - can if party in heirs.successors})
    if lost:
        raise Refused(
            "gates_unmet",
            f"In {programme.identifier} nobody could do any more what somebody can do now.",
            [
                Gate(
                    "nobody_left",
                    f"Nobody of {heirs.successors[party].name} would have “{code}” in {programme.identifier}.",
                    str(heirs.successors[party].uuid),
                )
                for party, code in lost
            ],
        )


def _lineage(row: Reorganisation) -> None:
    """Write down what became of places."""
    keys: Iterable[str] = {line[side] for line in row.places for side in ("former", "successor")}
    places = Place.objects.in_bulk([UUID(key) for key in keys], field_name="uuid")
    for line in row.places:
        share = Fraction(line["share"])
        PlaceLineage.objects.create(
            former=places[UUID(line["former"])],
            successor=places[UUID(line["successor"])],
            on=row.effective_on,
            numerator=share.numerator,
            denominator=share.denominator,
            source=row.legal_act,
        )
