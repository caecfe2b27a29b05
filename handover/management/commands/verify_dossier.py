"""`handover verify_dossier`: whether a dossier that somebody brought holds."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from handover.errors import Invalid
from handover.exchange.dossier import verify
from handover.management.base import SpeakingCommand, Told
from handover.terminal import done, wrong


class Command(SpeakingCommand):
    """Check a dossier."""

    help = (
        "Check a dossier: every byte against its digests, the chain, the proofs and the signatures. The same check "
        "runs without the toolkit: handover/exchange/dossier/verify.py is one file."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add which dossier, and whose key it should be."""
        parser.add_argument("folder", type=Path, metavar="FOLDER", help="the bag")
        parser.add_argument(
            "--key", default="", metavar="FINGERPRINT", help="the key that you know from elsewhere"
        )
        super().add_arguments(parser)  # type: ignore[arg-type]

    def answer(self, options: Mapping[str, Any]) -> Told:
        """Say what holds, what does not, and what could not be checked."""
        try:
            report = verify.check(options["folder"], key=options["key"])
        except verify.NoDossierError as error:
            raise Invalid("no_dossier", str(error), field="folder") from error
        return Told(
            {
                "holds": report.holds,
                "unchecked": report.unchecked,
                "wrong": [{"code": code, "sentence": sentence} for code, sentence in report.wrong],
            },
            [
                *(f"{done()} {sentence}" for sentence in report.holds),
                *(f"· {sentence}" for sentence in report.unchecked),
                *(f"{wrong()} {sentence} [{code}]" for code, sentence in report.wrong),
            ],
            "This dossier does not hold: see above." if report.wrong else "",
        )
