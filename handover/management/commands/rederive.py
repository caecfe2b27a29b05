"""`handover rederive`: grants of permission as this release's tables say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handover.access import Operator
from handover.actions import permissions
from handover.management.base import SpeakingCommand, Told
from handover.management.progress import progress


class Command(SpeakingCommand):
    """Bring every programme's grants in line with the tables, each change recorded in its ledger."""

    help = (
        "Derive the grants of permission of every programme anew from its standings and holders. Run it after "
        "an upgrade whose changelog says that permissions changed; it runs as the database's owner."
    )

    def answer(self, options: Mapping[str, Any]) -> Told:
        """Derive, and name the programmes that changed."""
        with progress("Deriving grants", self.stderr):
            changed = permissions.rederive_all(by=Operator())
        lines = [f"Grants changed: {identifier}" for identifier in changed]
        return Told({"changed": changed}, lines or ["All grants are what this release's tables say."])
