"""The walls of what came with axes, breaks, sources, submissions and summaries."""

from __future__ import annotations

from django.db import migrations

WALLS = r"""
SELECT handover_wall(name::regclass, 'programme') FROM unnest(ARRAY[
  'indicators_axis', 'indicators_break', 'indicators_overlap', 'indicators_sourceseries', 'indicators_provenance',
  'indicators_submission', 'indicators_draft', 'indicators_summary']) AS name;
SELECT handover_wall(name::regclass, 'organisation') FROM unnest(ARRAY['indicators_ownlist', 'indicators_owncode']) AS name;

SELECT handover_bind(child::regclass, col, parent::regclass) FROM (VALUES
  ('indicators_break', 'indicator_id', 'indicators_indicator'),
  ('indicators_overlap', 'indicator_id', 'indicators_indicator'),
  ('indicators_provenance', 'source_id', 'indicators_sourceseries'),
  ('indicators_provenance', 'file_id', 'handover_storedfile'),
  ('indicators_draft', 'submission_id', 'indicators_submission'),
  ('indicators_draft', 'indicator_id', 'indicators_indicator'),
  ('indicators_draft', 'source_id', 'indicators_sourceseries')
) AS bound (child, col, parent);

ALTER TABLE indicators_owncode ADD CONSTRAINT indicators_owncode_bound
  FOREIGN KEY (own_list_id, organisation_id) REFERENCES indicators_ownlist (id, organisation_id);
ALTER TABLE indicators_provenance ADD CONSTRAINT indicators_provenance_bound
  FOREIGN KEY (programme_id, value_uuid) REFERENCES indicators_value (programme_id, uuid);
ALTER TABLE indicators_summary ADD CONSTRAINT indicators_summary_bound
  FOREIGN KEY (period_id, indicator_id, programme_id) REFERENCES indicators_period (id, indicator_id, programme_id);

SELECT handover_insert_only(name::regclass) FROM unnest(ARRAY[
  'indicators_break', 'indicators_overlap', 'indicators_provenance']) AS name;
"""


class Migration(migrations.Migration):
    """Not reversible: a wall is not taken down by going back one migration."""

    dependencies = [
        ("handover", "0003_small_cells"),
        ("indicators", "0004_continuity"),
        ("interventions", "0002_walls"),
    ]

    operations = [migrations.RunSQL(WALLS)]
