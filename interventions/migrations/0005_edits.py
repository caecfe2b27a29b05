"""Edits of rows leave a note of the fields that they changed."""

from __future__ import annotations

from django.db import migrations

EDITS = r"""
SELECT handover_notes_edits(name::regclass) FROM unnest(ARRAY[
  'interventions_adoption', 'interventions_authority', 'interventions_commemorationday',
  'interventions_commitment', 'interventions_complaints', 'interventions_consultation',
  'interventions_delivery', 'interventions_event', 'interventions_intervention',
  'interventions_interventionpartner', 'interventions_mediaitems', 'interventions_need',
  'interventions_policymeeting', 'interventions_policyseat', 'interventions_saying', 'interventions_service',
  'interventions_support', 'interventions_targetgroup', 'interventions_training', 'interventions_volunteering']) AS name;
"""


class Migration(migrations.Migration):
    """Not reversible: notes are not forgotten by going back one migration."""

    dependencies = [("interventions", "0004_needs_first_walls"), ("handover", "0010_api_walls")]

    operations = [migrations.RunSQL(EDITS)]
