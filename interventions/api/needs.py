"""Needs: a programme's hierarchy of what people lack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final
from uuid import UUID

import django_filters
from django.db.models import Prefetch, Q, QuerySet

from handover.api.commands import command, reading
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Shown, Texts
from handover.permissions import Permission
from interventions.actions import lineage as lineages
from interventions.actions import needs
from interventions.api.links import Linked
from interventions.api.need_bodies import (
    NeedBody,
    NeedChanges,
    NeedMergeBody,
    NeedMoveBody,
    NeedRankBody,
    NeedSplitBody,
    RequiredBody,
)
from interventions.api.need_questions import NeedQuestions
from interventions.api.reasons import StatedReasonBody
from interventions.models import Need, NeedLevel, NeedLineage, NeedPlace
from interventions.queries import lineage

EDIT: Final = Permission.EDIT_NEEDS
STATES: Final = (("standing", "standing"), ("met", "met"), ("merged", "merged"), ("split", "split"))


class NeedPlaceShown(Shown[NeedPlace]):
    """Another place where a need is felt."""

    class Meta:
        model = NeedPlace
        fields = ("place", "people_affected")


class NeedShown(Shown[Need]):
    """A need, with its places, what it waits for, what answers it, and what it came of."""

    expandable: ClassVar = {"level": "interventions.api.need_levels.NeedLevelShown"}
    title = Texts(read_only=True)
    description = Texts(read_only=True)
    places = NeedPlaceShown(many=True, read_only=True)
    requires = Linked("requires", source="prerequisites", help_text="Needs that have to be answered before.")
    answered_by = Linked("intervention", source="answers", help_text="Interventions that answer it.")
    came_of = Linked("before", help_text="Needs that were merged into it, or the one that was split.")
    became = Linked("after", help_text="What it became where it was merged or split.")

    class Meta:
        model = Need
        fields = (
            "id",
            "programme",
            "parent",
            "level",
            "rank",
            "title",
            "description",
            "severity",
            "people_affected",
            "people_source",
            "people_as_of",
            "place",
            "places",
            "raised_by",
            "raised_on",
            "raised_in",
            "evidence",
            "responsibility",
            "trend",
            "state",
            "requires",
            "answered_by",
            "came_of",
            "became",
            "version",
        )


class LineageShown(Shown[NeedLineage]):
    """One merge or split: what became of what, when and why."""

    class Meta:
        model = NeedLineage
        fields = ("id", "kind", "before", "after", "reason", "recorded_at")


class NeedFilters(InProgrammeFilters):
    """Filters of needs."""

    parent = django_filters.UUIDFilter(field_name="parent__uuid", help_text="Directly below this need.")
    top = django_filters.BooleanFilter(
        field_name="parent",
        lookup_expr="isnull",
        help_text="At the top of the hierarchy, or below another need.",
    )
    level = django_filters.UUIDFilter(field_name="level__uuid", help_text="On this level.")
    state = django_filters.ChoiceFilter(choices=STATES, method="in_state", help_text="In this state.")
    responsibility = django_filters.UUIDFilter(
        field_name="responsibility__uuid", help_text="Of this responsibility."
    )
    place = django_filters.UUIDFilter(method="at_place", help_text="Felt at this place, its own or another.")
    raised_in = django_filters.UUIDFilter(
        field_name="raised_in__uuid", help_text="Raised at this consultation."
    )

    def in_state(self, rows: QuerySet[Need], name: str, value: str) -> QuerySet[Need]:
        """Give the needs in a state; standing is the state without a name."""
        return rows.filter(state="" if value == "standing" else value)

    def at_place(self, rows: QuerySet[Need], name: str, value: UUID) -> QuerySet[Need]:
        """Give the needs of a place."""
        elsewhere = NeedPlace.objects.filter(place__uuid=value).values("need")
        return rows.filter(Q(place__uuid=value) | Q(pk__in=elsewhere))


class Needs(NeedQuestions, InProgrammeRead[Need]):
    """Needs of programmes, each on a level and below another need or at the top."""

    what = "need"
    serializer_class = NeedShown
    filterset_class = NeedFilters
    ordering_fields = ("rank", "severity")

    def rows(self) -> QuerySet[Need]:
        """Give the needs of the programmes that the actor may view, with what is linked to them."""
        places = NeedPlace.objects.select_related("place").order_by("id")
        return (
            super()
            .rows()
            .prefetch_related(
                Prefetch("places", places),
                "prerequisites__requires",
                "answers__intervention",
                "came_of__before",
                "became__after",
            )
        )

    @command(may=EDIT, body=NeedBody)
    def create(self, programme: UUID, **given: Any) -> Need:
        """Add a need below another, or at the top. A count of people needs its source."""
        entry = _named_level(given, Q(programme__uuid=programme))
        return needs.add(by=self.actor, programme_uuid=programme, **entry)

    @command(may=EDIT, body=NeedChanges, versioned=True)
    def partial_update(self, key: UUID, version: int, **changes: Any) -> Need:
        """Change what is said of a need. Where it stands is changed by ``move`` and ``rank``."""
        entry = _named_level(changes, _of_need(key))
        return needs.edit(by=self.actor, need_uuid=key, version=version, **entry)

    @command(may=EDIT, body=NeedMoveBody, versioned=True)
    def move(self, key: UUID, version: int, parent: UUID | None, rank: int | None = None) -> Need:
        """Put a need, with all below it, under another or at the top. Nothing stands below itself."""
        return needs.move(by=self.actor, need_uuid=key, parent=parent, version=version, rank=rank)

    @command(may=EDIT, body=NeedRankBody, answers=NeedShown, many=True, detail=False)
    def rank(
        self, programme: UUID, ranked: list[UUID], parent: UUID | None = None, reason: str = ""
    ) -> list[Need]:
        """Put all needs below one parent, or at the top, in an order, most urgent first. Each is named once."""
        found = needs.rank(
            by=self.actor, programme_uuid=programme, parent=parent, ranked=ranked, reason=reason
        )
        return self._again(found)

    @command(may=EDIT, body=RequiredBody)
    def require(self, key: UUID, requires: UUID) -> Need:
        """Say that a need can only be answered after another. Together they form no circle."""
        needs.require(by=self.actor, need_uuid=key, requires=requires)
        return self.find(key)

    @command(may=EDIT, body=RequiredBody)
    def release(self, key: UUID, requires: UUID) -> Need:
        """Say that a need no longer waits for another."""
        needs.release(by=self.actor, need_uuid=key, requires=requires)
        return self.find(key)

    @command(may=EDIT, body=StatedReasonBody, versioned=True)
    def meet(self, key: UUID, version: int, reason: str) -> Need:
        """Say that a need is met, and how one knows. It stays in the hierarchy."""
        return needs.meet(by=self.actor, need_uuid=key, version=version, reason=reason)

    @command(may=EDIT, body=StatedReasonBody, versioned=True)
    def reopen(self, key: UUID, version: int, reason: str) -> Need:
        """Say that a need is not met after all, or again."""
        return needs.reopen(by=self.actor, need_uuid=key, version=version, reason=reason)

    @command(may=EDIT, body=NeedMergeBody, detail=False)
    def merge(self, programme: UUID, needs: list[UUID], into: UUID, reason: str) -> Need:
        """Merge needs into one that is there: it gets every link of theirs, and they stay readable as merged."""
        return lineages.merge(
            by=self.actor, programme_uuid=programme, need_uuids=needs, into=into, reason=reason
        )

    @command(may=EDIT, body=NeedSplitBody, answers=NeedShown, many=True)
    def split(self, key: UUID, parts: list[dict[str, Any]], reason: str) -> list[Need]:
        """Split a need into two or more new ones in its place, which are told; the old one stays readable as split."""
        entries = [_named_level(part, _of_need(key)) for part in parts]
        return self._again(lineages.split(by=self.actor, need_uuid=key, parts=entries, reason=reason))

    @reading(may=Permission.VIEW, answers=LineageShown, many=True)
    def lineage(self, key: UUID) -> list[NeedLineage]:
        """Tell every merge and split that a need came of or went into, near or far, oldest first."""
        return lineage.lineage(self.find(key))

    def _again(self, found: Iterable[Need]) -> list[Need]:
        """Read needs that were written back as their reader sees them, in the same order."""
        keys = [need.pk for need in found]
        rows = self.get_queryset().in_bulk(keys)
        return [rows[key] for key in keys]


def _of_need(key: UUID) -> Q:
    return Q(programme__in=Need.objects.filter(uuid=key).values("programme"))


def _named_level(given: Mapping[str, Any], among: Q) -> dict[str, Any]:
    """Name a level by its key, as actions do; a UUID that is no level's stays, and the action says that it is none."""
    if "level" not in given:
        return dict(given)
    key = NeedLevel.objects.filter(among, uuid=given["level"]).values_list("key", flat=True).first()
    return {**given, "level": key if key is not None else str(given["level"])}
