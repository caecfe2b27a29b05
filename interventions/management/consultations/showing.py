"""Finding consultations and sayings that a command line names, and telling them."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from handover import access
from handover.access import asking
from handover.errors import Invalid
from handover.management.base import Call, Told, argument
from handover.management.finding import line_named
from handover.models import Community, Programme
from handover.permissions import Permission
from handover.terminal import fitted
from interventions.actions.consultations import Attended
from interventions.models import Consultation, Intervention, Need, Saying
from interventions.queries import consultations as heard

CONSULTATION: Final = argument(
    "consultation",
    metavar="CONSULTATION",
    help="a part of its title, its UUID, or the first 8 characters of it",
)
LANGUAGE: Final = argument("--lang", choices=sorted(heard.WORDS), help="in which language")


def programme_of(call: Call) -> Programme:
    """Find the programme that a call names, inside ``asking``."""
    return access.programme_for(call.by, call["programme"], may=Permission.VIEW)


def consultation_of(call: Call) -> Consultation:
    """Find the consultation that a call names, for whoever acts.

    Raises:
        Invalid: none, or several; it names what there is.
    """
    with asking(call.by):
        rows = heard.listing(programme_of(call))
        # A title stands in several languages; people name it in theirs.
        wanted = str(call["consultation"]).casefold().strip()
        found = [row for row in rows if any(wanted in item["text"].casefold() for item in row.title)]
        if len(found) == 1:
            return found[0]
        return line_named(rows, call["consultation"], field="consultation", what="consultation")


def saying_of(call: Call, consultation: Consultation) -> Saying:
    """Find what was said at a consultation by its number in ``consultation show``, by its UUID or by a part of it.

    Raises:
        Invalid: none, or several.
    """
    with asking(call.by):
        rows = list(consultation.sayings.order_by("id"))
    text = str(call["saying"])
    if text.isascii() and text.isdigit() and len(text) < 8:
        if not 1 <= int(text) <= len(rows):
            sentence = f"There is no saying {text}: “{consultation}” has {len(rows)}."
            raise Invalid("unknown_saying", sentence, field="saying")
        return rows[int(text) - 1]
    return line_named(rows, text, field="saying", what="saying")


def need_named(programme: Programme, text: str | None) -> UUID | None:
    """Find a need by a part of its title or its UUID, if one is named."""
    if not text:
        return None
    rows = list(Need.objects.filter(programme=programme).order_by("id"))
    return line_named(rows, text, field="need", what="need").uuid


def intervention_named(programme: Programme, text: str | None) -> UUID | None:
    """Find an intervention likewise, if one is named."""
    if not text:
        return None
    rows = list(Intervention.objects.filter(programme=programme).order_by("id"))
    return line_named(rows, text, field="intervention", what="intervention").uuid


def community_named(programme: Programme, text: str | None) -> UUID | None:
    """Find a community likewise, if one is named."""
    if not text:
        return None
    rows = list(Community.objects.filter(programme=programme).order_by("id"))
    return line_named(rows, text, field="community", what="community").uuid


def attended(words: list[str]) -> list[Attended]:
    """Read counts of people: ``GENDER:AGE=N``.

    Raises:
        Invalid: a word that is none.
    """
    found = []
    for word in words:
        group, equals, count = word.partition("=")
        gender, colon, age = group.partition(":")
        digits = count.removeprefix("-")
        if not (equals and colon and digits.isascii() and digits.isdigit() and len(digits) < 10):
            sentence = f"“{word}” is no count of people: GENDER:AGE=N, for example women:30-54=12."
            raise Invalid("not_a_count", sentence, field="people")
        found.append(Attended(gender.strip(), age.strip(), int(count)))
    return found


def language_of(call: Call) -> str:
    """Give the language in which it is told: the one named, else English, as all that a command tells."""
    return str(call.options.get("lang") or "en")


def language_of_people(call: Call) -> str:
    """Give the language in which people are told: the one named, else the reader's own, else English."""
    own = call.by.user.language
    return str(call.options.get("lang") or (own if own in heard.WORDS else "en"))


def document(row: Consultation) -> dict[str, Any]:
    """Give a consultation for machines."""
    changed = heard.what_changed(row)
    return {
        "uuid": row.uuid,
        "title": row.title,
        "held_on": row.held_on,
        "format": str(row.format),
        "place": row.place.name if row.place else None,
        "community": row.community.name if row.community else None,
        "languages": row.languages,
        "facilitator": row.facilitator.slug if row.facilitator else None,
        "facilitated_by": row.facilitated_by,
        "heard": row.heard,
        "told_back_on": row.told_back_on,
        "version": row.version,
        "attendance": [
            {"gender": item.gender, "age_band": item.age_band, "people": item.people}
            for item in row.attendance.order_by("gender", "age_band")
        ],
        "sayings": [
            {
                "uuid": item.uuid,
                "said": item.said,
                "outcome": item.outcome or None,
                "done": item.done,
                "answered_on": item.answered_on,
                "version": item.version,
            }
            for item in row.sayings.order_by("id")
        ],
        "changed": {
            "needs": [{"uuid": need.uuid, "title": need.title} for need in changed.needs],
            "rankings": [ranking.uuid for ranking in changed.rankings],
            "interventions": [
                {"uuid": item.intervention.uuid, "reason": item.reason} for item in changed.changes
            ],
            "votes": [vote.uuid for vote in changed.votes],
        },
    }


def told(call: Call, uuid: UUID, done: str) -> Told:
    """Tell what was done, and the consultation as it is now."""
    with asking(call.by):
        row = Consultation.objects.select_related("place", "community", "facilitator").get(uuid=uuid)
        lines = [done, f"  consultation {row.uuid}"]
        lines += [f"  {line}" for line in heard.told(row, language_of(call))]
        return Told({"done": done, "consultation": document(row)}, [*fitted(lines)])
