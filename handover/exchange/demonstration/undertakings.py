"""What institutions of the demonstration promised to keep up, and what they said of the first years."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from handover.actions import undertakings
from handover.exchange.demonstration.found import Demonstration, read
from handover.models import Undertaking
from handover.permissions import Role


def load(demo: Demonstration, *, names: Mapping[str, UUID]) -> list[Undertaking]:
    """Enter them as the programme's steward; of its years each institution speaks itself."""
    document: Any = read("undertakings")
    return [_entered(demo, row, names) for row in document]


def _entered(demo: Demonstration, row: Mapping[str, Any], names: Mapping[str, UUID]) -> Undertaking:
    apart = ("organisation", "responsibilities", "legal_act", "starts_on", "years")
    made = undertakings.enter(
        by=demo.giver,
        programme_uuid=demo.programme.uuid,
        organisation=demo.organisations[row["organisation"]],
        legal_act=names[f"legal_act:{row['legal_act']}"] if "legal_act" in row else None,
        responsibilities=[names[f"responsibility:{key}"] for key in row["responsibilities"]],
        starts_on=dt.date.fromisoformat(row["starts_on"]),
        **{name: value for name, value in row.items() if name not in apart},
    )
    for said in row.get("years", ()):
        undertakings.say(by=demo.actor(row["organisation"], Role.MANAGER), undertaking_uuid=made.uuid, **said)
    return made
