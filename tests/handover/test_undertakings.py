"""Undertakings of institutions: promised with what depends on them, shown year by year, contested, kept or broken."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover import clock
from handover.access import asking
from handover.actions import undertakings
from handover.errors import Invalid, NotAllowed, NotFound, Stale
from handover.models import LedgerEntry, Programme, Undertaking, UndertakingYear
from handover.models.undertakings import Outcome
from handover.queries import undertakings as reads
from handover.queries.undertakings import YearState
from tests.factories.cast import Cast
from tests.factories.programmes import responsibility

db = pytest.mark.django_db

PROMISED: dict[str, Any] = {
    "kind": "posts",
    "title": "Two school mediators stay employed",
    "quantity": "2",
    "unit": "FTE",
    "starts_on": dt.date(2026, 7, 1),
}


@pytest.fixture
def row(cast: Cast, programme: Programme) -> Iterator[Undertaking]:
    """Give a promise of the steward, made in July 2026, read as its steward in May 2028."""
    with clock.at(dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)):
        made = undertakings.enter(
            by=cast.giver, programme_uuid=programme.uuid, organisation=cast.giver.organisation, **PROMISED
        )
    with clock.at(dt.datetime(2028, 5, 1, 12, tzinfo=dt.UTC)), asking(cast.giver):
        yield made


def said(cast: Cast, row: Undertaking, year: int, outcome: str, **given: Any) -> UndertakingYear:
    reason = "" if outcome == "kept" else "One post is vacant since September"
    return undertakings.say(
        by=cast.giver, undertaking_uuid=row.uuid, year=year, outcome=outcome, **{"reason": reason, **given}
    )


def states(row: Undertaking) -> dict[int, YearState]:
    (found,) = reads.of_programme(row.programme)
    return {item.year: item.state for item in found.years}


def verbs(row: Undertaking) -> list[str]:
    found = LedgerEntry.objects.filter(programme_id=row.programme_id).order_by("seq")
    bodies = [json.loads(entry.body) for entry in found]
    return [body["verb"] for body in bodies if body.get("subject") == str(row.uuid)]


# --- what is promised -----------------------------------------------------------------------------


@db
def test_a_promise_is_entered_with_what_depends_on_it(cast: Cast, programme: Programme) -> None:
    duty = responsibility(programme, by=cast.giver)
    made = undertakings.enter(
        by=cast.giver,
        programme_uuid=programme.uuid,
        organisation=cast.giver.organisation,
        responsibilities=[duty.uuid],
        **PROMISED,
    )
    with asking(cast.giver):
        (found,) = reads.of_programme(programme)
        assert [item.responsibility for item in found.row.dependents.all()] == [duty]
        assert verbs(made) == ["undertaking.entered"]


@db
def test_what_depends_on_it_is_set_as_a_whole_and_only_what_changes_is_kept(
    cast: Cast, programme: Programme, row: Undertaking
) -> None:
    first, second = (responsibility(programme, by=cast.giver) for _ in range(2))
    undertakings.depend(by=cast.giver, undertaking_uuid=row.uuid, responsibilities=[first.uuid, second.uuid])
    undertakings.depend(by=cast.giver, undertaking_uuid=row.uuid, responsibilities=[second.uuid])
    (found,) = reads.of_programme(programme)
    assert [item.responsibility for item in found.row.dependents.all()] == [second]
    with pytest.raises(Invalid) as refused:
        undertakings.depend(by=cast.giver, undertaking_uuid=row.uuid, responsibilities=[second.uuid])
    assert refused.value.code == "nothing_changed"


@db
def test_a_responsibility_of_another_programme_is_refused(cast: Cast, row: Undertaking) -> None:
    with pytest.raises(Invalid) as refused:
        undertakings.depend(by=cast.giver, undertaking_uuid=row.uuid, responsibilities=[row.uuid])
    assert refused.value.code == "unknown_responsibility"


@db
@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"unit": ""}, "unit_missing"),
        ({"amount": "100"}, "currency_missing"),
        ({"ends_on": dt.date(2020, 1, 1)}, "dates_reversed"),
        ({"due_month": 13}, "invalid"),
        ({"quantity": 1.5}, "not_exact"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_entered(
    cast: Cast, programme: Programme, wrong: dict[str, Any], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        undertakings.enter(
            by=cast.giver,
            programme_uuid=programme.uuid,
            organisation=cast.giver.organisation,
            **{**PROMISED, **wrong},
        )
    if code != "invalid":
        assert refused.value.code == code
    with asking(cast.giver):
        assert not Undertaking.objects.exists()


@db
def test_only_who_edits_the_programme_enters_and_a_stranger_finds_nothing(
    cast: Cast, programme: Programme, row: Undertaking
) -> None:
    with pytest.raises(NotAllowed):
        undertakings.enter(
            by=cast.donor, programme_uuid=programme.uuid, organisation=cast.donor.organisation, **PROMISED
        )
    with pytest.raises(NotFound):
        undertakings.say(by=cast.stranger, undertaking_uuid=row.uuid, year=2026, outcome="kept")


@db
def test_an_edit_leaves_its_trace_and_cannot_drop_a_year_of_which_something_was_said(
    cast: Cast, row: Undertaking
) -> None:
    said(cast, row, 2027, "kept")
    undertakings.edit(by=cast.giver, undertaking_uuid=row.uuid, version=1, ends_on=dt.date(2029, 6, 30))
    with pytest.raises(Invalid) as refused:
        undertakings.edit(by=cast.giver, undertaking_uuid=row.uuid, version=2, ends_on=dt.date(2026, 12, 31))
    assert refused.value.code == "year_said"
    with pytest.raises(Stale):
        undertakings.edit(by=cast.giver, undertaking_uuid=row.uuid, version=1, title="Other")
    assert verbs(row) == ["undertaking.entered", "undertaking.said", "undertaking.edited"]


# --- what became of it ----------------------------------------------------------------------------


@db
def test_a_year_is_awaited_until_its_day_and_overdue_after_it(cast: Cast, row: Undertaking) -> None:
    for day, state in (
        ("2026-12-31", YearState.RUNNING),
        ("2027-03-31", YearState.AWAITED),
        ("2027-04-01", YearState.OVERDUE),
    ):
        (found,) = reads.of_programme(row.programme, today=dt.date.fromisoformat(day))
        assert next(item.state for item in found.years if item.year == 2026) is state


@db
def test_a_year_is_kept_or_not_with_its_reason(cast: Cast, row: Undertaking) -> None:
    said(cast, row, 2026, "kept", quantity="2")
    said(cast, row, 2027, "partly", quantity="1")
    assert states(row) == {2026: YearState.KEPT, 2027: YearState.PARTLY, 2028: YearState.RUNNING}
    with pytest.raises(Invalid) as refused:
        said(cast, row, 2028, "broken", reason=" ")
    assert refused.value.code == "reason_needed"


@db
@pytest.mark.parametrize(
    ("year", "outcome", "code"),
    [
        (2025, "kept", "year_not_promised"),
        (2029, "broken", "year_not_promised"),
        (2028, "kept", "year_not_over"),
    ],
)
def test_a_year_outside_or_not_over_is_refused(
    cast: Cast, row: Undertaking, year: int, outcome: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        said(cast, row, year, outcome)
    assert refused.value.code == code


@db
def test_a_promise_may_be_broken_before_the_year_is_over(cast: Cast, row: Undertaking) -> None:
    said(cast, row, 2028, "broken")
    assert states(row)[2028] is YearState.BROKEN


@db
def test_who_watches_may_contest_and_the_least_that_is_said_counts(cast: Cast, row: Undertaking) -> None:
    said(cast, row, 2027, "kept")
    undertakings.say(
        by=cast.community, undertaking_uuid=row.uuid, year=2027, outcome="broken", reason="Nobody came"
    )
    (found,) = reads.of_programme(row.programme)
    year = next(item for item in found.years if item.year == 2027)
    assert (year.state, year.outcome) == (YearState.CONTESTED, Outcome.BROKEN)
    assert found.state is YearState.CONTESTED


@db
def test_what_others_say_does_not_stand_in_for_the_institution(cast: Cast, row: Undertaking) -> None:
    undertakings.say(by=cast.donor, undertaking_uuid=row.uuid, year=2026, outcome="kept")
    assert states(row)[2026] is YearState.OVERDUE


@db
def test_an_organisation_says_it_once_and_changes_its_own_words_alone(cast: Cast, row: Undertaking) -> None:
    made = said(cast, row, 2027, "kept")
    with pytest.raises(Invalid) as refused:
        said(cast, row, 2027, "kept")
    assert refused.value.code == "said_already"
    with pytest.raises(NotAllowed):
        undertakings.resay(by=cast.donor, said_uuid=made.uuid, version=1, outcome="broken", reason="No")
    undertakings.resay(by=cast.giver, said_uuid=made.uuid, version=1, outcome="partly", reason="Half of it")
    assert states(row)[2027] is YearState.PARTLY
    assert verbs(row)[-1] == "undertaking.said_anew"


@db
def test_a_file_shows_it_and_opens_to_whoever_reads_the_programme(cast: Cast, row: Undertaking) -> None:
    made = said(cast, row, 2026, "kept", content=[b"decision"], filename="../decision.pdf")
    assert made.filename == "decision.pdf"
    assert undertakings.open_file(by=cast.donor, said_uuid=made.uuid) == b"decision"
    with pytest.raises(NotFound):
        undertakings.open_file(by=cast.stranger, said_uuid=made.uuid)


@db
def test_a_file_and_a_link_at_once_are_refused(cast: Cast, row: Undertaking) -> None:
    with pytest.raises(Invalid) as refused:
        said(cast, row, 2026, "kept", content=[b"x"], filename="x.pdf", link="https://example.org/x")
    assert refused.value.code == "file_or_link"


@db
def test_nothing_that_was_said_after_a_cut_off_is_told(cast: Cast, row: Undertaking) -> None:
    said(cast, row, 2026, "kept")
    (found,) = reads.of_programme(row.programme, cutoff=dt.datetime(2027, 1, 1, tzinfo=dt.UTC))
    assert [item.own for item in found.years] == [None, None, None]


# --- days and years -------------------------------------------------------------------------------


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.integers(1, 12), st.integers(1, 31))
def test_evidence_is_due_in_the_year_after_on_a_day_that_exists(
    starts_on: dt.date, month: int, day: int
) -> None:
    row = Undertaking(starts_on=starts_on, due_month=month, due_day=day)
    due = reads.due_on(row, starts_on.year)
    assert (due.year, due.month) == (starts_on.year + 1, month)
    assert due.day == day or (due + dt.timedelta(days=1)).month != month


@given(
    st.dates(dt.date(2000, 1, 1), dt.date(2050, 1, 1)),
    st.none() | st.integers(0, 5000),
    st.dates(dt.date(2000, 1, 1), dt.date(2060, 1, 1)),
)
def test_the_years_of_a_promise_have_begun_and_lie_within_it(
    starts_on: dt.date, days: int | None, today: dt.date
) -> None:
    ends_on = None if days is None else starts_on + dt.timedelta(days=days)
    for year in reads.span(Undertaking(starts_on=starts_on, ends_on=ends_on), today):
        assert starts_on.year <= year <= today.year
        assert ends_on is None or year <= ends_on.year
