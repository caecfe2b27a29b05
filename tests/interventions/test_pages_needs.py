"""The pages of needs: the tree, one need, what is left open, and everything that can be done without a script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handover.access import Actor, asking
from handover.models import Programme
from handover.narratives import best
from interventions.actions import interventions as intervention_actions
from interventions.actions import needs as need_actions
from interventions.models import Need, NeedLevel, NeedState
from interventions.queries.need_pages import counts, needs_tree
from tests.factories.cast import Cast
from tests.factories.interventions import intervention, levels, need


@pytest.fixture(autouse=True)
def reading(cast: Cast) -> Iterator[None]:
    """Let the test itself read as the giver; each request says for itself who asks."""
    with asking(cast.giver):
        yield


def client(actor: Actor) -> Client:
    made = Client()
    made.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
    return made


def shown(actor: Actor, name: str, *args: Any, **query: Any) -> str:
    answer = client(actor).get(reverse(name, args=args), query)
    assert answer.status_code == 200, answer.content[:500]
    return str(answer.content.decode())


def sent(actor: Actor, name: str, *args: Any, **given: Any) -> str:
    answer: Any = client(actor).post(reverse(name, args=args), given, follow=True)
    return str(answer.content.decode())


def test_a_programme_without_levels_is_given_six_to_begin_with(cast: Cast, programme: Programme) -> None:
    assert "Begin with six levels" in shown(cast.giver, "needs", programme.uuid)
    assert "Begin with six levels" not in shown(cast.auditor, "needs", programme.uuid)
    text = sent(cast.giver, "needs-begin", programme.uuid)
    assert NeedLevel.objects.filter(programme=programme).count() == 6
    assert "Add the first need" in text


def test_the_tree_tells_number_level_severity_and_coverage(cast: Cast, programme: Programme) -> None:
    levels(programme, by=cast.giver)
    top = need(programme, by=cast.giver, title="Safe home")
    part = need(programme, by=cast.giver, below=top, title="Water <near>", severity=5, level="health")
    need(programme, by=cast.giver, below=top, title="Heat")
    done = intervention(programme, by=cast.giver, title="Wells")
    intervention_actions.answer(by=cast.giver, intervention_uuid=done.uuid, need_uuid=part.uuid)
    text = shown(cast.auditor, "needs", programme.uuid)
    assert "Water &lt;near&gt;" in text
    assert "severity 5 of 5" in text
    assert "Wells" in text
    assert "Answered by nothing" in text
    assert "Parts are open" in text
    assert "Add below" not in text
    assert "Add below" in shown(cast.giver, "needs", programme.uuid)


def test_a_need_with_parts_is_counted_by_its_parts_and_its_answer_is_theirs(
    cast: Cast, programme: Programme
) -> None:
    levels(programme, by=cast.giver)
    top = need(programme, by=cast.giver, title="Safe home")
    need(programme, by=cast.giver, below=top, title="Water")
    met = need(programme, by=cast.giver, below=top, title="Heat")
    need(programme, by=cast.giver, title="School")
    need_actions.meet(by=cast.giver, need_uuid=met.uuid, version=met.version, reason="Seen")
    told = counts(needs_tree(programme))
    assert (told.needs, told.met, told.answered, told.open) == (3, 1, 0, 2)
    done = intervention(programme, by=cast.giver)
    intervention_actions.answer(by=cast.giver, intervention_uuid=done.uuid, need_uuid=top.uuid)
    told = counts(needs_tree(programme))
    assert (told.needs, told.met, told.answered, told.open) == (3, 1, 1, 1)


def test_a_need_is_added_below_another_changed_and_moved(cast: Cast, programme: Programme) -> None:
    rows = levels(programme, by=cast.giver)
    top = need(programme, by=cast.giver, title="Safe home")
    assert "selected>1 Safe home" in shown(cast.giver, "need-add", programme.uuid, below=str(top.uuid))
    given = {
        "title_en": "Water",
        "parent": top.uuid,
        "level": rows[0].uuid,
        "severity": "4",
        "raised_by": "community",
        "people_affected": "74",
        "people_source": "Household count",
    }
    text = sent(cast.giver, "need-add", programme.uuid, **given)
    made = Need.objects.get(programme=programme, parent=top)
    assert "The need is added." in text
    assert (made.severity, made.people_affected) == (4, 74)
    change = {**given, "version": made.version, "title_ro": "Apă"}
    sent(cast.giver, "need-edit", programme.uuid, made.uuid, **change)
    made.refresh_from_db()
    assert best(made.title, "ro") == "Apă"
    sent(cast.giver, "need-move", programme.uuid, made.uuid, version=made.version, parent="", rank="1")
    made.refresh_from_db()
    assert made.parent is None


def test_people_without_a_source_are_refused_at_their_field(cast: Cast, programme: Programme) -> None:
    rows = levels(programme, by=cast.giver)
    given = {
        "title_en": "Water",
        "level": rows[0].uuid,
        "severity": "4",
        "raised_by": "both",
        "people_affected": "74",
    }
    text = sent(cast.giver, "need-add", programme.uuid, **given)
    assert "There is a problem" in text
    assert 'href="#id_people_source"' in text
    assert not Need.objects.filter(programme=programme).exists()


def test_a_need_goes_up_and_down_by_buttons_and_stops_at_the_ends(cast: Cast, programme: Programme) -> None:
    levels(programme, by=cast.giver)
    first, second = (need(programme, by=cast.giver, title=title) for title in ("One", "Two"))
    sent(cast.giver, "need-rank", programme.uuid, second.uuid, way="up")
    assert [str(node.need) for node in needs_tree(programme)] == ["Two", "One"]
    assert "at the end of its level" in sent(cast.giver, "need-rank", programme.uuid, second.uuid, way="up")
    sent(cast.giver, "need-rank", programme.uuid, second.uuid, way="down")
    assert [str(node.need) for node in needs_tree(programme)] == ["One", "Two"]
    assert client(cast.giver).get(reverse("need-rank", args=[programme.uuid, first.uuid])).status_code == 405


def test_a_need_is_met_and_open_again_with_a_reason(cast: Cast, programme: Programme) -> None:
    levels(programme, by=cast.giver)
    row = need(programme, by=cast.giver)
    assert "Say why." in sent(cast.giver, "need-state", programme.uuid, row.uuid, version=row.version)
    sent(cast.giver, "need-state", programme.uuid, row.uuid, version=row.version, reason="Wells are dug")
    row.refresh_from_db()
    assert row.state == NeedState.MET
    sent(cast.giver, "need-state", programme.uuid, row.uuid, version=row.version, reason="They froze")
    row.refresh_from_db()
    assert row.state == NeedState.STANDING


def test_needs_are_merged_and_split_and_stay_readable_with_how_they_came_about(
    cast: Cast, programme: Programme
) -> None:
    levels(programme, by=cast.giver)
    one, other = (need(programme, by=cast.giver, title=title) for title in ("Water", "Wells"))
    sent(cast.giver, "need-merge", programme.uuid, other.uuid, other=one.uuid, reason="The same")
    text = shown(cast.auditor, "need", programme.uuid, other.uuid)
    assert "Merged into another" in text
    assert "The same" in text
    assert reverse("need-edit", args=[programme.uuid, other.uuid]) not in text
    sent(
        cast.giver, "need-split", programme.uuid, one.uuid, part_1="Clean", part_2="Near", reason="Two things"
    )
    assert {str(node.need) for node in needs_tree(programme)} == {"Clean", "Near"}
    only = sent(cast.giver, "need-split", programme.uuid, one.uuid, part_1="Clean", reason="x")
    assert "Enter at least two parts." in only


def test_a_circle_of_needs_is_refused_in_words(cast: Cast, programme: Programme) -> None:
    levels(programme, by=cast.giver)
    one, other = (need(programme, by=cast.giver, title=title) for title in ("Papers", "School"))
    sent(cast.giver, "need-require", programme.uuid, other.uuid, other=one.uuid)
    assert "Papers" in shown(cast.auditor, "need", programme.uuid, other.uuid)
    refused = sent(cast.giver, "need-require", programme.uuid, one.uuid, other=other.uuid)
    assert "There is a problem" in refused
    sent(cast.giver, "need-release", programme.uuid, other.uuid, other=one.uuid)
    assert not other.prerequisites.exists()


def test_a_second_editor_is_told_what_the_first_has_changed(cast: Cast, programme: Programme) -> None:
    rows = levels(programme, by=cast.giver)
    row = need(programme, by=cast.giver)
    need_actions.edit(by=cast.giver, need_uuid=row.uuid, version=row.version, severity=5)
    given = {"title_en": "Mine", "level": rows[0].uuid, "severity": "2", "raised_by": "both"}
    text = sent(cast.giver, "need-edit", programme.uuid, row.uuid, version=row.version, **given)
    assert "now: 5" in text
    assert Need.objects.get(pk=row.pk).severity == 5


def test_what_is_left_open_is_told_with_a_way_to_mend_it(cast: Cast, programme: Programme) -> None:
    assert "No needs and no interventions are entered yet" in shown(cast.auditor, "coverage", programme.uuid)
    levels(programme, by=cast.giver)
    row = need(programme, by=cast.giver)
    done = intervention(programme, by=cast.giver)
    text = shown(cast.auditor, "coverage", programme.uuid)
    assert "Needs that nothing answers" in text
    assert "Interventions that answer no need" in text
    intervention_actions.answer(by=cast.giver, intervention_uuid=done.uuid, need_uuid=row.uuid)
    assert "Nothing is open" in shown(cast.auditor, "coverage", programme.uuid)


def test_the_sequence_is_suggested_by_capacity_and_a_wrong_one_is_told(
    cast: Cast, programme: Programme
) -> None:
    assert "nothing to put in order" in shown(cast.auditor, "sequence", programme.uuid)
    intervention(programme, by=cast.giver, title="One", effort="2")
    intervention(programme, by=cast.giver, title="Two", effort="2")
    text = shown(cast.auditor, "sequence", programme.uuid, capacity="2")
    assert "Period 1" in text
    assert "Period 2" in text
    assert "There is a problem" in shown(cast.auditor, "sequence", programme.uuid, capacity="0")
    assert "There is a problem" in shown(cast.auditor, "sequence", programme.uuid, capacity="much")


def test_readers_read_and_strangers_find_nothing(cast: Cast, programme: Programme) -> None:
    levels(programme, by=cast.giver)
    row = need(programme, by=cast.giver)
    assert client(cast.auditor).get(reverse("need-add", args=[programme.uuid])).status_code == 403
    assert client(cast.stranger).get(reverse("needs", args=[programme.uuid])).status_code == 404
    assert client(cast.stranger).get(reverse("need", args=[programme.uuid, row.uuid])).status_code == 404
