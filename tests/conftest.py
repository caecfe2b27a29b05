"""What every test stands on: a database made by the owner and used by the web role, the cast, and no network."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Protocol

import psycopg
import psycopg.sql
import pytest
from django.db import connection, transaction
from django.test.utils import override_settings
from pytest_django import DjangoDbBlocker

from handover import clock, engine
from handover.access import Actor, asking
from handover.models import Programme
from tests.engine_conftest import connected_as
from tests.factories import cast as casting
from tests.factories import template
from tests.factories.cast import Cast
from tests.factories.prepared import Prepared, Stage

Rows = list[tuple[Any, ...]]

BLOCKER = pytest.StashKey[DjangoDbBlocker]()
PREPARED = Prepared()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Make test databases as copies of one that is migrated."""
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = template.ready()


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Generator[None]:
    """Make the test database as the owner, then be the web role until it is removed again."""
    name = psycopg.sql.Identifier(str(connection.settings_dict["NAME"]))
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        # Of a test run nothing must survive a power cut.
        cursor.execute(psycopg.sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(name))
    with connected_as("web"):
        request.config.stash[BLOCKER] = django_db_blocker
        yield
        del request.config.stash[BLOCKER]


def _stage_for(item: pytest.Item) -> tuple[bool, Stage]:
    """Say whether a test commits, and how much of the world it wants to find. Who commits makes its own world."""
    names: Sequence[str] = getattr(item, "fixturenames", ())
    marker = item.get_closest_marker("django_db")
    commits = {"transactional_db", "live_server", "django_db_reset_sequences"}.intersection(names)
    if commits or (marker is not None and marker.kwargs.get("transaction")):
        return True, Stage.EMPTY
    if "programme" in names:
        return False, Stage.PROGRAMME
    return False, Stage.CAST if "cast" in names else Stage.EMPTY


def _uses_database(item: pytest.Item) -> bool:
    names: Sequence[str] = getattr(item, "fixturenames", ())
    return "db" in names or "transactional_db" in names or item.get_closest_marker("django_db") is not None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring tests that want the same world together, after those without a database and those that commit.

    The first half goes to one worker and needs no database yet, while the other worker makes one. The last are many
    and short, so that no worker waits for a long one at the end.
    """
    items.sort(key=lambda item: (_uses_database(item), not _stage_for(item)[0], _stage_for(item)[1]))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Prepare the world before a test's own transaction begins; the first test of all makes the database itself."""
    blocker = item.config.stash.get(BLOCKER, None)
    if blocker is None or not _uses_database(item):
        return
    with blocker.unblock():
        if not connection.in_atomic_block:
            PREPARED.become(_stage_for(item)[1])


@pytest.fixture(scope="session", autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> Generator[None]:
    """Keep the installation's key, files and assets of a test run apart from the machine's own."""
    folder = tmp_path_factory.mktemp("installation")
    for name in ("files", "static"):
        (folder / name).mkdir()
    with override_settings(
        INSTALLATION_KEY=folder / "installation.key",
        MEDIA_ROOT=folder / "files",
        STATIC_ROOT=folder / "static",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
    ):
        yield


class NetworkUsed(RuntimeError):
    """A test wanted to leave this machine."""


def _stays_here(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(name).partition("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test reach Unix sockets and loopback alone."""

    def watched(original: Callable[..., Any]) -> Callable[..., Any]:
        def connect(self: socket.socket, address: Any, /) -> Any:
            if self.family != socket.AF_UNIX and not _stays_here(address[0]):
                raise NetworkUsed(f"a test connects to {address!r}")
            return original(self, address)

        return connect

    resolve = socket.getaddrinfo

    def resolved(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not _stays_here(host):
            raise NetworkUsed(f"a test looks up {host!r}")
        return resolve(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", watched(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", watched(socket.socket.connect_ex))
    monkeypatch.setattr(socket, "getaddrinfo", resolved)


class OwnerSql(Protocol):
    """SQL as the owner, committed at once. It sees nothing that a test's own transaction has not committed."""

    def __call__(self, statement: str, values: Sequence[object] | dict[str, object] = ()) -> Rows:
        """Run a statement and give its rows, if it has any."""


@pytest.fixture
def owner_sql(db: None) -> Iterator[OwnerSql]:
    """Give SQL as the owner of the same test database, on a connection of its own."""
    address = engine.addresses().owner.libpq(database=str(connection.settings_dict["NAME"]))
    with psycopg.connect(**address, autocommit=True) as owner:  # type: ignore[arg-type]

        def run(statement: str, values: Sequence[object] | dict[str, object] = ()) -> Rows:
            cursor = owner.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

        yield run


@dataclass(frozen=True)
class Answer:
    """What a statement did: the rows that it gave, and how many it touched."""

    count: int
    rows: Rows = field(default_factory=list)


class WebSql(Protocol):
    """Raw SQL as the web role, in the name of an actor."""

    def __call__(
        self, statement: str, values: Sequence[object] | dict[str, object] = (), *, keep: bool = True
    ) -> Answer:
        """Run a statement in a savepoint; ``keep=False`` undoes it after it was answered."""


@pytest.fixture
def web_sql(db: None) -> Callable[[Actor | None], WebSql]:
    """Give raw SQL as the web role in the name of an actor, said as ``access.asking`` says it; ``None`` says nothing.

    It shares the test's connection, so that it sees what the test has not committed.
    """
    return sql_of


def sql_of(actor: Actor | None) -> WebSql:
    """Give raw SQL as the web role in the name of an actor; ``None`` says nothing."""

    def run(
        statement: str, values: Sequence[object] | dict[str, object] = (), *, keep: bool = True
    ) -> Answer:
        asks: AbstractContextManager[object] = asking(actor) if actor else nullcontext()
        with transaction.atomic(), asks, connection.cursor() as cursor:
            savepoint = transaction.savepoint()
            cursor.execute(statement, values or None)  # type: ignore[arg-type]
            answer = Answer(count=cursor.rowcount, rows=cursor.fetchall() if cursor.description else [])
            if not keep:
                transaction.savepoint_rollback(savepoint)
        return answer

    return run


@pytest.fixture
def today(db: None) -> Iterator[dt.datetime]:
    """Stop the clock at one instant, for Python and for SQL, for the length of the test.

    A test's outer transaction has begun before the cast was made: by its frozen ``now()`` nobody would hold a seat yet.
    Threads start with the real time; it is later, and every seat of the cast still holds then.
    """
    with clock.at(casting.TODAY):
        yield casting.TODAY


@pytest.fixture
def cast(today: dt.datetime) -> Cast:
    """Give giver, receiver, community, donor, auditor and stranger, with their officers and reporters."""
    return PREPARED.cast()


@pytest.fixture
def programme(cast: Cast) -> Programme:
    """Give a programme of the giver: donor, community and (for a time) auditor admitted, two responsibilities."""
    return PREPARED.programme_of(cast)


def pytest_report_header() -> list[str]:
    """Say which PostgreSQL answers."""
    found = engine.addresses()
    return [f"database: {'embedded' if found.embedded else 'given'}, web role {found.web.user}"]
