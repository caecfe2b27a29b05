"""Registers in full, budgets in stages, votes of the community, readiness."""

from __future__ import annotations

import uuid

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("handover", "0006_standings_once"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="programme",
            options={
                "default_permissions": (),
                "ordering": ("identifier",),
                "permissions": (
                    ("view", "Read everything that the programme holds, but for evidence that names people"),
                    ("export", "Take a copy of the programme out"),
                    ("read_ledger", "Read the ledger and verify it"),
                    ("edit_programme", "Change the programme's description, places, communities and grants"),
                    (
                        "manage_standings",
                        "Admit organisations to the programme and give single users exceptions",
                    ),
                    ("manage_responsibilities", "Define responsibilities"),
                    ("edit_needs", "Change the needs hierarchy"),
                    ("edit_interventions", "Change what is done"),
                    (
                        "record_voice",
                        "Record consultations, rankings, votes of the community and what was done about dissent",
                    ),
                    ("assess_readiness", "Score readiness for one's own side"),
                    ("publish_model", "Publish the programme's structure as a model that others may adopt"),
                    ("define_indicators", "Change definitions, baselines and targets"),
                    ("report_values", "Report and correct indicator values"),
                    ("approve_values", "Approve values that somebody else submitted, or return them"),
                    (
                        "report_owed",
                        "Report the results still owed after a handover, for the indicators that the plan names",
                    ),
                    ("plan_transfer", "Draw up, propose and revoke a transfer"),
                    ("answer_transfer", "Accept, refuse or return a transfer"),
                    ("add_evidence", "Add evidence to transfer milestones"),
                    ("sign", "Sign for the organisation"),
                    ("execute_transfer", "Execute an accepted transfer"),
                ),
            },
        ),
        migrations.CreateModel(
            name="BudgetStep",
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
                ("title", models.CharField(max_length=300)),
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
                (
                    "years_before",
                    models.PositiveSmallIntegerField(
                        default=1, validators=[django.core.validators.MaxValueValidator(2)]
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        blank=True, help_text="The rule or decision it comes from.", max_length=300
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
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_budgetstep_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_budgetstep_in_programme"
                    ),
                    models.UniqueConstraint(
                        fields=("programme", "organisation", "key"), name="handover_budgetstep_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("day__range", (1, 31)), ("month__range", (1, 12))),
                        name="handover_budgetstep_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CommunitySeat",
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
                    "role",
                    models.CharField(
                        choices=[
                            ("representative", "elected or named representative"),
                            ("leader", "community leader"),
                            ("mediator", "mediator from the community"),
                            ("youth", "young people's representative"),
                            ("women", "women's representative"),
                        ],
                        max_length=20,
                    ),
                ),
                ("seats", models.PositiveSmallIntegerField(default=1)),
                (
                    "chosen_by",
                    models.CharField(
                        help_text="How it was filled: an assembly, a vote, custom.", max_length=300
                    ),
                ),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(blank=True, help_text="The last day.", null=True)),
                (
                    "community",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seats",
                        to="handover.community",
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
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_communityseat_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_communityseat_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("role__in", ["representative", "leader", "mediator", "youth", "women"])
                        ),
                        name="handover_communityseat_role",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("seats__gte", 1)), name="handover_communityseat_seats"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on__isnull", True),
                            ("ends_on__gte", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="handover_communityseat_dates",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CommunityVote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "consultation_uuid",
                    models.UUIDField(blank=True, help_text="The consultation where it was held.", null=True),
                ),
                ("held_on", models.DateField()),
                (
                    "asked",
                    models.JSONField(default=list, help_text="Narratives: the question in plain language."),
                ),
                ("present", models.PositiveIntegerField()),
                ("assent", models.PositiveIntegerField()),
                ("dissent", models.PositiveIntegerField()),
                ("abstained", models.PositiveIntegerField()),
                ("user_uuid", models.UUIDField(help_text="Who recorded it.")),
                ("recorded_at", models.DateTimeField()),
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
                    "milestone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="votes",
                        to="handover.transfermilestone",
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
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_communityvote_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_communityvote_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "present__gte",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("assent"), "+", models.F("dissent")
                                    ),
                                    "+",
                                    models.F("abstained"),
                                ),
                            )
                        ),
                        name="handover_communityvote_counts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExchangeRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("currency", models.CharField(max_length=3)),
                ("into", models.CharField(max_length=3)),
                ("rate", models.DecimalField(decimal_places=8, max_digits=18)),
                ("since", models.DateField()),
                ("source", models.CharField(max_length=300)),
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
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_exchangerate_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_exchangerate_in_programme"
                    ),
                    models.UniqueConstraint(
                        fields=("programme", "currency", "into", "since"), name="handover_exchangerate_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rate__gt", 0)), name="handover_exchangerate_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency", models.F("into")), _negated=True),
                        name="handover_exchangerate_two",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Instrument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("key", models.SlugField(max_length=80)),
                ("edition", models.CharField(max_length=20)),
                ("title", models.JSONField(default=list, help_text="Narratives.")),
                ("source", models.CharField(max_length=300)),
                ("licence", models.CharField(max_length=120)),
                ("document", models.JSONField(default=dict)),
                ("digest", models.CharField(help_text="SHA-256 of the canonical document.", max_length=64)),
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
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_instrument_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_instrument_in_programme"
                    ),
                    models.UniqueConstraint(
                        fields=("programme", "key", "edition"), name="handover_instrument_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PostFunding",
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
                    "source",
                    models.CharField(
                        choices=[
                            ("grant", "grant"),
                            ("municipality", "municipality"),
                            ("state", "state"),
                            ("other", "other source"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "share",
                    models.DecimalField(
                        decimal_places=2, help_text="Per cent of the post's cost.", max_digits=5
                    ),
                ),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=300)),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fundings",
                        to="handover.post",
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
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_postfunding_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_postfunding_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("share__gt", 0), ("share__lte", 100)),
                        name="handover_postfunding_share",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on__isnull", True),
                            ("ends_on__gte", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="handover_postfunding_dates",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Premises",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("title", models.CharField(max_length=300)),
                ("address", models.CharField(max_length=300)),
                ("area", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                (
                    "owner_name",
                    models.CharField(
                        blank=True,
                        help_text="An owner outside the directory: a body, never a person.",
                        max_length=200,
                    ),
                ),
                (
                    "held_by",
                    models.CharField(
                        choices=[("ownership", "ownership"), ("free_use", "free use"), ("lease", "lease")],
                        max_length=20,
                    ),
                ),
                (
                    "title_of_transfer",
                    models.CharField(
                        blank=True,
                        choices=[("ownership", "ownership"), ("free_use", "free use"), ("lease", "lease")],
                        max_length=20,
                    ),
                ),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(blank=True, null=True)),
                (
                    "contract",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.contract",
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
                    "owner",
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
                (
                    "responsibility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.responsibility",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "premises",
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_premises_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_premises_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to__isnull", True),
                            ("valid_to__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="handover_premises_dates",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ScoreGate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("instrument_key", models.SlugField(max_length=80)),
                (
                    "domain",
                    models.SlugField(blank=True, help_text="Empty: the whole instrument.", max_length=80),
                ),
                ("at_least", models.DecimalField(decimal_places=2, max_digits=5)),
                (
                    "milestone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="score_gates",
                        to="handover.transfermilestone",
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
                "ordering": ("id",),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_scoregate_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_scoregate_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("at_least__gt", 0), ("at_least__lte", 100)),
                        name="handover_scoregate_range",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Assessment",
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
                    "voice",
                    models.CharField(
                        choices=[
                            ("giver", "giver"),
                            ("receiver", "receiver"),
                            ("community", "community"),
                            ("agreed", "agreed between them"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "wave",
                    models.CharField(
                        choices=[
                            ("before", "before the handover"),
                            ("after_12", "12 months after"),
                            ("after_24", "24 months after"),
                        ],
                        default="before",
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "being scored"), ("closed", "closed")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("scored_on", models.DateField()),
                ("user_uuid", models.UUIDField(help_text="Who scored, or who wrote down what was agreed.")),
                ("user_name", models.CharField(max_length=200)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("remark", models.TextField(blank=True)),
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
                    "transfer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessments",
                        to="handover.transfer",
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessments",
                        to="handover.instrument",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_assessment_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_assessment_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("voice__in", ["giver", "receiver", "community", "agreed"])),
                        name="handover_assessment_voice",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("wave__in", ["before", "after_12", "after_24"])),
                        name="handover_assessment_wave",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", True), ("state", "open")),
                            models.Q(("closed_at__isnull", False), ("state", "closed")),
                            _connector="OR",
                        ),
                        name="handover_assessment_closed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DissentAnswer",
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
                            ("mediated", "a mediation was held"),
                            ("reasons_given", "the reasons were answered, and the milestone goes on"),
                            ("plan_changed", "the plan was changed"),
                        ],
                        max_length=20,
                    ),
                ),
                ("text", models.TextField(help_text="What was said or agreed, in plain language.")),
                (
                    "mediator",
                    models.CharField(
                        blank=True, help_text="The body that mediated, never a person.", max_length=200
                    ),
                ),
                ("answered_on", models.DateField()),
                ("user_uuid", models.UUIDField()),
                ("recorded_at", models.DateTimeField()),
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
                    "vote",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="handover.communityvote",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_dissentanswer_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_dissentanswer_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["mediated", "reasons_given", "plan_changed"])),
                        name="handover_dissentanswer_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="handover_dissentanswer_words"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DissentReason",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("text", models.TextField()),
                ("people", models.PositiveIntegerField()),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.programme"
                    ),
                ),
                (
                    "vote",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reasons",
                        to="handover.communityvote",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_dissentreason_uuid"),
                    models.UniqueConstraint(
                        fields=("id", "programme"), name="handover_dissentreason_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="handover_dissentreason_words"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("people__gte", 1)), name="handover_dissentreason_people"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Score",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("item", models.SlugField(max_length=80)),
                ("score", models.SmallIntegerField(blank=True, null=True)),
                ("remark", models.TextField(blank=True, help_text="Where it is agreed: why.")),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scores",
                        to="handover.assessment",
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
                    models.UniqueConstraint(fields=("uuid", "programme"), name="handover_score_uuid"),
                    models.UniqueConstraint(fields=("id", "programme"), name="handover_score_in_programme"),
                    models.UniqueConstraint(fields=("assessment", "item"), name="handover_score_once"),
                ],
            },
        ),
        migrations.AddField(
            model_name="budgetline",
            name="classification",
            field=models.CharField(
                blank=True,
                help_text="Code of the budget classification, for example 68.02.50.",
                max_length=60,
            ),
        ),
        migrations.AddField(
            model_name="budgetline",
            name="decided_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="budgetline",
            name="stage",
            field=models.CharField(
                blank=True,
                choices=[
                    ("estimate", "estimate of a later year"),
                    ("requested", "requested"),
                    ("adopted", "adopted"),
                    ("revised", "revised"),
                    ("executed", "executed"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="contract",
            name="kind",
            field=models.CharField(
                blank=True,
                choices=[
                    ("service", "contract for services"),
                    ("supply", "supply"),
                    ("lease", "lease"),
                    ("free_use", "free use (comodat, panauda)"),
                    ("partnership", "partnership agreement"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="contract",
            name="may_be_novated",
            field=models.BooleanField(
                default=False, help_text="The contract itself allows that another party takes it over."
            ),
        ),
        migrations.AddField(
            model_name="equipment",
            name="book_value",
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True),
        ),
        migrations.AddField(
            model_name="equipment",
            name="book_value_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="equipment",
            name="custodian",
            field=models.ForeignKey(
                blank=True,
                help_text="Who keeps it day by day.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="handover.organisation",
            ),
        ),
        migrations.AddField(
            model_name="equipment",
            name="funding_share",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                help_text="Per cent of the cost that the grant paid.",
                max_digits=5,
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(100),
                ],
            ),
        ),
        migrations.AddField(
            model_name="equipment",
            name="grant",
            field=models.ForeignKey(
                blank=True,
                help_text="The grant that paid for it: its threshold and conditions hold.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="handover.grant",
            ),
        ),
        migrations.AddField(
            model_name="equipment",
            name="inventory_number",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="equipment",
            name="no_disposal_before",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="equipment",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="handover.organisation",
            ),
        ),
        migrations.AddField(
            model_name="equipment",
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
            model_name="equipment",
            name="proof",
            field=models.CharField(
                blank=True, help_text="The paper that proves the transfer.", max_length=300
            ),
        ),
        migrations.AddField(
            model_name="equipment",
            name="proof_file",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="handover.storedfile",
            ),
        ),
        migrations.AddField(
            model_name="equipment",
            name="title_of_transfer",
            field=models.CharField(
                blank=True,
                choices=[("ownership", "ownership"), ("free_use", "free use"), ("lease", "lease")],
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="licence",
            name="kind",
            field=models.CharField(
                blank=True,
                choices=[
                    ("accreditation", "accreditation of a provider"),
                    ("operating_licence", "operating licence of a service"),
                    ("other", "other permit"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="licence",
            name="provider",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="handover.organisation",
            ),
        ),
        migrations.AddField(
            model_name="licence",
            name="service",
            field=models.CharField(
                blank=True, help_text="The service in the licence's words.", max_length=300
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="currency",
            field=models.CharField(blank=True, max_length=3),
        ),
        migrations.AddField(
            model_name="post",
            name="employer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="handover.organisation",
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="filled_by",
            field=models.CharField(
                blank=True,
                choices=[("givers_worker", "the giver's worker"), ("another", "somebody else")],
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="number",
            field=models.CharField(
                blank=True,
                help_text="Its position in the list of posts (ro: stat de funcții).",
                max_length=60,
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="qualification",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="post",
            name="stage",
            field=models.CharField(
                blank=True,
                choices=[
                    ("planned", "planned"),
                    ("in_organigram", "in the organigram"),
                    ("funded", "funded"),
                    ("advertised", "advertised"),
                    ("filled", "filled"),
                ],
                help_text="Empty: nobody said how far it is.",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="yearly_cost",
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True),
        ),
        migrations.AddField(
            model_name="transfermilestone",
            name="on_dissent",
            field=models.CharField(
                blank=True,
                choices=[
                    ("pause", "the milestone waits until the community has voted again"),
                    ("mediation", "the milestone waits until a mediation has been held"),
                    ("go_on", "the milestone goes on once the reasons have been answered in writing"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="transfermilestone",
            name="quorum",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="How many people must be counted for the community's vote to hold.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="budgetline",
            name="source",
            field=models.CharField(
                choices=[
                    ("grant", "grant"),
                    ("municipality", "municipality"),
                    ("state", "state"),
                    ("other", "other source"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="grantmapping",
            name="permission",
            field=models.CharField(
                choices=[
                    ("view", "Read everything that the programme holds, but for evidence that names people"),
                    ("export", "Take a copy of the programme out"),
                    ("read_ledger", "Read the ledger and verify it"),
                    ("edit_programme", "Change the programme's description, places, communities and grants"),
                    (
                        "manage_standings",
                        "Admit organisations to the programme and give single users exceptions",
                    ),
                    ("manage_responsibilities", "Define responsibilities"),
                    ("edit_responsibility", "Change a responsibility and its registers"),
                    ("edit_needs", "Change the needs hierarchy"),
                    ("edit_interventions", "Change what is done"),
                    (
                        "record_voice",
                        "Record consultations, rankings, votes of the community and what was done about dissent",
                    ),
                    ("assess_readiness", "Score readiness for one's own side"),
                    ("publish_model", "Publish the programme's structure as a model that others may adopt"),
                    ("define_indicators", "Change definitions, baselines and targets"),
                    ("report_values", "Report and correct indicator values"),
                    ("approve_values", "Approve values that somebody else submitted, or return them"),
                    (
                        "report_owed",
                        "Report the results still owed after a handover, for the indicators that the plan names",
                    ),
                    ("plan_transfer", "Draw up, propose and revoke a transfer"),
                    ("answer_transfer", "Accept, refuse or return a transfer"),
                    ("add_evidence", "Add evidence to transfer milestones"),
                    ("sign", "Sign for the organisation"),
                    ("execute_transfer", "Execute an accepted transfer"),
                ],
                max_length=40,
            ),
        ),
        migrations.AlterField(
            model_name="post",
            name="funded_by",
            field=models.CharField(
                choices=[
                    ("grant", "grant"),
                    ("municipality", "municipality"),
                    ("state", "state"),
                    ("other", "other source"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="transfermilestone",
            constraint=models.CheckConstraint(
                condition=models.Q(("quorum__isnull", True), ("quorum__gte", 1), _connector="OR"),
                name="handover_milestone_quorum",
            ),
        ),
    ]
