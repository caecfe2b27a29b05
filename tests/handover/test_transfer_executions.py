"""Execution: one transaction, proven, idempotent; of two at once one wins; a failure anywhere changes nothing."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from types import FunctionType, ModuleType
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, connections
from django.test.utils import CaptureQueriesContext

from handover import access, clock, keys, ledger, merkle
from handover.access import Actor, asking, custody
from handover.actions import (
    checkpoints,
    exceptions,
    executions,
    giving_back,
    milestones,
    moves,
    permissions,
    responsibilities,
    signoffs,
    transfers,
)
from handover.canonical import canonical
from handover.errors import Broken, NotAllowed, NotFound, Refused
from handover.models import Checkpoint, LedgerEntry, Programme, Proof, Responsibility, Tenure, Transfer
from handover.models.guard import writing
from handover.models.programmes import ProgrammeStatus
from handover.permissions import Permission, StandingKind
from handover.queries.checkpoints import exported
from indicators.actions import batches
from indicators.models import Indicator, Value
from tests.factories import indicators as measures
from tests.factories import transfers as plans
from tests.factories.cast import TODAY, Cast
from tests.factories.programmes import admitted, responsibility
from tests.factories.programmes import programme as another

APPS = ("handover", "interventions", "indicators")
SHARED = ("handover.ChainHead", "handover.PersonName", "handover.AccessSpan")
"""Tables that the web role cannot read."""


@pytest.fixture
def transfer(cast: Cast, programme: Programme) -> Transfer:
    indicator = measures.indicator(programme, by=cast.giver)
    measures.reported(indicator, {"women": "5.25", "men": "4"}, by=cast.giver)
    return plans.ready(cast, programme)


def execute(cast: Cast, transfer: Transfer, key: str = "") -> Proof:
    return executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid, key=key)


def fingerprint(programme: Programme, *, by: Actor) -> dict[str, tuple[Any, ...]]:
    """Count and digest every table of the three apps, rows of the programme and shared ones alike."""
    tables = [
        model._meta.db_table
        for model in apps.get_models()
        if model._meta.app_label in APPS and model._meta.label not in SHARED
    ]
    each = (
        f"SELECT '{table}', count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t"
        for table in tables
    )
    with asking(by), custody(programme.pk), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each))
        return {str(table): tuple(found) for table, *found in cursor.fetchall()}


# --- what it does --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_proof_tells_what_was_conserved_and_what_moved(
    cast: Cast, programme: Programme, transfer: Transfer
) -> None:
    proof = execute(cast, transfer)
    body = json.loads(proof.body)

    assert canonical(body) == proof.body
    assert hashlib.sha256(proof.body.encode()).hexdigest() == proof.digest
    lines = {line["name"]: line for line in body["holdings"]}
    assert all(line["equal"] and line["before"] == line["after"] for line in body["holdings"])
    assert {line["holding"] for line in body["holdings"]} == {"kernel", "interventions", "indicators"}
    assert lines["indicators.value"]["after"]["count"] == 2
    assert lines["indicators.value"]["after"]["sums"]["value"] == "9.25"
    assert lines["handover.responsibility"]["after"]["count"] == 2
    assert len(body["moved"]) == 2
    assert body["steward"] == {
        "before": str(cast.giver.organisation.uuid),
        "after": str(cast.receiver.organisation.uuid),
    }
    assert body["plan"] == transfer_digest(transfer, cast)
    assert [line["before"]["holder"] for line in body["moved"]] == [str(cast.giver.organisation.uuid)] * 2
    assert {line["holder_after"] for line in body["moved"]} == {str(cast.receiver.organisation.uuid)}


def transfer_digest(transfer: Transfer, cast: Cast) -> str:
    return plans.read(transfer, by=cast.receiver).plan_digest


@pytest.mark.django_db
def test_stewardship_and_every_responsibility_move(
    cast: Cast, programme: Programme, transfer: Transfer
) -> None:
    execute(cast, transfer)
    with asking(cast.receiver):
        now = Programme.objects.get(pk=programme.pk)
        holders = set(
            Tenure.objects.filter(
                capacity__in=("holder", "provider"), valid__contains=clock.today()
            ).values_list("organisation__slug", flat=True)
        )
        debtors = set(
            Tenure.objects.filter(capacity="debtor", valid__contains=clock.today()).values_list(
                "organisation__slug", flat=True
            )
        )
    assert (now.steward, now.status, now.identifier) == (
        cast.receiver.organisation,
        ProgrammeStatus.HANDED_OVER,
        programme.identifier,
    )
    assert holders == {"receiver"}
    assert debtors == {"giver"}, "what is owed to the donor stays with the giver until the donor consents"


@pytest.mark.django_db
def test_no_day_is_without_a_holder_and_none_has_two(
    cast: Cast, programme: Programme, transfer: Transfer
) -> None:
    execute(cast, transfer)
    with asking(cast.receiver):
        for thing in Responsibility.objects.filter(programme=programme):
            spans = [tenure.valid for tenure in thing.tenures.filter(capacity="holder").order_by("valid")]
            assert [span.upper for span in spans] == [TODAY.date(), None]
            assert spans[1].lower == spans[0].upper


@pytest.mark.django_db
def test_values_keep_who_reported_them(cast: Cast, programme: Programme, transfer: Transfer) -> None:
    with asking(cast.giver):
        before = list(Value.objects.order_by("id").values())
    execute(cast, transfer)
    with asking(cast.receiver):
        assert list(Value.objects.order_by("id").values()) == before
    assert {value["organisation_id"] for value in before} == {cast.giver.organisation.pk}
    assert {value["reporter_name"] for value in before} == {cast.giver.user.display_name}


@pytest.mark.django_db
def test_both_sides_sign_the_proof(cast: Cast, transfer: Transfer) -> None:
    proof = execute(cast, transfer)
    with clock.at(TODAY + dt.timedelta(days=3)):
        for by in (cast.giver_officer, cast.giver_reporter, cast.auditor):
            with pytest.raises(NotAllowed):
                executions.countersign(by=by, transfer_uuid=transfer.uuid)
        with pytest.raises(NotFound):
            executions.countersign(by=cast.stranger, transfer_uuid=transfer.uuid)
        with pytest.raises(Refused, match="signed this proof already"):
            executions.countersign(by=cast.receiver, transfer_uuid=transfer.uuid)
        signed = executions.countersign(by=cast.giver, transfer_uuid=transfer.uuid)
        with pytest.raises(Refused, match="signed this proof already"):
            executions.countersign(by=cast.giver, transfer_uuid=transfer.uuid)
    with asking(cast.receiver):
        given = list(
            Transfer.objects.get(pk=transfer.pk)
            .signoffs.filter(subject="proof")
            .order_by("id")
            .values_list("side", "digest")
        )
    assert given == [("receiver", proof.digest), ("giver", proof.digest)]
    assert signed.digest == proof.digest


@pytest.mark.django_db
def test_what_is_not_executed_has_no_proof_to_sign(cast: Cast, transfer: Transfer) -> None:
    with pytest.raises(Refused, match="no proof"):
        executions.countersign(by=cast.giver, transfer_uuid=transfer.uuid)


@pytest.mark.django_db
def test_the_ledger_commits_to_the_proof_and_a_checkpoint_to_the_ledger(
    cast: Cast, programme: Programme, transfer: Transfer
) -> None:
    sizes = Checkpoint.objects.count()
    proof = execute(cast, transfer)
    with asking(cast.receiver):
        last = LedgerEntry.objects.filter(chain=programme.uuid).latest("seq")
        made = Checkpoint.objects.latest()
    entry = json.loads(last.body)
    assert (entry["verb"], entry["subject"], entry["data"]["proof"]) == (
        "transfer.executed",
        str(transfer.uuid),
        proof.digest,
    )
    assert Checkpoint.objects.count() == sizes + 1
    leaf = merkle.leaf_hash(programme.uuid.bytes + last.seq.to_bytes(8, "big") + bytes(last.hash))
    out = exported(made)
    assert json.loads(out["note"])["root"] == bytes(made.root).hex()
    assert keys.verified(
        bytes.fromhex(out["public_key"]), out["note"].encode(), bytes.fromhex(out["signature"])
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT chain, seq, hash FROM handover_logleaf ORDER BY position")
        leaves = [
            merkle.leaf_hash(chain.bytes + seq.to_bytes(8, "big") + bytes(head))
            for chain, seq, head in cursor
        ]
    assert leaf in leaves
    assert merkle.root(leaves) == bytes(made.root)


@pytest.mark.django_db
def test_the_same_key_gives_the_same_proof_and_changes_nothing(
    cast: Cast, programme: Programme, transfer: Transfer
) -> None:
    proof = execute(cast, transfer, "once")
    before = fingerprint(programme, by=cast.receiver)

    assert execute(cast, transfer, "once") == proof
    for key in ("", "twice"):
        with pytest.raises(Refused, match="executed already"):
            execute(cast, transfer, key)
    assert fingerprint(programme, by=cast.receiver) == before


@pytest.mark.django_db
def test_a_holding_that_would_change_stops_the_handover(
    cast: Cast, programme: Programme, transfer: Transfer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake in one app's move must not become a handover with a hole in it."""
    before = fingerprint(programme, by=cast.receiver)
    derive: Callable[[Programme], None] = permissions.rederive

    def careless(whole: Programme) -> None:
        derive(whole)
        Responsibility.objects.filter(programme=whole).update(description="Tidied up")

    monkeypatch.setattr(executions, "rederive", careless)
    with pytest.raises(Broken, match=r"handover\.responsibility"):
        execute(cast, transfer)
    assert fingerprint(programme, by=cast.receiver) == before


@pytest.mark.django_db
def test_permissions_other_than_those_signed_stop_the_handover(
    cast: Cast, programme: Programme, transfer: Transfer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = fingerprint(programme, by=cast.receiver)
    monkeypatch.setattr(executions, "rederive", lambda whole: None)

    with pytest.raises(Broken, match="not be what was signed"):
        execute(cast, transfer)
    assert fingerprint(programme, by=cast.receiver) == before


# --- a failure anywhere --------------------------------------------------------------------------

DEEPER: tuple[tuple[ModuleType, str], ...] = (
    (ledger, "record"),
    (moves, "succeed"),
    (signoffs, "signoff_facts"),
    (keys, "sign"),
    (merkle, "extend"),
    (checkpoints, "canonical"),
    (exceptions, "concerned_exceptions"),
)
"""Collaborators of collaborators that are made to fail besides all that ``_execute`` itself calls."""


def collaborators(module: ModuleType, *functions: str) -> list[str]:
    """Name every function that some functions of a module call from its globals: none can be forgotten here."""
    called = {name for function in functions for name in getattr(module, function).__code__.co_names}
    return sorted(
        name
        for name in called
        if isinstance(getattr(module, name, None), FunctionType) and name not in ("canonical", "text_digest")
    )


def raising() -> None:
    raise RuntimeError("injected")


def failing_statement() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")


@contextlib.contextmanager
def failing(module: ModuleType, name: str, fail: Callable[[], None], *, call: int = 1) -> Iterator[list[int]]:
    """Let a collaborator do its work and then fail, at its first or a later call; give how often it was called."""
    original, calls = getattr(module, name), [0]

    def broken(*args: Any, **kwargs: Any) -> Any:
        done = original(*args, **kwargs)
        calls[0] += 1
        if calls[0] == call:
            fail()
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, name, broken)
        yield calls


@pytest.mark.django_db
@pytest.mark.parametrize("fail", [raising, failing_statement])
def test_a_failure_at_any_step_leaves_everything_as_before(
    fail: Callable[[], None], cast: Cast, programme: Programme
) -> None:
    permissions.except_user(
        by=cast.giver,
        thing=programme,
        user=cast.giver_reporter.user,
        organisation=cast.giver.organisation,
        permission=Permission.EXPORT,
        reason="Writes the reports",
    )
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    transfers.map_exception(
        by=cast.giver,
        transfer_uuid=transfer.uuid,
        key=f"{cast.giver_reporter.user.uuid}/programme/export",
        to_user=cast.receiver_reporter.user,
    )
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    plans.signed(transfer, cast)
    before = fingerprint(programme, by=cast.receiver)
    called = collaborators(executions, "execute", "_execute", "_move_standings", "prove", "_permission_story")
    assert len(called) > 15
    steps = [*((executions, name) for name in called), *DEEPER]
    with plans.undone(), contextlib.ExitStack() as watching:
        counts = [watching.enter_context(failing(*step, raising, call=0)) for step in steps]
        execute(cast, transfer)
    for (module, name), calls in zip(steps, counts, strict=True):
        assert calls[0], f"{name} is never called"
        for call in range(1, calls[0] + 1) if fail is raising else (1,):
            with failing(module, name, fail, call=call), pytest.raises((RuntimeError, DatabaseError)):
                execute(cast, transfer)
            assert fingerprint(programme, by=cast.receiver) == before, f"{name}, call {call}"
    execute(cast, transfer)


@pytest.mark.django_db
@pytest.mark.parametrize("fail", [raising, failing_statement])
def test_a_failure_while_giving_back_leaves_everything_as_before(
    fail: Callable[[], None], cast: Cast, programme: Programme, transfer: Transfer
) -> None:
    execute(cast, transfer)
    giving_back.give_back(by=cast.giver, transfer_uuid=transfer.uuid, reason="It fell.")
    before = fingerprint(programme, by=cast.receiver)
    for name in collaborators(giving_back, "give_back", "_reverse", "_return_standings"):
        with failing(giving_back, name, fail), pytest.raises((RuntimeError, DatabaseError)):
            giving_back.give_back(by=cast.receiver, transfer_uuid=transfer.uuid, reason="It fell.")
        assert fingerprint(programme, by=cast.receiver) == before, name


# --- two at once ---------------------------------------------------------------------------------


def in_thread(work: Callable[[], Any]) -> Any:
    try:
        return work()
    finally:
        connections.close_all()


def settled(future: Future[Any]) -> Any:
    error = future.exception(timeout=30)
    return error if error is not None else future.result()


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Hold every execution inside its transaction until the event is set; the second ones wait for the lock."""
    go = threading.Event()
    snapshot = executions.snapshot

    def waiting(programme: Programme) -> executions.Snapshot:
        go.wait(10)
        return snapshot(programme)

    monkeypatch.setattr(executions, "snapshot", waiting)
    return go


def blocked(count: int) -> bool:
    """Tell whether so many sessions of this database wait for a lock."""
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            row = cursor.fetchone()
        if row and row[0] >= count:
            return True
        threading.Event().wait(0.02)
    return False


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("keys", [("a", "b", "c"), ("a", "a", "a")])
def test_of_several_executions_at_once_exactly_one_succeeds(
    keys: tuple[str, ...], cast: Cast, programme: Programme, transfer: Transfer, slowly: threading.Event
) -> None:
    with ThreadPoolExecutor(len(keys)) as pool:
        tries = [pool.submit(in_thread, partial(execute, cast, transfer, key)) for key in keys]
        assert blocked(len(keys) - 1)
        slowly.set()
        answers = [settled(one) for one in tries]
    won = [answer for answer in answers if isinstance(answer, Proof)]
    told = [answer for answer in answers if isinstance(answer, Refused)]
    if len(set(keys)) == 1:
        assert len({proof.pk for proof in won}) == 1
        assert len(won) == len(keys), "the same request, sent again, gets the same answer"
    else:
        assert len(won) == 1
        assert [refused.code for refused in told] == ["already_executed"] * (len(keys) - 1)
    with asking(cast.receiver):
        assert Proof.objects.count() == 1
        verbs = [json.loads(entry.body)["verb"] for entry in LedgerEntry.objects.filter(chain=programme.uuid)]
    assert verbs.count("transfer.executed") == 1


@pytest.mark.django_db(transaction=True)
def test_executing_and_revoking_at_once_one_wins(
    cast: Cast, programme: Programme, transfer: Transfer, slowly: threading.Event
) -> None:
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(in_thread, lambda: execute(cast, transfer))
        threading.Event().wait(0.2)
        second = pool.submit(
            in_thread,
            lambda: transfers.revoke(by=cast.giver, transfer_uuid=transfer.uuid, reason="Elections."),
        )
        assert blocked(1)
        slowly.set()
        assert isinstance(settled(first), Proof)
        assert isinstance(settled(second), (NotAllowed, Refused))
    assert plans.read(transfer, by=cast.receiver).state == "executed"


@pytest.mark.django_db(transaction=True)
def test_a_write_that_comes_during_the_handover_finds_the_new_holder(
    cast: Cast, programme: Programme, transfer: Transfer, slowly: threading.Event
) -> None:
    first, _ = plans.responsibilities_of(programme, by=cast.giver)
    with asking(cast.giver):
        indicator = Indicator.objects.get()
    with ThreadPoolExecutor(3) as pool:
        handover = pool.submit(in_thread, lambda: execute(cast, transfer))
        threading.Event().wait(0.2)
        writes = [
            pool.submit(
                in_thread,
                lambda: measures.reported(
                    indicator, {"women": 9}, by=cast.giver_reporter, quarter=measures.SECOND_QUARTER
                ),
            ),
            pool.submit(
                in_thread,
                lambda: responsibilities.edit(
                    by=cast.giver, responsibility_uuid=first.uuid, version=first.version, title="Mine"
                ),
            ),
        ]
        assert blocked(2)
        slowly.set()
        assert isinstance(settled(handover), Proof)
        assert [type(settled(write)) for write in writes] == [NotAllowed, NotAllowed]


@pytest.mark.django_db(transaction=True)
def test_a_write_that_came_before_is_part_of_what_is_handed_over(
    cast: Cast, programme: Programme, transfer: Transfer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even one whose transaction began after the execution's: the lock decides, and the cut-off lies after it."""
    with asking(cast.giver):
        indicator = Indicator.objects.get()
    began, written = threading.Event(), threading.Event()
    lock = access.lock_programme

    def waiting(whole: Programme) -> Programme:
        began.set()
        written.wait(10)
        return lock(whole)

    monkeypatch.setattr(access, "lock_programme", waiting)
    report = partial(
        measures.reported, indicator, {"women": 9}, by=cast.giver_reporter, quarter=measures.SECOND_QUARTER
    )
    with ThreadPoolExecutor(2) as pool:
        handover = pool.submit(in_thread, lambda: execute(cast, transfer))
        assert began.wait(10)
        batch = settled(pool.submit(in_thread, report))
        written.set()
        proof = settled(handover)
    assert isinstance(proof, Proof)
    (values,) = [line for line in json.loads(proof.body)["holdings"] if line["name"] == "indicators.value"]
    assert values["after"]["count"] == 3
    with asking(cast.receiver):
        late = Value.objects.get(batch=batch.uuid)
        executed = Transfer.objects.get(pk=transfer.pk).executed_at
    assert executed is not None
    assert late.recorded_at <= executed, "the giver must be able to read what it recorded"


@pytest.mark.django_db(transaction=True)
def test_two_last_signatures_at_once_complete_a_milestone(cast: Cast, programme: Programme) -> None:
    draft = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    step = plans.milestone(draft, by=cast.giver)
    plans.agreed(draft, by=cast.giver, receiver=cast.receiver)
    barrier = threading.Barrier(2)

    def sign(by: Actor) -> object:
        barrier.wait(10)
        return milestones.sign(by=by, milestone_uuid=step.uuid)

    with ThreadPoolExecutor(2) as pool:
        given = [pool.submit(in_thread, partial(sign, by)) for by in (cast.giver, cast.receiver)]
        assert not [answer for answer in map(settled, given) if isinstance(answer, Exception)]
    assert plans.milestones_of(draft, by=cast.giver)[1].done_at is not None


# --- size ----------------------------------------------------------------------------------------


def filled(cast: Cast, identifier: str, count: int) -> Transfer:
    """Give a transfer, ready to execute, of a programme that holds so many values of one indicator."""
    with clock.at(TODAY - dt.timedelta(days=30)):
        whole = another(cast.giver, identifier=identifier)
        responsibility(whole, by=cast.giver)
        admitted(whole, cast.community.organisation, StandingKind.COMMUNITY, by=cast.giver)
    indicator = measures.indicator(whole, by=cast.giver)
    with asking(cast.giver), writing(), connection.cursor() as cursor:
        batches.stage(())
        cursor.execute(
            """
            INSERT INTO indicators_staged (line, uuid, indicator_id, starts_on, ends_on, cell, dimensions, position,
                                           value, value_text, comment, locations, documents, extra, revision, reason)
            SELECT n, indicators_value_uuid(clock_timestamp(), n), %s, '2024-01-01', '2024-03-31', 'person=' || n,
                   jsonb_build_array(jsonb_build_object('name', 'person', 'value', n::text)), 0, n, n::text,
                   '[]', '[]', '[]', '{}', 1, ''
              FROM generate_series(1, %s) AS n
            """,
            [indicator.pk, count],
        )
        batches.enter(whole, by=cast.giver)
    return plans.ready(cast, whole)


@pytest.mark.django_db
@pytest.mark.slow
def test_a_thousand_times_the_values_cost_no_statement_more(cast: Cast) -> None:
    small, large = filled(cast, "XX-TEST-SMALL", 200), filled(cast, "XX-TEST-LARGE", 200_000)
    execute(cast, filled(cast, "XX-TEST-WARM", 1))
    statements = []
    for transfer, count in ((small, 200), (large, 200_000)):
        with CaptureQueriesContext(connection) as captured:
            proof = execute(cast, transfer)
        statements.append(len(captured))
        (values,) = [
            line for line in json.loads(proof.body)["holdings"] if line["name"] == "indicators.value"
        ]
        assert values["after"]["count"] == count
        assert Decimal(values["after"]["sums"]["value"]) == count * (count + 1) // 2
        assert values["equal"]
    assert statements[0] == statements[1]
    assert statements[0] < 200
