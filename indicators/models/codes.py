"""The code lists that the definitions use: IATI's own, and the counting rules of the field."""

from __future__ import annotations

from django.db import models


class ResultType(models.TextChoices):
    """IATI code list *ResultType*."""

    OUTPUT = "1", "output"
    OUTCOME = "2", "outcome"
    IMPACT = "3", "impact"
    OTHER = "9", "other"


class Measure(models.TextChoices):
    """IATI code list *IndicatorMeasure*."""

    UNIT = "1", "unit"
    PERCENTAGE = "2", "percentage"
    NOMINAL = "3", "nominal"
    ORDINAL = "4", "ordinal"
    QUALITATIVE = "5", "qualitative"


NUMERIC_MEASURES = frozenset({Measure.UNIT, Measure.PERCENTAGE})
"""Measures whose values must be numbers; the others may be words."""


class CountingRule(models.TextChoices):
    """What a count of people counts. Every people indicator states it, because only some of them add up."""

    NEW_ENTRANTS = "new_entrants", "new entrants: each person once, when they enter"
    DISTINCT_PERSONS = "distinct_persons", "distinct persons: each person once a period"
    CONTACTS = "contacts", "contacts: each time counts"
    NONE = "none", "not a count of people"
