"""Whatever the database's owner changes after a handover, verification finds it and names the row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import pytest

from handover import files
from handover.access import asking, custody
from handover.actions import evidence, executions, milestones, responsibilities
from handover.holdings import Finding
from handover.models import Evidence, LedgerEntry, Preview, Programme, Proof, SignOff, Transfer
from handover.models.milestones import Side
from handover.models.signoffs import Decision
from handover.queries.verification import verify_checkpoints, verify_programme
from indicators.models import Value
from tests.conftest import OwnerSql
from tests.factories import indicators as measures
from tests.factories import transfers as plans
from tests.factories.cast import Cast

REHASH = """
WITH RECURSIVE chained AS (
  SELECT e.id, e.seq, e.previous,
         handover_ledger_hash(e.previous, e.chain, e.seq, e.recorded_at, e.recorded_as, e.body) AS hash
    FROM handover_ledgerentry e WHERE e.chain = %(chain)s AND e.seq = 1
  UNION ALL
  SELECT e.id, e.seq, c.hash,
         handover_ledger_hash(c.hash, e.chain, e.seq, e.recorded_at, e.recorded_as, e.body)
    FROM chained c JOIN handover_ledgerentry e ON e.chain = %(chain)s AND e.seq = c.seq + 1
)
UPDATE handover_ledgerentry e SET previous = chained.previous, hash = chained.hash FROM chained WHERE chained.id = e.id
"""
"""What a clever owner does after rewriting history: hash the whole chain anew."""


@dataclass
class Proven:
    """A programme that was handed over, and what to tamper with."""

    cast: Cast
    programme: Programme
    transfer: Transfer
    owner: OwnerSql

    def findings(self) -> list[Finding]:
        """Verify it all, as the new steward."""
        with asking(self.cast.receiver), custody(self.programme.pk):
            return [*verify_programme(self.programme), *verify_checkpoints()]

    def named(self) -> set[tuple[str, str]]:
        """Give code and subject of everything that is found."""
        return {(found.code, found.subject) for found in self.findings()}

    @contextmanager
    def tampered(self, table: str, uuid: UUID | str, change: str, *, key: str = "uuid") -> Iterator[None]:
        """Change or remove one row as the owner, past the triggers, and put it back after the block."""
        where, removes = f"WHERE {key} = %(uuid)s", change == "removed"
        self.owner(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        self.owner(f"CREATE TABLE kept AS SELECT * FROM {table} {where}", {"uuid": uuid})
        ((columns,),) = self.owner(
            "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute"
            " WHERE attrelid = 'kept'::regclass AND attnum > 0"
        )
        tamper = f"DELETE FROM {table} {where}" if removes else f"UPDATE {table} SET {change} {where}"
        mend = (
            f"INSERT INTO {table} SELECT * FROM kept"
            if removes
            else f"UPDATE {table} SET ({columns}) = (SELECT {columns} FROM kept) {where}"
        )
        self.owner(tamper, {"uuid": uuid})
        try:
            yield
        finally:
            self.owner(mend, {"uuid": uuid})
            self.owner("DROP TABLE kept")
            self.owner(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.fixture
def proven(transactional_db: None, cast: Cast, programme: Programme, owner_sql: OwnerSql) -> Proven:
    indicator = measures.indicator(programme, by=cast.giver)
    measures.reported(indicator, {"women": 5, "men": 4}, by=cast.giver)
    transfer = plans.drafted(
        programme,
        by=cast.giver,
        receiver=cast.receiver.organisation,
        validated_by=[Side.COMMUNITY, Side.GIVER],
    )
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    (step,) = plans.milestones_of(transfer, by=cast.giver)
    evidence.add(by=cast.giver, milestone_uuid=step.uuid, title="Minutes", content=[b"We agreed."])
    milestones.sign(
        by=cast.community,
        milestone_uuid=step.uuid,
        decision=Decision.AGREES_WITH_DISSENT,
        remark="Heard late.",
    )
    plans.signed(transfer, cast)
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
    executions.countersign(by=cast.giver, transfer_uuid=transfer.uuid)
    return Proven(cast, programme, transfer, owner_sql)


def test_what_nobody_touched_is_found_whole(proven: Proven) -> None:
    assert proven.findings() == []


def test_a_changed_or_removed_value_is_named(proven: Proven) -> None:
    with asking(proven.cast.receiver):
        value = Value.objects.latest("id")
    for change in ("value = value + 1", "value_text = '6'", "reporter_name = 'Nobody'", "dimensions = '[]'"):
        with proven.tampered("indicators_value", value.uuid, change):
            assert f"value {value.uuid}" in {subject for _, subject in proven.named()}, change
    with proven.tampered("indicators_value", value.uuid, "removed"):
        assert ("value_missing", f"value {value.uuid}") in proven.named()
    assert proven.findings() == []


def test_a_changed_value_whose_digest_was_made_to_fit_is_named(proven: Proven) -> None:
    with asking(proven.cast.receiver):
        value = Value.objects.latest("id")
    with proven.tampered("indicators_value", value.uuid, "value = 9, digest = sha256('9')"):
        assert f"value {value.uuid}" in {subject for _, subject in proven.named()}


def test_a_changed_or_removed_ledger_entry_is_named(proven: Proven) -> None:
    with asking(proven.cast.receiver):
        chain = list(LedgerEntry.objects.filter(chain=proven.programme.uuid).order_by("seq"))
    for entry in (chain[0], chain[len(chain) // 2], chain[-2]):
        name = f"ledger entry {entry.chain}#{entry.seq}"
        for change in (
            "body = replace(body, '\"v\":2', '\"v\":3')",
            "recorded_at = recorded_at - interval '1 day'",
            "recorded_as = 'postgres'",
        ):
            with proven.tampered("handover_ledgerentry", str(entry.pk), change, key="id"):
                assert ("ledger_entry_changed", name) in proven.named(), change
        with proven.tampered("handover_ledgerentry", str(entry.pk), "removed", key="id"):
            assert ("ledger_entry_missing", name) in proven.named()
    assert proven.findings() == []


def test_a_chain_that_was_hashed_anew_is_not_the_one_that_the_checkpoint_signed(proven: Proven) -> None:
    chain = proven.programme.uuid
    with asking(proven.cast.receiver):
        executed = LedgerEntry.objects.get(chain=chain, body__contains='"verb":"transfer.executed"')
    proven.owner("ALTER TABLE handover_ledgerentry DISABLE TRIGGER USER")
    proven.owner(
        "UPDATE handover_ledgerentry SET body = replace(body, 'Day centre', 'Night centre') WHERE chain = %s",
        [chain],
    )
    proven.owner(REHASH, {"chain": chain})
    proven.owner("ALTER TABLE handover_ledgerentry ENABLE TRIGGER USER")

    assert ("checkpoint_disagrees", f"ledger entry {chain}#{executed.seq}") in proven.named()


def test_a_rewritten_log_is_not_the_one_that_was_signed(proven: Proven) -> None:
    (size,) = proven.owner("SELECT max(size) FROM handover_checkpoint")[0]
    with proven.tampered("handover_logleaf", str(size - 1), "hash = sha256('x')", key="position"):
        assert ("log_changed", f"checkpoint {size}") in proven.named()
    with proven.tampered("handover_checkpoint", str(size), "signature = sha512('x')", key="size"):
        assert ("signature_wrong", f"checkpoint {size}") in proven.named()
    assert proven.findings() == []


def test_a_changed_or_removed_sign_off_is_named(proven: Proven) -> None:
    with asking(proven.cast.receiver):
        given = list(SignOff.objects.filter(transfer=proven.transfer).order_by("id"))
    assert {signoff.subject for signoff in given} == {"plan", "milestone", "proof"}
    for signoff in given:
        for change in (
            "remark = 'With all our hearts.'",
            "decision = 'agrees'" if signoff.remark else "signatory = 'Somebody'",
            "digest = repeat('0', 64)",
            "signed_at = signed_at - interval '1 day'",
            "side = 'donor'",
        ):
            with proven.tampered("handover_signoff", signoff.uuid, change):
                assert proven.named() == {("signoff_changed", f"sign-off {signoff.uuid}")}, change
    with proven.tampered("handover_signoff", given[0].uuid, "removed"):
        assert proven.named() == {("signoff_missing", f"sign-off {given[0].uuid}")}
    assert proven.findings() == []


def test_a_sign_off_that_nobody_gave_is_named(proven: Proven) -> None:
    proven.owner("CREATE TABLE forged AS SELECT * FROM handover_signoff ORDER BY id LIMIT 1")
    ((forged,),) = proven.owner("UPDATE forged SET id = id + 1000, uuid = gen_random_uuid() RETURNING uuid")
    proven.owner("INSERT INTO handover_signoff SELECT * FROM forged")
    proven.owner("DROP TABLE forged")

    assert proven.named() == {("signoff_unrecorded", f"sign-off {forged}")}


def test_a_changed_or_removed_proof_or_preview_is_named(proven: Proven) -> None:
    with asking(proven.cast.receiver):
        proof, preview = Proof.objects.get(), Preview.objects.get()
    for table, row, code in (("proof", proof, "proof_changed"), ("preview", preview, "preview_changed")):
        for change in (
            "body = replace(body, 'eceiver', 'taker')",
            "body = body || ' ', digest = encode(sha256(convert_to(body || ' ', 'UTF8')), 'hex')",
        ):
            with proven.tampered(f"handover_{table}", row.uuid, change):
                assert proven.named() == {(code, f"{table} {row.uuid}")}
    with proven.tampered("handover_proof", proof.uuid, "removed"):
        assert proven.named() == {("proof_missing", f"transfer {proven.transfer.uuid}")}
    with proven.tampered("handover_preview", preview.uuid, "removed"):
        assert proven.named() == {("preview_missing", f"preview {preview.uuid}")}


def test_changed_evidence_is_named(proven: Proven) -> None:
    with asking(proven.cast.receiver):
        row = Evidence.objects.select_related("file").get()
    assert row.file is not None
    for change in ("title = 'Other minutes'", "names_people = true, erase_after = '2030-01-01'"):
        with proven.tampered("handover_evidence", row.uuid, change):
            assert proven.named() == {("evidence_changed", f"evidence {row.uuid}")}
    with proven.tampered("handover_evidence", row.uuid, "removed"):
        assert proven.named() == {("evidence_missing", f"evidence {row.uuid}")}
    with proven.tampered("handover_storedfile", row.file.uuid, "erased_at = now()"):
        assert proven.named() == {("file_erased_silently", f"file {row.file.sha256}")}

    path = files.path_of(proven.programme.uuid, row.file.sha256)
    path.write_bytes(b"We did not.")
    assert proven.named() == {("file_changed", f"file {row.file.sha256}")}
    path.unlink()
    assert proven.named() == {("file_missing", f"file {row.file.sha256}")}


def test_the_last_entry_cut_off_is_named(proven: Proven) -> None:
    first, _ = plans.responsibilities_of(proven.programme, by=proven.cast.receiver)
    responsibilities.edit(
        by=proven.cast.receiver, responsibility_uuid=first.uuid, version=first.version, description="Ours."
    )
    with asking(proven.cast.receiver):
        last = LedgerEntry.objects.filter(chain=proven.programme.uuid).latest("seq")
    assert json.loads(last.body)["verb"] == "responsibility.edited"

    with proven.tampered("handover_ledgerentry", str(last.pk), "removed", key="id"):
        assert ("ledger_entry_missing", f"ledger entry {last.chain}#{last.seq}") in proven.named()
