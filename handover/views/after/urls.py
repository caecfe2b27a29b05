"""Addresses of the years after a handover."""

from __future__ import annotations

from django.urls import URLPattern, path

from handover.views import statements
from handover.views.after import checks, overview, undertakings

ONE = "programmes/<uuid:programme_uuid>/after/"
PROMISE = f"{ONE}undertakings/<uuid:undertaking_uuid>/"
SAID = f"{ONE}undertakings/years/<uuid:undertaking_year_uuid>/"
CHECK = f"{ONE}checks/<uuid:sustainability_check_uuid>/"

urlpatterns: list[URLPattern] = [
    path(ONE, overview.after, name="after"),
    path(f"{ONE}file/", statements.sustainability_report, name="sustainability-report"),
    path(f"{ONE}undertakings/add/", undertakings.add, name="undertaking-add"),
    path(PROMISE, undertakings.undertaking, name="undertaking"),
    path(f"{PROMISE}edit/", undertakings.edit, name="undertaking-edit"),
    path(f"{PROMISE}dependents/", undertakings.depend, name="undertaking-dependents"),
    path(f"{PROMISE}say/", undertakings.say, name="undertaking-say"),
    path(f"{SAID}edit/", undertakings.resay, name="undertaking-year-edit"),
    path(f"{SAID}file/", undertakings.file, name="undertaking-year-file"),
    path(f"{ONE}checks/plan/", checks.plan, name="checks-plan"),
    path(CHECK, checks.check, name="check"),
    path(f"{CHECK}look/", checks.look, name="check-look"),
    path(f"{CHECK}move/", checks.move, name="check-move"),
    path(f"{CHECK}drop/", checks.drop, name="check-drop"),
    path(f"{CHECK}hold/", checks.hold, name="check-hold"),
]
