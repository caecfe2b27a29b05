"""A summary is found by its period; provenance by its value and its source."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("handover", "0005_annex_of_sources"),
        ("indicators", "0006_summaries"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="summary",
            name="indicators_summary_slot",
        ),
        migrations.AlterField(
            model_name="provenance",
            name="file",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="handover.storedfile",
            ),
        ),
        migrations.AlterField(
            model_name="provenance",
            name="programme",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="handover.programme",
            ),
        ),
        migrations.AddIndex(
            model_name="summary",
            index=models.Index(fields=["programme", "indicator"], name="indicators_summary_programme"),
        ),
        migrations.AddConstraint(
            model_name="summary",
            constraint=models.UniqueConstraint(
                fields=("period", "place", "split"), name="indicators_summary_slot", nulls_distinct=False
            ),
        ),
    ]
