"""Addresses of the indicators' pages."""

from __future__ import annotations

from django.urls import path

from handover.views.jobs import job
from indicators.views.definitions import (
    definitions,
    indicator_add,
    indicator_edit,
    indicator_frame,
    result_add,
    result_edit,
)
from indicators.views.entry import report_values, submission_values
from indicators.views.exports import export_file, export_job, values_export
from indicators.views.imports import (
    import_job,
    import_mend,
    import_preview,
    import_reading,
    values_import,
    values_template,
)
from indicators.views.portfolio import portfolio
from indicators.views.programmes import indicator, indicators
from indicators.views.submissions import submission, submissions
from indicators.views.trail import figure, trail

HERE = "programmes/<uuid:programme_uuid>/indicators/"
ONE = f"{HERE}<uuid:indicator_uuid>/"
HANDED_IN = f"{HERE}handed-in/"
TAKEN_IN = f"{HERE}import/"
TAKEN_OUT = f"{HERE}export/"
DEFINED = f"{HERE}definitions/"

urlpatterns = [
    path(HERE, indicators, name="indicators"),
    path(ONE, indicator, name="indicator"),
    path(f"{ONE}figure/", figure, name="figure"),
    path(f"{HERE}values/<uuid:value_uuid>/", trail, name="value-trail"),
    path(f"{HERE}report/", report_values, name="report-values"),
    path(HANDED_IN, submissions, name="submissions"),
    path(f"{HANDED_IN}<uuid:submission_uuid>/", submission, name="submission"),
    path(f"{HANDED_IN}<uuid:submission_uuid>/values/", submission_values, name="submission-values"),
    path(TAKEN_IN, values_import, name="values-import"),
    path(f"{TAKEN_IN}template/", values_template, name="values-template"),
    path(f"{TAKEN_IN}reading/", import_reading, name="import-reading"),
    path(f"{TAKEN_IN}preview/", import_preview, name="import-preview"),
    path(f"{TAKEN_IN}mend/", import_mend, name="import-mend"),
    path(f"{TAKEN_IN}<uuid:job_uuid>/", import_job, name="import-job"),
    path(TAKEN_OUT, values_export, name="values-export"),
    path(f"{TAKEN_OUT}<uuid:job_uuid>/", export_job, name="export-job"),
    path(f"{TAKEN_OUT}<uuid:job_uuid>/file/", export_file, name="export-file"),
    path(DEFINED, definitions, name="definitions"),
    path(f"{DEFINED}results/add/", result_add, name="result-add"),
    path(f"{DEFINED}results/<uuid:result_uuid>/", result_edit, name="result-edit"),
    path(f"{DEFINED}add/", indicator_add, name="indicator-add"),
    path(f"{DEFINED}<uuid:indicator_uuid>/", indicator_edit, name="indicator-edit"),
    path(f"{DEFINED}<uuid:indicator_uuid>/numbers/", indicator_frame, name="indicator-frame"),
    path("portfolio/", portfolio, name="portfolio"),
    path("jobs/<uuid:job_uuid>/", job, name="job"),
]
