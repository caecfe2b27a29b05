"""`handover sequence PROGRAMME`: in which order its interventions could begin, and why."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.core.management.base import CommandParser

from handover import access, clock
from handover.errors import Invalid
from handover.management.base import PROGRAMME, ActorCommand, Call, Told
from handover.permissions import Permission
from handover.terminal import folded, heading
from interventions.queries import sequence
from interventions.queries.landscape import landscape


class Command(ActorCommand):
    help = (
        "Suggest in which period each intervention could begin: by level, prerequisites, severity, and what can begin "
        "in one period. Each line says why. A suggestion: nothing is changed, people decide."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        PROGRAMME.add_to(parser)
        parser.add_argument(
            "--capacity",
            required=True,
            metavar="N",
            help="what can begin in one period, in the unit of the interventions' effort (1 each, unless said)",
        )
        parser.add_argument("--anew", action="store_true", help="as if none of them had begun")
        super().add_arguments(parser)

    def act(self, call: Call) -> Told:
        capacity = _number(call["capacity"])
        with access.asking(call.by):
            programme = access.programme_for(call.by, call["programme"], may=Permission.VIEW)
            scene = landscape(programme, lang=call.by.user.language)
            steps = sequence.sequence(scene, capacity=capacity, today=clock.today(), anew=call["anew"])
        lines = sequence.lines(steps) or ["There is no intervention yet."]
        return Told(
            {
                "programme": programme.uuid,
                "capacity": capacity,
                "steps": [
                    {
                        "intervention": step.intervention.uuid,
                        "title": step.intervention.title,
                        "period": step.period,
                        "until": step.until,
                        "reasons": list(step.reasons),
                    }
                    for step in steps
                ],
            },
            [
                *heading("A suggested sequence: people decide"),
                *(line for text in lines for line in folded(text)),
            ],
        )


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise Invalid("not_a_number", f"“{text}” is no number.", field="capacity") from None
