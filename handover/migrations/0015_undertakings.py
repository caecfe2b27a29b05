"""Undertakings of institutions, what depends on them, and what was said of their years; with their walls."""

from __future__ import annotations

import uuid

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

WALLS = r"""
SELECT handover_wall(name::regclass, 'programme')
  FROM unnest(ARRAY[
    'handover_undertaking', 'handover_undertakingresponsibility', 'handover_undertakingyear'
  ]) AS name;

SELECT handover_bind(child::regclass, col, parent::regclass) FROM (VALUES
  ('handover_undertaking', 'legal_act_id', 'handover_legalact'),
  ('handover_undertakingresponsibility', 'undertaking_id', 'handover_undertaking'),
  ('handover_undertakingresponsibility', 'responsibility_id', 'handover_responsibility'),
  ('handover_undertakingyear', 'undertaking_id', 'handover_undertaking'),
  ('handover_undertakingyear', 'file_id', 'handover_storedfile')
) AS bound (child, col, parent);

SELECT handover_notes_edits(name::regclass)
  FROM unnest(ARRAY['handover_undertaking', 'handover_undertakingyear']) AS name;
"""


class Migration(migrations.Migration):
    """Not reversible: a wall is not taken down by going back one migration."""

    dependencies = [
        ("handover", "0014_obligations"),
    ]

    operations = [
        migrations.CreateModel(
            name="Undertaking",
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
                            ("decision", "a decision of the council"),
                            ("budget", "money in the budget, each year"),
                            ("posts", "posts"),
                            ("service", "the level of a service"),
                            ("premises", "premises"),
                            ("other", "something else"),
                        ],
                        max_length=20,
                    ),
                ),
                ("title", models.CharField(max_length=300)),
                (
                    "promise",
                    models.TextField(blank=True, help_text="In the words of the decision or the agreement."),
                ),
                (
                    "quantity",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                ("unit", models.CharField(blank=True, max_length=60)),
                ("amount", models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(blank=True, null=True)),
                (
                    "due_month",
                    models.PositiveSmallIntegerField(
                        default=3,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(12),
                        ],
                    ),
                ),
                (
                    "due_day",
                    models.PositiveSmallIntegerField(
                        default=31,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(31),
                        ],
                    ),
                ),
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
                    "organisation",
                    models.ForeignKey(
                        help_text="Who undertook it.",
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
            name="UndertakingResponsibility",
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
                    "responsibility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.responsibility",
                    ),
                ),
                (
                    "undertaking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="dependents",
                        to="handover.undertaking",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="UndertakingYear",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("year", models.PositiveSmallIntegerField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[("kept", "kept"), ("partly", "partly kept"), ("broken", "broken")],
                        max_length=10,
                    ),
                ),
                (
                    "quantity",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                ("amount", models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True)),
                ("reason", models.TextField(blank=True, help_text="Why not, or how one knows.")),
                ("filename", models.CharField(blank=True, max_length=255)),
                ("link", models.URLField(blank=True, max_length=1000)),
                ("said_at", models.DateTimeField()),
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
                    "undertaking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="years",
                        to="handover.undertaking",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.AddConstraint(
            model_name="undertaking",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="handover_undertaking_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="undertaking",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="handover_undertaking_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="undertaking",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on__isnull", True), ("ends_on__gte", models.F("starts_on")), _connector="OR"
                ),
                name="handover_undertaking_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="undertaking",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("due_day__gte", 1), ("due_day__lte", 31), ("due_month__gte", 1), ("due_month__lte", 12)
                ),
                name="handover_undertaking_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="undertakingresponsibility",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="handover_undertakingresponsibility_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="undertakingresponsibility",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="handover_undertakingresponsibility_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="undertakingresponsibility",
            constraint=models.UniqueConstraint(
                fields=("undertaking", "responsibility"), name="handover_undertakingresponsibility_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="undertakingyear",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="handover_undertakingyear_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="undertakingyear",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="handover_undertakingyear_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="undertakingyear",
            constraint=models.UniqueConstraint(
                fields=("undertaking", "year", "organisation"), name="handover_undertakingyear_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="undertakingyear",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outcome", "kept"),
                    models.Q(("outcome__in", ["partly", "broken"]), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="handover_undertakingyear_reason",
            ),
        ),
        migrations.RunSQL(WALLS),
    ]
