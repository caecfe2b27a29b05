"""Reorganisations of authorities, seen by their parties while they are planned; and the lineage of places."""

from __future__ import annotations

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

WALLS = r"""
-- Reorganisations that my organisation opened or is a party of. Definer functions: they read past the wall built upon them.
CREATE FUNCTION my_reorganisations() RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(array_agg(found.id), '{}') FROM (
    SELECT r.id FROM public.handover_reorganisation r WHERE r.opened_by_id = ANY (public.my_organisations())
    UNION SELECT p.reorganisation_id FROM public.handover_reorganisationparty p
     WHERE p.party_id = ANY (public.my_organisations())) AS found
$$;
CREATE FUNCTION executed_reorganisations() RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(array_agg(r.id), '{}') FROM public.handover_reorganisation r WHERE r.state = 'executed'
$$;

-- Who came after an organisation, and after those, by what was executed; and an organisation with all whom it came after.
CREATE FUNCTION handover_heirs(asked bigint) RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
  WITH RECURSIVE line (organisation) AS (
    SELECT asked
    UNION SELECT after.party_id FROM line
      JOIN public.handover_reorganisationparty before ON before.party_id = line.organisation AND before.side = 'predecessor'
      JOIN public.handover_reorganisation r ON r.id = before.reorganisation_id AND r.state = 'executed'
      JOIN public.handover_reorganisationparty after ON after.reorganisation_id = r.id AND after.side = 'successor'
  ) SELECT coalesce(array_agg(organisation), '{}') FROM line WHERE organisation <> asked
$$;
CREATE FUNCTION handover_forebears(asked bigint) RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
  WITH RECURSIVE line (organisation) AS (
    SELECT asked
    UNION SELECT before.party_id FROM line
      JOIN public.handover_reorganisationparty after ON after.party_id = line.organisation AND after.side = 'successor'
      JOIN public.handover_reorganisation r ON r.id = after.reorganisation_id AND r.state = 'executed'
      JOIN public.handover_reorganisationparty before ON before.reorganisation_id = r.id AND before.side = 'predecessor'
  ) SELECT array_agg(organisation) FROM line
$$;

-- The place under whose name a place counts today: what it became as a whole, and what that became. A place of which only
-- parts went elsewhere keeps its name.
CREATE FUNCTION handover_place_today(asked bigint) RETURNS bigint LANGUAGE sql STABLE
  SET search_path = pg_catalog, public, pg_temp AS $$
  WITH RECURSIVE line (place, step) AS (
    SELECT asked, 0
    UNION ALL SELECT l.successor_id, line.step + 1 FROM line
      JOIN public.handover_placelineage l ON l.former_id = line.place AND l.numerator = l.denominator
     WHERE line.step < 50 AND NOT EXISTS (
       SELECT FROM public.handover_placelineage part WHERE part.former_id = line.place AND part.numerator < part.denominator)
  ) SELECT place FROM line ORDER BY step DESC LIMIT 1
$$;

-- Programmes in which a predecessor stands or answers for something now: what an execution takes into custody, one by one.
-- Of none before every predecessor has signed: until then a plan is what somebody else wrote down.
CREATE FUNCTION handover_reorganised_programmes(asked bigint) RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(array_agg(DISTINCT found.programme_id ORDER BY found.programme_id), '{}') FROM (
    SELECT s.programme_id FROM public.handover_standing s
      JOIN public.handover_reorganisationparty p ON p.party_id = s.organisation_id AND p.side = 'predecessor'
     WHERE p.reorganisation_id = asked AND s.valid @> public.handover_now()
    UNION SELECT t.programme_id FROM public.handover_tenure t
      JOIN public.handover_reorganisationparty p ON p.party_id = t.organisation_id AND p.side = 'predecessor'
     WHERE p.reorganisation_id = asked AND (upper_inf(t.valid) OR upper(t.valid) > public.handover_now()::date)
  ) AS found
   WHERE asked = ANY (public.my_reorganisations())
     AND NOT EXISTS (
       SELECT FROM public.handover_reorganisationparty p
        WHERE p.reorganisation_id = asked AND p.side = 'predecessor' AND NOT EXISTS (
          SELECT FROM public.handover_reorganisationsignoff s
           WHERE s.reorganisation_id = asked AND s.party_id = p.party_id))
$$;
REVOKE EXECUTE ON FUNCTION handover_reorganised_programmes(bigint), handover_heirs(bigint), handover_forebears(bigint)
  FROM PUBLIC;

DO $$
DECLARE
  web text := current_setting('handover.web_role');
  mine text := '= ANY ((SELECT public.my_reorganisations())::bigint[])';
  done text := '= ANY ((SELECT public.executed_reorganisations())::bigint[])';
  own text := '= ANY ((SELECT public.my_organisations())::bigint[])';
  name text;
BEGIN
  EXECUTE format('GRANT EXECUTE ON FUNCTION handover_reorganised_programmes(bigint), handover_heirs(bigint),'
                 ' handover_forebears(bigint) TO %I', web);
  FOREACH name IN ARRAY ARRAY['handover_reorganisation', 'handover_reorganisationparty', 'handover_reorganisationpart',
                              'handover_reorganisationsignoff'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY own ON %I TO %I USING (true) WITH CHECK (true)', name, current_user);
  END LOOP;
  -- What was executed is a public fact; what is planned is its parties'.
  EXECUTE format('CREATE POLICY see ON handover_reorganisation FOR SELECT TO %I USING (opened_by_id %s OR id %s OR id %s)',
                 web, own, mine, done);
  EXECUTE format('CREATE POLICY add ON handover_reorganisation FOR INSERT TO %I WITH CHECK (opened_by_id %s)', web, own);
  EXECUTE format('CREATE POLICY change ON handover_reorganisation FOR UPDATE TO %I USING (id %s) WITH CHECK (id %s)',
                 web, mine, mine);
  EXECUTE format('CREATE POLICY see ON handover_reorganisationparty FOR SELECT TO %I'
                 ' USING (reorganisation_id %s OR reorganisation_id %s)', web, mine, done);
  EXECUTE format('CREATE POLICY add ON handover_reorganisationparty FOR INSERT TO %I WITH CHECK (reorganisation_id %s)',
                 web, mine);
  -- A part is stated by its predecessor alone, and read by every party.
  EXECUTE format('CREATE POLICY see ON handover_reorganisationpart FOR SELECT TO %I USING (reorganisation_id %s)', web, mine);
  EXECUTE format('CREATE POLICY add ON handover_reorganisationpart FOR INSERT TO %I WITH CHECK'
                 ' (reorganisation_id %s AND predecessor_id %s)', web, mine, own);
  EXECUTE format('CREATE POLICY change ON handover_reorganisationpart FOR UPDATE TO %I'
                 ' USING (reorganisation_id %s AND predecessor_id %s) WITH CHECK (reorganisation_id %s AND predecessor_id %s)',
                 web, mine, own, mine, own);
  EXECUTE format('CREATE POLICY see ON handover_reorganisationsignoff FOR SELECT TO %I USING (reorganisation_id %s)', web, mine);
  EXECUTE format('CREATE POLICY add ON handover_reorganisationsignoff FOR INSERT TO %I WITH CHECK'
                 ' (reorganisation_id %s AND party_id %s)', web, mine, own);
END $$;

SELECT handover_insert_only(name::regclass)
  FROM unnest(ARRAY['handover_reorganisationsignoff', 'handover_placelineage']) AS name;

-- What was executed or withdrawn stays as it is.
CREATE FUNCTION handover_reorganisation_over() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF OLD.state <> 'open' THEN
    RAISE EXCEPTION 'a reorganisation that is over stays as it is' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION handover_reorganisation_over() FROM PUBLIC;
CREATE TRIGGER over BEFORE UPDATE ON handover_reorganisation
  FOR EACH ROW EXECUTE FUNCTION handover_reorganisation_over();
"""


class Migration(migrations.Migration):
    """Not reversible: a wall is not taken down by going back one migration."""

    dependencies = [
        ("handover", "0019_audits"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reorganisation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("title", models.CharField(max_length=300)),
                (
                    "legal_act",
                    models.CharField(help_text="Kind, number and date of the act.", max_length=300),
                ),
                ("effective_on", models.DateField(help_text="The first day on which the successors answer.")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "being planned"),
                            ("executed", "executed"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="open",
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("places", models.JSONField(blank=True, default=list)),
                ("executed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "digest",
                    models.CharField(
                        blank=True, editable=False, help_text="Of the plan as executed.", max_length=64
                    ),
                ),
                ("proof", models.TextField(blank=True, editable=False, help_text="RFC 8785 text.")),
                ("proof_digest", models.CharField(blank=True, editable=False, max_length=64)),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ReorganisationPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("plan", models.JSONField()),
                ("stated_by_name", models.CharField(editable=False, max_length=200)),
                ("stated_at", models.DateTimeField(editable=False)),
                (
                    "predecessor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
                (
                    "reorganisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="handover.reorganisation",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ReorganisationParty",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "side",
                    models.CharField(
                        choices=[
                            ("predecessor", "answered before"),
                            ("successor", "answers after"),
                            ("heard", "is asked and decides nothing"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
                (
                    "reorganisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parties",
                        to="handover.reorganisation",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ReorganisationSignOff",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("signatory", models.CharField(max_length=200)),
                (
                    "decision",
                    models.CharField(
                        choices=[
                            ("agrees", "agrees"),
                            ("agrees_with_dissent", "goes along, with a dissent on record"),
                            ("objects", "objects"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "remark",
                    models.TextField(
                        blank=True, help_text="The dissent or the objection, in the signatory's words."
                    ),
                ),
                ("digest", models.CharField(help_text="SHA-256 of the plan that was signed.", max_length=64)),
                ("signed_at", models.DateTimeField()),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
                (
                    "reorganisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signoffs",
                        to="handover.reorganisation",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="PlaceLineage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("on", models.DateField()),
                ("numerator", models.PositiveBigIntegerField(help_text="Of the share that went there.")),
                ("denominator", models.PositiveBigIntegerField()),
                ("source", models.CharField(help_text="The act, or whoever says so.", max_length=300)),
                (
                    "former",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="successions",
                        to="handover.place",
                    ),
                ),
                (
                    "successor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="origins",
                        to="handover.place",
                    ),
                ),
            ],
            options={
                "ordering": ("on", "id"),
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("former", "successor", "on"), name="handover_placelineage_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("numerator__gt", 0), ("numerator__lte", models.F("denominator"))),
                        name="handover_placelineage_share",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("former", models.F("successor")), _negated=True),
                            ("numerator__lt", models.F("denominator")),
                            _connector="OR",
                        ),
                        name="handover_placelineage_elsewhere",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="reorganisation",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "executed", "withdrawn"])),
                name="handover_reorganisation_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="reorganisation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("executed_at__isnull", False), ("state", "executed")),
                    models.Q(models.Q(("state", "executed"), _negated=True), ("executed_at__isnull", True)),
                    _connector="OR",
                ),
                name="handover_reorganisation_executed",
            ),
        ),
        migrations.AddConstraint(
            model_name="reorganisationpart",
            constraint=models.UniqueConstraint(
                fields=("reorganisation", "predecessor"), name="handover_reorganisationpart_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="reorganisationparty",
            constraint=models.UniqueConstraint(
                fields=("reorganisation", "party", "side"), name="handover_reorganisationparty_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="reorganisationparty",
            constraint=models.CheckConstraint(
                condition=models.Q(("side__in", ["predecessor", "successor", "heard"])),
                name="handover_reorganisationparty_side",
            ),
        ),
        migrations.AddConstraint(
            model_name="reorganisationsignoff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decision", "agrees"), models.Q(("remark", ""), _negated=True), _connector="OR"
                ),
                name="handover_reorganisationsignoff_remark",
            ),
        ),
        migrations.RunSQL(WALLS),
    ]
