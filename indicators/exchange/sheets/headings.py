"""What a heading says in three languages: a role, or the period, group or indicator of a wide column."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final

from indicators.exchange.sheets import dates
from indicators.exchange.sheets.cells import Day, Number, exact
from indicators.exchange.sheets.numbers import plainly
from indicators.exchange.sheets.plans import PlanColumn, Role
from indicators.exchange.sheets.vocabulary import AMBIGUOUS, TOTALS, Known, plain

_ROLES: Final = {
    Role.INDICATOR: (
        "indicator|indicators|indicatorul|indicatori|denumire indicator|denumirea indicatorului|"
        "nume indicator|indicator name|indicator title|indicator code|cod indicator|"
        "codul indicatorului|rodiklis|rodikliai|rodiklio pavadinimas|rodiklio kodas|kpi"
    ),
    Role.START: (
        "start|start date|from|period start|begin|beginning|de la|inceput|data inceput|"
        "data inceperii|data de inceput|inceputul perioadei|nuo|pradzia|pradzios data|"
        "laikotarpio pradzia"
    ),
    Role.END: (
        "end|end date|to|until|period end|pana la|sfarsit|data sfarsit|data de sfarsit|"
        "data finala|sfarsitul perioadei|iki|pabaiga|pabaigos data|laikotarpio pabaiga"
    ),
    Role.PERIOD: (
        "period|reporting period|perioada|perioada de raportare|laikotarpis|"
        "ataskaitinis laikotarpis|year|an|anul|metai|school year|an scolar|anul scolar|"
        "mokslo metai|date|data"
    ),
    Role.VALUE: (
        "value|values|actual|actuals|actual value|result|amount|count|valoare|valoarea|valori|"
        "valoare realizata|realizat|rezultat|numar|numarul|reiksme|reiksmes|faktine reiksme|"
        "pasiekta reiksme|verte|faktas|rezultatas|skaicius|kiekis"
    ),
    Role.NUMERATOR: ("numerator|numarator|numaratorul|skaitiklis"),
    Role.DENOMINATOR: ("denominator|numitor|numitorul|vardiklis"),
    Role.PLACE: (
        "place|location|municipality|locality|lau|lau code|place code|loc|locul|localitate|"
        "localitatea|localitati|uat|municipiu|municipiul|comuna|oras|siruta|cod siruta|vieta|"
        "vietove|vietos kodas|savivaldybe|seniunija"
    ),
    Role.COMMENT: (
        "comment|comments|note|notes|remarks|comentariu|comentarii|observatii|nota|mentiuni|"
        "pastaba|pastabos|komentaras|komentarai"
    ),
    Role.REVISION: ("revision|version|revizia|revizie|versiune|versiunea|versija|revizija"),
    Role.SOURCE: (
        "source|data source|source series|sursa|sursa datelor|sursa de date|saltinis|duomenu saltinis"
    ),
    Role.REASON: (
        "reason|reason for correction|reason for change|motiv|motivul|motivul corectiei|"
        "priezastis|pataisymo priezastis"
    ),
    Role.IGNORED: (
        "nr crt|eil nr|row|row number|row no|unit|unit of measure|unitate de masura|"
        "unitatea de masura|um|matavimo vienetas|target|targets|tinta|tinta propusa|"
        "siektina reiksme|baseline|valoare de baza|pradine reiksme"
    ),
}
ROLES: Final = {word: role for role, words in _ROLES.items() for word in words.split("|")}
_UNITS: Final = {
    "Q": "quarter|trimestru|trimestrul|trim|ketvirtis",
    "H": "half|half year|semestru|semestrul|pusmetis",
    "month": "month|luna|menuo|menesis",
}
UNITS: Final = {word: unit for unit, words in _UNITS.items() for word in words.split("|")}
_EDGES: Final = " \t\n-–—,;:|()[]/.*"
MOST_WORDS: Final = 14


@dataclass(slots=True)
class Facets:
    """What the heading of a wide column says."""

    measure: str = ""
    period: str = ""
    day: str = ""
    indicator: str = ""
    total: bool = False
    categories: dict[str, str] = field(default_factory=dict)

    @property
    def anything(self) -> bool:
        """Tell whether it says more than which measure it holds."""
        return bool(self.period or self.day or self.indicator or self.total or self.categories)


def text_of(cell: str) -> str:
    """Give the text of a heading: a year that is stored as a number is read like one that is typed."""
    if isinstance(cell, Number):
        value = exact(cell)
        return plainly(value) if value is not None else str(cell)
    return str(cell)[:10] if isinstance(cell, Day) else " ".join(str(cell).split())


def column_of(index: int, heading: str, known: Known) -> PlanColumn | None:
    """Read a heading; ``None`` if it says nothing that is known."""
    name = plain(heading)
    base = PlanColumn(index=index, heading=heading)
    if name in known.axis_names:
        return replace(base, role=Role.DIMENSION, dimension=known.axis_names[name])
    if name in ROLES:
        return replace(base, role=ROLES[name])
    if name in UNITS:
        return replace(base, role=Role.PERIOD, unit=UNITS[name])
    found = facets(heading, known)
    return wide(base, found) if found is not None and found.anything else None


def wide(base: PlanColumn, found: Facets) -> PlanColumn:
    """Make a wide column of what its heading says."""
    return replace(
        base,
        role=Role.WIDE,
        measure=found.measure or "value",
        period=found.period,
        day=found.day,
        indicator=found.indicator,
        categories=found.categories,
    )


def facets(heading: str, known: Known) -> Facets | None:
    """Take a heading apart; ``None`` if any of its words says nothing, or two say different things of one kind."""
    words = list(re.finditer(r"[^\s|]+", heading))
    if not words or len(words) > MOST_WORDS:
        return None
    return _taken_apart(heading, [(word.start(), word.end()) for word in words], known)


def _taken_apart(heading: str, words: list[tuple[int, int]], known: Known) -> Facets | None:
    if not words:
        return Facets()
    for count in range(len(words), 0, -1):
        piece = heading[words[0][0] : words[count - 1][1]].strip(_EDGES)
        said = _said(piece, known) if piece else Facets()
        if said is None:
            continue
        rest = _taken_apart(heading, words[count:], known)
        joined = _joined(said, rest) if rest is not None else None
        if joined is not None:
            return joined
    return None


def _joined(one: Facets, other: Facets) -> Facets | None:
    for name in ("measure", "indicator"):
        if getattr(one, name) and getattr(other, name):
            return None
    if (one.period or one.day) and (other.period or other.day):
        return None
    if set(one.categories) & set(other.categories):
        return None
    return Facets(
        measure=one.measure or other.measure,
        period=one.period or other.period,
        day=one.day or other.day,
        indicator=one.indicator or other.indicator,
        total=one.total or other.total,
        categories={**one.categories, **other.categories},
    )


def _said(piece: str, known: Known) -> Facets | None:
    """Tell what one piece of a heading says alone."""
    name = plain(piece)
    if name in TOTALS:
        return Facets(total=True)
    if category := known.category(piece):
        return Facets(categories={category[0]: category[1]})
    if known.indicators.get(name, AMBIGUOUS) != AMBIGUOUS:
        return Facets(indicator=known.indicators[name])
    role = ROLES.get(name)
    if role in {Role.VALUE, Role.NUMERATOR, Role.DENOMINATOR}:
        return Facets(measure=str(role))
    if dates.read_period(piece) or dates.is_part(piece):
        return Facets(period=piece)
    if day := dates.read_day(piece):
        return Facets(day=day)
    return None
