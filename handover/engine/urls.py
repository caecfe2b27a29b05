"""Where PostgreSQL is, and as whom one connects: two addresses, one for the web and one for the owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from handover.engine.errors import EngineError

Role = Literal["web", "owner"]

WEB_URL = "DATABASE_URL"
OWNER_URL = "DATABASE_OWNER_URL"
EXAMPLE = "postgresql://USER:PASSWORD@HOST:5432/DATABASE"

OWNER_ROLE = "handover_owner"
WEB_ROLE = "handover_web"
DATABASE = "handover"
PORT = 5432

# libpq's own names; anything else is a typing mistake that libpq would report far from its cause.
OPTIONS = frozenset(
    {
        "application_name",
        "channel_binding",
        "connect_timeout",
        "gssencmode",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "options",
        "sslcert",
        "sslcrl",
        "sslkey",
        "sslmode",
        "sslrootcert",
        "target_session_attrs",
        "tcp_user_timeout",
    }
)


@dataclass(frozen=True)
class Address:
    """One way to connect. `host` is a name, or the absolute path of a socket folder."""

    name: str
    user: str
    host: str
    port: int = PORT
    password: str = field(default="", repr=False)
    options: Mapping[str, str] = field(default_factory=dict)

    def django(self) -> dict[str, Any]:
        """Return Django's DATABASES entry for this address."""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": self.name,
            "USER": self.user,
            "PASSWORD": self.password,
            "HOST": self.host,
            "PORT": str(self.port),
            "OPTIONS": dict(self.options),
            "ATOMIC_REQUESTS": True,
            "TEST": {"NAME": f"test_{self.name}"},
        }

    def libpq(self, *, database: str | None = None) -> dict[str, str]:
        """Return the parameters in libpq's words, for psycopg and for PostgreSQL's own programs."""
        words = {
            "host": self.host,
            "port": str(self.port),
            "user": self.user,
            "dbname": database or self.name,
        }
        if self.password:
            words["password"] = self.password
        return {**self.options, **words}


@dataclass(frozen=True)
class Addresses:
    """Both addresses; `embedded` says that they lead to the toolkit's own PostgreSQL."""

    web: Address
    owner: Address
    embedded: bool

    def of(self, role: str) -> Address:
        """Return the address of a role; raise EngineError for a role that does not exist."""
        if role == "web":
            return self.web
        if role == "owner":
            return self.owner
        raise EngineError(f"HANDOVER_DB_ROLE is {role!r}: it must be 'web' or 'owner'.")


def embedded_addresses(sockets: Path) -> Addresses:
    """Return the addresses of the toolkit's own PostgreSQL, which listens in the folder `sockets` only."""
    web = Address(name=DATABASE, user=WEB_ROLE, host=str(sockets))
    return Addresses(web=web, owner=Address(name=DATABASE, user=OWNER_ROLE, host=str(sockets)), embedded=True)


def given_addresses(environ: Mapping[str, str]) -> Addresses | None:
    """Return the addresses that the environment names, or None when it names none.

    Raises EngineError when only one of the two is given, when one is malformed, when both name the same
    user (the web must not be the owner) or different databases.
    """
    web_url, owner_url = environ.get(WEB_URL, "").strip(), environ.get(OWNER_URL, "").strip()
    if not web_url and not owner_url:
        return None
    if not web_url or not owner_url:
        given, missing = (WEB_URL, OWNER_URL) if web_url else (OWNER_URL, WEB_URL)
        raise EngineError(
            f"{given} is given but {missing} is not: the web and the owner connect as two users, "
            "so both are needed (handover roles prints the SQL that creates them)."
        )
    web, owner = parse(WEB_URL, web_url), parse(OWNER_URL, owner_url)
    if web.user == owner.user:
        raise EngineError(
            f"{WEB_URL} and {OWNER_URL} name the same user, {web.user!r}: the web must own nothing."
        )
    if web.name != owner.name:
        raise EngineError(
            f"{WEB_URL} and {OWNER_URL} name different databases, {web.name!r} and {owner.name!r}."
        )
    return Addresses(web=web, owner=owner, embedded=False)


def parse(variable: str, url: str) -> Address:
    """Read `url`, the value of the environment `variable`; raise EngineError that says what is wrong."""

    def wrong(why: str) -> EngineError:
        return EngineError(f"{variable} is malformed: {why}; it looks like {EXAMPLE}.")

    if any(sign.isspace() for sign in url):
        raise wrong("it holds a space (write %20)")
    if "#" in url:
        raise wrong("it holds a '#' (write %23)")
    try:
        parts = urlsplit(url)
        port = parts.port
        query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError as error:
        # The message of urlsplit may quote a piece of the address, such as a password with a bare slash.
        reason = (
            "a part of its query has no '='" if "query field" in str(error) else "host or port cannot be read"
        )
        raise wrong(reason) from None
    if parts.scheme not in {"postgresql", "postgres"}:
        raise wrong("it does not start with postgresql://")
    name = unquote(parts.path.removeprefix("/"))
    if not name or "/" in name:
        raise wrong("it names no database" if not name else "the database's name holds a '/'")
    if not parts.username:
        raise wrong("it names no user")
    options = dict(query)
    host = options.pop("host", "") or unquote(parts.hostname or "")
    if not host:
        raise wrong("it names no host")
    if unknown := sorted(set(options) - OPTIONS):
        raise wrong(f"the option {unknown[0]!r} is unknown")
    return Address(
        name=name,
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        host=host,
        port=port or PORT,
        options=options,
    )
