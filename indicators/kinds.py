"""What the kinds of rows are called that this app conserves, in words of people."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop

KINDS: Final = {
    "indicators.activityrecord": gettext_noop("activities in IATI"),
    "indicators.axis": gettext_noop("axes of groups"),
    "indicators.sourceseries": gettext_noop("series of sources"),
    "indicators.result": gettext_noop("results"),
    "indicators.indicator": gettext_noop("indicators"),
    "indicators.baseline": gettext_noop("baselines"),
    "indicators.period": gettext_noop("periods"),
    "indicators.target": gettext_noop("targets"),
    "indicators.break": gettext_noop("breaks in series"),
    "indicators.overlap": gettext_noop("overlaps of series"),
    "indicators.submission": gettext_noop("values handed in"),
    "indicators.draft": gettext_noop("drafts of values"),
    "indicators.provenance": gettext_noop("sources of values"),
    "indicators.feed": gettext_noop("counts from records"),
    "indicators.floor": gettext_noop("floors of indicators"),
    "indicators.value": gettext_noop("values"),
}
