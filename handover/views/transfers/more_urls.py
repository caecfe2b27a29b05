"""Addresses of what belongs to a transfer besides its plan: plain words, votes, readiness."""

from __future__ import annotations

from django.urls import path

from handover.views.transfers import plain_words

urlpatterns = [
    path(
        "transfers/<uuid:transfer_uuid>/in-plain-words/",
        plain_words.plain_words,
        name="transfer-plain-words",
    ),
    path("milestones/<uuid:milestone_uuid>/vote/", plain_words.record_vote, name="milestone-vote"),
    path("votes/<uuid:community_vote_uuid>/answer/", plain_words.answer_vote, name="vote-answer"),
]
