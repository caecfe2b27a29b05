"""Feeds: which records of the work an indicator is counted from."""

from __future__ import annotations

from django.db import models

from handover.models.base import InProgramme, Versioned


class Feed(InProgramme, Versioned):
    """How an indicator's value of a period is counted from records: which kind, which measure, which of them.

    ``record`` and ``measure`` are names of ``interventions.queries.feeding``; ``filters`` holds texts by field.
    A feed proposes values with their source; people report them.
    """

    indicator = models.ForeignKey("indicators.Indicator", on_delete=models.PROTECT, related_name="feeds")
    record = models.CharField(max_length=40)
    measure = models.CharField(max_length=40)
    filters = models.JSONField(default=dict, blank=True)

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(fields=["programme", "indicator"], name="indicators_feed_once"),
        )

    def __str__(self) -> str:
        return f"{self.measure} of {self.record}"
