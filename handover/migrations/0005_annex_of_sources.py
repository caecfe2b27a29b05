"""Annexes list source series."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("handover", "0004_jobs"),
    ]

    operations = [
        migrations.AlterField(
            model_name="annexline",
            name="kind",
            field=models.CharField(
                choices=[
                    ("equipment", "equipment"),
                    ("posts", "posts"),
                    ("budget", "budget"),
                    ("indicators", "indicators"),
                    ("sources", "source series"),
                    ("open_points", "open points"),
                ],
                max_length=20,
            ),
        ),
    ]
