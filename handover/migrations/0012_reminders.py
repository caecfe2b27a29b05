"""Reminders: what people chose to hear, what they were told, and their calendars; with their walls."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

WALLS = r"""
SELECT handover_wall(name::regclass, 'organisation') FROM unnest(ARRAY[
  'handover_told', 'handover_calendarentry']) AS name;
"""


class Migration(migrations.Migration):
    """Not reversible: a wall is not taken down by going back one migration."""

    dependencies = [("handover", "0011_papers")]

    operations = [
        migrations.CreateModel(
            name="Letter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("waiting", "something new waits for you"),
                            ("due", "something is due soon, or late"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waits for a worker"),
                            ("sending", "being handed to the mail server"),
                            ("sent", "the mail server has it"),
                            ("dropped", "nothing was left to tell"),
                            ("doubtful", "nobody knows whether the mail server has it; it is not sent twice"),
                            ("given_up", "the mail server would not take it"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "error",
                    models.CharField(
                        blank=True, help_text="What the mail server said, in a word.", max_length=300
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ReminderChoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("waiting", "something new waits for you"),
                            ("due", "something is due soon, or late"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "how_often",
                    models.CharField(
                        choices=[
                            ("at_once", "at once"),
                            ("daily", "once a day, in the morning"),
                            ("weekly", "once a week, on Monday morning"),
                            ("never", "never"),
                        ],
                        default="daily",
                        max_length=10,
                    ),
                ),
                ("looked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reminder_choices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Told",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("task", models.CharField(help_text="The task's key.", max_length=300)),
                (
                    "stage",
                    models.CharField(
                        help_text="That it waits, or how near its day was; and which turn or day that was.",
                        max_length=80,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "letter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="handover.letter"
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
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="CalendarAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "digest",
                    models.BinaryField(help_text="SHA-256 of the secret.", max_length=32, unique=True),
                ),
                ("created_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calendar_addresses",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at", None)),
                        fields=("user",),
                        name="handover_calendaraddress_one",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("task", models.CharField(help_text="The task's key.", max_length=300)),
                ("due_on", models.DateField()),
                ("sequence", models.PositiveIntegerField(default=0)),
                ("cancelled", models.BooleanField(default=False)),
                ("changed_at", models.DateTimeField()),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
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
                    models.UniqueConstraint(
                        fields=("organisation", "user", "task"), name="handover_calendarentry_once"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["waiting", "due"])), name="handover_letter_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["waiting", "sending", "sent", "dropped", "doubtful", "given_up"])
                ),
                name="handover_letter_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="reminderchoice",
            constraint=models.UniqueConstraint(fields=("user", "kind"), name="handover_reminderchoice_once"),
        ),
        migrations.AddConstraint(
            model_name="reminderchoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["waiting", "due"])), name="handover_reminderchoice_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="reminderchoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("how_often__in", ["at_once", "daily", "weekly", "never"])),
                name="handover_reminderchoice_how_often",
            ),
        ),
        migrations.AddConstraint(
            model_name="told",
            constraint=models.UniqueConstraint(
                fields=("organisation", "user", "task", "stage"), name="handover_told_once"
            ),
        ),
        migrations.RunSQL(WALLS),
    ]
