"""Needs and interventions of a programme, made by their actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

from handover.access import Actor
from handover.models import Programme
from interventions.actions import documents, interventions, needs
from interventions.actions.interventions import InterventionEntry
from interventions.actions.needs import NeedEntry
from interventions.models import Field, Intervention, Need, NeedLevel

LEVELS: Mapping[str, str] = {"survival": "Survival", "health": "Health", "education": "Education"}
"""The levels of the test programmes, lowest first."""


def levels(programme: Programme, *, by: Actor) -> list[NeedLevel]:
    """Define ``LEVELS`` on a programme."""
    return needs.define_levels(by=by, programme_uuid=programme.uuid, levels=LEVELS)


def need(programme: Programme, *, by: Actor, below: Need | None = None, **said: Unpack[NeedEntry]) -> Need:
    """Add a need; without more said, it is one of survival and of middle severity."""
    entry: NeedEntry = {"title": "Drinking water", "level": "survival", "severity": 3, **said}
    return needs.add(by=by, programme_uuid=programme.uuid, parent=below.uuid if below else None, **entry)


def intervention(programme: Programme, *, by: Actor, **said: Unpack[InterventionEntry]) -> Intervention:
    """Add an intervention; without more said, it is in health."""
    entry: InterventionEntry = {"title": "Health mediation", "field": Field.HEALTH, **said}
    return interventions.add(by=by, programme_uuid=programme.uuid, **entry)


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
