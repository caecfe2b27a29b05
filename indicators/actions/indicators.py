"""Indicators: defined and edited."""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

from handover import access, ledger
from handover.access import Actor
from handover.actions import action
from handover.actions.columns import checking
from handover.errors import Invalid, NotFound
from handover.models import Programme, Responsibility
from handover.models.base import InProgramme
from handover.narratives import best
from handover.permissions import Permission
from indicators.actions import breaks, entries
from indicators.actions.breaks import Broken
from indicators.actions.entries import Amount, Text
from indicators.models import Indicator, Result, Value
from indicators.models.codes import NUMERIC_MEASURES, Aggregation, CountingRule, Frequency, Measure
from indicators.queries import axes, codelists, cuts
from indicators.queries.calculated import circle, parts_of
from indicators.queries.definitions import SERIES_FIELDS, problems
from indicators.queries.digests import sealed


class IndicatorEntry(TypedDict, total=False):
    """What can be said of an indicator. References are UUIDs of the same programme; ``None`` takes one away."""

    measure: Measure | str
    ascending: str
    aggregation_status: str
    title: Text
    description: Text
    references: Sequence[Mapping[str, str]]
    documents: Sequence[Mapping[str, Any]]
    counting_rule: CountingRule | str
    responsibility: UUID | None
    intervention: UUID | None
    need: UUID | None
    frequency: Frequency | str
    unit: str
    currency: str
    scale: Sequence[Mapping[str, Any]]
    source: str
    method: str
    collected_by: str
    over_time: Aggregation | str
    over_places: Aggregation | str
    over_groups: Aggregation | str
    axes: Sequence[str]
    green_from: Amount | None
    amber_from: Amount | None
    due_days: int | None
    approval: bool
    expression: str
    parts: Mapping[str, UUID | str]


FIELDS: Final = frozenset(IndicatorEntry.__annotations__)
LINES: Final = frozenset({"unit", "currency", "source", "method", "collected_by", "expression"})
THRESHOLDS: Final = frozenset({"green_from", "amber_from"})


@action
def define(*, by: Actor, result_uuid: UUID, **entry: Unpack[IndicatorEntry]) -> Indicator:
    """Add an indicator to a result, after those that are there. Measure and title are needed.

    With a responsibility, who holds that may define it, else the steward.

    Raises:
        NotFound, NotAllowed: the actor may not define it.
        Invalid: an unknown or a wrong field, a rule that contradicts the measure, or a reference to nothing.
    """
    result = Result.objects.select_related("programme").filter(uuid=result_uuid).order_by("id").first()
    if result is None:
        raise NotFound("result")
    programme = access.authorise(by, result.programme_id, None, may=Permission.VIEW)
    entries.only(entry, FIELDS, what="An indicator")
    entries.needed(entry, ("measure", "title"))
    references = entries.referred(programme, [entry])
    row = Indicator(
        programme=programme,
        result=result,
        position=result.indicators.count(),
        **definition_columns(entry, references),
    )
    entries.ask(by, programme, [row], may=entries.DEFINE)
    entries.checked(row)
    refuse_wrong(by, programme, [row])
    row.save()
    _record("indicator.defined", by, row, entry)
    return row


@action
def edit(
    *,
    by: Actor,
    indicator_uuid: UUID,
    version: int,
    break_in: Broken | None = None,
    **changes: Unpack[IndicatorEntry],
) -> Indicator:
    """Change an indicator. If its responsibility changes, the old and the new one are asked.

    Args:
        break_in: the break in the series that the change makes; stated together with it. Needed where measure, unit,
            counting rule or expression of an indicator change that changed hands before.

    Raises:
        NotFound, NotAllowed: the actor may not define it.
        Stale: somebody else was quicker.
        Invalid: an unknown or a wrong field, a rule that contradicts the measure, a reference to nothing, an expression
            where values were reported, or ``break_needed``.
    """
    entries.only(changes, FIELDS, what="An indicator")
    row = entries.indicator_for(by, indicator_uuid, may=entries.DEFINE)
    values = definition_columns(changes, entries.referred(row.programme, [changes]))
    if "responsibility" in values:
        after: Responsibility | None = values["responsibility"]
        access.authorise(by, row.programme_id, after, may=entries.DEFINE)
    said = copy.copy(row)
    for name, value in values.items():
        setattr(said, name, value)
    with checking():
        said.clean_fields(exclude=[field.name for field in row._meta.fields if field.name not in values])
    _refuse_unknown(by, said, row, set(changes))
    _refuse_silent_break(row, said, break_in)
    if break_in is not None:
        breaks.stated(by, row, break_in)
    with checking():
        row.change(version=version, **values)
    _record("indicator.edited", by, row, changes)
    return row


def definition_columns(
    given: Mapping[str, Any], references: Mapping[tuple[str, UUID], InProgramme]
) -> dict[str, Any]:
    """Turn what was entered of an indicator into column values.

    Raises:
        Invalid: a threshold that is no number, or something that is no list or no text where one is needed.
    """
    values = entries.columns(given, references)
    for name in LINES & values.keys():
        values[name] = str(values[name] or "").strip()
    for name in THRESHOLDS & values.keys():
        values[name] = entries.exact(values[name], name)
    if "scale" in values:
        values["scale"] = [
            {"code": str(item.get("code") or "").strip(), "title": entries.text(item.get("title"))}
            for item in values["scale"] or ()
        ]
    if "axes" in values:
        values["axes"] = [str(name) for name in values["axes"] or ()]
    if "parts" in values:
        values["parts"] = {str(name): str(uuid) for name, uuid in (values["parts"] or {}).items()}
    return values


def refuse_contradictions(row: Indicator) -> None:
    """Refuse a definition that contradicts itself.

    Raises:
        Invalid: the first contradiction.
    """
    for field, code, sentence in problems(row):
        raise Invalid(code, sentence, field=field)


def refuse_wrong(by: Actor, programme: Programme, rows: Sequence[Indicator]) -> None:
    """Refuse new definitions that contradict themselves or name codes, axes or parts that are not there.

    They may be calculated from each other. In a number of queries that does not depend on how many there are.

    Raises:
        Invalid: the first that is wrong.
    """
    for row in rows:
        refuse_contradictions(row)
    if any(row.references for row in rows):
        lists = {**codelists.own(by.organisation), **codelists.shipped()}
        for row in rows:
            codelists.check(row.references, lists=lists)
    if any(row.axes for row in rows):
        known = axes.allowed(programme)
        for row in rows:
            _refuse_unknown_axes(row, known)
    if any(row.expression for row in rows):
        _refuse_wrong_parts(programme, rows)


def _refuse_unknown(by: Actor, row: Indicator, before: Indicator, said: set[str]) -> None:
    """Refuse an edit by which a definition would name codes, axes or parts that are not there.

    Raises:
        Invalid: the first of them.
    """
    refuse_contradictions(row)
    if "references" in said:
        lists = {**codelists.own(by.organisation), **codelists.shipped()}
        codelists.check(row.references, lists=lists, before=before.references)
    if "axes" in said and row.axes:
        _refuse_unknown_axes(row, axes.allowed(row.programme))
    if row.expression and said & {"expression", "parts"}:
        _refuse_wrong_parts(row.programme, [row])
        if not before.expression and Value.objects.filter(period__indicator=row).exists():
            raise Invalid(
                "values_reported",
                "Values were reported for this indicator: a calculated one is defined beside it.",
                field="expression",
            )


def _refuse_unknown_axes(row: Indicator, known: Mapping[str, Collection[str]]) -> None:
    for number, name in enumerate(row.axes):
        if name not in known:
            raise Invalid("unknown_axis", f"The programme has no axis “{name}”.", field="axes")
        if name in row.axes[:number]:
            raise Invalid("unknown_axis", f"The axis “{name}” stands twice.", field="axes")


def _refuse_wrong_parts(programme: Programme, changed: Sequence[Indicator]) -> None:
    """Refuse parts that are no numbers of the same programme, and those that lead back to where they came from.

    Of two who close a circle from both ends, the second waits here and finds the first's half.
    """
    rows = Indicator.objects.select_for_update(no_key=True).filter(programme=programme).order_by("id")
    known = {found.uuid: found for found in rows.only("uuid", "title", "measure", "expression", "parts")}
    known.update({row.uuid: row for row in changed})
    for row in changed:
        for name, text in sorted(row.parts.items()):
            part = known.get(_uuid(text))
            if part is None:
                raise Invalid(
                    "unknown_part",
                    f"“{name}” stands for no indicator of this programme: {text}.",
                    field="parts",
                )
            if part.measure not in NUMERIC_MEASURES:
                raise Invalid("part_of_words", f"“{best(part.title)}” is not a number.", field="parts")
    tree = {uuid: parts_of(found).values() for uuid, found in known.items() if found.expression}
    for row in changed:
        way = circle(tree, row.uuid)
        if way is not None:
            titles = " → ".join(best(known[uuid].title) for uuid in way)
            raise Invalid(
                "calculated_from_itself", f"It would be calculated from itself: {titles}.", field="parts"
            )


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("unknown_part", f"“{text}” names no indicator.", field="parts") from None


def _refuse_silent_break(row: Indicator, after: Indicator, break_in: Broken | None) -> None:
    """Refuse to change what a series counts once it has changed hands, unless a break is stated with it.

    Raises:
        Invalid: ``break_needed``.
    """
    changed = [name for name in SERIES_FIELDS if getattr(row, name) != getattr(after, name)]
    if not changed or break_in is not None:
        return
    days = [each.day for each in cuts.days_of(row, cuts.handover_days(row.programme))]
    if not days or not (row.expression or Value.objects.filter(period__indicator=row).exists()):
        return
    raise Invalid(
        "break_needed",
        f"This indicator changed hands on {days[-1]}: if its {changed[0].replace('_', ' ')} changes, say from which"
        " day and why, so that the series breaks there.",
        field=changed[0],
    )


def _record(verb: str, by: Actor, row: Indicator, said: Mapping[str, Any]) -> None:
    ledger.record(
        verb=verb,
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={"said": entries.facts(said), "version": row.version, "sealed": sealed([row])},
    )
