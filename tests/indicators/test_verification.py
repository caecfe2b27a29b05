"""Whoever changes rows past the actions is found out, and the row is named. Even the owner of the database."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from handover.access import asking
from handover.holdings import Finding
from handover.models import LedgerEntry, Programme
from indicators.actions import targets, values
from indicators.actions.batches import CHUNK
from indicators.models import Indicator, Value
from indicators.queries.verification import verify
from tests.conftest import OwnerSql
from tests.factories.cast import Cast
from tests.factories.indicators import FIRST_QUARTER, csv_of, indicator, reported

pytestmark = pytest.mark.django_db(transaction=True)

Attack = Callable[[str], None]

ANEW = """
UPDATE indicators_value v SET digest = indicators_value_digest(
  v.batch, v.cell, v.comment, v.denominator, v.dimensions, v.documents, v.extra, i.uuid, v.locations, v.numerator,
  o.uuid, v.organisation_name, p.uuid, NULL, v.position, v.reason, v.recorded_at, u.uuid, v.reporter_name, v.revision,
  v.uuid, v.value, v.value_text)
 FROM indicators_indicator i, indicators_period p, handover_user u, handover_organisation o
WHERE i.id = v.indicator_id AND p.id = v.period_id AND u.id = v.reported_by_id AND o.id = v.organisation_id
"""
"""Digest all values anew, as somebody would who knows how."""


@pytest.fixture
def attack(owner_sql: OwnerSql) -> Attack:
    """Change rows of an append-only table as its owner can: triggers off, change, triggers on."""

    def run(statement: str) -> None:
        owner_sql("ALTER TABLE indicators_value DISABLE TRIGGER USER")
        for part in statement.split(";"):
            if part.strip():
                owner_sql(part)
        owner_sql("ALTER TABLE indicators_value ENABLE TRIGGER USER")

    return run


def _findings(cast: Cast, programme: Programme) -> list[Finding]:
    with asking(cast.giver):
        bodies = (
            LedgerEntry.objects.filter(chain=programme.uuid).order_by("seq").values_list("body", flat=True)
        )
        return list(verify(programme, [json.loads(body) for body in bodies]))


def _rows(cast: Cast) -> list[Value]:
    with asking(cast.giver):
        return list(Value.objects.order_by("uuid"))


@pytest.fixture
def pupils(cast: Cast, programme: Programme) -> Indicator:
    """Give an indicator with two values, one of them corrected, a target and a baseline."""
    of = indicator(programme, by=cast.giver)
    reported(of, {"women": 41, "men": 37}, by=cast.giver_reporter)
    starts_on, ends_on = FIRST_QUARTER
    targets.put(by=cast.giver, indicator_uuid=of.uuid, starts_on=starts_on, ends_on=ends_on, value=90)
    values.correct(by=cast.giver, value_uuid=_rows(cast)[0].uuid, value=44, reason="Three enrolled late")
    return of


def test_nothing_is_found_where_nothing_was_changed(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    assert _findings(cast, programme) == []


@pytest.mark.parametrize(
    "change",
    [
        "value = value + 1",
        "value_text = '0'",
        "reporter_name = 'Somebody else'",
        "recorded_at = recorded_at + interval '1 microsecond'",
        "reason = 'Another reason'",
        "digest = sha256('x')",
        "dimensions = '[]'",
        "cell = 'gender=nobody'",
        "batch = gen_random_uuid()",
    ],
)
def test_a_changed_value_is_named_with_its_indicator_and_period(
    cast: Cast, programme: Programme, pupils: Indicator, attack: Attack, change: str
) -> None:
    row = _rows(cast)[1]
    attack(f"UPDATE indicators_value SET {change} WHERE uuid = '{row.uuid}'")
    found = _findings(cast, programme)
    named = [finding for finding in found if finding.subject == f"value {row.uuid}"]
    assert named
    assert {finding.subject for finding in found} == {f"value {row.uuid}"}
    assert any(
        "Pupils enrolled" in finding.sentence and "2024-01-01 to 2024-03-31" in finding.sentence
        for finding in named
    )


def test_a_value_that_was_changed_together_with_its_digest_is_named(
    cast: Cast, programme: Programme, pupils: Indicator, attack: Attack
) -> None:
    row = _rows(cast)[1]
    attack(f"UPDATE indicators_value SET value = 1000 WHERE uuid = '{row.uuid}'; {ANEW}")
    assert [(finding.code, finding.subject) for finding in _findings(cast, programme)] == [
        ("value_changed", f"value {row.uuid}")
    ]


def test_a_missing_value_is_named(
    cast: Cast, programme: Programme, pupils: Indicator, attack: Attack
) -> None:
    row = _rows(cast)[2]
    attack(f"DELETE FROM indicators_value WHERE uuid = '{row.uuid}'")
    assert [(finding.code, finding.subject) for finding in _findings(cast, programme)] == [
        ("value_missing", f"value {row.uuid}")
    ]


COPY = """
INSERT INTO indicators_value (uuid, batch, revision, reason, {columns})
SELECT '00000000-0000-7000-8000-000000000001', {batch}, 7, 'smuggled in', {columns}
  FROM indicators_value WHERE uuid = '{uuid}'
"""


@pytest.mark.parametrize("batch", ["batch", "gen_random_uuid()"])
def test_an_added_value_is_named(
    cast: Cast, programme: Programme, pupils: Indicator, attack: Attack, batch: str
) -> None:
    row = _rows(cast)[0]
    names = [str(field.column) for field in Value._meta.concrete_fields]
    columns = ", ".join(name for name in names if name not in ("id", "uuid", "batch", "revision", "reason"))
    attack(COPY.format(columns=columns, batch=batch, uuid=row.uuid) + ";" + ANEW)
    assert [(finding.code, finding.subject) for finding in _findings(cast, programme)] == [
        ("value_unrecorded", "value 00000000-0000-7000-8000-000000000001")
    ]


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("target", "value = 10"),
        ("indicator", "counting_rule = 'contacts'"),
        ("period", "ends_on = ends_on + 1"),
        ("result", "title = '[]'"),
    ],
)
def test_a_changed_definition_is_named(
    cast: Cast, programme: Programme, pupils: Indicator, owner_sql: OwnerSql, table: str, change: str
) -> None:
    owner_sql(f"UPDATE indicators_{table} SET {change}")
    ((uuid,),) = owner_sql(f"SELECT uuid FROM indicators_{table}")
    assert [(finding.code, finding.subject) for finding in _findings(cast, programme)] == [
        ("definition_changed", f"{table} {uuid}")
    ]


def test_a_missing_target_is_named(
    cast: Cast, programme: Programme, pupils: Indicator, owner_sql: OwnerSql
) -> None:
    ((uuid,),) = owner_sql("DELETE FROM indicators_target RETURNING uuid")
    assert [(finding.code, finding.subject) for finding in _findings(cast, programme)] == [
        ("definition_missing", f"target {uuid}")
    ]


# --- batches whose rows the ledger does not list one by one ---------------------------------------


@pytest.fixture
def many(cast: Cast, programme: Programme) -> list[Value]:
    """Give the values of a batch of three chunks, in the order of their UUIDs."""
    of = indicator(programme, by=cast.giver)
    values.import_csv(by=cast.giver_reporter, programme_uuid=programme.uuid, lines=csv_of(of, CHUNK * 2 + 5))
    return _rows(cast)


def test_a_changed_value_of_a_large_batch_is_named(
    cast: Cast, programme: Programme, many: list[Value], attack: Attack
) -> None:
    assert _findings(cast, programme) == []
    row = many[CHUNK + 3]
    attack(f"UPDATE indicators_value SET value = value + 1 WHERE uuid = '{row.uuid}'")
    found = _findings(cast, programme)
    assert (found[0].code, found[0].subject) == ("value_changed", f"value {row.uuid}")
    assert [finding.subject for finding in found[1:]] == [
        f"values {many[CHUNK].uuid} to {many[CHUNK * 2 - 1].uuid}"
    ]


def test_a_value_of_a_large_batch_that_was_changed_with_its_digest_is_narrowed_to_its_chunk(
    cast: Cast, programme: Programme, many: list[Value], attack: Attack
) -> None:
    attack(f"UPDATE indicators_value SET value = value + 1 WHERE uuid = '{many[-1].uuid}'; {ANEW}")
    (finding,) = _findings(cast, programme)
    assert finding.subject == f"values {many[CHUNK * 2].uuid} to {many[-1].uuid}"
    assert "at least one was changed" in finding.sentence


def test_missing_values_of_a_large_batch_are_narrowed_to_their_chunks(
    cast: Cast, programme: Programme, many: list[Value], attack: Attack
) -> None:
    gone = [many[0], many[1], many[CHUNK]]
    attack(
        "DELETE FROM indicators_value WHERE uuid IN ({})".format(", ".join(f"'{row.uuid}'" for row in gone))
    )
    found = _findings(cast, programme)
    assert [finding.subject for finding in found] == [
        f"values {many[0].uuid} to {many[CHUNK - 1].uuid}",
        f"values {many[CHUNK].uuid} to {many[CHUNK * 2 - 1].uuid}",
    ]
    assert ["2 of them are gone" in found[0].sentence, "1 of them are gone" in found[1].sentence] == [
        True,
        True,
    ]


def test_a_large_batch_that_is_gone_is_named_chunk_by_chunk(
    cast: Cast, programme: Programme, many: list[Value], attack: Attack
) -> None:
    attack("DELETE FROM indicators_value")
    assert len(_findings(cast, programme)) == 3
