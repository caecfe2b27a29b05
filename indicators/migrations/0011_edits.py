"""Edits of rows leave a note of the fields that they changed."""

from __future__ import annotations

from django.db import migrations

EDITS = r"""
SELECT handover_notes_edits(name::regclass) FROM unnest(ARRAY[
  'indicators_axis', 'indicators_feed', 'indicators_indicator', 'indicators_result', 'indicators_sourceseries',
  'indicators_submission']) AS name;
"""


class Migration(migrations.Migration):
    """Not reversible: notes are not forgotten by going back one migration."""

    dependencies = [("indicators", "0010_uptake"), ("handover", "0010_api_walls")]

    operations = [migrations.RunSQL(EDITS)]
