"""Annex lines: what exactly is handed over, and what the receiver said to each line."""

from __future__ import annotations

import django_filters

from handover.api.proofs import OfTransferFilters
from handover.api.resources import InProgrammeRead
from handover.api.serializers import Shown
from handover.models import AnnexLine
from handover.models.annexes import AnnexDecision, AnnexKind


class AnnexLineShown(Shown[AnnexLine]):
    """A line of an annex, with the receiver's answer."""

    class Meta:
        model = AnnexLine
        fields = (
            "id",
            "programme",
            "transfer",
            "kind",
            "text",
            "subject_uuid",
            "decision",
            "reservation",
            "owner",
            "deadline",
            "version",
        )


class AnnexLineFilters(OfTransferFilters):
    """Filters of annex lines."""

    kind = django_filters.ChoiceFilter(choices=AnnexKind.choices, help_text="Of this annex.")
    decision = django_filters.ChoiceFilter(choices=AnnexDecision.choices, help_text="Answered so.")


class AnnexLines(InProgrammeRead[AnnexLine]):
    """Lines of the annexes of transfers. They are listed and answered on the transfer."""

    what = "annex line"
    serializer_class = AnnexLineShown
    filterset_class = AnnexLineFilters
