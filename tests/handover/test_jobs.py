"""Jobs: asked for with their transaction, done once or not at all, told to whom they concern."""

from __future__ import annotations

from contextlib import suppress

import pytest
from django.db import OperationalError, connection, transaction

from handover import clock, jobs
from handover.access import Actor, asking
from handover.actions import accounts
from handover.actions.jobs import STARTS, cancel, enqueue, run
from handover.errors import Invalid, NotAllowed, NotFound
from handover.models import Job, JobState, LedgerEntry, LegalAct, Programme
from handover.permissions import Permission, Role
from handover.queries.jobs import job_for, recent, status
from tests.conftest import OwnerSql, sql_of
from tests.factories.cast import AUDIT_ENDS, Cast
from tests.factories.organisations import OPERATOR
from tests.handover import job_kinds

pytestmark = pytest.mark.django_db
committing = pytest.mark.django_db(transaction=True)


def asked(
    by: Actor, programme: Programme, kind: str = "test.cite", *, key: str = "first", **arguments: object
) -> Job:
    if kind == "test.cite":
        arguments = {"count": 2, **arguments}
    return enqueue(by=by, programme_uuid=programme.uuid, kind=kind, arguments=arguments, key=key)


def now(job: Job, by: Actor) -> Job:
    """Read a job again."""
    with asking(by):
        return job_for(by, job.uuid)


def ran(job: Job, by: Actor) -> Job:
    """Run a job here and read it again."""
    run(job.uuid, job.programme_id)
    return now(job, by)


def code(job: Job) -> object:
    """Give the code of what a job ended with."""
    return (job.error or {}).get("code")


def acts(by: Actor) -> int:
    with asking(by):
        return LegalAct.objects.count()


def queued() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')")
        return int(cursor.fetchone()[0])


# --- asking ------------------------------------------------------------------------------------------------------


def test_a_job_waits_with_what_it_was_asked_for_and_by_whom(cast: Cast, programme: Programme) -> None:
    job = asked(cast.giver, programme)
    assert status(now(job, cast.giver)) == {
        "uuid": str(job.uuid),
        "kind": "test.cite",
        "state": "waiting",
        "progress": {"done": 0, "total": None, "phase": ""},
        "result": None,
        "error": None,
        "requested_by": cast.giver.user.display_name,
        "organisation": cast.giver.organisation.name,
        "created_at": "2024-06-03T12:00:00.000000Z",
        "started_at": None,
        "finished_at": None,
        "attempts": 0,
    }


def test_a_rollback_takes_the_job_and_its_place_in_the_queue(cast: Cast, programme: Programme) -> None:
    with suppress(ZeroDivisionError), transaction.atomic():
        job = asked(cast.giver, programme)
        assert queued() == 1
        _ = 1 / 0
    assert queued() == 0
    with pytest.raises(NotFound):
        now(job, cast.giver)


def test_the_same_key_twice_is_the_same_job(cast: Cast, programme: Programme) -> None:
    first = asked(cast.giver, programme, key="one")
    again = asked(cast.giver_officer, programme, key="one")
    assert again.uuid == first.uuid
    assert queued() == 1


def test_a_key_never_names_two_different_jobs(cast: Cast, programme: Programme) -> None:
    asked(cast.giver, programme, key="one", count=2)
    with pytest.raises(Invalid, match="names another job"):
        asked(cast.giver, programme, key="one", count=3)
    assert queued() == 1


@pytest.mark.parametrize(
    ("kind", "key", "arguments", "code"),
    [
        ("test.nothing", "k", {}, "job_kind_unknown"),
        ("test.cite", "", {}, "job_key_length"),
        ("test.cite", "k" * 201, {}, "job_key_length"),
        ("test.cite", "k", {"file": "x" * 9000}, "job_arguments_too_large"),
    ],
)
def test_what_cannot_be_done_is_refused_when_it_is_asked_for(
    cast: Cast, programme: Programme, kind: str, key: str, arguments: dict[str, object], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        enqueue(by=cast.giver, programme_uuid=programme.uuid, kind=kind, arguments=arguments, key=key)
    assert refused.value.code == code
    assert queued() == 0


def test_who_may_not_do_it_may_not_ask_for_it(cast: Cast, programme: Programme) -> None:
    with pytest.raises(NotAllowed):
        asked(cast.auditor, programme)
    with pytest.raises(NotFound):
        asked(cast.stranger, programme)
    assert queued() == 0


def test_the_queue_learns_two_keys_and_nothing_else(cast: Cast, programme: Programme) -> None:
    job = asked(cast.giver, programme, count=77)
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, args, lock, queueing_lock FROM procrastinate_jobs")
        rows = cursor.fetchall()
    keys = f'{{"job": "{job.uuid}", "programme": {programme.pk}}}'
    assert rows == [("handover.job", keys, f"programme:{programme.pk}", None)]


# --- reading -----------------------------------------------------------------------------------------------------


def test_another_tenants_job_is_not_there(cast: Cast, programme: Programme) -> None:
    job = asked(cast.giver, programme)
    with pytest.raises(NotFound):
        now(job, cast.stranger)
    with asking(cast.stranger), pytest.raises(NotFound):
        recent(cast.stranger, programme)
    assert sql_of(cast.stranger)("SELECT count(*) FROM handover_job").rows == [(0,)]
    assert sql_of(cast.donor)("SELECT count(*) FROM handover_job").rows == [(1,)]


@pytest.mark.parametrize("key", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_what_is_no_job_is_not_found(cast: Cast, programme: Programme, key: str) -> None:
    with asking(cast.giver), pytest.raises(NotFound):
        job_for(cast.giver, key)


def test_the_latest_jobs_come_first(cast: Cast, programme: Programme) -> None:
    made = [asked(cast.giver, programme, key=str(number)) for number in range(4)]
    with asking(cast.donor):
        assert recent(cast.donor, programme, limit=2) == made[:1:-1]


def test_a_reader_with_a_cut_off_sees_no_later_job_of_others(
    cast: Cast, programme: Programme, owner_sql: OwnerSql
) -> None:
    before = asked(cast.giver, programme, key="before")
    sql_of(cast.giver)(
        "UPDATE handover_standing SET cutoff = %s WHERE organisation_id = %s",
        (clock.now(), cast.donor.organisation.pk),
    )
    with clock.at(AUDIT_ENDS):
        after = asked(cast.giver, programme, key="after")
        own = asked(cast.donor, programme, "test.count", key="own")
        with pytest.raises(NotFound):
            now(after, cast.donor)
        with asking(cast.donor):
            assert recent(cast.donor, programme) == [own, before]


# --- doing -------------------------------------------------------------------------------------------------------


def test_a_job_is_done_in_the_name_of_who_asked(cast: Cast, programme: Programme) -> None:
    job = ran(asked(cast.giver_officer, programme), cast.giver)
    assert (job.state, job.result) == (
        JobState.DONE,
        {"cited": 2, "channel": "job", "job": str(job.uuid)},
    )
    assert (job.done, job.total, job.phase, job.attempts) == (2, 2, "Citing", 1)
    assert job.finished_at
    with asking(cast.giver):
        entry = LedgerEntry.objects.filter(programme_id=programme.pk).latest("seq")
    assert f'"user":"{cast.giver_officer.user.uuid}"' in entry.body
    assert '"channel":"job"' in entry.body


def test_a_job_that_is_done_is_not_done_again(cast: Cast, programme: Programme) -> None:
    job = ran(asked(cast.giver, programme), cast.giver)
    assert ran(job, cast.giver).attempts == 1
    assert acts(cast.giver) == 2


def test_a_refusal_is_told_with_code_and_sentence_and_leaves_nothing(
    cast: Cast, programme: Programme
) -> None:
    job = ran(asked(cast.giver, programme, "test.refuse"), cast.giver)
    assert job.state == JobState.REFUSED
    assert job.error == {"code": "row_refused", "sentence": "Row 7 is no number.", "details": {"row": 7}}
    assert acts(cast.giver) == 0


def test_what_nobody_expected_is_logged_and_not_told(
    cast: Cast, programme: Programme, caplog: pytest.LogCaptureFixture
) -> None:
    job = ran(asked(cast.giver, programme, "test.break"), cast.giver)
    assert job.state == JobState.FAILED
    assert code(job) == "job_failed"
    assert job_kinds.SECRET not in str(status(job))
    assert job_kinds.SECRET in caplog.text
    assert acts(cast.giver) == 0


def test_who_lost_the_seat_meanwhile_is_refused(cast: Cast, programme: Programme) -> None:
    job = asked(cast.giver_officer, programme)
    officer = cast.giver_officer
    accounts.unseat(by=OPERATOR, user=officer.user, organisation=officer.organisation, role=Role.OFFICER)
    done = ran(job, cast.giver)
    assert (done.state, code(done)) == (JobState.REFUSED, "no_seat")
    assert acts(cast.giver) == 0


def test_who_lost_the_standing_meanwhile_is_refused(cast: Cast, programme: Programme) -> None:
    job = asked(cast.auditor, programme, "test.count")
    with clock.at(AUDIT_ENDS):
        done = ran(job, cast.giver)
    assert (done.state, code(done)) == (JobState.REFUSED, "not_found")


def test_who_only_reads_may_ask_for_a_job_that_only_reads(cast: Cast, programme: Programme) -> None:
    ran(asked(cast.giver, programme), cast.giver)
    job = ran(asked(cast.auditor, programme, "test.count", key="second"), cast.auditor)
    assert (job.state, job.result) == (JobState.DONE, {"acts": 2})


def test_a_kind_that_is_gone_is_refused(
    cast: Cast, programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = asked(cast.giver, programme)
    monkeypatch.delitem(jobs._kinds, "test.cite")
    assert code(ran(job, cast.giver)) == "job_kind_unknown"


def test_a_failing_database_leaves_the_job_waiting_but_not_for_ever(
    cast: Cast, programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(call: jobs.Call) -> dict[str, object]:
        raise OperationalError("the server closed the connection")

    monkeypatch.setitem(jobs._kinds, "test.cite", jobs.Kind("test.cite", Permission.ADD_EVIDENCE, fails))
    job = asked(cast.giver, programme)
    for start in range(1, STARTS + 1):
        with pytest.raises(OperationalError):
            run(job.uuid, programme.pk)
        again = now(job, cast.giver)
        assert (again.state, again.attempts, again.finished_at) == (JobState.WAITING, start, None)
    worn = ran(job, cast.giver)
    assert (worn.state, code(worn), worn.attempts) == (JobState.FAILED, "job_worn_out", STARTS)


def test_a_worker_that_stops_gives_the_job_back(cast: Cast, programme: Programme) -> None:
    job = asked(cast.giver, programme)
    with pytest.raises(jobs.Stopped):
        run(job.uuid, programme.pk, lambda: True)
    assert now(job, cast.giver).state == JobState.WAITING
    assert acts(cast.giver) == 0
    assert ran(job, cast.giver).state == JobState.DONE


# --- calling off -------------------------------------------------------------------------------------------------


def test_a_waiting_job_is_called_off_at_once(cast: Cast, programme: Programme) -> None:
    job = cancel(by=cast.giver, job_uuid=asked(cast.giver, programme).uuid)
    assert job.state == JobState.CANCELLED
    assert ran(job, cast.giver).state == JobState.CANCELLED
    assert acts(cast.giver) == 0


def test_what_is_done_stays_done(cast: Cast, programme: Programme) -> None:
    job = ran(asked(cast.giver, programme), cast.giver)
    assert cancel(by=cast.giver, job_uuid=job.uuid).state == JobState.DONE
    assert acts(cast.giver) == 2


def test_only_one_side_and_its_keepers_call_a_job_off(cast: Cast, programme: Programme) -> None:
    job = asked(cast.giver, programme)
    with pytest.raises(NotFound):
        cancel(by=cast.stranger, job_uuid=job.uuid)
    with pytest.raises(NotAllowed, match="Another organisation"):
        cancel(by=cast.donor, job_uuid=job.uuid)
    with pytest.raises(NotAllowed):
        cancel(by=cast.giver_reporter, job_uuid=job.uuid)
    assert cancel(by=cast.giver, job_uuid=job.uuid).state == JobState.CANCELLED


@committing
def test_a_running_job_is_called_off_at_its_next_sign_of_life(cast: Cast, programme: Programme) -> None:
    job = ran(asked(cast.giver, programme, "test.called_off"), cast.giver)
    assert (job.state, job.error) == (JobState.CANCELLED, None)
    assert acts(cast.giver) == 0
