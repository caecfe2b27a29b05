"""What is wrong with an installation, and what its operator may want to look at: one sentence each, with what to do."""

from __future__ import annotations

import datetime as dt
import shutil
import smtplib
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.checks import ERROR, CheckMessage, run_checks
from django.core.mail import get_connection
from django.db import Error, connection

from handover import clock, engine
from handover.engine.errors import EngineError
from handover.engine.roles import refuse_unsafe_web_role
from handover.holdings import Finding
from handover.operations import backups, health
from handover.operations.figures import age, figures

HOUR: Final = 3600
OLDEST_BACKUP: Final = 48 * HOUR
OLDEST_CHECKPOINT: Final = 40 * 24 * HOUR
LONGEST_WAIT: Final = 15 * 60
CLOCKS_APART: Final = dt.timedelta(seconds=5)
LEAST_SPACE: Final = 1024**3
PATIENCE: Final = 5
"""Seconds for whoever is spoken to over the network."""

HTTPS_CHECKS: Final = frozenset({"security.W004", "security.W008", "security.W012", "security.W016"})
TOLD_OTHERWISE: Final = frozenset({*HTTPS_CHECKS, "security.W018"})


@dataclass(frozen=True)
class Diagnosis:
    """What was found."""

    wrong: tuple[Finding, ...]
    advice: tuple[Finding, ...]


Question = Callable[[], Iterator[Finding]]


def examined() -> Diagnosis:
    """Look at everything; what cannot be asked because the database is away is left out."""
    database = tuple(_database())
    wrong, advice = (WRONG, ADVICE) if database else ((*WRONG, *WRONG_INSIDE), (*ADVICE, *ADVICE_INSIDE))
    failed, warned = _checked()
    return Diagnosis((*database, *_asked(wrong), *failed), (*_asked(advice), *warned))


def _asked(questions: Iterable[Question]) -> Iterator[Finding]:
    for question in questions:
        yield from question()


def _database() -> Iterator[Finding]:
    try:
        connection.ensure_connection()
    except Error as error:
        kind = type(error).__name__
        yield Finding(
            "database_down", f"The database does not answer the web role ({kind}): start it.", "database"
        )


def _roles() -> Iterator[Finding]:
    try:
        refuse_unsafe_web_role(connection)
    except EngineError as error:
        yield Finding("role_unsafe", str(error), "DATABASE_URL")
    owner = engine.addresses().owner
    try:
        psycopg.connect(**{**owner.libpq(), "connect_timeout": str(PATIENCE)}).close()  # type: ignore[arg-type]
    except psycopg.Error:
        yield Finding(
            "owner_unreachable",
            f"The owner “{owner.user}” cannot connect: put DATABASE_OWNER_URL right, or updates and backups fail.",
            "DATABASE_OWNER_URL",
        )


def _migrations() -> Iterator[Finding]:
    number = len(health.pending())
    if number:
        yield Finding(
            "migrations_pending",
            f"The database lacks changes of this release ({number}): run `handover migrate`.",
            "database",
        )


def _queue() -> Iterator[Finding]:
    waited = figures().oldest
    if waited > LONGEST_WAIT:
        yield Finding(
            "jobs_wait",
            f"A job has waited for {_span(waited)}: start a worker, by `handover worker` or `handover serve --jobs`.",
            "worker",
        )


def _clocks() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp(), (SELECT max(made_at) FROM handover_checkpoint)")
        there, checkpoint_at = cursor.fetchone() or (clock.wall(), None)
    here = clock.wall()
    if abs(here - there) > CLOCKS_APART:
        yield Finding(
            "clocks_apart",
            f"The clocks of this machine and of the database differ by {_span(abs(here - there).total_seconds())}: "
            "let both follow a time server.",
            "clock",
        )
    if checkpoint_at is not None and checkpoint_at > here + CLOCKS_APART:
        yield Finding(
            "clock_behind",
            "The last checkpoint was made later than it is now: this machine's clock is behind; let it follow a "
            "time server.",
            "clock",
        )


def _files() -> Iterator[Finding]:
    folder = Path(settings.MEDIA_ROOT)
    if not health.files_writable():
        yield Finding(
            "files_unwritable",
            f"Files cannot be written to {folder}: let the account that runs the web write there, or name another "
            "folder by HANDOVER_FILES.",
            "HANDOVER_FILES",
        )
    elif (free := shutil.disk_usage(folder).free) < LEAST_SPACE:
        yield Finding(
            "disk_nearly_full",
            f"Only {free // 1024**2} MB are free at {folder}: make room.",
            "HANDOVER_FILES",
        )


def _secrets() -> Iterator[Finding]:
    for name in (Path(settings.INSTALLATION_KEY), Path(settings.STATE) / "secret_key"):
        try:
            mode = stat.S_IMODE(name.stat().st_mode)
        except FileNotFoundError:
            continue
        except OSError:
            yield Finding(
                "secret_unreadable", f"{name} cannot be looked at: give it to the web's account.", name.name
            )
            continue
        if mode & 0o077:
            yield Finding(
                "secret_open", f"Others may read {name} (mode {mode:o}): run `chmod 600 {name}`.", name.name
            )


def _backup() -> Iterator[Finding]:
    last = backups.last()
    if last is None:
        yield Finding(
            "backup_none", "No backup was ever made: run `handover backup FILE`, every night.", "backup"
        )
    elif age(last.made_at) > OLDEST_BACKUP:
        yield Finding(
            "backup_old",
            f"The last backup was made {_span(age(last.made_at))} ago: see why `handover backup` does not run "
            "every night.",
            "backup",
        )


def _mail() -> Iterator[Finding]:
    if not settings.EMAIL_HOST:
        return
    server = get_connection(timeout=PATIENCE)
    try:
        server.open()
        server.close()
    except (OSError, smtplib.SMTPException) as error:
        yield Finding(
            "mail_unreachable",
            f"The mail server {settings.EMAIL_HOST}:{settings.EMAIL_PORT} does not let mails in "
            f"({type(error).__name__}): look at HANDOVER_MAIL_HOST and the settings beside it.",
            "HANDOVER_MAIL_HOST",
        )


def _pages() -> Iterator[Finding]:
    if finders.find("handover/built/pages.css") is None:
        yield Finding("assets_missing", "The pages have no stylesheet: run `make assets`.", "static files")


def _settings() -> Iterator[Finding]:
    if settings.DEBUG:
        yield Finding(
            "debug_on",
            "Errors show what is inside: take HANDOVER_DEBUG out of the environment.",
            "HANDOVER_DEBUG",
        )
    if settings.SESSION_COOKIE_SECURE and _is_local(settings.PUBLIC_URL):
        yield Finding(
            "public_url_local",
            f"Links in mails begin with {settings.PUBLIC_URL}: set HANDOVER_URL to where people reach you.",
            "HANDOVER_URL",
        )


def _unset() -> Iterator[Finding]:
    if not settings.EMAIL_HOST:
        yield Finding(
            "mail_to_files",
            f"Nobody gets a mail, they lie in {settings.EMAIL_FILE_PATH}: set HANDOVER_MAIL_HOST.",
            "HANDOVER_MAIL_HOST",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield Finding(
            "hosts_open",
            "The web answers to any name, which lets others forge links: name yours in HANDOVER_HOSTS.",
            "HANDOVER_HOSTS",
        )


def _unheard() -> Iterator[Finding]:
    found = figures()
    if not found.workers:
        yield Finding(
            "workers_none",
            "No worker was heard of in the last minute, so jobs and mails wait: start one by `handover worker`.",
            "worker",
        )
    if found.checkpoint_at is not None and age(found.checkpoint_at) > OLDEST_CHECKPOINT:
        yield Finding(
            "checkpoint_old",
            f"The last checkpoint is {_span(age(found.checkpoint_at))} old: run `handover checkpoint make` every "
            "month and keep a copy outside.",
            "checkpoint",
        )


def _checked() -> tuple[list[Finding], list[Finding]]:
    """Give what Django's own checks refuse and what they warn of, those for servers in use included."""
    messages = [
        message for message in run_checks(include_deployment_checks=True) if not message.is_silenced()
    ]
    failed = [
        Finding("check_failed", _sentence(message), str(message.id))
        for message in messages
        if message.level >= ERROR
    ]
    warned = [
        Finding("check_warned", _sentence(message), str(message.id))
        for message in messages
        if message.level < ERROR and message.id not in TOLD_OTHERWISE
    ]
    if HTTPS_CHECKS & {message.id for message in messages}:
        sentence = "Passwords may travel in the open: set HANDOVER_HTTPS=1 once the proxy has a certificate."
        warned.insert(0, Finding("https_off", sentence, "HANDOVER_HTTPS"))
    return failed, warned


def _sentence(message: CheckMessage) -> str:
    return " ".join(f"{message.msg} {message.hint or ''}".split())


def _is_local(url: str) -> bool:
    return urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")


def _span(seconds: float) -> str:
    """Say how long something is in its largest unit."""
    for size, one, many in ((24 * HOUR, "day", "days"), (HOUR, "hour", "hours"), (60, "minute", "minutes")):
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {one if number == 1 else many}"
    return f"{int(seconds)} seconds"


WRONG: Final[tuple[Question, ...]] = (_files, _secrets, _backup, _mail, _pages, _settings)
WRONG_INSIDE: Final[tuple[Question, ...]] = (_roles, _migrations, _queue, _clocks)
ADVICE: Final[tuple[Question, ...]] = (_unset,)
ADVICE_INSIDE: Final[tuple[Question, ...]] = (_unheard,)
