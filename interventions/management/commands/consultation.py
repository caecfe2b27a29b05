"""`handover consultation`: a community is asked, what it says is kept, and what came of it is told back."""

from __future__ import annotations

from typing import Any

from handover import clock
from handover.access import asking
from handover.errors import Invalid
from handover.management.base import PROGRAMME, Call, Steps, StepsCommand, Told, argument
from handover.management.finding import day, narrative, organisation_named, place_named
from handover.management.tables import table
from handover.narratives import Narrative, best
from handover.terminal import fitted
from interventions.actions import consultations, sayings
from interventions.management.consultations.showing import (
    CONSULTATION,
    LANGUAGE,
    attended,
    community_named,
    consultation_of,
    document,
    intervention_named,
    language_of,
    language_of_people,
    need_named,
    programme_of,
    saying_of,
    told,
)
from interventions.models import AgeBand, Format, Gender, Outcome
from interventions.queries import consultations as heard

GROUPS = f"{'|'.join(Gender.values)}:{'|'.join(AgeBand.values)}=N"
PEOPLE = argument(
    "--people",
    action="append",
    default=[],
    metavar="GENDER:AGE=N",
    help=f"how many came, as a count: {GROUPS}; may be repeated",
)
TOLD = (
    argument("--place", metavar="PLACE", help="COUNTRY:CODE, UUID or a name that only one has"),
    argument("--community", metavar="NAME", help="a part of its name, or its UUID"),
    argument(
        "--language",
        action="append",
        default=[],
        metavar="CODE",
        help="in which it was held: ro, lt, rom …; needed, may be repeated",
    ),
    argument("--facilitator", metavar="SLUG", help="the organisation that led it"),
    argument(
        "--facilitated-by",
        metavar="TEXT",
        help="the facilitator's role, for example a mediator; never a name",
    ),
    argument(
        "--heard",
        action="append",
        default=[],
        type=narrative,
        metavar="[LANG=]TEXT",
        help="what was heard, summed up",
    ),
)

steps = Steps()


class Command(StepsCommand):
    """Record, count, raise, say, answer, tell back."""

    help = (
        "Consultations with a community: when, where, how and with how many people; what they said; what was done "
        "about it; and that they were told. Nobody is named: who came is counts."
    )
    steps = steps


@steps.add(
    "record",
    PROGRAMME,
    argument("--title", action="append", default=[], type=narrative, required=True, metavar="[LANG=]TEXT"),
    argument("--on", dest="held_on", type=day, required=True, metavar="DATE"),
    argument(
        "--format", required=True, choices=Format.values, metavar="FORMAT", help=", ".join(Format.values)
    ),
    *TOLD,
    PEOPLE,
)
def record(call: Call) -> Told:
    """Record a consultation, with how many people came."""
    with asking(call.by):
        programme = programme_of(call)
        entry = _entry(call)
    made = consultations.record(
        by=call.by,
        programme_uuid=programme.uuid,
        title=_texts(call["title"]),
        held_on=call["held_on"],
        format=call["format"],
        attendance=attended(call["people"]),
        **entry,
    )
    return told(call, made.uuid, "The consultation is recorded.")


@steps.add(
    "edit",
    PROGRAMME,
    CONSULTATION,
    argument("--title", action="append", default=[], type=narrative, metavar="[LANG=]TEXT"),
    argument("--on", dest="held_on", type=day, metavar="DATE"),
    argument("--format", choices=Format.values, metavar="FORMAT"),
    *TOLD,
)
def edit(call: Call) -> Told:
    """Correct what is said of a consultation; what was said before stays in the ledger."""
    found = consultation_of(call)
    with asking(call.by):
        entry = _entry(call)
    for name in ("held_on", "format"):
        if call[name] is not None:
            entry[name] = call[name]
    if call["title"]:
        entry["title"] = _texts(call["title"])
    if not entry:
        raise Invalid("usage", "Say what changes.")
    consultations.edit(by=call.by, consultation_uuid=found.uuid, version=found.version, **entry)
    return told(call, found.uuid, "The consultation is corrected.")


@steps.add(
    "attend",
    PROGRAMME,
    CONSULTATION,
    argument("people", nargs="+", metavar="GENDER:AGE=N", help=GROUPS),
)
def attend(call: Call) -> Told:
    """Count who came, by gender and age band. A group that is named replaces what was counted of it."""
    found = consultation_of(call)
    consultations.attend(by=call.by, consultation_uuid=found.uuid, attendance=attended(call["people"]))
    return told(call, found.uuid, "Who came is counted.")


@steps.add(
    "raise",
    PROGRAMME,
    CONSULTATION,
    argument("need", nargs="+", metavar="NEED", help="a part of its title, or its UUID"),
)
def raise_needs(call: Call) -> Told:
    """Say which needs were first raised there."""
    found = consultation_of(call)
    with asking(call.by):
        programme = programme_of(call)
        keys = [key for text in call["need"] if (key := need_named(programme, text))]
    raised = consultations.raise_needs(by=call.by, consultation_uuid=found.uuid, needs=keys)
    count = "1 need was" if len(raised) == 1 else f"{len(raised)} needs were"
    return told(call, found.uuid, f"{count} raised there.")


@steps.add(
    "say",
    PROGRAMME,
    CONSULTATION,
    argument(
        "said", nargs="+", type=narrative, metavar="[LANG=]TEXT", help="in the words of those who said it"
    ),
    argument("--need", metavar="NEED", help="what it is about: a part of a need's title, or its UUID"),
    argument("--intervention", metavar="INTERVENTION", help="likewise, of an intervention"),
)
def say(call: Call) -> Told:
    """Record one thing that people said."""
    found = consultation_of(call)
    with asking(call.by):
        programme = programme_of(call)
        need = need_named(programme, call["need"])
        intervention = intervention_named(programme, call["intervention"])
    sayings.say(
        by=call.by,
        consultation_uuid=found.uuid,
        said=_texts(call["said"]),
        need=need,
        intervention=intervention,
    )
    return told(call, found.uuid, "What was said is recorded.")


@steps.add(
    "answer",
    PROGRAMME,
    CONSULTATION,
    argument("saying", metavar="SAYING", help="its number in `show`, its UUID, or a part of it"),
    argument(
        "outcome",
        metavar="OUTCOME",
        choices=[item for item in Outcome.values if item],
        help=", ".join(item for item in Outcome.values if item),
    ),
    argument(
        "done", nargs="+", type=narrative, metavar="[LANG=]TEXT", help="what was done, or why it was not"
    ),
    argument("--on", dest="answered_on", type=day, metavar="DATE", help="today, if left out"),
)
def answer(call: Call) -> Told:
    """Answer what people said: you said, we did. An earlier answer stays in the ledger."""
    found = consultation_of(call)
    row = saying_of(call, found)
    sayings.answer(
        by=call.by,
        saying_uuid=row.uuid,
        version=row.version,
        outcome=call["outcome"],
        done=_texts(call["done"]),
        answered_on=call["answered_on"],
    )
    return told(call, found.uuid, "What was said is answered.")


@steps.add(
    "tell-back",
    PROGRAMME,
    CONSULTATION,
    argument("--on", dest="told_back_on", type=day, metavar="DATE", help="today, if left out"),
)
def tell_back(call: Call) -> Told:
    """Say on which day the community was told what came of what it said."""
    found = consultation_of(call)
    consultations.tell_back(
        by=call.by,
        consultation_uuid=found.uuid,
        version=found.version,
        told_back_on=call["told_back_on"] or clock.today(),
    )
    return told(call, found.uuid, "The community has been told.")


@steps.add("show", PROGRAMME, CONSULTATION, LANGUAGE, reads=True)
def show(call: Call) -> Told:
    """Show a consultation: who came, what was heard, what changed because of it, you said and we did."""
    found = consultation_of(call)
    return Told(
        {"consultation": document(found)},
        [f"consultation {found.uuid}", *fitted(heard.told(found, language_of(call)))],
    )


@steps.add("list", PROGRAMME, reads=True)
def list_all(call: Call) -> Told:
    """List the consultations of a programme."""
    found = heard.listing(programme_of(call))
    rows = []
    for row in found:
        said = list(row.sayings.all())
        answered = sum(bool(item.outcome) for item in said)
        back = row.told_back_on or "–"
        title = best(row.title, language_of(call))
        rows.append(
            (str(row.uuid)[:8], row.held_on, heard.people(row), f"{answered}/{len(said)}", back, title)
        )
    heads = ("KEY", "HELD", "PEOPLE", "ANSWERED", "TOLD BACK", "TITLE")
    return Told(
        {"consultations": [document(row) for row in found]},
        [*table(heads, rows, empty="No consultation is recorded yet.")],
    )


@steps.add("you-said", PROGRAMME, LANGUAGE, reads=True)
def you_said(call: Call) -> Told:
    """Tell all that people said and what was done, in plain words of your language: to be read out, or for a wall."""
    programme, lang = programme_of(call), language_of_people(call)
    lines: list[str] = []
    for row in heard.listing(programme):
        if row.sayings.all():
            lines += (
                ["", f"{best(row.title, lang)}, {row.held_on}"]
                if lines
                else [f"{best(row.title, lang)}, {row.held_on}"]
            )
            lines += [f"  {line}" for line in heard.you_said_here(row, lang)]
    return Told(
        {"lang": lang, "lines": lines}, [*fitted(lines)] or ["Nothing that people said is recorded yet."]
    )


def _entry(call: Call) -> Any:
    """Give what a call says of a consultation, besides title, day and format; inside ``asking``."""
    entry: dict[str, Any] = {}
    if call["place"]:
        entry["place"] = place_named(call["place"]).uuid
    if call["community"]:
        entry["community"] = community_named(programme_of(call), call["community"])
    if call["language"]:
        entry["languages"] = call["language"]
    if call["facilitator"]:
        entry["facilitator"] = organisation_named(call["facilitator"]).uuid
    if call["facilitated_by"] is not None:
        entry["facilitated_by"] = call["facilitated_by"]
    if call["heard"]:
        entry["heard"] = _texts(call["heard"])
    return entry


def _texts(given: list[tuple[str | None, str]]) -> list[Narrative]:
    return [Narrative(lang=lang, text=text) for lang, text in given]
