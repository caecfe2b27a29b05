"""An IATI file becomes programmes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from handover.access import Actor
from indicators.actions.activities import ActivityDraft, Imported, Row, import_activities
from indicators.exchange.iati.columns import ROWS, narrated, row_of
from indicators.exchange.iati.reading import read
from indicators.exchange.iati.tree import Activity, Node


def import_file(by: Actor, path: Path) -> list[Imported]:
    """Import all activities of a file, or none.

    Raises:
        Invalid: the file is refused (``reading.read`` names the codes), or an activity is known already.
        NotAllowed: the actor may not found programmes.
    """
    return import_activities(by=by, drafts=_drafts(path), source=path.name)


def _drafts(path: Path) -> Iterator[ActivityDraft]:
    for activity in read(path):
        yield draft_of(activity, path.name)


def draft_of(activity: Activity, file: str = "") -> ActivityDraft:
    """Make a draft of what was read."""
    envelope = activity.envelope
    return ActivityDraft(
        identifier=activity.identifier,
        title=narrated(activity.title),
        description=narrated(activity.description),
        starts_on=_date(activity.starts_on),
        ends_on=_date(activity.ends_on),
        attributes=activity.attributes,
        parts=[{"tag": part.tag, "xml": part.xml} for part in activity.parts],
        envelope={
            "attributes": [list(pair) for pair in envelope.attributes],
            "namespaces": dict(envelope.namespaces),
            "elements": list(envelope.elements),
        },
        results=[_row(result) for result in activity.results],
        where=f"{file}, line {activity.line}",
    )


def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _row(node: Node) -> Row:
    below = {name: [_row(child) for child in getattr(node, name)] for name in ROWS.get(type(node), ())}
    return Row(row_of(node), below)
