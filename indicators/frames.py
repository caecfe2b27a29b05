"""Tables for analysis: pandas gets what SQL has aggregated, and keeps every number exact.

The only module that knows pandas. Numbers are ``Decimal`` in columns of ``object``: a float would not be what was
reported.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from handover.models import Programme
from indicators.models import Indicator
from indicators.queries.series import by_group, series

if TYPE_CHECKING:
    import pandas as pd

SERIES = ("starts_on", "ends_on", "total", "how", "target", "values")
GROUPS = ("starts_on", "ends_on", "place", "cell", "value", "numerator", "denominator")


def series_frame(programme: Programme, indicator: Indicator, *, cutoff: dt.datetime | None) -> pd.DataFrame:
    """Give an indicator's periods as rows: ``starts_on, ends_on, total, how, target, values``.

    ``total`` and ``target`` are decimals or ``None``; ``how`` says where a total comes from (``queries.series.How``).
    """
    import pandas as pd

    points = series(programme, indicator, cutoff=cutoff)
    rows = [[getattr(point, name) for name in SERIES] for point in points]
    return pd.DataFrame(rows, columns=list(SERIES), dtype=object)


def groups_frame(programme: Programme, indicator: Indicator, *, cutoff: dt.datetime | None) -> pd.DataFrame:
    """Give an indicator's current values as rows: ``starts_on``, ``ends_on``, ``place``, ``cell`` and the numbers."""
    import pandas as pd

    found = by_group(programme, indicator, cutoff=cutoff)
    return pd.DataFrame([[row[name] for name in GROUPS] for row in found], columns=list(GROUPS), dtype=object)
