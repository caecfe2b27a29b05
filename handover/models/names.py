"""Names of people, apart from everything that copies them: what is erased when somebody leaves for good."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db import models

from handover import names
from handover.models.guard import Guarded


class PersonName(Guarded):
    """One name that a person has or had, under a random key: copies hold the key.

    The web role has no right on this table: a name is told to whoever holds its key (``handover_named``), and nobody
    can list it. A name is erased with all others of its person, and its row then says only where they were.
    """

    key = models.UUIDField(primary_key=True, editable=False)
    person = models.UUIDField(
        null=True, db_index=True, help_text="UUID of the account; empty: of somebody who has none."
    )
    name = models.CharField(max_length=200, blank=True, help_text="Empty once it is erased.")
    organisation = models.ForeignKey(
        "handover.Organisation", on_delete=models.PROTECT, null=True, related_name="+"
    )
    plain = models.BooleanField(
        default=False, help_text="Older copies may hold the name itself: it is hidden in them by its digest."
    )
    digest = models.BinaryField(
        max_length=32, null=True, db_index=True, help_text="SHA-256 of a plain name that was erased."
    )
    erased_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=models.Q(erased_at__isnull=True) | models.Q(name=""),
                name="handover_personname_erased",
            ),
        )

    def __str__(self) -> str:
        return str(self.key)


class _Copy(models.Field[Any, Any]):
    """A column that holds a pseudonym key and is read as the name. To migrations it is a column of texts."""

    column_class: ClassVar[str]

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Describe the column: what it holds is nobody's business but this class's."""
        name, _, args, options = super().deconstruct()
        return name, self.column_class, args, options

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:
        """Read the name beside the key."""
        return f"public.handover_named({sql})", params

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> names.Called | None:
        """Give the name with its key."""
        return None if value is None else names.read(value)

    def get_prep_value(self, value: Any) -> Any:
        """Write the key."""
        found = super().get_prep_value(value)
        return names.copied(found) if isinstance(found, str) else found


class NameCopy(_Copy, models.CharField[Any, Any]):
    """A copy of a person's name, in a column of limited length."""

    column_class = "django.db.models.CharField"


class LongNameCopy(_Copy, models.TextField[Any, Any]):
    """A copy of a person's name, in a column of any length."""

    column_class = "django.db.models.TextField"
