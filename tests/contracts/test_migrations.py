"""Migrations say what the models say, follow one another in one line, and stand on their own."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from tests.contracts.source import PACKAGES, imports, modules


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    said = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said, verbosity=1)
    except SystemExit:
        pytest.fail(f"a model changed without a migration:\n{said.getvalue()}")


def test_no_two_migrations_of_an_app_conflict() -> None:
    assert MigrationLoader(connection=None).detect_conflicts() == {}


@pytest.mark.parametrize("app", PACKAGES)
def test_the_migrations_of_an_app_are_one_line(app: str) -> None:
    graph = MigrationLoader(connection=None).graph
    own = [key for key in graph.nodes if key[0] == app]
    branching = {key: [n.key for n in graph.node_map[key].children if n.key[0] == app] for key in own}
    assert {key: after for key, after in branching.items() if len(after) > 1} == {}
    assert len(graph.root_nodes(app)) <= 1
    assert len(graph.leaf_nodes(app)) <= 1


def test_migrations_import_no_code_of_the_apps() -> None:
    found = [
        f"{module.name}:{line} imports {name}"
        for module in modules()
        if module.is_migration
        for name, line in imports(module.tree)
        if name.partition(".")[0] in {*PACKAGES, "guardian", "tests"}
    ]
    assert found == [], "a migration must mean the same when the code has moved on"


@pytest.mark.django_db
def test_every_migration_was_applied_to_this_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        applied = set(cursor.fetchall())
    assert set(MigrationLoader(connection=None).graph.nodes) <= applied
