"""Addresses: the kernel's own, and the apps' by dotted string."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from handover.views import languages, reference
from handover.views.home import choose_seat, home

# Operators come in by the same door as everybody, second factor and limits of attempts included.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler429 = "handover.entrance.views.too_many_attempts"

urlpatterns = [
    path("", home, name="home"),
    path("seat/", choose_seat, name="choose-seat"),
    path("language/", languages.choose_language, name="choose-language"),
    path("theme/<slug:colour>.css", languages.theme, name="theme"),
    path("accessibility/", languages.accessibility, name="accessibility"),
    path("", include("handover.entrance.routes")),
    path("operators/", admin.site.urls),
    path("api/openapi.yaml", reference.openapi, name="api-openapi"),
    path("api/docs/", reference.nouns, name="api-nouns"),
    path("api/docs/<slug:noun>/", reference.noun, name="api-noun"),
    path("api/problems", reference.problems, name="api-problems"),
    path("api/v1/", include("handover.api.urls")),
    path("api/v1/", include("interventions.api.urls")),
    path("api/v1/", include("indicators.api.urls")),
    path("scim/v2/", include("handover.api.scim.urls")),
    path("", include("handover.views.operations_urls")),
    path("", include("handover.views.people.urls")),
    path("", include("handover.views.reminder_urls")),
    path("", include("handover.views.reorganisations.urls")),
    path("", include("handover.views.audits.urls")),
    path("", include("handover.views.programmes.urls")),
    path("", include("handover.views.transfers.urls")),
    path("", include("handover.views.after.urls")),
    path("", include("handover.views.weeks.urls")),
    path("", include("interventions.urls")),
    path("", include("indicators.urls")),
]
