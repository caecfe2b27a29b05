"""A municipality finds a model that somebody wrote down, makes a programme of it, and keeps what it changed.

It leaves something out, changes something on the way, reports an indicator, and when the model has a second version it
looks at what is new and takes one piece. The ledger tells all of it; nobody else learns anything of it.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from handover.access import asking
from handover.actions import places
from handover.models import LedgerEntry, Programme
from indicators.actions import values
from indicators.models import Indicator
from interventions.actions import models
from interventions.exchange.model_document import shipped
from interventions.models import AdoptedPiece, Adoption, Intervention, Need
from interventions.models.catalogue import PieceKind
from tests.factories.cast import Cast
from tests.factories.models import row_of
from tests.factories.organisations import OPERATOR
from tests.handover.command_line import refused, said, told

pytestmark = pytest.mark.django_db

MODEL = "school-and-documents-first"
PROGRAMME = "RO-MUNI-SCHOOL"
CHANGES = {
    "need:meal": {
        "title": {"ro": "O masă caldă în fiecare zi", "en": "A hot meal every day"},
        "severity": 5,
        "place": "RO:TEST-9",
        "people_affected": 140,
        "people_source": "Count of the two schools",
        "people_as_of": "2024-05-15",
    },
    "intervention:homework-help": {"starts_on": "2024-09-09"},
}


def _second() -> list[dict[str, Any]]:
    """Write version 2: school meals are described anew, and there is a summer school."""
    first = next(file for file in shipped() if file["key"] == MODEL)
    second = json.loads(json.dumps(first)) | {"number": 2, "changes": {"en": "Summer school; warm meals"}}
    meals = next(row for row in second["interventions"] if row["key"] == "school-meals")
    meals["description"] = "A warm meal, cooked in the school's own kitchen."
    second["interventions"].append(
        {
            "key": "summer-school",
            "title": {"en": "Summer school", "ro": "Școală de vară", "lt": "Vasaros mokykla"},
            "field": "non_formal_education",
            "audience": "children",
            "responsibility": "learning-help",
            "needs": ["stay"],
            "after": ["homework-help"],
        }
    )
    return [first, second]


def test_a_municipality_adopts_a_model_and_adapts_it(cast: Cast, tmp_path: Path) -> None:
    as_officer = ("--as", cast.receiver_officer.user.email)
    as_stranger = ("--as", cast.stranger.user.email)

    # It looks for what others did about school, in its own language, and reads what it takes.
    assert "school-and-documents-first, version 1: installed" in said("model", "install")
    found = told("model", "catalogue", "gradinita", "acte", "--field", "education", "--in", "ro")
    assert MODEL in [item["key"] for item in found["models"]]
    shown = said("model", "show", MODEL, "--language", "ro")
    assert "Întâi școala și actele" in shown
    assert "CC-BY-4.0" in shown
    assert "has not been evaluated" in shown

    # It adopts with something left out and something changed. A version that is not there is refused by name.
    places.add_unit(by=OPERATOR, country="RO", nuts3="RO424", code="TEST-9", name="Test town")
    changes = tmp_path / "changes.json"
    changes.write_text(json.dumps(CHANGES), "utf-8")
    adopting = ("model", "adopt", MODEL, PROGRAMME, "--changes", changes, "--language", "ro", *as_officer)
    line = refused(*adopting, "--version", 4)
    assert f"The model {MODEL} has no version 4; it has: 1. [unknown_version]" in line
    with asking(cast.receiver):
        assert not Programme.objects.filter(identifier=PROGRAMME).exists()
    adopted = told(*adopting, "--leave-out", "intervention:walking-bus", "--from", "2024-07-01")
    with asking(cast.receiver):
        programme = Programme.objects.get(identifier=PROGRAMME)
        adoption = Adoption.objects.get(uuid=adopted["adoption"])
        meal = Need.objects.get(programme=programme, severity=5, people_affected=140)
        assert meal.place is not None
        assert (str(meal), meal.place.name) == ("A hot meal every day", "Test town")
        assert Intervention.objects.filter(programme=programme).count() == 10
        served = Indicator.objects.get(programme=programme, unit="meals")

    # It reports an indicator the next quarter as it would any other.
    values.report(
        by=cast.receiver_reporter if served.responsibility_id is None else cast.receiver,
        indicator_uuid=served.uuid,
        starts_on=dt.date(2024, 7, 1),
        ends_on=dt.date(2024, 9, 30),
        rows=[values.Reported(value=2100)],
    )

    # A second version appears. It looks at it, and takes one piece of it.
    models.install(by=OPERATOR, files=_second())
    compared = told("model", "compare", PROGRAMME, *as_officer)
    by_state: dict[str, list[str]] = {}
    for item in compared["pieces"]:
        by_state.setdefault(item["state"], []).append(item["piece"])
    assert (compared["number"], by_state["new"]) == (2, ["intervention:summer-school"])
    assert by_state["changed"] == ["intervention:school-meals"]
    assert by_state["left_out"] == ["intervention:walking-bus"]
    adapted = {item["piece"]: item["adapted"] for item in compared["pieces"] if item["adapted"]}
    assert adapted == {"need:meal": ["title", "severity"]}
    lines = said("model", "compare", PROGRAMME, *as_officer)
    assert "intervention:summer-school  Summer school" in lines
    assert "Adapted here, unchanged in the model" in lines
    assert "unknown_version" in refused(
        "model",
        "take",
        PROGRAMME,
        "intervention:summer-school",
        "--version",
        9,
        "--reason",
        "Now",
        *as_officer,
    )
    said(
        "model",
        "take",
        PROGRAMME,
        "intervention:summer-school",
        "--reason",
        "The parents ask for it",
        *as_officer,
    )
    said(
        "model",
        "leave-out",
        PROGRAMME,
        "intervention:school-meals",
        "--reason",
        "No kitchen yet",
        *as_officer,
    )
    with asking(cast.receiver):
        summer = row_of(adoption, PieceKind.INTERVENTION, "summer-school")
        done = Intervention.objects.get(programme=programme, uuid=summer)
        assert [str(link.after) for link in done.dependencies.all()] == [
            "After-school help and reading aloud"
        ]
        assert Adoption.objects.get(pk=adoption.pk).number == 2

    # Its lineage and its ledger tell where everything came from, and the ledger still verifies.
    pieces = {item["piece"]: item for item in told("model", "pieces", PROGRAMME, *as_officer)["pieces"]}
    assert (pieces["intervention:summer-school"]["number"], pieces["need:stay"]["number"]) == (2, 1)
    assert pieces["intervention:walking-bus"]["row"] is None
    with asking(cast.receiver):
        bodies = LedgerEntry.objects.filter(chain=programme.uuid, body__contains='"verb":"model.')
        told_of = [json.loads(entry.body) for entry in bodies.order_by("seq")]
    assert [entry["verb"] for entry in told_of] == [
        "model.adopted",
        "model.piece_taken",
        "model.piece_left_out",
    ]
    assert told_of[0]["data"]["left_out"] == ["intervention:walking-bus"]
    assert told_of[1]["data"]["reason"] == "The parents ask for it"

    # One day it may hand the work on: the model's steps are a plan that the toolkit reads.
    plan = tmp_path / "plan.json"
    said(
        *("model", "plan", PROGRAMME, "--receiver", cast.giver.organisation.slug, "--last-day", "2027-06-30"),
        *("--retention", "2033-12-31", "--write", plan, "--as", cast.receiver.user.email),
    )
    drafted = told("transfer", "draft", plan, "--as", cast.receiver.user.email)
    assert drafted["transfer"]["state"] == "draft"

    # Another tenant learns nothing: not that it exists, not what it took, not how it went.
    for step in (("compare",), ("pieces",)):
        assert "not_found" in refused("model", *step, PROGRAMME, *as_stranger)
    taking = ("model", "take", PROGRAMME, "need:meal", "--reason", "Curious")
    assert "not_found" in refused(*taking, *as_stranger)
    uptake = told("model", "uptake", MODEL, *as_stranger)["uptake"]
    assert {row["organisations"] for row in uptake if row["key"] == ""} == {"c"}
    assert {row[name] for row in uptake if row["key"] for name in ("reporting", "forward", "median")} <= {"c"}
    with asking(cast.stranger):
        assert not Adoption.objects.exists()
        assert not AdoptedPiece.objects.exists()
