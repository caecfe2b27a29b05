"""Provenance against the ledger: each batch digested anew, as it was when it was added; what differs is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.db import connection

from handover.holdings import Finding
from handover.models import Programme
from handover.queries.chains import digest_text, firsts, uuid_text
from handover.queries.conservation import row_digest_sql
from indicators.models import Provenance

CHUNK: Final = 1000
VERBS: Final = frozenset({"provenance.added"})
SHOWN: Final = 1000

Batch = Mapping[str, Any]


def verify(programme: Programme, entries: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Name what values rest on by now, and is not what the ledger says; nothing where all is well."""
    batches, wrong = firsts(entries, VERBS, _said, "batch")
    yield from wrong
    for batch, count in _differing(programme, batches):
        said = batches.get(batch)
        if said is None or "rows" not in said:
            yield _of_batch(batch, said, count)
        else:
            yield from _listed(programme, batch, said["rows"])


def _said(entry: Mapping[str, Any]) -> tuple[str, Batch]:
    data = entry["data"]
    said: dict[str, Any] = {"count": int(data["count"]), "digest": digest_text(data["digest"])}
    if "chunks" not in data:
        said["rows"] = {uuid_text(uuid): digest_text(digest) for uuid, digest in data["rows"]}
    return uuid_text(data["batch"]), said


def _differing(programme: Programme, batches: Mapping[str, Batch]) -> Iterator[tuple[str, int]]:
    """Give the batches that are not what was recorded, each with the rows that it has now."""
    left = dict(batches)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH row AS (
              SELECT t.batch, t.uuid, {row_digest_sql(Provenance)} AS digest,
                     (row_number() OVER (PARTITION BY t.batch ORDER BY t.uuid) - 1) / %(chunk)s AS n
                FROM indicators_provenance t WHERE t.programme_id = %(programme)s
            ), chunk AS (
              SELECT batch, n, count(*) AS rows, sha256(string_agg(digest, ''::bytea ORDER BY uuid)) AS digest
                FROM row GROUP BY batch, n
            )
            SELECT batch, sum(rows), encode(sha256(string_agg(digest, ''::bytea ORDER BY n)), 'hex')
              FROM chunk GROUP BY batch ORDER BY batch
            """,
            {"programme": programme.pk, "chunk": CHUNK},
        )
        found = cursor.fetchall()
    for batch, rows, digest in found:
        said = left.pop(str(batch), None)
        if said is None or said["count"] != int(rows) or said["digest"] != digest:
            yield str(batch), int(rows)
    yield from ((batch, 0) for batch, said in sorted(left.items()) if said["count"])


def _of_batch(batch: str, said: Batch | None, count: int) -> Finding:
    """Say of a whole batch how it differs, where the ledger does not list its rows."""
    name = f"provenance batch {batch}"
    if said is None:
        return Finding("provenance_unrecorded", f"The {count} rows of {name} stand in no ledger entry.", name)
    gone = said["count"] - count
    what = f"{gone} are gone" if gone > 0 else f"{-gone} were added" if gone else "at least one was changed"
    return Finding(
        "provenance_changed", f"The {said['count']} rows of {name} are not what was recorded: {what}.", name
    )


def _listed(programme: Programme, batch: str, said: Mapping[str, str]) -> Iterator[Finding]:
    """Name the rows of one batch that are gone, added or changed, each with the value that it speaks of."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT t.uuid, t.value_uuid, encode({row_digest_sql(Provenance)}, 'hex') FROM indicators_provenance t
             WHERE t.programme_id = %s AND t.batch = %s ORDER BY t.uuid
            """,
            [programme.pk, batch],
        )
        now = {str(uuid): (value, digest) for uuid, value, digest in cursor.fetchall()}
    for uuid, (value, digest) in list(now.items())[:SHOWN]:
        name = f"provenance {uuid}"
        if uuid not in said:
            sentence = f"That the value {value} rests on {name} stands in no ledger entry."
            yield Finding("provenance_unrecorded", sentence, name)
        elif said[uuid] != digest:
            sentence = f"What the value {value} rests on, {name}, is not what was recorded."
            yield Finding("provenance_changed", sentence, name)
    for uuid in sorted(said.keys() - now.keys())[:SHOWN]:
        name = f"provenance {uuid}"
        yield Finding("provenance_missing", f"The {name} of batch {batch} is gone.", name)
