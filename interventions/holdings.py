"""What this app holds for a programme: its needs, and what is done about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from handover import holdings
from handover.access import Actor
from handover.errors import Invalid
from handover.models import Programme
from handover.queries.conservation import conserved_rows
from interventions import models
from interventions.actions import documents
from interventions.exchange.keyed import keyed, named, resolved
from interventions.queries import interventions, needs

TABLES: Final = (
    models.NeedLevel,
    models.Need,
    models.NeedPrerequisite,
    models.NeedPlace,
    models.NeedLineage,
    models.Intervention,
    models.InterventionNeed,
    models.InterventionDependency,
    models.InterventionPlace,
    models.InterventionPartner,
    models.InterventionChange,
    models.TargetGroup,
    models.Service,
    models.Delivery,
    models.Volunteering,
    models.Consultation,
    models.Attendance,
    models.Saying,
    models.Ranking,
    models.RankedNeed,
    models.Ballot,
    models.BallotLine,
    models.Support,
    models.Training,
    models.Complaints,
    models.CommemorationDay,
    models.Event,
    models.MediaItems,
    models.Authority,
    models.PolicySeat,
    models.PolicyMeeting,
    models.Commitment,
    models.Adoption,
    models.AdoptedPiece,
)


class InterventionsHolding(holdings.Holding):
    """Needs and interventions of a programme."""

    name = "interventions"
    position = 10

    def conserved(self, programme: Programme) -> list[holdings.Conserved]:
        """Count and digest this app's rows, one statement a table."""
        return conserved_rows(programme, TABLES)

    def outline(self, programme: Programme, *, cutoff: dt.datetime | None = None) -> Iterator[str]:
        """Tell the needs as a tree, then the interventions field by field, in three queries.

        They have no day on which they were recorded: for a reader with a cut-off too they are told as they are now.
        """
        roots = needs.tree(programme)
        if roots:
            yield "Needs"
            yield from (f"  {line}" for line in needs.outline(roots))
        fields = interventions.by_field(programme)
        if fields:
            yield "Interventions"
            told = interventions.outline(fields, interventions.answers(programme), roots)
            yield from (f"  {line}" for line in told)

    def load(
        self, programme: Programme, document: Mapping[str, Any], *, by: Actor, names: Mapping[str, UUID]
    ) -> Mapping[str, UUID]:
        """Load ``{"needs": {"levels": […], "needs": […]}, "interventions": […]}``.

        Rows refer to each other, to places and to responsibilities by key.

        Returns:
            ``need:KEY`` and ``intervention:KEY``.

        Raises:
            Invalid: the first thing that is wrong, with its field; nothing is loaded.
        """
        hierarchy = document.get("needs") or {}
        levels = keyed(hierarchy.get("levels", ()), "levels")
        rows = {
            key: resolved(row, names, f"needs[{key}]")
            for key, row in keyed(hierarchy.get("needs", ()), "needs").items()
        }
        added = documents.load_needs(
            by=by,
            programme_uuid=programme.uuid,
            levels={key: row.get("title", "") for key, row in levels.items()},
            rows=rows,
        )
        named = {f"need:{key}": uuid for key, uuid in added.items()}
        done = {
            key: _intervention(row, {**names, **named}, f"interventions[{key}]")
            for key, row in keyed(document.get("interventions") or (), "interventions").items()
        }
        loaded = documents.load_interventions(by=by, programme_uuid=programme.uuid, rows=done)
        return {**named, **{f"intervention:{key}": uuid for key, uuid in loaded.items()}}


def register() -> None:
    """Register this app's holding."""
    holdings.register(InterventionsHolding())


def _intervention(row: Mapping[str, Any], names: Mapping[str, UUID], at: str) -> dict[str, Any]:
    given = resolved(row, names, at)
    needs_named = given.get("needs", ())
    if isinstance(needs_named, str) or not isinstance(needs_named, Sequence):
        raise Invalid("not_a_list", "Needs must be a list of keys.", field=f"{at}.needs")
    return {**given, "needs": [named(names, "need", key, f"{at}.needs") for key in needs_named]}
