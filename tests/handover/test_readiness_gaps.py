"""What follows from agreed scores: the gap by domain, proposed milestones, gates, and measuring again."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal

import pytest

from handover import clock
from handover.access import Actor, asking
from handover.actions import milestones, score_gates, transfers
from handover.errors import DomainError, Invalid, NotAllowed, NotFound, Refused
from handover.models import LedgerEntry, Programme, ScoreGate, Transfer, TransferMilestone
from handover.models.milestones import MilestoneKind, Side
from handover.models.readiness import Wave
from handover.queries import gates as all_gates
from handover.queries.plans import plan_digest
from handover.queries.readiness_gaps import gap
from handover.queries.readiness_lines import chapter, lines
from handover.queries.readiness_proposals import proposals
from handover.queries.readiness_waves import due, health
from handover.queries.scoring import Standing
from tests.factories import transfers as plans
from tests.factories.cast import Cast
from tests.factories.readiness import STEPS, adopted, agreed, begun, scored, small

pytestmark = pytest.mark.django_db

LOW = {"line": 0, "cost": 2, "posts": 4, "skills": 1}
HIGH = {"line": 4, "cost": 4, "posts": 4, "skills": 1}


@pytest.fixture
def ground(cast: Cast, programme: Programme) -> Programme:
    adopted(programme, by=cast.giver)
    return programme


@pytest.fixture
def draft(cast: Cast, ground: Programme) -> Transfer:
    return plans.drafted(ground, by=cast.giver, receiver=cast.receiver.organisation)


def measured(cast: Cast, ground: Programme, steps: dict[str, int], **what: object) -> None:
    """Let giver and community score, and agree on these steps."""
    agreed(ground, [(cast.giver, STEPS), (cast.community, LOW)], steps, **what)


def accepted(transfer: Transfer, cast: Cast) -> None:
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)


# --- the gap -------------------------------------------------------------------------------------------------------


def test_a_gap_shows_voices_side_by_side(cast: Cast, ground: Programme) -> None:
    made = agreed(ground, [(cast.giver, STEPS), (cast.community, LOW)], {**STEPS, "line": 1})
    with asking(cast.donor):
        found = gap(cast.donor, made)
    money, staff = found.domains
    assert [item.voice for item in found.columns] == ["giver", "community"]
    assert money.voices == (Decimal("62.50"), Decimal("25.00"))
    assert (money.agreed, money.threshold, money.missing, money.spread) == (
        Decimal("37.50"),
        Decimal(75),
        Decimal("37.50"),
        Decimal("37.50"),
    )
    assert (staff.missing, staff.spread, found.standing(staff)) == (
        Decimal(),
        Decimal("0.00"),
        Standing.READY,
    )
    assert (found.standing(money), found.whole.agreed) == (Standing.NOT_READY, Decimal("52.08"))
    [difference] = found.differences
    assert (difference.item, difference.steps, difference.agreed) == ("line", (3, 0), 1)
    assert difference.reason == "We read the papers together."


def test_a_gap_leaves_out_what_is_sealed(cast: Cast, ground: Programme) -> None:
    own = scored(begun(ground, by=cast.giver), by=cast.giver)
    begun(ground, by=cast.community)
    with asking(cast.giver):
        found = gap(cast.giver, own)
    assert [item.voice for item in found.columns] == ["giver"]
    assert [item.voice for item in found.sealed] == ["community"]
    assert found.domains[0].spread is None


def test_a_gap_is_told_in_lines_of_a_hundred_columns(cast: Cast, ground: Programme) -> None:
    measured(cast, ground, {"line": 1})
    with asking(cast.auditor):
        told = [*lines(ground), *chapter(ground)]
    assert told[0] == "  A small one, before the handover: agreed 52.08 of 100"
    assert any("Money" in line and line.endswith("37.50  not yet") for line in told), told
    assert max(map(len, told)) <= 100


# --- proposals -----------------------------------------------------------------------------------------------------


def test_a_gap_proposes_the_milestone_that_would_close_it(
    cast: Cast, ground: Programme, draft: Transfer
) -> None:
    measured(cast, ground, {"line": 1})
    with asking(cast.community):
        [found] = proposals(draft)
        [romanian] = proposals(draft, lang="ro")
    assert (found.key, found.kind, found.signs) == (
        "small/money",
        MilestoneKind.BUDGET_LINE_ADOPTED,
        (Side.RECEIVER,),
    )
    assert found.due_on == clock.today() + dt.timedelta(days=30)
    assert (found.score, found.missing) == (Decimal("37.50"), Decimal("37.50"))
    assert "37.5 of 100" in found.why
    assert "There is a budget line" in found.why
    assert "The cost is known" not in found.why
    assert romanian.title == "Buget adoptat"


def test_the_widest_gap_comes_first(cast: Cast, ground: Programme, draft: Transfer) -> None:
    measured(cast, ground, {"line": 2, "cost": 2, "posts": 0, "skills": 0})
    with asking(cast.giver):
        assert [item.key for item in proposals(draft)] == ["small/staff", "small/money"]


def test_a_proposed_milestone_is_due_before_the_protocol(
    cast: Cast, ground: Programme, draft: Transfer
) -> None:
    measured(cast, ground, {"line": 1})
    end = clock.today() + dt.timedelta(days=25)
    milestones.plan(
        by=cast.giver,
        transfer_uuid=draft.uuid,
        kind=MilestoneKind.HANDOVER_PROTOCOL,
        title="Protocol",
        due_on=end,
        signs=[Side.GIVER],
    )
    with asking(cast.giver):
        assert [item.due_on for item in proposals(draft)] == [end - dt.timedelta(days=14)]


def test_an_accepted_proposal_is_in_the_plan_with_its_reason(
    cast: Cast, ground: Programme, draft: Transfer
) -> None:
    measured(cast, ground, {"line": 1})
    made = score_gates.accept_proposal(by=cast.giver, transfer_uuid=draft.uuid, key="small/money")
    assert (made.kind, made.title, made.signs) == ("budget_line_adopted", "Budget adopted", ["receiver"])
    with asking(cast.giver):
        assert proposals(draft) == []
        kept = LedgerEntry.objects.filter(body__contains="readiness.proposal_accepted").get()
    data = json.loads(kept.body)["data"]
    assert (data["proposal"], data["score"], data["short"]) == ("small/money", "37.5", "37.5")
    assert data["why"].startswith("“Money” is agreed at 37.5 of 100")


def test_a_proposal_is_accepted_with_another_day_and_title(
    cast: Cast, ground: Programme, draft: Transfer
) -> None:
    measured(cast, ground, {"line": 1})
    made = score_gates.accept_proposal(
        by=cast.giver,
        transfer_uuid=draft.uuid,
        key="small/money",
        due_on=dt.date(2024, 12, 1),
        title="Budget for 2025",
        signs=[Side.RECEIVER, Side.COMMUNITY],
    )
    assert (made.title, made.due_on, made.signs) == (
        "Budget for 2025",
        dt.date(2024, 12, 1),
        ["receiver", "community"],
    )


def test_nothing_is_proposed_from_what_is_not_agreed(cast: Cast, ground: Programme, draft: Transfer) -> None:
    scored(begun(ground, by=cast.giver), LOW, by=cast.giver)
    with asking(cast.giver):
        assert proposals(draft) == []
    with pytest.raises(Invalid, match="nothing is proposed now") as refused:
        score_gates.accept_proposal(by=cast.giver, transfer_uuid=draft.uuid, key="small/money")
    assert refused.value.code == "unknown_proposal"


def test_proposals_are_accepted_only_while_the_plan_is_drawn_up(
    cast: Cast, ground: Programme, draft: Transfer
) -> None:
    measured(cast, ground, {"line": 1})
    accepted(draft, cast)
    with pytest.raises(Refused) as refused:
        score_gates.accept_proposal(by=cast.giver, transfer_uuid=draft.uuid, key="small/money")
    assert refused.value.code == "plan_fixed"
    with pytest.raises(NotAllowed):
        score_gates.accept_proposal(by=cast.receiver, transfer_uuid=draft.uuid, key="small/money")


def test_a_responsibilitys_gap_is_proposed_where_it_moves(cast: Cast, programme: Programme) -> None:
    adopted(programme, by=cast.giver, document=small(about="responsibility"))
    first, second = plans.responsibilities_of(programme, by=cast.giver)
    one = plans.drafted(
        programme, by=cast.giver, receiver=cast.receiver.organisation, lead=False, moves=[first]
    )
    other = plans.drafted(
        programme, by=cast.giver, receiver=cast.receiver.organisation, lead=False, moves=[second]
    )
    measured(cast, programme, {"line": 1}, responsibility_uuid=first.uuid)
    with asking(cast.giver):
        [found] = proposals(one)
        assert proposals(other) == []
    assert (found.key, found.title) == (f"small/money/{first.uuid}", "Budget adopted: Day centre")


# --- gates ---------------------------------------------------------------------------------------------------------


def required(draft: Transfer, cast: Cast, **what: object) -> tuple[TransferMilestone, ScoreGate]:
    step = plans.milestone(draft, by=cast.giver, title="Protocol", signs=[Side.GIVER])
    said: dict[str, object] = {"instrument_key": "small", "domain": "money", "at_least": Decimal(60), **what}
    return step, score_gates.require_score(by=cast.giver, milestone_uuid=step.uuid, **said)  # type: ignore[arg-type]


def sign(step: TransferMilestone, by: Actor) -> list[str]:
    """Try to sign; give the codes of the gates that refuse it."""
    try:
        milestones.sign(by=by, milestone_uuid=step.uuid)
    except Refused as refused:
        return [gate.code for gate in refused.gates]
    return []


def codes(transfer: Transfer, by: Actor) -> list[str]:
    with asking(by):
        return [gate.code for gate in all_gates.gates(Transfer.objects.get(pk=transfer.pk))]


def test_a_milestone_waits_until_the_agreed_score_is_high_enough(
    cast: Cast, ground: Programme, draft: Transfer
) -> None:
    step, _ = required(draft, cast)
    accepted(draft, cast)
    assert sign(step, cast.giver) == ["readiness_unknown"]
    assert "readiness_unknown" in codes(draft, cast.receiver)

    measured(cast, ground, {"line": 1}, transfer_uuid=draft.uuid)
    assert sign(step, cast.giver) == ["readiness_low"]
    assert "readiness_low" in codes(draft, cast.receiver)

    agreed(
        ground,
        [(cast.giver, HIGH), (cast.receiver, HIGH), (cast.community, HIGH)],
        HIGH,
        transfer_uuid=draft.uuid,
    )
    assert sign(step, cast.giver) == []
    assert not {"readiness_low", "readiness_unknown"} & set(codes(draft, cast.receiver))


def test_scores_that_nobody_agreed_on_open_nothing(cast: Cast, ground: Programme, draft: Transfer) -> None:
    step, _ = required(draft, cast)
    accepted(draft, cast)
    for who in (cast.giver, cast.receiver, cast.community):
        scored(begun(ground, by=who, transfer_uuid=draft.uuid), HIGH, by=who)
    assert sign(step, cast.giver) == ["readiness_unknown"]


def test_a_transfers_own_scores_count_before_the_programmes(
    cast: Cast, ground: Programme, draft: Transfer
) -> None:
    step, _ = required(draft, cast)
    accepted(draft, cast)
    measured(cast, ground, {"line": 1}, transfer_uuid=draft.uuid)
    measured(cast, ground, HIGH)
    assert sign(step, cast.giver) == ["readiness_low"]


def test_the_whole_may_be_asked_for(cast: Cast, ground: Programme, draft: Transfer) -> None:
    step, gate = required(draft, cast, domain="", at_least=Decimal("52.08"))
    accepted(draft, cast)
    measured(cast, ground, {"line": 1})
    assert gate.domain == ""
    assert sign(step, cast.giver) == []


def test_a_gate_is_part_of_what_is_signed(cast: Cast, draft: Transfer) -> None:
    with asking(cast.giver):
        before = plan_digest(draft)
    _, gate = required(draft, cast)
    with asking(cast.giver):
        between = plan_digest(draft)
    score_gates.lift(by=cast.giver, gate_uuid=gate.uuid)
    with asking(cast.giver):
        assert not ScoreGate.objects.exists()
    assert before != between


WRONG: dict[str, tuple[dict[str, object], str]] = {
    "another instrument": ({"instrument_key": "other"}, "instrument_not_adopted"),
    "no such domain": ({"domain": "roof"}, "unknown_domain"),
    "nothing": ({"at_least": Decimal(0)}, "score_off_range"),
    "more than all": ({"at_least": Decimal("100.01")}, "score_off_range"),
    "no number": ({"at_least": Decimal("NaN")}, "score_off_range"),
    "too exact": ({"at_least": Decimal("50.001")}, "score_off_range"),
}


@pytest.mark.parametrize(("said", "code"), WRONG.values(), ids=WRONG)
def test_a_gate_that_cannot_be_is_refused(
    said: dict[str, object], code: str, cast: Cast, draft: Transfer
) -> None:
    with pytest.raises(Invalid) as refused:
        required(draft, cast, **said)
    assert refused.value.code == code
    with asking(cast.giver):
        assert not ScoreGate.objects.exists()


def test_a_score_is_asked_for_once(cast: Cast, draft: Transfer) -> None:
    step, _ = required(draft, cast)
    with pytest.raises(Invalid) as refused:
        score_gates.require_score(
            by=cast.giver,
            milestone_uuid=step.uuid,
            instrument_key="small",
            domain="money",
            at_least=Decimal(70),
        )
    assert refused.value.code == "score_required_already"


def test_gates_are_set_only_while_the_plan_is_drawn_up(cast: Cast, draft: Transfer) -> None:
    step, gate = required(draft, cast)
    accepted(draft, cast)
    tries: list[Callable[[], object]] = [
        lambda: score_gates.lift(by=cast.giver, gate_uuid=gate.uuid),
        lambda: score_gates.require_score(
            by=cast.giver, milestone_uuid=step.uuid, instrument_key="small", at_least=Decimal(70)
        ),
    ]
    for attempt in tries:
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.code == "plan_fixed"
    with pytest.raises(NotFound):
        score_gates.lift(by=cast.stranger, gate_uuid=gate.uuid)


# --- measured again ------------------------------------------------------------------------------------------------


@pytest.fixture
def executed(cast: Cast, ground: Programme) -> Transfer:
    measured(cast, ground, {"line": 1})
    plans.executed(cast, ground)
    with asking(cast.receiver):
        return Transfer.objects.get()


def late(programme: Programme, by: Actor) -> list[tuple[str, str]]:
    with asking(by):
        return [(item.code, item.subject) for item in health(programme)]


def test_it_is_measured_again_12_and_24_months_after(
    cast: Cast, ground: Programme, executed: Transfer
) -> None:
    with asking(cast.receiver):
        found = due(ground)
    assert [(row.wave, row.due_on, row.late) for row in found] == [
        (Wave.AFTER_12, dt.date(2025, 6, 3), False),
        (Wave.AFTER_24, dt.date(2026, 6, 3), False),
    ]
    assert late(ground, cast.receiver) == []
    with clock.at(dt.datetime(2025, 6, 3, 8, tzinfo=dt.UTC)):
        assert late(ground, cast.receiver) == [("readiness_due", str(executed.uuid))]


def test_it_is_not_measured_again_too_early(cast: Cast, ground: Programme, executed: Transfer) -> None:
    with pytest.raises(Refused, match="2025-06-03") as refused:
        begun(ground, by=cast.receiver, transfer_uuid=executed.uuid, wave=Wave.AFTER_12)
    assert refused.value.code == "too_early"


def test_what_is_agreed_again_is_no_longer_due_and_shows_what_changed(
    cast: Cast, ground: Programme, executed: Transfer
) -> None:
    with clock.at(dt.datetime(2025, 6, 20, 8, tzinfo=dt.UTC)):
        adopted(ground, by=cast.receiver, document=small(edition="2"))
        made = agreed(
            ground,
            [(cast.receiver, HIGH), (cast.community, HIGH)],
            HIGH,
            transfer_uuid=executed.uuid,
            wave=Wave.AFTER_12,
        )
        assert late(ground, cast.receiver) == []
        with asking(cast.community):
            found = gap(cast.community, made)
            [first, second] = due(ground)
    assert (first.agreed_on, second.agreed_on) == (dt.date(2025, 6, 20), None)
    assert (found.domains[0].agreed, found.domains[0].before) == (Decimal("100.00"), Decimal("37.50"))
    assert made.instrument.edition == "1", "the questions are those that were asked before"


def test_who_gave_the_programme_away_scores_it_no_more(
    cast: Cast, ground: Programme, executed: Transfer
) -> None:
    with clock.at(dt.datetime(2025, 6, 20, 8, tzinfo=dt.UTC)), pytest.raises(DomainError) as refused:
        begun(ground, by=cast.giver, transfer_uuid=executed.uuid, wave=Wave.AFTER_12)
    assert isinstance(refused.value, NotAllowed)


def test_a_plan_that_came_back_measures_nothing_again(cast: Cast, ground: Programme, draft: Transfer) -> None:
    measured(cast, ground, {"line": 1})
    transfers.revoke(by=cast.giver, transfer_uuid=draft.uuid, reason="We begin anew.")
    with asking(cast.giver):
        assert due(ground) == []
    with pytest.raises(Refused) as refused:
        begun(ground, by=cast.giver, transfer_uuid=draft.uuid)
    assert refused.value.code == "transfer_over"
