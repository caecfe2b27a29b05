"""Papers from the command line: written, listed, recorded and checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from handover.models import Programme, Transfer
from handover.queries.paper_facts import reference
from tests.factories import transfers as stories
from tests.factories.cast import Cast
from tests.handover.command_line import refused, said, told
from tests.handover.paper_signer import signed

pytestmark = pytest.mark.django_db

RECEIVER = ("--as", "manager@receiver.example")
GIVER = ("--as", "manager@giver.example")
AUDITOR = ("--as", "auditor@auditor.example")
WHO = (
    "--signatory",
    "Whoever",
    "--function",
    "mayor",
    "--mandate",
    "decision 1",
    "--signed-on",
    "2024-06-03",
)


@pytest.fixture
def done(cast: Cast, programme: Programme) -> Transfer:
    """Give a transfer that was executed."""
    return stories.read(stories.executed(cast, programme).transfer, by=cast.giver)


def test_a_protocol_is_issued_signed_recorded_and_checked(done: Transfer, tmp_path: Path) -> None:
    file, back = tmp_path / "protocol.pdf", tmp_path / "signed.pdf"
    issued = told("paper", "protocol", reference(done), "--to", file, "--language", "en", *RECEIVER)
    assert issued["draft"] is False
    assert file.read_bytes().startswith(b"%PDF-")
    back.write_bytes(signed(file.read_bytes(), "receiver", "The mayor's office"))

    assert "electronically" in said("paper", "record", issued["paper"][:8], back, *WHO, *RECEIVER)
    listed = told("paper", "list", done.uuid, *GIVER)
    assert [item["form"] for item in listed["papers"][0]["signed"]] == ["electronic"]

    checked = told("paper", "check", back, *AUDITOR)
    assert checked["holds"] is True
    assert checked["reference"] == reference(done)
    assert {"issued", "signed", "agrees"} <= {word["code"] for word in checked["words"]}


def test_who_is_no_side_gets_a_copy_to_read(done: Transfer, tmp_path: Path) -> None:
    copy = told("paper", "annexes", done.uuid, "--to", tmp_path / "copy.pdf", *AUDITOR)
    assert copy["paper"] is None
    assert told("paper", "list", done.uuid, *AUDITOR)["papers"] == []


def test_before_the_handover_it_is_a_draft(cast: Cast, programme: Programme, tmp_path: Path) -> None:
    transfer = stories.ready(cast, programme)
    written = said("paper", "protocol", transfer.uuid, "--to", tmp_path / "draft.pdf", *GIVER)
    assert "a draft: nothing has been handed over yet" in written


def test_a_paper_that_does_not_hold_ends_the_command_with_1(done: Transfer, tmp_path: Path) -> None:
    file = tmp_path / "protocol.pdf"
    told("paper", "protocol", done.uuid, "--to", file, *RECEIVER)
    changed = bytearray(file.read_bytes())
    changed[changed.index(b"/MediaBox") + 11] ^= 1
    file.write_bytes(changed)
    assert "[findings]" in refused("paper", "check", file, *RECEIVER)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (("check", "{here}/missing.pdf"), "file_unusable"),
        (("check", "{here}/no.pdf"), "no_pdf"),
        (("record", "zzzz", "{here}/no.pdf", *WHO), "unknown_paper"),
        (("record", "00000000", "{here}/no.pdf", *WHO), "unknown_paper"),
        (("protocol", "HO-00000000", "--to", "{here}/x.pdf"), "not_found"),
        (("protocol", "nothing", "--to", "{here}/x.pdf"), "no_such_key"),
    ],
)
def test_wrong_input_gives_one_clear_line(
    done: Transfer, tmp_path: Path, typed: tuple[str, ...], code: str
) -> None:
    (tmp_path / "no.pdf").write_bytes(b"not a PDF")
    words = [word.format(here=tmp_path) for word in typed]
    assert f"[{code}]" in refused("paper", *words, *RECEIVER)
