"""What a command line says of interventions: names of rows, fields that were given, why something changes."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

from handover import access
from handover.access import asking
from handover.errors import Invalid
from handover.management.base import Argument, Call, argument
from handover.management.finding import (
    day,
    line_named,
    narrative,
    place_named,
    responsibility_named,
)
from handover.models import Contract, Licence, Programme
from handover.narratives import Narrative
from handover.permissions import Permission
from interventions.models import (
    Consultation,
    Delivery,
    Intervention,
    InterventionPartner,
    Need,
    Service,
    TargetGroup,
    Volunteering,
)

INTERVENTION: Final = argument(
    "intervention",
    metavar="INTERVENTION",
    help="a part of its title, its UUID, or the first 8 characters of it",
)
SERVICE: Final = argument("service", metavar="SERVICE", help="a part of its title, or its UUID")
CONSULTATION: Final = argument(
    "--consultation", metavar="CONSULTATION", help="the consultation that prompted it, by title or UUID"
)
WHY: Final = (
    argument("--reason", default="", metavar="TEXT", help="why; kept with the change"),
    CONSULTATION,
)
FROM: Final = argument("--from", dest="starts_on", type=day, metavar="DATE")
UNTIL: Final = argument("--until", dest="ends_on", type=day, metavar="DATE", help="the last day")
PLACE: Final = argument("--place", metavar="PLACE", help="COUNTRY:CODE, UUID or a name that only one has")
TITLE: Final = argument(
    "--title", action="append", type=narrative, metavar="[LANG=]TEXT", help="may be repeated"
)


def number(text: str) -> Decimal:
    """Read a number, for argparse."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"“{text}” is no number") from None
    if not found.is_finite():
        raise argparse.ArgumentTypeError(f"“{text}” is no number")
    return found


def clearable(*names: str) -> Argument:
    """Give the option that takes away what was said."""
    return argument(
        "--clear",
        action="append",
        default=[],
        choices=sorted(names),
        metavar="FIELD",
        help=f"take away what was said of a field; may be repeated: {', '.join(sorted(names))}",
    )


def programme_of(call: Call) -> Programme:
    """Find the programme that a call names, inside ``asking``.

    Raises:
        NotFound: there is none that the actor may read.
    """
    return access.programme_for(call.by, call["programme"], may=Permission.VIEW)


def cutoff_of(call: Call, programme: Programme) -> dt.datetime | None:
    """Give the instant after which whoever acts is shown nothing, inside ``asking``."""
    return access.reach(call.by, programme).cutoff


def intervention_of(call: Call, name: str = "intervention") -> Intervention:
    """Find the intervention that a call names, for whoever acts."""
    with asking(call.by):
        return intervention_named(programme_of(call), call[name])


def intervention_named(programme: Programme, text: str | None) -> Intervention:
    """Find an intervention of a programme by a part of its title, or by its UUID.

    Raises:
        Invalid: none, or several; it names what there is.
    """
    rows = Intervention.objects.filter(programme=programme).select_related("programme").order_by("id")
    return line_named(list(rows), text, field="intervention", what="intervention")


def need_of(call: Call) -> UUID:
    """Find the need that a call names, likewise."""
    with asking(call.by):
        return need_named(programme_of(call), call["need"])


def need_named(programme: Programme, text: str) -> UUID:
    """Find a need of a programme, likewise."""
    rows = list(Need.objects.filter(programme=programme).order_by("id"))
    return line_named(rows, text, field="need", what="need").uuid


def service_of(call: Call) -> Service:
    """Find the service that a call names, for whoever acts."""
    with asking(call.by):
        rows = Service.objects.filter(programme=programme_of(call)).select_related(
            "intervention", "programme"
        )
        return line_named(list(rows.order_by("id")), call["service"], field="service", what="service")


def group_of(call: Call, intervention: Intervention) -> TargetGroup | None:
    """Find the group of an intervention that a call wants changed, if it does."""
    with asking(call.by):
        rows = list(TargetGroup.objects.filter(intervention=intervention).order_by("id"))
        return (
            line_named(rows, call["change"], field="group", what="target group") if call["change"] else None
        )


def partner_of(call: Call, intervention: Intervention) -> InterventionPartner | None:
    """Find the partner of an intervention that a call wants changed, if it does."""
    with asking(call.by):
        among = InterventionPartner.objects.filter(intervention=intervention).select_related("organisation")
        rows = list(among.order_by("id"))
        return line_named(rows, call["change"], field="partner", what="partner") if call["change"] else None


def volunteering_of(call: Call, intervention: Intervention) -> Volunteering | None:
    """Find the count of volunteers that a call corrects, if it does."""
    with asking(call.by):
        rows = list(Volunteering.objects.filter(intervention=intervention).order_by("starts_on", "id"))
        text = call["correct"]
        return line_named(rows, text, field="volunteering", what="count of volunteers") if text else None


def delivery_of(call: Call, service: Service) -> Delivery | None:
    """Find the delivery that a call corrects, if it does."""
    with asking(call.by):
        rows = list(Delivery.objects.filter(service=service).order_by("starts_on", "id"))
        return (
            line_named(rows, call["correct"], field="delivery", what="delivery") if call["correct"] else None
        )


def why_of(call: Call) -> dict[str, Any]:
    """Give the reason that a call names, and the consultation."""
    why: dict[str, Any] = {"reason": call["reason"]}
    with asking(call.by):
        held = consultation_named(programme_of(call), call["consultation"])
    return {**why, "consultation": held.uuid} if held else why


def consultation_named(programme: Programme, text: str | None) -> Consultation | None:
    """Find the consultation that prompted something, if one is named.

    Raises:
        Invalid: none, or several; it names what there is.
    """
    rows = list(Consultation.objects.filter(programme=programme).order_by("held_on", "id"))
    return line_named(rows, text, field="consultation", what="consultation") if text else None


def fields_of(call: Call, names: Iterable[str]) -> dict[str, Any]:
    """Give the fields that a call says something of; what is cleared becomes nothing."""
    said: dict[str, Any] = {}
    for name in names:
        given = call.options.get(name)
        if given is None or given == []:
            continue
        said[name] = _value(call, name, given)
    for name in call.options.get("clear") or ():
        if name in said:
            sentence = f"{name} is both given and cleared."
            raise Invalid("given_and_cleared", sentence, field=name)
        said[name] = [] if name == "also_in" else "" if name in TEXTS else None
    return said


TEXTS: Final = frozenset({"name", "source", "note"})


def _value(call: Call, name: str, given: Any) -> Any:
    match name:
        case "title" | "description":
            return [Narrative(lang=lang, text=text) for lang, text in given]
        case "place":
            return place_named(given).uuid
        case "responsibility" | "licence" | "agreement":
            with asking(call.by):
                return _in_programme(programme_of(call), name, given)
    return given


def _in_programme(programme: Programme, name: str, text: str) -> UUID:
    if name == "responsibility":
        return responsibility_named(programme, text).uuid
    if name == "licence":
        licences = list(Licence.objects.filter(programme=programme).order_by("id"))
        by_number = [row for row in licences if row.number == text]
        return (
            by_number[0] if by_number else line_named(licences, text, field="licence", what="licence")
        ).uuid
    contracts = list(Contract.objects.filter(programme=programme).order_by("id"))
    numbered = [row for row in contracts if row.number == text]
    return (numbered[0] if numbered else line_named(contracts, text, field="agreement", what="contract")).uuid
