"""Rankings: who put which needs in which order, by which method, and why. Every one is kept."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from handover.models.base import InProgramme


class RankedBy(models.TextChoices):
    """Whose ranking it is."""

    COMMUNITY = "community", "the community's"
    PROFESSIONALS = "professionals", "the professionals'"


class Method(models.TextChoices):
    """How the ballots were cast. Several ballots in order of preference are aggregated by Borda count."""

    SHOW_OF_HANDS = "show_of_hands", "show of hands"
    VOTES = "votes", "votes"
    POINTS = "points", "points"
    ORDER = "order", "ballots in order of preference (Borda count)"
    AGREED = "agreed", "agreed in discussion"


class Ranking(InProgramme):
    """One ranking of some needs on one day. Never changed: the next one follows it, and says why."""

    ranked_by = models.CharField(max_length=20, choices=RankedBy)
    method = models.CharField(max_length=20, choices=Method)
    consultation = models.ForeignKey(
        "interventions.Consultation",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="rankings",
    )
    held_on = models.DateField()
    reason = models.TextField(blank=True, help_text="Why it was ranked again; the first may have none.")
    voters = models.PositiveIntegerField(null=True, blank=True, help_text="People who took part.")
    applied = models.BooleanField(
        default=False, help_text="The order of the needs in the hierarchy was changed to it."
    )
    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    user_uuid = models.UUIDField(help_text="Who recorded it.")
    recorded_at = models.DateTimeField()

    class Meta(InProgramme.Meta):
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=Q(ranked_by__in=RankedBy.values), name="interventions_ranking_ranked_by"
            ),
            models.CheckConstraint(
                condition=Q(method__in=Method.values), name="interventions_ranking_method"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_ranked_by_display()} of {self.held_on}"


class RankedNeed(InProgramme):
    """A need's place in a ranking (from 1; equal scores share a place) and its score: votes, points or Borda points."""

    ranking = models.ForeignKey(Ranking, on_delete=models.PROTECT, related_name="places")
    need = models.ForeignKey("interventions.Need", on_delete=models.PROTECT, related_name="ranked")
    position = models.PositiveIntegerField()
    score = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)

    class Meta(InProgramme.Meta):
        ordering = ("position", "id")
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(
                fields=["programme", "ranking", "need"], name="interventions_rankedneed_once"
            ),
            models.CheckConstraint(condition=Q(position__gte=1), name="interventions_rankedneed_position"),
        )

    def __str__(self) -> str:
        return f"{self.position}. {self.need_id}"


class Ballot(InProgramme):
    """Ballots that say the same, or one count of hands or points: how many people cast it. Nobody is named."""

    ranking = models.ForeignKey(Ranking, on_delete=models.PROTECT, related_name="ballots")
    number = models.PositiveIntegerField(help_text="Counts from 1.")
    voters = models.PositiveIntegerField(default=1)
    group = models.CharField(max_length=120, blank=True, help_text="For example: women, young people.")

    class Meta(InProgramme.Meta):
        ordering = ("number", "id")
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(
                fields=["programme", "ranking", "number"], name="interventions_ballot_once"
            ),
            models.CheckConstraint(condition=Q(voters__gte=1), name="interventions_ballot_voters"),
        )

    def __str__(self) -> str:
        return f"ballot {self.number}"


class BallotLine(InProgramme):
    """What a ballot says of one need: its place (order of preference) or its votes or points."""

    ballot = models.ForeignKey(Ballot, on_delete=models.PROTECT, related_name="lines")
    need = models.ForeignKey("interventions.Need", on_delete=models.PROTECT, related_name="+")
    value = models.DecimalField(max_digits=14, decimal_places=4)

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(
                fields=["programme", "ballot", "need"], name="interventions_ballotline_once"
            ),
            models.CheckConstraint(condition=Q(value__gte=0), name="interventions_ballotline_value"),
        )

    def __str__(self) -> str:
        return f"{self.need_id}: {self.value}"
