"""How a cell is split, as SQL, and the summaries of what is there already."""

from __future__ import annotations

from django.db import migrations

SPLIT = r"""
-- The names of a cell's axes: 'age=adults|gender=women' is split by 'age|gender'. Escapes stay as they are.
CREATE FUNCTION indicators_split(cell text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN regexp_replace(cell, '((?:^|\|)(?:[^\\|=]|\\.)*)=(?:[^\\|=]|\\.)*', '\1', 'g');
"""

PRESENT = r"""
INSERT INTO indicators_summary (
  programme_id, indicator_id, period_id, place_id, split, "values", numbers, fractions, positions, located, value,
  numerator, denominator, smallest, largest, reported, said, first_at, last_at)
SELECT programme_id, indicator_id, period_id, place_id, indicators_split(cell), count(*), count(value),
       count(denominator), max(position) + 1, count(*) FILTER (WHERE locations <> '[]'), sum(value), sum(numerator),
       sum(denominator), min(value), max(value), max(value) FILTER (WHERE whole), max(value_text) FILTER (WHERE whole),
       min(recorded_at), max(recorded_at)
  FROM (
    SELECT DISTINCT ON (period_id, cell, place_id, position) *,
           cell = '' AND place_id IS NULL AND locations = '[]' AND position = 0 AS whole
      FROM indicators_value ORDER BY period_id, cell, place_id, position, revision DESC) current
 GROUP BY programme_id, indicator_id, period_id, place_id, indicators_split(cell);
"""


class Migration(migrations.Migration):
    """Not reversible: summaries stand on it."""

    dependencies = [("indicators", "0005_continuity_walls")]

    operations = [migrations.RunSQL(SPLIT), migrations.RunSQL(PRESENT)]
