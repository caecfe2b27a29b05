"""Addresses of the indicators' resources."""

from __future__ import annotations

from handover.api.addresses import Addresses
from indicators.api.axes import Axes
from indicators.api.breaks import Breaks, Overlaps
from indicators.api.codelists import CodeLists
from indicators.api.exports import Exports
from indicators.api.feeds import Feeds
from indicators.api.floors import Floors
from indicators.api.imports import Imports
from indicators.api.indicators import Indicators
from indicators.api.periods import Baselines, Periods, Targets
from indicators.api.provenances import Provenances
from indicators.api.results import Results
from indicators.api.sources import Sources
from indicators.api.submissions import Drafts, Submissions
from indicators.api.uploads import Uploads
from indicators.api.values import Values

addresses = Addresses()
addresses.register("results", Results, basename="results")
addresses.register("indicators", Indicators, basename="indicators")
addresses.register("axes", Axes, basename="axes")
addresses.register("periods", Periods, basename="periods")
addresses.register("baselines", Baselines, basename="baselines")
addresses.register("targets", Targets, basename="targets")
addresses.register("breaks", Breaks, basename="breaks")
addresses.register("overlaps", Overlaps, basename="overlaps")
addresses.register("floors", Floors, basename="floors")
addresses.register("feeds", Feeds, basename="feeds")
addresses.register("sources", Sources, basename="sources")
addresses.register("provenance", Provenances, basename="provenance")
addresses.register("submissions", Submissions, basename="submissions")
addresses.register("drafts", Drafts, basename="drafts")
addresses.register("values/upload", Uploads, basename="uploads")
addresses.register("values", Values, basename="values")
addresses.register("imports", Imports, basename="imports")
addresses.register("exports", Exports, basename="exports")
addresses.register("code-lists", CodeLists, basename="code-lists")

urlpatterns = addresses.urls
