"""A reorganisation that is being planned: a part of the town becomes a commune, and the community is asked."""

from __future__ import annotations

import datetime as dt
from typing import Any

from handover.access import Operator, asking
from handover.actions import organisations, places, reorganisations
from handover.exchange.demonstration.found import Demonstration, read
from handover.models import Reorganisation
from handover.models.signoffs import Decision
from handover.permissions import Role
from handover.queries import reorganisations as reads


def load(demo: Demonstration, *, operator: Operator) -> Reorganisation:
    """Enter the commune and its place, draw the split up as the town, and let the community say its word."""
    said: Any = read("reorganisation")
    commune = organisations.create(by=operator, **said["organisation"])
    places.add_unit(by=operator, **said["place"])
    town = demo.actor(said["by"], Role.MANAGER)
    plan = said["plan"]
    row = reorganisations.draw_up(
        by=town,
        predecessors=[town.organisation.uuid],
        successors=[town.organisation.uuid, commune.uuid],
        heard=[demo.organisations[key].uuid for key in said["heard"]],
        **{**plan, "effective_on": dt.date.fromisoformat(plan["effective_on"])},
    )
    community = demo.actor(said["heard"][0], Role.COMMUNITY_REPRESENTATIVE)
    with asking(community):
        digest = reads.read(row).digest
    reorganisations.sign(
        by=community,
        reorganisation_uuid=row.uuid,
        digest=digest,
        decision=Decision.AGREES_WITH_DISSENT,
        remark=said["word"],
    )
    return row
