"""Code lists of an organisation's own; those that everybody uses ship as data."""

from __future__ import annotations

import uuid as uuids

from django.db import models

from handover.models.guard import Guarded


class OwnList(Guarded):
    """A code list that an organisation brought along."""

    uuid = models.UUIDField(default=uuids.uuid4, editable=False)
    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    vocabulary = models.CharField(max_length=200, help_text="A URI, or a short name within the organisation.")
    title = models.JSONField(default=list, help_text="Narratives.")
    source = models.CharField(max_length=500, help_text="Where it stands.")
    imported_at = models.DateTimeField()

    class Meta:
        ordering = ("vocabulary",)
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=["organisation", "uuid"], name="indicators_ownlist_uuid"),
            models.UniqueConstraint(
                fields=["organisation", "vocabulary"], name="indicators_ownlist_vocabulary"
            ),
            models.UniqueConstraint(fields=["id", "organisation"], name="indicators_ownlist_in_organisation"),
        )

    def __str__(self) -> str:
        return self.vocabulary


class OwnCode(Guarded):
    """One code of an own list."""

    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    own_list = models.ForeignKey(OwnList, on_delete=models.PROTECT, related_name="codes")
    code = models.CharField(max_length=120)
    title = models.JSONField(default=list, help_text="Narratives.")
    position = models.PositiveIntegerField(default=0)
    withdrawn = models.BooleanField(default=False, help_text="No longer in the list; what names it stays.")

    class Meta:
        ordering = ("position", "id")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["organisation", "own_list", "code"], name="indicators_owncode_code"
            ),
        )

    def __str__(self) -> str:
        return self.code
