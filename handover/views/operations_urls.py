"""Addresses for whoever watches the server."""

from __future__ import annotations

from django.urls import path

from handover.views import operations

urlpatterns = [
    path("healthz", operations.alive, name="healthz"),
    path("readyz", operations.ready, name="readyz"),
    path("metrics", operations.figures, name="metrics"),
]
