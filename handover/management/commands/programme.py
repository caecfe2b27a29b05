"""`handover programme`: found programmes, let organisations in, say who answers for what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from handover import access, clock, holdings
from handover.actions import programmes, responsibilities, standings
from handover.kernel_holding import as_they_are_now
from handover.management.base import PROGRAMME, Call, Steps, StepsCommand, Told, argument
from handover.management.finding import day, instant, narrative, organisation_named, place_named
from handover.management.tables import table
from handover.models import Community, Programme, Responsibility, Tenure, Transfer
from handover.models.responsibilities import Capacity, Phase, ResponsibilityKind, ResponsibilityScope
from handover.narratives import Narrative, best
from handover.permissions import Permission, StandingKind
from handover.terminal import heading, said, who_can_lines

STANDINGS = sorted(kind.value for kind in standings.ADMITTED)

steps = Steps()


class Command(StepsCommand):
    """Found programmes, let organisations in, say who answers for what."""

    help = "Found programmes, look at them, let organisations in, say who answers for what."
    steps = steps


@steps.add(
    "create",
    argument("identifier", metavar="IDENTIFIER", help="the IATI activity identifier: it never changes"),
    argument(
        "--title",
        required=True,
        action="append",
        type=narrative,
        metavar="[LANG=]TEXT",
        help="may be repeated",
    ),
    argument("--description", default=[], action="append", type=narrative, metavar="[LANG=]TEXT"),
    argument("--from", dest="starts_on", type=day, metavar="DATE"),
    argument("--until", dest="ends_on", type=day, metavar="DATE"),
)
def create(call: Call) -> Told:
    """Found a programme; your organisation becomes its steward."""
    made = programmes.create(
        by=call.by,
        identifier=call["identifier"],
        title=[Narrative(lang=lang, text=text) for lang, text in call["title"]],
        description=[Narrative(lang=lang, text=text) for lang, text in call["description"]],
        starts_on=call["starts_on"],
        ends_on=call["ends_on"],
    )
    return Told(
        {"programme": document(made)},
        [f"{made.identifier} is founded; its steward is {made.steward.name}.", f"  programme {made.uuid}"],
    )


@steps.add("list", reads=True)
def list_all(call: Call) -> Told:
    """List the programmes that you may read."""
    keys = access.programme_ids(call.by, may=Permission.VIEW)
    found = [
        item
        for item in Programme.objects.filter(pk__in=keys).select_related("steward").order_by("identifier")
        if access.reach(call.by, item).standings
    ]
    rows = [(item.identifier, item.status, item.steward.slug, best(item.title)) for item in found]
    empty = f"{call.by.organisation.name} has no programme that you may read."
    return Told(
        {"programmes": [document(item) for item in found]},
        [*table(("IDENTIFIER", "STATUS", "STEWARD", "TITLE"), rows, empty=empty)],
    )


@steps.add(
    "show", PROGRAMME, argument("--people", action="store_true", help="also tell who can do what"), reads=True
)
def show(call: Call) -> Told:
    """Show a programme: who stands to it, who answers for what, what it holds, what you may do."""
    found = access.programme_for(call.by, call["programme"], may=Permission.VIEW)
    reach = access.reach(call.by, found)
    duties, guests, served = _duties(found), _standings(found), _communities(found)
    outline = [(item.name, list(item.outline(found, cutoff=reach.cutoff))) for item in holdings.holdings()]
    transfers = [
        {"uuid": item.uuid, "title": item.title, "state": str(item.state), "receiver": item.receiver.slug}
        for item in Transfer.objects.filter(programme=found).select_related("receiver").order_by("id")
    ]
    lines = [f"{found.identifier}: {best(found.title)}", f"  programme {found.uuid}"]
    lines += [f"  {found.get_status_display()}; steward: {found.steward.name}{_dates(found)}"]
    lines += [f"  you may: {said(reach.permissions)}"]
    lines += heading("Organisations")
    lines += [f"  {item['kind']}: {item['organisation']}{_until(item)}" for item in guests]
    if served:
        lines += [*heading("Communities"), *_community_lines(served)]
    lines += [*heading("Responsibilities"), *_duty_lines(duties)]
    if transfers:
        lines += heading("Transfers")
        lines += [
            f"  {str(item['uuid'])[:8]}  {item['state']:<10}  {item['title']} → {item['receiver']}"
            for item in transfers
        ]
    for name, held in outline:
        # What the kernel holds stands above, with keys.
        if held and name != "kernel":
            lines += [*heading(f"Held by {name}"), *held]
    if reach.cutoff is not None:
        lines += ["", as_they_are_now(reach.cutoff)]
    if call["people"]:
        lines += [*heading("Who can do what"), *who_can_lines(found)]
    return Told(
        {
            "programme": document(found),
            "you_may": sorted(reach.permissions),
            "cutoff": reach.cutoff,
            "standings": guests,
            "communities": served,
            "responsibilities": duties,
            "transfers": transfers,
            "holdings": {name: held for name, held in outline if held},
        },
        lines,
    )


@steps.add(
    "admit",
    PROGRAMME,
    argument("guest", metavar="ORGANISATION"),
    argument("kind", metavar="KIND", choices=STANDINGS, help=", ".join(STANDINGS)),
    argument(
        "--until", type=instant, metavar="INSTANT", help="a last day, or an instant; an auditor needs one"
    ),
)
def admit(call: Call) -> Told:
    """Let an organisation in as donor, community, partner or (for a time) auditor."""
    found, guest = _found(call), organisation_named(call["guest"])
    standings.admit(
        by=call.by,
        programme_uuid=found.uuid,
        organisation=guest,
        kind=StandingKind(call["kind"]),
        until=call["until"],
    )
    admitted = {"organisation": guest.slug, "kind": call["kind"], "until": call["until"]}
    line = f"{guest.name} stands to {found.identifier} as {call['kind']}{_until(admitted)}."
    return Told({"programme": document(found), "standing": admitted}, [line])


@steps.add(
    "dismiss",
    PROGRAMME,
    argument("guest", metavar="ORGANISATION"),
    argument("kind", metavar="KIND", choices=STANDINGS, help=", ".join(STANDINGS)),
    argument("--reason", required=True, metavar="TEXT"),
)
def dismiss(call: Call) -> Told:
    """End an organisation's standing now, with a reason."""
    found, guest = _found(call), organisation_named(call["guest"])
    standings.dismiss(
        by=call.by,
        programme_uuid=found.uuid,
        organisation=guest,
        kind=StandingKind(call["kind"]),
        reason=call["reason"],
    )
    return Told(
        {"programme": document(found), "dismissed": {"organisation": guest.slug, "kind": call["kind"]}},
        [f"{guest.name} is no longer {call['kind']} of {found.identifier}."],
    )


@steps.add(
    "responsibility",
    PROGRAMME,
    argument("title", metavar="TITLE"),
    argument("--kind", required=True, choices=ResponsibilityKind.values),
    argument("--holder", metavar="SLUG", help="who answers for it; your organisation if left out"),
    argument("--provider", metavar="SLUG", help="who delivers it; the holder if left out"),
    argument("--debtor", metavar="SLUG", help="who stays answerable to the donor for it"),
    argument("--since", type=day, metavar="DATE", help="today if left out"),
    argument("--place", metavar="COUNTRY:CODE", help="where it is a responsibility of one place"),
    argument(
        "--phase",
        choices=Phase.values,
        default=Phase.OVER.value,
        help="how the giver's part ends at a handover",
    ),
    argument("--description", default="", metavar="TEXT"),
)
def responsibility(call: Call) -> Told:
    """Define a responsibility: a separable part of the programme that one organisation answers for."""
    found = _found(call)
    made = responsibilities.define(
        by=call.by,
        programme_uuid=found.uuid,
        title=call["title"],
        kind=call["kind"],
        holder=organisation_named(call["holder"]) if call["holder"] else call.by.organisation,
        provider=organisation_named(call["provider"]) if call["provider"] else None,
        debtor=organisation_named(call["debtor"]) if call["debtor"] else None,
        since=call["since"],
        scope=ResponsibilityScope.PLACE if call["place"] else ResponsibilityScope.PROGRAMME,
        place=place_named(call["place"]) if call["place"] else None,
        phase=call["phase"],
        description=call["description"],
    )
    defined = {"uuid": made.uuid, "title": made.title, "kind": str(made.kind)}
    return Told(
        {"programme": document(found), "responsibility": defined},
        [f"“{made.title}” is a responsibility of {found.identifier}.", f"  responsibility {made.uuid}"],
    )


def _found(call: Call) -> Programme:
    with access.asking(call.by):
        return access.programme_for(call.by, call["programme"], may=Permission.VIEW)


def document(item: Programme) -> dict[str, Any]:
    """Give a programme for machines."""
    return {
        "uuid": item.uuid,
        "identifier": item.identifier,
        "title": item.title,
        "status": str(item.status),
        "steward": item.steward.slug,
        "starts_on": item.starts_on,
        "ends_on": item.ends_on,
    }


def _duties(programme: Programme) -> list[dict[str, Any]]:
    """Give each responsibility with who holds, provides and owes it today."""
    today: dict[int, dict[str, str]] = {}
    rows = Tenure.objects.filter(programme=programme, valid__contains=clock.today())
    for key, capacity, slug in rows.values_list("responsibility_id", "capacity", "organisation__slug"):
        today.setdefault(key, {})[capacity] = slug
    return [
        {
            "uuid": item.uuid,
            "title": item.title,
            "kind": str(item.kind),
            "phase": str(item.phase),
            **{capacity.value: today.get(item.pk, {}).get(capacity.value) for capacity in Capacity},
        }
        for item in Responsibility.objects.filter(programme=programme).order_by("id")
    ]


def _duty_lines(duties: list[dict[str, Any]]) -> Iterator[str]:
    if not duties:
        yield "  none yet: `handover programme responsibility` defines one"
    for item in duties:
        yield f"  {item['title']} ({item['kind']})"
        capacities = [f"{name} {item[name]}" for name in Capacity.values if item[name]]
        gap = (
            []
            if item["provider"]
            else ["nobody delivers it today" if item["holder"] else "nobody holds it today"]
        )
        yield f"    {'; '.join([*capacities, *gap])}"
        yield f"    {item['uuid']}"


def _standings(programme: Programme) -> list[dict[str, Any]]:
    rows = programme.standings.filter(valid__contains=clock.now()).select_related("organisation")
    return [
        {"kind": str(item.kind), "organisation": item.organisation.slug, "until": item.valid.upper}
        for item in rows.order_by("id")
    ]


def _communities(programme: Programme) -> list[dict[str, Any]]:
    return [
        {
            "name": item.name,
            "place": f"{item.place.country}:{item.place.code}",
            "estimated_people": item.estimated_people,
            "source": item.source,
        }
        for item in Community.objects.filter(programme=programme).select_related("place").order_by("id")
    ]


def _community_lines(served: list[dict[str, Any]]) -> Iterator[str]:
    for item in served:
        people = (
            f", about {item['estimated_people']} people ({item['source']})"
            if item["estimated_people"]
            else ""
        )
        yield f"  {item['name']}, {item['place']}{people}"


def _dates(programme: Programme) -> str:
    if not (programme.starts_on or programme.ends_on):
        return ""
    return f"; {programme.starts_on or '…'} to {programme.ends_on or '…'}"


def _until(item: dict[str, Any]) -> str:
    return f", until {item['until']:%Y-%m-%d %H:%M} UTC" if item["until"] else ""
