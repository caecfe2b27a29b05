"""`handover organisation`: the directory of organisations."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from handover import clock
from handover.access import asking
from handover.actions import organisations
from handover.management.base import Call, Steps, StepsCommand, Told, Who, argument
from handover.management.finding import day, organisation_named, user_named
from handover.management.tables import table
from handover.models import LegalRepresentative, Organisation
from handover.models.organisations import OrganisationKind

steps = Steps()


class Command(StepsCommand):
    """Enter organisations in the directory, look at them, and say who represents them."""

    help = "Enter organisations in the directory, look at them, and say who represents them."
    steps = steps


@steps.add(
    "add",
    argument("name", metavar="NAME"),
    argument("--kind", required=True, choices=OrganisationKind.values, help="what it is in the field"),
    argument("--country", required=True, metavar="CODE", help="two letters, for example RO"),
    argument("--slug", default="", help="its short name on the command line; made of its name if left out"),
    argument("--lau-code", default="", metavar="CODE", help="local administrative unit, of an authority"),
    argument("--registration-number", default="", metavar="NUMBER"),
    argument("--iati-identifier", default="", metavar="ID"),
    argument("--iati-type", default="", metavar="CODE", help="IATI code list OrganisationType"),
    argument("--language", action="append", default=[], metavar="LANG", help="two letters; may be repeated"),
    argument("--parent", metavar="SLUG", help="the body that it is part of"),
    who=Who.OPERATOR,
)
def add(call: Call) -> Told:
    """Enter an organisation in the directory."""
    made = organisations.create(
        by=call.operator,
        name=call["name"],
        kind=call["kind"],
        country=call["country"],
        slug=call["slug"],
        lau_code=call["lau_code"],
        registration_number=call["registration_number"],
        iati_identifier=call["iati_identifier"],
        iati_type=call["iati_type"],
        languages=call["language"],
        parent=organisation_named(call["parent"]) if call["parent"] else None,
    )
    return Told({"organisation": document(made)}, [f"{made.name} is in the directory as {made.slug}."])


@steps.add("list", argument("--kind", choices=OrganisationKind.values), who=Who.OPERATOR)
def list_all(call: Call) -> Told:
    """List the directory."""
    rows = Organisation.objects.order_by("slug")
    found = list(rows.filter(kind=call["kind"]) if call["kind"] else rows)
    return Told(
        {"organisations": [document(item) for item in found]},
        [
            *table(
                ("SLUG", "KIND", "COUNTRY", "NAME"),
                [(item.slug, item.kind, item.country, item.name) for item in found],
                empty="The directory is empty: `handover organisation add` enters the first one.",
            )
        ],
    )


@steps.add("show", argument("slug", metavar="SLUG"), who=Who.EITHER)
def show(call: Call) -> Told:
    """Show an organisation, its people and its bodies; to its own people (--as) its legal representatives too."""
    found = organisation_named(call["slug"])
    now = clock.now()
    seats = found.memberships.filter(starts_at__lte=now, user__is_active=True).exclude(ends_at__lte=now)
    people = [
        {"email": seat.user.email, "name": seat.user.display_name, "role": seat.role, "until": seat.ends_at}
        for seat in seats.select_related("user").order_by("user__email", "role")
    ]
    bodies = list(found.bodies.order_by("slug").values_list("slug", flat=True))
    with asking(call.actor) if call.actor else nullcontext():
        mandates = [mandate(item) for item in found.representatives.order_by("valid_from")]
    lines = [f"{found.name} ({found.slug})", f"  {found.get_kind_display()}, {found.country}"]
    lines += [f"  {name}: {value}" for name, value in _said(found)]
    lines += [f"  body: {slug}" for slug in bodies]
    lines += [f"  {item['role']}: {item['name']} <{item['email']}>{_until(item['until'])}" for item in people]
    lines += [
        f"  represented by: {item['capacity']} ({item['mandate_act']}), from {item['from']}{_until(item['until'])}"
        for item in mandates
    ]
    return Told(
        {"organisation": document(found), "bodies": bodies, "people": people, "representatives": mandates},
        lines,
    )


@steps.add(
    "represent",
    argument("--capacity", required=True, help="for example mayor, president of the board"),
    argument(
        "--act", required=True, metavar="TEXT", help="the act that gives the mandate: kind, number, date"
    ),
    argument("--from", required=True, dest="valid_from", type=day, metavar="DATE"),
    argument("--until", type=day, metavar="DATE", help="last day of the mandate; left out while it lasts"),
    argument("--user", metavar="EMAIL", help="the account that holds the office"),
)
def represent(call: Call) -> Told:
    """Say who may sign for your own organisation, in which capacity, by which act. Its managers may."""
    made = organisations.represent(
        by=call.by,
        capacity=call["capacity"],
        mandate_act=call["act"],
        valid_from=call["valid_from"],
        valid_to=call["until"],
        user=user_named(call["user"]) if call["user"] else None,
    )
    return Told(
        {"organisation": call.by.organisation.slug, "representative": mandate(made)},
        [f"{call.by.organisation.name} is represented by its {made.capacity} ({made.mandate_act})."],
    )


def document(item: Organisation) -> dict[str, Any]:
    """Give a directory entry for machines."""
    return {
        "uuid": item.uuid,
        "slug": item.slug,
        "name": item.name,
        "kind": str(item.kind),
        "country": item.country,
        "lau_code": item.lau_code,
        "registration_number": item.registration_number,
        "iati_identifier": item.iati_identifier,
        "iati_type": item.iati_type,
        "languages": item.languages,
        "parent": item.parent.slug if item.parent else None,
    }


def mandate(item: LegalRepresentative) -> dict[str, Any]:
    """Give a mandate for machines."""
    return {
        "uuid": item.uuid,
        "capacity": item.capacity,
        "mandate_act": item.mandate_act,
        "from": item.valid_from,
        "until": item.valid_to,
        "user": item.user.email if item.user else None,
    }


def _said(item: Organisation) -> list[tuple[str, str]]:
    named = [
        ("LAU code", item.lau_code),
        ("registration number", item.registration_number),
        ("IATI identifier", item.iati_identifier),
        ("IATI type", item.iati_type),
        ("languages", ", ".join(item.languages)),
        ("part of", item.parent.slug if item.parent else ""),
    ]
    return [(name, value) for name, value in named if value]


def _until(moment: object) -> str:
    return f", until {moment}" if moment else ""
