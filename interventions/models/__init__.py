"""This app's tables, one noun a file."""

from interventions.models.interventions import (
    Audience,
    Field,
    Intervention,
    InterventionNeed,
    Strand,
)
from interventions.models.needs import Need, NeedLevel, NeedPrerequisite, RaisedBy

__all__ = [
    "Audience",
    "Field",
    "Intervention",
    "InterventionNeed",
    "Need",
    "NeedLevel",
    "NeedPrerequisite",
    "RaisedBy",
    "Strand",
]
