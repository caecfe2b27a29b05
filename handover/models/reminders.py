"""Reminders: what people chose to be told, what they were told, and the calendars that they take with them.

What a person chose, and when a mail went to them, belongs to nobody but the person. What it was about belongs to the
organisation in whose name they do it, and stands behind its wall.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from handover.models.guard import Guarded


class LetterKind(models.TextChoices):
    """What a mail is about; each kind is chosen, and stopped, by itself."""

    WAITING = "waiting", "something new waits for you"
    DUE = "due", "something is due soon, or late"


class HowOften(models.TextChoices):
    """How often mails of a kind come at most."""

    AT_ONCE = "at_once", "at once"
    DAILY = "daily", "once a day, in the morning"
    WEEKLY = "weekly", "once a week, on Monday morning"
    NEVER = "never", "never"


class ReminderChoice(Guarded):
    """How often a person wants to be told of something, by kind; and when it was last looked whether there is any."""

    user = models.ForeignKey("handover.User", on_delete=models.PROTECT, related_name="reminder_choices")
    kind = models.CharField(max_length=10, choices=LetterKind)
    how_often = models.CharField(max_length=10, choices=HowOften, default=HowOften.DAILY)
    looked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=["user", "kind"], name="handover_reminderchoice_once"),
            models.CheckConstraint(
                condition=Q(kind__in=LetterKind.values), name="handover_reminderchoice_kind"
            ),
            models.CheckConstraint(
                condition=Q(how_often__in=HowOften.values), name="handover_reminderchoice_how_often"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}: {self.how_often}"


class LetterState(models.TextChoices):
    """Where a mail is."""

    WAITING = "waiting", "waits for a worker"
    SENDING = "sending", "being handed to the mail server"
    SENT = "sent", "the mail server has it"
    DROPPED = "dropped", "nothing was left to tell"
    DOUBTFUL = "doubtful", "nobody knows whether the mail server has it; it is not sent twice"
    GIVEN_UP = "given_up", "the mail server would not take it"


class Letter(Guarded):
    """A mail of reminders to one person. What it says is put together when it is sent, and kept nowhere."""

    user = models.ForeignKey("handover.User", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=LetterKind)
    state = models.CharField(max_length=10, choices=LetterState, default=LetterState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True, help_text="What the mail server said, in a word.")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=LetterKind.values), name="handover_letter_kind"),
            models.CheckConstraint(condition=Q(state__in=LetterState.values), name="handover_letter_state"),
        )

    def __str__(self) -> str:
        return f"{self.kind}: {self.state}"


class Told(Guarded):
    """A person was told of a task at a stage, in the name of one organisation: once."""

    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey("handover.User", on_delete=models.PROTECT, related_name="+")
    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="+")
    task = models.CharField(max_length=300, help_text="The task's key.")
    stage = models.CharField(
        max_length=80, help_text="That it waits, or how near its day was; and which turn or day that was."
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["organisation", "user", "task", "stage"], name="handover_told_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.task}: {self.stage}"


class CalendarAddress(Guarded):
    """A secret address at which a person's calendar program reads their dates. It is shown once; its SHA-256 stays."""

    user = models.ForeignKey("handover.User", on_delete=models.PROTECT, related_name="calendar_addresses")
    digest = models.BinaryField(max_length=32, unique=True, help_text="SHA-256 of the secret.")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["user"], condition=Q(revoked_at=None), name="handover_calendaraddress_one"
            ),
        )

    def __str__(self) -> str:
        return str(self.created_at)


class CalendarEntry(Guarded):
    """A day as a person's calendar was told it: so that a change is told as a change, and an end as an end."""

    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey("handover.User", on_delete=models.PROTECT, related_name="+")
    task = models.CharField(max_length=300, help_text="The task's key.")
    due_on = models.DateField()
    sequence = models.PositiveIntegerField(default=0)
    cancelled = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["organisation", "user", "task"], name="handover_calendarentry_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.due_on}: {self.task}"
