"""A programme as a bag: what is in it, what is not, who may take it out, and what other people's programs say of it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bagit
import frictionless
import pytest

from handover import clock, merkle
from handover.access import Actor, asking
from handover.actions import audit_findings, audits, standings
from handover.errors import Broken, Invalid, NotAllowed, NotFound
from handover.exchange.carried import Fate, declarations
from handover.exchange.dossier import writing
from handover.exchange.dossier.bag import BEGUN, Bag
from handover.exchange.dossier.tables import Table
from handover.exchange.dossier.writing import Dossier
from handover.models import LedgerEntry, Programme
from handover.models.organisations import OrganisationKind
from handover.permissions import Role, StandingKind
from tests.factories.cast import TODAY, Cast
from tests.factories.indicators import indicator, reported
from tests.factories.organisations import organisation, person
from tests.factories.programmes import grant as granted
from tests.factories.transfers import executed
from tests.handover.command_line import refused, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(cast: Cast, programme: Programme) -> Iterator[Programme]:
    """Give a programme with values that was handed over."""
    row = indicator(programme, by=cast.giver)
    reported(row, {"women": 3, "men": 4}, by=cast.giver)
    with clock.at(TODAY):
        executed(cast, programme)
        yield programme


def taken_out(by: Actor, home: Programme, to: Path) -> Dossier:
    writing.signed(by, home.uuid)
    with asking(by):
        return writing.write(by, home.uuid, to)


@pytest.fixture
def bag(cast: Cast, home: Programme, tmp_path: Path) -> Path:
    """Give the dossier of the programme, taken out by its new steward."""
    return taken_out(cast.receiver, home, tmp_path / "bag").path


def table(bag: Path, label: str) -> list[dict[str, str]]:
    with (bag / "data" / "tables" / f"{label}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def files(bag: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(bag)): path.read_bytes() for path in sorted(bag.rglob("*")) if path.is_file()
    }


# --- what other people's programs say ---------------------------------------------------------------


def test_a_third_partys_program_accepts_the_bag(bag: Path) -> None:
    found = bagit.Bag(str(bag))
    assert found.validate()
    assert found.info["External-Identifier"] == "XX-TEST-HOME"
    assert sorted(found.algorithms) == ["sha256", "sha512"]


def test_a_third_partys_program_accepts_the_tables(bag: Path) -> None:
    report = frictionless.validate(str(bag / "data" / "datapackage.json"))
    assert [error.message for task in report.tasks for error in task.errors] == []
    assert report.valid
    assert report.stats["tasks"] > 100


@pytest.mark.parametrize("name", ["data/tables/indicators.Value.csv", "data/dossier.json", "bag-info.txt"])
def test_a_byte_that_was_changed_is_noticed(bag: Path, name: str) -> None:
    content = bytearray((bag / name).read_bytes())
    content[-2] ^= 1
    (bag / name).write_bytes(content)
    with pytest.raises(bagit.BagError):
        bagit.Bag(str(bag)).validate()


# --- what is in it ----------------------------------------------------------------------------------


def test_every_carried_model_of_a_programme_has_its_table_with_every_carried_column(bag: Path) -> None:
    without = {"handover.PersonName", "handover.LedgerEntry", "indicators.OwnList", "indicators.OwnCode"}
    carried = {
        label: [name for name, fate in item.columns.items() if fate is Fate.CARRIED]
        for label, item in declarations().items()
        if item.fate is Fate.CARRIED and label not in without
    }
    found = {}
    for path in (bag / "data" / "tables").glob("*.csv"):
        found[path.stem] = path.read_text("utf-8").split("\n", 1)[0].split(",")
    assert found == carried


def test_rows_name_each_other_by_uuid_and_numbers_lose_nothing(bag: Path, home: Programme) -> None:
    (row,) = table(bag, "handover.Programme")
    assert row["uuid"] == str(home.uuid)
    assert {item["programme"] for item in table(bag, "indicators.Value")} == {str(home.uuid)}
    assert sorted(item["value"] for item in table(bag, "indicators.Value")) == ["3", "4"]
    people = {item["uuid"] for item in table(bag, "handover.User")}
    assert {item["reported_by"] for item in table(bag, "indicators.Value")} <= people


def test_no_other_programmes_rows_are_in_it(cast: Cast, bag: Path, home: Programme) -> None:
    for path in (bag / "data" / "tables").glob("*.csv"):
        rows = table(bag, path.stem)
        assert {row["programme"] for row in rows if row.get("programme")} <= {str(home.uuid)}
    named = {row["slug"] for row in table(bag, "handover.Organisation")}
    assert cast.stranger.organisation.slug not in named


def test_names_of_people_stand_in_one_file_alone(cast: Cast, bag: Path) -> None:
    names = json.loads((bag / "data" / "names.json").read_text("utf-8"))
    name = cast.receiver.user.display_name
    assert name in names.values()
    holding = [
        place
        for place, content in files(bag).items()
        if name.encode() in content and not place.startswith("data/papers/")
    ]
    assert holding == ["data/names.json"]


def test_the_chain_is_whole_and_hangs_on_a_signed_checkpoint(cast: Cast, bag: Path, home: Programme) -> None:
    lines = (bag / "data" / "ledger" / "chain.jsonl").read_text("utf-8").splitlines()
    entries = [json.loads(line) for line in lines]
    with asking(cast.receiver):
        assert len(entries) == LedgerEntry.objects.filter(chain=home.uuid).count()
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    proof = json.loads((bag / "data" / "ledger" / "proof.json").read_text("utf-8"))
    assert proof["leaf"]["hash"] == entries[-1]["hash"]
    note = json.loads(proof["checkpoint"]["note"])
    leaf = merkle.leaf_hash(
        home.uuid.bytes + proof["leaf"]["seq"].to_bytes(8, "big") + bytes.fromhex(proof["leaf"]["hash"])
    )
    path = [bytes.fromhex(step) for step in proof["path"]]
    assert merkle.check_inclusion(
        leaf, proof["leaf"]["position"], note["size"], path, bytes.fromhex(note["root"])
    )


def test_a_draft_of_a_finding_does_not_leave_with_the_programme(
    cast: Cast, home: Programme, tmp_path: Path
) -> None:
    body = organisation("inspectors", OrganisationKind.AUDIT_BODY)
    auditor = person(body, Role.AUDITOR)
    grant = granted(home, by=cast.receiver, donor=cast.donor.organisation)
    row = audits.open_by_authority(
        by=cast.donor,
        programme_uuid=home.uuid,
        auditor=body,
        grants=[grant.uuid],
        reference="A-1",
        title="On the spot",
        purpose="Whether it is there",
        legal_basis="Article 9",
        ends_at=TODAY.replace(year=2025, minute=0, second=0, microsecond=0),
    )
    told = {"criterion": "It stays", "condition": "It is gone"}
    audit_findings.draft(by=auditor, engagement_uuid=row.uuid, title="A suspicion", severity="low", **told)
    made = taken_out(cast.receiver, home, tmp_path / "bag")
    assert table(made.path, "handover.AuditFinding") == []
    assert not any(b"A suspicion" in content for content in files(made.path).values())


# --- the same again ---------------------------------------------------------------------------------


def test_the_same_state_gives_the_same_bytes(cast: Cast, home: Programme, bag: Path, tmp_path: Path) -> None:
    again = taken_out(cast.receiver, home, tmp_path / "again")
    assert files(again.path) == files(bag)


def test_what_was_recorded_since_makes_another_dossier(
    cast: Cast, home: Programme, bag: Path, tmp_path: Path
) -> None:
    partner = organisation("partner")
    standings.admit(
        by=cast.receiver, programme_uuid=home.uuid, organisation=partner, kind=StandingKind.PARTNER
    )
    again = taken_out(cast.receiver, home, tmp_path / "again")
    assert (again.path / "data" / "dossier.json").read_bytes() != (bag / "data" / "dossier.json").read_bytes()
    assert "partner" in {row["slug"] for row in table(again.path, "handover.Organisation")}


def test_an_export_that_stopped_goes_on_where_it_was(
    cast: Cast, home: Programme, bag: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = tmp_path / "again"
    whole = writing._papers

    def stops(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(writing, "_papers", stops)
    with pytest.raises(KeyboardInterrupt):
        taken_out(cast.receiver, home, to)
    draft = to.with_name("again.part")
    kept = draft / "data" / "tables" / "indicators.Value.csv"
    assert not to.exists()
    before = kept.stat().st_mtime_ns
    monkeypatch.setattr(writing, "_papers", whole)
    copies: list[str] = []
    monkeypatch.setattr(Table, "copy", _counting(copies, Table.copy))
    made = taken_out(cast.receiver, home, to)
    assert copies == []
    assert (to / "data" / "tables" / "indicators.Value.csv").stat().st_mtime_ns == before
    assert files(made.path) == files(bag)
    assert not (to / BEGUN).exists()


def _counting(copies: list[str], copy: Callable[..., None]) -> Callable[..., None]:
    def counted(self: Any, out: Any) -> None:
        copies.append(self.label)
        copy(self, out)

    return counted


# --- who may, and what is refused -------------------------------------------------------------------


def test_the_full_dossier_is_the_stewards(cast: Cast, home: Programme, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        taken_out(cast.stranger, home, tmp_path / "bag")
    for by in (cast.giver, cast.donor, cast.community, cast.auditor):
        with pytest.raises(NotAllowed):
            taken_out(by, home, tmp_path / "bag")
    assert list(tmp_path.iterdir()) == []


def test_nothing_that_is_there_is_overwritten(cast: Cast, home: Programme, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(Invalid):
        taken_out(cast.receiver, home, tmp_path / "there")
    (tmp_path / "other.part").mkdir()
    (tmp_path / "other.part" / "mine.txt").write_text("mine")
    with pytest.raises(Invalid):
        taken_out(cast.receiver, home, tmp_path / "other")
    assert (tmp_path / "other.part" / "mine.txt").read_text() == "mine"
    with pytest.raises(Invalid):
        taken_out(cast.receiver, home, tmp_path / "no" / "folder")


@pytest.mark.parametrize("name", ["../out", "/etc/passwd", "a//b", ".hidden", "a b", "a\nb", "é"])
def test_a_bag_takes_no_name_that_leads_elsewhere(tmp_path: Path, name: str) -> None:
    with Bag(tmp_path / "bag", state="x") as made, pytest.raises(Broken):
        made.put(name, b"x")


def test_by_command(cast: Cast, home: Programme, tmp_path: Path) -> None:
    me = ("--as", cast.receiver.user.email)
    to = tmp_path / "bag"
    assert "The dossier is written to" in said("export_dossier", "XX-TEST-HOME", "--to", str(to), *me)
    assert bagit.Bag(str(to)).validate()
    assert "is there already" in refused("export_dossier", "XX-TEST-HOME", "--to", str(to), *me)
    them = ("--as", cast.donor.user.email)
    assert "answers for the programme" in refused(
        "export_dossier", "XX-TEST-HOME", "--to", str(tmp_path / "b"), *them
    )
