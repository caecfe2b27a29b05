"""Addresses of the pages of audits."""

from __future__ import annotations

from django.urls import URLPattern, path

from handover.views import statements
from handover.views.audits import keeping, reading

ROOM = "programmes/<uuid:programme_uuid>/audits/"
ONE = f"{ROOM}<uuid:audit_engagement_uuid>/"
ASKED = f"{ROOM}requests/<uuid:audit_request_uuid>/"
DRAWN = f"{ROOM}samples/<uuid:audit_sample_uuid>/"
FOUND = f"{ROOM}findings/<uuid:audit_finding_uuid>/"

urlpatterns: list[URLPattern] = [
    path(ROOM, reading.audits, name="audits"),
    path(f"{ROOM}open/", keeping.open_, name="audit-open"),
    path(f"{ROOM}review/", keeping.review, name="audit-review"),
    path(ONE, reading.audit, name="audit"),
    path(f"{ONE}file/", statements.audit_file, name="audit-file"),
    path(f"{ONE}extend/", keeping.extend, name="audit-extend"),
    path(f"{ONE}end/", keeping.end, name="audit-end"),
    path(f"{ONE}ask/", keeping.ask, name="audit-ask"),
    path(f"{ONE}sample/", keeping.commit, name="audit-sample"),
    path(f"{ONE}find/", keeping.find, name="audit-find"),
    path(f"{ASKED}answer/", keeping.answer, name="audit-answer"),
    path(f"{ASKED}accept/", keeping.accept, name="audit-accept"),
    path(f"{ASKED}return/", keeping.send_back, name="audit-return"),
    path(f"{DRAWN}freeze/", keeping.freeze, name="audit-freeze"),
    path(f"{DRAWN}reveal/", keeping.reveal, name="audit-reveal"),
    path(f"{FOUND}edit/", keeping.edit_finding, name="audit-finding-edit"),
    path(f"{FOUND}share/", keeping.share, name="audit-finding-share"),
    path(f"{FOUND}reply/", keeping.reply, name="audit-finding-reply"),
    path(f"{FOUND}follow-up/", keeping.follow_up, name="audit-finding-follow-up"),
    path(f"{FOUND}propose-closure/", keeping.propose_closure, name="audit-finding-propose"),
    path(f"{FOUND}close/", keeping.close, name="audit-finding-close"),
    path(f"{DRAWN}checklist/", reading.checklist, name="audit-checklist"),
]
