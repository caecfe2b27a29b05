"""What exports are tried on, and reading exported files again as their readers do."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management import call_command
from python_calamine import CalamineWorkbook

from handover.access import Actor, asking
from handover.actions import permissions, standings
from handover.actions.places import COLUMNS, import_lau
from handover.cell_texts import unprotected
from handover.models import Place, Programme
from handover.models.guard import writing
from handover.permissions import Role, StandingKind
from indicators.exchange.tables import csv_files
from indicators.exchange.tables.rows import taking_out
from tests.factories.cast import Cast
from tests.factories.organisations import OPERATOR, organisation, person

MANAGER = "manager@giver.example"


def told(*arguments: object) -> str:
    """Run a command and give what it says."""
    out = io.StringIO()
    call_command(*map(str, arguments), stdout=out, stderr=io.StringIO())
    return out.getvalue()


def csv_of(by: Actor, programme: Programme, **said: Any) -> bytes:
    """Give a programme's values as CSV."""
    file = io.BytesIO()
    with taking_out(by, programme.uuid, **said) as copy:
        csv_files.write(copy, file)
    return file.getvalue()


def table(written: bytes | Path) -> list[dict[str, str]]:
    """Read a CSV file that was exported: texts as they were before they were protected."""
    content = written if isinstance(written, bytes) else written.read_bytes()
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    names = [unprotected(name) for name in next(rows)]
    return [dict(zip(names, map(unprotected, row), strict=True)) for row in rows]


def sheet(path: Path, name: str) -> list[list[Any]]:
    """Give the cells of a sheet as another program reads them."""
    book = CalamineWorkbook.from_path(str(path))
    return [list(row) for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]


def importable(written: bytes, names: Sequence[str]) -> list[str]:
    """Give the lines of an exported file with only these columns."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([row[name] for name in names] for row in table(written))
    return out.getvalue().splitlines(keepends=True)


def places(*codes: str) -> dict[str, UUID]:
    """Enter places of Romania and give their UUIDs by code, as files name them."""
    lines = [",".join(COLUMNS), *(f"RO,RO113,{code},Locul {code},Locul {code},1000,1" for code in codes)]
    import_lau(by=OPERATOR, lines=lines, source="a test")
    found = Place.objects.filter(country="RO", code__in=codes).values_list("code", "uuid")
    return {f"RO:{code}": uuid for code, uuid in found}


def former_steward(cast: Cast, programme: Programme, *, cutoff: dt.datetime) -> Actor:
    """Give the officer of an organisation whose view of the programme ends at the cut-off."""
    former = person(organisation("former"), Role.OFFICER)
    with asking(cast.giver), writing():
        standings.begin(
            programme, former.organisation, StandingKind.FORMER_STEWARD, writes=False, cutoff=cutoff
        )
        permissions.rederive(programme)
    return former
