"""What the model does not know of an imported IATI activity, kept as it was written to come out again."""

from __future__ import annotations

from django.db import models

from handover.models.base import InProgramme


class ActivityRecord(InProgramme):
    """The rest of one IATI activity: everything but its results. A programme has at most one; it never changes.

    Prefixes stand in ``envelope`` because XML attributes may hold qualified names that only they explain.
    """

    attributes = models.JSONField(
        default=list, help_text="[[name, value]] of iati-activity, names in Clark notation."
    )
    parts = models.JSONField(
        default=list, help_text="[{tag, xml}]: the activity's other children, in the file's order."
    )
    envelope = models.JSONField(
        default=dict, help_text="{attributes, namespaces, elements} of the file around it."
    )
    imported_for = models.ForeignKey(
        "handover.Organisation",
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The steward for whom the reporting-org in the parts stands.",
    )
    imported_at = models.DateTimeField(editable=False)

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(fields=["programme"], name="indicators_activityrecord_once"),
        )

    def __str__(self) -> str:
        return str(self.uuid)
