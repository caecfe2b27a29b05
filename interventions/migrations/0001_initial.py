from __future__ import annotations

import uuid

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("handover", "0002_walls"),
    ]

    operations = [
        migrations.CreateModel(
            name="Intervention",
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
                ("description", models.JSONField(blank=True, default=list, help_text="Narratives.")),
                (
                    "field",
                    models.CharField(
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
                        ],
                        max_length=40,
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
                        help_text="For anti-discrimination: always, and only there.",
                        max_length=40,
                    ),
                ),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("children", "children"),
                            ("adults", "adults"),
                            ("families", "families"),
                            ("authorities", "public authorities"),
                            ("civil_society", "civil society"),
                            ("all", "everybody"),
                        ],
                        default="all",
                        max_length=20,
                    ),
                ),
                ("starts_on", models.DateField(blank=True, null=True)),
                ("ends_on", models.DateField(blank=True, help_text="The last day.", null=True)),
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
                    "responsibility",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.responsibility",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="interventions_intervention_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_intervention_in_programme"
                    ),
                    models.CheckConstraint(
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
                                ],
                            )
                        ),
                        name="interventions_intervention_field",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("field", "anti_discrimination"),
                                (
                                    "strand__in",
                                    [
                                        "legal_response",
                                        "training_of_authorities",
                                        "civil_society_capacity",
                                        "education_and_awareness",
                                    ],
                                ),
                            ),
                            models.Q(
                                models.Q(("field", "anti_discrimination"), _negated=True), ("strand", "")
                            ),
                            _connector="OR",
                        ),
                        name="interventions_intervention_strand",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "audience__in",
                                ["children", "adults", "families", "authorities", "civil_society", "all"],
                            )
                        ),
                        name="interventions_intervention_audience",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("starts_on__isnull", True),
                            ("ends_on__isnull", True),
                            ("ends_on__gte", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="interventions_intervention_dates",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NeedLevel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("key", models.SlugField(max_length=60)),
                ("title", models.JSONField(default=list, help_text="Narratives.")),
                ("position", models.PositiveSmallIntegerField(help_text="Counts from 1.")),
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
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="interventions_needlevel_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_needlevel_in_programme"
                    ),
                    models.UniqueConstraint(fields=("programme", "key"), name="interventions_needlevel_key"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Need",
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
                ("description", models.JSONField(blank=True, default=list, help_text="Narratives.")),
                (
                    "severity",
                    models.PositiveSmallIntegerField(
                        help_text="1 (light) to 5 (life is at stake).",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                    ),
                ),
                ("people_affected", models.PositiveIntegerField(blank=True, null=True)),
                ("people_source", models.CharField(blank=True, max_length=300)),
                ("people_as_of", models.DateField(blank=True, null=True)),
                (
                    "rank",
                    models.PositiveIntegerField(
                        default=1, help_text="Order among siblings of one level, from 1."
                    ),
                ),
                (
                    "raised_by",
                    models.CharField(
                        choices=[
                            ("community", "community"),
                            ("professionals", "professionals"),
                            ("both", "community and professionals"),
                        ],
                        default="both",
                        max_length=20,
                    ),
                ),
                ("evidence", models.TextField(blank=True, help_text="What the need is known from.")),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="interventions.need",
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
                    "level",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="needs",
                        to="interventions.needlevel",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="interventions_need_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_need_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("severity__range", (1, 5))), name="interventions_need_severity"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("parent__isnull", True),
                            models.Q(("parent", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="interventions_need_own_parent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("raised_by__in", ["community", "professionals", "both"])),
                        name="interventions_need_raised_by",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InterventionNeed",
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
                        related_name="answers",
                        to="interventions.intervention",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="interventions.need",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="interventions_interventionneed_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_interventionneed_in_programme"
                    ),
                    models.UniqueConstraint(
                        fields=("programme", "intervention", "need"),
                        name="interventions_interventionneed_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NeedPrerequisite",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="prerequisites",
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
                    "requires",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="required_by",
                        to="interventions.need",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="interventions_needprerequisite_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="interventions_needprerequisite_in_programme"
                    ),
                    models.UniqueConstraint(
                        fields=("programme", "need", "requires"), name="interventions_needprerequisite_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("need", models.F("requires")), _negated=True),
                        name="interventions_needprerequisite_self",
                    ),
                ],
            },
        ),
    ]
