"""Addresses of the pages that the weeks need."""

from __future__ import annotations

from django.urls import path

from handover.views import statements
from handover.views.weeks import exceptions, handovers, held, programmes, requests

urlpatterns = [
    path("programmes/<uuid:programme_uuid>/blockers/", programmes.blockers, name="blockers"),
    path("programmes/<uuid:programme_uuid>/critical-path/", programmes.critical_path, name="critical-path"),
    path("programmes/<uuid:programme_uuid>/funding/", programmes.funding, name="funding"),
    path("held/", held.held, name="held"),
    path("held/request/", requests.request_page, name="budget-request"),
    path("held/request.xlsx", requests.workbook, name="budget-request-xlsx"),
    path("held/request.pdf", requests.paper, name="budget-request-pdf"),
    path("exceptions/", exceptions.exceptions, name="exceptions"),
    path("after-handovers/", handovers.handovers, name="after-handovers"),
    path("after-handovers/file/", statements.portfolio, name="after-handovers-file"),
]
