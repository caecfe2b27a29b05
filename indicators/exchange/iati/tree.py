"""The IATI 2.03 result tree as typed nodes, and an activity around it.

A node names its attributes and children once, in the schema's order; reading, writing and JSON follow from
that table. What the standard's vocabulary has no word for (extension attributes and elements, stray text)
is kept in ``extra``, so that nothing is lost between two files. ``None`` is an absent attribute or element,
``""`` an empty one.

Source: IATI-Schemas 2.03, iati-activities-schema.xsd and iati-common.xsd.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, Self

VERSION = "2.03"
ROOT = "iati-activities"
ACTIVITY = "iati-activity"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


XSD_DATE = re.compile(r"\s*(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2})?\s*")


def calendar_date(text: str | None) -> dt.date | None:
    """Read an ``xsd:date``, its time zone left aside; ``None`` if it is none."""
    found = XSD_DATE.fullmatch(text or "")
    try:
        return dt.date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


class Child(NamedTuple):
    """One place in an element's sequence: the field, the tag, the node's type, whether it repeats."""

    field: str
    tag: str
    node: type[Node]
    many: bool = False


@dataclass(frozen=True, slots=True)
class Extra:
    """What an element holds beyond the standard's words.

    ``attributes`` are pairs of name (Clark notation) and value, ``elements`` whole elements as XML,
    ``text`` stray text.
    """

    attributes: tuple[tuple[str, str], ...] = ()
    elements: tuple[str, ...] = ()
    text: str = ""

    def as_json(self) -> dict[str, Any]:
        """Give only what is there."""
        parts = {
            "attributes": [list(pair) for pair in self.attributes],
            "elements": list(self.elements),
            "text": self.text,
        }
        return {name: value for name, value in parts.items() if value}

    @classmethod
    def from_json(cls, source: Mapping[str, Any]) -> Self:
        """Read what ``as_json`` gave."""
        return cls(
            attributes=tuple((name, value) for name, value in source.get("attributes", ())),
            elements=tuple(source.get("elements", ())),
            text=source.get("text", ""),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """An element of the tree."""

    extra: Extra = Extra()

    ATTRIBUTES: ClassVar[Mapping[str, str]] = {}
    """Field name → attribute name."""
    CHILDREN: ClassVar[tuple[Child, ...]] = ()
    """The element's sequence, in the schema's order."""
    CONTENT: ClassVar[str | None] = None
    """The field that holds the element's text, where it holds text."""

    def as_json(self) -> dict[str, Any]:
        """Give the node as JSON: absent parts are left out."""
        result: dict[str, Any] = {}
        names = (*self.ATTRIBUTES, *((self.CONTENT,) if self.CONTENT else ()))
        result.update({name: value for name in names if (value := getattr(self, name)) is not None})
        for child in self.CHILDREN:
            value = getattr(self, child.field)
            if child.many and value:
                result[child.field] = [item.as_json() for item in value]
            elif not child.many and value is not None:
                result[child.field] = value.as_json()
        if extra := self.extra.as_json():
            result["extra"] = extra
        return result

    @classmethod
    def from_json(cls, source: Mapping[str, Any]) -> Self:
        """Read what ``as_json`` gave."""
        children = {child.field: child for child in cls.CHILDREN}
        values: dict[str, Any] = {}
        for name, value in source.items():
            child = children.get(name)
            if name == "extra":
                values[name] = Extra.from_json(value)
            elif child is None:
                values[name] = value
            elif child.many:
                values[name] = tuple(child.node.from_json(item) for item in value)
            else:
                values[name] = child.node.from_json(value)
        return cls(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrative(Node):
    """One text in one language; ``lang`` absent means the activity's."""

    lang: str | None = None
    text: str = ""

    ATTRIBUTES = {"lang": XML_LANG}
    CONTENT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Node):
    """A title, a description or a comment: narratives."""

    narratives: tuple[Narrative, ...] = ()

    CHILDREN = (Child("narratives", "narrative", Narrative, many=True),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Code(Node):
    """A code from a code list (a document's category or language)."""

    code: str | None = None

    ATTRIBUTES = {"code": "code"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Day(Node):
    """A date as it was written (``xsd:date``, which may carry a time zone)."""

    iso_date: str | None = None

    ATTRIBUTES = {"iso_date": "iso-date"}

    @property
    def date(self) -> dt.date | None:
        """Give the calendar date, whatever its time zone; ``None`` if it is none."""
        return calendar_date(self.iso_date)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference(Node):
    """A code of a framework; results state ``vocabulary_uri``, indicators ``indicator_uri``."""

    vocabulary: str | None = None
    code: str | None = None
    vocabulary_uri: str | None = None
    indicator_uri: str | None = None

    ATTRIBUTES = {
        "vocabulary": "vocabulary",
        "code": "code",
        "vocabulary_uri": "vocabulary-uri",
        "indicator_uri": "indicator-uri",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Location(Node):
    """A reference to one of the activity's locations."""

    ref: str | None = None

    ATTRIBUTES = {"ref": "ref"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension(Node):
    """One coordinate of a disaggregation."""

    name: str | None = None
    value: str | None = None

    ATTRIBUTES = {"name": "name", "value": "value"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Node):
    """A link to a document."""

    url: str | None = None
    format: str | None = None
    title: Text | None = None
    description: Text | None = None
    categories: tuple[Code, ...] = ()
    languages: tuple[Code, ...] = ()
    date: Day | None = None

    ATTRIBUTES = {"url": "url", "format": "format"}
    CHILDREN = (
        Child("title", "title", Text),
        Child("description", "description", Text),
        Child("categories", "category", Code, many=True),
        Child("languages", "language", Code, many=True),
        Child("date", "document-date", Day),
    )


DOCUMENTS = Child("documents", "document-link", Document, many=True)
LOCATIONS = Child("locations", "location", Location, many=True)
DIMENSIONS = Child("dimensions", "dimension", Dimension, many=True)
REFERENCES = Child("references", "reference", Reference, many=True)
TITLE = Child("title", "title", Text)
DESCRIPTION = Child("description", "description", Text)
COMMENT = Child("comment", "comment", Text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement(Node):
    """A target or an actual. The value is free text in the standard."""

    value: str | None = None
    locations: tuple[Location, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
    comment: Text | None = None
    documents: tuple[Document, ...] = ()

    ATTRIBUTES = {"value": "value"}
    CHILDREN = (LOCATIONS, DIMENSIONS, COMMENT, DOCUMENTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline(Node):
    """What was measured before; here the schema puts documents before the comment."""

    year: str | None = None
    iso_date: str | None = None
    value: str | None = None
    locations: tuple[Location, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
    documents: tuple[Document, ...] = ()
    comment: Text | None = None

    ATTRIBUTES = {"year": "year", "iso_date": "iso-date", "value": "value"}
    CHILDREN = (LOCATIONS, DIMENSIONS, DOCUMENTS, COMMENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period(Node):
    """A span of time with its targets and actuals."""

    start: Day | None = None
    end: Day | None = None
    targets: tuple[Measurement, ...] = ()
    actuals: tuple[Measurement, ...] = ()

    CHILDREN = (
        Child("start", "period-start", Day),
        Child("end", "period-end", Day),
        Child("targets", "target", Measurement, many=True),
        Child("actuals", "actual", Measurement, many=True),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator(Node):
    """What is measured, with its baselines and periods."""

    measure: str | None = None
    ascending: str | None = None
    aggregation_status: str | None = None
    title: Text | None = None
    description: Text | None = None
    documents: tuple[Document, ...] = ()
    references: tuple[Reference, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    periods: tuple[Period, ...] = ()

    ATTRIBUTES = {"measure": "measure", "ascending": "ascending", "aggregation_status": "aggregation-status"}
    CHILDREN = (
        TITLE,
        DESCRIPTION,
        DOCUMENTS,
        REFERENCES,
        Child("baselines", "baseline", Baseline, many=True),
        Child("periods", "period", Period, many=True),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Node):
    """An output, outcome or impact with its indicators."""

    type: str | None = None
    aggregation_status: str | None = None
    title: Text | None = None
    description: Text | None = None
    documents: tuple[Document, ...] = ()
    references: tuple[Reference, ...] = ()
    indicators: tuple[Indicator, ...] = ()

    ATTRIBUTES = {"type": "type", "aggregation_status": "aggregation-status"}
    CHILDREN = (
        TITLE,
        DESCRIPTION,
        DOCUMENTS,
        REFERENCES,
        Child("indicators", "indicator", Indicator, many=True),
    )


@dataclass(frozen=True, slots=True)
class Part:
    """A child of an activity that stays as it was written: its tag (Clark notation) and its XML."""

    tag: str
    xml: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the file says around its activities: the root's attributes, prefixes, extension elements."""

    attributes: tuple[tuple[str, str], ...] = (("version", VERSION),)
    namespaces: Mapping[str, str] = field(default_factory=dict)
    elements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One activity: what the model knows of it, and everything else as it was written."""

    identifier: str
    title: Text
    description: Text | None = None
    starts_on: str | None = None
    ends_on: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    parts: tuple[Part, ...] = ()
    """Every child but the results, in the file's order."""
    results: tuple[Result, ...] = ()
    envelope: Envelope = field(default_factory=Envelope)
    line: int = field(default=0, compare=False)
