"""The kernel's tables."""

from __future__ import annotations

import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChainHead",
            fields=[
                ("chain", models.UUIDField(primary_key=True, serialize=False)),
                ("seq", models.BigIntegerField()),
                ("hash", models.BinaryField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("size", models.BigIntegerField(help_text="Leaves in the log.", unique=True)),
                ("root", models.BinaryField(help_text="Root hash over all leaves.")),
                (
                    "frontier",
                    models.JSONField(help_text="Hexadecimal hashes of the complete subtrees, largest first."),
                ),
                ("made_at", models.DateTimeField()),
                (
                    "public_key",
                    models.BinaryField(help_text="Ed25519, 32 bytes; the note names its fingerprint."),
                ),
                ("note", models.TextField(help_text="RFC 8785 text that is signed.")),
                ("signature", models.BinaryField(help_text="Ed25519 over the note.")),
            ],
            options={
                "ordering": ("size",),
                "get_latest_by": "size",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="LogLeaf",
            fields=[
                (
                    "position",
                    models.BigIntegerField(help_text="Counts from 0.", primary_key=True, serialize=False),
                ),
                ("chain", models.UUIDField()),
                ("seq", models.BigIntegerField()),
                ("hash", models.BinaryField()),
            ],
            options={
                "ordering": ("position",),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("email", models.EmailField(help_text="Kept in lower case.", max_length=254, unique=True)),
                ("display_name", models.CharField(max_length=200)),
                ("language", models.CharField(default="en", max_length=5)),
                ("is_staff", models.BooleanField(default=False, help_text="May enter the operators' pages.")),
                ("is_active", models.BooleanField(default=True)),
                ("date_joined", models.DateTimeField(auto_now_add=True)),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "permissions": (("operate", "Operate the installation"),),
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                        name="handover_user_email_lower",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "chain_kind",
                    models.CharField(
                        choices=[
                            ("programme", "programme"),
                            ("organisation", "organisation"),
                            ("installation", "installation"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "chain",
                    models.UUIDField(
                        help_text="UUID of the programme or organisation; zeros for the installation."
                    ),
                ),
                ("programme_id", models.BigIntegerField(editable=False, null=True)),
                ("organisation_id", models.BigIntegerField(editable=False, null=True)),
                ("body", models.TextField()),
                ("seq", models.BigIntegerField(db_default=0, editable=False)),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "recorded_as",
                    models.CharField(
                        db_default="", editable=False, help_text="The database's own role.", max_length=63
                    ),
                ),
                ("previous", models.BinaryField(db_default=b"")),
                ("hash", models.BinaryField(db_default=b"")),
            ],
            options={
                "verbose_name_plural": "ledger entries",
                "ordering": ("chain", "seq"),
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("chain", "seq"), name="handover_ledger_order"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("chain_kind", "programme"),
                                ("organisation_id__isnull", True),
                                ("programme_id__isnull", False),
                            ),
                            models.Q(
                                ("chain_kind", "organisation"),
                                ("organisation_id__isnull", False),
                                ("programme_id__isnull", True),
                            ),
                            models.Q(
                                ("chain_kind", "installation"),
                                ("organisation_id__isnull", True),
                                ("programme_id__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="handover_ledger_chain",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Organisation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("slug", models.SlugField(max_length=80, unique=True)),
                ("name", models.CharField(max_length=300)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("ngo", "non-governmental organisation"),
                            ("municipality", "local public authority"),
                            ("donor", "donor or managing authority"),
                            ("audit_body", "audit body"),
                            ("community", "community organisation"),
                            ("public_institution", "other public institution"),
                        ],
                        max_length=20,
                    ),
                ),
                ("country", models.CharField(help_text="ISO 3166-1 alpha-2.", max_length=2)),
                (
                    "lau_code",
                    models.CharField(
                        blank=True, help_text="Local administrative unit, for authorities.", max_length=20
                    ),
                ),
                ("registration_number", models.CharField(blank=True, max_length=60)),
                ("iati_identifier", models.CharField(blank=True, max_length=120)),
                (
                    "iati_type",
                    models.CharField(blank=True, help_text="IATI code list OrganisationType.", max_length=3),
                ),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=3),
                        blank=True,
                        default=list,
                        help_text="ISO 639: two letters, or three (rom).",
                        size=None,
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bodies",
                        to="handover.organisation",
                    ),
                ),
            ],
            options={
                "ordering": ("slug",),
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "ngo",
                                    "municipality",
                                    "donor",
                                    "audit_body",
                                    "community",
                                    "public_institution",
                                ],
                            )
                        ),
                        name="handover_organisation_kind",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Place",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("lau", "local administrative unit"), ("settlement", "named settlement")],
                        default="lau",
                        max_length=10,
                    ),
                ),
                ("country", models.CharField(max_length=2)),
                ("nuts3", models.CharField(blank=True, max_length=5)),
                ("code", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=200)),
                ("name_latin", models.CharField(blank=True, max_length=200)),
                ("population", models.PositiveIntegerField(blank=True, null=True)),
                ("area", models.PositiveBigIntegerField(blank=True, null=True)),
                ("source", models.CharField(blank=True, max_length=200)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settlements",
                        to="handover.place",
                    ),
                ),
            ],
            options={
                "ordering": ("country", "code"),
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("country", "code"), name="handover_place_code"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "lau"), ("parent__isnull", True)),
                            models.Q(("kind", "settlement"), ("parent__isnull", False)),
                            _connector="OR",
                        ),
                        name="handover_place_parent",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("manager", "Manager: plans, answers and signs for the organisation"),
                            ("officer", "Officer: keeps the programme's substance up to date"),
                            ("reporter", "Reporter: reports indicator values"),
                            (
                                "community_representative",
                                "Community representative: signs and dissents for the community",
                            ),
                            ("auditor", "Auditor: reads and verifies"),
                            ("viewer", "Viewer: reads"),
                        ],
                        max_length=30,
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="handover.organisation",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "organisation", "role"), name="handover_membership_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__isnull", True),
                            ("ends_at__gte", models.F("starts_at")),
                            _connector="OR",
                        ),
                        name="handover_membership_dates",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "role__in",
                                [
                                    "manager",
                                    "officer",
                                    "reporter",
                                    "community_representative",
                                    "auditor",
                                    "viewer",
                                ],
                            )
                        ),
                        name="handover_membership_role",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LegalRepresentative",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "capacity",
                    models.CharField(help_text="For example: mayor, president of the board.", max_length=200),
                ),
                (
                    "mandate_act",
                    models.CharField(
                        help_text="The act that gives the mandate: kind, number, date.", max_length=300
                    ),
                ),
                ("valid_from", models.DateField()),
                (
                    "valid_to",
                    models.DateField(
                        blank=True, help_text="Last day of the mandate; empty while it lasts.", null=True
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="representatives",
                        to="handover.organisation",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to__isnull", True),
                            ("valid_to__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="handover_representative_dates",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Programme",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "identifier",
                    models.CharField(
                        editable=False, help_text="IATI activity identifier; never changes.", max_length=200
                    ),
                ),
                ("title", models.JSONField(default=list, help_text="Narratives.")),
                ("description", models.JSONField(blank=True, default=list, help_text="Narratives.")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("active", "run by the organisation that started it"),
                            ("handed_over", "carried on by its receiver"),
                            ("closed", "closed"),
                        ],
                        default="active",
                        max_length=20,
                    ),
                ),
                ("starts_on", models.DateField(blank=True, null=True)),
                ("ends_on", models.DateField(blank=True, null=True)),
                ("created_at", models.DateTimeField(editable=False)),
                (
                    "steward",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
            ],
            options={
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
                    ("define_indicators", "Change definitions, baselines and targets"),
                    ("report_values", "Report and correct indicator values"),
                    (
                        "report_owed",
                        "Report the results still owed after a handover, for the indicators that the plan names",
                    ),
                    ("plan_transfer", "Draw up, propose and revoke a transfer"),
                    ("answer_transfer", "Accept, refuse or return a transfer"),
                    ("add_evidence", "Add evidence to transfer milestones"),
                    ("sign", "Sign for the organisation"),
                    ("execute_transfer", "Execute an accepted transfer"),
                ),
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("steward", "identifier"), name="handover_programme_identifier"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("starts_on__isnull", True),
                            ("ends_on__isnull", True),
                            ("ends_on__gte", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="handover_programme_dates",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["active", "handed_over", "closed"])),
                        name="handover_programme_status",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RoleGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("manager", "Manager: plans, answers and signs for the organisation"),
                            ("officer", "Officer: keeps the programme's substance up to date"),
                            ("reporter", "Reporter: reports indicator values"),
                            (
                                "community_representative",
                                "Community representative: signs and dissents for the community",
                            ),
                            ("auditor", "Auditor: reads and verifies"),
                            ("viewer", "Viewer: reads"),
                        ],
                        max_length=30,
                    ),
                ),
                (
                    "group",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="role_group",
                        to="auth.group",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="role_groups",
                        to="handover.organisation",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "role"), name="handover_rolegroup_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Grant",
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
                ("agreement_number", models.CharField(max_length=120)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("amount", models.DecimalField(decimal_places=2, max_digits=18)),
                ("currency", models.CharField(max_length=3)),
                ("final_payment_on", models.DateField(blank=True, null=True)),
                (
                    "equipment_threshold",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="Items that cost more need proof of transfer; each grant has its own threshold.",
                        max_digits=14,
                        null=True,
                    ),
                ),
                ("equipment_conditions", models.TextField(blank=True)),
                (
                    "donor_consent_required",
                    models.BooleanField(default=False, help_text="The donor must consent to the transfer."),
                ),
                (
                    "donor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
                (
                    "lead",
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
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_grant_uuid"),
                    models.UniqueConstraint(fields=("id", "programme"), name="handover_grant_in_programme"),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="handover_grant_dates",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LegalAct",
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
                            ("council_decision", "council decision"),
                            ("mayors_order", "mayor's order"),
                            ("contract", "contract"),
                            ("lease", "lease"),
                            ("licence", "licence"),
                        ],
                        max_length=20,
                    ),
                ),
                ("number", models.CharField(max_length=60)),
                ("title", models.CharField(blank=True, max_length=300)),
                ("dated", models.DateField()),
                ("in_force_from", models.DateField(blank=True, null=True)),
                ("in_force_to", models.DateField(blank=True, null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("adopted", "adopted"),
                            ("in_force", "in force"),
                            ("suspended", "suspended"),
                            ("amended", "amended"),
                            ("repealed", "repealed"),
                            ("annulled", "annulled"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                (
                    "issuer",
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
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_legalact_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_legalact_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "draft",
                                    "adopted",
                                    "in_force",
                                    "suspended",
                                    "amended",
                                    "repealed",
                                    "annulled",
                                ],
                            )
                        ),
                        name="handover_legalact_status",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Community",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("name", models.CharField(max_length=200)),
                ("estimated_people", models.PositiveIntegerField(blank=True, null=True)),
                ("source", models.CharField(blank=True, max_length=300)),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.place"
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
                "verbose_name_plural": "communities",
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_community_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_community_in_programme"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProgrammeGroupGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                (
                    "content_object",
                    models.ForeignKey(
                        db_column="programme_id",
                        on_delete=django.db.models.deletion.PROTECT,
                        to="handover.programme",
                    ),
                ),
                ("group", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="auth.group")),
                (
                    "permission",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="auth.permission"),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ProgrammePlace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.place"
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="handover_programmeplace_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_programmeplace_in_programme"
                    ),
                    models.UniqueConstraint(
                        fields=("programme", "place"), name="handover_programmeplace_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProgrammeUserGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                (
                    "content_object",
                    models.ForeignKey(
                        db_column="programme_id",
                        on_delete=django.db.models.deletion.PROTECT,
                        to="handover.programme",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
                (
                    "permission",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="auth.permission"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Responsibility",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("service", "service"),
                            ("posts", "posts and people"),
                            ("equipment", "equipment"),
                            ("premises", "premises"),
                            ("contract", "contract or lease"),
                            ("licence", "licence or accreditation"),
                            ("budget_line", "budget line"),
                            ("data_and_records", "control of data, records and archive"),
                            ("reporting", "reporting"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("programme", "programme"),
                            ("intervention", "intervention"),
                            ("place", "place"),
                        ],
                        default="programme",
                        max_length=20,
                    ),
                ),
                ("intervention_uuid", models.UUIDField(blank=True, null=True)),
                (
                    "phase",
                    models.CharField(
                        choices=[
                            ("phase_down", "phase-down"),
                            ("phase_over", "phase-over"),
                            ("phase_out", "phase-out"),
                        ],
                        default="phase_over",
                        max_length=20,
                    ),
                ),
                ("description", models.TextField(blank=True)),
                (
                    "place",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.place",
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
                "verbose_name_plural": "responsibilities",
                "ordering": ("id",),
                "permissions": (
                    ("edit_responsibility", "Change a responsibility and its registers"),
                    ("edit_interventions", "Change what is done"),
                    ("define_indicators", "Change definitions, baselines and targets"),
                    ("report_values", "Report and correct indicator values"),
                ),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="handover_responsibility_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_responsibility_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("intervention_uuid__isnull", True),
                                ("place__isnull", True),
                                ("scope", "programme"),
                            ),
                            models.Q(
                                ("intervention_uuid__isnull", True),
                                ("place__isnull", False),
                                ("scope", "place"),
                            ),
                            models.Q(("intervention_uuid__isnull", False), ("scope", "intervention")),
                            _connector="OR",
                        ),
                        name="handover_responsibility_scope",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Standing",
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
                            ("steward", "Steward: answers for the programme"),
                            ("receiver", "Receiver of an open transfer"),
                            ("partner", "Partner: holds some of its responsibilities or helps to"),
                            ("donor", "Donor or managing authority"),
                            ("community", "Community whom the programme serves"),
                            ("auditor", "Auditor, for a time"),
                            (
                                "former_steward",
                                "Former steward: reads up to the cut-off, and reports what it still owes",
                            ),
                        ],
                        max_length=20,
                    ),
                ),
                ("valid", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ("writes", models.BooleanField()),
                ("cutoff", models.DateTimeField(blank=True, null=True)),
                (
                    "transfer_uuid",
                    models.UUIDField(
                        blank=True, help_text="The transfer that gave it, if one did.", null=True
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="standings",
                        to="handover.organisation",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="standings",
                        to="handover.programme",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["organisation", "programme"], name="handover_standing_reach")
                ],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("kind", "steward")),
                        expressions=[
                            (
                                models.Func(
                                    models.F("programme"),
                                    models.F("programme"),
                                    models.Value("[]"),
                                    function="int8range",
                                ),
                                "&&",
                            ),
                            ("valid", "&&"),
                        ],
                        name="handover_standing_one_steward",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "steward",
                                    "receiver",
                                    "partner",
                                    "donor",
                                    "community",
                                    "auditor",
                                    "former_steward",
                                ],
                            )
                        ),
                        name="handover_standing_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valid__isempty", False)), name="handover_standing_lasts"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StoredFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.PositiveBigIntegerField(help_text="Bytes.")),
                ("media_type", models.CharField(max_length=120)),
                ("erased_at", models.DateTimeField(blank=True, null=True)),
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
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_storedfile_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_storedfile_in_programme"
                    ),
                    models.UniqueConstraint(fields=("programme", "sha256"), name="handover_file_digest"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Transfer",
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
                    "lead",
                    models.BooleanField(
                        default=False, help_text="The receiver becomes the programme's steward."
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "being drawn up"),
                            ("proposed", "proposed to the receiver"),
                            ("returned", "returned with comments"),
                            ("accepted", "accepted; milestones under way"),
                            ("refused", "refused"),
                            ("revoked", "revoked"),
                            ("executed", "executed"),
                            ("given_back", "given back"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                (
                    "comment",
                    models.TextField(
                        blank=True, help_text="What the receiver said when it returned or refused the plan."
                    ),
                ),
                (
                    "give_back_days",
                    models.PositiveSmallIntegerField(
                        default=180, help_text="Days after execution to give back."
                    ),
                ),
                (
                    "retention_until",
                    models.DateField(
                        help_text="The giver's own last retention date: it reads and exports until then."
                    ),
                ),
                (
                    "plan_digest",
                    models.CharField(blank=True, help_text="SHA-256 of the plan as proposed.", max_length=64),
                ),
                ("executed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "execution_key",
                    models.CharField(
                        blank=True, help_text="Idempotency key of the execution.", max_length=80
                    ),
                ),
                (
                    "giver",
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
                (
                    "receiver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversal",
                        to="handover.transfer",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_transfer_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_transfer_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("giver", models.F("receiver")), _negated=True),
                        name="handover_transfer_two_sides",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "draft",
                                    "proposed",
                                    "returned",
                                    "accepted",
                                    "refused",
                                    "revoked",
                                    "executed",
                                    "given_back",
                                ],
                            )
                        ),
                        name="handover_transfer_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("executed_at__isnull", False), ("state__in", ["executed", "given_back"])
                            ),
                            models.Q(
                                models.Q(("state__in", ["executed", "given_back"]), _negated=True),
                                ("executed_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="handover_transfer_executed_at",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("lead", True),
                            ("reverses__isnull", True),
                            ("state__in", ["accepted", "draft", "proposed", "returned"]),
                        ),
                        fields=("programme",),
                        name="handover_transfer_one_lead",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GrantPartner",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="partners",
                        to="handover.grant",
                    ),
                ),
                (
                    "organisation",
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
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_grantpartner_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_grantpartner_in_programme"
                    ),
                    models.UniqueConstraint(
                        fields=("grant", "organisation"), name="handover_grantpartner_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Post",
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
                ("fte", models.DecimalField(decimal_places=2, max_digits=4)),
                (
                    "funded_by",
                    models.CharField(
                        choices=[("grant", "grant"), ("municipality", "municipality")], max_length=20
                    ),
                ),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(blank=True, null=True)),
                (
                    "legal_act",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.legalact",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
                (
                    "responsibility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.responsibility",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_post_uuid"),
                    models.UniqueConstraint(fields=("id", "programme"), name="handover_post_in_programme"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Licence",
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
                ("authority", models.CharField(max_length=200)),
                ("number", models.CharField(max_length=120)),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(blank=True, null=True)),
                (
                    "legal_act",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.legalact",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
                (
                    "responsibility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.responsibility",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_licence_uuid"),
                    models.UniqueConstraint(fields=("id", "programme"), name="handover_licence_in_programme"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Equipment",
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
                ("serial", models.CharField(blank=True, max_length=120)),
                ("acquired_on", models.DateField()),
                ("cost", models.DecimalField(decimal_places=2, max_digits=14)),
                ("currency", models.CharField(max_length=3)),
                ("condition", models.CharField(blank=True, max_length=60)),
                (
                    "legal_act",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.legalact",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
                (
                    "responsibility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.responsibility",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "equipment",
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_equipment_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_equipment_in_programme"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Contract",
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
                ("counterparty", models.CharField(max_length=200)),
                ("number", models.CharField(max_length=120)),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(blank=True, null=True)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                ("currency", models.CharField(max_length=3)),
                (
                    "legal_act",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.legalact",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
                (
                    "responsibility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.responsibility",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_contract_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_contract_in_programme"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BudgetLine",
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
                ("year", models.PositiveSmallIntegerField()),
                (
                    "source",
                    models.CharField(
                        choices=[("grant", "grant"), ("municipality", "municipality")], max_length=20
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                ("currency", models.CharField(max_length=3)),
                (
                    "legal_act",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.legalact",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
                (
                    "responsibility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.responsibility",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_budgetline_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_budgetline_in_programme"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ResponsibilityGroupGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                (
                    "content_object",
                    models.ForeignKey(
                        db_column="responsibility_id",
                        on_delete=django.db.models.deletion.PROTECT,
                        to="handover.responsibility",
                    ),
                ),
                ("group", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="auth.group")),
                (
                    "permission",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="auth.permission"),
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
            name="ResponsibilityUserGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                (
                    "content_object",
                    models.ForeignKey(
                        db_column="responsibility_id",
                        on_delete=django.db.models.deletion.PROTECT,
                        to="handover.responsibility",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
                (
                    "permission",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="auth.permission"),
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
                        on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Tenure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "capacity",
                    models.CharField(
                        choices=[
                            ("holder", "answers for it"),
                            ("provider", "delivers it"),
                            ("debtor", "stays answerable to the donor for it"),
                        ],
                        max_length=10,
                    ),
                ),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "transfer_uuid",
                    models.UUIDField(
                        blank=True, help_text="The transfer that began it, if one did.", null=True
                    ),
                ),
                (
                    "organisation",
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
                (
                    "responsibility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tenures",
                        to="handover.responsibility",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_tenure_uuid"),
                    models.UniqueConstraint(fields=("id", "programme"), name="handover_tenure_in_programme"),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("capacity", "holder")),
                        expressions=[
                            (
                                models.Func(
                                    models.F("responsibility"),
                                    models.F("responsibility"),
                                    models.Value("[]"),
                                    function="int8range",
                                ),
                                "&&",
                            ),
                            ("valid", "&&"),
                        ],
                        name="handover_tenure_one_holder",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("capacity", "provider")),
                        expressions=[
                            (
                                models.Func(
                                    models.F("responsibility"),
                                    models.F("responsibility"),
                                    models.Value("[]"),
                                    function="int8range",
                                ),
                                "&&",
                            ),
                            ("valid", "&&"),
                        ],
                        name="handover_tenure_one_provider",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("capacity", "debtor")),
                        expressions=[
                            (
                                models.Func(
                                    models.F("responsibility"),
                                    models.F("responsibility"),
                                    models.Value("[]"),
                                    function="int8range",
                                ),
                                "&&",
                            ),
                            ("valid", "&&"),
                        ],
                        name="handover_tenure_one_debtor",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("capacity__in", ["holder", "provider", "debtor"])),
                        name="handover_tenure_capacity",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valid__isempty", False)), name="handover_tenure_lasts"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Proof",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("made_at", models.DateTimeField()),
                ("body", models.TextField()),
                ("digest", models.CharField(max_length=64)),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
                (
                    "transfer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proof",
                        to="handover.transfer",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_proof_uuid"),
                    models.UniqueConstraint(fields=("id", "programme"), name="handover_proof_in_programme"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Preview",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("made_at", models.DateTimeField()),
                ("body", models.TextField()),
                ("digest", models.CharField(max_length=64)),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="previews",
                        to="handover.transfer",
                    ),
                ),
            ],
            options={
                "get_latest_by": "id",
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_preview_uuid"),
                    models.UniqueConstraint(fields=("id", "programme"), name="handover_preview_in_programme"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Keep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("read_and_export", "reads and exports everything up to the cut-off"),
                            ("owed_results", "reports the results that it owes"),
                        ],
                        max_length=20,
                    ),
                ),
                ("until", models.DateField(help_text="The last day.")),
                (
                    "indicator_uuids",
                    models.JSONField(blank=True, default=list, help_text="For owed results: the indicators."),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="keeps",
                        to="handover.transfer",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_keep_uuid"),
                    models.UniqueConstraint(fields=("id", "programme"), name="handover_keep_in_programme"),
                    models.UniqueConstraint(fields=("transfer", "kind"), name="handover_keep_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="GrantMapping",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "grant_key",
                    models.CharField(
                        help_text="Names the exception: object, user and permission.", max_length=80
                    ),
                ),
                (
                    "permission",
                    models.CharField(
                        choices=[
                            (
                                "view",
                                "Read everything that the programme holds, but for evidence that names people",
                            ),
                            ("export", "Take a copy of the programme out"),
                            ("read_ledger", "Read the ledger and verify it"),
                            (
                                "edit_programme",
                                "Change the programme's description, places, communities and grants",
                            ),
                            (
                                "manage_standings",
                                "Admit organisations to the programme and give single users exceptions",
                            ),
                            ("manage_responsibilities", "Define responsibilities"),
                            ("edit_responsibility", "Change a responsibility and its registers"),
                            ("edit_needs", "Change the needs hierarchy"),
                            ("edit_interventions", "Change what is done"),
                            ("define_indicators", "Change definitions, baselines and targets"),
                            ("report_values", "Report and correct indicator values"),
                            (
                                "report_owed",
                                "Report the results still owed after a handover, for the indicators that the plan names",
                            ),
                            ("plan_transfer", "Draw up, propose and revoke a transfer"),
                            ("answer_transfer", "Accept, refuse or return a transfer"),
                            ("add_evidence", "Add evidence to transfer milestones"),
                            ("sign", "Sign for the organisation"),
                            ("execute_transfer", "Execute an accepted transfer"),
                        ],
                        max_length=40,
                    ),
                ),
                (
                    "to_user",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: the exception is lost.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mappings",
                        to="handover.transfer",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_grantmapping_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_grantmapping_in_programme"
                    ),
                    models.UniqueConstraint(
                        fields=("transfer", "grant_key"), name="handover_grantmapping_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AnnexLine",
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
                            ("equipment", "equipment"),
                            ("posts", "posts"),
                            ("budget", "budget"),
                            ("indicators", "indicators"),
                            ("open_points", "open points"),
                        ],
                        max_length=20,
                    ),
                ),
                ("text", models.TextField()),
                (
                    "subject_uuid",
                    models.UUIDField(
                        blank=True, help_text="The register line or indicator that it lists.", null=True
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        choices=[
                            ("open", "not answered yet"),
                            ("accepted", "accepted"),
                            ("reserved", "accepted with reservation"),
                            ("refused", "refused"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("reservation", models.TextField(blank=True)),
                ("deadline", models.DateField(blank=True, null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
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
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="annex",
                        to="handover.transfer",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_annexline_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_annexline_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decision", "reserved"), _negated=True),
                            models.Q(
                                ("deadline__isnull", False),
                                ("owner__isnull", False),
                                models.Q(("reservation", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="handover_annex_reservation",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TransferMilestone",
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
                            ("donor_consent", "donor's consent"),
                            ("council_decision", "council decision"),
                            ("budget_line_adopted", "budget line adopted"),
                            ("post_advertised", "post advertised"),
                            ("post_filled", "post filled"),
                            ("licence_obtained", "licence obtained"),
                            ("contract_novated", "contract novated"),
                            ("inventory_counted", "inventory counted"),
                            ("training_completed", "training completed"),
                            ("co_delivery", "co-delivery"),
                            ("equipment_handed_over", "equipment handed over"),
                            ("disclosure_record", "controller-to-controller disclosure record"),
                            ("records_delivered", "records delivered"),
                            ("community_validation", "community's validation"),
                            ("handover_protocol", "handover protocol"),
                        ],
                        max_length=30,
                    ),
                ),
                ("title", models.CharField(max_length=300)),
                ("due_on", models.DateField()),
                ("evidence_required", models.BooleanField(default=True)),
                (
                    "signs",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("giver", "giver"),
                                ("receiver", "receiver"),
                                ("community", "community"),
                                ("donor", "donor"),
                            ],
                            max_length=10,
                        ),
                        help_text="The sides that must sign.",
                        size=None,
                    ),
                ),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                (
                    "legal_act",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.legalact",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="milestones",
                        to="handover.transfer",
                    ),
                ),
            ],
            options={
                "ordering": ("due_on", "id"),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="handover_transfermilestone_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_transfermilestone_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "donor_consent",
                                    "council_decision",
                                    "budget_line_adopted",
                                    "post_advertised",
                                    "post_filled",
                                    "licence_obtained",
                                    "contract_novated",
                                    "inventory_counted",
                                    "training_completed",
                                    "co_delivery",
                                    "equipment_handed_over",
                                    "disclosure_record",
                                    "records_delivered",
                                    "community_validation",
                                    "handover_protocol",
                                ],
                            )
                        ),
                        name="handover_milestone_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("title", models.CharField(max_length=300)),
                ("filename", models.CharField(blank=True, max_length=255)),
                ("link", models.URLField(blank=True, max_length=1000)),
                ("names_people", models.BooleanField()),
                (
                    "erase_after",
                    models.DateField(blank=True, help_text="Required where it names people.", null=True),
                ),
                (
                    "added_by_name",
                    models.CharField(help_text="A copy: it outlives the account.", max_length=200),
                ),
                ("added_at", models.DateTimeField()),
                (
                    "added_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
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
                (
                    "file",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.storedfile",
                    ),
                ),
                (
                    "milestone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="handover.transfermilestone",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "evidence",
                "ordering": ("id",),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_evidence_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_evidence_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("file__isnull", False), ("link", "")),
                            models.Q(("file__isnull", True), models.Q(("link", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="handover_evidence_file_or_link",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("names_people", False),
                            models.Q(("erase_after__isnull", False), ("file__isnull", False)),
                            _connector="OR",
                        ),
                        name="handover_evidence_erasure",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SignOff",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "subject",
                    models.CharField(
                        choices=[
                            ("plan", "the plan"),
                            ("milestone", "a transfer milestone"),
                            ("proof", "the continuity proof"),
                            ("give_back", "giving back"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[
                            ("giver", "giver"),
                            ("receiver", "receiver"),
                            ("community", "community"),
                            ("donor", "donor"),
                        ],
                        max_length=10,
                    ),
                ),
                ("user_uuid", models.UUIDField()),
                ("signatory", models.CharField(max_length=200)),
                ("capacity", models.CharField(blank=True, max_length=200)),
                ("mandate_act", models.CharField(blank=True, max_length=300)),
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
                ("digest", models.CharField(help_text="SHA-256 of what was signed.", max_length=64)),
                ("signed_at", models.DateTimeField()),
                (
                    "organisation",
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
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signoffs",
                        to="handover.transfer",
                    ),
                ),
                (
                    "milestone",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signoffs",
                        to="handover.transfermilestone",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_signoff_uuid"),
                    models.UniqueConstraint(fields=("id", "programme"), name="handover_signoff_in_programme"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("milestone__isnull", False), ("subject", "milestone")),
                            models.Q(
                                models.Q(("subject", "milestone"), _negated=True), ("milestone__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="handover_signoff_subject",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decision", "agrees"), models.Q(("remark", ""), _negated=True), _connector="OR"
                        ),
                        name="handover_signoff_remark",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MilestoneDependency",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
                (
                    "milestone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dependencies",
                        to="handover.transfermilestone",
                    ),
                ),
                (
                    "waits_for",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dependents",
                        to="handover.transfermilestone",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="handover_milestonedependency_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_milestonedependency_in_programme"
                    ),
                    models.UniqueConstraint(
                        fields=("milestone", "waits_for"), name="handover_dependency_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("milestone", models.F("waits_for")), _negated=True),
                        name="handover_dependency_two",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TransferResponsibility",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "phase",
                    models.CharField(
                        choices=[
                            ("phase_down", "phase-down"),
                            ("phase_over", "phase-over"),
                            ("phase_out", "phase-out"),
                        ],
                        default="phase_over",
                        max_length=20,
                    ),
                ),
                (
                    "moves_debtor",
                    models.BooleanField(
                        default=False, help_text="The debtor moves too: the donor must consent."
                    ),
                ),
                ("moved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "before",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="When moved: organisation UUID by capacity, as it was.",
                    ),
                ),
                (
                    "milestone",
                    models.ForeignKey(
                        blank=True,
                        help_text="The milestone that moves it; empty: it moves at execution.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to="handover.transfermilestone",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
                (
                    "provider_after",
                    models.ForeignKey(
                        blank=True,
                        help_text="Who delivers it afterwards; empty: the receiver.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
                (
                    "responsibility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.responsibility",
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="handover.transfer",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="handover_transferresponsibility_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_transferresponsibility_in_programme"
                    ),
                    models.UniqueConstraint(
                        fields=("transfer", "responsibility"), name="handover_transferitem_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EvidenceVerifier",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("until", models.DateField(help_text="The last day.")),
                ("named_by_name", models.CharField(max_length=200)),
                (
                    "evidence",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="verifiers",
                        to="handover.evidence",
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="handover_evidenceverifier_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_evidenceverifier_in_programme"
                    ),
                    models.UniqueConstraint(fields=("evidence", "user"), name="handover_verifier_once"),
                ],
            },
        ),
        migrations.AlterUniqueTogether(
            name="programmegroupgrant",
            unique_together={("group", "permission", "content_object")},
        ),
        migrations.AlterUniqueTogether(
            name="programmeusergrant",
            unique_together={("user", "permission", "content_object")},
        ),
        migrations.AlterUniqueTogether(
            name="responsibilitygroupgrant",
            unique_together={("group", "permission", "content_object")},
        ),
        migrations.AlterUniqueTogether(
            name="responsibilityusergrant",
            unique_together={("user", "permission", "content_object")},
        ),
    ]
