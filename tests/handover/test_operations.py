"""Alive, ready, figures: what whoever watches the server is told, and what strangers are not."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families

from handover import clock, jobs
from handover.actions import checkpoints
from handover.actions.reminders import LETTER
from handover.models import Letter, Programme
from handover.models.reminders import LetterKind, LetterState
from handover.operations import backups
from handover.operations.figures import figures
from tests.engine_conftest import connected_as
from tests.factories.cast import Cast
from tests.factories.organisations import OPERATOR

pytestmark = pytest.mark.django_db

BACKEND = "django.contrib.auth.backends.ModelBackend"
KEY = "a-key-of-the-tests"
WATCHED = ("/healthz", "/readyz", "/metrics")


@pytest.fixture(autouse=True)
def metrics_key(settings: LazySettings, tmp_path: Path) -> None:
    settings.METRICS_KEY = KEY
    settings.STATE = tmp_path


def shown(client: Client) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Read the figures as Prometheus does."""
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {KEY}"})
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def figure(client: Client, name: str, **labels: str) -> float | None:
    return shown(client).get((name, tuple(sorted(labels.items()))))


@contextmanager
def no_database() -> Iterator[None]:
    """Let the database be where nobody listens."""
    there = {name: connection.settings_dict[name] for name in ("HOST", "PORT")}
    connection.close()
    connection.settings_dict.update(HOST="127.0.0.1", PORT="1")
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(there)


# --- alive and ready ---------------------------------------------------------------------------------------------


def test_a_server_that_can_work_says_so(client: Client) -> None:
    alive, ready = client.get("/healthz"), client.get("/readyz")
    assert (alive.status_code, alive.json()) == (200, {"alive": True})
    assert (ready.status_code, ready.json()) == (200, {"ready": True, "codes": []})
    assert ready["Cache-Control"] == "no-store"


def test_alive_asks_nobody_not_even_with_a_session(cast: Cast, client: Client) -> None:
    client.force_login(cast.giver.user, backend=BACKEND)
    with CaptureQueriesContext(connection) as asked:
        answer = client.get("/healthz")
    assert (answer.status_code, len(asked)) == (200, 0)
    assert "Set-Cookie" not in answer
    assert "Cookie" not in answer.get("Vary", "")


def test_readiness_opens_no_session(cast: Cast, client: Client) -> None:
    client.force_login(cast.giver.user, backend=BACKEND)
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/readyz").status_code == 200
        shown(client)
    assert [query["sql"] for query in asked if "django_session" in query["sql"]] == []
    assert [query["sql"] for query in asked if "handover_user" in query["sql"]] == []


@pytest.mark.parametrize("path", WATCHED)
def test_a_monitor_needs_no_https_and_no_name_of_the_site(
    path: str, client: Client, settings: LazySettings
) -> None:
    settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS = True, ["handover.example"]
    headers = {"Authorization": f"Bearer {KEY}", "Host": "10.0.0.7"}
    assert client.get(path, headers=headers).status_code == 200
    assert client.post(path, headers=headers).status_code == 405


def test_a_release_that_the_database_lacks_changes_of_is_not_ready(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'handover' AND name = '0003_small_cells'")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "codes": ["migrations"]})


def test_a_store_that_takes_no_file_is_not_ready(
    client: Client, settings: LazySettings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "store"
    assert client.get("/readyz").status_code == 200
    assert list(settings.MEDIA_ROOT.iterdir()) == []
    (tmp_path / "no-folder").write_text("")
    settings.MEDIA_ROOT = tmp_path / "no-folder"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["codes"]) == (503, ["files"])
    assert str(tmp_path) not in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_without_its_database_a_server_is_alive_and_not_ready(client: Client) -> None:
    with no_database():
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()) == (503, {"ready": False, "codes": ["database"]})
        assert figure(client, "handover_database_up") == 0
    assert client.get("/readyz").status_code == 200
    assert figure(client, "handover_database_up") == 1


@pytest.mark.django_db(transaction=True)
def test_a_role_that_looks_over_the_wall_is_not_ready(client: Client) -> None:
    with connected_as("owner"):
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["codes"]) == (503, ["role"])


# --- figures -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Bearer wrong", f"Basic {KEY}", KEY, "Bearer ă"])
def test_without_its_key_there_are_no_figures(given: str, client: Client) -> None:
    answer = client.get("/metrics", headers={"Authorization": given})
    assert (answer.status_code, answer.content) == (404, b"Not found\n")


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Bearer None"])
def test_an_installation_without_a_key_shows_its_figures_to_nobody(
    given: str, client: Client, settings: LazySettings
) -> None:
    settings.METRICS_KEY = ""
    assert client.get("/metrics", headers={"Authorization": given}).status_code == 404


def test_requests_are_counted_by_their_routes_pattern(
    cast: Cast, programme: Programme, client: Client
) -> None:
    client.force_login(cast.giver.user, backend=BACKEND)
    path = f"/programmes/{programme.uuid}/indicators/"
    labels = {"method": "GET", "route": "/programmes/<uuid:programme_uuid>/indicators/"}
    before = figure(client, "handover_requests_total", **labels, status="200") or 0
    assert client.get(path).status_code == 200
    client.get("/nowhere/anna@person.example")
    found = shown(client)
    assert found["handover_requests_total", tuple(sorted({**labels, "status": "200"}.items()))] == before + 1
    assert found["handover_request_seconds_count", tuple(sorted(labels.items()))] >= before + 1
    said = str(found)
    assert str(programme.uuid) not in said
    assert "anna" not in said
    assert "(no such address)" in said


def test_a_method_that_nobody_knows_makes_no_figure_of_its_own(client: Client) -> None:
    client.generic("EVIL-123", "/healthz")
    said = str(shown(client))
    assert "OTHER" in said
    assert "EVIL" not in said


def test_the_queue_is_counted_with_its_oldest_job(client: Client) -> None:
    assert figure(client, "handover_oldest_job_seconds") == 0
    jobs.send(LETTER, letter=1)
    jobs.send(LETTER, letter=2, after=3600)
    jobs.send(jobs.DELIVER, after=60, delivery=1, webhook=1, organisation=1, user=1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = at - interval '10 minutes'")
    assert figure(client, "handover_jobs", task=LETTER, state="waiting") == 1
    assert figure(client, "handover_jobs", task=LETTER, state="later") == 1
    assert figure(client, "handover_webhooks_failing") == 1
    assert 600 <= (figure(client, "handover_oldest_job_seconds") or 0) < 660
    assert figure(client, "handover_workers") == 0


def test_a_job_put_off_is_as_old_as_its_turn(client: Client) -> None:
    jobs.send(LETTER, letter=1, after=3600)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = at - interval '1 day'")
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() - interval '5 minutes'")
    assert 300 <= figures().oldest < 360


def test_mails_that_wait_are_counted(cast: Cast, client: Client) -> None:
    for state in (LetterState.WAITING, LetterState.WAITING, LetterState.GIVEN_UP, LetterState.SENT):
        _letter(cast, state)
    assert figure(client, "handover_mails", state="waiting") == 2
    assert figure(client, "handover_mails", state="given_up") == 1
    assert figure(client, "handover_mails", state="sent") is None


def _letter(cast: Cast, state: LetterState) -> None:
    from handover.models.guard import writing

    with writing():
        Letter.objects.create(user=cast.giver.user, kind=LetterKind.DUE, state=state, created_at=clock.now())


def test_checkpoint_backup_and_database_are_told(cast: Cast, client: Client) -> None:
    assert figure(client, "handover_backup_age_seconds") is None
    assert (figure(client, "handover_database_bytes") or 0) > 1_000_000
    checkpoints.make(by=OPERATOR)
    backups.note(12_345)
    with clock.at(clock.now() + dt.timedelta(hours=5)):
        assert figure(client, "handover_backup_age_seconds") == pytest.approx(5 * 3600, abs=60)
        assert figure(client, "handover_checkpoint_age_seconds") == pytest.approx(5 * 3600, abs=60)
    assert figure(client, "handover_backup_bytes") == 12_345


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"made_at": "x", "size": 1}', '{"made_at": "2026-01-01", "size": 1}']
)
def test_a_note_of_a_backup_that_cannot_be_read_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "backup.json").write_text(text)
    assert backups.last() is None


def test_nothing_of_this_is_written_twice_to_the_log(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        client.get("/healthz")
    assert [record.name for record in caplog.records] == ["handover.requests"]
