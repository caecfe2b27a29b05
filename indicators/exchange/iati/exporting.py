"""A programme as an IATI 2.03 activity.

``last-updated-datetime`` of the activity and ``generated-datetime`` of the file are the instant of the
export; everything else is as it was imported, or as people have changed it since.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Min, QuerySet, Window

from handover import access, clock
from handover.access import Actor
from handover.canonical import decimal_text
from handover.models import Place, Programme
from handover.permissions import Permission
from indicators.actions import looks
from indicators.exchange.iati import tree
from indicators.exchange.iati.columns import COLUMNS, node_of
from indicators.exchange.iati.frame import parts_of
from indicators.exchange.iati.tree import VERSION, Envelope, Node
from indicators.exchange.iati.writing import Draft, document
from indicators.models import ActivityRecord, Baseline, Indicator, Period, Result, Target, Value
from indicators.models.cells import parse_cell

N = TypeVar("N", bound=Node)

UPDATED = "last-updated-datetime"
GENERATED = "generated-datetime"


def export_activity(by: Actor, programme: UUID | str) -> bytes:
    """Write a programme as an IATI 2.03 file with one activity.

    A former steward gets the values that were recorded up to its cut-off. The identifier is the programme's, for ever.

    Args:
        programme: UUID or identifier.

    Raises:
        NotFound: there is none, or it is not open to the actor.
        NotAllowed: the actor may read it, but not take it out.
        Invalid: the steward has no IATI identifier or type and so cannot be named as the reporting organisation.
    """
    with access.asking(by):
        found = access.programme_for(by, programme, may=Permission.EXPORT)
        cutoff = access.reach(by, found).cutoff
        looks.note(by, found, Indicator.objects.filter(programme=found), where="export")
        return document(draft_of(found, cutoff))


def draft_of(programme: Programme, cutoff: dt.datetime | None = None) -> Draft:
    """Gather what is written of a programme; values recorded after ``cutoff`` are left out."""
    record = ActivityRecord.objects.filter(programme=programme).first()
    values = _values(programme, cutoff)
    places = Place.objects.in_bulk({row["place_id"] for row in values if row["place_id"] is not None})
    now = clock.now().astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    envelope = _envelope(record)
    return Draft(
        attributes=_with(((UPDATED, now),), record.attributes if record else ()),
        parts=parts_of(programme, record, places.values()),
        results=_results(programme, values, places),
        envelope=Envelope(
            attributes=_with((("version", VERSION), (GENERATED, now)), envelope.attributes),
            namespaces=envelope.namespaces,
            elements=envelope.elements,
        ),
    )


def _envelope(record: ActivityRecord | None) -> Envelope:
    if record is None:
        return Envelope()
    return Envelope(
        attributes=tuple((name, value) for name, value in record.envelope.get("attributes", ())),
        namespaces=record.envelope.get("namespaces", {}),
        elements=tuple(record.envelope.get("elements", ())),
    )


def _with(said: Iterable[tuple[str, str]], kept: Iterable[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    """Put attributes over those that were kept; a known one keeps its place."""
    return tuple({**{name: value for name, value in kept}, **dict(said)}.items())  # noqa: C416 pairs may be lists


# --- the result tree, in six queries -----------------------------------------------------------------------------


def _results(
    programme: Programme, values: Sequence[Mapping[str, Any]], places: Mapping[int, Place]
) -> tuple[tree.Result, ...]:
    actuals: defaultdict[int, list[tree.Measurement]] = defaultdict(list)
    for row in values:
        actuals[row["period_id"]].append(_actual(row, places))
    targets = _below(Target.objects.filter(programme=programme), tree.Measurement, "period_id")
    periods = _below(
        Period.objects.filter(programme=programme),
        tree.Period,
        "indicator_id",
        targets=targets,
        actuals=actuals,
    )
    baselines = _below(Baseline.objects.filter(programme=programme), tree.Baseline, "indicator_id")
    indicators = _below(
        Indicator.objects.filter(programme=programme),
        tree.Indicator,
        "result_id",
        baselines=baselines,
        periods=periods,
    )
    results = _below(
        Result.objects.filter(programme=programme), tree.Result, "programme_id", indicators=indicators
    )
    return tuple(results[programme.pk])


def _below(
    rows: QuerySet[Any], kind: type[N], parent: str, **children: Mapping[int, Sequence[Node]]
) -> defaultdict[int, list[N]]:
    """Make nodes of rows, by the key of their parent; ``children`` by the key of the row."""
    names = [column.column for column in COLUMNS[kind]]
    found: defaultdict[int, list[N]] = defaultdict(list)
    for row in rows.order_by("position", "id").values("id", parent, "extra", *names):
        own = {field: tuple(by_parent.get(row["id"], ())) for field, by_parent in children.items()}
        found[row[parent]].append(node_of(kind, row, **own))
    return found


SLOT = ("period_id", "cell", "place_id", "position")


def _values(programme: Programme, cutoff: dt.datetime | None) -> list[dict[str, Any]]:
    """Read the last revision of each value, in the order in which the values were first reported."""
    rows = Value.objects.filter(programme=programme)
    if cutoff is not None:
        rows = rows.filter(recorded_at__lte=cutoff)
    names = [column.column for column in COLUMNS[tree.Measurement]]
    last = (
        rows.annotate(first=Window(Min("id"), partition_by=list(SLOT)))
        .order_by(*SLOT, "-revision")
        .distinct(*SLOT)
        .values("first", "value", "extra", *SLOT, *names)
    )
    return sorted(last, key=lambda row: row["first"])


def _actual(row: Mapping[str, Any], places: Mapping[int, Place]) -> tree.Measurement:
    """Make an actual of a value; cell and place speak for a value that came with no IATI dimensions and locations."""
    said = dict(row)
    if not said["dimensions"]:
        said["dimensions"] = parse_cell(said["cell"])
    if not said["locations"] and said["place_id"] is not None:
        said["locations"] = [{"ref": places[said["place_id"]].code}]
    if said["value_text"] is None and said["value"] is not None:
        said["value_text"] = decimal_text(said["value"])
    return node_of(tree.Measurement, said)
