"""Addresses: the kernel's own, and the apps' by dotted string."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.urls import path

urlpatterns = [
    path("sign-in/", auth_views.LoginView.as_view(template_name="handover/sign_in.html"), name="sign-in"),
    path("operators/", admin.site.urls),
]
