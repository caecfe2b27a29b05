"""`handover coverage PROGRAMME`: what its needs and interventions leave open."""

from __future__ import annotations

from django.core.management.base import CommandParser

from handover import access
from handover.management.base import PROGRAMME, ActorCommand, Call, Told
from handover.permissions import Permission
from handover.terminal import folded, heading
from interventions.queries import coverage


class Command(ActorCommand):
    help = (
        "Name the needs without an intervention, the interventions without a need, the needs whose prerequisite nobody "
        "answers, and the needs that nobody with money answers once the grant has ended. Warnings: nothing is changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        PROGRAMME.add_to(parser)
        parser.add_argument(
            "--strict", action="store_true", help="exit with 1 where something is open, for scripts"
        )
        super().add_arguments(parser)

    def act(self, call: Call) -> Told:
        with access.asking(call.by):
            programme = access.programme_for(call.by, call["programme"], may=Permission.VIEW)
            found = coverage.coverage(programme, lang=call.by.user.language)
        told = [line for text in coverage.lines(found) for line in folded(text)]
        return Told(
            {
                "programme": programme.uuid,
                "warnings": [
                    {
                        "code": item.lack.value,
                        "subject": item.subject,
                        "path": list(item.path),
                        "sentence": item.sentence,
                    }
                    for item in found
                ],
            },
            [*heading("Coverage"), *told],
            found=f"{len(found)} things are open." if found and call["strict"] else "",
        )
