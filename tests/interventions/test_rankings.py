"""Rankings: ballots counted, every one kept with its reason, both sides shown beside each other."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError
from hypothesis import given
from hypothesis import strategies as some

from handover.access import asking
from handover.errors import Invalid, NotAllowed, NotFound
from handover.models import Programme
from handover.models.guard import writing
from interventions.actions import lineage, needs, rankings
from interventions.actions.rankings import Cast as Vote
from interventions.models import Ballot, BallotLine, Consultation, Format, Need, RankedNeed, Ranking
from interventions.queries import rankings as told
from interventions.queries.needs import tree, walk
from tests.factories import interventions as make
from tests.factories import programmes
from tests.factories.cast import Cast

DAY = dt.date(2024, 3, 1)
ALL = ["Water", "Papers", "School", "Work"]


@pytest.fixture
def four(programme: Programme, cast: Cast) -> dict[str, Need]:
    """Give four needs at the top, by title."""
    make.levels(programme, by=cast.giver)
    return {title: make.need(programme, by=cast.giver, title=title) for title in ALL}


def held(four: dict[str, Need], by: Any, **said: Any) -> Ranking:
    """Hold a ranking of the community, agreed in the order of ``ALL``, unless something else is said."""
    entry = {"ranked_by": "community", "method": "agreed", "held_on": DAY, **said}
    if "needs" not in said and "ballots" not in said:
        entry["needs"] = [four[title].uuid for title in ALL]
    return rankings.hold(by=by, programme_uuid=four["Water"].programme.uuid, **entry)


def ordered(four: dict[str, Need], *titles: Any, voters: int = 1) -> Vote:
    """Make a ballot in order of preference; a tuple of titles shares a place."""
    keys = [
        [four[item].uuid for item in title] if isinstance(title, tuple) else four[title].uuid
        for title in titles
    ]
    return Vote(order=keys, voters=voters)


def counted(four: dict[str, Need], voters: int = 1, **counts: Any) -> Vote:
    """Make the count of a group."""
    return Vote(counts={four[title].uuid: count for title, count in counts.items()}, voters=voters)


def outcome(ranking: Ranking, by: Any) -> list[tuple[int, str, Decimal | None]]:
    """Give places, needs and scores."""
    with asking(by):
        rows = RankedNeed.objects.filter(ranking=ranking).select_related("need").order_by("position", "id")
        return [(row.position, str(row.need), row.score) for row in rows]


# --- counting ---


def test_ballots_in_order_of_preference_are_counted_by_borda(four: dict[str, Need], cast: Cast) -> None:
    ranking = held(
        four,
        cast.giver,
        method="order",
        ballots=[
            ordered(four, "Water", "School", "Papers", "Work", voters=3),
            ordered(four, "School", "Water", "Papers", "Work", voters=2),
        ],
    )

    assert outcome(ranking, cast.giver) == [
        (1, "Water", Decimal(13)),
        (2, "School", Decimal(12)),
        (3, "Papers", Decimal(5)),
        (4, "Work", Decimal(0)),
    ]
    assert ranking.voters == 5


def test_who_shares_a_place_shares_its_points_and_who_is_not_named_shares_the_rest(
    four: dict[str, Need], cast: Cast
) -> None:
    ranking = held(
        four,
        cast.giver,
        method="order",
        needs=[four[title].uuid for title in ALL],
        ballots=[ordered(four, ("Water", "School"))],
    )

    assert outcome(ranking, cast.giver) == [
        (1, "Water", Decimal("2.5")),
        (1, "School", Decimal("2.5")),
        (3, "Papers", Decimal("0.5")),
        (3, "Work", Decimal("0.5")),
    ]


@given(
    ballots=some.lists(
        some.tuples(some.permutations(range(5)), some.integers(0, 5), some.integers(1, 40)),
        min_size=1,
        max_size=6,
    )
)
def test_every_ballot_hands_out_the_same_points_whatever_it_leaves_out(
    ballots: list[tuple[list[int], int, int]],
) -> None:
    cast = [([[key] for key in order[:named]], voters) for order, named, voters in ballots]

    points = told.borda(cast, range(5))

    assert sum(points.values()) == sum(voters for _, voters in cast) * 10
    assert all(0 <= score <= 4 * sum(voters for _, voters in cast) for score in points.values())


@given(order=some.permutations(range(5)), voters=some.integers(1, 9))
def test_one_ballot_alone_decides(order: list[int], voters: int) -> None:
    points = told.borda([([[key] for key in order], voters)], range(5))

    assert told.places(points) == {key: place for place, key in enumerate(order, start=1)}


def test_hands_votes_and_points_are_added_up_over_groups(four: dict[str, Need], cast: Cast) -> None:
    ranking = held(
        four,
        cast.giver,
        method="show_of_hands",
        ballots=[counted(four, 20, Water=18, School=4), counted(four, 15, School=15, Papers=1)],
        voters=40,
    )

    assert outcome(ranking, cast.giver) == [
        (1, "School", Decimal(19)),
        (2, "Water", Decimal(18)),
        (3, "Papers", Decimal(1)),
    ]
    assert ranking.voters == 40


def test_points_may_be_parts_of_one_and_are_kept_exactly(four: dict[str, Need], cast: Cast) -> None:
    ballot = counted(four, 2, Water=Decimal("0.1"), School=Decimal("0.2"))

    ranking = held(four, cast.giver, method="points", ballots=[ballot, ballot])

    assert outcome(ranking, cast.giver) == [(1, "School", Decimal("0.4")), (2, "Water", Decimal("0.2"))]


def test_ballots_are_kept_without_a_name(four: dict[str, Need], cast: Cast) -> None:
    ranking = held(
        four, cast.giver, method="order", ballots=[ordered(four, "Water", ("Work", "School"), voters=4)]
    )

    with asking(cast.giver):
        ballot = Ballot.objects.get(ranking=ranking)
        lines = {str(line.need): line.value for line in BallotLine.objects.filter(ballot=ballot)}
    assert (ballot.number, ballot.voters) == (1, 4)
    assert lines == {"Water": 1, "Work": 2, "School": 2}


# --- what is refused ---


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"ranked_by": "donor"}, "invalid"),
        ({"method": "lots"}, "invalid"),
        ({"needs": []}, "too_few_needs"),
        ({"needs": ["Water"]}, "too_few_needs"),
        ({"needs": ["Water", "School", "Water"]}, "named_twice"),
        ({"needs": ["Water", "nobody"]}, "unknown_need"),
        ({"method": "order"}, "no_ballots"),
        ({"method": "agreed", "ballots": ["order"]}, "wrong_ballots"),
        ({"method": "votes", "ballots": ["order"]}, "wrong_ballots"),
        ({"method": "order", "ballots": ["counts"]}, "wrong_ballots"),
        ({"method": "votes", "ballots": ["counts"], "needs": ["School", "Work"]}, "not_a_candidate"),
        ({"method": "votes", "ballots": ["nobody came"]}, "no_voters"),
        ({"method": "votes", "ballots": ["too many"]}, "more_than_voters"),
        ({"method": "votes", "ballots": ["negative"]}, "negative_count"),
        ({"method": "votes", "ballots": ["half"]}, "not_a_whole_number"),
        ({"method": "points", "ballots": ["endless"]}, "not_a_whole_number"),
        ({"method": "votes", "ballots": ["counts"], "voters": 2}, "more_than_voters"),
        ({"voters": 0}, "no_voters"),
        ({"held_on": dt.date(2199, 1, 1)}, "held_later"),
        ({"held_on": "yesterday"}, "invalid"),
        ({"consultation": uuid4()}, "unknown_consultation"),
    ],
)
def test_a_ranking_that_cannot_be_is_refused_and_nothing_of_it_is_kept(
    four: dict[str, Need], cast: Cast, said: dict[str, Any], code: str
) -> None:
    votes = {
        "order": ordered(four, "Water", "School"),
        "counts": counted(four, 3, Water=3, School=1),
        "nobody came": counted(four, 0, Water=0, School=0),
        "too many": counted(four, 3, Water=4, School=1),
        "negative": counted(four, 3, Water=-1, School=1),
        "half": counted(four, 3, Water=Decimal("0.5"), School=1),
        "endless": counted(four, 3, Water=Decimal("NaN"), School=1),
    }
    entry = dict(said)
    if "needs" in entry:
        entry["needs"] = [four[title].uuid if title in four else uuid4() for title in entry["needs"]]
    entry["ballots"] = [votes[name] for name in entry.get("ballots", ())]
    if entry.get("method", "agreed") == "agreed":
        entry.setdefault("needs", [four[title].uuid for title in ALL])

    with pytest.raises(Invalid) as refusal:
        held(four, cast.giver, **entry)

    assert refusal.value.code == code
    with asking(cast.giver):
        assert not Ranking.objects.filter(programme=four["Water"].programme).exists()


def test_needs_of_another_programme_and_closed_ones_are_not_ranked(four: dict[str, Need], cast: Cast) -> None:
    other = programmes.programme(cast.giver)
    make.levels(other, by=cast.giver)
    foreign = make.need(other, by=cast.giver)
    home = four["Water"].programme
    lineage.merge(
        by=cast.giver,
        programme_uuid=home.uuid,
        need_uuids=[four["Work"].uuid],
        into=four["School"].uuid,
        reason="One thing",
    )

    with pytest.raises(Invalid) as strange:
        held(four, cast.giver, needs=[four["Water"].uuid, foreign.uuid])
    with pytest.raises(Invalid) as closed:
        held(four, cast.giver)

    assert (strange.value.code, closed.value.code) == ("unknown_need", "need_closed")
    assert str(foreign.uuid) in strange.value.sentence
    assert "“Work”" in closed.value.sentence


def test_a_further_ranking_of_the_same_needs_by_the_same_side_needs_a_reason(
    four: dict[str, Need], cast: Cast
) -> None:
    held(four, cast.giver, needs=[four["Water"].uuid, four["School"].uuid])
    held(four, cast.giver, needs=[four["Papers"].uuid, four["Work"].uuid])
    held(four, cast.giver, ranked_by="professionals")

    with pytest.raises(Invalid) as refusal:
        held(four, cast.giver, needs=[four["Papers"].uuid, four["School"].uuid])
    again = held(four, cast.giver, reason="The well fell dry")

    assert refusal.value.code == "reason_missing"
    assert again.reason == "The well fell dry"


def test_the_community_records_its_own_ranking_and_not_the_professionals(
    four: dict[str, Need], cast: Cast
) -> None:
    assert held(four, cast.community).organisation_id == cast.community.organisation.pk
    for said in ({"ranked_by": "professionals"}, {"apply": True, "reason": "Again"}):
        with pytest.raises(NotAllowed):
            held(four, cast.community, **said)
    with pytest.raises(NotAllowed):
        held(four, cast.donor)
    with pytest.raises(NotFound):
        held(four, cast.stranger)


def test_a_ranking_is_never_changed(four: dict[str, Need], cast: Cast, web_sql: Any) -> None:
    held(four, cast.giver)

    with pytest.raises(DatabaseError):
        web_sql(cast.giver)("UPDATE interventions_rankedneed SET position = 1")


# --- the hierarchy ---


def test_an_applied_ranking_orders_siblings_and_leaves_the_others_behind(
    four: dict[str, Need], cast: Cast
) -> None:
    home = four["Water"].programme
    for title in ("Pump", "Well", "Rain"):
        four[title] = make.need(home, by=cast.giver, title=title, below=four["Water"])

    held(
        four,
        cast.giver,
        needs=[four[title].uuid for title in ("Work", "Rain", "Water", "Pump")],
        apply=True,
    )

    with asking(cast.giver):
        shape = [str(node.need) for node in walk(tree(home))]
        versions = {str(need): need.version for need in Need.objects.filter(programme=home)}
    assert shape == ["Work", "Water", "Rain", "Pump", "Well", "Papers", "School"]
    assert versions == {"Work": 2, "Water": 2, "Papers": 2, "School": 2, "Rain": 2, "Pump": 2, "Well": 2}


def test_a_ranking_that_is_not_applied_leaves_the_hierarchy_as_it_is(
    four: dict[str, Need], cast: Cast
) -> None:
    held(four, cast.giver, needs=[four[title].uuid for title in reversed(ALL)])

    with asking(cast.giver):
        assert [str(node.need) for node in walk(tree(four["Water"].programme))] == ALL


# --- history and comparison ---


def test_the_history_keeps_every_ranking_with_its_reason_also_of_what_a_need_came_of(
    four: dict[str, Need], cast: Cast
) -> None:
    home = four["Water"].programme
    held(four, cast.giver, needs=[four["Water"].uuid, four["Work"].uuid])
    held(four, cast.giver, reason="The well fell dry", held_on=dt.date(2024, 5, 1))
    lineage.merge(
        by=cast.giver,
        programme_uuid=home.uuid,
        need_uuids=[four["Work"].uuid],
        into=four["School"].uuid,
        reason="One thing",
    )

    with asking(cast.giver):
        everything = told.history(home)
        of_school = told.history(home, four["School"])
        lines = list(told.outline(everything))
    assert [item.ranking.reason for item in everything] == ["", "The well fell dry"]
    assert [[str(place.need) for place in item.places] for item in of_school] == [
        ["Work"],
        ["School", "Work"],
    ]
    assert lines[0] == "2024-03-01 the community's ranking (agreed in discussion)"
    assert lines[-1] == "  Why: The well fell dry"


def test_two_sides_are_compared_over_what_both_ranked_the_largest_disagreement_first(
    four: dict[str, Need], cast: Cast
) -> None:
    home = four["Water"].programme
    four["Roads"] = make.need(home, by=cast.giver, title="Roads")
    held(four, cast.giver, needs=[four[t].uuid for t in ("School", "Roads", "Water", "Papers", "Work")])
    held(
        four,
        cast.giver,
        ranked_by="professionals",
        needs=[four["Water"].uuid, [four["Papers"].uuid, four["Work"].uuid], four["School"].uuid],
    )

    with asking(cast.giver):
        found = told.comparison(home)
        lines = told.chapter(home)
        warned = [(item.code, item.sentence) for item in told.health(home)]
    assert found is not None
    assert [
        (str(line.need), line.community, line.professionals, line.difference) for line in found.lines
    ] == [
        ("School", 1, 4, 3),
        ("Work", 4, 2, -2),
        ("Water", 2, 1, -1),
        ("Papers", 3, 2, -1),
    ]
    assert (found.concordant, found.discordant, found.pairs) == (2, 3, 6)
    assert found.tau == Fraction(-1, 6)
    assert [str(need) for need in found.community_alone] == ["Roads"]
    assert lines[1].endswith("Agreement (Kendall's tau, -1 to 1): -0.17")
    assert warned[0] == (
        "ranked_apart",
        "The community ranks “School” 1st, the professionals 4th, of 4 needs that both ranked.",
    )


def test_nothing_is_compared_where_the_sides_did_not_rank_the_same(four: dict[str, Need], cast: Cast) -> None:
    held(four, cast.giver, needs=[four["Water"].uuid, four["School"].uuid])
    held(four, cast.giver, ranked_by="professionals", needs=[four["Papers"].uuid, four["School"].uuid])

    with asking(cast.giver):
        assert told.comparison(four["Water"].programme) is None
        assert told.chapter(four["Water"].programme) == []


def test_what_was_ranked_in_a_consultation_is_found_by_it(four: dict[str, Need], cast: Cast) -> None:
    home = four["Water"].programme
    with asking(cast.giver), writing():
        assembly = Consultation.objects.create(programme=home, held_on=DAY, format=Format.ASSEMBLY)
    held(four, cast.giver, consultation=assembly.uuid)
    held(four, cast.giver, reason="Again")

    with asking(cast.giver):
        assert [item.ranking.reason for item in told.of_consultation(assembly)] == [""]


def test_a_met_need_is_still_ranked(four: dict[str, Need], cast: Cast) -> None:
    needs.meet(by=cast.giver, need_uuid=four["Water"].uuid, version=1, reason="Taps in every house")

    assert outcome(held(four, cast.giver), cast.giver)[0] == (1, "Water", None)
