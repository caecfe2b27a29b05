"""Reading a file as people would, and saying what came of it in words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from handover.errors import Invalid
from indicators.exchange.sheets.layouts import CanonicalRow, CellProblem, Counts, canonical_rows
from indicators.exchange.sheets.opening import Limits, open_file
from indicators.exchange.sheets.proposals import Proposal, propose
from indicators.exchange.sheets.vocabulary import Vocabulary
from tests.indicators.sheets.broken_files import kept

KNOWN = Vocabulary(
    indicators={
        "Children enrolled": "enrolled",
        "Copii înscriși": "enrolled",
        "Į mokyklą priimti vaikai": "enrolled",
        "Share of women": "share",
        "Story": "story",
        "Twice": "one",
        "twice!": "another",
    },
    places={"Cluj-Napoca": "RO:54975", "Kaunas": "LT:19", "Šiauliai": "LT:29"},
    axes={"gender": {"women": "women", "men": "men"}, "age": {"0-13": "0-13", "14-17": "14-17"}},
    textual=frozenset({"story"}),
)
Said = list[CanonicalRow | CellProblem]


def read(
    folder: Path,
    data: bytes,
    answers: Mapping[str, str] | None = None,
    *,
    limits: Limits | None = None,
    counts: Counts | None = None,
    **asked: str,
) -> tuple[Proposal, Said]:
    """Open, propose and, if nothing is left to ask, read."""
    with open_file(kept(folder, data), name="sheet", limits=limits, **asked) as opened:
        proposal = propose(opened, vocabulary=KNOWN, answers=answers)
        if not proposal.ready:
            return proposal, []
        return proposal, list(canonical_rows(opened, proposal.plan, KNOWN, counts))


def outcome(
    folder: Path,
    data: bytes,
    answers: Mapping[str, str] | None = None,
    *,
    limits: Limits | None = None,
    **asked: Any,
) -> list[str]:
    """Say what came of a file: a refusal, questions, or problems and values by cell."""
    try:
        proposal, said = read(folder, data, answers, limits=limits, **asked)
    except Invalid as error:
        return [f"refused {error.code}: {error.sentence}"]
    if not proposal.ready:
        return [f"asked {item.code} {item.key}: {item.sentence}" for item in proposal.questions]
    return [
        f"{item.address} {item.code}: {item.sentence}"
        if isinstance(item, CellProblem)
        else f"{item.address()} {item.value or f'{item.numerator}/{item.denominator}'}"
        for item in said
    ]
