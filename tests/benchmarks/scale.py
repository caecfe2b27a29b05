"""Imports, roll-ups and handovers of very many values: `python -m tests.benchmarks.scale --values 1000000`.

Prints a line a measurement: what was measured, against what (in the same run, on the same server), the ratio, the target.
Nothing asserts a time. Values lie as they do in life: 50 indicators, months, two genders, five ages, ten places.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import itertools
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.ground import cost, days_of, engine_of_its_own, superuser

GENDERS = ("women", "men")
AGES = ("0-5", "6-13", "14-17", "18-29", "30-54")
PLACES = 10
INDICATORS = 50
MONTH = len(GENDERS) * len(AGES) * PLACES * INDICATORS


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


def ratio(name: str, measured: float, reference: float, target: float) -> None:
    """Print one comparison."""
    say(f"{name}: {measured:.2f} s against {reference:.2f} s = {measured / reference:.2f}x (target {target}x)")


def write_file(path: Path, indicators: list[str], places: list[str], values: int) -> None:
    """Write that many values as the toolkit's own CSV."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["indicator", "start", "end", "place", "gender", "age", "value"])
        for month in itertools.count():
            first, last = days_of(month)
            for row in itertools.product(indicators, places, GENDERS, AGES):
                if count == values:
                    return
                indicator, place, gender, age = row
                writer.writerow([indicator, first, last, place, gender, age, count % 997])
                count += 1


def programme_with_indicators(steward: Any, name: str, count: int = INDICATORS) -> tuple[Any, list[str]]:
    """Make a programme with a result and indicators of people."""
    from indicators.actions import indicators, results
    from tests.factories.programmes import programme

    made = programme(steward, identifier=name)
    result = results.define(by=steward, programme_uuid=made.uuid, type="1", title={"en": "Result"})
    return made, [
        str(
            indicators.define(
                by=steward,
                result_uuid=result.uuid,
                measure="1",
                title={"en": f"Indicator {number}"},
                counting_rule="new_entrants",
                aggregation_status="1",
                references=[{"vocabulary": "99", "code": f"C{number}", "vocabulary_uri": "urn:bench"}],
            ).uuid
        )
        for number in range(count)
    ]


def measure_import(steward: Any, places: list[str], values: int, folder: Path) -> Any:
    """Import a file; then copy the same rows, as a superuser, into a table that is the same in everything."""
    from indicators.actions.imports import Rows, apply

    programme, keys = programme_with_indicators(steward, "XX-BENCH-IMPORT")
    file = folder / "values.csv"
    write_file(file, keys, places, values)
    with cost() as imported, file.open(encoding="utf-8", newline="") as lines:
        apply(by=steward, programme_uuid=programme.uuid, rows=Rows(lines=lines))
    rows = folder / "rows.copy"
    rows.touch()
    rows.chmod(0o666)
    folder.chmod(0o777)
    with superuser() as connection:
        reference = copied(connection, programme.pk, rows)
    ratio(f"import {values:,} values from CSV / COPY of the same rows", imported[0].seconds, reference, 2)
    say(f"  highest memory of the importing process: {imported[0].megabytes:.0f} MB (target 600 MB)")
    return programme


def copied(connection: Any, programme: int, rows: Path) -> float:
    """COPY a programme's rows into a clone of the values' table with the same keys, indexes and triggers."""
    connection.execute("CREATE TABLE bench_value (LIKE indicators_value INCLUDING ALL)")
    keys = connection.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = 'indicators_value'::regclass AND contype = 'f'"
    ).fetchall()
    for name, definition in keys:
        connection.execute(f'ALTER TABLE bench_value ADD CONSTRAINT "bench_{name}" {definition}')
    connection.execute(f"COPY (SELECT * FROM indicators_value WHERE programme_id = {programme}) TO '{rows}'")
    connection.execute("CHECKPOINT")
    with cost() as measured:
        connection.execute(f"COPY bench_value FROM '{rows}'")
    connection.execute("DROP TABLE bench_value")
    return measured[0].seconds


def measure_same_file_again(steward: Any, programme: Any, folder: Path, values: int) -> None:
    """Import the same file once more: everything is the same, nothing is written."""
    from indicators.actions.imports import Rows, apply

    with cost() as measured, (folder / "values.csv").open(encoding="utf-8", newline="") as lines:
        outcome = apply(by=steward, programme_uuid=programme.uuid, rows=Rows(lines=lines))
    say(f"the same {values:,} values once more: {measured[0].seconds:.2f} s, {outcome.same:,} the same, {outcome.count} entered")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--values", type=int, default=1_000_000)
    parser.add_argument("--only", default="", help="import: nothing but the import")
    options = parser.parse_args()
    with engine_of_its_own(), tempfile.TemporaryDirectory(prefix="handover-bench-files.") as files:
        from handover.access import Operator
        from handover.actions import places
        from tests.factories.cast import assemble

        steward = assemble().giver
        found = [
            str(places.add_unit(by=Operator(), country="RO", nuts3=f"RO{n:03}", code=f"9{n:05}", name=f"Place {n}").uuid)
            for n in range(PLACES)
        ]
        say(f"{options.values:,} values, {dt.datetime.now(tz=dt.UTC):%Y-%m-%d %H:%M} UTC")
        programme = measure_import(steward, found, options.values, Path(files))
        if options.only != "import":
            measure_same_file_again(steward, programme, Path(files), options.values)


if __name__ == "__main__":
    sys.exit(main())
