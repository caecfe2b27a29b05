"""Floors: the value below which an indicator's result is called lost after a handover."""

from __future__ import annotations

from django.db import models

from handover.models.base import InProgramme, Versioned
from indicators.models.cells import DECIMAL_PLACES
from indicators.models.definitions import DIGITS, Indicator


class Floor(InProgramme, Versioned):
    """The floor of one indicator, in its unit (per cent for shares); where less is better, the most that it may be."""

    indicator = models.OneToOneField(Indicator, on_delete=models.PROTECT, related_name="floor")
    level = models.DecimalField(max_digits=DIGITS, decimal_places=DECIMAL_PLACES)
    reason = models.TextField(help_text="Why here: a standard, an agreement, what was needed.")

    class Meta(InProgramme.Meta):
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.level)
