"""`handover readiness`: whether what is handed over would last, as each side sees it."""

from __future__ import annotations

from handover.management.base import Steps, StepsCommand
from handover.management.readiness import planning, scoring


class Command(StepsCommand):
    """Adopt instruments, score, close, agree; read gaps; let a plan follow from them."""

    help = (
        "Readiness: adopt an instrument, score for your own side, close, agree with the others. The gap by domain "
        "proposes transfer milestones, a milestone can wait for a score, and it is measured 12 and 24 months later."
    )
    steps = Steps({**scoring.steps, **planning.steps})
