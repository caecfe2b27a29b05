"""Indicators, then interventions, then handover, never back: in the tables too, where no import shows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.contrib.contenttypes.fields import GenericForeignKey
from django.db import models

from tests.contracts.source import PACKAGES, ROOT

HEIGHT = {"handover": 0, "interventions": 1, "indicators": 2}
"""A model may point to its own app and to those below."""

NOT_PACKAGES = {"tests"}
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "tools"}


def _own_models() -> Iterator[type[models.Model]]:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label in HEIGHT:
            yield model


def _targets(model: type[models.Model]) -> Iterator[tuple[str, str]]:
    """Give field and app label of everything that a model's own fields point to (through tables of M2M included)."""
    own = [*model._meta.local_fields, *model._meta.local_many_to_many]
    for field in own:
        related = field.remote_field.model if field.remote_field is not None else None
        if isinstance(related, type) and issubclass(related, models.Model):
            yield field.name, related._meta.app_label
        through = getattr(field.remote_field, "through", None)
        if isinstance(through, type) and issubclass(through, models.Model):
            yield f"{field.name} (through)", through._meta.app_label
    for parent in model._meta.parents:
        yield f"parent {parent.__name__}", parent._meta.app_label


def test_no_model_points_to_an_app_above_its_own() -> None:
    upward = [
        f"{model._meta.label}.{field} -> {label}"
        for model in _own_models()
        for field, label in _targets(model)
        if HEIGHT.get(label, -1) > HEIGHT[model._meta.app_label]
    ]
    assert upward == []


def test_no_model_points_to_anything_at_all_by_a_generic_key() -> None:
    generic = [
        f"{model._meta.label}.{field.name}"
        for model in _own_models()
        for field in model._meta.private_fields
        if isinstance(field, GenericForeignKey)
    ]
    assert generic == [], "a generic key is a relation that no wall sees"


def test_there_are_three_packages_and_the_tests_and_nothing_else() -> None:
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")} - NOT_PACKAGES
    assert found == set(PACKAGES)
    assert [path.name for path in ROOT.glob("*.py")] == []


def test_no_file_is_named_after_nothing() -> None:
    nameless = [
        str(path.relative_to(ROOT))
        for place in (*PACKAGES, *NOT_PACKAGES)
        for path in (ROOT / place).rglob("*")
        if _stem(path) in NAMELESS and "node_modules" not in path.parts
    ]
    assert nameless == [], "shared code has a noun's home"


def _stem(path: Path) -> str:
    return path.name.partition(".")[0].lower()
