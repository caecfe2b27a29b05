"""Addresses of people's pages."""

from __future__ import annotations

from django.urls import path

from handover.views.people import (
    activity,
    history,
    invitations,
    keys,
    leaving,
    members,
    organisation,
    programme,
    search,
    you,
)

urlpatterns = [
    path("invitations/<str:secret>/", invitations.invitation, name="invitation"),
    path("search/", search.search, name="search"),
    path("organisation/", members.members, name="organisation"),
    path("organisation/invite/", members.invite, name="organisation-invite"),
    path(
        "organisation/invitations/<uuid:invitation_uuid>/revoke/",
        members.revoke_invitation,
        name="invitation-revoke",
    ),
    path("organisation/members/<uuid:user_uuid>/", members.member, name="organisation-member"),
    path("organisation/members/<uuid:user_uuid>/end/", members.end_seat, name="seat-end"),
    path("organisation/members/<uuid:user_uuid>/leave/", leaving.leave, name="member-leave"),
    path("organisation/members/<uuid:user_uuid>/erase/", leaving.forget, name="member-forget"),
    path("organisation/settings/", organisation.settings, name="organisation-settings"),
    path("organisation/signing/", organisation.representatives, name="organisation-representatives"),
    path("organisation/tokens/", keys.organisation_tokens, name="organisation-tokens"),
    path("organisation/webhooks/", keys.webhooks, name="organisation-webhooks"),
    path("organisation/activity/", activity.of_organisation, name="organisation-activity"),
    path("programmes/<uuid:programme_uuid>/people/", programme.people, name="programme-people"),
    path("programmes/<uuid:programme_uuid>/people/let-in/", programme.admit, name="standing-admit"),
    path(
        "programmes/<uuid:programme_uuid>/people/<uuid:organisation_uuid>/<slug:kind>/end/",
        programme.dismiss,
        name="standing-end",
    ),
    path("programmes/<uuid:programme_uuid>/people/exception/", programme.exempt, name="exception-give"),
    path("programmes/<uuid:programme_uuid>/permissions/history/", history.history, name="permission-history"),
    path("programmes/<uuid:programme_uuid>/activity/", activity.of_programme, name="programme-activity"),
    path("you/", you.you, name="you"),
    path("you/tokens/", keys.own_tokens, name="you-tokens"),
    path("tokens/<uuid:token_uuid>/revoke/", keys.revoke, name="token-revoke"),
]
