"""This app's part of a published model: axes, results and indicators with their definitions, and never a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from handover.canonical import decimal_text
from handover.models import Programme
from handover.narratives import best
from handover.queries.structure import Names, key_of, name_all, said, text_of
from indicators.models import Axis, Indicator, Result
from indicators.models.codes import CountingRule
from indicators.queries.axes import standard
from indicators.queries.codelists import shipped

TRUTH: Final = {"1": True, "true": True, "0": False, "false": False}
PLAIN: Final = (
    *("frequency", "unit", "currency", "source", "method", "collected_by"),
    *("over_time", "over_places", "over_groups", "due_days", "expression"),
)
"""What a definition says in one word or sentence, as a document writes it."""


def structure(programme: Programme, names: Names) -> Mapping[str, Any]:
    """Give axes, results and indicators; baselines, targets and values stay with the programme.

    Args:
        names: what rows are called already, of other parts too; those without a name get one, which is added.
    """
    results = list(Result.objects.filter(programme=programme).order_by("position", "id"))
    rows = list(
        Indicator.objects.filter(programme=programme)
        .select_related("result", "responsibility", "intervention", "need")
        .order_by("result__position", "position", "id")
    )
    name_all(names, "result", [(row.uuid, best(row.title)) for row in results])
    name_all(names, "indicator", [(row.uuid, best(row.title)) for row in rows])
    return {
        "axes": [_axis(row) for row in Axis.objects.filter(programme=programme)],
        "results": [_result(row, key_of(names, row.uuid)) for row in results],
        "indicators": list(_indicators(rows, names)),
    }


def _axis(row: Axis) -> dict[str, Any]:
    if row.name in standard() and [item["code"] for item in row.categories] == [
        *standard()[row.name].categories
    ]:
        return {"standard": row.name}
    categories = [
        {"code": item["code"], "title": text_of(item.get("title") or [])} for item in row.categories
    ]
    return {
        **said({"name": row.name, "title": text_of(row.title), "categories": categories}),
        "estimated": row.estimated,
    }


def _result(row: Result, key: str) -> dict[str, Any]:
    return said(
        {
            "key": key,
            "type": row.type,
            "aggregation_status": TRUTH.get(row.aggregation_status.strip()),
            "title": text_of(row.title),
            "description": text_of(row.description),
        }
    )


def _indicators(rows: Sequence[Indicator], names: Names) -> Iterator[dict[str, Any]]:
    for row in rows:
        plain = {name: getattr(row, name) for name in PLAIN}
        scale = [{"code": item["code"], "title": text_of(item.get("title") or [])} for item in row.scale]
        yield said(
            {
                "key": key_of(names, row.uuid),
                "result": key_of(names, row.result.uuid),
                "measure": row.measure,
                "ascending": TRUTH.get(row.ascending.strip()),
                "aggregation_status": TRUTH.get(row.aggregation_status.strip()),
                "title": text_of(row.title),
                "description": text_of(row.description),
                "counting_rule": "" if row.counting_rule == CountingRule.NONE else str(row.counting_rule),
                "reference": _references(row),
                "responsibility": key_of(names, row.responsibility.uuid if row.responsibility else None),
                "intervention": key_of(names, row.intervention.uuid if row.intervention else None),
                "need": key_of(names, row.need.uuid if row.need else None),
                **plain,
                "scale": scale,
                "axes": list(row.axes),
                "green_from": decimal_text(row.green_from) if row.green_from is not None else None,
                "amber_from": decimal_text(row.amber_from) if row.amber_from is not None else None,
                "approval": row.approval or None,
                "parts": {name: key_of(names, UUID(uuid)) for name, uuid in row.parts.items()},
            }
        )


def _references(row: Indicator) -> list[dict[str, str]]:
    """Give the codes of lists that ship with the toolkit: an organisation's own lists stay with it."""
    known = {found.vocabulary for found in shipped().values()} | {found.uri for found in shipped().values()}
    return [
        {"vocabulary": str(item.get("vocabulary", "")), "code": str(item.get("code", ""))} | _uri(item)
        for item in row.references
        if {item.get("indicator_uri") or item.get("vocabulary")} & known
    ]


def _uri(item: Mapping[str, str]) -> dict[str, str]:
    return {"indicator_uri": item["indicator_uri"]} if item.get("indicator_uri") else {}
