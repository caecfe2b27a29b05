"""A checkpoint leaves the house: signed, verifiable with nothing of ours, never contradicted by a later one."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from handover import keys, merkle
from handover.access import asking
from handover.actions import checkpoints, programmes
from handover.canonical import instant_text
from handover.models import Checkpoint, LedgerEntry, LogLeaf, Programme
from handover.queries.checkpoints import exported, leaf_bytes
from tests.conftest import OwnerSql
from tests.factories.cast import TODAY, Cast

pytestmark = pytest.mark.django_db


def leaves() -> list[bytes]:
    return [merkle.leaf_hash(leaf_bytes(leaf)) for leaf in LogLeaf.objects.order_by("position")]


def test_a_checkpoint_is_over_the_heads_of_all_chains(cast: Cast, programme: Programme) -> None:
    made = checkpoints.make(by=cast.giver)

    with asking(cast.giver):
        head = LedgerEntry.objects.filter(chain=programme.uuid).latest("seq")
    leaf = LogLeaf.objects.get(chain=programme.uuid)
    assert (leaf.seq, bytes(leaf.hash)) == (head.seq, bytes(head.hash))
    assert made.size == LogLeaf.objects.count() == 2, "the programme's chain and the installation's"
    assert bytes(made.root) == merkle.root(leaves())


def test_it_can_be_verified_with_nothing_of_ours(cast: Cast, programme: Programme) -> None:
    left_the_house: dict[str, Any] = json.loads(json.dumps(exported(checkpoints.make(by=cast.giver))))

    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(left_the_house["public_key"]))
    key.verify(bytes.fromhex(left_the_house["signature"]), left_the_house["note"].encode())
    note = json.loads(left_the_house["note"])
    assert note == {
        "key": hashlib.sha256(bytes.fromhex(left_the_house["public_key"])).hexdigest(),
        "made_at": instant_text(TODAY),
        "origin": "handover-toolkit/log",
        "root": merkle.root(leaves()).hex(),
        "size": 2,
        "v": 1,
    }


def test_a_changed_note_is_not_what_was_signed(cast: Cast, programme: Programme) -> None:
    out = exported(checkpoints.make(by=cast.giver))
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(out["public_key"]))
    with pytest.raises(InvalidSignature):
        key.verify(bytes.fromhex(out["signature"]), out["note"].replace('"size":2', '"size":3').encode())


def test_where_nothing_happened_there_is_no_new_checkpoint(cast: Cast, programme: Programme) -> None:
    first = checkpoints.make(by=cast.giver)
    assert checkpoints.make(by=cast.giver).pk == first.pk
    assert Checkpoint.objects.count() == 1


def test_a_later_checkpoint_only_adds(cast: Cast, programme: Programme) -> None:
    first = checkpoints.make(by=cast.giver)
    programmes.edit(by=cast.giver, programme_uuid=programme.uuid, version=1, title="Another title")
    second = checkpoints.make(by=cast.giver)

    assert second.size == first.size + 1, "one chain grew, so one leaf"
    proof = merkle.consistency(leaves(), first.size)
    assert merkle.check_consistency(first.size, second.size, bytes(first.root), bytes(second.root), proof)


def test_a_chains_head_can_be_proven_to_be_in_a_checkpoint(cast: Cast, programme: Programme) -> None:
    made = checkpoints.make(by=cast.giver)
    leaf = LogLeaf.objects.get(chain=programme.uuid)
    proof = merkle.inclusion(leaves(), leaf.position)

    assert merkle.check_inclusion(
        merkle.leaf_hash(leaf_bytes(leaf)), leaf.position, made.size, proof, bytes(made.root)
    )


def test_the_frontier_is_enough_to_go_on_from(cast: Cast, programme: Programme) -> None:
    for version in range(1, 8):
        programmes.edit(
            by=cast.giver, programme_uuid=programme.uuid, version=version, title=f"Title {version}"
        )
        made = checkpoints.make(by=cast.giver)
        assert bytes(made.root) == merkle.root(leaves())
        assert len(made.frontier) == bin(made.size).count("1")


def test_a_checkpoint_that_is_rolled_back_was_never_made(cast: Cast, programme: Programme) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():  # noqa: PT012  what is done before it fails is the point
        checkpoints.make(by=cast.giver)
        raise ZeroDivisionError
    assert (Checkpoint.objects.count(), LogLeaf.objects.count()) == (0, 0)


@pytest.mark.parametrize("table", ["handover_checkpoint", "handover_logleaf"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET hash = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_web_role_may_not_change_the_log(
    cast: Cast, programme: Programme, table: str, statement: str
) -> None:
    checkpoints.make(by=cast.giver)
    statement = statement.replace("hash", "root" if table == "handover_checkpoint" else "hash")
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))


@pytest.mark.django_db(transaction=True)
def test_an_owners_rewrite_is_contradicted_by_the_checkpoint_that_left(
    cast: Cast, programme: Programme, owner_sql: OwnerSql
) -> None:
    """Whoever owns the database can write the whole log anew; not the one that somebody else has kept."""
    kept = checkpoints.make(by=cast.giver)
    owner_sql("ALTER TABLE handover_logleaf DISABLE TRIGGER refuse_change")
    owner_sql("UPDATE handover_logleaf SET hash = sha256(hash) WHERE position = 0")
    owner_sql("ALTER TABLE handover_logleaf ENABLE TRIGGER refuse_change")

    assert merkle.root(leaves()) != bytes(kept.root)


def test_the_installations_key_is_its_own_and_nobody_elses_to_read() -> None:
    assert keys.verified(keys.public(), b"note", keys.sign(b"note"))
    assert not keys.verified(keys.public(), b"another", keys.sign(b"note"))
    assert not keys.verified(b"no key", b"note", b"no signature")
    assert keys.fingerprint() == hashlib.sha256(keys.public()).hexdigest()
    assert settings.INSTALLATION_KEY.stat().st_mode & 0o077 == 0
