"""Imports, roll-ups and handovers of very many values: `python -m tests.benchmarks.scale --values 1000000`.

Prints a line a measurement: what was measured, against what (in the same run, on the same server), ratio and target.
Nothing asserts a time. Values lie as they do in life: 50 indicators, months, two genders, five ages, ten places.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import tempfile
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
    say(
        f"{name}: {measured:.2f} s against {reference:.2f} s = {measured / reference:.2f}x (target {target}x)"
    )


def organisation_named(slug: str) -> Any:
    """Give an organisation of the cast."""
    from handover.models import Organisation

    return Organisation.objects.get(slug__startswith=slug)


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
    from handover.permissions import StandingKind
    from indicators.actions import indicators, results
    from tests.factories.programmes import admitted, programme, responsibility

    made = programme(steward, identifier=name)
    for slug, kind in (("community", StandingKind.COMMUNITY), ("donor", StandingKind.DONOR)):
        admitted(made, organisation_named(slug), kind, by=steward)
    responsibility(made, by=steward, title="Day centre")
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
    told = f"{outcome.same:,} the same, {outcome.count} entered"
    say(f"the same {values:,} values once more: {measured[0].seconds:.2f} s, {told}")


ROLL_UP = """
SELECT i."references" -> 0 ->> 'code', extract(year FROM p.ends_on), count(*), sum(v.value)
  FROM indicators_value v JOIN indicators_period p ON p.id = v.period_id
  JOIN indicators_indicator i ON i.id = v.indicator_id
 GROUP BY 1, 2
"""

DIGEST = """
SELECT count(*), encode(sha256(string_agg(digest, ''::bytea ORDER BY uuid)), 'hex'), sum(value), sum(numerator)
  FROM indicators_value WHERE programme_id = %s
"""


def answered(actor: Any, statement: str, *values: int) -> float:
    """Ask the database as an actor, twice, and give the quicker time."""
    from django.db import connection

    from handover.access import asking

    times = []
    for _ in range(2):
        with asking(actor), connection.cursor() as cursor, cost() as measured:
            cursor.execute(statement, values or None)
            cursor.fetchall()
        times.append(measured[0].seconds)
    return min(times)


def measure_roll_up(steward: Any, values: int) -> None:
    """Roll a portfolio up by code and year; then the same, by hand, over the values."""
    from handover.access import asking
    from indicators.queries.portfolio import portfolio

    reference = answered(steward, ROLL_UP)
    with asking(steward), cost() as first:
        portfolio(steward)
    with asking(steward), cost() as second:
        found = portfolio(steward)
    measured = min(first[0].seconds, second[0].seconds)
    ratio(
        f"roll up {values:,} values to {len(found.lines)} lines / GROUP BY over the values",
        measured,
        reference,
        0.25,
    )


def measure_handover(cast: Any, programme: Any, values: int) -> None:
    """Hand the programme over, and commit; then one query that digests its values."""
    from handover.actions import executions
    from tests.factories.transfers import ready

    transfer = ready(cast, programme)
    with cost() as measured:
        executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
    reference = answered(cast.receiver, DIGEST, programme.pk)
    ratio(f"hand over {values:,} values / the digest query once", measured[0].seconds, reference, 2.3)


FILE_SIZE = 1_048_576
"""Bytes of each file of the dossier."""


def add_files(steward: Any, programme: Any, count: int) -> None:
    """Keep that many files of a megabyte each in a programme's store."""
    import os

    from handover import access, files
    from handover.models import StoredFile
    from handover.models.guard import writing

    with access.asking(steward), writing():
        for _ in range(count):
            kept = files.write(programme.uuid, [os.urandom(FILE_SIZE)])
            StoredFile.objects.create(
                programme=programme,
                sha256=kept.sha256,
                size=kept.size,
                media_type="application/octet-stream",
            )


def hashed(paths: list[Path]) -> float:
    """Read files and digest them in both algorithms of a bag."""
    import hashlib

    with cost() as measured:
        for path in paths:
            first, second = hashlib.sha256(), hashlib.sha512()
            with path.open("rb") as file:
                while piece := file.read(FILE_SIZE):
                    first.update(piece)
                    second.update(piece)
    return measured[0].seconds


def measure_dossier(steward: Any, programme: Any, values: int, count: int, folder: Path) -> None:
    """Take the programme out; then copy the values out and digest the same bytes; then verify offline."""
    from handover.access import asking
    from handover.exchange.dossier import verify, writing

    add_files(steward, programme, count)
    writing.signed(steward, programme.uuid)
    with asking(steward), cost() as written:
        made = writing.write(steward, programme.uuid, folder / "bag")
    rows = folder / "values.out"
    rows.touch()
    rows.chmod(0o666)
    with superuser() as connection, cost() as copied_out:
        connection.execute(
            f"COPY (SELECT * FROM indicators_value WHERE programme_id = {programme.pk}) TO '{rows}' (FORMAT csv)"
        )
    digested = hashed([path for path in (made.path / "data").rglob("*") if path.is_file()])
    what = f"dossier of {values:,} values and {count:,} files ({made.octets / 1e9:.2f} GB)"
    ratio(f"{what} / COPY TO + both digests", written[0].seconds, copied_out[0].seconds + digested, 1.5)
    say(f"  highest memory of the exporting process: {written[0].megabytes:.0f} MB (target 300 MB)")
    with cost() as checked:
        report = verify.check(made.path)
    ratio("verify it offline / both digests", checked[0].seconds, digested, 1.5)
    say(f"  it holds: {not report.wrong}")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--values", type=int, default=1_000_000, help="how many; 1,000,000 takes some minutes"
    )
    parser.add_argument("--without-again", action="store_true", help="do not import the same file once more")
    parser.add_argument("--files", type=int, default=1_000, help="files of a megabyte in the dossier")
    options = parser.parse_args()
    with engine_of_its_own(), tempfile.TemporaryDirectory(prefix="handover-bench-files.") as files:
        from handover.access import Operator
        from handover.actions import places
        from tests.factories.cast import assemble

        cast = assemble()
        found = [
            str(
                places.add_unit(
                    by=Operator(), country="RO", nuts3=f"RO{n:03}", code=f"9{n:05}", name=f"Place {n}"
                ).uuid
            )
            for n in range(PLACES)
        ]
        say(f"{options.values:,} values")
        programme = measure_import(cast.giver, found, options.values, Path(files))
        if not options.without_again:
            measure_same_file_again(cast.giver, programme, Path(files), options.values)
        with superuser() as connection:
            connection.execute("VACUUM ANALYZE")
        measure_roll_up(cast.giver, options.values)
        measure_handover(cast, programme, options.values)
        measure_dossier(cast.receiver, programme, options.values, options.files, Path(files))


if __name__ == "__main__":
    main()
