"""The demonstration: as rich as the field, loaded once, handed over, proven, and found again."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from handover import clock, terminal
from handover.access import asking
from handover.actions import executions, transfers
from handover.errors import Gate, NotAllowed, Refused
from handover.exchange.demonstration import story
from handover.exchange.demonstration.found import FOLDER, Demonstration, find, lead_key, read, values
from handover.exchange.demonstration.loading import load
from handover.holdings import Conserved, Finding
from handover.management.commands.demo import narration, verified
from handover.models import (
    AnnexLine,
    Checkpoint,
    Equipment,
    Evidence,
    LedgerEntry,
    Organisation,
    Programme,
    Responsibility,
    Transfer,
    TransferMilestone,
    User,
)
from handover.models.responsibilities import ResponsibilityScope
from handover.permissions import Permission, Role
from indicators.models import Indicator, Value
from interventions.models import Intervention, Need
from interventions.models.interventions import Field, Strand

NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
"""The day on which the story is told."""


def rows(name: str) -> Any:
    return read(name)


def reported() -> list[dict[str, str]]:
    return list(csv.DictReader((FOLDER / "values.csv").read_text("utf-8").splitlines()))


# --- the files: what the field asks of a demonstration ----------------------------------------------------------


def test_there_are_forty_needs_and_more_on_four_levels() -> None:
    parents = {row["key"]: row.get("parent") for row in rows("needs")["needs"]}

    def depth(key: str) -> int:
        above = parents[key]
        return 1 if above is None else 1 + depth(above)

    assert len(parents) >= 40
    assert {depth(key) for key in parents} == {1, 2, 3, 4}


def test_fifteen_interventions_and_more_cover_every_field_and_strand() -> None:
    done = rows("interventions")
    assert len(done) >= 15
    assert {row["field"] for row in done} == set(Field.values)
    assert {row["strand"] for row in done if "strand" in row} == set(Strand.values)


def test_thirty_indicators_and_more_have_twelve_quarters_by_gender_and_age() -> None:
    quarters, genders, ages = (defaultdict(set) for _ in range(3))
    for row in reported():
        quarters[row["indicator"]].add(row["start"])
        genders[row["indicator"]].add(row["gender"])
        ages[row["indicator"]].add(row["age"])
    full = [
        key
        for key, starts in quarters.items()
        if len(starts) == 12 and genders[key] >= {"women", "men"} and ages[key] >= {"children", "adults"}
    ]
    assert len(full) >= 30
    assert {start[:4] for starts in quarters.values() for start in starts} == {"2023", "2024", "2025"}


def test_three_receivers_take_over_and_one_becomes_steward_after_twelve_milestones() -> None:
    plans = rows("transfers")
    (lead,) = [plan for plan in plans if plan["lead_steward"]]
    assert len({plan["receiver"] for plan in plans}) == 3
    assert len(lead["milestones"]) == 12
    assert all(len(plan["milestones"]) >= 5 for plan in plans)
    for plan in plans:
        assert {"donor_consent", "community_validation"} <= {row["kind"] for row in plan["milestones"]}


def test_registers_hold_posts_a_licence_a_contract_and_equipment_on_both_sides_of_the_threshold() -> None:
    registers, threshold = rows("registers"), Decimal(rows("grant")["equipment_threshold"])
    costs = [Decimal(row["cost"]) for row in registers["equipment"]]
    assert registers["posts"]
    assert len(registers["licences"]) == 1
    assert len(registers["contracts"]) == 1
    assert any(cost > threshold for cost in costs)
    assert any(cost <= threshold for cost in costs)


def test_the_budget_moves_from_the_grant_to_the_municipality_over_three_years() -> None:
    sums: defaultdict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for row in rows("registers")["budget_lines"]:
        sums[row["year"], row["source"]] += Decimal(row["amount"])
    shares = [
        sums[year, "municipality"] / (sums[year, "grant"] + sums[year, "municipality"])
        for year in (2025, 2026, 2027)
    ]
    assert shares[0] < shares[1] < shares[2]


def test_a_romanian_and_a_lithuanian_municipality_have_names_that_cannot_be_mistaken() -> None:
    everybody = rows("organisations")
    assert {row["country"] for row in everybody if row["kind"] == "municipality"} == {"RO", "LT"}
    words = ("exemplu", "demo", "pavyzd")
    assert [row["name"] for row in everybody if not any(word in row["name"].lower() for word in words)] == []
    assert [row["email"] for row in rows("people") if not row["email"].endswith(".example")] == []


def test_a_share_of_nobody_is_not_reported() -> None:
    left_out = [row for row in reported() if not row["value"]]
    assert {row["denominator"] for row in left_out} == {"0"}
    assert len(values().splitlines()) == len(reported()) - len(left_out) + 1


# --- the story, told once for all the tests below ---------------------------------------------------------------


@dataclass
class Told:
    """The demonstration after its story, and what was seen on the way."""

    demo: Demonstration
    lines: list[str] = field(default_factory=list)
    before: list[Conserved] = field(default_factory=list)
    after: list[Conserved] = field(default_factory=list)
    gates: Sequence[Gate] = ()


@pytest.fixture(scope="module")
def told(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Told]:
    """Load the demonstration, interrupt its story, go on with it to its end; undone after this module.

    Each test is a savepoint in it. Without a marked test there would be no test database at all.
    """
    assert str(connection.settings_dict["NAME"]).startswith("test_"), (
        "mark what uses this fixture with django_db"
    )
    with django_db_blocker.unblock(), transaction.atomic():
        with clock.at(NOW):
            demo, new = load()
            assert new
            found = Told(demo)
            for step in story.signed_until_last_act(demo):
                if step.receiver.startswith("Pavyzd"):
                    break
            story_so_far = find()
            assert story_so_far is not None
            found.before = conserved(demo)
            for line in narration(story_so_far):
                found.lines.append(line)
                if "last signatures" in line and not found.gates:
                    found.gates = story.try_to_execute(demo, lead_key())
            found.after = conserved(demo)
            yield found
        transaction.set_rollback(True)


def conserved(demo: Demonstration) -> list[Conserved]:
    with asking(demo.giver):
        programme = Programme.objects.get(uuid=demo.programme.uuid)
        return [row for rows in executions.snapshot(programme).values() for row in rows]


@pytest.mark.django_db
def test_everything_that_the_files_hold_is_loaded(told: Told) -> None:
    with asking(told.demo.giver):
        mine = {"programme__uuid": told.demo.programme.uuid}
        # Those that came of a split stand beside the one that they came of.
        parts = sum(len(row.get("parts", ())) for row in rows("lineage"))
        assert Need.objects.filter(**mine).count() == len(rows("needs")["needs"]) + parts
        assert Intervention.objects.filter(**mine).count() == len(rows("interventions"))
        defined = sum(len(row["indicators"]) for row in rows("indicators")["results"])
        assert Indicator.objects.filter(**mine).count() == defined
        # One more: the quarter that the new steward reported.
        assert Value.objects.filter(**mine).count() == len(values().splitlines()) - 1 + 1
        assert Responsibility.objects.filter(**mine).count() == len(rows("responsibilities"))
        assert Equipment.objects.filter(**mine).count() == len(rows("registers")["equipment"])
        planned = sum(len(plan["milestones"]) for plan in rows("transfers"))
        assert TransferMilestone.objects.filter(**mine).count() == planned


@pytest.mark.django_db
def test_loading_again_finds_it_and_changes_nothing(told: Told) -> None:
    entries = LedgerEntry.objects.count()
    organisations = Organisation.objects.count()

    again, new = load()

    assert not new
    assert again.programme.uuid == told.demo.programme.uuid
    assert again.transfers == told.demo.transfers
    assert again.milestones == told.demo.milestones
    assert (LedgerEntry.objects.count(), Organisation.objects.count()) == (entries, organisations)


@pytest.mark.django_db
def test_a_responsibility_says_of_which_intervention_it_is_where_only_one_rests_on_it(told: Told) -> None:
    with asking(told.demo.giver):
        made = Responsibility.objects.filter(programme__uuid=told.demo.programme.uuid)
        scoped = made.filter(scope=ResponsibilityScope.INTERVENTION)
        assert scoped.exists()
        for responsibility in scoped:
            (resting,) = Intervention.objects.filter(responsibility=responsibility)
            assert resting.uuid == responsibility.intervention_uuid


@pytest.mark.django_db
def test_the_story_ends_with_a_new_steward_and_three_equal_proofs_signed_by_both_sides(told: Told) -> None:
    for plan in rows("transfers"):
        proof, signatures = story.proven(told.demo, plan["key"])
        document = json.loads(proof.body)
        assert [row["name"] for row in document["holdings"] if not row["equal"]] == []
        assert [signature.side for signature in signatures] == ["receiver", "giver"]
    with asking(told.demo.giver):
        programme = Programme.objects.select_related("steward").get(uuid=told.demo.programme.uuid)
        assert programme.steward.slug == "primaria-valea-exemplu"
        assert not Transfer.objects.filter(programme=programme).exclude(state="executed").exists()


@pytest.mark.django_db
def test_verification_finds_nothing_and_a_checkpoint_is_signed(told: Told) -> None:
    assert verified(told.demo) == []
    assert bytes(Checkpoint.objects.latest().signature)


@pytest.mark.django_db
def test_rows_of_the_holdings_are_what_they_were_but_for_evidence_and_the_next_quarter(told: Told) -> None:
    before = {row.name: row for row in told.before}
    grown = {row.name for row in told.after if row != before[row.name]}
    votes = {"handover.communityvote", "handover.dissentreason", "handover.dissentanswer"}
    assert grown == votes | {
        "handover.evidence",
        "handover.storedfile",
        "handover.sustainabilitycheck",
        "indicators.period",
        "indicators.value",
    }
    counts = {row.name: row.count - before[row.name].count for row in told.after}
    assert (counts["indicators.period"], counts["indicators.value"]) == (1, 1)


@pytest.mark.django_db
def test_a_try_before_the_last_act_names_every_gate_at_once(told: Told) -> None:
    codes = [gate.code for gate in told.gates]
    assert codes.count("milestone_unmet") == 3
    assert codes.count("other_transfer_open") == 2
    assert "community_validation_missing" in codes
    assert "responsibility_left" not in codes, "another plan moves what is left"


@pytest.mark.django_db
def test_an_interrupted_story_goes_on_where_it_was(told: Told) -> None:
    with asking(told.demo.giver):
        mine = TransferMilestone.objects.filter(programme__uuid=told.demo.programme.uuid)
        assert not mine.filter(done_at=None).exists()
        twice = [
            item.title
            for item in mine
            if item.evidence.count() != 1 or len(item.signs) != item.signoffs.count()
        ]
    assert twice == []


@pytest.mark.django_db
def test_milestones_are_signed_on_their_days_and_never_after_the_present(told: Told) -> None:
    with asking(told.demo.giver):
        for milestone in TransferMilestone.objects.filter(programme__uuid=told.demo.programme.uuid):
            assert milestone.done_at is not None
            assert milestone.done_at.date() == min(milestone.due_on, NOW.date())


@pytest.mark.django_db
def test_what_names_people_opens_to_named_verifiers_and_has_its_last_day(told: Told) -> None:
    with asking(told.demo.giver):
        named = list(Evidence.objects.filter(programme__uuid=told.demo.programme.uuid, names_people=True))
        assert named
        for item in named:
            assert item.erase_after is not None
            assert item.verifiers.exists()


@pytest.mark.django_db
def test_the_annexes_say_which_equipment_needs_proof_of_transfer(told: Told) -> None:
    with asking(told.demo.giver):
        lines = AnnexLine.objects.filter(programme__uuid=told.demo.programme.uuid, kind="equipment")
        assert lines.count() == len(rows("registers")["equipment"])
        assert lines.filter(text__contains="above the threshold").exists()


@pytest.mark.django_db
def test_the_former_officer_is_refused_and_the_municipal_officer_goes_on(told: Told) -> None:
    officer = told.demo.actor("punte-exemplu", Role.OFFICER)
    with pytest.raises(NotAllowed), asking(officer):
        transfers.draft(
            by=officer,
            programme_uuid=told.demo.programme.uuid,
            title="Once more",
            receiver=told.demo.organisations["directia-exemplu"],
            retention_until=dt.date(2032, 12, 31),
        )
    text = "\n".join(told.lines)
    assert "Community development officer, Romanian municipality: reported" in text
    assert text.count("Field officer, giver: refused.") == 2


@pytest.mark.django_db
def test_the_giver_still_owes_the_results_that_the_plan_names(told: Told) -> None:
    text = "\n".join(told.lines)
    assert "reports the results that it owes (1 indicator), until 31 July 2027" in text
    assert "report owed results" in text


@pytest.mark.django_db
def test_an_executed_transfer_is_not_executed_again(told: Told) -> None:
    with pytest.raises(Refused):
        executions.execute(
            by=story.receiver(told.demo, lead_key()),
            transfer_uuid=told.demo.transfers[lead_key()],
            key="other",
        )


@pytest.mark.django_db
def test_the_story_shows_what_it_promises_within_a_hundred_columns(told: Told) -> None:
    text = "\n".join(told.lines)
    for promised in (
        "Needs",
        "Interventions",
        "Results and indicators",
        "Milestones (",
        "Permission preview",
        "Who can do what before",
        "Who can do what after",
    ):
        assert promised in text
    assert "on record: “Firewood stops before every household has its heating aid" in text
    for chapter in (
        "From the grant to public budgets",
        "Readiness, domain by domain",
        "needs that nobody with money answers once the grant has ended",
        "A suggested sequence",
        "You said, we did",
    ):
        assert chapter in text
    assert [line for line in told.lines if len(line) > terminal.WIDTH] == []
    assert "\x1b" not in text


@pytest.mark.django_db
def test_a_second_run_of_the_command_says_that_it_was_told_and_proves_it_again(told: Told) -> None:
    said = StringIO()
    call_command("demo", stdout=said)
    assert "has been told here already" in said.getvalue()
    assert "No findings" in said.getvalue()
    assert "The plans" not in said.getvalue()


@pytest.mark.django_db
def test_the_command_gives_the_proof_for_machines(told: Told) -> None:
    said = StringIO()
    call_command("demo", "--json", stdout=said)
    assert json.loads(said.getvalue())["transfer"]["lead"] is True


@pytest.mark.django_db
def test_accounts_have_no_password_until_one_is_given_and_it_is_never_shown(told: Told) -> None:
    email = "manager@primaria.example"
    assert not User.objects.get(email=email).has_usable_password()
    with pytest.raises(CommandError, match="too short"):
        call_command("demo", "--password", "short", stdout=StringIO())
    said = StringIO()
    call_command("demo", "--quiet", "--password", "bridges that stay", stdout=said)
    assert User.objects.get(email=email).check_password("bridges that stay")
    assert "bridges that stay" not in said.getvalue().lower().replace("bridges that stay:", "")


# --- the terminal -----------------------------------------------------------------------------------------------


def test_gates_and_findings_are_a_line_each_and_their_absence_is_said() -> None:
    assert list(terminal.gate_lines([])) == ["✓ Nothing stands in the way."]
    assert list(terminal.gate_lines([Gate("a", "The first."), Gate("b", "The second.")])) == [
        "✗ The first.",
        "✗ The second.",
    ]
    assert list(terminal.finding_lines([Finding("x", "A row was changed.", "value 1")])) == [
        "✗ A row was changed. [value 1]"
    ]


def test_every_permission_has_its_words() -> None:
    assert set(terminal.WORDS) == set(Permission)


@pytest.mark.django_db
def test_a_proof_that_is_not_equal_says_so(told: Told) -> None:
    document = json.loads(story.proven(told.demo, lead_key())[0].body)
    document["holdings"][0]["equal"] = False
    lines = list(terminal.proof_lines(document))
    assert any("✗ 1 of" in line for line in lines)
