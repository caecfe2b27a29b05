"""A programme: where it stands, its needs, interventions and consultations, its registers and documents."""

from __future__ import annotations

from collections.abc import Mapping

from handover.permissions import Permission
from tests.contracts.asks import Asks, SignedIn

ONE = "programmes/<uuid:programme_uuid>/"
AFTER = f"{ONE}after/"
AUDIT = f"{ONE}audits/<uuid:audit_engagement_uuid>/"
FINDING = f"{ONE}audits/findings/<uuid:audit_finding_uuid>/"
FOLLOWED = ("follow-up", "propose-closure", "close")
NEED = f"{ONE}needs/<uuid:need_uuid>/"
DONE = f"{ONE}interventions/<uuid:intervention_uuid>/"
HELD = f"{ONE}consultations/<uuid:consultation_uuid>/"
REGISTERS = f"{ONE}registers/"
DUTY = f"{REGISTERS}responsibilities/<uuid:responsibility_uuid>/"
HOLDERS = {
    "posts": "post",
    "equipment": "equipment",
    "premises": "premises",
    "licences": "licence",
    "contracts": "contract",
    "budget-lines": "budget_line",
}
"""Registers whose lines whoever holds a responsibility keeps: everybody may read them, and who may not change them is
led back to reading."""

ROUTES: Mapping[str, Asks] = {
    "programmes/": Permission.VIEW,
    "programmes/new/": SignedIn(
        "managers and officers of any organisation may found a programme of their own; no other is shown by that"
    ),
    ONE: Permission.VIEW,
    f"{ONE}edit/": Permission.EDIT_PROGRAMME,
    f"{ONE}ledger/<int:seq>/": Permission.READ_LEDGER,
    f"{ONE}documents/": Permission.VIEW,
    f"{ONE}audits/": Permission.VIEW,
    f"{ONE}audits/<uuid:audit_engagement_uuid>/": Permission.VIEW,
    f"{ONE}audits/open/": Permission.OPEN_AUDIT,
    f"{ONE}audits/review/": Permission.MANAGE_STANDINGS,
    **{
        f"{ONE}audits/<uuid:audit_engagement_uuid>/{way}/": Permission.AUDIT
        for way in ("ask", "sample", "find")
    },
    **{f"{AUDIT}{way}/": Permission.VIEW for way in ("extend", "end")},
    **{
        f"{ONE}audits/requests/<uuid:audit_request_uuid>/{way}/": Permission.AUDIT
        for way in ("accept", "return")
    },
    f"{ONE}audits/requests/<uuid:audit_request_uuid>/answer/": Permission.ANSWER_AUDIT,
    f"{ONE}audits/samples/<uuid:audit_sample_uuid>/checklist/": Permission.VIEW,
    **{
        f"{ONE}audits/samples/<uuid:audit_sample_uuid>/{way}/": Permission.AUDIT
        for way in ("freeze", "reveal")
    },
    **{f"{FINDING}{way}/": Permission.AUDIT for way in ("edit", "share")},
    f"{FINDING}reply/": Permission.ANSWER_AUDIT,
    **{f"{FINDING}{way}/": Permission.VIEW for way in FOLLOWED},
    f"{ONE}obligations/": Permission.VIEW,
    f"{ONE}obligations/<uuid:obligation_uuid>/": Permission.VIEW,
    **{
        f"{ONE}obligations/{way}/": Permission.EDIT_PROGRAMME
        for way in (
            "grants/<uuid:grant_uuid>/adopt",
            "grants/<uuid:grant_uuid>/add",
            "<uuid:obligation_uuid>/edit",
            "<uuid:obligation_uuid>/pause",
            "pauses/<uuid:obligation_pause_uuid>",
        )
    },
    AFTER: Permission.VIEW,
    f"{AFTER}file/": Permission.VIEW,
    f"{AUDIT}file/": Permission.VIEW,
    f"{AFTER}undertakings/<uuid:undertaking_uuid>/": Permission.VIEW,
    f"{AFTER}undertakings/years/<uuid:undertaking_year_uuid>/file/": Permission.VIEW,
    f"{AFTER}checks/<uuid:sustainability_check_uuid>/": Permission.VIEW,
    **{
        f"{AFTER}{way}/": Permission.EDIT_PROGRAMME
        for way in (
            "undertakings/add",
            "undertakings/<uuid:undertaking_uuid>/edit",
            "undertakings/<uuid:undertaking_uuid>/dependents",
            "checks/plan",
            "checks/<uuid:sustainability_check_uuid>/move",
            "checks/<uuid:sustainability_check_uuid>/drop",
            "checks/<uuid:sustainability_check_uuid>/hold",
        )
    },
    **{
        f"{AFTER}{way}/": Permission.ADD_EVIDENCE
        for way in (
            "undertakings/<uuid:undertaking_uuid>/say",
            "undertakings/years/<uuid:undertaking_year_uuid>/edit",
            "checks/<uuid:sustainability_check_uuid>/look",
        )
    },
    f"{ONE}needs/": Permission.VIEW,
    f"{ONE}needs/add/": Permission.EDIT_NEEDS,
    f"{ONE}needs/begin/": Permission.EDIT_NEEDS,
    f"{ONE}needs/coverage/": Permission.VIEW,
    f"{ONE}needs/sequence/": Permission.VIEW,
    NEED: Permission.VIEW,
    **{
        f"{NEED}{way}/": Permission.EDIT_NEEDS
        for way in ("edit", "move", "rank", "state", "require", "release", "merge", "split")
    },
    f"{ONE}interventions/": Permission.VIEW,
    f"{ONE}interventions/add/": Permission.VIEW,
    DONE: Permission.VIEW,
    **{
        f"{DONE}{way}/": Permission.VIEW
        for way in ("edit", "end", "answers", "not-answers", "after", "not-after", "place", "not-place")
    },
    f"{ONE}consultations/": Permission.VIEW,
    f"{ONE}consultations/add/": Permission.RECORD_VOICE,
    HELD: Permission.VIEW,
    **{f"{HELD}{way}/": Permission.RECORD_VOICE for way in ("edit", "came", "needs", "told", "said")},
    f"{ONE}sayings/<uuid:saying_uuid>/answer/": Permission.RECORD_VOICE,
    REGISTERS: Permission.VIEW,
    f"{REGISTERS}budget/": Permission.VIEW,
    f"{REGISTERS}responsibilities/": Permission.VIEW,
    f"{REGISTERS}responsibilities/add/": Permission.MANAGE_RESPONSIBILITIES,
    DUTY: Permission.VIEW,
    f"{DUTY}edit/": Permission.VIEW,
    f"{DUTY}provide/": Permission.VIEW,
    **{
        f"{REGISTERS}{slug}/{rest}": Permission.VIEW
        for slug, name in (*HOLDERS.items(), ("legal-acts", "legal_act"))
        for rest in ("", "add/", f"<uuid:{name}_uuid>/", f"<uuid:{name}_uuid>/edit/")
    },
    **{
        f"{REGISTERS}grants/{rest}": Permission.VIEW
        for rest in ("", "add/", "<uuid:grant_uuid>/", "<uuid:grant_uuid>/edit/")
    },
    f"{REGISTERS}posts/<uuid:post_uuid>/fund/": Permission.VIEW,
    f"{REGISTERS}budget-lines/<uuid:budget_line_uuid>/stage/": Permission.VIEW,
}

OTHERWISE: Mapping[str, tuple[tuple[int, ...], str]] = {
    f"{ONE}ledger/<int:seq>/": ((404,), "a view may end before the entry"),
    f"{AFTER}undertakings/years/<uuid:undertaking_year_uuid>/file/": (
        (404, 409),
        "a year of the scene has no file; a view may end before it",
    ),
    **{
        f"{AUDIT}{way}/": ((403,), "who opened an audit lets it last longer or ends it")
        for way in ("extend", "end")
    },
    **{
        f"{FINDING}{way}/": (
            (403,),
            "its auditors follow a finding up, and after the end who opened the audit",
        )
        for way in FOLLOWED
    },
}
"""What else somebody with a standing may be answered, and why."""
