"""`handover values_template PROGRAMME --out FILE.xlsx`: the workbook that people fill in."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

from django.core.management.base import CommandParser

from handover.exchange.plan_documents import written_day
from handover.management.base import PROGRAMME, ActorCommand, Call, Told
from indicators.exchange.tables.template_texts import LANGUAGES
from indicators.exchange.tables.templates import template
from indicators.management.taking_out import written_beside


def span(text: str) -> tuple[dt.date, dt.date]:
    """Read a period: two days with two points between them."""
    first, points, last = text.partition("..")
    start, end = written_day(first), written_day(last)
    if not points or start is None or end is None:
        raise argparse.ArgumentTypeError(f"“{text}” is no period such as 2026-01-01..2026-03-31")
    return start, end


class Command(ActorCommand):
    """Write a template."""

    help = (
        "Write a workbook to fill in: a row for each value of the indicators that you may report, with what stands"
        " there now, lists to choose from, and instructions. Import it again with import_values."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add of what, in which language, and where."""
        PROGRAMME.add_to(parser)
        parser.add_argument("--out", type=Path, metavar="FILE", required=True, help="the workbook to write")
        parser.add_argument("--force", action="store_true", help="replace what is there")
        parser.add_argument(
            "--indicator",
            action="append",
            default=[],
            metavar="INDICATOR",
            help="only this one, by UUID or title; again for more",
        )
        parser.add_argument(
            "--period",
            type=span,
            metavar="DAY..DAY",
            help="of this period; otherwise of those that each indicator has",
        )
        parser.add_argument("--lang", choices=tuple(LANGUAGES), default="en", help="language of the workbook")
        super().add_arguments(parser)

    def act(self, call: Call) -> Told:
        """Write it."""
        out: Path = call["out"]
        with call.patience("writing"), written_beside(out, force=call["force"]) as draft:
            drawn = template(
                call.by,
                call["programme"],
                path=draft,
                indicators=call["indicator"],
                period=call["period"],
                lang=call["lang"],
            )
        document = {
            "file": str(out),
            "rows": drawn.rows,
            "indicators": drawn.indicators,
            "language": call["lang"],
        }
        return Told(document, [f"{out}: {drawn.rows} rows, {drawn.indicators} indicators"])
