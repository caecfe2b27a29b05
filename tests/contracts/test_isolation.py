"""Raw SQL as the web role, on every table of a programme: what each standing sees and writes, and nobody else."""

from __future__ import annotations

import datetime as dt
import json
import uuid as uuids
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.db import DatabaseError, Error, connection, transaction
from pytest_django import DjangoDbBlocker

from handover import clock
from handover.access import Actor, asking, programme_for
from handover.errors import NotFound
from handover.models import Programme
from handover.permissions import Permission, StandingKind
from tests.conftest import Answer, sql_of
from tests.contracts import catalogue, world
from tests.contracts.families import (
    APPEND_ONLY,
    AUDIT,
    LEDGER,
    PROGRAMME_ITSELF,
    SHARED,
    key_of,
    programme_tables,
)
from tests.contracts.world import World
from tests.factories.cast import AUDIT_ENDS, TODAY

pytestmark = pytest.mark.django_db

REFUSED = "42501"  # insufficient_privilege: by right or by row level security
FOREIGN_KEY = "23503"
STAYS = "23000"  # integrity_constraint_violation: by a trigger, which comes before the wall
TAKEN = ("23505", "23P01")  # unique, exclusion: the wall let the row through, another row stood in the way

ASKED_BY_CONSTRAINTS: dict[tuple[str, str], dict[str, object]] = {
    ("handover_evidence", "file_id"): {"link": ""},
    ("handover_signoff", "milestone_id"): {"subject": "milestone"},
    ("indicators_provenance", "file_id"): {"source_id": None, "filename": "sheet.pdf"},
}
"""What a row must say besides, once a key of it is changed."""

WRITING = [kind for kind in StandingKind if kind.writes]
READING = [kind for kind in StandingKind if not kind.writes]


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Build the world once, in a transaction around all tests of this file; each test's own is a savepoint in it."""
    with ExitStack() as around:
        with django_db_blocker.unblock():
            around.enter_context(transaction.atomic())
            with clock.at(TODAY):
                made = world.build()
        yield made
        with django_db_blocker.unblock():
            transaction.set_rollback(True)
            around.close()


@pytest.fixture
def everything(built: World, today: dt.datetime) -> World:
    return built


def _ledger_too() -> list[str]:
    return [*programme_tables(), *LEDGER]


def _tried(actor: Actor | None, statement: str, values: tuple[object, ...] = ()) -> Answer | str:
    """Try a statement and undo it; give its answer, or the code of the error."""
    try:
        return sql_of(actor)(statement, values, keep=False)
    except Error as error:
        return str(getattr(error.__cause__, "sqlstate", error))


def _seen(actor: Actor | None, table: str, programme: Programme) -> int:
    answer = sql_of(actor)(f"SELECT count(*) FROM {table} WHERE {key_of(table)} = %s", (programme.pk,))
    return int(answer.rows[0][0])


def _copied(
    steward: Actor, table: str, programme: Programme, **changes: object
) -> tuple[str, tuple[object, ...]]:
    """Give an INSERT of a row like one that the programme has, with a key of its own."""
    question = f"SELECT row_to_json(t)::text FROM {table} t WHERE {key_of(table)} = %s ORDER BY 1 LIMIT 1"
    row = json.loads(sql_of(steward)(question, (programme.pk,)).rows[0][0])
    if "id" in row and table != PROGRAMME_ITSELF:
        row["id"] = 9_000_000_000
    if "uuid" in row:
        row["uuid"] = str(uuids.uuid4())
    row.update(changes)
    names = ", ".join(f'"{name}"' for name in catalogue.columns(table))
    return (
        f"INSERT INTO {table} ({names}) SELECT {names} FROM json_populate_record(NULL::{table}, %s::json)",
        (json.dumps(row),),
    )


def _writes(
    actor: Actor | None, steward: Actor, table: str, programme: Programme
) -> Iterator[tuple[str, Answer | str]]:
    """Try to add, change and remove rows of a programme."""
    key = key_of(table)
    yield "INSERT", _tried(actor, *_copied(steward, table, programme))
    yield "UPDATE", _tried(actor, f"UPDATE {table} SET {key} = {key} WHERE {key} = %s", (programme.pk,))
    yield "DELETE", _tried(actor, f"DELETE FROM {table} WHERE {key} = %s", (programme.pk,))


def _held_off(verb: str, result: Answer | str) -> bool:
    if isinstance(result, str):
        return result == REFUSED
    return verb != "INSERT" and result.count == 0


def _cannot_write(actor: Actor | None, steward: Actor, programme: Programme) -> list[str]:
    """Give what an actor could write although it must not."""
    return [
        f"{verb} {table}: {result}"
        for table in _ledger_too()
        for verb, result in _writes(actor, steward, table, programme)
        if not _held_off(verb, result)
    ]


def test_every_table_has_rows_to_be_seen_on_both_sides_of_the_wall(everything: World) -> None:
    for programme, steward in (
        (everything.home, everything.cast.giver),
        (everything.second, everything.cast.giver),
        (everything.foreign, everything.cast.stranger),
    ):
        empty = [table for table in _ledger_too() if _seen(steward, table, programme) == 0]
        assert empty == [], "tests/contracts/world.py must give every table a row"


def test_when_nothing_is_said_nothing_is_seen(everything: World) -> None:
    nothing_said = sql_of(None)
    seen = [
        table
        for table in programme_tables()
        if nothing_said(f"SELECT EXISTS (SELECT FROM {table})").rows != [(False,)]
    ]
    assert seen == []
    assert nothing_said("SELECT count(*) FROM handover_legalrepresentative").rows == [(0,)]
    assert nothing_said(
        "SELECT count(*) FROM handover_ledgerentry WHERE programme_id IS NOT NULL OR organisation_id IS NOT NULL"
    ).rows == [(0,)]


def test_when_nothing_is_said_nothing_is_written(everything: World) -> None:
    assert _cannot_write(None, everything.cast.giver, everything.home) == []


def test_a_stranger_sees_nothing_of_another_programme(everything: World) -> None:
    seen = [table for table in _ledger_too() if _seen(everything.cast.stranger, table, everything.home)]
    assert seen == []


def test_a_stranger_sees_its_own_programme_and_no_row_beside(everything: World) -> None:
    ask = sql_of(everything.cast.stranger)
    for table in programme_tables():
        found = ask(f"SELECT DISTINCT {key_of(table)} FROM {table}").rows
        assert found == [(everything.foreign.pk,)], table


def test_a_stranger_writes_nothing_of_another_programme(everything: World) -> None:
    assert _cannot_write(everything.cast.stranger, everything.cast.giver, everything.home) == []


def test_saying_an_organisation_without_a_seat_in_it_shows_nothing(everything: World) -> None:
    """The setting is only a question: the answer is in the memberships."""
    pretender = Actor(user=everything.cast.stranger.user, organisation=everything.cast.giver.organisation)

    assert [table for table in _ledger_too() if _seen(pretender, table, everything.home)] == []
    assert _cannot_write(pretender, everything.cast.giver, everything.home) == []


@pytest.mark.parametrize("kind", list(StandingKind))
def test_every_standing_sees_the_whole_programme(everything: World, kind: StandingKind) -> None:
    actor = everything.by_standing()[kind]
    unseen = [
        table
        for table in _ledger_too()
        if _seen(actor, table, everything.home) != _seen(everything.cast.giver, table, everything.home)
    ]
    assert unseen == []


@pytest.mark.parametrize("kind", READING)
def test_a_standing_that_only_reads_writes_nothing(everything: World, kind: StandingKind) -> None:
    written = _cannot_write(everything.by_standing()[kind], everything.cast.giver, everything.home)
    if kind is StandingKind.AUDITOR:
        # It keeps the audit, and removes nothing of it.
        written = [
            told
            for told in written
            if told.startswith("DELETE") or told.partition(":")[0].split()[1] not in AUDIT
        ]
    assert written == []


@pytest.mark.parametrize("kind", WRITING)
def test_the_wall_lets_a_writing_standing_through(everything: World, kind: StandingKind) -> None:
    """What it may write is the first wall's to say; this one must not stand in its way."""
    actor = everything.by_standing()[kind]
    held = []
    for table in programme_tables():
        for verb, result in _writes(actor, everything.cast.giver, table, everything.home):
            if verb != "INSERT" and table in APPEND_ONLY:
                assert result == REFUSED, f"{verb} {table}"
            elif (verb, table) == ("DELETE", "handover_auditsample"):
                assert result == STAYS, "a step of a sample is not taken back"
            elif isinstance(result, str):
                held += [] if result in (*TAKEN, FOREIGN_KEY) else [f"{verb} {table}: {result}"]
            elif result.count == 0:
                held.append(f"{verb} {table}: no row")
    assert held == []


def test_an_auditors_reach_ends_at_its_minute(everything: World) -> None:
    auditor, home = everything.cast.auditor, everything.home
    with clock.at(AUDIT_ENDS - dt.timedelta(microseconds=1)):
        assert all(_seen(auditor, table, home) for table in _ledger_too())
    with clock.at(AUDIT_ENDS):
        assert [table for table in _ledger_too() if _seen(auditor, table, home)] == []
        with pytest.raises(NotFound):
            programme_for(auditor, home.uuid, may=Permission.VIEW)


def test_a_closed_account_sees_nothing_from_the_next_statement_on(everything: World) -> None:
    actor = everything.cast.giver_officer
    assert _seen(actor, PROGRAMME_ITSELF, everything.home) == 1
    sql_of(None)("UPDATE handover_user SET is_active = false WHERE id = %s", (actor.user.pk,))
    assert [table for table in _ledger_too() if _seen(actor, table, everything.home)] == []


def test_no_row_can_be_moved_into_a_programme_that_its_writer_does_not_write(everything: World) -> None:
    moved = [
        f"{table}: {result}"
        for table in programme_tables()
        if table != PROGRAMME_ITSELF
        for result in [
            _tried(
                everything.cast.giver,
                f"UPDATE {table} SET programme_id = %s WHERE programme_id = %s",
                (everything.foreign.pk, everything.home.pk),
            )
        ]
        if result not in (REFUSED, STAYS)
    ]
    assert moved == []


def test_no_row_can_be_moved_between_two_programmes_of_the_same_steward(everything: World) -> None:
    """Where a row belongs is said once, at its birth: a handover moves programmes, never rows out of them."""
    moved = [
        f"{table}: {result}"
        for table in programme_tables()
        if table != PROGRAMME_ITSELF
        for result in [
            _tried(
                everything.cast.giver,
                f"UPDATE {table} SET programme_id = %s WHERE programme_id = %s",
                (everything.second.pk, everything.home.pk),
            )
        ]
        if not isinstance(result, str)
    ]
    assert moved == []


def test_no_child_can_point_at_a_parent_behind_the_wall(everything: World) -> None:
    """A foreign-key check sees every row of every tenant; bound to the programme it finds only the child's own."""
    family = set(programme_tables()) - {PROGRAMME_ITSELF}
    keys = {
        (key.child, column, key.parent)
        for key in catalogue.foreign_keys()
        if key.child in family and key.parent in family
        for column, target in zip(key.columns, key.targets, strict=True)
        if target == "id"
    }
    assert keys
    pointed = []
    for child, column, parent in sorted(keys):
        own = sql_of(everything.cast.stranger)(f"SELECT min(id) FROM {parent}").rows[0][0]
        changes = {column: own, **ASKED_BY_CONSTRAINTS.get((child, column), {})}
        result = _tried(
            everything.cast.giver, *_copied(everything.cast.giver, child, everything.home, **changes)
        )
        # A unique key below the parent is looked up before the foreign key: the row is refused all the same.
        if result not in (FOREIGN_KEY, *TAKEN):
            pointed.append(f"{child}.{column} -> {parent}: {result}")
    assert pointed == []


def test_a_chain_cannot_be_continued_by_somebody_without_standing(everything: World) -> None:
    """Whatever chain an entry names, the database derives it from the programme: nobody writes into another's."""
    statement = (
        "INSERT INTO handover_ledgerentry (chain_kind, chain, programme_id, organisation_id, body)"
        " VALUES (%s, %s, %s, %s, '{}')"
    )
    home, stranger = everything.home, everything.cast.stranger
    assert _tried(stranger, statement, ("programme", home.uuid, home.pk, None)) == REFUSED
    giver = everything.cast.giver.organisation
    assert _tried(stranger, statement, ("organisation", giver.uuid, None, giver.pk)) == REFUSED
    own = sql_of(stranger)(
        f"{statement} RETURNING chain", ("programme", home.uuid, everything.foreign.pk, None), keep=False
    )
    assert own.rows == [(everything.foreign.uuid,)]


def test_an_organisations_own_rows_are_seen_by_its_members_alone(everything: World) -> None:
    count = "SELECT count(*) FROM handover_legalrepresentative WHERE organisation_id = %s"
    giver = everything.cast.giver.organisation.pk
    assert sql_of(everything.cast.giver)(count, (giver,)).rows == [(1,)]
    assert sql_of(everything.cast.receiver)(count, (giver,)).rows == [(0,)]
    change = "UPDATE handover_legalrepresentative SET capacity = 'x' WHERE organisation_id = %s"
    assert _tried(everything.cast.receiver, change, (giver,)) == Answer(count=0)


def test_copy_out_shows_no_more_than_select(everything: World) -> None:
    from handover.access import asking

    with (
        asking(everything.cast.stranger),
        connection.cursor() as cursor,
        cursor.copy("COPY handover_responsibility (programme_id) TO STDOUT") as copy,
    ):
        lines = b"".join(bytes(block) for block in copy).split()
    assert {int(line) for line in lines} == {everything.foreign.pk}


@pytest.mark.parametrize(
    "statement",
    [
        "SET ROLE handover_owner",
        "SET SESSION AUTHORIZATION handover_owner",
        "SET session_replication_role = replica",
        "ALTER TABLE handover_programme DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE handover_ledgerentry DISABLE TRIGGER ALL",
        "DROP POLICY see ON handover_programme",
        "CREATE TABLE public.mine (id int)",
        "SELECT * FROM handover_chainhead",
        "SELECT * FROM handover_personname",
        "SELECT * FROM handover_accessspan",
        "CREATE OR REPLACE FUNCTION reachable_programmes() RETURNS bigint[] LANGUAGE sql AS 'SELECT NULL::bigint[]'",
    ],
)
def test_the_web_role_cannot_take_the_wall_down(statement: str) -> None:
    from handover import engine

    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.replace("handover_owner", engine.addresses().owner.user))
    assert getattr(refused.value.__cause__, "sqlstate", "") == REFUSED


def test_switching_row_security_off_shows_an_error_not_rows(everything: World) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL row_security = off")
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            cursor.execute("SELECT count(*) FROM handover_programme")
        transaction.set_rollback(True)


def test_who_is_asking_is_forgotten_when_the_transaction_ends(everything: World) -> None:
    assert _seen(everything.cast.giver, PROGRAMME_ITSELF, everything.home) == 1
    assert _seen(None, PROGRAMME_ITSELF, everything.home) == 0


def test_shared_tables_hold_nothing_of_a_programme() -> None:
    telling = [
        f"{table}.{column}"
        for table in SHARED
        for column in catalogue.columns(table)
        if column in ("programme_id", "responsibility_id", "transfer_id")
    ]
    assert telling == []


CHANGES_A_MODEL = "UPDATE interventions_interventionmodel SET title = '[]'"
ADDS_A_VERSION = """
INSERT INTO interventions_modelversion
  (uuid, model_id, number, format, document, digest, licence, context, evidence, conditions, changes, published_at)
SELECT gen_random_uuid(), model_id, 2, format, document, digest, licence, context, evidence, conditions, changes,
       published_at FROM interventions_modelversion
"""
ADDS_NOBODYS_MODEL = """
INSERT INTO interventions_interventionmodel (uuid, key, title, summary, created_at, version)
VALUES (gen_random_uuid(), 'nobodys', '[]', '[]', now(), 1)
"""


@pytest.mark.parametrize("who", ["stranger", "receiver"])
@pytest.mark.parametrize("statement", [CHANGES_A_MODEL, ADDS_A_VERSION, ADDS_NOBODYS_MODEL])
def test_a_model_of_the_catalogue_is_read_by_everybody_and_written_by_its_publisher_alone(
    built: World, who: str, statement: str
) -> None:
    with asking(getattr(built.cast, who)), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM interventions_modelversion")
        assert cursor.fetchone() == (1,)
        with pytest.raises(DatabaseError, match="changed by whoever published it"), transaction.atomic():
            cursor.execute(statement)
