"""The obligations of the demonstration's grant: rules taken over, rules of its own, and what stops a clock."""

from __future__ import annotations

from typing import Any

from handover.access import Actor, asking
from handover.actions import obligations
from handover.exchange.demonstration.found import read
from handover.models import Grant, Obligation, Programme


def load(programme: Programme, *, by: Actor) -> list[Obligation]:
    """Enter them, as the grant's lead."""
    document: Any = read("obligations")
    with asking(by):
        grant = Grant.objects.filter(programme=programme).earliest("id")
    taken = obligations.adopt(by=by, grant_uuid=grant.uuid, rules=document["rules"])
    found = {row.rule: row for row in taken}
    for row in document["own"]:
        said = {name: value for name, value in row.items() if name != "key"}
        found[row["key"]] = obligations.enter(by=by, grant_uuid=grant.uuid, **said)
    for key, said in document["decided"].items():
        row = found[key]
        found[key] = obligations.edit(by=by, obligation_uuid=row.uuid, version=row.version, **said)
    for pause in document["pauses"]:
        said = {name: value for name, value in pause.items() if name != "of"}
        obligations.pause(by=by, obligation_uuid=found[pause["of"]].uuid, **said)
    return list(found.values())
