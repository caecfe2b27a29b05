"""Search: needs and interventions that are called so, where they are open."""

from __future__ import annotations

from handover.access import Actor, asking
from handover.models import Programme
from interventions.queries.search import search
from tests.factories.cast import Cast
from tests.factories.interventions import intervention, levels, need


def found_by(actor: Actor, text: str, limit: int = 10) -> list[tuple[str, list[str], bool]]:
    with asking(actor):
        return [
            (group.title, [hit.title for hit in group.hits], group.more)
            for group in search(actor, text, limit)
        ]


def test_needs_and_interventions_are_found_by_a_part_of_their_title(cast: Cast, programme: Programme) -> None:
    levels(programme, by=cast.giver)
    need(programme, by=cast.giver, title="Clean drinking water")
    intervention(programme, by=cast.giver, title="Water carried to the houses")
    assert found_by(cast.giver_reporter, "WATER") == [
        ("Needs", ["Clean drinking water"], False),
        ("Interventions", ["Water carried to the houses"], False),
    ]
    assert [hits for _, hits, _ in found_by(cast.stranger, "water")] == [[], []]


def test_more_than_the_limit_is_told_as_more(cast: Cast, programme: Programme) -> None:
    levels(programme, by=cast.giver)
    for number in range(3):
        need(programme, by=cast.giver, title=f"Well {number}")
    (needs, _) = found_by(cast.giver, "well", limit=2)
    assert (len(needs[1]), needs[2]) == (2, True)
