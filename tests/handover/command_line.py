"""Commands as they are typed, run in this process: what they say, and what they refuse."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command, load_command_class

Typed = object


def said(*typed: Typed) -> str:
    """Run a command that goes well; give what it wrote for people."""
    out = io.StringIO()
    call_command(*map(str, typed), stdout=out, stderr=io.StringIO())
    return out.getvalue()


def told(*typed: Typed) -> dict[str, Any]:
    """Run a command that goes well; give what it told machines."""
    found = json.loads(said(*typed, "--json"))
    assert isinstance(found, dict)
    return found


def refused(*typed: Typed) -> str:
    """Run a command that is refused; give its one line, with whatever it lists below."""
    with pytest.raises(CommandError) as caught:
        said(*typed)
    assert caught.value.returncode in (1, 2)
    text = str(caught.value)
    assert text.startswith("error: ")
    assert "Traceback" not in text
    assert all(line.startswith("  ") for line in text.splitlines()[1:])
    return text


def ended(capfd: pytest.CaptureFixture[str], *typed: Typed) -> tuple[int, str, str]:
    """Run a command as the shell does; give exit code, standard output and standard error.

    It closes the connection: for tests with a transactional database.
    """
    words = list(map(str, typed))
    command = load_command_class("handover", words[0])
    try:
        command.run_from_argv(["handover", *words])
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    out, err = capfd.readouterr()
    return code, out, err
