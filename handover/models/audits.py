"""Audits: an engagement that ends by itself, what it asks, what it draws, and what it finds."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from handover.models.base import InProgramme, Versioned
from handover.models.names import NameCopy


class AuditKind(models.TextChoices):
    """Whether the audited are asked."""

    AUTHORITY = "authority", "by the authority that a grant names"
    REVIEW = "review", "voluntary review"


class AuditEngagement(InProgramme, Versioned):
    """One audit of one programme, by one organisation, from an instant up to another one (half-open, UTC).

    Several programmes are several engagements with one ``reference``. Without named grants it is about the whole
    programme. The standing that it gave ends at ``ends_at``, whatever this row says.
    """

    kind = models.CharField(max_length=20, choices=AuditKind)
    reference = models.CharField(max_length=120)
    title = models.CharField(max_length=300)
    purpose = models.TextField()
    auditor = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    opened_by = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    legal_basis = models.CharField(max_length=300, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    notice = models.TextField(blank=True, help_text="What the audited are told.")
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="handover_auditengagement_lasts"
            ),
        )

    def __str__(self) -> str:
        return self.reference


class AuditGrant(InProgramme):
    """A grant that an engagement is about."""

    engagement = models.ForeignKey(AuditEngagement, on_delete=models.PROTECT, related_name="scope")
    grant = models.ForeignKey("handover.Grant", on_delete=models.PROTECT, related_name="+")

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.UniqueConstraint(fields=["engagement", "grant"], name="handover_auditgrant_once"),
        )

    def __str__(self) -> str:
        return str(self.grant_id)


class RequestState(models.TextChoices):
    """How far a request of the auditors is."""

    OPEN = "open", "open"
    ANSWERED = "answered", "answered"
    RETURNED = "returned", "returned"
    ACCEPTED = "accepted", "accepted"


class AuditRequest(InProgramme, Versioned):
    """Something that the auditors ask for, until a day. A returned one is asked anew, with the reason."""

    engagement = models.ForeignKey(AuditEngagement, on_delete=models.PROTECT, related_name="requests")
    title = models.CharField(max_length=300)
    asked = models.TextField()
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=RequestState, default=RequestState.OPEN, editable=False)
    answer = models.TextField(blank=True)
    evidence_uuids = models.JSONField(default=list, blank=True, help_text="Evidence of this programme.")
    answered_by_name = NameCopy(max_length=200, blank=True, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    remark = models.TextField(blank=True, help_text="Why an answer was returned.")

    class Meta(InProgramme.Meta):
        default_permissions = ()

    def __str__(self) -> str:
        return self.title


class FrameKind(models.TextChoices):
    """What is drawn from."""

    EQUIPMENT = "equipment", "equipment"
    POSTS = "posts", "posts"
    EVIDENCE = "evidence", "evidence"
    BUDGET_LINES = "budget_lines", "budget lines"
    VALUES = "values", "reported values"


class SampleMethod(models.TextChoices):
    """How it is drawn: ``handover.sampling.Method``."""

    SIMPLE = "simple", "simple random"
    STRATIFIED = "stratified", "stratified random"
    MONETARY = "monetary", "by monetary units"


class AuditSample(InProgramme, Versioned):
    """A sample, step by step: the seed's hash, the frozen frame, the seed, what follows. The database lets no step be
    taken twice or changed.

    ``frame`` is ``[{"uuid", "stratum", "amount", "label", "place"}]``, amounts in hundredths of ``currency``; ``drawn``
    is ``[{"uuid", "certain"}]`` in the order in which it was drawn.
    """

    engagement = models.ForeignKey(AuditEngagement, on_delete=models.PROTECT, related_name="samples")
    title = models.CharField(max_length=300)
    population = models.CharField(max_length=20, choices=FrameKind)
    method = models.CharField(max_length=20, choices=SampleMethod)
    size = models.PositiveIntegerField()
    sizes = models.JSONField(default=dict, blank=True, help_text="Of each stratum, where not in proportion.")
    commitment = models.CharField(max_length=64, help_text="SHA-256 of the seed, hexadecimal.")
    committed_by = models.ForeignKey(
        "handover.User", on_delete=models.PROTECT, related_name="+", editable=False
    )
    committed_at = models.DateTimeField(editable=False)
    currency = models.CharField(max_length=3, blank=True, editable=False)
    frame = models.JSONField(default=list, blank=True, editable=False)
    frame_digest = models.CharField(max_length=64, blank=True, editable=False)
    frozen_at = models.DateTimeField(null=True, blank=True, editable=False)
    seed = models.CharField(max_length=200, blank=True, editable=False, help_text="Hexadecimal.")
    drawn = models.JSONField(default=list, blank=True, editable=False)
    revealed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=Q(revealed_at__isnull=True) | Q(frozen_at__isnull=False),
                name="handover_auditsample_order",
            ),
        )

    def __str__(self) -> str:
        return self.title


class Severity(models.TextChoices):
    """How grave a finding is."""

    CRITICAL = "critical", "critical"
    HIGH = "high", "high"
    MEDIUM = "medium", "medium"
    LOW = "low", "low"


class FindingState(models.TextChoices):
    """How far a finding is. A draft is its auditors' alone."""

    DRAFT = "draft", "draft"
    SHARED = "shared", "shared"
    REPLIED = "replied", "replied"
    FOLLOWED_UP = "followed_up", "followed up"
    CLOSING = "closing", "closure proposed"
    CLOSED = "closed", "closed"


class Recovery(models.TextChoices):
    """Where the money is that is to come back."""

    NONE = "none", "nothing to recover"
    ORDERED = "ordered", "recovery ordered"
    PARTIAL = "partial", "partly recovered"
    RECOVERED = "recovered", "recovered"
    CONTESTED = "contested", "contested"
    WAIVED = "waived", "waived"


class AuditFinding(InProgramme, Versioned):
    """What auditors found: what should be (criterion), what is (condition), why (cause) and what follows (effect)."""

    engagement = models.ForeignKey(AuditEngagement, on_delete=models.PROTECT, related_name="findings")
    title = models.CharField(max_length=300)
    severity = models.CharField(max_length=10, choices=Severity)
    criterion = models.TextField()
    condition = models.TextField()
    cause = models.TextField(blank=True)
    effect = models.TextField(blank=True)
    affected_amount = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    irregularity = models.CharField(max_length=200, blank=True, help_text="Its type.")
    correction_rate = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    correction_amount = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    debtor = models.ForeignKey(
        "handover.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    recovery = models.CharField(max_length=12, choices=Recovery, default=Recovery.NONE)
    recommendation = models.TextField(blank=True)
    due_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=FindingState, default=FindingState.DRAFT, editable=False)
    reply = models.TextField(blank=True, help_text="Of the audited side.")
    replied_by_name = NameCopy(max_length=200, blank=True, editable=False)
    replied_at = models.DateTimeField(null=True, blank=True, editable=False)
    follow_up = models.TextField(blank=True)
    closure_reason = models.TextField(blank=True)
    closure_proposed_by = models.ForeignKey(
        "handover.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    closed_by = models.ForeignKey(
        "handover.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(InProgramme.Meta):
        default_permissions = ()
        constraints = (
            *InProgramme.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(state="closed")
                | Q(closure_proposed_by__isnull=False, closed_by__isnull=False)
                & ~Q(closed_by=F("closure_proposed_by")),
                name="handover_auditfinding_two_people",
            ),
        )

    def __str__(self) -> str:
        return self.title


class AuditLook(InProgramme):
    """That an auditor looked at figures of special categories of persons. Insert-only; shown to both sides."""

    engagement = models.ForeignKey(AuditEngagement, on_delete=models.PROTECT, related_name="looks")
    user = models.ForeignKey("handover.User", on_delete=models.PROTECT, related_name="+")
    user_name = NameCopy(max_length=200, help_text="A copy: it outlives the account.")
    what = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta(InProgramme.Meta):
        default_permissions = ()

    def __str__(self) -> str:
        return self.what
