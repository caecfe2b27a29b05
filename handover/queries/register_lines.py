"""Lines of registers as people read them: a page of a list, one line, and what a line may refer to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import models
from django.db.models import CharField, Count, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from handover.models import LegalAct, Organisation, Place, Programme, ProgrammePlace, Standing
from handover.models.base import InProgramme

SIZE: Final = 50
"""Lines on a page."""
FIRST: Final[Mapping[str, Sequence[str]]] = {
    "BudgetLine": ("year", "title", "pk"),
    "LegalAct": ("-dated", "pk"),
    "Grant": ("starts_on", "pk"),
}
"""How lists are ordered that are not ordered by title."""


@dataclass(frozen=True)
class Lines:
    """One page of a register."""

    rows: Sequence[Any]
    count: int
    page: int
    pages: int


def references(model: type[models.Model]) -> list[models.ForeignKey[Any, Any]]:
    """Give the columns of a register that refer to other rows."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.name not in ("programme", "proof_file")
    ]


def _rows(model: type[InProgramme], programme: Programme) -> QuerySet[Any]:
    names = [field.name for field in references(model)]
    rows: QuerySet[Any] = model._default_manager.filter(programme=programme).select_related(*names)
    return rows


def lines(
    model: type[InProgramme], programme: Programme, *, responsibility: UUID | None = None, page: int = 1
) -> Lines:
    """Give a page of a register, in two queries.

    Args:
        responsibility: of this one alone.
        page: counts from 1; one beyond the last gives the last.
    """
    rows = _rows(model, programme).order_by(*FIRST.get(model.__name__, ("title", "pk")))
    if responsibility is not None:
        rows = rows.filter(responsibility__uuid=responsibility)
    count = rows.count()
    pages = max(-(-count // SIZE), 1)
    number = min(max(page, 1), pages)
    return Lines(list(rows[(number - 1) * SIZE : number * SIZE]), count, number, pages)


def line(model: type[InProgramme], programme: Programme, key: UUID) -> Any | None:
    """Give one line of a register, in one query."""
    return _rows(model, programme).filter(uuid=key).first()


def counted(models_: Mapping[str, type[InProgramme]], programme: Programme) -> dict[str, int]:
    """Count the lines of several registers by name, in one query."""
    parts = {
        name: model._default_manager.filter(programme=OuterRef("pk"))
        .order_by()
        .values("programme")
        .annotate(n=Count("pk"))
        .values("n")
        for name, model in models_.items()
    }
    row: Mapping[str, Any] = (
        Programme.objects.filter(pk=programme.pk)
        .annotate(**{f"n_{index}": Coalesce(Subquery(part), 0) for index, part in enumerate(parts.values())})
        .values()
        .get()
    )
    return {name: row[f"n_{index}"] for index, name in enumerate(parts)}


def candidates(
    programme: Programme, targets: Sequence[type[models.Model]]
) -> dict[str, list[tuple[str, Any]]]:
    """Give what lines may refer to, by the name of the model: the UUID and the row, one query for each model."""
    found: dict[str, list[tuple[str, Any]]] = {}
    for target in dict.fromkeys(targets):
        rows: Any
        if target is Organisation:
            standing = Standing.objects.filter(programme=programme).values("organisation")
            rows = Organisation.objects.filter(pk__in=standing).order_by("name")
        elif target is Place:
            rows = Place.objects.filter(
                pk__in=ProgrammePlace.objects.filter(programme=programme).values("place")
            ).order_by("name")
        else:
            rows = target._default_manager.filter(programme=programme).order_by("pk")
        found[target.__name__] = [(str(row.uuid), row) for row in rows]
    return found


def resting_on(act: LegalAct, registers: Sequence[type[InProgramme]]) -> list[tuple[str, UUID, str]]:
    """Give the lines that rest on a legal act, (the model's name, UUID, title), in one query."""
    managers: list[tuple[str, Any]] = [(model.__name__, model._default_manager) for model in registers]
    parts = [
        rows.filter(programme=act.programme_id, legal_act=act)
        .order_by()
        .annotate(told=Value(name, output_field=CharField()))
        .values_list("told", "uuid", "title")
        for name, rows in managers
    ]
    return list(parts[0].union(*parts[1:], all=True)) if parts else []
