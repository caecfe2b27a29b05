"""A programme document's indicators and values, loaded together: all of them, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID, uuid4

from handover import access
from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid
from handover.models import Programme
from handover.models.base import InProgramme
from handover.narratives import narratives
from handover.permissions import Permission
from indicators.actions import axes as axis_actions
from indicators.actions import entries, indicators, trees, values
from indicators.actions.trees import Row
from indicators.models import Indicator
from indicators.models.cells import number

DEFINED: Final = frozenset(
    {"frequency", "unit", "currency", "scale", "source", "method", "collected_by", "over_time", "over_places"}
    | {"over_groups", "axes", "green_from", "amber_from", "due_days", "approval", "expression", "parts"}
)
"""What a document says of an indicator as ``indicators.define`` takes it; ``parts`` by the keys of the document."""

INDICATOR_FIELDS: Final = frozenset(
    {
        "key",
        "measure",
        "ascending",
        "aggregation_status",
        "title",
        "description",
        "counting_rule",
        "reference",
    }
    | {"responsibility", "intervention", "need", "baseline", "target_by_year"}
    | DEFINED
)
AXIS_FIELDS: Final = frozenset({"name", "standard", "title", "categories", "estimated"})
RESULT_FIELDS: Final = frozenset({"key", "type", "aggregation_status", "title", "description", "indicators"})

References = Mapping[tuple[str, UUID], InProgramme]


@action
def load(
    *,
    by: Actor,
    programme_uuid: UUID,
    results: Sequence[Mapping[str, Any]],
    lines: Iterable[str],
    names: Mapping[str, UUID],
    axes: Sequence[Mapping[str, Any]] = (),
) -> dict[str, UUID]:
    """Load axes, results with their indicators, and the lines of a CSV file of values.

    Args:
        axes: ``{"standard": name}`` of one that ships, or ``name``, ``categories``, ``title``, ``estimated``.
        results: as in a programme document: rows with ``key``, references by key.
        lines: as for ``values.import_csv``; indicators and places by key. None: no values.
        names: ``place:KEY``, ``responsibility:KEY``, ``intervention:KEY``, ``need:KEY``, and ``indicator:KEY`` of
            indicators that were loaded before.

    Returns:
        ``indicator:KEY`` of each indicator.

    Raises:
        NotFound, NotAllowed: the actor may not define or report all of it.
        Invalid: a key that means nothing or stands twice, an unknown field, a wrong column, or wrong lines.
    """
    programme = access.programme_for(by, programme_uuid, may=Permission.VIEW)
    given = [row for result in results for row in result.get("indicators") or ()]
    keys = _unique([str(row.get("key") or "") for row in given])
    _add_axes(by, programme_uuid, axes)
    named = [_named(row, names) for row in given]
    references = entries.referred(programme, named)
    uuids = {**_of_kind(names, "indicator"), **{key: uuid4() for key in keys}}
    columns = [_indicator(row, refers, references, uuids) for row, refers in zip(given, named, strict=True)]
    _check(by, programme, [row.columns for row in columns])
    rows = iter(columns)
    branches = [_result(result, [next(rows) for _ in result.get("indicators") or ()]) for result in results]
    found: dict[str, UUID] = {}
    if branches:
        planted = trees.plant(by=by, programme_uuid=programme_uuid, results=branches)
        found = {key: row.uuid for key, row in zip(keys, planted.indicators, strict=True)}
    file = list(lines)
    if file:
        values.import_csv(
            by=by,
            programme_uuid=programme_uuid,
            lines=file,
            indicators={**_of_kind(names, "indicator"), **found},
            places=_of_kind(names, "place"),
        )
    return {f"indicator:{key}": uuid for key, uuid in found.items()}


def _add_axes(by: Actor, programme_uuid: UUID, given: Sequence[Mapping[str, Any]]) -> None:
    for row in given:
        entries.only(row, AXIS_FIELDS, what="An axis")
        if row.get("standard"):
            axis_actions.create_standard(by=by, programme_uuid=programme_uuid, name=str(row["standard"]))
        else:
            axis_actions.create(
                by=by,
                programme_uuid=programme_uuid,
                name=str(row.get("name") or ""),
                categories=row.get("categories") or (),
                title=row.get("title") or "",
                estimated=bool(row.get("estimated")),
            )


def _check(by: Actor, programme: Programme, given: Sequence[Mapping[str, Any]]) -> None:
    """Refuse definitions that contradict themselves or name what is not there, as ``indicators.define`` does.

    Raises:
        Invalid: the first of them.
    """
    rows = [Indicator(programme=programme, position=0, **columns) for columns in given]
    for row in rows:
        entries.checked(row)
    indicators.refuse_wrong(by, programme, rows)


def _of_kind(names: Mapping[str, UUID], kind: str) -> dict[str, UUID]:
    return {
        name.removeprefix(f"{kind}:"): uuid for name, uuid in names.items() if name.startswith(f"{kind}:")
    }


def _unique(keys: list[str]) -> list[str]:
    for position, key in enumerate(keys):
        if not key:
            raise Invalid(
                "key_missing", f"Indicator {position + 1} has no key.", field=f"indicators[{position}].key"
            )
        if key in keys[:position]:
            raise Invalid(
                "repeated_key", f"There are two indicators “{key}”.", field=f"indicators[{key}].key"
            )
    return keys


def _named(row: Mapping[str, Any], names: Mapping[str, UUID]) -> dict[str, UUID]:
    """Give the UUIDs of what an indicator refers to by key.

    Raises:
        Invalid: a key that means nothing.
    """
    found = {}
    for kind in entries.REFERENCES:
        key = row.get(kind)
        if key is None:
            continue
        if f"{kind}:{key}" not in names:
            field = f"indicators[{row.get('key')}].{kind}"
            raise Invalid(f"unknown_{kind}", f"There is no {kind} “{key}”.", field=field)
        found[kind] = names[f"{kind}:{key}"]
    return found


def _result(row: Mapping[str, Any], indicators: Sequence[Row]) -> Row:
    entries.only(row, RESULT_FIELDS, what="A result")
    columns = {"type": str(row.get("type", "")), **_described(row)}
    return Row(columns, {"indicators": indicators})


def _indicator(
    row: Mapping[str, Any],
    refers: Mapping[str, UUID],
    references: References,
    uuids: Mapping[str, UUID],
) -> Row:
    entries.only(row, INDICATOR_FIELDS, what="An indicator")
    said = {name: row[name] for name in DEFINED & row.keys()}
    if said.get("parts"):
        said["parts"] = _parts(row, uuids)
    columns = {
        "uuid": uuids[str(row["key"])],
        "measure": str(row.get("measure", "")),
        "ascending": _boolean(row.get("ascending")),
        "counting_rule": row.get("counting_rule") or "none",
        "references": [dict(item) for item in row.get("reference") or ()],
        **_described(row),
        **indicators.definition_columns(said, {}),
        **{kind: references[kind, uuid] for kind, uuid in refers.items()},
    }
    baseline = row.get("baseline")
    periods = [_year(year, value) for year, value in (row.get("target_by_year") or {}).items()]
    return Row(columns, {"baselines": [_baseline(baseline)] if baseline else [], "periods": periods})


def _parts(row: Mapping[str, Any], uuids: Mapping[str, UUID]) -> dict[str, UUID]:
    found = {}
    for name, key in row["parts"].items():
        if str(key) not in uuids:
            field = f"indicators[{row.get('key')}].parts"
            raise Invalid("unknown_part", f"There is no indicator “{key}”.", field=field)
        found[str(name)] = uuids[str(key)]
    return found


def _described(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "aggregation_status": _boolean(row.get("aggregation_status")),
        "title": narratives(row.get("title") or ""),
        "description": narratives(row.get("description") or ""),
    }


def _boolean(given: object) -> str:
    match given:
        case None:
            return ""
        case bool():
            return "1" if given else "0"
        case _:
            return str(given)


def _baseline(row: Mapping[str, Any]) -> Row:
    said = None if row.get("value") is None else str(row["value"])
    return Row(
        {
            "year": str(row.get("year", "")),
            "value": number(said),
            "value_text": said,
            "comment": narratives(row.get("comment") or ""),
        }
    )


def _year(year: str, value: object) -> Row:
    said = None if value is None else str(value)
    return Row(
        {"starts_on": f"{year}-01-01", "ends_on": f"{year}-12-31"},
        {"targets": [Row({"value": number(said), "value_text": said})]},
    )
