"""Lines of registers, each with what it cannot do without; ``fields`` say the rest."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from handover.access import Actor
from handover.actions import budgets, registers
from handover.models import BudgetLine, Equipment, ExchangeRate, Post, Programme, Responsibility

FIRST = dt.date(2024, 1, 1)


def post(responsibility: Responsibility, *, by: Actor, **fields: Any) -> Post:
    """Enter a whole post that the grant pays from 2024 on."""
    said = {"title": "Mediator", "fte": "1.00", "funded_by": "grant", "starts_on": FIRST}
    return registers.enter(
        by=by, register=Post, responsibility_uuid=responsibility.uuid, **{**said, **fields}
    )


def item(responsibility: Responsibility, *, by: Actor, **fields: Any) -> Equipment:
    """Enter an item of 6,000 EUR."""
    said = {"title": "Van", "acquired_on": FIRST, "cost": "6000", "currency": "EUR"}
    return registers.enter(
        by=by, register=Equipment, responsibility_uuid=responsibility.uuid, **{**said, **fields}
    )


def line(
    responsibility: Responsibility, *, by: Actor, amount: Decimal | str = "12000", **fields: Any
) -> BudgetLine:
    """Enter a budget line of 2025 that the municipality pays."""
    said = {"title": "Running costs", "year": 2025, "source": "municipality", "currency": "EUR"}
    return registers.enter(
        by=by,
        register=BudgetLine,
        responsibility_uuid=responsibility.uuid,
        amount=amount,
        **{**said, **fields},
    )


def rated(
    programme: Programme, *, by: Actor, rate: str, since: str = "2024-01-01", **fields: Any
) -> ExchangeRate:
    """Enter what a euro is in lei."""
    said = {"currency": "EUR", "into": "RON", "source": "A bank", **fields}
    return budgets.rate(by=by, programme_uuid=programme.uuid, rate=rate, since=since, **said)
