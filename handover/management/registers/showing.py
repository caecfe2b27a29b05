"""Showing lines of registers, curves, calendars and requests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from handover.actions.lines import columns, fact
from handover.canonical import decimal_text
from handover.management.tables import table
from handover.models import BudgetLine, Contract, Equipment, Licence, Post, Premises
from handover.models.registers import Register
from handover.queries.budget_calendar import Due
from handover.queries.budget_request import Request
from handover.queries.budgets import Curve


def document(row: Register) -> dict[str, Any]:
    """Give a line for machines: every column, references as UUIDs."""
    return {
        "uuid": row.uuid,
        "version": row.version,
        "responsibility": row.responsibility.uuid,
        **{name: fact(field, getattr(row, name)) for name, field in columns(type(row)).items()},
    }


def summary(row: Register) -> str:
    """Say the most of a line in one line."""
    said: Sequence[str]
    match row:
        case Post():
            said = (
                f"{decimal_text(row.fte)} FTE",
                row.funded_by,
                _span(row.starts_on, row.ends_on),
                row.stage,
            )
        case Equipment():
            said = (_money(row.cost, row.currency), row.inventory_number or row.serial, row.title_of_transfer)
        case Premises():
            said = (row.address, row.held_by, _span(row.valid_from, row.valid_to))
        case Licence():
            said = (row.number, row.kind, _span(row.valid_from, row.valid_to))
        case Contract():
            said = (row.number, row.counterparty, _money(row.amount, row.currency))
        case BudgetLine():
            said = (
                str(row.year),
                row.source,
                _money(row.amount, row.currency),
                row.stage,
                row.classification,
            )
        case _:
            said = ()
    return ", ".join(text for text in said if text)


def _money(amount: Decimal, currency: str) -> str:
    return f"{amount:,.2f} {currency}"


def _span(first: object, last: object) -> str:
    return f"{first} to {last}" if last else f"from {first}"


def listed(rows: Sequence[Register]) -> Iterator[str]:
    """List lines of a register, with the first characters of what names each."""
    texts = [(str(row.uuid)[:8], row.title, summary(row)) for row in rows]
    yield from table(("LINE", "TITLE", "WHAT IT SAYS"), texts, empty="No line is entered.")


def curve_document(curve: Curve) -> dict[str, Any]:
    """Give a curve for machines."""
    return {
        "currency": curve.currency,
        "years": [
            {
                "year": year.year,
                "total": year.total,
                "by_source": {source.value: amount for source, amount in year.by_source().items()},
                "by_certainty": {level.value: amount for level, amount in year.by_certainty().items()},
                "amounts": [
                    {"source": source.value, "certainty": level.value, "amount": amount}
                    for (source, level), amount in sorted(year.amounts.items())
                ],
            }
            for year in curve.years
        ],
    }


def calendar_document(found: Sequence[Due]) -> list[dict[str, Any]]:
    """Give a calendar for machines."""
    return [
        {
            "step": due.step.uuid,
            "key": due.step.key,
            "title": due.step.title,
            "on": due.on,
            "state": due.state.value,
            "why": due.why,
            "source": due.step.source,
        }
        for due in found
    ]


def request_document(request: Request) -> dict[str, Any]:
    """Give a request for machines."""
    return {
        "year": request.year,
        "currency": request.currency,
        "asked": request.asked,
        "grant_paid_year_before": request.granted,
        "rows": [
            {
                "responsibility": row.responsibility.uuid,
                "responsibility_title": row.responsibility.title,
                "title": row.title,
                "classification": row.classification,
                "fte": row.fte,
                "posts_cost": row.posts_cost,
                "other_costs": row.other,
                "source": row.source.value if row.source else None,
                "asked": row.asked,
                "stage": row.stage.value if row.stage else None,
                "grant_paid_year_before": row.granted,
            }
            for row in request.rows
        ],
        "notes": list(request.notes),
    }


def request_lines(request: Request) -> Iterator[str]:
    """Tell a request, responsibility by responsibility."""
    if not request.rows:
        yield f"Nothing is asked for {request.year}, and the grant paid nothing in {request.year - 1}."
        return
    before = None
    for row in request.rows:
        if row.responsibility != before:
            yield row.responsibility.title
            before = row.responsibility
        yield f"  {row.title}" + (f"  [{row.classification}]" if row.classification else "")
        if row.source is None:
            yield f"    nobody is asked for it; the grant paid {row.granted:,.2f} in {request.year - 1}"
            continue
        stage = row.stage.label if row.stage else "no line is entered"
        said = [f"{row.asked:,.2f} {request.currency} from the {row.source.label} ({stage})"]
        if row.posts_cost or row.fte:
            said.append(
                f"posts {row.posts_cost:,.2f} for {decimal_text(row.fte)} FTE, other {row.other:,.2f}"
            )
        if row.granted:
            said.append(f"the grant paid {row.granted:,.2f} in {request.year - 1}")
        yield from (f"    {text}" for text in said)
    yield f"Together {request.asked:,.2f} {request.currency}; the grant paid {request.granted:,.2f} the year before."
    yield from (f"! {note}" for note in request.notes)
