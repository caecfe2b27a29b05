"""Rankings, consultations, services, records, advocacy and the catalogue of models."""

from __future__ import annotations

import uuid

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("handover", "0007_needs_first"),
        ("interventions", "0002_walls"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="intervention",
            name="interventions_intervention_field",
        ),
        migrations.RemoveConstraint(
            model_name="intervention",
            name="interventions_intervention_audience",
        ),
        migrations.CreateModel(
            name="Adoption",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("model_uuid", models.UUIDField()),
                ("model_key", models.CharField(max_length=120)),
                (
                    "number",
                    models.PositiveIntegerField(
                        help_text="The version whose pieces it has, or last looked at whole."
                    ),
                ),
                ("adopted_at", models.DateTimeField()),
                (
                    "counted",
                    models.BooleanField(
                        default=True, help_text="Its indicators count, protected, in the model's aggregate."
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
                    models.UniqueConstraint(fields=("uuid", "programme"), name="interventions_adoption_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_adoption_in_programme"
                    ),
                    models.UniqueConstraint(
                        fields=("programme", "model_uuid"), name="interventions_adoption_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Authority",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("name", models.CharField(help_text="The body, never a person.", max_length=300)),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("local", "local"),
                            ("county", "county or region"),
                            ("national", "national"),
                            ("european", "European"),
                            ("international", "international"),
                        ],
                        max_length=20,
                    ),
                ),
                ("works_on", models.TextField(help_text="On what one works with it.")),
                ("since", models.DateField(blank=True, null=True)),
                ("until", models.DateField(blank=True, null=True)),
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
            ],
            options={
                "verbose_name_plural": "authorities",
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="interventions_authority_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_authority_in_programme"
                    ),
                    models.UniqueConstraint(
                        fields=("programme", "name"), name="interventions_authority_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("level__in", ["local", "county", "national", "european", "international"])
                        ),
                        name="interventions_authority_level",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CommemorationDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("key", models.SlugField(max_length=60)),
                ("title", models.JSONField(default=list, help_text="Narratives.")),
                (
                    "month",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(12),
                        ]
                    ),
                ),
                (
                    "day",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(31),
                        ]
                    ),
                ),
                ("own", models.BooleanField(default=True, help_text="Of this programme or community alone.")),
                ("note", models.CharField(blank=True, max_length=300)),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
            ],
            options={
                "ordering": ("month", "day", "id"),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="interventions_commemorationday_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_commemorationday_in_programme"
                    ),
                    models.UniqueConstraint(
                        fields=("programme", "key"), name="interventions_commemorationday_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("day__range", (1, 31)), ("month__range", (1, 12))),
                        name="interventions_commemorationday_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Complaints",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(help_text="The last day.")),
                (
                    "source",
                    models.CharField(blank=True, help_text="Where the figures come from.", max_length=300),
                ),
                ("note", models.TextField(blank=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("discrimination", "discrimination"),
                            ("hate_speech", "hate speech"),
                            ("hate_incident", "hate-motivated incident"),
                            ("segregation", "segregation"),
                            ("eviction", "eviction"),
                            ("police", "conduct of the police"),
                            ("other", "other"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "body",
                    models.CharField(blank=True, help_text="The body that decides on them.", max_length=200),
                ),
                ("reported", models.PositiveIntegerField()),
                ("pending", models.PositiveIntegerField(default=0)),
                ("upheld", models.PositiveIntegerField(default=0)),
                ("rejected", models.PositiveIntegerField(default=0)),
                (
                    "intervention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="complaints",
                        to="interventions.intervention",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.place",
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
                "verbose_name_plural": "complaints",
                "ordering": ("starts_on", "id"),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="interventions_complaints_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_complaints_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="interventions_complaints_dates",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "discrimination",
                                    "hate_speech",
                                    "hate_incident",
                                    "segregation",
                                    "eviction",
                                    "police",
                                    "other",
                                ],
                            )
                        ),
                        name="interventions_complaints_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Consultation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("title", models.JSONField(default=list, help_text="Narratives.")),
                ("held_on", models.DateField()),
                (
                    "format",
                    models.CharField(
                        choices=[
                            ("assembly", "assembly"),
                            ("focus_group", "focus group"),
                            ("home_visits", "home visits"),
                            ("survey", "survey"),
                            ("council", "council of representatives"),
                            ("online", "online"),
                            ("other", "other"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "languages",
                    models.JSONField(default=list, help_text="ISO 639 codes: two letters, or three (rom)."),
                ),
                (
                    "facilitated_by",
                    models.CharField(
                        blank=True,
                        help_text="The facilitator's role, for example a mediator; never a name.",
                        max_length=200,
                    ),
                ),
                (
                    "heard",
                    models.JSONField(
                        blank=True, default=list, help_text="Narratives: what was heard, summed up."
                    ),
                ),
                (
                    "told_back_on",
                    models.DateField(
                        blank=True, help_text="When the community was told what came of it.", null=True
                    ),
                ),
                (
                    "community",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.community",
                    ),
                ),
                (
                    "facilitator",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.place",
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
                "ordering": ("held_on", "id"),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="interventions_consultation_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_consultation_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "format__in",
                                [
                                    "assembly",
                                    "focus_group",
                                    "home_visits",
                                    "survey",
                                    "council",
                                    "online",
                                    "other",
                                ],
                            )
                        ),
                        name="interventions_consultation_format",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InterventionDependency",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "after",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dependents",
                        to="interventions.intervention",
                    ),
                ),
                (
                    "intervention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dependencies",
                        to="interventions.intervention",
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
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="interventions_interventiondependency_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_interventiondependency_in_programme"
                    ),
                    models.UniqueConstraint(
                        fields=("programme", "intervention", "after"),
                        name="interventions_interventiondependency_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("intervention", models.F("after")), _negated=True),
                        name="interventions_interventiondependency_two",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InterventionModel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("key", models.SlugField(max_length=120, unique=True)),
                ("title", models.JSONField(default=list, help_text="Narratives.")),
                ("summary", models.JSONField(blank=True, default=list, help_text="Narratives.")),
                ("created_at", models.DateTimeField()),
                (
                    "withdrawn_at",
                    models.DateTimeField(
                        blank=True, help_text="Nobody new adopts it; whoever did keeps it.", null=True
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        help_text="Who published it; empty: it ships with the toolkit.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
            ],
            options={
                "ordering": ("key",),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="InterventionPartner",
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
                    "name",
                    models.CharField(
                        blank=True, help_text="A body outside the directory, never a person.", max_length=200
                    ),
                ),
                ("brings", models.CharField(help_text="What it gives or does.", max_length=300)),
                ("starts_on", models.DateField(blank=True, null=True)),
                ("ends_on", models.DateField(blank=True, null=True)),
                (
                    "agreement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.contract",
                    ),
                ),
                (
                    "intervention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="partners",
                        to="interventions.intervention",
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
            ],
            options={
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="interventions_interventionpartner_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_interventionpartner_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("organisation__isnull", False),
                            models.Q(("name", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="interventions_partner_named",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InterventionPlace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "intervention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="places",
                        to="interventions.intervention",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.place"
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
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="interventions_interventionplace_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_interventionplace_in_programme"
                    ),
                    models.UniqueConstraint(
                        fields=("programme", "intervention", "place"),
                        name="interventions_interventionplace_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MediaItems",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(help_text="The last day.")),
                (
                    "source",
                    models.CharField(blank=True, help_text="Where the figures come from.", max_length=300),
                ),
                ("note", models.TextField(blank=True)),
                (
                    "outlet",
                    models.CharField(blank=True, help_text="Outlet or kind of outlet.", max_length=200),
                ),
                ("topic", models.CharField(max_length=300)),
                (
                    "tone",
                    models.CharField(
                        choices=[
                            ("positive", "positive"),
                            ("neutral", "neutral"),
                            ("negative", "negative"),
                            ("hateful", "hateful"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "response",
                    models.CharField(
                        choices=[
                            ("none", "none"),
                            ("reply", "right of reply"),
                            ("complaint", "complaint"),
                            ("corrected", "corrected or taken down"),
                            ("praise", "thanked"),
                        ],
                        default="none",
                        max_length=10,
                    ),
                ),
                ("items", models.PositiveIntegerField()),
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
                    "place",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.place",
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
                "verbose_name_plural": "media items",
                "ordering": ("starts_on", "id"),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="interventions_mediaitems_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_mediaitems_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="interventions_mediaitems_dates",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("response__in", ["none", "reply", "complaint", "corrected", "praise"]),
                            ("tone__in", ["positive", "neutral", "negative", "hateful"]),
                        ),
                        name="interventions_mediaitems_tone",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NeedLineage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("kind", models.CharField(choices=[("merge", "merged"), ("split", "split")], max_length=10)),
                ("reason", models.TextField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "after",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="came_of",
                        to="interventions.need",
                    ),
                ),
                (
                    "before",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="became",
                        to="interventions.need",
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
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="interventions_needlineage_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_needlineage_in_programme"
                    ),
                    models.UniqueConstraint(
                        fields=("programme", "before", "after"), name="interventions_needlineage_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("before", models.F("after")), _negated=True),
                        name="interventions_needlineage_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["merge", "split"])),
                        name="interventions_needlineage_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NeedPlace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("people_affected", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="places",
                        to="interventions.need",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.place"
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
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="interventions_needplace_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_needplace_in_programme"
                    ),
                    models.UniqueConstraint(
                        fields=("programme", "need", "place"), name="interventions_needplace_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Service",
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
                        choices=[("activity", "activity"), ("service", "service")], max_length=10
                    ),
                ),
                ("title", models.JSONField(default=list, help_text="Narratives.")),
                (
                    "unit",
                    models.CharField(
                        help_text="What is delivered: sessions, visits, packages, meals, hours.",
                        max_length=60,
                    ),
                ),
                (
                    "planned",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="Units a calendar quarter.",
                        max_digits=14,
                        null=True,
                    ),
                ),
                ("needs_licence", models.BooleanField(default=False)),
                ("starts_on", models.DateField(blank=True, help_text="Planned.", null=True)),
                ("ends_on", models.DateField(blank=True, help_text="The last day.", null=True)),
                ("started_on", models.DateField(blank=True, null=True)),
                (
                    "intervention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="services",
                        to="interventions.intervention",
                    ),
                ),
                (
                    "licence",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.licence",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.place",
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
                    models.UniqueConstraint(fields=("uuid", "programme"), name="interventions_service_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_service_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["activity", "service"])),
                        name="interventions_service_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("started_on__isnull", True),
                            ("needs_licence", False),
                            ("licence__isnull", False),
                            _connector="OR",
                        ),
                        name="interventions_service_licence",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Support",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(help_text="The last day.")),
                (
                    "source",
                    models.CharField(blank=True, help_text="Where the figures come from.", max_length=300),
                ),
                ("note", models.TextField(blank=True)),
                ("children", models.PositiveIntegerField(default=0)),
                ("adults", models.PositiveIntegerField(default=0)),
                ("age_unknown", models.PositiveIntegerField(default=0)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("housing", "mediation: housing"),
                            ("employment", "mediation: employment"),
                            ("social_security", "mediation: social security"),
                            ("health", "mediation: health"),
                            ("school", "mediation: school"),
                            ("food", "food"),
                            ("essentials", "clothing and essentials"),
                            ("school_supplies", "school supplies"),
                            ("heating", "heating"),
                            ("other", "other"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("delivered", "delivered"),
                            ("resolved", "resolved"),
                            ("referred", "referred"),
                            ("refused", "refused by the authority"),
                            ("ongoing", "going on"),
                        ],
                        max_length=20,
                    ),
                ),
                ("families", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "quantity",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="Cases, or units of what was given.",
                        max_digits=14,
                        null=True,
                    ),
                ),
                ("unit", models.CharField(blank=True, max_length=60)),
                (
                    "intervention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="support",
                        to="interventions.intervention",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.place",
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
                "verbose_name_plural": "support",
                "ordering": ("starts_on", "id"),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="interventions_support_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_support_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="interventions_support_dates",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "housing",
                                    "employment",
                                    "social_security",
                                    "health",
                                    "school",
                                    "food",
                                    "essentials",
                                    "school_supplies",
                                    "heating",
                                    "other",
                                ],
                            ),
                            ("outcome__in", ["delivered", "resolved", "referred", "refused", "ongoing"]),
                        ),
                        name="interventions_support_kinds",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__isnull", True), ("quantity__gte", 0), _connector="OR"),
                        name="interventions_support_quantity",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TargetGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("title", models.JSONField(default=list, help_text="Narratives.")),
                ("people", models.PositiveIntegerField(blank=True, null=True)),
                ("source", models.CharField(blank=True, max_length=300)),
                ("as_of", models.DateField(blank=True, null=True)),
                (
                    "intervention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="groups",
                        to="interventions.intervention",
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
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="interventions_targetgroup_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_targetgroup_in_programme"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Training",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(help_text="The last day.")),
                (
                    "source",
                    models.CharField(blank=True, help_text="Where the figures come from.", max_length=300),
                ),
                ("note", models.TextField(blank=True)),
                ("children", models.PositiveIntegerField(default=0)),
                ("adults", models.PositiveIntegerField(default=0)),
                ("age_unknown", models.PositiveIntegerField(default=0)),
                ("title", models.CharField(max_length=300)),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("authorities", "public authorities"),
                            ("law_enforcement", "law enforcement"),
                            ("ngos", "civil society"),
                            ("students", "students and future professionals"),
                            ("educators", "teachers and educators"),
                            ("health_workers", "health workers"),
                            ("community", "community"),
                            ("volunteers", "volunteers"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "strand",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("legal_response", "legal response"),
                            ("training_of_authorities", "training of public authorities and law enforcement"),
                            ("civil_society_capacity", "capacity-building of civil society"),
                            ("education_and_awareness", "education and awareness"),
                        ],
                        max_length=40,
                    ),
                ),
                ("hours", models.DecimalField(decimal_places=2, max_digits=8)),
                (
                    "young_volunteers",
                    models.PositiveIntegerField(default=0, help_text="Among those who took part."),
                ),
                (
                    "intervention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trainings",
                        to="interventions.intervention",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.place",
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
                "ordering": ("starts_on", "id"),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="interventions_training_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_training_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="interventions_training_dates",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "audience__in",
                                [
                                    "authorities",
                                    "law_enforcement",
                                    "ngos",
                                    "students",
                                    "educators",
                                    "health_workers",
                                    "community",
                                    "volunteers",
                                ],
                            )
                        ),
                        name="interventions_training_audience",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("hours__gt", 0)), name="interventions_training_hours"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Volunteering",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(help_text="The last day.")),
                (
                    "source",
                    models.CharField(blank=True, help_text="Where the figures come from.", max_length=300),
                ),
                ("note", models.TextField(blank=True)),
                ("young", models.PositiveIntegerField(default=0)),
                ("others", models.PositiveIntegerField(default=0)),
                ("hours", models.DecimalField(decimal_places=2, default=0, max_digits=10)),
                ("training_hours", models.DecimalField(decimal_places=2, default=0, max_digits=10)),
                (
                    "intervention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="volunteering",
                        to="interventions.intervention",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.place",
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
                "verbose_name_plural": "volunteering",
                "ordering": ("starts_on", "id"),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="interventions_volunteering_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_volunteering_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="interventions_volunteering_dates",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("hours__gte", 0), ("training_hours__gte", 0)),
                        name="interventions_volunteering_hours",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AdoptedPiece",
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
                            ("level", "level"),
                            ("need", "need"),
                            ("intervention", "intervention"),
                            ("indicator", "indicator"),
                            ("responsibility", "responsibility"),
                            ("milestone", "transfer milestone"),
                            ("budget", "budget line"),
                        ],
                        max_length=20,
                    ),
                ),
                ("key", models.CharField(help_text="Its key in the model.", max_length=200)),
                (
                    "number",
                    models.PositiveIntegerField(help_text="The version it was taken from, or left out of."),
                ),
                (
                    "digest",
                    models.CharField(help_text="SHA-256 of the piece as the model had it.", max_length=64),
                ),
                ("row_uuid", models.UUIDField(blank=True, help_text="Empty: left out.", null=True)),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
                (
                    "adoption",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pieces",
                        to="interventions.adoption",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="interventions_adoptedpiece_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_adoptedpiece_in_programme"
                    ),
                    models.UniqueConstraint(
                        fields=("programme", "adoption", "kind", "key"),
                        name="interventions_adoptedpiece_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attendance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "gender",
                    models.CharField(
                        choices=[
                            ("women", "women"),
                            ("men", "men"),
                            ("non_binary", "non-binary"),
                            ("unknown", "unknown"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "age_band",
                    models.CharField(
                        choices=[
                            ("0-13", "0 to 13"),
                            ("14-17", "14 to 17"),
                            ("18-29", "18 to 29"),
                            ("30-54", "30 to 54"),
                            ("55+", "55 and older"),
                            ("unknown", "unknown"),
                        ],
                        max_length=10,
                    ),
                ),
                ("people", models.PositiveIntegerField()),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
                (
                    "consultation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attendance",
                        to="interventions.consultation",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="interventions_attendance_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_attendance_in_programme"
                    ),
                    models.UniqueConstraint(
                        fields=("programme", "consultation", "gender", "age_band"),
                        name="interventions_attendance_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("age_band__in", ["0-13", "14-17", "18-29", "30-54", "55+", "unknown"]),
                            ("gender__in", ["women", "men", "non_binary", "unknown"]),
                        ),
                        name="interventions_attendance_groups",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(help_text="The last day.")),
                (
                    "source",
                    models.CharField(blank=True, help_text="Where the figures come from.", max_length=300),
                ),
                ("note", models.TextField(blank=True)),
                ("children", models.PositiveIntegerField(default=0)),
                ("adults", models.PositiveIntegerField(default=0)),
                ("age_unknown", models.PositiveIntegerField(default=0)),
                ("quantity", models.DecimalField(decimal_places=2, max_digits=14)),
                (
                    "place",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.place",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="interventions.service",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "deliveries",
                "ordering": ("starts_on", "id"),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="interventions_delivery_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_delivery_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="interventions_delivery_dates",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gte", 0)), name="interventions_delivery_quantity"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(help_text="The last day.")),
                (
                    "source",
                    models.CharField(blank=True, help_text="Where the figures come from.", max_length=300),
                ),
                ("note", models.TextField(blank=True)),
                ("children", models.PositiveIntegerField(default=0)),
                ("adults", models.PositiveIntegerField(default=0)),
                ("age_unknown", models.PositiveIntegerField(default=0)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("commemoration", "commemoration"),
                            ("debate", "public debate"),
                            ("exhibition", "exhibition or performance"),
                            ("campaign", "campaign"),
                            ("workshop", "workshop"),
                            ("other", "other"),
                        ],
                        max_length=20,
                    ),
                ),
                ("title", models.CharField(max_length=300)),
                (
                    "young_volunteers",
                    models.PositiveIntegerField(default=0, help_text="Who helped to hold it."),
                ),
                (
                    "day",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="interventions.commemorationday",
                    ),
                ),
                (
                    "intervention",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="interventions.intervention",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.place",
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
                "ordering": ("starts_on", "id"),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="interventions_event_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_event_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="interventions_event_dates",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                ["commemoration", "debate", "exhibition", "campaign", "workshop", "other"],
                            )
                        ),
                        name="interventions_event_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InterventionChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "before",
                    models.JSONField(
                        default=dict, help_text="The changed fields as they were, as text by field."
                    ),
                ),
                (
                    "after",
                    models.JSONField(
                        default=dict, help_text="The changed fields as they are, as text by field."
                    ),
                ),
                ("reason", models.TextField()),
                ("user_uuid", models.UUIDField()),
                ("user_name", models.CharField(max_length=200)),
                ("changed_at", models.DateTimeField()),
                (
                    "consultation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="interventions.consultation",
                    ),
                ),
                (
                    "intervention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="interventions.intervention",
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
            ],
            options={
                "ordering": ("id",),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="interventions_interventionchange_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_interventionchange_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="interventions_change_reason"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ModelVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("number", models.PositiveIntegerField(help_text="Counts from 1.")),
                (
                    "format",
                    models.CharField(help_text="Version of the document's own format.", max_length=20),
                ),
                ("document", models.JSONField(default=dict)),
                ("digest", models.CharField(help_text="SHA-256 of the canonical document.", max_length=64)),
                ("licence", models.CharField(help_text="For example CC-BY-4.0.", max_length=120)),
                (
                    "context",
                    models.JSONField(default=list, help_text="Narratives: where and with whom it was made."),
                ),
                (
                    "evidence",
                    models.JSONField(
                        blank=True, default=list, help_text="Narratives: what is known of its effect."
                    ),
                ),
                (
                    "conditions",
                    models.JSONField(
                        blank=True, default=list, help_text="Narratives: what it takes to use it."
                    ),
                ),
                (
                    "changes",
                    models.JSONField(
                        blank=True, default=list, help_text="Narratives: what is new in this version."
                    ),
                ),
                ("published_at", models.DateTimeField()),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="interventions.interventionmodel",
                    ),
                ),
            ],
            options={
                "ordering": ("model", "number"),
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("model", "number"), name="interventions_modelversion_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)), name="interventions_modelversion_number"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicySeat",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("body", models.CharField(max_length=300)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("working_group", "working group"),
                            ("monitoring_committee", "monitoring committee"),
                            ("council", "consultative council"),
                            ("other", "other"),
                        ],
                        max_length=30,
                    ),
                ),
                (
                    "capacity",
                    models.CharField(blank=True, help_text="Member, observer, chair.", max_length=200),
                ),
                ("votes", models.BooleanField(default=False)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(blank=True, null=True)),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seats",
                        to="interventions.authority",
                    ),
                ),
                (
                    "holder",
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
            ],
            options={
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="interventions_policyseat_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_policyseat_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["working_group", "monitoring_committee", "council", "other"])
                        ),
                        name="interventions_policyseat_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on__isnull", True),
                            ("ends_on__gte", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="interventions_policyseat_dates",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Ranking",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "ranked_by",
                    models.CharField(
                        choices=[("community", "the community's"), ("professionals", "the professionals'")],
                        max_length=20,
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("show_of_hands", "show of hands"),
                            ("votes", "votes"),
                            ("points", "points"),
                            ("order", "ballots in order of preference (Borda count)"),
                            ("agreed", "agreed in discussion"),
                        ],
                        max_length=20,
                    ),
                ),
                ("held_on", models.DateField()),
                (
                    "reason",
                    models.TextField(
                        blank=True, help_text="Why it was ranked again; the first may have none."
                    ),
                ),
                (
                    "voters",
                    models.PositiveIntegerField(blank=True, help_text="People who took part.", null=True),
                ),
                (
                    "applied",
                    models.BooleanField(
                        default=False, help_text="The order of the needs in the hierarchy was changed to it."
                    ),
                ),
                ("user_uuid", models.UUIDField(help_text="Who recorded it.")),
                ("recorded_at", models.DateTimeField()),
                (
                    "consultation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rankings",
                        to="interventions.consultation",
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
            ],
            options={
                "ordering": ("id",),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="interventions_ranking_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_ranking_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ranked_by__in", ["community", "professionals"])),
                        name="interventions_ranking_ranked_by",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("method__in", ["show_of_hands", "votes", "points", "order", "agreed"])
                        ),
                        name="interventions_ranking_method",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Saying",
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
                    "said",
                    models.JSONField(
                        default=list, help_text="Narratives, in the words of those who said it."
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "not answered yet"),
                            ("done", "done"),
                            ("under_way", "under way"),
                            ("partly", "partly done"),
                            ("not_done", "not done"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                (
                    "done",
                    models.JSONField(
                        blank=True, default=list, help_text="Narratives: what was done, or why it was not."
                    ),
                ),
                ("answered_on", models.DateField(blank=True, null=True)),
                (
                    "consultation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sayings",
                        to="interventions.consultation",
                    ),
                ),
                (
                    "intervention",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sayings",
                        to="interventions.intervention",
                    ),
                ),
                (
                    "need",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sayings",
                        to="interventions.need",
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
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="interventions_saying_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_saying_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["", "done", "under_way", "partly", "not_done"])),
                        name="interventions_saying_outcome",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_on__isnull", True), ("outcome", "")),
                            models.Q(
                                models.Q(("outcome", ""), _negated=True), ("answered_on__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="interventions_saying_answered",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Ballot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("number", models.PositiveIntegerField(help_text="Counts from 1.")),
                ("voters", models.PositiveIntegerField(default=1)),
                (
                    "group",
                    models.CharField(
                        blank=True, help_text="For example: women, young people.", max_length=120
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
                (
                    "ranking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ballots",
                        to="interventions.ranking",
                    ),
                ),
            ],
            options={
                "ordering": ("number", "id"),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="interventions_ballot_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_ballot_in_programme"
                    ),
                    models.UniqueConstraint(
                        fields=("programme", "ranking", "number"), name="interventions_ballot_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("voters__gte", 1)), name="interventions_ballot_voters"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyMeeting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("held_on", models.DateField()),
                ("subject", models.CharField(max_length=300)),
                ("position", models.TextField(blank=True, help_text="The position taken.")),
                ("outcome", models.TextField(blank=True)),
                (
                    "community_present",
                    models.PositiveIntegerField(
                        blank=True, help_text="People of the community who took part.", null=True
                    ),
                ),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meetings",
                        to="interventions.authority",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meetings",
                        to="interventions.policyseat",
                    ),
                ),
            ],
            options={
                "ordering": ("held_on", "id"),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="interventions_policymeeting_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_policymeeting_in_programme"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RankedNeed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("position", models.PositiveIntegerField()),
                ("score", models.DecimalField(blank=True, decimal_places=4, max_digits=14, null=True)),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ranked",
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
                    "ranking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="places",
                        to="interventions.ranking",
                    ),
                ),
            ],
            options={
                "ordering": ("position", "id"),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="interventions_rankedneed_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_rankedneed_in_programme"
                    ),
                    models.UniqueConstraint(
                        fields=("programme", "ranking", "need"), name="interventions_rankedneed_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("position__gte", 1)), name="interventions_rankedneed_position"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BallotLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("value", models.DecimalField(decimal_places=4, max_digits=14)),
                (
                    "ballot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="interventions.ballot",
                    ),
                ),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="interventions.need"
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
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="interventions_ballotline_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_ballotline_in_programme"
                    ),
                    models.UniqueConstraint(
                        fields=("programme", "ballot", "need"), name="interventions_ballotline_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("value__gte", 0)), name="interventions_ballotline_value"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Commitment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("text", models.TextField()),
                ("made_on", models.DateField()),
                ("due_on", models.DateField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("kept", "kept"),
                            ("partly", "partly kept"),
                            ("broken", "not kept"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("outcome", models.TextField(blank=True)),
                ("closed_on", models.DateField(blank=True, null=True)),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="commitments",
                        to="interventions.authority",
                    ),
                ),
                (
                    "need",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="commitments",
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
                    "meeting",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="commitments",
                        to="interventions.policymeeting",
                    ),
                ),
            ],
            options={
                "ordering": ("made_on", "id"),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="interventions_commitment_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_commitment_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_on__isnull", True), ("state", "open")),
                            models.Q(
                                ("state__in", ["kept", "partly", "broken", "withdrawn"]),
                                ("closed_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="interventions_commitment_closed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("due_on__isnull", True), ("due_on__gte", models.F("made_on")), _connector="OR"
                        ),
                        name="interventions_commitment_dates",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="intervention",
            name="also_in",
            field=models.JSONField(
                blank=True, default=list, help_text="Further fields of work, where it is integrated."
            ),
        ),
        migrations.AddField(
            model_name="intervention",
            name="effort",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                help_text="What beginning it asks of the team, in the unit of the capacity (for example person-months).",
                max_digits=8,
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="need",
            name="raised_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="need",
            name="state",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "standing"),
                    ("met", "met"),
                    ("merged", "merged into another"),
                    ("split", "split into others"),
                ],
                default="",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="need",
            name="trend",
            field=models.CharField(
                blank=True,
                choices=[("improving", "improving"), ("stable", "stable"), ("worsening", "worsening")],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="intervention",
            name="audience",
            field=models.CharField(
                choices=[
                    ("children", "children"),
                    ("adults", "adults"),
                    ("families", "families"),
                    ("authorities", "public authorities"),
                    ("civil_society", "civil society"),
                    ("all", "everybody"),
                    ("students", "students and future professionals"),
                    ("law_enforcement", "law enforcement"),
                ],
                default="all",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="intervention",
            name="field",
            field=models.CharField(
                choices=[
                    ("education", "education"),
                    ("employment", "employment"),
                    ("health", "health"),
                    ("housing", "housing"),
                    ("civil_documents_and_rights", "civil documents and rights"),
                    ("anti_discrimination", "anti-discrimination"),
                    ("family_and_material_support", "family and material support"),
                    ("advocacy_and_participation", "advocacy and participation"),
                    ("culture_language_and_remembrance", "culture, language and remembrance"),
                    ("non_formal_education", "non-formal education"),
                ],
                max_length=40,
            ),
        ),
        migrations.AddConstraint(
            model_name="intervention",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "field__in",
                        [
                            "education",
                            "employment",
                            "health",
                            "housing",
                            "civil_documents_and_rights",
                            "anti_discrimination",
                            "family_and_material_support",
                            "advocacy_and_participation",
                            "culture_language_and_remembrance",
                            "non_formal_education",
                        ],
                    )
                ),
                name="interventions_intervention_field",
            ),
        ),
        migrations.AddConstraint(
            model_name="intervention",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "audience__in",
                        [
                            "children",
                            "adults",
                            "families",
                            "authorities",
                            "civil_society",
                            "all",
                            "students",
                            "law_enforcement",
                        ],
                    )
                ),
                name="interventions_intervention_audience",
            ),
        ),
        migrations.AddField(
            model_name="need",
            name="raised_in",
            field=models.ForeignKey(
                blank=True,
                help_text="The consultation that raised it, if one did.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="needs_raised",
                to="interventions.consultation",
            ),
        ),
        migrations.AddConstraint(
            model_name="need",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["", "met", "merged", "split"])),
                name="interventions_need_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="need",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("trend", ""), ("trend__in", ["improving", "stable", "worsening"]), _connector="OR"
                ),
                name="interventions_need_trend",
            ),
        ),
    ]
