"""Budgets: the next stage of a line, the rates between currencies, the steps of a council's year."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from handover import access, ledger
from handover.access import Actor
from handover.actions import action, lines, registers
from handover.errors import Invalid, NotFound
from handover.models import BudgetLine, BudgetStep, ExchangeRate, LegalAct, Organisation, Programme
from handover.models.budgets import BudgetStage
from handover.permissions import Permission
from handover.queries.budget_calendar import shipped
from handover.queries.budgets import identity, standing
from handover.queries.currencies import known

COPIED: Final = ("title", "year", "source", "classification")
"""What the stages of one line have in common."""


@action
def stage(
    *,
    by: Actor,
    line_uuid: UUID,
    stage: BudgetStage | str,
    amount: Decimal | str | None = None,
    currency: str = "",
    decided_on: dt.date | str | None = None,
    legal_act: LegalAct | UUID | None = None,
) -> BudgetLine:
    """Enter the next stage of a budget line (requested, adopted, revised, executed); the stages before stay.

    Args:
        amount: what was asked, decided or spent; what stands so far if not said, as the currency.

    Raises:
        NotFound, NotAllowed: there is no such line, or the actor does not hold its responsibility.
        Invalid: no such stage, the line has it already, or a field is wrong.
    """
    line = BudgetLine.objects.select_related("responsibility").filter(uuid=line_uuid).order_by("id").first()
    if line is None:
        raise NotFound("budget line")
    if stage not in BudgetStage.values:
        raise Invalid("unknown_stage", f"“{stage}” is no stage of a budget line.", field="stage")
    so_far = _standing(line)
    return registers.enter(
        by=by,
        register=BudgetLine,
        responsibility_uuid=line.responsibility.uuid,
        amount=so_far.amount if amount is None else amount,
        currency=currency or so_far.currency,
        stage=str(BudgetStage(stage)),
        decided_on=decided_on,
        legal_act=legal_act,
        **{name: getattr(line, name) for name in COPIED},
    )


def _standing(line: BudgetLine) -> BudgetLine:
    """Give the row that stands for a line now, whichever of its rows was named."""
    rows = BudgetLine.objects.filter(
        responsibility=line.responsibility, year=line.year, source=line.source
    ).order_by("id")
    return next(item.line for item in standing(rows) if identity(item.line) == identity(line))


@action
def rate(
    *,
    by: Actor,
    programme_uuid: UUID,
    currency: str,
    into: str,
    rate: Decimal | str,
    since: dt.date | str,
    source: str,
) -> ExchangeRate:
    """Enter a rate: from a day on, one unit of ``currency`` is ``rate`` units of ``into``. It is never changed.

    Raises:
        NotFound, NotAllowed: the actor may not edit the programme.
        Invalid: an unknown currency, twice the same one, a rate that is not above zero, no source, or a rate of the
            same pair since the same day.
    """
    programme = access.programme_for(by, programme_uuid, may=Permission.EDIT_PROGRAMME)
    given = {"currency": currency, "into": into, "rate": rate, "since": since, "source": source.strip()}
    row = ExchangeRate(programme=programme, **lines.filled(ExchangeRate, programme, given))
    lines.cleaned(row)
    lines.checked(row)
    known(row.into, field="into", named=str(row))
    if row.currency == row.into:
        raise Invalid(
            "same_currency", f"A rate is between two currencies, not {row.into} and itself.", field="into"
        )
    if row.rate <= 0:
        raise Invalid("rate_not_positive", f"A rate is above zero: {row}.", field="rate")
    lines.one_at_a_time(programme, "exchange_rates")
    if ExchangeRate.objects.filter(
        programme=programme, currency=row.currency, into=row.into, since=row.since
    ).exists():
        raise Invalid(
            "rate_recorded_already",
            f"A rate from {row.currency} to {row.into} since {row.since:%d %B %Y} is there already: a rate is followed "
            "by a later one, never changed.",
            field="since",
        )
    row.save()
    ledger.record(
        verb="exchange_rate.entered",
        by=by,
        programme=programme,
        subject=row.uuid,
        data=lines.facts(row, given),
    )
    return row


def _calendar_of(by: Actor, programme_uuid: UUID, organisation: Organisation) -> Programme:
    """Ask for a council's calendar: its own people keep it, else whoever edits the programme."""
    own = organisation.pk == by.organisation.pk
    return access.programme_for(
        by, programme_uuid, may=Permission.ADD_EVIDENCE if own else Permission.EDIT_PROGRAMME
    )


@action
def step(
    *,
    by: Actor,
    programme_uuid: UUID,
    organisation: Organisation,
    key: str,
    title: str,
    month: int,
    day: int,
    years_before: int = 1,
    source: str = "",
) -> BudgetStep:
    """Add a step to the budget calendar of an organisation: its own people may, and whoever edits the programme.

    A step whose key is a stage of budget lines (``requested``, ``adopted`` …) is done when all lines of the year are
    that far.

    Raises:
        NotFound, NotAllowed: the actor may not.
        Invalid: a field is wrong, there is no such day, or the calendar has this key.
    """
    programme = _calendar_of(by, programme_uuid, organisation)
    given = {
        "organisation": organisation,
        "key": key,
        "title": title,
        "month": month,
        "day": day,
        "years_before": years_before,
        "source": source,
    }
    row = BudgetStep(programme=programme, **lines.filled(BudgetStep, programme, given))
    lines.cleaned(row)
    _is_a_day(row)
    _is_new(row)
    row.save()
    ledger.record(
        verb="budget_step.added", by=by, programme=programme, subject=row.uuid, data=lines.facts(row, given)
    )
    return row


@action
def edit_step(*, by: Actor, step_uuid: UUID, version: int, **changes: Any) -> BudgetStep:
    """Change a step of a budget calendar; the ledger keeps what stood there before.

    Raises:
        NotFound, NotAllowed: there is no such step, or the actor may not.
        Stale: somebody else was quicker.
        Invalid: as for ``step``, or nothing would change.
    """
    row = BudgetStep.objects.select_related("programme", "organisation").filter(uuid=step_uuid).first()
    if row is None:
        raise NotFound("step of a budget calendar")
    programme = _calendar_of(by, row.programme.uuid, row.organisation)
    if "organisation" in changes:
        raise Invalid("not_editable", "A step stays in its organisation's calendar.", field="organisation")
    changed = lines.rewritten(row, programme, changes)
    _is_a_day(row)
    _is_new(row)
    row.change(version=version, **{name: getattr(row, name) for name in changed.after})
    ledger.record(
        verb="budget_step.edited",
        by=by,
        programme=programme,
        subject=row.uuid,
        data={"before": changed.before, "after": changed.after},
    )
    return row


@action
def adopt_steps(
    *, by: Actor, programme_uuid: UUID, organisation: Organisation, country: str = "", language: str = "en"
) -> list[BudgetStep]:
    """Take over the calendar that is shipped for a country; steps whose key is there already stay as they are.

    Args:
        country: ISO 3166-1 alpha-2; the organisation's own if not said.
        language: of the titles; English where there are none in it.

    Raises:
        NotFound, NotAllowed: the actor may not.
        Invalid: none is shipped for that country.
    """
    programme = _calendar_of(by, programme_uuid, organisation)
    there = set(
        BudgetStep.objects.filter(programme=programme, organisation=organisation).values_list(
            "key", flat=True
        )
    )
    return [
        step(by=by, programme_uuid=programme.uuid, organisation=organisation, **row)
        for row in shipped(country or organisation.country, language)
        if row["key"] not in there
    ]


def _is_a_day(row: BudgetStep) -> None:
    try:
        dt.date(2024, row.month, row.day)
    except ValueError:
        raise Invalid(
            "no_such_day", f"“{row.title}” has no day: month {row.month} has no {row.day}.", field="day"
        ) from None


def _is_new(row: BudgetStep) -> None:
    lines.one_at_a_time(row.programme, "budget_steps")
    others = BudgetStep.objects.filter(
        programme=row.programme, organisation=row.organisation, key=row.key
    ).exclude(pk=row.pk)
    if others.exists():
        raise Invalid(
            "step_recorded_already",
            f"The budget calendar of {row.organisation.name} has a step “{row.key}” already.",
            field="key",
        )
