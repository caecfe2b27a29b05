"""What this app holds for a programme: its needs, and what is done about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeAlias
from uuid import UUID

from django.utils.translation import gettext_noop

from handover import holdings
from handover.access import Actor, Reach
from handover.models import Programme
from handover.queries.conservation import conserved_rows
from handover.queries.search import Group
from handover.queries.sustained import Figure, Warned
from interventions import models
from interventions.exchange import (
    consultations_document,
    interventions_document,
    lineage_document,
    needs_document,
    rankings_document,
    records_document,
    services_document,
)
from interventions.kinds import KINDS
from interventions.queries import (
    calendar,
    consultations,
    coverage,
    interventions,
    model_lines,
    needs,
    rankings,
    records,
    sequence,
    services,
    sustained,
)
from interventions.queries.landscape import landscape
from interventions.queries.search import search
from interventions.queries.structure import structure
from interventions.views import panel

Loads: TypeAlias = Callable[..., Mapping[str, UUID]]
"""How a part of a document is loaded: ``(programme, rows, *, by, names)``."""

TOLD: Final = 4
"""So many warnings of a kind are told where there are many; ``handover coverage`` tells all."""
CAPACITY: Final = Decimal(12)
"""So much begins in a period of the sequence that is shown; ``handover sequence`` asks for it."""

SEQUENCE_SAYS_WHY: Final = "(handover sequence tells the reasons below each line)"

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
        """Count and digest this app's rows, in one statement."""
        return conserved_rows(programme, TABLES)

    def depending(
        self, programme: Programme, responsibilities: Collection[int]
    ) -> Sequence[holdings.Depends]:
        """Name the needs that these responsibilities answer: their own, and those that their interventions answer."""
        return [
            holdings.Depends("need", row.uuid, row.title, "need")
            for row in needs.resting_on(programme, responsibilities)
        ]

    def kinds(self) -> Mapping[str, str]:
        """Name what this app conserves."""
        return KINDS

    def outline(self, programme: Programme, *, cutoff: dt.datetime | None = None) -> Iterator[str]:
        """Tell the needs as a tree, the interventions field by field, and what was delivered, heard and recorded.

        They have no day on which they were recorded: for a reader with a cut-off too they are told as they are now.
        """
        roots = needs.tree(programme)
        if roots:
            yield "Needs"
            yield from (f"  {line}" for line in needs.outline(roots))
        fields = interventions.by_field(programme)
        if fields:
            yield "Interventions"
            told = interventions.outline(
                fields, interventions.answers(programme), roots, interventions.dependencies(programme)
            )
            yield from (f"  {line}" for line in told)
        yield from consultations.lines(programme)
        parts = (
            ("Services", services.lines(programme)),
            ("Records of the work", records.lines(programme, cutoff=cutoff)),
            ("Models", model_lines.lines(programme)),
        )
        for title, told in parts:
            lines = list(told)
            if lines:
                yield title
                yield from (f"  {line}" for line in lines)

    def health(
        self, programme: Programme, *, cutoff: dt.datetime | None = None
    ) -> Iterator[holdings.Finding]:
        """Name what is open: coverage first, then needs, rankings, services, consultations and records."""
        for lack in coverage.coverage(programme):
            yield holdings.Finding(lack.lack.value, lack.sentence, str(lack.subject))
        for health in (
            needs.health,
            rankings.health,
            services.health,
            consultations.health,
            records.health,
            model_lines.health,
        ):
            yield from health(programme)

    def chapters(self, programme: Programme) -> Iterator[holdings.Chapter]:
        """Tell what follows from needs, and what the community was told."""
        scene = landscape(programme)
        open_points = coverage.coverage(programme, scene=scene)
        yield holdings.Chapter("What the needs leave open", list(coverage.lines(open_points, most=TOLD)))
        steps = sequence.sequence(scene, capacity=CAPACITY, anew=True)
        yield holdings.Chapter(
            f"A suggested sequence, had it to begin anew with a capacity of {CAPACITY} a period; people decide",
            [*sequence.lines(steps, explained=False), SEQUENCE_SAYS_WHY] if steps else [],
        )
        yield holdings.Chapter(
            "The community's ranking beside the professionals'", rankings.chapter(programme)
        )
        yield holdings.Chapter("You said, we did", list(consultations.you_said(programme)))
        yield holdings.Chapter("What was delivered", services.chapter(programme))
        yield holdings.Chapter("Days that matter this year", list(calendar.chapter(programme)))

    def load(
        self, programme: Programme, document: Mapping[str, Any], *, by: Actor, names: Mapping[str, UUID]
    ) -> Mapping[str, UUID]:
        """Load this app's parts of a programme document; see the module of each part in ``interventions.exchange``.

        What refers to others comes after them. Rows refer to each other, to places and to responsibilities by key.

        Returns:
            ``need:KEY``, ``intervention:KEY``, ``consultation:KEY`` and so on.

        Raises:
            Invalid: the first thing that is wrong, with its field; nothing is loaded.
        """
        found: dict[str, UUID] = {}
        work = document.get("services") or {}
        parts: tuple[tuple[Loads, object], ...] = (
            (needs_document.load, document.get("needs")),
            (interventions_document.load, document.get("interventions")),
            (services_document.load, {name: rows for name, rows in work.items() if name != "changes"}),
            (consultations_document.load, document.get("consultations")),
            (rankings_document.load, document.get("rankings")),
            (records_document.load, document.get("records")),
            (services_document.load, {name: rows for name, rows in work.items() if name == "changes"}),
            (lineage_document.load, document.get("lineage")),
        )
        for load, rows in parts:
            if rows:
                found.update(load(programme, rows, by=by, names={**names, **found}))
        return found

    def sustained(
        self,
        programme: Programme,
        since: dt.date,
        on: dt.date,
        until: dt.date,
        *,
        cutoff: dt.datetime | None = None,
    ) -> tuple[Sequence[Figure], Sequence[Warned]]:
        """Tell how much each service delivers beside the year before the handover."""
        return sustained.sustained(programme, since, on), ()

    def knows(self, programme: Programme, uuid: UUID) -> bool:
        """Tell whether a UUID is a consultation of this programme."""
        return models.Consultation.objects.filter(programme=programme, uuid=uuid).exists()

    def structure(self, programme: Programme, names: MutableMapping[UUID, str]) -> Mapping[str, Any]:
        """Give levels, needs and interventions."""
        return structure(programme, names)

    def links(self) -> Sequence[holdings.Link]:
        """Name the pages of needs, interventions and consultations."""
        return (
            holdings.Link("needs", gettext_noop("Needs"), 10),
            holdings.Link("interventions", gettext_noop("Interventions"), 20),
            holdings.Link("consultations", gettext_noop("You said, we did"), 30),
        )

    def search(self, actor: Actor, text: str, limit: int) -> Sequence[Group]:
        """Find needs and interventions by their titles."""
        return search(actor, text, limit)

    def panels(self, programme: Programme, reach: Reach) -> Sequence[holdings.Panel]:
        """Tell on the programme's page how its needs stand."""
        return (holdings.Panel(panel.TEMPLATE, panel.shown(programme, reach), 20),)


def register() -> None:
    """Register this app's holding."""
    holdings.register(InterventionsHolding())
