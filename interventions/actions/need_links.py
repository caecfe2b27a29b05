"""What hangs on needs, and how all of it goes over to another need."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from uuid import UUID

from django.db import connection, models
from django.db.models import F

from handover.models import Programme
from handover.models.base import InProgramme, Versioned
from handover.queries.conservation import row_digest_sql
from interventions.actions import hierarchy
from interventions.models import (
    BallotLine,
    InterventionNeed,
    Need,
    NeedLineage,
    NeedPlace,
    NeedPrerequisite,
    RankedNeed,
)
from interventions.queries import order

Row: TypeAlias = Any
"""A row of some table that names a need."""

Mention: TypeAlias = "models.ForeignKey[Any, Any]"
"""A column of some table by which its rows name a need."""

LINKS: Final[frozenset[type[models.Model]]] = frozenset({Need, InterventionNeed, NeedPrerequisite, NeedPlace})
"""Tables of links between needs and other things: each is moved in its own way."""
KEPT: Final[frozenset[type[models.Model]]] = frozenset({NeedLineage, RankedNeed, BallotLine})
"""Tables that say what once was: their rows stay with the need that they were about."""


def mentions() -> Iterator[Mention]:
    """Give the columns by which other tables, of any app, name one need."""
    for relation in Need._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel) and relation.related_model not in LINKS | KEPT:
            yield relation.field


@dataclass
class Moves:
    """Writes rows that change their need, and keeps for the ledger which they were."""

    moved: dict[str, list[UUID]] = field(default_factory=dict)
    fallen: dict[str, list[Mapping[str, object]]] = field(default_factory=dict)
    added: dict[str, list[UUID]] = field(default_factory=dict)
    sealed: dict[str, list[list[str]]] = field(default_factory=dict)
    """Digests of rows of other tables as they are now, by which verification knows that they were changed here."""

    def facts(self) -> dict[str, object]:
        """Give them for the ledger."""
        return {"moved": self.moved, "fallen": self.fallen, "added": self.added, "sealed": self.sealed}

    def write(self, model: type[InProgramme], names: Sequence[str], rows: Sequence[Row]) -> None:
        """Write rows that point elsewhere now."""
        if rows:
            model._default_manager.bulk_update(rows, names)
            self.moved.setdefault(model._meta.label_lower, []).extend(row.uuid for row in rows)

    def drop(self, model: type[InProgramme], rows: Mapping[int, Mapping[str, object]]) -> None:
        """Delete rows, given by key with what they said: another says it already, or a need would wait for itself."""
        if rows:
            model._default_manager.filter(pk__in=rows).delete()
            self.fallen.setdefault(model._meta.label_lower, []).extend(rows.values())

    def add(self, model: type[InProgramme], rows: Sequence[Row]) -> None:
        """Write new rows."""
        if rows:
            made = model._default_manager.bulk_create(rows)
            self.added.setdefault(model._meta.label_lower, []).extend(row.uuid for row in made)

    def rename(self, column: Mention, rows: Sequence[Row], need: Need) -> None:
        """Let rows of another table name this need; whoever edits one of them meanwhile is told so."""
        if rows:
            model, keys = column.model, [row.pk for row in rows]
            version = {"version": F("version") + 1} if issubclass(model, Versioned) else {}
            model._default_manager.filter(pk__in=keys).update(**{column.name: need}, **version)
            label = model._meta.label_lower
            self.moved.setdefault(label, []).extend(row.uuid for row in rows)
            self.sealed.setdefault(label, []).extend(_digests(model, keys))


def moved(programme: Programme, target: Need, others: Sequence[Need]) -> Moves:
    """Move all that hangs on some needs to another, each link once; but not yet what stands below them.

    Raises:
        Invalid: ``prerequisite_cycle``: a need would then wait for itself.
    """
    moves = Moves()
    _prerequisites(programme, target, others, moves)
    _pairs(InterventionNeed, target, others, lambda row: row.intervention, moves)
    _own_places(target, others, moves)
    _pairs(NeedPlace, target, others, lambda row: row.place, moves)
    for column in mentions():
        found = column.model._default_manager.filter(**{"programme": programme, f"{column.name}__in": others})
        moves.rename(column, list(found.order_by("id")), target)
    return moves


def _prerequisites(programme: Programme, target: Need, others: Sequence[Need], moves: Moves) -> None:
    """Move what waits and what is waited for; a prerequisite between two that become one falls away."""
    stands = {need.pk: target.pk for need in others}
    rows = list(NeedPrerequisite.objects.filter(programme=programme).select_related("need", "requires"))
    ends = {
        row.pk: (stands.get(row.need_id, row.need_id), stands.get(row.requires_id, row.requires_id))
        for row in rows
    }
    _refuse_cycle(programme, [pair for pair in ends.values() if pair[0] != pair[1]])
    there = {(row.need_id, row.requires_id) for row in rows if ends[row.pk] == (row.need_id, row.requires_id)}
    moving: list[NeedPrerequisite] = []
    falling: dict[int, Mapping[str, object]] = {}
    for row in sorted(rows, key=lambda row: row.pk):
        pair = ends[row.pk]
        if pair == (row.need_id, row.requires_id):
            continue
        if pair[0] == pair[1] or pair in there:
            falling[row.pk] = {"uuid": row.uuid, "need": row.need.uuid, "requires": row.requires.uuid}
        else:
            row.need_id, row.requires_id = pair
            moving.append(row)
        there.add(pair)
    moves.drop(NeedPrerequisite, falling)
    moves.write(NeedPrerequisite, ["need", "requires"], moving)


def _refuse_cycle(programme: Programme, pairs: Sequence[tuple[int, int]]) -> None:
    edges: dict[int, list[int]] = {}
    for later, earlier in pairs:
        edges.setdefault(later, []).append(earlier)
    try:
        list(order.waves(edges))
    except order.CircleError as circle:
        told = hierarchy.titles(programme, [int(str(node)) for node in circle.nodes])
        raise hierarchy.prerequisite_cycle(told, field="needs") from circle


def _pairs(
    model: type[InterventionNeed] | type[NeedPlace],
    target: Need,
    others: Sequence[Need],
    other_end: Callable[[Row], models.Model],
    moves: Moves,
) -> None:
    """Move rows that link a need to something else; of two that then say the same, the target's or the older stays."""
    rows: list[Row] = list(model._default_manager.filter(need__in=[target, *others]).order_by("id"))
    there: set[Hashable] = {other_end(row).pk for row in rows if row.need_id == target.pk}
    moving: list[Row] = []
    falling: dict[int, Mapping[str, object]] = {}
    for row in rows:
        if row.need_id == target.pk:
            continue
        end = other_end(row)
        if end.pk in there:
            falling[row.pk] = {"uuid": row.uuid, "with": str(end)}
        else:
            row.need = target
            moving.append(row)
        there.add(end.pk)
    moves.drop(model, falling)
    moves.write(model, ["need"], moving)


def _own_places(target: Need, others: Sequence[Need], moves: Moves) -> None:
    """Make the others' own places further places of the target, with the people counted there."""
    rows = NeedPlace.objects.filter(need__in=[target, *others]).order_by("id")
    there = {row.place_id for row in rows if row.need_id == target.pk} | {target.place_id}
    made = []
    for need in others:
        if need.place_id is not None and need.place_id not in there:
            made.append(
                NeedPlace(
                    programme_id=target.programme_id,
                    need=target,
                    place_id=need.place_id,
                    people_affected=need.people_affected,
                )
            )
            there.add(need.place_id)
    moves.add(NeedPlace, made)


def _digests(model: type[models.Model], keys: Sequence[int]) -> list[list[str]]:
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT t.uuid, encode({row_digest_sql(model)}, 'hex') FROM {table} t WHERE t.id = ANY(%s)"
            " ORDER BY t.uuid",
            [list(keys)],
        )
        return [[str(uuid), str(digest)] for uuid, digest in cursor.fetchall()]
