"""Obligations of grants: what binds for years after the money, from which day, until when, and what stops the clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import django_filters
from rest_framework import serializers

from handover.actions import obligations
from handover.api.commands import command, reading
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Amount, Body, Columns, Shown
from handover.models import Obligation, ObligationPause
from handover.models.obligations import Applies, ObligationKind, PauseEffect
from handover.permissions import Permission
from handover.queries import obligations as reads
from handover.queries.obligation_rules import shipped

SAID = obligations.SAID
PAUSED = obligations.PAUSED
EDIT = Permission.EDIT_PROGRAMME


class ObligationShown(Shown[Obligation]):
    """A duty of a grant, with the rule that it comes from. `ends_on` is its last day, null while it is not known."""

    class Meta:
        model = Obligation
        fields = ("id", "programme", "grant", "rule", *SAID, "counted_from", "ends_on", "version")


class ObligationBody(Columns[Obligation]):
    """A rule of one's own. The grant's lead is the debtor if nobody else is said."""

    grant = serializers.UUIDField()
    debtor = serializers.UUIDField(required=False)

    class Meta:
        model = Obligation
        fields = ("grant", *SAID)


class ObligationChanges(Columns[Obligation]):
    """What may be changed of an obligation."""

    class Meta:
        model = Obligation
        fields = SAID


class RulesBody(Body):
    """Which shipped rules are taken over for a grant."""

    grant = serializers.UUIDField()
    rules = serializers.ListField(
        child=serializers.ChoiceField(choices=sorted(shipped())), allow_empty=False, max_length=len(shipped())
    )
    language = serializers.ChoiceField(choices=["en", "ro", "lt"], required=False)


class ClockShown(serializers.Serializer[Any]):
    """What the clock of an obligation shows today, on the clocks of its debtor's country."""

    state = serializers.ChoiceField(choices=[item.value for item in reads.State], read_only=True)
    binds = serializers.BooleanField(
        read_only=True,
        help_text="Whether it decides: of its kind and grant, nothing that applies is stricter.",
    )
    counted_from = serializers.DateField(read_only=True, allow_null=True)
    ends_on = serializers.DateField(read_only=True, allow_null=True)
    not_before = serializers.DateField(
        read_only=True,
        allow_null=True,
        help_text="Where the last day is not known: it is this one, or later.",
    )
    exposed = Amount(
        max_digits=18,
        decimal_places=2,
        read_only=True,
        allow_null=True,
        help_text="An estimate for this rule only, in the grant's currency: the grant × `days_left` ÷ `days`.",
    )
    days_left = serializers.IntegerField(read_only=True, allow_null=True)
    days = serializers.IntegerField(read_only=True, allow_null=True)


class ObligationFilters(InProgrammeFilters):
    """Filters of obligations."""

    grant = django_filters.UUIDFilter(field_name="grant__uuid", help_text="Of this grant alone.")
    kind = django_filters.ChoiceFilter(choices=ObligationKind.choices, help_text="Of this kind.")
    applies = django_filters.ChoiceFilter(choices=Applies.choices, help_text="As it was decided.")


class Obligations(InProgrammeRead[Obligation]):
    """Duties of grants that last for years after the money: rules with their source, and until when they bind."""

    what = "obligation"
    serializer_class = ObligationShown
    filterset_class = ObligationFilters
    ordering_fields = ("ends_on",)

    @command(may=EDIT, body=ObligationBody, codes=("no_time", "day_not_counted", "reason_needed"))
    def create(self, grant: UUID, **given: Any) -> Obligation:
        """Enter a rule of one's own: the agreement's clause, the donor's or a country's rules."""
        return obligations.enter(by=self.actor, grant_uuid=grant, **given)

    @command(may=EDIT, body=ObligationChanges, versioned=True)
    def partial_update(self, key: UUID, version: int, **changes: Any) -> Obligation:
        """Change an obligation: whether it applies, who the debtor is, what the rule says."""
        return obligations.edit(by=self.actor, obligation_uuid=key, version=version, **changes)

    @command(
        may=EDIT, body=RulesBody, answers=ObligationShown, many=True, detail=False, status=201,
        codes=("rule_not_in_force",),
    )  # fmt: skip
    def adopt(self, grant: UUID, rules: Sequence[str], **given: Any) -> list[Obligation]:
        """Take shipped rules over for a grant; one that is there already stays as it is."""
        return obligations.adopt(by=self.actor, grant_uuid=grant, rules=rules, **given)

    @reading(may=Permission.VIEW, answers=ClockShown)
    def clock(self, key: UUID) -> dict[str, Any]:
        """Read the clock of an obligation today: where it is, whether it binds, and what may have to be paid back."""
        row = self.find(key)
        found = reads.beside(row, row.programme).of(key)
        estimate = found.exposed
        return {
            "state": found.state.value,
            "binds": found.binds,
            "counted_from": found.reading.counted_from,
            "ends_on": found.reading.ends_on,
            "not_before": found.reading.not_before,
            "exposed": estimate.amount if estimate else None,
            "days_left": estimate.left if estimate else None,
            "days": estimate.whole if estimate else None,
        }


class PauseShown(Shown[ObligationPause]):
    """Proceedings or an authority's request that stop the clock of an obligation."""

    class Meta:
        model = ObligationPause
        fields = ("id", "programme", "obligation", *PAUSED, "version")


class PauseBody(Columns[ObligationPause]):
    """What stops a clock, from which day; without a last day it is not over."""

    obligation = serializers.UUIDField()

    class Meta:
        model = ObligationPause
        fields = ("obligation", *PAUSED)


class PauseChanges(Columns[ObligationPause]):
    """What may be changed of a pause."""

    class Meta:
        model = ObligationPause
        fields = PAUSED


class PauseFilters(InProgrammeFilters):
    """Filters of pauses."""

    obligation = django_filters.UUIDFilter(
        field_name="obligation__uuid", help_text="Of this obligation alone."
    )
    effect = django_filters.ChoiceFilter(choices=PauseEffect.choices, help_text="With this effect.")


class ObligationPauses(InProgrammeRead[ObligationPause]):
    """What stops the clocks of obligations."""

    what = "pause of an obligation"
    serializer_class = PauseShown
    filterset_class = PauseFilters
    ordering_fields = ("starts_on",)

    @command(may=EDIT, body=PauseBody)
    def create(self, obligation: UUID, **given: Any) -> ObligationPause:
        """Enter proceedings or an authority's request that stop the clock of an obligation."""
        return obligations.pause(by=self.actor, obligation_uuid=obligation, **given)

    @command(may=EDIT, body=PauseChanges, versioned=True)
    def partial_update(self, key: UUID, version: int, **changes: Any) -> ObligationPause:
        """Change what stops a clock: most often, say its last day."""
        return obligations.edit_pause(by=self.actor, pause_uuid=key, version=version, **changes)
