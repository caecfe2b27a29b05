"""A file held against what stands: new, the same, changed with a reason, or changed by somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handover.access import Operator, asking
from handover.actions import places
from handover.errors import Invalid
from handover.models import LedgerEntry, Programme
from indicators.actions import imports, values
from indicators.actions.imports import Outcome, Rows
from indicators.models import Indicator, Value
from indicators.queries.values import current
from tests.factories.cast import Cast
from tests.factories.indicators import csv_of, indicator

pytestmark = pytest.mark.django_db

SPAN = "2024-01-01,2024-03-31"


def _rows(lines: Sequence[str], **more: Any) -> Rows:
    return Rows(lines=[f"{line}\n" for line in lines], **more)


def _apply(cast: Cast, programme: Programme, lines: Sequence[str], **more: Any) -> Outcome:
    return imports.apply(by=cast.giver_reporter, programme_uuid=programme.uuid, rows=_rows(lines, **more))


def _preview(cast: Cast, programme: Programme, lines: Sequence[str], **more: Any) -> Outcome:
    return imports.preview(by=cast.giver_reporter, programme_uuid=programme.uuid, rows=_rows(lines, **more))


def _kinds(outcome: Outcome) -> tuple[int, int, int, int, int]:
    return outcome.new, outcome.changed, outcome.same, outcome.conflicts, outcome.refused


def _refused(
    cast: Cast, programme: Programme, lines: Sequence[str], **more: Any
) -> list[tuple[int, str, str]]:
    with pytest.raises(Invalid) as refused:
        _apply(cast, programme, lines, **more)
    problems: Any = refused.value.details["problems"]
    return [(item["line"], item["code"], item["sentence"]) for item in problems]


def _stands(cast: Cast, programme: Programme) -> list[tuple[str, Decimal | None, int, str]]:
    with asking(cast.giver):
        rows = current(programme, cutoff=None).values_list("cell", "value", "revision", "reason")
        return sorted(rows, key=lambda row: row[0])


def test_the_same_file_twice_changes_nothing(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    lines = [line.rstrip() for line in csv_of(of, 7)]
    assert _kinds(_apply(cast, programme, lines)) == (7, 0, 0, 0, 0)
    with asking(cast.giver):
        before = Value.objects.count(), LedgerEntry.objects.count()
    again = _apply(cast, programme, lines)
    assert (_kinds(again), again.count, again.batch) == ((0, 0, 7, 0, 0), 0, None)
    with asking(cast.giver):
        assert (Value.objects.count(), LedgerEntry.objects.count()) == before


def test_numbers_that_are_only_written_otherwise_are_the_same(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    _apply(cast, programme, ["indicator,start,end,value", f"{of.uuid},{SPAN},41"])
    assert _kinds(_apply(cast, programme, ["indicator,start,end,value", f"{of.uuid},{SPAN},41.00"])) == (
        0,
        0,
        1,
        0,
        0,
    )


def test_a_changed_value_needs_a_reason_and_becomes_a_revision(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    lines = ["indicator,start,end,gender,value", f"{of.uuid},{SPAN},women,41", f"{of.uuid},{SPAN},men,37"]
    _apply(cast, programme, lines)
    lines[1] = lines[1].removesuffix("41") + "42"
    assert [(line, code) for line, code, _ in _refused(cast, programme, lines)] == [(2, "already_reported")]
    outcome = _apply(cast, programme, lines, reason="A sheet was found")
    assert (_kinds(outcome), outcome.count) == ((0, 1, 1, 0, 0), 1)
    assert _stands(cast, programme) == [
        ("gender=men", Decimal(37), 1, ""),
        ("gender=women", Decimal(42), 2, "A sheet was found"),
    ]


def test_a_row_may_say_its_own_reason(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    _apply(cast, programme, ["indicator,start,end,value", f"{of.uuid},{SPAN},41"])
    header = "indicator,start,end,value,reason"
    _apply(cast, programme, [header, f"{of.uuid},{SPAN},42,One came twice"], reason="For the others")
    assert _stands(cast, programme) == [("", Decimal(42), 2, "One came twice")]


def test_a_correction_keeps_what_the_file_does_not_speak_of(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    _apply(cast, programme, ["indicator,start,end,value,comment", f"{of.uuid},{SPAN},41,Counted by hand"])
    _apply(cast, programme, ["indicator,start,end,value", f"{of.uuid},{SPAN},42"], reason="Again")
    with asking(cast.giver):
        comments = list(current(programme, cutoff=None).values_list("comment", flat=True))
    assert comments == [[{"lang": None, "text": "Counted by hand"}]]


def test_what_somebody_else_changed_in_the_meantime_is_a_conflict(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    header = "indicator,start,end,value,revision,reason"
    _apply(cast, programme, ["indicator,start,end,value", f"{of.uuid},{SPAN},41"])
    with asking(cast.giver):
        (value,) = Value.objects.all()
    values.correct(by=cast.giver, value_uuid=value.uuid, value=43, reason="Two more sheets")
    mine = [header, f"{of.uuid},{SPAN},42,1,One more sheet"]
    assert _kinds(_preview(cast, programme, mine)) == (0, 0, 0, 1, 0)
    assert _refused(cast, programme, mine) == [
        (
            2,
            "changed_since",
            "Somebody changed it after this file was made: it is “43” now (revision 2). Download it again.",
        )
    ]
    assert _kinds(_apply(cast, programme, [header, f"{of.uuid},{SPAN},43,1,One more sheet"])) == (
        0,
        0,
        1,
        0,
        0,
    )
    assert _kinds(_apply(cast, programme, [header, f"{of.uuid},{SPAN},44,2,Three"])) == (0, 1, 0, 0, 0)


def test_a_revision_that_never_was_is_a_conflict(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    lines = ["indicator,start,end,value,revision", f"{of.uuid},{SPAN},41,3"]
    assert [code for _, code, _ in _refused(cast, programme, lines)] == ["changed_since"]
    lines[1] = f"{of.uuid},{SPAN},41,0"
    assert _kinds(_apply(cast, programme, lines)) == (1, 0, 0, 0, 0)


def test_a_value_that_was_new_to_both_is_a_conflict_for_the_second(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    header = "indicator,start,end,value,revision,reason"
    _apply(cast, programme, [header, f"{of.uuid},{SPAN},41,0,"])
    assert [code for _, code, _ in _refused(cast, programme, [header, f"{of.uuid},{SPAN},42,0,Mine"])] == [
        "changed_since"
    ]


def test_places_are_told_apart(cast: Cast, programme: Programme) -> None:
    for code in ("111111", "222222"):
        places.add_unit(by=Operator(), country="RO", nuts3="RO999", code=code, name=f"Place {code}")
    of = indicator(programme, by=cast.giver)
    header = "indicator,start,end,place,value"
    lines = [header, f"{of.uuid},{SPAN},RO:111111,1", f"{of.uuid},{SPAN},RO:222222,2", f"{of.uuid},{SPAN},,3"]
    _apply(cast, programme, lines)
    assert _kinds(_preview(cast, programme, lines)) == (0, 0, 3, 0, 0)
    assert (
        _kinds(_preview(cast, programme, [*lines[:3], lines[3].removesuffix("3") + "4"], reason="x"))[2] >= 2
    )


def test_a_row_that_stands_twice_is_refused_before_anything_is_written(
    cast: Cast, programme: Programme
) -> None:
    of = indicator(programme, by=cast.giver)
    lines = ["indicator,start,end,value", f"{of.uuid},{SPAN},41", f"{of.uuid},{SPAN},41"]
    previewed = _preview(cast, programme, lines)
    assert [(item.line, item.code) for item in previewed.problems.shown] == [(2, "repeated"), (3, "repeated")]
    assert [(line, code) for line, code, _ in _refused(cast, programme, lines)] == [
        (2, "repeated"),
        (3, "repeated"),
    ]


def test_a_preview_writes_nothing(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    with asking(cast.giver):
        before = LedgerEntry.objects.count()
    lines = ["indicator,start,end,value", f"{of.uuid},{SPAN},41", "nobody,2024-01-01,2024-03-31,1"]
    outcome = _preview(cast, programme, lines)
    assert _kinds(outcome) == (1, 0, 0, 0, 1)
    assert [(item.line, item.code, item.column) for item in outcome.problems.shown] == [
        (3, "unknown_indicator", "indicator")
    ]
    with asking(cast.giver):
        assert not Value.objects.exists()
        assert LedgerEntry.objects.count() == before


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 3), max_size=6),
    second=st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 3), max_size=6),
)
def test_after_an_import_stands_what_the_file_says_and_the_rest_as_before(
    cast: Cast, programme: Programme, first: dict[str, int], second: dict[str, int]
) -> None:
    of = indicator(programme, by=cast.giver)

    def lines(said: dict[str, int]) -> list[str]:
        return ["indicator,start,end,gender,value", *(f"{of.uuid},{SPAN},{g},{n}" for g, n in said.items())]

    if first:
        _apply(cast, programme, lines(first))
    if second:
        outcome = _apply(cast, programme, lines(second), reason="Counted again")
        changed = sum(1 for key, value in second.items() if key in first and first[key] != value)
        assert (outcome.new, outcome.changed) == (len(second.keys() - first.keys()), changed)
    assert _by_gender(cast, programme, of) == {
        key: Decimal(value) for key, value in {**first, **second}.items()
    }


def _by_gender(cast: Cast, programme: Programme, of: Indicator) -> dict[str, Decimal | None]:
    with asking(cast.giver):
        rows = current(programme, cutoff=None, indicator=of).values_list("cell", "value")
        return {cell.removeprefix("gender="): value for cell, value in rows}


def test_values_of_one_group_are_told_apart_by_their_position(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    lines = ["indicator,start,end,value,position", f"{of.uuid},{SPAN},41,", f"{of.uuid},{SPAN},42,1"]
    assert _kinds(_apply(cast, programme, lines)) == (2, 0, 0, 0, 0)
    assert _kinds(_preview(cast, programme, lines)) == (0, 0, 2, 0, 0)
    wrong = [lines[0], f"{of.uuid},{SPAN},41,first"]
    assert [code for _, code, _ in _refused(cast, programme, wrong)] == ["not_a_position"]
