"""What states and figures of the years after a handover are called, on pages and in statements; the colours of tags."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext, gettext_noop

from handover.languages import day, language, number
from handover.narratives import best
from handover.queries.checks import State
from handover.queries.sustained import Part, Stands, Warns
from handover.queries.undertakings import YearState

YEARS: Final[Mapping[YearState, tuple[str, str]]] = {
    YearState.RUNNING: (gettext_noop("The year is running"), "blue"),
    YearState.AWAITED: (gettext_noop("Evidence is awaited"), "yellow"),
    YearState.OVERDUE: (gettext_noop("Nothing was shown in time"), "orange"),
    YearState.KEPT: (gettext_noop("Kept"), "green"),
    YearState.PARTLY: (gettext_noop("Partly kept"), "yellow"),
    YearState.BROKEN: (gettext_noop("Broken"), "red"),
    YearState.CONTESTED: (gettext_noop("Contested"), "purple"),
}
CHECKS: Final[Mapping[State, tuple[str, str]]] = {
    State.AHEAD: (gettext_noop("Ahead"), "blue"),
    State.OPEN: (gettext_noop("May be held now"), "yellow"),
    State.OVERDUE: (gettext_noop("Overdue"), "red"),
    State.HELD: (gettext_noop("Held"), "green"),
    State.DROPPED: (gettext_noop("Dropped"), "grey"),
}
PARTS: Final[Mapping[Part, str]] = {
    Part.INDICATORS: gettext_noop("Indicators"),
    Part.UNDERTAKINGS: gettext_noop("Undertakings"),
    Part.SERVICES: gettext_noop("Services delivered"),
    Part.STAFF: gettext_noop("Staff in post"),
    Part.EQUIPMENT: gettext_noop("Equipment present"),
    Part.VOICE: gettext_noop("The community’s voice"),
    Part.READINESS: gettext_noop("Readiness, scored again"),
}
STANDS: Final[Mapping[Stands, tuple[str, str]]] = {
    Stands.HOLDS: (gettext_noop("Holds"), "green"),
    Stands.WEAKER: (gettext_noop("Weaker"), "yellow"),
    Stands.LOST: (gettext_noop("Lost"), "red"),
    Stands.UNKNOWN: (gettext_noop("Not known"), "grey"),
}
WHY: Final[Mapping[str, str]] = {
    "nothing_reported": gettext_noop("Nothing was recorded lately."),
    "break": gettext_noop("A break in the series lies between."),
    "periods_differ": gettext_noop("It is not measured as often as before."),
    "overdue": gettext_noop("The institution has shown nothing in time."),
}
UNITS: Final[Mapping[str, str]] = {"FTE": gettext_noop("full-time equivalents")}
"""Units that the toolkit itself measures in; all others are written as people entered them."""
WARNS: Final[Mapping[Warns, tuple[str, str]]] = {
    Warns.BELOW: (gettext_noop("Below its floor"), "red"),
    Warns.FALLS: (gettext_noop("Heads below its floor"), "orange"),
    Warns.MAY_FALL: (gettext_noop("May fall below its floor"), "yellow"),
    Warns.TOO_FEW: (gettext_noop("Too few data for a trend"), "grey"),
}


def tag(words: Mapping[Any, tuple[str, str]], state: Any) -> dict[str, str]:
    """Give the word and the colour of a tag."""
    word, colour = words[state]
    return {"word": gettext(word), "colour": colour}


def parts(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Tell the parts of a verdict as it is kept (``Verdict.as_json``): held ones read as today's."""
    return [
        {
            "title": gettext(PARTS[Part(part["part"])]),
            "score": score(part["score"]),
            "known": sum(figure["stands"] != Stands.UNKNOWN for figure in part["figures"]),
            "of": len(part["figures"]),
            "figures": [_figure(item) for item in part["figures"] if item["stands"] != Stands.UNKNOWN],
            "unknown": [_figure(item) for item in part["figures"] if item["stands"] == Stands.UNKNOWN],
        }
        for part in told.get("parts", ())
    ]


def _figure(said: Mapping[str, Any]) -> dict[str, Any]:
    reason = WHY.get(said["why"])
    return {
        "title": said["said"] or best(said["title"], language()) or gettext("Posts of the programme"),
        "before": _measured(said["before"], said["unit"]),
        "now": _measured(said["now"], said["unit"]),
        "floor": _measured(said["floor"], said["unit"]),
        "why": gettext(reason) if reason else "",
        "remark": said["remark"],
        "tag": tag(STANDS, Stands(said["stands"])),
        "said": bool(said["said"]),
    }


def warnings(told: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Tell early warnings as they are kept; those of too few data are counted, not listed."""
    return [
        {
            "title": best(said["title"], language()),
            "uuid": said["uuid"],
            "now": _measured(said["now"], said["unit"]),
            "floor": _measured(said["floor"], said["unit"]),
            "tag": tag(WARNS, Warns(said["warns"])),
            "points": said["points"],
            "until": _day(said["until"]),
            "expected": _measured(said["expected"], said["unit"]),
            "low": _measured(said["low"], ""),
            "high": _measured(said["high"], said["unit"]),
            "crosses": _day(said["crosses_on"]),
        }
        for said in told
        if said["warns"] != Warns.TOO_FEW
    ]


def score(text: str | Decimal | None) -> str:
    """Write a score of 100; nothing where there is none."""
    return "" if text is None else number(Decimal(text))


def _measured(text: str | None, unit: str) -> str:
    if text is None:
        return ""
    return f"{number(Decimal(text))} {gettext(UNITS[unit]) if unit in UNITS else unit}".strip()


def _day(text: str | None) -> str:
    return day(dt.date.fromisoformat(text)) if text else ""
