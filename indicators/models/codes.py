"""The code lists that the definitions use: IATI's own, and the rules of the field."""

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


class Frequency(models.TextChoices):
    """How often an indicator is measured; what its periods should be."""

    MONTHLY = "monthly", "monthly"
    QUARTERLY = "quarterly", "quarterly"
    HALF_YEARLY = "half_yearly", "half-yearly"
    YEARLY = "yearly", "yearly"
    SCHOOL_YEAR = "school_year", "by school year, 1 September to 31 August"
    CUSTOM = "custom", "on days of its own"


class Aggregation(models.TextChoices):
    """How several values become one, over time, over places, or over the groups of a disaggregation."""

    SUM = "sum", "added up"
    LATEST = "latest", "the latest one"
    WEIGHTED = "weighted", "the average weighted by denominator: made anew from numerators and denominators"
    MINIMUM = "minimum", "the smallest one"
    MAXIMUM = "maximum", "the largest one"
    NONE = "none", "never one"


PERSONS = "persons"
"""The unit of every count of people: an indicator in it states its counting rule."""


class BreakKind(models.TextChoices):
    """Why the values before and after a day are not one series."""

    DEFINITION = "definition", "the definition changed"
    METHOD = "method", "the method or the source changed"
    SCOPE = "scope", "other places or other people are counted"
    HOLDER = "holder", "whoever holds it counts otherwise"


class SubmissionState(models.TextChoices):
    """Where values stand that somebody else approves before they count."""

    DRAFT = "draft", "draft"
    SUBMITTED = "submitted", "submitted"
    RETURNED = "returned", "returned with a note"
    APPROVED = "approved", "approved"
    WITHDRAWN = "withdrawn", "withdrawn"
