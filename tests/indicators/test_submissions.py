"""Values that count once somebody else approved them: who moves a submission where, and what comes of it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handover import clock
from handover.access import Actor, asking
from handover.errors import DomainError, Invalid, NotAllowed, NotFound, Refused, Stale
from handover.models import LedgerEntry, Programme
from handover.models.guard import writing
from handover.models.organisations import OrganisationKind
from handover.permissions import Role, StandingKind
from indicators.actions import axes, drafts, sources, submissions, values
from indicators.actions.drafts import Row
from indicators.actions.submissions import STEPS
from indicators.models import Draft, Indicator, Provenance, Submission, Value
from indicators.models.codes import SubmissionState
from indicators.queries.submissions import listing, open_lines, rows, submission_for, verify
from indicators.queries.values import current
from tests.conftest import OwnerSql
from tests.factories.cast import TODAY, Cast
from tests.factories.indicators import FIRST_QUARTER, SECOND_QUARTER, indicator, reported, result
from tests.factories.organisations import organisation, person
from tests.factories.programmes import admitted, responsibility
from tests.factories.transfers import executed, undone
from tests.indicators.test_concurrency import _at_once
from tests.indicators.test_permissions import _owes

pytestmark = pytest.mark.django_db

Change = Callable[[Submission], object]


def _row(of: Indicator, value: object = 41, gender: str = "women", **said: Any) -> Row:
    quarter = said.pop("quarter", FIRST_QUARTER)
    return Row(
        indicator=of.uuid,
        starts_on=quarter[0],
        ends_on=quarter[1],
        value=value,  # type: ignore[arg-type]
        dimensions={"gender": gender} if gender else {},
        **said,
    )


def _drafted(by: Actor, programme: Programme, *put: Row) -> Submission:
    made = submissions.draft(by=by, programme_uuid=programme.uuid, title="First quarter")
    return drafts.put(by=by, submission_uuid=made.uuid, version=made.version, rows=put) if put else made


def _submitted(by: Actor, programme: Programme, *put: Row) -> Submission:
    made = _drafted(by, programme, *put)
    return submissions.submit(by=by, submission_uuid=made.uuid, version=made.version)


def _approved(by: Actor, of: Submission) -> UUID:
    return submissions.approve(by=by, submission_uuid=of.uuid, version=of.version).uuid


def _read(by: Actor, of: Submission) -> Submission:
    with asking(by):
        return submission_for(by, of.uuid)


def _values(by: Actor, programme: Programme) -> list[Value]:
    with asking(by):
        return list(current(programme, cutoff=None).select_related("organisation", "reported_by"))


def _entries(by: Actor, programme: Programme) -> list[dict[str, Any]]:
    with asking(by):
        rows = LedgerEntry.objects.filter(chain=programme.uuid).order_by("seq").values_list("body", flat=True)
        return [json.loads(body) for body in rows]


def _verbs(by: Actor, programme: Programme) -> list[str]:
    verbs = [str(entry["verb"]) for entry in _entries(by, programme)]
    return [verb for verb in verbs if verb.partition(".")[0] in ("submission", "values", "provenance")]


@pytest.fixture
def pupils(cast: Cast, programme: Programme) -> Indicator:
    """Give an indicator of the programme's own."""
    return indicator(programme, by=cast.giver)


# --- the way of a submission ----------------------------------------------------------------------


def test_nothing_of_a_submission_counts_before_somebody_else_approved_it(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    made = _submitted(cast.giver_reporter, programme, _row(pupils))
    assert _values(cast.giver, programme) == []
    _approved(cast.giver_officer, made)
    (value,) = _values(cast.giver, programme)
    assert (value.value, value.cell, value.revision) == (Decimal(41), "gender=women", 1)
    assert (value.reported_by, value.organisation) == (cast.giver_reporter.user, cast.giver.organisation)
    assert value.reporter_name == cast.giver_reporter.user.display_name


def test_approving_says_in_the_ledger_who_approved_which_batch(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    made = _submitted(cast.giver_reporter, programme, _row(pupils), _row(pupils, 37, "men"))
    batch = _approved(cast.giver_officer, made)
    assert _verbs(cast.giver, programme) == ["submission.submitted", "values.reported", "submission.approved"]
    entered, approved = _entries(cast.giver, programme)[-2:]
    assert (entered["data"]["submission"], entered["data"]["count"]) == (str(made.uuid), 2)
    assert approved["by"]["user"] == str(cast.giver_officer.user.uuid)
    assert (approved["subject"], approved["data"]["batch"]) == (str(made.uuid), str(batch))
    assert approved["data"]["author"] == cast.giver_reporter.user.called.key
    now = _read(cast.giver, made)
    assert (now.state, now.batch, now.decided_by) == (
        SubmissionState.APPROVED,
        batch,
        cast.giver_officer.user,
    )


@pytest.mark.parametrize("who", ["giver", "giver_officer"])
def test_nobody_approves_or_returns_their_own_submission(
    cast: Cast, programme: Programme, pupils: Indicator, who: str
) -> None:
    author: Actor = getattr(cast, who)
    made = _submitted(author, programme, _row(pupils))
    for step in (
        lambda: submissions.approve(by=author, submission_uuid=made.uuid, version=made.version),
        lambda: submissions.return_(by=author, submission_uuid=made.uuid, version=made.version, note="No"),
    ):
        with pytest.raises(NotAllowed) as refused:
            step()
        assert refused.value.code == "own_submission"
    assert _values(cast.giver, programme) == []


def test_what_is_returned_with_a_note_is_changed_and_handed_in_again(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    made = _submitted(cast.giver_reporter, programme, _row(pupils))
    with pytest.raises(Invalid, match="note"):
        submissions.return_(by=cast.giver, submission_uuid=made.uuid, version=made.version, note=" ")
    back = submissions.return_(by=cast.giver, submission_uuid=made.uuid, version=made.version, note="Recount")
    assert (back.state, back.note, back.decided_by_name) == (
        SubmissionState.RETURNED,
        "Recount",
        cast.giver.user.display_name,
    )
    mine = cast.giver_reporter
    put = drafts.put(by=mine, submission_uuid=back.uuid, version=back.version, rows=[_row(pupils, 44)])
    again = submissions.submit(by=mine, submission_uuid=put.uuid, version=put.version)
    _approved(cast.giver, again)
    assert [row.value for row in _values(cast.giver, programme)] == [44]
    assert _verbs(cast.giver, programme)[:3] == [
        "submission.submitted",
        "submission.returned",
        "submission.submitted",
    ]


def test_a_withdrawn_submission_stays_readable_for_its_organisation_and_closed(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    made = _submitted(cast.giver_reporter, programme, _row(pupils))
    gone = submissions.withdraw(by=cast.giver_officer, submission_uuid=made.uuid, version=made.version)
    with asking(cast.giver):
        assert [item.draft.value for item in rows(submission_for(cast.giver, made.uuid))] == [41]
    with pytest.raises(Refused) as refused:
        _approved(cast.giver, gone)
    assert refused.value.code == "wrong_state"
    assert _verbs(cast.giver, programme)[-1] == "submission.withdrawn"


def test_an_empty_submission_is_not_handed_in(cast: Cast, programme: Programme) -> None:
    made = _drafted(cast.giver_reporter, programme)
    with pytest.raises(Invalid, match="no rows"):
        submissions.submit(by=cast.giver_reporter, submission_uuid=made.uuid, version=made.version)


def test_a_step_with_a_version_that_was_read_before_a_change_is_stale(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    mine = cast.giver_reporter
    made = _drafted(mine, programme, _row(pupils))
    drafts.put(by=mine, submission_uuid=made.uuid, version=made.version, rows=[_row(pupils, 44)])
    read = _read(mine, made).version - 1
    steps: tuple[Callable[[], object], ...] = (
        lambda: drafts.put(by=mine, submission_uuid=made.uuid, version=read, rows=[_row(pupils, 45)]),
        lambda: drafts.remove(by=mine, submission_uuid=made.uuid, version=read, draft_uuids=[uuid4()]),
        lambda: submissions.submit(by=mine, submission_uuid=made.uuid, version=read),
        lambda: submissions.withdraw(by=mine, submission_uuid=made.uuid, version=read),
    )
    for step in steps:
        with pytest.raises(Stale):
            step()
    with asking(mine):
        assert [item.draft.value for item in rows(submission_for(mine, made.uuid))] == [44]


def test_an_approver_approves_what_they_read_and_nothing_else(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    made = _submitted(cast.giver_reporter, programme, _row(pupils))
    read = made.version
    mine = cast.giver_reporter
    back = submissions.return_(by=cast.giver, submission_uuid=made.uuid, version=read, note="Recount")
    put = drafts.put(by=mine, submission_uuid=back.uuid, version=back.version, rows=[_row(pupils, 4100)])
    submissions.submit(by=mine, submission_uuid=put.uuid, version=put.version)
    with pytest.raises(Stale):
        submissions.approve(by=cast.giver_officer, submission_uuid=made.uuid, version=read)
    assert _values(cast.giver, programme) == []


# --- the table of steps ---------------------------------------------------------------------------

TAKES = {
    "submit": "giver_reporter",
    "return": "giver_officer",
    "approve": "giver_officer",
    "withdraw": "giver",
}


def _take(verb: str, by: Actor, of: Submission) -> None:
    key: dict[str, Any] = {"by": by, "submission_uuid": of.uuid, "version": of.version}
    steps: dict[str, Callable[[], object]] = {
        "submit": lambda: submissions.submit(**key),
        "return": lambda: submissions.return_(**key, note="Recount"),
        "approve": lambda: submissions.approve(**key),
        "withdraw": lambda: submissions.withdraw(**key),
        "put": lambda: drafts.put(**key, rows=[_row(of=_first(of), value=44)]),
    }
    steps[verb]()


def _first(of: Submission) -> Indicator:
    found = Indicator.objects.filter(programme=of.programme_id).first()
    assert found is not None
    return found


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(taken=st.lists(st.sampled_from(["submit", "return", "approve", "withdraw", "put"]), max_size=7))
def test_steps_in_any_order_lead_where_the_table_says_and_values_come_by_approval_alone(
    cast: Cast, programme: Programme, pupils: Indicator, taken: Sequence[str]
) -> None:
    with undone():
        made = _drafted(cast.giver_reporter, programme, _row(pupils))
        state = SubmissionState.DRAFT
        for verb in taken:
            by: Actor = getattr(cast, TAKES.get(verb, "giver_reporter"))
            before = _read(cast.giver, made)
            sources_, target = STEPS.get(verb, (STEPS["submit"][0], state))
            try:
                with asking(by):
                    _take(verb, by, before)
            except DomainError as error:
                refusals = (state in sources_, error.code, _read(cast.giver, made).version)
                assert refusals == (False, "wrong_state", before.version)
            else:
                assert state in sources_
                state = target
            assert _read(cast.giver, made).state == state
            assert len(_values(cast.giver, programme)) == (1 if state == SubmissionState.APPROVED else 0)
        with asking(cast.giver):
            assert list(verify(programme, _entries(cast.giver, programme))) == []


# --- rows -----------------------------------------------------------------------------------------


def test_rows_of_several_indicators_and_periods_are_put_and_replaced(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    mine = cast.giver_reporter
    other = indicator(programme, by=cast.giver, title="Share in preschool", measure="2", counting_rule="none")
    made = _drafted(
        mine,
        programme,
        _row(pupils),
        _row(pupils, quarter=SECOND_QUARTER),
        _row(other, 50, numerator=1, denominator=2, comment="Estimated"),
    )
    with asking(mine):
        kept = {item.draft.indicator_id: item.draft.uuid for item in rows(made)}
    drafts.put(by=mine, submission_uuid=made.uuid, version=made.version, rows=[_row(pupils, 44)])
    with asking(mine):
        found = [item.draft for item in rows(made)]
    assert [(row.value, row.starts_on) for row in found] == [
        (Decimal(44), FIRST_QUARTER[0]),
        (Decimal(41), SECOND_QUARTER[0]),
        (Decimal(50), FIRST_QUARTER[0]),
    ]
    assert (found[2].numerator, found[2].denominator) == (Decimal(1), Decimal(2))
    assert found[2].comment == [{"lang": None, "text": "Estimated"}]
    assert kept[other.pk] == found[2].uuid


def test_a_row_is_taken_out_again(cast: Cast, programme: Programme, pupils: Indicator) -> None:
    mine = cast.giver_reporter
    made = _drafted(mine, programme, _row(pupils), _row(pupils, 37, "men"))
    with asking(mine):
        first = rows(made)[0].draft.uuid
    drafts.remove(by=mine, submission_uuid=made.uuid, version=made.version, draft_uuids=[first])
    with asking(mine):
        assert [item.draft.value for item in rows(made)] == [37]
    version = made.version + 1
    with pytest.raises(Invalid, match="no such row"):
        drafts.remove(by=mine, submission_uuid=made.uuid, version=version, draft_uuids=[first])


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"value": "many"}, "not_a_number"),
        ({"value": 1, "numerator": 1}, "half_a_share"),
        ({"value": 0.5}, "not_exact"),
        ({"value": 1, "quarter": (FIRST_QUARTER[1], FIRST_QUARTER[0])}, "dates_reversed"),
        ({"value": 1, "source": UUID(int=7)}, "unknown_source"),
        ({"value": 1, "gender": "men"}, "repeated"),
        ({"value": 1, "revision": 3}, "entered_meanwhile"),
    ],
)
def test_a_row_that_a_report_would_refuse_is_refused_by_its_number(
    cast: Cast, programme: Programme, pupils: Indicator, said: dict[str, Any], code: str
) -> None:
    made = _drafted(cast.giver_reporter, programme)
    with pytest.raises(Invalid) as refused:
        drafts.put(
            by=cast.giver_reporter,
            submission_uuid=made.uuid,
            version=made.version,
            rows=[_row(pupils, 1, "men"), _row(pupils, **said)],
        )
    problems: Any = refused.value.details["problems"]
    assert [(item["line"], item["code"]) for item in problems] == [(2, code)]
    with asking(cast.giver_reporter):
        assert Draft.objects.count() == 0


def test_a_calculated_indicator_takes_no_rows(cast: Cast, programme: Programme, pupils: Indicator) -> None:
    made = _drafted(cast.giver_reporter, programme)
    with asking(cast.giver), writing():
        Indicator.objects.filter(pk=pupils.pk).update(expression="a + b")
    with pytest.raises(Invalid, match="calculated"):
        drafts.put(
            by=cast.giver_reporter, submission_uuid=made.uuid, version=made.version, rows=[_row(pupils)]
        )


def test_a_row_for_a_value_that_stands_is_a_correction_and_needs_a_reason(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    reported(pupils, {"women": 41}, by=cast.giver)
    made = _drafted(cast.giver_reporter, programme)
    key: dict[str, Any] = {
        "by": cast.giver_reporter,
        "submission_uuid": made.uuid,
        "version": made.version,
    }
    with pytest.raises(Invalid, match="needs a reason"):
        drafts.put(**key, rows=[_row(pupils, 44)])
    put = drafts.put(**key, rows=[_row(pupils, 44, reason="Three enrolled late", revision=1)])
    sent = submissions.submit(by=cast.giver_reporter, submission_uuid=put.uuid, version=put.version)
    _approved(cast.giver, sent)
    (value,) = _values(cast.giver, programme)
    assert (value.value, value.revision, value.reason) == (Decimal(44), 2, "Three enrolled late")


def test_putting_rows_takes_the_same_number_of_statements_however_many_there_are(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    counts = []
    for size in (1, 60):
        made = _drafted(cast.giver_reporter, programme)
        many = [_row(pupils, number, f"group {number}") for number in range(size)]
        with CaptureQueriesContext(connection) as seen:
            put = drafts.put(
                by=cast.giver_reporter, submission_uuid=made.uuid, version=made.version, rows=many
            )
            sent = submissions.submit(by=cast.giver_reporter, submission_uuid=put.uuid, version=put.version)
        counts.append(len(seen))
        submissions.withdraw(by=cast.giver_reporter, submission_uuid=sent.uuid, version=sent.version)
    assert counts[0] == counts[1]


def test_only_the_author_fills_and_hands_in(cast: Cast, programme: Programme, pupils: Indicator) -> None:
    made = _drafted(cast.giver_reporter, programme, _row(pupils))
    steps: tuple[Callable[[], object], ...] = (
        lambda: drafts.put(
            by=cast.giver, submission_uuid=made.uuid, version=made.version, rows=[_row(pupils)]
        ),
        lambda: submissions.submit(by=cast.giver, submission_uuid=made.uuid, version=made.version),
    )
    for step in steps:
        with pytest.raises(NotAllowed) as refused:
            step()
        assert refused.value.code == "not_author"


# --- values that come in between ------------------------------------------------------------------


def _entered_meanwhile(cast: Cast, pupils: Indicator) -> None:
    with clock.at(TODAY + dt.timedelta(minutes=1)):
        reported(pupils, {"women": 40}, by=cast.giver)


def test_a_row_whose_place_was_taken_meanwhile_is_named_and_nothing_is_approved(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    made = _submitted(cast.giver_reporter, programme, _row(pupils), _row(pupils, 37, "men"))
    _entered_meanwhile(cast, pupils)
    with pytest.raises(Refused) as refused:
        _approved(cast.giver_officer, made)
    assert refused.value.code == "entered_meanwhile"
    (gate,) = refused.value.gates
    assert "Pupils enrolled" in gate.sentence
    assert "gender=women" in gate.sentence
    assert "40 stands there now" in gate.sentence
    assert [(row.cell, row.value) for row in _values(cast.giver, programme)] == [
        ("gender=women", Decimal(40))
    ]
    assert _read(cast.giver, made).state == SubmissionState.SUBMITTED


def test_a_correction_that_came_in_between_is_a_conflict_too(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    reported(pupils, {"women": 41}, by=cast.giver)
    made = _submitted(cast.giver_reporter, programme, _row(pupils, 44, reason="Three enrolled late"))
    (value,) = _values(cast.giver, programme)
    values.correct(by=cast.giver, value_uuid=value.uuid, value=43, reason="Two enrolled late")
    with pytest.raises(Refused):
        _approved(cast.giver_officer, made)
    assert [row.value for row in _values(cast.giver, programme)] == [43]


def test_the_author_puts_the_row_again_as_a_correction(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    mine = cast.giver_reporter
    made = _drafted(mine, programme, _row(pupils))
    _entered_meanwhile(cast, pupils)
    with pytest.raises(Refused) as refused:
        submissions.submit(by=mine, submission_uuid=made.uuid, version=made.version)
    assert refused.value.code == "entered_meanwhile"
    row = _row(pupils, 41, reason="Recounted")
    put = drafts.put(by=mine, submission_uuid=made.uuid, version=made.version, rows=[row])
    sent = submissions.submit(by=mine, submission_uuid=put.uuid, version=put.version)
    _approved(cast.giver, sent)
    assert [(row.value, row.revision) for row in _values(cast.giver, programme)] == [(Decimal(41), 2)]


def test_what_became_calculated_after_it_was_handed_in_is_not_approved(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    made = _submitted(cast.giver_reporter, programme, _row(pupils))
    with asking(cast.giver), writing():
        Indicator.objects.filter(pk=pupils.pk).update(expression="a + b")
    with pytest.raises(Invalid, match="calculated"):
        _approved(cast.giver, made)
    assert _values(cast.giver, programme) == []


def _by_gender(cast: Cast, programme: Programme) -> Indicator:
    axes.create_standard(by=cast.giver, programme_uuid=programme.uuid, name="gender")
    of = indicator(programme, by=cast.giver)
    with asking(cast.giver), writing():
        Indicator.objects.filter(pk=of.pk).update(axes=["gender"])
    return of


def test_groups_that_exceed_their_total_are_not_handed_in(cast: Cast, programme: Programme) -> None:
    of = _by_gender(cast, programme)
    mine = cast.giver_reporter
    made = _drafted(mine, programme, _row(of, 78, ""), _row(of, 41), _row(of, 38, "men"))
    with pytest.raises(Refused) as refused:
        submissions.submit(by=mine, submission_uuid=made.uuid, version=made.version)
    assert refused.value.code == "parts_and_total"
    (gate,) = refused.value.gates
    assert "“Pupils enrolled”, 2024-01-01 to 2024-03-31" in gate.sentence
    assert "add up to 79, the total is 78" in gate.sentence
    put = drafts.put(by=mine, submission_uuid=made.uuid, version=made.version, rows=[_row(of, 37, "men")])
    submissions.submit(by=mine, submission_uuid=put.uuid, version=put.version)


def test_groups_are_held_against_a_total_that_was_reported_before(cast: Cast, programme: Programme) -> None:
    of = _by_gender(cast, programme)
    with asking(cast.giver):
        of = Indicator.objects.get(pk=of.pk)
    reported(of, {"": 40}, by=cast.giver)
    mine = cast.giver_reporter
    made = _drafted(mine, programme, _row(of, 41))
    with pytest.raises(Refused, match="do not agree"):
        submissions.submit(by=mine, submission_uuid=made.uuid, version=made.version)
    total = _row(of, 41, "", reason="One more")
    put = drafts.put(by=mine, submission_uuid=made.uuid, version=made.version, rows=[total])
    submissions.submit(by=mine, submission_uuid=put.uuid, version=put.version)


@pytest.mark.parametrize(("name", "value"), [("age", "adults"), ("gender", "others")])
def test_a_row_of_no_group_of_its_indicator_is_refused(
    cast: Cast, programme: Programme, name: str, value: str
) -> None:
    of = _by_gender(cast, programme)
    made = _drafted(cast.giver_reporter, programme)
    row = Row(
        indicator=of.uuid,
        starts_on=FIRST_QUARTER[0],
        ends_on=FIRST_QUARTER[1],
        value=1,
        dimensions={name: value},
    )
    with pytest.raises(Invalid) as refused:
        drafts.put(by=cast.giver_reporter, submission_uuid=made.uuid, version=made.version, rows=[row])
    problems: Any = refused.value.details["problems"]
    assert problems[0]["code"] in ("unknown_axis", "unknown_category")


def test_what_a_row_rests_on_goes_to_its_value(cast: Cast, programme: Programme, pupils: Indicator) -> None:
    source = sources.register(
        by=cast.giver,
        programme_uuid=programme.uuid,
        title="Attendance sheets",
        custodian=cast.giver.organisation,
        location="Room 4",
    )
    made = _submitted(
        cast.giver_reporter, programme, _row(pupils, source=source.uuid), _row(pupils, 37, "men")
    )
    _approved(cast.giver, made)
    (women,) = [row for row in _values(cast.giver, programme) if row.cell == "gender=women"]
    with asking(cast.giver):
        assert list(Provenance.objects.values_list("value_uuid", "source__title")) == [
            (women.uuid, "Attendance sheets")
        ]
    assert _verbs(cast.giver, programme)[-2:] == ["provenance.added", "submission.approved"]


# --- who may --------------------------------------------------------------------------------------


def test_values_that_need_approval_are_not_entered_directly(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    submissions.check_direct([pupils])
    pupils.approval = True
    with pytest.raises(NotAllowed) as refused:
        submissions.check_direct([indicator(programme, by=cast.giver), pupils])
    assert refused.value.code == "needs_approval"
    assert refused.value.details["indicator"] == str(pupils.uuid)


def test_reporters_do_not_approve(cast: Cast, programme: Programme, pupils: Indicator) -> None:
    made = _submitted(cast.giver, programme, _row(pupils))
    for step in (
        lambda: _approved(cast.giver_reporter, made),
        lambda: submissions.return_(
            by=cast.giver_reporter, submission_uuid=made.uuid, version=made.version, note="No"
        ),
    ):
        with pytest.raises(NotAllowed):
            step()


def test_the_holder_of_a_responsibility_approves_its_indicators_and_no_others(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    partner = organisation("partner", OrganisationKind.NGO)
    admitted(programme, partner, StandingKind.PARTNER, by=cast.giver)
    holder, reporter = person(partner, Role.OFFICER), person(partner, Role.REPORTER)
    held = responsibility(programme, by=cast.giver, holder=partner)
    theirs = indicator(programme, by=holder, of=result(programme, by=cast.giver), responsibility=held.uuid)
    with pytest.raises(NotAllowed):
        _drafted(reporter, programme, _row(theirs), _row(pupils))
    made = _submitted(reporter, programme, _row(theirs))
    with pytest.raises(NotAllowed, match="Another organisation holds"):
        _approved(cast.giver, made)
    ours = _submitted(cast.giver_reporter, programme, _row(pupils))
    with pytest.raises(NotAllowed):
        _approved(holder, ours)
    with asking(holder):
        found = listing(holder, programme, states=["submitted"])
        decide = {item.submission.uuid: item.may_decide for item in found}
    assert decide == {made.uuid: True, ours.uuid: False}
    _approved(holder, made)
    assert [row.organisation for row in _values(cast.giver, programme)] == [partner]


@pytest.mark.parametrize("who", ["community", "donor", "auditor"])
def test_whoever_only_reads_draws_nothing_up(cast: Cast, programme: Programme, who: str) -> None:
    with pytest.raises(NotAllowed):
        submissions.draft(by=getattr(cast, who), programme_uuid=programme.uuid)


def test_for_a_stranger_there_is_no_submission(cast: Cast, programme: Programme, pupils: Indicator) -> None:
    made = _submitted(cast.giver_reporter, programme, _row(pupils))
    key: dict[str, Any] = {"by": cast.stranger, "submission_uuid": made.uuid, "version": made.version}
    for step in (
        lambda: submissions.draft(by=cast.stranger, programme_uuid=programme.uuid),
        lambda: drafts.put(**key, rows=[_row(pupils)]),
        lambda: drafts.remove(**key, draft_uuids=[uuid4()]),
        lambda: submissions.submit(**key),
        lambda: submissions.approve(**key),
        lambda: submissions.return_(**key, note="No"),
        lambda: submissions.withdraw(**key),
        lambda: _read(cast.stranger, made),
    ):
        with pytest.raises(NotFound):
            step()
    with asking(cast.stranger):
        assert (Submission.objects.count(), Draft.objects.count()) == (0, 0)


def test_a_draft_is_open_to_its_organisation_alone_until_it_is_handed_in(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    made = _drafted(cast.giver_reporter, programme, _row(pupils))
    assert _read(cast.giver, made).uuid == made.uuid
    for reader in (cast.auditor, cast.donor):
        with pytest.raises(NotFound):
            _read(reader, made)
    submissions.submit(by=cast.giver_reporter, submission_uuid=made.uuid, version=made.version)
    assert _read(cast.auditor, made).uuid == made.uuid
    with pytest.raises(NotFound):
        _read(cast.community.__class__(cast.giver_reporter.user, cast.community.organisation), made)


def test_a_list_takes_the_same_number_of_queries_however_many_submissions_there_are(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    counts = []
    for _ in range(2):
        _submitted(cast.giver_reporter, programme, _row(pupils))
        with asking(cast.giver), CaptureQueriesContext(connection) as seen:
            found = listing(cast.giver, programme)
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert [(item.drafts, item.may_decide) for item in found] == [(1, True), (1, True)]


# --- after a handover -----------------------------------------------------------------------------


def test_after_a_handover_the_receiver_decides_and_the_value_keeps_who_reported_it(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    made = _submitted(cast.giver_reporter, programme, _row(pupils))
    other = _submitted(cast.giver_reporter, programme, _row(pupils, 37, "men"))
    executed(cast, programme)
    assert _read(cast.giver, made).state == SubmissionState.SUBMITTED
    assert _read(cast.receiver, made).organisation == cast.giver.organisation
    with pytest.raises(NotAllowed):
        _approved(cast.giver, made)
    with pytest.raises(NotAllowed):
        submissions.withdraw(by=cast.giver_reporter, submission_uuid=made.uuid, version=made.version)
    _approved(cast.receiver_officer, made)
    back = submissions.return_(
        by=cast.receiver, submission_uuid=other.uuid, version=other.version, note="Not ours to take over"
    )
    (value,) = _values(cast.receiver, programme)
    assert (value.organisation, value.reported_by) == (cast.giver.organisation, cast.giver_reporter.user)
    assert (_read(cast.giver, back).state, _read(cast.giver, back).note) == (
        SubmissionState.RETURNED,
        "Not ours to take over",
    )


def test_a_period_that_the_handover_cut_is_not_drafted_whole_once_a_part_has_values(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    executed(cast, programme)
    day = TODAY.date()
    with clock.at(TODAY + dt.timedelta(days=60)):
        reported(pupils, {"women": 12}, by=cast.receiver, quarter=(day, SECOND_QUARTER[1]))
        made = _drafted(cast.receiver_reporter, programme)
        with pytest.raises(Invalid) as refused:
            drafts.put(
                by=cast.receiver_reporter,
                submission_uuid=made.uuid,
                version=made.version,
                rows=[_row(pupils, quarter=SECOND_QUARTER)],
            )
    problems: Any = refused.value.details["problems"]
    assert [item["code"] for item in problems] == ["cut_by_handover"]


def test_what_was_never_handed_in_stays_the_givers_own(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    made = _drafted(cast.giver_reporter, programme, _row(pupils))
    executed(cast, programme)
    assert _read(cast.giver, made).state == SubmissionState.DRAFT
    with pytest.raises(NotFound):
        _read(cast.receiver, made)
    with pytest.raises(NotAllowed):
        submissions.submit(by=cast.giver_reporter, submission_uuid=made.uuid, version=made.version)


def test_what_the_receivers_people_hand_in_after_the_cut_off_is_not_the_givers_to_see(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    executed(cast, programme)
    with clock.at(TODAY + dt.timedelta(days=30)):
        made = _submitted(cast.receiver_reporter, programme, _row(pupils, quarter=SECOND_QUARTER))
        with pytest.raises(NotFound):
            _read(cast.giver, made)
        _approved(cast.receiver, made)


def test_a_former_steward_hands_in_the_results_that_it_owes_and_no_others(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    former = person(organisation("former", OrganisationKind.NGO), Role.REPORTER)
    other = indicator(programme, by=cast.giver)
    _owes(former, cast, programme, pupils)
    made = _submitted(former, programme, _row(pupils))
    with pytest.raises(NotAllowed):
        _drafted(former, programme, _row(other))
    with pytest.raises(NotAllowed):
        _approved(former, made)
    _approved(cast.giver, made)
    assert [row.organisation for row in _values(cast.giver, programme)] == [former.organisation]


def test_a_former_steward_is_not_told_a_value_that_came_after_its_view_ended(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    former = person(organisation("former", OrganisationKind.NGO), Role.REPORTER)
    _owes(former, cast, programme, pupils)
    with clock.at(TODAY + dt.timedelta(days=1)):
        made = _drafted(former, programme, _row(pupils))
        reported(pupils, {"women": 4711}, by=cast.giver)
        with pytest.raises(Refused) as refused:
            submissions.submit(by=former, submission_uuid=made.uuid, version=made.version)
        with pytest.raises(Invalid) as again:
            drafts.put(
                by=former,
                submission_uuid=made.uuid,
                version=made.version,
                rows=[_row(pupils, 44, reason="Ours", revision=0)],
            )
    assert "4711" not in str(refused.value.details)
    assert "4711" not in str(again.value.details)
    problems: Any = again.value.details["problems"]
    assert [item["code"] for item in problems] == ["recorded_after_view"]


def test_what_is_under_way_is_told_to_whoever_takes_over(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    _drafted(cast.giver_reporter, programme, _row(pupils))
    _submitted(cast.giver_reporter, programme, _row(pupils), _row(pupils, 37, "men"))
    with asking(cast.stranger):
        assert list(open_lines(programme)) == []
    with asking(cast.giver):
        assert list(open_lines(programme)) == ["“First quarter”: 2 values, submitted, by Giver organisation"]


# --- at once --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_that_approve_at_once_one_is_told(cast: Cast, programme: Programme, pupils: Indicator) -> None:
    made = _submitted(cast.giver_reporter, programme, _row(pupils))
    told = _at_once(lambda: _approved(cast.giver, made), lambda: _approved(cast.giver_officer, made))
    assert [type(error) for error in told] == [Stale]
    assert len(_values(cast.giver, programme)) == 1


@pytest.mark.django_db(transaction=True)
def test_an_approval_and_a_report_of_the_same_value_at_once_enter_it_once(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    made = _submitted(cast.giver_reporter, programme, _row(pupils), _row(pupils, 37, "men"))
    told = _at_once(
        lambda: _approved(cast.giver, made), lambda: reported(pupils, {"women": 40}, by=cast.giver_officer)
    )
    assert [error.code for error in told] in (["entered_meanwhile"], ["values_refused"])
    found = [row.value for row in _values(cast.giver, programme) if row.cell == "gender=women"]
    assert found == ([Decimal(40)] if told[0].code == "entered_meanwhile" else [Decimal(41)])
    assert len(_values(cast.giver, programme)) == (1 if told[0].code == "entered_meanwhile" else 2)


# --- verification ---------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE indicators_draft SET value = 4100, value_text = '4100'", "submission_changed"),
        ("DELETE FROM indicators_draft", "submission_changed"),
        ("UPDATE indicators_submission SET state = 'draft'", "submission_changed"),
        ("UPDATE indicators_submission SET state = 'withdrawn'", "submission_changed"),
        ("DELETE FROM indicators_draft; DELETE FROM indicators_submission", "submission_missing"),
    ],
)
def test_a_submission_that_was_changed_past_the_actions_is_named(
    cast: Cast, programme: Programme, pupils: Indicator, owner_sql: OwnerSql, change: str, code: str
) -> None:
    made = _submitted(cast.giver_reporter, programme, _row(pupils))
    entries = _entries(cast.giver, programme)
    with asking(cast.giver):
        assert list(verify(programme, entries)) == []
    for part in change.split(";"):
        owner_sql(part)
    with asking(cast.giver):
        found = list(verify(programme, entries))
    assert [(finding.code, finding.subject) for finding in found] == [(code, f"submission {made.uuid}")]
