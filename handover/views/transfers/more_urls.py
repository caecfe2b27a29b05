"""Addresses of what belongs to a transfer besides its plan: plain words, votes, readiness."""

from __future__ import annotations

from django.urls import path

from handover.views.transfers import plain_words, readiness, scores

urlpatterns = [
    path(
        "transfers/<uuid:transfer_uuid>/in-plain-words/",
        plain_words.plain_words,
        name="transfer-plain-words",
    ),
    path("milestones/<uuid:milestone_uuid>/vote/", plain_words.record_vote, name="milestone-vote"),
    path("votes/<uuid:community_vote_uuid>/answer/", plain_words.answer_vote, name="vote-answer"),
    path("programmes/<uuid:programme_uuid>/readiness/", readiness.readiness, name="readiness"),
    path("programmes/<uuid:programme_uuid>/readiness/new/", readiness.begin, name="readiness-begin"),
    path("programmes/<uuid:programme_uuid>/readiness/questions/", readiness.adopt, name="readiness-adopt"),
    path(
        "transfers/<uuid:transfer_uuid>/readiness/", readiness.transfer_readiness, name="transfer-readiness"
    ),
    path(
        "transfers/<uuid:transfer_uuid>/readiness/step/",
        readiness.accept_proposal,
        name="readiness-proposal",
    ),
    path("readiness/<uuid:assessment_uuid>/", scores.assessment, name="assessment"),
    path("readiness/<uuid:assessment_uuid>/scores/", scores.score, name="assessment-score"),
    path("readiness/<uuid:assessment_uuid>/close/", scores.close, name="assessment-close"),
    path("readiness/<uuid:assessment_uuid>/agree/", scores.agree, name="assessment-agree"),
]
