"""Fields that several nouns share: numbers as people write them, texts, groups, codes and documents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import django_filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from handover.api.problems import RULE
from handover.api.resources import InProgrammeFilters
from handover.api.serializers import Body, Texts

NOT_KEPT: Final = re.compile("[\x00\ud800-\udfff]")
"""What no text holds: the null character, and halves of surrogate pairs."""
LONGEST: Final = 20_000
TRUTH: Final = (("", "not said"), *((item, item) for item in ("0", "1", "false", "true")))
"""A boolean as IATI writes it."""


@extend_schema_field({"type": "string", "example": "12.5"})
class Said(serializers.CharField):
    """A value as people write it: a number as text, or words where the indicator takes words."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": LONGEST, "allow_null": True, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        """Read a text or a whole number; a JSON number with a fraction has lost digits already."""
        if isinstance(data, float):
            raise serializers.ValidationError("Write the number as text, for example “12.5”.")
        return super().to_internal_value(data)


class Narratives(Texts):
    """A text in one or several languages, of characters that can be kept."""

    def to_internal_value(self, data: Any) -> list[Any]:
        """Read the narratives."""
        found = super().to_internal_value(data)
        if any(NOT_KEPT.search(part) for item in found for part in item.values() if part):
            raise serializers.ValidationError("This text has a character that cannot be kept.", code=RULE)
        if any(len(item["text"]) > LONGEST for item in found):
            raise serializers.ValidationError(f"A text has at most {LONGEST} characters.")
        return found


class Named(serializers.DictField):
    """Texts, or references, by name."""

    def to_internal_value(self, data: Any) -> dict[Any, Any]:
        """Read the names and what stands by them."""
        if isinstance(data, Mapping) and any(NOT_KEPT.search(str(name)) for name in data):
            raise serializers.ValidationError("This name has a character that cannot be kept.", code=RULE)
        return dict(super().to_internal_value(data))


class DimensionBody(Body):
    """A group: an axis and a category along it."""

    name = serializers.CharField(max_length=200)
    value = serializers.CharField(max_length=500)


class LocationBody(Body):
    """One of the activity's places."""

    ref = serializers.CharField(max_length=200)


class DocumentBody(Body):
    """A document that lies elsewhere."""

    url = serializers.CharField(max_length=2000)
    format = serializers.CharField(max_length=200, required=False, allow_blank=True)
    title = Narratives(required=False)
    description = Narratives(required=False)
    categories = serializers.ListField(
        child=serializers.CharField(max_length=20, trim_whitespace=False), required=False
    )
    languages = serializers.ListField(
        child=serializers.CharField(max_length=10, trim_whitespace=False), required=False
    )
    document_date = serializers.CharField(max_length=40, required=False, allow_blank=True)


class CodeBody(Body):
    """A code of a list."""

    vocabulary = serializers.CharField(max_length=200)
    code = serializers.CharField(max_length=200)
    vocabulary_uri = serializers.CharField(max_length=500, required=False)
    indicator_uri = serializers.CharField(max_length=500, required=False)


class CategoryBody(Body):
    """A category of an axis, or a step of a scale."""

    code = serializers.CharField(max_length=120)
    title = Narratives(required=False)


class MeasuredBody(Body):
    """A number with what can be said of it."""

    value = Said()
    comment = Narratives(required=False)
    dimensions = DimensionBody(many=True, required=False)
    locations = LocationBody(many=True, required=False)
    documents = DocumentBody(many=True, required=False)
    position = serializers.IntegerField(min_value=0, max_value=999_999, required=False)


class OfIndicatorFilters(InProgrammeFilters):
    """Filters of what belongs to an indicator."""

    indicator = django_filters.UUIDFilter(field_name="indicator__uuid", help_text="Of this indicator alone.")
