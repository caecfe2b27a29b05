"""Tables of a dossier: of every carried model the rows that belong to a programme, as PostgreSQL copies them out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import Q, QuerySet

from handover.exchange.carried import Fate, declarations
from handover.exchange.dossier.bag import Writing
from handover.exchange.dossier.columns import Column, column, key_of
from handover.models import (
    LegalRepresentative,
    Membership,
    Organisation,
    Place,
    PlaceLineage,
    Programme,
    ProgrammeUserGrant,
    User,
)
from handover.models.audits import FindingState
from handover.queries.readiness import rounds_of

PIECE: Final = 262_144
"""Bytes of rows that are digested and written at once: whole rows, and few of them kept."""
NAMES: Final = "handover.PersonName"
"""Names of people stand in a file of their own, so that they can be left out and erased."""
LEDGER: Final = "handover.LedgerEntry"
"""The chain stands beside the tables, entry by entry as it is hashed."""
SHARED: Final[tuple[type[models.Model], ...]] = (Organisation, User, Place)
"""Rows of the installation that a programme's rows name: they go along, no others."""
HIDDEN: Final[Mapping[str, Q]] = {"handover.AuditFinding": ~Q(state=FindingState.DRAFT)}
"""What does not leave with a programme though it stands in its tables: drafts are their auditors' alone."""
SEALED: Final[Mapping[str, str]] = {"handover.Assessment": "pk", "handover.Score": "assessment"}
"""What leaves once a round is over alone, by the column that names its assessment: scores are sealed until then."""


@dataclass(frozen=True)
class Table:
    """One table: its model, its columns, and its rows in the order of their keys."""

    model: type[models.Model]
    columns: Sequence[Column]
    rows: QuerySet[Any]

    @property
    def label(self) -> str:
        """Give the model's name, as the declarations have it."""
        return self.model._meta.label

    @property
    def path(self) -> str:
        """Give where it stands in a bag, below ``data/``."""
        return f"tables/{self.label}.csv"

    def schema(self, others: Mapping[type[models.Model], Table]) -> dict[str, Any]:
        """Describe it as a Table Schema, with what it refers to among the others."""
        told: dict[str, Any] = {"fields": [each.schema() for each in self.columns], "missingValues": [""]}
        names = {each.name for each in self.columns}
        if "uuid" in names:
            told["primaryKey"] = ["uuid"]
        foreign = [
            {
                "fields": [each.name],
                "reference": {
                    "resource": "" if target is self.model else others[target].name,
                    "fields": ["uuid"],
                },
            }
            for each in self.columns
            if (target := each.target) is not None and target in others and key_of(target) == "uuid"
        ]
        return told | ({"foreignKeys": foreign} if foreign else {})

    @property
    def name(self) -> str:
        """Give its name in the Data Package."""
        return self.label.lower().replace(".", "-")

    def copy(self, writing: Writing) -> None:
        """Let PostgreSQL write its rows as CSV, piece by piece, without keeping them."""
        written = [f"c{number}" for number, _ in enumerate(self.columns)]
        told = self.rows.order_by(*_order(self.model, written)).values_list(*written)
        heads = ",".join(each.name for each in self.columns)
        writing.write(f"{heads}\n".encode())
        try:
            query, given = told.query.sql_with_params()
        except EmptyResultSet:
            return
        with connection.cursor() as cursor:
            statement = connection.ops.compose_sql(query, given)  # type: ignore[attr-defined]
            with cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT csv)") as copy:
                rows = bytearray()
                for row in copy:
                    rows += row
                    if len(rows) >= PIECE:
                        writing.write(bytes(rows))
                        rows.clear()
                writing.write(bytes(rows))


def tables(programme: Programme) -> list[Table]:
    """Give every table of a programme, by name. Inside ``access.asking`` of whoever takes it out."""
    found: dict[type[models.Model], Table] = {}
    for model in _models():
        rows = _of(model, programme)
        if rows is not None:
            found[model] = _table(model, rows)
    keys = {model: _named(found.values(), model) for model in SHARED}
    for model in (Organisation, Place):
        keys[model] |= _parents(model, keys[model])
    for model, some in keys.items():
        found[model] = _table(model, model._default_manager.filter(pk__in=sorted(some)))
    for model, rows in _beside(keys):
        found[model] = _table(model, rows)
    return sorted(found.values(), key=lambda table: table.label)


def _beside(
    keys: Mapping[type[models.Model], set[int]],
) -> Iterator[tuple[type[models.Model], QuerySet[Any]]]:
    """Give what goes along with shared rows: seats and mandates of people named, lineages of places named."""
    people, organisations, places = (sorted(keys[model]) for model in (User, Organisation, Place))
    seats = {"user__in": people, "organisation__in": organisations}
    yield Membership, Membership.objects.filter(**seats)
    yield LegalRepresentative, LegalRepresentative.objects.filter(**seats)
    yield PlaceLineage, PlaceLineage.objects.filter(former__in=places, successor__in=places)


def _models() -> Iterator[type[models.Model]]:
    for label, said in declarations().items():
        if said.fate is Fate.CARRIED and label not in (NAMES, LEDGER):
            yield apps.get_model(label)


def _of(model: type[models.Model], programme: Programme) -> QuerySet[Any] | None:
    """Give the rows of a model that are a programme's; ``None`` where its rows are no programme's."""
    names = {field.name for field in model._meta.fields}
    rows: QuerySet[Any] = model._default_manager.all()
    if model is Programme:
        return rows.filter(pk=programme.pk)
    if model is ProgrammeUserGrant:
        return rows.filter(content_object=programme)
    if "programme" not in names:
        return None
    hidden = HIDDEN.get(model._meta.label, Q())
    if (column_of := SEALED.get(model._meta.label)) is not None:
        over = [each.pk for item in rounds_of(programme.pk) if item.over for each in item.assessments]
        hidden &= Q(**{f"{column_of}__in": over})
    return rows.filter(hidden, programme=programme)


def _table(model: type[models.Model], rows: QuerySet[Any]) -> Table:
    carried = [
        name for name, fate in declarations()[model._meta.label].columns.items() if fate is Fate.CARRIED
    ]
    columns = [column(model._meta.get_field(name)) for name in carried]  # type: ignore[arg-type]
    written = {f"c{number}": each.expression for number, each in enumerate(columns)}
    return Table(model, columns, rows.annotate(**written))


def _order(model: type[models.Model], written: Sequence[str]) -> Sequence[str]:
    """Give what rows are ordered by: their UUID, else all that is told of them."""
    return ("uuid",) if "uuid" in {field.name for field in model._meta.fields} else written


def _named(tables: Any, model: type[models.Model]) -> set[int]:
    """Give the rows of a shared model that rows of these tables name, by their keys; one query a reference."""
    found: set[int] = set()
    for table in tables:
        for each in table.columns:
            if each.target is model:
                known = table.rows.exclude(**{each.name: None}).order_by()
                found.update(known.values_list(f"{each.name}_id", flat=True).distinct())
    return found


def _parents(model: type[models.Model], keys: set[int]) -> set[int]:
    """Give what stands above rows of a tree, up to its roots."""
    found: set[int] = set()
    level = keys
    while level:
        above = model._default_manager.filter(pk__in=sorted(level), parent__isnull=False)
        level = set(above.values_list("parent_id", flat=True)) - found - keys
        found |= level
    return found
