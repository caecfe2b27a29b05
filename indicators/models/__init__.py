"""This app's tables: the IATI 2.03 result tree, values as insert-only revisions, and what keeps them honest."""

from indicators.models.activities import ActivityRecord
from indicators.models.axes import Axis
from indicators.models.codelists import OwnCode, OwnList
from indicators.models.continuity import Break, Overlap
from indicators.models.definitions import Baseline, Indicator, Period, Target
from indicators.models.feeds import Feed
from indicators.models.floors import Floor
from indicators.models.results import Result
from indicators.models.sources import Provenance, SourceSeries
from indicators.models.submissions import Draft, Submission
from indicators.models.summaries import Summary
from indicators.models.values import Value

__all__ = [
    "ActivityRecord",
    "Axis",
    "Baseline",
    "Break",
    "Draft",
    "Feed",
    "Floor",
    "Indicator",
    "Overlap",
    "OwnCode",
    "OwnList",
    "Period",
    "Provenance",
    "Result",
    "SourceSeries",
    "Submission",
    "Summary",
    "Target",
    "Value",
]
