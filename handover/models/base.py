"""What the rows of a programme have in common."""

from __future__ import annotations

import re
import uuid as uuids
from collections.abc import Collection, Iterator
from typing import Any, ClassVar, Final, Self

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F

from handover import notices
from handover.errors import Stale
from handover.models.guard import Guarded, require_writing
from handover.personal_data import Sighting, findings

SHOWN: Final = 3
"""How many sightings one notice describes; the others it counts."""

_TEXTS: Final = (models.CharField, models.TextField, models.JSONField, ArrayField)
_NO_TEXTS: Final = (models.SlugField, models.URLField, models.EmailField)
_NOT_STORED: Final = re.compile("[\x00\ud800-\udfff]")
"""What is in no text: PostgreSQL stores neither the null character nor halves of surrogate pairs."""
_COPIED_NAMES: Final = ("_by_name", "user_name")
"""How columns end that hold a copy of an account's name: nobody wrote it there."""


class FreeText(models.Model):
    """Something that people write. What looks like personal data is noticed when it is checked, never refused."""

    may_look_personal: ClassVar[frozenset[str]] = frozenset()
    """Columns that may look like personal data and are none, or that hold a contact on purpose: serial numbers …"""

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Check the fields and their texts, then notice what looks like personal data in those that were checked."""
        super().clean_fields(exclude=exclude)
        texts = (field for field in self._meta.concrete_fields if isinstance(field, _TEXTS))
        for field in texts:
            if field.name not in (exclude or ()) and any(
                map(_NOT_STORED.search, _texts(getattr(self, field.attname)))
            ):
                raise ValidationError({field.name: ["A text holds a character that cannot be stored."]})
        notice_personal_data(self, exclude=exclude or ())


def notice_personal_data(row: models.Model, *, exclude: Collection[str] = ()) -> None:
    """Warn whoever listens to notices of texts of a row that look like personal data; without a listener read nothing.

    For rows that are written without ``clean_fields``.
    """
    if not notices.listening():
        return
    exempt: frozenset[str] = getattr(row, "may_look_personal", frozenset())
    for field in row._meta.concrete_fields:
        if (
            isinstance(field, _TEXTS)
            and not isinstance(field, _NO_TEXTS)
            and not field.choices
            and field.name not in exempt
            and field.name not in exclude
            and not field.name.endswith(_COPIED_NAMES)
        ):
            seen = [sighting for text in _texts(getattr(row, field.attname)) for sighting in findings(text)]
            if seen:
                notices.warn(notices.LOOKS_PERSONAL, _personal(row, field, seen), field.name)


def _texts(value: object) -> Iterator[str]:
    """Give every text inside a column's value; keys of mappings are names, not texts."""
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from _texts(item)
        case list() | tuple():
            for item in value:
                yield from _texts(item)


def _personal(row: models.Model, field: models.Field[Any, Any], seen: list[Sighting]) -> str:
    """Say what a column looks like and why it matters, without a word of what stands there."""
    told = list(dict.fromkeys(map(str, seen)))
    shown = "; ".join(told[:SHOWN]) + (f"; and {len(told) - SHOWN} more" if len(told) > SHOWN else "")
    return (
        f"The {field.verbose_name} of this {row._meta.verbose_name} seems to hold {shown}. Nobody's personal file is "
        "kept here (GDPR, article 9), and everybody who reads the programme reads this: describe groups, not persons."
    )


class Versioned(FreeText):
    """Something that people edit: each edit names the version that it read."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(FreeText.Meta):
        abstract = True

    def change(self, *, version: int, **changes: Any) -> Self:
        """Write changed fields if nobody did so since ``version`` was read.

        Raises:
            Stale: somebody else was quicker; nothing is written.
        """
        model = type(self)
        require_writing(model, "change")
        for name, value in changes.items():
            setattr(self, name, value)
        kept = [field.name for field in model._meta.fields if field.name not in changes]
        self.clean_fields(exclude=kept)
        manager: models.Manager[Any] = model._default_manager
        done = manager.filter(pk=self.pk, version=version).update(version=F("version") + 1, **changes)
        if not done:
            raise Stale(str(model._meta.verbose_name or model.__name__))
        self.version = version + 1
        return self


class InProgramme(FreeText, Guarded):
    """A row of one programme. The database binds it to that programme thrice: by key, by composite key, by policy."""

    uuid = models.UUIDField(default=uuids.uuid4, editable=False)
    programme = models.ForeignKey("handover.Programme", on_delete=models.PROTECT, related_name="+")

    digested_if_said: ClassVar[frozenset[str]] = frozenset()
    """Columns that came after rows had been sealed: digested only where they differ from their default."""

    class Meta:
        abstract = True
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            models.UniqueConstraint(fields=["uuid", "programme"], name="%(app_label)s_%(class)s_uuid"),
            models.UniqueConstraint(fields=["id", "programme"], name="%(app_label)s_%(class)s_in_programme"),
        )
