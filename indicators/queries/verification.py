"""Verification: what the rows are now, held against what the ledger committed to when they were written.

One pass digests every value anew, batch by batch, as it was digested when it was entered. Only a batch that differs is
looked at closely: row by row where the ledger lists its rows, else by chunks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection

from handover.holdings import Finding
from handover.models import Programme
from handover.names import read
from handover.narratives import best
from handover.queries.chains import digest_text, firsts, malformed, uuid_text
from handover.queries.conservation import row_digest_sql
from indicators.queries import provenance, submissions
from indicators.queries.digests import DEFINITIONS

CHUNK: Final = 1000
VERBS: Final = frozenset({"values.reported", "values.corrected"})
SHOWN: Final = 1000
"""Rows of one kind of difference that are named one by one; more are counted."""


@dataclass
class Committed:
    """What the ledger's entries commit to: batches of values, and the last digest of each row of the tree."""

    batches: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    sealed: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def read(cls, entries: Sequence[Mapping[str, Any]]) -> tuple[Committed, list[Finding]]:
        """Gather it from the parsed bodies of a programme's chain, oldest first.

        A batch is what was said of it first; a definition may be edited, so what was said of it last counts.
        Findings are the entries that say a batch twice, or not what they must.
        """
        batches, wrong = firsts(entries, VERBS, _said_of_batch, "batch")
        found = cls(batches=batches)
        for entry in entries:
            try:
                rows = _said_of_definitions(entry)
            except (TypeError, ValueError, AttributeError):
                wrong.append(malformed(entry))
                continue
            for table, digests in rows.items():
                found.sealed.setdefault(table, {}).update(digests)
        return found, wrong


def _said_of_definitions(entry: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    data = entry.get("data") or {}
    return {
        str(table): {uuid_text(uuid): digest_text(digest) for uuid, digest in rows}
        for table, rows in (data.get("sealed") or {}).items()
    }


def _said_of_batch(entry: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Read what an entry commits to; the statements below take no other shape."""
    data = entry["data"]
    said: dict[str, Any] = {"count": _count(data["count"]), "digest": digest_text(data["digest"])}
    if "chunks" in data:
        said["chunks"] = [
            (uuid_text(first), uuid_text(last), _count(rows), digest_text(digest))
            for first, last, rows, digest in data["chunks"]
        ]
    else:
        said["rows"] = [(uuid_text(uuid), digest_text(digest)) for uuid, digest in data["rows"]]
    return uuid_text(data["batch"]), said


def _count(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value < 2**63:
        raise ValueError("no count")
    return value


def verify(programme: Programme, entries: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Name the definitions and values that are not what the ledger says; nothing where all is well.

    Reads the whole programme, whoever reports it: under custody, or with a permission that reaches it all.
    """
    committed, wrong = Committed.read(entries)
    yield from wrong
    yield from _definitions(programme, committed)
    suspects = list(_differing(programme, committed))
    if suspects:
        yield from _changed(programme, suspects)
        yield from _listed(programme, committed, suspects)
        yield from _chunked(programme, committed, suspects)
    yield from provenance.verify(programme, entries)
    yield from submissions.verify(programme, entries)


# --- definitions ---------------------------------------------------------------------------------


def _definitions(programme: Programme, committed: Committed) -> Iterator[Finding]:
    for model in DEFINITIONS:
        sealed = committed.sealed.get(model._meta.label_lower, {})
        table = connection.ops.quote_name(model._meta.db_table)
        name = str(model._meta.verbose_name)
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                WITH row AS (
                  SELECT t.uuid, encode({row_digest_sql(model)}, 'hex') AS digest
                    FROM {table} t WHERE t.programme_id = %s
                ), entry AS (
                  SELECT * FROM unnest(%s::uuid[], %s::text[]) AS entry (uuid, digest)
                )
                SELECT coalesce(row.uuid, entry.uuid), entry.uuid IS NULL, row.uuid IS NULL
                  FROM row FULL JOIN entry ON entry.uuid = row.uuid
                 WHERE entry.digest IS DISTINCT FROM row.digest ORDER BY 1
                """,
                [programme.pk, list(sealed), list(sealed.values())],
            )
            rows = cursor.fetchall()
        for uuid, added, missing in rows:
            yield _finding("definition", name, uuid, added=added, missing=missing)


def _finding(code: str, name: str, uuid: object, *, added: bool, missing: bool) -> Finding:
    what = "stands in no ledger entry" if added else "is gone" if missing else "is not what was recorded"
    state = "unrecorded" if added else "missing" if missing else "changed"
    return Finding(f"{code}_{state}", f"The {name} {uuid} {what}.", f"{name} {uuid}")


# --- values --------------------------------------------------------------------------------------

_FROM = """
  FROM indicators_value v
  LEFT JOIN indicators_indicator i ON i.id = v.indicator_id
  LEFT JOIN indicators_period p ON p.id = v.period_id
  LEFT JOIN handover_user u ON u.id = v.reported_by_id
  LEFT JOIN handover_organisation o ON o.id = v.organisation_id
  LEFT JOIN handover_place place ON place.id = v.place_id
 WHERE v.programme_id = %(programme)s
"""

_ANEW = """
indicators_value_digest(
  v.batch, v.cell, v.comment, v.denominator, v.dimensions, v.documents, v.extra, i.uuid, v.locations, v.numerator,
  o.uuid, v.organisation_name, p.uuid, place.uuid, v.position, v.reason, v.recorded_at, u.uuid, v.reporter_name,
  v.revision, v.uuid, v.value, v.value_text)
"""


def _differing(programme: Programme, committed: Committed) -> Iterator[str]:
    """Give the batches that are not what was committed to: one digest a batch leaves the database."""
    left = dict(committed.batches)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH anew AS (
              -- OFFSET keeps the digest from being computed once for each mention of it.
              SELECT v.batch, v.uuid, {_ANEW} AS digest, v.digest AS kept {_FROM} OFFSET 0
            ), row AS (
              SELECT batch, uuid, digest, digest = kept AS same,
                     (row_number() OVER (PARTITION BY batch ORDER BY uuid) - 1) / %(chunk)s AS n
                FROM anew
            ), chunk AS (
              SELECT batch, n, count(*) AS rows, bool_and(same) AS same,
                     sha256(string_agg(digest, ''::bytea ORDER BY uuid)) AS digest
                FROM row GROUP BY batch, n
            )
            SELECT batch, sum(rows), bool_and(same), encode(sha256(string_agg(digest, ''::bytea ORDER BY n)), 'hex')
              FROM chunk GROUP BY batch
            """,
            {"programme": programme.pk, "chunk": CHUNK},
        )
        for batch, rows, same, digest in cursor:
            data = left.pop(str(batch), None)
            if data is None or not same or data.get("count") != int(rows) or data.get("digest") != digest:
                yield str(batch)
    yield from left


def _changed(programme: Programme, suspects: Sequence[str]) -> Iterator[Finding]:
    """Name the rows whose content is not what their own digest says."""
    rows = _rows(
        f"""
        SELECT v.uuid, i.title, p.starts_on, p.ends_on, handover_named(v.reporter_name), count(*) OVER () {_FROM}
           AND v.batch = ANY(%(batches)s::uuid[]) AND {_ANEW} IS DISTINCT FROM v.digest
         ORDER BY v.uuid LIMIT {SHOWN}
        """,
        programme,
        batches=suspects,
    )
    yield from _named("value_changed", "is not what was reported", rows)


def _listed(programme: Programme, committed: Committed, suspects: Sequence[str]) -> Iterator[Finding]:
    """Name the rows that are missing, added, or rewritten with their digest, where the ledger lists rows."""
    batches = [batch for batch in suspects if "chunks" not in committed.batches.get(batch, {})]
    listed = [
        (batch, uuid, digest)
        for batch in batches
        for uuid, digest in committed.batches.get(batch, {}).get("rows", ())
    ]
    entry = {
        "batches": batches,
        "of": [batch for batch, _, _ in listed],
        "uuids": [uuid for _, uuid, _ in listed],
        "digests": [digest for _, _, digest in listed],
    }
    source = "unnest(%(of)s::uuid[], %(uuids)s::uuid[], %(digests)s::text[]) AS entry (batch, uuid, digest)"
    yield from _named(
        "value_unrecorded",
        "stands in no ledger entry",
        _rows(
            f"""
            SELECT v.uuid, i.title, p.starts_on, p.ends_on, handover_named(v.reporter_name), count(*) OVER () {_FROM}
               AND v.batch = ANY(%(batches)s::uuid[])
               AND NOT EXISTS (SELECT FROM {source} WHERE entry.batch = v.batch AND entry.uuid = v.uuid)
             ORDER BY v.uuid LIMIT {SHOWN}
            """,
            programme,
            **entry,
        ),
    )
    # A row whose own digest still fits its content, but not the ledger: whoever changed it digested it anew.
    yield from _named(
        "value_changed",
        "is not what was reported, though its digest was made to fit",
        _rows(
            f"""
            SELECT v.uuid, i.title, p.starts_on, p.ends_on, handover_named(v.reporter_name), count(*) OVER () {_FROM}
               AND v.batch = ANY(%(batches)s::uuid[]) AND {_ANEW} = v.digest
               AND EXISTS (SELECT FROM {source} WHERE entry.batch = v.batch AND entry.uuid = v.uuid
                              AND entry.digest <> encode(v.digest, 'hex'))
             ORDER BY v.uuid LIMIT {SHOWN}
            """,
            programme,
            **entry,
        ),
    )
    for uuid, batch in _rows(
        f"""
        SELECT entry.uuid, entry.batch FROM {source}
         WHERE NOT EXISTS (SELECT FROM indicators_value v
                            WHERE v.programme_id = %(programme)s AND v.uuid = entry.uuid AND v.batch = entry.batch)
         ORDER BY entry.uuid LIMIT {SHOWN}
        """,
        programme,
        **entry,
    ):
        yield Finding("value_missing", f"The value {uuid} of batch {batch} is gone.", f"value {uuid}")


def _chunked(programme: Programme, committed: Committed, suspects: Sequence[str]) -> Iterator[Finding]:
    """Name the chunks, and the rows outside any chunk, that differ, where the ledger lists chunks."""
    chunks = [
        (batch, *chunk) for batch in suspects for chunk in committed.batches.get(batch, {}).get("chunks", ())
    ]
    if not chunks:
        return
    columns = list(zip(*chunks, strict=True))
    entry = dict(
        zip(("of", "firsts", "lasts", "counts", "digests"), (list(column) for column in columns), strict=True)
    )
    for batch, first, last, expected, found in _rows(_CHUNKS, programme, **entry):
        if first is None:
            yield Finding(
                "value_unrecorded",
                f"Batch {batch} has {found} values that stand in no ledger entry.",
                f"batch {batch}",
            )
        else:
            difference = int(expected) - int(found)
            what = (
                f"{difference} of them are gone"
                if difference > 0
                else f"{-difference} were added"
                if difference
                else "at least one was changed"
            )
            yield Finding(
                "values_changed",
                f"The {expected} values from {first} to {last} of batch {batch} are not what was recorded: {what}.",
                f"values {first} to {last}",
            )


_CHUNKS = f"""
WITH entry AS (
  SELECT *, row_number() OVER (PARTITION BY batch ORDER BY first) AS n
    FROM unnest(%(of)s::uuid[], %(firsts)s::uuid[], %(lasts)s::uuid[], %(counts)s::bigint[], %(digests)s::text[])
         AS entry (batch, first, last, rows, digest)
), row AS (
  SELECT v.batch, v.uuid, {_ANEW} AS digest {_FROM} AND v.batch IN (SELECT batch FROM entry)
), marked AS (
  -- Rows between the first rows of two chunks belong to the chunk before, if they do not come after its last.
  SELECT batch, uuid, digest, max(n) OVER (
           PARTITION BY batch ORDER BY uuid, n NULLS LAST ROWS UNBOUNDED PRECEDING) AS n
    FROM (SELECT batch, uuid, digest, NULL::bigint AS n FROM row
          UNION ALL SELECT batch, first, NULL, n FROM entry) both_kinds
), placed AS (
  SELECT m.batch, m.uuid, m.digest, CASE WHEN m.uuid <= entry.last THEN m.n END AS n
    FROM marked m LEFT JOIN entry ON entry.batch = m.batch AND entry.n = m.n WHERE m.digest IS NOT NULL
), found AS (
  SELECT batch, n, count(*) AS rows, encode(sha256(string_agg(digest, ''::bytea ORDER BY uuid)), 'hex') AS digest
    FROM placed GROUP BY batch, n
)
SELECT coalesce(entry.batch, found.batch), entry.first, entry.last, entry.rows, coalesce(found.rows, 0)
  FROM entry FULL JOIN found ON found.batch = entry.batch AND found.n = entry.n
 WHERE entry.digest IS DISTINCT FROM found.digest
 ORDER BY 1, entry.first LIMIT {SHOWN}
"""


def _rows(statement: str, programme: Programme, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"programme": programme.pk, **values})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _named(code: str, what: str, rows: Sequence[tuple[Any, ...]]) -> Iterator[Finding]:
    for uuid, title, starts_on, ends_on, reporter, _ in rows:
        name = best(json.loads(title)) if title else ""
        sentence = f"The value {uuid} of “{name}” for {starts_on} to {ends_on}, reported by {read(reporter)}, {what}."
        yield Finding(code, sentence, f"value {uuid}")
    if rows and rows[0][-1] > len(rows):
        more = int(rows[0][-1]) - len(rows)
        yield Finding(code, f"And {more} more values: each {what}.", "values")
