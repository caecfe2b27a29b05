"""People leave: names are kept apart under pseudonym keys, and can be erased without touching what was hashed."""

from __future__ import annotations

import uuid

import django.db.models.deletion
from django.db import migrations, models

NAMES = r"""
-- Nobody lists names: the database tells a name to whoever holds its key, as a chain's head is told by its chain.
DO $$
BEGIN
  EXECUTE format('REVOKE ALL ON handover_personname FROM %I', current_setting('handover.web_role'));
END $$;

-- A copy of a name as it is read: the key, a separator and the name; or the key, another separator and where the person
-- was, if the name was erased or never came along. Any other text is a name from before there were keys.
CREATE FUNCTION handover_named(copy text) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  kept record;
BEGIN
  IF copy IS NULL OR copy = '' THEN
    RETURN copy;
  END IF;
  IF copy ~ '^name:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' THEN
    SELECT n.name, n.erased_at, o.name AS organisation INTO kept
      FROM public.handover_personname n LEFT JOIN public.handover_organisation o ON o.id = n.organisation_id
     WHERE n.key = substr(copy, 6)::uuid;
    IF FOUND AND kept.erased_at IS NULL THEN
      RETURN copy || E'\x1f' || kept.name;
    END IF;
    RETURN copy || E'\x1e' || coalesce(kept.organisation, '');
  END IF;
  SELECT o.name AS organisation INTO kept
    FROM public.handover_personname n LEFT JOIN public.handover_organisation o ON o.id = n.organisation_id
   WHERE n.digest = sha256(convert_to(copy, 'UTF8')) ORDER BY n.key LIMIT 1;
  IF FOUND THEN
    RETURN copy || E'\x1e' || coalesce(kept.organisation, '');
  END IF;
  RETURN copy;
END $$;

-- The name of somebody who has no account, as it stands under a paper.
CREATE FUNCTION handover_keep_name(called text, whose bigint) RETURNS uuid LANGUAGE sql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO public.handover_personname (key, name, organisation_id, plain)
  VALUES (gen_random_uuid(), called, whose, false) RETURNING key
$$;

-- Every name of an account is kept, each under a key of its own: whoever renames themselves renames no history.
CREATE FUNCTION handover_keep_own_name() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.pseudonymised_at IS NOT NULL AND NEW.pseudonymised_at IS NULL THEN
      RAISE EXCEPTION 'an account that was pseudonymised stays so' USING ERRCODE = '23000';
    END IF;
    NEW.name_key := OLD.name_key;
    IF NEW.display_name = OLD.display_name OR NEW.pseudonymised_at IS NOT NULL THEN
      RETURN NEW;
    END IF;
    NEW.name_key := gen_random_uuid();
  END IF;
  INSERT INTO public.handover_personname (key, person, name, plain)
  VALUES (NEW.name_key, NEW.uuid, NEW.display_name, false);
  RETURN NEW;
END $$;
CREATE TRIGGER named BEFORE INSERT OR UPDATE ON handover_user FOR EACH ROW EXECUTE FUNCTION handover_keep_own_name();

-- Whoever is pseudonymised is forgotten in one statement, behind every wall: all their names, those of other people's
-- papers that are theirs, their keys, and what was sent or offered to their address.
CREATE FUNCTION handover_forget_person() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  at timestamptz := public.handover_now();
  older text[];
  was text[];
BEGIN
  SELECT array_agg(n.name), array_agg(n.name) FILTER (WHERE n.plain) INTO was, older
    FROM public.handover_personname n WHERE n.person = NEW.uuid AND n.erased_at IS NULL;
  UPDATE public.handover_personname n
     SET digest = CASE WHEN n.plain THEN sha256(convert_to(n.name, 'UTF8')) END, name = '', erased_at = at,
         organisation_id = coalesce(n.organisation_id, (
           SELECT m.organisation_id FROM public.handover_membership m WHERE m.user_id = NEW.id
            ORDER BY m.ends_at DESC NULLS FIRST, m.id DESC LIMIT 1))
   WHERE n.erased_at IS NULL AND (n.person = NEW.uuid OR (n.person IS NULL AND n.name = ANY (was)
     AND n.organisation_id IN (SELECT m.organisation_id FROM public.handover_membership m WHERE m.user_id = NEW.id)));
  UPDATE public.handover_accesstoken
     SET title = left(uuid::text, 8), digest = sha256(uuid_send(gen_random_uuid())), beginning = '',
         revoked_at = coalesce(revoked_at, at),
         revoked_by_name = CASE revoked_by_name WHEN '' THEN 'name:' || NEW.name_key ELSE revoked_by_name END
   WHERE user_id = NEW.id AND personal;
  UPDATE public.handover_invitation SET email = '', revoked_at = coalesce(revoked_at, at)
   WHERE email = OLD.email AND accepted_at IS NULL;
  DELETE FROM public.handover_keptanswer k
   WHERE k.user_id = NEW.id OR position(convert_to(OLD.email, 'UTF8') IN k.body) > 0
      OR EXISTS (SELECT FROM unnest(was) AS called (name)
                  WHERE called.name <> '' AND position(convert_to(called.name, 'UTF8') IN k.body) > 0);
  UPDATE public.handover_calendaraddress
     SET digest = sha256(uuid_send(gen_random_uuid())), revoked_at = coalesce(revoked_at, at) WHERE user_id = NEW.id;
  DELETE FROM public.handover_reminderchoice WHERE user_id = NEW.id;
  UPDATE public.django_admin_log SET object_repr = '', change_message = ''
   WHERE object_id = NEW.id::text AND content_type_id = (
     SELECT c.id FROM public.django_content_type c WHERE c.app_label = 'handover' AND c.model = 'user');
  -- Copies from before there were keys, where nothing is hashed over them.
  IF older IS NOT NULL THEN
    UPDATE public.handover_accesstoken SET created_by_name = 'name:' || NEW.name_key WHERE created_by_name = ANY (older);
    UPDATE public.handover_accesstoken SET revoked_by_name = 'name:' || NEW.name_key WHERE revoked_by_name = ANY (older);
    UPDATE public.handover_invitation SET created_by_name = 'name:' || NEW.name_key WHERE created_by_name = ANY (older);
    UPDATE public.handover_invitation SET revoked_by_name = 'name:' || NEW.name_key WHERE revoked_by_name = ANY (older);
    UPDATE public.handover_webhook SET created_by_name = 'name:' || NEW.name_key WHERE created_by_name = ANY (older);
    UPDATE public.handover_job SET requested_by_name = 'name:' || NEW.name_key WHERE requested_by_name = ANY (older);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER erased AFTER UPDATE OF pseudonymised_at ON handover_user FOR EACH ROW
  WHEN (OLD.pseudonymised_at IS NULL AND NEW.pseudonymised_at IS NOT NULL) EXECUTE FUNCTION handover_forget_person();

REVOKE EXECUTE ON FUNCTION handover_named(text), handover_keep_name(text, bigint), handover_keep_own_name(),
  handover_forget_person() FROM PUBLIC;
DO $$
BEGIN
  EXECUTE format('GRANT EXECUTE ON FUNCTION handover_named(text), handover_keep_name(text, bigint) TO %I',
                 current_setting('handover.web_role'));
END $$;
"""

PRESENT = r"""
-- The accounts that are there: their names may stand in older copies as they are. Whoever was pseudonymised before
-- keeps what the account is called since, and stays pseudonymised.
UPDATE handover_user SET name_key = gen_random_uuid();
INSERT INTO handover_personname (key, person, name, plain) SELECT name_key, uuid, display_name, true FROM handover_user;
UPDATE handover_user SET pseudonymised_at = handover_now() WHERE email LIKE '%@pseudonym.invalid' AND NOT is_active;
"""


class Migration(migrations.Migration):
    """Not reversible: what was erased does not come back by going back one migration."""

    dependencies = [("handover", "0016_checks")]

    operations = [
        migrations.CreateModel(
            name="PersonName",
            fields=[
                ("key", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "person",
                    models.UUIDField(
                        db_index=True,
                        help_text="UUID of the account; empty: of somebody who has none.",
                        null=True,
                    ),
                ),
                (
                    "name",
                    models.CharField(blank=True, help_text="Empty once it is erased.", max_length=200),
                ),
                (
                    "plain",
                    models.BooleanField(
                        default=False,
                        help_text="Older copies may hold the name itself: it is hidden in them by its digest.",
                    ),
                ),
                (
                    "digest",
                    models.BinaryField(
                        db_index=True,
                        help_text="SHA-256 of a plain name that was erased.",
                        max_length=32,
                        null=True,
                    ),
                ),
                ("erased_at", models.DateTimeField(null=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("erased_at__isnull", True), ("name", ""), _connector="OR"),
                        name="handover_personname_erased",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="user",
            name="name_key",
            field=models.UUIDField(
                default=uuid.uuid4,
                editable=False,
                help_text="Under which the present name is kept for its copies; the database gives each name its own.",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="pseudonymised_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="When name, address and ways in were erased for good.",
                null=True,
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("pseudonymised_at__isnull", True),
                    models.Q(("email__endswith", "@pseudonym.invalid"), ("is_active", False)),
                    _connector="OR",
                ),
                name="handover_user_pseudonymised",
            ),
        ),
        migrations.RunSQL(PRESENT),
        migrations.RunSQL(NAMES),
    ]
