"""`handover calendar`: the days that a programme plans around, and what was held for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handover import access, clock
from handover.access import asking
from handover.management.base import PROGRAMME, ActorCommand, Call, Told
from handover.narratives import best
from handover.permissions import Permission
from interventions.queries.calendar import Day, calendar, lines


class Command(ActorCommand):
    """Show the commemoration calendar."""

    help = (
        "The days of a year that a programme plans around, shared ones and its own, with the events held for each. "
        "Days and events are entered by `handover record`."
    )

    def add_arguments(self, parser: Any) -> None:
        """Add the programme and the year."""
        PROGRAMME.add_to(parser)
        parser.add_argument("--year", type=int, metavar="YEAR", help="this year, if it is left out")
        super().add_arguments(parser)

    def act(self, call: Call) -> Told:
        """Tell the year."""
        with asking(call.by):
            programme = access.programme_for(call.by, call["programme"], may=Permission.VIEW)
            today = clock.today()
            year = today.year if call["year"] is None else call["year"]
            days = calendar(programme, year, cutoff=access.reach(call.by, programme).cutoff)
            return Told(
                {"programme": programme.identifier, "year": year, "days": [_document(day) for day in days]},
                [f"{programme.identifier}, {year}", *(f"  {line}" for line in lines(days, today))],
            )


def _document(day: Day) -> Mapping[str, Any]:
    return {
        "key": day.key,
        "date": day.on,
        "title": best(day.title),
        "titles": list(day.title),
        "own": day.own,
        "source": day.source,
        "people": day.people,
        "events": [
            {
                "uuid": event.uuid,
                "kind": event.kind,
                "title": event.title,
                "from": event.starts_on,
                "to": event.ends_on,
                "place": str(event.place) if event.place else "",
                "children": event.children,
                "adults": event.adults,
                "age_unknown": event.age_unknown,
                "young_volunteers": event.young_volunteers,
            }
            for event in day.events
        ],
    }
