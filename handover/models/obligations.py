"""Obligations: duties of a grant that last for years after the money, each by a rule with its source."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

from handover.models.base import InProgramme, Versioned


class ObligationKind(models.TextChoices):
    """What is owed."""

    DURABILITY = "durability", "what was funded stays and works"
    RECORDS = "records", "records are kept"
    EQUIPMENT = "equipment", "equipment is kept or passed on"
    SUSTAINABILITY = "sustainability", "what the grant agreement says of sustainability"
    OTHER = "other", "another duty"


class CountsFrom(models.TextChoices):
    """The day from which the time of a rule runs."""

    FINAL_PAYMENT = "final_payment", "the final payment"
    PAYMENT_YEAR = "payment_year", "31 December of the year of the final payment"
    GRANT_END = "grant_end", "the last day of the grant"
    DAY = "day", "a day that is entered here"


class Mark(models.TextChoices):
    """How far a rule was verified."""

    VERIFIED = "verified", "read in its source"
    SECONDARY = "secondary", "from a secondary source"
    UNCONFIRMED = "unconfirmed", "not confirmed by anybody here"


class Applies(models.TextChoices):
    """Whether a rule binds this grant. What nobody has decided counts as binding."""

    UNDECIDED = "undecided", "not decided yet"
    YES = "yes", "it applies"
    NO = "no", "it does not apply"


class Exposure(models.TextChoices):
    """What may have to be paid back where a duty is broken."""

    NONE = "none", "the rule says nothing of it"
    PROPORTIONAL = "proportional", "in proportion to the time that is left"


class Obligation(InProgramme, Versioned):
    """A duty of one grant, with the rule that it comes from.

    ``counted_from`` and ``ends_on`` are worked out from the rule, the grant's days and what stopped the clock, and
    written in the same transaction as any of these; ``ends_on`` is empty where it cannot be known yet. The duty holds
    on its last day too.
    """

    grant = models.ForeignKey("handover.Grant", on_delete=models.PROTECT, related_name="obligations")
    kind = models.CharField(max_length=20, choices=ObligationKind)
    title = models.CharField(max_length=300)
    rule = models.SlugField(
        max_length=60, blank=True, help_text="Key of the shipped rule; empty for a rule of one's own."
    )
    source = models.CharField(max_length=300, help_text="The law, agreement or decision.")
    article = models.CharField(max_length=120, blank=True)
    mark = models.CharField(max_length=20, choices=Mark, default=Mark.UNCONFIRMED)
    in_force_from = models.DateField(null=True, blank=True)
    in_force_to = models.DateField(null=True, blank=True)
    counts_from = models.CharField(max_length=20, choices=CountsFrom)
    day = models.DateField(null=True, blank=True, help_text="Where the time runs from a day of its own.")
    years = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(50)])
    months = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(11)])
    is_deadline = models.BooleanField(
        default=False,
        help_text="It is done by its last day, rather than kept until then.",
    )
    applies = models.CharField(max_length=20, choices=Applies, default=Applies.UNDECIDED)
    why = models.TextField(blank=True, help_text="Why it applies, or does not.")
    exposure = models.CharField(max_length=20, choices=Exposure, default=Exposure.NONE)
    debtor = models.ForeignKey(
        "handover.Organisation",
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who answers for it to the donor, whoever holds the programme.",
    )
    counted_from = models.DateField(null=True, blank=True, editable=False)
    ends_on = models.DateField(null=True, blank=True, editable=False)

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(
                fields=["grant", "rule"], condition=~Q(rule=""), name="handover_obligation_rule_once"
            ),
            models.CheckConstraint(
                condition=Q(in_force_from__isnull=True)
                | Q(in_force_to__isnull=True)
                | Q(in_force_to__gte=F("in_force_from")),
                name="handover_obligation_in_force",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True)
                | Q(counted_from__isnull=False, ends_on__gte=F("counted_from")),
                name="handover_obligation_ends",
            ),
        )

    def __str__(self) -> str:
        return self.title


class PauseEffect(models.TextChoices):
    """What proceedings or an authority's request do to the time of a duty."""

    SUSPENDS = "suspends", "the time stands still and then runs on"
    RESTARTS = "restarts", "the time begins anew once it is over"


class ObligationPause(InProgramme, Versioned):
    """A time during which the clock of an obligation does not run: from a day to its last one, which may be open."""

    obligation = models.ForeignKey(Obligation, on_delete=models.PROTECT, related_name="pauses")
    effect = models.CharField(max_length=20, choices=PauseEffect)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    authority = models.CharField(max_length=300, help_text="The court or authority; never a person.")
    reason = models.TextField()

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="handover_obligationpause_dates",
            ),
        )

    def __str__(self) -> str:
        return self.authority
