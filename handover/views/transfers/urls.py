"""Addresses of a transfer's pages."""

from __future__ import annotations

from django.urls import include, path

from handover.views.transfers import execution, lists, milestones, papers, plans, previews, tasks

urlpatterns = [
    path("programmes/<uuid:programme_uuid>/transfers/", lists.transfers, name="transfers"),
    path("programmes/<uuid:programme_uuid>/transfers/new/", lists.begin, name="transfer-new"),
    path("transfers/<uuid:transfer_uuid>/", tasks.transfer, name="transfer"),
    path("transfers/<uuid:transfer_uuid>/timeline/", tasks.timeline, name="transfer-timeline"),
    path("transfers/<uuid:transfer_uuid>/permissions/", previews.preview, name="transfer-preview"),
    path("transfers/<uuid:transfer_uuid>/plan/", plans.plan, name="transfer-plan"),
    path("transfers/<uuid:transfer_uuid>/plan/responsibility/", plans.include, name="transfer-include"),
    path("transfers/<uuid:transfer_uuid>/plan/step/", plans.add_step, name="transfer-step"),
    path("transfers/<uuid:transfer_uuid>/plan/keep/", plans.keep, name="transfer-keep"),
    path("transfers/<uuid:transfer_uuid>/plan/annex/", plans.add_line, name="transfer-annex"),
    path("transfers/<uuid:transfer_uuid>/plan/holdings/", plans.list_holdings, name="transfer-holdings"),
    path(
        "transfers/<uuid:transfer_uuid>/plan/exceptions/<path:key>/",
        plans.map_exception,
        name="transfer-exception",
    ),
    path("transfers/<uuid:transfer_uuid>/propose/", plans.propose, name="transfer-propose"),
    path("transfers/<uuid:transfer_uuid>/answer/", plans.answer, name="transfer-answer"),
    path("transfers/<uuid:transfer_uuid>/annex/accept/", plans.accept_annex, name="transfer-accept-annex"),
    path(
        "transfers/<uuid:transfer_uuid>/annex/<uuid:annex_line_uuid>/",
        plans.answer_line,
        name="transfer-answer-line",
    ),
    path("transfers/<uuid:transfer_uuid>/revoke/", plans.revoke, name="transfer-revoke"),
    path("transfers/<uuid:transfer_uuid>/execute/", execution.execute, name="transfer-execute"),
    path("transfers/<uuid:transfer_uuid>/done/", execution.done, name="transfer-done"),
    path("transfers/<uuid:transfer_uuid>/proof/", execution.proof, name="transfer-proof"),
    path("transfers/<uuid:transfer_uuid>/give-back/", execution.give_back, name="transfer-give-back"),
    path("milestones/<uuid:milestone_uuid>/", milestones.milestone, name="milestone"),
    path("milestones/<uuid:milestone_uuid>/evidence/", milestones.add_evidence, name="milestone-evidence"),
    path("milestones/<uuid:milestone_uuid>/sign/", milestones.sign, name="milestone-sign"),
    path("milestones/<uuid:milestone_uuid>/act/", milestones.rest_on, name="milestone-act"),
    path("evidence/<uuid:evidence_uuid>/file/", milestones.evidence_file, name="evidence-file"),
    path("transfers/<uuid:transfer_uuid>/papers/", papers.papers, name="transfer-papers"),
    path("transfers/<uuid:transfer_uuid>/papers/<slug:kind>.pdf", papers.paper, name="transfer-paper"),
    path("papers/<uuid:paper_uuid>/signed/", papers.record_signed, name="paper-signed"),
    path("papers/signed/<uuid:signed_paper_uuid>/file/", papers.signed_file, name="signed-paper-file"),
    path("papers/check/", papers.check, name="paper-check"),
    path("", include("handover.views.transfers.more_urls")),
]
