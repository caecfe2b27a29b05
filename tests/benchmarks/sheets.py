"""Imports of sheets that people made: `python -m tests.benchmarks.sheets --values 200000 --rows 1000000`.

An XLSX is held against what it takes at least: reading it with calamine, and COPY of the same rows into a table that is
the same in everything. A CSV with semicolons, dates and decimal commas is read for its highest memory. Nothing asserts.
"""

from __future__ import annotations

import argparse
import itertools
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks.ground import REPOSITORY, cost, days_of, engine_of_its_own, superuser
from tests.benchmarks.scale import AGES, GENDERS, PLACES, copied, programme_with_indicators, ratio, say

HEADINGS = ("Indicator", "De la", "Până la", "Localitate", "Sexul", "Vârsta", "Valoare")


def rows(places: list[str], count: int) -> Any:
    """Give rows as people write them: titles and names, not keys."""
    made = (
        (f"Indicator {indicator}", *days_of(month), place, gender, age)
        for month in itertools.count()
        for indicator, place, gender, age in itertools.product(range(50), places, GENDERS, AGES)
    )
    return itertools.islice(made, count)


def programme_of(steward: Any, name: str) -> Any:
    """Make a programme with the ages that the sheets name."""
    from indicators.actions import axes

    programme, _ = programme_with_indicators(steward, name)
    axes.create(
        by=steward,
        programme_uuid=programme.uuid,
        name="age",
        title={"en": "Age", "ro": "Vârsta"},
        categories=[{"code": age, "title": {"en": age}} for age in AGES],
    )
    return programme


def write_workbook(path: Path, places: list[str], count: int) -> None:
    """Write a workbook of so many values."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet, day = book.add_worksheet("Date"), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, HEADINGS)
    for line, (indicator, first, last, place, gender, age) in enumerate(rows(places, count), start=1):
        sheet.write_string(line, 0, indicator)
        sheet.write_datetime(line, 1, first, day)
        sheet.write_datetime(line, 2, last, day)
        sheet.write_string(line, 3, place)
        sheet.write_string(line, 4, gender)
        sheet.write_string(line, 5, age)
        sheet.write_number(line, 6, line % 997 + 0.5)
    book.close()


def write_csv(path: Path, places: list[str], count: int) -> None:
    """Write a CSV as a spreadsheet program with decimal commas saves it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(";".join(HEADINGS) + "\r\n")
        for line, (indicator, first, last, place, gender, age) in enumerate(rows(places, count)):
            file.write(
                f"{indicator};{first:%d.%m.%Y};{last:%d.%m.%Y};{place};{gender};{age};{line % 997},5\r\n"
            )


def measure_xlsx(steward: Any, places: list[str], values: int, folder: Path) -> Any:
    """Import a workbook; then read it with calamine alone and copy the same rows as a superuser."""
    import python_calamine

    from indicators.exchange import value_imports

    programme = programme_of(steward, "XX-BENCH-XLSX")
    file = folder / "values.xlsx"
    write_workbook(file, places, values)
    with cost() as imported:
        done = value_imports.apply(steward, programme.uuid, file, name=file.name)
    with cost() as read:
        python_calamine.CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
    copy = folder / "rows.copy"
    copy.touch()
    copy.chmod(0o666)
    folder.chmod(0o777)
    with superuser() as connection:
        reference = read[0].seconds + copied(connection, programme.pk, copy)
    ratio(
        f"import {done.count:,} values from XLSX / calamine's reading + COPY",
        imported[0].seconds,
        reference,
        3,
    )
    return programme


def measure_memory(steward: Any, places: list[str], count: int, folder: Path) -> None:
    """Import a large CSV of somebody else's making in a process of its own, and tell that process's highest memory."""
    programme = programme_of(steward, "XX-BENCH-CSV")
    file = folder / "values.csv"
    write_csv(file, places, count)
    asked = [
        sys.executable,
        "-m",
        "tests.benchmarks.sheets",
        "--import",
        str(file),
        "--into",
        str(programme.uuid),
    ]
    with cost() as measured:
        done = subprocess.run(
            [*asked, "--as", str(steward.user.pk)], cwd=REPOSITORY, check=True, capture_output=True, text=True
        )
    entered, megabytes = done.stdout.split()
    say(
        f"import {int(entered):,} values from a foreign CSV: {measured[0].seconds:.1f} s, "
        f"highest memory {megabytes} MB (target 600 MB)"
    )


def import_here(file: Path, programme: str, user: str) -> None:
    """Import in this process, and print how many values, and the highest memory in megabytes."""
    import django

    django.setup()
    from handover.access import Actor
    from handover.models import Membership
    from indicators.exchange import value_imports

    seat = Membership.objects.select_related("user", "organisation").filter(user=int(user)).first()
    assert seat is not None
    by = Actor(user=seat.user, organisation=seat.organisation, channel="cli")
    done = value_imports.apply(by, programme, file, name=file.name)
    sys.stdout.write(f"{done.count} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}\n")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--values", type=int, default=200_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--import", dest="file", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--into", help=argparse.SUPPRESS)
    parser.add_argument("--as", dest="user", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.file:
        import_here(options.file, options.into, options.user)
        return
    with engine_of_its_own(), tempfile.TemporaryDirectory(prefix="handover-bench-files.") as files:
        say(f"{options.values:,} rows of a workbook, {options.rows:,} of a CSV")
        steward, names = prepared()
        if options.values:
            measure_xlsx(steward, names, options.values, Path(files))
        if options.rows:
            measure_memory(steward, names, options.rows, Path(files))


def prepared() -> tuple[Any, list[str]]:
    """Make a steward and places, each named by its code."""
    from handover.access import Operator
    from handover.actions import places
    from tests.factories.cast import assemble

    steward = assemble().giver
    for n in range(PLACES):
        places.add_unit(by=Operator(), country="RO", nuts3=f"RO{n:03}", code=f"8{n:05}", name=f"Place {n}")
    return steward, [f"RO:8{n:05}" for n in range(PLACES)]


if __name__ == "__main__":
    main()
