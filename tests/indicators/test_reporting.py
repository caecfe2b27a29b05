"""Values are reported, with everything that is known of them, and corrected by a new revision."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from handover import clock
from handover.access import Operator, asking
from handover.actions import places
from handover.errors import Invalid, NotFound, Stale
from handover.models import LedgerEntry, Programme
from handover.models.guard import DirectWrite
from indicators.actions import values
from indicators.actions.batches import CHUNK
from indicators.actions.values import Reported
from indicators.models import Period, Value
from indicators.queries.values import current, history
from tests.factories.cast import TODAY, Cast
from tests.factories.indicators import FIRST_QUARTER, SECOND_QUARTER, csv_of, indicator, reported

pytestmark = pytest.mark.django_db


def _entries(cast: Cast, verb: str) -> list[dict[str, Any]]:
    import json

    with asking(cast.giver):
        bodies = [
            json.loads(body) for body in LedgerEntry.objects.order_by("seq").values_list("body", flat=True)
        ]
    return [body for body in bodies if body["verb"] == verb]


def _listed(refused: Invalid) -> list[dict[str, Any]]:
    problems: Any = refused.details["problems"]
    return list(problems)


def _values(cast: Cast, programme: Programme) -> list[Value]:
    with asking(cast.giver):
        return list(current(programme, cutoff=None).select_related("organisation", "reported_by"))


def test_a_value_keeps_who_reported_it_and_for_whom(cast: Cast, programme: Programme) -> None:
    reported(indicator(programme, by=cast.giver), {"women": 41}, by=cast.giver_reporter)
    (row,) = _values(cast, programme)
    assert (row.value, row.value_text, row.cell) == (Decimal(41), "41", "gender=women")
    assert (row.reported_by, row.organisation) == (cast.giver_reporter.user, cast.giver.organisation)
    assert row.reporter_name == cast.giver_reporter.user.display_name
    assert row.organisation_name == cast.giver.organisation.name
    assert (row.recorded_at, row.revision, row.reason) == (TODAY, 1, "")


def test_reporting_makes_the_period_once(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    for gender in ("women", "men"):
        reported(of, {gender: 1}, by=cast.giver_reporter)
    reported(of, {"women": 1}, by=cast.giver_reporter, quarter=SECOND_QUARTER)
    with asking(cast.giver):
        spans = list(Period.objects.values_list("starts_on", "ends_on", "position"))
    assert spans == [(*FIRST_QUARTER, 0), (*SECOND_QUARTER, 1)]


def test_everything_that_iati_lets_a_value_say_is_kept(cast: Cast, programme: Programme) -> None:
    row = Reported(
        value="41.50",
        dimensions=[{"name": "sex", "value": "f"}, {"name": "age", "value": "a|b"}],
        numerator=83,
        denominator="200",
        comment={"en": "Estimated", "ro": "Estimat"},
        locations=[{"ref": "A-1"}],
        documents=[{"url": "https://giver.example/report"}],
        extra={"kept": "as it was"},
    )
    reported(indicator(programme, by=cast.giver), [row], by=cast.giver_reporter)
    (found,) = _values(cast, programme)
    assert (found.value, found.value_text) == (Decimal("41.5"), "41.50")
    assert (found.numerator, found.denominator) == (Decimal(83), Decimal(200))
    assert found.dimensions == [{"name": "sex", "value": "f"}, {"name": "age", "value": "a|b"}]
    assert found.cell == r"age=a\|b|sex=f"
    assert found.comment == [{"lang": "en", "text": "Estimated"}, {"lang": "ro", "text": "Estimat"}]
    assert (found.locations, found.documents) == ([{"ref": "A-1"}], [{"url": "https://giver.example/report"}])
    assert found.extra == {"kept": "as it was"}


def test_one_cell_may_have_values_at_several_places(cast: Cast, programme: Programme) -> None:
    somewhere = places.add_unit(by=Operator(), country="RO", nuts3="RO999", code="999999", name="A place")
    rows = [Reported(value=1), Reported(value=2, place=somewhere.uuid), Reported(value=3, position=1)]
    reported(indicator(programme, by=cast.giver), rows, by=cast.giver_reporter)
    assert sorted(row.value or 0 for row in _values(cast, programme)) == [1, 2, 3]


def test_qualitative_indicators_take_words(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver, measure="5", counting_rule="none")
    reported(of, {"": "The community trusts the school more than before."}, by=cast.giver_reporter)
    (row,) = _values(cast, programme)
    assert (row.value, row.value_text) == (None, "The community trusts the school more than before.")


def test_the_ledger_commits_to_every_row_of_a_report(cast: Cast, programme: Programme) -> None:
    batch = reported(indicator(programme, by=cast.giver), {"women": 41, "men": 37}, by=cast.giver_reporter)
    (entry,) = _entries(cast, "values.reported")
    rows = sorted(_values(cast, programme), key=lambda row: row.uuid)
    assert entry["subject"] == entry["data"]["batch"] == str(batch.uuid)
    assert (entry["data"]["count"], entry["data"]["digest"]) == (2, batch.digest)
    assert entry["data"]["rows"] == [[str(row.uuid), bytes(row.digest).hex()] for row in rows]


def test_the_ledger_commits_to_a_large_batch_by_chunks(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    values.import_csv(by=cast.giver_reporter, programme_uuid=programme.uuid, lines=csv_of(of, CHUNK * 2 + 1))
    (entry,) = _entries(cast, "values.reported")
    rows = sorted(_values(cast, programme), key=lambda row: row.uuid)
    chunks = entry["data"]["chunks"]
    assert "rows" not in entry["data"]
    assert [count for _, _, count, _ in chunks] == [CHUNK, CHUNK, 1]
    assert (chunks[0][0], chunks[-1][1]) == (str(rows[0].uuid), str(rows[-1].uuid))


def test_a_report_takes_the_same_number_of_statements_however_many_values_it_has(
    cast: Cast, programme: Programme
) -> None:
    counts = []
    for size in (1, 200):
        of = indicator(programme, by=cast.giver)
        rows = [Reported(value=number, dimensions={"school": f"S{number}"}) for number in range(size)]
        with CaptureQueriesContext(
            connection,
        ) as seen:
            reported(of, rows, by=cast.giver_reporter)
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (Reported(value="many"), "not_a_number"),
        (Reported(value=None), "not_a_number"),
        (Reported(value="1e5"), "not_a_number"),
        (Reported(value=0.1), "not_exact"),  # type: ignore[arg-type]
        (Reported(value=1, numerator=1), "half_a_share"),
        (Reported(value=1, numerator=1, denominator=0), "share_of_nothing"),
    ],
)
def test_a_value_that_cannot_be_kept_exactly_is_refused_by_its_number(
    cast: Cast, programme: Programme, row: Reported, code: str
) -> None:
    of = indicator(programme, by=cast.giver)
    with pytest.raises(Invalid) as refused:
        reported(of, [Reported(value=1), row], by=cast.giver_reporter)
    assert [(item["line"], item["code"]) for item in _listed(refused.value)] == [(2, code)]
    assert _values(cast, programme) == []


def test_what_is_there_already_is_not_reported_again(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    reported(of, {"women": 41}, by=cast.giver_reporter)
    with pytest.raises(Invalid) as refused:
        reported(of, {"men": 1, "women": 42}, by=cast.giver_reporter)
    assert [(item["line"], item["code"]) for item in _listed(refused.value)] == [(2, "already_reported")]
    assert [row.value for row in _values(cast, programme)] == [41]


def test_nothing_is_not_a_report(cast: Cast, programme: Programme) -> None:
    with pytest.raises(Invalid, match="nothing to report"):
        reported(indicator(programme, by=cast.giver), [], by=cast.giver_reporter)


def test_a_period_that_ends_before_it_begins_is_refused(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    with pytest.raises(Invalid, match="ends before it begins"):
        reported(of, {"": 1}, by=cast.giver, quarter=(dt.date(2024, 2, 1), dt.date(2024, 1, 1)))


# --- corrections ----------------------------------------------------------------------------------


def test_a_correction_is_a_new_revision_with_a_reason(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    reported(
        of,
        [Reported(value=41, dimensions={"gender": "women"}, comment="First count")],
        by=cast.giver_reporter,
    )
    (before,) = _values(cast, programme)
    values.correct(by=cast.giver, value_uuid=before.uuid, value=44, reason="Three enrolled late")
    (after,) = _values(cast, programme)
    assert (after.value, after.revision, after.reason) == (Decimal(44), 2, "Three enrolled late")
    assert (after.cell, after.comment) == (before.cell, before.comment)
    assert after.uuid != before.uuid
    with asking(cast.giver):
        assert [row.value for row in history(after, cutoff=None)] == [41, 44]


def test_the_ledger_says_what_was_corrected_and_why(cast: Cast, programme: Programme) -> None:
    reported(indicator(programme, by=cast.giver), {"women": 41}, by=cast.giver_reporter)
    (before,) = _values(cast, programme)
    values.correct(by=cast.giver, value_uuid=before.uuid, value=44, reason="Three enrolled late")
    (entry,) = _entries(cast, "values.corrected")
    assert entry["data"]["corrects"] == str(before.uuid)
    assert entry["data"]["reason"] == "Three enrolled late"


def test_a_correction_without_a_reason_is_refused(cast: Cast, programme: Programme) -> None:
    reported(indicator(programme, by=cast.giver), {"women": 41}, by=cast.giver_reporter)
    (row,) = _values(cast, programme)
    with pytest.raises(Invalid, match="needs a reason"):
        values.correct(by=cast.giver, value_uuid=row.uuid, value=44, reason="  ")


def test_whoever_corrects_a_value_that_was_corrected_since_is_told(cast: Cast, programme: Programme) -> None:
    reported(indicator(programme, by=cast.giver), {"women": 41}, by=cast.giver_reporter)
    (row,) = _values(cast, programme)
    values.correct(by=cast.giver, value_uuid=row.uuid, value=44, reason="Three enrolled late")
    with pytest.raises(Stale):
        values.correct(by=cast.giver, value_uuid=row.uuid, value=45, reason="Four enrolled late")


def test_a_corrected_value_keeps_who_reported_each_revision(cast: Cast, programme: Programme) -> None:
    reported(indicator(programme, by=cast.giver), {"women": 41}, by=cast.giver_reporter)
    (row,) = _values(cast, programme)
    values.correct(by=cast.giver_officer, value_uuid=row.uuid, value=44, reason="Three enrolled late")
    with asking(cast.giver):
        assert list(Value.objects.order_by("revision").values_list("reporter_name", flat=True)) == [
            cast.giver_reporter.user.display_name,
            cast.giver_officer.user.display_name,
        ]


def test_a_view_that_ended_does_not_show_what_was_recorded_after(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    reported(of, {"women": 41}, by=cast.giver_reporter)
    (row,) = _values(cast, programme)
    with clock.at(TODAY + dt.timedelta(days=2)):
        values.correct(by=cast.giver, value_uuid=row.uuid, value=44, reason="Three enrolled late")
        reported(of, {"men": 37}, by=cast.giver_reporter)
    with asking(cast.giver):
        seen = current(programme, cutoff=TODAY + dt.timedelta(days=1), indicator=of)
        assert [(found.cell, found.value) for found in seen] == [("gender=women", Decimal(41))]
        assert current(programme, cutoff=None, indicator=of).count() == 2


def test_another_tenants_value_does_not_exist(cast: Cast, programme: Programme) -> None:
    reported(indicator(programme, by=cast.giver), {"women": 41}, by=cast.giver_reporter)
    (row,) = _values(cast, programme)
    with pytest.raises(NotFound):
        values.correct(by=cast.stranger, value_uuid=row.uuid, value=44, reason="Mine now")


# --- rows are only ever added ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    ["UPDATE indicators_value SET value = 0", "DELETE FROM indicators_value", "TRUNCATE indicators_value"],
)
def test_the_web_role_changes_no_value(cast: Cast, programme: Programme, statement: str) -> None:
    reported(indicator(programme, by=cast.giver), {"women": 41}, by=cast.giver_reporter)
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        asking(cast.giver),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert [row.value for row in _values(cast, programme)] == [41]


def test_a_value_is_not_written_outside_an_action(cast: Cast, programme: Programme) -> None:
    reported(indicator(programme, by=cast.giver), {"women": 41}, by=cast.giver_reporter)
    (row,) = _values(cast, programme)
    with pytest.raises(DirectWrite):
        row.save()


def test_a_value_cannot_point_to_a_period_of_another_indicator(cast: Cast, programme: Programme) -> None:
    one, other = indicator(programme, by=cast.giver), indicator(programme, by=cast.giver)
    reported(one, {"women": 41}, by=cast.giver_reporter)
    given = {"id", "uuid", "indicator_id", "position"}
    columns = ", ".join(
        str(field.column) for field in Value._meta.concrete_fields if field.column not in given
    )
    with (
        pytest.raises(DatabaseError, match="indicators_value_bound"),
        asking(cast.giver),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"INSERT INTO indicators_value (uuid, indicator_id, position, {columns})"
            f" SELECT gen_random_uuid(), %s, 7, {columns} FROM indicators_value",
            [other.pk],
        )
