"""Verification and checkpoints from the command line, and how every command ends for a shell."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from handover.__main__ import as_owner
from handover.access import asking
from handover.actions import checkpoints, programmes
from handover.models import LedgerEntry, Programme, SignOff
from indicators.models import Value
from tests.conftest import OwnerSql
from tests.engine_conftest import connected_as
from tests.factories import transfers
from tests.factories.cast import Cast
from tests.factories.indicators import indicator, reported
from tests.handover.command_line import ended, refused, said, told

pytestmark = pytest.mark.django_db(transaction=True)

AUDITOR = ("--as", "auditor@auditor.example")
Attack = Callable[[str, str], None]


@pytest.fixture
def attack(owner_sql: OwnerSql) -> Attack:
    """Change an append-only table as its owner can: its triggers off, the statement, its triggers on."""

    def run(table: str, statement: str) -> None:
        owner_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        owner_sql(statement)
        owner_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    return run


@pytest.fixture
def executed(cast: Cast, programme: Programme) -> Programme:
    """Give a programme with a value that has been handed over: ledger, sign-offs, proof and checkpoint are there."""
    reported(indicator(programme, by=cast.giver), {"women": 41}, by=cast.giver_reporter)
    transfers.executed(cast, programme)
    return programme


def findings(*typed: object) -> list[dict[str, Any]]:
    """Run a verification that finds something; give what it names."""
    out = io.StringIO()
    with pytest.raises(CommandError, match="not as the ledger says"):
        call_command("verify", *map(str, typed), "--json", stdout=out, stderr=io.StringIO())
    document = json.loads(out.getvalue())
    rows: list[dict[str, Any]] = document["installation"]
    rows += [row for part in document["programmes"] for row in part["findings"]]
    assert document["findings"] == len(rows)
    return rows


# --- verification ------------------------------------------------------------------------------------------------


def test_an_auditor_verifies_what_they_reach_and_nothing_is_found(executed: Programme) -> None:
    assert "No findings" in said("verify", executed.identifier, *AUDITOR)
    document = told("verify", "--all", *AUDITOR)
    assert document["findings"] == 0
    assert [item["identifier"] for item in document["programmes"]] == [executed.identifier]


def test_the_owner_verifies_everything_without_saying_who(executed: Programme, cast: Cast) -> None:
    programmes.create(by=cast.stranger, identifier="XX-STRANGER", title="Elsewhere")

    with connected_as("owner"):
        document = told("verify")

    assert [item["identifier"] for item in document["programmes"]] == ["XX-STRANGER", executed.identifier]
    assert document["findings"] == 0


@pytest.mark.parametrize(
    ("typed", "owner"),
    [
        ("verify", True),
        ("verify XX-1 --json", True),
        ("verify --as auditor@audit.example", False),
        ("verify --as=auditor@audit.example", False),
        ("verify --for audit", False),
        ("migrate", True),
        ("transfer list", False),
    ],
)
def test_only_an_operators_verification_runs_as_the_owner(db: None, typed: str, owner: bool) -> None:
    command, *options = typed.split()

    assert as_owner(command, options) is owner


def test_the_web_role_never_calls_clean_what_it_cannot_see(executed: Programme) -> None:
    assert "[not_owner]" in refused("verify")
    assert "[not_owner]" in refused("verify", executed.identifier)


def test_a_changed_signoff_is_named(executed: Programme, cast: Cast, attack: Attack) -> None:
    with asking(cast.receiver):
        signoff = SignOff.objects.filter(subject="plan").latest("id")

    attack(
        "handover_signoff", f"UPDATE handover_signoff SET signatory = 'Somebody else' WHERE id = {signoff.pk}"
    )

    (finding,) = findings(executed.identifier, *AUDITOR)
    assert finding["code"] == "signoff_changed"
    assert finding["subject"] == f"sign-off {signoff.uuid}"
    assert finding["sentence"].endswith("was changed: signatory.")


def test_a_changed_ledger_row_is_named(executed: Programme, cast: Cast, attack: Attack) -> None:
    with asking(cast.receiver):
        entry = LedgerEntry.objects.filter(chain=executed.uuid).order_by("seq")[2]

    attack(
        "handover_ledgerentry", f"UPDATE handover_ledgerentry SET body = body || ' ' WHERE id = {entry.pk}"
    )

    subjects = {finding["subject"] for finding in findings(executed.identifier, *AUDITOR)}
    assert f"ledger entry {executed.uuid}#{entry.seq}" in subjects


def test_a_changed_value_is_named(executed: Programme, cast: Cast, attack: Attack) -> None:
    with asking(cast.receiver):
        value = Value.objects.earliest("id")

    attack("indicators_value", f"UPDATE indicators_value SET value = 42 WHERE id = {value.pk}")

    assert any(str(value.uuid) in finding["subject"] for finding in findings(executed.identifier, *AUDITOR))


def test_a_changed_checkpoint_is_found_with_the_installation(executed: Programme, attack: Attack) -> None:
    attack("handover_checkpoint", "UPDATE handover_checkpoint SET note = replace(note, '\"v\":1', '\"v\":2')")

    assert {finding["code"] for finding in findings("--all", *AUDITOR)} == {"signature_wrong"}
    assert told("verify", executed.identifier, *AUDITOR)["findings"] == 0


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (("XX-NONE", *AUDITOR), "not_found"),
        (("XX-TEST-HOME", "--all", *AUDITOR), "usage"),
        (("XX-TEST-HOME", "--as", "manager@stranger.example"), "not_found"),
        (("XX-TEST-HOME", "--as", "reporter@giver.example"), "not_allowed"),
        (("XX-TEST-HOME", "--as", "nobody@giver.example"), "unknown_account"),
        (("--everything",), "usage"),
    ],
)
def test_wrong_words_about_verification_are_one_line(
    programme: Programme, typed: tuple[str, ...], code: str
) -> None:
    text = refused("verify", *typed)

    assert text.endswith(f"[{code}]")
    assert "\n" not in text


# --- checkpoints -------------------------------------------------------------------------------------------------


def test_a_checkpoint_is_made_listed_taken_out_and_holds(programme: Programme, tmp_path: Path) -> None:
    assert "There is no checkpoint yet" in said("checkpoint", "list")
    assert "[no_checkpoint]" in refused("checkpoint", "export")
    made = told("checkpoint", "make")["checkpoint"]
    file = tmp_path / "checkpoint.json"

    said("checkpoint", "export", "--output", file)

    assert told("checkpoint", "list")["checkpoints"] == [made]
    assert made["root"] in said("checkpoint", "list")
    assert json.loads(file.read_text("utf-8")) == told("checkpoint", "export")
    assert told("checkpoint", "check", file) == {
        "file": str(file),
        "checkpoints": [made["size"]],
        "present_key": True,
        "known_keys": True,
        "findings": [],
    }


def test_an_older_checkpoint_still_holds_when_the_log_has_grown(
    programme: Programme, cast: Cast, tmp_path: Path
) -> None:
    said("checkpoint", "make")
    programmes.edit(by=cast.giver, programme_uuid=programme.uuid, version=1, title={"en": "Another"})
    said("checkpoint", "make")
    file = tmp_path / "all.json"

    said("checkpoint", "export", "--all", "--output", file)

    assert len(told("checkpoint", "check", file)["checkpoints"]) == 2
    assert "begins with the" in said("checkpoint", "check", file)


def test_a_rewritten_log_is_found_by_a_checkpoint_that_left(
    programme: Programme, cast: Cast, attack: Attack, tmp_path: Path
) -> None:
    checkpoints.make(by=cast.giver)
    file = tmp_path / "checkpoint.json"
    said("checkpoint", "export", "--output", file)

    attack("handover_logleaf", "UPDATE handover_logleaf SET hash = sha256('anew') WHERE position = 0")
    assert "first 2 leaves are not those that were signed" in _bad_news(file)

    attack("handover_logleaf", "DELETE FROM handover_logleaf")
    assert "The log has 0 leaves, the checkpoint was signed over 2" in _bad_news(file)


def _bad_news(file: Path) -> str:
    out = io.StringIO()
    with pytest.raises(CommandError, match="is not the one that was signed"):
        call_command("checkpoint", "check", str(file), stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_a_forged_checkpoint_is_found(programme: Programme, tmp_path: Path) -> None:
    said("checkpoint", "make")
    exported = told("checkpoint", "export")
    file = tmp_path / "forged.json"

    file.write_text(json.dumps(exported | {"note": exported["note"].replace('"v":1', '"v":2')}), "utf-8")
    assert "signature of the checkpoint" in _bad_news(file)

    file.write_text(json.dumps(exported | {"note": "{}"}), "utf-8")
    assert "does not say how many leaves" in _bad_news(file)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "not_json"),
        ("\xff", "no_checkpoint"),
        ("{}", "no_checkpoint"),
        ("[]", "no_checkpoint"),
        ('{"note": 1, "public_key": "", "signature": ""}', "no_checkpoint"),
        ('{"note": "{}", "public_key": "zz", "signature": "00"}', "no_checkpoint"),
        ('{"checkpoints": []}', "no_checkpoint"),
    ],
)
def test_a_file_that_is_no_checkpoint_is_one_line(db: None, tmp_path: Path, content: str, code: str) -> None:
    file = tmp_path / "checkpoint.json"
    file.write_text(json.dumps(content) if content == "\xff" else content, "utf-8")

    assert refused("checkpoint", "check", file).endswith(f"[{code}]")


def test_a_checkpoint_is_never_half_written(programme: Programme, tmp_path: Path) -> None:
    said("checkpoint", "make")

    assert "[file_unusable]" in refused("checkpoint", "export", "--output", tmp_path)
    assert "[file_unusable]" in refused("checkpoint", "export", "--output", tmp_path / "none" / "x.json")
    assert "[file_unusable]" in refused("checkpoint", "check", tmp_path / "none.json")
    assert list(tmp_path.iterdir()) == []


# --- how a command ends ------------------------------------------------------------------------------------------


def test_a_shell_gets_zero_one_or_two_and_one_line_on_standard_error(
    programme: Programme, capfd: pytest.CaptureFixture[str]
) -> None:
    code, out, err = ended(capfd, "programme", "list", "--as", "manager@giver.example")
    assert (code, err) == (0, "")
    assert "XX-TEST-HOME" in out

    code, out, err = ended(capfd, "programme", "show", "XX-NONE", "--as", "manager@giver.example")
    assert (code, out) == (1, "")
    assert err == "error: There is no such programme, or it is not open to you. [not_found]\n"

    code, out, err = ended(capfd, "programme", "shwo", "XX-NONE")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "invalid choice: 'shwo'" in err


def test_machines_get_refusals_as_json_on_standard_output(
    programme: Programme, capfd: pytest.CaptureFixture[str]
) -> None:
    code, out, err = ended(capfd, "programme", "show", "XX-NONE", "--as", "manager@giver.example", "--json")
    assert code == 1
    assert json.loads(out)["error"]["code"] == "not_found"
    assert err.startswith("error: ")

    code, out, _ = ended(capfd, "transfer", "propose", "--json")
    assert code == 2
    assert json.loads(out)["error"]["code"] == "usage"

    code, out, _ = ended(capfd, "verify", "--all", "--everything", "--json")
    assert code == 2
    assert json.loads(out)["error"]["code"] == "usage"


def test_findings_end_with_one_and_their_json_is_the_answer_itself(
    executed: Programme, attack: Attack, capfd: pytest.CaptureFixture[str]
) -> None:
    attack("handover_signoff", "UPDATE handover_signoff SET signatory = 'Somebody else'")

    code, out, err = ended(capfd, "verify", executed.identifier, *AUDITOR, "--json")

    assert code == 1
    assert json.loads(out)["findings"] > 1
    assert err.endswith("rows are not as the ledger says. [findings]\n")


def test_unmet_gates_are_a_line_each_on_standard_error(
    cast: Cast, programme: Programme, capfd: pytest.CaptureFixture[str]
) -> None:
    transfer = transfers.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    transfers.agreed(transfer, by=cast.giver, receiver=cast.receiver)

    code, _, err = ended(capfd, "transfer", "execute", transfer.uuid, "--as", cast.receiver.user.email)

    assert code == 1
    assert [line[:4] for line in err.splitlines()] == ["erro", "  - ", "  - "]


def test_every_step_says_what_it_does(capfd: pytest.CaptureFixture[str], db: None) -> None:
    for name in ("organisation", "account", "programme", "transfer", "checkpoint"):
        code, out, _ = ended(capfd, name, "--help")
        assert code == 0
        assert "--as" not in out.partition("STEP")[0]
    code, out, _ = ended(capfd, "transfer", "give-back", "--help")
    assert code == 0
    assert "Sign giving back for your side" in " ".join(out.split())
