"""The walls of consultations, rankings, services, records, advocacy and models."""

from __future__ import annotations

from django.db import migrations

WALLS = r"""
SELECT handover_wall(name::regclass, 'programme') FROM unnest(ARRAY[
  'interventions_adoptedpiece', 'interventions_adoption', 'interventions_attendance',
  'interventions_authority', 'interventions_ballot', 'interventions_ballotline',
  'interventions_commemorationday', 'interventions_commitment', 'interventions_complaints',
  'interventions_consultation', 'interventions_delivery', 'interventions_event',
  'interventions_interventionchange', 'interventions_interventiondependency',
  'interventions_interventionpartner', 'interventions_interventionplace', 'interventions_mediaitems',
  'interventions_needlineage', 'interventions_needplace', 'interventions_policymeeting',
  'interventions_policyseat', 'interventions_rankedneed', 'interventions_ranking', 'interventions_saying',
  'interventions_service', 'interventions_support', 'interventions_targetgroup', 'interventions_training',
  'interventions_volunteering']) AS name;

SELECT handover_bind(child::regclass, col, parent::regclass) FROM (VALUES
  ('interventions_policyseat', 'authority_id', 'interventions_authority'),
  ('interventions_policymeeting', 'authority_id', 'interventions_authority'),
  ('interventions_policymeeting', 'seat_id', 'interventions_policyseat'),
  ('interventions_commitment', 'authority_id', 'interventions_authority'),
  ('interventions_commitment', 'meeting_id', 'interventions_policymeeting'),
  ('interventions_commitment', 'need_id', 'interventions_need'),
  ('interventions_adoptedpiece', 'adoption_id', 'interventions_adoption'),
  ('interventions_consultation', 'community_id', 'handover_community'),
  ('interventions_attendance', 'consultation_id', 'interventions_consultation'),
  ('interventions_saying', 'consultation_id', 'interventions_consultation'),
  ('interventions_saying', 'need_id', 'interventions_need'),
  ('interventions_saying', 'intervention_id', 'interventions_intervention'),
  ('interventions_interventiondependency', 'intervention_id', 'interventions_intervention'),
  ('interventions_interventiondependency', 'after_id', 'interventions_intervention'),
  ('interventions_targetgroup', 'intervention_id', 'interventions_intervention'),
  ('interventions_interventionplace', 'intervention_id', 'interventions_intervention'),
  ('interventions_interventionpartner', 'intervention_id', 'interventions_intervention'),
  ('interventions_interventionpartner', 'agreement_id', 'handover_contract'),
  ('interventions_interventionchange', 'intervention_id', 'interventions_intervention'),
  ('interventions_interventionchange', 'consultation_id', 'interventions_consultation'),
  ('interventions_need', 'raised_in_id', 'interventions_consultation'),
  ('interventions_needplace', 'need_id', 'interventions_need'),
  ('interventions_needlineage', 'before_id', 'interventions_need'),
  ('interventions_needlineage', 'after_id', 'interventions_need'),
  ('interventions_ranking', 'consultation_id', 'interventions_consultation'),
  ('interventions_rankedneed', 'ranking_id', 'interventions_ranking'),
  ('interventions_rankedneed', 'need_id', 'interventions_need'),
  ('interventions_ballot', 'ranking_id', 'interventions_ranking'),
  ('interventions_ballotline', 'ballot_id', 'interventions_ballot'),
  ('interventions_ballotline', 'need_id', 'interventions_need'),
  ('interventions_service', 'intervention_id', 'interventions_intervention'),
  ('interventions_service', 'licence_id', 'handover_licence'),
  ('interventions_delivery', 'service_id', 'interventions_service'),
  ('interventions_volunteering', 'intervention_id', 'interventions_intervention'),
  ('interventions_support', 'intervention_id', 'interventions_intervention'),
  ('interventions_training', 'intervention_id', 'interventions_intervention'),
  ('interventions_complaints', 'intervention_id', 'interventions_intervention'),
  ('interventions_event', 'intervention_id', 'interventions_intervention'),
  ('interventions_event', 'day_id', 'interventions_commemorationday'),
  ('interventions_mediaitems', 'intervention_id', 'interventions_intervention')
) AS bound (child, col, parent);

SELECT handover_insert_only(name::regclass) FROM unnest(ARRAY[
  'interventions_ballot',
  'interventions_ballotline',
  'interventions_interventionchange',
  'interventions_modelversion',
  'interventions_needlineage',
  'interventions_rankedneed',
  'interventions_ranking']) AS name;

-- The catalogue is everybody's to read; an entry is written by the organisation that it belongs to, and what ships with
-- the toolkit by nobody in particular, which is the installation.
CREATE FUNCTION interventions_own_model() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  owner bigint;
  asks boolean := coalesce(current_setting('handover.user', true), '') <> '';
BEGIN
  IF TG_TABLE_NAME = 'interventions_modelversion' THEN
    SELECT organisation_id INTO owner FROM public.interventions_interventionmodel WHERE id = NEW.model_id;
  ELSE
    IF TG_OP = 'UPDATE' THEN
      -- Adoptions know it by its UUID and its key.
      IF (NEW.organisation_id, NEW.uuid, NEW.key) IS DISTINCT FROM (OLD.organisation_id, OLD.uuid, OLD.key) THEN
        RAISE EXCEPTION 'a model stays with whoever published it' USING ERRCODE = 'insufficient_privilege';
      END IF;
    END IF;
    owner := NEW.organisation_id;
  END IF;
  IF (owner IS NULL AND asks) OR (owner IS NOT NULL AND NOT owner = ANY (public.my_organisations())) THEN
    RAISE EXCEPTION 'a model is changed by whoever published it' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION interventions_own_model() FROM PUBLIC;
-- A model is withdrawn, never deleted.
DO $$
BEGIN
  EXECUTE format('REVOKE DELETE, TRUNCATE ON interventions_interventionmodel FROM %I', current_setting('handover.web_role'));
END $$;
CREATE TRIGGER own_model BEFORE INSERT OR UPDATE ON interventions_interventionmodel
  FOR EACH ROW EXECUTE FUNCTION interventions_own_model();
CREATE TRIGGER own_model BEFORE INSERT ON interventions_modelversion
  FOR EACH ROW EXECUTE FUNCTION interventions_own_model();
"""


class Migration(migrations.Migration):
    """Not reversible: a wall is not taken down by going back one migration."""

    dependencies = [("interventions", "0003_needs_first"), ("handover", "0008_needs_first_walls")]

    operations = [migrations.RunSQL(WALLS)]
