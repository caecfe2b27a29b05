"""Sustainability checks and what people found for them; with their walls."""

from __future__ import annotations

import uuid

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

WALLS = r"""
SELECT handover_wall(name::regclass, 'programme')
  FROM unnest(ARRAY['handover_sustainabilitycheck', 'handover_checkword']) AS name;

SELECT handover_bind(child::regclass, col, parent::regclass) FROM (VALUES
  ('handover_sustainabilitycheck', 'transfer_id', 'handover_transfer'),
  ('handover_checkword', 'check_of_id', 'handover_sustainabilitycheck')
) AS bound (child, col, parent);

SELECT handover_notes_edits(name::regclass)
  FROM unnest(ARRAY['handover_sustainabilitycheck', 'handover_checkword']) AS name;
"""


class Migration(migrations.Migration):
    """Not reversible: a wall is not taken down by going back one migration."""

    dependencies = [
        ("handover", "0015_undertakings"),
    ]

    operations = [
        migrations.CreateModel(
            name="SustainabilityCheck",
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
                    "months",
                    models.PositiveSmallIntegerField(
                        help_text="After the handover.",
                        validators=[django.core.validators.MaxValueValidator(600)],
                    ),
                ),
                ("due_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[("planned", "planned"), ("held", "held"), ("dropped", "dropped")],
                        default="planned",
                        max_length=10,
                    ),
                ),
                ("held_at", models.DateTimeField(blank=True, null=True)),
                (
                    "remark",
                    models.TextField(
                        blank=True, help_text="What follows from it; of one that was dropped: why."
                    ),
                ),
                (
                    "score",
                    models.DecimalField(
                        blank=True, decimal_places=1, editable=False, max_digits=4, null=True
                    ),
                ),
                ("result", models.JSONField(blank=True, default=dict, editable=False)),
                (
                    "digest",
                    models.CharField(
                        blank=True, editable=False, help_text="SHA-256 of the result.", max_length=64
                    ),
                ),
                (
                    "organisation",
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
                        related_name="checks",
                        to="handover.transfer",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="CheckWord",
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
                    "part",
                    models.CharField(
                        choices=[
                            ("services", "services"),
                            ("staff", "staff in post"),
                            ("equipment", "equipment"),
                            ("voice", "the community’s voice"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "found",
                    models.CharField(
                        choices=[
                            ("holds", "it still stands"),
                            ("weaker", "it is weaker"),
                            ("lost", "it is gone"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "counted",
                    models.PositiveIntegerField(blank=True, help_text="So many were there.", null=True),
                ),
                (
                    "expected",
                    models.PositiveIntegerField(blank=True, help_text="So many should be there.", null=True),
                ),
                ("remark", models.TextField(blank=True)),
                ("said_at", models.DateTimeField()),
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
                    "check_of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="words",
                        to="handover.sustainabilitycheck",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.AddConstraint(
            model_name="sustainabilitycheck",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="handover_sustainabilitycheck_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="sustainabilitycheck",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="handover_sustainabilitycheck_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="sustainabilitycheck",
            constraint=models.UniqueConstraint(
                fields=("transfer", "months"), name="handover_sustainabilitycheck_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="sustainabilitycheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("held_at__isnull", False), ("organisation__isnull", False), ("state", "held")),
                    models.Q(("digest", ""), ("held_at__isnull", True), ("state", "planned")),
                    models.Q(
                        ("digest", ""),
                        ("held_at__isnull", True),
                        ("state", "dropped"),
                        models.Q(("remark", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="handover_sustainabilitycheck_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="checkword",
            constraint=models.UniqueConstraint(fields=("uuid", "programme"), name="handover_checkword_uuid"),
        ),
        migrations.AddConstraint(
            model_name="checkword",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="handover_checkword_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="checkword",
            constraint=models.UniqueConstraint(
                fields=("check_of", "part", "organisation"), name="handover_checkword_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="checkword",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("found", "holds"),
                    models.Q(("found__in", ["weaker", "lost"]), models.Q(("remark", ""), _negated=True)),
                    _connector="OR",
                ),
                name="handover_checkword_remark",
            ),
        ),
        migrations.AddConstraint(
            model_name="checkword",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("counted__isnull", True), ("expected__isnull", True)),
                    models.Q(("counted__isnull", False), ("expected__gt", 0)),
                    _connector="OR",
                ),
                name="handover_checkword_counts",
            ),
        ),
        migrations.RunSQL(WALLS),
    ]
