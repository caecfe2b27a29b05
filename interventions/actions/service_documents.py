"""Whole documents of services with their deliveries, of partners and of volunteers: one ledger entry for all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from handover import access, ledger
from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid
from handover.models import Programme
from handover.models.base import InProgramme
from handover.permissions import Permission
from handover.queries.conservation import conserved_rows
from interventions.actions import deliveries, entries, partners, periods, services, volunteering
from interventions.actions.entries import Entry
from interventions.models import Delivery, Intervention, InterventionPartner, Service, Volunteering

TABLES: Final[tuple[type[InProgramme], ...]] = (Service, Delivery, InterventionPartner, Volunteering)

Found = Mapping[UUID, Intervention]


@action
def load(
    *,
    by: Actor,
    programme_uuid: UUID,
    rows: Mapping[str, Entry],
    partnerships: Sequence[Entry] = (),
    volunteers: Sequence[Entry] = (),
) -> dict[str, UUID]:
    """Load services that are there already, in a constant number of statements. It sets up: no change is kept.

    Args:
        rows: services by key: the fields of ``services.add``, their ``intervention`` (a UUID), ``started_on``, and
            ``deliveries``, a list of what ``deliveries.deliver`` takes.
        partnerships: what ``partners.add`` takes, with the ``intervention``.
        volunteers: what ``volunteering.record`` takes, with the ``intervention``.

    Returns:
        The UUIDs of the services, by key.

    Raises:
        NotFound, NotAllowed: the actor may not change one of the interventions.
        Invalid: the first thing that is wrong, with its field as ``services[key].field``; then nothing is loaded.
    """
    may = Permission.EDIT_INTERVENTIONS
    programme = access.programme_for(by, programme_uuid, may=Permission.VIEW)
    there = _interventions(programme, [*rows.values(), *partnerships, *volunteers])
    entries.ask(by, programme, [row.responsibility for row in there.values()] or [None], may=may)
    built = _services(programme, rows, there)
    delivered = _deliveries(programme, rows, built)
    _partners(programme, partnerships, there)
    _volunteers(programme, volunteers, there)
    counts = {"services": len(built), "deliveries": delivered, "partners": len(partnerships)}
    ledger.record(
        verb="services.loaded",
        by=by,
        programme=programme,
        subject=programme.uuid,
        data={
            "loaded": {**counts, "volunteering": len(volunteers)},
            "tables": [item.as_json() for item in conserved_rows(programme, TABLES)],
        },
    )
    return {key: row.uuid for key, row in built.items()}


def _interventions(programme: Programme, named: Sequence[Entry]) -> Found:
    keys = {key for entry in named if isinstance(key := entry.get("intervention"), UUID)}
    # Locked, and not only read: whoever enters a period of one of them at the same time waits, and is told.
    rows = Intervention.objects.filter(programme=programme, uuid__in=keys).order_by("id")
    locked = rows.select_related("programme", "responsibility").select_for_update(of=("self",))
    return {row.uuid: row for row in locked}


def _of(entry: Entry, there: Found, at: str) -> Intervention:
    key = entry.get("intervention")
    found = there.get(key) if isinstance(key, UUID) else None
    if found is None:
        sentence = f"There is no intervention {key} in this programme."
        raise Invalid("unknown_intervention", sentence, field=f"{at}intervention")
    return found


def _services(programme: Programme, rows: Mapping[str, Entry], there: Found) -> dict[str, Service]:
    references = services.References(programme, list(rows.values()))
    built: dict[str, Service] = {}
    for key, row in rows.items():
        at = f"services[{key}]."
        said = _without(row, "intervention", "started_on", "deliveries")
        made = services.build(_of(row, there, at), said, references, at=at)
        if row.get("started_on") is not None:
            made.started_on = row["started_on"]  # type: ignore[assignment]  # whatever came in: it is checked
            entries.check(made, at=at)
            started: dt.date = made.started_on  # type: ignore[assignment]
            services.check_start(made, started, at=at)
        built[key] = made
    Service.objects.bulk_create(built.values())
    return built


def _deliveries(programme: Programme, rows: Mapping[str, Entry], built: Mapping[str, Service]) -> int:
    named = [
        (built[key], item, f"services[{key}].deliveries[{position}].")
        for key, row in rows.items()
        for position, item in enumerate(_listed(row, f"services[{key}].deliveries"))
    ]
    references = entries.References(programme, [item for _, item, _ in named])
    made = [deliveries.build(service, item, references, at=at) for service, item, at in named]
    periods.each_alone(made, lambda row: row.service, [at for _, _, at in named])
    Delivery.objects.bulk_create(made)
    return len(made)


def _partners(programme: Programme, partnerships: Sequence[Entry], there: Found) -> None:
    references = partners.References(programme, partnerships)
    InterventionPartner.objects.bulk_create(
        partners.build(_of(item, there, at), _without(item, "intervention"), references, at=at)
        for at, item in _numbered("partners", partnerships)
    )


def _volunteers(programme: Programme, volunteers: Sequence[Entry], there: Found) -> None:
    references = entries.References(programme, volunteers)
    named = list(_numbered("volunteering", volunteers))
    made = [
        volunteering.build(_of(item, there, at), _without(item, "intervention"), references, at=at)
        for at, item in named
    ]
    periods.each_alone(made, lambda row: row.intervention, [at for at, _ in named])
    present = Volunteering.objects.filter(programme=programme).select_related("place")
    by_intervention: dict[int, list[Volunteering]] = {}
    for row in present.filter(intervention__in={row.intervention_id for row in made}):
        by_intervention.setdefault(row.intervention_id, []).append(row)
    for row, (at, _) in zip(made, named, strict=True):
        both = [*by_intervention.get(row.intervention_id, []), row]
        periods.each_alone(both, lambda item: item.intervention, [at] * len(both))
    Volunteering.objects.bulk_create(made)


def _numbered(name: str, items: Sequence[Entry]) -> Iterator[tuple[str, Entry]]:
    for position, item in enumerate(items):
        yield f"{name}[{position}].", item


def _listed(row: Entry, field: str) -> Sequence[Any]:
    items = row.get("deliveries", ())
    if (
        isinstance(items, str)
        or not isinstance(items, Sequence)
        or not all(isinstance(item, Mapping) for item in items)
    ):
        raise Invalid("not_a_list", "Deliveries must be a list of entries.", field=field)
    return items


def _without(row: Entry, *names: str) -> dict[str, object]:
    return {name: value for name, value in row.items() if name not in names}
