"""Audits: engagements, requests, samples, findings and looks; with walls that let an auditor write these, and these alone."""

from __future__ import annotations

import uuid

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

WALLS = r"""
SELECT handover_wall(name::regclass, 'programme') FROM unnest(ARRAY[
  'handover_auditengagement', 'handover_auditgrant', 'handover_auditrequest', 'handover_auditsample',
  'handover_auditfinding', 'handover_auditlook']) AS name;

SELECT handover_bind(child::regclass, col, parent::regclass) FROM (VALUES
  ('handover_auditgrant', 'engagement_id', 'handover_auditengagement'),
  ('handover_auditgrant', 'grant_id', 'handover_grant'),
  ('handover_auditrequest', 'engagement_id', 'handover_auditengagement'),
  ('handover_auditsample', 'engagement_id', 'handover_auditengagement'),
  ('handover_auditfinding', 'engagement_id', 'handover_auditengagement'),
  ('handover_auditlook', 'engagement_id', 'handover_auditengagement')
) AS bound (child, col, parent);

SELECT handover_insert_only('handover_auditlook');
SELECT handover_notes_edits(name::regclass) FROM unnest(ARRAY[
  'handover_auditengagement', 'handover_auditrequest', 'handover_auditsample', 'handover_auditfinding']) AS name;
"""

AUDITED = r"""
-- Programmes that my organisation audits now. A definer function: it reads the standings past the wall built upon them.
CREATE FUNCTION audited_programmes() RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(array_agg(DISTINCT s.programme_id), '{}') FROM public.handover_standing s
   WHERE s.organisation_id = ANY (public.my_organisations()) AND s.kind = 'auditor'
     AND s.valid @> public.handover_now()
$$;

-- An auditor adds to the audit and changes it, and removes nothing. Looks are only added: a trigger and a right see to it.
DO $$
DECLARE
  web text := current_setting('handover.web_role');
  mine text := 'programme_id = ANY ((SELECT public.audited_programmes())::bigint[])';
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['handover_auditrequest', 'handover_auditsample', 'handover_auditfinding',
                              'handover_auditlook'] LOOP
    EXECUTE format('CREATE POLICY audit_add ON %I FOR INSERT TO %I WITH CHECK (%s)', name, web, mine);
    EXECUTE format('CREATE POLICY audit_change ON %I FOR UPDATE TO %I USING (%s) WITH CHECK (%s)', name, web, mine, mine);
  END LOOP;
  -- What an auditor does stands in the programme's chain; nothing else that they could say does.
  EXECUTE format('CREATE POLICY audit_add ON handover_ledgerentry FOR INSERT TO %I WITH CHECK ('
                 'programme_id = ANY ((SELECT public.audited_programmes())::bigint[])'
                 ' AND starts_with((body::jsonb ->> ''verb''), ''audit.''))', web);
END $$;
"""

STEPS = r"""
-- The steps of a sample come in one order, and none is taken back: hash of the seed, frozen frame, seed with its sample.
CREATE FUNCTION handover_sample_steps() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE'
     OR (NEW.engagement_id, NEW.population, NEW.method, NEW.size, NEW.sizes, NEW.commitment, NEW.committed_by_id,
         NEW.committed_at) IS DISTINCT FROM
        (OLD.engagement_id, OLD.population, OLD.method, OLD.size, OLD.sizes, OLD.commitment, OLD.committed_by_id,
         OLD.committed_at)
     OR (OLD.frozen_at IS NOT NULL AND (NEW.frozen_at, NEW.frame, NEW.frame_digest, NEW.currency)
         IS DISTINCT FROM (OLD.frozen_at, OLD.frame, OLD.frame_digest, OLD.currency))
     OR (OLD.revealed_at IS NOT NULL AND (NEW.revealed_at, NEW.seed, NEW.drawn)
         IS DISTINCT FROM (OLD.revealed_at, OLD.seed, OLD.drawn))
     OR (OLD.frozen_at IS NULL AND NEW.revealed_at IS NOT NULL) THEN
    RAISE EXCEPTION 'a step of a sample is not taken back' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.revealed_at IS NOT NULL AND encode(sha256(decode(NEW.seed, 'hex')), 'hex') <> NEW.commitment THEN
    RAISE EXCEPTION 'the seed is not the one whose hash was told' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION handover_sample_steps() FROM PUBLIC;
CREATE TRIGGER steps BEFORE UPDATE OR DELETE ON handover_auditsample
  FOR EACH ROW EXECUTE FUNCTION handover_sample_steps();
"""


class Migration(migrations.Migration):
    """Not reversible: a wall is not taken down by going back one migration."""

    dependencies = [
        ("handover", "0018_permission_history"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="programme",
            options={
                "default_permissions": (),
                "ordering": ("identifier",),
                "permissions": (
                    ("view", "Read everything that the programme holds, but for evidence that names people"),
                    ("export", "Take a copy of the programme out"),
                    ("read_ledger", "Read the ledger and verify it"),
                    ("edit_programme", "Change the programme's description, places, communities and grants"),
                    (
                        "manage_standings",
                        "Admit organisations to the programme and give single users exceptions",
                    ),
                    ("manage_responsibilities", "Define responsibilities"),
                    ("edit_needs", "Change the needs hierarchy"),
                    ("edit_interventions", "Change what is done"),
                    (
                        "record_voice",
                        "Record consultations, rankings, votes of the community and what was done about dissent",
                    ),
                    ("assess_readiness", "Score readiness for one's own side"),
                    ("publish_model", "Publish the programme's structure as a model that others may adopt"),
                    ("define_indicators", "Change definitions, baselines and targets"),
                    ("report_values", "Report and correct indicator values"),
                    ("approve_values", "Approve values that somebody else submitted, or return them"),
                    (
                        "report_owed",
                        "Report the results still owed after a handover, for the indicators that the plan names",
                    ),
                    ("plan_transfer", "Draw up, propose and revoke a transfer"),
                    ("answer_transfer", "Accept, refuse or return a transfer"),
                    ("add_evidence", "Add evidence to transfer milestones"),
                    ("sign", "Sign for the organisation"),
                    ("execute_transfer", "Execute an accepted transfer"),
                    ("open_audit", "Open an audit of a grant that one’s organisation funds"),
                    ("audit", "Keep the requests, samples and findings of an audit"),
                    ("answer_audit", "Answer the requests and findings of an audit"),
                ),
            },
        ),
        migrations.AlterField(
            model_name="grantmapping",
            name="permission",
            field=models.CharField(
                choices=[
                    ("view", "Read everything that the programme holds, but for evidence that names people"),
                    ("export", "Take a copy of the programme out"),
                    ("read_ledger", "Read the ledger and verify it"),
                    ("edit_programme", "Change the programme's description, places, communities and grants"),
                    (
                        "manage_standings",
                        "Admit organisations to the programme and give single users exceptions",
                    ),
                    ("manage_responsibilities", "Define responsibilities"),
                    ("edit_responsibility", "Change a responsibility and its registers"),
                    ("edit_needs", "Change the needs hierarchy"),
                    ("edit_interventions", "Change what is done"),
                    (
                        "record_voice",
                        "Record consultations, rankings, votes of the community and what was done about dissent",
                    ),
                    ("assess_readiness", "Score readiness for one's own side"),
                    ("publish_model", "Publish the programme's structure as a model that others may adopt"),
                    ("define_indicators", "Change definitions, baselines and targets"),
                    ("report_values", "Report and correct indicator values"),
                    ("approve_values", "Approve values that somebody else submitted, or return them"),
                    (
                        "report_owed",
                        "Report the results still owed after a handover, for the indicators that the plan names",
                    ),
                    ("plan_transfer", "Draw up, propose and revoke a transfer"),
                    ("answer_transfer", "Accept, refuse or return a transfer"),
                    ("add_evidence", "Add evidence to transfer milestones"),
                    ("sign", "Sign for the organisation"),
                    ("execute_transfer", "Execute an accepted transfer"),
                    ("open_audit", "Open an audit of a grant that one’s organisation funds"),
                    ("audit", "Keep the requests, samples and findings of an audit"),
                    ("answer_audit", "Answer the requests and findings of an audit"),
                ],
                max_length=40,
            ),
        ),
        migrations.CreateModel(
            name="AuditEngagement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("authority", "by the authority that a grant names"),
                            ("review", "voluntary review"),
                        ],
                        max_length=20,
                    ),
                ),
                ("reference", models.CharField(max_length=120)),
                ("title", models.CharField(max_length=300)),
                ("purpose", models.TextField()),
                ("legal_basis", models.CharField(blank=True, max_length=300)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("notice", models.TextField(blank=True, help_text="What the audited are told.")),
                ("withdrawn_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "auditor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="AuditFinding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("title", models.CharField(max_length=300)),
                (
                    "severity",
                    models.CharField(
                        choices=[
                            ("critical", "critical"),
                            ("high", "high"),
                            ("medium", "medium"),
                            ("low", "low"),
                        ],
                        max_length=10,
                    ),
                ),
                ("criterion", models.TextField()),
                ("condition", models.TextField()),
                ("cause", models.TextField(blank=True)),
                ("effect", models.TextField(blank=True)),
                (
                    "affected_amount",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True),
                ),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("irregularity", models.CharField(blank=True, help_text="Its type.", max_length=200)),
                (
                    "correction_rate",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True),
                ),
                (
                    "correction_amount",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True),
                ),
                (
                    "recovery",
                    models.CharField(
                        choices=[
                            ("none", "nothing to recover"),
                            ("ordered", "recovery ordered"),
                            ("partial", "partly recovered"),
                            ("recovered", "recovered"),
                            ("contested", "contested"),
                            ("waived", "waived"),
                        ],
                        default="none",
                        max_length=12,
                    ),
                ),
                ("recommendation", models.TextField(blank=True)),
                ("due_on", models.DateField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("shared", "shared"),
                            ("replied", "replied"),
                            ("followed_up", "followed up"),
                            ("closing", "closure proposed"),
                            ("closed", "closed"),
                        ],
                        default="draft",
                        editable=False,
                        max_length=12,
                    ),
                ),
                ("reply", models.TextField(blank=True, help_text="Of the audited side.")),
                ("replied_by_name", models.CharField(blank=True, editable=False, max_length=200)),
                ("replied_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("follow_up", models.TextField(blank=True)),
                ("closure_reason", models.TextField(blank=True)),
                ("closed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "closed_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "closure_proposed_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "debtor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
                (
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="handover.auditengagement",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="AuditGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scope",
                        to="handover.auditengagement",
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.grant"
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="AuditLook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("user_name", models.CharField(help_text="A copy: it outlives the account.", max_length=200)),
                ("what", models.CharField(max_length=300)),
                ("at", models.DateTimeField()),
                (
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="looks",
                        to="handover.auditengagement",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
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
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="AuditRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("title", models.CharField(max_length=300)),
                ("asked", models.TextField()),
                ("due_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("answered", "answered"),
                            ("returned", "returned"),
                            ("accepted", "accepted"),
                        ],
                        default="open",
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("answer", models.TextField(blank=True)),
                (
                    "evidence_uuids",
                    models.JSONField(blank=True, default=list, help_text="Evidence of this programme."),
                ),
                ("answered_by_name", models.CharField(blank=True, editable=False, max_length=200)),
                ("answered_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("remark", models.TextField(blank=True, help_text="Why an answer was returned.")),
                (
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="handover.auditengagement",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="AuditSample",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("title", models.CharField(max_length=300)),
                (
                    "population",
                    models.CharField(
                        choices=[
                            ("equipment", "equipment"),
                            ("posts", "posts"),
                            ("evidence", "evidence"),
                            ("budget_lines", "budget lines"),
                            ("values", "reported values"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("simple", "simple random"),
                            ("stratified", "stratified random"),
                            ("monetary", "by monetary units"),
                        ],
                        max_length=20,
                    ),
                ),
                ("size", models.PositiveIntegerField()),
                (
                    "sizes",
                    models.JSONField(
                        blank=True, default=dict, help_text="Of each stratum, where not in proportion."
                    ),
                ),
                (
                    "commitment",
                    models.CharField(help_text="SHA-256 of the seed, hexadecimal.", max_length=64),
                ),
                ("committed_at", models.DateTimeField(editable=False)),
                ("currency", models.CharField(blank=True, editable=False, max_length=3)),
                ("frame", models.JSONField(blank=True, default=list, editable=False)),
                ("frame_digest", models.CharField(blank=True, editable=False, max_length=64)),
                ("frozen_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "seed",
                    models.CharField(blank=True, editable=False, help_text="Hexadecimal.", max_length=200),
                ),
                ("drawn", models.JSONField(blank=True, default=list, editable=False)),
                ("revealed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "committed_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="samples",
                        to="handover.auditengagement",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.AddConstraint(
            model_name="auditengagement",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="handover_auditengagement_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditengagement",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="handover_auditengagement_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditengagement",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                name="handover_auditengagement_lasts",
            ),
        ),
        migrations.AddConstraint(
            model_name="auditfinding",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="handover_auditfinding_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditfinding",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="handover_auditfinding_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditfinding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "closed"), _negated=True),
                    models.Q(
                        ("closed_by__isnull", False),
                        ("closure_proposed_by__isnull", False),
                        models.Q(("closed_by", models.F("closure_proposed_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="handover_auditfinding_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="auditgrant",
            constraint=models.UniqueConstraint(fields=("uuid", "programme"), name="handover_auditgrant_uuid"),
        ),
        migrations.AddConstraint(
            model_name="auditgrant",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="handover_auditgrant_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditgrant",
            constraint=models.UniqueConstraint(
                fields=("engagement", "grant"), name="handover_auditgrant_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditlook",
            constraint=models.UniqueConstraint(fields=("uuid", "programme"), name="handover_auditlook_uuid"),
        ),
        migrations.AddConstraint(
            model_name="auditlook",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="handover_auditlook_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditrequest",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="handover_auditrequest_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditrequest",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="handover_auditrequest_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditsample",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="handover_auditsample_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditsample",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="handover_auditsample_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditsample",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("revealed_at__isnull", True), ("frozen_at__isnull", False), _connector="OR"
                ),
                name="handover_auditsample_order",
            ),
        ),
        migrations.RunSQL(WALLS),
        migrations.RunSQL(AUDITED),
        migrations.RunSQL(STEPS),
    ]
