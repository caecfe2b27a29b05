"""Names of a tenant in what is about to be published: places, organisations, communities, partners."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.db.models import Q
from django.utils.text import slugify

from handover.errors import Invalid
from handover.models import (
    Community,
    Contract,
    Organisation,
    Place,
    Programme,
    ProgrammePlace,
    Responsibility,
)
from interventions.models import InterventionPartner, Need
from interventions.queries.model_format import SECTIONS, key_of

SHORTEST: Final = 4
"""Letters of the shortest name that is looked for: shorter ones stand in too many other words."""
CODED: Final = frozenset(
    {
        "signs",
        "kind",
        "phase",
        "field",
        "also_in",
        "strand",
        "audience",
        "raised_by",
        "on_dissent",
        "frequency",
    }
    | {"over_time", "over_places", "over_groups", "counting_rule", "type", "measure", "format", "licence"}
)
"""Fields that hold words of the format alone."""
UUID_LIKE: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


def refuse_names(programme: Programme, document: Mapping[str, Any]) -> None:
    """Refuse a document that names one of the programme's places, organisations, communities or partners.

    Raises:
        Invalid: ``names_a_tenant``, with every text that does and what it names.
    """
    names = {name.casefold(): name for name in _names(programme) if len(name) >= SHORTEST}
    # Keys are made of titles: a name stands in them as a slug.
    names = {slugify(name): name for name in names.values() if len(slugify(name)) >= SHORTEST} | names
    pattern = re.compile(
        rf"(?<!\w)(?:{'|'.join(re.escape(name) for name in sorted(names, key=len, reverse=True))})"
    )
    errors = [
        {"path": path, "sentence": f"It names “{names.get(found, found)}”."}
        for path, text in _texts(document)
        for found in _found(pattern, text)
    ]
    if errors:
        count = "1 text" if len(errors) == 1 else f"{len(errors)} texts"
        raise Invalid(
            "names_a_tenant",
            f"{count} of this programme would leave with the model: say it otherwise (edits), or leave the piece out.",
            errors=errors,
        )


def _found(pattern: re.Pattern[str], text: str) -> list[str]:
    """Give the names in a text, and identifiers, which no text of a model has."""
    folded = text.casefold()
    return list(dict.fromkeys([*pattern.findall(folded), *UUID_LIKE.findall(folded)]))


def _names(programme: Programme) -> Iterator[str]:
    """Give every name by which this tenant, or where and with whom it works, could be known."""
    places = Place.objects.filter(pk__in=_places(programme))
    yield from places.values_list("name", flat=True)
    for row in Organisation.objects.filter(
        Q(pk=programme.steward_id) | Q(standings__programme=programme)
    ).distinct():
        yield row.name
        if "-" in row.slug:
            yield row.slug
    yield from Community.objects.filter(programme=programme).values_list("name", flat=True)
    yield from Contract.objects.filter(programme=programme).values_list("counterparty", flat=True)
    yield from InterventionPartner.objects.filter(programme=programme).values_list("name", flat=True)
    yield programme.identifier


def _places(programme: Programme) -> set[int]:
    """Give the places that a programme names anywhere, with the units in which its settlements lie."""
    rows: list[int | None] = [
        *Community.objects.filter(programme=programme).values_list("place", flat=True),
        *Need.objects.filter(programme=programme).values_list("place", flat=True),
        *Responsibility.objects.filter(programme=programme).values_list("place", flat=True),
        *ProgrammePlace.objects.filter(programme=programme).values_list("place", flat=True),
    ]
    found = {key for key in rows if key is not None}
    above = Place.objects.filter(pk__in=found, parent__isnull=False).values_list("parent", flat=True)
    return found | {key for key in above if key is not None}


def _texts(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Give every text of a document with its path; rows are named by their keys."""
    match value:
        case str():
            yield path, value
        case Mapping():
            for name, item in ((name, item) for name, item in value.items() if name not in CODED):
                yield from _texts(item, f"{path}.{name}" if path else str(name))
        case list() | tuple():
            for position, item in enumerate(value):
                keyed = path in SECTIONS and isinstance(item, Mapping)
                yield from _texts(item, f"{path}[{key_of(path, item) if keyed else position}]")
