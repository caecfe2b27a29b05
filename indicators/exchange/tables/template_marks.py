"""What a template says of itself to the import: a sheet that nobody sees, which holds whatever language people read.

Rows of three texts, ``kind, key, text``: facts of the template, the role of each column, and what each label means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

SHEET: Final = "handover"
VERSION: Final = "1"
TEMPLATE: Final = "template"
COLUMN: Final = "column"
INDICATOR: Final = "indicator"
PLACE: Final = "place"
AXIS: Final = "axis"
CATEGORY: Final = "category:"


@dataclass(frozen=True)
class Marks:
    """A template's own account of itself.

    Args:
        facts: ``version``, ``programme`` (UUID), ``downloaded_at``, ``sheet``, ``heading_row``, ``first_row``.
        columns: machine name by letters; an axis as ``dimension=NAME``.
        indicators: UUID by label.
        places: country and code by label.
        axes: name by label.
        categories: for each axis, code by label.
    """

    facts: Mapping[str, str]
    columns: Mapping[str, str]
    indicators: Mapping[str, str]
    places: Mapping[str, str]
    axes: Mapping[str, str]
    categories: Mapping[str, Mapping[str, str]]

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """Write them as rows."""
        yield from ((TEMPLATE, name, text) for name, text in self.facts.items())
        yield from ((COLUMN, letters, name) for letters, name in self.columns.items())
        yield from ((INDICATOR, key, label) for label, key in self.indicators.items())
        yield from ((PLACE, key, label) for label, key in self.places.items())
        yield from ((AXIS, key, label) for label, key in self.axes.items())
        for axis, codes in self.categories.items():
            yield from ((f"{CATEGORY}{axis}", code, label) for label, code in codes.items())


def read(rows: Iterable[Sequence[str]]) -> Marks | None:
    """Read the hidden sheet again; ``None`` for what is none, or of a version that is not known here."""
    kinds: dict[str, dict[str, str]] = {}
    labels: dict[str, dict[str, str]] = {}
    for row in rows:
        kind, key, text = (*(str(cell) for cell in row[:3]), "", "", "")[:3]
        kinds.setdefault(kind, {})[key] = text
        labels.setdefault(kind, {})[text] = key
    facts = kinds.get(TEMPLATE, {})
    if facts.get("version") != VERSION:
        return None
    return Marks(
        facts=facts,
        columns=kinds.get(COLUMN, {}),
        indicators=labels.get(INDICATOR, {}),
        places=labels.get(PLACE, {}),
        axes=labels.get(AXIS, {}),
        categories={
            kind.removeprefix(CATEGORY): found for kind, found in labels.items() if kind.startswith(CATEGORY)
        },
    )
