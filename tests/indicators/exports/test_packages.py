"""Values as a Data Package: complete, described, and accepted by other people's software."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import frictionless
import pytest

from handover import clock
from handover.access import asking
from handover.models import Programme
from indicators.actions import axes, baselines, breaks, provenance, sources, targets
from indicators.actions.values import Reported
from indicators.exchange.tables import packages
from indicators.exchange.tables.csv_files import Counted
from indicators.exchange.tables.rows import taking_out
from indicators.models import Value
from tests.factories.cast import Cast
from tests.factories.indicators import FIRST_QUARTER, indicator, reported
from tests.indicators.exports.reading import csv_of, places, table


def written(cast: Cast, programme: Programme, path: Path) -> Counted:
    with taking_out(cast.giver, programme.uuid) as copy:
        return packages.write(copy, path)


def report_on(path: Path) -> list[Any]:
    """Ask frictionless, and give what it finds wrong."""
    package = frictionless.Package(str(path / "datapackage.json"))
    report = package.validate()
    return [*report.errors, *(error for task in report.tasks for error in task.errors)]


@pytest.fixture
def full(cast: Cast, programme: Programme) -> Programme:
    """Give a programme with something in every table of a package."""
    counted = indicator(programme, by=cast.giver, title="Pupils")
    where = places("1017")
    axes.create(
        by=cast.giver,
        programme_uuid=programme.uuid,
        name="gender",
        title={"en": "Gender", "ro": "Gen"},
        categories=[{"code": "women", "title": {"ro": "Femei"}}, {"code": "men", "title": {"ro": "Bărbați"}}],
    )
    rows = [
        Reported(value=31, comment="=1+1"),
        Reported(value=20, dimensions={"gender": "women"}, place=where["RO:1017"]),
    ]
    reported(counted, rows, by=cast.giver)
    first, last = FIRST_QUARTER
    targets.put(by=cast.giver, indicator_uuid=counted.uuid, starts_on=first, ends_on=last, value="40")
    baselines.put(by=cast.giver, indicator_uuid=counted.uuid, year=2023, value="12", comment="From a survey")
    breaks.state(by=cast.giver, indicator_uuid=counted.uuid, on=last, kind="method", reason="A new register")
    source = sources.register(
        by=cast.giver,
        programme_uuid=programme.uuid,
        title="Attendance register",
        custodian=cast.giver.organisation,
        location="Room 4",
    )
    with asking(cast.giver):
        uuids = list(Value.objects.filter(programme=programme).order_by("id").values_list("uuid", flat=True))
    provenance.attach(by=cast.giver, value_uuids=uuids[:1], source_uuid=source.uuid)
    return programme


def test_other_peoples_software_accepts_a_full_package(cast: Cast, full: Programme, tmp_path: Path) -> None:
    done = written(cast, full, tmp_path / "out")

    assert report_on(tmp_path / "out") == []
    descriptor = json.loads((tmp_path / "out" / "datapackage.json").read_text())
    rows = {item["name"]: len(table(tmp_path / "out" / item["path"])) for item in descriptor["resources"]}
    assert rows == {
        "values": 2, "indicators": 1, "targets": 1, "periods": 1, "baselines": 1, "places": 1, "axes": 2, "breaks": 1,
        "sources": 1, "rests_on": 1,
    }  # fmt: skip
    assert done.rows == 2


def test_an_empty_package_is_accepted_too(cast: Cast, programme: Programme, tmp_path: Path) -> None:
    written(cast, programme, tmp_path / "out")

    assert report_on(tmp_path / "out") == []


def test_words_among_the_values_are_accepted(cast: Cast, full: Programme, tmp_path: Path) -> None:
    words = indicator(full, by=cast.giver, title="What people say", measure="5", counting_rule="none")
    reported(words, {"": "It is closer, they say"}, by=cast.giver)

    written(cast, full, tmp_path / "out")

    assert report_on(tmp_path / "out") == []
    assert "It is closer, they say" in {row["value"] for row in table(tmp_path / "out" / "values.csv")}


def test_a_changed_file_and_a_missing_period_are_found(cast: Cast, full: Programme, tmp_path: Path) -> None:
    written(cast, full, tmp_path / "out")
    periods = tmp_path / "out" / "periods.csv"
    periods.write_text(periods.read_text().splitlines()[0] + "\r\n")

    found = {error.type for error in report_on(tmp_path / "out")}

    assert {"hash-count", "byte-count", "foreign-key"} & found >= {"hash-count", "foreign-key"}


def test_every_file_is_named_with_its_size_and_digest(cast: Cast, full: Programme, tmp_path: Path) -> None:
    written(cast, full, tmp_path / "out.zip")

    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        descriptor = json.loads(archive.read("datapackage.json"))
        for resource in descriptor["resources"]:
            content = archive.read(resource["path"])
            assert resource["bytes"] == len(content)
            assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert set(archive.namelist()) == {
            "datapackage.json",
            *(item["path"] for item in descriptor["resources"]),
        }


def test_only_the_instant_differs_between_two_packages_of_the_same_state(
    cast: Cast, full: Programme, tmp_path: Path
) -> None:
    written(cast, full, tmp_path / "one")
    written(cast, full, tmp_path / "same")
    with clock.at(clock.now() + dt.timedelta(days=2)):
        written(cast, full, tmp_path / "two")

    def files(name: str) -> dict[str, bytes]:
        return {item.name: item.read_bytes() for item in (tmp_path / name).iterdir()}

    one, two = files("one"), files("two")
    assert one == files("same")
    first, second = (json.loads(each.pop("datapackage.json")) for each in (one, two))
    assert one == two
    assert first.pop("created") != second.pop("created")
    assert first == second


def test_the_values_of_a_package_are_those_of_the_csv(cast: Cast, full: Programme, tmp_path: Path) -> None:
    written(cast, full, tmp_path / "out")

    names = ["indicator", "start", "end", "place", "gender", "value", "comment", "revision"]
    assert [[row[name] for name in names] for row in table(tmp_path / "out" / "values.csv")] == [
        [row[name] for name in names] for row in table(csv_of(cast.giver, full))
    ]
