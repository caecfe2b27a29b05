"""The two database roles: an owner that migrates, and a web role that owns nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from handover.engine.errors import EngineError
from handover.engine.urls import Addresses

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

PROVISIONING = 1_668_247_156  # an arbitrary number: the advisory lock of whoever makes the roles

# What row level security must never be asked to stop: each row is a question about the connected role and
# the words in which a refusal names the answer. PostgreSQL's superuser is a member of everything, so it comes
# first. Roles that the web role could become by SET ROLE count like itself.
UNSAFE: tuple[tuple[str, str], ...] = (
    ("SELECT rolsuper FROM pg_roles WHERE rolname = session_user", "is a superuser"),
    ("SELECT rolbypassrls FROM pg_roles WHERE rolname = session_user", "bypasses row level security"),
    ("SELECT rolcreaterole FROM pg_roles WHERE rolname = session_user", "may create roles"),
    (
        """SELECT bool_or(rolsuper OR rolbypassrls) FROM pg_roles
           WHERE pg_has_role(session_user, oid, 'MEMBER')""",
        "is a member of a role that bypasses row level security",
    ),
    (
        """SELECT EXISTS (SELECT FROM pg_class
           WHERE pg_has_role(session_user, relowner, 'MEMBER') AND relpersistence <> 't')""",
        "owns tables, itself or through a role",
    ),
    (
        """SELECT pg_has_role(session_user, datdba, 'MEMBER') OR EXISTS (SELECT FROM pg_namespace
             WHERE pg_has_role(session_user, nspowner, 'MEMBER') AND nspname !~ '^pg_(toast_)?temp_')
           FROM pg_database WHERE datname = current_database()""",
        "owns the database or a schema",
    ),
    (
        """SELECT EXISTS (SELECT FROM pg_proc
           WHERE pg_has_role(session_user, proowner, 'MEMBER') AND pronamespace <> pg_my_temp_schema())""",
        "owns functions, itself or through a role",
    ),
    (
        "SELECT has_parameter_privilege(session_user, 'session_replication_role', 'SET')",
        "may switch triggers off (session_replication_role)",
    ),
)


def statements(*, owner: str, web: str, database: str, for_tests: bool) -> list[sql.Composed]:
    """Return the SQL that makes or corrects both roles; it may run again and again.

    `for_tests` lets the owner make test databases and switch triggers off while it empties them: for
    machines of developers only.
    """
    names = {
        "owner": sql.Identifier(owner),
        "web": sql.Identifier(web),
        "owner_text": sql.Literal(owner),
        "web_text": sql.Literal(web),
        "database": sql.Identifier(database),
    }
    make = (
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {{{0}_text}}) "
        "THEN CREATE ROLE {{{0}}} LOGIN; END IF; END $$"
    )
    plain = "NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    texts = [
        make.format("owner"),
        f"ALTER ROLE {{owner}} LOGIN {plain} {'CREATEDB' if for_tests else 'NOCREATEDB'}",
        make.format("web"),
        f"ALTER ROLE {{web}} LOGIN {plain} NOCREATEDB",
    ]
    if for_tests:
        texts.append("GRANT SET ON PARAMETER session_replication_role TO {owner}")
    return [sql.SQL(text).format(**names) for text in texts]


def database_statements(*, owner: str, web: str, database: str) -> tuple[sql.Composed, list[sql.Composed]]:
    """Return the SQL that makes the database (not in a transaction, not twice) and that grants its use."""
    names = {"owner": sql.Identifier(owner), "web": sql.Identifier(web), "database": sql.Identifier(database)}
    create = sql.SQL("CREATE DATABASE {database} OWNER {owner} ENCODING 'UTF8' TEMPLATE template0").format(
        **names
    )
    grants = [
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {web}",
    ]
    return create, [sql.SQL(text).format(**names) for text in grants]


def script(*, owner: str, web: str, database: str, for_tests: bool) -> str:
    """Return the whole SQL as a psql script for a database administrator."""
    create, grants = database_statements(owner=owner, web=web, database=database)
    missing = sql.SQL(
        "SELECT {} WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = {}) \\gexec"
    ).format(sql.Literal(create.as_string(None)), sql.Literal(database))
    made = [
        text.as_string(None)
        for text in statements(owner=owner, web=web, database=database, for_tests=for_tests)
    ]
    lines = [
        "-- Roles and database of the handover toolkit. As a superuser: handover roles | psql -d postgres",
        "-- The owner migrates and backs up; the web role owns nothing and obeys row level security.",
        *[f"{text};" for text in made],
        missing.as_string(None),
        *[f"{text.as_string(None)};" for text in grants],
        "-- Then give both a password, in psql:",
        f"--   \\password {owner}",
        f"--   \\password {web}",
        "-- and tell the toolkit:",
        f"--   DATABASE_URL=postgresql://{web}:PASSWORD@HOST:5432/{database}",
        f"--   DATABASE_OWNER_URL=postgresql://{owner}:PASSWORD@HOST:5432/{database}",
    ]
    return "\n".join(lines)


def provision(addresses: Addresses, *, superuser: str) -> None:
    """Make roles and database in the toolkit's own cluster; raise EngineError when that is refused."""
    names = {"owner": addresses.owner.user, "web": addresses.web.user, "database": addresses.owner.name}
    asked = addresses.owner.libpq(database="postgres") | {"user": superuser}
    create, grants = database_statements(**names)
    try:
        with psycopg.connect(**asked, autocommit=True) as connection:  # type: ignore[arg-type]
            # A launcher that was killed here leaves its statement running: wait for it.
            connection.execute("SELECT pg_advisory_lock(%s)", [PROVISIONING])
            for text in statements(**names, for_tests=True):
                connection.execute(text)
            found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [names["database"]])
            if found.fetchone() is None:
                connection.execute(create)
            for text in grants:
                connection.execute(text)
    except psycopg.Error as error:
        raise EngineError(f"PostgreSQL's roles cannot be made: {error}") from None


def prepare_roles(**signal: object) -> None:
    """Receive `pre_migrate`: tell the migrations who the web role is, and let it use what they make.

    Default privileges are kept per database, so a test database needs them as much as the real one.
    Raises EngineError when the one who migrates is the web role, or when the web role does not exist.
    """
    from django.db import connections

    from handover.engine import addresses

    connection = connections[str(signal.get("using", "default"))]
    web = addresses().web.user
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user, EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [web])
        who, exists = cursor.fetchone()
        if who == web:
            raise EngineError(f"Migrations run as the owner, not as {web!r}: use the `handover` command.")
        if not exists:
            raise EngineError(
                f"The role {web!r} does not exist: `handover roles` prints the SQL that makes it."
            )
        cursor.execute("SELECT set_config('handover.web_role', %s, false)", [web])
        for privileges, kind in (
            ("SELECT, INSERT, UPDATE, DELETE", "TABLES"),
            ("USAGE, SELECT", "SEQUENCES"),
        ):
            cursor.execute(
                sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {} ON {} TO {}").format(
                    sql.SQL(privileges), sql.SQL(kind), sql.Identifier(web)
                )
            )


def refuse_unsafe_web_role(connection: BaseDatabaseWrapper) -> None:
    """Raise EngineError when the connected role could step over row level security.

    The web must not start as a superuser, as a role that bypasses row level security, or as an owner,
    neither by itself nor through a role it is a member of.
    """
    with connection.cursor() as cursor:
        for question, answer in UNSAFE:
            cursor.execute(question)
            if cursor.fetchone()[0]:
                cursor.execute("SELECT session_user")
                raise EngineError(
                    f"The web connects as {cursor.fetchone()[0]!r}, who {answer}: row level security would "
                    "not hold. `handover roles` prints the SQL of a safe role."
                )
