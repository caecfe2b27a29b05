"""Names of a tenant in what is about to be published: places, organisations, communities, partners, contacts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils.text import slugify

from handover.errors import Invalid
from handover.models import (
    Community,
    Contract,
    DissentAnswer,
    Grant,
    Organisation,
    Place,
    Premises,
    Programme,
)
from handover.models.base import InProgramme
from handover.personal_data import findings
from interventions.models import Authority, InterventionPartner
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
NAMED: Final[tuple[tuple[type[InProgramme], str], ...]] = (
    (Community, "name"),
    (Contract, "counterparty"),
    (InterventionPartner, "name"),
    (Premises, "owner_name"),
    (Premises, "address"),
    (Grant, "agreement_number"),
    (Authority, "name"),
    (DissentAnswer, "mediator"),
)
"""Columns in which a programme names a body, a place or an agreement in words."""
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
    """Give the names in a text, however they are spaced and accented, and identifiers and contacts."""
    folded = text.casefold()
    found = [*pattern.findall(folded), *UUID_LIKE.findall(folded), *map(str, findings(text))]
    return list(dict.fromkeys(found or pattern.findall(slugify(text))))


def _names(programme: Programme) -> Iterator[str]:
    """Give every name by which this tenant, or where and with whom it works, could be known."""
    places = Place.objects.filter(pk__in=_places(programme))
    for name, latin in places.values_list("name", "name_latin"):
        yield from (name, latin)
    bodies = Q(pk__in=_named(programme, Organisation)) | Q(pk=programme.steward_id)
    for row in Organisation.objects.filter(bodies):
        yield row.name
        if "-" in row.slug:
            yield row.slug
    for model, column in NAMED:
        rows = model._default_manager.filter(programme=programme)
        yield from rows.order_by().values_list(column, flat=True).distinct()
    yield programme.identifier


def _places(programme: Programme) -> set[int]:
    """Give the places that a programme names anywhere, with the units in which its settlements lie."""
    found = _named(programme, Place)
    above = Place.objects.filter(pk__in=found, parent__isnull=False).values_list("parent", flat=True)
    return found | {key for key in above if key is not None}


def _named(programme: Programme, target: type[models.Model]) -> set[int]:
    """Give what any row of a programme refers to, of the places or the organisations."""
    return {
        key
        for model in apps.get_models()
        if issubclass(model, InProgramme)
        for column in model._meta.concrete_fields
        if isinstance(column, models.ForeignKey) and column.related_model is target
        for key in model._default_manager.filter(programme=programme)
        .order_by()
        .values_list(column.attname, flat=True)
        .distinct()
        if key is not None
    }


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
