"""A real, finished programme goes from the NGO that ran it to a municipality: import → plan → sign → execute → export.

The programme is a publication of 51 indicators with baselines, targets and actuals (see ``shared/data/README.md``).
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from handover import clock
from handover.access import Actor, Operator, asking
from handover.actions import executions, organisations, responsibilities
from handover.errors import NotAllowed
from handover.models import Organisation, Programme, Proof, Responsibility
from handover.models.milestones import MilestoneKind, Side
from handover.permissions import StandingKind
from handover.queries import verification
from indicators.actions import values
from indicators.exchange.iati.exporting import export_activity
from indicators.exchange.iati.importing import import_file
from indicators.models import Indicator, Value
from tests.factories import transfers as plans
from tests.factories.cast import Cast
from tests.factories.organisations import person
from tests.factories.programmes import admitted
from tests.indicators.iati_files import REAL, results_of, root_of, schema, shape, shared

pytestmark = pytest.mark.django_db


@pytest.fixture
def real(cast: Cast) -> Cast:
    """Give the cast with a giver and a municipality that are known to IATI."""
    giver = _known("the-ngo", "ngo", "GB-CHC-274467", "21")
    receiver = _known("the-town", "municipality", "XX-DEMO-TOWN", "15")
    return replace(cast, giver=person(giver), receiver=person(receiver))


def _known(slug: str, kind: str, identifier: str, iati_type: str) -> Organisation:
    return organisations.create(
        by=Operator(),
        slug=slug,
        name=slug.replace("-", " ").title(),
        kind=kind,
        country="RO",
        iati_identifier=identifier,
        iati_type=iati_type,
    )


def _imported(real: Cast, path: Path) -> Programme:
    (imported,) = import_file(real.giver, path)
    programme = imported.programme
    admitted(programme, real.donor.organisation, StandingKind.DONOR, by=real.giver)
    admitted(programme, real.community.organisation, StandingKind.COMMUNITY, by=real.giver)
    for title, kind in (("Services to women farmers", "service"), ("Reporting", "reporting")):
        responsibilities.define(
            by=real.giver,
            programme_uuid=programme.uuid,
            title=title,
            kind=kind,
            holder=real.giver.organisation,
        )
    return programme


def _handed_over(real: Cast, programme: Programme) -> Proof:
    with clock.at(clock.now() + dt.timedelta(days=30)):
        return _hand_over(real, programme)


def _hand_over(real: Cast, programme: Programme) -> Proof:
    moved = plans.responsibilities_of(programme, by=real.giver)
    transfer = plans.drafted(programme, by=real.giver, receiver=real.receiver.organisation, validated_by=())
    consent = plans.milestone(
        transfer, by=real.giver, kind=MilestoneKind.DONOR_CONSENT, signs=[Side.DONOR], evidence_required=True
    )
    plans.milestone(
        transfer,
        by=real.giver,
        kind=MilestoneKind.COMMUNITY_VALIDATION,
        signs=[Side.COMMUNITY, Side.GIVER, Side.RECEIVER],
        waits_for=[consent],
        moves=moved[:1],
    )
    plans.agreed(transfer, by=real.giver, receiver=real.receiver)
    plans.signed(transfer, real)
    proof = executions.execute(by=real.receiver, transfer_uuid=transfer.uuid, key="goes-home")
    executions.countersign(by=real.giver, transfer_uuid=transfer.uuid)
    return proof


def test_a_real_programme_goes_home_with_its_indicators_and_its_identifier(real: Cast) -> None:
    path = shared(REAL)
    programme = _imported(real, path)

    proof = _handed_over(real, programme)
    exported = _exported(real.receiver, programme)

    schema().assertValid(exported)
    assert results_of(exported) == results_of(root_of(path))
    assert (
        _text(exported, "iati-identifier") == _text(root_of(path), "iati-identifier") == programme.identifier
    )
    assert _one(exported, "reporting-org").get("ref") == "XX-DEMO-TOWN"
    former = [
        item for item in exported.iterfind("iati-activity/other-identifier") if item.get("type") == "B1"
    ]
    assert [item.get("ref") for item in former] == [_one(root_of(path), "reporting-org").get("ref")]
    body = json.loads(proof.body)
    assert all(line["equal"] for line in body["holdings"])
    counts = {line["name"]: line["after"]["count"] for line in body["holdings"]}
    assert counts["indicators.indicator"] == 51
    assert counts["indicators.value"] == 50


def test_what_the_model_does_not_know_of_the_programme_comes_out_unchanged(real: Cast) -> None:
    path = shared(REAL)
    programme = _imported(real, path)
    _handed_over(real, programme)

    exported = _exported(real.receiver, programme)

    for name in (
        "transaction",
        "budget",
        "policy-marker",
        "sector",
        "recipient-country",
        "document-link",
        "contact-info",
    ):
        before, after = (_shapes(root, name) for root in (root_of(path), exported))
        assert before
        assert after == before


def test_past_values_keep_who_reported_them_and_the_new_steward_carries_the_series_on(real: Cast) -> None:
    programme = _imported(real, shared(REAL))
    _handed_over(real, programme)
    with clock.at(clock.now() + dt.timedelta(days=31)), asking(real.receiver):
        indicator = Indicator.objects.filter(programme=programme, measure="1").order_by("id").first()
        assert indicator is not None

    with clock.at(clock.now() + dt.timedelta(days=31)):
        _report(real.receiver, indicator, "7")

    with clock.at(clock.now() + dt.timedelta(days=31)), asking(real.receiver):
        organisations_of = set(
            Value.objects.filter(programme=programme).values_list("organisation_name", flat=True)
        )
        series = Value.objects.filter(programme=programme, indicator=indicator).order_by("period__starts_on")
        assert [value.organisation_name for value in series][-1] == "The Town"
        assert organisations_of == {"The Ngo", "The Town"}
        assert verification.verify_programme(programme) == []
    with clock.at(clock.now() + dt.timedelta(days=31)), pytest.raises(NotAllowed):
        _report(real.giver, indicator, "8")


def _report(by: Actor, indicator: Indicator, amount: str) -> None:
    values.report(
        by=by,
        indicator_uuid=indicator.uuid,
        starts_on=clock.today(),
        ends_on=clock.today() + dt.timedelta(days=90),
        rows=[values.Reported(value=Decimal(amount))],
    )


def _exported(by: Actor, programme: Programme) -> Any:
    with clock.at(clock.now() + dt.timedelta(days=31)):
        return root_of(export_activity(by, programme.uuid))


def _one(root: Any, name: str) -> Any:
    found = root.find(f"iati-activity/{name}")
    assert found is not None
    return found


def _text(root: Any, name: str) -> str:
    return str(_one(root, name).text).strip()


def _shapes(root: etree._Element, name: str) -> list[Any]:
    return [shape(item) for item in root.iterfind(f"iati-activity/{name}")]


def test_the_giver_still_reads_and_exports_what_it_knew(real: Cast) -> None:
    programme = _imported(real, shared(REAL))
    _handed_over(real, programme)
    with clock.at(clock.now() + dt.timedelta(days=31)), asking(real.receiver):
        indicator = Indicator.objects.filter(programme=programme, measure="1").order_by("id").first()
        assert indicator is not None
    with clock.at(clock.now() + dt.timedelta(days=31)):
        _report(real.receiver, indicator, "7")

        theirs, ours = (
            root_of(export_activity(actor, programme.uuid)) for actor in (real.giver, real.receiver)
        )

    assert len(list(ours.iter("actual"))) == len(list(theirs.iter("actual"))) + 1
    with clock.at(clock.now() + dt.timedelta(days=31)), asking(real.giver):
        assert Responsibility.objects.filter(programme=programme).count() == 2
