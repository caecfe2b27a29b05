"""Records of the work: one resource for each kind that is declared, `records/<kind>`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from handover import access
from handover.api.commands import command, reading
from handover.api.resources import InProgrammeRead
from handover.canonical import decimal_text
from handover.permissions import Permission
from interventions.actions import records
from interventions.api.asked import ProgrammeAsked
from interventions.api.calendar import CalendarAsked, CalendarDayShown
from interventions.api.reasons import StatedReasonBody
from interventions.api.record_bodies import (
    OWN_KEY,
    SAID_KEY,
    body_of,
    changes_of,
    filters_of,
    name_of,
    shown_of,
)
from interventions.queries import feeding
from interventions.queries.calendar import Day, calendar
from interventions.queries.cutoffs import hidden_records
from interventions.queries.periods import MONTHS
from interventions.queries.record_kinds import KINDS, Kind
from interventions.queries.records import Sum, sums


class RecordSumsAsked(ProgrammeAsked):
    """How records are added up."""

    by = serializers.ChoiceField(choices=list(MONTHS), default="quarter", help_text="How long a period is.")
    split = serializers.CharField(
        required=False, max_length=200, help_text="A sum for each: names of fields, with commas between."
    )


class RecordSumShown(serializers.Serializer[Any]):
    """What the records of one period come to. Those that reach over its edge stand in a period of their own."""

    label = serializers.CharField()  # type: ignore[assignment]
    first_day = serializers.DateField(source="first")
    last_day = serializers.DateField(source="last")
    group = serializers.DictField(child=serializers.CharField(), help_text="What it is split by.")
    records = serializers.IntegerField(source="rows")
    values = serializers.SerializerMethodField(help_text="By measure, as text; null where no record says.")

    @extend_schema_field({"type": "object", "additionalProperties": {"type": ["string", "null"]}})
    def get_values(self, found: Sum) -> Mapping[str, str | None]:
        """Give numbers as text."""
        return {name: None if value is None else decimal_text(value) for name, value in found.values.items()}


class Records(InProgrammeRead[Any]):
    """Records of one kind."""

    kind: Kind

    def rows(self) -> QuerySet[Any]:
        """Give the records that the actor may read; a former steward's end with its view."""
        return super().rows().exclude(uuid__in=hidden_records(self.actor))


def resource_of(kind: Kind) -> type[Records]:
    """Make the resource of a kind of records."""

    class OfKind(Records):
        what = str(kind.model._meta.verbose_name)
        serializer_class = shown_of(kind)
        filterset_class = filters_of(kind)
        ordering_fields = tuple(
            name for name in dict.fromkeys(kind.days) if name and not kind.fields[name].null
        )

        @command(may=kind.may, body=body_of(kind))
        def create(self, programme: UUID, **given: Any) -> Any:
            """Enter a record. The same record is never entered twice."""
            return records.enter(by=self.actor, programme_uuid=programme, record=kind.name, entry=given)

        @command(may=kind.may, body=changes_of(kind), versioned=True)
        def partial_update(self, key: UUID, version: int, reason: str = "", **changes: Any) -> Any:
            """Change what a record says. The ledger keeps what stood there."""
            if SAID_KEY in changes:
                changes[OWN_KEY] = changes.pop(SAID_KEY)
            return records.edit(
                by=self.actor,
                record=kind.name,
                record_uuid=key,
                version=version,
                changes=changes,
                reason=reason,
            )

        @command(may=kind.may, body=StatedReasonBody, versioned=True)
        def withdraw(self, key: UUID, version: int, reason: str) -> None:
            """Take a record out that should not be there. The ledger keeps what it said, and why it went."""
            records.withdraw(by=self.actor, record=kind.name, record_uuid=key, version=version, reason=reason)

    OfKind.kind = kind
    return _named(OfKind, name_of(kind) + "s", f"Records of {kind.title}, as counts and facts about bodies.")


def _named(kind: type[Records], name: str, doc: str) -> type[Records]:
    kind.__name__ = kind.__qualname__ = name
    kind.__doc__ = doc
    return kind


def with_sums(base: type[Records]) -> type[Records]:
    """Add the sums of records that lie in time."""

    class Summed(base):  # type: ignore[misc, valid-type]
        @reading(
            may=Permission.VIEW, answers=RecordSumShown, many=True, detail=False, parameters=RecordSumsAsked
        )
        def sums(self, programme: UUID, by: str, split: str = "") -> list[Sum]:
            """Add up a programme's records by period. What stands at its end is never added up over time."""
            found = access.programme_for(self.actor, programme, may=Permission.VIEW)
            cutoff = access.reach(self.actor, found).cutoff
            return sums(found, self.kind.name, by=by, split=feeding.parts(split), cutoff=cutoff)

    return _named(Summed, base.__name__, base.__doc__ or "")


def with_calendar(base: type[Records]) -> type[Records]:
    """Add the calendar of a year to the days that a programme keeps."""

    class Kept(base):  # type: ignore[misc, valid-type]
        @reading(
            may=Permission.VIEW, answers=CalendarDayShown, many=True, detail=False, parameters=CalendarAsked
        )
        def calendar(self, programme: UUID, year: int) -> list[Day]:
            """Tell the days of a year, shared ones and the programme's own, each with the events held for it."""
            found = access.programme_for(self.actor, programme, may=Permission.VIEW)
            return calendar(found, year, cutoff=access.reach(self.actor, found).cutoff)

    return _named(Kept, base.__name__, base.__doc__ or "")


def _made(kind: Kind) -> type[Records]:
    made = resource_of(kind)
    if kind.dated:
        made = with_sums(made)
    return with_calendar(made) if kind.name == "day" else made


RESOURCES: Final[Mapping[str, type[Records]]] = {
    kind.name: _made(kind) for kind in KINDS.values() if not kind.elsewhere
}
"""The resource of each kind that is entered as a record; deliveries and volunteering have their own."""
