"""Lineage: what a need came of, and what stands for needs that were merged or split."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from handover.models import Programme
from interventions.models import LineageKind, Need, NeedLineage


def lineage(need: Need) -> list[NeedLineage]:
    """Give every merge and split that a need came of or went into, near or far, oldest first, in one query.

    Each row has its two needs at hand.
    """
    rows = list(steps(need.programme))
    back = _reached(need.pk, ((row.after_id, row.before_id) for row in rows))
    forth = _reached(need.pk, ((row.before_id, row.after_id) for row in rows))
    return [row for row in rows if row.after_id in back or row.before_id in forth]


def steps(programme: Programme) -> list[NeedLineage]:
    """Give every merge and split of a programme, oldest first, with its needs at hand, in one query."""
    rows = NeedLineage.objects.filter(programme=programme).select_related("before", "after")
    return list(rows.order_by("id"))


def origins(programme: Programme, need: Need) -> frozenset[int]:
    """Give the database keys of a need and of all that it came of, in one query."""
    pairs = NeedLineage.objects.filter(programme=programme).values_list("after_id", "before_id")
    return frozenset(_reached(need.pk, pairs))


def now(programme: Programme) -> dict[int, list[int]]:
    """Give the open needs that stand today for each need that was merged or split, as database keys, in one query."""
    became: dict[int, list[int]] = {}
    pairs = NeedLineage.objects.filter(programme=programme).order_by("id")
    for before, after in pairs.values_list("before_id", "after_id"):
        became.setdefault(before, []).append(after)
    return {closed: list(_ends(closed, became)) for closed in became}


def outline(rows: Iterable[NeedLineage]) -> Iterator[str]:
    """Tell merges and splits as lines: the day, what became of what, and why."""
    for row in rows:
        word = "was merged into" if row.kind == LineageKind.MERGE else "was split; a part is"
        yield f"{row.recorded_at:%Y-%m-%d}: “{row.before}” {word} “{row.after}”: {row.reason}"


def _ends(start: int, became: Mapping[int, list[int]]) -> dict[int, None]:
    """Give where the ways from a closed need end. A need is closed once only, so that no way comes back."""
    ends: dict[int, None] = {}
    pending = [start]
    while pending:
        here = pending.pop()
        if here in became:
            pending.extend(reversed(became[here]))
        else:
            ends[here] = None
    return ends


def _reached(start: int, edges: Iterable[tuple[int, int]]) -> set[int]:
    """Give what the edges lead to from a start, itself included."""
    following: dict[int, list[int]] = {}
    for here, there in edges:
        following.setdefault(here, []).append(there)
    found, pending = {start}, [start]
    while pending:
        for there in following.get(pending.pop(), ()):
            if there not in found:
                found.add(there)
                pending.append(there)
    return found
