"""A journey over HTTP: an authority opens an audit, its auditors ask, draw and find, and two of them close."""

from __future__ import annotations

import datetime as dt

import pytest

from handover import clock
from handover.access import asking
from handover.actions import registers
from handover.models import Equipment, Programme, Responsibility
from handover.models.organisations import OrganisationKind
from handover.permissions import Role
from tests.factories.api import caller
from tests.factories.cast import Cast
from tests.factories.organisations import organisation, person
from tests.factories.programmes import grant as granted

pytestmark = pytest.mark.django_db


def test_an_audit_goes_from_its_engagement_to_a_closed_finding(
    cast: Cast, programme: Programme, today: dt.datetime
) -> None:
    body = organisation("inspectors", OrganisationKind.AUDIT_BODY)
    people = [person(body, Role.AUDITOR), person(body, Role.AUDITOR, name="second")]
    first, second, donor, giver = (caller(actor) for actor in (*people, cast.donor, cast.giver))
    grant = granted(programme, by=cast.giver, donor=cast.donor.organisation)
    with asking(cast.giver):
        held = Responsibility.objects.filter(programme=programme).earliest("id")
    for number in range(1, 6):
        registers.enter(
            by=cast.giver, register=Equipment, responsibility_uuid=held.uuid, title=f"Laptop {number}",
            acquired_on=dt.date(2023, 1, 1), cost=100 * number, currency="EUR", grant=grant,
        )  # fmt: skip

    # The authority opens it; until then the auditors see nothing.
    assert first.get(f"programmes/{programme.uuid}").status == 404
    opened = donor.post(
        "audits",
        {
            "programme": str(programme.uuid),
            "auditor": str(body.uuid),
            "reference": "A-2024-1",
            "title": "On-the-spot verification",
            "purpose": "Whether what was funded is there",
            "legal_basis": "Grant agreement, article 9",
            "ends_at": "2024-07-01T00:00:00+03:00",
            "grants": [str(grant.uuid)],
        },
    ).good()
    audit = opened["id"]
    assert giver.get(f"audits/{audit}/state").good().body == {"state": "open", "grants": [str(grant.uuid)]}
    assert first.patch(f"grants/{grant.uuid}", {"title": "Mine"}, version=1).status == 403

    # They ask, and are answered.
    asked = first.post(
        "audit-requests",
        {"engagement": audit, "title": "Inventory", "asked": "The list", "due_on": "2024-06-10"},
    ).good()["id"]
    giver.post(f"audit-requests/{asked}/answer", {"answer": "It is in the register"}, version=1).good()
    assert first.post(f"audit-requests/{asked}/accept", version=2).good()["state"] == "accepted"

    # They draw a sample that neither side chose, and the audited draws it again.
    kept = first.get("audit-samples/new-seed").good()
    sample = first.post(
        "audit-samples",
        {
            "engagement": audit,
            "title": "Laptops",
            "population": "equipment",
            "method": "monetary",
            "size": 2,
            "commitment": kept["commitment"],
        },
    ).good()["id"]
    assert giver.get(f"audit-samples/{sample}/verification").status == 204
    first.post(f"audit-samples/{sample}/freeze", version=1).good()
    drawn = first.post(f"audit-samples/{sample}/reveal", {"seed": kept["seed"]}, version=2).good()
    assert len(drawn["drawn"]) == 2
    assert giver.get(f"audit-samples/{sample}/verification").good()["holds"] is True

    # A finding is theirs until they share it.
    found = first.post(
        "audit-findings",
        {
            "engagement": audit,
            "title": "A laptop was not there",
            "severity": "high",
            "criterion": "What was bought stays in use",
            "condition": "One of two laptops was not found",
            "affected_amount": "500",
            "currency": "EUR",
            "debtor": str(cast.giver.organisation.uuid),
        },
    ).good()["id"]
    assert giver.get(f"audit-findings/{found}").status == 404
    assert giver.get(f"audit-findings?engagement={audit}").results == []
    first.post(f"audit-findings/{found}/share", version=1).good()
    giver.post(f"audit-findings/{found}/reply", {"reply": "It was lent out"}, version=2).good()
    first.post(
        f"audit-findings/{found}/follow-up", {"text": "It was shown", "recovery": "recovered"}, version=3
    ).good()
    first.post(f"audit-findings/{found}/propose-closure", {"reason": "It is there"}, version=4).good()
    alone = first.post(f"audit-findings/{found}/close", version=5)
    assert (alone.status, alone["code"]) == (403, "second_person")
    assert second.post(f"audit-findings/{found}/close", version=5).good()["state"] == "closed"

    # At midnight of the authority's country it is over, and what was found stays.
    midnight = dt.datetime(2024, 6, 30, 21, 0, tzinfo=dt.UTC)
    with clock.at(midnight - dt.timedelta(seconds=1)):
        assert first.get(f"audit-findings/{found}").status == 200
    with clock.at(midnight):
        assert first.get(f"audit-findings/{found}").status == 404
        assert giver.get(f"audit-findings/{found}").good()["state"] == "closed"
        assert giver.get(f"audits/{audit}/state").good()["state"] == "ended"
        whole = giver.get(f"audits/{audit}/audit-file").good()
        assert [item["state"] for item in whole["findings"]] == ["closed"]
        assert [item["holds"] for item in whole["samples"]] == [True]
        assert first.get(f"audits/{audit}/audit-file").status == 404
