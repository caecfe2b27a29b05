"""What a handover must leave equal among the values: count, exact sums, and one digest over all rows.

Rows' digests are ordered by UUID and digested in chunks of ``CHUNK``; the digest of the chunks' digests is the whole's.
So one statement does it, and the memory that it takes hardly grows with the values.
"""

from __future__ import annotations

from typing import Final

from django.db import connection

from handover.holdings import Conserved
from handover.models import Programme
from indicators.models import Value

CHUNK: Final = 1000


def conserved_values(programme: Programme) -> Conserved:
    """Count, sum and digest a programme's values, all revisions, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_CONSERVED, {"programme": programme.pk, "chunk": CHUNK})
        count, digest, *sums = cursor.fetchone() or (0, "", "0", "0", "0")
    return Conserved(
        name=Value._meta.label_lower,
        count=int(count),
        digest=str(digest),
        sums=dict(zip(("value", "numerator", "denominator"), (str(total) for total in sums), strict=True)),
    )


_CONSERVED = """
WITH row AS (
  SELECT (row_number() OVER (ORDER BY uuid) - 1) / %(chunk)s AS n, uuid, digest, value, numerator, denominator
    FROM indicators_value WHERE programme_id = %(programme)s
), chunk AS (
  SELECT n, count(*) AS rows, sha256(string_agg(digest, ''::bytea ORDER BY uuid)) AS digest,
         sum(value) AS value, sum(numerator) AS numerator, sum(denominator) AS denominator
    FROM row GROUP BY n
)
SELECT coalesce(sum(rows), 0), encode(sha256(coalesce(string_agg(digest, ''::bytea ORDER BY n), ''::bytea)), 'hex'),
       trim_scale(coalesce(sum(value), 0))::text, trim_scale(coalesce(sum(numerator), 0))::text,
       trim_scale(coalesce(sum(denominator), 0))::text
  FROM chunk
"""
