"""Addresses of the pages of audits."""

from __future__ import annotations

from django.urls import URLPattern, path

from handover.views.audits import reading

ROOM = "programmes/<uuid:programme_uuid>/audits/"

urlpatterns: list[URLPattern] = [
    path(ROOM, reading.audits, name="audits"),
    path(f"{ROOM}<uuid:audit_engagement_uuid>/", reading.audit, name="audit"),
    path(f"{ROOM}samples/<uuid:audit_sample_uuid>/checklist/", reading.checklist, name="audit-checklist"),
]
