"""Evidence: files and links that show that a milestone is met. What names people opens to named verifiers only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from handover import clock
from handover.access import who_asks
from handover.actions import evidence
from handover.api import named
from handover.api.commands import Command, command, declares
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Body, Reference, Shown
from handover.models import Evidence, EvidenceVerifier, StoredFile
from handover.permissions import Permission
from handover.queries.cutoffs import before_cutoffs


class AnyMedia(BaseRenderer):
    """Lets a caller ask for a file by its own media type; a refusal is JSON all the same."""

    media_type = "*/*"
    format = "file"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        """Write a refusal."""
        return bytes(JSONRenderer().render(data))


class FileShown(serializers.ModelSerializer[StoredFile]):
    """A file by its digest; its bytes may be erased, its digest stays."""

    class Meta:
        model = StoredFile
        fields = ("sha256", "size", "media_type", "erased_at")
        read_only_fields = fields


class VerifierShown(serializers.ModelSerializer[EvidenceVerifier]):
    """Who may open a piece of evidence that names people, until when."""

    user = Reference()

    class Meta:
        model = EvidenceVerifier
        fields = ("user", "until", "named_by_name")
        read_only_fields = fields


class EvidenceShown(Shown[Evidence]):
    """A piece of evidence. Title and name of what names people are told to its verifiers and to who added it."""

    file = FileShown(read_only=True, allow_null=True)
    title = serializers.SerializerMethodField(
        help_text="Null where it names people and is not for the caller."
    )
    filename = serializers.SerializerMethodField(help_text="The same.")
    verifiers = serializers.SerializerMethodField(help_text="Told to the organisation that added it.")

    class Meta:
        model = Evidence
        fields = (
            "id",
            "programme",
            "milestone",
            "title",
            "filename",
            "file",
            "link",
            "names_people",
            "erase_after",
            "organisation",
            "added_by_name",
            "added_at",
            "verifiers",
        )

    def get_title(self, row: Evidence) -> str | None:
        """Give it to whom it is for."""
        return row.title if _told(row) else None

    def get_filename(self, row: Evidence) -> str | None:
        """Give it to whom it is for."""
        return row.filename if _told(row) else None

    @extend_schema_field(VerifierShown(many=True))
    def get_verifiers(self, row: Evidence) -> Any:
        """Give them to the organisation that named them."""
        return VerifierShown(row.verifiers.all() if _added(row) else [], many=True).data


def _added(row: Evidence) -> bool:
    asks = who_asks()
    return asks is not None and row.organisation_id == asks.organisation.pk


def _told(row: Evidence) -> bool:
    if not row.names_people or _added(row):
        return True
    asks, today = who_asks(), clock.today()
    return asks is not None and any(
        item.user_id == asks.user.pk and item.until >= today for item in row.verifiers.all()
    )


class EvidenceBody(Body):
    """A file (as multipart/form-data) or a link, for a milestone."""

    milestone = serializers.UUIDField()
    title = serializers.CharField(max_length=300)
    file = serializers.FileField(required=False, max_length=255, allow_empty_file=True)
    link = serializers.CharField(required=False, max_length=1000, help_text="https:// or http://.")
    names_people = serializers.BooleanField(
        required=False, help_text="It names people: it is a file, and opens to named verifiers only."
    )
    erase_after = serializers.DateField(
        required=False, allow_null=True, help_text="The last day of a file that names people."
    )


class VerifierBody(Body):
    """Who may open it, until which day."""

    user = serializers.UUIDField()
    until = serializers.DateField()


class EraseBody(Body):
    """In which programme."""

    programme = serializers.UUIDField()


class ErasedShown(serializers.Serializer[Any]):
    """How many files were erased."""

    erased = serializers.IntegerField(read_only=True)


class EvidenceFilters(InProgrammeFilters):
    """Filters of evidence."""

    milestone = django_filters.UUIDFilter(field_name="milestone__uuid", help_text="Of this milestone.")
    transfer = django_filters.UUIDFilter(
        field_name="milestone__transfer__uuid", help_text="Of this transfer."
    )


class EvidenceResource(InProgrammeRead[Evidence]):
    """Evidence of milestones, up to where the caller's view ends."""

    what = "evidence"
    serializer_class = EvidenceShown
    filterset_class = EvidenceFilters
    ordering_fields = ("added_at",)
    parser_classes = (JSONParser, MultiPartParser)

    def rows(self) -> QuerySet[Evidence]:
        """Give what was added before the actor's cut-off."""
        found = super().rows().filter(before_cutoffs(self.actor, "added_at"))
        return found.select_related("file").prefetch_related("verifiers__user")

    @command(may=Permission.ADD_EVIDENCE, body=EvidenceBody, codes=("file_or_link", "erasure_missing"))
    def create(self, milestone: UUID, file: UploadedFile[bytes] | None = None, **given: Any) -> Evidence:
        """Add a file or a link to a milestone. New evidence voids the signatures that were given without it."""
        return evidence.add(
            by=self.actor,
            milestone_uuid=milestone,
            content=None if file is None else file.chunks(),
            filename="" if file is None else str(file.name),
            **given,
        )

    @command(may=Permission.ADD_EVIDENCE, body=VerifierBody, codes=("not_yours", "open_evidence"))
    def name_verifier(self, key: UUID, user: UUID, **given: Any) -> Evidence:
        """Name a person who may open evidence that names people, until a day. Only the side that added it names."""
        found = self.find(key)
        whom = named.user(self.actor, user)
        evidence.name_verifier(by=self.actor, evidence_uuid=key, user=whom, **given)
        return found

    @command(may=Permission.EDIT_PROGRAMME, body=EraseBody, answers=ErasedShown, detail=False)
    def erase_due(self, programme: UUID) -> dict[str, int]:
        """Erase the bytes of evidence whose day has passed; digests and ledger entries stay."""
        return {"erased": evidence.erase_due(by=self.actor, programme_uuid=programme)}

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], renderer_classes=[JSONRenderer, AnyMedia])
    @declares(Command(Permission.VIEW, codes=("not_verifier", "is_link")))
    def file(self, request: Request, *args: Any, id: UUID, **kwargs: Any) -> HttpResponse:  # noqa: A002
        """Give the bytes. Opening what names people is for its named verifiers, and leaves a trace in the ledger."""
        self.no_parameters()
        found = self.find(id)
        response = HttpResponse(
            evidence.open_file(by=self.actor, evidence_uuid=id), content_type="application/octet-stream"
        )
        response["Content-Disposition"] = content_disposition_header(True, found.filename or "evidence")
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        return response
