"""The toolkit's own PostgreSQL: whatever happens to who starts it, there is one server or one clear line."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import pytest_django
from django.db.utils import ConnectionHandler

from handover import engine
from handover.engine.backups import backup, restore
from handover.engine.places import state_of
from handover.engine.processes import living_server, occupants
from handover.engine.programs import Account
from handover.engine.roles import refuse_unsafe_web_role
from handover.engine.urls import given_addresses

ENSURE = "from handover import engine; engine.ensure()"
OURS = ("HANDOVER_", "DATABASE_", "PG")


def environment(state: Path | str, **more: str) -> dict[str, str]:
    """Return this process's environment with its own state folder and no address of another server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return {**kept, "HANDOVER_STATE": str(state), "PYTHONPATH": os.getcwd(), **more}


def handover(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "handover", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=120)


def launcher(state: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", ENSURE], env=environment(state))


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """Return the single line on stderr of a command that refused with exit code 2."""
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.splitlines()
    return line


@contextmanager
def folder() -> Iterator[Path]:
    """A short state folder of its own; its server is stopped and everything removed at the end."""
    base = Path(tempfile.mkdtemp(prefix="hv", dir="/tmp"))
    base.chmod(0o755)
    try:
        yield base / "state"
    finally:
        subprocess.run(
            [sys.executable, "-c", "from handover import engine; engine.stop()"],
            env=environment(base / "state"),
            check=True,
        )
        shutil.rmtree(base)


@contextmanager
def speaking_of(state: Path) -> Iterator[None]:
    """Let this process's engine look at `state`."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
            patch.delenv(name, raising=False)
        patch.setenv("HANDOVER_STATE", str(state))
        yield


@pytest.fixture(scope="module")
def shared() -> Iterator[Path]:
    """A state folder for the tests of this module that leave a server as they found it."""
    with folder() as state:
        yield state


@pytest.fixture
def running(shared: Path) -> Iterator[Path]:
    """The shared folder, with its server running."""
    with speaking_of(shared):
        engine.ensure()
        yield shared


def pid_of(state: Path) -> int:
    pid = living_server(state_of({"HANDOVER_STATE": str(state)}).data, Account.of_server())
    assert pid is not None
    return pid


def connected(role: str) -> psycopg.Connection:
    return psycopg.connect(**engine.addresses().of(role).libpq(), autocommit=True)  # type: ignore[arg-type]


def test_two_commands_at_once_share_one_server() -> None:
    with folder() as state:
        launchers = [launcher(state) for _ in range(3)]
        assert [process.wait(60) for process in launchers] == [0, 0, 0]
        working = occupants(state / "data", Account.of_server())
        assert pid_of(state) in working
        assert [pid for pid in working if _parent(pid) not in working] == [pid_of(state)]


def _parent(pid: int) -> int:
    import psutil

    return psutil.Process(pid).ppid()


@pytest.mark.parametrize("seconds", [0.5, 1.3])
def test_a_launcher_killed_on_its_way_does_not_stop_the_next(seconds: float) -> None:
    with folder() as state:
        first = launcher(state)
        time.sleep(seconds)
        first.kill()
        first.wait()
        with speaking_of(state):
            engine.ensure()
            with connected("web") as web:
                assert web.execute("SELECT session_user").fetchone() == ("handover_web",)


def test_a_killed_server_is_started_again_and_keeps_what_was_committed(running: Path) -> None:
    with connected("owner") as owner:
        owner.execute("CREATE TABLE kept AS SELECT 1 AS number")
        killed = pid_of(running)
        os.kill(killed, signal.SIGKILL)
    assert (running / "socket" / ".s.PGSQL.5432").exists()

    engine.ensure()

    assert pid_of(running) != killed
    with connected("owner") as owner:
        assert owner.execute("SELECT number FROM kept").fetchone() == (1,)
        owner.execute("DROP TABLE kept")


def test_a_foreign_process_in_the_pid_file_is_not_believed(running: Path) -> None:
    pid_file = running / "data" / "postmaster.pid"
    noted = pid_file.read_text().splitlines()
    engine.stop()
    pid_file.write_text("\n".join([str(os.getpid()), *noted[1:], ""]))
    assert engine.status().pid is None

    engine.ensure()

    assert pid_of(running) != os.getpid()


def test_a_server_whose_socket_is_gone_is_named_and_can_be_stopped(running: Path) -> None:
    (running / "socket" / ".s.PGSQL.5432").unlink()
    line = one_line(handover("engine", "start", env=environment(running)))
    assert "its socket" in line
    assert "handover engine stop" in line

    assert handover("engine", "stop", env=environment(running)).returncode == 0
    engine.ensure()
    connected("web").close()


def test_stopping_is_clean_and_may_be_repeated(running: Path) -> None:
    assert engine.stop()
    assert not engine.stop()
    assert occupants(running / "data", Account.of_server()) == []
    assert not (running / "data" / "postmaster.pid").exists()
    assert list((running / "socket").iterdir()) == []
    before = (running / "log").stat().st_size

    engine.ensure()

    assert "recovery" not in (running / "log").read_text()[before:]


def test_another_servers_settings_in_the_environment_do_not_mislead(running: Path) -> None:
    misleading = environment(running, PGHOST="203.0.113.1", PGPORT="1", PGUSER="nobody", PGOPTIONS="--bad")
    done = subprocess.run(
        [sys.executable, "-c", ENSURE], env=misleading, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_folder_that_cannot_be_written_gives_one_line() -> None:
    line = one_line(handover("engine", "start", env=environment("/proc/handover")))
    assert "/proc/handover cannot be written" in line
    assert "HANDOVER_STATE" in line


def test_a_file_where_the_folder_should_be_gives_one_line() -> None:
    with tempfile.NamedTemporaryFile(prefix="hv", dir="/tmp") as file:
        line = one_line(handover("engine", "start", env=environment(file.name)))
    assert "cannot be written (not a directory)" in line


def test_a_socket_path_that_is_too_long_gives_one_line() -> None:
    with tempfile.TemporaryDirectory(prefix="hv", dir="/tmp") as base:
        Path(base).chmod(0o755)
        line = one_line(handover("engine", "start", env=environment(f"{base}/{'long' * 25}")))
    assert "too long for a Unix socket" in line


def test_one_of_the_two_addresses_alone_gives_one_line() -> None:
    with tempfile.TemporaryDirectory(prefix="hv", dir="/tmp") as base:
        alone = environment(base, DATABASE_URL="postgresql://web:secret@127.0.0.1:1/handover")
        line = one_line(handover("engine", "status", env=alone))
    assert "DATABASE_OWNER_URL is not" in line
    assert "secret" not in line


def test_a_server_that_does_not_answer_gives_one_line() -> None:
    with tempfile.TemporaryDirectory(prefix="hv", dir="/tmp") as base:
        nowhere = environment(
            base,
            DATABASE_URL="postgresql://web:secret@127.0.0.1:1/handover",
            DATABASE_OWNER_URL="postgresql://owner:secret@127.0.0.1:1/handover",
        )
        line = one_line(handover("migrate", env=nowhere))
    assert "does not answer" in line
    assert "secret" not in line


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("mysql://web@host/base", "does not start with postgresql://"),
        ("postgresql://host/base", "names no user"),
        ("postgresql://web@host", "names no database"),
        ("postgresql://web@/base", "names no host"),
        ("postgresql://web@host:port/base", "host or port cannot be read"),
        ("postgresql://web:se/cret@host/base", "host or port cannot be read"),
        ("postgresql://web:se#cret@host/base", "'#'"),
        ("postgresql://web@host/base?sslmod=require", "the option 'sslmod' is unknown"),
        ("postgresql://web@host/base?sslmode", "no '='"),
        ("postgresql://web@host/base two", "holds a space"),
        ("postgresql://owner@host/base", "name the same user"),
        ("postgresql://web@host/other", "name different databases"),
    ],
)
def test_a_malformed_address_is_refused_with_its_reason(url: str, complaint: str) -> None:
    with pytest.raises(engine.EngineError) as refused:
        given_addresses({"DATABASE_URL": url, "DATABASE_OWNER_URL": "postgresql://owner@host/base"})
    assert complaint in str(refused.value)
    assert "cret" not in str(refused.value)


def test_an_address_is_read_with_its_escapes_its_options_and_its_socket() -> None:
    found = given_addresses(
        {
            "DATABASE_URL": "postgres://web:p%40ss@db.example:5433/base?sslmode=verify-full",
            "DATABASE_OWNER_URL": "postgresql://owner@/base?host=/run/postgresql",
        }
    )
    assert found is not None
    web, owner = found.web.django(), found.owner.django()
    assert (web["PASSWORD"], web["PORT"], web["OPTIONS"]) == ("p@ss", "5433", {"sslmode": "verify-full"})
    assert (owner["HOST"], owner["PORT"], owner["OPTIONS"]) == ("/run/postgresql", "5432", {})
    assert "p@ss" not in repr(found)


def test_the_web_role_owns_nothing_and_cannot_step_over_row_level_security(
    running: Path, django_db_blocker: pytest_django.DjangoDbBlocker
) -> None:
    with connected("web") as web:
        web.execute("CREATE TEMPORARY TABLE mine (id int)")
        for forbidden in (
            "CREATE TABLE public.mine (id int)",
            "CREATE SCHEMA mine",
            "CREATE DATABASE mine",
            "CREATE ROLE mine",
            "SET ROLE handover_owner",
            "ALTER ROLE handover_web BYPASSRLS",
            "SET session_replication_role = replica",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                web.execute(forbidden)
    connection = ConnectionHandler({"default": engine.database_settings("web")})["default"]
    with django_db_blocker.unblock():
        refuse_unsafe_web_role(connection)
        connection.close()


def test_an_owner_is_refused_as_web_role_and_the_reason_is_named(
    running: Path, django_db_blocker: pytest_django.DjangoDbBlocker
) -> None:
    connection = ConnectionHandler({"default": engine.database_settings("owner")})["default"]
    with django_db_blocker.unblock():
        with pytest.raises(engine.EngineError, match="owns the database or a schema"):
            refuse_unsafe_web_role(connection)
        connection.close()


def test_test_databases_belong_to_the_owner_and_serve_the_web(running: Path) -> None:
    with connected("owner") as owner:
        owner.execute("CREATE DATABASE test_handover_engine")
    asked = engine.addresses().of("web").libpq(database="test_handover_engine")
    with psycopg.connect(**asked) as web:  # type: ignore[arg-type]
        web.execute("CREATE TEMPORARY TABLE mine (id int) ON COMMIT DROP")
    with connected("owner") as owner:
        owner.execute("DROP DATABASE test_handover_engine")


WALLED = """
    CREATE TABLE walled (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, body text NOT NULL);
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'never'; END $$;
    INSERT INTO walled (body) SELECT 'row ' || n FROM generate_series(1, 500) AS n;
    CREATE TRIGGER append_only BEFORE INSERT OR UPDATE OR DELETE ON walled
        FOR EACH ROW EXECUTE FUNCTION refuse();
    ALTER TABLE walled ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    CREATE POLICY own ON walled TO handover_owner USING (true) WITH CHECK (true);
    CREATE POLICY reach ON walled FOR SELECT TO handover_web USING (id = 7);
    GRANT SELECT ON walled TO handover_web;
"""


def test_a_restored_backup_equals_what_was_backed_up_walls_included(running: Path, tmp_path: Path) -> None:
    file = tmp_path / "handover.dump"
    with connected("owner") as owner:
        owner.execute(WALLED)
    try:
        backup(engine.addresses(), file)
        assert file.stat().st_mode & 0o777 == 0o600
        with pytest.raises(engine.EngineError, match="is not empty"):
            restore(engine.addresses(), file)
        with connected("owner") as owner:
            before = owner.execute("SELECT count(*), sum(hashtext(body)) FROM walled").fetchone()
            owner.execute("ALTER TABLE walled DISABLE TRIGGER append_only")
            owner.execute("DELETE FROM walled")

        aside = restore(engine.addresses(), file, into_empty=True).aside

        with connected("owner") as owner:
            assert owner.execute("SELECT count(*), sum(hashtext(body)) FROM walled").fetchone() == before
            with pytest.raises(psycopg.errors.RaiseException, match="never"):
                owner.execute("DELETE FROM walled")
        with connected("web") as web:
            assert web.execute("SELECT id FROM walled").fetchall() == [(7,)]
            web.execute("CREATE TEMPORARY TABLE mine (id int)")
        with connected("owner") as owner:
            owner.execute(f'DROP DATABASE "{aside}"')
    finally:
        with connected("owner") as owner:
            owner.execute("DROP TABLE walled; DROP FUNCTION refuse()")


def test_a_damaged_backup_changes_nothing_and_the_database_of_before_stays(
    running: Path, tmp_path: Path
) -> None:
    file = tmp_path / "handover.dump"
    with connected("owner") as owner:
        owner.execute(
            "CREATE TABLE present AS SELECT repeat(md5(n::text), 20) AS body FROM generate_series(1, 9000) n"
        )
    try:
        backup(engine.addresses(), file)
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2])

        with pytest.raises(engine.EngineError):
            restore(engine.addresses(), file, into_empty=True)

        with connected("owner") as owner:
            assert owner.execute("SELECT count(*) FROM present").fetchone() == (9000,)
            kept = owner.execute("SELECT datname FROM pg_database WHERE datname LIKE 'handover%'").fetchall()
            assert kept == [("handover",)]
    finally:
        with connected("owner") as owner:
            owner.execute("DROP TABLE present")


def test_a_backup_that_cannot_be_written_leaves_no_half_file(running: Path, tmp_path: Path) -> None:
    with pytest.raises(engine.EngineError, match="cannot be written"):
        backup(engine.addresses(), tmp_path / "missing" / "handover.dump")
    assert list(tmp_path.iterdir()) == []
