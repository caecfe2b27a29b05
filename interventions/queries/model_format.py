"""The format of a model's document: which sections and fields there are, what each may hold, what refers to what.

``docs/reference/model-format.md`` tells it for people. A document is checked as a whole; every error names its row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from handover.errors import Invalid
from handover.models.milestones import MilestoneKind, OnDissent, Side
from handover.models.responsibilities import Phase, ResponsibilityKind
from handover.narratives import Narrative
from interventions.models.catalogue import PieceKind
from interventions.models.interventions import Audience, Field, Strand
from interventions.models.needs import RaisedBy
from interventions.models.services import ServiceKind
from interventions.queries import order
from interventions.queries.model_checks import (
    Check,
    Row,
    amount,
    by_name,
    flag,
    one_of,
    plain,
    rows_of,
    several,
    text,
    whole,
    wrong_fields,
)

FORMAT: Final = "1"
MEASURES: Final = ("1", "2", "3", "4", "5")
RESULTS: Final = ("1", "2", "3", "9")
COUNTING: Final = ("new_entrants", "distinct_persons", "contacts", "none")
FREQUENCIES: Final = ("monthly", "quarterly", "half_yearly", "yearly", "school_year", "custom")
TOGETHER: Final = ("sum", "latest", "weighted", "minimum", "maximum", "none")
BUDGET: Final = ("post", "line")


@dataclass(frozen=True)
class Section:
    """One list of a document: its fields, which of them are needed, and which refer to rows of which section."""

    fields: Mapping[str, Check]
    needed: tuple[str, ...]
    refers: Mapping[str, str] = field(default_factory=dict)
    around: tuple[str, ...] = ()
    """Fields by which its rows wait for, or stand below, each other: never in a circle."""
    key: str = "key"


_TITLED: Final[Mapping[str, Check]] = {"key": plain, "title": text, "description": text}

SECTIONS: Final[Mapping[str, Section]] = MappingProxyType(
    {
        "levels": Section({"key": plain, "title": text}, ("key", "title")),
        "needs": Section(
            {
                **_TITLED,
                "level": plain,
                "parent": plain,
                "severity": whole(1, 5),
                "raised_by": one_of(RaisedBy.values),
                "prerequisites": several(plain),
            },
            ("key", "title", "level", "severity"),
            {"level": "levels", "parent": "needs", "prerequisites": "needs"},
            ("parent", "prerequisites"),
        ),
        "responsibilities": Section(
            {**_TITLED, "kind": one_of(ResponsibilityKind.values), "phase": one_of(Phase.values)},
            ("key", "title", "kind"),
        ),
        "interventions": Section(
            {
                **_TITLED,
                "field": one_of(Field.values),
                "strand": one_of(Strand.values),
                "also_in": several(one_of(Field.values)),
                "audience": one_of(Audience.values),
                "effort": amount,
                "responsibility": plain,
                "needs": several(plain),
                "after": several(plain),
                "groups": rows_of({"title": text}, "title"),
                "services": rows_of(
                    {"title": text, "kind": one_of(ServiceKind.values), "unit": plain, "needs_licence": flag},
                    *("title", "kind", "unit"),
                ),
            },
            ("key", "title", "field"),
            {"responsibility": "responsibilities", "needs": "needs", "after": "interventions"},
            ("after",),
        ),
        "axes": Section(
            {
                "standard": plain,
                "name": plain,
                "title": text,
                "categories": rows_of({"code": plain, "title": text}, "code"),
                "estimated": flag,
            },
            (),
            key="standard",
        ),
        "results": Section(
            {**_TITLED, "type": one_of(RESULTS), "aggregation_status": flag}, ("key", "title", "type")
        ),
        "indicators": Section(
            {
                **_TITLED,
                "result": plain,
                "measure": one_of(MEASURES),
                "ascending": flag,
                "aggregation_status": flag,
                "counting_rule": one_of(COUNTING),
                "reference": rows_of({"vocabulary": plain, "code": plain, "indicator_uri": plain}, "code"),
                "responsibility": plain,
                "intervention": plain,
                "need": plain,
                "frequency": one_of(FREQUENCIES),
                **dict.fromkeys(("unit", "currency", "source", "method", "collected_by"), plain),
                **dict.fromkeys(("over_time", "over_places", "over_groups"), one_of(TOGETHER)),
                "scale": rows_of({"code": plain, "title": text}, "code"),
                "axes": several(plain),
                "green_from": amount,
                "amber_from": amount,
                "due_days": whole(0, 366),
                "approval": flag,
                "expression": plain,
                "parts": by_name,
            },
            ("key", "title", "result", "measure"),
            {
                "result": "results",
                "responsibility": "responsibilities",
                "intervention": "interventions",
                "need": "needs",
                "axes": "axes",
                "parts": "indicators",
            },
        ),
        "milestones": Section(
            {
                **_TITLED,
                "kind": one_of(MilestoneKind.values),
                "days": whole(-3650, 3650),
                "signs": several(one_of(Side.values)),
                "evidence_required": flag,
                "depends_on": several(plain),
                "moves": several(plain),
                "on_dissent": one_of(OnDissent.values),
            },
            ("key", "title", "kind", "days", "signs"),
            {"depends_on": "milestones", "moves": "responsibilities"},
            ("depends_on",),
        ),
        "budget": Section(
            {
                **_TITLED,
                "kind": one_of(BUDGET),
                "responsibility": plain,
                "fte": amount,
                "qualification": plain,
                "quantity": amount,
                "unit": plain,
                "per": plain,
                "share": amount,
            },
            ("key", "title", "kind"),
            {"responsibility": "responsibilities"},
        ),
    }
)
"""The lists of a document."""

OF_PIECES: Final[Mapping[PieceKind, str]] = MappingProxyType(
    {
        PieceKind.LEVEL: "levels",
        PieceKind.RESPONSIBILITY: "responsibilities",
        PieceKind.NEED: "needs",
        PieceKind.INTERVENTION: "interventions",
        PieceKind.INDICATOR: "indicators",
        PieceKind.MILESTONE: "milestones",
        PieceKind.BUDGET: "budget",
    }
)
"""In which list the pieces of each kind stand."""

HEAD: Final[Mapping[str, Check]] = MappingProxyType(
    {
        "key": plain,
        "number": whole(1, 9999),
        **dict.fromkeys(("title", "summary", "context", "evidence", "conditions", "changes"), text),
        "licence": plain,
    }
)
"""What a file says of a model besides its lists."""

ALWAYS: Final = ("title", "summary", "licence", "context")


def check(document: Mapping[str, Any]) -> None:
    """Check the lists of a document, their rows and what they refer to.

    Raises:
        Invalid: ``unknown_format``; or ``document_invalid``, with every error and its path, for example
            ``needs[school].level``.
    """
    known_format(document.get("format"))
    errors = list(_errors(document)) or list(_circles(document))
    if errors:
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        raise Invalid("document_invalid", f"The model's document has {count}.", errors=errors)


def known_format(found: object) -> None:
    """Refuse a document whose format nobody here reads.

    Raises:
        Invalid: ``unknown_format``.
    """
    if found != FORMAT:
        said = f"“{found}”" if found is not None else "none"
        raise Invalid(
            "unknown_format", f"The document's format is {said}; this toolkit reads format “{FORMAT}”."
        )


def check_head(head: Mapping[str, Any], *, needed: Sequence[str] = ALWAYS) -> None:
    """Check what a file says of a model besides its lists.

    Raises:
        Invalid: ``document_invalid``, with every error and its path.
    """
    errors = [_error(name, wrong) for name, wrong in wrong_fields(head, HEAD, needed)]
    if errors:
        raise Invalid("document_invalid", f"The model's head: {errors[0]['sentence']}", errors=errors)


def key_of(section: str, row: Row) -> str:
    """Give a row's key: an axis goes by its name."""
    return str(row.get(SECTIONS[section].key) or row.get("name") or "")


def referred(row: Row, name: str) -> list[str]:
    """Give the keys that a field of a row refers to: one, several, or those by name."""
    value = row.get(name)
    match value:
        case None:
            return []
        case Mapping():
            return [str(item) for item in value.values()]
        case list():
            return [str(item) for item in value]
        case _:
            return [str(value)]


def narratives_of(value: Any) -> list[Narrative]:
    """Give a document's text as narratives."""
    if isinstance(value, str):
        return [Narrative(lang=None, text=value)]
    if isinstance(value, Mapping):
        return [Narrative(lang=str(lang), text=item) for lang, item in value.items()]
    return [Narrative(lang=item.get("lang"), text=item["text"]) for item in value or ()]


def _errors(document: Row) -> Iterator[dict[str, str]]:
    for name in sorted(set(document) - {*SECTIONS, "format", "derived_from"}):
        yield _error(name, f"No list is called so; there are: {', '.join(SECTIONS)}.")
    keys: dict[str, set[str]] = {}
    for name, section in SECTIONS.items():
        rows = document.get(name, [])
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            yield _error(name, "This must be a list of objects.")
            return
        keys[name] = set()
        for position, row in enumerate(rows):
            key = key_of(name, row)
            if not key:
                yield _error(f"{name}[{position}].{section.key}", "This is missing.")
            elif key in keys[name]:
                yield _error(f"{name}[{key}].{section.key}", f"There are two rows “{key}”.")
            keys[name].add(key)
            for field_name, wrong in wrong_fields(row, section.fields, section.needed):
                yield _error(f"{name}[{key or position}].{field_name}", wrong)
    yield from _loose_ends(document, keys)


def _loose_ends(document: Row, keys: Mapping[str, set[str]]) -> Iterator[dict[str, str]]:
    for name, section in SECTIONS.items():
        for row in document.get(name, []):
            for field_name, other in section.refers.items():
                for key in referred(row, field_name):
                    if key not in keys[other]:
                        path = f"{name}[{key_of(name, row)}].{field_name}"
                        yield _error(path, f"Nothing among {other} is called “{key}”.")


def _circles(document: Row) -> Iterator[dict[str, str]]:
    for name, section in SECTIONS.items():
        for field_name in section.around:
            edges = {key_of(name, row): referred(row, field_name) for row in document.get(name, [])}
            try:
                list(order.waves(edges))
            except order.CircleError as circle:
                way = " → ".join(str(node) for node in circle.nodes)
                yield _error(f"{name}[{circle.nodes[0]}].{field_name}", f"It goes round in a circle: {way}.")


def _error(path: str, sentence: str) -> dict[str, str]:
    return {"path": path, "sentence": sentence}
