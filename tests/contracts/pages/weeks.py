"""What the weeks need: what blocks, what decides the end, what nobody pays, what is held, what stands out."""

from __future__ import annotations

from collections.abc import Mapping

from handover.permissions import Permission
from tests.contracts.asks import Asks

ROUTES: Mapping[str, Asks] = {
    "programmes/<uuid:programme_uuid>/blockers/": Permission.VIEW,
    "programmes/<uuid:programme_uuid>/critical-path/": Permission.VIEW,
    "programmes/<uuid:programme_uuid>/funding/": Permission.VIEW,
    "held/": Permission.VIEW,
    "held/request/": Permission.VIEW,
    "held/request.xlsx": Permission.VIEW,
    "held/request.pdf": Permission.VIEW,
    "exceptions/": Permission.VIEW,
    "after-handovers/": Permission.VIEW,
    "after-handovers/file/": Permission.VIEW,
}
