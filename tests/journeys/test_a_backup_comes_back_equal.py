"""An installation is backed up, lost and restored: every row, every file and every proof is as it was."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

TABLES = """
SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname
"""


class Installation:
    """An installation of its own: the embedded database, files and key in one state folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("HANDOVER_", "DATABASE_"))
        }
        self.environment = {**kept, "HANDOVER_STATE": str(folder)}

    def run(self, *words: str, fails: bool = False) -> str:
        """Run a command; it must end as said. Gives what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "handover", *words],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert (done.returncode != 0) is fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    def rows(self) -> dict[str, tuple[int, str]]:
        """Count and digest every table, as the owner sees it."""
        digest = (
            "SELECT count(*), coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '') FROM {} t"
        )
        with psycopg.connect(
            host=str(self.folder / "socket"), user="handover_owner", dbname="handover"
        ) as owner:
            tables = [str(name) for (name,) in owner.execute(TABLES).fetchall()]
            return {
                name: owner.execute(sql.SQL(digest).format(sql.Identifier(name))).fetchone() or (0, "")
                for name in tables
            }

    def files(self) -> dict[str, bytes]:
        """Read every evidence file, by its place in the store."""
        store = self.folder / "files"
        return {
            str(path.relative_to(store)): path.read_bytes() for path in store.rglob("*") if path.is_file()
        }


@pytest.fixture
def installation() -> Iterator[Installation]:
    """Give a new installation with the demonstration handed over; stop it afterwards."""
    # A socket's path must be short: pytest's own folders are too deep for it.
    folder = Path(tempfile.mkdtemp(prefix="hb-", dir="/tmp"))
    folder.chmod(0o755)
    made = Installation(folder)
    try:
        made.run("migrate", "--verbosity", "0")
        made.run("demo", "--quiet")
        yield made
    finally:
        made.run("engine", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def test_a_backup_comes_back_equal_row_by_row_and_file_by_file(installation: Installation) -> None:
    rows, files = installation.rows(), installation.files()
    kept = installation.folder / "backup.tar"

    installation.run("backup", str(kept))
    refused = installation.run("restore", str(kept), fails=True)
    shutil.rmtree(installation.folder / "files")
    installation.run("restore", str(kept), "--into-empty")

    assert "not empty" in refused
    assert files
    assert installation.rows() == rows
    assert installation.files() == files
    assert kept.stat().st_mode & 0o077 == 0
    installation.run("verify", "--all")
