"""Feeds: from which records of the work an indicator is counted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from handover.api.commands import command
from handover.api.resources import InProgrammeRead
from handover.api.serializers import Amount, Body, Shown
from handover.permissions import Permission
from indicators.actions import feeds
from indicators.api.definitions import SpanBody
from indicators.api.fields import Named, OfIndicatorFilters
from indicators.models import Feed


class FeedShown(Shown[Feed]):
    """From which records an indicator is counted, and by what."""

    filters = serializers.DictField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Feed
        fields = ("id", "programme", "indicator", "record", "measure", "filters", "version")


class FeedChanges(Body):
    """What may be changed of a feed."""

    record = serializers.CharField(max_length=40, required=False)
    measure = serializers.CharField(max_length=40, required=False)
    filters = Named(child=serializers.CharField(max_length=2000), required=False)


class FeedBody(FeedChanges):
    """From which records an indicator is to be counted."""

    indicator = serializers.UUIDField()
    record = serializers.CharField(max_length=40, help_text="The kind of records.")
    measure = serializers.CharField(max_length=40, help_text="What is counted of them.")


class ReportBody(SpanBody):
    """For which period the records are counted and reported."""

    reason = serializers.CharField(max_length=5000, required=False, allow_blank=True)


class FedShown(serializers.Serializer[feeds.Reported]):
    """What became of it: a batch of one value that counts, or a submission that somebody hands in."""

    value = Amount(source="proposal.value")
    sentence = serializers.CharField(source="proposal.sentence")
    batch = serializers.UUIDField(source="batch.uuid", allow_null=True, default=None)
    submission = serializers.UUIDField(source="submission.uuid", allow_null=True, default=None)


class Feeds(InProgrammeRead[Feed]):
    """Feeds of indicators; an indicator has one at most."""

    what = "feed"
    serializer_class = FeedShown
    filterset_class = OfIndicatorFilters

    def rows(self) -> QuerySet[Feed]:
        """Give the feeds of programmes that the actor may view, each with what its commands need."""
        return super().rows().select_related("indicator")

    @command(may=Permission.DEFINE_INDICATORS, body=FeedBody)
    def create(self, indicator: UUID, **said: Any) -> Feed:
        """Say from which records an indicator is counted. A feed that is there is replaced."""
        return feeds.define(by=self.actor, indicator_uuid=indicator, **said)

    @command(may=Permission.DEFINE_INDICATORS, body=FeedChanges, versioned=True)
    def partial_update(self, key: UUID, version: int, **changes: Any) -> Feed:
        """Change from which records an indicator is counted."""
        row = self.find(key)
        said = {name: getattr(row, name) for name in ("record", "measure", "filters")} | changes
        return feeds.define(by=self.actor, indicator_uuid=row.indicator.uuid, version=version, **said)

    @command(may=Permission.DEFINE_INDICATORS)
    def destroy(self, key: UUID) -> None:
        """Count an indicator from records no longer. What was reported stays."""
        feeds.remove(by=self.actor, indicator_uuid=self.find(key).indicator.uuid)

    @command(may=Permission.REPORT_VALUES, body=ReportBody, answers=FedShown)
    def report(self, key: UUID, **given: Any) -> feeds.Reported:
        """Report what the records of a period come to, in the caller's own name."""
        return feeds.report(by=self.actor, indicator_uuid=self.find(key).indicator.uuid, **given)
