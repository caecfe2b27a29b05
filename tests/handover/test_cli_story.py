"""A handover told on the command line alone: from the draft to the proof, and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from handover.actions import permissions
from handover.models import Programme
from handover.permissions import Permission
from tests.factories.cast import Cast
from tests.handover.command_line import refused, said, told

pytestmark = pytest.mark.django_db

GIVER = ("--as", "manager@giver.example")
RECEIVER = ("--as", "manager@receiver.example")
DONOR = ("--as", "manager@donor.example")
COMMUNITY = ("--as", "community-representative@community.example")
AUDITOR = ("--as", "auditor@auditor.example")


def plan() -> dict[str, Any]:
    """Give a plan as somebody writes it down: out of order, with every kind of part."""
    return {
        "title": "The day centre goes home",
        "receiver": "receiver",
        "lead_steward": True,
        "responsibilities": [
            {"responsibility": "Day centre", "mode": "phase_over", "milestone": "protocol"},
            {"responsibility": "Reporting"},
        ],
        "keeps": [{"organisation": "giver", "what": "read_and_export", "until": "2029-12-31"}],
        "milestones": [
            {
                "key": "protocol",
                "kind": "handover_protocol",
                "title": "Handover protocol signed",
                "due": "2024-09-30",
                "depends_on": ["assembly"],
                "signs": ["giver", "receiver"],
            },
            {
                "key": "assembly",
                "kind": "community_validation",
                "title": "Assembly validates the services",
                "due": "2024-08-31",
                "evidence_required": False,
                "signs": ["community"],
            },
        ],
        "annex": [
            {"kind": "open_points", "text": "The roof leaks", "subject": "Day centre"},
            {"kind": "posts", "text": "One post of an educator"},
        ],
    }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give the plan as a file."""
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan()), "utf-8")
    return path


@pytest.fixture
def transfer(programme: Programme, file: Path) -> str:
    """Give the first eight characters of a transfer that is drawn up."""
    made = told("transfer", "draft", file, "--programme", programme.identifier, *GIVER)
    return str(made["transfer"]["uuid"])[:8]


def agreed(transfer: str) -> None:
    said("transfer", "propose", transfer, *GIVER)
    said("transfer", "accept", transfer, "--with-annex", *RECEIVER)


def signed(transfer: str) -> None:
    said("transfer", "sign", transfer, "--milestone", "assembly", *COMMUNITY)
    said(
        "transfer",
        "evidence",
        transfer,
        "--link",
        "https://receiver.example/minutes",
        "--milestone",
        "protocol",
        *RECEIVER,
    )
    said("transfer", "sign", transfer, "--milestone", "protocol", *GIVER)
    said("transfer", "sign", transfer, "--milestone", "protocol", *RECEIVER)


def state(transfer: str, by: tuple[str, str] = GIVER) -> str:
    return str(told("transfer", "status", transfer, *by)["transfer"]["state"])


def next_of(transfer: str, by: tuple[str, str] = GIVER) -> list[tuple[str, str]]:
    return [(item["side"], item["what"]) for item in told("transfer", "status", transfer, *by)["next"]]


def test_a_handover_is_told_from_draft_to_give_back(programme: Programme, transfer: str) -> None:
    assert next_of(transfer) == [("giver", "propose the plan")]

    agreed(transfer)
    assert state(transfer) == "accepted"

    signed(transfer)
    assert next_of(transfer, RECEIVER) == [("receiver", "execute the transfer")]

    proof = told("transfer", "execute", transfer, "--key", "autumn", *RECEIVER)["proof"]
    assert all(row["equal"] for row in proof["body"]["holdings"])
    assert [item["side"] for item in proof["signatures"]] == ["receiver"]
    assert next_of(transfer) == [("giver", "countersign the continuity proof")]

    countersigned = told("transfer", "countersign", transfer, *GIVER)["proof"]
    assert countersigned["digest"] == proof["digest"]
    assert [item["side"] for item in countersigned["signatures"]] == ["receiver", "giver"]
    assert told("programme", "show", programme.uuid, *RECEIVER)["programme"]["steward"] == "receiver"

    assert "the other side must sign too" in said(
        "transfer", "give-back", transfer, "--reason", "Too early", *RECEIVER
    )
    back = told("transfer", "give-back", transfer, "--reason", "We agree", *GIVER)
    assert back["transfer"]["reverses"]
    assert state(transfer) == "given_back"
    assert told("programme", "show", programme.uuid, *GIVER)["programme"]["steward"] == "giver"


def test_people_read_the_story_without_json(programme: Programme, transfer: str) -> None:
    assert "The day centre goes home" in said("transfer", "plan", transfer, *GIVER)
    preview = said("transfer", "preview", transfer, *GIVER)
    assert "as the plan stands now" in preview
    assert "gains" in preview
    assert "loses" in preview
    agreed(transfer)
    assert "as it was signed" in said("transfer", "preview", transfer, *RECEIVER)
    assert "✗ “Assembly validates the services”" in said("transfer", "status", transfer, *RECEIVER)
    signed(transfer)
    assert "counts, sums and digests are equal" in said("transfer", "execute", transfer, *RECEIVER)
    assert "Continuity proof" in said("transfer", "proof", transfer, *GIVER)
    assert "Nothing stands in the way" not in said("transfer", "status", transfer, *GIVER)


def test_a_transfer_is_named_by_its_uuid_or_by_a_prefix_that_only_it_has(transfer: str) -> None:
    whole = told("transfer", "plan", transfer, *GIVER)["transfer"]["uuid"]

    assert told("transfer", "plan", whole, *GIVER)["transfer"]["uuid"] == whole
    assert told("transfer", "plan", whole[:13].upper(), *GIVER)["transfer"]["uuid"] == whole
    assert told("transfer", "plan", whole.replace("-", "")[:20], *GIVER)["transfer"]["uuid"] == whole
    assert "at least its first 8 characters" in refused("transfer", "plan", whole[:7], *GIVER)
    assert "[not_found]" in refused("transfer", "plan", "00000000", *GIVER)


def test_whoever_has_no_standing_is_told_that_there_is_no_such_transfer(transfer: str, cast: Cast) -> None:
    for step in (
        "plan",
        "status",
        "preview",
        "proof",
        "annex",
        "propose",
        "accept",
        "execute",
        "countersign",
    ):
        assert "[not_found]" in refused("transfer", step, transfer, "--as", cast.stranger.user.email)
    assert "no transfer that you may read" in said("transfer", "list", "--as", cast.stranger.user.email)


def test_an_auditor_reads_the_plan_and_signs_nothing(transfer: str) -> None:
    agreed(transfer)

    assert told("transfer", "status", transfer, *AUDITOR)["gates"]
    assert "[only_reads]" in refused("transfer", "sign", transfer, "--milestone", "assembly", *AUDITOR)


def test_the_plan_goes_back_with_comments_is_changed_and_proposed_again(
    transfer: str, tmp_path: Path
) -> None:
    said("transfer", "propose", transfer, *GIVER)
    said("transfer", "return", transfer, "--comment", "Train us first", *RECEIVER)
    more = tmp_path / "more.json"
    more.write_text(
        json.dumps(
            {
                "milestones": [
                    {
                        "kind": "training_completed",
                        "title": "Team is trained",
                        "due": "2024-09-01",
                        "depends_on": ["Assembly validates the services"],
                        "signs": ["receiver"],
                    }
                ]
            }
        ),
        "utf-8",
    )

    said("transfer", "draft", more, "--into", transfer, *GIVER)
    said("transfer", "postpone", transfer, "--milestone", "trained", "--due", "2024-09-15", *GIVER)
    said("transfer", "propose", transfer, *GIVER)

    milestones = {
        item["title"]: item for item in told("transfer", "status", transfer, *RECEIVER)["milestones"]
    }
    assert milestones["Team is trained"]["due_on"] == "2024-09-15"
    assert milestones["Team is trained"]["state"] == "waits for others"
    assert "Train us first" in said("transfer", "status", transfer, *RECEIVER)


def test_a_refusal_names_every_unmet_gate_a_line_each(transfer: str) -> None:
    said("transfer", "propose", transfer, *GIVER)
    said("transfer", "accept", transfer, *RECEIVER)

    lines = refused("transfer", "execute", transfer, *RECEIVER).splitlines()

    assert lines[0] == "error: The transfer cannot be executed yet: 5 gates are unmet. [gates_unmet]"
    assert [line.rpartition("[")[2] for line in lines[1:]] == [
        "milestone_unmet]",
        "milestone_unmet]",
        "community_validation_missing]",
        "annex_unanswered]",
        "annex_unanswered]",
    ]


def test_annex_lines_are_accepted_refused_and_reserved(transfer: str) -> None:
    said("transfer", "propose", transfer, *GIVER)

    assert "goes with --reserve" not in said("transfer", "annex", transfer, *RECEIVER)
    said("transfer", "annex", transfer, "--accept", "2", *RECEIVER)
    reserving = (
        "--reserve",
        "roof",
        "--text",
        "Mend it first",
        "--owner",
        "giver",
        "--deadline",
        "2024-12-01",
    )
    rows = told("transfer", "annex", transfer, *reserving, *RECEIVER)["annex"]

    assert [row["decision"] for row in rows] == ["reserved", "accepted"]
    assert (rows[0]["owner"], rows[0]["deadline"]) == ("giver", "2024-12-01")
    assert "[not_receiver]" in refused("transfer", "annex", transfer, "--accept-all", *GIVER)
    assert "[unknown_line]" in refused("transfer", "annex", transfer, "--accept", "3", *RECEIVER)
    assert "[reservation_incomplete]" in refused("transfer", "annex", transfer, "--reserve", "1", *RECEIVER)
    assert "[usage]" in refused("transfer", "annex", transfer, "--owner", "giver", *RECEIVER)
    assert "[answered_twice]" in refused(
        "transfer", "annex", transfer, "--accept", 1, "--refuse", 1, *RECEIVER
    )


def test_a_refused_annex_line_is_said_to_be_settled_next(transfer: str) -> None:
    said("transfer", "propose", transfer, *GIVER)
    said("transfer", "annex", transfer, "--refuse", "roof", "--accept", "post", *RECEIVER)
    said("transfer", "accept", transfer, *RECEIVER)
    signed(transfer)

    assert next_of(transfer) == [("receiver", "settle the annex line that it refused, “The roof leaks”")]


def test_an_objection_keeps_a_milestone_open_and_a_dissent_does_not(transfer: str) -> None:
    agreed(transfer)
    naming = ("--milestone", "assembly")

    objection = said("transfer", "sign", transfer, *naming, "--objects", "Not heard yet", *COMMUNITY)
    assert objection.startswith("The community objects to")
    assert "Not heard yet" in refused("transfer", "execute", transfer, *RECEIVER)

    dissent = said("transfer", "sign", transfer, *naming, "--with-dissent", "Heard late", *COMMUNITY)
    assert "the milestone is done" in dissent
    assert "[milestone_done]" in refused("transfer", "sign", transfer, *naming, *COMMUNITY)
    assert "[usage]" in refused(
        "transfer", "sign", transfer, *naming, "--objects", "a", "--with-dissent", "b", *COMMUNITY
    )


def test_signing_says_what_moved_and_needs_its_evidence_first(transfer: str, tmp_path: Path) -> None:
    agreed(transfer)
    said("transfer", "sign", transfer, "--milestone", "assembly", *COMMUNITY)
    letter = tmp_path / "protocol.pdf"
    letter.write_bytes(b"signed minutes")

    assert "[evidence_missing]" in refused("transfer", "sign", transfer, "--milestone", "protocol", *GIVER)
    added = told("transfer", "evidence", transfer, letter, "--milestone", "protocol", *GIVER)["evidence"]
    said("transfer", "sign", transfer, "--milestone", "protocol", *GIVER)

    assert added["title"] == "protocol.pdf"
    assert len(added["sha256"]) == 64
    assert "moved: Day centre" in said("transfer", "sign", transfer, "--milestone", "protocol", *RECEIVER)


def test_evidence_that_names_people_has_verifiers_and_a_last_day(transfer: str, tmp_path: Path) -> None:
    agreed(transfer)
    said("transfer", "sign", transfer, "--milestone", "assembly", *COMMUNITY)
    names = tmp_path / "list.csv"
    names.write_bytes(b"somebody")
    typed = ("transfer", "evidence", transfer, names, "--milestone", "protocol", "--names-people")

    assert "[erasure_missing]" in refused(*typed, *GIVER)
    assert "[unknown_account]" in refused(
        *typed, "--erase-after", "2025-01-01", "--verifier", "no@one.example", *GIVER
    )
    text = said(*typed, "--erase-after", "2025-01-01", "--verifier", RECEIVER[1], *GIVER)

    assert f"erased after 2025-01-01; it opens to: {RECEIVER[1]}" in text


def test_the_same_key_gives_the_same_proof_and_another_is_refused(transfer: str) -> None:
    agreed(transfer)
    signed(transfer)
    typed = ("transfer", "execute", transfer, "--key")

    first = told(*typed, "one", *RECEIVER)["proof"]["digest"]

    assert told(*typed, "one", *RECEIVER)["proof"]["digest"] == first
    assert "[already_executed]" in refused(*typed, "two", *RECEIVER)
    assert "[not_receiver]" in refused(*typed, "one", *GIVER)
    assert "[key_too_long]" in refused(*typed, "k" * 81, *RECEIVER)


def test_a_proposal_is_refused_and_the_receiver_reads_no_more(transfer: str) -> None:
    said("transfer", "propose", transfer, *GIVER)

    text = said("transfer", "refuse", transfer, "--reason", "No budget", *RECEIVER)

    assert "your organisation no longer reads it" in text
    assert "[not_found]" in refused("transfer", "status", transfer, *RECEIVER)
    assert state(transfer) == "refused"
    assert "No budget" in said("transfer", "status", transfer, *GIVER)


def test_a_transfer_is_revoked_and_what_moved_goes_back(programme: Programme, transfer: str) -> None:
    agreed(transfer)
    signed(transfer)
    duties = told("programme", "show", programme.uuid, *GIVER)["responsibilities"]
    assert {item["title"]: item["holder"] for item in duties}["Day centre"] == "receiver"

    said("transfer", "revoke", transfer, "--reason", "The grant was cut", *GIVER)

    duties = told("programme", "show", programme.uuid, *GIVER)["responsibilities"]
    assert {item["title"]: item["holder"] for item in duties}["Day centre"] == "giver"
    assert state(transfer) == "revoked"
    assert "[plan_fixed]" in refused("transfer", "propose", transfer, *GIVER)


def test_exceptions_are_listed_and_mapped(programme: Programme, cast: Cast, transfer: str) -> None:
    permissions.except_user(
        by=cast.giver,
        thing=programme,
        user=cast.giver_reporter.user,
        organisation=cast.giver.organisation,
        permission=Permission.EXPORT,
        reason="Takes the archive out",
    )
    (found,) = told("transfer", "map", transfer, *GIVER)["exceptions"]
    assert found["outcome"] == "unmapped"
    assert ("giver", "say where Reporter of giver's exception “export” goes") in next_of(transfer)

    assert "[usage]" in refused("transfer", "map", transfer, found["key"], *GIVER)
    assert "[no_exception]" in refused("transfer", "map", transfer, "nothing", "--lost", *GIVER)
    said("transfer", "map", transfer, found["key"], "--to", "officer@receiver.example", *GIVER)

    assert told("transfer", "map", transfer, *GIVER)["exceptions"][0]["outcome"] == "to Officer of receiver"


def test_the_list_is_filtered_by_programme_and_state(programme: Programme, transfer: str) -> None:
    assert [row["title"] for row in told("transfer", "list", *GIVER)["transfers"]] == [
        "The day centre goes home"
    ]
    assert told("transfer", "list", "--state", "executed", *GIVER)["transfers"] == []
    assert len(told("transfer", "list", "--programme", programme.identifier, *GIVER)["transfers"]) == 1
    assert "[not_found]" in refused("transfer", "list", "--programme", "XX-NONE", *GIVER)
    assert transfer in said("transfer", "list", *GIVER)
