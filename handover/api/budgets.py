"""Budgets beside their lines: exchange rates, and the calendars of councils."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters
from rest_framework import serializers

from handover.actions import budgets
from handover.api import named
from handover.api.commands import command
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Body, Columns, Shown
from handover.models import BudgetStep, ExchangeRate
from handover.permissions import Permission

RATE = ("currency", "into", "rate", "since", "source")
STEP = ("key", "title", "month", "day", "years_before", "source")


class RateShown(Shown[ExchangeRate]):
    """From a day on, one unit of `currency` is `rate` units of `into`."""

    class Meta:
        model = ExchangeRate
        fields = ("id", "programme", *RATE)


class RateBody(Columns[ExchangeRate]):
    """A rate and its source."""

    programme = serializers.UUIDField()

    class Meta:
        model = ExchangeRate
        fields = ("programme", *RATE)


class ExchangeRates(InProgrammeRead[ExchangeRate]):
    """Rates between currencies; never changed, only followed."""

    what = "exchange rate"
    serializer_class = RateShown
    ordering_fields = ("since",)

    @command(may=Permission.EDIT_PROGRAMME, body=RateBody)
    def create(self, programme: UUID, **given: Any) -> ExchangeRate:
        """Enter a rate."""
        return budgets.rate(by=self.actor, programme_uuid=programme, **given)


class StepShown(Shown[BudgetStep]):
    """A step of a council's budget calendar."""

    class Meta:
        model = BudgetStep
        fields = ("id", "programme", "organisation", *STEP, "version")


class StepBody(Columns[BudgetStep]):
    """What must be done by which day."""

    programme = serializers.UUIDField()

    class Meta:
        model = BudgetStep
        fields = ("programme", "organisation", *STEP)


class StepChanges(Columns[BudgetStep]):
    """What may be changed of a step."""

    class Meta:
        model = BudgetStep
        fields = STEP


class AdoptBody(Body):
    """Whose calendar takes over what is shipped for a country."""

    programme = serializers.UUIDField()
    organisation = serializers.UUIDField()
    country = serializers.CharField(
        max_length=2, required=False, help_text="The organisation's own if not said."
    )
    language = serializers.ChoiceField(choices=["en", "ro", "lt"], required=False)


class StepFilters(InProgrammeFilters):
    """Filters of steps."""

    organisation = django_filters.UUIDFilter(
        field_name="organisation__uuid", help_text="Of this organisation's calendar."
    )


class BudgetSteps(InProgrammeRead[BudgetStep]):
    """Steps of the budget calendars of councils."""

    what = "step of a budget calendar"
    serializer_class = StepShown
    filterset_class = StepFilters
    ordering_fields = ("month", "key")

    @command(may=Permission.ADD_EVIDENCE, body=StepBody)
    def create(self, programme: UUID, organisation: UUID, **given: Any) -> BudgetStep:
        """Add a step to the budget calendar of an organisation."""
        whose = named.organisation(organisation)
        return budgets.step(by=self.actor, programme_uuid=programme, organisation=whose, **given)

    @command(may=Permission.ADD_EVIDENCE, body=StepChanges, versioned=True)
    def partial_update(self, key: UUID, /, version: int, **changes: Any) -> BudgetStep:
        """Change a step of a budget calendar."""
        return budgets.edit_step(by=self.actor, step_uuid=key, version=version, **changes)

    @command(
        may=Permission.ADD_EVIDENCE, body=AdoptBody, answers=StepShown, many=True, detail=False, status=201
    )
    def adopt(self, programme: UUID, organisation: UUID, **given: Any) -> list[BudgetStep]:
        """Take over the calendar that is shipped for a country; steps whose key is there already stay as they are."""
        whose = named.organisation(organisation)
        return budgets.adopt_steps(by=self.actor, programme_uuid=programme, organisation=whose, **given)
