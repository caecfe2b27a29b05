"""The page on the command line names every step, and every field of a plan document."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import load_command_class

from handover.exchange import plan_documents
from handover.management.base import StepsCommand

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "command-line.md"


@pytest.mark.parametrize("name", ["organisation", "account", "programme", "transfer", "checkpoint"])
def test_the_page_names_every_step(name: str) -> None:
    command = load_command_class("handover", name)
    assert isinstance(command, StepsCommand)

    written = set(re.findall(rf"`handover {name} ([a-z-]+)", PAGE.read_text("utf-8")))

    assert written == set(command.steps)


def test_the_page_names_every_field_of_a_plan_document() -> None:
    source = Path(plan_documents.__file__).read_text("utf-8")
    lists = re.findall(r"(?:_only\(.*?, row, |head = |lists = |allowed = )(\([^()]*\))", source, re.DOTALL)
    fields = {name for part in lists for name in re.findall(r'"(\w+)"', part)}

    written = set(re.findall(r"^\| `(\w+)` \|", PAGE.read_text("utf-8"), re.MULTILINE))

    assert {"title", "depends_on", "moves_debtor", "subject", "exception"} <= fields
    assert written == fields


def test_the_example_on_the_page_is_a_plan(tmp_path: Path) -> None:
    (example,) = re.findall(r"```json\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    file = tmp_path / "plan.json"
    file.write_text(example, "utf-8")

    plan = plan_documents.read_plan(file)

    assert [item.key for item in plan_documents.in_order(plan.milestones)] == ["assembly", "protocol"]
    assert plan.retention_until == plan.keeps[0].until
