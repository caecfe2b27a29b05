"""Emptying a database between tests: everything goes, the ledger too, and only where nothing can be lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import connection

from handover.actions import checkpoints
from handover.management.commands.flush import KEPT, refuse_installation
from handover.models import Programme
from tests.conftest import OwnerSql
from tests.contracts import catalogue
from tests.factories.cast import Cast


@pytest.fixture
def installation() -> Iterator[None]:
    """Make the test database look like an installation's, by its name alone."""
    name = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = "handover"
    yield
    connection.settings_dict["NAME"] = name


@pytest.mark.django_db(transaction=True)
def test_everything_goes_but_what_follows_from_the_code(
    cast: Cast, programme: Programme, owner_sql: OwnerSql
) -> None:
    checkpoints.make(by=cast.giver)
    call_command("flush", interactive=False, verbosity=0)

    filled = {
        table
        for table in catalogue.tables()
        if owner_sql(f"SELECT EXISTS (SELECT FROM {table})") == [(True,)]
    }
    assert filled == KEPT


@pytest.mark.django_db(transaction=True)
def test_append_only_tables_refuse_again_afterwards(
    cast: Cast, programme: Programme, owner_sql: OwnerSql
) -> None:
    call_command("flush", interactive=False, verbosity=0)
    states = owner_sql(
        "SELECT DISTINCT tgenabled::text FROM pg_trigger WHERE tgname IN ('refuse_change', 'seal')"
    )
    assert states == [("O",)]


@pytest.mark.django_db(transaction=True)
def test_keys_start_anew_only_where_that_is_asked(
    cast: Cast, programme: Programme, owner_sql: OwnerSql
) -> None:
    question = "SELECT last_value, is_called FROM handover_programme_id_seq"
    before = owner_sql(question)
    call_command("flush", interactive=False, verbosity=0, reset_sequences=False)
    assert owner_sql(question) == before
    call_command("flush", interactive=False, verbosity=0)
    assert owner_sql(question) == [(1, False)]


def test_an_installation_is_never_emptied(installation: None) -> None:
    with pytest.raises(CommandError, match="no test database"):
        call_command("flush", interactive=False, verbosity=0)


def test_a_developers_own_database_may_be_emptied(installation: None, settings: LazySettings) -> None:
    settings.DEBUG = True
    refuse_installation("handover")


@pytest.mark.django_db
def test_nothing_is_removed_without_a_yes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("builtins.input", lambda _: "no")
    call_command("flush")
    assert "Nothing was removed." in capsys.readouterr().out
