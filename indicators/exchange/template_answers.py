"""What a template, or a sheet with our own headings, answers of itself: so that nobody is asked about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from handover.cell_texts import unprotected
from handover.errors import Invalid
from handover.models import Programme
from indicators.exchange.sheets import headings
from indicators.exchange.sheets.cells import letters
from indicators.exchange.sheets.opening import Opened, open_file
from indicators.exchange.sheets.plans import Role
from indicators.exchange.sheets.vocabulary import AMBIGUOUS, Known, Vocabulary, plain
from indicators.exchange.tables import template_marks
from indicators.exchange.tables.rows import WRITTEN
from indicators.exchange.tables.template_marks import Marks
from indicators.exchange.tables.template_texts import LANGUAGES
from indicators.queries.vocabulary import Names, Pairs

OURS: Mapping[str, str] = {
    plain(text): name for texts in LANGUAGES.values() for name, text in texts.headings.items()
}
"""Headings of our templates in all languages: those are known in sheets that were made of a template, too."""


def vocabulary_of(names: Names) -> Vocabulary:
    """Give a programme's names to whoever reads sheets; what means two things is marked as such."""
    return Vocabulary(
        indicators=_mapped(names.indicators),
        places=_mapped(names.places),
        axes={axis: _mapped(pairs) for axis, pairs in names.axes.items()},
        axis_names=_mapped(names.axis_names),
        textual=names.textual,
    )


def _mapped(pairs: Pairs) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, key in pairs:
        if found.setdefault(name, key) != key:
            found[name] = AMBIGUOUS
    return found


def marks(opened: Opened, path: Path) -> Marks | None:
    """Read a template's hidden sheet; ``None`` where there is none."""
    if template_marks.SHEET not in [sheet.name for sheet in opened.sheets if sheet.hidden]:
        return None
    with open_file(path, name=opened.name, limits=opened.limits, sheet=template_marks.SHEET) as hidden:
        return template_marks.read([[unprotected(str(cell)) for cell in cells] for _, cells in hidden.rows()])


def refuse_others(found: Marks, programme: Programme) -> None:
    """Refuse the template of another programme.

    Raises:
        Invalid: it is.
    """
    if found.facts.get("programme") != str(programme.uuid):
        raise Invalid(
            "template_of_another",
            "This template was made for another programme; download the one of this programme.",
        )


def sheet_of(found: Marks, opened: Opened) -> str | None:
    """Give the sheet of values; the first that is not hidden, where somebody renamed it."""
    visible = [sheet.name for sheet in opened.sheets if not sheet.hidden]
    said = found.facts.get("sheet", "")
    return said if said in visible else next(iter(visible), None)


def extended(known: Vocabulary, found: Marks) -> Vocabulary:
    """Add what a template's labels mean; they go before what the names mean otherwise."""
    axes = {axis: dict(names) for axis, names in known.axes.items()}
    for axis, labels in found.categories.items():
        axes.setdefault(axis, {}).update(labels)
    return replace(
        known,
        indicators={**_others(known.indicators, found.indicators), **found.indicators},
        places={**_others(known.places, found.places), **found.places},
        axes=axes,
        axis_names={**_others(known.axis_names, found.axes), **found.axes},
    )


def _others(names: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, str]:
    """Leave out names that a label of the template decides."""
    decided = {plain(label) for label in labels}
    return {name: key for name, key in names.items() if plain(name) not in decided}


def answers(opened: Opened, known: Vocabulary, found: Marks | None) -> dict[str, str]:
    """Answer for the columns whose headings are ours and say nothing to whoever reads sheets."""
    said: dict[str, str] = {}
    number, cells = next(opened.rows(), (0, []))
    if found is not None and number == int(found.facts.get("heading_row") or 1):
        said["header"] = str(number)
    ready = Known(known)
    titles = [unprotected(headings.text_of(cell)) for cell in cells]
    taken = {column.role for title in titles if (column := headings.column_of(0, title, ready)) is not None}
    for index, title in enumerate(titles):
        if headings.column_of(index, title, ready) is not None:
            continue
        letter = letters(index)
        name = OURS.get(plain(title), "") or (found.columns.get(letter, "") if found else "")
        axis = name.removeprefix(WRITTEN)
        if name in set(Role) and Role(name) not in taken:
            said[f"column:{letter}"] = name
        elif axis in known.axes:
            said[f"column:{letter}"] = f"dimension={axis}"
    return said
