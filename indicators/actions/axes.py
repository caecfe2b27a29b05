"""Axes: created from those that ship or as a programme needs them, edited without taking away what values name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import connection

from handover import access, ledger
from handover.access import Actor
from handover.actions import action
from handover.actions.columns import checking
from handover.errors import Invalid, NotFound
from handover.models import Programme
from indicators.actions import entries
from indicators.actions.entries import Text
from indicators.models import Axis
from indicators.models.axes import UNKNOWN
from indicators.queries.axes import standard_named
from indicators.queries.digests import sealed

FIELDS: Final = frozenset({"title", "categories", "estimated", "position"})

Category = Mapping[str, Any]
"""``{"code": …, "title": text}``."""


@action
def create(
    *,
    by: Actor,
    programme_uuid: UUID,
    name: str,
    categories: Sequence[Category],
    title: Text = "",
    estimated: bool = False,
) -> Axis:
    """Add an axis to a programme, after those that are there. ``unknown`` is a category without being said.

    Raises:
        NotFound, NotAllowed: the actor may not define the programme's indicators.
        Invalid: no name or one that is taken, no categories, or one without code or twice.
    """
    programme = access.programme_for(by, programme_uuid, may=entries.DEFINE)
    return added(by, programme, name=name, categories=categories, title=title, estimated=estimated)


@action
def create_standard(*, by: Actor, programme_uuid: UUID, name: str) -> Axis:
    """Add one of the axes that ship with the toolkit (``queries.axes.standard``).

    Raises:
        NotFound, NotAllowed: there is no such axis, or the actor may not define the programme's indicators.
        Invalid: the programme has an axis of that name.
    """
    axis = standard_named(name)
    programme = access.programme_for(by, programme_uuid, may=entries.DEFINE)
    categories = [{"code": code, "title": title} for code, title in axis.categories.items()]
    return added(
        by, programme, name=axis.name, categories=categories, title=axis.title, estimated=axis.estimated
    )


@action
def edit(*, by: Actor, axis_uuid: UUID, version: int, **changes: Any) -> Axis:
    """Change an axis's ``title``, ``categories``, ``estimated`` or ``position``.

    Categories are given whole, in their order. New ones are added and titles change; one that a value, a target or a
    baseline names stays.

    Raises:
        NotFound, NotAllowed: the actor may not define the programme's indicators.
        Stale: somebody else was quicker.
        Invalid: an unknown or a wrong field, or ``category_used``.
    """
    entries.only(changes, FIELDS, what="An axis")
    row = Axis.objects.select_related("programme").filter(uuid=axis_uuid).order_by("id").first()
    if row is None:
        raise NotFound("axis")
    access.authorise(by, row.programme_id, None, may=entries.DEFINE)
    values = dict(changes)
    if "title" in values:
        values["title"] = entries.text(values["title"])
    if "categories" in values:
        values["categories"] = _categories(values["categories"])
        _refuse_if_used(row, values["categories"])
    with checking():
        row.change(version=version, **values)
    ledger.record(
        verb="axis.edited",
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={"said": values, "version": row.version, "sealed": sealed([row])},
    )
    return row


def added(
    by: Actor,
    programme: Programme,
    *,
    name: str,
    categories: Sequence[Category],
    title: Text = "",
    estimated: bool = False,
) -> Axis:
    """Add an axis, inside an action that has asked for it.

    Raises:
        Invalid: as for ``create``.
    """
    wanted = name.strip()
    if not wanted:
        raise Invalid("missing", "Name is missing.", field="name")
    there = Axis.objects.filter(programme=programme)
    if there.filter(name=wanted).exists():
        raise Invalid("axis_known", f"The programme has an axis “{wanted}”.", field="name")
    row = Axis(
        programme=programme,
        name=wanted,
        title=entries.text(title) if title else [],
        categories=_categories(categories),
        estimated=estimated,
        position=there.count(),
    )
    entries.checked(row)
    row.save()
    ledger.record(
        verb="axis.created",
        by=by,
        programme=programme,
        subject=row.uuid,
        data={"name": wanted, "categories": row.categories, "sealed": sealed([row])},
    )
    return row


def _categories(given: Sequence[Category]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for item in given:
        code = str(item.get("code") or "").strip()
        if not code:
            raise Invalid("category_wrong", "A category has a code.", field="categories")
        if code == UNKNOWN:
            continue
        if any(other["code"] == code for other in found):
            raise Invalid("category_wrong", f"The category “{code}” stands twice.", field="categories")
        found.append({"code": code, "title": entries.text(item.get("title"))})
    if not found:
        raise Invalid("category_wrong", "An axis has at least one category.", field="categories")
    return found


def _refuse_if_used(row: Axis, categories: Sequence[Category]) -> None:
    """Refuse to take away a category that something names.

    Raises:
        Invalid: ``category_used``.
    """
    left = {item["code"] for item in categories}
    gone = [item["code"] for item in row.categories if item["code"] not in left]
    if not gone:
        return
    # Nobody reports a value of it meanwhile: every write below a programme takes its lock.
    access.lock_programme(row.programme)
    with connection.cursor() as cursor:
        for code in gone:
            named = entries.dumped([{"name": row.name, "value": code}])
            cursor.execute(_USED, {"programme": row.programme_id, "named": named})
            if cursor.fetchone() is not None:
                raise Invalid(
                    "category_used", f"The category “{code}” is in use: it stays.", field="categories"
                )


_USED = """
SELECT 1 FROM (
  SELECT dimensions FROM indicators_value WHERE programme_id = %(programme)s
  UNION ALL SELECT dimensions FROM indicators_draft WHERE programme_id = %(programme)s
  UNION ALL SELECT dimensions FROM indicators_target WHERE programme_id = %(programme)s
  UNION ALL SELECT dimensions FROM indicators_baseline WHERE programme_id = %(programme)s) used
 WHERE dimensions @> %(named)s::jsonb LIMIT 1
"""
