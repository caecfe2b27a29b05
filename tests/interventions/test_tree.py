"""The needs tree: loaded in one query, in the order in which needs come."""

from __future__ import annotations

import pytest

from handover.access import asking
from handover.models import Programme
from interventions.actions import interventions, needs
from interventions.queries.needs import outline, tree, walk
from tests.factories import interventions as make
from tests.factories import programmes
from tests.factories.cast import Cast


@pytest.mark.parametrize("count", [10, 1000])
def test_one_query_loads_the_whole_tree(
    programme: Programme, cast: Cast, count: int, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    make.many_needs(programme, count, by=cast.giver)

    with asking(cast.giver), django_assert_num_queries(1):  # type: ignore[operator]
        roots = tree(programme)
        lines = list(outline(roots))

    assert (len(roots), len(list(walk(roots))), len(lines)) == (1, count, count)


def test_siblings_stand_by_level_then_by_rank(programme: Programme, cast: Cast) -> None:
    make.levels(programme, by=cast.giver)
    school = make.need(programme, by=cast.giver, level="education", title="School", rank=1)
    food = make.need(programme, by=cast.giver, level="survival", title="Food", rank=9)
    water = make.need(programme, by=cast.giver, level="survival", title="Water", rank=2)
    make.need(programme, by=cast.giver, level="survival", title="Same rank, later", rank=9)
    make.need(programme, by=cast.giver, below=water, title="Pump")

    with asking(cast.giver):
        order = [(node.number, str(node.need), node.depth) for node in walk(tree(programme))]

    assert order == [
        ("1", "Water", 0),
        ("1.1", "Pump", 1),
        ("2", "Food", 0),
        ("3", "Same rank, later", 0),
        ("4", "School", 0),
    ]
    assert str(school) == "School"
    assert food.rank == 9


def test_a_node_knows_how_many_interventions_answer_it(programme: Programme, cast: Cast) -> None:
    make.levels(programme, by=cast.giver)
    top = make.need(programme, by=cast.giver)
    make.need(programme, by=cast.giver, below=top)
    for _ in range(2):
        work = make.intervention(programme, by=cast.giver)
        interventions.answer(by=cast.giver, intervention_uuid=work.uuid, need_uuid=top.uuid)

    with asking(cast.giver):
        counts = [node.answered_by for node in walk(tree(programme))]

    assert counts == [2, 0]


def test_the_outline_tells_severity_people_interventions_and_the_level_where_a_branch_enters_it(
    programme: Programme, cast: Cast
) -> None:
    make.levels(programme, by=cast.giver)
    top = make.need(programme, by=cast.giver, title={"en": "Water", "ro": "Apă"}, severity=5)
    make.need(programme, by=cast.giver, below=top, title="Pump", people_affected=80, people_source="Survey")
    work = make.intervention(programme, by=cast.giver)
    interventions.answer(by=cast.giver, intervention_uuid=work.uuid, need_uuid=top.uuid)

    with asking(cast.giver):
        lines = list(outline(tree(programme), lang="ro"))

    assert lines == [
        "1 Apă (Survival, severity 5/5, 1 intervention)",
        "  1.1 Pump (severity 3/5, 80 people, no intervention)",
    ]


def test_a_tree_holds_its_own_programme_alone(programme: Programme, cast: Cast) -> None:
    other = programmes.programme(cast.giver)
    make.many_needs(other, 5, by=cast.giver)
    make.levels(programme, by=cast.giver)
    own = make.need(programme, by=cast.giver)

    with asking(cast.giver):
        assert [node.need.pk for node in walk(tree(programme))] == [own.pk]
    with asking(cast.stranger):
        assert tree(programme) == []


def test_a_moved_branch_is_renumbered(programme: Programme, cast: Cast) -> None:
    make.levels(programme, by=cast.giver)
    here, there = (
        make.need(programme, by=cast.giver, title="Here"),
        make.need(programme, by=cast.giver, title="There"),
    )
    branch = make.need(programme, by=cast.giver, below=here, title="Branch")
    make.need(programme, by=cast.giver, below=branch, title="Leaf")

    needs.move(by=cast.giver, need_uuid=branch.uuid, parent=there.uuid, version=1)

    with asking(cast.giver):
        numbers = {str(node.need): node.number for node in walk(tree(programme))}
    assert numbers == {"Here": "1", "There": "2", "Branch": "2.1", "Leaf": "2.1.1"}
