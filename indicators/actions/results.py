"""Results: defined and edited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

from handover import access, ledger
from handover.access import Actor
from handover.actions import action
from handover.actions.columns import checking
from handover.errors import NotFound
from handover.models import Programme
from indicators.actions import entries
from indicators.actions.entries import Text
from indicators.models import Result
from indicators.models.codes import ResultType
from indicators.queries.digests import sealed


class ResultEntry(TypedDict, total=False):
    """What can be said of a result."""

    type: ResultType | str
    aggregation_status: str
    title: Text
    description: Text
    references: Sequence[Mapping[str, str]]
    documents: Sequence[Mapping[str, Any]]


FIELDS: Final = frozenset(ResultEntry.__annotations__)


@action
def define(*, by: Actor, programme_uuid: UUID, **entry: Unpack[ResultEntry]) -> Result:
    """Add a result after those that are there. Type and title are needed.

    Raises:
        NotFound, NotAllowed: the actor may not define indicators of the programme.
        Invalid: an unknown or a wrong field.
    """
    programme = access.programme_for(by, programme_uuid, may=entries.DEFINE)
    entries.only(entry, FIELDS, what="A result")
    entries.needed(entry, ("type", "title"))
    row = Result(
        programme=programme,
        position=Result.objects.filter(programme=programme).count(),
        **entries.columns(entry),
    )
    entries.checked(row)
    row.save()
    _record("result.defined", by, programme, row, entry)
    return row


@action
def edit(*, by: Actor, result_uuid: UUID, version: int, **changes: Unpack[ResultEntry]) -> Result:
    """Change a result.

    Raises:
        NotFound, NotAllowed: the actor may not define indicators of the programme.
        Stale: somebody else was quicker.
        Invalid: an unknown or a wrong field.
    """
    entries.only(changes, FIELDS, what="A result")
    row = result_for(by, result_uuid)
    with checking():
        row.change(version=version, **entries.columns(changes))
    _record("result.edited", by, row.programme, row, changes)
    return row


def result_for(by: Actor, result_uuid: UUID) -> Result:
    """Fetch a result for defining; results have no responsibility of their own and ask their programme.

    Raises:
        NotFound, NotAllowed: the actor may not define indicators of the programme.
    """
    found = Result.objects.select_related("programme").filter(uuid=result_uuid).order_by("id").first()
    if found is None:
        raise NotFound("result")
    access.authorise(by, found.programme_id, None, may=entries.DEFINE)
    return found


def _record(verb: str, by: Actor, programme: Programme, row: Result, said: Mapping[str, Any]) -> None:
    ledger.record(
        verb=verb,
        by=by,
        programme=programme,
        subject=row.uuid,
        data={"said": entries.facts(said), "version": row.version, "sealed": sealed([row])},
    )
