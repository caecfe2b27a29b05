"""Organisations: the directory of everybody who can hold a programme."""

from __future__ import annotations

from typing import ClassVar

import django_filters
from django.db.models import QuerySet

from handover.api.resources import Filters, Read
from handover.api.serializers import Shown
from handover.models import Organisation
from handover.permissions import Scope


class OrganisationShown(Shown[Organisation]):
    """An organisation, as the directory has it."""

    class Meta:
        model = Organisation
        fields = (
            "id",
            "slug",
            "name",
            "kind",
            "country",
            "lau_code",
            "registration_number",
            "iati_identifier",
            "iati_type",
            "languages",
            "parent",
        )


class OrganisationFilters(Filters):
    """Filters of organisations."""

    slug = django_filters.CharFilter(help_text="Of this short name.")
    kind = django_filters.CharFilter(help_text="Of this kind.")
    country = django_filters.CharFilter(help_text="Of this country (ISO 3166).")


class Organisations(Read[Organisation]):
    """Organisations, whoever they work with: one must be found before it can be admitted to a programme."""

    what = "organisation"
    reads: ClassVar = Scope.READ
    serializer_class = OrganisationShown
    filterset_class = OrganisationFilters
    ordering_fields = ("slug", "name")

    def rows(self) -> QuerySet[Organisation]:
        """Give the directory."""
        return Organisation.objects.all()
