"""Axes: along what an indicator is broken down, and into which categories."""

from __future__ import annotations

from django.db import models

from handover.models.base import InProgramme, Versioned

UNKNOWN = "unknown"
"""A category of every axis: those of whom it is not known. With it, parts add up to their total."""


class Axis(InProgramme, Versioned):
    """One dimension of a disaggregation. A value names its category as ``{name, value}`` among its dimensions."""

    name = models.CharField(max_length=60, help_text="As in a value's dimensions: gender, age …")
    title = models.JSONField(default=list, blank=True, help_text="Narratives.")
    categories = models.JSONField(
        default=list, help_text="[{code, title: narratives}] in order; they exclude each other."
    )
    estimated = models.BooleanField(
        default=False,
        help_text="Informed estimates by people who know the community, never anybody's record.",
    )
    position = models.PositiveIntegerField(default=0)

    class Meta(InProgramme.Meta):
        ordering = ("position", "id")
        default_permissions = ()
        verbose_name_plural = "axes"
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(fields=["programme", "name"], name="indicators_axis_name"),
        )

    def __str__(self) -> str:
        return self.name
