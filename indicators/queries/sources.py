"""Source series of a programme: listed with what rests on them, and found by the names that files use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from handover.models import Programme
from indicators.models import SourceSeries


@dataclass(frozen=True)
class Listed:
    """A source series, and how many values (every revision counts) name it."""

    source: SourceSeries
    values: int

    def as_json(self) -> dict[str, Any]:
        """Give it as a JSON object."""
        row = self.source
        return {
            "uuid": row.uuid,
            "title": row.title,
            "custodian": row.custodian.slug,
            "custodian_name": row.custodian.name,
            "office": row.office,
            "location": row.location,
            "starts_on": row.starts_on,
            "ends_on": row.ends_on,
            "count": row.count,
            "counted": row.counted,
            "sha256": row.sha256,
            "keep_until": row.keep_until,
            "note": row.note,
            "version": row.version,
            "values": self.values,
        }


def listing(programme: Programme, *, cutoff: dt.datetime | None = None) -> list[Listed]:
    """List a programme's source series by title, in one query.

    Args:
        cutoff: ``Reach.cutoff``: what was named after it does not count.
    """
    seen = Q() if cutoff is None else Q(values__added_at__lte=cutoff)
    rows = SourceSeries.objects.filter(programme=programme).select_related("custodian")
    return [
        Listed(source=row, values=int(getattr(row, "resting", 0)))
        for row in rows.annotate(resting=Count("values__value_uuid", filter=seen, distinct=True))
    ]


def lines(programme: Programme, *, cutoff: dt.datetime | None = None) -> Iterator[str]:
    """Tell each source series in one line: what it is, who keeps it where, how much, and how many values rest on it."""
    for item in listing(programme, cutoff=cutoff):
        yield line(item)


def line(item: Listed) -> str:
    """Tell one source series."""
    row = item.source
    keeper = f"{row.custodian.name}, {row.office}" if row.office else row.custodian.name
    facts = [f"kept by {keeper}", row.location]
    if row.starts_on or row.ends_on:
        facts.append(f"{row.starts_on or '…'} to {row.ends_on or '…'}")
    if row.count is not None:
        facts.append(f"{row.count} {row.counted or 'pieces'}")
    if row.keep_until:
        facts.append(f"to be kept until {row.keep_until}")
    facts.append("1 value rests on it" if item.values == 1 else f"{item.values} values rest on it")
    return f"{row.title}: {'; '.join(facts)}"


def named(programme: Programme, names: Iterable[str]) -> dict[str, SourceSeries]:
    """Find source series by UUID, or by a title that only one has (case does not matter), in one query.

    A name that is missing in the answer means none, or several.
    """
    wanted = {name for name in names if name.strip()}
    if not wanted:
        return {}
    rows = list(SourceSeries.objects.filter(programme=programme))
    by_uuid = {row.uuid: row for row in rows}
    by_title: dict[str, list[SourceSeries]] = {}
    for row in rows:
        by_title.setdefault(row.title.casefold().strip(), []).append(row)
    found = {}
    for name in wanted:
        titled = by_title.get(name.casefold().strip(), [])
        uuid = _uuid(name)
        match = by_uuid.get(uuid) if uuid else titled[0] if len(titled) == 1 else None
        if match is not None:
            found[name] = match
    return found


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None
