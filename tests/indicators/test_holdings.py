"""What this app offers to a handover: rows conserved, documents loaded, an outline, lines for the annex."""

from __future__ import annotations

import json
from decimal import Decimal
from importlib import resources
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover import holdings
from handover.access import asking
from handover.actions import places
from handover.errors import Invalid
from handover.models import Programme
from indicators.actions import axes, breaks, provenance, sources, values
from indicators.holdings import IndicatorsHolding
from indicators.models import Axis, Baseline, Indicator, Result, Target, Value
from indicators.queries.conservation import CHUNK
from interventions.holdings import InterventionsHolding
from tests.factories import transfers as plans
from tests.factories.cast import TODAY, Cast
from tests.factories.indicators import csv_of, indicator, reported
from tests.factories.organisations import OPERATOR
from tests.factories.programmes import programme as another_programme
from tests.factories.programmes import responsibility

pytestmark = pytest.mark.django_db

HOLDING = IndicatorsHolding()
DEMONSTRATION = resources.files("handover.demonstration")


def _conserved(cast: Cast, programme: Programme) -> dict[str, holdings.Conserved]:
    with asking(cast.giver):
        return {item.name: item for item in HOLDING.conserved(programme)}


def test_the_app_is_registered_after_interventions() -> None:
    names = [holding.name for holding in holdings.holdings()]
    assert names.index("interventions") < names.index("indicators")


def test_values_are_counted_summed_and_digested(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    empty = _conserved(cast, programme)["indicators.value"]
    reported(of, {"women": "0.10", "men": "0.2"}, by=cast.giver)
    found = _conserved(cast, programme)
    value = found["indicators.value"]
    assert (value.count, dict(value.sums)) == (2, {"value": "0.3", "numerator": "0", "denominator": "0"})
    assert value.digest != empty.digest
    assert (found["indicators.indicator"].count, found["indicators.period"].count) == (1, 1)
    assert _conserved(cast, programme) == found


def test_a_correction_changes_what_is_conserved(cast: Cast, programme: Programme) -> None:
    reported(indicator(programme, by=cast.giver), {"women": 41}, by=cast.giver)
    before = _conserved(cast, programme)["indicators.value"]
    with asking(cast.giver):
        (row,) = Value.objects.all()
    values.correct(by=cast.giver, value_uuid=row.uuid, value=41, reason="The same after a recount")
    after = _conserved(cast, programme)["indicators.value"]
    assert (after.count, after.digest != before.digest) == (2, True)


def test_another_programmes_values_are_not_part_of_it(cast: Cast, programme: Programme) -> None:
    reported(indicator(programme, by=cast.giver), {"women": 41}, by=cast.giver)
    before = _conserved(cast, programme)
    other = another_programme(cast.giver)
    reported(indicator(other, by=cast.giver), {"women": 41}, by=cast.giver)
    assert _conserved(cast, programme) == before


def test_conserving_takes_two_statements_however_many_values_there_are(
    cast: Cast, programme: Programme
) -> None:
    of = indicator(programme, by=cast.giver)
    counts = []
    for first, size in ((0, 3), (3, CHUNK + 10)):
        lines = csv_of(of, size, first=first)
        values.import_csv(by=cast.giver, programme_uuid=programme.uuid, lines=lines)
        with asking(cast.giver), CaptureQueriesContext(connection) as seen:
            HOLDING.conserved(programme)
        counts.append(len(seen))
    assert counts == [2, 2]


# --- documents ------------------------------------------------------------------------------------

SMALL: dict[str, Any] = {
    "indicators": {
        "results": [
            {
                "key": "school",
                "type": 2,
                "aggregation_status": True,
                "title": {"en": "School"},
                "indicators": [
                    {
                        "key": "pupils",
                        "measure": 1,
                        "ascending": True,
                        "aggregation_status": False,
                        "title": {"en": "Pupils", "ro": "Elevi"},
                        "counting_rule": "distinct_persons",
                        "reference": [{"vocabulary": "99", "code": "EECO01"}],
                        "responsibility": "centre",
                        "baseline": {"year": 2022, "value": "11", "comment": "Count"},
                        "target_by_year": {"2024": "65", "2025": "85"},
                    },
                    {
                        "key": "share",
                        "measure": 2,
                        "title": {"en": "Share"},
                        "baseline": {"year": 2022, "value": "40.5"},
                    },
                    {"key": "trust", "measure": 5, "title": {"en": "Trust"}},
                ],
            }
        ]
    },
    "values_csv": "indicator,start,end,place,gender,age,value,numerator,denominator\n"
    "pupils,2024-01-01,2024-12-31,village,women,children,30,,\n"
    "pupils,2024-01-01,2024-12-31,village,men,children,31,,\n"
    "share,2024-01-01,2024-12-31,village,,,33.3,1,3\n",
}


def _names(cast: Cast, programme: Programme) -> dict[str, UUID]:
    place = places.add_unit(by=OPERATOR, country="RO", nuts3="RO999", code="DEMO-1", name="Village")
    return {
        "place:village": place.uuid,
        "responsibility:centre": responsibility(programme, by=cast.giver).uuid,
    }


def test_a_document_comes_in_with_its_values(cast: Cast, programme: Programme) -> None:
    names = _names(cast, programme)
    added = HOLDING.load(programme, SMALL, by=cast.giver, names=names)
    with asking(cast.giver):
        pupils = Indicator.objects.select_related("responsibility").get(uuid=added["indicator:pupils"])
        assert set(added) == {"indicator:pupils", "indicator:share", "indicator:trust"}
        assert pupils.responsibility is not None
        assert pupils.responsibility.uuid == names["responsibility:centre"]
        assert (pupils.measure, pupils.ascending, pupils.aggregation_status) == ("1", "1", "0")
        assert pupils.references == [{"vocabulary": "99", "code": "EECO01"}]
        assert Result.objects.get().aggregation_status == "1"
        assert [item.value_text for item in Baseline.objects.order_by("id")] == ["11", "40.5"]
        assert [item.value for item in Target.objects.order_by("id")] == [65, 85]
        # The file's year is the target's own period: they stand together.
        assert Value.objects.filter(period__targets__isnull=False).count() == 2


def test_values_may_come_after_their_indicators(cast: Cast, programme: Programme) -> None:
    names = _names(cast, programme)
    added = HOLDING.load(programme, {"indicators": SMALL["indicators"]}, by=cast.giver, names=names)
    later = HOLDING.load(
        programme, {"values_csv": SMALL["values_csv"]}, by=cast.giver_officer, names={**names, **added}
    )
    assert later == {}
    with asking(cast.giver):
        assert (Result.objects.count(), Value.objects.count()) == (1, 3)


def test_the_outline_tells_where_each_indicator_stood_stands_and_should(
    cast: Cast, programme: Programme
) -> None:
    HOLDING.load(programme, SMALL, by=cast.giver, names=_names(cast, programme))
    with asking(cast.giver), CaptureQueriesContext(connection) as seen:
        lines = list(HOLDING.outline(programme))
    assert lines == [
        "Results and indicators",
        "  School (outcome)",
        "    Pupils: baseline 11 in 2022; 61 by 2024-12-31 (groups added); target 65",
        "    Share: baseline 40.5% in 2022; 33.3% by 2024-12-31 (of all groups)",
        "    Trust: nothing reported yet",
    ]
    assert len(seen) == 10


def test_a_programme_without_indicators_has_no_outline(cast: Cast, programme: Programme) -> None:
    with asking(cast.giver):
        assert list(HOLDING.outline(programme)) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"key": ""}, "key_missing"),
        ({"key": "share"}, "repeated_key"),
        ({"need": "nobody"}, "unknown_need"),
        ({"colour": "green"}, "unknown_field"),
        ({"counting_rule": "guesses"}, "invalid"),
    ],
)
def test_a_document_that_is_wrong_leaves_nothing_behind(
    cast: Cast, programme: Programme, change: dict[str, Any], code: str
) -> None:
    document = json.loads(json.dumps(SMALL))
    document["indicators"]["results"][0]["indicators"][0].update(change)
    with pytest.raises(Invalid) as refused:
        HOLDING.load(programme, document, by=cast.giver, names=_names(cast, programme))
    assert refused.value.code == code
    with asking(cast.giver):
        assert Result.objects.count() == 0


def test_wrong_values_leave_no_definitions_behind(cast: Cast, programme: Programme) -> None:
    document = {**SMALL, "values_csv": SMALL["values_csv"] + "pupils,2024-01-01,2024-12-31,nowhere,,,1,,\n"}
    with pytest.raises(Invalid, match="Line 5"):
        HOLDING.load(programme, document, by=cast.giver, names=_names(cast, programme))
    with asking(cast.giver):
        assert Result.objects.count() == 0


def _demonstration(name: str) -> Any:
    return json.loads((DEMONSTRATION / name).read_text(encoding="utf-8"))


def test_the_demonstration_comes_in_whole(cast: Cast, programme: Programme) -> None:
    names: dict[str, UUID] = {}
    for number, place in enumerate(_demonstration("places.json")):
        made = places.add_unit(
            by=OPERATOR, country=place["country"], nuts3=place["nuts3"], code=f"D{number}", name=place["name"]
        )
        names[f"place:{place['key']}"] = made.uuid
    for row in _demonstration("responsibilities.json"):
        names[f"responsibility:{row['key']}"] = responsibility(
            programme, by=cast.giver, title=row["title"]
        ).uuid
    needs = {"needs": _demonstration("needs.json"), "interventions": _demonstration("interventions.json")}
    names.update(InterventionsHolding().load(programme, needs, by=cast.giver, names=names))
    document = {
        "indicators": _demonstration("indicators.json"),
        "values_csv": (DEMONSTRATION / "values.csv").read_text(encoding="utf-8"),
    }
    added = HOLDING.load(programme, document, by=cast.giver, names=names)
    with asking(cast.giver):
        assert len(added) == Indicator.objects.count() >= 30
        assert Value.objects.count() == len(str(document["values_csv"]).splitlines()) - 1
        lines = list(HOLDING.outline(programme))
    assert len(lines) > len(added)


RICH: dict[str, Any] = {
    "axes": [{"standard": "gender"}, {"name": "grade", "categories": [{"code": "1"}, {"code": "2"}]}],
    "results": [
        {
            "key": "school",
            "type": 2,
            "title": "School",
            "indicators": [
                {
                    "key": "rate",
                    "measure": 2,
                    "title": "Pass rate",
                    "expression": "share(passed, enrolled)",
                    "parts": {"passed": "passed", "enrolled": "enrolled"},
                    "frequency": "school_year",
                },
                {
                    "key": "passed",
                    "measure": 1,
                    "title": "Passed",
                    "unit": "persons",
                    "counting_rule": "distinct_persons",
                    "axes": ["gender", "grade"],
                },
                {
                    "key": "enrolled",
                    "measure": 1,
                    "title": "Enrolled",
                    "unit": "persons",
                    "counting_rule": "distinct_persons",
                    "green_from": "95",
                    "due_days": 30,
                    "approval": True,
                },
            ],
        }
    ],
}


def test_a_document_brings_axes_rules_and_calculations(cast: Cast, programme: Programme) -> None:
    added = HOLDING.load(programme, {"indicators": RICH}, by=cast.giver, names={})
    with asking(cast.giver):
        rate, passed, enrolled = (
            Indicator.objects.get(uuid=added[f"indicator:{key}"]) for key in ("rate", "passed", "enrolled")
        )
        assert Axis.objects.count() == 2
    assert rate.parts == {"passed": str(passed.uuid), "enrolled": str(enrolled.uuid)}
    assert (passed.axes, enrolled.green_from, enrolled.approval) == (["gender", "grade"], Decimal(95), True)


@pytest.mark.parametrize(
    ("key", "change", "code"),
    [
        ("passed", {"counting_rule": "none"}, "counting_rule_missing"),
        ("passed", {"axes": ["height"]}, "unknown_axis"),
        ("rate", {"parts": {"passed": "passed", "enrolled": "nobody"}}, "unknown_part"),
        ("rate", {"parts": {"passed": "rate", "enrolled": "passed"}}, "calculated_from_itself"),
    ],
)
def test_a_document_whose_definitions_contradict_themselves_leaves_nothing_behind(
    cast: Cast, programme: Programme, key: str, change: dict[str, Any], code: str
) -> None:
    document = json.loads(json.dumps(RICH))
    (row,) = (row for row in document["results"][0]["indicators"] if row["key"] == key)
    row.update(change)
    with pytest.raises(Invalid) as refused:
        HOLDING.load(programme, {"indicators": document}, by=cast.giver, names={})
    assert refused.value.code == code
    with asking(cast.giver):
        assert (Result.objects.count(), Axis.objects.count()) == (0, 0)


def test_breaks_axes_and_overlaps_are_conserved(cast: Cast, programme: Programme) -> None:
    of = indicator(programme, by=cast.giver)
    before = _conserved(cast, programme)
    axes.create_standard(by=cast.giver, programme_uuid=programme.uuid, name="gender")
    breaks.state(
        by=cast.giver, indicator_uuid=of.uuid, on=TODAY.date(), kind="method", reason="Another register"
    )
    after = _conserved(cast, programme)
    changed = {name for name, row in after.items() if row != before[name]}
    assert changed == {"indicators.axis", "indicators.break"}
    assert {"indicators.overlap", "indicators.sourceseries", "indicators.provenance"} <= after.keys()


def test_the_annex_names_the_registers_on_which_values_rest(cast: Cast, programme: Programme) -> None:
    moving, staying = plans.responsibilities_of(programme, by=cast.giver)
    register, other = (
        sources.register(
            by=cast.giver,
            programme_uuid=programme.uuid,
            title=title,
            custodian=cast.giver.organisation,
            office="Accounting office",
            location="Room 4, shelf 2",
            count=12,
            counted="sheets",
        )
        for title in ("Attendance", "Invoices")
    )
    for source, belongs in ((register, moving), (other, staying)):
        of = indicator(programme, by=cast.giver, responsibility=belongs.uuid)
        batch = reported(of, {"women": 41}, by=cast.giver)
        with asking(cast.giver):
            keys = list(Value.objects.filter(batch=batch.uuid).values_list("uuid", flat=True))
        provenance.attach(by=cast.giver, source_uuid=source.uuid, value_uuids=keys)
    lead = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, moves=[staying])
    part = plans.drafted(
        programme, by=cast.giver, receiver=cast.donor.organisation, lead=False, moves=[moving]
    )
    with asking(cast.giver):
        found = [[line for line in HOLDING.annex(each) if line[0] == "sources"] for each in (lead, part)]
    assert [[uuid for _, _, uuid in lines] for lines in found] == [
        [register.uuid, other.uuid],
        [register.uuid],
    ]
    assert found[1][0][1] == (
        f"Attendance: kept by {cast.giver.organisation.name}, Accounting office; Room 4, shelf 2; 12 sheets"
    )
