"""`handover intervention`: what is done, for which needs, after what, for whom, where and with whom; how it changed."""

from __future__ import annotations

from typing import Final

from handover.access import asking
from handover.errors import Invalid
from handover.management.base import PROGRAMME, VERSION_READ, Call, Steps, StepsCommand, Told, argument
from handover.management.finding import day, narrative, organisation_named, place_named
from handover.terminal import fitted
from interventions.actions import groups, interventions, partners, volunteering
from interventions.actions.groups import GroupEntry
from interventions.actions.interventions import InterventionEntry
from interventions.actions.partners import PartnerEntry
from interventions.actions.volunteering import VolunteeringEntry
from interventions.management.interventions import reading, showing
from interventions.management.interventions.reading import FROM, INTERVENTION, PLACE, TITLE, UNTIL, WHY
from interventions.models import Audience, Field, Strand
from interventions.queries import changes as history

steps = Steps()

OTHER: Final = argument("other", metavar="OTHER", help="the intervention that comes first")
NEED: Final = argument("need", metavar="NEED", help="a part of its title, or its UUID")
PARTNER_FIELDS: Final = frozenset(PartnerEntry.__annotations__) - {"organisation"}
"""What `partner` reads by its own name; ``--organisation`` says for whom somebody acts."""
REMOVE: Final = argument("--remove", action="store_true", help="take it away, with --reason")
SAID: Final = (
    argument("--description", action="append", type=narrative, metavar="[LANG=]TEXT"),
    argument("--strand", choices=Strand.values, help="for anti-discrimination"),
    argument("--audience", choices=Audience.values),
    argument(
        "--also-in", dest="also_in", action="append", choices=Field.values, help="a further field of work"
    ),
    argument("--effort", type=reading.number, metavar="NUMBER", help="what beginning it asks of the team"),
    argument("--responsibility", metavar="RESPONSIBILITY"),
    PLACE,
    FROM,
    UNTIL,
)


class Command(StepsCommand):
    """Keep what is done."""

    help = (
        "What is done, for which needs, after what, for whom, where and with whom. Whoever changes it says why; "
        "what it was before is kept."
    )
    steps = steps


@steps.add(
    "add",
    PROGRAMME,
    argument(
        "--title",
        action="append",
        type=narrative,
        required=True,
        metavar="[LANG=]TEXT",
        help="may be repeated",
    ),
    argument("--field", choices=Field.values, required=True, help="its main field of work"),
    *SAID,
)
def add(call: Call) -> Told:
    """Add an intervention."""
    with asking(call.by):
        programme = reading.programme_of(call)
    said = reading.fields_of(call, InterventionEntry.__annotations__)
    made = interventions.add(by=call.by, programme_uuid=programme.uuid, **said)
    return showing.told(call, made.uuid, "The intervention is added.")


@steps.add(
    "edit",
    PROGRAMME,
    INTERVENTION,
    TITLE,
    argument("--field", choices=Field.values, help="its main field of work"),
    *SAID,
    reading.clearable("strand", "also_in", "effort", "responsibility", "place", "starts_on", "ends_on"),
    VERSION_READ,
    *WHY,
)
def edit(call: Call) -> Told:
    """Change what is said of an intervention: --reason is needed, --consultation names what prompted it."""
    row = reading.intervention_of(call)
    changes = reading.fields_of(call, InterventionEntry.__annotations__)
    if not changes:
        raise Invalid("usage", "Say what changes; `handover intervention edit --help` lists it.")
    version = row.version if call["read"] is None else call["read"]
    interventions.edit(
        by=call.by, intervention_uuid=row.uuid, version=version, **reading.why_of(call), **changes
    )
    return showing.told(call, row.uuid, "The intervention is changed.")


@steps.add("answer", PROGRAMME, INTERVENTION, NEED, *WHY)
def answer(call: Call) -> Told:
    """Say that an intervention answers a need. Once it has begun, with --reason."""
    row, need = reading.intervention_of(call), reading.need_of(call)
    interventions.answer(by=call.by, intervention_uuid=row.uuid, need_uuid=need, **reading.why_of(call))
    return showing.told(call, row.uuid, "The intervention answers the need.")


@steps.add("unlink", PROGRAMME, INTERVENTION, NEED, *WHY)
def unlink(call: Call) -> Told:
    """Say that an intervention no longer answers a need, and why."""
    row, need = reading.intervention_of(call), reading.need_of(call)
    interventions.unlink(by=call.by, intervention_uuid=row.uuid, need_uuid=need, **reading.why_of(call))
    return showing.told(call, row.uuid, "The intervention no longer answers the need.")


@steps.add("after", PROGRAMME, INTERVENTION, OTHER, *WHY)
def after(call: Call) -> Told:
    """Say that an intervention can only start after another."""
    row, first = reading.intervention_of(call), reading.intervention_of(call, "other")
    interventions.after(by=call.by, intervention_uuid=row.uuid, after_uuid=first.uuid, **reading.why_of(call))
    return showing.told(call, row.uuid, f"It comes after “{first}”.")


@steps.add("not-after", PROGRAMME, INTERVENTION, OTHER, *WHY)
def not_after(call: Call) -> Told:
    """Say that an intervention no longer waits for another, and why."""
    row, first = reading.intervention_of(call), reading.intervention_of(call, "other")
    why = reading.why_of(call)
    interventions.not_after(by=call.by, intervention_uuid=row.uuid, after_uuid=first.uuid, **why)
    return showing.told(call, row.uuid, f"It no longer comes after “{first}”.")


@steps.add(
    "group",
    PROGRAMME,
    INTERVENTION,
    TITLE,
    argument("--people", type=int, metavar="NUMBER", help="how many they are, with --source"),
    argument("--source", metavar="TEXT"),
    argument("--as-of", dest="as_of", type=day, metavar="DATE"),
    argument("--change", metavar="GROUP", help="the target group that is changed; without it one is added"),
    reading.clearable("people", "source", "as_of"),
    REMOVE,
    *WHY,
)
def group(call: Call) -> Told:
    """Add a target group, change one (--change) or take one away (--change … --remove)."""
    row = reading.intervention_of(call)
    found, why = reading.group_of(call, row), reading.why_of(call)
    said = reading.fields_of(call, GroupEntry.__annotations__)
    match (found, call["remove"]):
        case (None, True):
            raise Invalid("usage", "Say which target group is taken away: --change GROUP --remove.")
        case (None, _):
            groups.add(by=call.by, intervention_uuid=row.uuid, **why, **said)
        case (present, True):
            groups.remove(by=call.by, group_uuid=present.uuid, **why)
        case (present, _):
            groups.edit(by=call.by, group_uuid=present.uuid, version=present.version, **why, **said)
    return showing.told(call, row.uuid, "The target groups are changed.")


@steps.add(
    "place",
    PROGRAMME,
    INTERVENTION,
    argument("place", metavar="PLACE", help="COUNTRY:CODE or UUID"),
    REMOVE,
    *WHY,
)
def place(call: Call) -> Told:
    """Say that an intervention works at another place too, or no longer (--remove)."""
    row = reading.intervention_of(call)
    where, why = place_named(call["place"]), reading.why_of(call)
    act = interventions.unplace if call["remove"] else interventions.place
    act(by=call.by, intervention_uuid=row.uuid, place_uuid=where.uuid, **why)
    done = f"It no longer works in {where.name}." if call["remove"] else f"It works in {where.name} too."
    return showing.told(call, row.uuid, done)


@steps.add(
    "partner",
    PROGRAMME,
    INTERVENTION,
    argument("--partner", metavar="SLUG", help="an organisation of the directory"),
    argument("--name", metavar="TEXT", help="another body, for example a food bank; never a person"),
    argument("--brings", metavar="TEXT", help="what it gives or does"),
    argument("--agreement", metavar="CONTRACT", help="a contract of the register, by number or title"),
    FROM,
    UNTIL,
    argument("--change", metavar="PARTNER", help="the partner that is changed; without it one is added"),
    reading.clearable("organisation", "name", "agreement", "starts_on", "ends_on"),
    REMOVE,
    *WHY,
)
def partner(call: Call) -> Told:
    """Add a partner, change one (--change) or take one away (--change … --remove)."""
    row = reading.intervention_of(call)
    found, why = reading.partner_of(call, row), reading.why_of(call)
    said = reading.fields_of(call, PARTNER_FIELDS)
    if call["partner"]:
        said["organisation"] = organisation_named(call["partner"]).uuid
    match (found, call["remove"]):
        case (None, True):
            raise Invalid("usage", "Say which partner is taken away: --change PARTNER --remove.")
        case (None, _):
            partners.add(by=call.by, intervention_uuid=row.uuid, **why, **said)
        case (present, True):
            partners.remove(by=call.by, partner_uuid=present.uuid, **why)
        case (present, _):
            partners.edit(by=call.by, partner_uuid=present.uuid, version=present.version, **why, **said)
    return showing.told(call, row.uuid, "The partners are changed.")


@steps.add(
    "volunteers",
    PROGRAMME,
    INTERVENTION,
    FROM,
    UNTIL,
    argument("--young", type=int, metavar="NUMBER", help="volunteers under 30"),
    argument("--others", type=int, metavar="NUMBER"),
    argument("--hours", type=reading.number, metavar="NUMBER"),
    argument("--training-hours", dest="training_hours", type=reading.number, metavar="NUMBER"),
    PLACE,
    argument("--source", metavar="TEXT"),
    argument("--note", metavar="TEXT"),
    argument(
        "--correct", metavar="COUNT", help="what was entered wrongly, by its period or UUID; with --reason"
    ),
    argument("--reason", default="", metavar="TEXT", help="why it is corrected"),
)
def volunteers(call: Call) -> Told:
    """Enter the volunteers of a period, their hours and their training; nobody is named."""
    row = reading.intervention_of(call)
    found, said = (
        reading.volunteering_of(call, row),
        reading.fields_of(call, VolunteeringEntry.__annotations__),
    )
    if found is None:
        volunteering.record(by=call.by, intervention_uuid=row.uuid, **said)
    else:
        volunteering.correct(
            by=call.by, volunteering_uuid=found.uuid, version=found.version, reason=call["reason"], **said
        )
    return showing.told(call, row.uuid, "The volunteers are counted.")


@steps.add(
    "changes",
    PROGRAMME,
    argument("intervention", nargs="?", metavar="INTERVENTION", help="all of them, if it is left out"),
    reading.CONSULTATION,
    reads=True,
)
def changes(call: Call) -> Told:
    """Tell what changed: before, after, why, and which consultation prompted it."""
    programme = reading.programme_of(call)
    row = reading.intervention_named(programme, call["intervention"]) if call["intervention"] else None
    held = reading.consultation_named(programme, call["consultation"])
    cutoff = reading.cutoff_of(call, programme)
    found = history.history(programme, row, consultation=held, cutoff=cutoff)
    lines = list(fitted(history.lines(found)))
    return Told(
        {"changes": [showing.change_document(item) for item in found]}, lines or ["Nothing was changed yet."]
    )


@steps.add("show", PROGRAMME, INTERVENTION, reads=True)
def show(call: Call) -> Told:
    """Show an intervention with everything that hangs on it, and how it changed."""
    programme = reading.programme_of(call)
    row = reading.intervention_named(programme, call["intervention"])
    return showing.shown(row, cutoff=reading.cutoff_of(call, programme))


@steps.add("list", PROGRAMME, reads=True)
def list_all(call: Call) -> Told:
    """List the interventions of a programme by field of work."""
    return showing.listing(reading.programme_of(call))
