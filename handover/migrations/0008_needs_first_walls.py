"""The walls of registers, budgets, voices and readiness."""

from __future__ import annotations

from django.db import migrations

WALLS = r"""
SELECT handover_wall(name::regclass, 'programme') FROM unnest(ARRAY[
  'handover_assessment', 'handover_budgetstep', 'handover_communityseat', 'handover_communityvote',
  'handover_dissentanswer', 'handover_dissentreason', 'handover_exchangerate', 'handover_instrument',
  'handover_postfunding', 'handover_premises', 'handover_score', 'handover_scoregate']) AS name;

SELECT handover_bind(child::regclass, col, parent::regclass) FROM (VALUES
  ('handover_postfunding', 'post_id', 'handover_post'),
  ('handover_equipment', 'grant_id', 'handover_grant'),
  ('handover_equipment', 'proof_file_id', 'handover_storedfile'),
  ('handover_premises', 'responsibility_id', 'handover_responsibility'),
  ('handover_premises', 'legal_act_id', 'handover_legalact'),
  ('handover_premises', 'contract_id', 'handover_contract'),
  ('handover_assessment', 'instrument_id', 'handover_instrument'),
  ('handover_assessment', 'responsibility_id', 'handover_responsibility'),
  ('handover_assessment', 'transfer_id', 'handover_transfer'),
  ('handover_score', 'assessment_id', 'handover_assessment'),
  ('handover_scoregate', 'milestone_id', 'handover_transfermilestone'),
  ('handover_scoregate', 'responsibility_id', 'handover_responsibility'),
  ('handover_communityvote', 'milestone_id', 'handover_transfermilestone'),
  ('handover_communityvote', 'community_id', 'handover_community'),
  ('handover_dissentreason', 'vote_id', 'handover_communityvote'),
  ('handover_dissentanswer', 'vote_id', 'handover_communityvote'),
  ('handover_communityseat', 'community_id', 'handover_community')
) AS bound (child, col, parent);

SELECT handover_insert_only(name::regclass) FROM unnest(ARRAY[
  'handover_communityvote',
  'handover_dissentanswer',
  'handover_dissentreason',
  'handover_exchangerate']) AS name;
"""


class Migration(migrations.Migration):
    """Not reversible: a wall is not taken down by going back one migration."""

    dependencies = [("handover", "0007_needs_first")]

    operations = [migrations.RunSQL(WALLS)]
