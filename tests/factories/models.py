"""Published models, made by their actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from handover.access import Actor
from handover.models import Programme
from interventions.actions import models
from interventions.exchange.model_document import shipped
from interventions.models import AdoptedPiece, Adoption, ModelVersion
from interventions.models.catalogue import PieceKind
from tests.factories.organisations import OPERATOR

SCHOOL = "school-and-documents-first"
SETTLEMENT = "integrated-settlement-support"

HEAD: Mapping[str, Any] = {
    "key": "a-model",
    "title": {"en": "A model", "ro": "Un model"},
    "summary": "What is done, and why",
    "licence": "CC-BY-4.0",
    "context": "Somewhere",
}
"""The least that a publisher says."""


def installed() -> dict[str, ModelVersion]:
    """Install what ships; give the versions by their models' keys."""
    return {item.version.model.key: item.version for item in models.install(by=OPERATOR, files=shipped())}


def published(programme: Programme, *, by: Actor, **head: Any) -> ModelVersion:
    """Publish a programme's structure as it is."""
    return models.publish(by=by, programme_uuid=programme.uuid, head={**HEAD, **head})


def row_of(adoption: Adoption, kind: PieceKind | str, key: str) -> UUID:
    """Give the UUID of the row that a piece became; inside ``asking``."""
    kept = AdoptedPiece.objects.get(adoption=adoption, kind=kind, key=key)
    assert kept.row_uuid is not None
    return kept.row_uuid
