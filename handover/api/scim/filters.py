"""Filters: what a directory asks for, as a condition of the database. Equality, joined by ``and`` and ``or``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import reduce
from operator import and_, or_
from typing import Any, Final, NoReturn
from uuid import UUID

from django.db.models import Q
from scim2_models import InvalidFilterException
from scim2_models.path import (
    CompareOperator,
    Comparison,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
)

Condition = Callable[[Any], Q]

NOBODY: Final = Q(pk__in=[])

NOT_STORED: Final = re.compile("[\x00\ud800-\udfff]")
"""What is in no text of the database."""


def _uuid(column: str) -> Condition:
    def condition(value: Any) -> Q:
        try:
            return Q(**{column: UUID(str(value))})
        except ValueError:
            return NOBODY

    return condition


def _text(column: str) -> Condition:
    return lambda value: Q(**{column: str(value)})


def _active(value: Any) -> Q:
    both = Q(active=True, user__is_active=True)
    return both if value is True else ~both


PEOPLE: Final[Mapping[str, Condition]] = {
    "id": _uuid("uuid"),
    "externalid": _text("external_id"),
    "username": _text("user_name__iexact"),
    "emails": _text("user__email__iexact"),
    "emails.value": _text("user__email__iexact"),
    "active": _active,
}
"""What people are found by: attributes in lower case, as names of attributes have no case."""

GROUPS: Final[Mapping[str, Condition]] = {
    "id": _uuid("uuid"),
    "externalid": _text("external_id"),
    "displayname": _text("title__iexact"),
    "members": _uuid("members__user__uuid"),
    "members.value": _uuid("members__user__uuid"),
}
"""What groups are found by."""


class Conditions(FilterVisitor[Q]):
    """Turns a filter into a condition, or refuses it."""

    def __init__(self, known: Mapping[str, Condition], prefix: str = "") -> None:
        self.known = known
        self.prefix = prefix

    def visit_comparison(self, node: Comparison) -> Q:
        """Compare one attribute."""
        name = f"{self.prefix}{node.attr_path.attr}"
        name += f".{node.attr_path.sub_attr}" if node.attr_path.sub_attr else ""
        found = self.known.get(name.lower())
        if found is None or node.op is not CompareOperator.eq:
            self._refuse(str(node))
        if isinstance(node.value, str) and NOT_STORED.search(node.value):
            return NOBODY
        return found(node.value)

    def visit_logical_expr(self, node: LogicalExpr) -> Q:
        """Join conditions."""
        return reduce(and_ if node.op is LogicalOperator.and_ else or_, map(self.visit, node.terms))

    def visit_value_path(self, node: ValuePath) -> Q:
        """Compare inside ``emails[…]`` and ``members[…]``."""
        return Conditions(self.known, f"{node.attr_path.attr}.").visit(node.val_filter)

    def visit_present(self, node: Present) -> Q:
        """Refuse: what is asked for here is there always, or not kept."""
        self._refuse(str(node))

    def visit_not(self, node: Not) -> Q:
        """Refuse."""
        self._refuse(str(node))

    def _refuse(self, said: str) -> NoReturn:
        raise InvalidFilterException(
            detail=f"“{said}” is no filter here: compare {', '.join(self.known)} with eq, joined by and, or."
        )
