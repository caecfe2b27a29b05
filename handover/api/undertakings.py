"""Undertakings: what institutions promised to keep up, and what became of it, year by year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import django_filters
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from handover import access
from handover.actions import undertakings
from handover.api.commands import Command, command, declares, reading
from handover.api.evidence import AnyMedia, FileShown
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Body, Columns, Shown, Texts
from handover.holdings import Depends
from handover.models import Undertaking, UndertakingYear
from handover.models.undertakings import Outcome, UndertakingKind
from handover.permissions import Permission
from handover.queries import undertakings as reads
from handover.queries.cutoffs import before_cutoffs

SAID = undertakings.SAID
OF_A_YEAR = undertakings.OF_A_YEAR
EDIT = undertakings.MAY
SAYS = undertakings.SAYS


class UndertakingShown(Shown[Undertaking]):
    """What an institution promised, and which responsibilities depend on it."""

    responsibilities = serializers.SerializerMethodField()

    class Meta:
        model = Undertaking
        fields = ("id", "programme", *SAID, "responsibilities", "version")

    def get_responsibilities(self, row: Undertaking) -> list[UUID]:
        """Give the UUIDs of the responsibilities that depend on it."""
        return [item.responsibility.uuid for item in row.dependents.all()]


class DependsShown(serializers.Serializer[Depends]):
    """A row that is met only as long as an undertaking is."""

    kind = serializers.CharField(read_only=True, help_text="The noun: `need`.")
    id = serializers.UUIDField(source="uuid", read_only=True)
    title = Texts(read_only=True)


class UndertakingBody(Columns[Undertaking]):
    """What an institution promised, from which day on. Evidence of a year is due on a day of the year after."""

    programme = serializers.UUIDField()
    responsibilities = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=1000, help_text="What depends on it."
    )

    class Meta:
        model = Undertaking
        fields = ("programme", *SAID, "responsibilities")


class UndertakingChanges(Columns[Undertaking]):
    """What may be changed of an undertaking."""

    class Meta:
        model = Undertaking
        fields = SAID


class DependentsBody(Body):
    """Which responsibilities depend on it: these, and no others."""

    responsibilities = serializers.ListField(child=serializers.UUIDField(), max_length=1000)


class YearShown(Shown[UndertakingYear]):
    """What one organisation says of one year of an undertaking."""

    file = FileShown(read_only=True, allow_null=True)
    link = serializers.CharField(read_only=True, help_text="https:// or http://; empty: none.")

    class Meta:
        model = UndertakingYear
        fields = (
            "id", "programme", "undertaking", "year", "organisation", *OF_A_YEAR, "filename", "file", "said_at",
            "version",
        )  # fmt: skip


class YearBody(Columns[UndertakingYear]):
    """What became of a year, with a link or a file (as multipart/form-data) that shows it and names nobody."""

    undertaking = serializers.UUIDField()
    file = serializers.FileField(required=False, max_length=255, allow_empty_file=True)

    class Meta:
        model = UndertakingYear
        fields = ("undertaking", "year", *OF_A_YEAR, "file")


class YearChanges(Columns[UndertakingYear]):
    """What may be changed of what one's own organisation said."""

    class Meta:
        model = UndertakingYear
        fields = OF_A_YEAR


class YearTold(serializers.Serializer[Any]):
    """Where a year of an undertaking is."""

    year = serializers.IntegerField(read_only=True)
    due_on = serializers.DateField(read_only=True, help_text="By when the institution shows it.")
    state = serializers.ChoiceField(choices=[item.value for item in reads.YearState], read_only=True)
    outcome = serializers.ChoiceField(
        choices=Outcome.choices,
        read_only=True,
        allow_null=True,
        help_text="The least that anybody says; null where nobody has said anything.",
    )


class UndertakingFilters(InProgrammeFilters):
    """Filters of undertakings."""

    kind = django_filters.ChoiceFilter(choices=UndertakingKind.choices, help_text="Of this kind.")
    organisation = django_filters.UUIDFilter(
        field_name="organisation__uuid", help_text="Of this institution."
    )


class Undertakings(InProgrammeRead[Undertaking]):
    """What institutions promised to keep up after a handover."""

    what = "undertaking"
    serializer_class = UndertakingShown
    filterset_class = UndertakingFilters
    ordering_fields = ("starts_on",)

    def rows(self) -> QuerySet[Undertaking]:
        """Give them with what depends on them."""
        return super().rows().prefetch_related("dependents__responsibility")

    @command(may=EDIT, body=UndertakingBody, codes=("currency_missing", "unit_missing"))
    def create(self, programme: UUID, **given: Any) -> Undertaking:
        """Enter what an institution promised."""
        return undertakings.enter(by=self.actor, programme_uuid=programme, **given)

    @command(may=EDIT, body=UndertakingChanges, versioned=True, codes=("year_said",))
    def partial_update(self, key: UUID, version: int, **changes: Any) -> Undertaking:
        """Change an undertaking; years of which something was said stay in it."""
        return undertakings.edit(by=self.actor, undertaking_uuid=key, version=version, **changes)

    @command(may=EDIT, body=DependentsBody)
    def depend(self, key: UUID, responsibilities: Sequence[UUID]) -> Undertaking:
        """Say which responsibilities depend on it: these, and no others."""
        return undertakings.depend(by=self.actor, undertaking_uuid=key, responsibilities=responsibilities)

    @reading(may=Permission.VIEW, answers=DependsShown, many=True)
    def resting(self, key: UUID) -> list[Depends]:
        """Name the needs that are met only as long as the undertaking is: those that its responsibilities answer."""
        return reads.resting(self.find(key))

    @reading(may=Permission.VIEW, answers=YearTold, many=True)
    def years(self, key: UUID) -> list[dict[str, Any]]:
        """Read where each year of an undertaking is, the latest first."""
        row = self.find(key)
        cutoff = access.reach(self.actor, row.programme).cutoff
        found = reads.whole(reads.rows(row.programme, cutoff=cutoff).get(pk=row.pk))
        return [
            {"year": item.year, "due_on": item.due_on, "state": item.state.value, "outcome": item.outcome}
            for item in found.years
        ]


class YearFilters(InProgrammeFilters):
    """Filters of what was said of years."""

    undertaking = django_filters.UUIDFilter(
        field_name="undertaking__uuid", help_text="Of this undertaking alone."
    )
    outcome = django_filters.ChoiceFilter(choices=Outcome.choices, help_text="With this outcome.")


class UndertakingYears(InProgrammeRead[UndertakingYear]):
    """What organisations said of the years of undertakings, up to where the caller's view ends."""

    what = "year of an undertaking"
    serializer_class = YearShown
    filterset_class = YearFilters
    ordering_fields = ("year",)
    parser_classes = (JSONParser, MultiPartParser)

    def rows(self) -> QuerySet[UndertakingYear]:
        """Give what was said before the actor's cut-off."""
        return super().rows().filter(before_cutoffs(self.actor, "said_at")).select_related("file")

    @command(
        may=SAYS, body=YearBody, codes=("year_not_promised", "year_not_over", "said_already", "file_or_link")
    )
    def create(
        self, undertaking: UUID, file: UploadedFile[bytes] | None = None, **given: Any
    ) -> UndertakingYear:
        """Say for one's organisation what became of a year."""
        return undertakings.say(
            by=self.actor,
            undertaking_uuid=undertaking,
            content=None if file is None else file.chunks(),
            filename="" if file is None else str(file.name),
            **given,
        )

    @command(may=SAYS, body=YearChanges, versioned=True, codes=("not_yours",))
    def partial_update(self, key: UUID, version: int, **changes: Any) -> UndertakingYear:
        """Change what one's own organisation said; the ledger keeps what it said before."""
        return undertakings.resay(by=self.actor, said_uuid=key, version=version, **changes)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], renderer_classes=[JSONRenderer, AnyMedia])
    @declares(Command(Permission.VIEW, codes=("is_link",)))
    def file(self, request: Request, *args: Any, id: UUID, **kwargs: Any) -> HttpResponse:  # noqa: A002
        """Give the bytes of the file that shows it."""
        self.no_parameters()
        found = self.find(id)
        response = HttpResponse(
            undertakings.open_file(by=self.actor, said_uuid=id), content_type="application/octet-stream"
        )
        response["Content-Disposition"] = content_disposition_header(True, found.filename or "evidence")
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        return response
