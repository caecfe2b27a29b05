"""A programme goes home over HTTP alone: founded, measured, planned, signed, executed, proved and carried on.

Only organisations, accounts, seats, a place and the tokens are made beforehand. All else is a request.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from handover import clock
from handover.actions import places
from handover.models import Place
from tests.factories.api import Answer, Caller, caller
from tests.factories.cast import Cast
from tests.factories.organisations import OPERATOR

pytestmark = pytest.mark.django_db

EVENING = dt.datetime(2024, 6, 30, 17, 0, tzinfo=dt.UTC)
NEXT_MORNING = dt.datetime(2024, 7, 1, 6, 0, tzinfo=dt.UTC)
FIRST_QUARTER = {"starts_on": "2024-01-01", "ends_on": "2024-03-31"}
THIRD_QUARTER = {"starts_on": "2024-07-01", "ends_on": "2024-09-30"}
DUE = "2024-06-28"


def words(text: str) -> list[dict[str, str]]:
    """Write a text as the interface keeps it."""
    return [{"lang": "en", "text": text}]


@dataclass
class Story:
    """Who plays, each with a token, and the ids that the answers gave."""

    giver: Caller
    reporter: Caller
    receiver: Caller
    community: Caller
    stranger: Caller
    organisations: dict[str, str]
    place: str
    programme: str = ""
    transfer: str = ""
    indicators: tuple[str, str] = ("", "")
    moved: tuple[str, ...] = ()
    act: str = ""
    steps: tuple[str, ...] = ()

    @property
    def plan(self) -> str:
        """Give the address of the transfer."""
        return f"transfers/{self.transfer}"


@pytest.fixture
def story(cast: Cast) -> Story:
    """Give everybody a token; nothing else exists yet."""
    return Story(
        giver=caller(cast.giver),
        reporter=caller(cast.giver_reporter),
        receiver=caller(cast.receiver),
        community=caller(cast.community),
        stranger=caller(cast.stranger),
        organisations={
            name: str(getattr(cast, name).organisation.uuid)
            for name in ("giver", "receiver", "community", "donor")
        },
        place=str(_town().uuid),
    )


def _town() -> Place:
    return places.add_unit(by=OPERATOR, country="RO", nuts3="RO999", code="TEST-TOWN", name="Town")


def test_a_programme_goes_home_by_http_alone(story: Story) -> None:
    # Given a programme with its people's voice, its work, its numbers and its paper.
    given_a_programme_with_its_donor_and_its_community(story)
    given_a_need_that_an_intervention_answers(story)
    given_indicators_whose_values_are_reported_submitted_and_approved(story)
    given_responsibilities_and_the_council_decision(story)
    nobody_else_sees_anything(story)

    # When both sides agree on a plan.
    when_the_giver_draws_up_the_plan(story)
    when_it_is_proposed_the_receiver_reads_who_will_be_able_to_do_what(story)
    when_the_receiver_answers_the_annex_and_accepts(story)
    then_an_early_execution_is_refused_with_every_gate(story)
    when_the_community_votes_and_every_side_signs(story)
    nobody_else_sees_anything(story)

    # Then it goes home in one step, once, and provably.
    with evening():
        before = permissions(story)
        proof = then_the_receiver_executes_it_once(story)
        then_the_proof_says_that_nothing_was_lost(story, proof)
        then_the_permissions_have_changed_sides(story, before)
        then_verification_finds_nothing(story)

    # And life goes on, on the other side.
    with clock.at(NEXT_MORNING):
        then_the_receiver_reports_the_next_quarter(story)
        then_the_giver_reads_up_to_its_cut_off_and_writes_no_more(story)
        then_verification_finds_nothing(story)
        nobody_else_sees_anything(story)


@contextmanager
def evening() -> Iterator[None]:
    """Be in the evening of the handover."""
    with clock.at(EVENING):
        yield


def given_a_programme_with_its_donor_and_its_community(story: Story) -> None:
    giver = story.giver
    founded = giver.post(
        "programmes",
        {
            "identifier": "XX-TEST-HTTP",
            "title": words("A day centre for the whole town"),
            "starts_on": "2022-01-01",
        },
    ).good()
    story.programme = founded["id"]
    assert (founded.status, founded["steward"]) == (201, story.organisations["giver"])
    there = f"programmes/{story.programme}"
    giver.post(f"{there}/work-at", {"place": story.place}).good()
    for name in ("donor", "community"):
        giver.post(f"{there}/admit", {"organisation": story.organisations[name], "kind": name}).good()
    edited = giver.patch(there, {"description": words("Run since 2022.")}, version=founded["version"]).good()
    assert edited["version"] == founded["version"] + 1
    assert giver.patch(there, {"description": words("Too late.")}, version=founded["version"]).status == 412


def given_a_need_that_an_intervention_answers(story: Story) -> None:
    giver, of = story.giver, {"programme": story.programme}
    levels = giver.post(
        "need-levels/define", {**of, "levels": [{"key": "education", "title": words("Education")}]}
    ).good()
    need = giver.post(
        "needs",
        {
            **of,
            "title": words("Children have nowhere to learn after school"),
            "level": levels.body[0]["id"],
            "severity": 3,
        },
    ).good()["id"]
    work = giver.post(
        "interventions", {**of, "title": words("Afternoon lessons"), "field": "education"}
    ).good()
    giver.post(f"interventions/{work['id']}/answer-need", {"need": need}).good()
    assert [row["id"] for row in story.community.get(f"needs?programme={story.programme}").results] == [need]


def given_indicators_whose_values_are_reported_submitted_and_approved(story: Story) -> None:
    giver = story.giver
    under = giver.post(
        "results", {"programme": story.programme, "type": "2", "title": words("Children keep up at school")}
    ).good()["id"]
    plain, checked = (
        giver.post(
            "indicators",
            {"result": under, "measure": "1", "title": words(title), "frequency": "quarterly", **more},
        ).good()["id"]
        for title, more in (("Children who came", {}), ("Lessons that were held", {"approval": True}))
    )
    story.indicators = (plain, checked)
    giver.post(f"indicators/{plain}/baseline", {"year": "2021", "value": "0"}).good()
    giver.post(f"indicators/{plain}/target", {**FIRST_QUARTER, "value": "40"}).good()

    story.reporter.post("values", {"indicator": plain, **FIRST_QUARTER, "rows": [{"value": "38"}]}).good()
    drafted = story.reporter.post("submissions", {"programme": story.programme}).good()
    path = f"submissions/{drafted['id']}"
    rows = [{"indicator": checked, **FIRST_QUARTER, "value": "61"}]
    filled = story.reporter.post(f"{path}/rows", {"rows": rows}, version=drafted["version"]).good()
    handed_in = story.reporter.post(f"{path}/submit", version=filled["version"]).good()
    assert story.reporter.post(f"{path}/approve", version=handed_in["version"]).status == 403
    assert giver.post(f"{path}/approve", version=handed_in["version"]).good()["state"] == "approved"
    assert [row["value"] for row in values_of(story.giver, checked)] == ["61"]


def given_responsibilities_and_the_council_decision(story: Story) -> None:
    giver = story.giver
    story.moved = tuple(
        giver.post(
            "responsibilities",
            {
                "programme": story.programme,
                "title": title,
                "kind": kind,
                "holder": story.organisations["giver"],
            },
        ).good()["id"]
        for title, kind in (("The day centre", "service"), ("Reporting", "reporting"))
    )
    story.act = giver.post(
        "legal-acts",
        {
            "programme": story.programme,
            "issuer": story.organisations["receiver"],
            "kind": "council_decision",
            "number": "47",
            "title": "Taking over the day centre",
            "dated": "2024-05-28",
            "status": "adopted",
        },
    ).good()["id"]


def when_the_giver_draws_up_the_plan(story: Story) -> None:
    giver = story.giver
    story.transfer = giver.post(
        "transfers",
        {
            "programme": story.programme,
            "title": "The day centre goes home",
            "receiver": story.organisations["receiver"],
            "retention_until": "2029-12-31",
            "lead": True,
        },
        key="one-plan",
    ).good()["id"]
    giver.post(f"{story.plan}/include", {"items": [{"responsibility": key} for key in story.moved]}).good()
    giver.post(f"{story.plan}/keep", {"kind": "read_and_export", "until": "2029-12-31"}).good()
    giver.post(f"{story.plan}/list-holdings").good()
    giver.post(
        f"{story.plan}/list-in-annex", {"lines": [{"kind": "open_points", "text": "The key of the gate"}]}
    ).good()
    council = milestone(story, "council_decision", ["giver", "receiver"], legal_act=story.act)
    validation = milestone(
        story,
        "community_validation",
        ["community", "giver", "receiver"],
        waits_for=[council],
        quorum=20,
        on_dissent="pause",
    )
    story.steps = (council, validation)
    assert story.receiver.get(story.plan).status == 404


def milestone(story: Story, kind: str, signs: list[str], **more: Any) -> str:
    """Put a milestone into the plan, and give its id."""
    body = {"transfer": story.transfer, "kind": kind, "title": kind.replace("_", " "), "due_on": DUE}
    return str(story.giver.post("milestones", {**body, "signs": signs, **more}).good()["id"])


def when_it_is_proposed_the_receiver_reads_who_will_be_able_to_do_what(story: Story) -> None:
    story.giver.post(f"{story.plan}/refresh-preview").good()
    proposed = story.giver.post(f"{story.plan}/propose").good()
    assert (proposed["state"], len(proposed["plan_digest"])) == ("proposed", 64)
    preview = story.receiver.get(f"{story.plan}/preview").good()
    assert preview["document"]["roles"]
    assert story.receiver.get(f"{story.plan}/plan").good()["digest"] == proposed["plan_digest"]


def when_the_receiver_answers_the_annex_and_accepts(story: Story) -> None:
    receiver = story.receiver
    lines = receiver.get(f"{story.plan}/annex").good().body
    (key,) = (line["id"] for line in lines if line["kind"] == "open_points")
    reservation = {
        "line": key,
        "decision": "reserved",
        "reservation": "Hand it over on the first day.",
        "owner": story.organisations["giver"],
        "deadline": "2024-07-31",
    }
    receiver.post(f"{story.plan}/answer-annex", {"answers": [reservation]}).good()
    receiver.post(f"{story.plan}/accept-annex").good()
    assert receiver.post(f"{story.plan}/accept").good()["state"] == "accepted"


def then_an_early_execution_is_refused_with_every_gate(story: Story) -> None:
    early = story.receiver.post(f"{story.plan}/execute", key="too-early")
    assert (early.status, early["code"]) == (409, "gates_unmet")
    told = early["details"]["gates"]
    assert told == story.receiver.get(f"{story.plan}/gates").good().body
    assert {"milestone_unmet", "community_validation_missing"} <= {gate["code"] for gate in told}
    assert set(story.steps) <= {gate["subject"] for gate in told}


def when_the_community_votes_and_every_side_signs(story: Story) -> None:
    giver, receiver, community = story.giver, story.receiver, story.community
    council, validation = story.steps
    assert giver.post(f"milestones/{validation}/sign")["code"] == "cannot_start"
    for step in story.steps:
        giver.post(
            "evidence", {"milestone": step, "title": "Minutes", "link": "https://town.example/minutes"}
        ).good()
    for side in (giver, receiver):
        side.post(f"milestones/{council}/sign").good()
    assert giver.get(f"milestones/{council}").good()["done_at"]

    vote = {
        "milestone": validation,
        "held_on": "2024-06-03",
        "asked": words("Shall the town run the day centre?"),
        "present": 31,
        "assent": 29,
        "dissent": 0,
        "abstained": 2,
    }
    held = community.post("votes", vote).good()["id"]
    assert receiver.get(f"votes/{held}/standing").good()["counts"]
    for side in (community, giver, receiver):
        side.post(f"milestones/{validation}/sign").good()
    waiting = giver.get(f"milestones/{validation}/waiting").good()
    assert (waiting["waiting"], waiting["missing"]) == ([], [])
    assert receiver.get(f"{story.plan}/gates").good().body == []


def then_the_receiver_executes_it_once(story: Story) -> Answer:
    assert story.receiver.post(f"{story.plan}/execute").status == 400
    assert story.giver.post(f"{story.plan}/execute", key="not-yours").status == 403
    first = story.receiver.post(f"{story.plan}/execute", key="home").good()
    again = story.receiver.post(f"{story.plan}/execute", key="home").good()
    assert again.body == first.body
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(story.receiver.get(f"proofs?transfer={story.transfer}").results) == 1
    signed = story.giver.post(f"{story.plan}/countersign").good()
    assert (signed["subject"], signed["side"]) == ("proof", "giver")
    return first


def then_the_proof_says_that_nothing_was_lost(story: Story, proof: Answer) -> None:
    for side in (story.giver, story.receiver, story.community):
        told = side.get(f"proofs/{proof['id']}/document").good()
        assert told["digest"] == proof["digest"]
    holdings = {line["name"]: line for line in told["document"]["holdings"]}
    assert all(line["equal"] for line in holdings.values())
    assert holdings["indicators.indicator"]["after"]["count"] == 2
    assert holdings["indicators.value"]["after"]["count"] == 2
    assert holdings["interventions.need"]["after"]["count"] == 1


def permissions(story: Story) -> tuple[set[str], set[str]]:
    """Tell what the giver's and the receiver's manager may do with the programme."""
    path = f"programmes/{story.programme}/permissions"
    giver, receiver = (side.get(path).good()["permissions"] for side in (story.giver, story.receiver))
    return set(giver), set(receiver)


def then_the_permissions_have_changed_sides(story: Story, before: tuple[set[str], set[str]]) -> None:
    giver, receiver = permissions(story)
    kept = {"edit_programme", "manage_standings", "report_values", "plan_transfer"}
    assert kept <= before[0]
    assert not kept & before[1]
    assert kept <= receiver
    assert not kept & giver
    assert {"view", "export"} <= giver
    held = story.receiver.get(f"responsibilities?programme={story.programme}").results
    holders = {
        span["organisation"]
        for row in held
        for span in row["tenures"]
        if span["capacity"] == "holder" and span["until"] is None
    }
    assert holders == {story.organisations["receiver"]}
    assert story.giver.get(f"programmes/{story.programme}/permissions")["cutoff"] == "2024-06-30T17:00:00Z"


def then_verification_finds_nothing(story: Story) -> None:
    assert story.receiver.get(f"programmes/{story.programme}/verification").good().body == []


def then_the_receiver_reports_the_next_quarter(story: Story) -> None:
    plain = story.indicators[0]
    story.receiver.post("values", {"indicator": plain, **THIRD_QUARTER, "rows": [{"value": "41"}]}).good()
    assert [row["value"] for row in values_of(story.receiver, plain)] == ["38", "41"]
    series = story.receiver.get(f"indicators/{plain}/series").good()
    assert {"38", "41"} <= set(numbers(series.body))


def then_the_giver_reads_up_to_its_cut_off_and_writes_no_more(story: Story) -> None:
    giver, plain = story.giver, story.indicators[0]
    assert [row["value"] for row in values_of(giver, plain)] == ["38"]
    assert "41" not in numbers(giver.get(f"indicators/{plain}/series").good().body)
    programme = giver.get(f"programmes/{story.programme}").good()
    late = {"indicator": plain, **THIRD_QUARTER, "rows": [{"value": "99"}]}
    attempts = (
        giver.post("values", late),
        giver.patch(
            f"programmes/{story.programme}", {"description": words("Ours.")}, version=programme["version"]
        ),
        giver.post(f"{story.plan}/revoke", {"reason": "We want it back."}),
    )
    assert [attempt.status for attempt in attempts] == [403, 403, 403]


def values_of(side: Caller, indicator: str) -> list[Any]:
    """Give an indicator's values in the order of what they say."""
    return sorted(side.get(f"values?indicator={indicator}").good().results, key=lambda row: str(row["value"]))


def numbers(told: Any) -> list[str]:
    """Give every text in an answer, wherever it stands."""
    if isinstance(told, dict):
        return [text for item in told.values() for text in numbers(item)]
    if isinstance(told, list):
        return [text for item in told for text in numbers(item)]
    return [told] if isinstance(told, str) else []


def nobody_else_sees_anything(story: Story) -> None:
    """Let a stranger look for all that was made, by list and by id."""
    stranger = story.stranger
    for noun in ("programmes", "transfers", "milestones", "indicators", "needs", "proofs", "sign-offs"):
        assert stranger.get(noun).good().results == []
    assert stranger.get(f"values?indicator={story.indicators[0]}").good().results == []
    paths = [f"programmes/{story.programme}", f"indicators/{story.indicators[0]}/series"]
    paths += [story.plan, f"{story.plan}/plan", f"{story.plan}/gates"] if story.transfer else []
    for path in paths:
        assert (stranger.get(path).status, stranger.get(path)["code"]) == (404, "not_found")
    admission = {"organisation": story.organisations["giver"], "kind": "partner"}
    assert stranger.post(f"programmes/{story.programme}/admit", admission).status == 404
