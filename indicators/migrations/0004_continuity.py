"""Definitions with their rules; axes, breaks, sources, submissions, summaries and own code lists."""

from __future__ import annotations

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("handover", "0003_small_cells"),
        ("handover", "__first__"),
        ("indicators", "0003_activities"),
        ("interventions", "0002_walls"),
    ]

    operations = [
        migrations.CreateModel(
            name="Axis",
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
                    models.CharField(help_text="As in a value's dimensions: gender, age …", max_length=60),
                ),
                ("title", models.JSONField(blank=True, default=list, help_text="Narratives.")),
                (
                    "categories",
                    models.JSONField(
                        default=list,
                        help_text="[{code, title: narratives}] in order; they exclude each other.",
                    ),
                ),
                (
                    "estimated",
                    models.BooleanField(
                        default=False,
                        help_text="Informed estimates by people who know the community, never anybody's record.",
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0)),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "axes",
                "ordering": ("position", "id"),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="indicators_axis_uuid"),
                    models.UniqueConstraint(fields=("id", "programme"), name="indicators_axis_in_programme"),
                    models.UniqueConstraint(fields=("programme", "name"), name="indicators_axis_name"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Break",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("stated_by_name", models.TextField()),
                ("organisation_name", models.TextField()),
                ("stated_at", models.DateTimeField()),
                ("on", models.DateField(help_text="The first day of what is counted otherwise.")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("definition", "the definition changed"),
                            ("method", "the method or the source changed"),
                            ("scope", "other places or other people are counted"),
                            ("holder", "whoever holds it counts otherwise"),
                        ],
                        max_length=20,
                    ),
                ),
                ("reason", models.TextField()),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="breaks",
                        to="indicators.indicator",
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
                (
                    "stated_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("on", "id"),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="indicators_break_uuid"),
                    models.UniqueConstraint(fields=("id", "programme"), name="indicators_break_in_programme"),
                    models.UniqueConstraint(fields=("indicator", "on"), name="indicators_break_once"),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="indicators_break_reason"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Overlap",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("stated_by_name", models.TextField()),
                ("organisation_name", models.TextField()),
                ("stated_at", models.DateTimeField()),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("cut_on", models.DateField(help_text="The first day of the receiver.")),
                ("cell", models.TextField(blank=True, help_text="As in a value; empty: everybody.")),
                ("count", models.DecimalField(decimal_places=12, max_digits=38)),
                ("revision", models.PositiveIntegerField(default=1)),
                ("reason", models.TextField(help_text="How it is known, or why it was corrected.")),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="overlaps",
                        to="indicators.indicator",
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
                    "stated_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="indicators_overlap_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="indicators_overlap_in_programme"
                    ),
                    models.UniqueConstraint(
                        fields=("indicator", "starts_on", "ends_on", "cut_on", "cell", "place", "revision"),
                        name="indicators_overlap_slot",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cut_on__lte", models.F("ends_on")), ("starts_on__lt", models.F("cut_on"))
                        ),
                        name="indicators_overlap_cut",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("count__gte", 0)), name="indicators_overlap_count"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="indicators_overlap_reason"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OwnList",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "vocabulary",
                    models.CharField(
                        help_text="A URI, or a short name within the organisation.", max_length=200
                    ),
                ),
                ("title", models.JSONField(default=list, help_text="Narratives.")),
                ("source", models.CharField(help_text="Where it stands.", max_length=500)),
                ("imported_at", models.DateTimeField()),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
            ],
            options={
                "ordering": ("vocabulary",),
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "uuid"), name="indicators_ownlist_uuid"),
                    models.UniqueConstraint(
                        fields=("organisation", "vocabulary"), name="indicators_ownlist_vocabulary"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "organisation"), name="indicators_ownlist_in_organisation"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SourceSeries",
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
                    "title",
                    models.CharField(
                        help_text="For example: attendance register of the day centre.", max_length=300
                    ),
                ),
                (
                    "office",
                    models.CharField(
                        blank=True, help_text="The post that keeps it, not a person.", max_length=200
                    ),
                ),
                (
                    "location",
                    models.CharField(
                        help_text="Where it lies: address, room, shelf or system.", max_length=300
                    ),
                ),
                ("starts_on", models.DateField(blank=True, null=True)),
                ("ends_on", models.DateField(blank=True, null=True)),
                (
                    "count",
                    models.PositiveBigIntegerField(
                        blank=True, help_text="Sheets, entries or files.", null=True
                    ),
                ),
                (
                    "counted",
                    models.CharField(
                        blank=True, help_text="What is counted: sheets, entries, files.", max_length=60
                    ),
                ),
                (
                    "sha256",
                    models.CharField(
                        blank=True, help_text="Of the scanned or electronic whole.", max_length=64
                    ),
                ),
                ("keep_until", models.DateField(blank=True, null=True)),
                ("note", models.TextField(blank=True)),
                (
                    "custodian",
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
                "verbose_name_plural": "source series",
                "ordering": ("title", "id"),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("uuid", "programme"), name="indicators_sourceseries_uuid"
                    ),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="indicators_sourceseries_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("starts_on__isnull", True),
                            ("ends_on__isnull", True),
                            ("ends_on__gte", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="indicators_sourceseries_dates",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("sha256", ""), ("sha256__regex", "^[0-9a-f]{64}$"), _connector="OR"
                        ),
                        name="indicators_sourceseries_digest",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Submission",
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
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "submitted"),
                            ("returned", "returned with a note"),
                            ("approved", "approved"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=300)),
                ("organisation_name", models.TextField()),
                ("drafted_by_name", models.TextField()),
                ("drafted_at", models.DateTimeField()),
                ("submitted_at", models.DateTimeField(blank=True, null=True)),
                ("decided_by_name", models.TextField(blank=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("note", models.TextField(blank=True, help_text="Why it was returned.")),
                ("batch", models.UUIDField(blank=True, help_text="Of its values, once approved.", null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "drafted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                    models.UniqueConstraint(fields=("uuid", "programme"), name="indicators_submission_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="indicators_submission_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["draft", "submitted", "returned", "approved", "withdrawn"])
                        ),
                        name="indicators_submission_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "approved"), _negated=True),
                            models.Q(
                                ("batch__isnull", False),
                                ("decided_by__isnull", False),
                                ("submitted_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="indicators_submission_approved",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "returned"), _negated=True),
                            models.Q(("note", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="indicators_submission_returned",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Summary",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "split",
                    models.TextField(
                        blank=True, help_text="Names of the axes, sorted, joined by |; empty: everybody."
                    ),
                ),
                ("values", models.PositiveBigIntegerField()),
                ("numbers", models.PositiveBigIntegerField(help_text="Values that are numbers.")),
                (
                    "fractions",
                    models.PositiveBigIntegerField(help_text="Values with numerator and denominator."),
                ),
                (
                    "positions",
                    models.PositiveIntegerField(help_text="How many values share one cell at most."),
                ),
                (
                    "located",
                    models.PositiveBigIntegerField(help_text="Values with locations of an activity."),
                ),
                (
                    "value",
                    models.DecimalField(
                        blank=True, decimal_places=12, help_text="Sum.", max_digits=60, null=True
                    ),
                ),
                (
                    "numerator",
                    models.DecimalField(
                        blank=True, decimal_places=12, help_text="Sum.", max_digits=60, null=True
                    ),
                ),
                (
                    "denominator",
                    models.DecimalField(
                        blank=True, decimal_places=12, help_text="Sum.", max_digits=60, null=True
                    ),
                ),
                ("smallest", models.DecimalField(blank=True, decimal_places=12, max_digits=60, null=True)),
                ("largest", models.DecimalField(blank=True, decimal_places=12, max_digits=60, null=True)),
                (
                    "reported",
                    models.DecimalField(
                        blank=True,
                        decimal_places=12,
                        help_text="The one value for everybody.",
                        max_digits=60,
                        null=True,
                    ),
                ),
                ("said", models.TextField(blank=True, help_text="The same, as written.", null=True)),
                ("first_at", models.DateTimeField(help_text="When the first of them was recorded.")),
                ("last_at", models.DateTimeField(help_text="When the last of them was recorded.")),
                (
                    "indicator",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="indicators.indicator",
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
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
            ],
            options={
                "ordering": ("id",),
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "indicator", "period", "place", "split"),
                        name="indicators_summary_slot",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Draft",
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
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("cell", models.TextField(blank=True)),
                ("numerator", models.DecimalField(blank=True, decimal_places=12, max_digits=38, null=True)),
                ("denominator", models.DecimalField(blank=True, decimal_places=12, max_digits=38, null=True)),
                ("revision", models.PositiveIntegerField(default=1)),
                ("reason", models.TextField(blank=True)),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="indicators.indicator",
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
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="indicators.sourceseries",
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drafts",
                        to="indicators.submission",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="indicators_draft_uuid"),
                    models.UniqueConstraint(fields=("id", "programme"), name="indicators_draft_in_programme"),
                    models.UniqueConstraint(
                        fields=(
                            "submission",
                            "indicator",
                            "starts_on",
                            "ends_on",
                            "cell",
                            "place",
                            "position",
                        ),
                        name="indicators_draft_slot",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OwnCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=120)),
                ("title", models.JSONField(default=list, help_text="Narratives.")),
                ("position", models.PositiveIntegerField(default=0)),
                (
                    "withdrawn",
                    models.BooleanField(
                        default=False, help_text="No longer in the list; what names it stays."
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
                    "own_list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="codes",
                        to="indicators.ownlist",
                    ),
                ),
            ],
            options={
                "ordering": ("position", "id"),
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "own_list", "code"), name="indicators_owncode_code"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Provenance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("value_uuid", models.UUIDField()),
                ("filename", models.CharField(blank=True, max_length=255)),
                ("title", models.CharField(blank=True, max_length=300)),
                ("batch", models.UUIDField(help_text="Subject of the ledger entry that commits to it.")),
                ("added_by_name", models.TextField()),
                ("organisation_name", models.TextField()),
                ("added_at", models.DateTimeField()),
                (
                    "file",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.storedfile",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="values",
                        to="indicators.sourceseries",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "provenance",
                "ordering": ("id",),
                "abstract": False,
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["programme", "value_uuid"], name="indicators_provenance_value")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="indicators_provenance_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="indicators_provenance_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("file__isnull", True), ("source__isnull", False)),
                            models.Q(
                                ("file__isnull", False),
                                ("source__isnull", True),
                                models.Q(("filename", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="indicators_provenance_one",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="indicator",
            name="amber_from",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                help_text="Per cent of the way to the target.",
                max_digits=6,
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="indicator",
            name="approval",
            field=models.BooleanField(
                default=False, help_text="Values count only once somebody who may approve them did so."
            ),
        ),
        migrations.AddField(
            model_name="indicator",
            name="axes",
            field=models.JSONField(
                blank=True, default=list, help_text="Names of the axes that disaggregate it."
            ),
        ),
        migrations.AddField(
            model_name="indicator",
            name="collected_by",
            field=models.CharField(
                blank=True, help_text="An office or a post, not a person.", max_length=300
            ),
        ),
        migrations.AddField(
            model_name="indicator",
            name="currency",
            field=models.CharField(blank=True, help_text="ISO 4217, where it is an amount.", max_length=3),
        ),
        migrations.AddField(
            model_name="indicator",
            name="due_days",
            field=models.PositiveSmallIntegerField(
                blank=True, help_text="Days after a period's end until which a value is in time.", null=True
            ),
        ),
        migrations.AddField(
            model_name="indicator",
            name="expression",
            field=models.TextField(
                blank=True, help_text="Calculated from others, which ``parts`` names; empty: reported."
            ),
        ),
        migrations.AddField(
            model_name="indicator",
            name="frequency",
            field=models.CharField(
                blank=True,
                choices=[
                    ("monthly", "monthly"),
                    ("quarterly", "quarterly"),
                    ("half_yearly", "half-yearly"),
                    ("yearly", "yearly"),
                    ("school_year", "by school year, 1 September to 31 August"),
                    ("custom", "on days of its own"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="indicator",
            name="green_from",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                help_text="Per cent of the way to the target.",
                max_digits=6,
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="indicator",
            name="method",
            field=models.TextField(blank=True, help_text="How it is measured."),
        ),
        migrations.AddField(
            model_name="indicator",
            name="over_groups",
            field=models.CharField(
                blank=True,
                choices=[
                    ("sum", "added up"),
                    ("latest", "the latest one"),
                    (
                        "weighted",
                        "the average weighted by denominator: made anew from numerators and denominators",
                    ),
                    ("minimum", "the smallest one"),
                    ("maximum", "the largest one"),
                    ("none", "never one"),
                ],
                help_text="As over time.",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="indicator",
            name="over_places",
            field=models.CharField(
                blank=True,
                choices=[
                    ("sum", "added up"),
                    ("latest", "the latest one"),
                    (
                        "weighted",
                        "the average weighted by denominator: made anew from numerators and denominators",
                    ),
                    ("minimum", "the smallest one"),
                    ("maximum", "the largest one"),
                    ("none", "never one"),
                ],
                help_text="As over time.",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="indicator",
            name="over_time",
            field=models.CharField(
                blank=True,
                choices=[
                    ("sum", "added up"),
                    ("latest", "the latest one"),
                    (
                        "weighted",
                        "the average weighted by denominator: made anew from numerators and denominators",
                    ),
                    ("minimum", "the smallest one"),
                    ("maximum", "the largest one"),
                    ("none", "never one"),
                ],
                help_text="Empty: as measure and counting rule say.",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="indicator",
            name="parts",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="{name in the expression: UUID of an indicator of the programme}.",
            ),
        ),
        migrations.AddField(
            model_name="indicator",
            name="scale",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="[{code, title}] from lowest to highest, where it is ordinal.",
            ),
        ),
        migrations.AddField(
            model_name="indicator",
            name="source",
            field=models.TextField(
                blank=True, help_text="Where the values come from, for example a register."
            ),
        ),
        migrations.AddField(
            model_name="indicator",
            name="unit",
            field=models.CharField(
                blank=True, help_text="For example: persons, EUR, meetings.", max_length=60
            ),
        ),
        migrations.AddConstraint(
            model_name="indicator",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amber_from__isnull", True), ("green_from__isnull", True)),
                    ("green_from__gte", models.F("amber_from")),
                    _connector="OR",
                ),
                name="indicators_indicator_thresholds",
            ),
        ),
    ]
