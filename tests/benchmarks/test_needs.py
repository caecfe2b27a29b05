"""Coverage and sequence of 1,000 needs and 300 interventions, loading included: together they should be under a second.

The reference is one query that reads the needs with their levels, measured in the same run.
"""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from handover.access import asking
from handover.models import Programme
from interventions.actions import documents
from interventions.models import Intervention, Need
from interventions.queries.coverage import coverage
from interventions.queries.landscape import landscape
from interventions.queries.sequence import sequence
from tests.benchmarks.test_ratios import report, seconds
from tests.factories import programmes
from tests.factories.cast import Cast
from tests.factories.interventions import LEVELS

pytestmark = pytest.mark.django_db
NEEDS, INTERVENTIONS = 1_000, 300


def test_coverage_and_sequence(programme: Programme, cast: Cast) -> None:
    chance = random.Random(4)
    programmes.grant(programme, by=cast.giver, donor=cast.donor.organisation)
    levels = list(LEVELS)
    rows: dict[str, dict[str, object]] = {
        f"n{number}": {
            "title": f"Need {number}",
            "level": levels[number % len(levels)],
            "severity": 1 + number % 5,
            "prerequisites": sorted({f"n{chance.randrange(number)}" for _ in range(2)}) if number else [],
            **({"parent": f"n{(number - 1) // 8}"} if number % 3 else {}),
        }
        for number in range(NEEDS)
    }
    keys = documents.load_needs(by=cast.giver, programme_uuid=programme.uuid, levels=LEVELS, rows=rows)
    uuids = list(keys.values())
    documents.load_interventions(
        by=cast.giver,
        programme_uuid=programme.uuid,
        rows={
            f"i{number}": {"title": f"Work {number}", "field": "health", "needs": chance.sample(uuids, 4)}
            for number in range(INTERVENTIONS)
        },
    )
    with asking(cast.giver):
        assert Intervention.objects.filter(programme=programme).count() == INTERVENTIONS
        one_query = seconds(lambda: list(Need.objects.filter(programme=programme).select_related("level")))
        covered = seconds(lambda: coverage(programme))
        ordered = seconds(lambda: sequence(landscape(programme), capacity=Decimal(10)))
    print(f"\ncoverage and sequence together: {covered + ordered:.2f} s (target 1 s)")
    report("coverage of 1,000 needs / reading them", covered, one_query, round(0.5 / one_query, 1))
    report("sequence of 300 interventions / reading the needs", ordered, one_query, round(0.5 / one_query, 1))
