"""The rows of a template: for each indicator its periods, and in each the groups that it is broken down into."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Final

from handover import access, clock
from handover.access import Actor
from handover.errors import Invalid, NotAllowed
from handover.models import Place, Programme
from handover.models.programmes import ProgrammePlace
from handover.narratives import best
from indicators.actions import entries
from indicators.exchange.tables.rows import Copy, amount, comment, nameable
from indicators.models import Axis, Indicator, Period
from indicators.models.axes import UNKNOWN
from indicators.models.cells import cell, parse_cell
from indicators.models.codes import NUMERIC_MEASURES, Frequency
from indicators.queries.export_rows import Raw
from indicators.queries.lateness import expected

Span = tuple[dt.date, dt.date]
MOST_GROUPS: Final = 300
"""Groups of one indicator and period; beyond, each axis stands alone."""
MOST_ROWS: Final = 100_000


@dataclass(frozen=True)
class Labels:
    """What stands in lists: keys by label, each label once."""

    indicators: Mapping[str, str]
    places: Mapping[str, str]
    axes: Mapping[str, str]
    categories: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Row:
    """One row to fill in; what was reported before stands in it."""

    indicator: Indicator
    start: dt.date
    end: dt.date
    place: str
    dimensions: Mapping[str, str]
    value: str = ""
    numerator: str = ""
    denominator: str = ""
    comment: str = ""
    revision: str = "0"

    @property
    def numeric(self) -> bool:
        """Tell whether only a number can be reported."""
        return self.indicator.measure in NUMERIC_MEASURES


def reportable(by: Actor, programme: Programme, indicators: Sequence[Indicator]) -> list[Indicator]:
    """Give the indicators that somebody may report, by responsibility; calculated ones nobody reports.

    Raises:
        NotAllowed: none of them.
    """
    groups: dict[int, list[Indicator]] = defaultdict(list)
    for item in indicators:
        if not item.expression:
            groups[item.responsibility_id or 0].append(item)
    found: set[int] = set()
    refused: NotAllowed | None = None
    for group in groups.values():
        try:
            entries.ask(by, programme, group, may=entries.REPORT)
            found |= {item.pk for item in group}
        except NotAllowed as error:
            owed = access.owed_indicators(by, programme, group[0].responsibility)
            found |= {item.pk for item in group if item.uuid in owed}
            refused = error
    if refused is not None and not found:
        raise refused
    return [item for item in indicators if item.pk in found]


def axes_of(programme: Programme) -> dict[str, Axis]:
    """Give the programme's axes by name, in their order."""
    return {axis.name: axis for axis in Axis.objects.filter(programme=programme).order_by("position", "id")}


def labels(
    programme: Programme, indicators: Sequence[Indicator], axes: Mapping[str, Axis], lang: str
) -> Labels:
    """Name indicators, places and categories in a language, each so that it cannot be taken for another."""
    used = ProgrammePlace.objects.filter(programme=programme).values("place_id")
    places = Place.objects.filter(pk__in=used).order_by("country", "code")
    return Labels(
        indicators=_labelled((str(item.uuid), best(item.title, lang)) for item in indicators),
        places=_labelled(
            (f"{item.country}:{item.code}", f"{item.name} ({item.country}:{item.code})") for item in places
        ),
        axes=_labelled((name, best(axis.title, lang) or name) for name, axis in axes.items()),
        categories={
            name: _labelled((code, _category(axis, code, lang)) for code in codes(axis))
            for name, axis in axes.items()
        },
    )


def _labelled(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, label in pairs:
        plain = " ".join(label.split())
        found[plain if plain and plain not in found else f"{plain} [{key[:8]}]".strip()] = key
    return found


def codes(axis: Axis) -> list[str]:
    """Give an axis's categories; those of whom it is not known are always among them."""
    named = [str(item["code"]) for item in axis.categories]
    return named if UNKNOWN in named else [*named, UNKNOWN]


def _category(axis: Axis, code: str, lang: str) -> str:
    found = next((item for item in axis.categories if item["code"] == code), None)
    return (best(found.get("title", ()), lang) if found else "") or code


def rows(
    copy: Copy, indicators: Sequence[Indicator], axes: Mapping[str, Axis], period: Span | None
) -> Iterator[Row]:
    """Give the rows, indicator by indicator, period by period.

    Raises:
        Invalid: more than ``MOST_ROWS``.
    """
    spans = _spans(copy.programme, indicators, period)
    current = _current(copy, spans)
    count = 0
    for item in indicators:
        groups = list(_groups(item, axes))
        for span in spans[item.pk]:
            known = current.get((item.pk, span), {})
            slots = dict.fromkeys([("", group) for group in groups] + list(known))
            for slot in slots:
                count += 1
                if count > MOST_ROWS:
                    raise Invalid(
                        "template_too_large",
                        f"The template would have more than {MOST_ROWS} rows: name indicators, or a period.",
                        field="indicator",
                    )
                yield _row(item, span, slot, known.get(slot))


def _row(item: Indicator, span: Span, slot: tuple[str, str], raw: Raw | None) -> Row:
    place, name = slot
    dimensions = {each["name"]: each["value"] for each in parse_cell(name)}
    if raw is None:
        return Row(item, *span, place, dimensions)
    return Row(
        item, *span, place, dimensions, amount(raw), raw.numerator, raw.denominator, comment(raw), raw.revision
    )  # fmt: skip


def _spans(
    programme: Programme, indicators: Sequence[Indicator], period: Span | None
) -> dict[int, list[Span]]:
    """Give each indicator's periods: what is asked for, those that it has, or the present one of its frequency."""
    if period is not None:
        return {item.pk: [period] for item in indicators}
    found: dict[int, list[Span]] = {item.pk: [] for item in indicators}
    dated = Period.objects.filter(
        programme=programme, indicator__in=indicators, starts_on__isnull=False, ends_on__isnull=False
    )
    for key, start, end in dated.order_by("starts_on", "ends_on").values_list(
        "indicator_id", "starts_on", "ends_on"
    ):
        if start is not None and end is not None and (start, end) not in found[key]:
            found[key].append((start, end))
    for item in indicators:
        if not found[item.pk] and item.frequency:
            found[item.pk] = expected(Frequency(item.frequency), clock.today(), clock.today())
    return found


def _groups(item: Indicator, axes: Mapping[str, Axis]) -> Iterator[str]:
    """Give the cells of an indicator: everybody, then each combination of categories along its axes."""
    yield ""
    named = [(name, codes(axes[name])) for name in item.axes if name in axes]
    if not named:
        return
    sets = [named] if prod(len(each) for _, each in named) <= MOST_GROUPS else [[pair] for pair in named]
    for pairs in sets:
        for choice in product(*(each for _, each in pairs)):
            yield cell({"name": name, "value": value} for (name, _), value in zip(pairs, choice, strict=True))


def _current(
    copy: Copy, spans: Mapping[int, Sequence[Span]]
) -> dict[tuple[int, Span], dict[tuple[str, str], Raw]]:
    """Give the values that stand by indicator and period, then place and cell; those that columns can name."""
    found: dict[tuple[int, Span], dict[tuple[str, str], Raw]] = defaultdict(dict)
    for raw in copy.raw():
        if raw.odd or raw.position != "0" or not nameable(raw.cell):
            continue
        span = dt.date.fromisoformat(raw.start), dt.date.fromisoformat(raw.end)
        if span in spans.get(raw.indicator_id, ()):
            found[raw.indicator_id, span][raw.place, raw.cell] = raw
    return found
