"""Readiness: each side for itself, sealed until its own scores are closed; then agreed, with reasons."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

import pytest

from handover import clock
from handover.access import Actor, asking
from handover.actions import accounts, readiness
from handover.actions.readiness import Answer
from handover.errors import DomainError, Invalid, NotAllowed, NotFound, Refused, Stale
from handover.models import Assessment, LedgerEntry, Programme, Score, Transfer
from handover.models.readiness import AssessmentState, Voice, Wave
from handover.permissions import Role, StandingKind
from handover.queries.readiness import gates, round_of, rounds, sheet, sheet_of
from handover.queries.readiness_digests import differing
from handover.queries.readiness_gaps import gap, gap_of
from handover.queries.readiness_lines import chapter, lines
from tests.conftest import WebSql
from tests.factories import readiness as made
from tests.factories import transfers as plans
from tests.factories.cast import Cast
from tests.factories.organisations import OPERATOR, organisation, person
from tests.factories.programmes import admitted
from tests.factories.readiness import STEPS, adopted, agreed, answers, begun, scored, small

pytestmark = pytest.mark.django_db

LOW = {"line": 0, "cost": 2, "posts": 4, "skills": 1}
"""As ``STEPS``, but three steps apart on the budget line."""


@pytest.fixture
def ground(cast: Cast, programme: Programme) -> Programme:
    adopted(programme, by=cast.giver)
    return programme


@pytest.fixture
def proposed(cast: Cast, ground: Programme) -> Transfer:
    transfer = plans.drafted(ground, by=cast.giver, receiver=cast.receiver.organisation)
    return plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)


def sealed(way: Callable[[], object]) -> bool:
    """Tell whether reading is refused because the scores are sealed."""
    try:
        way()
    except NotAllowed as refused:
        return refused.code == "scores_sealed"
    return False


def reads(by: Actor, assessment: Assessment) -> bool:
    """Tell whether an actor may read scores; the sheet and the gap must say the same."""
    with asking(by):
        shut = sealed(lambda: sheet(by, assessment.uuid))
        if sealed(lambda: gap(by, assessment)):
            shown = False
        elif assessment.voice == Voice.AGREED:
            shown = gap(by, assessment).whole.agreed is not None
        else:
            shown = assessment in gap(by, assessment).columns
    assert shown is not shut
    return shown


def test_each_side_scores_in_its_own_voice(cast: Cast, ground: Programme, proposed: Transfer) -> None:
    voices = {
        actor: begun(ground, by=actor, transfer_uuid=proposed.uuid).voice
        for actor in (cast.giver_officer, cast.receiver_officer, cast.community)
    }
    assert list(voices.values()) == [Voice.GIVER, Voice.RECEIVER, Voice.COMMUNITY]


@pytest.mark.parametrize("who", ["donor", "auditor", "giver_reporter"])
def test_who_is_no_side_does_not_score(who: str, cast: Cast, ground: Programme) -> None:
    with pytest.raises(NotAllowed):
        begun(ground, by=getattr(cast, who))


def test_a_stranger_finds_nothing(cast: Cast, ground: Programme) -> None:
    own = scored(begun(ground, by=cast.giver), by=cast.giver)
    with pytest.raises(NotFound):
        begun(ground, by=cast.stranger)
    with asking(cast.stranger), pytest.raises(NotFound):
        sheet(cast.stranger, own.uuid)
    with asking(cast.stranger), pytest.raises(NotFound):
        rounds(cast.stranger, ground)


def test_nobody_reads_anothers_scores_before_its_own_are_closed(cast: Cast, ground: Programme) -> None:
    giver = begun(ground, by=cast.giver)
    community = begun(ground, by=cast.community)
    assert (reads(cast.giver, giver), reads(cast.community, giver)) == (True, False)

    giver = scored(giver, by=cast.giver)
    assert not reads(cast.community, giver), "closed, but the community's own are open"
    assert not reads(cast.giver, community), "the giver's are closed, but the community's are open"
    assert not reads(cast.donor, giver), "the donor has no voice, and nothing is agreed"

    community = scored(community, LOW, by=cast.community)
    assert reads(cast.community, giver)
    assert reads(cast.giver, community)
    assert not reads(cast.donor, giver)


def test_who_has_not_scored_reads_once_all_is_agreed(
    cast: Cast, ground: Programme, proposed: Transfer
) -> None:
    own = scored(begun(ground, by=cast.giver, transfer_uuid=proposed.uuid), by=cast.giver)
    scored(begun(ground, by=cast.community, transfer_uuid=proposed.uuid), by=cast.community)
    written = readiness.reconcile(by=cast.giver, assessment_uuid=own.uuid, answers=[])
    assert reads(cast.community, written)
    assert not reads(cast.receiver, written)
    assert not reads(cast.donor, own)
    made.closed(written.uuid, by=cast.community)
    assert all(reads(who, own) for who in (cast.receiver, cast.donor, cast.auditor))


def test_scores_of_one_side_stand_nowhere_else(cast: Cast, ground: Programme) -> None:
    giver = begun(ground, by=cast.giver)
    readiness.score(
        by=cast.giver, assessment_uuid=giver.uuid, answers=answers(LOW, {"line": "marked in the margin"})
    )
    scored(giver, LOW, by=cast.giver)
    with asking(cast.community):
        bodies = [json.loads(body) for body in LedgerEntry.objects.values_list("body", flat=True)]
        told = [*lines(ground), *chapter(ground)]
        states = [item.assessments for item in rounds(cast.community, ground)]
    mine = [body for body in bodies if body["verb"].startswith("assessment.")]
    assert [body["verb"] for body in mine] == [
        "assessment.begun",
        "assessment.scored",
        "assessment.scored",
        "assessment.closed",
    ]
    data = [body["data"] for body in mine]
    assert all({"domains", "whole", "scores"}.isdisjoint(row) for row in data)
    assert "marked in the margin" not in json.dumps(bodies)
    assert told == ["  A small one, before the handover: giver closed"]
    assert states == [(giver,)]


def test_no_reading_function_goes_round_the_seal(cast: Cast, ground: Programme) -> None:
    giver = scored(begun(ground, by=cast.giver), by=cast.giver)
    begun(ground, by=cast.community)
    for who in (cast.community, cast.donor, cast.auditor):
        with asking(who):
            fetched = Assessment.objects.select_related("instrument", "organisation").get(uuid=giver.uuid)
            within = round_of(fetched)
            assert sealed(lambda: sheet_of(fetched))  # noqa: B023 - called at once
            assert sealed(lambda: sheet_of(fetched, within))  # noqa: B023
            assert sealed(lambda: gap_of(within, within.assessments))  # noqa: B023


def test_nobody_writes_anothers_scores(cast: Cast, ground: Programme) -> None:
    giver = begun(ground, by=cast.giver)
    with pytest.raises(NotAllowed) as refused:
        readiness.score(by=cast.community, assessment_uuid=giver.uuid, answers=answers(STEPS))
    assert refused.value.code == "not_yours"
    with pytest.raises(NotAllowed) as refused:
        readiness.close(by=cast.community, assessment_uuid=giver.uuid, version=1)
    assert refused.value.code == "not_yours"


def test_one_person_does_not_score_for_two_sides(cast: Cast, ground: Programme) -> None:
    begun(ground, by=cast.giver)
    both = Actor(cast.giver.user, cast.community.organisation)
    accounts.seat(
        by=OPERATOR,
        user=both.user,
        organisation=both.organisation,
        role=Role.COMMUNITY_REPRESENTATIVE,
    )
    with pytest.raises(NotAllowed) as refused:
        begun(ground, by=both)
    assert refused.value.code == "both_sides"


WRONG = [
    ([Answer("line", 5)], "off_scale"),
    ([Answer("line", -1)], "off_scale"),
    ([Answer("line", True)], "off_scale"),
    ([Answer("roof", 1)], "unknown_item"),
    ([Answer("line", 1), Answer("line", 2)], "repeated_item"),
    ([Answer("line", 1), Answer("cost", 9), Answer("roof", 1)], "off_scale"),
]


@pytest.mark.parametrize(("given", "code"), WRONG, ids=[f"{code}-{at}" for at, (_, code) in enumerate(WRONG)])
def test_a_wrong_answer_writes_none(given: list[Answer], code: str, cast: Cast, ground: Programme) -> None:
    own = begun(ground, by=cast.giver)
    with pytest.raises(Invalid) as refused:
        readiness.score(by=cast.giver, assessment_uuid=own.uuid, answers=given)
    assert refused.value.code == code
    assert f"“{given[-1].item}”" in refused.value.sentence or "“cost”" in refused.value.sentence
    with asking(cast.giver):
        assert not Score.objects.exists()


def test_every_wrong_answer_is_named(cast: Cast, ground: Programme) -> None:
    own = begun(ground, by=cast.giver)
    with pytest.raises(Invalid) as refused:
        readiness.score(
            by=cast.giver, assessment_uuid=own.uuid, answers=[Answer("cost", 9), Answer("roof", 1)]
        )
    named = refused.value.details["errors"]
    assert isinstance(named, list)
    assert [item["path"] for item in named] == ["cost", "roof"]


def test_an_item_is_answered_anew(cast: Cast, ground: Programme) -> None:
    own = begun(ground, by=cast.giver)
    readiness.score(by=cast.giver, assessment_uuid=own.uuid, answers=[Answer("line", 1, "no line yet")])
    readiness.score(by=cast.giver_officer, assessment_uuid=own.uuid, answers=[Answer("line", None)])
    with asking(cast.giver):
        found = sheet(cast.giver, own.uuid)
    assert found.steps == {"line": None}
    assert (found.scores["line"].remark, found.missing) == ("", ["cost", "posts", "skills"])


def test_scores_with_gaps_are_not_closed(cast: Cast, ground: Programme) -> None:
    own = begun(ground, by=cast.giver)
    own = readiness.score(
        by=cast.giver, assessment_uuid=own.uuid, answers=[Answer("line", 1), Answer("posts", 1)]
    )
    with pytest.raises(Invalid, match="cost, skills") as refused:
        readiness.close(by=cast.giver, assessment_uuid=own.uuid, version=own.version)
    assert refused.value.code == "scores_missing"
    assert made.now(own, by=cast.giver).state == AssessmentState.OPEN


def test_scores_of_which_nothing_applies_are_not_closed(cast: Cast, ground: Programme) -> None:
    own = begun(ground, by=cast.giver)
    with pytest.raises(Invalid) as refused:
        scored(own, dict.fromkeys(STEPS), by=cast.giver)
    assert refused.value.code == "nothing_applies"


def test_closed_scores_stay_closed(cast: Cast, ground: Programme) -> None:
    own = scored(begun(ground, by=cast.giver), by=cast.giver)
    tries: list[Callable[[], object]] = [
        lambda: readiness.score(by=cast.giver, assessment_uuid=own.uuid, answers=[Answer("line", 4)]),
        lambda: readiness.close(by=cast.giver, assessment_uuid=own.uuid, version=own.version),
    ]
    for again in tries:
        with pytest.raises(Refused) as refused:
            again()
        assert refused.value.code == "assessment_closed"


def test_what_was_changed_meanwhile_is_not_closed(cast: Cast, ground: Programme) -> None:
    own = begun(ground, by=cast.giver)
    readiness.score(by=cast.giver, assessment_uuid=own.uuid, answers=answers(STEPS))
    with pytest.raises(Stale):
        readiness.close(by=cast.giver_officer, assessment_uuid=own.uuid, version=own.version)


def test_a_side_scores_a_round_once(cast: Cast, ground: Programme) -> None:
    begun(ground, by=cast.giver)
    with pytest.raises(Refused) as refused:
        begun(ground, by=cast.giver_officer)
    assert refused.value.code == "scored_already"


def test_two_communities_score_side_by_side(cast: Cast, ground: Programme) -> None:
    other = person(organisation("second-community"), Role.COMMUNITY_REPRESENTATIVE)
    admitted(ground, other.organisation, StandingKind.COMMUNITY, by=cast.giver)
    mine = scored(begun(ground, by=cast.community), by=cast.community)
    theirs = scored(begun(ground, by=other), LOW, by=other)
    assert reads(other, mine)
    assert reads(cast.community, theirs)


BEGINNINGS: dict[str, tuple[dict[str, object], str]] = {
    "another instrument": ({"instrument_key": "other"}, "instrument_not_adopted"),
    "another wave": ({"wave": "never"}, "unknown_wave"),
    "a day ahead": ({"scored_on": dt.date(2030, 1, 1)}, "day_ahead"),
    "after nothing": ({"wave": "after_12"}, "transfer_missing"),
}


@pytest.mark.parametrize(("said", "code"), BEGINNINGS.values(), ids=BEGINNINGS)
def test_what_cannot_be_scored_is_named(
    said: dict[str, object], code: str, cast: Cast, ground: Programme
) -> None:
    with pytest.raises(DomainError) as refused:
        begun(ground, by=cast.giver, **said)
    assert refused.value.code == code


def test_an_instrument_is_asked_of_what_it_is_about(cast: Cast, programme: Programme) -> None:
    adopted(programme, by=cast.giver, document=small(about="responsibility"))
    adopted(programme, by=cast.giver, document=small(key="whole", about="programme"))
    one = plans.responsibilities_of(programme, by=cast.giver)[0]
    with pytest.raises(Invalid) as refused:
        begun(programme, by=cast.giver)
    assert refused.value.code == "responsibility_missing"
    with pytest.raises(Invalid) as refused:
        begun(programme, by=cast.giver, instrument_key="whole", responsibility_uuid=one.uuid)
    assert refused.value.code == "asks_the_programme"
    found = begun(programme, by=cast.giver, responsibility_uuid=one.uuid)
    assert found.responsibility == one


def test_a_responsibility_is_scored_in_its_own_plan(cast: Cast, ground: Programme) -> None:
    first, second = plans.responsibilities_of(ground, by=cast.giver)
    transfer = plans.drafted(
        ground, by=cast.giver, receiver=cast.receiver.organisation, lead=False, moves=[first]
    )
    with pytest.raises(Invalid) as refused:
        begun(ground, by=cast.giver, transfer_uuid=transfer.uuid, responsibility_uuid=second.uuid)
    assert refused.value.code == "outside_plan"


# --- agreeing ------------------------------------------------------------------------------------------------------


@pytest.fixture
def apart(cast: Cast, ground: Programme) -> Assessment:
    """Giver and community have closed, three steps apart on the budget line; give the giver's."""
    giver = scored(begun(ground, by=cast.giver), by=cast.giver)
    scored(begun(ground, by=cast.community), LOW, by=cast.community)
    return giver


def test_voices_two_steps_apart_agree_with_a_reason(cast: Cast, apart: Assessment) -> None:
    with pytest.raises(Invalid, match="line") as refused:
        readiness.reconcile(by=cast.giver, assessment_uuid=apart.uuid, answers=[Answer("line", 1)])
    assert refused.value.code == "reason_missing"
    with asking(cast.giver):
        assert not Assessment.objects.filter(voice=Voice.AGREED).exists()

    written = readiness.reconcile(
        by=cast.giver, assessment_uuid=apart.uuid, answers=[Answer("line", 1, "The line is drafted.")]
    )
    assert written.state == AssessmentState.OPEN
    with asking(cast.community):
        found = sheet(cast.community, written.uuid)
    assert found.steps == {**STEPS, "line": 1}, "where all are at one, nothing need be said"


def test_what_voices_differ_on_must_be_answered(cast: Cast, apart: Assessment) -> None:
    with pytest.raises(Invalid, match="line") as refused:
        readiness.reconcile(by=cast.community, assessment_uuid=apart.uuid, answers=[])
    assert refused.value.code == "scores_missing"


def test_agreeing_on_what_nobody_scored_needs_a_reason(cast: Cast, apart: Assessment) -> None:
    for step in (4, None):
        with pytest.raises(Invalid, match="skills") as refused:
            readiness.reconcile(
                by=cast.giver,
                assessment_uuid=apart.uuid,
                answers=[Answer("line", 1, "why"), Answer("skills", step)],
            )
        assert refused.value.code == "reason_missing"


def test_one_step_apart_needs_no_reason(cast: Cast, ground: Programme) -> None:
    giver = scored(begun(ground, by=cast.giver), by=cast.giver)
    scored(begun(ground, by=cast.community), {**STEPS, "line": 2}, by=cast.community)
    written = readiness.reconcile(by=cast.giver, assessment_uuid=giver.uuid, answers=[Answer("line", 2)])
    assert made.closed(written.uuid, by=cast.community).state == AssessmentState.CLOSED


def test_not_at_one_whether_it_applies_needs_a_reason(cast: Cast, ground: Programme) -> None:
    giver = scored(begun(ground, by=cast.giver), by=cast.giver)
    scored(begun(ground, by=cast.community), {**STEPS, "line": None}, by=cast.community)
    with pytest.raises(Invalid) as refused:
        readiness.reconcile(by=cast.giver, assessment_uuid=giver.uuid, answers=[Answer("line", 3)])
    assert refused.value.code == "reason_missing"


def test_nothing_is_agreed_while_somebody_scores(cast: Cast, ground: Programme) -> None:
    giver = scored(begun(ground, by=cast.giver), by=cast.giver)
    with pytest.raises(Refused) as refused:
        readiness.reconcile(by=cast.giver, assessment_uuid=giver.uuid, answers=[])
    assert refused.value.code == "one_voice"
    begun(ground, by=cast.community)
    with pytest.raises(Refused, match="ommunity") as refused:
        readiness.reconcile(by=cast.giver, assessment_uuid=giver.uuid, answers=[])
    assert refused.value.code == "still_scoring"


def test_another_side_closes_what_one_wrote_down(cast: Cast, apart: Assessment) -> None:
    written = readiness.reconcile(
        by=cast.giver, assessment_uuid=apart.uuid, answers=[Answer("line", 1, "why")]
    )
    for own in (cast.giver, cast.giver_officer):
        with pytest.raises(NotAllowed) as refused:
            made.closed(written.uuid, by=own)
        assert refused.value.code == "other_side_agrees"
    with pytest.raises(NotAllowed):
        made.closed(written.uuid, by=cast.donor)
    assert made.closed(written.uuid, by=cast.community).closed_at is not None


def test_giver_and_receiver_do_not_agree_over_the_communitys_head(
    cast: Cast, ground: Programme, proposed: Transfer
) -> None:
    rows = [
        scored(begun(ground, by=who, transfer_uuid=proposed.uuid), by=who)
        for who in (cast.giver, cast.receiver, cast.community)
    ]
    written = readiness.reconcile(by=cast.giver, assessment_uuid=rows[0].uuid, answers=[])
    with pytest.raises(NotAllowed) as refused:
        made.closed(written.uuid, by=cast.receiver)
    assert refused.value.code == "community_agrees"
    made.closed(written.uuid, by=cast.community)


def test_nobody_joins_a_round_that_is_being_agreed(cast: Cast, ground: Programme, proposed: Transfer) -> None:
    rows = [
        scored(begun(ground, by=who, transfer_uuid=proposed.uuid), by=who)
        for who in (cast.giver, cast.community)
    ]
    readiness.reconcile(by=cast.giver, assessment_uuid=rows[0].uuid, answers=[])
    with pytest.raises(Refused) as refused:
        begun(ground, by=cast.receiver, transfer_uuid=proposed.uuid)
    assert refused.value.code == "being_agreed"


def test_what_is_not_closed_is_written_anew(cast: Cast, apart: Assessment) -> None:
    first = readiness.reconcile(
        by=cast.giver, assessment_uuid=apart.uuid, answers=[Answer("line", 3, "A line is a line.")]
    )
    again = readiness.reconcile(
        by=cast.community, assessment_uuid=first.uuid, answers=[Answer("line", 0, "The line is empty.")]
    )
    assert first.uuid == again.uuid
    with pytest.raises(NotAllowed):
        made.closed(again.uuid, by=cast.community)
    made.closed(again.uuid, by=cast.giver)
    with asking(cast.donor):
        assert sheet(cast.donor, again.uuid).steps["line"] == 0


def test_after_a_round_another_begins(cast: Cast, ground: Programme) -> None:
    voices = [(cast.giver, STEPS), (cast.community, STEPS)]
    first = agreed(ground, voices, STEPS)
    second = begun(ground, by=cast.giver)
    with pytest.raises(Refused) as refused:
        readiness.reconcile(by=cast.giver, assessment_uuid=first.uuid, answers=[])
    assert refused.value.code == "assessment_closed"
    with asking(cast.community):
        found = rounds(cast.community, ground)
    assert [(item.number, len(item.assessments), item.over) for item in found] == [
        (1, 3, True),
        (2, 1, False),
    ]
    assert not reads(cast.community, second)


def test_what_is_agreed_stands_in_the_ledger_for_all(cast: Cast, ground: Programme) -> None:
    agreed(ground, [(cast.giver, STEPS), (cast.community, LOW)], {"line": 1})
    with asking(cast.community):
        bodies = [
            json.loads(body) for body in LedgerEntry.objects.order_by("id").values_list("body", flat=True)
        ]
    last = bodies[-1]
    assert (last["verb"], last["data"]["voice"]) == ("assessment.closed", "agreed")
    assert last["data"]["domains"] == {"money": "37.5", "staff": "81.25"}


def test_a_score_that_was_changed_later_is_found(
    cast: Cast, ground: Programme, web_sql: Callable[[Actor | None], WebSql]
) -> None:
    own = scored(begun(ground, by=cast.giver), by=cast.giver)

    def found() -> list[tuple[str, str]]:
        with asking(cast.auditor):
            entries = [json.loads(body) for body in LedgerEntry.objects.values_list("body", flat=True)]
            return [(item.code, item.subject) for item in differing(ground, entries)]

    assert found() == []
    web_sql(cast.giver)("UPDATE handover_score SET score = 4 WHERE item = 'line'")
    assert found() == [("score_changed", str(own.uuid))]


# --- after the handover --------------------------------------------------------------------------------------------


def test_nothing_is_scored_before_a_handover_that_is_over(cast: Cast, ground: Programme) -> None:
    plans.executed(cast, ground)
    with asking(cast.receiver):
        transfer = Transfer.objects.get()
    with pytest.raises(Refused) as refused:
        begun(ground, by=cast.receiver, transfer_uuid=transfer.uuid)
    assert refused.value.code == "transfer_over"


def test_nothing_is_scored_after_a_handover_that_has_not_been(
    cast: Cast, ground: Programme, proposed: Transfer
) -> None:
    with pytest.raises(Refused) as refused:
        begun(ground, by=cast.receiver, transfer_uuid=proposed.uuid, wave=Wave.AFTER_12)
    assert refused.value.code == "not_executed"
    assert list(gates(proposed)) == []


def test_a_former_steward_reads_nothing_that_was_closed_later(cast: Cast, ground: Programme) -> None:
    early = agreed(ground, [(cast.giver, STEPS), (cast.community, STEPS)], STEPS)
    plans.executed(cast, ground)
    with asking(cast.receiver):
        transfer = Transfer.objects.get()
    said = {"transfer_uuid": transfer.uuid, "wave": Wave.AFTER_12}
    with clock.at(clock.now() + dt.timedelta(days=365)):
        voices = [(cast.receiver, STEPS), (cast.community, LOW)]
        late = agreed(ground, voices, {"line": 1}, **said)
        with asking(cast.giver):
            assert [item.number for item in rounds(cast.giver, ground)] == [1]
            assert sheet(cast.giver, early.uuid).steps == STEPS
            with pytest.raises(NotFound):
                sheet(cast.giver, late.uuid)
