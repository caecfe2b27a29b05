"""Rows that a body names by their UUID: the shared directory's, and those of the programme that is acted on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.db import models

from handover import access
from handover.access import Actor
from handover.errors import Invalid
from handover.models import Organisation, Place, User
from handover.models.base import InProgramme
from handover.permissions import Permission

R = TypeVar("R", bound=InProgramme)


F = TypeVar("F")


def optional(find: Callable[..., F], key: UUID | None, **said: Any) -> F | None:
    """Give what a body names, where it names something."""
    return None if key is None else find(key, **said)


def organisation(key: UUID, *, field: str = "organisation") -> Organisation:
    """Give an organisation of the directory.

    Raises:
        Invalid: there is none.
    """
    return _shared(Organisation, key, field, "organisation")


def place(key: UUID, *, field: str = "place") -> Place:
    """Give a place.

    Raises:
        Invalid: there is none.
    """
    return _shared(Place, key, field, "place")


def user(actor: Actor, key: UUID, *, field: str = "user") -> User:
    """Give a person who shares an organisation with the actor, or a programme that the actor may view.

    Raises:
        Invalid: there is none whom the actor may know of.
    """
    reached = access.programme_ids(actor, may=Permission.VIEW)
    known = models.Q(memberships__organisation=actor.organisation) | models.Q(
        memberships__organisation__standings__programme__in=reached
    )
    found = User.objects.filter(known, uuid=key).distinct().first()
    if found is None:
        raise Invalid("unknown_user", "There is no such person whom you work with.", field=field)
    return found


def in_programme(kind: type[R], programme_id: int, key: UUID, *, field: str) -> R:
    """Give a row of one programme.

    Raises:
        Invalid: the programme has none.
    """
    rows: Any = kind._default_manager.select_related("programme")
    found: R | None = rows.filter(programme_id=programme_id, uuid=key).first()
    if found is None:
        what = kind._meta.verbose_name
        raise Invalid(f"unknown_{field}", f"There is no such {what} in this programme.", field=field)
    return found


T = TypeVar("T", Organisation, Place)


def _shared(kind: type[T], key: UUID, field: str, what: str) -> T:
    found = kind._default_manager.filter(uuid=key).first()
    if found is None:
        raise Invalid(f"unknown_{field}", f"There is no such {what}.", field=field)
    return found
