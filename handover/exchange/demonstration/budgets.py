"""Loading registers, rates and budget calendars through the actions, in the order in which rows refer to each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

from handover.access import Actor, asking
from handover.actions import budgets, posts, registers
from handover.errors import Invalid
from handover.exchange.documents import organisation_of
from handover.models import (
    BudgetLine,
    Contract,
    Equipment,
    Grant,
    Licence,
    Post,
    Premises,
    Programme,
)
from handover.models.registers import Register

Row = Mapping[str, Any]

SECTIONS: Final[Mapping[str, type[Register]]] = {
    "posts": Post,
    "contracts": Contract,
    "premises": Premises,
    "equipment": Equipment,
    "licences": Licence,
    "accreditations": Licence,
    "budget_lines": BudgetLine,
}
"""The sections of a document, in the order in which one may refer to another."""
RENAMED: Final = {"from": "starts_on", "to": "ends_on"}
BY_NAME: Final = {"legal_act": "legal_act", "place": "place", "contract": "contracts"}
"""Columns that name something by its key, and what its key begins with in the names."""
ORGANISATIONS: Final = frozenset({"employer", "owner", "custodian", "provider"})


def load(
    programme: Programme, rows: Mapping[str, Any], *, by: Actor, names: Mapping[str, UUID]
) -> Mapping[str, UUID]:
    """Load ``{"posts": […], "equipment": […], …, "rates": […], "calendars": […], "steps": […]}``.

    Rows name responsibilities, legal acts, places and contracts by key, organisations by slug, a grant by its number.
    A post may carry ``funding``: who pays which share of it on which days.

    Returns:
        ``SECTION:KEY``.

    Raises:
        Invalid: the first thing that is wrong, with its row and field; nothing is loaded by the one who opened the
            transaction.
    """
    added: dict[str, UUID] = {}
    for section, register in SECTIONS.items():
        for row in rows.get(section, ()):
            known = {**names, **added}
            added[f"{section}:{row['key']}"] = _enter(programme, section, register, row, by=by, names=known)
    for row in rows.get("rates", ()):
        with _named("rates", row):
            made = budgets.rate(by=by, programme_uuid=programme.uuid, **_without(row, "key"))
            added[f"rates:{row['key']}"] = made.uuid
    for row in rows.get("calendars", ()):
        with _named("calendars", row):
            budgets.adopt_steps(
                by=by,
                programme_uuid=programme.uuid,
                organisation=organisation_of(row["organisation"], "organisation"),
                country=row.get("country", ""),
                language=row.get("language", "en"),
            )
    for row in rows.get("steps", ()):
        with _named("steps", row):
            step = budgets.step(
                by=by,
                programme_uuid=programme.uuid,
                organisation=organisation_of(row["organisation"], "organisation"),
                **{"key": row["step"], **_without(row, "key", "organisation", "step")},
            )
            added[f"steps:{row['key']}"] = step.uuid
    return added


def _enter(
    programme: Programme,
    section: str,
    register: type[Register],
    row: Row,
    *,
    by: Actor,
    names: Mapping[str, UUID],
) -> UUID:
    with _named(section, row):
        line = registers.enter(
            by=by,
            register=register,
            responsibility_uuid=_key(names, "responsibility", row["responsibility"], "responsibility"),
            **_columns(programme, _without(row, "key", "responsibility", "funding"), by=by, names=names),
        )
        for share in row.get("funding", ()):
            posts.fund(
                by=by,
                post_uuid=line.uuid,
                **{RENAMED.get(name, name): value for name, value in share.items()},
            )
    return line.uuid


def _columns(programme: Programme, row: Row, *, by: Actor, names: Mapping[str, UUID]) -> dict[str, Any]:
    """Give a row as its model's columns, texts as they are: the action reads them."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        column = RENAMED.get(name, name)
        if name in BY_NAME:
            found[column] = _key(names, BY_NAME[name], value, name)
        elif name in ORGANISATIONS:
            found[column] = organisation_of(value, name)
        elif name == "grant":
            found[column] = _grant(programme, value, by=by)
        else:
            found[column] = value
    return found


def _key(names: Mapping[str, UUID], kind: str, key: str, field: str) -> UUID:
    if f"{kind}:{key}" not in names:
        raise Invalid(f"unknown_{field}", f"There is no {field.replace('_', ' ')} “{key}”.", field=field)
    return names[f"{kind}:{key}"]


def _grant(programme: Programme, number: str, *, by: Actor) -> Grant:
    with asking(by):
        found = Grant.objects.filter(programme=programme, agreement_number=number).first()
    if found is None:
        raise Invalid("unknown_grant", f"There is no grant “{number}” in this programme.", field="grant")
    return found


def _without(row: Row, *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


@contextmanager
def _named(section: str, row: Row) -> Iterator[None]:
    """Say of which row a refusal is."""
    try:
        yield
    except Invalid as error:
        field = error.details.get("field", "")
        at = f"{section}[{row.get('key', '?')}]" + (f".{field}" if field else "")
        raise Invalid(error.code, error.sentence, **{**error.details, "field": at}) from error
