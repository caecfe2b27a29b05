"""Obligations of grants and what stops their clocks; with their walls."""

from __future__ import annotations

import uuid

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

WALLS = r"""
SELECT handover_wall(name::regclass, 'programme')
  FROM unnest(ARRAY['handover_obligation', 'handover_obligationpause']) AS name;

SELECT handover_bind(child::regclass, col, parent::regclass) FROM (VALUES
  ('handover_obligation', 'grant_id', 'handover_grant'),
  ('handover_obligationpause', 'obligation_id', 'handover_obligation')
) AS bound (child, col, parent);

SELECT handover_notes_edits(name::regclass)
  FROM unnest(ARRAY['handover_obligation', 'handover_obligationpause']) AS name;
"""


class Migration(migrations.Migration):
    """Not reversible: a wall is not taken down by going back one migration."""

    dependencies = [
        ("handover", "0013_invitations"),
    ]

    operations = [
        migrations.CreateModel(
            name="Obligation",
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
                        choices=[
                            ("durability", "what was funded stays and works"),
                            ("records", "records are kept"),
                            ("equipment", "equipment is kept or passed on"),
                            ("sustainability", "what the grant agreement says of sustainability"),
                            ("other", "another duty"),
                        ],
                        max_length=20,
                    ),
                ),
                ("title", models.CharField(max_length=300)),
                (
                    "rule",
                    models.SlugField(
                        blank=True,
                        help_text="Key of the shipped rule; empty for a rule of one's own.",
                        max_length=60,
                    ),
                ),
                ("source", models.CharField(help_text="The law, agreement or decision.", max_length=300)),
                ("article", models.CharField(blank=True, max_length=120)),
                (
                    "mark",
                    models.CharField(
                        choices=[
                            ("verified", "read in its source"),
                            ("secondary", "from a secondary source"),
                            ("unconfirmed", "not confirmed by anybody here"),
                        ],
                        default="unconfirmed",
                        max_length=20,
                    ),
                ),
                ("in_force_from", models.DateField(blank=True, null=True)),
                ("in_force_to", models.DateField(blank=True, null=True)),
                (
                    "counts_from",
                    models.CharField(
                        choices=[
                            ("final_payment", "the final payment"),
                            ("payment_year", "31 December of the year of the final payment"),
                            ("grant_end", "the last day of the grant"),
                            ("day", "a day that is entered here"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "day",
                    models.DateField(
                        blank=True, help_text="Where the time runs from a day of its own.", null=True
                    ),
                ),
                (
                    "years",
                    models.PositiveSmallIntegerField(
                        default=0, validators=[django.core.validators.MaxValueValidator(50)]
                    ),
                ),
                (
                    "months",
                    models.PositiveSmallIntegerField(
                        default=0, validators=[django.core.validators.MaxValueValidator(11)]
                    ),
                ),
                (
                    "is_deadline",
                    models.BooleanField(
                        default=False, help_text="It is done by its last day, rather than kept until then."
                    ),
                ),
                (
                    "applies",
                    models.CharField(
                        choices=[
                            ("undecided", "not decided yet"),
                            ("yes", "it applies"),
                            ("no", "it does not apply"),
                        ],
                        default="undecided",
                        max_length=20,
                    ),
                ),
                ("why", models.TextField(blank=True, help_text="Why it applies, or does not.")),
                (
                    "exposure",
                    models.CharField(
                        choices=[
                            ("none", "the rule says nothing of it"),
                            ("proportional", "in proportion to the time that is left"),
                        ],
                        default="none",
                        max_length=20,
                    ),
                ),
                ("counted_from", models.DateField(blank=True, editable=False, null=True)),
                ("ends_on", models.DateField(blank=True, editable=False, null=True)),
                (
                    "debtor",
                    models.ForeignKey(
                        help_text="Who answers for it to the donor, whoever holds the programme.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="obligations",
                        to="handover.grant",
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
            },
        ),
        migrations.CreateModel(
            name="ObligationPause",
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
                    "effect",
                    models.CharField(
                        choices=[
                            ("suspends", "the time stands still and then runs on"),
                            ("restarts", "the time begins anew once it is over"),
                        ],
                        max_length=20,
                    ),
                ),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(blank=True, null=True)),
                (
                    "authority",
                    models.CharField(help_text="The court or authority; never a person.", max_length=300),
                ),
                ("reason", models.TextField()),
                (
                    "obligation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pauses",
                        to="handover.obligation",
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
            },
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.UniqueConstraint(fields=("uuid", "programme"), name="handover_obligation_uuid"),
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="handover_obligation_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("rule", ""), _negated=True),
                fields=("grant", "rule"),
                name="handover_obligation_rule_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("in_force_from__isnull", True),
                    ("in_force_to__isnull", True),
                    ("in_force_to__gte", models.F("in_force_from")),
                    _connector="OR",
                ),
                name="handover_obligation_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on__isnull", True),
                    models.Q(("counted_from__isnull", False), ("ends_on__gte", models.F("counted_from"))),
                    _connector="OR",
                ),
                name="handover_obligation_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="obligationpause",
            constraint=models.UniqueConstraint(
                fields=("uuid", "programme"), name="handover_obligationpause_uuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="obligationpause",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="handover_obligationpause_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="obligationpause",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on__isnull", True), ("ends_on__gte", models.F("starts_on")), _connector="OR"
                ),
                name="handover_obligationpause_dates",
            ),
        ),
        migrations.RunSQL(WALLS),
    ]
