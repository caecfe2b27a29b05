"""The wall of feeds."""

from __future__ import annotations

from django.db import migrations

WALLS = r"""
SELECT handover_wall(name::regclass, 'programme') FROM unnest(ARRAY[
  'indicators_feed']) AS name;

SELECT handover_bind(child::regclass, col, parent::regclass) FROM (VALUES
  ('indicators_feed', 'indicator_id', 'indicators_indicator')
) AS bound (child, col, parent);
"""


class Migration(migrations.Migration):
    """Not reversible: a wall is not taken down by going back one migration."""

    dependencies = [("indicators", "0008_feeds"), ("handover", "0002_walls")]

    operations = [migrations.RunSQL(WALLS)]
