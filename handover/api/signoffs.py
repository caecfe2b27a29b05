"""Sign-offs: who agreed to exactly what, in which capacity. Read-only: signing is a command of what is signed."""

from __future__ import annotations

import django_filters

from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Shown
from handover.models import SignOff
from handover.models.milestones import Side
from handover.models.signoffs import SignOffSubject


class SignOffShown(Shown[SignOff]):
    """One signature over one digest."""

    class Meta:
        model = SignOff
        fields = (
            "id",
            "programme",
            "transfer",
            "subject",
            "milestone",
            "side",
            "organisation",
            "user_uuid",
            "signatory",
            "capacity",
            "mandate_act",
            "decision",
            "remark",
            "digest",
            "signed_at",
        )


class SignOffFilters(InProgrammeFilters):
    """Filters of sign-offs."""

    transfer = django_filters.UUIDFilter(field_name="transfer__uuid", help_text="Of this transfer.")
    milestone = django_filters.UUIDFilter(field_name="milestone__uuid", help_text="Of this milestone.")
    subject = django_filters.ChoiceFilter(choices=SignOffSubject.choices, help_text="Of what is this kind.")
    side = django_filters.ChoiceFilter(choices=Side.choices, help_text="Of this side.")


class SignOffs(InProgrammeRead[SignOff]):
    """Signatures under plans, milestones, proofs and giving back."""

    what = "sign-off"
    serializer_class = SignOffShown
    filterset_class = SignOffFilters
    ordering_fields = ("signed_at",)
