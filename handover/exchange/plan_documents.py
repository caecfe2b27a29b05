"""A transfer's plan as a JSON document: read and checked as a whole, every error with its path.

What a document refers to (responsibilities, organisations, register lines) is text here; ``plan_entry`` looks it up.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from handover.errors import Invalid
from handover.exchange.documents import json_of
from handover.models.annexes import AnnexKind
from handover.models.milestones import MilestoneKind, OnDissent, Side
from handover.models.responsibilities import Phase
from handover.models.transfers import KeepKind

TITLE: Final = 300
"""Characters of the longest title."""
DAYS: Final = 3650
"""Days of the longest period in which a transfer may be given back."""
LARGEST_QUORUM: Final = 1_000_000
"""People of the largest quorum."""
HUNDRED: Final = 100
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Moved:
    """A responsibility that the plan moves."""

    path: str
    responsibility: str
    mode: Phase
    milestone: str
    provider_after: str
    moves_debtor: bool


@dataclass(frozen=True)
class Kept:
    """What the giver keeps."""

    path: str
    organisation: str
    what: KeepKind
    until: dt.date
    indicators: tuple[str, ...]


@dataclass(frozen=True)
class Scored:
    """A score of readiness that a milestone waits for; an empty domain means the whole instrument."""

    path: str
    instrument: str
    at_least: Decimal
    domain: str
    responsibility: str


@dataclass(frozen=True)
class Planned:
    """A milestone; ``key`` names it within the document."""

    path: str
    key: str
    kind: MilestoneKind
    title: str
    due: dt.date
    depends_on: tuple[str, ...]
    evidence_required: bool
    signs: tuple[Side, ...]
    moves: tuple[str, ...]
    legal_act: str
    quorum: int | None
    on_dissent: str
    score_gates: tuple[Scored, ...]


@dataclass(frozen=True)
class Listed:
    """An annex line."""

    path: str
    kind: AnnexKind
    text: str
    subject: str


@dataclass(frozen=True)
class Mapped:
    """Where a single user's exception goes; nobody: it is lost."""

    path: str
    exception: str
    to: str


@dataclass(frozen=True)
class PlanDocument:
    """A plan as it was written down. Empty texts and ``None`` stand for what was not given."""

    programme: str
    title: str
    receiver: str
    lead_steward: bool
    retention_until: dt.date | None
    give_back_days: int
    responsibilities: tuple[Moved, ...]
    keeps: tuple[Kept, ...]
    milestones: tuple[Planned, ...]
    annex: tuple[Listed, ...]
    mappings: tuple[Mapped, ...]


@dataclass
class Errors:
    """What is wrong with a document: paths and sentences, in the order in which they were found."""

    rows: list[dict[str, str]] = field(default_factory=list)

    def add(self, path: str, sentence: str) -> None:
        """Add one."""
        self.rows.append({"path": path, "sentence": sentence})

    def raise_if_any(self, source: str) -> None:
        """Raise them all.

        Raises:
            Invalid: there is any; ``details["errors"]`` names each.
        """
        if self.rows:
            count = "1 error" if len(self.rows) == 1 else f"{len(self.rows)} errors"
            raise Invalid("document_invalid", f"{source} has {count}; nothing was entered.", errors=self.rows)


def read_plan(file: Path, *, adds: bool = False) -> PlanDocument:
    """Read a plan from a JSON file.

    Args:
        adds: the document adds to a plan that is there, so that it needs no title, receiver or retention date.

    Raises:
        Invalid: it is no JSON object, or anything in it is wrong; every error is named with its path.
        OSError: the file cannot be read.
    """
    found = json_of(file)
    if not isinstance(found, dict):
        kind = f"a list of {len(found)}" if isinstance(found, list) else f"a {type(found).__name__}"
        raise Invalid("not_a_plan", f"{file} must hold one plan, a JSON object, not {kind}.", field="file")
    errors = Errors()
    plan = _Reading(errors).plan(found, adds=adds)
    _check_keys(plan, errors, adds=adds)
    errors.raise_if_any(str(file))
    return plan


class _Reading:
    """Reads typed values out of rows and notes what is wrong; what it gives in its place never leaves ``read_plan``."""

    def __init__(self, errors: Errors) -> None:
        self.errors = errors

    def plan(self, row: Row, *, adds: bool) -> PlanDocument:
        """Read the whole."""
        lists = ("responsibilities", "keeps", "milestones", "annex", "mappings")
        head = ("programme", "title", "receiver", "lead_steward", "retention_until", "give_back_days", "key")
        self._only("$", row, (*head, *lists))
        keeps = tuple(self._kept(path, item) for path, item in self._rows(row, "keeps"))
        reads = [kept.until for kept in keeps if kept.what is KeepKind.READ_AND_EXPORT]
        retention = self._day("$", row, "retention_until", required=not adds and not reads)
        if retention and any(until != retention for until in reads):
            self.errors.add("$.retention_until", "It is not the day until which the giver reads in keeps.")
        return PlanDocument(
            programme=self._text("$", row, "programme", required=False),
            title=self._text("$", row, "title", required=not adds, longest=TITLE),
            receiver=self._text("$", row, "receiver", required=not adds),
            lead_steward=self._flag("$", row, "lead_steward", default=False),
            retention_until=retention or (reads[0] if reads else None),
            give_back_days=self._days(row),
            responsibilities=tuple(
                self._moved(path, item) for path, item in self._rows(row, "responsibilities")
            ),
            keeps=keeps,
            milestones=tuple(self._planned(path, item) for path, item in self._rows(row, "milestones")),
            annex=tuple(self._listed(path, item) for path, item in self._rows(row, "annex")),
            mappings=tuple(self._mapped(path, item) for path, item in self._rows(row, "mappings")),
        )

    def _moved(self, path: str, row: Row) -> Moved:
        self._only(path, row, ("responsibility", "mode", "milestone", "provider_after", "moves_debtor"))
        return Moved(
            path=path,
            responsibility=self._text(path, row, "responsibility"),
            mode=Phase(self._choice(path, row, "mode", Phase.values, default=Phase.OVER.value)),
            milestone=self._text(path, row, "milestone", required=False),
            provider_after=self._text(path, row, "provider_after", required=False),
            moves_debtor=self._flag(path, row, "moves_debtor", default=False),
        )

    def _kept(self, path: str, row: Row) -> Kept:
        self._only(path, row, ("organisation", "what", "until", "indicators"))
        return Kept(
            path=path,
            organisation=self._text(path, row, "organisation", required=False),
            what=KeepKind(self._choice(path, row, "what", KeepKind.values)),
            until=self._day(path, row, "until") or dt.date.min,
            indicators=self._texts(path, row, "indicators"),
        )

    def _planned(self, path: str, row: Row) -> Planned:
        allowed = (
            "key",
            "kind",
            "title",
            "due",
            "depends_on",
            "evidence_required",
            "signs",
            "moves",
            "legal_act",
            "quorum",
            "on_dissent",
            "score_gates",
        )
        self._only(path, row, allowed)
        title = self._text(path, row, "title", longest=TITLE)
        signs = self._texts(path, row, "signs")
        for side in signs:
            if side not in Side.values:
                self.errors.add(f"{path}.signs", f"“{side}” is no side: {', '.join(Side.values)}.")
        if not signs:
            self.errors.add(f"{path}.signs", f"Say who signs: {', '.join(Side.values)}.")
        return Planned(
            path=path,
            key=self._text(path, row, "key", required=False) or title,
            kind=MilestoneKind(self._choice(path, row, "kind", MilestoneKind.values)),
            title=title,
            due=self._day(path, row, "due") or dt.date.min,
            depends_on=self._texts(path, row, "depends_on"),
            evidence_required=self._flag(path, row, "evidence_required", default=True),
            signs=tuple(Side(side) for side in signs if side in Side.values),
            moves=self._texts(path, row, "moves"),
            legal_act=self._text(path, row, "legal_act", required=False),
            quorum=self._quorum(path, row),
            on_dissent=self._choice(path, row, "on_dissent", OnDissent.values)
            if row.get("on_dissent")
            else "",
            score_gates=tuple(self._scored(at, item) for at, item in self._rows(row, "score_gates", path)),
        )

    def _scored(self, path: str, row: Row) -> Scored:
        self._only(path, row, ("instrument", "domain", "at_least", "responsibility"))
        return Scored(
            path=path,
            instrument=self._text(path, row, "instrument"),
            at_least=self._percentage(path, row, "at_least"),
            domain=self._text(path, row, "domain", required=False),
            responsibility=self._text(path, row, "responsibility", required=False),
        )

    def _listed(self, path: str, row: Row) -> Listed:
        self._only(path, row, ("kind", "text", "subject"))
        return Listed(
            path=path,
            kind=AnnexKind(self._choice(path, row, "kind", AnnexKind.values)),
            text=self._text(path, row, "text"),
            subject=self._text(path, row, "subject", required=False),
        )

    def _mapped(self, path: str, row: Row) -> Mapped:
        self._only(path, row, ("exception", "to"))
        return Mapped(
            path=path,
            exception=self._text(path, row, "exception"),
            to=self._text(path, row, "to", required=False),
        )

    def _only(self, path: str, row: Row, allowed: Collection[str]) -> None:
        for name in row:
            if name not in allowed:
                self.errors.add(
                    f"{path}.{name}", f"Nothing is called so here; there are: {', '.join(allowed)}."
                )

    def _rows(self, row: Row, name: str, inside: str = "$") -> Iterator[tuple[str, Row]]:
        found = row.get(name)
        if found is None:
            return
        if not isinstance(found, list):
            self.errors.add(f"{inside}.{name}", "This must be a list.")
            return
        for position, item in enumerate(found):
            path = f"{inside}.{name}[{position}]"
            if isinstance(item, dict):
                yield path, item
            else:
                self.errors.add(path, "This must be an object.")

    def _text(self, path: str, row: Row, name: str, *, required: bool = True, longest: int = 0) -> str:
        found = row.get(name)
        if found is None or (isinstance(found, str) and not found.strip()):
            if required:
                self.errors.add(f"{path}.{name}", "This is missing.")
            return ""
        return self._sound(f"{path}.{name}", found, longest)

    def _texts(self, path: str, row: Row, name: str) -> tuple[str, ...]:
        found = row.get(name)
        if found is None:
            return ()
        if not isinstance(found, list):
            self.errors.add(f"{path}.{name}", "This must be a list of texts.")
            return ()
        return tuple(self._sound(f"{path}.{name}[{at}]", item, 0) for at, item in enumerate(found))

    def _sound(self, path: str, found: object, longest: int) -> str:
        """Give a text that the database can hold."""
        if not isinstance(found, str):
            self.errors.add(path, "This must be a text.")
            return ""
        if "\x00" in found or any("\ud800" <= letter <= "\udfff" for letter in found):
            self.errors.add(path, "It holds a character that is none.")
            return ""
        if longest and len(found.strip()) > longest:
            self.errors.add(path, f"It has {len(found.strip())} characters; {longest} fit.")
        return found.strip()

    def _choice(
        self, path: str, row: Row, name: str, choices: Sequence[str], *, default: str | None = None
    ) -> str:
        found = row.get(name, default)
        if found in choices:
            return str(found)
        word = "This is missing" if found is None else f"“{found}” is none of these"
        self.errors.add(f"{path}.{name}", f"{word}: {', '.join(choices)}.")
        return choices[0]

    def _flag(self, path: str, row: Row, name: str, *, default: bool) -> bool:
        found = row.get(name, default)
        if not isinstance(found, bool):
            self.errors.add(f"{path}.{name}", "This must be true or false.")
            return default
        return found

    def _day(self, path: str, row: Row, name: str, *, required: bool = True) -> dt.date | None:
        found = row.get(name)
        if found is None:
            if required:
                self.errors.add(f"{path}.{name}", "This is missing: a date, YYYY-MM-DD.")
            return None
        day = written_day(found) if isinstance(found, str) else None
        if day is None:
            self.errors.add(f"{path}.{name}", f"“{found}” is no date (YYYY-MM-DD).")
            return None
        return day

    def _quorum(self, path: str, row: Row) -> int | None:
        found = row.get("quorum")
        if found is None:
            return None
        if not isinstance(found, int) or isinstance(found, bool) or not 1 <= found <= LARGEST_QUORUM:
            self.errors.add(
                f"{path}.quorum",
                f"This must be a number of people from 1 to {LARGEST_QUORUM}, or be left out.",
            )
            return None
        return found

    def _percentage(self, path: str, row: Row, name: str) -> Decimal:
        found = row.get(name)
        if isinstance(found, int | float | str) and not isinstance(found, bool):
            with suppress(InvalidOperation):
                given = Decimal(str(found))
                if 0 <= given <= HUNDRED:
                    return given
        word = "This is missing" if found is None else f"“{found}” is none"
        self.errors.add(f"{path}.{name}", f"{word}: a score from 0 to {HUNDRED}.")
        return Decimal(0)

    def _days(self, row: Row) -> int:
        found = row.get("give_back_days", 180)
        if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= DAYS:
            self.errors.add("$.give_back_days", f"This must be a number of days from 0 to {DAYS}.")
            return 0
        return found


def _check_keys(plan: PlanDocument, errors: Errors, *, adds: bool) -> None:
    """Check what a document says about itself: milestones' keys, what they wait for, what they move."""
    keys: dict[str, str] = {}
    for item in plan.milestones:
        if item.key in keys:
            errors.add(f"{item.path}.key", f"“{item.key}” is {keys[item.key]} already.")
        keys.setdefault(item.key, item.path)
    for item in plan.milestones:
        for position, key in enumerate(item.depends_on):
            if key and key not in keys and not adds:
                errors.add(
                    f"{item.path}.depends_on[{position}]", f"There is no milestone “{key}” in this document."
                )
    for moved in plan.responsibilities:
        if moved.milestone and moved.milestone not in keys:
            errors.add(
                f"{moved.path}.milestone", f"There is no milestone “{moved.milestone}” in this document."
            )
    if not errors.rows:
        waits = {item.key: [key for key in item.depends_on if key in keys] for item in plan.milestones}
        ring = _ring(waits)
        if ring:
            errors.add(f"{keys[ring[0]]}.depends_on", f"Milestones wait for each other: {' → '.join(ring)}.")


def _ring(waits: Mapping[str, Sequence[str]]) -> list[str]:
    """Give the first ring of keys that wait for each other, its first key again at the end; none, if there is none."""
    settled: set[str] = set()
    for start in waits:
        trail: list[str] = [start]
        ahead = [iter(waits[start])]
        while ahead:
            following = next(ahead[-1], None)
            if following is None:
                settled.add(trail.pop())
                ahead.pop()
            elif following in trail:
                return [*trail[trail.index(following) :], following]
            elif following not in settled:
                trail.append(following)
                ahead.append(iter(waits[following]))
    return []


def written_day(text: str) -> dt.date | None:
    """Read ``YYYY-MM-DD``; the calendar's last year is refused, because a last day must have a day after it."""
    try:
        found = dt.date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        return None
    return found if found is not None and found.year < dt.MAXYEAR else None


def in_order(milestones: Sequence[Planned]) -> list[Planned]:
    """Give milestones so that each comes after those that it waits for, otherwise as they were written."""
    left, ordered = list(milestones), list[Planned]()
    while left:
        ahead = {item.key for item in left}
        following = next((item for item in left if ahead.isdisjoint(item.depends_on)), left[0])
        left.remove(following)
        ordered.append(following)
    return ordered
