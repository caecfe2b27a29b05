"""The pages of transfers."""

from __future__ import annotations

from collections.abc import Mapping

from handover.permissions import Permission
from tests.contracts.asks import Asks

TRANSFER = "transfers/<uuid:transfer_uuid>/"
MILESTONE = "milestones/<uuid:milestone_uuid>/"

ROUTES: dict[str, Asks] = {
    "programmes/<uuid:programme_uuid>/transfers/": Permission.VIEW,
    "programmes/<uuid:programme_uuid>/transfers/new/": Permission.PLAN_TRANSFER,
    TRANSFER: Permission.VIEW,
    TRANSFER + "timeline/": Permission.VIEW,
    TRANSFER + "permissions/": Permission.VIEW,
    TRANSFER + "plan/": Permission.VIEW,
    TRANSFER + "plan/responsibility/": Permission.PLAN_TRANSFER,
    TRANSFER + "plan/step/": Permission.PLAN_TRANSFER,
    TRANSFER + "plan/keep/": Permission.PLAN_TRANSFER,
    TRANSFER + "plan/annex/": Permission.PLAN_TRANSFER,
    TRANSFER + "plan/holdings/": Permission.PLAN_TRANSFER,
    TRANSFER + "plan/exceptions/<path:key>/": Permission.PLAN_TRANSFER,
    TRANSFER + "propose/": Permission.SIGN,
    TRANSFER + "answer/": Permission.VIEW,
    TRANSFER + "annex/accept/": Permission.ANSWER_TRANSFER,
    TRANSFER + "annex/<uuid:annex_line_uuid>/": Permission.ANSWER_TRANSFER,
    TRANSFER + "revoke/": Permission.PLAN_TRANSFER,
    TRANSFER + "execute/": Permission.EXECUTE_TRANSFER,
    TRANSFER + "done/": Permission.VIEW,
    TRANSFER + "proof/": Permission.VIEW,
    TRANSFER + "give-back/": Permission.SIGN,
    TRANSFER + "papers/": Permission.VIEW,
    TRANSFER + "papers/<slug:kind>.pdf": Permission.VIEW,
    "papers/<uuid:paper_uuid>/signed/": Permission.SIGN,
    "papers/signed/<uuid:signed_paper_uuid>/file/": Permission.READ_LEDGER,
    "papers/check/": Permission.VIEW,
    MILESTONE: Permission.VIEW,
    MILESTONE + "evidence/": Permission.ADD_EVIDENCE,
    MILESTONE + "sign/": Permission.SIGN,
    MILESTONE + "act/": Permission.ADD_EVIDENCE,
    "evidence/<uuid:evidence_uuid>/file/": Permission.VIEW,
}

_STATE = "what a transfer's state, or its side, does not let one do is refused with the reason"
_NOTHING = "the scene has no such row or kind"

OTHERWISE: Mapping[str, tuple[tuple[int, ...], str]] = {
    **dict.fromkeys(
        (f"{TRANSFER}plan/{part}/" for part in ("annex", "keep", "responsibility", "step")), ((403,), _STATE)
    ),
    **{f"{TRANSFER}{part}/": ((403,), _STATE) for part in ("answer", "execute", "give-back")},
    TRANSFER + "plan/exceptions/<path:key>/": ((403, 404), _STATE),
    TRANSFER + "done/": ((404,), _NOTHING),
    TRANSFER + "proof/": ((404,), _NOTHING),
    TRANSFER + "papers/<slug:kind>.pdf": ((404,), _NOTHING),
    "papers/signed/<uuid:signed_paper_uuid>/file/": ((404,), _NOTHING),
    "readiness/<uuid:assessment_uuid>/": ((404,), "a view may end before the round was scored"),
    "evidence/<uuid:evidence_uuid>/file/": (
        (404, 409),
        "evidence of the scene is a link; a view may end before it",
    ),
}
"""What else somebody with a standing may be answered, and why."""
