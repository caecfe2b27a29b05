"""Who could do what on a past day: grants, seats and accounts are kept with their times, by triggers."""

from __future__ import annotations

from django.db import migrations, models

SPANS = r"""
-- Nobody but the triggers writes here, and nobody reads it but through the function below.
DO $$
BEGIN
  EXECUTE format('REVOKE ALL ON handover_accessspan FROM %I', current_setting('handover.web_role'));
  EXECUTE format('REVOKE ALL ON SEQUENCE handover_accessspan_id_seq FROM %I', current_setting('handover.web_role'));
END $$;

-- What is held now. Of grants and accounts nobody wrote down since when: for them the history begins here.
INSERT INTO handover_accessspan (kind, role, codename, reason, begun_at) VALUES ('since', '', '', '', handover_now());
INSERT INTO handover_accessspan (kind, programme_key, responsibility_key, organisation_key, role, codename, reason,
                                 begun_at, expires_at)
SELECT 'grant', g.programme_id, NULL, r.organisation_id, r.role, p.codename, '', handover_now(), g.expires_at
  FROM handover_programmegroupgrant g JOIN handover_rolegroup r ON r.group_id = g.group_id
  JOIN auth_permission p ON p.id = g.permission_id
UNION ALL
SELECT 'grant', g.programme_id, g.responsibility_id, r.organisation_id, r.role, p.codename, '', handover_now(),
       g.expires_at
  FROM handover_responsibilitygroupgrant g JOIN handover_rolegroup r ON r.group_id = g.group_id
  JOIN auth_permission p ON p.id = g.permission_id;
INSERT INTO handover_accessspan (kind, programme_key, responsibility_key, organisation_key, role, user_key, codename,
                                 reason, begun_at, expires_at)
SELECT 'exception', g.programme_id, NULL, g.organisation_id, '', g.user_id, p.codename, g.reason, handover_now(),
       g.expires_at
  FROM handover_programmeusergrant g JOIN auth_permission p ON p.id = g.permission_id
UNION ALL
SELECT 'exception', g.programme_id, g.responsibility_id, g.organisation_id, '', g.user_id, p.codename, g.reason,
       handover_now(), g.expires_at
  FROM handover_responsibilityusergrant g JOIN auth_permission p ON p.id = g.permission_id;
INSERT INTO handover_accessspan (kind, organisation_key, role, user_key, codename, reason, begun_at, expires_at)
SELECT 'seat', organisation_id, role, user_id, '', '', starts_at, ends_at FROM handover_membership;
INSERT INTO handover_accessspan (kind, role, user_key, codename, reason, begun_at)
SELECT 'account', '', id, '', '', '-infinity' FROM handover_user WHERE is_active;

-- One span for each grant: from when it is given until it is taken, or given otherwise.
CREATE FUNCTION handover_span_of_grant() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  at timestamptz := public.handover_now();
  was jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  is_now jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
BEGIN
  IF was IS NOT NULL THEN
    UPDATE public.handover_accessspan s SET ended_at = at
      FROM public.auth_permission p
     WHERE p.id = (was ->> 'permission_id')::bigint AND s.ended_at IS NULL AND s.kind = TG_ARGV[0]
       AND s.programme_key = (was ->> 'programme_id')::bigint AND s.codename = p.codename
       AND s.responsibility_key IS NOT DISTINCT FROM (was ->> 'responsibility_id')::bigint
       AND CASE TG_ARGV[0]
             WHEN 'grant' THEN (s.organisation_key, s.role) IN (
               SELECT r.organisation_id, r.role FROM public.handover_rolegroup r
                WHERE r.group_id = (was ->> 'group_id')::bigint)
             ELSE s.user_key = (was ->> 'user_id')::bigint END;
  END IF;
  IF is_now IS NOT NULL THEN
    INSERT INTO public.handover_accessspan (kind, programme_key, responsibility_key, organisation_key, role, user_key,
                                            codename, reason, begun_at, expires_at)
    SELECT TG_ARGV[0], (is_now ->> 'programme_id')::bigint, (is_now ->> 'responsibility_id')::bigint,
           coalesce(r.organisation_id, (is_now ->> 'organisation_id')::bigint), coalesce(r.role, ''),
           (is_now ->> 'user_id')::bigint, p.codename, coalesce(is_now ->> 'reason', ''), at,
           (is_now ->> 'expires_at')::timestamptz
      FROM public.auth_permission p
      LEFT JOIN public.handover_rolegroup r ON r.group_id = (is_now ->> 'group_id')::bigint
     WHERE p.id = (is_now ->> 'permission_id')::bigint;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER spanned AFTER INSERT OR UPDATE OR DELETE ON handover_programmegroupgrant FOR EACH ROW
  EXECUTE FUNCTION handover_span_of_grant('grant');
CREATE TRIGGER spanned AFTER INSERT OR UPDATE OR DELETE ON handover_responsibilitygroupgrant FOR EACH ROW
  EXECUTE FUNCTION handover_span_of_grant('grant');
CREATE TRIGGER spanned AFTER INSERT OR UPDATE OR DELETE ON handover_programmeusergrant FOR EACH ROW
  EXECUTE FUNCTION handover_span_of_grant('exception');
CREATE TRIGGER spanned AFTER INSERT OR UPDATE OR DELETE ON handover_responsibilityusergrant FOR EACH ROW
  EXECUTE FUNCTION handover_span_of_grant('exception');

-- A seat says itself from when to when; one that is given again ends its span before.
CREATE FUNCTION handover_span_of_seat() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    UPDATE public.handover_accessspan s
       SET ended_at = CASE WHEN NEW.starts_at <> OLD.starts_at THEN NEW.starts_at END,
           expires_at = CASE WHEN NEW.starts_at <> OLD.starts_at THEN s.expires_at ELSE NEW.ends_at END
     WHERE s.kind = 'seat' AND s.ended_at IS NULL AND s.user_key = OLD.user_id
       AND s.organisation_key = OLD.organisation_id AND s.role = OLD.role;
    IF NEW.starts_at = OLD.starts_at THEN
      RETURN NULL;
    END IF;
  END IF;
  INSERT INTO public.handover_accessspan (kind, organisation_key, role, user_key, codename, reason, begun_at, expires_at)
  VALUES ('seat', NEW.organisation_id, NEW.role, NEW.user_id, '', '', NEW.starts_at, NEW.ends_at);
  RETURN NULL;
END $$;
CREATE TRIGGER spanned AFTER INSERT OR UPDATE ON handover_membership FOR EACH ROW
  EXECUTE FUNCTION handover_span_of_seat();

-- A new account is open from ever on: before its first seat it lets nobody do anything.
CREATE FUNCTION handover_span_of_account() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' AND NEW.is_active THEN
    INSERT INTO public.handover_accessspan (kind, role, user_key, codename, reason, begun_at)
    VALUES ('account', '', NEW.id, '', '', '-infinity');
  ELSIF TG_OP = 'UPDATE' AND NEW.is_active AND NOT OLD.is_active THEN
    INSERT INTO public.handover_accessspan (kind, role, user_key, codename, reason, begun_at)
    VALUES ('account', '', NEW.id, '', '', public.handover_now());
  ELSIF TG_OP = 'UPDATE' AND OLD.is_active AND NOT NEW.is_active THEN
    UPDATE public.handover_accessspan SET ended_at = public.handover_now()
     WHERE kind = 'account' AND user_key = NEW.id AND ended_at IS NULL;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER spanned AFTER INSERT OR UPDATE OF is_active ON handover_user FOR EACH ROW
  EXECUTE FUNCTION handover_span_of_account();

-- Who held what on a programme at an instant, told to whoever reads the programme. A permission that an account held
-- while it was closed is not told: it let nobody do anything.
CREATE FUNCTION handover_held_at(programme bigint, at timestamptz)
  RETURNS TABLE (user_key bigint, organisation_key bigint, responsibility_key bigint, codename text, role text,
                 reason text, since timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH held AS (
    SELECT s.* FROM public.handover_accessspan s
     WHERE s.begun_at <= at AND (s.ended_at IS NULL OR s.ended_at > at) AND (s.expires_at IS NULL OR s.expires_at > at)
       AND (s.programme_key = programme OR s.programme_key IS NULL)
       AND programme = ANY ((SELECT public.reachable_programmes())::bigint[])
  )
  SELECT seat.user_key, g.organisation_key, g.responsibility_key, g.codename::text, g.role::text, ''::text,
         greatest(g.begun_at, seat.begun_at)
    FROM held g JOIN held seat ON seat.kind = 'seat' AND seat.organisation_key = g.organisation_key AND seat.role = g.role
    JOIN held account ON account.kind = 'account' AND account.user_key = seat.user_key
   WHERE g.kind = 'grant'
  UNION
  SELECT g.user_key, g.organisation_key, g.responsibility_key, g.codename::text, ''::text, g.reason::text, g.begun_at
    FROM held g JOIN held account ON account.kind = 'account' AND account.user_key = g.user_key
   WHERE g.kind = 'exception'
$$;

-- From when on grants and accounts are known.
CREATE FUNCTION handover_held_since() RETURNS timestamptz
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT min(s.begun_at) FROM public.handover_accessspan s WHERE s.kind = 'since'
$$;

REVOKE EXECUTE ON FUNCTION handover_span_of_grant(), handover_span_of_seat(), handover_span_of_account(),
  handover_held_at(bigint, timestamptz), handover_held_since() FROM PUBLIC;
DO $$
BEGIN
  EXECUTE format('GRANT EXECUTE ON FUNCTION handover_held_at(bigint, timestamptz), handover_held_since() TO %I',
                 current_setting('handover.web_role'));
END $$;
"""


class Migration(migrations.Migration):
    """Not reversible: a history that was not kept does not come back."""

    dependencies = [
        ("handover", "0017_people_leave"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessSpan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("grant", "a role's permission"),
                            ("exception", "a single user's permission"),
                            ("seat", "a seat"),
                            ("account", "an open account"),
                            ("since", "from here on"),
                        ],
                        max_length=10,
                    ),
                ),
                ("programme_key", models.BigIntegerField(null=True)),
                ("responsibility_key", models.BigIntegerField(null=True)),
                ("organisation_key", models.BigIntegerField(null=True)),
                ("role", models.CharField(blank=True, max_length=30)),
                ("user_key", models.BigIntegerField(null=True)),
                ("codename", models.CharField(blank=True, max_length=100)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("begun_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(help_text="When it was taken away.", null=True)),
                (
                    "expires_at",
                    models.DateTimeField(help_text="When it ends by itself, as was said then.", null=True),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["programme_key", "begun_at"], name="handover_accessspan_programme"),
                    models.Index(
                        fields=["kind", "organisation_key", "user_key"], name="handover_accessspan_seat"
                    ),
                ],
            },
        ),
        migrations.RunSQL(SPANS),
    ]
