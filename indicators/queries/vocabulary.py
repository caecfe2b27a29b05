"""What a programme's indicators, places and groups are called, in every language: for reading sheets that people wrote.

Names are pairs of name and key; a name may stand for several things, which whoever reads has to tell apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handover.models import Place, Programme
from handover.models.programmes import ProgrammePlace
from handover.narratives import Narrative
from indicators.models import Axis, Indicator, Value
from indicators.models.axes import UNKNOWN
from indicators.models.cells import parse_cell
from indicators.models.codes import NUMERIC_MEASURES, Measure
from indicators.queries import axes

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Names:
    """What is called how.

    Args:
        indicators: title, code or UUID, to the UUID as text.
        places: name or code, to ``COUNTRY:CODE``; of places elsewhere that alone.
        axes: for each axis, title or code of a category, to its code.
        axis_names: title of an axis, to its name.
        textual: UUIDs of indicators whose values are words.
        shares: UUIDs of indicators whose values are per cent.
    """

    indicators: Pairs
    places: Pairs
    axes: Mapping[str, Pairs]
    axis_names: Pairs
    textual: frozenset[str]
    shares: frozenset[str]


def names(programme: Programme) -> Names:
    """Read a programme's names, in five queries. Inside ``access.asking``.

    Along an axis that the programme did not declare, the categories that its values name already mean themselves.
    """
    rows = list(Indicator.objects.filter(programme=programme).select_related("result"))
    here = Place.objects.filter(pk__in=ProgrammePlace.objects.filter(programme=programme).values("place"))
    codes = [f"{country}:{code}" for country, code in Place.objects.values_list("country", "code")]
    own = list(Axis.objects.filter(programme=programme))
    categories = {axis.name: list(_categories(axis.categories)) for axis in own}
    titles = [(text, axis.name) for axis in own for text in _texts(axis.title)]
    for name, standard in axes.standard().items():
        if name not in categories:
            categories[name] = [
                *((code, code) for code in standard.categories),
                *((title, code) for code, said in standard.categories.items() for title in said.values()),
            ]
            titles += [(title, name) for title in standard.title.values()]
    declared = {axis.name for axis in own}
    for name, value in _used(programme):
        if name not in declared and (value, value) not in categories.setdefault(name, []):
            categories[name].append((value, value))
    unknown = [(UNKNOWN, UNKNOWN), *((title, UNKNOWN) for title in axes.unknown_title().values())]
    return Names(
        indicators=[pair for row in rows for pair in _indicator(row)],
        places=[*(pair for place in here for pair in _place(place)), *((code, code) for code in codes)],
        axes={name: [*pairs, *unknown] for name, pairs in categories.items()},
        axis_names=titles,
        textual=frozenset(str(row.uuid) for row in rows if row.measure not in NUMERIC_MEASURES),
        shares=frozenset(str(row.uuid) for row in rows if row.measure == Measure.PERCENTAGE),
    )


def _used(programme: Programme) -> Iterator[tuple[str, str]]:
    cells = (
        Value.objects.filter(programme=programme)
        .exclude(cell="")
        .order_by("cell")
        .values_list("cell", flat=True)
    )
    for cell in cells.distinct():
        for dimension in parse_cell(cell):
            yield dimension["name"], dimension["value"]


def _texts(narratives: Iterable[Narrative]) -> list[str]:
    return [item["text"] for item in narratives if item["text"]]


def _indicator(row: Indicator) -> Iterator[tuple[str, str]]:
    key = str(row.uuid)
    titles = _texts(row.title)
    codes = [str(item["code"]) for item in row.references if item.get("code")]
    for name in (*titles, *codes, key):
        yield name, key
    for title in titles:
        for before in (*_texts(row.result.title), *codes):
            yield f"{before} / {title}", key


def _place(place: Place) -> Iterator[tuple[str, str]]:
    key = f"{place.country}:{place.code}"
    for name in {place.name, place.name_latin, place.code, f"{place.name} ({key})"} - {""}:
        yield name, key


def _categories(said: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for item in said:
        code = str(item["code"])
        yield code, code
        for title in _texts(item.get("title") or ()):
            yield title, code
