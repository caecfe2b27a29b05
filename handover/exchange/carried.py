"""What leaves with a programme: of every model and column, whether it is carried, recomputed or left behind.

``carried.toml`` beside this module says it, and people review it; a contract test holds it against the models.
*Carried*: it leaves in the programme's package and comes out equal where that is loaded. *Recomputed*: it is made anew
there, from what is carried. *Left behind*: it stays with the installation.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from django.db import models

FILE: Final = Path(__file__).with_name("carried.toml")
"""Where it is declared."""


class Fate(StrEnum):
    """What becomes of a model or a column when its programme leaves."""

    CARRIED = "carried"
    RECOMPUTED = "recomputed"
    LEFT_BEHIND = "left_behind"


@dataclass(frozen=True)
class Declaration:
    """What is declared of one model. Columns are named as the model's fields are."""

    fate: Fate
    columns: Mapping[str, Fate]
    """Of a carried model every column; of another one none, for all share its fate."""
    reason: str = ""
    """Why it, or some of its columns, are not carried."""
    not_conserved: str = ""
    """Why no holding's digest covers a carried model of a programme."""


class NotDeclaredError(LookupError):
    """A programmer asked for a model or a column of which nothing is declared."""


@cache
def declarations() -> Mapping[str, Declaration]:
    """Read every declaration, by model as ``app.Model``.

    Raises:
        ValueError: a fate that is none, a word that nobody knows, or a column that is declared twice.
    """
    return read(FILE.read_text("utf-8"))


def read(text: str) -> Mapping[str, Declaration]:
    """Read declarations as they stand in a file.

    Raises:
        ValueError: as for ``declarations``; it is no TOML.
    """
    return MappingProxyType({label: _declaration(label, said) for label, said in tomllib.loads(text).items()})


def _declaration(label: str, said: Mapping[str, Any]) -> Declaration:
    unknown = set(said) - {"fate", "reason", "not_conserved", *Fate}
    if unknown:
        raise ValueError(f"{label}: nobody knows “{min(unknown)}”")
    columns: dict[str, Fate] = {}
    for fate in Fate:
        for name in said.get(fate, ()):
            if name in columns:
                raise ValueError(f"{label}: {name} is {columns[name]} and {fate}")
            columns[name] = fate
    return Declaration(
        fate=Fate(said["fate"]),
        columns=MappingProxyType(columns),
        reason=said.get("reason", ""),
        not_conserved=said.get("not_conserved", ""),
    )


def declaration(model: type[models.Model]) -> Declaration:
    """Give what is declared of a model.

    Raises:
        NotDeclaredError: nothing is.
    """
    try:
        return declarations()[model._meta.label]
    except KeyError:
        raise NotDeclaredError(f"{model._meta.label} is not declared in {FILE.name}") from None


def fate_of(model: type[models.Model]) -> Fate:
    """Tell what becomes of a model's rows.

    Raises:
        NotDeclaredError: nothing is declared of it.
    """
    return declaration(model).fate


def columns(model: type[models.Model], fate: Fate = Fate.CARRIED) -> tuple[str, ...]:
    """Give the columns of a model that share a fate, in the model's own order.

    Raises:
        NotDeclaredError: nothing is declared of the model, or of one of its columns.
    """
    said = declaration(model)
    names = [field.name for field in model._meta.concrete_fields]
    if said.fate is not Fate.CARRIED:
        return tuple(names) if said.fate is fate else ()
    missing = [name for name in names if name not in said.columns]
    if missing:
        raise NotDeclaredError(f"{model._meta.label}.{missing[0]} is not declared in {FILE.name}")
    return tuple(name for name in names if said.columns[name] is fate)


def carried_models() -> tuple[str, ...]:
    """Give every carried model as ``app.Model``, in the order of the file."""
    return tuple(label for label, said in declarations().items() if said.fate is Fate.CARRIED)
