"""The transfer: the agreement that moves responsibilities from a giver to a receiver."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from handover.models.base import InProgramme, Versioned
from handover.models.responsibilities import Phase
from handover.permissions import Permission


class TransferState(models.TextChoices):
    """Where a transfer is."""

    DRAFT = "draft", "being drawn up"
    PROPOSED = "proposed", "proposed to the receiver"
    RETURNED = "returned", "returned with comments"
    ACCEPTED = "accepted", "accepted; milestones under way"
    REFUSED = "refused", "refused"
    REVOKED = "revoked", "revoked"
    EXECUTED = "executed", "executed"
    GIVEN_BACK = "given_back", "given back"


OPEN_STATES = frozenset(
    {TransferState.DRAFT, TransferState.PROPOSED, TransferState.RETURNED, TransferState.ACCEPTED}
)
EDITABLE_STATES = frozenset({TransferState.DRAFT, TransferState.RETURNED})


class Transfer(InProgramme, Versioned):
    """A transfer and its plan. ``lead`` marks the one that moves stewardship."""

    title = models.CharField(max_length=300)
    giver = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    receiver = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    lead = models.BooleanField(default=False, help_text="The receiver becomes the programme's steward.")
    state = models.CharField(max_length=12, choices=TransferState, default=TransferState.DRAFT)
    comment = models.TextField(
        blank=True, help_text="What the receiver said when it returned or refused the plan."
    )
    give_back_days = models.PositiveSmallIntegerField(
        default=180, help_text="Days after execution to give back."
    )
    retention_until = models.DateField(
        help_text="The giver's own last retention date: it reads and exports until then."
    )
    plan_digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the plan as proposed.")
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversal"
    )
    executed_at = models.DateTimeField(null=True, blank=True)
    execution_key = models.CharField(max_length=80, blank=True, help_text="Idempotency key of the execution.")

    class Meta(InProgramme.Meta):
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(condition=~Q(giver=F("receiver")), name="handover_transfer_two_sides"),
            models.CheckConstraint(
                condition=Q(state__in=TransferState.values), name="handover_transfer_state"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[TransferState.EXECUTED, TransferState.GIVEN_BACK], executed_at__isnull=False
                )
                | (
                    ~Q(state__in=[TransferState.EXECUTED, TransferState.GIVEN_BACK])
                    & Q(executed_at__isnull=True)
                ),
                name="handover_transfer_executed_at",
            ),
            models.UniqueConstraint(
                fields=["programme"],
                condition=Q(
                    lead=True, reverses__isnull=True, state__in=sorted(state.value for state in OPEN_STATES)
                ),
                name="handover_transfer_one_lead",
            ),
        )

    def __str__(self) -> str:
        return self.title


class TransferResponsibility(InProgramme):
    """A responsibility that a transfer moves, how its giver's part ends, and who is what afterwards."""

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="items")
    responsibility = models.ForeignKey("handover.Responsibility", on_delete=models.PROTECT, related_name="+")
    phase = models.CharField(max_length=20, choices=Phase, default=Phase.OVER)
    provider_after = models.ForeignKey(
        "handover.Organisation",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who delivers it afterwards; empty: the receiver.",
    )
    moves_debtor = models.BooleanField(
        default=False, help_text="The debtor moves too: the donor must consent."
    )
    milestone = models.ForeignKey(
        "handover.TransferMilestone",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="moves",
        help_text="The milestone that moves it; empty: it moves at execution.",
    )
    moved_at = models.DateTimeField(null=True, blank=True)
    before = models.JSONField(
        default=dict, blank=True, help_text="When moved: organisation UUID by capacity, as it was."
    )

    class Meta(InProgramme.Meta):
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(fields=["transfer", "responsibility"], name="handover_transferitem_once"),
        )

    def __str__(self) -> str:
        return f"{self.transfer_id}: {self.responsibility_id}"


class KeepKind(models.TextChoices):
    """What a giver may keep."""

    READ_AND_EXPORT = "read_and_export", "reads and exports everything up to the cut-off"
    OWED_RESULTS = "owed_results", "reports the results that it owes"


class Keep(InProgramme):
    """What the plan leaves to the giver, until when."""

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="keeps")
    kind = models.CharField(max_length=20, choices=KeepKind)
    until = models.DateField(help_text="The last day.")
    indicator_uuids = models.JSONField(
        default=list, blank=True, help_text="For owed results: the indicators."
    )

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(fields=["transfer", "kind"], name="handover_keep_once"),
        )

    def __str__(self) -> str:
        return f"{self.transfer_id}: {self.kind}"


class GrantMapping(InProgramme):
    """Where a single user's exception goes: to somebody on the other side, or lost, said before anyone
    signs."""

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="mappings")
    grant_key = models.CharField(max_length=80, help_text="Names the exception: object, user and permission.")
    permission = models.CharField(max_length=40, choices=[(item.value, item.help) for item in Permission])
    to_user = models.ForeignKey(
        "handover.User",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: the exception is lost.",
    )

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(fields=["transfer", "grant_key"], name="handover_grantmapping_once"),
        )

    def __str__(self) -> str:
        return f"{self.transfer_id}: {self.grant_key}"


class Preview(InProgramme):
    """The permission preview of a plan, as it was signed: canonical JSON and its digest. Never changed, only
    followed."""

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="previews")
    made_at = models.DateTimeField()
    body = models.TextField()
    digest = models.CharField(max_length=64)

    class Meta(InProgramme.Meta):
        default_permissions = ()
        get_latest_by = "id"

    def __str__(self) -> str:
        return self.digest


class Proof(InProgramme):
    """The continuity proof of an execution: canonical JSON and its digest, countersigned by sign-offs."""

    transfer = models.OneToOneField(Transfer, on_delete=models.PROTECT, related_name="proof")
    made_at = models.DateTimeField()
    body = models.TextField()
    digest = models.CharField(max_length=64)

    class Meta(InProgramme.Meta):
        default_permissions = ()

    def __str__(self) -> str:
        return self.digest
