"""The tables of a package as Table Schema: fields, keys and what an empty cell means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

FieldType = str
Reference = tuple[tuple[str, ...], str, tuple[str, ...]]
"""Fields here, the other resource (empty: this one), its fields."""


@dataclass(frozen=True)
class Resource:
    """One table of a package: its name, what it holds, its fields with their types, and its keys."""

    name: str
    title: str
    fields: Sequence[tuple[str, FieldType]]
    key: tuple[str, ...]
    refers: Sequence[Reference] = ()
    required: Sequence[str] | None = None
    """Fields that are never empty; those of the key, if nothing is said."""

    @property
    def names(self) -> list[str]:
        """Give the headings."""
        return [name for name, _ in self.fields]

    def descriptor(self, *, path: str, size: int, sha256: str) -> dict[str, Any]:
        """Describe the table as a tabular data resource."""
        return {
            "profile": "tabular-data-resource",
            "name": self.name,
            "title": self.title,
            "path": path,
            "scheme": "file",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "bytes": size,
            "hash": f"sha256:{sha256}",
            "dialect": {
                "delimiter": ",",
                "lineTerminator": "\r\n",
                "quoteChar": '"',
                "doubleQuote": True,
                "header": True,
            },
            "schema": {
                "fields": [self._field(name, kind) for name, kind in self.fields],
                "missingValues": [""],
                "primaryKey": list(self.key),
                **({"foreignKeys": [_foreign(item) for item in self.refers]} if self.refers else {}),
            },
        }

    def _field(self, name: str, kind: FieldType) -> dict[str, Any]:
        form, _, about = kind.partition(":")
        said: dict[str, Any] = {"name": name, "type": form}
        if about:
            said["format"] = about
        if name in (self.key if self.required is None else self.required):
            said["constraints"] = {"required": True, **({"unique": True} if self.key == (name,) else {})}
        return said


def _foreign(reference: Reference) -> Mapping[str, Any]:
    fields, resource, other = reference
    return {"fields": list(fields), "reference": {"resource": resource, "fields": list(other)}}


UUID: Final = "string:uuid"
SHORT: Final = {"uuid": UUID, "text": "string", "whole": "integer", "moment": "datetime"}


def fields(said: str) -> tuple[tuple[str, FieldType], ...]:
    """Read fields from ``name:type`` pairs between blanks; the types as Table Schema or ``SHORT`` has them."""
    pairs = (item.split(":") for item in said.split())
    return tuple((name, SHORT.get(form, form)) for name, form in pairs)


OF_INDICATOR: Final[Reference] = (("indicator",), "indicators", ("indicator",))
OF_PERIOD: Final[Reference] = (("period_uuid",), "periods", ("period_uuid",))

PERIODS: Final = Resource(
    "periods",
    "Spans of days for which indicators have targets and values, both ends included",
    fields("period_uuid:uuid indicator:uuid start:date end:date position:whole"),
    ("period_uuid",),
    (OF_INDICATOR,),
)
TARGETS: Final = Resource(
    "targets",
    "What indicators should reach; cell names the group (empty: everybody), value is as it was written",
    fields("target_uuid:uuid period_uuid:uuid cell:text value:text number:number comment:text"),
    ("target_uuid",),
    (OF_PERIOD,),
)
BASELINES: Final = Resource(
    "baselines",
    "Where indicators stood before",
    fields(
        "baseline_uuid:uuid indicator:uuid year:text date:text cell:text value:text number:number comment:text"
    ),
    ("baseline_uuid",),
    (OF_INDICATOR,),
)
PLACES: Final = Resource(
    "places",
    "Places that values name; place is country and code",
    fields("place:text country:text code:text name:text kind:text nuts3:text place_uuid:uuid"),
    ("place",),
)
AXES: Final = Resource(
    "axes",
    "Along what indicators are broken down, and into which categories",
    fields("axis:text category:text axis_title:text title:text estimated:boolean position:whole"),
    ("axis", "category"),
)
BREAKS: Final = Resource(
    "breaks",
    "Days from which a series counts otherwise",
    fields("break_uuid:uuid indicator:uuid on:date kind:text reason:text organisation:text stated_at:moment"),
    ("break_uuid",),
    (OF_INDICATOR,),
)
SOURCES: Final = Resource(
    "sources",
    "Registers and sheets that stay with their custodian",
    fields(
        "source_uuid:uuid title:text custodian:text office:text location:text start:date end:date count:whole"
        " counted:text sha256:text keep_until:date note:text"
    ),
    ("source_uuid",),
)
RESTS_ON: Final = Resource(
    "rests_on",
    "Which values rest on which sources",
    fields("value_uuid:uuid source_uuid:uuid"),
    ("value_uuid", "source_uuid"),
    ((("value_uuid",), "values", ("value_uuid",)), (("source_uuid",), "sources", ("source_uuid",))),
)
