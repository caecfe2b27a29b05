"""The indicators of a programme: table, entry, approval, files in and out, definitions; long work; the portfolio.

Reporting, approving and defining may be held on one responsibility alone: those pages ask for reading, then for that.
"""

from __future__ import annotations

from collections.abc import Mapping

from handover.permissions import Permission
from tests.contracts.asks import Asks

HERE = "programmes/<uuid:programme_uuid>/indicators/"

ROUTES: Mapping[str, Asks] = {
    HERE: Permission.VIEW,
    f"{HERE}<uuid:indicator_uuid>/": Permission.VIEW,
    f"{HERE}<uuid:indicator_uuid>/figure/": Permission.VIEW,
    f"{HERE}values/<uuid:value_uuid>/": Permission.VIEW,
    f"{HERE}report/": Permission.VIEW,
    f"{HERE}handed-in/": Permission.VIEW,
    f"{HERE}handed-in/<uuid:submission_uuid>/": Permission.VIEW,
    f"{HERE}handed-in/<uuid:submission_uuid>/values/": Permission.VIEW,
    f"{HERE}import/": Permission.VIEW,
    f"{HERE}import/template/": Permission.VIEW,
    f"{HERE}import/reading/": Permission.VIEW,
    f"{HERE}import/preview/": Permission.VIEW,
    f"{HERE}import/mend/": Permission.VIEW,
    f"{HERE}import/<uuid:job_uuid>/": Permission.VIEW,
    f"{HERE}export/": Permission.EXPORT,
    f"{HERE}export/<uuid:job_uuid>/": Permission.EXPORT,
    f"{HERE}export/<uuid:job_uuid>/file/": Permission.EXPORT,
    f"{HERE}definitions/": Permission.VIEW,
    f"{HERE}definitions/results/add/": Permission.DEFINE_INDICATORS,
    f"{HERE}definitions/results/<uuid:result_uuid>/": Permission.DEFINE_INDICATORS,
    f"{HERE}definitions/add/": Permission.VIEW,
    f"{HERE}definitions/<uuid:indicator_uuid>/": Permission.VIEW,
    f"{HERE}definitions/<uuid:indicator_uuid>/numbers/": Permission.VIEW,
    "portfolio/": Permission.VIEW,
    "jobs/<uuid:job_uuid>/": Permission.VIEW,
}

_HELD = (
    "reporting and defining may be held on one responsibility alone: the page asks for reading, then for that"
)
_TOTALS = "whoever reads as a donor alone sees totals: single values could tell of single people"
_APART = "what was handed in is open to its organisation, and to who approves or verifies"

OTHERWISE: Mapping[str, tuple[tuple[int, ...], str]] = {
    **{f"{HERE}{path}": ((403,), _HELD) for path in ("report/", "import/")},
    **{f"{HERE}import/{path}/": ((403,), _HELD) for path in ("reading", "preview", "mend")},
    f"{HERE}<uuid:indicator_uuid>/figure/": ((404,), _TOTALS),
    f"{HERE}values/<uuid:value_uuid>/": ((404,), _TOTALS),
    f"{HERE}definitions/": ((403,), _HELD),
    f"{HERE}definitions/add/": ((403,), _HELD),
    f"{HERE}definitions/<uuid:indicator_uuid>/": ((403,), _HELD),
    f"{HERE}definitions/<uuid:indicator_uuid>/numbers/": ((403,), _HELD),
    f"{HERE}handed-in/<uuid:submission_uuid>/": ((404,), _APART),
    f"{HERE}handed-in/<uuid:submission_uuid>/values/": ((404,), _APART),
}
"""What else somebody with a standing may be answered, and why."""
