"""The rows of a submission, held against what stands: when it is handed in, and again when it is approved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from handover.errors import Gate, Invalid, Refused
from handover.models import Programme
from handover.narratives import best
from indicators.actions import batches
from indicators.actions.batches import Problem, Problems
from indicators.models import Draft, Indicator, Value
from indicators.queries import agreement, axes, cuts
from indicators.queries.agreement import Disagreement
from indicators.queries.submissions import DraftRow
from indicators.queries.values import current

Span = tuple[int, dt.date, dt.date]


def refuse(programme: Programme, found: Sequence[DraftRow], *, cutoff: dt.datetime | None) -> None:
    """Refuse a submission whose rows would not become values as they are, in constant queries.

    Args:
        cutoff: ``Reach.cutoff`` of who is told.

    Raises:
        Refused: values were entered meanwhile where rows would go, or totals are not what their groups add up to.
        Invalid: rows that may not be reported whatever their number.
    """
    refuse_collisions(found, cutoff=cutoff)
    drafts = [item.draft for item in found]
    refuse_contradictions(programme, drafts)
    refuse_apart(programme, drafts, cutoff=cutoff)


def refuse_collisions(found: Iterable[DraftRow], *, cutoff: dt.datetime | None) -> None:
    """Refuse rows in whose place a value was entered since they were put.

    Raises:
        Refused: it names each.
    """
    gates = [_collision(item, cutoff) for item in found if item.collides]
    if gates:
        raise Refused(
            "entered_meanwhile",
            f"A value was entered meanwhile where {len(gates)} of the rows would go: put them again, as corrections.",
            gates,
        )


def refuse_contradictions(programme: Programme, drafts: Sequence[Draft]) -> None:
    """Refuse rows that may not be reported whatever their number, as their definitions stand now; in constant queries.

    Raises:
        Invalid: all of them, each by its number, from 1.
    """
    problems = sorted(_contradictions(programme, drafts))
    batches.refuse(Problems(problems[: batches.SHOWN], len(problems)))


def _contradictions(programme: Programme, drafts: Sequence[Draft]) -> Iterator[Problem]:
    known = axes.allowed(programme) if any(draft.indicator.axes for draft in drafts) else {}
    new = [(draft.indicator_id, draft.starts_on, draft.ends_on) for draft in drafts if draft.revision == 1]
    cut = cuts.refused(programme, new)
    for line, draft in enumerate(drafts, start=1):
        if draft.indicator.expression:
            title = best(draft.indicator.title)
            yield Problem(line, "calculated", f"“{title}” is calculated from others: report its parts.")
        try:
            axes.check(draft.indicator, draft.dimensions, known)
        except Invalid as error:
            yield Problem(line, error.code, error.sentence)
        sentence = cut.get((draft.indicator_id, draft.starts_on, draft.ends_on))
        if sentence is not None and draft.revision == 1:
            yield Problem(line, "cut_by_handover", sentence)


def _collision(item: DraftRow, cutoff: dt.datetime | None) -> Gate:
    now, row = item.now, item.draft
    said = "a value came after your view ended"
    if now is not None and (cutoff is None or now.recorded_at <= cutoff):
        said = f"{now.value_text} stands there now, reported by {now.reporter_name}"
    where = ", ".join(part for part in (row.cell, row.place.name if row.place else "") if part)
    about = f"“{best(row.indicator.title)}”, {row.starts_on} to {row.ends_on}{f' ({where})' if where else ''}"
    sentence = f"{about}: {said}."
    return Gate("value_entered", sentence, str(row.uuid))


def refuse_apart(programme: Programme, drafts: Sequence[Draft], *, cutoff: dt.datetime | None) -> None:
    """Refuse totals that are not what their groups add up to, once the rows stand beside the values that are there.

    Raises:
        Refused: it names each.
    """
    gates = [
        Gate(
            "total_apart",
            f"{_named(indicator, each.starts_on, each.ends_on)}: {each.sentence}",
            str(indicator.uuid),
        )
        for indicator, each in _apart(programme, drafts, cutoff)
        if each.wrong
    ]
    if gates:
        raise Refused("parts_and_total", "Totals and groups do not agree.", gates)


def _apart(
    programme: Programme, drafts: Sequence[Draft], cutoff: dt.datetime | None
) -> Iterator[tuple[Indicator, Disagreement]]:
    """Compare the totals of each period that has rows with its groups; a row takes the place of its value."""
    slots: dict[Span, dict[tuple[object, ...], Draft | Value]] = {}
    indicators = {draft.indicator_id: draft.indicator for draft in drafts if draft.indicator.axes}
    wanted = {
        (draft.indicator_id, draft.starts_on, draft.ends_on)
        for draft in drafts
        if draft.indicator_id in indicators
    }
    if not wanted:
        return
    there = current(programme, cutoff=cutoff).filter(
        period__indicator__in=indicators,
        period__starts_on__in={first for _, first, _ in wanted},
        period__ends_on__in={last for _, _, last in wanted},
    )
    for value in there.select_related("period"):
        first, last = value.period.starts_on, value.period.ends_on
        if first is not None and last is not None and (value.indicator_id, first, last) in wanted:
            slots.setdefault((value.indicator_id, first, last), {})[_slot(value)] = value
    for draft in drafts:
        slots.setdefault((draft.indicator_id, draft.starts_on, draft.ends_on), {})[_slot(draft)] = draft
    for (key, first, last), rows in sorted(slots.items(), key=lambda item: item[0]):
        if key in indicators:
            found = agreement.of_rows(indicators[key], rows.values(), starts_on=first, ends_on=last)
            yield from ((indicators[key], each) for each in found)


def _slot(row: Draft | Value) -> tuple[object, ...]:
    return row.place_id, row.cell, row.position


def _named(indicator: Indicator, first: dt.date | None, last: dt.date | None) -> str:
    return f"“{best(indicator.title)}”, {first} to {last}"
