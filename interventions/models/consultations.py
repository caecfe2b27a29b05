"""Consultations: when and how a community was asked, what it said, and what was done about it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from handover.models.base import InProgramme, Versioned
from handover.narratives import best


class Format(models.TextChoices):
    """How people met."""

    ASSEMBLY = "assembly", "assembly"
    FOCUS_GROUP = "focus_group", "focus group"
    HOME_VISITS = "home_visits", "home visits"
    SURVEY = "survey", "survey"
    COUNCIL = "council", "council of representatives"
    ONLINE = "online", "online"
    OTHER = "other", "other"


class Gender(models.TextChoices):
    """As people say it themselves."""

    WOMEN = "women", "women"
    MEN = "men", "men"
    NON_BINARY = "non_binary", "non-binary"
    UNKNOWN = "unknown", "unknown"


class AgeBand(models.TextChoices):
    """Age bands in years."""

    CHILDREN = "0-13", "0 to 13"
    TEENAGERS = "14-17", "14 to 17"
    YOUNG = "18-29", "18 to 29"
    ADULTS = "30-54", "30 to 54"
    OLDER = "55+", "55 and older"
    UNKNOWN = "unknown", "unknown"


class Consultation(InProgramme, Versioned):
    """A community was asked: where, when, how, in which languages. Participants are counts, never names."""

    title = models.JSONField(default=list, help_text="Narratives.")
    held_on = models.DateField()
    place = models.ForeignKey(
        "handover.Place", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    community = models.ForeignKey(
        "handover.Community", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    format = models.CharField(max_length=20, choices=Format)
    languages = models.JSONField(default=list, help_text="ISO 639 codes: two letters, or three (rom).")
    facilitator = models.ForeignKey(
        "handover.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    facilitated_by = models.CharField(
        max_length=200, blank=True, help_text="The facilitator's role, for example a mediator; never a name."
    )
    heard = models.JSONField(default=list, blank=True, help_text="Narratives: what was heard, summed up.")
    told_back_on = models.DateField(
        null=True, blank=True, help_text="When the community was told what came of it."
    )

    class Meta(InProgramme.Meta):
        ordering = ("held_on", "id")
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=Q(format__in=Format.values), name="interventions_consultation_format"
            ),
        )

    def __str__(self) -> str:
        return best(self.title)


class Attendance(InProgramme):
    """How many people of one gender and age band took part."""

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="attendance")
    gender = models.CharField(max_length=20, choices=Gender)
    age_band = models.CharField(max_length=10, choices=AgeBand)
    people = models.PositiveIntegerField()

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(
                fields=["programme", "consultation", "gender", "age_band"],
                name="interventions_attendance_once",
            ),
            models.CheckConstraint(
                condition=Q(gender__in=Gender.values, age_band__in=AgeBand.values),
                name="interventions_attendance_groups",
            ),
        )

    def __str__(self) -> str:
        return f"{self.gender}, {self.age_band}: {self.people}"


class Outcome(models.TextChoices):
    """What became of what people said."""

    OPEN = "", "not answered yet"
    DONE = "done", "done"
    UNDER_WAY = "under_way", "under way"
    PARTLY = "partly", "partly done"
    NOT_DONE = "not_done", "not done"


class Saying(InProgramme, Versioned):
    """You said, we did: one thing that was said, and the answer to it, in plain language."""

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="sayings")
    said = models.JSONField(default=list, help_text="Narratives, in the words of those who said it.")
    need = models.ForeignKey(
        "interventions.Need", on_delete=models.PROTECT, null=True, blank=True, related_name="sayings"
    )
    intervention = models.ForeignKey(
        "interventions.Intervention", on_delete=models.PROTECT, null=True, blank=True, related_name="sayings"
    )
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True, default="")
    done = models.JSONField(
        default=list, blank=True, help_text="Narratives: what was done, or why it was not."
    )
    answered_on = models.DateField(null=True, blank=True)

    class Meta(InProgramme.Meta):
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values), name="interventions_saying_outcome"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", answered_on__isnull=True)
                | (~Q(outcome="") & Q(answered_on__isnull=False)),
                name="interventions_saying_answered",
            ),
        )

    def __str__(self) -> str:
        return best(self.said)
