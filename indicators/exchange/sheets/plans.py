"""How a sheet is read, written down as JSON, so that it can be kept: which columns mean what, in which marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Final, Self

from handover.errors import Invalid
from indicators.exchange.sheets import dates, numbers
from indicators.exchange.sheets.cells import letters

VERSION: Final = 1
LONG: Final = "long"
WIDE: Final = "wide"
PERIODS_OF_DATE: Final = ("day", "month", "quarter", "half", "year")


class Role(StrEnum):
    """What a column is read as."""

    INDICATOR = "indicator"
    START = "start"
    END = "end"
    PERIOD = "period"
    VALUE = "value"
    PLACE = "place"
    NUMERATOR = "numerator"
    DENOMINATOR = "denominator"
    COMMENT = "comment"
    REVISION = "revision"
    SOURCE = "source"
    REASON = "reason"
    DIMENSION = "dimension"
    WIDE = "wide"
    IGNORED = "ignored"


MEASURES: Final = (Role.VALUE, Role.NUMERATOR, Role.DENOMINATOR)
TEXTS: Final = (Role.COMMENT, Role.REVISION, Role.SOURCE, Role.REASON)


@dataclass(frozen=True, slots=True)
class PlanColumn:
    """One column: its role, its marks, and for a wide one what its heading says.

    Args:
        index: from 0.
        dimension: the axis, if the role is ``dimension``.
        unit: for a period's part such as a quarter: the word that its bare numbers need to be read.
        decimal: ``.`` or ``,``; empty: only numbers that need no decision are read.
        percent: ``all`` cells are per cent, or plain ones among them are ``percent`` or ``fraction``; empty: none is.
        order: of dates that need one.
        measure: of a wide column: value, numerator or denominator.
        period: of a wide column: as in its heading, perhaps without the year.
        day: of a wide column: the date in its heading, whose period ``Plan.period_of_date`` says.
    """

    index: int
    heading: str = ""
    role: Role = Role.IGNORED
    dimension: str = ""
    unit: str = ""
    decimal: str = ""
    percent: str = ""
    order: str = ""
    measure: str = "value"
    period: str = ""
    day: str = ""
    indicator: str = ""
    categories: Mapping[str, str] = field(default_factory=dict)

    @property
    def letters(self) -> str:
        """Give the column's name in a spreadsheet."""
        return letters(self.index)

    @property
    def measured(self) -> str:
        """Give which of value, numerator and denominator the column holds; empty for none."""
        if self.role is Role.WIDE:
            return self.measure
        return str(self.role) if self.role in MEASURES else ""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a sheet is read. ``header`` is the last row of the headings; what stands up to there is not data."""

    header: int
    layout: str
    columns: tuple[PlanColumn, ...]
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    indicator: str = ""
    period: str = ""
    place: str = ""
    period_of_date: str = ""

    def of(self, *roles: Role) -> list[PlanColumn]:
        """Give the columns of these roles."""
        return [column for column in self.columns if column.role in roles]

    def measured(self) -> list[PlanColumn]:
        """Give the columns that hold numbers of values."""
        return [column for column in self.columns if column.measured]

    def as_json(self) -> dict[str, Any]:
        """Give the plan as a JSON object."""
        said = asdict(self)
        said["columns"] = [{**asdict(column), "role": str(column.role)} for column in self.columns]
        return {"version": VERSION, **said}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        """Read a plan from a JSON object.

        Raises:
            Invalid: it is none.
        """
        try:
            if said["version"] != VERSION:
                raise ValueError(said["version"])
            columns = tuple(_column(item) for item in said["columns"])
            own = {name: said[name] for name in _names(cls) - {"columns"} if name in said}
            plan = cls(**own, columns=columns)
            _check(plan)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Invalid(
                "wrong_plan", "This does not say how a sheet is read; make it anew from the file."
            ) from error
        return plan


def _names(kind: type) -> set[str]:
    return {item.name for item in fields(kind)}


def _column(said: Mapping[str, Any]) -> PlanColumn:
    own = {name: said[name] for name in _names(PlanColumn) if name in said}
    return PlanColumn(**{**own, "role": Role(own["role"]), "categories": dict(own.get("categories", {}))})


def _check(plan: Plan) -> None:
    """Judge what somebody may have written by hand."""
    texts = [plan.indicator, plan.period, plan.place]
    for column in plan.columns:
        texts += [column.heading, column.dimension, column.unit, column.period, column.day, column.indicator]
        texts += [*column.categories, *column.categories.values()]
        right = (
            column.decimal in ("", *numbers.MARKS)
            and column.percent in ("", "all", "percent", "fraction")
            and column.order in ("", *dates.ORDERS)
            and column.measure in MEASURES
            and column.index >= 0
        )
        if not right:
            raise ValueError(column)
    if (
        plan.layout not in (LONG, WIDE)
        or plan.period_of_date not in ("", *PERIODS_OF_DATE)
        or plan.header < 0
    ):
        raise ValueError(plan.layout)
    if not all(isinstance(text, str) for text in texts) or len(
        {column.index for column in plan.columns}
    ) != len(plan.columns):
        raise ValueError(plan.columns)
