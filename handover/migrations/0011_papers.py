"""Papers: what was issued to print or to sign, and what came back signed; with their walls."""

from __future__ import annotations

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

WALLS = r"""
SELECT handover_wall(name::regclass, 'programme') FROM unnest(ARRAY['handover_paper', 'handover_signedpaper']) AS name;
SELECT handover_insert_only(name::regclass) FROM unnest(ARRAY['handover_paper', 'handover_signedpaper']) AS name;

SELECT handover_bind(child::regclass, col, parent::regclass) FROM (VALUES
  ('handover_paper', 'transfer_id', 'handover_transfer'),
  ('handover_signedpaper', 'paper_id', 'handover_paper'),
  ('handover_signedpaper', 'file_id', 'handover_storedfile'),
  ('handover_signedpaper', 'legal_act_id', 'handover_legalact')
) AS bound (child, col, parent);
"""


class Migration(migrations.Migration):
    """Not reversible: a wall is not taken down by going back one migration."""

    dependencies = [("handover", "0010_api_walls")]

    operations = [
        migrations.CreateModel(
            name="Paper",
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
                            ("protocol", "handover protocol"),
                            ("annexes", "annexes"),
                            ("proof", "continuity proof"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2), size=None
                    ),
                ),
                (
                    "digest",
                    models.CharField(
                        help_text="SHA-256 of what it says, as every page bears it.", max_length=64
                    ),
                ),
                ("sha256", models.CharField(help_text="Of the file.", max_length=64)),
                ("size", models.PositiveBigIntegerField(help_text="Bytes.")),
                ("issued_at", models.DateTimeField()),
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
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="handover.transfer",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="SignedPaper",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "side",
                    models.CharField(choices=[("giver", "giver"), ("receiver", "receiver")], max_length=10),
                ),
                (
                    "form",
                    models.CharField(
                        choices=[("paper", "on paper"), ("electronic", "electronically")], max_length=10
                    ),
                ),
                ("signatory", models.CharField(help_text="As it stands under the paper.", max_length=200)),
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
                ("signed_on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "recorded_by_name",
                    models.CharField(help_text="A copy: it outlives the account.", max_length=200),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.storedfile",
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
                (
                    "paper",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signed",
                        to="handover.paper",
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
                "ordering": ("id",),
                "default_permissions": (),
            },
        ),
        migrations.AddConstraint(
            model_name="paper",
            constraint=models.UniqueConstraint(fields=("uuid", "programme"), name="handover_paper_uuid"),
        ),
        migrations.AddConstraint(
            model_name="paper",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="handover_paper_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="paper",
            constraint=models.UniqueConstraint(fields=("transfer", "sha256"), name="handover_paper_once"),
        ),
        migrations.AddConstraint(
            model_name="paper",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["protocol", "annexes", "proof"])), name="handover_paper_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="signedpaper",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="handover_signedpaper_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="signedpaper",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="handover_signedpaper_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="signedpaper",
            constraint=models.UniqueConstraint(
                fields=("paper", "side", "file"), name="handover_signedpaper_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="signedpaper",
            constraint=models.CheckConstraint(
                condition=models.Q(("side__in", ["giver", "receiver"])), name="handover_signedpaper_side"
            ),
        ),
        migrations.AddConstraint(
            model_name="signedpaper",
            constraint=models.CheckConstraint(
                condition=models.Q(("form__in", ["paper", "electronic"])), name="handover_signedpaper_form"
            ),
        ),
        migrations.RunSQL(WALLS),
    ]
