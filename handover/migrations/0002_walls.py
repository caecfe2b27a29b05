"""The walls: time, who is asking, row level security on every tenant table, and a ledger that seals itself."""

from __future__ import annotations

from django.db import migrations

CLOCK_AND_REACH = r"""
CREATE FUNCTION handover_now() RETURNS timestamptz LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(nullif(current_setting('handover.now', true), '')::timestamptz, now())
$$;

-- Definer functions: they read the standings past the wall that is built upon them.
CREATE FUNCTION my_organisations() RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(array_agg(DISTINCT m.organisation_id), '{}')
    FROM public.handover_membership m JOIN public.handover_user u ON u.id = m.user_id
   WHERE u.id = nullif(current_setting('handover.user', true), '')::bigint AND u.is_active
     AND m.organisation_id = nullif(current_setting('handover.organisation', true), '')::bigint
     AND m.starts_at <= public.handover_now() AND (m.ends_at IS NULL OR m.ends_at > public.handover_now())
$$;

CREATE FUNCTION handover_standing_programmes(writing boolean) RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(array_agg(reached.id), '{}') FROM (
    SELECT s.programme_id AS id FROM public.handover_standing s
     WHERE s.organisation_id = ANY (public.my_organisations())
       AND s.valid @> public.handover_now() AND (s.writes OR NOT writing)
    UNION
    SELECT nullif(current_setting('handover.custody', true), '')::bigint
     WHERE nullif(current_setting('handover.custody', true), '') IS NOT NULL
  ) reached
$$;

CREATE FUNCTION reachable_programmes() RETURNS bigint[] LANGUAGE sql STABLE
  SET search_path = pg_catalog, public, pg_temp AS $$ SELECT public.handover_standing_programmes(false) $$;

CREATE FUNCTION writable_programmes() RETURNS bigint[] LANGUAGE sql STABLE
  SET search_path = pg_catalog, public, pg_temp AS $$ SELECT public.handover_standing_programmes(true) $$;
"""

WALL = r"""
-- Raise the wall on a table: family 'programme' (by programme_id) or 'organisation' (by organisation_id).
-- The doubled parentheses make the array one InitPlan instead of a call a row.
CREATE FUNCTION handover_wall(target regclass, family text, key text DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  web text := current_setting('handover.web_role');
  col text := coalesce(key, family || '_id');
  sees text; writes text;
BEGIN
  CASE family
    WHEN 'programme' THEN sees := 'reachable_programmes'; writes := 'writable_programmes';
    WHEN 'organisation' THEN sees := 'my_organisations'; writes := 'my_organisations';
  END CASE;
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
  EXECUTE format('CREATE POLICY own ON %s TO %I USING (true) WITH CHECK (true)', target, current_user);
  EXECUTE format('CREATE POLICY see ON %s FOR SELECT TO %I USING (%I = ANY ((SELECT public.%I())::bigint[]))',
                 target, web, col, sees);
  EXECUTE format('CREATE POLICY add ON %s FOR INSERT TO %I WITH CHECK (%I = ANY ((SELECT public.%I())::bigint[]))',
                 target, web, col, writes);
  EXECUTE format('CREATE POLICY change ON %s FOR UPDATE TO %I USING (%I = ANY ((SELECT public.%I())::bigint[]))'
                 ' WITH CHECK (%I = ANY ((SELECT public.%I())::bigint[]))', target, web, col, writes, col, writes);
  EXECUTE format('CREATE POLICY remove ON %s FOR DELETE TO %I USING (%I = ANY ((SELECT public.%I())::bigint[]))',
                 target, web, col, writes);
  EXECUTE format('CREATE TRIGGER stays BEFORE UPDATE OF %I ON %s FOR EACH ROW WHEN (OLD.%I IS DISTINCT FROM NEW.%I)'
                 ' EXECUTE FUNCTION public.handover_stays()', col, target, col, col);
END $$;

-- Who may write in two programmes could carry a row from one to the other: it stays where it was born.
CREATE FUNCTION handover_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'a row of % stays where it was born', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- Bind a child to a parent of the same programme: foreign-key checks ignore row level security.
CREATE FUNCTION handover_bind(child regclass, col text, parent regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I FOREIGN KEY (%I, programme_id) REFERENCES %s (id, programme_id)'
                 ' DEFERRABLE INITIALLY IMMEDIATE',
                 child, left(child::text || '_' || col, 50) || '_bound', col, parent);
END $$;

CREATE FUNCTION handover_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- Make a table insert-only, for the web role by privilege and for everybody by trigger.
CREATE FUNCTION handover_insert_only(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM %I', target, current_setting('handover.web_role'));
  EXECUTE format('CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON %s'
                 ' FOR EACH ROW EXECUTE FUNCTION public.handover_refuse()', target);
  EXECUTE format('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON %s'
                 ' FOR EACH STATEMENT EXECUTE FUNCTION public.handover_refuse()', target);
END $$;

REVOKE EXECUTE ON FUNCTION handover_wall(regclass, text, text), handover_bind(regclass, text, regclass),
  handover_insert_only(regclass) FROM PUBLIC;
-- Triggers fire without this right; making one on a table of one's own needs it.
REVOKE EXECUTE ON FUNCTION handover_stays(), handover_refuse() FROM PUBLIC;
"""

LEDGER = r"""
-- SHA-256 of: previous hash (32 bytes), then lines: format, chain, number, instant (UTC, microseconds), role, body.
CREATE FUNCTION handover_ledger_hash(previous bytea, chain uuid, seq bigint, recorded_at timestamptz, recorded_as text, body text)
  RETURNS bytea LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT sha256(previous || convert_to(concat_ws(E'\n', 'handover-ledger-v1', chain::text, seq::text,
    to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), recorded_as, body), 'UTF8'))
$$;

-- Number, chain and hash an entry under its chain's head. Whatever was sent for these columns is overwritten.
CREATE FUNCTION handover_ledger_seal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  last record;
BEGIN
  IF TG_RELID <> 'public.handover_ledgerentry'::regclass THEN
    RAISE EXCEPTION 'only the ledger is sealed, not %', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
  END IF;
  -- The chain's name follows from whose it is, so that nobody writes into another's chain.
  IF NEW.programme_id IS NOT NULL THEN
    SELECT uuid INTO STRICT NEW.chain FROM public.handover_programme WHERE id = NEW.programme_id;
  ELSIF NEW.organisation_id IS NOT NULL THEN
    SELECT uuid INTO STRICT NEW.chain FROM public.handover_organisation WHERE id = NEW.organisation_id;
  ELSE
    NEW.chain := '00000000-0000-0000-0000-000000000000';
  END IF;
  INSERT INTO public.handover_chainhead (chain, seq, hash)
    VALUES (NEW.chain, 0, decode(repeat('00', 32), 'hex')) ON CONFLICT (chain) DO NOTHING;
  SELECT seq, hash INTO last FROM public.handover_chainhead WHERE chain = NEW.chain FOR UPDATE;
  NEW.seq := last.seq + 1;
  NEW.previous := last.hash;
  NEW.recorded_at := clock_timestamp();
  NEW.recorded_as := session_user;
  NEW.hash := public.handover_ledger_hash(NEW.previous, NEW.chain, NEW.seq, NEW.recorded_at, NEW.recorded_as, NEW.body);
  UPDATE public.handover_chainhead SET seq = NEW.seq, hash = NEW.hash WHERE chain = NEW.chain;
  RETURN NEW;
END $$;

REVOKE EXECUTE ON FUNCTION handover_ledger_seal() FROM PUBLIC;
CREATE TRIGGER seal BEFORE INSERT ON handover_ledgerentry FOR EACH ROW EXECUTE FUNCTION handover_ledger_seal();

-- Give a chain's head to who may read the whole chain: by it, entries that are cut off at its end show.
CREATE FUNCTION handover_chain_head(asked uuid) RETURNS TABLE (seq bigint, hash bytea)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT head.seq, head.hash FROM public.handover_chainhead head
   WHERE head.chain = asked AND (
     asked = '00000000-0000-0000-0000-000000000000'
     OR pg_has_role(session_user, (SELECT relowner FROM pg_class WHERE oid = 'public.handover_chainhead'::regclass), 'usage')
     OR EXISTS (SELECT FROM public.handover_programme p
                 WHERE p.uuid = asked AND p.id = ANY (public.reachable_programmes()))
     OR EXISTS (SELECT FROM public.handover_organisation o
                 WHERE o.uuid = asked AND o.id = ANY (public.my_organisations())))
$$;

-- Append the heads of all chains that grew to the log. The lock makes the log one sequence; it ends with the transaction.
CREATE FUNCTION handover_log_heads() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  start bigint; added bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('handover.log', 0));
  SELECT coalesce(max(position) + 1, 0) INTO start FROM public.handover_logleaf;
  INSERT INTO public.handover_logleaf (position, chain, seq, hash)
  SELECT start + row_number() OVER (ORDER BY head.chain) - 1, head.chain, head.seq, head.hash
    FROM public.handover_chainhead head
   WHERE head.seq > coalesce((SELECT max(leaf.seq) FROM public.handover_logleaf leaf WHERE leaf.chain = head.chain), 0);
  GET DIAGNOSTICS added = ROW_COUNT;
  RETURN added;
END $$;
CREATE INDEX handover_logleaf_chain ON handover_logleaf (chain, seq DESC);
"""

RAISE_WALLS = r"""
SELECT handover_wall('handover_programme', 'programme', 'id');
SELECT handover_wall(name::regclass, 'programme') FROM unnest(ARRAY[
  'handover_community', 'handover_programmeplace', 'handover_grant', 'handover_grantpartner', 'handover_standing',
  'handover_responsibility', 'handover_tenure', 'handover_legalact', 'handover_post', 'handover_equipment',
  'handover_licence', 'handover_contract', 'handover_budgetline', 'handover_transfer', 'handover_transferresponsibility',
  'handover_keep', 'handover_grantmapping', 'handover_preview', 'handover_proof', 'handover_transfermilestone',
  'handover_milestonedependency', 'handover_evidence', 'handover_evidenceverifier', 'handover_storedfile',
  'handover_signoff', 'handover_annexline', 'handover_programmegroupgrant', 'handover_programmeusergrant',
  'handover_responsibilitygroupgrant', 'handover_responsibilityusergrant']) AS name;
SELECT handover_wall('handover_legalrepresentative', 'organisation');

-- The ledger belongs to two families and to neither: its policies name both, and the installation's chain is everybody's.
DO $$
DECLARE web text := current_setting('handover.web_role');
BEGIN
  ALTER TABLE handover_ledgerentry ENABLE ROW LEVEL SECURITY;
  ALTER TABLE handover_ledgerentry FORCE ROW LEVEL SECURITY;
  EXECUTE format('CREATE POLICY own ON handover_ledgerentry TO %I USING (true) WITH CHECK (true)', current_user);
  EXECUTE format('CREATE POLICY see ON handover_ledgerentry FOR SELECT TO %I USING (
      programme_id = ANY ((SELECT reachable_programmes())::bigint[])
      OR organisation_id = ANY ((SELECT my_organisations())::bigint[])
      OR (programme_id IS NULL AND organisation_id IS NULL))', web);
  EXECUTE format('CREATE POLICY add ON handover_ledgerentry FOR INSERT TO %I WITH CHECK (
      programme_id = ANY ((SELECT writable_programmes())::bigint[])
      OR organisation_id = ANY ((SELECT my_organisations())::bigint[])
      OR (programme_id IS NULL AND organisation_id IS NULL))', web);
  EXECUTE format('REVOKE ALL ON handover_chainhead FROM %I', web);
  -- Leaves are written by handover_log_heads() alone.
  EXECUTE format('REVOKE INSERT ON handover_logleaf FROM %I', web);
END $$;

SELECT handover_insert_only(name::regclass) FROM unnest(ARRAY[
  'handover_ledgerentry', 'handover_checkpoint', 'handover_logleaf', 'handover_signoff', 'handover_preview',
  'handover_proof']) AS name;

SELECT handover_bind(child::regclass, col, parent::regclass) FROM (VALUES
  ('handover_grantpartner', 'grant_id', 'handover_grant'),
  ('handover_tenure', 'responsibility_id', 'handover_responsibility'),
  ('handover_post', 'responsibility_id', 'handover_responsibility'),
  ('handover_post', 'legal_act_id', 'handover_legalact'),
  ('handover_equipment', 'responsibility_id', 'handover_responsibility'),
  ('handover_equipment', 'legal_act_id', 'handover_legalact'),
  ('handover_licence', 'responsibility_id', 'handover_responsibility'),
  ('handover_licence', 'legal_act_id', 'handover_legalact'),
  ('handover_contract', 'responsibility_id', 'handover_responsibility'),
  ('handover_contract', 'legal_act_id', 'handover_legalact'),
  ('handover_budgetline', 'responsibility_id', 'handover_responsibility'),
  ('handover_budgetline', 'legal_act_id', 'handover_legalact'),
  ('handover_transfer', 'reverses_id', 'handover_transfer'),
  ('handover_transferresponsibility', 'transfer_id', 'handover_transfer'),
  ('handover_transferresponsibility', 'responsibility_id', 'handover_responsibility'),
  ('handover_transferresponsibility', 'milestone_id', 'handover_transfermilestone'),
  ('handover_keep', 'transfer_id', 'handover_transfer'),
  ('handover_grantmapping', 'transfer_id', 'handover_transfer'),
  ('handover_preview', 'transfer_id', 'handover_transfer'),
  ('handover_proof', 'transfer_id', 'handover_transfer'),
  ('handover_transfermilestone', 'transfer_id', 'handover_transfer'),
  ('handover_transfermilestone', 'legal_act_id', 'handover_legalact'),
  ('handover_milestonedependency', 'milestone_id', 'handover_transfermilestone'),
  ('handover_milestonedependency', 'waits_for_id', 'handover_transfermilestone'),
  ('handover_evidence', 'milestone_id', 'handover_transfermilestone'),
  ('handover_evidence', 'file_id', 'handover_storedfile'),
  ('handover_evidenceverifier', 'evidence_id', 'handover_evidence'),
  ('handover_signoff', 'transfer_id', 'handover_transfer'),
  ('handover_signoff', 'milestone_id', 'handover_transfermilestone'),
  ('handover_annexline', 'transfer_id', 'handover_transfer'),
  ('handover_responsibilitygroupgrant', 'responsibility_id', 'handover_responsibility'),
  ('handover_responsibilityusergrant', 'responsibility_id', 'handover_responsibility')
) AS bound (child, col, parent);
"""


class Migration(migrations.Migration):
    """Not reversible: a wall is not taken down by going back one migration."""

    dependencies = [("handover", "0001_initial")]

    operations = [
        migrations.RunSQL(CLOCK_AND_REACH),
        migrations.RunSQL(WALL),
        migrations.RunSQL(LEDGER),
        migrations.RunSQL(RAISE_WALLS),
    ]
