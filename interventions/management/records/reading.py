"""Records as they are typed: ``field=value``, references by name, records by their first characters."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

from django.db import models

from handover.errors import Invalid, NotFound
from handover.management.finding import organisation_named, place_named
from handover.models import Organisation, Place, Programme
from handover.models.base import InProgramme
from interventions.models import CommemorationDay
from interventions.queries import feeding
from interventions.queries.calendar import SHARED
from interventions.queries.record_kinds import Kind

SHOWN: Final = 10
PREFIX: Final = re.compile(r"[0-9a-f]{8}[0-9a-f-]*")
YES: Final[Mapping[str, bool]] = {"yes": True, "no": False}

M = TypeVar("M", bound=InProgramme)


def pairs(words: Sequence[str]) -> dict[str, str]:
    """Read ``field=value`` words.

    Raises:
        Invalid: a word without ``=``, or a field twice.
    """
    found: dict[str, str] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or not name.strip():
            raise Invalid("not_a_pair", f"“{word}” is no field=value.", field="fields")
        if name.strip() in found:
            raise Invalid("repeated_field", f"The field “{name.strip()}” is given twice.", field=name.strip())
        found[name.strip()] = text
    return found


def entry(programme: Programme, kind: Kind, words: Sequence[str]) -> dict[str, object]:
    """Read what was typed for a record, inside ``asking``. An empty value takes away what stood there.

    A text by language is ``title.ro=…``; an action says what is wrong with the rest.

    Raises:
        Invalid: a name that nothing, or more than one thing, carries.
    """
    read: dict[str, object] = {}
    texts: dict[str, list[dict[str, str | None]]] = {}
    for name, text in pairs(words).items():
        bare, dot, lang = name.partition(".")
        column = kind.fields.get(bare)
        if isinstance(column, models.JSONField):
            texts.setdefault(bare, []).append({"lang": lang if dot else None, "text": text})
        elif isinstance(column, models.ForeignKey):
            read[name] = reference(programme, column, text) if text else None
        elif isinstance(column, models.BooleanField):
            read[name] = YES.get(text.strip().lower(), text)
        else:
            read[name] = text if text.strip() else None
    return {**read, **texts}


def filters(programme: Programme, kind: Kind, words: Sequence[str]) -> dict[str, str]:
    """Read a choice of records as it was typed, inside ``asking``: several words of a field with commas between.

    Raises:
        Invalid: a name that nothing, or more than one thing, carries.
    """
    known = feeding.filterable(kind)
    read: dict[str, str] = {}
    for name, text in pairs(words).items():
        column = known.get(name)
        if isinstance(column, models.ForeignKey):
            read[name] = ",".join(str(reference(programme, column, part)) for part in feeding.parts(text))
        else:
            read[name] = text
    return read


def reference(programme: Programme, column: models.ForeignKey[Any, Any], text: str) -> UUID | str:
    """Find what a typed reference names.

    Raises:
        Invalid: nothing, or more than one thing.
    """
    model = column.related_model
    if model is Place:
        return place_named(text).uuid
    if model is Organisation:
        return organisation_named(text).uuid
    if model is CommemorationDay and text in SHARED:
        return text
    manager: models.Manager[Any] = model._default_manager
    found = one(manager.filter(programme=programme).order_by("id"), text, str(column.verbose_name))
    key: UUID = found.uuid
    return key


def one(rows: Iterable[M], text: str, what: str) -> M:
    """Find a row by UUID, by its first eight or more characters, by its name or key, or by a part that only one has.

    Raises:
        Invalid: none, or several; it names what there is.
    """
    listed, wanted = list(rows), text.casefold().strip()
    by_key = [row for row in listed if PREFIX.fullmatch(wanted) and str(row.uuid).startswith(wanted)]
    exact = [row for row in listed if wanted in (str(row).casefold(), getattr(row, "key", None))]
    found = by_key or exact or [row for row in listed if wanted and wanted in str(row).casefold()]
    if len(found) == 1:
        return found[0]
    code = what.replace(" ", "_")
    if not found:
        there = f"; there are: {several(map(str, listed))}" if listed else " in this programme"
        raise Invalid(f"unknown_{code}", f"There is no {what} “{text}”{there}.", field=code)
    raise Invalid("ambiguous", f"“{text}” fits several: {several(map(str, found))}.", field=code)


def record_named(programme: Programme, kind: Kind, text: str, *, cutoff: dt.datetime | None = None) -> Any:
    """Find a record by UUID, by its first eight or more characters, or by a part of its name that only one has.

    Raises:
        NotFound: the programme has none of the kind.
        Invalid: none, or several.
    """
    rows = list(feeding.chosen(programme, kind, cutoff=cutoff))
    if not rows:
        raise NotFound(str(kind.model._meta.verbose_name))
    return one(rows, text, str(kind.model._meta.verbose_name))


def several(items: Iterable[str]) -> str:
    """List a few names."""
    texts = list(items)
    return ", ".join(texts[:SHOWN]) + (", …" if len(texts) > SHOWN else "")
