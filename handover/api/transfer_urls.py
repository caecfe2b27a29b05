"""Which transfer noun answers at which address."""

from __future__ import annotations

from typing import Any, Final

from rest_framework.viewsets import GenericViewSet

from handover.api.annexes import AnnexLines
from handover.api.evidence import EvidenceResource
from handover.api.milestones import Milestones
from handover.api.proofs import Previews, Proofs
from handover.api.readiness import Assessments, Instruments, ScoreGates
from handover.api.seats import Seats
from handover.api.signoffs import SignOffs
from handover.api.transfers import Transfers
from handover.api.votes import Votes

RESOURCES: Final[list[tuple[str, type[GenericViewSet[Any]]]]] = [
    ("transfers", Transfers),
    ("annex-lines", AnnexLines),
    ("milestones", Milestones),
    ("evidence", EvidenceResource),
    ("sign-offs", SignOffs),
    ("previews", Previews),
    ("proofs", Proofs),
    ("votes", Votes),
    ("seats", Seats),
    ("instruments", Instruments),
    ("assessments", Assessments),
    ("score-gates", ScoreGates),
]
