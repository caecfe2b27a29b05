"""The process that parses workbooks: it can use up nothing, open nothing, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from handover.errors import Invalid
from indicators.exchange.sheets import opening
from indicators.exchange.sheets.opening import MEGABYTE, Limits, open_file
from tests.indicators.sheets.broken_files import (
    HEADINGS,
    kept,
    ods_number,
    ods_row,
    opendocument,
    with_rows,
    workbook,
)

ASKED = {"sheet": None, "memory": 1 << 30, "seconds": 20, "spool": 1 << 30, "unpacked": 1 << 30, "ratio": 400}


def python(code: str, *arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    head = f"import sys; sys.path.insert(0, {str(opening.ROOT)!r})\n"
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        return subprocess.run(
            [sys.executable, "-I", "-c", head + code, *arguments],
            stdin=file,
            capture_output=True,
            check=False,
            env={},
        )


def test_the_child_can_open_no_file_once_its_limits_are_set(tmp_path: Path) -> None:
    secret = kept(tmp_path, b"secret")
    done = python(
        "from indicators.exchange.sheets.child import limit\n"
        "assert limit(memory=1 << 30, seconds=5, spool=1000)\n"
        "open(sys.argv[1])",
        str(secret),
    )
    assert done.returncode
    assert b"Too many open files" in done.stderr


def test_the_child_reads_what_is_open_whatever_path_it_is_told(tmp_path: Path) -> None:
    secret = kept(tmp_path, workbook((HEADINGS, ("secret", "2026", 1))))
    told = json.dumps(
        {
            **ASKED,
            "rows": 100,
            "columns": 100,
            "path": str(secret),
            "file": str(secret),
            "source": str(secret),
        }
    )
    done = python(
        "from indicators.exchange.sheets.child import main; main(sys.argv[1])", told, data=workbook()
    )
    assert json.loads(done.stderr)["sheet"] == "Data"
    assert b"Children enrolled" in done.stdout
    assert b"secret" not in done.stdout
    assert str(secret).encode() not in opening.CHILD.encode()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_the_limits_hold_for_a_plain_user_as_for_root() -> None:
    for user in (0, 65_534):
        done = python(
            f"from indicators.exchange.sheets.child import limit\nimport os, resource; os.setuid({user})\n"
            "limit(memory=300 << 20, seconds=5, spool=1000)\nbytearray(400 << 20)"
        )
        assert b"MemoryError" in done.stderr


def bounded(call: Any) -> int:
    """Run a call and give by how many bytes the largest memory of this process grew."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Invalid) as raised:
        call()
    assert raised.value.code in {"too_much_memory", "too_slow", "too_many_rows", "unpacks_too_large"}
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024


def test_a_sheet_that_would_fill_the_memory_dies_alone(tmp_path: Path) -> None:
    data = with_rows('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    path = kept(tmp_path, data)
    assert bounded(lambda: open_file(path, name="bomb", limits=Limits(memory=300 * MEGABYTE))) < 50 * MEGABYTE


def test_a_sheet_that_would_fill_the_disk_is_stopped(tmp_path: Path) -> None:
    row = ods_row("x" * 10_000, ods_number("5", number_columns_repeated="1000"), repeated=1_000_000)
    path = kept(tmp_path, opendocument(ods_row(*HEADINGS) + row))
    assert (
        bounded(lambda: open_file(path, name="bomb", limits=Limits(unpacked=10 * MEGABYTE))) < 50 * MEGABYTE
    )


def test_nothing_is_left_behind_by_a_file_that_is_read_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spools = tmp_path / "spools"
    spools.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spools))
    with open_file(kept(tmp_path, workbook()), name="sheet") as opened:
        assert len(list(spools.iterdir())) == 1
        assert len(list(opened.rows())) == len(list(opened.rows())) == 2
    with pytest.raises(Invalid):
        open_file(kept(tmp_path, workbook()[:-100]), name="sheet")
    assert list(spools.iterdir()) == []


def test_a_platform_without_limits_is_named() -> None:
    summary = {"limited": False, "hidden_rows": 0, "sheets": []}
    assert [item.sentence for item in opening._notes(summary)] == [
        "This platform cannot limit the memory of a process; only sizes and time were limited."
    ]
