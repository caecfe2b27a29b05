"""Batches of values: staged in a temporary table, entered by one statement, committed to by one ledger entry.

Every value enters here, one or a million: the number of statements is the same. The database makes the UUIDs and the
digests.
"""

from __future__ import annotations

import uuid as uuids
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from handover import clock, ledger
from handover.access import Actor
from handover.errors import Invalid
from handover.models import Programme
from indicators.actions import summaries
from indicators.models import Period
from indicators.queries.digests import definition_digests

CHUNK: Final = 1000
"""Rows under one digest in the ledger; a batch of no more than this lists every row."""

REPORTED: Final = "values.reported"
CORRECTED: Final = "values.corrected"

STAGED: Final[Mapping[str, str]] = {
    "line": "bigint",
    "uuid": "uuid",
    "indicator_id": "bigint",
    "period_id": "bigint",
    "starts_on": "date",
    "ends_on": "date",
    "place_id": "bigint",
    "cell": "text",
    "dimensions": "jsonb",
    "position": "integer",
    "value": "numeric",
    "value_text": "text",
    "numerator": "numeric",
    "denominator": "numeric",
    "comment": "jsonb",
    "locations": "jsonb",
    "documents": "jsonb",
    "extra": "jsonb",
    "revision": "integer",
    "reason": "text",
    "source_id": "bigint",
    "given_revision": "integer",
}
"""Columns of the temporary table ``indicators_staged``; ``line`` names a row to the person who sent it,
``given_revision`` is the revision that they had before them."""

ALREADY_REPORTED: Final = (
    "already_reported",
    "A value for this indicator, period, place and group is there already: correct it with a reason.",
)
REPEATED: Final = ("repeated", "This indicator, period, place and group stands here more than once.")


SHOWN: Final = 1000
"""Problems listed at most; their count is of all."""


@dataclass(frozen=True, order=True)
class Problem:
    """What is wrong in one line: a stable code and a sentence.

    Where it is known, ``column`` is the name of the field, and ``at`` the address of the value in a sheet (``C7``).
    """

    line: int
    code: str
    sentence: str
    column: str = ""
    at: str = ""

    def as_json(self) -> dict[str, object]:
        """Give it as a JSON object; what is not known is left out."""
        more = {name: text for name, text in (("column", self.column), ("at", self.at)) if text}
        return {"line": self.line, "code": self.code, "sentence": self.sentence, **more}


@dataclass(frozen=True)
class Problems:
    """The first problems, by line, and how many there are."""

    shown: Sequence[Problem]
    total: int

    def __add__(self, other: Problems) -> Problems:
        """Join two lists, by line."""
        limit = max(SHOWN, len(self.shown), len(other.shown))
        return Problems(sorted([*self.shown, *other.shown])[:limit], self.total + other.total)


@dataclass(frozen=True)
class Batch:
    """What one report or import entered."""

    uuid: UUID
    count: int
    digest: str


def drop(*tables: str) -> None:
    """Drop temporary tables that an earlier batch of the same transaction may have left."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS " + ", ".join(f"pg_temp.{table}" for table in tables))


def stage(rows: Iterable[Sequence[Any]]) -> int:
    """Stage rows in the order of ``STAGED``; JSON columns as JSON text. ``uuid`` may be null: it is made here."""
    drop("indicators_staged")
    columns = ", ".join(f'"{name}" {kind}' for name, kind in STAGED.items())
    count = 0
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE indicators_staged ({columns}) ON COMMIT DROP")
        with cursor.copy("COPY indicators_staged FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
                count += 1
        cursor.execute(
            "UPDATE indicators_staged SET uuid = indicators_value_uuid(clock_timestamp(), line) WHERE uuid IS NULL"
        )
    return count


def enter(
    programme: Programme,
    *,
    by: Actor,
    verb: str = REPORTED,
    data: Mapping[str, object] | None = None,
    reporter: Actor | None = None,
) -> Batch:
    """Enter what is staged as one batch, with the periods that are missing, summarise it, and record it.

    The permission has been asked. Inside an action.

    Args:
        reporter: who reported the values, where that is not who enters them (somebody approves a submission).

    Raises:
        Invalid: values that are there already, or twice in the batch, each with its line.
    """
    reporter = reporter or by
    with connection.cursor() as cursor:
        # Two reports of one indicator at once: the second waits here and then sees what the first entered.
        cursor.execute(
            """
            SELECT 1 FROM indicators_indicator WHERE id IN (SELECT DISTINCT indicator_id FROM indicators_staged)
             ORDER BY id FOR NO KEY UPDATE
            """
        )
        cursor.execute(_PERIODS, {"programme": programme.pk})
        periods = [int(key) for (key,) in cursor.fetchall()]
        batch = uuids.uuid4()
        chunks = _entered(programme, batch, reporter)
        corrected = _touched_by_corrections()
        if corrected:
            summaries.remake(programme, corrected)
        else:
            summaries.add(programme, spans=SPANS)
        drop("indicators_staged")
    count, digest, committed = _committed(chunks)
    ledger.record(
        verb=verb,
        by=by,
        programme=programme,
        subject=batch,
        data={
            **(data or {}),
            "batch": batch,
            "count": count,
            "digest": digest,
            **committed,
            "sealed": {Period._meta.label_lower: definition_digests(Period, periods)} if periods else {},
        },
    )
    return Batch(uuid=batch, count=count, digest=digest)


def _entered(programme: Programme, batch: UUID, reporter: Actor) -> Sequence[tuple[Any, ...]]:
    """Insert what is staged and give its chunks.

    Raises:
        Invalid: values that are there already, or twice.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                _ENTER,
                {
                    "programme": programme.pk,
                    "user": reporter.user.pk,
                    "user_uuid": reporter.user.uuid,
                    "user_name": reporter.user.called.key,
                    "organisation": reporter.organisation.pk,
                    "organisation_uuid": reporter.organisation.uuid,
                    "organisation_name": reporter.organisation.name,
                    "now": clock.now(),
                    "batch": batch,
                    "chunk": CHUNK,
                },
            )
            chunks: list[tuple[Any, ...]] = cursor.fetchall()
            return chunks
    except IntegrityError as error:
        refuse(collisions(), cause=error)
        raise


def _touched_by_corrections() -> list[int]:
    """Give the periods of the batch where it corrects values; none where all of it is new."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM indicators_staged WHERE revision > 1)")
        (corrects,) = cursor.fetchone() or (False,)
        if not corrects:
            return []
        cursor.execute(
            f"""
            WITH span AS MATERIALIZED ({SPANS})
            SELECT DISTINCT coalesce(s.period_id, span.id) FROM indicators_staged s
              LEFT JOIN span ON s.period_id IS NULL AND span.indicator_id = s.indicator_id
                   AND span.starts_on = s.starts_on AND span.ends_on = s.ends_on
            """
        )
        return [int(key) for (key,) in cursor.fetchall()]


def _committed(chunks: Sequence[tuple[Any, ...]]) -> tuple[int, str, dict[str, object]]:
    """Say in the ledger's words what was entered: each row, or each chunk of rows."""
    count, whole = sum(int(chunk[2]) for chunk in chunks), str(chunks[0][4])
    if count <= CHUNK:
        return count, whole, {"rows": chunks[0][5]}
    return (
        count,
        whole,
        {"chunks": [[first, last, int(rows), part] for first, last, rows, part, *_ in chunks]},
    )


def collisions() -> Problems:
    """Give the staged rows that are there already, or twice, in the order of their lines."""
    with connection.cursor() as cursor:
        cursor.execute(_COLLISIONS)
        rows = cursor.fetchall()
    shown = [
        Problem(int(line), *(REPEATED if twice else ALREADY_REPORTED), "value") for line, twice, _ in rows
    ]
    return Problems(shown, int(rows[0][2]) if rows else 0)


def repeated() -> Problems:
    """Give the staged rows that stand twice, in the order of their lines."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT line, count(*) OVER () FROM (
              SELECT line, count(*) OVER (
                PARTITION BY indicator_id, period_id, starts_on, ends_on, place_id, cell, position) > 1 AS twice
                FROM indicators_staged) row
             WHERE twice ORDER BY line LIMIT %s
            """,
            [SHOWN],
        )
        rows = cursor.fetchall()
    return Problems(
        [Problem(int(line), *REPEATED, "value") for line, _ in rows], int(rows[0][1]) if rows else 0
    )


def refuse(problems: Problems, *, cause: BaseException | None = None) -> None:
    """Refuse a batch if it has problems, naming them all (the first ``SHOWN`` of very many).

    Raises:
        Invalid: there is at least one.
    """
    if not problems.total:
        return
    first = problems.shown[0]
    more = f" There are {problems.total - 1} more problems." if problems.total > 1 else ""
    raise Invalid(
        "values_refused",
        f"Nothing was entered. Line {first.line}: {first.sentence}{more}",
        problems=[problem.as_json() for problem in problems.shown],
        count=problems.total,
    ) from cause


_PERIODS = """
INSERT INTO indicators_period (uuid, programme_id, indicator_id, position, starts_on, ends_on, extra)
SELECT gen_random_uuid(), %(programme)s, span.indicator_id,
       (SELECT coalesce(max(p.position) + 1, 0) FROM indicators_period p WHERE p.indicator_id = span.indicator_id)
         + row_number() OVER (PARTITION BY span.indicator_id ORDER BY span.starts_on, span.ends_on) - 1,
       span.starts_on, span.ends_on, '{}'
  FROM (SELECT DISTINCT indicator_id, starts_on, ends_on FROM indicators_staged WHERE period_id IS NULL) span
 WHERE NOT EXISTS (
   SELECT FROM indicators_period p
    WHERE p.indicator_id = span.indicator_id AND p.starts_on = span.starts_on AND p.ends_on = span.ends_on)
 ORDER BY span.indicator_id, span.starts_on, span.ends_on
RETURNING id
"""

SPANS = """
  SELECT DISTINCT ON (p.indicator_id, p.starts_on, p.ends_on)
         p.indicator_id, p.starts_on, p.ends_on, p.id, p.uuid
    FROM indicators_period p
   WHERE p.indicator_id IN (SELECT DISTINCT indicator_id FROM indicators_staged)
   ORDER BY p.indicator_id, p.starts_on, p.ends_on, p.position, p.id
"""
"""The first period of each span of dates: what is reported for dates joins it."""

_ENTER = f"""
WITH span AS MATERIALIZED ({SPANS}), row AS (
  SELECT s.*, i.uuid AS indicator_uuid, coalesce(given.id, span.id) AS period,
         coalesce(given.uuid, span.uuid) AS period_uuid, place.uuid AS place_uuid
    FROM indicators_staged s
    JOIN indicators_indicator i ON i.id = s.indicator_id
    LEFT JOIN indicators_period given ON given.id = s.period_id
    LEFT JOIN span ON s.period_id IS NULL AND span.indicator_id = s.indicator_id
         AND span.starts_on = s.starts_on AND span.ends_on = s.ends_on
    LEFT JOIN handover_place place ON place.id = s.place_id
   ORDER BY s.line
), added AS (
  INSERT INTO indicators_value (
    uuid, programme_id, indicator_id, period_id, place_id, cell, dimensions, position, value, value_text, numerator,
    denominator, comment, locations, documents, extra, revision, reason, reported_by_id, reporter_name,
    organisation_id, organisation_name, recorded_at, batch, digest)
  SELECT uuid, %(programme)s, indicator_id, period, place_id, cell, dimensions, position, value, value_text, numerator,
         denominator, comment, locations, documents, extra, revision, reason, %(user)s, %(user_name)s,
         %(organisation)s, %(organisation_name)s, %(now)s, %(batch)s,
         indicators_value_digest(
           %(batch)s::uuid, cell, comment, denominator, dimensions, documents, extra, indicator_uuid, locations,
           numerator,
           %(organisation_uuid)s::uuid, %(organisation_name)s::text, period_uuid, place_uuid, position, reason,
           %(now)s::timestamptz, %(user_uuid)s::uuid, %(user_name)s::text, revision, uuid, value, value_text)
    FROM row
  RETURNING uuid, digest
), numbered AS (
  SELECT uuid, digest, (row_number() OVER (ORDER BY uuid) - 1) / %(chunk)s AS n, count(*) OVER () AS total FROM added
), chunk AS (
  SELECT n, min(uuid::text COLLATE "C") AS first, max(uuid::text COLLATE "C") AS last, count(*) AS rows,
         sha256(string_agg(digest, ''::bytea ORDER BY uuid)) AS digest,
         json_agg(json_build_array(uuid, encode(digest, 'hex')) ORDER BY uuid)
           FILTER (WHERE total <= %(chunk)s) AS listed
    FROM numbered GROUP BY n
)
SELECT first, last, rows, encode(digest, 'hex'),
       encode(sha256((SELECT string_agg(digest, ''::bytea ORDER BY n) FROM chunk)), 'hex'), listed
  FROM chunk ORDER BY n
"""

_COLLISIONS = f"""
WITH span AS MATERIALIZED ({SPANS}), row AS (
  SELECT s.line, s.indicator_id, s.starts_on, s.ends_on, coalesce(s.period_id, span.id) AS period_id, s.place_id,
         s.cell, s.position, s.revision
    FROM indicators_staged s
    LEFT JOIN span ON s.period_id IS NULL AND span.indicator_id = s.indicator_id
         AND span.starts_on = s.starts_on AND span.ends_on = s.ends_on
), slot AS (
  SELECT *, count(*) OVER (
      PARTITION BY indicator_id, period_id, starts_on, ends_on, place_id, cell, position, revision) > 1 AS twice
    FROM row
)
SELECT line, twice, count(*) OVER () FROM slot
 WHERE twice OR EXISTS (
   SELECT FROM indicators_value v
    WHERE v.period_id = slot.period_id AND v.cell = slot.cell AND v.place_id IS NOT DISTINCT FROM slot.place_id
      AND v.position = slot.position AND v.revision = slot.revision)
 ORDER BY line LIMIT {SHOWN}
"""
