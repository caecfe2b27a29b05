"""Tokens, kept answers, edits, webhooks, provisioning: what the interface needs."""

from __future__ import annotations

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("handover", "0008_needs_first_walls")]
    operations = [
        migrations.CreateModel(
            name="RequestWindow",
            fields=[
                ("caller", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("began_at", models.DateTimeField()),
                ("requests", models.PositiveIntegerField()),
            ],
            options={"default_permissions": ()},
        ),
        migrations.AddField(
            model_name="user",
            name="is_service",
            field=models.BooleanField(
                default=False,
                editable=False,
                help_text="Acts by an organisation's token alone, and never signs in.",
            ),
        ),
        migrations.CreateModel(
            name="ProvisionedGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("title", models.CharField(max_length=200)),
                (
                    "external_id",
                    models.CharField(blank=True, help_text="The directory's own key.", max_length=200),
                ),
                (
                    "role",
                    models.CharField(
                        blank=True,
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
                        help_text="Empty: none.",
                        max_length=30,
                    ),
                ),
                (
                    "by_hand",
                    models.BooleanField(
                        default=False,
                        help_text="A manager said which role it stands for; else its title does.",
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "title"), name="handover_provisionedgroup_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("role", ""),
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
                            ),
                            _connector="OR",
                        ),
                        name="handover_provisionedgroup_role",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProvisionedUser",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "user_name",
                    models.CharField(
                        blank=True,
                        help_text="How the directory calls them; nobody signs in by it.",
                        max_length=254,
                    ),
                ),
                (
                    "external_id",
                    models.CharField(blank=True, help_text="The directory's own key.", max_length=200),
                ),
                ("active", models.BooleanField(default=True)),
                (
                    "made_here",
                    models.BooleanField(default=False, help_text="This directory made the account."),
                ),
                (
                    "closed_here",
                    models.BooleanField(default=False, help_text="This directory closed the account."),
                ),
                (
                    "given_roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=30),
                        blank=True,
                        default=list,
                        help_text="Seats that the directory gave by its groups: those that it may take away.",
                        size=None,
                    ),
                ),
                (
                    "forgotten_at",
                    models.DateTimeField(blank=True, help_text="The directory dropped its entry.", null=True),
                ),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="provisioned",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "user"), name="handover_provisioneduser_once"
                    ),
                    models.UniqueConstraint(
                        models.F("organisation"),
                        django.db.models.functions.text.Upper("user_name"),
                        condition=models.Q(("forgotten_at__isnull", True)),
                        name="handover_provisioneduser_name",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProvisionedMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="handover.provisionedgroup",
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
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="handover.provisioneduser",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "group", "user"), name="handover_provisionedmember_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Webhook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("title", models.CharField(max_length=200)),
                ("url", models.URLField(max_length=500)),
                (
                    "events",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), size=None
                    ),
                ),
                (
                    "sealed_secret",
                    models.BinaryField(help_text="The key of the signature, sealed with the installation's."),
                ),
                (
                    "sealed_former",
                    models.BinaryField(default=b"", help_text="The key before; both sign for a day."),
                ),
                ("former_until", models.DateTimeField(blank=True, null=True)),
                ("active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
                (
                    "created_by_name",
                    models.CharField(help_text="A copy: it outlives the account.", max_length=200),
                ),
                ("switched_off_at", models.DateTimeField(blank=True, null=True)),
                ("switched_off_because", models.CharField(blank=True, max_length=300)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="webhooks",
                        to="handover.organisation",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        help_text="In whose eyes it sees.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("active", True), ("switched_off_at__isnull", True)),
                            models.Q(("active", False), ("switched_off_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="handover_webhook_off",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WebhookDelivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("event", models.CharField(max_length=60)),
                (
                    "key",
                    models.CharField(help_text="What it is about: the same is told once.", max_length=200),
                ),
                ("body", models.TextField(help_text="As it was signed and sent.")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("delivered", "Delivered"),
                            ("given_up", "Given up"),
                        ],
                        default="waiting",
                        max_length=20,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "status",
                    models.PositiveSmallIntegerField(blank=True, help_text="The last answer's.", null=True),
                ),
                (
                    "error",
                    models.CharField(blank=True, help_text="A stable code and a sentence.", max_length=300),
                ),
                ("created_at", models.DateTimeField()),
                ("tried_at", models.DateTimeField(blank=True, null=True)),
                ("delivered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
                (
                    "webhook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="handover.webhook",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "webhook", "key"), name="handover_webhookdelivery_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "delivered", "given_up"])),
                        name="handover_webhookdelivery_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccessToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("personal", models.BooleanField()),
                ("title", models.CharField(help_text="What it is for.", max_length=200)),
                (
                    "digest",
                    models.BinaryField(help_text="SHA-256 of the whole key.", max_length=32, unique=True),
                ),
                (
                    "beginning",
                    models.CharField(
                        help_text="The first characters, by which people know it.", max_length=12
                    ),
                ),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), size=None
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "created_by_name",
                    models.CharField(help_text="A copy: it outlives the account.", max_length=200),
                ),
                ("expires_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField(blank=True, help_text="To the minute.", null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_by_name", models.CharField(blank=True, max_length=200)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="access_tokens",
                        to="handover.organisation",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        help_text="Who acts by it.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="access_tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))),
                        name="handover_accesstoken_dates",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("revoked_at__isnull", True), ("revoked_by_name", "")),
                            models.Q(
                                ("revoked_at__isnull", False),
                                models.Q(("revoked_by_name", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="handover_accesstoken_revoked",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Edit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("subject", models.UUIDField(help_text="The row that was edited.")),
                ("version", models.PositiveIntegerField(help_text="The version that the edit made.")),
                (
                    "fields",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100), size=None
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "abstract": False,
                "default_permissions": (),
                "indexes": [models.Index(fields=["subject", "version"], name="handover_edit_subject")],
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_edit_uuid"),
                    models.UniqueConstraint(fields=("id", "programme"), name="handover_edit_in_programme"),
                ],
            },
        ),
        migrations.CreateModel(
            name="KeptAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=200)),
                (
                    "fingerprint",
                    models.BinaryField(help_text="SHA-256 of method, address and body.", max_length=32),
                ),
                (
                    "status",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="0 while the request is being answered."
                    ),
                ),
                ("headers", models.JSONField(default=dict)),
                ("body", models.BinaryField(default=b"")),
                ("created_at", models.DateTimeField()),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "user", "key"), name="handover_keptanswer_once"
                    )
                ],
            },
        ),
    ]
