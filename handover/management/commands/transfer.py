"""`handover transfer`: a handover from its plan to its proof, and back, without a browser."""

from __future__ import annotations

from handover.management.base import Steps, StepsCommand
from handover.management.transfer import looking, planning, signing

ORDER = (
    "list",
    "draft",
    "plan",
    "preview",
    "map",
    "postpone",
    "propose",
    "annex",
    "accept",
    "return",
    "refuse",
    "status",
    "evidence",
    "sign",
    "execute",
    "proof",
    "countersign",
    "revoke",
    "give-back",
)
"""The steps as the story has them."""

TAKEN = {**looking.steps, **planning.steps, **signing.steps}


class Command(StepsCommand):
    """Draw up, propose, answer, sign, execute, prove, give back."""

    help = (
        "A handover, step by step: draft a plan, propose it, accept or return it, evidence and sign its milestones, "
        "execute it, countersign the proof, give it back. `status` says what comes next, and who does it."
    )
    steps = Steps({name: TAKEN[name] for name in ORDER})
