"""Coverage: what is open is named, with its path, at its lowest; what is answered is not."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given

from handover.access import asking
from handover.actions import registers
from handover.models import BudgetLine, Programme
from handover.models.responsibilities import ResponsibilityKind
from interventions.actions import interventions
from interventions.queries import coverage
from interventions.queries.coverage import Lack, blocked, needless, unanswered
from interventions.queries.landscape import Landscape
from tests.factories import interventions as make
from tests.factories import programmes
from tests.factories.cast import Cast
from tests.interventions.scenes import done, need, scene
from tests.interventions.test_sequence import landscapes

ENDS = dt.date(2024, 12, 31)


def test_a_need_without_an_intervention_is_named_with_its_path() -> None:
    there = scene([need(1), need(2, parent=1), need(3, parent=1)], [done(1)], answers=[(1, 2)])
    (found,) = unanswered(there)
    assert (found.title, found.path) == ("need 3", ("need 1", "need 3"))
    assert found.sentence == "No intervention answers “need 3” (severity 3 of 5)."


def test_a_need_is_answered_where_all_its_parts_are() -> None:
    there = scene([need(1), need(2, parent=1), need(3, parent=2)], [done(1)], answers=[(1, 3)])
    assert list(unanswered(there)) == []


def test_a_part_of_a_need_that_is_answered_as_a_whole_is_still_named_and_says_so() -> None:
    there = scene([need(1), need(2, parent=1)], [done(1)], answers=[(1, 1)])
    (found,) = unanswered(there)
    assert found.sentence.endswith("“need 1” above it is answered as a whole.")


def test_a_met_need_asks_for_nothing() -> None:
    there = scene([need(1, met=True), need(2)], [done(1)], answers=[(1, 2)], requires=[(2, 1)])
    assert [*unanswered(there), *blocked(there)] == []


def test_an_intervention_without_a_need_is_named() -> None:
    (found,) = needless(scene([], [done(1)]))
    assert (found.lack, found.title) == (Lack.NEEDLESS, "work 1")


def test_a_prerequisite_that_nobody_answers_is_named_over_any_number_of_steps() -> None:
    there = scene([need(1), need(2), need(3)], [done(1)], answers=[(1, 1), (1, 2)], requires=[(1, 2), (2, 3)])
    found = {item.title: item for item in blocked(there)}
    assert found.keys() == {"need 1", "need 2"}
    assert found["need 1"].path == ("need 1", "need 2", "need 3")
    assert (
        found["need 1"].sentence
        == "“need 1” waits for “need 2”, which waits for “need 3”: nobody answers that."
    )


@given(landscapes())
def test_every_need_is_answered_or_something_at_or_below_it_is_named(there: Landscape) -> None:
    named = {item.title for item in unanswered(there)}
    for node in there.needs.values():
        assert (node.title in named) == (node.key not in there.answered and not there.children.get(node.key))
    for item in blocked(there):
        last = next(node for node in there.needs.values() if node.title == item.path[-1])
        assert last.key not in there.answered


@pytest.mark.django_db
class TestOrphans:
    """Needs whose only answer has no funded holder after the grant ends."""

    def lacks(self, programme: Programme, cast: Cast) -> dict[str, str]:
        with asking(cast.giver):
            found = coverage.coverage(programme)
        return {item.lack.value: item.sentence for item in found if item.lack in (Lack.ORPHANED, Lack.UNSURE)}

    def answered(self, programme: Programme, cast: Cast, **said: object) -> None:
        programmes.grant(programme, by=cast.giver, donor=cast.donor.organisation)
        there = make.need(programme, by=cast.giver)
        made = make.intervention(programme, by=cast.giver, **said)  # type: ignore[arg-type]
        interventions.answer(
            by=cast.giver, intervention_uuid=made.uuid, need_uuid=there.uuid, reason="It answers it"
        )

    def line(self, programme: Programme, cast: Cast, **said: object) -> None:
        budget = programmes.responsibility(
            programme, by=cast.giver, title="Local budget", kind=ResponsibilityKind.BUDGET_LINE
        )
        fields = {"title": "Health mediation", "year": 2025, "source": "municipality", "currency": "EUR"}
        registers.enter(
            by=cast.giver,
            register=BudgetLine,
            responsibility_uuid=budget.uuid,
            **{**fields, "amount": Decimal(10), **said},
        )

    def test_a_need_is_orphaned_where_only_the_grant_pays(self, programme: Programme, cast: Cast) -> None:
        make.levels(programme, by=cast.giver)
        self.answered(programme, cast)
        self.line(programme, cast, source="grant", year=2024)
        (sentence,) = self.lacks(programme, cast).values()
        assert f"{cast.giver.organisation.name} holds it and has no money for it but the grant's" in sentence
        assert "after 31 December 2024" in sentence

    def test_money_that_is_only_asked_for_is_told_apart(self, programme: Programme, cast: Cast) -> None:
        make.levels(programme, by=cast.giver)
        self.answered(programme, cast)
        self.line(programme, cast, stage="requested")
        assert list(self.lacks(programme, cast)) == [Lack.UNSURE.value]

    def test_adopted_money_of_the_year_after_keeps_a_need_from_being_orphaned(
        self, programme: Programme, cast: Cast
    ) -> None:
        make.levels(programme, by=cast.giver)
        self.answered(programme, cast)
        self.line(programme, cast, stage="adopted")
        assert self.lacks(programme, cast) == {}

    def test_money_of_the_grants_last_year_is_not_money_after_it(
        self, programme: Programme, cast: Cast
    ) -> None:
        make.levels(programme, by=cast.giver)
        self.answered(programme, cast)
        self.line(programme, cast, year=2024)
        assert list(self.lacks(programme, cast)) == [Lack.ORPHANED.value]

    def test_an_answer_that_ends_with_the_grant_is_none_after_it(
        self, programme: Programme, cast: Cast
    ) -> None:
        make.levels(programme, by=cast.giver)
        self.answered(programme, cast, starts_on=dt.date(2024, 1, 1), ends_on=ENDS)
        self.line(programme, cast)
        (sentence,) = self.lacks(programme, cast).values()
        assert "it ends on 31 December 2024" in sentence

    def test_a_responsibility_that_nobody_holds_after_the_grant_orphans_its_needs(
        self, programme: Programme, cast: Cast
    ) -> None:
        make.levels(programme, by=cast.giver)
        held = programmes.responsibility(programme, by=cast.giver)
        self.answered(programme, cast, responsibility=held.uuid)
        self.line(programme, cast)
        assert self.lacks(programme, cast) == {}

    def test_it_takes_as_many_queries_for_many_needs_as_for_few(
        self, programme: Programme, cast: Cast
    ) -> None:
        programmes.grant(programme, by=cast.giver, donor=cast.donor.organisation)
        make.many_needs(programme, 10, by=cast.giver)
        with asking(cast.giver), CaptureQueriesContext(connection) as few:
            coverage.coverage(programme)
        make.many_needs(programme, 60, by=cast.giver)
        with asking(cast.giver), CaptureQueriesContext(connection) as many:
            coverage.coverage(programme)
        assert len(few) == len(many)
