"""Reorganisations: authorities merge or split, and what they answered for goes to their successors."""

from __future__ import annotations

import uuid as uuids

from django.db import models
from django.db.models import F, Q

from handover.models.base import FreeText, Versioned
from handover.models.guard import Guarded
from handover.models.names import NameCopy
from handover.models.signoffs import Decision


class ReorganisationState(models.TextChoices):
    """How far a reorganisation is."""

    OPEN = "open", "being planned"
    EXECUTED = "executed", "executed"
    WITHDRAWN = "withdrawn", "withdrawn"


class PartySide(models.TextChoices):
    """Which side of a reorganisation an organisation stands on; one that goes on with a part stands on both."""

    PREDECESSOR = "predecessor", "answered before"
    SUCCESSOR = "successor", "answers after"
    HEARD = "heard", "is asked and decides nothing"


class Reorganisation(Guarded, Versioned):
    """A merger or a split of organisations by a legal act, from a day on. One predecessor and several successors is a
    split, several predecessors a merger.

    ``places`` is ``[{"former", "successor", "share"}]``: UUIDs of places, and a fraction as text. While it is planned
    only its parties see it; what was executed is a public fact.
    """

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    title = models.CharField(max_length=300)
    legal_act = models.CharField(max_length=300, help_text="Kind, number and date of the act.")
    effective_on = models.DateField(help_text="The first day on which the successors answer.")
    opened_by = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=10, choices=ReorganisationState, default=ReorganisationState.OPEN, editable=False
    )
    places = models.JSONField(default=list, blank=True)
    executed_at = models.DateTimeField(null=True, blank=True, editable=False)
    digest = models.CharField(max_length=64, blank=True, editable=False, help_text="Of the plan as executed.")
    proof = models.TextField(blank=True, editable=False, help_text="RFC 8785 text.")
    proof_digest = models.CharField(max_length=64, blank=True, editable=False)

    class Meta(Versioned.Meta):
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=ReorganisationState.values), name="handover_reorganisation_state"
            ),
            models.CheckConstraint(
                condition=Q(state="executed", executed_at__isnull=False)
                | (~Q(state="executed") & Q(executed_at__isnull=True)),
                name="handover_reorganisation_executed",
            ),
        )

    def __str__(self) -> str:
        return self.title


class ReorganisationParty(Guarded):
    """An organisation on a side of a reorganisation."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    reorganisation = models.ForeignKey(Reorganisation, on_delete=models.PROTECT, related_name="parties")
    party = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=12, choices=PartySide)

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["reorganisation", "party", "side"], name="handover_reorganisationparty_once"
            ),
            models.CheckConstraint(
                condition=Q(side__in=PartySide.values), name="handover_reorganisationparty_side"
            ),
        )

    def __str__(self) -> str:
        return f"{self.side}: {self.party_id}"


class ReorganisationPart(Guarded, Versioned):
    """What one predecessor answers for, and to which successor each thing goes, as it stated it: copies, so that the
    other parties read it without reaching into its programmes.

    ``plan`` is what ``queries.reorganisations.stated`` gives.
    """

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    reorganisation = models.ForeignKey(Reorganisation, on_delete=models.PROTECT, related_name="parts")
    predecessor = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    plan = models.JSONField()
    stated_by_name = NameCopy(max_length=200, editable=False)
    stated_at = models.DateTimeField(editable=False)

    class Meta(Versioned.Meta):
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["reorganisation", "predecessor"], name="handover_reorganisationpart_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.predecessor_id} in {self.reorganisation_id}"


class ReorganisationSignOff(FreeText, Guarded):
    """A party's signature under the plan, by its digest: an edit leaves it without what it signed."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    reorganisation = models.ForeignKey(Reorganisation, on_delete=models.PROTECT, related_name="signoffs")
    party = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey("handover.User", on_delete=models.PROTECT, related_name="+")
    signatory = NameCopy(max_length=200)
    decision = models.CharField(max_length=20, choices=Decision)
    remark = models.TextField(blank=True, help_text="The dissent or the objection, in the signatory's words.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the plan that was signed.")
    signed_at = models.DateTimeField()

    class Meta(FreeText.Meta):
        default_permissions = ()
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(decision="agrees") | ~Q(remark=""), name="handover_reorganisationsignoff_remark"
            ),
        )

    def __str__(self) -> str:
        return f"{self.party_id}: {self.decision}"


class PlaceLineage(Guarded):
    """A place that became another one, or a part of it, on a day. Shared by all tenants, as places are.

    The shares of a former place add up to one: a merger is one whole share for each place that went into the new one.
    """

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    former = models.ForeignKey("handover.Place", on_delete=models.PROTECT, related_name="successions")
    successor = models.ForeignKey("handover.Place", on_delete=models.PROTECT, related_name="origins")
    on = models.DateField()
    numerator = models.PositiveBigIntegerField(help_text="Of the share that went there.")
    denominator = models.PositiveBigIntegerField()
    source = models.CharField(max_length=300, help_text="The act, or whoever says so.")

    class Meta:
        default_permissions = ()
        ordering = ("on", "id")
        constraints = (
            models.UniqueConstraint(fields=["former", "successor", "on"], name="handover_placelineage_once"),
            models.CheckConstraint(
                condition=Q(numerator__gt=0, numerator__lte=F("denominator")),
                name="handover_placelineage_share",
            ),
            models.CheckConstraint(
                condition=~Q(former=F("successor")) | Q(numerator__lt=F("denominator")),
                name="handover_placelineage_elsewhere",
            ),
        )

    def __str__(self) -> str:
        return f"{self.former_id} → {self.successor_id}"
