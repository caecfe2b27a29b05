"""Writes happen in actions. A model that is guarded refuses every other way in, querysets included."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import models

_writing: ContextVar[bool] = ContextVar("writing", default=False)

M = TypeVar("M", bound=models.Model)


class DirectWrite(RuntimeError):
    """A programmer wrote to a guarded model outside an action."""

    def __init__(self, model: type[models.Model], verb: str) -> None:
        super().__init__(
            f"{model.__name__}.{verb}() outside an action: writes live in an app's actions package"
        )


@contextmanager
def writing() -> Iterator[None]:
    """Lift the guard for the length of a block; only the ``action`` decorator calls it."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


def is_writing() -> bool:
    """Tell whether the present code runs inside an action."""
    return _writing.get()


def require_writing(model: type[models.Model], verb: str) -> None:
    """Refuse a write outside an action.

    Raises:
        DirectWrite: always, outside an action.
    """
    if not _writing.get():
        raise DirectWrite(model, verb)


class GuardedQuerySet(models.QuerySet[M]):
    """A queryset that reads for everybody and writes for actions alone."""

    def update(self, **kwargs: Any) -> int:
        """Update rows, inside an action."""
        require_writing(self.model, "update")
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete rows, inside an action."""
        require_writing(self.model, "delete")
        return super().delete()

    def bulk_create(self, *args: Any, **kwargs: Any) -> list[M]:
        """Insert rows, inside an action."""
        require_writing(self.model, "bulk_create")
        return super().bulk_create(*args, **kwargs)

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        """Update rows, inside an action."""
        require_writing(self.model, "bulk_update")
        return super().bulk_update(*args, **kwargs)

    def _raw_delete(self, using: str | None) -> int:
        require_writing(self.model, "delete")
        return int(super()._raw_delete(using) or 0)


class Guarded(models.Model):
    """A model that only actions write."""

    objects = models.Manager.from_queryset(GuardedQuerySet)()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, inside an action."""
        require_writing(type(self), "save")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete, inside an action."""
        require_writing(type(self), "delete")
        return super().delete(*args, **kwargs)
