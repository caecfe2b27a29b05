"""`handover doctor`: what is wrong is found, told with what to do, and makes the exit code."""

from __future__ import annotations

import datetime as dt
import json
import socket
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core import checks
from django.core.checks.registry import registry
from django.db import connection

from handover import clock, jobs, keys
from handover.actions.reminders import LETTER
from handover.operations import backups
from handover.operations.doctor import examined
from tests.engine_conftest import connected_as
from tests.handover.command_line import ended, refused, said
from tests.handover.test_operations import no_database

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def well(settings: LazySettings, tmp_path: Path) -> LazySettings:
    """An installation in which nothing is wrong: keys as they should be, a backup, HTTPS."""
    settings.STATE = tmp_path
    settings.INSTALLATION_KEY = tmp_path / "installation.key"
    settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS = 3600
    settings.PUBLIC_URL = "https://handover.example"
    keys.fingerprint()
    backups.note(1)
    return settings


def wrong() -> set[str]:
    return {finding.code for finding in examined().wrong}


def advice() -> set[str]:
    return {finding.code for finding in examined().advice}


def test_where_nothing_is_wrong_it_says_so() -> None:
    assert examined().wrong == ()
    assert advice() == {"mail_to_files", "workers_none"}
    assert "✓ Nothing." in said("doctor")


def test_each_finding_is_one_sentence_with_what_to_do(well: LazySettings, tmp_path: Path) -> None:
    well.STATE = tmp_path / "elsewhere"
    well.DEBUG, well.SESSION_COOKIE_SECURE, well.ALLOWED_HOSTS = True, False, ["*"]
    found = examined()
    assert {item.code for item in found.wrong} == {"backup_none", "debug_on"}
    assert {item.code for item in found.advice} == {
        "mail_to_files",
        "workers_none",
        "https_off",
        "hosts_open",
    }
    for item in (*found.wrong, *found.advice):
        assert item.sentence.endswith(".")
        assert ":" in item.sentence
        assert "\n" not in item.sentence


@pytest.mark.django_db(transaction=True)
def test_what_is_wrong_makes_the_exit_code(
    well: LazySettings, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert ended(capfd, "doctor")[0] == 0
    well.STATE = tmp_path / "elsewhere"
    code, out, err = ended(capfd, "doctor", "--json")
    told = json.loads(out)
    assert code == 1
    assert [item["code"] for item in told["wrong"]] == ["backup_none"]
    assert err == "error: One thing is wrong. [findings]\n"


def test_it_takes_no_word_that_it_does_not_know() -> None:
    assert "unrecognized arguments: now" in refused("doctor", "now")


def test_an_old_backup_is_found() -> None:
    with clock.at(clock.now() + dt.timedelta(hours=47)):
        assert "backup_old" not in wrong()
    with clock.at(clock.now() + dt.timedelta(hours=73)):
        (old,) = [item for item in examined().wrong if item.code == "backup_old"]
    assert "3 days ago" in old.sentence


def test_a_clock_that_went_astray_is_found() -> None:
    with clock.at(clock.now() + dt.timedelta(seconds=3)):
        assert "clocks_apart" not in wrong()
    with clock.at(clock.now() - dt.timedelta(minutes=3)):
        assert "clocks_apart" in wrong()


def test_a_key_that_others_may_read_is_found(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("x")
    (tmp_path / "secret_key").chmod(0o640)
    (tmp_path / "installation.key").chmod(0o604)
    found = [item for item in examined().wrong if item.code == "secret_open"]
    assert {item.subject for item in found} == {"installation.key", "secret_key"}
    (tmp_path / "secret_key").chmod(0o600)
    (tmp_path / "installation.key").chmod(0o400)
    assert wrong() == set()


def test_a_store_that_cannot_be_written_is_found(well: LazySettings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    well.MEDIA_ROOT = tmp_path / "file"
    assert wrong() == {"files_unwritable"}


def test_a_mail_server_that_does_not_answer_is_found(well: LazySettings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        well.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        well.EMAIL_HOST, well.EMAIL_PORT = "127.0.0.1", taken.getsockname()[1]
        assert wrong() == {"mail_unreachable"}
        assert "mail_to_files" not in advice()


def test_jobs_that_nobody_does_are_found() -> None:
    jobs.send(LETTER, letter=1)
    assert wrong() == set()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = at - interval '2 hours'")
    (late,) = examined().wrong
    assert (late.code, "2 hours" in late.sentence) == ("jobs_wait", True)


def test_a_worker_that_was_heard_of_is_enough() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
        assert "workers_none" not in advice()
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'")
    assert "workers_none" in advice()


def test_changes_that_the_database_lacks_are_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'handover' AND name = '0003_small_cells'")
    assert wrong() == {"migrations_pending"}


def test_what_djangos_own_checks_say_is_passed_on(well: LazySettings) -> None:
    @checks.register
    def says(app_configs: object, **kwargs: object) -> list[checks.CheckMessage]:
        return [
            checks.Error("Broken.", hint="Mend it.", id="tests.E1"),
            checks.Warning("Odd.", id="tests.W1"),
        ]

    try:
        found = examined()
        well.SILENCED_SYSTEM_CHECKS = [*well.SILENCED_SYSTEM_CHECKS, "tests.E1", "tests.W1"]
        quiet = examined()
    finally:
        registry.registered_checks.discard(says)
    assert [(item.code, item.sentence, item.subject) for item in found.wrong] == [
        ("check_failed", "Broken. Mend it.", "tests.E1")
    ]
    assert ("check_warned", "tests.W1") in {(item.code, item.subject) for item in found.advice}
    assert quiet.wrong == ()


def test_links_that_lead_people_to_their_own_machine_are_found(well: LazySettings) -> None:
    well.PUBLIC_URL = "http://localhost:8000"
    assert wrong() == {"public_url_local"}
    well.SESSION_COOKIE_SECURE = False
    assert "public_url_local" not in wrong()


@pytest.mark.django_db(transaction=True)
def test_a_role_that_looks_over_the_wall_is_found() -> None:
    with connected_as("owner"):
        assert wrong() == {"role_unsafe"}


@pytest.mark.django_db(transaction=True)
def test_without_its_database_it_still_says_the_rest(well: LazySettings, tmp_path: Path) -> None:
    well.STATE = tmp_path / "elsewhere"
    with no_database():
        assert wrong() == {"database_down", "backup_none"}
