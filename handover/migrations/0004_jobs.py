"""Jobs: long work that somebody asked for, behind the programme's wall."""

from __future__ import annotations

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("handover", "0003_small_cells"),
    ]

    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("kind", models.CharField(max_length=100)),
                ("arguments", models.JSONField(blank=True, default=dict)),
                ("key", models.CharField(help_text="The same key again is the same job.", max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("refused", "Refused"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="waiting",
                        max_length=20,
                    ),
                ),
                ("done", models.PositiveBigIntegerField(default=0, help_text="Steps behind us.")),
                (
                    "total",
                    models.PositiveBigIntegerField(
                        blank=True, help_text="Steps in all, where known.", null=True
                    ),
                ),
                ("phase", models.CharField(blank=True, max_length=200)),
                ("cancel_requested", models.BooleanField(default=False)),
                ("result", models.JSONField(blank=True, null=True)),
                ("error", models.JSONField(blank=True, help_text="Code, sentence and details.", null=True)),
                (
                    "requested_by_name",
                    models.CharField(help_text="A copy: it outlives the account.", max_length=200),
                ),
                ("organisation_name", models.CharField(max_length=300)),
                ("created_at", models.DateTimeField()),
                (
                    "started_at",
                    models.DateTimeField(blank=True, help_text="When it was last started.", null=True),
                ),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "attempts",
                    models.PositiveSmallIntegerField(default=0, help_text="How often it was started."),
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
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_job_uuid"),
                    models.UniqueConstraint(fields=("id", "programme"), name="handover_job_in_programme"),
                    models.UniqueConstraint(fields=("programme", "key"), name="handover_job_key"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["waiting", "running", "done", "refused", "failed", "cancelled"])
                        ),
                        name="handover_job_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at__isnull", True), ("state__in", ("waiting", "running"))),
                            models.Q(
                                models.Q(("state__in", ("waiting", "running")), _negated=True),
                                ("finished_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="handover_job_finished",
                    ),
                ],
            },
        ),
        migrations.RunSQL("SELECT handover_wall('handover_job', 'programme')"),
    ]
