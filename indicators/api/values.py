"""Values: what was reached, as reported; corrected with a reason, and traced back."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from rest_framework import serializers

from handover import access
from handover.actions import audit_looks
from handover.api.commands import command, reading
from handover.api.problems import Problem
from handover.api.resources import InProgrammeRead
from handover.api.serializers import Body, Shown, Texts
from handover.models import Programme
from handover.permissions import Permission
from handover.queries.cutoffs import before_cutoffs, cutoffs
from indicators.actions import looks, provenance, values
from indicators.actions.batches import Batch
from indicators.actions.values import Reported
from indicators.api import sight
from indicators.api.definitions import SpanBody
from indicators.api.fields import MeasuredBody, Narratives, OfIndicatorFilters, Said
from indicators.api.submissions import asked_uuid
from indicators.api.traces import TraceShown
from indicators.models import Indicator, Value
from indicators.queries.trace import Trace, trace


class ValueShown(Shown[Value]):
    """One revision of one value. `value` is the number, `value_text` what was written."""

    starts_on = serializers.DateField(source="period.starts_on", read_only=True, allow_null=True)
    ends_on = serializers.DateField(source="period.ends_on", read_only=True, allow_null=True)
    comment = Texts(read_only=True)
    digest = serializers.SerializerMethodField(help_text="SHA-256 to which the ledger commits.")

    class Meta:
        model = Value
        fields = (
            "id", "programme", "indicator", "period", "starts_on", "ends_on", "place", "cell", "dimensions", "position",
            "value", "value_text", "numerator", "denominator", "comment", "locations", "documents", "revision",
            "reason", "reporter_name", "organisation", "organisation_name", "recorded_at", "batch", "digest",
        )  # fmt: skip

    def get_digest(self, row: Value) -> str:
        """Give the digest in hexadecimal."""
        return bytes(row.digest).hex()


class ReportedBody(MeasuredBody):
    """One value as it is reported."""

    place = serializers.UUIDField(required=False, allow_null=True)
    numerator = Said(required=False)
    denominator = Said(required=False)


class ValuesBody(SpanBody):
    """Values of one indicator for one period."""

    indicator = serializers.UUIDField()
    rows: Any = serializers.ListSerializer(child=ReportedBody(), allow_empty=False, max_length=5000)


class CorrectionBody(Body):
    """A value stated anew, and why."""

    reason = serializers.CharField(max_length=5000)
    value = Said()
    numerator = Said(required=False)
    denominator = Said(required=False)
    comment = Narratives(required=False, help_text="The one that stands stays where none is given.")


class AttachBody(Body):
    """On what values rest: a source series, or a file."""

    values = serializers.ListField(child=serializers.UUIDField(), allow_empty=False, max_length=10_000)
    source = serializers.UUIDField(  # type: ignore[assignment]
        required=False, help_text="The source series."
    )
    content = serializers.CharField(
        max_length=4_800_000, required=False, trim_whitespace=False, help_text="The file, in base64."
    )
    filename = serializers.CharField(max_length=255, required=False)
    title = serializers.CharField(max_length=300, required=False, allow_blank=True)
    names_people = serializers.BooleanField(
        required=False, help_text="Must be false for a file: one that names people stays with its custodian."
    )

    def validate_content(self, said: str) -> bytes:
        """Read the file.

        Raises:
            ValidationError: it is not in base64.
        """
        try:
            return base64.b64decode(said, validate=True)
        except (binascii.Error, ValueError):
            raise serializers.ValidationError("This is not base64.") from None


class BatchShown(serializers.Serializer[Batch]):
    """What was entered, as the ledger commits to it."""

    batch = serializers.UUIDField(source="uuid")
    count = serializers.IntegerField()
    digest = serializers.CharField()


class AttachedShown(serializers.Serializer[provenance.Attached]):
    """What was added, as the ledger commits to it."""

    batch = serializers.UUIDField()
    count = serializers.IntegerField()
    digest = serializers.CharField()


class ValueFilters(OfIndicatorFilters):
    """Filters of values. The programme or the indicator is needed."""

    indicator = django_filters.UUIDFilter(
        field_name="period__indicator__uuid", help_text="Of this indicator alone."
    )
    period = django_filters.UUIDFilter(field_name="period__uuid", help_text="Of this period alone.")
    place = django_filters.UUIDFilter(field_name="place__uuid", help_text="At this place.")
    cell = django_filters.CharFilter(help_text="Of this group, for example gender=women.")
    batch = django_filters.UUIDFilter(help_text="Of this report, import or submission.")
    starts_from = django_filters.DateFilter(
        field_name="period__starts_on", lookup_expr="gte", help_text="Of periods that begin then or later."
    )
    ends_until = django_filters.DateFilter(
        field_name="period__ends_on", lookup_expr="lte", help_text="Of periods that end then or before."
    )
    recorded_from = django_filters.IsoDateTimeFilter(
        field_name="recorded_at", lookup_expr="gte", help_text="Recorded at this instant or later."
    )
    revisions = django_filters.ChoiceFilter(
        choices=[("current", "the last of each"), ("all", "every one")],
        method="leave",
        help_text="The last revision of each value (unless told), or all.",
    )

    def leave(self, rows: QuerySet[Value], name: str, said: str) -> QuerySet[Value]:
        """Leave the rows: the resource knows which revision is the last that the caller sees."""
        return rows


class Values(InProgrammeRead[Value]):
    """Values as they stand, as far as the caller's view goes; donors see those of everybody and everywhere."""

    what = "value"
    serializer_class = ValueShown
    filterset_class = ValueFilters
    ordering = ("uuid",)

    def rows(self) -> QuerySet[Value]:
        """Give every revision that the actor may see."""
        return sight.totals(self.actor, super().rows().filter(before_cutoffs(self.actor, "recorded_at")))

    def told(self, rows: Sequence[Value]) -> list[Any]:
        """Tell some values; that an auditor reads groups of special categories is noted."""
        by_programme: dict[int, list[Value]] = {}
        audited = audit_looks.audited(self.actor)
        for row in rows:
            if row.cell and row.programme_id in audited:
                by_programme.setdefault(row.programme_id, []).append(row)
        for found in by_programme.values():
            named = Indicator.objects.filter(pk__in={row.indicator_id for row in found}).order_by("id")
            looks.note(self.actor, found[0].programme, named, where="interface")
        return super().told(rows)

    def filter_queryset(self, queryset: Any) -> Any:
        """Narrow to one programme, and to the last revisions unless all are asked for.

        Raises:
            ValidationError: neither a programme nor an indicator is named.
        """
        rows = super().filter_queryset(queryset)
        if not {"programme", "indicator"} & set(self.request.query_params):
            raise Problem(
                422,
                "invalid_field",
                "Say of which programme or of which indicator: programme=, or indicator=.",
                field="programme",
            )
        programme = self._programme_key()
        if programme is None:
            return rows.none()
        rows = rows.filter(programme_id=programme)
        if self.request.query_params.get("revisions") == "all":
            return rows
        return rows.filter(_last(cutoffs(self.actor).get(programme)))

    def _programme_key(self) -> int | None:
        said = asked_uuid(self, "indicator")
        if said is not None:
            keys = Indicator.objects.filter(uuid=said).values_list("programme_id", flat=True)
            return keys.order_by("id").first()
        named = asked_uuid(self, "programme")
        return Programme.objects.filter(uuid=named).values_list("pk", flat=True).first() if named else None

    @command(may=Permission.REPORT_VALUES, body=ValuesBody, answers=BatchShown)
    def create(
        self,
        indicator: UUID,
        starts_on: dt.date,
        ends_on: dt.date,
        rows: Sequence[dict[str, Any]],
    ) -> Batch:
        """Report values of one indicator for one period: all of them, or none."""
        return values.report(
            by=self.actor,
            indicator_uuid=indicator,
            starts_on=starts_on,
            ends_on=ends_on,
            rows=[Reported(**row) for row in rows],
        )

    @command(may=Permission.REPORT_VALUES, body=CorrectionBody)
    def correct(self, key: UUID, **given: Any) -> Value | None:
        """Correct a value by a new revision that states it anew. The revision before stays readable."""
        batch = values.correct(by=self.actor, value_uuid=key, **given)
        return Value.objects.filter(batch=batch.uuid).first()

    @command(may=Permission.REPORT_VALUES, body=AttachBody, answers=AttachedShown, detail=False, status=201)
    def attach(
        self,
        values: Sequence[UUID],
        source: UUID | None = None,
        content: bytes | None = None,
        **given: Any,
    ) -> provenance.Attached:
        """Say on what values rest: a source series, or a file that is kept here. Nothing is taken away again."""
        return provenance.attach(
            by=self.actor,
            value_uuids=values,
            source_uuid=source,
            content=None if content is None else [content],
            **given,
        )

    @reading(may=Permission.VIEW, answers=TraceShown)
    def trace(self, key: UUID) -> Trace:
        """Walk back from a value: its revisions, who reported and approved each, and what they rest on."""
        row = self.find(key)
        return trace(row, cutoff=access.reach(self.actor, row.programme).cutoff)


def _last(cutoff: dt.datetime | None) -> Q:
    """Give the condition of a revision after which none came that the reader sees."""
    later = Value.objects.filter(
        period=OuterRef("period"),
        cell=OuterRef("cell"),
        position=OuterRef("position"),
        revision__gt=OuterRef("revision"),
    )
    if cutoff is not None:
        later = later.filter(recorded_at__lte=cutoff)
    there = Q(~Exists(later.filter(place=OuterRef("place"))))
    nowhere = Q(~Exists(later.filter(place__isnull=True)))
    return there & (Q(place__isnull=False) | nowhere)
