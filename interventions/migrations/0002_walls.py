"""The walls of this app's tables: row level security, and children bound to parents of the same programme."""

from __future__ import annotations

from django.db import migrations

WALLS = r"""
SELECT handover_wall(name::regclass, 'programme') FROM unnest(ARRAY[
  'interventions_needlevel', 'interventions_need', 'interventions_needprerequisite', 'interventions_intervention',
  'interventions_interventionneed']) AS name;

SELECT handover_bind(child::regclass, col, parent::regclass) FROM (VALUES
  ('interventions_need', 'parent_id', 'interventions_need'),
  ('interventions_need', 'level_id', 'interventions_needlevel'),
  ('interventions_need', 'responsibility_id', 'handover_responsibility'),
  ('interventions_needprerequisite', 'need_id', 'interventions_need'),
  ('interventions_needprerequisite', 'requires_id', 'interventions_need'),
  ('interventions_intervention', 'responsibility_id', 'handover_responsibility'),
  ('interventions_interventionneed', 'intervention_id', 'interventions_intervention'),
  ('interventions_interventionneed', 'need_id', 'interventions_need')
) AS bound (child, col, parent);
"""


class Migration(migrations.Migration):
    """Not reversible: a wall is not taken down by going back one migration."""

    dependencies = [("interventions", "0001_initial"), ("handover", "0002_walls")]

    operations = [migrations.RunSQL(WALLS)]
