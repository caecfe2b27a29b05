"""Indicators: defined and edited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

from handover import access, ledger
from handover.access import Actor
from handover.actions import action
from handover.errors import NotFound
from handover.models import Responsibility
from handover.permissions import Permission
from indicators.actions import entries
from indicators.actions.entries import Text
from indicators.models import Indicator, Result
from indicators.models.codes import CountingRule, Measure
from indicators.queries.digests import sealed


class IndicatorEntry(TypedDict, total=False):
    """What can be said of an indicator. References are UUIDs of the same programme; ``None`` takes one away."""

    measure: Measure | str
    ascending: str
    aggregation_status: str
    title: Text
    description: Text
    references: Sequence[Mapping[str, str]]
    documents: Sequence[Mapping[str, Any]]
    counting_rule: CountingRule | str
    responsibility: UUID | None
    intervention: UUID | None
    need: UUID | None


FIELDS: Final = frozenset(IndicatorEntry.__annotations__)


@action
def define(*, by: Actor, result_uuid: UUID, **entry: Unpack[IndicatorEntry]) -> Indicator:
    """Add an indicator to a result, after those that are there. Measure and title are needed.

    With a responsibility, who holds that may define it, else the steward.

    Raises:
        NotFound, NotAllowed: the actor may not define it.
        Invalid: an unknown or a wrong field, or a reference to nothing.
    """
    result = Result.objects.select_related("programme").filter(uuid=result_uuid).order_by("id").first()
    if result is None:
        raise NotFound("result")
    programme = access.authorise(by, result.programme_id, None, may=Permission.VIEW)
    entries.only(entry, FIELDS, what="An indicator")
    entries.needed(entry, ("measure", "title"))
    references = entries.referred(programme, [entry])
    row = Indicator(
        programme=programme,
        result=result,
        position=result.indicators.count(),
        **entries.columns(entry, references),
    )
    entries.ask(by, programme, [row], may=entries.DEFINE)
    entries.checked(row)
    row.save()
    _record("indicator.defined", by, row, entry)
    return row


@action
def edit(*, by: Actor, indicator_uuid: UUID, version: int, **changes: Unpack[IndicatorEntry]) -> Indicator:
    """Change an indicator. If its responsibility changes, the old and the new one are asked.

    Raises:
        NotFound, NotAllowed: the actor may not define it.
        Stale: somebody else was quicker.
        Invalid: an unknown or a wrong field, or a reference to nothing.
    """
    entries.only(changes, FIELDS, what="An indicator")
    row = entries.indicator_for(by, indicator_uuid, may=entries.DEFINE)
    values = entries.columns(changes, entries.referred(row.programme, [changes]))
    if "responsibility" in values:
        after: Responsibility | None = values["responsibility"]
        access.authorise(by, row.programme_id, after, may=entries.DEFINE)
    with entries.checking():
        row.change(version=version, **values)
    _record("indicator.edited", by, row, changes)
    return row


def _record(verb: str, by: Actor, row: Indicator, said: Mapping[str, Any]) -> None:
    ledger.record(
        verb=verb,
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={"said": entries.facts(said), "version": row.version, "sealed": sealed([row])},
    )
