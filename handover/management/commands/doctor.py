"""`handover doctor`: what is wrong with this installation, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from handover.holdings import Finding
from handover.management.base import SpeakingCommand, Told
from handover.operations.doctor import examined
from handover.terminal import OPEN, done, heading, wrapped, wrong


class Command(SpeakingCommand):
    """Examine the installation as the account that runs it."""

    help = (
        "Look at settings, database roles, migrations, files, keys, mail, backup, queue and clock. Each finding says "
        "what to do. Exit code 1 where something is wrong; advice alone leaves it 0."
    )

    def answer(self, options: Mapping[str, Any]) -> Told:
        """Examine, and tell what was found."""
        found = examined()
        number = len(found.wrong)
        lines = [*heading("What is wrong"), *_lines(found.wrong, wrong())]
        if not found.wrong:
            lines.append(f"{done()} Nothing.")
        if found.advice:
            lines += [*heading("Worth a look"), *_lines(found.advice, OPEN)]
        return Told(
            {
                "wrong": [item.as_json() for item in found.wrong],
                "advice": [item.as_json() for item in found.advice],
            },
            lines,
            found=("One thing is wrong." if number == 1 else f"{number} things are wrong.") if number else "",
        )


def _lines(found: Sequence[Finding], mark: str) -> list[str]:
    return [
        line
        for item in found
        for line in wrapped(f"{item.sentence} [{item.code}]", first=f"{mark} ", indent=2)
    ]
