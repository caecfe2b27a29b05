"""Floors of indicators; with their wall."""

from __future__ import annotations

import uuid

import django.db.models.deletion
from django.db import migrations, models

WALLS = r"""
SELECT handover_wall('indicators_floor'::regclass, 'programme');

SELECT handover_bind('indicators_floor'::regclass, 'indicator_id', 'indicators_indicator'::regclass);

SELECT handover_notes_edits('indicators_floor'::regclass);
"""


class Migration(migrations.Migration):
    """Not reversible: a wall is not taken down by going back one migration."""

    dependencies = [
        ("handover", "0016_checks"),
        ("indicators", "0011_edits"),
    ]

    operations = [
        migrations.CreateModel(
            name="Floor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("level", models.DecimalField(decimal_places=12, max_digits=38)),
                (
                    "reason",
                    models.TextField(help_text="Why here: a standard, an agreement, what was needed."),
                ),
                (
                    "indicator",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="floor",
                        to="indicators.indicator",
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
                    models.UniqueConstraint(fields=("uuid", "programme"), name="indicators_floor_uuid"),
                    models.UniqueConstraint(fields=("id", "programme"), name="indicators_floor_in_programme"),
                ],
            },
        ),
        migrations.RunSQL(WALLS),
    ]
