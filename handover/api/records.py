"""The ledger, and the jobs that this installation was asked for."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import Q, QuerySet
from django.utils.functional import cached_property
from rest_framework import serializers

from handover import access
from handover.actions import jobs
from handover.api.commands import command
from handover.api.resources import Filters, InProgrammeFilters, InProgrammeRead, Listed
from handover.api.serializers import Shown
from handover.models import Job, LedgerEntry
from handover.models.jobs import JobState
from handover.models.ledger import ChainKind
from handover.permissions import Permission
from handover.queries.cutoffs import before_cutoffs
from handover.queries.names import named_all, withheld


class EntryShown(serializers.ModelSerializer[LedgerEntry]):
    """One entry of one chain: what happened, and the hashes by which it can be checked."""

    body = serializers.SerializerMethodField(help_text="What happened, by whom, to what.")
    canonical = serializers.SerializerMethodField(
        help_text="RFC 8785 text, as it was hashed; null where it holds a name that was erased since."
    )
    previous = serializers.SerializerMethodField(help_text="SHA-256 of the entry before, hexadecimal.")
    hash = serializers.SerializerMethodField(help_text="SHA-256 of this entry, hexadecimal.")

    class Meta:
        model = LedgerEntry
        fields = (
            "chain_kind",
            "chain",
            "seq",
            "recorded_at",
            "recorded_as",
            "body",
            "canonical",
            "previous",
            "hash",
        )
        read_only_fields = ("chain_kind", "chain", "seq", "recorded_at", "recorded_as")

    @cached_property
    def _known(self) -> dict[int, Any]:
        return {}

    def get_body(self, row: LedgerEntry) -> dict[str, Any]:
        """Give what happened."""
        return dict(self._told(row))

    def get_canonical(self, row: LedgerEntry) -> str | None:
        """Give the text that was hashed, unless it holds a name that was erased since."""
        return None if withheld(row.body, self._told(row)) else row.body

    def _told(self, row: LedgerEntry) -> Any:
        """Read an entry with its names: all of a page in one query."""
        known = self._known
        if row.pk not in known:
            page = getattr(self.parent, "instance", None)
            rows = page if isinstance(page, list) else [row]
            known.update(zip((each.pk for each in rows), named_all(each.body for each in rows), strict=True))
        return known[row.pk]

    def get_previous(self, row: LedgerEntry) -> str:
        """Give it in hexadecimal digits."""
        return bytes(row.previous).hex()

    def get_hash(self, row: LedgerEntry) -> str:
        """Give it in hexadecimal digits."""
        return bytes(row.hash).hex()


class EntryFilters(Filters):
    """Filters of the ledger."""

    chain = django_filters.UUIDFilter(help_text="Of the chain of this programme or organisation.")
    chain_kind = django_filters.ChoiceFilter(choices=ChainKind.choices, help_text="Of chains of this kind.")
    after = django_filters.NumberFilter(
        field_name="seq", lookup_expr="gt", min_value=0, max_value=2**62, help_text="Later than this number."
    )


class Ledger(Listed[LedgerEntry]):
    """Entries of the chains of programmes whose ledger the caller may read, and of their own organisation."""

    what = "ledger entry"
    reads: ClassVar = Permission.READ_LEDGER
    serializer_class = EntryShown
    filterset_class = EntryFilters
    ordering_fields = ("seq", "recorded_at")

    def rows(self) -> QuerySet[LedgerEntry]:
        """Give them up to where the actor's view ends."""
        reached = access.programme_ids(self.actor, may=Permission.READ_LEDGER)
        own = Q(organisation_id=self.actor.organisation.pk)
        return LedgerEntry.objects.filter(
            Q(programme_id__in=reached) | own, before_cutoffs(self.actor, "recorded_at")
        )


class JobShown(Shown[Job]):
    """Long work: how far it has come, and what came of it."""

    class Meta:
        model = Job
        fields = (
            "id",
            "programme",
            "kind",
            "state",
            "done",
            "total",
            "phase",
            "result",
            "error",
            "organisation",
            "requested_by_name",
            "created_at",
            "started_at",
            "finished_at",
            "attempts",
        )


class JobFilters(InProgrammeFilters):
    """Filters of jobs."""

    state = django_filters.ChoiceFilter(choices=JobState.choices, help_text="In this state.")
    kind = django_filters.CharFilter(help_text="Of this kind.")


class Jobs(InProgrammeRead[Job]):
    """Long work in programmes that the caller's organisation asked for: imports and exports."""

    what = "job"
    serializer_class = JobShown
    filterset_class = JobFilters
    ordering_fields = ("created_at",)

    def rows(self) -> QuerySet[Job]:
        """Give what the actor's own organisation asked for: what came of others' jobs may hold more than they see."""
        return super().rows().filter(organisation=self.actor.organisation)

    @command(may=Permission.VIEW)
    def cancel(self, key: UUID) -> Job:
        """Call a job off: at once while it waits, at its next sign of life while it runs, never once it has ended."""
        return jobs.cancel(by=self.actor, job_uuid=key)
