"""Parts of an intervention (groups, partners, services): fetched with it, changed and taken away with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol, TypeVar
from uuid import UUID

from django.db import models

from handover import ledger
from handover.access import Actor
from handover.errors import Invalid, NotFound
from handover.models.base import InProgramme
from handover.permissions import Permission
from interventions.actions import changes, entries
from interventions.actions.changes import Why
from interventions.models import (
    Intervention,
    InterventionPartner,
    Service,
    TargetGroup,
    Volunteering,
)

MAY: Final = Permission.EDIT_INTERVENTIONS

T = TypeVar("T", TargetGroup, InterventionPartner, Service, Volunteering)


class Spanned(Protocol):
    """Something with a first and a last day, either of which may be open."""

    starts_on: Any
    ends_on: Any


def intervention_for(by: Actor, key: UUID) -> Intervention:
    """Fetch the intervention that something is said of.

    Raises:
        NotFound, NotAllowed: the actor may not change it.
    """
    return entries.fetch(by, Intervention, key, may=MAY)


def fetch(by: Actor, model: type[T], key: UUID, *, what: str) -> T:
    """Fetch a part, and ask for changing its intervention.

    Raises:
        NotFound, NotAllowed: the actor may not change it.
    """
    rows: models.Manager[T] = model._default_manager
    among = rows.select_related("programme", "intervention__programme", "intervention__responsibility")
    found = among.filter(uuid=key).order_by("id").first()
    if found is None:
        raise NotFound(what)
    entries.ask(by, found.programme, [found.intervention.responsibility], may=MAY)
    return found


def lock(row: InProgramme) -> None:
    """Let nobody else change what hangs on a row until the end of the transaction: the second waits, and is told."""
    rows: models.Manager[InProgramme] = type(row)._default_manager
    rows.select_for_update(of=("self",)).get(pk=row.pk)


def add(row: T, why: Why, *, by: Actor, verb: str, told: Mapping[str, object]) -> T:
    """Save a new part, keep the change, and tell the ledger."""
    row.save()
    name = _name(row)
    changes.keep(row.intervention, {}, told, why, by=by, of=f"{name}: ")
    _record(row, why, by=by, verb=verb, data={name: row, **told})
    return row


def edit(row: T, version: int, values: Mapping[str, Any], why: Why, *, by: Actor, verb: str) -> T:
    """Change a part whose values are put on it already by ``put``, keep the change, and tell the ledger.

    Raises:
        Stale: somebody else was quicker.
    """
    before = type(row)._default_manager.get(pk=row.pk)
    was = {name: getattr(before, name) for name in values}
    row.change(version=version, **values)
    changes.keep(row.intervention, was, values, why, by=by, of=f"{_name(row)} “{before}”: ")
    _record(
        row,
        why,
        by=by,
        verb=verb,
        data={"version": row.version, "before": entries.facts(was), "changes": entries.facts(values)},
    )
    return row


def remove(row: T, why: Why, *, by: Actor, verb: str, told: Mapping[str, object]) -> None:
    """Take a part away, keep the change, and tell the ledger what it was."""
    name = _name(row)
    changes.keep(row.intervention, told, {}, why, by=by, of=f"{name}: ")
    _record(row, why, by=by, verb=verb, data={name: row, **told})
    type(row)._default_manager.filter(pk=row.pk).delete()


def check_dates(row: Spanned, what: str, *, at: str = "") -> None:
    """Refuse what ends before it begins.

    Raises:
        Invalid: ``dates_reversed``.
    """
    if row.starts_on and row.ends_on and row.ends_on < row.starts_on:
        sentence = f"{what} ends on {row.ends_on}, before it begins on {row.starts_on}."
        raise Invalid("dates_reversed", sentence, field=f"{at}ends_on")


def _record(row: T, why: Why, *, by: Actor, verb: str, data: Mapping[str, object]) -> None:
    ledger.record(
        verb=verb,
        by=by,
        programme=row.programme,
        subject=row.intervention.uuid,
        data={**entries.facts(data), **why.facts()},
    )


def _name(row: T) -> str:
    return {"targetgroup": "group", "interventionpartner": "partner"}.get(
        str(row._meta.model_name), str(row._meta.model_name)
    )
