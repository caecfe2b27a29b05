"""Sheets to fill in: one indicator and one period, groups down, places across, as the definition has them.

What a sheet consists of goes with it through the browser, so that a page that was opened an hour ago is read as it was
shown, whatever was reported meanwhile.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from math import prod
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef

from handover.canonical import decimal_text
from handover.models import Place, Programme
from handover.models.programmes import ProgrammePlace
from indicators.models import Axis, Draft, Indicator, Period, Value
from indicators.models.axes import UNKNOWN
from indicators.models.cells import TOTAL, cell, parse_cell
from indicators.models.codes import Aggregation, Measure
from indicators.queries.rules import rules
from indicators.queries.values import current

MOST_GROUPS: Final = 60
"""Groups on one sheet; beyond, each axis stands alone."""
MOST_PLACES: Final = 12
"""Places of a programme that the sheet of a new indicator has by itself."""
SHAPED_BY: Final = 4
"""Periods before, whose groups and places a sheet has again."""
MOST_FIELDS: Final = 800
"""Fields on one page."""

Span = tuple[dt.date, dt.date]
Slot = tuple[UUID | None, str]
"""A place and a group."""


@dataclass(frozen=True)
class Known:
    """A value that stands, or is drafted, in a slot."""

    value: Decimal | None
    value_text: str | None
    numerator: Decimal | None
    denominator: Decimal | None
    uuid: UUID
    revision: int = 0
    reporter: str = ""


@dataclass(kw_only=True)
class Sheet:
    """One indicator in one period."""

    indicator: Indicator
    starts_on: dt.date
    ends_on: dt.date
    cells: Sequence[str]
    places: Sequence[UUID | None]
    shares: bool
    """Filled in by numerator and denominator; the share is computed."""
    standing: Mapping[Slot, Known] = field(default_factory=dict)
    drafted: Mapping[Slot, Known] = field(default_factory=dict)
    before: Mapping[Slot, Known] = field(default_factory=dict)
    """What was reported for the period before."""
    before_span: Span | None = None
    axes: Sequence[Axis] = ()
    """Those of the programme."""

    @property
    def slots(self) -> list[tuple[int, int, Slot]]:
        """Give all slots with their row and their column."""
        return [
            (row, column, (place, name))
            for row, name in enumerate(self.cells)
            for column, place in enumerate(self.places)
        ]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Give what is entered in a slot: ``v`` the value, ``n`` and ``d`` what a share is made of."""
        return ("n", "d") if self.shares else ("v",)

    @property
    def adds_groups(self) -> bool:
        """Tell whether the groups of a place make a total."""
        return rules(self.indicator).groups in {Aggregation.SUM, Aggregation.WEIGHTED} and self._counts

    @property
    def adds_places(self) -> bool:
        """Tell whether the places of a group make a total."""
        return rules(self.indicator).places in {Aggregation.SUM, Aggregation.WEIGHTED} and self._counts

    @property
    def _counts(self) -> bool:
        return self.shares or self.indicator.measure == Measure.UNIT


@dataclass(frozen=True)
class Layout:
    """What was shown of a sheet: its key, and the revision that stood in each slot then."""

    indicator: UUID
    starts_on: dt.date
    ends_on: dt.date
    cells: Sequence[str]
    places: Sequence[UUID | None]
    shares: bool
    seen: Sequence[int]


def written(sheets: Iterable[Sheet]) -> str:
    """Write what is shown as text, to come back with what is entered."""
    return json.dumps(
        [
            [
                str(sheet.indicator.uuid),
                sheet.starts_on.isoformat(),
                sheet.ends_on.isoformat(),
                list(sheet.cells),
                [str(place) if place else "" for place in sheet.places],
                sheet.shares,
                [
                    sheet.standing[slot].revision if slot in sheet.standing else 0
                    for _, _, slot in sheet.slots
                ],
            ]
            for sheet in sheets
        ],
        ensure_ascii=False,
        separators=(",", ":"),
    )


def read(text: str) -> list[Layout]:
    """Read it again.

    Raises:
        ValueError: it is not what was written.
    """
    found = []
    try:
        for indicator, first, last, cells, places, shares, seen in json.loads(text):
            for name in cells:
                parse_cell(name)
            if len(seen) != len(cells) * len(places):
                raise ValueError("not as many revisions as slots")
            layout = Layout(
                indicator=UUID(indicator),
                starts_on=dt.date.fromisoformat(first),
                ends_on=dt.date.fromisoformat(last),
                cells=[str(name) for name in cells],
                places=[UUID(place) if place else None for place in places],
                shares=bool(shares),
                seen=[int(number) for number in seen],
            )
            found.append(layout)
    except (TypeError, AttributeError, RecursionError) as error:
        raise ValueError("no layout") from error
    return found


def sheets_for(
    programme: Programme,
    wanted: Sequence[tuple[Indicator, Span]],
    *,
    cutoff: dt.datetime | None,
    drafts: Iterable[Draft] = (),
    layouts: Sequence[Layout] = (),
    all_places: bool = False,
) -> list[Sheet]:
    """Draw up the sheets of some indicators and periods, in a number of queries that depends on nothing.

    Args:
        drafts: rows of a submission that are to be changed.
        layouts: what was shown before; those sheets have the same groups and places again.
        all_places: every place of the programme, not only those that were reported for before.
    """
    axes = list(Axis.objects.filter(programme=programme).order_by("position", "id"))
    own = _places_of(programme)
    periods = _periods(wanted)
    asked = {key for known in periods.values() for key in (known.now, *known.before) if key}
    values = _values(programme, sorted(asked), cutoff)
    drafted: dict[tuple[int, Span], dict[Slot, Known]] = {}
    for draft in drafts:
        key = (draft.indicator_id, (draft.starts_on, draft.ends_on))
        drafted.setdefault(key, {})[_slot(draft)] = _known(draft)
    shown = {(layout.indicator, (layout.starts_on, layout.ends_on)): layout for layout in layouts}
    found = []
    for indicator, days in wanted:
        known = periods[indicator.pk, days]
        standing = values.get(known.now, {})
        before = [values.get(key, {}) for key in known.before]
        earlier = before[0] if before else {}
        mine = drafted.get((indicator.pk, days), {})
        layout = shown.get((indicator.uuid, days))
        slots = [*standing, *(slot for each in before for slot in each), *mine]
        sheet = Sheet(
            indicator=indicator,
            starts_on=days[0],
            ends_on=days[1],
            cells=layout.cells if layout else _cells(indicator, axes, [name for _, name in slots]),
            places=layout.places if layout else _columns(own, [place for place, _ in slots], all_places),
            shares=layout.shares if layout else _by_parts(indicator, [*standing.values(), *earlier.values()]),
            standing=standing,
            drafted=mine,
            before=earlier,
            before_span=known.before_span,
            axes=axes,
        )
        found.append(sheet)
    return found


@dataclass(frozen=True)
class _Around:
    """The period of a sheet, where it is there, and those before it that have values, the last one first."""

    now: int | None
    before: Sequence[int]
    before_span: Span | None


def _periods(wanted: Sequence[tuple[Indicator, Span]]) -> dict[tuple[int, Span], _Around]:
    """Give the period of each indicator and span, and the last ones before it that have values; in one query."""
    there = Value.objects.filter(period=OuterRef("pk"))
    rows = (
        Period.objects.filter(
            indicator__in={row.pk for row, _ in wanted}, starts_on__isnull=False, ends_on__isnull=False
        )
        .annotate(there=Exists(there))
        .order_by("position", "id")
        .values_list("pk", "indicator_id", "starts_on", "ends_on", "there")
    )
    known: dict[int, list[tuple[int, Span, bool]]] = {}
    for key, indicator, first, last, has_values in rows:
        if first is not None and last is not None:
            known.setdefault(indicator, []).append((key, (first, last), has_values))
    found: dict[tuple[int, Span], _Around] = {}
    for row, days in wanted:
        mine = known.get(row.pk, [])
        now = next((key for key, each, _ in mine if each == days), None)
        earlier = [(each, key) for key, each, has_values in mine if has_values and each[1] < days[0]]
        latest = sorted(earlier, key=lambda item: (item[0][1], item[0][0]), reverse=True)[:SHAPED_BY]
        found[row.pk, days] = _Around(now, [key for _, key in latest], latest[0][0] if latest else None)
    return found


def _values(
    programme: Programme, periods: Sequence[int], cutoff: dt.datetime | None
) -> dict[int | None, dict[Slot, Known]]:
    found: dict[int | None, dict[Slot, Known]] = {}
    rows = current(programme, cutoff=cutoff).filter(period__in=periods, position=0).select_related("place")
    for value in rows:
        found.setdefault(value.period_id, {})[_slot(value)] = _known(value)
    return found


def _slot(row: Value | Draft) -> Slot:
    return (row.place.uuid if row.place else None, row.cell)


def _known(row: Value | Draft) -> Known:
    return Known(
        value=row.value,
        value_text=row.value_text,
        numerator=row.numerator,
        denominator=row.denominator,
        uuid=row.uuid,
        revision=row.revision,
        reporter=getattr(row, "reporter_name", ""),
    )


def _places_of(programme: Programme) -> list[UUID]:
    used = ProgrammePlace.objects.filter(programme=programme).values("place_id")
    return list(Place.objects.filter(pk__in=used).order_by("country", "name").values_list("uuid", flat=True))


def _columns(own: Sequence[UUID], used: Sequence[UUID | None], every: bool) -> list[UUID | None]:
    """Give the places of a sheet: those that were reported for; of a new indicator the programme's, where few."""
    more = own if every or (not used and len(own) <= MOST_PLACES) else ()
    whole: list[UUID | None] = [None] if None in used or not used else []
    named = [place for place in own if place in set(used) or place in more]
    return [
        *whole,
        *named,
        *[place for place in dict.fromkeys(used) if place is not None and place not in own],
    ]


def _cells(indicator: Indicator, axes: Sequence[Axis], used: Sequence[str]) -> list[str]:
    """Give the groups of a sheet: those of the definition, and those that were reported before; everybody last."""
    declared = list(_groups(indicator, axes))
    grouped = list(dict.fromkeys([*declared, *sorted(name for name in set(used) if name)]))
    # Where groups make the total nobody has to enter it, unless it was entered before.
    total = (
        not grouped or TOTAL in used or rules(indicator).groups not in {Aggregation.SUM, Aggregation.WEIGHTED}
    )
    return [*grouped, TOTAL] if total else grouped


def _groups(indicator: Indicator, axes: Sequence[Axis]) -> Iterable[str]:
    named = [
        (axis.name, [*(str(item["code"]) for item in axis.categories), UNKNOWN])
        for axis in axes
        if axis.name in indicator.axes
    ]
    if not named:
        return
    together = prod(len(codes) for _, codes in named) <= MOST_GROUPS
    for pairs in [named] if together else [[pair] for pair in named]:
        for choice in product(*(dict.fromkeys(codes) for _, codes in pairs)):
            yield cell({"name": name, "value": code} for (name, _), code in zip(pairs, choice, strict=True))


def _by_parts(indicator: Indicator, known: Sequence[Known]) -> bool:
    """Tell whether a share is entered by its parts: unless it was reported without them before."""
    if indicator.measure != Measure.PERCENTAGE:
        return False
    return not known or any(each.denominator is not None for each in known)


def entered(sheet: Sheet, slot: Slot, kind: str) -> str:
    """Give what stands in a field when the page is opened: what is drafted, else what stands."""
    known = sheet.drafted.get(slot) or sheet.standing.get(slot)
    if known is None:
        return ""
    if kind == "n":
        return decimal_text(known.numerator) if known.numerator is not None else ""
    if kind == "d":
        return decimal_text(known.denominator) if known.denominator is not None else ""
    return decimal_text(known.value) if known.value is not None else known.value_text or ""


def fields(sheets: Iterable[Sheet]) -> int:
    """Count the fields of some sheets."""
    return sum(len(sheet.slots) * len(sheet.kinds) for sheet in sheets)


def named_places(sheets: Iterable[Sheet]) -> dict[UUID, str]:
    """Give the names of all places of some sheets, in one query."""
    keys = {place for sheet in sheets for place in sheet.places if place is not None}
    return dict(Place.objects.filter(uuid__in=keys).values_list("uuid", "name")) if keys else {}


def fieldname(sheet: int, row: int, column: int, kind: str) -> str:
    """Name a field of the page."""
    return f"{kind}-{sheet}-{row}-{column}"


def seen_in(layout: Layout) -> dict[Slot, int]:
    """Give the revision that stood in each slot when the page was opened."""
    slots = [(place, name) for name in layout.cells for place in layout.places]
    return dict(zip(slots, layout.seen, strict=True))
