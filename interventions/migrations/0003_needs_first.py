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
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
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
            ],
            options={
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "verbose_name_plural": "authorities",
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "ordering": ("number", "id"),
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "ordering": ("month", "day", "id"),
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "ordering": ("made_on", "id"),
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "verbose_name_plural": "complaints",
                "ordering": ("starts_on", "id"),
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "ordering": ("held_on", "id"),
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "verbose_name_plural": "deliveries",
                "ordering": ("starts_on", "id"),
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "ordering": ("starts_on", "id"),
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "ordering": ("id",),
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "verbose_name_plural": "media items",
                "ordering": ("starts_on", "id"),
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "ordering": ("model", "number"),
                "default_permissions": (),
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
            ],
            options={
                "ordering": ("id",),
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "ordering": ("held_on", "id"),
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "ordering": ("position", "id"),
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "ordering": ("id",),
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "ordering": ("id",),
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "verbose_name_plural": "support",
                "ordering": ("starts_on", "id"),
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "ordering": ("starts_on", "id"),
                "abstract": False,
                "default_permissions": (),
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
            ],
            options={
                "verbose_name_plural": "volunteering",
                "ordering": ("starts_on", "id"),
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.RemoveConstraint(
            model_name="intervention",
            name="interventions_intervention_field",
        ),
        migrations.RemoveConstraint(
            model_name="intervention",
            name="interventions_intervention_audience",
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
            model_name="adoptedpiece",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="adoption",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="adoptedpiece",
            name="adoption",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="pieces",
                to="interventions.adoption",
            ),
        ),
        migrations.AddField(
            model_name="attendance",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="authority",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="handover.organisation",
            ),
        ),
        migrations.AddField(
            model_name="authority",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="ballot",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="ballotline",
            name="ballot",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="interventions.ballot"
            ),
        ),
        migrations.AddField(
            model_name="ballotline",
            name="need",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="interventions.need"
            ),
        ),
        migrations.AddField(
            model_name="ballotline",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="commemorationday",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="commitment",
            name="authority",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="commitments",
                to="interventions.authority",
            ),
        ),
        migrations.AddField(
            model_name="commitment",
            name="need",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="commitments",
                to="interventions.need",
            ),
        ),
        migrations.AddField(
            model_name="commitment",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="complaints",
            name="intervention",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="complaints",
                to="interventions.intervention",
            ),
        ),
        migrations.AddField(
            model_name="complaints",
            name="place",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="handover.place",
            ),
        ),
        migrations.AddField(
            model_name="complaints",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="consultation",
            name="community",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="handover.community",
            ),
        ),
        migrations.AddField(
            model_name="consultation",
            name="facilitator",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="handover.organisation",
            ),
        ),
        migrations.AddField(
            model_name="consultation",
            name="place",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="handover.place",
            ),
        ),
        migrations.AddField(
            model_name="consultation",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="attendance",
            name="consultation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attendance",
                to="interventions.consultation",
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
        migrations.AddField(
            model_name="delivery",
            name="place",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="handover.place",
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="event",
            name="day",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="interventions.commemorationday",
            ),
        ),
        migrations.AddField(
            model_name="event",
            name="intervention",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="interventions.intervention",
            ),
        ),
        migrations.AddField(
            model_name="event",
            name="place",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="handover.place",
            ),
        ),
        migrations.AddField(
            model_name="event",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="interventionchange",
            name="consultation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes",
                to="interventions.consultation",
            ),
        ),
        migrations.AddField(
            model_name="interventionchange",
            name="intervention",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes",
                to="interventions.intervention",
            ),
        ),
        migrations.AddField(
            model_name="interventionchange",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.organisation"
            ),
        ),
        migrations.AddField(
            model_name="interventionchange",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="interventiondependency",
            name="after",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="dependents",
                to="interventions.intervention",
            ),
        ),
        migrations.AddField(
            model_name="interventiondependency",
            name="intervention",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="dependencies",
                to="interventions.intervention",
            ),
        ),
        migrations.AddField(
            model_name="interventiondependency",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="interventionmodel",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                help_text="Who published it; empty: it ships with the toolkit.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="handover.organisation",
            ),
        ),
        migrations.AddField(
            model_name="interventionpartner",
            name="agreement",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="handover.contract",
            ),
        ),
        migrations.AddField(
            model_name="interventionpartner",
            name="intervention",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="partners",
                to="interventions.intervention",
            ),
        ),
        migrations.AddField(
            model_name="interventionpartner",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="handover.organisation",
            ),
        ),
        migrations.AddField(
            model_name="interventionpartner",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="interventionplace",
            name="intervention",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="places",
                to="interventions.intervention",
            ),
        ),
        migrations.AddField(
            model_name="interventionplace",
            name="place",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.place"
            ),
        ),
        migrations.AddField(
            model_name="interventionplace",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="mediaitems",
            name="intervention",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="interventions.intervention",
            ),
        ),
        migrations.AddField(
            model_name="mediaitems",
            name="place",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="handover.place",
            ),
        ),
        migrations.AddField(
            model_name="mediaitems",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="modelversion",
            name="model",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="versions",
                to="interventions.interventionmodel",
            ),
        ),
        migrations.AddField(
            model_name="needlineage",
            name="after",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="came_of", to="interventions.need"
            ),
        ),
        migrations.AddField(
            model_name="needlineage",
            name="before",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="became", to="interventions.need"
            ),
        ),
        migrations.AddField(
            model_name="needlineage",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="needplace",
            name="need",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="places", to="interventions.need"
            ),
        ),
        migrations.AddField(
            model_name="needplace",
            name="place",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.place"
            ),
        ),
        migrations.AddField(
            model_name="needplace",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="policymeeting",
            name="authority",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="meetings",
                to="interventions.authority",
            ),
        ),
        migrations.AddField(
            model_name="policymeeting",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="commitment",
            name="meeting",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="commitments",
                to="interventions.policymeeting",
            ),
        ),
        migrations.AddField(
            model_name="policyseat",
            name="authority",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="seats",
                to="interventions.authority",
            ),
        ),
        migrations.AddField(
            model_name="policyseat",
            name="holder",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.organisation"
            ),
        ),
        migrations.AddField(
            model_name="policyseat",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="policymeeting",
            name="seat",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="meetings",
                to="interventions.policyseat",
            ),
        ),
        migrations.AddField(
            model_name="rankedneed",
            name="need",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="ranked", to="interventions.need"
            ),
        ),
        migrations.AddField(
            model_name="rankedneed",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="ranking",
            name="consultation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rankings",
                to="interventions.consultation",
            ),
        ),
        migrations.AddField(
            model_name="ranking",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.organisation"
            ),
        ),
        migrations.AddField(
            model_name="ranking",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="rankedneed",
            name="ranking",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="places", to="interventions.ranking"
            ),
        ),
        migrations.AddField(
            model_name="ballot",
            name="ranking",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ballots",
                to="interventions.ranking",
            ),
        ),
        migrations.AddField(
            model_name="saying",
            name="consultation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sayings",
                to="interventions.consultation",
            ),
        ),
        migrations.AddField(
            model_name="saying",
            name="intervention",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sayings",
                to="interventions.intervention",
            ),
        ),
        migrations.AddField(
            model_name="saying",
            name="need",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sayings",
                to="interventions.need",
            ),
        ),
        migrations.AddField(
            model_name="saying",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="service",
            name="intervention",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="services",
                to="interventions.intervention",
            ),
        ),
        migrations.AddField(
            model_name="service",
            name="licence",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="handover.licence",
            ),
        ),
        migrations.AddField(
            model_name="service",
            name="place",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="handover.place",
            ),
        ),
        migrations.AddField(
            model_name="service",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="service",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deliveries",
                to="interventions.service",
            ),
        ),
        migrations.AddField(
            model_name="support",
            name="intervention",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="support",
                to="interventions.intervention",
            ),
        ),
        migrations.AddField(
            model_name="support",
            name="place",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="handover.place",
            ),
        ),
        migrations.AddField(
            model_name="support",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="targetgroup",
            name="intervention",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="groups",
                to="interventions.intervention",
            ),
        ),
        migrations.AddField(
            model_name="targetgroup",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="training",
            name="intervention",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="trainings",
                to="interventions.intervention",
            ),
        ),
        migrations.AddField(
            model_name="training",
            name="place",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="handover.place",
            ),
        ),
        migrations.AddField(
            model_name="training",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddField(
            model_name="volunteering",
            name="intervention",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="volunteering",
                to="interventions.intervention",
            ),
        ),
        migrations.AddField(
            model_name="volunteering",
            name="place",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="handover.place",
            ),
        ),
        migrations.AddField(
            model_name="volunteering",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="adoption",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_adoption_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="adoption",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_adoption_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="adoption",
            constraint=models.UniqueConstraint(
                fields=("programme", "model_uuid"), name="interventions_adoption_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="adoptedpiece",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_adoptedpiece_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="adoptedpiece",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_adoptedpiece_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="adoptedpiece",
            constraint=models.UniqueConstraint(
                fields=("programme", "adoption", "kind", "key"), name="interventions_adoptedpiece_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="authority",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_authority_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="authority",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_authority_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="authority",
            constraint=models.UniqueConstraint(
                fields=("programme", "name"), name="interventions_authority_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="authority",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("level__in", ["local", "county", "national", "european", "international"])
                ),
                name="interventions_authority_level",
            ),
        ),
        migrations.AddConstraint(
            model_name="ballotline",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_ballotline_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="ballotline",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_ballotline_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="ballotline",
            constraint=models.UniqueConstraint(
                fields=("programme", "ballot", "need"), name="interventions_ballotline_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="ballotline",
            constraint=models.CheckConstraint(
                condition=models.Q(("value__gte", 0)), name="interventions_ballotline_value"
            ),
        ),
        migrations.AddConstraint(
            model_name="commemorationday",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_commemorationday_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="commemorationday",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_commemorationday_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="commemorationday",
            constraint=models.UniqueConstraint(
                fields=("programme", "key"), name="interventions_commemorationday_key"
            ),
        ),
        migrations.AddConstraint(
            model_name="commemorationday",
            constraint=models.CheckConstraint(
                condition=models.Q(("day__range", (1, 31)), ("month__range", (1, 12))),
                name="interventions_commemorationday_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="complaints",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_complaints_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="complaints",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_complaints_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="complaints",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                name="interventions_complaints_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="complaints",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="consultation",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_consultation_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="consultation",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_consultation_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="consultation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "format__in",
                        ["assembly", "focus_group", "home_visits", "survey", "council", "online", "other"],
                    )
                ),
                name="interventions_consultation_format",
            ),
        ),
        migrations.AddConstraint(
            model_name="attendance",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_attendance_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="attendance",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_attendance_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="attendance",
            constraint=models.UniqueConstraint(
                fields=("programme", "consultation", "gender", "age_band"),
                name="interventions_attendance_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="attendance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("age_band__in", ["0-13", "14-17", "18-29", "30-54", "55+", "unknown"]),
                    ("gender__in", ["women", "men", "non_binary", "unknown"]),
                ),
                name="interventions_attendance_groups",
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(fields=("uuid", "programme"), name="interventions_event_uuid"),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_event_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="interventions_event_dates"
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["commemoration", "debate", "exhibition", "campaign", "workshop", "other"])
                ),
                name="interventions_event_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="interventionchange",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_interventionchange_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="interventionchange",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_interventionchange_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="interventionchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="interventions_change_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="interventiondependency",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_interventiondependency_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="interventiondependency",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_interventiondependency_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="interventiondependency",
            constraint=models.UniqueConstraint(
                fields=("programme", "intervention", "after"),
                name="interventions_interventiondependency_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="interventiondependency",
            constraint=models.CheckConstraint(
                condition=models.Q(("intervention", models.F("after")), _negated=True),
                name="interventions_interventiondependency_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="interventionpartner",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_interventionpartner_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="interventionpartner",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_interventionpartner_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="interventionpartner",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("organisation__isnull", False), models.Q(("name", ""), _negated=True), _connector="OR"
                ),
                name="interventions_partner_named",
            ),
        ),
        migrations.AddConstraint(
            model_name="interventionplace",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_interventionplace_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="interventionplace",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_interventionplace_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="interventionplace",
            constraint=models.UniqueConstraint(
                fields=("programme", "intervention", "place"), name="interventions_interventionplace_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="mediaitems",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_mediaitems_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="mediaitems",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_mediaitems_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="mediaitems",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                name="interventions_mediaitems_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="mediaitems",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("response__in", ["none", "reply", "complaint", "corrected", "praise"]),
                    ("tone__in", ["positive", "neutral", "negative", "hateful"]),
                ),
                name="interventions_mediaitems_tone",
            ),
        ),
        migrations.AddConstraint(
            model_name="modelversion",
            constraint=models.UniqueConstraint(
                fields=("model", "number"), name="interventions_modelversion_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="modelversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)), name="interventions_modelversion_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="needlineage",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_needlineage_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="needlineage",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_needlineage_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="needlineage",
            constraint=models.UniqueConstraint(
                fields=("programme", "before", "after"), name="interventions_needlineage_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="needlineage",
            constraint=models.CheckConstraint(
                condition=models.Q(("before", models.F("after")), _negated=True),
                name="interventions_needlineage_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="needlineage",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["merge", "split"])), name="interventions_needlineage_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="needplace",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_needplace_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="needplace",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_needplace_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="needplace",
            constraint=models.UniqueConstraint(
                fields=("programme", "need", "place"), name="interventions_needplace_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="commitment",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_commitment_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="commitment",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_commitment_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="commitment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_on__isnull", True), ("state", "open")),
                    models.Q(
                        ("state__in", ["kept", "partly", "broken", "withdrawn"]), ("closed_on__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="interventions_commitment_closed",
            ),
        ),
        migrations.AddConstraint(
            model_name="commitment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("due_on__isnull", True), ("due_on__gte", models.F("made_on")), _connector="OR"
                ),
                name="interventions_commitment_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="policyseat",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_policyseat_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="policyseat",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_policyseat_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="policyseat",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["working_group", "monitoring_committee", "council", "other"])
                ),
                name="interventions_policyseat_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="policyseat",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on__isnull", True), ("ends_on__gte", models.F("starts_on")), _connector="OR"
                ),
                name="interventions_policyseat_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="policymeeting",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_policymeeting_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="policymeeting",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_policymeeting_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="ranking",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_ranking_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="ranking",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_ranking_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="ranking",
            constraint=models.CheckConstraint(
                condition=models.Q(("ranked_by__in", ["community", "professionals"])),
                name="interventions_ranking_ranked_by",
            ),
        ),
        migrations.AddConstraint(
            model_name="ranking",
            constraint=models.CheckConstraint(
                condition=models.Q(("method__in", ["show_of_hands", "votes", "points", "order", "agreed"])),
                name="interventions_ranking_method",
            ),
        ),
        migrations.AddConstraint(
            model_name="rankedneed",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_rankedneed_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="rankedneed",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_rankedneed_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="rankedneed",
            constraint=models.UniqueConstraint(
                fields=("programme", "ranking", "need"), name="interventions_rankedneed_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="rankedneed",
            constraint=models.CheckConstraint(
                condition=models.Q(("position__gte", 1)), name="interventions_rankedneed_position"
            ),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_ballot_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_ballot_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.UniqueConstraint(
                fields=("programme", "ranking", "number"), name="interventions_ballot_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.CheckConstraint(
                condition=models.Q(("voters__gte", 1)), name="interventions_ballot_voters"
            ),
        ),
        migrations.AddConstraint(
            model_name="saying",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_saying_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="saying",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_saying_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="saying",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["", "done", "under_way", "partly", "not_done"])),
                name="interventions_saying_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="saying",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_on__isnull", True), ("outcome", "")),
                    models.Q(models.Q(("outcome", ""), _negated=True), ("answered_on__isnull", False)),
                    _connector="OR",
                ),
                name="interventions_saying_answered",
            ),
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_service_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_service_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["activity", "service"])), name="interventions_service_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("started_on__isnull", True),
                    ("needs_licence", False),
                    ("licence__isnull", False),
                    _connector="OR",
                ),
                name="interventions_service_licence",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_delivery_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_delivery_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                name="interventions_delivery_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gte", 0)), name="interventions_delivery_quantity"
            ),
        ),
        migrations.AddConstraint(
            model_name="support",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_support_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="support",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_support_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="support",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                name="interventions_support_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="support",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="support",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__isnull", True), ("quantity__gte", 0), _connector="OR"),
                name="interventions_support_quantity",
            ),
        ),
        migrations.AddConstraint(
            model_name="targetgroup",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_targetgroup_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="targetgroup",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_targetgroup_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="training",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_training_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="training",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_training_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="training",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                name="interventions_training_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="training",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="training",
            constraint=models.CheckConstraint(
                condition=models.Q(("hours__gt", 0)), name="interventions_training_hours"
            ),
        ),
        migrations.AddConstraint(
            model_name="volunteering",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="interventions_volunteering_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="volunteering",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="interventions_volunteering_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="volunteering",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                name="interventions_volunteering_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="volunteering",
            constraint=models.CheckConstraint(
                condition=models.Q(("hours__gte", 0), ("training_hours__gte", 0)),
                name="interventions_volunteering_hours",
            ),
        ),
    ]
