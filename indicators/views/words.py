"""Numbers, days and reasons as the reader writes them, in the reader's language.

The command line says the same in English: ``indicators.queries.wording``.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from babel import dates
from django.utils.translation import gettext, gettext_noop

from handover import languages
from handover.errors import Invalid, NotFound
from handover.narratives import best
from indicators.models import Axis, Baseline, Indicator
from indicators.models.axes import UNKNOWN
from indicators.models.cells import parse_cell
from indicators.models.codes import Measure
from indicators.queries import axes, codelists
from indicators.queries.points import How, Point
from indicators.queries.progress import Goal, Judged

HOW: Final = {
    How.ADDED: gettext_noop("groups or places added"),
    How.SHARE: gettext_noop("made anew from numerators and denominators"),
    How.COMBINED: gettext_noop("of the parts before and after a handover"),
    How.CALCULATED: gettext_noop("calculated"),
    How.MINIMUM: gettext_noop("the smallest"),
    How.MAXIMUM: gettext_noop("the largest"),
    How.LATEST: gettext_noop("the latest"),
}
"""Where a total comes from, in words."""
MEASURES: Final = {
    Measure.UNIT: gettext_noop("a number"),
    Measure.PERCENTAGE: gettext_noop("a share"),
    Measure.ORDINAL: gettext_noop("ranks"),
    Measure.NOMINAL: gettext_noop("words"),
    Measure.QUALITATIVE: gettext_noop("words"),
}
"""What kind of value an indicator has, in words."""
AXES: Final = {"gender": gettext_noop("gender"), "age": gettext_noop("age")}
"""Names of the axes that values may name without the programme having defined them."""
CATEGORIES: Final = {
    "women": gettext_noop("women"),
    "men": gettext_noop("men"),
    "girls": gettext_noop("girls"),
    "boys": gettext_noop("boys"),
    "children": gettext_noop("children"),
    "young": gettext_noop("young people"),
    "adults": gettext_noop("adults"),
    "elderly": gettext_noop("older people"),
    "other": gettext_noop("other"),
    "unknown": gettext_noop("not known"),
}

Titles = Mapping[str, tuple[str, Mapping[str, str]]]
"""What axes and their categories are called: by the axis's name, its title and the titles of its categories."""


def amount(measure: str, value: Decimal | None, currency: str = "") -> str:
    """Write a number: shares with their sign and one place, amounts with their currency, all else as it is."""
    if value is None:
        return languages.NOTHING
    if measure == Measure.PERCENTAGE:
        return languages.percent(value.quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN).normalize() + 0)
    return f"{languages.number(value.normalize() + 0)} {currency}".strip()


def of(indicator: Indicator, value: Decimal | None) -> str:
    """Write a number of an indicator."""
    return amount(indicator.measure, value, indicator.currency)


def said(indicator: Indicator, point: Point | None) -> str:
    """Tell a point: its number, its words, or why it has neither."""
    if point is None:
        return gettext("nothing reported yet")
    if point.total is not None:
        return of(indicator, point.total)
    if point.said is not None:
        return f"“{point.said}”"
    if point.at_least is not None and point.at_most is not None:
        return gettext("between %(least)s and %(most)s") % {
            "least": of(indicator, point.at_least),
            "most": of(indicator, point.at_most),
        }
    if not point.values:
        return languages.NOTHING
    if point.missing:
        return gettext("no total: %(why)s") % {"why": languages.translated(point.missing.help)}
    return gettext("no total")


def baseline(indicator: Indicator, row: Baseline | None) -> str:
    """Say where an indicator stood."""
    if row is None or (row.value is None and not row.value_text):
        return languages.NOTHING
    text = of(indicator, row.value) if row.value is not None else f"“{row.value_text}”"
    return f"{text} ({row.year})" if row.year else text


def goal(indicator: Indicator, found: Goal | None) -> str:
    """Say what is aimed at, and for which days."""
    if found is None:
        return languages.NOTHING
    return f"{of(indicator, found.value)} ({span(found.starts_on, found.ends_on)})"


def span(starts_on: dt.date | None, ends_on: dt.date | None) -> str:
    """Name a period: a year, half-year, quarter or month by its name, anything else by its days."""
    if starts_on is None or ends_on is None:
        if starts_on is ends_on:
            return gettext("no dates")
        return days(languages.short_day(starts_on), languages.short_day(ends_on))
    if starts_on == ends_on:
        return languages.short_day(ends_on)
    last = calendar.monthrange(ends_on.year, ends_on.month)[1]
    whole = starts_on.day == 1 and ends_on.day == last and starts_on.year == ends_on.year
    months = ends_on.month - starts_on.month + 1
    if whole and months == 12:
        return str(starts_on.year)
    if whole and months == 6 and starts_on.month in {1, 7}:
        half = (
            gettext("first half of %(year)s") if starts_on.month == 1 else gettext("second half of %(year)s")
        )
        return half % {"year": starts_on.year}
    if whole and months == 3 and starts_on.month % 3 == 1:
        return dates.format_skeleton("yQQQ", starts_on, locale=languages.locale())
    if whole and months == 1:
        return languages.month(starts_on)
    return days(languages.short_day(starts_on), languages.short_day(ends_on))


def days(first: str, last: str) -> str:
    """Name a span by its first and its last day."""
    return gettext("%(first)s to %(last)s") % {"first": first, "last": last}


def progress(judged: Judged) -> str:
    """Say how far an indicator has come in per cent, or why that is not told."""
    found = judged.progress
    if found.per_cent is not None:
        share = languages.percent(found.per_cent.normalize() + 0)
        return gettext("at least %(share)s of the way") % {"share": share} if found.at_least else share
    return languages.translated(found.why.help) if found.why else ""


def titles(rows: Sequence[Axis]) -> Titles:
    """Give what axes and categories are called in the reader's language: the programme's own, else the standard's."""
    lang = languages.language()
    found: dict[str, tuple[str, Mapping[str, str]]] = {}
    for name, axis in axes.standard().items():
        named = {code: texts.get(lang) or texts["en"] for code, texts in axis.categories.items()}
        found[name] = (axis.title.get(lang) or axis.title["en"], named)
    for row in rows:
        named = {item["code"]: best(item.get("title") or [], lang) or item["code"] for item in row.categories}
        found[row.name] = (best(row.title, lang) or row.name, named)
    return found


def category(name: str, code: str, known: Titles) -> str:
    """Name one category of an axis."""
    said = known.get(name, ("", {}))[1].get(code)
    if said:
        return said
    if code == UNKNOWN:
        texts = axes.unknown_title()
        return texts.get(languages.language()) or texts["en"]
    return gettext(CATEGORIES[code]) if code in CATEGORIES else code


def axis(name: str, known: Titles) -> str:
    """Name an axis."""
    if name in known:
        return known[name][0]
    return gettext(AXES[name]) if name in AXES else name


def cell(text: str, known: Titles) -> str:
    """Name the group of a value: ``gender: women, age: adults``."""
    if not text:
        return gettext("everybody")
    return ", ".join(
        f"{axis(item['name'], known)}: {category(item['name'], item['value'], known)}"
        for item in parse_cell(text)
    )


def group(text: str, known: Titles) -> str:
    """Name the group of a value by its categories alone: ``women, adults``."""
    if not text:
        return gettext("everybody")
    return ", ".join(category(item["name"], item["value"], known) for item in parse_cell(text))


def code_title(vocabulary: str, uri: str, code: str) -> str:
    """Give a code's title where a list that is shipped knows it; else nothing."""
    for name in (uri, vocabulary):
        try:
            found = codelists.title(name, code, languages.language())
        except (NotFound, Invalid):
            continue
        return "" if found == code else found
    return ""
