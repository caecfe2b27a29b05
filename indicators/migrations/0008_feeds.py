"""Feeds: which records an indicator is counted from."""

from __future__ import annotations

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("handover", "0007_needs_first"),
        ("indicators", "0007_leaner_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="Feed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("record", models.CharField(max_length=40)),
                ("measure", models.CharField(max_length=40)),
                ("filters", models.JSONField(blank=True, default=dict)),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="feeds",
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
                    models.UniqueConstraint(fields=("uuid", "programme"), name="indicators_feed_uuid"),
                    models.UniqueConstraint(fields=("id", "programme"), name="indicators_feed_in_programme"),
                    models.UniqueConstraint(fields=("programme", "indicator"), name="indicators_feed_once"),
                ],
            },
        ),
    ]
