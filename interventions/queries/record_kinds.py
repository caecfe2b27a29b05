"""The kinds of records of the work, each declared once: table, who may record, what makes two the same, what adds up.

A count asks whoever may report values: of the responsibility of its intervention, or, where it has none, of the
programme. What is said of authorities, seats, meetings, commitments and days asks whoever may change what is done.
Deliveries and volunteering are declared here because they can be listed, added up and fed too; they are entered with
their service and their intervention.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from django.db import models

from handover.errors import Invalid
from handover.models.base import InProgramme
from handover.permissions import Permission
from interventions.models import (
    Authority,
    CommemorationDay,
    Commitment,
    Complaints,
    Delivery,
    Event,
    MediaItems,
    PolicyMeeting,
    PolicySeat,
    Support,
    Training,
    Volunteering,
)

INSIDE: Final = frozenset({"id", "uuid", "programme", "version"})
"""Columns that nobody enters."""


class How(StrEnum):
    """How the records of a period become one number."""

    SUM = "added up"
    AT_END = "as of the last record of each series in the period"
    STANDING = "standing on the last day of the period"


@dataclass(frozen=True)
class Measure:
    """Something that records of a kind can be counted by."""

    title: str
    columns: tuple[str, ...] = ()
    """Added up within a record; empty: the record itself counts as one."""
    how: How = How.SUM
    unit: str = ""
    """Where the unit stands: amounts in different units never become one number."""
    people: bool = False
    """Whether it counts people."""


@dataclass(frozen=True)
class Kind:
    """One kind of record."""

    name: str
    title: str
    """What several are called."""
    model: type[InProgramme]
    may: Permission
    days: tuple[str, str]
    """The columns of its first and its last day; empty where it has none."""
    same: tuple[str, ...]
    """Two records that agree in these, letter case aside, are one record."""
    overlaps: bool = False
    """Whether two that agree in ``same`` are also refused where only some of their days are common."""
    measures: Mapping[str, Measure] = field(default_factory=dict)
    closed: frozenset[str] = frozenset()
    """Columns that another step writes."""
    ordered: tuple[tuple[str, str], ...] = ()
    """Pairs of days of which the second one is not before the first."""
    elsewhere: str = ""
    """How it is entered, where not as a record."""
    intervention: str = ""
    """The path to its intervention."""

    @property
    def fields(self) -> Mapping[str, models.Field[Any, Any]]:
        """Give what can be said of it, by name, in the order of its model."""
        return {
            column.name: column
            for column in self.model._meta.concrete_fields
            if column.name not in INSIDE | self.closed
        }

    @property
    def needed(self) -> tuple[str, ...]:
        """Name what cannot be left out."""
        return tuple(
            name
            for name, column in self.fields.items()
            if not column.blank and not column.null and not column.has_default()
        ) + tuple(name for name, column in self.fields.items() if column.default is list and not column.blank)

    @property
    def dated(self) -> bool:
        """Tell whether its records lie in time, so that they can be told by period."""
        return bool(self.days[0]) and any(
            measure.how is not How.STANDING for measure in self.measures.values()
        )


PEOPLE: Final = ("children", "adults", "age_unknown")


def _people(who: str) -> dict[str, Measure]:
    return {
        "people": Measure(who, PEOPLE, people=True),
        "children": Measure(f"{who}: children (under 18)", ("children",), people=True),
        "adults": Measure(f"{who}: adults", ("adults",), people=True),
        "age_unknown": Measure(f"{who}: age unknown", ("age_unknown",), people=True),
    }


PERIOD: Final = ("starts_on", "ends_on")
COUNT: Final = Permission.REPORT_VALUES
SAY: Final = Permission.EDIT_INTERVENTIONS

_ALL: Final = (
    Kind(
        name="support",
        title="family support",
        model=Support,
        may=COUNT,
        days=PERIOD,
        same=("intervention", "kind", "outcome", "place", "unit"),
        overlaps=True,
        ordered=(PERIOD,),
        intervention="intervention",
        measures={
            **_people("people supported"),
            "families": Measure("families supported", ("families",)),
            "quantity": Measure("cases, or units of what was given", ("quantity",), unit="unit"),
        },
    ),
    Kind(
        name="training",
        title="trainings",
        model=Training,
        may=COUNT,
        days=PERIOD,
        same=("intervention", "title", "audience", "place", *PERIOD),
        ordered=(PERIOD,),
        intervention="intervention",
        measures={
            "trainings": Measure("trainings held"),
            **_people("people trained"),
            "young_volunteers": Measure("young volunteers among them", ("young_volunteers",), people=True),
            "hours": Measure("hours of training", ("hours",)),
        },
    ),
    Kind(
        name="complaints",
        title="complaints and incidents",
        model=Complaints,
        may=COUNT,
        days=PERIOD,
        same=("intervention", "kind", "body", "place"),
        overlaps=True,
        ordered=(PERIOD,),
        intervention="intervention",
        measures={
            "reported": Measure("reported in the period", ("reported",)),
            "upheld": Measure("decided in the period: upheld", ("upheld",)),
            "rejected": Measure("decided in the period: rejected", ("rejected",)),
            "pending": Measure("pending at the period's end", ("pending",), How.AT_END),
        },
    ),
    Kind(
        name="event",
        title="events",
        model=Event,
        may=COUNT,
        days=PERIOD,
        same=("title", "kind", "place", *PERIOD),
        ordered=(PERIOD,),
        intervention="intervention",
        measures={
            "events": Measure("events held"),
            **_people("people who took part"),
            "young_volunteers": Measure("young volunteers who helped", ("young_volunteers",), people=True),
        },
    ),
    Kind(
        name="media",
        title="media items",
        model=MediaItems,
        may=COUNT,
        days=PERIOD,
        same=("intervention", "outlet", "topic", "tone", "response", "place"),
        overlaps=True,
        ordered=(PERIOD,),
        intervention="intervention",
        measures={"items": Measure("items in the media", ("items",))},
    ),
    Kind(
        name="authority",
        title="authorities",
        model=Authority,
        may=SAY,
        days=("since", "until"),
        same=("name",),
        ordered=(("since", "until"),),
        measures={"standing": Measure("authorities that one works with", how=How.STANDING)},
    ),
    Kind(
        name="seat",
        title="seats",
        model=PolicySeat,
        may=SAY,
        days=PERIOD,
        same=("authority", "body", "holder", "capacity"),
        overlaps=True,
        ordered=(PERIOD,),
        measures={"standing": Measure("seats held", how=How.STANDING)},
    ),
    Kind(
        name="meeting",
        title="meetings",
        model=PolicyMeeting,
        may=SAY,
        days=("held_on", "held_on"),
        same=("authority", "subject", "held_on"),
        measures={
            "meetings": Measure("meetings held"),
            "community_present": Measure(
                "people of the community present", ("community_present",), people=True
            ),
        },
    ),
    Kind(
        name="commitment",
        title="commitments",
        model=Commitment,
        may=SAY,
        days=("made_on", "made_on"),
        same=("authority", "text", "made_on"),
        closed=frozenset({"state", "outcome", "closed_on"}),
        ordered=(("made_on", "due_on"),),
        measures={"commitments": Measure("commitments made")},
    ),
    Kind(
        name="day",
        title="commemoration days",
        model=CommemorationDay,
        may=SAY,
        days=("", ""),
        same=("key",),
        closed=frozenset({"own"}),
    ),
    Kind(
        name="delivery",
        title="deliveries of services",
        model=Delivery,
        may=COUNT,
        days=PERIOD,
        same=("service", "place"),
        overlaps=True,
        ordered=(PERIOD,),
        elsewhere="with their service: `handover service`",
        intervention="service__intervention",
        measures={
            **_people("people reached"),
            "quantity": Measure("units delivered", ("quantity",), unit="service__unit"),
        },
    ),
    Kind(
        name="volunteering",
        title="volunteering",
        model=Volunteering,
        may=COUNT,
        days=PERIOD,
        same=("intervention", "place"),
        overlaps=True,
        ordered=(PERIOD,),
        elsewhere="with their intervention: `handover intervention`",
        intervention="intervention",
        measures={
            "volunteers": Measure("volunteers", ("young", "others"), people=True),
            "young": Measure("young volunteers (under 30)", ("young",), people=True),
            "others": Measure("other volunteers", ("others",), people=True),
            "hours": Measure("hours of volunteers", ("hours",)),
            "training_hours": Measure("hours of training for volunteers", ("training_hours",)),
        },
    ),
)

KINDS: Final[Mapping[str, Kind]] = MappingProxyType({kind.name: kind for kind in _ALL})
"""Every kind of record, by name."""


def kind_named(name: str) -> Kind:
    """Give a kind of record.

    Raises:
        Invalid: there is none; it names those that there are.
    """
    found = KINDS.get(name)
    if found is None:
        raise Invalid(
            "unknown_record",
            f"There are no records of “{name}”; there are: {', '.join(KINDS)}.",
            field="record",
        )
    return found


def measure_named(kind: Kind, name: str) -> Measure:
    """Give something that records of a kind can be counted by.

    Raises:
        Invalid: there is none; it names those that there are.
    """
    found = kind.measures.get(name)
    if found is None:
        there = (
            f"; there are: {', '.join(kind.measures)}" if kind.measures else ": nothing of it can be counted"
        )
        raise Invalid(
            "unknown_measure", f"Records of “{kind.name}” have no measure “{name}”{there}.", field="measure"
        )
    return found


def unknown_field(kind: Kind, name: str, there: Mapping[str, object]) -> Invalid:
    """Say that a kind of record has no such field, and which it has."""
    return Invalid(
        "unknown_field",
        f"A record of “{kind.name}” has no field “{name}”; there are: {', '.join(there)}.",
        field=name,
    )
