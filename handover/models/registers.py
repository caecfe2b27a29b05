"""The registers that hang on a responsibility and fill the annexes of a transfer."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from handover.models.base import InProgramme, Versioned


class Source(models.TextChoices):
    """Who pays."""

    GRANT = "grant", "grant"
    MUNICIPALITY = "municipality", "municipality"
    STATE = "state", "state"
    OTHER = "other", "other source"


class Title(models.TextChoices):
    """By which title a thing is had, or passes to the receiver."""

    OWNERSHIP = "ownership", "ownership"
    FREE_USE = "free_use", "free use"
    LEASE = "lease", "lease"


class Register(InProgramme, Versioned):
    """A line of a register. Amounts are in ``currency`` (ISO 4217)."""

    responsibility = models.ForeignKey("handover.Responsibility", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=300)
    legal_act = models.ForeignKey(
        "handover.LegalAct", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta(InProgramme.Meta):
        abstract = True
        default_permissions = ()

    def __str__(self) -> str:
        return self.title


class PostStage(models.TextChoices):
    """How far a post is on its way to be somebody's work at the receiver."""

    PLANNED = "planned", "planned"
    IN_ORGANIGRAM = "in_organigram", "in the organigram"
    FUNDED = "funded", "funded"
    ADVERTISED = "advertised", "advertised"
    FILLED = "filled", "filled"


class FilledBy(models.TextChoices):
    """Whose worker took the post. Nobody is named."""

    GIVERS_WORKER = "givers_worker", "the giver's worker"
    ANOTHER = "another", "somebody else"


class Post(Register):
    """A post, in full-time equivalents. It says nothing of who fills it.

    ``funded_by`` pays it on the days that no ``PostFunding`` speaks of. ``yearly_cost`` is the employer's full cost
    of the post (not of one FTE) for a calendar year.
    """

    fte = models.DecimalField(max_digits=4, decimal_places=2)
    funded_by = models.CharField(max_length=20, choices=Source)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    number = models.CharField(
        max_length=60, blank=True, help_text="Its position in the list of posts (ro: stat de funcții)."
    )
    employer = models.ForeignKey(
        "handover.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    qualification = models.CharField(max_length=300, blank=True)
    yearly_cost = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    stage = models.CharField(
        max_length=20, choices=PostStage, blank=True, help_text="Empty: nobody said how far it is."
    )
    filled_by = models.CharField(max_length=20, choices=FilledBy, blank=True)

    digested_if_said = frozenset(
        {"number", "employer", "qualification", "yearly_cost", "currency", "stage", "filled_by"}
    )


class PostFunding(InProgramme, Versioned):
    """Who pays which share (per cent) of a post on which days (``ends_on`` is the last one)."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="fundings")
    source = models.CharField(max_length=20, choices=Source)
    share = models.DecimalField(max_digits=5, decimal_places=2, help_text="Per cent of the post's cost.")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=Q(share__gt=0, share__lte=100), name="handover_postfunding_share"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="handover_postfunding_dates",
            ),
        )

    def __str__(self) -> str:
        return f"{self.share} % from the {self.source}"


class Equipment(Register):
    """An inventory item with its acquisition cost, whose it is, and by which title it passes on."""

    serial = models.CharField(max_length=120, blank=True)
    acquired_on = models.DateField()
    cost = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)
    condition = models.CharField(max_length=60, blank=True)
    inventory_number = models.CharField(max_length=120, blank=True)
    grant = models.ForeignKey(
        "handover.Grant",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The grant that paid for it: its threshold and conditions hold.",
    )
    funding_share = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text="Per cent of the cost that the grant paid.",
    )
    book_value = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    book_value_on = models.DateField(null=True, blank=True)
    owner = models.ForeignKey(
        "handover.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    title_of_transfer = models.CharField(max_length=20, choices=Title, blank=True)
    custodian = models.ForeignKey(
        "handover.Organisation",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who keeps it day by day.",
    )
    place = models.ForeignKey(
        "handover.Place", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    no_disposal_before = models.DateField(null=True, blank=True)
    proof = models.CharField(max_length=300, blank=True, help_text="The paper that proves the transfer.")
    proof_file = models.ForeignKey(
        "handover.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    digested_if_said = frozenset(
        {
            "inventory_number",
            "grant",
            "funding_share",
            "book_value",
            "book_value_on",
            "owner",
            "title_of_transfer",
            "custodian",
            "place",
            "no_disposal_before",
            "proof",
            "proof_file",
        }
    )
    may_look_personal = frozenset({"serial", "inventory_number"})

    class Meta(Register.Meta):
        verbose_name_plural = "equipment"


class Premises(Register):
    """Rooms or land in which the work is done. Area is in square metres."""

    address = models.CharField(max_length=300)
    place = models.ForeignKey(
        "handover.Place", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    area = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    owner = models.ForeignKey(
        "handover.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    owner_name = models.CharField(
        max_length=200, blank=True, help_text="An owner outside the directory: a body, never a person."
    )
    held_by = models.CharField(max_length=20, choices=Title)
    title_of_transfer = models.CharField(max_length=20, choices=Title, blank=True)
    contract = models.ForeignKey(
        "handover.Contract", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta(Register.Meta):
        verbose_name_plural = "premises"
        constraints = (
            *Register.Meta.constraints,
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="handover_premises_dates",
            ),
        )


class LicenceKind(models.TextChoices):
    """What it allows. Romania asks for both (Law 197/2012 art. 8): one is the provider's, one the service's."""

    ACCREDITATION = "accreditation", "accreditation of a provider"
    OPERATING_LICENCE = "operating_licence", "operating licence of a service"
    OTHER = "other", "other permit"


class Licence(Register):
    """A licence or accreditation: who gave it to whom, for which service, and until when it runs."""

    authority = models.CharField(max_length=200)
    number = models.CharField(max_length=120)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    kind = models.CharField(max_length=20, choices=LicenceKind, blank=True)
    provider = models.ForeignKey(
        "handover.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    service = models.CharField(max_length=300, blank=True, help_text="The service in the licence's words.")

    digested_if_said = frozenset({"kind", "provider", "service"})
    may_look_personal = frozenset({"number"})


class ContractKind(models.TextChoices):
    """What was agreed with a third party."""

    SERVICE = "service", "contract for services"
    SUPPLY = "supply", "supply"
    LEASE = "lease", "lease"
    FREE_USE = "free_use", "free use (comodat, panauda)"
    PARTNERSHIP = "partnership", "partnership agreement"


class Contract(Register):
    """A contract or lease with a third party."""

    counterparty = models.CharField(max_length=200)
    number = models.CharField(max_length=120)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)
    kind = models.CharField(max_length=20, choices=ContractKind, blank=True)
    may_be_novated = models.BooleanField(
        default=False, help_text="The contract itself allows that another party takes it over."
    )

    digested_if_said = frozenset({"kind", "may_be_novated"})
    may_look_personal = frozenset({"number"})
