"""Two whole programmes of two tenants, with at least one row in every table, and somebody of every standing.

What the story makes is made by actions. Whatever table is then still empty gets a row from the model's own description,
so that a new table is in the isolation tests from its first day.
"""

from __future__ import annotations

import datetime as dt
import uuid as uuids
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField, DateRangeField, DateTimeRangeField
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from handover import clock
from handover.access import Actor, Operator, asking
from handover.actions import checkpoints, key_successions, permissions, places, reorganisations, standings
from handover.actions import organisations as directory
from handover.models import Organisation, Place, PlaceLineage, Programme, Transfer, User
from handover.models.guard import writing
from handover.models.organisations import OrganisationKind
from handover.models.transfers import TransferState
from handover.permissions import Permission, StandingKind
from handover.queries import instruments
from handover.queries import reorganisations as reads
from interventions.models import InterventionModel, ModelVersion
from tests.factories import cast as casting
from tests.factories.cast import AUDIT_ENDS, FOUNDED, Cast
from tests.factories.organisations import organisation, person
from tests.factories.programmes import admitted, programme, responsibility
from tests.factories.readiness import small

APPS = ("handover", "interventions", "indicators")


@dataclass(frozen=True)
class World:
    """Who and what there is. ``home`` is the giver's, ``second`` the giver's too, ``foreign`` the stranger's."""

    cast: Cast
    partner: Actor
    former: Actor
    home: Programme
    second: Programme
    foreign: Programme

    def by_standing(self) -> dict[StandingKind, Actor]:
        """Give somebody of every standing on ``home``."""
        return {
            StandingKind.STEWARD: self.cast.giver,
            StandingKind.RECEIVER: self.cast.receiver,
            StandingKind.PARTNER: self.partner,
            StandingKind.DONOR: self.cast.donor,
            StandingKind.COMMUNITY: self.cast.community,
            StandingKind.AUDITOR: self.cast.auditor,
            StandingKind.FORMER_STEWARD: self.former,
        }


def build() -> World:
    """Make it all, in the present transaction."""
    cast = casting.assemble()
    with clock.at(FOUNDED):
        partner = person(organisation("partner", OrganisationKind.NGO))
        former = person(organisation("former", OrganisationKind.NGO))
        home = casting.programme_of(cast)
        admitted(home, partner.organisation, StandingKind.PARTNER, by=cast.giver)
        for guest, kind in ((former, StandingKind.FORMER_STEWARD), (cast.receiver, StandingKind.RECEIVER)):
            _transferred(home, guest.organisation, kind, by=cast.giver)
        second = programme(cast.giver, identifier="XX-TEST-SECOND")
        foreign = programme(cast.stranger, identifier="XX-TEST-FOREIGN")
        responsibility(second, by=cast.giver)
        responsibility(foreign, by=cast.stranger)
        admitted(foreign, cast.auditor.organisation, StandingKind.AUDITOR, by=cast.stranger, until=AUDIT_ENDS)
        places.add_unit(by=Operator(), country="RO", nuts3="RO999", code="999999", name="A place")
    for whole, steward in ((home, cast.giver), (second, cast.giver), (foreign, cast.stranger)):
        fill(whole, steward)
    directory.represent(
        by=cast.giver, capacity="president", mandate_act="statute 1", valid_from=dt.date(2024, 1, 1)
    )
    directory.represent(
        by=cast.stranger, capacity="president", mandate_act="statute 2", valid_from=dt.date(2024, 1, 1)
    )
    _published(cast.giver)
    _reorganised(cast, partner)
    checkpoints.make(by=cast.giver)
    key_successions.rotate(by=Operator(), reason="A machine was replaced")
    return World(cast=cast, partner=partner, former=former, home=home, second=second, foreign=foreign)


def _reorganised(cast: Cast, heir: Actor) -> None:
    """Plan that the giver goes to another organisation: stated, signed, not executed; and a lineage of places."""
    row = reorganisations.draw_up(
        by=cast.giver,
        title="One of two",
        legal_act="Decision 1",
        effective_on=dt.date(2030, 1, 1),
        predecessors=[cast.giver.organisation.uuid],
        successors=[heir.organisation.uuid],
        heard=[cast.community.organisation.uuid],
    )
    reorganisations.state(by=cast.giver, reorganisation_uuid=row.uuid)
    with asking(cast.giver):
        digest = reads.read(row).digest
    reorganisations.sign(by=cast.giver, reorganisation_uuid=row.uuid, digest=digest)
    after = places.add_unit(by=Operator(), country="RO", nuts3="RO999", code="999998", name="A later place")
    with writing():
        PlaceLineage.objects.create(
            former=Place.objects.get(code="999999"),
            successor=after,
            on=dt.date(2024, 1, 1),
            numerator=1,
            denominator=1,
            source="Decision 1",
        )


def _transferred(programme: Programme, guest: Organisation, kind: StandingKind, *, by: Actor) -> None:
    """Give a standing that in life only a transfer gives."""
    with asking(by), writing():
        standings.begin(programme, guest, kind)
        permissions.rederive(programme)


def fill(programme: Programme, steward: Actor) -> None:
    """Give every table a row of a programme."""
    for thing, permission in (
        (programme, Permission.SIGN),
        (_some_responsibility(programme, steward), Permission.REPORT_VALUES),
    ):
        permissions.except_user(
            by=steward,
            thing=thing,
            user=steward.user,
            organisation=steward.organisation,
            permission=permission,
            reason="An exception to try the wall on",
        )
    with asking(steward), writing():
        filler = Filler(programme, steward)
        for model in programme_models():
            filler.row(model)


def _published(steward: Actor) -> None:
    """Put one version of one model into the shared catalogue."""
    with asking(steward), writing():
        model = InterventionModel.objects.create(
            key="a-model", organisation=steward.organisation, created_at=FOUNDED
        )
        ModelVersion.objects.create(
            model=model, number=1, format="1", digest="0" * 64, licence="CC-BY-4.0", published_at=FOUNDED
        )


def _some_responsibility(programme: Programme, steward: Actor) -> Any:
    from handover.models import Responsibility

    with asking(steward):
        return Responsibility.objects.filter(programme=programme).earliest("id")


def programme_models() -> Iterator[type[models.Model]]:
    """Give every model whose rows belong to a programme."""
    for model in apps.get_models():
        if model._meta.app_label in APPS and any(
            isinstance(field, models.ForeignKey) and field.column == "programme_id"
            for field in model._meta.concrete_fields
        ):
            yield model


Maker = Callable[["Filler"], dict[str, Any]]

EXACT: dict[str, Maker] = {
    "handover.AuditEngagement": lambda f: {"ends_at": AUDIT_ENDS},
    "handover.Transfer": lambda f: {"receiver": f.someone_else()},
    "handover.Evidence": lambda f: {
        "file": None,
        "link": "https://giver.example/minutes",
        "names_people": False,
    },
    "handover.SignOff": lambda f: {"subject": "plan", "milestone": None},
    "handover.MilestoneDependency": lambda f: {"waits_for": f.another("handover.TransferMilestone")},
    "handover.Tenure": lambda f: {"valid": DateRange(dt.date(1990, 1, 1), dt.date(1990, 2, 1))},
    "handover.BudgetStep": lambda f: {"month": 9, "day": 1},
    "handover.CommunityVote": lambda f: {"present": 3, "assent": 1, "dissent": 1, "abstained": 1},
    "handover.ExchangeRate": lambda f: {"currency": "RON", "into": "EUR"},
    "handover.Instrument": lambda f: {
        "key": "small",
        "edition": "1",
        "title": [{"lang": "en", "text": "A small one"}],
        "document": dict(instruments.read(small()).document),
    },
    "handover.SustainabilityCheck": lambda f: {
        "transfer": f.handed_over(),
        "months": 6,
        "due_on": dt.date(2024, 6, 30),
    },
    # A draft is its auditors' alone: a finding that everybody may read says more of the wall.
    "handover.AuditFinding": lambda f: {"state": "shared"},
    "handover.UndertakingYear": lambda f: {"year": 2024},
    "handover.Preview": lambda f: {"body": "{}"},
    "handover.Proof": lambda f: {"body": "{}"},
    "handover.PostFunding": lambda f: {"share": Decimal(50)},
    "handover.Assessment": lambda f: {"closed_at": None},
    "indicators.Feed": lambda f: {"record": "support", "measure": "families"},
    "indicators.Overlap": lambda f: {
        "starts_on": dt.date(2024, 1, 1),
        "cut_on": dt.date(2024, 2, 1),
        "ends_on": dt.date(2024, 3, 31),
    },
    "indicators.Provenance": lambda f: {
        "value_uuid": f.row(apps.get_model("indicators.Value")).uuid,  # type: ignore[attr-defined]
        "source": f.row(apps.get_model("indicators.SourceSeries")),
    },
    "interventions.AdoptedPiece": lambda f: {"kind": "level", "key": "survival"},
    "interventions.Adoption": lambda f: {"model_uuid": f.model().uuid, "number": 1},
    "interventions.CommemorationDay": lambda f: {"month": 4, "day": 8},
    "interventions.InterventionDependency": lambda f: {"after": f.another("interventions.Intervention")},
    "interventions.InterventionPartner": lambda f: {"name": "A food bank"},
    "interventions.NeedLineage": lambda f: {"after": f.another("interventions.Need")},
    "interventions.NeedPrerequisite": lambda f: {"requires": f.another("interventions.Need")},
}
"""What a model's description does not say: values that its constraints ask for."""


class Filler:
    """Gives a programme one row in every table that has none, parents first."""

    def __init__(self, programme: Programme, steward: Actor) -> None:
        self.programme = programme
        self.steward = steward

    def row(self, model: type[models.Model]) -> models.Model:
        """Give a row of a model in this programme, made if there is none."""
        key = next(field.name for field in model._meta.concrete_fields if field.column == "programme_id")
        found = model._default_manager.filter(**{key: self.programme}).order_by("pk").first()
        return found or self.new(model)

    def new(self, model: type[models.Model]) -> models.Model:
        """Make a row from the fields' descriptions and from ``EXACT``."""
        exact = self._exact(model)
        values = {
            field.name: exact[field.name] if field.name in exact else self._value(field)
            for field in model._meta.concrete_fields
            if field.name in exact or self._needs_value(field)
        }
        try:
            (made,) = model._default_manager.bulk_create([model(**values)])
        except Exception as error:
            error.add_note(
                f"No row of {model._meta.label} could be made from {values}: say how in tests/contracts/world.py"
            )
            raise
        return made

    def _exact(self, model: type[models.Model]) -> dict[str, Any]:
        make = EXACT.get(model._meta.label)
        return make(self) if make else {}

    def another(self, label: str) -> models.Model:
        """Give a second row of a model, never the first."""
        model = apps.get_model(label)
        self.row(model)
        return self.new(model)

    def someone_else(self) -> Organisation:
        """Give an organisation that is not the steward."""
        return Organisation.objects.exclude(pk=self.steward.organisation.pk).earliest("id")

    def handed_over(self) -> Transfer:
        """Give a transfer that was executed."""
        sides = {"giver": self.steward.organisation, "receiver": self.someone_else()}
        made = Transfer(
            programme=self.programme,
            title="Handed over",
            state=TransferState.EXECUTED,
            retention_until=dt.date(2030, 1, 1),
            executed_at=FOUNDED,
            **sides,
        )
        (row,) = Transfer.objects.bulk_create([made])
        return row

    def model(self) -> InterventionModel:
        """Give a model of the catalogue, a published one if there is one."""
        found = InterventionModel.objects.order_by("id").first()
        return found or InterventionModel(uuid=uuids.UUID(int=1))

    def _needs_value(self, field: models.Field[Any, Any]) -> bool:
        if field.primary_key or field.generated or field.db_default is not models.NOT_PROVIDED:
            return False
        may_stay_empty = field.null or field.has_default() or (field.blank and field.empty_strings_allowed)
        return not may_stay_empty or field.column == "programme_id"

    def _value(self, field: models.Field[Any, Any]) -> Any:
        if isinstance(field, models.ForeignKey):
            return self._parent(field)
        if field.choices:
            return field.choices[0][0]
        return next((value for kind, value in VALUES if isinstance(field, kind)), None)

    def _parent(self, field: models.ForeignKey[Any, Any]) -> models.Model:
        parent = field.related_model
        assert isinstance(parent, type)
        if parent is Programme:
            return self.programme
        if parent is Organisation:
            return self.steward.organisation
        if parent is User:
            return self.steward.user
        if parent is Place:
            return Place.objects.earliest("id")
        return self.row(parent)


VALUES: tuple[tuple[type[models.Field[Any, Any]], Any], ...] = (
    (models.URLField, "https://giver.example/"),
    (models.EmailField, "manager@giver.example"),
    (ArrayField, []),
    (DateRangeField, DateRange(dt.date(2024, 1, 1), None)),
    (DateTimeRangeField, DateTimeTZRange(FOUNDED, None)),
    (models.JSONField, []),
    (models.UUIDField, uuids.UUID(int=1)),
    (models.BooleanField, False),
    (models.DecimalField, Decimal(1)),
    (models.IntegerField, 1),
    (models.DateTimeField, FOUNDED),
    (models.DateField, dt.date(2024, 1, 1)),
    (models.BinaryField, b"x"),
    (models.TextField, "x"),
    (models.CharField, "x"),
)
"""A value for each kind of field, the narrower kind first."""
