"""The pages that belong to a transfer besides its plan: plain words, votes, readiness."""

from __future__ import annotations

from handover.permissions import Permission
from tests.contracts.asks import Asks

PROGRAMME = "programmes/<uuid:programme_uuid>/readiness/"
TRANSFER = "transfers/<uuid:transfer_uuid>/"
ROUND = "readiness/<uuid:assessment_uuid>/"

ROUTES: dict[str, Asks] = {
    TRANSFER + "in-plain-words/": Permission.VIEW,
    "milestones/<uuid:milestone_uuid>/vote/": Permission.RECORD_VOICE,
    "votes/<uuid:community_vote_uuid>/answer/": Permission.RECORD_VOICE,
    PROGRAMME: Permission.VIEW,
    PROGRAMME + "new/": Permission.ASSESS_READINESS,
    PROGRAMME + "questions/": Permission.EDIT_PROGRAMME,
    TRANSFER + "readiness/": Permission.VIEW,
    TRANSFER + "readiness/step/": Permission.PLAN_TRANSFER,
    ROUND: Permission.VIEW,
    ROUND + "scores/": Permission.ASSESS_READINESS,
    ROUND + "close/": Permission.ASSESS_READINESS,
    ROUND + "agree/": Permission.ASSESS_READINESS,
}
