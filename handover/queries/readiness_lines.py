"""Readiness in lines of text and as a document: what was scored, and gaps as tables."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from handover.canonical import decimal_text
from handover.models import Assessment, Programme
from handover.models.readiness import Wave
from handover.narratives import best
from handover.queries.readiness import Round, rounds_of, sheet_of
from handover.queries.readiness_gaps import DomainGap, Gap, gap_of
from handover.queries.scoring import total

WIDTH: Final = 100
TITLE: Final = 28
"""Characters of a domain's title in a table."""


def lines(programme: Programme, *, cutoff: dt.datetime | None = None) -> Iterator[str]:
    """Tell what was scored, for an outline. Scores are told only where they are agreed."""
    for within in rounds_of(programme, until=cutoff):
        first, agreed = within.first, within.agreed
        what = best(first.instrument.title)
        about = f", {first.responsibility.title}" if first.responsibility else ""
        if within.over and agreed is not None:
            found = sheet_of(agreed)
            score = total(found.questionnaire, found.steps)
            said = f"agreed {'–' if score is None else decimal_text(score)} of 100"
        else:
            states = [f"{item.voice} {item.state}" for item in within.voices]
            said = ", ".join([*states, *(["being agreed"] if agreed else [])])
        yield _cut(f"  {what}, {first.get_wave_display()}: {said}{about}")


def chapter(programme: Programme, *, cutoff: dt.datetime | None = None) -> Iterator[str]:
    """Tell the gap of the last agreed round of each instrument before the handover, and what would close it."""
    last: dict[tuple[str, int | None, int | None], Round] = {}
    for within in rounds_of(programme, until=cutoff):
        if within.over and within.first.wave == Wave.BEFORE:
            first = within.first
            last[first.instrument.key, first.responsibility_id, first.transfer_id] = within
    for within in last.values():
        yield from gap_lines(gap_of(within, within.assessments))


def gap_lines(found: Gap) -> Iterator[str]:
    """Tell a gap as a table of one line a domain."""
    first = found.round.first
    about = f" of “{first.responsibility.title}”" if first.responsibility else ""
    head = f"{found.whole.title}{about}, {first.get_wave_display()}, round {found.round.number}"
    yield from textwrap.wrap(head, WIDTH, subsequent_indent="  ")
    after = found.whole.before is not None
    names = [_column(item, found.columns) for item in found.columns]
    heads = [*names, "agreed", *(["before"] if after else []), "short", "apart"]
    yield f"  {'':<{TITLE}} " + " ".join(f"{name:>9}" for name in heads)
    for row in (*found.domains, found.whole):
        cells = [*row.voices, row.agreed, *([row.before] if after else []), row.missing, row.spread]
        state = found.standing(row)
        title = _cut(row.title if row.key else "the whole", TITLE)
        said = f"  {title:<{TITLE}} " + " ".join(f"{_cell(cell):>9}" for cell in cells)
        yield _cut(f"{said}  {state.words}" if state else said)


def _cut(text: str, width: int = WIDTH) -> str:
    return text if len(text) <= width else f"{text[: width - 1].rstrip()}…"


def _column(item: Assessment, columns: Sequence[Assessment]) -> str:
    alike = [other for other in columns if other.voice == item.voice]
    return item.voice if len(alike) == 1 else f"{item.voice[:7]} {alike.index(item) + 1}"


def _cell(value: Decimal | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def as_document(found: Gap) -> Mapping[str, object]:
    """Give a gap for machines."""
    first = found.round.first

    def row(item: DomainGap) -> dict[str, object]:
        voices = zip(found.columns, item.voices, strict=True)
        return {
            "domain": item.key,
            "title": item.title,
            "voices": [
                {"voice": column.voice, "organisation": column.organisation.slug, "score": score}
                for column, score in voices
            ],
            "agreed": item.agreed,
            "before": item.before,
            "threshold": item.threshold,
            "short": item.missing,
            "apart": item.spread,
            "standing": found.standing(item),
        }

    return {
        "instrument": first.instrument.key,
        "edition": first.instrument.edition,
        "responsibility": first.responsibility.uuid if first.responsibility else None,
        "transfer": first.transfer.uuid if first.transfer else None,
        "wave": first.wave,
        "round": found.round.number,
        "agreed": found.round.over,
        "sealed": [item.organisation.slug for item in found.sealed],
        "whole": row(found.whole),
        "domains": [row(item) for item in found.domains],
        "differences": [
            {
                "item": item.item,
                "text": item.text,
                "steps": item.steps,
                "agreed": item.agreed,
                "reason": item.reason,
            }
            for item in found.differences
        ],
    }
