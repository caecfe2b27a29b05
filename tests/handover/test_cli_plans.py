"""A plan document is entered wholly or not at all; whatever is wrong with it is named at once, with its path."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from handover.access import asking
from handover.actions import registers
from handover.models import Post, Programme, Responsibility, Transfer
from tests.factories.cast import Cast
from tests.factories.programmes import responsibility
from tests.handover.command_line import refused, said, told
from tests.handover.test_cli_story import GIVER, RECEIVER, plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """Give a function that writes a document down and gives its path."""

    def write(document: object) -> Path:
        path = tmp_path / "plan.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document), "utf-8")
        return path

    return write


def paths(text: str) -> list[str]:
    """Give the paths that a refusal names."""
    return [line.strip().partition(": ")[0] for line in text.splitlines()[1:]]


def drafts(cast: Cast) -> int:
    with asking(cast.giver):
        return Transfer.objects.count()


def test_every_error_of_form_is_named_with_its_path(cast: Cast, programme: Programme, written: Any) -> None:
    document = {
        "title": "",
        "colour": "red",
        "receiver": 7,
        "lead_steward": "yes",
        "give_back_days": -1,
        "responsibilities": [
            {"responsibility": "Day centre", "mode": "phase_up", "milestone": "none"},
            "Reporting",
        ],
        "keeps": [{"what": "owed_results", "until": "2024-02-30"}],
        "milestones": [
            {
                "key": "a",
                "kind": "party",
                "title": "A",
                "due": 20240101,
                "signs": ["donr"],
                "depends_on": ["b"],
            },
            {"key": "a", "kind": "co_delivery", "title": "t" * 301, "due": "2024-01-01", "signs": []},
        ],
        "annex": {"kind": "posts"},
        "mappings": [{"to": "x"}],
    }

    text = refused("transfer", "draft", written(document), "--programme", programme.identifier, *GIVER)

    assert "[document_invalid]" in text.splitlines()[0]
    assert set(paths(text)) == {
        "$.annex",
        "$.colour",
        "$.give_back_days",
        "$.keeps[0].until",
        "$.lead_steward",
        "$.mappings[0].exception",
        "$.milestones[0].depends_on[0]",
        "$.milestones[0].due",
        "$.milestones[0].kind",
        "$.milestones[0].signs",
        "$.milestones[1].key",
        "$.milestones[1].signs",
        "$.milestones[1].title",
        "$.receiver",
        "$.responsibilities[0].milestone",
        "$.responsibilities[0].mode",
        "$.responsibilities[1]",
        "$.retention_until",
        "$.title",
    }
    assert drafts(cast) == 0


def test_every_error_of_substance_is_named_with_its_path(
    cast: Cast, programme: Programme, written: Any
) -> None:
    responsibility(programme, by=cast.giver, title="Twice")
    responsibility(programme, by=cast.giver, title="Twice")
    responsibility(programme, by=cast.giver, title="Of the donor", holder=cast.donor.organisation)
    document = plan()
    document["responsibilities"] += [
        {"responsibility": "Nowhere", "milestone": "assembly"},
        {"responsibility": "Twice"},
        {"responsibility": "Of the donor"},
        {"responsibility": "Reporting", "provider_after": "nobody"},
    ]
    document["milestones"][0]["legal_act"] = "HCL 7"
    document["milestones"][1]["moves"] = ["Day centre", "Elsewhere"]
    document["keeps"] += [
        {"what": "owed_results", "until": "2025-01-01", "indicators": ["nothing"]},
        {"organisation": "donor", "what": "read_and_export", "until": "2029-12-31"},
    ]
    document["annex"][0]["subject"] = "A boat"
    document["mappings"] = [{"exception": "none", "to": None}, {"exception": "none", "to": "no@one.example"}]

    text = refused("transfer", "draft", written(document), "--programme", programme.identifier, *GIVER)

    assert set(paths(text)) == {
        "$.annex[0].subject",
        "$.keeps[1].indicators[0]",
        "$.keeps[2].organisation",
        "$.mappings[0].exception",
        "$.mappings[1].to",
        "$.milestones[0].legal_act",
        "$.milestones[1].moves[0]",
        "$.milestones[1].moves[1]",
        "$.responsibilities[2].responsibility",
        "$.responsibilities[3].responsibility",
        "$.responsibilities[4].responsibility",
        "$.responsibilities[5].responsibility",
    }
    assert drafts(cast) == 0


def test_an_unknown_receiver_does_not_hide_the_other_errors(programme: Programme, written: Any) -> None:
    document = plan() | {"receiver": "nobody"}
    document["responsibilities"].append({"responsibility": "Nowhere"})

    text = refused("transfer", "draft", written(document), "--programme", programme.identifier, *GIVER)

    assert paths(text) == ["$.receiver", "$.responsibilities[2].responsibility"]


def test_what_the_transfer_itself_breaks_has_a_path_too(programme: Programme, written: Any) -> None:
    document = plan() | {"receiver": "giver"}
    typed = ("--programme", programme.identifier, *GIVER)
    assert paths(refused("transfer", "draft", written(document), *typed)) == ["$.receiver"]

    document = plan() | {"retention_until": "2020-01-01", "keeps": []}
    assert paths(refused("transfer", "draft", written(document), *typed)) == ["$.retention_until"]

    said("transfer", "draft", written(plan()), *typed)
    assert "$.lead_steward" in paths(refused("transfer", "draft", written(plan()), *typed))


def test_milestones_that_wait_for_each_other_are_named_as_a_ring(programme: Programme, written: Any) -> None:
    document = plan()
    document["milestones"][1]["depends_on"] = ["protocol"]

    text = refused("transfer", "draft", written(document), "--programme", programme.identifier, *GIVER)

    assert "protocol → assembly → protocol" in text


def test_references_are_titles_or_uuids(cast: Cast, programme: Programme, written: Any) -> None:
    duties = {
        item["title"]: item["uuid"]
        for item in told("programme", "show", programme.identifier, *GIVER)["responsibilities"]
    }
    document = plan() | {"receiver": str(cast.receiver.organisation.uuid), "programme": str(programme.uuid)}
    document["responsibilities"][0]["responsibility"] = duties["Day centre"]

    made = told("transfer", "draft", written(document), *GIVER)["transfer"]["uuid"]

    found = told("transfer", "plan", made, *GIVER)["plan"]
    assert {item["title"] for item in found["responsibilities"]} == {"Day centre", "Reporting"}
    moving = {item["title"]: item["milestone"] for item in found["responsibilities"]}
    protocol = next(item for item in found["milestones"] if item["kind"] == "handover_protocol")
    assert moving == {"Day centre": protocol["uuid"], "Reporting": None}
    assert protocol["waits_for"] == [item["uuid"] for item in found["milestones"] if item != protocol]
    assert {line["subject"] for line in found["annex"]} == {duties["Day centre"], None}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "not_json"),
        ("{'title': 1}", "not_json"),
        ('{"title": "a",\n "b": }', "not_json"),
        ("[" * 100_000, "not_json"),
        ("[{}, {}]", "not_a_plan"),
        ("null", "not_a_plan"),
        ("7", "not_a_plan"),
        ("{}", "document_invalid"),
        ('{"title": "\\u0000", "receiver": "\\ud800"}', "document_invalid"),
        ('{"give_back_days": 1e400, "title": NaN}', "document_invalid"),
    ],
)
def test_a_file_that_is_no_plan_is_one_clear_line(
    programme: Programme, written: Any, content: str, code: str
) -> None:
    text = refused("transfer", "draft", written(content), "--programme", programme.identifier, *GIVER)

    assert f"[{code}]" in text.splitlines()[0]


def test_the_line_of_broken_json_is_named(programme: Programme, written: Any) -> None:
    text = refused("transfer", "draft", written('{"title": "a",\n "b": }'), "--programme", "x", *GIVER)

    assert "plan.json, line 2, column 7" in text


def test_a_file_that_is_not_there_or_not_utf8_is_one_clear_line(programme: Programme, tmp_path: Path) -> None:
    latin = tmp_path / "latin.json"
    latin.write_bytes(b'{\n "title": "\xe9"}')
    large = tmp_path / "large.json"
    large.write_bytes(b" " * (5 * 1024 * 1024 + 1))

    assert "[file_unusable]" in refused("transfer", "draft", tmp_path / "none.json", *GIVER)
    assert "[file_unusable]" in refused("transfer", "draft", tmp_path, *GIVER)
    assert "line 2: it is not UTF-8. [not_utf8]" in refused("transfer", "draft", latin, *GIVER)
    assert "[document_too_large]" in refused("transfer", "draft", large, *GIVER)


def test_a_plan_needs_its_programme_and_the_right_to_plan(
    programme: Programme, cast: Cast, written: Any
) -> None:
    assert "[programme_missing]" in refused("transfer", "draft", written(plan()), *GIVER)
    typed = ("transfer", "draft", written(plan()), "--programme", programme.identifier)
    assert "[not_found]" in refused(*typed, *RECEIVER)
    assert "[not_allowed]" in refused(*typed, "--as", cast.donor.user.email)


def test_machines_get_the_errors_as_a_list(programme: Programme, written: Any) -> None:
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command(
            "transfer", "draft", str(written("{}")), "--json", *GIVER, stdout=out, stderr=io.StringIO()
        )

    error = json.loads(out.getvalue())["error"]
    assert error["code"] == "document_invalid"
    assert {item["path"] for item in error["details"]["errors"]} == {
        "$.title",
        "$.receiver",
        "$.retention_until",
    }


def test_a_document_adds_only_to_a_plan_that_is_being_drawn_up(programme: Programme, written: Any) -> None:
    made = told("transfer", "draft", written(plan()), "--programme", programme.identifier, *GIVER)[
        "transfer"
    ]["uuid"]
    assert paths(refused("transfer", "draft", written(plan()), "--into", made, *GIVER))[0] == "$"
    unknown = {"milestones": [plan()["milestones"][0] | {"key": "x", "depends_on": ["nothing"]}]}
    assert paths(refused("transfer", "draft", written(unknown), "--into", made, *GIVER)) == [
        "$.milestones[0].depends_on[0]"
    ]

    said("transfer", "propose", made, *GIVER)

    assert "[plan_fixed]" in refused("transfer", "draft", written({"annex": []}), "--into", made, *GIVER)


def test_all_that_the_apps_hold_can_be_listed_in_the_annexes(
    cast: Cast, programme: Programme, written: Any
) -> None:
    with asking(cast.giver):
        centre = Responsibility.objects.get(title="Day centre")
    registers.enter(
        by=cast.giver,
        register=Post,
        responsibility_uuid=centre.uuid,
        title="Educator",
        fte="1.00",
        funded_by="grant",
        starts_on=dt.date(2024, 1, 1),
    )

    typed = ("transfer", "draft", written(plan()), "--programme", programme.identifier, "--list-holdings")
    made = told(*typed, *GIVER)["transfer"]["uuid"]

    assert "Educator, 1 FTE, paid by the grant" in said("transfer", "annex", made, *GIVER)
