"""Dates and periods as people write them, in English, Romanian and Lithuanian.

Years written first (``2026-03-31``) and days with points (``31.03.2026``) have one order. ``03/04/2026`` does not say
which number is the month: the other dates of its column may, otherwise it is asked. Two-digit years are not read.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

DAY_FIRST: Final = "day-first"
MONTH_FIRST: Final = "month-first"
ORDERS: Final = (DAY_FIRST, MONTH_FIRST)
UNDECIDED: Final = ""
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2100

Span = tuple[str, str]
"""First and last day, both included, as ISO texts."""

_MONTHS: Final = (
    "january jan ianuarie ian sausis sausio saus",
    "february feb februarie vasaris vasario vas",
    "march mar martie kovas kovo kov",
    "april apr aprilie balandis balandzio bal",
    "may mai geguze geguzes geg",
    "june jun iunie iun birzelis birzelio birz",
    "july jul iulie iul liepa liepos liep",
    "august aug rugpjutis rugpjucio rugp",
    "september sep sept septembrie rugsejis rugsejo rugs",
    "october oct octombrie spalis spalio spal",
    "november nov noiembrie noi noiem lapkritis lapkricio lapkr",
    "december dec decembrie gruodis gruodzio gruod",
)
MONTHS: Final = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}
UNITS: Final = {
    **dict.fromkeys(
        [
            "q",
            "qtr",
            "quarter",
            "quarters",
            "t",
            "trim",
            "trimestru",
            "trimestrul",
            "ketv",
            "ketvirtis",
            "ketvircio",
        ],
        3,
    ),
    **dict.fromkeys(
        ["s", "sem", "semestru", "semestrul", "h", "half", "pusm", "pusmetis", "pusmecio", "pusmetyje"], 6
    ),
    **dict.fromkeys(["month", "luna", "menuo", "menesis", "menesio"], 1),
}
_NUMERALS: Final = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_FILLERS: Final = frozenset(
    [
        "m",
        "men",
        "metai",
        "metu",
        "mm",
        "year",
        "anul",
        "anului",
        "an",
        "al",
        "a",
        "of",
        "the",
        "st",
        "nd",
        "rd",
        "th",
        "as",
        "is",
        "oji",
        "asis",
        "lea",
        "doilea",
        "treilea",
        "patrulea",
        "lunii",
        "luna",
        "month",
        "menuo",
    ]
)
_SCHOOL: Final = frozenset(["school", "year", "an", "anul", "scolar", "mokslo", "metai", "m", "mm"])
_ISO: Final = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})\.?(?:[T ][0-9:.]+)?", re.ASCII)
_DOTTED: Final = re.compile(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})(?: ?(?:a|g)\.)?(?: [0-9:]+)?", re.ASCII)
_SLASHED: Final = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?: [0-9:]+)?", re.ASCII)
_MONTH_NUMBER: Final = re.compile(r"(\d{4}) ?[-./mM] ?(\d{1,2})|(\d{1,2})[-./](\d{4})", re.ASCII)
_SCHOOL_YEAR: Final = re.compile(r"(\d{4}) ?[/–—-] ?(\d{4}|\d{2})", re.ASCII)
_RANGE: Final = re.compile(r"(.{8,24}?)(?: ?(?:\.\.+|[–—/]|\bto\b|\biki\b|pana la) ?| - )(.{8,24})")
_TOKENS: Final = re.compile(r"[a-z]+|[0-9]+")
_LEFT: Final = frozenset(" .,/-–—_()'’\t\n\u00a0\u202f")


def bare(text: str) -> str:
    """Write a text in small letters, without accents, with single spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in decomposed if not unicodedata.combining(letter)).split())


# --- days ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8192)
def read_day(text: str, order: str = UNDECIDED) -> str | None:
    """Read a date; ``None`` if the text is none, or does not say which number is the month and no order is given."""
    said = text.strip()
    if found := _ISO.fullmatch(said):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _DOTTED.fullmatch(said):
        return _day(int(found[3]), int(found[2]), int(found[1]))
    if found := _SLASHED.fullmatch(said):
        first, second, year = (int(part) for part in found.groups())
        if first == second or order == DAY_FIRST or (order == UNDECIDED and first > 12):
            return _day(year, second, first)
        return _day(year, first, second) if order == MONTH_FIRST or second > 12 else None
    return _named_day(bare(said))


def _named_day(said: str) -> str | None:
    """Read ``31 martie 2026``, ``March 31, 2026``, ``2026 m. kovo 31 d.``."""
    words = [word for word in _TOKENS.findall(said) if word not in _FILLERS and word != "d"]
    names = [MONTHS[word] for word in words if word in MONTHS]
    years = [int(word) for word in words if word.isdigit() and len(word) == 4]
    days = [int(word) for word in words if word.isdigit() and len(word) <= 2]
    if len(words) != 3 or not (names and years and days) or _strange(said):
        return None
    return _day(years[0], names[0], days[0])


def order_of(text: str) -> str | None:
    """Tell the order that a date proves; ``UNDECIDED`` if it proves none, ``None`` if it needs one to be read."""
    found = _SLASHED.fullmatch(text.strip())
    if found is None or found[1] == found[2]:
        return UNDECIDED
    if int(found[1]) > 12:
        return DAY_FIRST
    return MONTH_FIRST if int(found[2]) > 12 else None


@dataclass(frozen=True, slots=True)
class OrderEvidence:
    """What the dates of one column say about their order, with one example of each kind."""

    day_first: str
    month_first: str
    unclear: str

    @property
    def order(self) -> str | None:
        """Give the order, ``UNDECIDED`` if none is needed, or ``None`` if it must be asked."""
        if self.day_first and self.month_first:
            return None
        if self.day_first or self.month_first:
            return DAY_FIRST if self.day_first else MONTH_FIRST
        return None if self.unclear else UNDECIDED


def order_evidence(cells: Iterable[str]) -> OrderEvidence:
    """Look at the dates of one column."""
    seen: dict[str | None, str] = {}
    for cell in cells:
        seen.setdefault(order_of(cell), cell)
    return OrderEvidence(seen.get(DAY_FIRST, ""), seen.get(MONTH_FIRST, ""), seen.get(None, ""))


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return dt.date(year, month, day).isoformat() if FIRST_YEAR <= year <= LAST_YEAR else None
    except ValueError:
        return None


def around(day: str, unit: str) -> Span:
    """Give the day, month, quarter, half or year that a day lies in."""
    months = {"month": 1, "quarter": 3, "half": 6, "year": 12}.get(unit)
    if months is None:
        return day, day
    year, month = int(day[:4]), int(day[5:7])
    return _months(year, (month - 1) // months * months + 1, months) or (day, day)


# --- periods ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8192)
def read_period(text: str, order: str = UNDECIDED) -> Span | None:
    """Read a period; ``None`` if the text is none. A single day is none: it does not say how long its period is.

    ``2026`` · ``T1 2026`` · ``2026Q1`` · ``Trim. I 2026`` · ``I ketv. 2026`` · ``2026 m. I ketvirtis`` · ``S1 2026`` ·
    ``II pusmetis 2026`` · ``martie 2026`` · ``2026-03`` · ``03.2026`` · ``ianuarie - martie 2026`` ·
    ``01.01.2026 - 31.03.2026`` · ``2025/2026`` (a school year: 1 September to 31 August).
    """
    said = bare(text).replace("'", " ")
    if not said or len(said) > 80:
        return None
    return _school_year(said) or _range(said, order) or _month(said) or _worded(said)


def is_part(text: str) -> bool:
    """Tell whether a text is a period that only lacks its year: ``T1``, ``Trim. II``, ``ianuarie``."""
    said = bare(text)
    words = _TOKENS.findall(said)
    if any(len(word) == 4 and word.isdigit() for word in words) or not any(
        word in UNITS or word in MONTHS for word in words
    ):
        return False
    return read_period(f"{said} 2024") is not None


def _school_year(said: str) -> Span | None:
    found = _SCHOOL_YEAR.search(said)
    if found is None:
        return None
    around_it = _TOKENS.findall(said[: found.start()] + " " + said[found.end() :])
    named = bool(set(around_it) & {"school", "scolar", "mokslo"}) or (
        "m" in around_it and around_it.count("m") > 1
    )
    first, second = int(found[1]), found[2]
    # "2011-12" is December 2011 unless it says that it is a school year.
    if any(word not in _SCHOOL for word in around_it) or (len(second) == 2 and not named):
        return None
    last = int(second) if len(second) == 4 else first // 100 * 100 + int(second)
    if last != first + 1 or not FIRST_YEAR <= first < LAST_YEAR:
        return None
    return f"{first}-09-01", f"{last}-08-31"


def _range(said: str, order: str) -> Span | None:
    found = _RANGE.fullmatch(said)
    if found is None:
        return None
    first, last = read_day(found[1].strip(), order), read_day(found[2].strip(), order)
    return (first, last) if first and last and first <= last else None


def _month(said: str) -> Span | None:
    found = _MONTH_NUMBER.fullmatch(said)
    if found is None:
        return None
    year, month = int(found[1] or found[4]), int(found[2] or found[3])
    return _months(year, month, 1) if 1 <= month <= 12 else None


def _worded(said: str) -> Span | None:
    """Read a year with a quarter, a half, a month's name, two of them, or nothing."""
    if _strange(said):
        return None
    words = [word for word in _TOKENS.findall(said) if word not in _FILLERS or word in UNITS]
    years = [int(word) for word in words if word.isdigit() and len(word) == 4]
    rest = [word for word in words if not (word.isdigit() and len(word) == 4)]
    if len(years) != 1:
        return None
    year = years[0]
    if not rest:
        return _months(year, 1, 12)
    if all(word in MONTHS for word in rest):
        return _months_between(year, [MONTHS[word] for word in rest])
    units = [UNITS[word] for word in rest if word in UNITS]
    names = [MONTHS[word] for word in rest if word in MONTHS]
    numbers = [_ordinal(word) for word in rest if word not in UNITS and word not in MONTHS]
    if units == [1] and len(names) == 1 and not numbers:
        return _months(year, names[0], 1)
    if len(units) != 1 or len(numbers) != 1 or names or not numbers[0]:
        return None
    months, number = units[0], numbers[0]
    return _months(year, (number - 1) * months + 1, months) if 1 <= number <= 12 // months else None


def _strange(said: str) -> bool:
    return any(not (letter.isalnum() and letter.isascii()) and letter not in _LEFT for letter in said)


def _ordinal(word: str) -> int:
    return _NUMERALS.get(word) or (int(word) if word.isdigit() and len(word) <= 2 else 0)


def _months_between(year: int, months: list[int]) -> Span | None:
    if len(months) > 2 or any(first >= second for first, second in pairwise(months)):
        return None
    return _months(year, months[0], months[-1] - months[0] + 1)


def _months(year: int, first: int, count: int) -> Span | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    last = first + count - 1
    return f"{year:04}-{first:02}-01", f"{year:04}-{last:02}-{monthrange(year, last)[1]:02}"
