"""The needs' part of the page that tells where a programme stands."""

from __future__ import annotations

from typing import Any, Final

from handover.access import Reach
from handover.models import Programme
from interventions.queries.need_pages import counts, needs_tree

TEMPLATE: Final = "interventions/panel.html"


def shown(programme: Programme, reach: Reach) -> dict[str, Any]:
    """Give how many needs are met, answered and open, and which open ones are the most severe."""
    roots = needs_tree(programme, named=False)
    told = counts(roots)
    bare = sorted(
        (item for root in roots for item in root.walk() if not item.children and not item.covered),
        key=lambda item: -item.need.severity,
    )
    return {
        "programme_uuid": programme.uuid,
        "counts": told,
        "met_bar": told.met * 400 // told.needs if told.needs else 0,
        "answered_bar": told.answered * 400 // told.needs if told.needs else 0,
        "worst": [
            {"uuid": item.need.uuid, "title": item.need.title, "severity": item.need.severity}
            for item in bare[:3]
        ]
        if told.open
        else [],
    }
