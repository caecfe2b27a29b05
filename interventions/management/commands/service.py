"""`handover service`: activities and services, their licences, and what they delivered."""

from __future__ import annotations

from typing import Final

from handover.access import asking
from handover.errors import Invalid
from handover.management.base import PROGRAMME, Call, Steps, StepsCommand, Told, argument
from handover.management.finding import day, narrative
from handover.terminal import fitted
from interventions.actions import deliveries, services
from interventions.actions.deliveries import DeliveryEntry
from interventions.actions.services import ServiceEntry
from interventions.management.interventions import reading, showing
from interventions.management.interventions.reading import (
    FROM,
    INTERVENTION,
    PLACE,
    SERVICE,
    TITLE,
    UNTIL,
    WHY,
)
from interventions.models import ServiceKind
from interventions.queries import services as reads

steps = Steps()

SAID: Final = (
    argument("--planned", type=reading.number, metavar="NUMBER", help="units a calendar quarter"),
    argument(
        "--needs-licence", dest="needs_licence", action="store_const", const=True, help="never without one"
    ),
    argument("--licence", metavar="LICENCE", help="a licence of the register, by number or title"),
    PLACE,
    FROM,
    UNTIL,
)


class Command(StepsCommand):
    """Keep services and what they deliver."""

    help = (
        "Activities and services of interventions: a service that needs a licence starts only with one that is valid "
        "that day; what it delivered is counted by period and place."
    )
    steps = steps


@steps.add(
    "add",
    PROGRAMME,
    INTERVENTION,
    argument(
        "--kind", choices=ServiceKind.values, required=True, help="an activity has an end; a service goes on"
    ),
    argument(
        "--title",
        action="append",
        type=narrative,
        required=True,
        metavar="[LANG=]TEXT",
        help="may be repeated",
    ),
    argument(
        "--unit", required=True, metavar="TEXT", help="what is delivered: sessions, visits, meals, hours"
    ),
    *SAID,
    *WHY,
)
def add(call: Call) -> Told:
    """Add an activity or a service to an intervention. Once that has begun, with --reason."""
    row, why = reading.intervention_of(call), reading.why_of(call)
    said = reading.fields_of(call, ServiceEntry.__annotations__)
    made = services.add(by=call.by, intervention_uuid=row.uuid, **why, **said)
    return showing.service_told(call, made, "The service is added.")


@steps.add(
    "edit",
    PROGRAMME,
    SERVICE,
    TITLE,
    argument("--kind", choices=ServiceKind.values),
    argument("--unit", metavar="TEXT"),
    *SAID,
    argument("--needs-no-licence", dest="needs_licence", action="store_const", const=False),
    reading.clearable("planned", "licence", "place", "starts_on", "ends_on"),
    *WHY,
)
def edit(call: Call) -> Told:
    """Change what is said of a service, and say why: --reason. A service that ended gets --until."""
    row = reading.service_of(call)
    changes = reading.fields_of(call, ServiceEntry.__annotations__)
    if not changes:
        raise Invalid("usage", "Say what changes; `handover service edit --help` lists it.")
    why = reading.why_of(call)
    made = services.edit(by=call.by, service_uuid=row.uuid, version=row.version, **why, **changes)
    return showing.service_told(call, made, "The service is changed.")


@steps.add(
    "start", PROGRAMME, SERVICE, argument("--on", type=day, metavar="DATE", help="today, if it is left out")
)
def start(call: Call) -> Told:
    """Say that a service has started; refused without the licence that it needs."""
    row = reading.service_of(call)
    made = services.start(by=call.by, service_uuid=row.uuid, version=row.version, on=call["on"])
    return showing.service_told(call, made, f"The service runs since {made.started_on}.")


@steps.add(
    "deliver",
    PROGRAMME,
    SERVICE,
    FROM,
    UNTIL,
    argument("--quantity", type=reading.number, metavar="NUMBER", help="in the service's unit"),
    argument("--children", type=int, metavar="NUMBER", help="under 18"),
    argument("--adults", type=int, metavar="NUMBER"),
    argument("--age-unknown", dest="age_unknown", type=int, metavar="NUMBER"),
    PLACE,
    argument("--source", metavar="TEXT", help="where the figures come from"),
    argument("--note", metavar="TEXT"),
    argument(
        "--correct", metavar="DELIVERY", help="what was entered wrongly, by its period or UUID; with --reason"
    ),
    argument("--reason", default="", metavar="TEXT", help="why it is corrected"),
)
def deliver(call: Call) -> Told:
    """Enter what a service delivered in a period, and whom it reached, as counts."""
    row = reading.service_of(call)
    found, said = reading.delivery_of(call, row), reading.fields_of(call, DeliveryEntry.__annotations__)
    if found is None:
        deliveries.deliver(by=call.by, service_uuid=row.uuid, **said)
    else:
        deliveries.correct(
            by=call.by, delivery_uuid=found.uuid, version=found.version, reason=call["reason"], **said
        )
    return showing.service_told(call, row, "The delivery is entered.")


@steps.add("show", PROGRAMME, SERVICE, reads=True)
def show(call: Call) -> Told:
    """Show a service and what it delivered, period by period."""
    row = reading.service_of(call)
    (item,) = [line for line in reads.of(row.programme, row.intervention) if line.service == row]
    delivered = reads.deliveries(row)
    lines = [
        *showing.service_lines(item),
        *(f"  {line}" for line in showing.delivery_lines(delivered, row.unit)),
    ]
    return Told(
        {
            "service": showing.service_document(item),
            "deliveries": [showing.delivery_document(found) for found in delivered],
        },
        [*fitted(lines)],
    )


@steps.add(
    "list",
    PROGRAMME,
    argument("intervention", nargs="?", metavar="INTERVENTION", help="all of them, if it is left out"),
    reads=True,
)
def list_all(call: Call) -> Told:
    """List services with what they delivered, and the volunteers by year."""
    with asking(call.by):
        programme = reading.programme_of(call)
        row = reading.intervention_named(programme, call["intervention"]) if call["intervention"] else None
    found = reads.of(programme, row)
    lines = (
        [line for item in found for line in showing.service_lines(item)]
        if row
        else list(reads.lines(programme))
    )
    return Told(
        {"services": [showing.service_document(item) for item in found]},
        [*fitted(lines)] or ["There are no services yet."],
    )
