"""Traces: the way back from a value."""

from __future__ import annotations

from rest_framework import serializers

from handover.api.serializers import Amount
from indicators.queries.trace import File, Passed, Revision, Source, Trace


class PassedShown(serializers.Serializer[Passed]):
    """The submission by which a revision came."""

    submission = serializers.UUIDField(source="uuid")
    title = serializers.CharField()
    author = serializers.CharField()
    organisation = serializers.CharField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    approver = serializers.CharField()
    decided_at = serializers.DateTimeField(allow_null=True)


class RestingShown(serializers.Serializer[Source]):
    """A source series on which a revision rests."""

    id = serializers.UUIDField(source="uuid")
    title = serializers.CharField()
    custodian = serializers.CharField()
    office = serializers.CharField()
    location = serializers.CharField()
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    count = serializers.IntegerField(allow_null=True)
    counted = serializers.CharField()
    sha256 = serializers.CharField()
    keep_until = serializers.DateField(allow_null=True)
    named_by = serializers.CharField()
    organisation = serializers.CharField()
    named_at = serializers.DateTimeField()


class AttachedFileShown(serializers.Serializer[File]):
    """A file on which a revision rests."""

    provenance = serializers.UUIDField(source="uuid")
    title = serializers.CharField()
    filename = serializers.CharField()
    sha256 = serializers.CharField()
    size = serializers.IntegerField()
    erased = serializers.BooleanField()
    added_by = serializers.CharField()
    organisation = serializers.CharField()
    added_at = serializers.DateTimeField()


class RevisionShown(serializers.Serializer[Revision]):
    """One revision of a value, and what is known of it."""

    id = serializers.UUIDField(source="uuid")
    revision = serializers.IntegerField()
    value = Amount(allow_null=True)
    said = serializers.CharField(allow_null=True)
    numerator = Amount(allow_null=True)
    denominator = Amount(allow_null=True)
    reporter = serializers.CharField()
    organisation = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    reason = serializers.CharField()
    batch = serializers.UUIDField()
    digest = serializers.CharField()
    entry = serializers.IntegerField(allow_null=True, help_text="Of its batch in the programme's ledger.")
    submission = PassedShown(allow_null=True)
    sources = RestingShown(many=True)
    files = AttachedFileShown(many=True)


class TraceShown(serializers.Serializer[Trace]):
    """The way back from a value: its revisions, who reported and approved each, and what they rest on."""

    value = serializers.UUIDField()
    programme = serializers.CharField(help_text="Its identifier.")
    indicator = serializers.UUIDField()
    title = serializers.CharField()
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    place = serializers.CharField()
    cell = serializers.CharField()
    revisions = RevisionShown(many=True)
