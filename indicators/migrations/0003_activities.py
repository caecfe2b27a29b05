"""What is kept of an imported activity, behind its wall."""

from __future__ import annotations

import uuid

import django.db.models.deletion
from django.db import migrations, models

WALL = """
SELECT handover_wall('indicators_activityrecord', 'programme');
SELECT handover_insert_only('indicators_activityrecord');
"""


class Migration(migrations.Migration):
    """Not reversible: a wall is not taken down by going back one migration."""

    dependencies = [("handover", "0002_walls"), ("indicators", "0002_walls")]

    operations = [
        migrations.CreateModel(
            name="ActivityRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "attributes",
                    models.JSONField(
                        default=list, help_text="[[name, value]] of iati-activity, names in Clark notation."
                    ),
                ),
                (
                    "parts",
                    models.JSONField(
                        default=list,
                        help_text="[{tag, xml}]: the activity's other children, in the file's order.",
                    ),
                ),
                (
                    "envelope",
                    models.JSONField(
                        default=dict, help_text="{attributes, namespaces, elements} of the file around it."
                    ),
                ),
                (
                    "imported_for",
                    models.ForeignKey(
                        help_text="The steward for whom the reporting-org in the parts stands.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
                ("imported_at", models.DateTimeField(editable=False)),
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
                        fields=("uuid", "programme"), name="indicators_activityrecord_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="indicators_activityrecord_in_programme"
                    ),
                    models.UniqueConstraint(fields=("programme",), name="indicators_activityrecord_once"),
                ],
            },
        ),
        migrations.RunSQL(WALL),
    ]
