"""Tables for analysis: pandas gets what SQL has aggregated, and keeps every number exact.

The only module that knows pandas. Numbers are ``Decimal`` in columns of ``object``: a float would not be what was
reported.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from handover.access import Actor
from handover.models import Programme
from handover.narratives import best
from indicators.models import Indicator
from indicators.queries.portfolio import portfolio
from indicators.queries.series import by_group, series
from indicators.queries.tables import table

if TYPE_CHECKING:
    import pandas as pd

SERIES = ("starts_on", "ends_on", "total", "how", "target", "values")
KEY = ("vocabulary", "uri", "code", "measure", "unit", "currency", "counting_rule")
TABLE = (
    "indicator",
    "title",
    "baseline",
    "starts_on",
    "ends_on",
    "total",
    "target",
    "actual",
    "light",
    "per_cent",
)
PORTFOLIO = (
    *KEY,
    "year",
    "programmes",
    "indicators",
    "values",
    "total",
    "numerator",
    "denominator",
    "why",
)
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


def table_frame(programme: Programme, *, cutoff: dt.datetime | None) -> pd.DataFrame:
    """Give a programme's indicators as rows: where each stood, stands and should, and how far it came (``TABLE``)."""
    import pandas as pd

    rows = []
    for line in table(programme, cutoff=cutoff).lines:
        judged = line.judged
        last, goal, progress = judged.last, judged.goal, judged.progress
        rows.append(
            [
                str(line.indicator.uuid),
                best(line.indicator.title),
                judged.baseline.value if judged.baseline else None,
                last.starts_on if last else None,
                last.ends_on if last else None,
                last.total if last else None,
                goal.value if goal else None,
                judged.actual,
                str(progress.light),
                progress.per_cent,
            ]
        )
    return pd.DataFrame(rows, columns=list(TABLE), dtype=object)


def portfolio_frame(actor: Actor) -> pd.DataFrame:
    """Give an actor's portfolio as rows, by code and year (``PORTFOLIO``). Inside ``access.asking``."""
    import pandas as pd

    lines = portfolio(actor).lines
    rows = [
        [getattr(line.key if name in KEY else line, name) for name in PORTFOLIO[:-1]]
        + [line.why and str(line.why)]
        for line in lines
    ]
    return pd.DataFrame(rows, columns=list(PORTFOLIO), dtype=object)
