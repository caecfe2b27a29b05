from __future__ import annotations

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("handover", "0002_walls"),
        ("handover", "__first__"),
        ("interventions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Result",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("position", models.PositiveIntegerField(help_text="Order among its siblings, from 0.")),
                (
                    "aggregation_status",
                    models.TextField(blank=True, help_text="As written (xsd:boolean); empty: absent."),
                ),
                ("title", models.JSONField(blank=True, default=list, help_text="Narratives.")),
                ("description", models.JSONField(blank=True, default=list, help_text="Narratives.")),
                (
                    "references",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="[{vocabulary, code, vocabulary_uri | indicator_uri}]",
                    ),
                ),
                (
                    "documents",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="[{url, format, title, description, categories, languages, document_date}].",
                    ),
                ),
                (
                    "extra",
                    models.JSONField(
                        blank=True, default=dict, help_text="Unknown to the standard; comes out again."
                    ),
                ),
                ("type", models.TextField(help_text="IATI code list ResultType.")),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
            ],
            options={
                "ordering": ("position", "id"),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="indicators_result_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="indicators_result_in_programme"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Indicator",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("position", models.PositiveIntegerField(help_text="Order among its siblings, from 0.")),
                (
                    "aggregation_status",
                    models.TextField(blank=True, help_text="As written (xsd:boolean); empty: absent."),
                ),
                ("title", models.JSONField(blank=True, default=list, help_text="Narratives.")),
                ("description", models.JSONField(blank=True, default=list, help_text="Narratives.")),
                (
                    "references",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="[{vocabulary, code, vocabulary_uri | indicator_uri}]",
                    ),
                ),
                (
                    "documents",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="[{url, format, title, description, categories, languages, document_date}].",
                    ),
                ),
                (
                    "extra",
                    models.JSONField(
                        blank=True, default=dict, help_text="Unknown to the standard; comes out again."
                    ),
                ),
                ("measure", models.TextField(help_text="IATI code list IndicatorMeasure.")),
                (
                    "ascending",
                    models.TextField(blank=True, help_text="As written (xsd:boolean); empty: absent."),
                ),
                (
                    "counting_rule",
                    models.CharField(
                        choices=[
                            ("new_entrants", "new entrants: each person once, when they enter"),
                            ("distinct_persons", "distinct persons: each person once a period"),
                            ("contacts", "contacts: each time counts"),
                            ("none", "not a count of people"),
                        ],
                        default="none",
                        max_length=20,
                    ),
                ),
                (
                    "intervention",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="interventions.intervention",
                    ),
                ),
                (
                    "need",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="interventions.need",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
                (
                    "responsibility",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.responsibility",
                    ),
                ),
                (
                    "result",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="indicators",
                        to="indicators.result",
                    ),
                ),
            ],
            options={
                "ordering": ("position", "id"),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="indicators_indicator_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="indicators_indicator_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("counting_rule__in", ["new_entrants", "distinct_persons", "contacts", "none"])
                        ),
                        name="indicators_indicator_counting_rule",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Period",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "position",
                    models.PositiveIntegerField(default=0, help_text="Order among its siblings, from 0."),
                ),
                ("starts_on", models.DateField(blank=True, null=True)),
                ("ends_on", models.DateField(blank=True, null=True)),
                (
                    "extra",
                    models.JSONField(
                        blank=True, default=dict, help_text="What a date cannot hold; comes out again."
                    ),
                ),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="periods",
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
                "ordering": ("position", "id"),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="indicators_period_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="indicators_period_in_programme"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "indicator", "programme"), name="indicators_period_of_indicator"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Baseline",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "position",
                    models.PositiveIntegerField(default=0, help_text="Order among its siblings, from 0."),
                ),
                ("value", models.DecimalField(blank=True, decimal_places=12, max_digits=38, null=True)),
                (
                    "value_text",
                    models.TextField(blank=True, help_text="As written; null: absent.", null=True),
                ),
                ("comment", models.JSONField(blank=True, default=list, help_text="Narratives.")),
                (
                    "locations",
                    models.JSONField(blank=True, default=list, help_text="[{ref}]: the activity's places."),
                ),
                (
                    "dimensions",
                    models.JSONField(
                        blank=True, default=list, help_text="[{name, value}], in the order given."
                    ),
                ),
                ("documents", models.JSONField(blank=True, default=list, help_text="As in a result.")),
                (
                    "extra",
                    models.JSONField(
                        blank=True, default=dict, help_text="Unknown to the standard; comes out again."
                    ),
                ),
                ("year", models.TextField(blank=True, help_text="As written; empty: absent.")),
                ("iso_date", models.TextField(blank=True, help_text="As written; empty: absent.")),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="baselines",
                        to="indicators.indicator",
                    ),
                ),
            ],
            options={
                "ordering": ("position", "id"),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="indicators_baseline_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="indicators_baseline_in_programme"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Target",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "position",
                    models.PositiveIntegerField(default=0, help_text="Order among its siblings, from 0."),
                ),
                ("value", models.DecimalField(blank=True, decimal_places=12, max_digits=38, null=True)),
                (
                    "value_text",
                    models.TextField(blank=True, help_text="As written; null: absent.", null=True),
                ),
                ("comment", models.JSONField(blank=True, default=list, help_text="Narratives.")),
                (
                    "locations",
                    models.JSONField(blank=True, default=list, help_text="[{ref}]: the activity's places."),
                ),
                (
                    "dimensions",
                    models.JSONField(
                        blank=True, default=list, help_text="[{name, value}], in the order given."
                    ),
                ),
                ("documents", models.JSONField(blank=True, default=list, help_text="As in a result.")),
                (
                    "extra",
                    models.JSONField(
                        blank=True, default=dict, help_text="Unknown to the standard; comes out again."
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="targets",
                        to="indicators.period",
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
                "ordering": ("position", "id"),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="indicators_target_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="indicators_target_in_programme"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Value",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("value", models.DecimalField(blank=True, decimal_places=12, max_digits=38, null=True)),
                (
                    "value_text",
                    models.TextField(blank=True, help_text="As written; null: absent.", null=True),
                ),
                ("comment", models.JSONField(blank=True, default=list, help_text="Narratives.")),
                (
                    "locations",
                    models.JSONField(blank=True, default=list, help_text="[{ref}]: the activity's places."),
                ),
                (
                    "dimensions",
                    models.JSONField(
                        blank=True, default=list, help_text="[{name, value}], in the order given."
                    ),
                ),
                ("documents", models.JSONField(blank=True, default=list, help_text="As in a result.")),
                (
                    "extra",
                    models.JSONField(
                        blank=True, default=dict, help_text="Unknown to the standard; comes out again."
                    ),
                ),
                (
                    "cell",
                    models.TextField(
                        blank=True, help_text="Canonical text of the dimensions; empty: the total."
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0, help_text="Order in its cell, from 0.")),
                ("numerator", models.DecimalField(blank=True, decimal_places=12, max_digits=38, null=True)),
                ("denominator", models.DecimalField(blank=True, decimal_places=12, max_digits=38, null=True)),
                ("revision", models.PositiveIntegerField(default=1)),
                ("reason", models.TextField(blank=True, help_text="Why it was corrected.")),
                ("reporter_name", models.TextField()),
                ("organisation_name", models.TextField()),
                ("recorded_at", models.DateTimeField()),
                ("batch", models.UUIDField(help_text="Subject of the ledger entry that commits to it.")),
                ("digest", models.BinaryField(max_length=32)),
                (
                    "indicator",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="values",
                        to="indicators.indicator",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="values",
                        to="indicators.period",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.place",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.programme",
                    ),
                ),
                (
                    "reported_by",
                    models.ForeignKey(
                        db_index=False,
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
                    models.UniqueConstraint(fields=("programme", "uuid"), name="indicators_value_uuid"),
                    models.UniqueConstraint(
                        fields=("period", "cell", "place", "position", "revision"),
                        name="indicators_value_slot",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("revision", 1),
                            models.Q(("revision__gt", 1), models.Q(("reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="indicators_value_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("denominator__isnull", True), ("numerator__isnull", True)),
                            models.Q(("denominator__isnull", False), ("numerator__isnull", False)),
                            _connector="OR",
                        ),
                        name="indicators_value_share",
                    ),
                ],
            },
        ),
    ]
