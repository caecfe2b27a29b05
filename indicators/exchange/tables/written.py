"""Written files: a programme's current values in one of the formats that people ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final
from uuid import UUID

from handover import jobs
from handover.access import Actor
from handover.errors import Invalid
from indicators.exchange.iati.exporting import export_activity
from indicators.exchange.tables import csv_files, packages, protected, workbooks
from indicators.exchange.tables.rows import Copy, taking_out

Writer = Callable[[Copy, Path], object]


def _csv(copy: Copy, path: Path) -> object:
    with path.open("xb") as file:
        return csv_files.write(copy, file)


def _public_csv(copy: Copy, path: Path) -> object:
    with path.open("xb") as file:
        return protected.write_csv(copy, file)


WRITERS: Final[Mapping[tuple[str, bool], Writer]] = {
    ("csv", False): _csv,
    ("csv", True): _public_csv,
    ("xlsx", False): workbooks.write,
    ("xlsx", True): protected.write_workbook,
    ("package", False): packages.write,
    ("package", True): protected.write_package,
}
FILES: Final[Mapping[str, tuple[str, str]]] = {
    "csv": ("text/csv; charset=utf-8", "csv"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    "package": ("application/zip", "zip"),
    "iati": ("application/xml", "xml"),
}
"""Media type and ending of each format."""


def write(
    by: Actor,
    path: Path,
    *,
    programme: UUID,
    kind: str,
    public: bool,
    language: str,
    indicator: UUID | None = None,
    most: int | None = None,
    progress: jobs.Progress = jobs.silent,
) -> None:
    """Write a programme's current values to a new file, as far as the actor's view goes.

    Args:
        most: how many values at most.

    Raises:
        NotFound, NotAllowed: the actor may not take it out.
        Invalid: no such indicator, or too many values.
    """
    if kind == "iati":
        path.write_bytes(export_activity(by, programme))
        return
    chosen = [indicator] if indicator else []
    with taking_out(by, programme, indicators=chosen, lang=language, progress=progress) as copy:
        if most is not None and copy.total > most:
            raise Invalid(
                "export_too_large",
                f"These are {copy.total} values; at most {most} go out at once: name an indicator, or let a job do it.",
                field="indicator",
            )
        WRITERS[kind, public](copy, path)
