"""This app's tables: the IATI 2.03 result tree, and values as insert-only revisions."""

from indicators.models.activities import ActivityRecord
from indicators.models.definitions import Baseline, Indicator, Period, Target
from indicators.models.results import Result
from indicators.models.values import Value

__all__ = ["ActivityRecord", "Baseline", "Indicator", "Period", "Result", "Target", "Value"]
