"""Addresses of what belongs to a transfer besides its plan: plain words, readiness."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
