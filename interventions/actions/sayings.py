"""You said, we did: what people said at a consultation, and the answer to each of it, in plain language."""

from __future__ import annotations

import datetime as dt
from typing import Final
from uuid import UUID

from handover import access, clock, ledger
from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid, NotFound
from handover.models import Programme
from handover.permissions import Permission
from interventions.actions import consultations, entries
from interventions.actions.entries import Text
from interventions.models import Intervention, Need, Outcome, Saying
from interventions.models.needs import NeedState

ANSWERS: Final = tuple(outcome for outcome in Outcome.values if outcome)
CLOSED: Final = frozenset({NeedState.MERGED.value, NeedState.SPLIT.value})


@action
def say(
    *,
    by: Actor,
    consultation_uuid: UUID,
    said: Text,
    need: UUID | None = None,
    intervention: UUID | None = None,
) -> Saying:
    """Record one thing that people said at a consultation, in their words, and what it is about.

    Raises:
        NotFound, NotAllowed: the actor may not record the community's voice.
        Invalid: no words, or a need or an intervention of another programme.
    """
    held = consultations.fetch(by, consultation_uuid)
    words = entries.text("said", said)
    if not words:
        raise Invalid("words_missing", "Say what was said, in the words of those who said it.", field="said")
    row = Saying(
        programme=held.programme,
        consultation=held,
        said=words,
        need=_need(held.programme, need),
        intervention=None
        if intervention is None
        else entries.of_programme(
            held.programme, Intervention, intervention, what="intervention", field="intervention"
        ),
    )
    entries.check(row)
    row.save()
    ledger.record(
        verb="saying.recorded",
        by=by,
        programme=held.programme,
        subject=row.uuid,
        data={
            "consultation": held.uuid,
            **entries.facts({"said": words, "need": row.need, "intervention": row.intervention}),
        },
    )
    return row


@action
def answer(
    *,
    by: Actor,
    saying_uuid: UUID,
    version: int,
    outcome: Outcome | str,
    done: Text,
    answered_on: dt.date | None = None,
) -> Saying:
    """Answer what people said: what was done, or why it was not. A later answer follows; the ledger keeps each.

    Args:
        answered_on: today, if left out.

    Raises:
        NotFound, NotAllowed: the actor may not record the community's voice.
        Stale: somebody else was quicker.
        Invalid: an unknown outcome, no words, or a day before the consultation or to come.
    """
    found = Saying.objects.select_related("programme", "consultation").filter(uuid=saying_uuid).first()
    if found is None:
        raise NotFound("saying")
    access.authorise(by, found.programme_id, None, may=Permission.RECORD_VOICE)
    row = Saying.objects.select_related("programme", "consultation").get(pk=found.pk)
    if outcome not in ANSWERS:
        raise Invalid("unknown_outcome", f"“{outcome}” is no outcome: {', '.join(ANSWERS)}.", field="outcome")
    words = entries.text("done", done)
    if not words:
        raise Invalid("answer_missing", "Say in plain words what was done, or why it was not.", field="done")
    day = answered_on or clock.today()
    consultations.refuse_future(day, field="answered_on")
    if day < row.consultation.held_on:
        sentence = f"“{row.consultation}” was held on {row.consultation.held_on}: it was not answered before."
        raise Invalid("dates_reversed", sentence, field="answered_on")
    before = {"outcome": row.outcome, "done": row.done, "answered_on": row.answered_on}
    after = {"outcome": str(outcome), "done": words, "answered_on": day}
    row.change(version=version, **entries.put(row, after))
    ledger.record(
        verb="saying.answered",
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={
            "consultation": row.consultation.uuid,
            "version": row.version,
            "before": before,
            "after": after,
        },
    )
    return row


def _need(programme: Programme, key: UUID | None) -> Need | None:
    if key is None:
        return None
    found = entries.of_programme(programme, Need, key, what="need", field="need")
    if found.state in CLOSED:
        sentence = f"“{found}” is {found.get_state_display()}: name what came of it."
        raise Invalid("need_closed", sentence, field="need")
    return found
