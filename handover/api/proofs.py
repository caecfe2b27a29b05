"""Permission previews and continuity proofs: canonical documents that signatures bind. Never changed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters

from handover.api.commands import reading
from handover.api.documents import DigestedShown, digested
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Shown
from handover.models import Preview, Proof
from handover.permissions import Permission

FIELDS = ("id", "programme", "transfer", "made_at", "digest")


class OfTransferFilters(InProgrammeFilters):
    """Filters of what belongs to a transfer."""

    transfer = django_filters.UUIDFilter(field_name="transfer__uuid", help_text="Of this transfer.")


class PreviewShown(Shown[Preview]):
    """A permission preview of a plan, by its digest."""

    class Meta:
        model = Preview
        fields = FIELDS


class Previews(InProgrammeRead[Preview]):
    """Permission previews: who could do what before a transfer, and who can after it."""

    what = "preview"
    serializer_class = PreviewShown
    filterset_class = OfTransferFilters
    ordering_fields = ("made_at",)

    @reading(may=Permission.VIEW, answers=DigestedShown)
    def document(self, key: UUID) -> dict[str, Any]:
        """Give the preview itself: by person, by role and by exception, each with before and after."""
        return digested(self.find(key))


class ProofShown(Shown[Proof]):
    """The continuity proof of an execution, by its digest."""

    class Meta:
        model = Proof
        fields = FIELDS


class Proofs(InProgrammeRead[Proof]):
    """Continuity proofs: that a handover moved what the plan says, and changed nothing else."""

    what = "proof"
    serializer_class = ProofShown
    filterset_class = OfTransferFilters
    ordering_fields = ("made_at",)

    @reading(may=Permission.VIEW, answers=DigestedShown)
    def document(self, key: UUID) -> dict[str, Any]:
        """Give the proof itself: holdings before and after, what moved, permissions, and the community's votes."""
        return digested(self.find(key))
