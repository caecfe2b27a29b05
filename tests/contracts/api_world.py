"""The world in which the operations of the REST interface are tried: three programmes with a row of everything, in a
phase of a transfer, and everybody who could ask, each with a key of their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from django.apps import apps
from django.db.models import Model

from handover import clock
from handover.access import Actor, Operator, asking
from handover.actions import organisations, places, tokens, webhooks
from handover.models import Place, Programme
from handover.models.organisations import OrganisationKind
from handover.permissions import (
    HOLDER_ROLE,
    ORGANISATION_SCOPES,
    PERSONAL_SCOPES,
    STANDING_ROLE,
    Permission,
    Role,
    Scope,
    StandingKind,
)
from handover.queries.tokens import actor_by_key
from tests.contracts import world
from tests.factories import transfers
from tests.factories.cast import FOUNDED, Cast
from tests.factories.interventions import levels
from tests.factories.models import published
from tests.factories.organisations import organisation, person
from tests.factories.programmes import admitted, programme, responsibility


class Phase(StrEnum):
    """Where the transfer stands."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


@dataclass(frozen=True)
class Caller:
    """Somebody who asks: who they are, in which role, and how their organisation stands to each programme."""

    name: str
    actor: Actor
    role: Role
    standings: Mapping[int, StandingKind]
    scopes: frozenset[Scope]

    def may(self, programme: Programme) -> frozenset[Permission]:
        """Give what the two tables of permissions say: by standing and role, and of whom holds everything also by that.

        Whoever is the steward here holds all responsibilities.
        """
        kind = self.standings.get(programme.pk)
        if kind is None:
            return frozenset()
        held = STANDING_ROLE[kind].get(self.role, frozenset[Permission]())
        own = HOLDER_ROLE.get(self.role, frozenset()) if kind is StandingKind.STEWARD else frozenset()
        return frozenset(held | own)


@dataclass
class Whole:
    """One programme with all its rows, and the rows of its steward's organisation."""

    programme: Programme
    steward: Actor
    keys: dict[str, UUID] = field(default_factory=dict)
    """The UUID of one row by the label of its model."""
    uuids: set[str] = field(default_factory=set)
    """The UUIDs of all rows."""

    def key(self, model: type[Model]) -> UUID:
        """Give the UUID of a row."""
        found = self.keys.get(model._meta.label)
        assert found is not None, f"no row of {model._meta.label}: make one in tests/contracts/api_world.py"
        return found


@dataclass
class Scene:
    """Who asks, and the programmes. ``home`` is transferred, ``second`` stays, ``foreign`` is the stranger's."""

    phase: Phase
    callers: list[Caller]
    home: Whole
    second: Whole
    foreign: Whole


def scene(phase: Phase, cast: Cast, home: Programme) -> Scene:
    """Bring a programme into a phase, and give it and two others a row of everything."""
    with clock.at(FOUNDED):
        partner = person(organisation("partner", OrganisationKind.NGO))
        admitted(home, partner.organisation, StandingKind.PARTNER, by=cast.giver)
        second = programme(cast.giver, identifier="XX-TEST-SECOND")
        foreign = programme(cast.stranger, identifier="XX-TEST-FOREIGN")
        responsibility(second, by=cast.giver)
        responsibility(foreign, by=cast.stranger)
        places.add_unit(by=Operator(), country="RO", nuts3="RO999", code="999999", name="A place")
    levels(second, by=cast.giver)
    published(second, by=cast.giver)
    if phase is Phase.DURING:
        plan = transfers.drafted(home, by=cast.giver, receiver=cast.receiver.organisation)
        transfers.agreed(plan, by=cast.giver, receiver=cast.receiver)
    if phase is Phase.AFTER:
        transfers.executed(cast, home)
    steward = cast.receiver if phase is Phase.AFTER else cast.giver
    wholes = [_whole(home, steward), _whole(second, cast.giver), _whole(foreign, cast.stranger)]
    for actor, whole in ((cast.giver, wholes[1]), (cast.stranger, wholes[2])):
        whole.keys |= _own_rows(actor)
        whole.uuids |= {str(key) for key in whole.keys.values()} - {str(actor.user.uuid)}
    wholes[0].keys = wholes[1].keys | wholes[0].keys
    return Scene(phase, _callers(phase, cast, partner, wholes), *wholes)


def _whole(programme: Programme, steward: Actor) -> Whole:
    """Fill what is empty, and note what there is."""
    world.fill(programme, steward)
    whole = Whole(programme, steward)
    with asking(steward):
        for model in world.programme_models():
            if any(column.name == "uuid" for column in model._meta.concrete_fields):
                rows = model._default_manager.filter(**{_key_of(model): programme})
                keys: list[UUID] = list(rows.order_by("pk").values_list("uuid", flat=True))
                whole.keys[model._meta.label] = keys[0]
                whole.uuids |= {str(key) for key in keys}
    whole.keys["handover.Programme"] = programme.uuid
    whole.uuids.add(str(programme.uuid))
    return whole


def _key_of(model: type[Model]) -> str:
    return next(item.name for item in model._meta.concrete_fields if item.column == "programme_id")


def _own_rows(actor: Actor) -> dict[str, UUID]:
    """Make what belongs to an organisation alone."""
    later = clock.now() + dt.timedelta(days=30)
    token = tokens.issue(by=actor, title="Another", scopes=[Scope.READ], expires_at=later).token
    hook = webhooks.create(
        by=actor, title="A list", url="https://giver.example/", events=["transfer.proposed"]
    )
    sent = webhooks.try_out(by=actor, webhook_uuid=hook.webhook.uuid)
    signs = organisations.represent(
        by=actor, capacity="president", mandate_act="statute", valid_from=dt.date(2024, 1, 1)
    )
    return {
        "handover.AccessToken": token.uuid,
        "handover.Webhook": hook.webhook.uuid,
        "handover.WebhookDelivery": sent.uuid,
        "handover.LegalRepresentative": signs.uuid,
        "handover.User": actor.user.uuid,
    }


def _callers(phase: Phase, cast: Cast, partner: Actor, wholes: list[Whole]) -> list[Caller]:
    home, second, foreign = (whole.programme.pk for whole in wholes)
    giver = StandingKind.FORMER_STEWARD if phase is Phase.AFTER else StandingKind.STEWARD
    receiver = {Phase.BEFORE: None, Phase.DURING: StandingKind.RECEIVER, Phase.AFTER: StandingKind.STEWARD}[
        phase
    ]
    at_home = {home: receiver} if receiver else {}
    sides: list[tuple[str, list[tuple[Actor, Role]], dict[int, StandingKind]]] = [
        (
            "giver",
            _staff(cast.giver, cast.giver_officer, cast.giver_reporter),
            {home: giver, second: StandingKind.STEWARD},
        ),
        ("receiver", _staff(cast.receiver, cast.receiver_officer, cast.receiver_reporter), at_home),
        ("partner", [(partner, Role.MANAGER)], {home: StandingKind.PARTNER}),
        ("donor", [(cast.donor, Role.MANAGER)], {home: StandingKind.DONOR}),
        ("community", [(cast.community, Role.COMMUNITY_REPRESENTATIVE)], {home: StandingKind.COMMUNITY}),
        ("auditor", [(cast.auditor, Role.AUDITOR)], {home: StandingKind.AUDITOR}),
        ("stranger", [(cast.stranger, Role.MANAGER)], {foreign: StandingKind.STEWARD}),
    ]
    found = [
        Caller(f"{side} {role.value}", _by_key(_personal(actor)), role, standings, PERSONAL_SCOPES)
        for side, people, standings in sides
        for actor, role in people
    ]
    machine = tokens.issue_for_organisation(
        by=cast.giver, title="Machine", scopes=ORGANISATION_SCOPES, expires_at=_later(), role=Role.MANAGER
    )
    return [
        *found,
        Caller("giver token", _by_key(machine.key), Role.MANAGER, sides[0][2], ORGANISATION_SCOPES),
    ]


def _staff(manager: Actor, officer: Actor, reporter: Actor) -> list[tuple[Actor, Role]]:
    of = manager.organisation
    others = [(person(of, role), role) for role in (Role.VIEWER, Role.AUDITOR)]
    return [(manager, Role.MANAGER), (officer, Role.OFFICER), (reporter, Role.REPORTER), *others]


def _later() -> dt.datetime:
    return clock.now() + dt.timedelta(days=30)


def _personal(actor: Actor) -> str:
    return tokens.issue(by=actor, title="All of it", scopes=PERSONAL_SCOPES, expires_at=_later()).key


def _by_key(key: str) -> Actor:
    actor = actor_by_key(key)
    assert actor is not None
    return actor


NAMED: Mapping[str, str] = {
    "programme": "handover.Programme",
    "agreement": "handover.LegalAct",
    "authority": "interventions.Authority",
    "check": "handover.SustainabilityCheck",
    "community": "handover.Community",
    "engagement": "handover.AuditEngagement",
    "evidence": "handover.Evidence",
    "grants": "handover.Grant",
    "consultation": "interventions.Consultation",
    "contract": "handover.Contract",
    "grant": "handover.Grant",
    "indicator": "indicators.Indicator",
    "indicators": "indicators.Indicator",
    "intervention": "interventions.Intervention",
    "intervention_uuid": "interventions.Intervention",
    "into": "interventions.Need",
    "legal_act": "handover.LegalAct",
    "level": "interventions.NeedLevel",
    "licence": "handover.Licence",
    "line": "handover.AnnexLine",
    "meeting": "interventions.PolicyMeeting",
    "mentions": "interventions.Need",
    "milestone": "handover.TransferMilestone",
    "moves": "handover.Responsibility",
    "need": "interventions.Need",
    "obligation": "handover.Obligation",
    "needs": "interventions.Need",
    "parent": "interventions.Need",
    "prerequisites": "interventions.Need",
    "raised_in": "interventions.Consultation",
    "ranked": "interventions.Need",
    "required_by": "interventions.Need",
    "requires": "interventions.Need",
    "responsibilities": "handover.Responsibility",
    "responsibility": "handover.Responsibility",
    "result": "indicators.Result",
    "rows": "indicators.Draft",
    "seat": "interventions.PolicySeat",
    "service": "interventions.Service",
    "source": "indicators.SourceSeries",
    "subject": "handover.Post",
    "submission": "indicators.Submission",
    "thing": "handover.Responsibility",
    "transfer": "handover.Transfer",
    "undertaking": "handover.Undertaking",
    "values": "indicators.Value",
    "waits_for": "handover.TransferMilestone",
}
"""To a row of which model a field of a body refers, by its name, within the programme that is acted on."""

PEOPLE = ("user", "to_user")
ORGANISATIONS = (
    "auditor", "custodian", "debtor", "donor", "employer", "facilitator", "holder", "issuer", "lead", "organisation",
    "owner", "partners", "provider", "provider_after", "receiver", "answers", "predecessors", "successors", "heard",
    "rest", "to",
)  # fmt: skip


class Refers:
    """Gives the UUIDs for a body: rows of one programme, or, as a ghost's, of none."""

    def __init__(self, whole: Whole, *, ghost: bool = False) -> None:
        self.whole = whole
        self.ghost = uuid4() if ghost else None
        self.place = Place.objects.earliest("id").uuid
        self.model = apps.get_model("interventions.InterventionModel").objects.order_by("id").first()

    def __call__(self, name: str) -> UUID:
        """Give the UUID of what a field refers to."""
        if name in PEOPLE:
            return self.whole.steward.user.uuid
        if name in ORGANISATIONS:
            return self.whole.steward.organisation.uuid
        if name in ("place", "at_places"):
            return self.place
        if name == "model":
            return self.model.uuid if self.model else UUID(int=0)
        assert name in NAMED, f"to what does “{name}” refer? say it in tests/contracts/api_world.py"
        return self.ghost or self.whole.keys[NAMED[name]]

    def key(self, model: type[Model] | None) -> UUID:
        """Give the UUID of the row that is addressed."""
        return self.ghost or (UUID(int=0) if model is None else self._row(model))

    def _row(self, model: type[Model]) -> UUID:
        if model._meta.label in self.whole.keys:
            return self.whole.keys[model._meta.label]
        if model._meta.label == "handover.Organisation":
            return self.whole.steward.organisation.uuid
        if model._meta.label == "handover.Place":
            return self.place
        found: Any = model._default_manager.order_by("pk").first()
        return getattr(found, "uuid", UUID(int=0))
