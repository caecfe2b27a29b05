"""What the caller knows by name: indicators, places, axes and their categories; and how names are compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

AMBIGUOUS: Final = "\0"
"""What a name means that two things have."""

_SYNONYMS: Final = (
    "women|woman|female|females|f|w|femei|femeie|feminin|moterys|moteris|moteru",
    "men|man|male|males|m|barbati|barbat|masculin|vyrai|vyras|vyru",
    "girls|girl|fete|fata|mergaites|mergaite",
    "boys|boy|baieti|baiat|berniukai|berniukas",
    "non binary|nonbinary|nebinar|nebinari|nebinarus|nebinariniai",
    "unknown|not known|not stated|necunoscut|nedeclarat|nezinoma|nezinomas|nenurodyta",
    "children|copii|vaikai",
    "adults|adulti|suaugusieji",
)
_AXES: Final = {
    "gender": "gender|sex|gen|genul|sexul|lytis",
    "age": "age|age group|age band|varsta|grupa de varsta|grupe de varsta|categorie de varsta|amzius|amziaus grupe",
}
TOTALS: Final = frozenset(
    [
        "total",
        "totals",
        "total general",
        "grand total",
        "subtotal",
        "sub total",
        "sum",
        "suma",
        "toti",
        "toate",
        "all",
        "both",
        "ambele",
        "viso",
        "is viso",
        "visi",
        "visos",
        "bendrai",
        "bendra suma",
        "totalul",
        "suma totala",
    ]
)


@lru_cache(maxsize=16384)
def plain(text: str) -> str:
    """Write a name so that names can be compared: small letters, no accents, words with single spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[^\W_]+|[#<>+]", letters))


@dataclass(frozen=True)
class Vocabulary:
    """What the caller knows.

    Args:
        indicators: title, code or key of an indicator, to its key.
        places: name or code of a place, to its key.
        axes: name of an axis, to its categories: title or code of a category, to the category.
        axis_names: title of an axis, to its name.
        textual: keys of the indicators whose values are texts.
        languages: in which the titles are; the built-in words are always those of all three.
    """

    indicators: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    axes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    axis_names: Mapping[str, str] = field(default_factory=dict)
    textual: frozenset[str] = frozenset()
    languages: tuple[str, ...] = ("en", "ro", "lt")


class Known:
    """A vocabulary, ready to be asked. A name that two things have is ``AMBIGUOUS``."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.indicators = _index(vocabulary.indicators.items())
        self.indicators.update({plain(key): key for key in set(vocabulary.indicators.values())})
        self.places = _index(vocabulary.places.items())
        self.places.update({plain(key): key for key in set(vocabulary.places.values())})
        self.axes = {axis: _categories(names) for axis, names in vocabulary.axes.items()}
        self.axis_names = _index(vocabulary.axis_names.items())
        for axis in vocabulary.axes:
            for name in (axis, *_AXES.get(axis, "").split("|")):
                self.axis_names.setdefault(plain(name), axis)
        self.axis_names.pop("", None)

    def category(self, text: str) -> tuple[str, str] | None:
        """Give the axis and the category that a text names, if it is one alone."""
        name = plain(text)
        found = [(axis, names[name]) for axis, names in self.axes.items() if name in names]
        return found[0] if len(found) == 1 and found[0][1] != AMBIGUOUS else None


def _index(names: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, key in names:
        known = found.setdefault(plain(name), key)
        if known != key:
            found[plain(name)] = AMBIGUOUS
    found.pop("", None)
    return found


def _categories(names: Mapping[str, str]) -> dict[str, str]:
    """Add the words for common categories to those that the caller knows."""
    found = _index([*names.items(), *((category, category) for category in names.values())])
    for words in _SYNONYMS:
        group = words.split("|")
        meant = {found[word] for word in group if word in found}
        if len(meant) == 1:
            category = meant.pop()
            for word in group:
                found.setdefault(word, category)
    return found
