"""Needs and interventions of a programme, made by their actions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Unpack

from handover.access import Actor
from handover.actions import registers
from handover.models import Licence, Programme
from interventions.actions import documents, interventions, needs, services
from interventions.actions import levels as level_actions
from interventions.actions.interventions import InterventionEntry
from interventions.actions.need_entries import NeedEntry
from interventions.models import Field, Intervention, Need, NeedLevel, Service
from tests.factories.programmes import responsibility

LEVELS: Mapping[str, str] = {"survival": "Survival", "health": "Health", "education": "Education"}
"""The levels of the test programmes, lowest first."""


def levels(programme: Programme, *, by: Actor) -> list[NeedLevel]:
    """Define ``LEVELS`` on a programme."""
    return level_actions.define(by=by, programme_uuid=programme.uuid, levels=LEVELS)


def need(programme: Programme, *, by: Actor, below: Need | None = None, **said: Unpack[NeedEntry]) -> Need:
    """Add a need; without more said, it is one of survival and of middle severity."""
    entry: NeedEntry = {"title": "Drinking water", "level": "survival", "severity": 3, **said}
    return needs.add(by=by, programme_uuid=programme.uuid, parent=below.uuid if below else None, **entry)


def intervention(programme: Programme, *, by: Actor, **said: Unpack[InterventionEntry]) -> Intervention:
    """Add an intervention; without more said, it is in health."""
    entry: InterventionEntry = {"title": "Health mediation", "field": Field.HEALTH, **said}
    return interventions.add(by=by, programme_uuid=programme.uuid, **entry)


def licence(
    programme: Programme, *, by: Actor, valid_from: dt.date, valid_to: dt.date | None = None
) -> Licence:
    """Enter a licence in the register of a responsibility of its own."""
    return registers.enter(
        by=by,
        register=Licence,
        responsibility_uuid=responsibility(programme, by=by, title="Licences").uuid,
        title="Operating licence",
        authority="An inspectorate",
        number="L-1",
        valid_from=valid_from,
        valid_to=valid_to,
    )


def service(of: Intervention, *, by: Actor, started_on: dt.date | None = None, **said: Any) -> Service:
    """Add a service to an intervention; without more said it delivers visits and has not started."""
    entry = {"kind": "service", "title": "Home visits", "unit": "visits", "reason": "Planned", **said}
    made = services.add(by=by, intervention_uuid=of.uuid, **entry)
    if started_on is None:
        return made
    return services.start(by=by, service_uuid=made.uuid, version=made.version, on=started_on)


def many_needs(programme: Programme, count: int, *, by: Actor, branches: int = 10) -> None:
    """Load so many needs at once: a tree whose nodes have up to so many branches each."""
    rows = {
        f"n{number}": {
            "title": f"Need {number}",
            "level": "survival",
            "severity": 1 + number % 5,
            **({"parent": f"n{(number - 1) // branches}"} if number else {}),
        }
        for number in range(count)
    }
    documents.load_needs(by=by, programme_uuid=programme.uuid, levels=LEVELS, rows=rows)
