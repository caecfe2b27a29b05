"""Addresses: the kernel's own, and the apps' by dotted string."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.urls import include, path

from handover.views.home import choose_seat, home
from handover.views.routes import open_to

sign_in = open_to("who is not signed in yet")(
    auth_views.LoginView.as_view(template_name="handover/sign_in.html")
)
sign_out = open_to("whoever is signed in")(auth_views.LogoutView.as_view())

urlpatterns = [
    path("", home, name="home"),
    path("seat/", choose_seat, name="choose-seat"),
    path("sign-in/", sign_in, name="sign-in"),
    path("sign-out/", sign_out, name="sign-out"),
    path("operators/", admin.site.urls),
    path("api/v1/", include("handover.api.urls")),
    path("scim/v2/", include("handover.api.scim.urls")),
    path("", include("indicators.urls")),
]
