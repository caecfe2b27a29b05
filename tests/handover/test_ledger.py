"""The ledger seals itself: numbered, chained and hashed by the database, by whoever writes, in whatever order."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, connections, transaction

from handover import ledger
from handover.access import Actor, asking
from handover.actions import programmes, responsibilities
from handover.canonical import canonical, instant_text
from handover.models import LedgerEntry, Programme, Responsibility
from tests.conftest import OwnerSql
from tests.factories.cast import Cast
from tests.factories.programmes import programme as another_programme

START = bytes(32)


def chain_of(programme: Programme, reader: Actor) -> list[LedgerEntry]:
    with asking(reader):
        return list(LedgerEntry.objects.filter(chain=programme.uuid).order_by("seq"))


def sealed(entry: LedgerEntry, previous: bytes) -> bytes:
    """Hash an entry as the format says, without asking the database."""
    lines = [
        "handover-ledger-v1",
        str(entry.chain),
        str(entry.seq),
        instant_text(entry.recorded_at),
        entry.recorded_as,
        entry.body,
    ]
    return hashlib.sha256(previous + "\n".join(lines).encode()).digest()


def assert_unbroken(chain: list[LedgerEntry]) -> None:
    assert [entry.seq for entry in chain] == list(range(1, len(chain) + 1))
    assert bytes(chain[0].previous) == START
    for before, after in pairwise(chain):
        assert bytes(after.previous) == bytes(before.hash)
        assert after.recorded_at >= before.recorded_at
    for entry in chain:
        assert bytes(entry.hash) == sealed(entry, bytes(entry.previous))


def record(programme: Programme, by: Actor, **data: object) -> None:
    from handover.models.guard import writing

    with asking(by), writing():
        ledger.record(verb="test.noted", by=by, programme=programme, data=data)


@pytest.mark.django_db
def test_every_action_leaves_one_entry_in_one_unbroken_chain(cast: Cast, programme: Programme) -> None:
    chain = chain_of(programme, cast.giver)

    assert [json.loads(entry.body)["verb"] for entry in chain] == [
        "programme.created",
        "standing.admitted",
        "standing.admitted",
        "standing.admitted",
        "responsibility.defined",
        "responsibility.defined",
    ]
    assert_unbroken(chain)


@pytest.mark.django_db
def test_an_entry_tells_its_story_by_copies_alone(cast: Cast, programme: Programme) -> None:
    body = json.loads(chain_of(programme, cast.giver)[0].body)

    assert body["by"] == {
        "channel": "cli",
        "organisation": str(cast.giver.organisation.uuid),
        "organisation_name": cast.giver.organisation.name,
        "user": str(cast.giver.user.uuid),
        "user_name": cast.giver.user.called.key,
    }
    assert body["subject"] == str(programme.uuid)
    assert body["data"]["identifier"] == programme.identifier


@pytest.mark.django_db
def test_the_body_is_kept_as_it_was_hashed(cast: Cast, programme: Programme) -> None:
    record(programme, cast.giver, names=["Čiurlionis street", "Târgu"], amount="1200.5", nothing=None)
    entry = chain_of(programme, cast.giver)[-1]

    assert canonical(json.loads(entry.body)) == entry.body


@pytest.mark.django_db
def test_each_chain_counts_for_itself(cast: Cast, programme: Programme) -> None:
    other = another_programme(cast.giver)
    record(programme, cast.giver)
    record(other, cast.giver)

    for one in (programme, other):
        assert_unbroken(chain_of(one, cast.giver))


@pytest.mark.django_db
def test_what_a_writer_claims_about_order_time_and_hash_is_overwritten(
    cast: Cast, programme: Programme
) -> None:
    with asking(cast.giver), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO handover_ledgerentry"
            " (chain_kind, chain, programme_id, body, seq, recorded_at, recorded_as, previous, hash)"
            " VALUES ('programme', %s, %s, '{}', 999, '1999-01-01', 'somebody', 'x', 'y')",
            [UUID(int=7), programme.pk],
        )
    chain = chain_of(programme, cast.giver)

    assert_unbroken(chain)
    assert chain[-1].recorded_at.year > 1999
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user::text")
        assert cursor.fetchone() == (chain[-1].recorded_as,)


@pytest.mark.django_db
def test_the_ledgers_own_time_is_not_moved_with_the_clock(
    cast: Cast, programme: Programme, today: Any
) -> None:
    entry = chain_of(programme, cast.giver)[-1]
    assert entry.recorded_at > today, "the body's 'at' may be moved, the database's time may not"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE handover_ledgerentry SET body = '{}'",
        "DELETE FROM handover_ledgerentry",
        "TRUNCATE handover_ledgerentry",
    ],
)
def test_nobody_who_may_write_the_programme_may_change_its_ledger(
    cast: Cast, programme: Programme, statement: str
) -> None:
    before = [bytes(entry.hash) for entry in chain_of(programme, cast.giver)]
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        asking(cast.giver),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert [bytes(entry.hash) for entry in chain_of(programme, cast.giver)] == before


@pytest.mark.django_db
def test_a_float_is_refused_before_anything_is_written(cast: Cast, programme: Programme) -> None:
    before = len(chain_of(programme, cast.giver))
    with pytest.raises(TypeError, match="no canonical form"):
        record(programme, cast.giver, share=0.1)
    assert len(chain_of(programme, cast.giver)) == before


def break_ledger(owner_sql: OwnerSql) -> None:
    owner_sql(
        "CREATE FUNCTION broken_ledger() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the ledger is out of order'; END $$"
    )
    owner_sql(
        "CREATE TRIGGER a_broken_ledger BEFORE INSERT ON handover_ledgerentry"
        " FOR EACH ROW EXECUTE FUNCTION broken_ledger()"
    )


def mend_ledger(owner_sql: OwnerSql) -> None:
    owner_sql("DROP FUNCTION broken_ledger() CASCADE")


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_recorded_does_not_happen(
    cast: Cast, programme: Programme, owner_sql: OwnerSql
) -> None:
    before = (
        owner_sql("SELECT version, title FROM handover_programme"),
        owner_sql("SELECT count(*) FROM handover_responsibility"),
    )
    break_ledger(owner_sql)
    try:
        with pytest.raises(DatabaseError, match="out of order"):
            programmes.edit(by=cast.giver, programme_uuid=programme.uuid, version=1, title="Another title")
        with pytest.raises(DatabaseError, match="out of order"):
            responsibilities.define(
                by=cast.giver,
                programme_uuid=programme.uuid,
                title="Unrecorded",
                kind="service",
                holder=cast.giver.organisation,
            )
        with pytest.raises(DatabaseError, match="out of order"):
            another_programme(cast.giver, identifier="XX-NEVER-BORN")
    finally:
        mend_ledger(owner_sql)

    after = (
        owner_sql("SELECT version, title FROM handover_programme"),
        owner_sql("SELECT count(*) FROM handover_responsibility"),
    )
    assert after == before
    programmes.edit(by=cast.giver, programme_uuid=programme.uuid, version=1, title="Another title")
    assert_unbroken(chain_of(programme, cast.giver))


@pytest.mark.django_db(transaction=True)
def test_many_at_once_leave_one_unbroken_chain(cast: Cast, programme: Programme) -> None:
    before = len(chain_of(programme, cast.giver))

    def write(number: int) -> None:
        try:
            for turn in range(5):
                record(programme, cast.giver, writer=number, turn=turn)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=6) as pool:
        for done in [pool.submit(write, number) for number in range(6)]:
            done.result(timeout=60)

    chain = chain_of(programme, cast.giver)
    assert len(chain) == before + 30
    assert_unbroken(chain)


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_is_rolled_back_leaves_no_gap(cast: Cast, programme: Programme) -> None:
    class Changed(Exception):
        """Somebody thinks again."""

    with pytest.raises(Changed), transaction.atomic():  # noqa: PT012  what is done before it fails is the point
        record(programme, cast.giver, said="and taken back")
        raise Changed
    record(programme, cast.giver, said="for good")

    chain = chain_of(programme, cast.giver)
    assert_unbroken(chain)
    assert json.loads(chain[-1].body)["data"] == {"said": "for good"}
    assert len(chain) == 7


@pytest.mark.django_db(transaction=True)
def test_rewriting_an_entry_as_the_owner_shows_in_its_own_hash(
    cast: Cast, programme: Programme, owner_sql: OwnerSql
) -> None:
    """The trigger stops a slip, not an owner who means it; the hash shows what was done."""
    owner_sql("ALTER TABLE handover_ledgerentry DISABLE TRIGGER refuse_change")
    try:
        owner_sql(
            "UPDATE handover_ledgerentry SET body = replace(body, 'responsibility.defined', 'responsibility.denied')"
        )
    finally:
        owner_sql("ALTER TABLE handover_ledgerentry ENABLE TRIGGER refuse_change")

    wrong = [
        entry.seq
        for entry in chain_of(programme, cast.giver)
        if bytes(entry.hash) != sealed(entry, bytes(entry.previous))
    ]
    assert wrong == [5, 6]


@pytest.mark.django_db
def test_history_outlives_the_person_who_made_it(cast: Cast, programme: Programme) -> None:
    from handover.actions import accounts
    from tests.factories.organisations import OPERATOR

    before = [entry.body for entry in chain_of(programme, cast.giver)]
    accounts.deactivate(by=OPERATOR, user=cast.giver.user, confirmed=True)
    accounts.pseudonymise(by=OPERATOR, user=cast.giver.user, reason="Asked for it.")

    assert [entry.body for entry in chain_of(programme, cast.donor)] == before
    with asking(cast.donor):
        assert Responsibility.objects.filter(programme=programme).count() == 2
