"""Personal data in free text: what looks like a person's number, telephone or e-mail address, and where.

Numbers of persons are taken for one only where their date and their checksum hold; telephone numbers only where they
are written as one writes them. A sighting never carries what was seen: it goes to screens and logs.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple


class Kind(Enum):
    """What a piece of text looks like; the value is how a person reads it."""

    CNP = "a Romanian personal number (CNP)"
    ASMENS_KODAS = "a Lithuanian personal code (asmens kodas)"
    PHONE = "a telephone number"
    EMAIL = "an e-mail address"


@dataclass(frozen=True)
class Sighting:
    """Something that looks personal: what, from which character to which (counted from 0), and its two ends alone."""

    kind: Kind
    start: int
    end: int
    masked: str

    def __str__(self) -> str:
        return f"{self.kind.value} ({self.masked}, from character {self.start + 1})"


def findings(text: str) -> list[Sighting]:
    """Find what looks like personal data, in the order of the text; nothing is told twice."""
    if not _WORTH_READING.search(text):
        return []
    plain = text.translate(_SPELT_OTHERWISE)
    taken: list[Sighting] = []
    for shape in _SHAPES:
        seen = [found.span() for found in shape.pattern.finditer(plain) if shape.holds(found[0])]
        taken += (Sighting(shape.kind, start, end, f"{text[start]}…{text[end - 1]}") for start, end in seen)
        if seen:
            plain = _without(plain, seen)
    return sorted(taken, key=lambda sighting: sighting.start)


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    """Take out what was seen: nothing else is to be seen there, and everything else stays where it is."""
    letters = list(text)
    for start, end in spans:
        letters[start:end] = "\n" * (end - start)
    return "".join(letters)


# --- numbers of persons ------------------------------------------------------------------------------------------

_CNP_WEIGHTS: Final = (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)
_CNP_COUNTIES: Final = frozenset({*range(1, 49), 51, 52, 70})
"""01 to 46 and 51, 52 are counties and sectors; 47 and 48 were sectors once; 70 is of no county in particular."""
_CNP_CENTURIES: Final = {1: (1900,), 2: (1900,), 3: (1800,), 4: (1800,), 5: (2000,), 6: (2000,)}
_AK_CENTURIES: Final = {1: 1800, 2: 1800, 3: 1900, 4: 1900, 5: 2000, 6: 2000}
_AK_WEIGHTS: Final = ((1, 2, 3, 4, 5, 6, 7, 8, 9, 1), (3, 4, 5, 6, 7, 8, 9, 1, 2, 3))


def _digits(text: str) -> list[int]:
    return [int(letter) for letter in text if letter.isdigit()]


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


def _born(digits: list[int], century: int) -> bool:
    year, month, day = (10 * digits[place] + digits[place + 1] for place in (1, 3, 5))
    return _is_day(century + year, month, day)


def _is_cnp(text: str) -> bool:
    digits = _digits(text)
    # Of residents (7, 8) and foreigners (9) the first digit does not tell the century.
    if not any(_born(digits, century) for century in _CNP_CENTURIES.get(digits[0], (1900, 2000))):
        return False
    if 10 * digits[7] + digits[8] not in _CNP_COUNTIES:
        return False
    rest = sum(weight * digit for weight, digit in zip(_CNP_WEIGHTS, digits[:12], strict=True)) % 11
    return digits[12] == (1 if rest == 10 else rest)


def _is_asmens_kodas(text: str) -> bool:
    digits = _digits(text)
    if not _born(digits, _AK_CENTURIES[digits[0]]):
        return False
    for weights in _AK_WEIGHTS:
        rest = sum(weight * digit for weight, digit in zip(weights, digits[:10], strict=True)) % 11
        if rest != 10:
            return digits[10] == rest
    return digits[10] == 0


# --- telephone numbers -------------------------------------------------------------------------------------------

_YEAR: Final = re.compile(r"(?:19|20)[0-9]{2}")
_THOUSANDS: Final = re.compile(r"\+[0-9]{1,3}(?:([ .])[0-9]{3})(?:\1[0-9]{3})*(?<=000)")
_NORTH_AMERICA: Final = re.compile(r"\+1[ .(-]*[2-9]")


def _is_national(text: str) -> bool:
    """Tell a number from a decision of a year: ``0312/2024 12`` is none, nor is ``0312 2024-05``."""
    groups = re.split(r"[ ./()-]+", text.strip("()"))
    return not any(_YEAR.fullmatch(group) for group in groups[1:-1]) and not re.search(
        rf"/{_YEAR.pattern}", text
    )


def _is_international(text: str) -> bool:
    """Tell a number from an amount with a sign, and from a difference between two years."""
    count = len(_digits(text))
    if len(_YEAR.findall(" ".join(re.split(r"[ .()-]+", text)))) > 1 or _THOUSANDS.fullmatch(text):
        return False
    if text[1] == "1":
        return count == 11 and _NORTH_AMERICA.match(text) is not None
    return 10 <= count <= 15


def _always(text: str) -> bool:
    return True


# --- shapes ------------------------------------------------------------------------------------------------------

_WORTH_READING: Final = re.compile(r"@|[0-9](?:[^0-9]{0,3}[0-9]){7}")
_SPELT_OTHERWISE: Final = str.maketrans(
    {"\u00a0": " ", "\u202f": " ", "\u2007": " ", "\u2009": " ", "\u2010": "-", "\u2011": "-", "\uff20": "@"}
)
"""Spaces that do not break, hyphens: one character for one, so that places stay what they are."""

# Neither in the middle of a longer number or code (LT-0712…, 2024/07…) nor before one; a decimal part makes an amount.
_BEFORE: Final = r"(?<![\w+@])(?<!\w[-/_])(?<![0-9][.,:])"
_AFTER: Final = r"(?![\w@])(?![-_/]\w{1,4}(?!\w))(?![-_][A-Za-z0-9])(?![.,:][0-9])"
_GAP: Final = r"[ .-]?"


def _one(pattern: str) -> re.Pattern[str]:
    return re.compile(f"{_BEFORE}(?:{pattern}){_AFTER}")


class _Shape(NamedTuple):
    kind: Kind
    pattern: re.Pattern[str]
    holds: Callable[[str], bool]


def _shapes() -> Iterator[_Shape]:
    part = r"[ -]?"
    yield _Shape(
        Kind.EMAIL,
        re.compile(r"(?<![\w.%+'-])[\w.%+'-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w@-])"),
        _always,
    )
    yield _Shape(
        Kind.CNP,
        _one(rf"[1-9]{part}{part.join(['[0-9]{2}'] * 4)}{part}[0-9]{{3}}{part}[0-9]"),
        _is_cnp,
    )
    yield _Shape(Kind.ASMENS_KODAS, _one(rf"[1-6]{part}[0-9]{{6}}{part}[0-9]{{4}}"), _is_asmens_kodas)
    yield _Shape(Kind.PHONE, _one(rf"(?:\+|00)40{_GAP}(?:\(0\))?(?:{_GAP}[/(]?[0-9]\)?){{9}}"), _always)
    yield _Shape(Kind.PHONE, _one(rf"(?:\+|00)370{_GAP}(?:\([08]\))?(?:{_GAP}\(?[0-9]\)?){{8}}"), _always)
    # Romania: 07 mobile, 02 and 03 fixed, ten digits; the first three or four stand together.
    yield _Shape(
        Kind.PHONE, _one(rf"\(?0[237][0-9]{{1,2}}\)?[ ./-]{{0,2}}[0-9](?:{_GAP}[0-9]){{5,6}}"), _is_ten
    )
    # Lithuania: 8 (since 2025: 0), then a mobile number, Vilnius, a town, a district; nine digits.
    yield _Shape(
        Kind.PHONE,
        _one(
            r"[08][ -]?6[0-9]{2}[ -]?(?:[0-9]{5}|[0-9]{2}[ -][0-9]{3}|[0-9]{3}[ -][0-9]{2})"
            r"|\(?[08][ -]5\)?[ -]2[0-9]{2}[ -]?[0-9]{4}"
            r"|\(?[08][ -](?:37|41|45|46)\)?[ -][0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}"
            r"|\(?[08][ -][345][0-9]{2}\)?[ -][0-9]{5}"
        ),
        _is_national,
    )
    yield _Shape(
        Kind.PHONE,
        _one(rf"\+[1-9][0-9]{{0,3}}(?:{_GAP}\([0-9]{{1,4}}\))?(?:{_GAP}[0-9]){{4,14}}"),
        _is_international,
    )


def _is_ten(text: str) -> bool:
    return len(_digits(text)) == 10 and _is_national(text)


_SHAPES: Final = tuple(_shapes())
