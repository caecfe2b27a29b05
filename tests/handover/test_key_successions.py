"""Keys that follow each other: the old one signs the new one, and no longer anything else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings as conf
from django.db import DatabaseError, connection, transaction

from handover import keys
from handover.access import Operator
from handover.actions import checkpoints, key_successions, standings
from handover.canonical import canonical
from handover.errors import Invalid
from handover.models import Checkpoint, KeySuccession, LedgerEntry, Programme
from handover.models.guard import writing
from handover.permissions import StandingKind
from handover.queries.key_successions import known
from handover.queries.verification import verify_checkpoints
from tests.factories.cast import Cast
from tests.factories.organisations import organisation
from tests.handover.command_line import refused, said, told

pytestmark = pytest.mark.django_db

OPERATOR = Operator(channel="test")
Commits = Callable[..., Any]


@pytest.fixture(autouse=True)
def own_key(settings: Any, tmp_path: Path) -> Path:
    """Give the test an installation's key of its own: it will be gone."""
    settings.INSTALLATION_KEY = tmp_path / "installation.key"
    found: Path = settings.INSTALLATION_KEY
    return found


@pytest.fixture
def rotated(django_capture_on_commit_callbacks: Commits) -> Callable[[], KeySuccession]:
    """Give a way to rotate the key, with what happens once that is kept."""

    def rotate() -> KeySuccession:
        with django_capture_on_commit_callbacks(execute=True):
            return key_successions.rotate(by=OPERATOR, reason="A machine was replaced")

    return rotate


def signed(cast: Cast, programme: Programme, name: str) -> Checkpoint:
    """Sign a log that has grown."""
    standings.admit(
        by=cast.giver,
        programme_uuid=programme.uuid,
        organisation=organisation(name),
        kind=StandingKind.PARTNER,
    )
    return checkpoints.make(by=OPERATOR)


def keep(**said: Any) -> None:
    """Keep a note as nobody's action would."""
    with writing():
        KeySuccession.objects.create(**said)


def codes() -> list[str]:
    return [finding.code for finding in verify_checkpoints()]


def test_another_key_follows_and_everything_signed_before_still_verifies(
    cast: Cast, programme: Programme, rotated: Callable[[], KeySuccession]
) -> None:
    before, old = signed(cast, programme, "first"), keys.public()
    row = rotated()
    after = signed(cast, programme, "second")
    assert bytes(before.public_key) == old == bytes(row.old_key)
    assert bytes(after.public_key) == keys.public() == bytes(row.new_key) != old
    assert codes() == []
    assert conf.INSTALLATION_KEY.stat().st_mode & 0o077 == 0
    assert not keys._next().exists()


def test_several_successions_are_one_line(
    cast: Cast, programme: Programme, rotated: Callable[[], KeySuccession]
) -> None:
    for number in range(3):
        signed(cast, programme, f"partner-{number}")
        rotated()
    assert codes() == []
    assert len(known().until) == 4


def test_the_ledger_of_the_installation_says_that_it_was_followed_and_why(
    rotated: Callable[[], KeySuccession],
) -> None:
    rotated()
    entry = json.loads(LedgerEntry.objects.filter(body__contains="key.followed").get().body)
    assert entry["data"]["new"] == keys.fingerprint()
    assert entry["data"]["reason"] == "A machine was replaced"


def test_whoever_gives_no_reason_rotates_nothing() -> None:
    with pytest.raises(Invalid) as refusal:
        key_successions.rotate(by=OPERATOR, reason=" ")
    assert refusal.value.code == "reason_needed"
    assert not KeySuccession.objects.exists()


def test_what_a_key_signs_after_it_was_followed_is_named(
    cast: Cast, programme: Programme, rotated: Callable[[], KeySuccession], own_key: Path
) -> None:
    signed(cast, programme, "first")
    kept = own_key.read_bytes()
    rotated()
    present = own_key.read_bytes()
    own_key.unlink()
    own_key.write_bytes(kept)
    signed(cast, programme, "second")
    own_key.unlink()
    own_key.write_bytes(present)
    assert codes() == ["key_retired"]


def test_a_machine_that_stopped_half_way_goes_on_with_the_next_checkpoint(
    cast: Cast, programme: Programme
) -> None:
    signed(cast, programme, "first")
    row = key_successions.rotate(by=OPERATOR, reason="A machine was replaced")
    assert keys.public() == bytes(row.old_key), "nothing was committed, so the key is not in its place"
    after = signed(cast, programme, "second")
    assert bytes(after.public_key) == bytes(row.new_key) == keys.public()
    assert codes() == []


def test_what_was_rolled_back_leaves_the_old_key_in_its_place(cast: Cast, programme: Programme) -> None:
    signed(cast, programme, "first")
    old = keys.public()
    with pytest.raises(ZeroDivisionError), transaction.atomic():  # noqa: PT012  what is done before it fails is the point
        key_successions.rotate(by=OPERATOR, reason="A machine was replaced")
        raise ZeroDivisionError
    after = signed(cast, programme, "second")
    assert bytes(after.public_key) == old == keys.public()
    assert codes() == []


def test_a_key_that_nobody_signed_makes_no_log_its_own(
    cast: Cast, programme: Programme, own_key: Path
) -> None:
    signed(cast, programme, "first")
    old = keys.public()
    own_key.unlink()
    new = keys.public()
    note = canonical(
        {
            "at": "2024-06-03T12:00:00.000000Z",
            "new": new,
            "old": old,
            "origin": "handover-toolkit/key",
            "reason": "x",
            "size": 1,
            "v": 1,
        }
    )
    keep(
        old_key=old,
        new_key=new,
        size=1,
        made_at=Checkpoint.objects.get().made_at,
        note=note,
        signed_by_old=Ed25519PrivateKey.generate().sign(note.encode()),
        signed_by_new=keys.sign(note.encode()),
    )
    assert codes() == ["succession_unsigned", "foreign_key"]


def test_a_note_that_says_other_keys_than_its_row_is_named(
    cast: Cast, programme: Programme, rotated: Callable[[], KeySuccession]
) -> None:
    signed(cast, programme, "first")
    row = rotated()
    keep(
        old_key=row.old_key,
        new_key=b"n" * 32,
        size=row.size,
        made_at=row.made_at,
        note=row.note,
        signed_by_old=row.signed_by_old,
        signed_by_new=row.signed_by_new,
    )
    assert codes() == ["succession_unsigned", "succession_differs"]


@pytest.mark.parametrize("statement", ["UPDATE {} SET size = 0", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_web_role_changes_no_succession(rotated: Callable[[], KeySuccession], statement: str) -> None:
    rotated()
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format("handover_keysuccession"))


def test_by_commands(cast: Cast, programme: Programme, tmp_path: Path) -> None:
    signed(cast, programme, "first")
    exported = tmp_path / "checkpoint.json"
    said("checkpoint", "export", "--output", str(exported))
    assert "It has followed no other key." in said("key", "show")
    assert "follows" in said("key", "rotate", "--reason", "A machine was replaced")
    signed(cast, programme, "second")
    shown = told("key", "show")
    assert shown["key"] == keys.fingerprint()
    assert len(shown["followed"]) == 1
    assert "which the present one followed" in said("checkpoint", "check", str(exported))
    out = tmp_path / "key.json"
    assert "notes of succession: 1" in said("key", "export", "--output", str(out))
    assert json.loads(out.read_text())["public_key"] == keys.public().hex()
    assert "required: --reason" in refused("key", "rotate")
