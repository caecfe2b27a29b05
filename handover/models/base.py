"""What the rows of a programme have in common."""

from __future__ import annotations

import uuid as uuids
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F

from handover.errors import Stale
from handover.models.guard import Guarded, require_writing


class Versioned(models.Model):
    """Something that people edit: each edit names the version that it read."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
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


class InProgramme(Guarded):
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
