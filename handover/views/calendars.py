"""A person's dates as a calendar that their own program reads, at a secret address."""

from __future__ import annotations

import datetime as dt
import uuid as uuids
from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from handover import mail
from handover.access import Actor, asking
from handover.actions import calendars
from handover.models import CalendarEntry
from handover.queries.calendars import owner_of
from handover.queries.tasks import Task
from handover.queries.waiting import seat_actors, waiting_for
from handover.views.routes import open_to

PRODUCT = "-//Handover toolkit//Dates//EN"


@open_to(
    "its secret is what opens it: calendar programs cannot sign in; a revoked or an unknown one finds nothing"
)
@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """Tell the days of whoever the secret belongs to, over all their organisations, as they may see them now."""
    user = owner_of(secret)
    if user is None:
        raise Http404
    with translation.override(mail.language_for(user.language)):
        calendar = _calendar(gettext("Handover: what is due"))
        for actor in seat_actors(user, channel="web"):
            for event in _events(actor):
                calendar.add_component(event)
    answer = HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="handover.ics"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _calendar(name: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", dt.timedelta(hours=6), parameters={"VALUE": "DURATION"})
    return calendar


def _events(actor: Actor) -> Iterator[Event]:
    with asking(actor):
        tasks = {task.key: task for task in waiting_for(actor)}
        entries = calendars.note(by=actor, tasks=list(tasks.values()))
    for entry in entries:
        yield _event(actor, entry, tasks.get(entry.task))


def _event(actor: Actor, entry: CalendarEntry, task: Task | None) -> Event:
    """Make a day of it. What is over, or may not be seen any more, says nothing but that."""
    event = Event()
    name = f"{actor.user.uuid}:{actor.organisation.uuid}:{entry.task}"
    event.add("uid", f"{uuids.uuid5(uuids.NAMESPACE_OID, name)}@handover")
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("dtstart", entry.due_on)
    event.add("dtend", entry.due_on + dt.timedelta(days=1))
    event.add("sequence", entry.sequence)
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    if entry.cancelled or task is None:
        event.add("status", "CANCELLED")
        event.add("summary", gettext("Done, or not yours any more"))
        return event
    event.add("status", "CONFIRMED")
    where = f" ({task.programme.identifier})" if task.programme else ""
    event.add("summary", f"{task.plain_sentence}{where}")
    event.add("description", f"{task.organisation.name}\n{mail.link(task.address)}")
    event.add("url", mail.link(task.address))
    return event
