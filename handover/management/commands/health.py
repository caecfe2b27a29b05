"""`handover health PROGRAMME`: everything that is not well, named."""

from __future__ import annotations

from django.core.management.base import CommandParser

from handover import access, holdings
from handover.management.base import PROGRAMME, ActorCommand, Call, Told
from handover.permissions import Permission
from handover.terminal import done, heading, wrapped, wrong


class Command(ActorCommand):
    help = (
        "Name everything that is not well in a programme: needs that nobody answers, licences that run out, posts that "
        "are paid twice, promises that were not kept. Warnings: nothing is changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        PROGRAMME.add_to(parser)
        parser.add_argument(
            "--strict", action="store_true", help="exit with 1 where something is not well, for scripts"
        )
        super().add_arguments(parser)

    def act(self, call: Call) -> Told:
        with access.asking(call.by):
            programme = access.programme_for(call.by, call["programme"], may=Permission.VIEW)
            cutoff = access.reach(call.by, programme).cutoff
            found = [
                (holding.name, finding)
                for holding in holdings.holdings()
                for finding in holding.health(programme, cutoff=cutoff)
            ]
        lines = [
            line
            for _, finding in found
            for line in wrapped(f"{finding.sentence} [{finding.code}]", first=f"{wrong()} ", indent=2)
        ]
        return Told(
            {
                "programme": programme.uuid,
                "warnings": [{"part": name, **finding.as_json()} for name, finding in found],
            },
            [*heading("What is not well"), *(lines or [f"{done()} Nothing was found."])],
            found=f"{len(found)} things are not well." if found and call["strict"] else "",
        )
