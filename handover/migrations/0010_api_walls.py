"""The walls of tokens, kept answers, edits, webhooks and provisioning; edits are noted by the database itself."""

from __future__ import annotations

from django.db import migrations

WALLS = r"""
SELECT handover_wall('handover_edit', 'programme');
SELECT handover_insert_only('handover_edit');
SELECT handover_wall(name::regclass, 'organisation') FROM unnest(ARRAY[
  'handover_accesstoken', 'handover_keptanswer', 'handover_webhook', 'handover_webhookdelivery',
  'handover_provisioneduser', 'handover_provisionedgroup', 'handover_provisionedmember']) AS name;

-- A child stays with its parent's organisation: foreign keys look past the wall.
ALTER TABLE handover_webhook ADD CONSTRAINT handover_webhook_organisation UNIQUE (id, organisation_id);
ALTER TABLE handover_webhookdelivery ADD CONSTRAINT handover_webhookdelivery_organisation
  FOREIGN KEY (webhook_id, organisation_id) REFERENCES handover_webhook (id, organisation_id);
ALTER TABLE handover_provisionedgroup ADD CONSTRAINT handover_provisionedgroup_organisation UNIQUE (id, organisation_id);
ALTER TABLE handover_provisioneduser ADD CONSTRAINT handover_provisioneduser_organisation UNIQUE (id, organisation_id);
ALTER TABLE handover_provisionedmember
  ADD CONSTRAINT handover_provisionedmember_group FOREIGN KEY (group_id, organisation_id)
    REFERENCES handover_provisionedgroup (id, organisation_id),
  ADD CONSTRAINT handover_provisionedmember_user FOREIGN KEY (user_id, organisation_id)
    REFERENCES handover_provisioneduser (id, organisation_id);

-- Counts of requests are worth no write-ahead log.
ALTER TABLE handover_requestwindow SET UNLOGGED;
"""

CREDENTIAL = r"""
-- Whoever presents a key is not asking yet: this alone looks past the wall, for one digest, and says nothing of others.
CREATE FUNCTION handover_credential(asked bytea, at timestamptz)
  RETURNS TABLE (uuid uuid, user_id bigint, organisation_id bigint, personal boolean, scopes text[])
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH found AS MATERIALIZED (
    SELECT t.* FROM public.handover_accesstoken t
     WHERE t.digest = asked AND t.revoked_at IS NULL AND t.expires_at > at
  ), used AS (
    UPDATE public.handover_accesstoken t SET last_used_at = at FROM found f
     WHERE t.id = f.id AND (f.last_used_at IS NULL OR f.last_used_at < at - interval '1 minute')
  )
  SELECT f.uuid, f.user_id, f.organisation_id, f.personal, f.scopes::text[] FROM found f
$$;
REVOKE EXECUTE ON FUNCTION handover_credential(bytea, timestamptz) FROM PUBLIC;
DO $$
BEGIN
  EXECUTE format('GRANT EXECUTE ON FUNCTION handover_credential(bytea, timestamptz) TO %I',
                 current_setting('handover.web_role'));
END $$;
"""

WEBHOOKS = r"""
-- Who works off the queue asks for nobody: it learns the keys of webhooks (never an address), and tells each in the eyes
-- of its own person, behind the wall. To whoever is asking these functions say and do nothing.
CREATE FUNCTION handover_webhooks_wanting(asked_programme bigint, asked_event text, at timestamptz)
  RETURNS TABLE (webhook_id bigint, organisation_id bigint, user_id bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT w.id, w.organisation_id, w.user_id FROM public.handover_webhook w
   WHERE w.active AND nullif(current_setting('handover.user', true), '') IS NULL
     AND (asked_event IS NULL OR asked_event = ANY (w.events))
     AND (asked_programme IS NULL OR EXISTS (
           SELECT FROM public.handover_standing s
            WHERE s.programme_id = asked_programme AND s.organisation_id = w.organisation_id AND s.valid @> at))
   ORDER BY w.id
$$;

-- A webhook whose person holds no seat any more sees nothing: it is switched off, and what waits is given up.
CREATE FUNCTION handover_webhook_forsaken(asked bigint, because text, at timestamptz) RETURNS boolean
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH lost AS (
    UPDATE public.handover_webhook w
       SET active = false, switched_off_at = at, switched_off_because = because, version = w.version + 1
     WHERE w.id = asked AND w.active AND nullif(current_setting('handover.user', true), '') IS NULL
       AND NOT EXISTS (
         SELECT FROM public.handover_membership m JOIN public.handover_user u ON u.id = m.user_id
          WHERE m.user_id = w.user_id AND m.organisation_id = w.organisation_id AND u.is_active
            AND m.starts_at <= at AND (m.ends_at IS NULL OR m.ends_at > at))
    RETURNING w.id
  ), ended AS (
    UPDATE public.handover_webhookdelivery d SET state = 'given_up', error = because FROM lost
     WHERE d.webhook_id = lost.id AND d.state = 'waiting'
  )
  SELECT EXISTS (SELECT FROM lost)
$$;
REVOKE EXECUTE ON FUNCTION handover_webhooks_wanting(bigint, text, timestamptz),
  handover_webhook_forsaken(bigint, text, timestamptz) FROM PUBLIC;
DO $$
BEGIN
  EXECUTE format('GRANT EXECUTE ON FUNCTION handover_webhooks_wanting(bigint, text, timestamptz),'
                 ' handover_webhook_forsaken(bigint, text, timestamptz) TO %I', current_setting('handover.web_role'));
END $$;
"""

FORGETTING = r"""
-- An account that is pseudonymised is forgotten by every directory, whoever's the wall hides.
CREATE FUNCTION handover_forget_provisioned() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM public.handover_provisionedmember m USING public.handover_provisioneduser p
   WHERE p.id = m.user_id AND p.user_id = NEW.id;
  UPDATE public.handover_provisioneduser
     SET user_name = '', external_id = '', active = false, given_roles = '{}', version = version + 1,
         forgotten_at = coalesce(forgotten_at, public.handover_now())
   WHERE user_id = NEW.id;
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION handover_forget_provisioned() FROM PUBLIC;
CREATE TRIGGER forgotten AFTER UPDATE OF email ON handover_user FOR EACH ROW
  WHEN (NEW.email LIKE '%@pseudonym.invalid') EXECUTE FUNCTION handover_forget_provisioned();
"""

EDITS = r"""
CREATE FUNCTION handover_note_edit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO public.handover_edit (uuid, programme_id, subject, version, fields, at)
  SELECT gen_random_uuid(),
         CASE WHEN TG_TABLE_NAME = 'handover_programme' THEN NEW.id ELSE (to_jsonb(NEW) ->> 'programme_id')::bigint END,
         NEW.uuid, NEW.version,
         coalesce(array_agg(regexp_replace(after.key, '_id$', '') ORDER BY after.key), '{}'), public.handover_now()
    FROM jsonb_each(to_jsonb(NEW)) after JOIN jsonb_each(to_jsonb(OLD)) before USING (key)
   WHERE after.value IS DISTINCT FROM before.value AND after.key <> 'version';
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION handover_note_edit() FROM PUBLIC;

-- For tables whose rows people edit: each step of the version leaves a note of the fields that it changed.
CREATE FUNCTION handover_notes_edits(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TRIGGER noted AFTER UPDATE OF version ON %s FOR EACH ROW'
                 ' WHEN (OLD.version IS DISTINCT FROM NEW.version)'
                 ' EXECUTE FUNCTION public.handover_note_edit()', target);
END $$;
REVOKE EXECUTE ON FUNCTION handover_notes_edits(regclass) FROM PUBLIC;

SELECT handover_notes_edits(name::regclass) FROM unnest(ARRAY[
  'handover_annexline', 'handover_assessment', 'handover_budgetline', 'handover_budgetstep', 'handover_communityseat',
  'handover_contract', 'handover_equipment', 'handover_grant', 'handover_legalact', 'handover_licence', 'handover_post',
  'handover_postfunding', 'handover_premises', 'handover_programme', 'handover_responsibility', 'handover_transfer',
  'handover_transfermilestone']) AS name;
"""


class Migration(migrations.Migration):
    """Not reversible: a wall is not taken down by going back one migration."""

    dependencies = [("handover", "0009_api")]

    operations = [
        migrations.RunSQL(WALLS),
        migrations.RunSQL(CREDENTIAL),
        migrations.RunSQL(WEBHOOKS),
        migrations.RunSQL(FORGETTING),
        migrations.RunSQL(EDITS),
    ]
