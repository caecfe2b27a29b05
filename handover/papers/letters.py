"""Letters that a paper can show: what somebody wrote is never a reason for which a paper cannot be printed."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

UNSHOWN: Final = "\N{REPLACEMENT CHARACTER}"
"""What stands for a letter that the fonts do not have. The machine-readable part of a paper has the letter itself."""

RANGES: Final = (
    (0x20, 0x7E),
    (0xA0, 0x17F),
    (0x18F, 0x18F),
    (0x192, 0x192),
    (0x1A0, 0x1A1),
    (0x1AF, 0x1B0),
    (0x1CD, 0x1DC),
    (0x1E6, 0x1E9),
    (0x1FA, 0x233),
    (0x386, 0x386),
    (0x388, 0x38A),
    (0x38C, 0x38C),
    (0x38E, 0x3A1),
    (0x3A3, 0x3CE),
    (0x400, 0x45F),
    (0x1E00, 0x1E9B),
    (0x1E9E, 0x1E9E),
    (0x1EA0, 0x1EF9),
    (0x2010, 0x2015),
    (0x2018, 0x2022),
    (0x2026, 0x2026),
    (0x2030, 0x2030),
    (0x2032, 0x2033),
    (0x2039, 0x203A),
    (0x2044, 0x2044),
    (0x20AC, 0x20AC),
    (0x2116, 0x2116),
    (0x2122, 0x2122),
    (0x2190, 0x2193),
    (0x2212, 0x2212),
    (0x2248, 0x2248),
    (0x2260, 0x2260),
    (0x2264, 0x2265),
    (0xFFFD, 0xFFFD),
)
"""Code points that both faces of a paper have, as a test compiles them all: Latin, Greek, Cyrillic, signs."""

_SHOWN: Final = "".join(f"{chr(first)}-{chr(last)}" if first < last else chr(last) for first, last in RANGES)
_OTHERS: Final = re.compile("[^" + re.sub(r"([\[\]\\^])", r"\\\1", _SHOWN) + "]")
_BREAKS: Final = re.compile(r"\s+")
_SILENT: Final = frozenset({"Cf", "Cc", "Cs", "Co"})


def shown(text: str) -> str:
    """Give a text as a paper can show it, in one paragraph: composed letters, no control characters, and a mark for
    each letter that the fonts do not have."""
    spoken = "".join(
        letter for letter in _BREAKS.sub(" ", text) if unicodedata.category(letter) not in _SILENT
    )
    composed = unicodedata.normalize("NFC", spoken)
    return _OTHERS.sub(UNSHOWN, " ".join(_BREAKS.split(composed))).strip()
